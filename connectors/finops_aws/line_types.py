"""Line item types of a Cost and Usage Report, by what they mean for money.

Source: AWS Data Exports user guide, line item columns of CUR and CUR 2.0 (read November 2026).
"""

PLAN_COVERED = "SavingsPlanCoveredUsage"
PLAN_NEGATION = "SavingsPlanNegation"
PLAN_FEE = "SavingsPlanRecurringFee"
PLAN_UPFRONT = "SavingsPlanUpfrontFee"
RESERVED_USAGE = "DiscountedUsage"
RESERVED_FEE = "RIFee"
RESERVED_UPFRONT = "RIUpfrontFee"
"""The upfront payment of reservations in Cost Explorer; in a report it is a `Fee` with an ARN."""
FEE = "Fee"
TAX = "Tax"
CREDIT = "Credit"
REFUND = "Refund"
USAGE = "Usage"

COVERED = (PLAN_COVERED, RESERVED_USAGE)
"""Usage that a commitment pays for: billed 0, whatever the report shows."""
CANCELLING = (*COVERED, PLAN_NEGATION)
"""Types whose amounts cancel per account and month; what is left becomes an Adjustment."""
COMMITMENT_FEES = (PLAN_FEE, PLAN_UPFRONT, RESERVED_FEE, RESERVED_UPFRONT)
"""What buys a commitment: effective cost 0, as the usage it covers carries it."""
RECURRING_FEES = (PLAN_FEE, RESERVED_FEE)
"""Fees whose rows say what part of the commitment no usage took."""
