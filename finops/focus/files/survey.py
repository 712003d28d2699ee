"""What is doubtful in a FOCUS file: counted while it is read, told as Findings; only lost money stops it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from finops.findings import Finding, Severity
from finops.focus.columns import BY_NAME, MONEY, QUANTITY, STORED
from finops.focus.files import amounts, reading, times
from finops.focus.files.names import OTHER_VALUES, Layout
from finops.focus.files.problems import AmbiguousDate, UnreadableAmount, UnreadableTime
from finops.focus.files.reading import ExportFile
from finops.focus.files.times import SlashDate

if TYPE_CHECKING:
    import pyarrow as pa

PERIODS = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
_BILLING = PERIODS[:2]
_ENDS = frozenset({"BillingPeriodEnd", "ChargePeriodEnd"})
_AMOUNTS = tuple(column.name for column in STORED if column.type == MONEY and column.name != "BilledCost")
"""Every money column but the one that the control totals read."""
_QUANTITIES = tuple(column.name for column in STORED if column.type == QUANTITY)
_ENUMERATIONS = tuple(column.name for column in STORED if column.allowed)
_NEEDED: Mapping[str, str] = {
    "EffectiveCost": "BilledCost stands in",
    "ContractedCost": "BilledCost stands in (EffectiveCost where a commitment covers the usage)",
    "ListCost": "ContractedCost stands in",
    "BillingPeriodStart": "the month of ChargePeriodStart stands in",
    "BillingPeriodEnd": "the first of the month after BillingPeriodStart stands in",
    "ChargePeriodStart": "BillingPeriodStart stands in",
    "ChargePeriodEnd": "the day after ChargePeriodStart stands in",
    "ChargeCategory": "the rows count as Usage",
    "ProviderName": "publisher, invoice issuer or the source's name stands in",
    "ServiceName": "service code, service category or provider stands in",
    "ServiceCategory": "the rows count as Other",
}
"""Column that every row must have, to what the mapping does where it has none."""
_COUNTED = (*_NEEDED, "BillingCurrency")
_GOOGLES = {"x_CostType", "x_Credits", "x_ServiceId"}
"""Columns that only Google's export has all of."""
_SHOWN = 5
"""Values, with their counts, that a Finding names."""


class Survey:
    """Counts over the batches of one file; `findings` tells them when all are read."""

    def __init__(self, file: ExportFile, layout: Layout, source: str) -> None:
        self.rows = 0
        self._file = file
        self._layout = layout
        self._source = source
        self._missing: Counter[str] = Counter()
        self._unknown: dict[str, Counter[str]] = {}
        self._unreadable: dict[str, Counter[str]] = {}
        self._respelt: Counter[str] = Counter()
        self._odd_periods = 0
        self._ends: Counter[str] = Counter()
        self._slashes: dict[tuple[str, str], int] = {}  # (column, text) to the first row that has it
        self._times: dict[str, datetime | None] = {}

    def note(self, batch: "pa.RecordBatch") -> None:
        """Count what is doubtful in the next rows.

        Raises:
            BillError: a cost or price is no number, or a period no time.
        """
        cells = {
            name: [reading.texts(batch.column(source)) for source in sources]
            for name, sources in self._layout.sources.items()
            if name in _AMOUNTS or name in _QUANTITIES or name in _ENUMERATIONS or name in PERIODS or name in _COUNTED
        }
        self._note_amounts(cells)
        self._note_times(cells)
        self._note_missing(cells, batch.num_rows)
        self._note_quantities(cells)
        self._note_enumerations(cells)
        self.rows += batch.num_rows

    def missing(self, name: str) -> int:
        """Rows so far without that stored column, one of those every row must have."""
        return self._missing[name]

    def findings(self) -> tuple[Finding, ...]:
        """What was doubtful in the whole file.

        Raises:
            BillError: dates with slashes do not tell whether month or day comes first.
        """
        return (*self._about_columns(), *self._about_dates(), *self._about_cells())

    def _note_amounts(self, cells: Mapping[str, list["pa.Array"]]) -> None:
        for name in _AMOUNTS:
            for column in cells.get(name, ()):
                index = amounts.first_unreadable(column)
                if index is not None:
                    raise UnreadableAmount(
                        self._file.path, self._file.place(self.rows + index), name, column[index].as_py()
                    )

    def _note_times(self, cells: Mapping[str, list["pa.Array"]]) -> None:
        for name in PERIODS:
            for column in cells.get(name, ()):
                for text, rows in _counted(column):
                    self._note_time(name, text, rows, column)

    def _note_time(self, name: str, text: str, rows: int, column: "pa.Array") -> None:
        import pyarrow.compute as pc

        if text not in self._times:
            self._times[text] = times.read(text)
        time = self._times[text]
        if "/" in text and (name, text) not in self._slashes:
            self._slashes[name, text] = self.rows + pc.index(column, text).as_py()
        if time is None and times.slash_date(text, is_billing_period=False) is None:
            if name in _ENDS:  # no money and no day depends on it: the mapping lets the start stand in
                self._ends[text] += rows
                return
            place = self._file.place(self.rows + pc.index(column, text).as_py())
            raise UnreadableTime(self._file.path, place, name, text)
        if name in _BILLING and time is not None and not times.is_month_start(time):
            self._odd_periods += rows

    def _note_missing(self, cells: Mapping[str, list["pa.Array"]], rows: int) -> None:
        import pyarrow.compute as pc

        for name in _COUNTED:
            columns = cells.get(name)
            self._missing[name] += pc.coalesce(*columns).null_count if columns else rows

    def _note_quantities(self, cells: Mapping[str, list["pa.Array"]]) -> None:
        for name in _QUANTITIES:
            for column in cells.get(name, ()):
                for text, rows in _counted(amounts.no_numbers(column)):
                    self._unreadable.setdefault(name, Counter())[text] += rows

    def _note_enumerations(self, cells: Mapping[str, list["pa.Array"]]) -> None:
        for name in _ENUMERATIONS:
            allowed = BY_NAME[name].allowed
            by_lower = {value.lower(): value for value in allowed} | dict(OTHER_VALUES.get(name, {}))
            for column in cells.get(name, ()):
                for text, rows in _counted(column):
                    if text.lower() not in by_lower:
                        self._unknown.setdefault(name, Counter())[text] += rows
                    elif text not in allowed:
                        self._respelt[name] += rows

    def _about_columns(self) -> Iterator[Finding]:
        renamed = [f"{name} as {stored}" for name, stored in self._layout.renamed if name.lower() != stored.lower()]
        if renamed:
            yield self._finding("focus.other-names", "info", f"read {_listed(renamed)}.")
        if set(self._file.columns) >= _GOOGLES:
            yield self._finding(
                "focus.google-export",
                "warning",
                "this is Google's own FOCUS export, which breaks the specification; "
                'connector = "gcp" takes its rows back to cost and credits and corrects them.',
            )
        if self._layout.dropped:
            count = len(self._layout.dropped)
            yield self._finding(
                "focus.dropped-columns",
                "info",
                f"{count} columns have no place in the table and were left out: {_listed(self._layout.dropped)}.",
            )

    def _about_dates(self) -> Iterator[Finding]:
        dates = {
            key: date
            for key in self._slashes
            if (date := times.slash_date(key[1], is_billing_period=key[0] in _BILLING)) is not None
        }
        if not dates:
            return
        order = times.order(dates.values())
        if order == "unknown":
            (name, text), row = self._doubtful_date(dates)
            raise AmbiguousDate(self._file.path, self._file.place(row), name, text)
        for key in dates:
            if self._times[key[1]] is None:
                raise UnreadableTime(self._file.path, self._file.place(self._slashes[key]), *key)
        if order == "american":
            example = next(text for (_, text), date in dates.items() if date.first != date.second)
            yield self._finding(
                "focus.american-dates",
                "warning",
                f"dates such as {example} were read as month/day/year: billing periods or a day above 12 speak for it.",
            )

    def _doubtful_date(self, dates: Mapping[tuple[str, str], SlashDate]) -> tuple[tuple[str, str], int]:
        """The date that a message names: one that cannot be American, else the first with two readings."""
        keys = list(dates)
        worst = [key for key in keys if not dates[key].is_american]
        worst += [key for key in keys if dates[key].first != dates[key].second]
        return worst[0], self._slashes[worst[0]]

    def _about_cells(self) -> Iterator[Finding]:
        for name, consequence in _NEEDED.items():
            if self._missing[name] and not (name == "ProviderName" and self._layout.provider):
                what = "is blank" if name in self._layout.sources else "is no column of this file"
                message = f"{name} {what}; {consequence}."
                yield self._finding(f"focus.no-{_dashed(name)}", "warning", message, self._missing[name])
        for name, values in self._unknown.items():
            message = f"{name} holds what FOCUS does not allow, kept as it is: {_counts(values)}."
            yield self._finding("focus.unknown-value", "warning", message, values.total())
        for name, rows in self._respelt.items():
            yield self._finding(
                "focus.respelt-value", "info", f"{name} was brought to the spelling of the specification.", rows
            )
        for name, values in self._unreadable.items():
            message = f"{name} is no plain number and was left blank: {_counts(values)}."
            yield self._finding("focus.unreadable-quantity", "warning", message, values.total())
        if self._ends:
            message = "ends of periods that are no times were left out, the day or month after the start stands in: "
            yield self._finding("focus.unreadable-end", "warning", message + _counts(self._ends), self._ends.total())
        if self._odd_periods:
            yield self._finding(
                "focus.odd-billing-period",
                "warning",
                "billing periods do not begin and end with a month (UTC); the month they begin in counts.",
                self._odd_periods,
            )

    def _finding(self, rule: str, severity: Severity, message: str, rows: int | None = None) -> Finding:
        return Finding(
            rule=rule, severity=severity, message=f"{self._file.path.name}: {message}", source=self._source, rows=rows
        )


def _counted(column: "pa.Array") -> Iterator[tuple[str, int]]:
    """Distinct texts of a column with how often each stands there; nulls are left out."""
    for pair in column.drop_null().value_counts():
        yield pair["values"].as_py(), pair["counts"].as_py()


def _counts(values: Counter[str]) -> str:
    """The most frequent values with their rows."""
    shown = [f"{text[:40]!r} ({rows} rows)" for text, rows in values.most_common(_SHOWN)]
    return ", ".join(shown) + (f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else "")


def _listed(names: "list[str] | tuple[str, ...]") -> str:
    return ", ".join(names)


def _dashed(name: str) -> str:
    """A column's name for a rule: `BillingPeriodStart` is `billing-period-start`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")
