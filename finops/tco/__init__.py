"""Total cost of ownership: owned hardware against rented, as cash flows with their uncertainty.

A projection is a statistic, so it is computed in doubles; money leaves this package as `Decimal` through
`finops.money.from_float`, once.
"""
