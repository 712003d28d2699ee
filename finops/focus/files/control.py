"""What a FOCUS file says it costs, summed from the file itself without the mapping and its engine."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from finops import money
from finops.connector import ControlTotals, Source
from finops.findings import Finding
from finops.focus.files import amounts, reading, times
from finops.focus.files.names import Layout
from finops.focus.files.problems import MissingAmount, NoCurrency, NoMonth, UnreadableAmount, UnreadableTime
from finops.focus.files.reading import ExportFile

if TYPE_CHECKING:
    import pyarrow as pa

_READ = ("BilledCost", "BillingCurrency", "BillingPeriodStart", "ChargePeriodStart")


def totals(file: ExportFile, layout: Layout, source: Source) -> ControlTotals:
    """Billed cost per currency and billing month.

    Raises:
        BillError: an amount is missing or no number, or a row has no currency or month; names file, line and value.
    """
    billed: dict[tuple[str, str], Decimal] = {}
    rows = rounded = 0
    for batch in file.batches([column for name in _READ for column in layout.sources.get(name, ())]):
        part = _Part(file=file, layout=layout, source=source, batch=batch, first_row=rows)
        amounts_, more = part.amounts()
        for key, amount in _sums(part.currencies(), part.months(), amounts_):
            billed[key] = money.add(billed.get(key, Decimal(0)), amount)
        rows += batch.num_rows
        rounded += more
    return ControlTotals(
        billed=billed, rows=rows, rounded_cells=rounded, findings=tuple(_about_rounding(file, source, rounded))
    )


class _Part:
    """A batch of the file, with where it stands."""

    def __init__(
        self, *, file: ExportFile, layout: Layout, source: Source, batch: "pa.RecordBatch", first_row: int
    ) -> None:
        self._file = file
        self._layout = layout
        self._source = source
        self._batch = batch
        self._first_row = first_row

    def amounts(self) -> tuple["pa.Array", int]:
        """BilledCost of every row as it is stored, and how many were rounded."""
        cells = self._cells("BilledCost")
        missing = _first_null(cells)
        if missing is not None:
            raise MissingAmount(self._file.path, self._place(missing))
        unreadable = amounts.first_unreadable(cells)
        if unreadable is not None:
            value = cells[unreadable].as_py()
            raise UnreadableAmount(self._file.path, self._place(unreadable), "BilledCost", value)
        return amounts.stored(cells)

    def currencies(self) -> "pa.Array":
        """The currency of every row, upper case; the source's where the file has none."""
        import pyarrow.compute as pc

        cells = self._cells("BillingCurrency")
        if self._source.currency:
            cells = pc.fill_null(cells, self._source.currency)
        missing = _first_null(cells)
        if missing is not None:
            raise NoCurrency(self._file.path, self._place(missing), self._source.name)
        return pc.utf8_upper(cells)

    def months(self) -> "pa.Array":
        """The billing month of every row as `2026-10`."""
        import pyarrow.compute as pc

        months = pc.coalesce(*(self._months_of(name) for name in ("BillingPeriodStart", "ChargePeriodStart")))
        missing = _first_null(months)
        if missing is not None:
            raise NoMonth(self._file.path, self._place(missing))
        return months

    def _months_of(self, name: str) -> "pa.Array":
        import pyarrow as pa

        encoded = self._cells(name).dictionary_encode()
        read = [times.read(text) for text in encoded.dictionary.to_pylist()]
        if None in read:
            text = encoded.dictionary[read.index(None)].as_py()
            row = encoded.indices.to_pylist().index(read.index(None))
            raise UnreadableTime(self._file.path, self._place(row), name, text)
        return pa.array([_month(time) for time in read if time], pa.string()).take(encoded.indices)

    def _cells(self, name: str) -> "pa.Array":
        """The text of a stored column, from the first of the file's columns that has one; nulls where it has none."""
        import pyarrow as pa
        import pyarrow.compute as pc

        sources = self._layout.sources.get(name, ())
        if not sources:
            return pa.nulls(self._batch.num_rows, pa.string())
        return pc.coalesce(*(reading.texts(self._batch.column(source)) for source in sources))

    def _place(self, index: int) -> str:
        return self._file.place(self._first_row + index)


def _sums(currencies: "pa.Array", months: "pa.Array", billed: "pa.Array") -> Iterator[tuple[tuple[str, str], Decimal]]:
    import pyarrow as pa

    table = pa.table({"currency": currencies, "month": months, "billed": billed})
    for group in table.group_by(["currency", "month"]).aggregate([("billed", "sum")]).to_pylist():
        yield (group["currency"], group["month"]), group["billed_sum"]


def _about_rounding(file: ExportFile, source: Source, rounded: int) -> Iterator[Finding]:
    if rounded:
        yield Finding(
            rule="focus.rounded-cells",
            severity="info",
            message=f"{file.path.name}: BilledCost with more than {money.PLACES} places was rounded half-even.",
            source=source.name,
            rows=rounded,
        )


def _month(time: datetime) -> str:
    return f"{time:%Y-%m}"


def _first_null(cells: "pa.Array") -> int | None:
    import pyarrow.compute as pc

    return pc.indices_nonzero(pc.is_null(cells))[0].as_py() if cells.null_count else None
