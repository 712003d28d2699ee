"""Finding: doubtful data that is shown to the reader instead of stopping the run."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One doubtful thing about the data, counted.

    Attributes:
        rule: stable identifier, lower case with dots, for example `aws.covered-not-cancelled`.
        severity: info (worth knowing), warning (figures may move), error (figures are wrong without a fix).
        message: one or two sentences with the value, account, month or file concerned.
        source: name of the source it was found in; None where it concerns the whole table.
        rows: how many rows it concerns; None where rows do not apply.
        cost: billed cost concerned, in `currency`; None where money does not apply.
        currency: currency of `cost`.
        cost_share: share of the billed cost concerned, 0 to 1; None where it was not computable.
    """

    rule: str
    severity: Severity
    message: str
    source: str | None = None
    rows: int | None = None
    cost: Decimal | None = None
    currency: str | None = None
    cost_share: Decimal | None = None
