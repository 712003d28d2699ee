"""Budgets: a scope, a measure, a period and a limit; their outlook and alerts."""
