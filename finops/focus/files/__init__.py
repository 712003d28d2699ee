"""FOCUS files of any provider, read: their columns understood, staged for an engine, mapped, and summed again."""
