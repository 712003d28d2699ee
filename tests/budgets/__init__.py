"""Tests of budgets, their outlooks and alerts."""
