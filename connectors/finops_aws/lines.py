"""Line items: the cells of every layout under one vocabulary, as Ibis expressions."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from finops.focus import cells
from finops.focus.columns import QUANTITY, TIME

from finops_aws.columns import Header, read_header
from finops_aws.tables import LINE_ITEMS

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finops.connector import RawExport, RawTable

TAGS = "tags"
CATEGORIES = "cost_categories"
BILL_START = "bill_billing_period_start_date"
BILL_END = "bill_billing_period_end_date"
START = "line_item_usage_start_date"
END = "line_item_usage_end_date"
TYPE = "line_item_line_item_type"
CURRENCY = "line_item_currency_code"
UNBLENDED = "line_item_unblended_cost"
NET = "line_item_net_unblended_cost"

_QUANTITIES = ("line_item_usage_amount",)
_AFTER_KEY = "\x1f"
_AFTER_VALUE = "\x1e"
_NEEDS_ESCAPE = r'["\\\x00-\x1d]|\x1f(?:\x1e|$)'
"""Marks that JSON escapes, and a key without value."""
_FROM_PRODUCT = {
    "product_product_name": ("product_name",),
    "product_region_code": ("region_code", "regionCode"),
    "product_region": ("region",),
    "product_sku": ("sku",),
    "product_instance_type": ("instance_type", "instanceType"),
    "product_location": ("location",),
    "product_product_family": ("product_family", "productFamily"),
}
"""Attributes of CUR 2.0's product map that stand in for a column that is missing."""


class Lines:
    """The line items of an export.

    Args:
        raw: as `fetch` gave it.
        currency: of rows that name none.
    """

    def __init__(self, raw: "RawExport", currency: str | None) -> None:
        self._tables = [table for table in raw.tables if table.name.startswith(LINE_ITEMS)]
        self._currency = currency

    def has(self, name: str) -> bool:
        """Whether any file has the column."""
        return any(name in read_header(list(table.columns)).known for table in self._tables)

    def select(self, names: Sequence[str]) -> "ir.Table":
        """Columns of the vocabulary, one row per line item; missing ones are null.

        Text is trimmed and blank text null; times are in UTC; amounts stay as the file has them, for `cells.money`.
        The billing period, line item type and currency are filled where they are missing, so they are never null.
        """
        import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

        parts = [self._part(table, names) for table in self._tables]
        return ibis.union(*parts, distinct=False) if len(parts) > 1 else parts[0]

    def _part(self, table: "RawTable", names: Sequence[str]) -> "ir.Table":
        reader = _Reader(table, amounts_as_text=len(self._tables) > 1, currency=self._currency)
        return reader.rows.select(**{name: reader.cell(name) for name in names})


class _Reader:
    """The cells of one table.

    Args:
        table: files of one header.
        amounts_as_text: where tables are put together, whose amounts have different types.
        currency: of rows that name none.
    """

    def __init__(self, table: "RawTable", *, amounts_as_text: bool, currency: str | None) -> None:
        self.rows = table.table()
        self._header: Header = read_header(list(table.columns))
        self._amounts_as_text = amounts_as_text
        self._currency = currency

    def cell(self, name: str) -> "ir.Value":
        """One column of the vocabulary, as `Lines.select` describes it."""
        import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

        if name == TAGS:
            return self._pairs("resource_tags", self._header.tags, rename=True)
        if name == CATEGORIES:
            return self._pairs("cost_category", self._header.categories, rename=False)
        if name == "discount":
            return self._discounts()
        if name.endswith("_date"):
            return self._time(name)
        if name in _QUANTITIES:
            return cells.quantity(self._raw(name)) if name in self._header.known else ibis.null(QUANTITY)
        if is_amount(name):
            return self._amount(name)
        cell = self._text(name)
        if name == TYPE:
            return ibis.coalesce(cell, "Usage")
        return ibis.coalesce(cell, self._currency) if name == CURRENCY and self._currency else cell

    def _raw(self, name: str) -> "ir.Value":
        return self.rows[self._header.known[name]]

    def _text(self, name: str) -> "ir.StringValue":
        import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

        if name in self._header.known:
            return cells.text(self._raw(name).cast("string"))
        if "product" in self._header.known and name in _FROM_PRODUCT:
            product = as_map(self._raw("product"))
            found = [cells.text(product.get(key)) for key in _FROM_PRODUCT[name]]
            return ibis.coalesce(*found) if len(found) > 1 else found[0]
        return ibis.null("string")

    def _amount(self, name: str) -> "ir.Value":
        import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

        if name not in self._header.known:
            return ibis.null("string")
        cell = self._raw(name)
        if cell.type().is_string():
            return cells.text(cell)
        return cell.cast("string") if self._amounts_as_text else cell

    def _time(self, name: str) -> "ir.TimestampValue":
        import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

        found = cells.time(self._raw(name)) if name in self._header.known else None
        if name == BILL_START and START in self._header.known:
            month = cells.time(self._raw(START)).truncate("M")
            return month if found is None else ibis.coalesce(found, month)
        return ibis.null(TIME) if found is None else found

    def _discounts(self) -> "ir.FloatingValue":
        """Sum of the discount map's values."""
        import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

        if "discount" not in self._header.known:
            return ibis.null(QUANTITY)
        return as_map(self._raw("discount")).values().map(lambda value: value.try_cast(QUANTITY)).sums()

    def _pairs(self, name: str, columns: Mapping[str, str], *, rename: bool) -> "ir.StringValue":
        """Keys and values as a JSON object with sorted keys; null where there are none."""
        if name in self._header.known:
            return json_of_map(as_map(self._raw(name)), rename=rename)
        return cells.json_object({key: cells.text(self.rows[column].cast("string")) for key, column in columns.items()})


def is_amount(name: str) -> bool:
    """Whether a column of the vocabulary holds money or a price."""
    return name.endswith(("_cost", "_rate", "_fee", "_commitment", "_commitment_to_date", "_discount", "_for_billing_period"))


def as_map(cell: "ir.Value") -> "ir.MapValue":
    """Keys and values of a map column, or of JSON text that holds an object."""
    if cell.type().is_map():
        return cell
    return cells.text(cell).try_cast("json").try_cast("map<string, string>")


def json_of_map(pairs: "ir.MapValue", *, rename: bool) -> "ir.StringValue":
    """The map as a JSON object with sorted keys, valueless ones `true`; null where it is empty.

    Members are put together first and their marks written afterwards: three times as fast as escaping each key and
    value, which only rows with a mark that needs it still do.

    Args:
        pairs: text to text.
        rename: take the owner's prefix from user keys and write `aws:` for the provider's.
    """
    import ibis  # noqa: PLC0415 - heavy, needed only when a mapping is built

    def member(key: "ir.StringValue") -> "ir.StringValue":
        return (_renamed(key) if rename else key) + _AFTER_KEY + ibis.coalesce(pairs.get(key), "")

    members = pairs.keys().map(member).sort()
    joined = members.join(_AFTER_VALUE).nullif("")
    plain = "{\"" + joined.replace(_AFTER_VALUE, '", "').replace(_AFTER_KEY, '": "') + '"}'
    escaped = "{" + members.map(_escaped).join(", ") + "}"
    return joined.re_search(_NEEDS_ESCAPE).ifelse(escaped, plain)


def _renamed(key: "ir.StringValue") -> "ir.StringValue":
    """The tag's own key, as `columns.tag_key`."""
    aws = key.startswith("aws_").ifelse("aws:" + key.substr(len("aws_")), key)
    return key.re_search("^user[_:].").ifelse(key.substr(len("user_")), aws)


def _escaped(member: "ir.StringValue") -> "ir.StringValue":
    """One key and its value as JSON."""
    key = member.re_extract(f"^([^{_AFTER_KEY}]*)", 1)
    value = member.substr(key.length() + 1).nullif("")
    return cells.json_text(key) + ": " + value.isnull().ifelse("true", cells.json_text(value))
