"""Is a file a usage cost export of Google Cloud, and if not, what does it look like?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from finops import local_files
from finops.errors import BillError
from finops_gcp import fields, focus_export, json_file, records

_FOREIGN = (
    ({"billedcost", "chargeperiodstart"}, 'another provider\'s FOCUS file (set connector = "focus")'),
    ({"billedcost", "chargecategory"}, 'another provider\'s FOCUS file (set connector = "focus")'),
    ({"lineitem/unblendedcost"}, 'an AWS Cost and Usage Report (set connector = "aws")'),
    ({"line_item_unblended_cost"}, 'an AWS Cost and Usage Report (set connector = "aws")'),
    ({"costinbillingcurrency"}, 'an Azure cost export (export it as FOCUS and set connector = "focus")'),
    ({"sku_id", "list_price"}, "Google's pricing export, which holds no costs"),
    ({"cud_product_id"}, "Google's export of commitments, which holds no costs"),
    ({"name", "type", "mode"}, "a BigQuery table schema"),
)
"""Plain names, all of which must be there, and what a file with them is."""

_SHOWN = 6
_TODO = "Point the source's location at exports of gcp_billing_export_v1 or gcp_billing_export_resource_v1 tables."


def is_export(path: Path) -> bool:
    """Whether the first record, or the header, is one of a usage cost export: standard, detailed or FOCUS.

    Raises:
        AccessError, BillError: if the file cannot be read.
    """
    names = list(map(fields.plain, records.names(path)))
    return fields.is_export(names) or focus_export.is_one(names)


def likeness(path: Path) -> str:
    """What a file that is no export looks like, in words."""
    names = records.names(path)
    if not names:
        return "an empty file"
    plain = {fields.plain(name) for name in names}
    for wanted, words in _FOREIGN:
        if wanted <= plain or wanted <= {name.lower() for name in names}:
            return words
    more = ", …" if len(names) > _SHOWN else ""
    return f"a file with the fields {', '.join(names[:_SHOWN])}{more}"


def holds_cost(path: Path) -> bool:
    """Whether any record of a file that is no export names a cost: such a file may not be passed over.

    Raises:
        AccessError, BillError: if the file cannot be read.
    """
    if records.form(path) == "json":
        return any(_names_cost(record) for _, record in json_file.objects(path))
    return any("cost" in name.lower() for name in records.names(path))


class NoExport(BillError):
    """Files that are no usage cost exports, where one was expected."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is no usage cost export of Google Cloud: it looks like {likeness(path)}.",
            _TODO,
        )


class NothingFound(BillError):
    """A location holds no export."""

    def __init__(self, location: str, foreign: Sequence[Path]) -> None:
        there = (
            f"{foreign[0].name} looks like {likeness(foreign[0])}"
            if foreign
            else "no JSON, CSV or Parquet file is there"
        )
        super().__init__(
            f"{location} holds no usage cost export of Google Cloud: {there}.",
            _TODO,
        )


def listed(location: str) -> tuple[list[Path], list[Path]]:
    """The exports of a location, and the other files of such kinds that hold no cost.

    Raises:
        AccessError: if the location or a file may not be read.
        BillError: if there is no export, or another file holds costs that would be lost.
    """
    found = local_files.find(location, records.SUFFIXES)
    exports = [path for path in found if is_export(path)]
    foreign = [path for path in found if path not in set(exports)]
    if foreign and Path(location).is_file():
        raise NoExport(foreign[0])
    if not exports:
        raise NothingFound(location, foreign)
    for path in foreign:
        if holds_cost(path):
            raise NoExport(path)
    return exports, foreign


def _names_cost(record: object) -> bool:
    """Whether a field of the record or of an object in it has cost in its name."""
    if isinstance(record, dict):
        inner: dict[str, Any] = record
        return any("cost" in name.lower() or _names_cost(value) for name, value in inner.items())
    return isinstance(record, list) and any(map(_names_cost, record))
