"""Which rows are commitment fees, which usage is priced by a commitment, and what each says about its commitment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from finops import money
from finops_gcp import credit, product, settlement, staged
from finops_gcp.amortisation import Amortisation
from finops_gcp.commitments import Bill, Commitments, Fee
from finops_gcp.credit import RowCredits

if TYPE_CHECKING:
    import pyarrow as pa

_DEFAULT_MODEL = "7754-699E-0EBF"
"""Consumption model of usage at the price without a commitment (Google's pricing pages, November 2026)."""
_BILL = ("billing_account_id", "invoice_month", "currency")


class UnreadableCost(ValueError):
    """A cost is no number; `index` tells the row."""

    def __init__(self, index: int, why: str) -> None:
        super().__init__(why)
        self.index = index


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledgers:
    """Where fees and what they cover are counted: commitments by consumption model, and older ones with credits."""

    offsets: Commitments = field(default_factory=Commitments)
    amortisation: Amortisation = field(default_factory=Amortisation)


def columns(
    rows: "Mapping[str, pa.Array]",
    models: "pa.Array",
    credits_of: Sequence[RowCredits],
    ledgers: Ledgers,
    *,
    first: int,
) -> "dict[str, pa.Array]":
    """The staged columns about commitments; fees and covered usage are counted in the ledgers.

    Args:
        rows: the copied columns and `cost_type`.
        models: `consumption_model.id`.
        credits_of: each row.
        ledgers: what adds them up.
        first: number of the first row, from 0.

    Raises:
        UnreadableCost: if a fee or covered usage costs no number.
    """
    import pyarrow as pa

    fees, covered = _roles(rows, models, credits_of)
    told = [row.commitment for row in credits_of]
    found: dict[str, list[str | None]] = {
        "commitment_key": [None] * len(told),
        "commitment_id": [one.id if one else None for one in told],
        "commitment_name": [one.name if one else None for one in told],
        "commitment_category": [credit.COMMITMENT_CATEGORY[one.type] if one else None for one in told],
    }
    _tell_fees(found, rows, fees, credits_of, ledgers)
    _tell_covered(found, rows, covered, ledgers.offsets)
    _tell_credited(found, rows, credits_of, ledgers.amortisation, first=first)
    return {
        "is_fee": fees,
        "is_covered": covered,
        **{name: pa.array(cells, pa.string()) for name, cells in found.items()},
    }


def _roles(
    rows: "Mapping[str, pa.Array]", models: "pa.Array", credits_of: Sequence[RowCredits]
) -> "tuple[pa.Array, pa.Array]":
    """Two truth columns: fees or subscriptions, and usage priced by the consumption model of a commitment."""
    import pyarrow as pa
    import pyarrow.compute as pc

    regular = pc.equal(rows["cost_type"], "regular")
    offset = pa.array([bool(row.offset) for row in credits_of], pa.bool_())
    discounted = pa.array([row.commitment is not None and not row.offset for row in credits_of], pa.bool_())
    named = pc.match_substring_regex(rows["sku_description"].fill_null(""), product.FEE)
    model = pc.utf8_lower(rows["consumption_model_description"].fill_null(""))
    priced = pc.and_(pc.not_equal(models.fill_null(_DEFAULT_MODEL), _DEFAULT_MODEL), pc.not_equal(model, "default"))
    subscribed = pc.and_(rows["subscription_instance_id"].is_valid(), pc.invert(pc.or_(discounted, priced)))
    fees = pc.or_(offset, pc.and_(regular, pc.or_(named, subscribed)))
    return fees, pc.and_(pc.and_(regular, priced), pc.invert(fees))


def _tell_fees(
    found: dict[str, list[str | None]],
    rows: "Mapping[str, pa.Array]",
    fees: "pa.Array",
    credits_of: Sequence[RowCredits],
    ledgers: Ledgers,
) -> None:
    for index, cells in _chosen(rows, fees, staged.COPIED):
        commitment = cells["subscription_instance_id"] or found["commitment_id"][index]
        bill = Bill(*(cells[name] or "" for name in _BILL))
        row = credits_of[index]
        try:
            paid = money.add(money.stored(cells["cost"] or "0"), row.discounts)
        except ValueError as error:
            raise UnreadableCost(index, str(error)) from error
        ledgers.offsets.add_fee(bill, Fee(row=cells, commitment=commitment, paid=paid, offset=row.offset))
        key = bill.fee_key(cells["sku_id"] or "", cells["subscription_instance_id"] or "")
        found["commitment_key"][index] = key
        found["commitment_id"][index] = commitment
        found["commitment_name"][index] = cells["sku_description"]
        category = found["commitment_category"][index] or _category(cells["sku_description"])
        found["commitment_category"][index] = category
        if product.is_fee(cells["sku_description"] or ""):
            ledgers.amortisation.add_fee(cells, category=category, key=key, paid=paid)


def _tell_covered(
    found: dict[str, list[str | None]], rows: "Mapping[str, pa.Array]", covered: "pa.Array", ledger: Commitments
) -> None:
    for index, cells in _chosen(rows, covered, (*_BILL, "cost", "consumption_model_description")):
        bill = Bill(*(cells[name] or "" for name in _BILL))
        try:
            ledger.add_covered(bill, money.stored(cells["cost"] or "0"))
        except ValueError as error:
            raise UnreadableCost(index, str(error)) from error
        found["commitment_key"][index] = bill.key
        found["commitment_name"][index] = found["commitment_name"][index] or cells["consumption_model_description"]
        found["commitment_category"][index] = found["commitment_category"][index] or "Spend"


def _tell_credited(
    found: dict[str, list[str | None]],
    rows: "Mapping[str, pa.Array]",
    credits_of: Sequence[RowCredits],
    amortisation: Amortisation,
    *,
    first: int,
) -> None:
    """Usage of which a credit took a part off; what is a fee or priced by a consumption model has a key already."""
    import pyarrow as pa

    keys = found["commitment_key"]
    given = [one.commitment is not None and key is None for one, key in zip(credits_of, keys, strict=True)]
    told = []
    for index, cells in _chosen(rows, pa.array(given, pa.bool_()), staged.COPIED):
        commitment = credits_of[index].commitment
        if commitment is None:
            continue
        keys[index] = settlement.ROW_KEY.format(first + index)
        category = credit.COMMITMENT_CATEGORY[commitment.type]
        told.append((first + index, cells, category, commitment.name or "", credits_of[index].covered))
    amortisation.add_usage(told)


def _chosen(
    rows: "Mapping[str, pa.Array]", which: "pa.Array", names: Sequence[str]
) -> list[tuple[int, dict[str, str | None]]]:
    """The cells of these columns for the rows that are true, each with its row's index."""
    import pyarrow as pa
    import pyarrow.compute as pc

    indices = pc.indices_nonzero(which)
    if not len(indices):
        return []
    taken = pa.record_batch([rows[name].take(indices) for name in names], names=list(names))
    return list(zip(indices.to_pylist(), taken.to_pylist(), strict=True))


def _category(sku: str | None) -> str:
    """What a fee without an offset commits to, by the words of its SKU."""
    words = (sku or "").lower()
    return "Spend" if "dollar" in words or "flex" in words else "Usage"
