"""The files of one delivery as a FOCUS export: staged, mapped and summed, whoever brought them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from finops import money
from finops.connector import ControlTotals, Delivery, RawExport, RawTable, Source
from finops.findings import Finding
from finops.focus.columns import BY_NAME, MONEY, QUANTITY
from finops.focus.files import control, mapping, names, problems, reading
from finops.focus.files.names import Layout
from finops.focus.files.reading import ExportFile
from finops.focus.files.staging import Staging

if TYPE_CHECKING:
    import ibis.expr.types as ir


def is_focus(path: Path) -> bool:
    """Whether the columns of a file are those of a FOCUS file.

    Raises:
        AccessError, BillError: the file may not be read, or is broken.
    """
    return names.layout(reading.opened(path).columns).is_focus


def fetch(delivery: Delivery, files: Sequence[Path], *, workdir: Path, source: Source) -> RawExport:
    """Stage the columns of the files as Parquet, in `workdir`, and say what was doubtful in them.

    Raises:
        AccessError: a file is missing or may not be read.
        BillError: it is no FOCUS file, has a column twice, or a cell would lose or invent money.
    """
    found: list[Finding] = []
    groups: dict[tuple[tuple[str, str], ...], list[Path]] = {}
    for number, path in enumerate(files):
        file, layout = _described(path)
        staging = Staging(file, layout, source.name)
        staged = workdir / f"{delivery.fingerprint}{f'-{number}' if number else ''}.parquet"
        groups.setdefault(tuple(staging.write(staged).items()), []).append(staged)
        found += [*staging.findings(), *_about_currency(file, staging.rows_without_currency, source)]
    tables = tuple(
        RawTable(name=_table(number), files=tuple(members), format="parquet", columns=dict(columns))
        for number, (columns, members) in enumerate(groups.items())
    )
    return RawExport(delivery=delivery, tables=tables, findings=tuple(found))


def is_staged(raw: RawExport) -> bool:
    """Whether it is what `fetch` gives."""
    return raw.tables[0].name == mapping.ROWS


def to_focus(raw: RawExport, source: Source) -> "ir.Table":
    """Map the staged columns by their names."""
    import ibis

    mapped = [mapping.to_focus(table.table(), names.layout(tuple(table.columns)), source) for table in raw.tables]
    if len(mapped) == 1:
        return mapped[0]
    wanted = [name for name in BY_NAME if any(name in table.columns for table in mapped)]
    return ibis.union(*(_with_columns(table, wanted) for table in mapped), distinct=False)


def control_totals(files: Sequence[Path], source: Source) -> ControlTotals:
    """Sum the files themselves, not their staged copies."""
    parts = [control.totals(*_described(path), source) for path in files]
    months = sorted({month for part in parts for month in part.billed})
    return ControlTotals(
        billed={month: money.add(*(part.billed[month] for part in parts if month in part.billed)) for month in months},
        rows=sum(part.rows for part in parts),
        rounded_cells=sum(part.rounded_cells for part in parts),
        findings=tuple(finding for part in parts for finding in part.findings),
    )


def _table(number: int) -> str:
    return mapping.ROWS if number == 0 else f"{mapping.ROWS}_{number + 1}"


def _with_columns(table: "ir.Table", wanted: Sequence[str]) -> "ir.Table":
    """The columns in order, missing ones null, so that tables of several layouts can stand under one another."""
    import ibis

    return table.select(
        **{name: (table[name] if name in table.columns else ibis.null()).cast(BY_NAME[name].type) for name in wanted}
    )


def _described(path: Path) -> tuple[ExportFile, Layout]:
    """A file and what its columns mean.

    Raises:
        AccessError: the file is missing or may not be read.
        BillError: it is no FOCUS file, or has a column twice.
    """
    file = reading.opened(path)
    layout = names.layout(file.columns)
    if not layout.is_focus:
        raise problems.NotFocus(path, file.columns, names.kind(file.columns))
    twice = next((column for column in layout.used if column in file.repeated), None)
    if twice is not None:
        raise problems.ColumnTwice(path, twice)
    numbers = [
        column
        for stored, columns in layout.sources.items()
        if BY_NAME[stored].type in {MONEY, QUANTITY}
        for column in columns
    ]
    return reading.with_numbers(file, numbers), layout


def _about_currency(file: ExportFile, rows: int, source: Source) -> Iterator[Finding]:
    """What is said of rows that took the source's currency; without one, the control totals refuse them."""
    if rows and source.currency:
        yield Finding(
            rule="focus.no-currency",
            severity="warning",
            message=f"{file.path.name}: BillingCurrency is missing; {source.currency} is taken from "
            f"{source.currency_from}.",
            source=source.name,
            rows=rows,
        )
