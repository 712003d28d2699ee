"""The bill of a made-up company, as a small model: who runs what, what it costs a day, and how each provider writes it down."""
