"""What can be wrong with a FOCUS file so that nothing of it is used; each class says where and what to do."""

from collections.abc import Sequence
from pathlib import Path

from finops.errors import BillError, ConfigurationError
from finops.focus.files.names import Kind

_SHOWN = 80
"""Characters of an offending cell that a message shows."""
_NAMED = 6
"""Columns that a message names."""


class NotFocus(BillError):
    """A file's columns are not those of a FOCUS file."""

    def __init__(self, path: Path, columns: Sequence[str], kind: Kind | None) -> None:
        if not columns:
            super().__init__(f"{path} is empty: it has not even a header.", "Fetch this file again from the provider.")
            return
        named = ", ".join(columns[:_NAMED])
        missing = "BilledCost, or both BillingPeriodStart and ChargePeriodStart, are missing"
        if kind:
            super().__init__(f"{path} is no FOCUS file but looks like {kind.name}: {missing}.", kind.todo)
            return
        super().__init__(
            f"{path} is no FOCUS file: {missing}; its columns begin with {named}.",
            "Name files in the FOCUS format (CSV or Parquet, 1.0 to 1.4) as the source's location.",
        )


class ColumnTwice(BillError):
    """A column that is read stands twice in a header."""

    def __init__(self, path: Path, column: str) -> None:
        super().__init__(
            f"{path} has the column {column} twice, so it is not known which one counts.",
            "Remove one of the two from the export.",
        )


class UnreadableAmount(BillError):
    """An amount or price is not one plain number."""

    def __init__(self, path: Path, place: str, column: str, value: str) -> None:
        super().__init__(
            f"{path}, {place}: {column} is {value[:_SHOWN]!r}, which is no plain number below 10^18.",
            "Export plain numbers, without currency signs and thousands marks; nothing of this file was used.",
        )


class MissingAmount(BillError):
    """A row does not say what it costs."""

    def __init__(self, path: Path, place: str) -> None:
        super().__init__(
            f"{path}, {place}: BilledCost is blank or null.",
            "Ask the provider for a complete export: FOCUS does not allow this; nothing of this file was used.",
        )


class UnreadableTime(BillError):
    """A period's start or end is not a time."""

    def __init__(self, path: Path, place: str, column: str, value: str) -> None:
        super().__init__(
            f"{path}, {place}: {column} is {value[:_SHOWN]!r}, which is no time that can be read.",
            "Export times as 2026-01-31T00:00:00Z; nothing of this file was used.",
        )


class AmbiguousDate(BillError):
    """Dates with slashes can be read month first and day first."""

    def __init__(self, path: Path, place: str, column: str, value: str) -> None:
        super().__init__(
            f"{path}, {place}: {column} is {value[:_SHOWN]!r}, and the file does not tell month from day.",
            "Export times as 2026-01-31T00:00:00Z; nothing of this file was used.",
        )


class NoMonth(BillError):
    """A row belongs to no billing month."""

    def __init__(self, path: Path, place: str) -> None:
        super().__init__(
            f"{path}, {place}: neither BillingPeriodStart nor ChargePeriodStart is given.",
            "Ask the provider for a complete export: FOCUS requires both; nothing of this file was used.",
        )


class NoCurrency(BillError):
    """A row has an amount without a currency."""

    def __init__(self, path: Path, place: str, source: str) -> None:
        super().__init__(
            f"{path}, {place}: there is no BillingCurrency.",
            f'Set the currency of source "{source}" in finops.toml, for example currency = "USD".',
        )


class RaggedLine(BillError):
    """A line of a CSV file has more or fewer cells than the header."""

    def __init__(self, path: Path, line: int, found: int, expected: int) -> None:
        super().__init__(
            f"{path}, line {line}: {found} cells, but the header has {expected}.",
            "Fetch this file again, or repair the line; nothing of this file was used.",
        )


class NothingThere(BillError):
    """A location holds no CSV or Parquet file."""

    def __init__(self, location: str) -> None:
        super().__init__(
            f"{location} holds no FOCUS file: none of its files ends in .csv, .csv.gz or .parquet.",
            "Correct the source's location in finops.toml, or wait for the provider's first export.",
        )


class NoLocation(ConfigurationError):
    """A source names no folder, file or glob of this machine."""

    def __init__(self, source: str, location: str | None) -> None:
        what = "has no location" if location is None else f"has the location {location}, which is not on this machine"
        super().__init__(
            f'Source "{source}" {what}.', "Set location to a folder, file or glob of FOCUS files (CSV or Parquet)."
        )


class WrongFormat(ConfigurationError):
    """A source says that its files are something else."""

    def __init__(self, source: str, format_: str) -> None:
        super().__init__(
            f'Source "{source}" has format = "{format_}", but connector = "focus" reads only FOCUS files.',
            'Leave format out, or set it to "focus".',
        )
