"""What is asked of BigQuery: only the fields we read, only the partitions that hold them.

The rows and the survey are Ibis expressions that compile for BigQuery and for DuckDB alike; the totals that prove them
are SQL of their own.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from finops_gcp import export_table, fields
from finops_gcp.export_table import ExportTable

if TYPE_CHECKING:
    import ibis.expr.types as ir

_LOADED = "loaded"


def survey(table: ExportTable, *, after: datetime | None) -> str:
    """How many rows each invoice month has, when the newest was exported, and in which partitions they lie.

    Args:
        table: to ask.
        after: only rows exported later than this; None for all.
    """
    import ibis

    rows = _table(table, (table.month, table.export_time))
    found = rows.select(
        month=_month(rows, table),
        export_time=rows[table.export_time],
        **{_LOADED: rows[table.partition] if table.partition else ibis.null("timestamp('UTC')")},
    )
    if after is not None:
        found = found.filter(found.export_time > ibis.literal(after, "timestamp('UTC')"))
        if table.partition == export_table.LOAD_TIME:
            # What was exported later was loaded later: earlier partitions need not be read.
            day = ibis.literal(after.replace(hour=0, minute=0, second=0, microsecond=0), "timestamp('UTC')")
            found = found.filter((found[_LOADED] >= day) | found[_LOADED].isnull())
    return _bigquery(
        found.group_by("month").agg(
            number_of_rows=found.count(),
            newest=found.export_time.max(),
            first_loaded=found[_LOADED].min(),
            last_loaded=found[_LOADED].max(),
        )
    )


def rows(table: ExportTable, *, month: str, newest: datetime, loaded: tuple[datetime | None, datetime | None]) -> str:
    """The rows of one invoice month: every field we read, numbers as text.

    Args:
        table: to ask.
        month: such as `202610`.
        newest: rows exported later are left for the next time.
        loaded: first and last partition that hold the month; None where there are none.
    """
    import ibis

    given = _table(table, tuple(table.types))
    exported = given[table.export_time]
    wanted = (_month(given, table) == month) & (exported <= ibis.literal(newest, "timestamp('UTC')"))
    if table.partition and loaded[0] is not None and loaded[1] is not None:
        column = given[table.partition]
        first, last = (ibis.literal(moment, "timestamp('UTC')") for moment in loaded if moment is not None)
        wanted &= ((column >= first) & (column <= last)) | column.isnull()
    kept = given.filter(wanted)
    return _bigquery(kept.select(**{fields.plain(path): _as_text(_cell(kept, path)) for path in table.types}))


def totals(table: ExportTable, *, month: str, newest: datetime, loaded: tuple[datetime | None, datetime | None]) -> str:
    """Cost and credits of one invoice month per currency, added up by BigQuery itself, exactly.

    Args:
        table: to ask.
        month: as of `rows`, like what follows.
        newest: rows exported later do not count.
        loaded: first and last partition that hold the month.
    """
    is_focus = table.kind == "focus"
    where = [
        _starts_in(month) if is_focus else f"{_path('invoice.month')} = {_text(month)}",
        f"{table.export_time} <= {_moment(newest)}",
    ]
    if table.partition and loaded[0] is not None and loaded[1] is not None:
        column = f"`{table.partition}`"
        between = f"{column} BETWEEN {_moment(loaded[0])} AND {_moment(loaded[1])}"
        where.append(f"({between} OR {column} IS NULL)")
    net = _exact("BilledCost" if is_focus else "cost")
    if "credits" in table.types:
        of_credits = f"SUM({_exact('credit.amount')})"
        net += f" + COALESCE((SELECT {of_credits} FROM UNNEST(credits) AS credit), 0)"  # noqa: S608 - our own words
    column = "BillingCurrency" if is_focus else "currency"
    currency = column if column in table.types else "CAST(NULL AS STRING)"
    name = table.name
    source = f"`{name.project}`.`{name.dataset}`.`{name.table}`"
    # Names match the pattern of table names, columns are ours, values are quoted.
    select = f"SELECT {currency} AS currency, COUNT(*) AS number_of_rows, SUM({net}) AS net"
    return "\n".join((select, f"FROM {source}", f"WHERE {' AND '.join(where)}", "GROUP BY 1"))


def _month(rows: "ir.Table", table: ExportTable) -> "ir.Value":
    """The invoice month such as `202610`."""
    cell: Any = _cell(rows, table.month)
    return cell if table.kind != "focus" else cell.strftime("%Y%m")


def _starts_in(month: str) -> str:
    """Whether a billing period starts in a month; periods start at midnight in UTC or in Pacific time."""
    first = datetime(int(month[:4]), int(month[4:]), 1, tzinfo=UTC)
    after = datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=UTC)
    return f"BillingPeriodStart >= {_moment(first)} AND BillingPeriodStart < {_moment(after)}"


def _exact(column: str) -> str:
    """A float as the decimal its text says, rounded as money is stored; NUMERIC would keep 9 places."""
    return f"COALESCE(ROUND(CAST(CAST({column} AS STRING) AS BIGNUMERIC), 18, 'ROUND_HALF_EVEN'), 0)"


def _table(table: ExportTable, paths: tuple[str, ...]) -> "ir.Table":
    """The table with those columns alone, so that nothing else can be read or billed."""
    import ibis

    name = table.name
    columns: dict[str, Any] = {}
    for path in paths:
        _place(columns, path.split("."), table.types[path])
    schema = {column: kind if isinstance(kind, str) else _struct(kind) for column, kind in columns.items()}
    if table.partition and table.partition not in schema:
        schema[table.partition] = "timestamp('UTC')"
    return ibis.table(schema, name=name.table, catalog=name.project, database=name.dataset)


def _place(columns: dict[str, Any], path: list[str], kind: str) -> None:
    for part in path[:-1]:
        columns = columns.setdefault(part, {})
    columns[path[-1]] = kind


def _struct(parts: Mapping[str, Any]) -> str:
    inner = (f"{name}: {kind if isinstance(kind, str) else _struct(kind)}" for name, kind in parts.items())
    return f"struct<{', '.join(inner)}>"


def _cell(rows: "ir.Table", path: str) -> "ir.Value":
    first, *others = path.split(".")
    cell: Any = rows[first]
    for part in others:
        cell = cell[part]
    return cell


def _as_text(cell: Any) -> "ir.Value":  # noqa: ANN401 - any Ibis value
    """Numbers as BigQuery writes them, in lists too, so that no reader makes them floats again."""
    import ibis

    kind = cell.type()
    if kind.is_numeric() or kind.is_date():
        return cell.cast("string")
    if not kind.is_array() or not kind.value_type.is_struct():
        return cell
    if not any(part.is_numeric() for part in kind.value_type.types):
        return cell
    return cell.map(
        lambda record: ibis.struct(
            {
                name: record[name].cast("string") if part.is_numeric() else record[name]
                for name, part in kind.value_type.items()
            }
        )
    )


def _bigquery(expression: "ir.Table") -> str:
    import ibis

    return str(ibis.to_sql(expression, dialect="bigquery"))


def _path(path: str) -> str:
    return ".".join(f"`{part}`" for part in path.split("."))


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _moment(value: datetime) -> str:
    return f"TIMESTAMP('{value.isoformat()}')"
