"""Line items: the cells of every layout under one vocabulary, as Ibis expressions."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from finops.focus import cells
from finops.focus.columns import QUANTITY, TIME
from finops_aws.columns import read_header
from finops_aws.line_types import USAGE
from finops_aws.literals import first, none
from finops_aws.pairs import as_map, as_text, canonical
from finops_aws.tables import LINE_ITEMS

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from finops.connector import RawExport, RawTable

TAGS = "tags"
CATEGORIES = "cost_categories"
_MAPS = {TAGS: "resource_tags", CATEGORIES: "cost_category"}
"""Cells that CUR 2.0 has as a map."""
BILL_START = "bill_billing_period_start_date"
BILL_END = "bill_billing_period_end_date"
START = "line_item_usage_start_date"
END = "line_item_usage_end_date"
TYPE = "line_item_line_item_type"
CURRENCY = "line_item_currency_code"
UNBLENDED = "line_item_unblended_cost"
NET = "line_item_net_unblended_cost"
AMOUNT = "line_item_usage_amount"
SPLIT = "split_line_item_parent_resource_id"
"""Filled on rows that divide the cost of a resource which is also in the file."""

TERMS = ("savings_plan_start_time", "savings_plan_end_time", "reservation_start_time", "reservation_end_time")
"""When commitments begin and end."""
_TIMES = (BILL_START, BILL_END, START, END, *TERMS)
_AMOUNTS = ("_cost", "_rate", "_fee", "_commitment", "_commitment_to_date", "_discount", "_for_billing_period")
"""Endings of columns that hold money or a price."""
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
        tables = [table for table in raw.tables if table.name.startswith(LINE_ITEMS)]
        self._parts = [_Part(table, together=len(tables) > 1, currency=currency) for table in tables]

    def has(self, name: str) -> bool:
        """Whether any file has the column."""
        return any(name in part.known for part in self._parts)

    def select(self, names: Sequence[str]) -> "ir.Table":
        """Columns of the vocabulary, one row per line item; missing ones are null.

        Blank text is null; times are in UTC; amounts stay as the file has them, for `cells.money`. The start of the
        billing period, the line item type and the currency are filled where they are missing.
        """
        import ibis

        parts = [part.select(names) for part in self._parts]
        return ibis.union(*parts, distinct=False) if len(parts) > 1 else parts[0]


class _Part:
    """The line items of files with one header.

    Args:
        table: the files.
        together: whether other tables are put beside it, whose amounts may have another type.
        currency: of rows that name none.
    """

    def __init__(self, table: "RawTable", *, together: bool, currency: str | None) -> None:
        self._rows = table.table()
        self._header = read_header(list(table.columns))
        self._trim = table.format == "csv"
        self._together = together
        self._currency = currency
        self.known = self._header.known

    def select(self, names: Sequence[str]) -> "ir.Table":
        """The columns, as `Lines.select` describes them."""
        rows = self._rows.select(**{name: self._cell(name) for name in names})
        for name in names:
            if _MAPS.get(name) in self.known:
                rows = self._with_canonical(rows, name)
        return rows

    def _with_canonical(self, rows: "ir.Table", name: str) -> "ir.Table":
        """The rows with a map's text replaced by the one form of the map."""
        cell = self._rows[self.known[_MAPS[name]]]
        known = canonical(self._rows, cell, rename=name == TAGS, name=f"{name} of {self._rows.get_name()}")
        # Only what the map's text equals: a null text equals none, and its row stays as it is.
        joined = rows.left_join(known, rows[name] == known.text)
        return joined.select(**{each: joined.json if each == name else joined[each] for each in rows.columns})

    def _cell(self, name: str) -> "ir.Value":
        if name == TAGS:
            return self._pairs(_MAPS[TAGS], self._header.tags)
        if name == CATEGORIES:
            return self._pairs(_MAPS[CATEGORIES], self._header.categories)
        if name == "discount":
            return self._discounts()
        if name == AMOUNT:
            return cells.quantity(self._rows[self.known[name]]) if name in self.known else none(QUANTITY)
        if name in _TIMES:
            return self._time(name)
        return self._amount(name) if name.endswith(_AMOUNTS) else self._filled(name)

    def _filled(self, name: str) -> "ir.StringValue":
        """Text, and what stands in for it where a row must have some."""
        instead = {TYPE: USAGE, CURRENCY: self._currency}.get(name)
        return first(self._text(name), instead) if instead else self._text(name)

    def _text(self, name: str) -> "ir.StringValue":
        if name in self.known:
            cell = self._rows[self.known[name]].cast("string")
            # Only CSV can be padded; trimming the columns of five million rows costs as much as reading them.
            return cells.text(cell) if self._trim else cell.nullif("")
        if "product" in self.known and name in _FROM_PRODUCT:
            product = as_map(self._rows[self.known["product"]])
            found = [product.get(key).nullif("") for key in _FROM_PRODUCT[name]]
            return first(*found) if len(found) > 1 else found[0]
        return none()

    def _amount(self, name: str) -> "ir.Value":
        if name not in self.known:
            # Of the type of the amount beside it: text of floats takes many times as long to read as floats.
            return none() if self._together else none(self._rows[self.known[UNBLENDED]].type())
        cell = self._rows[self.known[name]]
        if cell.type().is_string():
            return cells.text(cell)
        return cell.cast("string") if self._together else cell

    def _time(self, name: str) -> "ir.TimestampValue":
        found = cells.time(self._rows[self.known[name]]) if name in self.known else None
        if name == BILL_START and START in self.known:
            month = cells.time(self._rows[self.known[START]]).truncate("M")
            return month if found is None else first(found, month)
        return none(TIME) if found is None else found

    def _discounts(self) -> "ir.FloatingValue":
        """Sum of the discount map's values."""
        if "discount" not in self.known:
            return none(QUANTITY)
        values = as_map(self._rows[self.known["discount"]]).values()
        return values.map(lambda value: value.try_cast(QUANTITY)).sums()

    def _pairs(self, name: str, columns: Mapping[str, str]) -> "ir.StringValue":
        """A map's text, still to be brought to its one form; or columns, one per key, as a JSON object."""
        if name in self.known:
            return as_text(self._rows[self.known[name]])
        return cells.json_object({key: self._rows[own].cast("string").nullif("") for key, own in columns.items()})
