"""Tests of the total cost of ownership."""
