"""A staged FOCUS file to the columns of the cost table: names by `names`, cells by `finops.focus.cells`, gaps by rule.

Costs that FOCUS requires and a file lacks: a row that stands alone repeats BilledCost in EffectiveCost and
ContractedCost (FOCUS 1.2, charges without a unit price); usage that a commitment covers has no BilledCost to repeat, so
its EffectiveCost is the ContractedCost; ListCost repeats ContractedCost. A unit price times a quantity would be exact
in a few files and off by a float's error in others, so no cost is computed from them.
"""

from typing import TYPE_CHECKING

from finops.connector import Source
from finops.focus import cells
from finops.focus.columns import BY_NAME, MONEY, QUANTITY, TIME, Column
from finops.focus.files.names import OTHER_VALUES, Layout

if TYPE_CHECKING:
    import ibis.expr.types as ir

ROWS = "focus_rows"
"""Name of the staged table."""


def to_focus(rows: "ir.Table", layout: Layout, source: Source) -> "ir.Table":
    """The rows of a staged table in the columns of the cost table; pure."""
    read = _read(rows, layout)
    read = _with_periods(read)
    if layout.provider:
        read = read.mutate(ProviderName=_literal(layout.provider))
    read = _with_costs(_with_names(read, source))
    return _with_own_columns(read)


def _read(rows: "ir.Table", layout: Layout) -> "ir.Table":
    """Every column the file has, by its stored name and type; enumerations in the specification's spelling."""
    import ibis

    values = {}
    for name, sources in layout.sources.items():
        column = BY_NAME[name]
        read = {MONEY: cells.money, QUANTITY: cells.quantity, TIME: _time}.get(column.type, _text)
        value = ibis.coalesce(*(read(rows[source]) for source in sources))
        values[name] = _respelt(value, column) if column.allowed else value
    return rows.select(**values)


def _literal(text: str) -> "ir.StringValue":
    import ibis

    return ibis.literal(text)


def _with_periods(read: "ir.Table") -> "ir.Table":
    """Starts and ends, each from its partner where it is missing."""
    import ibis

    start = _first(read, "ChargePeriodStart", "BillingPeriodStart")
    month = _first(read, "BillingPeriodStart", default=start.truncate("M").cast(TIME))
    read = read.mutate(BillingPeriodStart=month, ChargePeriodStart=start)
    month_end = read.BillingPeriodStart.truncate("M") + ibis.interval(months=1)
    day_end = read.ChargePeriodStart.truncate("D") + ibis.interval(days=1)
    return read.mutate(
        BillingPeriodEnd=_first(read, "BillingPeriodEnd", default=month_end.cast(TIME)),
        ChargePeriodEnd=_first(read, "ChargePeriodEnd", default=day_end.cast(TIME)),
    )


def _with_names(read: "ir.Table", source: Source) -> "ir.Table":
    """Who charges for what, in which currency, where a file leaves it out."""
    import ibis

    currency = ibis.literal(source.currency) if source.currency else ibis.null("string")
    provider = _first(read, "ProviderName", "PublisherName", "InvoiceIssuerName", default=ibis.literal(source.name))
    return read.mutate(
        BillingCurrency=_first(read, "BillingCurrency", default=currency).upper(),
        ChargeCategory=_first(read, "ChargeCategory", default=ibis.literal("Usage")),
        ProviderName=provider,
        ServiceName=_first(read, "ServiceName", "x_ServiceCode", "ServiceCategory", default=provider),
        ServiceCategory=_first(read, "ServiceCategory", default=ibis.literal("Other")),
    )


def _with_costs(read: "ir.Table") -> "ir.Table":
    """The four costs, filled as the module's docstring says."""
    read = read.mutate(EffectiveCost=_first(read, "EffectiveCost", default=read.BilledCost))
    stand_in = read.BilledCost
    if "CommitmentDiscountId" in read.columns:
        is_covered = read.CommitmentDiscountId.notnull() & (read.ChargeCategory == "Usage")
        stand_in = is_covered.ifelse(read.EffectiveCost, read.BilledCost)
    read = read.mutate(ContractedCost=_first(read, "ContractedCost", default=stand_in))
    return read.mutate(ListCost=_first(read, "ListCost", default=read.ContractedCost))


def _with_own_columns(read: "ir.Table") -> "ir.Table":
    """The provider's own word for the row; the instance type where only the details of the price tell it."""
    own = {"x_LineItemType": _first(read, "x_LineItemType", default=read.ChargeCategory)}
    if "SkuPriceDetails" in read.columns:
        detail = read.SkuPriceDetails.re_extract(r'"InstanceType"\s*:\s*"([^"]+)"', 1).nullif("")
        own["x_InstanceType"] = _first(read, "x_InstanceType", default=detail)
    return read.mutate(**own)


def _first(read: "ir.Table", *names: str, default: "ir.Value | None" = None) -> "ir.Value":
    """The first of these columns that has a value, else the default; one of them must be there."""
    import ibis

    values = [read[name] for name in names if name in read.columns]
    if default is not None:
        values.append(default)
    return ibis.coalesce(*values)


def _text(cell: "ir.Value") -> "ir.StringValue":
    """The cell as text; account ids that a tool made numbers lose their `.0`."""
    kind = cell.type()
    if kind.is_string():
        return cell  # staged without blanks and spelt-out nulls
    if kind.is_floating() or kind.is_decimal():
        return cell.cast("string").re_replace(r"\.0+$", "").nullif("nan")
    return cell.cast("string")


def _time(cell: "ir.Value") -> "ir.TimestampValue":
    """A time in UTC; dates with slashes month first: `fetch` refused files where that is not certain."""
    if not cell.type().is_string():
        return cells.time(cell)
    iso = cell.re_replace(r"/(\d\d)$", r"/20\1").re_replace(r"^(\d)/", r"0\1/").re_replace(r"/(\d)/", r"/0\1/")
    iso = iso.re_replace(r"^(\d\d)/(\d\d)/(\d{4})$", r"\3-\1-\2")
    german = cell.re_replace(r"^(\d)\.", r"0\1.").re_replace(r"\.(\d)\.", r".0\1.")
    german = german.re_replace(r"^(\d\d)\.(\d\d)\.(\d{4})$", r"\3-\2-\1")
    is_german = cell.re_search(r"^\d{1,2}\.\d")
    return cells.time(cell.contains("/").ifelse(iso, is_german.ifelse(german, cell)))


def _respelt(cell: "ir.StringValue", column: Column) -> "ir.StringValue":
    """The value in the specification's spelling; one that it does not allow stays as it is."""
    words = {**{value.lower(): value for value in column.allowed}, **OTHER_VALUES.get(column.name, {})}
    spelt = cell.lower().cases(*words.items(), else_=cell)
    return cell.isin(column.allowed).ifelse(cell, spelt)
