"""Receipt: what a data file of `cost` says about its delivery; kept in its footer, it lives and dies with the rows."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from finops.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The control totals of one delivery's month, and what was doubtful in the delivery.

    Attributes:
        delivery: its key.
        month: billing month of this file.
        billed: billed cost per currency, summed from the export's text.
        rows: rows of the whole export.
        findings: of the whole delivery; kept with its first month only, so that nobody counts them twice.
    """

    delivery: str
    month: str
    billed: Mapping[str, Decimal]
    rows: int
    findings: tuple[Finding, ...] = ()

    def to_json(self) -> str:
        """One line of JSON, decimals as text."""
        return json.dumps(asdict(self), default=str, sort_keys=True, ensure_ascii=True)


def parsed(note: str | None) -> Receipt | None:
    """The receipt of a data file from the note in its footer; None for a file of another writer."""
    if note is None:
        return None
    data = json.loads(note)
    return Receipt(
        delivery=data["delivery"],
        month=data["month"],
        billed={currency: Decimal(amount) for currency, amount in data["billed"].items()},
        rows=data["rows"],
        findings=tuple(map(_finding, data["findings"])),
    )


def _finding(data: Mapping[str, Any]) -> Finding:
    exact = {key: None if data[key] is None else Decimal(data[key]) for key in ("cost", "cost_share")}
    return Finding(**{**data, **exact})
