"""The staged tables: one schema for every form and age of the export."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from finops.focus.columns import MONEY
from finops.money import PLACES
from finops_gcp import fields

if TYPE_CHECKING:
    import pyarrow as pa

CHARGES = "gcp_charges"
LINKS = "gcp_commitments"

_ONLY_READ = {
    "cost_type", "price.list_price", "price.effective_price", "price.effective_price_default",
    "price.pricing_unit_quantity", "consumption_model.id",
}  # fmt: skip

COPIED = tuple(fields.plain(name) for name in fields.SCALARS if name not in _ONLY_READ)
"""Fields that are staged as they are written, without blanks; missing is null."""

COLUMNS: Mapping[str, str] = {
    "kind": "string",
    **dict.fromkeys(COPIED, "string"),
    "billing_account_name": "string",
    "cost_type": "string",
    "discounts": MONEY,
    "offset_amount": MONEY,
    "list_unit_price": "string",
    "contracted_unit_price": "string",
    "is_fee": "boolean",
    "is_covered": "boolean",
    "is_correction": "boolean",
    "commitment_key": "string",
    "commitment_id": "string",
    "commitment_name": "string",
    "commitment_category": "string",
    "tags": "string",
    "credits": "string",
    "instance_type": "string",
    "credit_type": "string",
    "credit_name": "string",
}
"""Columns of the charges. `kind` is `charge` (a row of the export), `credit` (money given, from a charge's credits; its
`cost` is the credit's amount), `unused` (the rest of a commitment fee) or `rounding` (what covered usage and offset
differ by)."""

LINK_COLUMNS: Mapping[str, str] = {"link_key": "string", "link_commitment_id": "string", "link_share": MONEY}
"""Keys of charges whose commitment can be told in FOCUS terms, the commitment they belong to, and, for usage that a
credit covered, its share of the fees."""


@cache
def schema(name: str) -> "pa.Schema":
    """The Arrow schema of `CHARGES` or `LINKS`."""
    import pyarrow as pa

    kinds = {"string": pa.string(), "boolean": pa.bool_(), MONEY: pa.decimal128(36, PLACES)}
    columns = COLUMNS if name == CHARGES else LINK_COLUMNS
    return pa.schema([(column, kinds[kind]) for column, kind in columns.items()])


def charges(columns: "Mapping[str, pa.Array]", rows: int) -> "pa.RecordBatch":
    """A batch of charges; columns that are not given are null."""
    import pyarrow as pa

    layout = schema(CHARGES)
    return pa.record_batch([columns.get(part.name, pa.nulls(rows, part.type)) for part in layout], schema=layout)
