"""The cost table as a FOCUS file that keeps every rule of the specification it can: what `finops export` writes.

The table keeps what a provider said, gaps included. A FOCUS file may have few gaps: an account needs a name, a priced
row a quantity, a service one category. What is missing follows from other cells of the same row where the
specification says how (a price is a cost per quantity), else a word that is true stands in (an account's id for its
name). Where a cell must be empty beside others (the unit of no quantity), it is emptied. Costs keep their sums: only a
purchase that carries an effective cost of its own becomes two rows, what was paid and what it was used for.

Source: FOCUS specification 1.2, columns and attributes chapters (ratified 2025-05-29).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finops.focus.columns import BY_NAME, FOCUS, MONEY, QUANTITY, SERVICE_CATEGORIES
from finops.focus.rules import CLOSE, MONEY_STEP
from finops.focus.services import SUBCATEGORIES, subcategory
from finops.focus.units import in_focus

if TYPE_CHECKING:
    import ibis.expr.types as ir

_UNITS = ("PricingUnit", "ConsumedUnit", "CommitmentDiscountUnit")
_OF_PROMISES = ("CommitmentDiscountId", "CommitmentDiscountCategory", "CommitmentDiscountType")
_OF_COMMITMENTS = (
    "CommitmentDiscountCategory",
    "CommitmentDiscountName",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "CommitmentDiscountQuantity",
    "CommitmentDiscountUnit",
)
_NOT_OF_TAX = (
    "ListUnitPrice",
    "ContractedUnitPrice",
    "PricingQuantity",
    "SkuId",
    "SkuPriceId",
    "PricingCategory",
    "PricingCurrencyListUnitPrice",
    "PricingCurrencyContractedUnitPrice",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What has to be said in the specification's words, found in the whole table before its rows are written.

    Attributes:
        units: a unit of the table to the same in the specification's format; only units that differ.
        kinds: service name to its one (category, subcategory).
        promised: commitment for usage to the one unit it is counted in.
        rates: commitment for usage to what one unit of it cost where it was used.
    """

    units: Mapping[str, str]
    kinds: Mapping[str, tuple[str, str]]
    promised: Mapping[str, str]
    rates: Mapping[str, float]


def words_used(rows: "ir.Table") -> "ir.Table":
    """The units and services of rows of `cost`, each combination once with how many rows have it: see `words`."""
    import ibis

    names = [*_UNITS, "ServiceName", "ServiceCategory", "ServiceSubcategory", *_OF_PROMISES]
    quantity = ibis.coalesce(rows.CommitmentDiscountQuantity, rows.ConsumedQuantity, rows.PricingQuantity)
    is_used = rows.CommitmentDiscountStatus == "Used"
    return rows.group_by(names).agg(
        rows=rows.count(),
        used=quantity.sum(where=is_used),
        paid=rows.EffectiveCost.cast(QUANTITY).sum(where=is_used & quantity.notnull()),
    )


def words(used: Iterable[Mapping[str, Any]]) -> Words:
    """The specification's words for those of the table.

    A service with several categories gets the one most rows have; FOCUS allows one.

    Args:
        used: the rows of `words_used`.
    """
    used = list(used)
    units = {unit: in_focus(unit) for row in used for name in _UNITS if (unit := row[name]) is not None}
    counted: dict[str, dict[str, int]] = {}
    given: dict[tuple[str, str], dict[str, int]] = {}
    for row in used:
        service, category, kind = row["ServiceName"], row["ServiceCategory"], row["ServiceSubcategory"]
        if category not in SERVICE_CATEGORIES:
            category = "Other"
        _count(counted.setdefault(service, {}), category, row["rows"])
        if kind in SUBCATEGORIES[category]:
            _count(given.setdefault((service, category), {}), kind, row["rows"])
    kinds = {}
    for service, categories in counted.items():
        category = _most(categories)
        kinds[service] = (category, _subcategory(service, category, given.get((service, category), {})))
    promised, rates = _promises(used)
    return Words(
        units={unit: spelt for unit, spelt in units.items() if unit != spelt},
        kinds=kinds,
        promised=promised,
        rates=rates,
    )


def _promises(used: Iterable[Mapping[str, Any]]) -> tuple[dict[str, str], dict[str, float]]:
    """The unit of every commitment, and what one of it cost: units of most rows count, hours where there is none."""
    units: dict[str, dict[str, int]] = {}
    sums: dict[str, list[float]] = {}
    for row in used:
        name = row["CommitmentDiscountId"]
        if name is None:
            continue
        unit = row["CommitmentDiscountUnit"] or row["PricingUnit"]
        if unit:
            _count(units.setdefault(name, {}), in_focus(unit), row["rows"])
        paid, quantity = sums.setdefault(name, [0.0, 0.0])
        sums[name] = [paid + (row["paid"] or 0.0), quantity + (row["used"] or 0.0)]
    return (
        {name: _most(counts) for name, counts in units.items()},
        {name: paid / quantity for name, (paid, quantity) in sums.items() if paid and quantity},
    )


def conforming(rows: "ir.Table", words: Words) -> "ir.Table":
    """Rows of `cost` with the cells of FOCUS columns as the specification wants them; the other columns as they are.

    Two columns more: `is_use` marks the rows of use that `_paid_and_used` adds, `is_repriced` where a price was not
    that of the cost.
    """
    rows = _paid_and_used(rows)
    for step in (_accounts, _kinds, _places, _skus, _commitments, _prices, _consumed, _currencies):
        rows = rows.mutate(**step(rows, words))
    empty = dict.fromkeys(_NOT_OF_TAX, rows.ChargeCategory == "Tax")
    cells = {name: is_empty.ifelse(None, rows[name]) for name, is_empty in empty.items()}
    # A cell that a step made from others keeps the column's type.
    return rows.mutate(**cells).cast({column.name: column.type for column in FOCUS})


def changed(table: "ir.Table", conforming: "ir.Table") -> tuple["ir.Table", "ir.Table"]:
    """Rows, and how many cells of each FOCUS column hold something, before and after: two tables of one row.

    After, cells are those of the rows there were before.
    """
    import ibis

    before, after = (
        rows.agg(
            rows=rows.count(),
            repriced=repriced,
            **{column.name: rows[column.name].count(where=kept) for column in FOCUS},
        )
        for rows, kept, repriced in (
            (table, None, ibis.literal(0)),
            (conforming, ~conforming.is_use, conforming.is_repriced.sum()),
        )
    )
    return before, after


def told(before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[str]:
    """What was added, filled in or left out, a column a sentence part: `RegionName 19`."""
    if after["rows"] > before["rows"]:
        more = after["rows"] - before["rows"]
        yield f"purchases with an effective cost of their own written as paid and used: {more:,} rows more"
    if after["repriced"]:
        yield f"unit prices that are not those of the cost written as cost per quantity on {after['repriced']:,} rows"
    for column in FOCUS:
        difference = after[column.name] - before[column.name]
        if difference > 0:
            yield f"{column.name} filled in on {difference:,} rows"
        elif difference < 0:
            yield f"{column.name} left out on {-difference:,} rows"


def _paid_and_used(rows: "ir.Table") -> "ir.Table":
    """The rows, and for every purchase with an effective cost of its own a row of the use it was bought for.

    "Since amortization breaks down and spreads the cost of a prepaid purchase, to subsequent eligible charges, the
    Effective Cost of the original prepaid charge is set to 0" (Effective Cost). A commitment has usage rows that carry
    it; a support plan or a subscription has none in the export, so the file gets one, over the same charge period. What
    was billed stays with the purchase, so that invoices add up by category. List and contracted cost are a price by a
    quantity on both, as beside commitments; the specification says how to add them up (List Cost, Aggregation). Of a
    commitment, it is the part that nothing used.
    """
    import ibis

    alone = (rows.ChargeCategory == "Purchase") & (rows.EffectiveCost != 0)
    nothing = ibis.literal(0).cast(MONEY)
    priced = rows.PricingCurrencyEffectiveCost
    promised = rows.CommitmentDiscountId.notnull()
    paid = rows.mutate(
        EffectiveCost=alone.ifelse(nothing, rows.EffectiveCost),
        PricingCurrencyEffectiveCost=(alone & priced.notnull()).ifelse(nothing, priced),
        is_use=ibis.literal(value=False),
    )
    used = rows.filter(alone).mutate(
        BilledCost=nothing,
        ChargeCategory=ibis.literal("Usage"),
        CommitmentDiscountStatus=promised.ifelse("Unused", None),
        PricingCategory=promised.ifelse("Committed", rows.PricingCategory),
        ResourceId=promised.ifelse(rows.CommitmentDiscountId, rows.ResourceId),
        is_use=ibis.literal(value=True),
    )
    return paid.union(used)


def _accounts(rows: "ir.Table", _: Words) -> "dict[str, ir.Value]":
    """Who is billed, and by whom; an id stands in for a name that the export does not have."""
    import ibis

    account = ibis.coalesce(rows.BillingAccountId, rows.SubAccountId, rows.x_Source)
    sub = rows.SubAccountId
    return {
        "BillingAccountId": account,
        "BillingAccountName": ibis.coalesce(rows.BillingAccountName, account),
        "BillingAccountType": ibis.coalesce(rows.BillingAccountType, ibis.literal("Billing Account")),
        "SubAccountName": sub.notnull().ifelse(ibis.coalesce(rows.SubAccountName, sub), None),
        "SubAccountType": sub.notnull().ifelse(ibis.coalesce(rows.SubAccountType, ibis.literal("Sub Account")), None),
        "InvoiceIssuerName": ibis.coalesce(rows.InvoiceIssuerName, rows.ProviderName),
        "PublisherName": ibis.coalesce(rows.PublisherName, rows.ProviderName),
    }


def _kinds(rows: "ir.Table", words: Words) -> "dict[str, ir.Value]":
    """What kind of charge and service a row is."""
    import ibis

    usual = rows.ChargeCategory.cases(("Usage", "Usage-Based"), else_="One-Time")
    frequency = ibis.coalesce(_allowed(rows, "ChargeFrequency"), usual)
    is_odd = (rows.ChargeCategory == "Purchase") & (frequency == "Usage-Based")
    categories = [(service, category) for service, (category, _) in words.kinds.items()]
    kinds = [(service, kind) for service, (_, kind) in words.kinds.items()]
    return {
        "ChargeClass": _allowed(rows, "ChargeClass"),
        "ChargeFrequency": is_odd.ifelse("Recurring", frequency),
        "ChargeDescription": ibis.coalesce(rows.ChargeDescription, rows.SkuMeter, rows.ServiceName),
        "ServiceCategory": _replaced(rows.ServiceName, categories, ibis.literal("Other")),
        "ServiceSubcategory": _replaced(rows.ServiceName, kinds, ibis.literal("Other (Other)")),
    }


def _places(rows: "ir.Table", _: Words) -> "dict[str, ir.Value]":
    """Regions, resources and reserved capacity: nothing without an id, and something beside each."""
    import ibis

    is_held = rows.CapacityReservationId.notnull()
    held = ibis.coalesce(
        _allowed(rows, "CapacityReservationStatus"), (rows.ChargeCategory == "Usage").ifelse("Used", None)
    )
    region, resource = rows.RegionId, rows.ResourceId
    is_commitment = (resource == rows.CommitmentDiscountId) & rows.CommitmentDiscountId.notnull()
    kind = ibis.coalesce(rows.ResourceType, is_commitment.ifelse(rows.CommitmentDiscountType, None), rows.ServiceName)
    return {
        "CapacityReservationStatus": is_held.ifelse(held, None),
        "RegionName": region.notnull().ifelse(ibis.coalesce(rows.RegionName, region), None),
        "ResourceName": resource.notnull().ifelse(rows.ResourceName, None),
        "ResourceType": resource.notnull().ifelse(kind, None),
    }


def _skus(rows: "ir.Table", _: Words) -> "dict[str, ir.Value]":
    """What was bought. A price's id is that of its SKU where there is one price, as FOCUS allows."""
    import ibis

    is_priced = _is_priced(rows)
    sku = ibis.coalesce(rows.SkuId, is_priced.ifelse(ibis.coalesce(rows.SkuMeter, rows.ServiceName), None))
    price = ibis.coalesce(rows.SkuPriceId, is_priced.ifelse(sku, None))
    has_price = price.notnull() & (rows.ChargeCategory != "Tax")
    meter = ibis.coalesce(rows.SkuMeter, rows.ServiceName)
    return {
        "SkuId": sku,
        "SkuPriceId": price,
        "SkuMeter": (sku.notnull() & (rows.ChargeCategory != "Tax")).ifelse(meter, None),
        "SkuPriceDetails": has_price.ifelse(rows.SkuPriceDetails, None),
    }


def _prices(rows: "ir.Table", words: Words) -> "dict[str, ir.Value]":
    """How much was bought at which price; prices have no sign, a refund has a negative quantity.

    Of none, a charge that costs something is one: "the Pricing Quantity could have been set to 1" (Simple SaaS
    Agreements, A1).
    """
    import ibis

    is_priced = _is_priced(rows)
    is_refund = rows.ContractedCost < 0
    one = is_refund.ifelse(-1.0, 1.0)
    is_free = (rows.ContractedCost == 0) & (rows.ListCost == 0)
    given = (is_priced & ~is_free).ifelse(rows.PricingQuantity.nullif(0.0), rows.PricingQuantity)
    bought = [
        (rows[cost].cast(QUANTITY) / rows[price].cast(QUANTITY).nullif(0.0)).nullif(0.0)
        for cost, price in (("ContractedCost", "ContractedUnitPrice"), ("ListCost", "ListUnitPrice"))
    ]
    unsaid = ibis.coalesce(*bought, rows.ConsumedQuantity.nullif(0.0), one)
    quantity = ibis.coalesce(given, is_priced.ifelse(unsaid, None))
    # A price of less than nothing is a quantity that goes back.
    quantity = (is_priced & is_refund & (quantity > 0)).ifelse(-quantity, quantity)
    unit = ibis.coalesce(_spelt(rows.PricingUnit, words), _spelt(rows.ConsumedUnit, words), ibis.literal("Units"))
    category = is_priced.ifelse(ibis.coalesce(_allowed(rows, "PricingCategory"), _pricing_category(rows)), None)
    listed, contracted = (
        _price(rows[f"{kind}UnitPrice"], rows[f"{kind}Cost"], quantity, is_priced) for kind in ("List", "Contracted")
    )
    return {
        "PricingCategory": ibis.coalesce(category, _allowed(rows, "PricingCategory")),
        "PricingQuantity": quantity,
        "PricingUnit": (quantity.notnull() & (rows.ChargeCategory != "Tax")).ifelse(unit, None),
        "ListUnitPrice": listed,
        "ContractedUnitPrice": contracted,
        "is_repriced": (rows.ListUnitPrice.abs() != listed) | (rows.ContractedUnitPrice.abs() != contracted),
    }


def _consumed(rows: "ir.Table", words: Words) -> "dict[str, ir.Value]":
    """What was used: on usage alone, and not where a commitment went unused."""
    import ibis

    is_used = (rows.ChargeCategory == "Usage") & (rows.CommitmentDiscountStatus.fill_null("Used") != "Unused")
    is_known = rows.ConsumedQuantity.notnull()
    quantity = ibis.coalesce(rows.ConsumedQuantity, rows.ChargeClass.isnull().ifelse(rows.PricingQuantity, None))
    own = ibis.coalesce(_spelt(rows.ConsumedUnit, words), rows.PricingUnit, ibis.literal("Units"))
    unit = is_known.ifelse(own, ibis.coalesce(rows.PricingUnit, ibis.literal("Units")))
    return {
        "ConsumedQuantity": is_used.ifelse(quantity, None),
        "ConsumedUnit": (is_used & quantity.notnull()).ifelse(unit, None),
    }


def _commitments(rows: "ir.Table", words: Words) -> "dict[str, ir.Value]":
    """Commitments: nothing without an id; with one, how much of it a row uses, in money or in what it promises."""
    import ibis

    has_one = rows.CommitmentDiscountId.notnull()
    kind = ibis.coalesce(
        _allowed(rows, "CommitmentDiscountCategory"),
        rows.CommitmentDiscountType.lower().contains("saving").ifelse("Spend", None),
        ibis.literal("Usage"),
    )
    is_usage = rows.ChargeCategory == "Usage"
    spent = is_usage.ifelse(rows.EffectiveCost, rows.BilledCost).cast(QUANTITY)
    # What went unused is as much as its cost pays for, at the rate of what was used.
    rate = rows.CommitmentDiscountId.cases(*words.rates.items()) if words.rates else ibis.null(QUANTITY)
    unused = (rows.CommitmentDiscountStatus == "Unused").ifelse(rows.EffectiveCost.cast(QUANTITY) / rate, None)
    used = ibis.coalesce(rows.ConsumedQuantity, rows.PricingQuantity, unused)
    quantity = ibis.coalesce(rows.CommitmentDiscountQuantity, (kind == "Spend").ifelse(spent, used))
    unit = ibis.coalesce(
        (kind == "Spend").ifelse(_spelt(rows.CommitmentDiscountUnit, words), None),
        (kind == "Spend").ifelse(
            rows.BillingCurrency,
            _replaced(rows.CommitmentDiscountId, list(words.promised.items()), ibis.null("string")),
        ),
        ibis.literal("Hours"),
    )
    is_counted = _is_priced(rows) & has_one
    status = ibis.coalesce(_allowed(rows, "CommitmentDiscountStatus"), is_usage.ifelse("Used", None))
    cells: dict[str, ir.Value] = {
        "CommitmentDiscountCategory": kind,
        "CommitmentDiscountName": rows.CommitmentDiscountName,
        "CommitmentDiscountStatus": is_usage.ifelse(status, None),
        "CommitmentDiscountType": ibis.coalesce(rows.CommitmentDiscountType, kind + " Commitment"),
        "CommitmentDiscountQuantity": is_counted.ifelse(quantity, None),
        "CommitmentDiscountUnit": (is_counted & quantity.notnull()).ifelse(unit, None),
    }
    return {name: has_one.ifelse(cells[name], None) for name in _OF_COMMITMENTS}


def _currencies(rows: "ir.Table", _: Words) -> "dict[str, ir.Value]":
    """The currency of prices: that of the bill, unless the export names another."""
    import ibis

    currency = ibis.coalesce(rows.PricingCurrency, rows.BillingCurrency)
    is_same = currency == rows.BillingCurrency

    def in_it(name: str, billed: str) -> "ir.Value":
        return ibis.coalesce(rows[name], is_same.ifelse(rows[billed], None))

    return {
        "PricingCurrency": currency,
        "PricingCurrencyEffectiveCost": in_it("PricingCurrencyEffectiveCost", "EffectiveCost"),
        "PricingCurrencyListUnitPrice": in_it("PricingCurrencyListUnitPrice", "ListUnitPrice"),
        "PricingCurrencyContractedUnitPrice": in_it("PricingCurrencyContractedUnitPrice", "ContractedUnitPrice"),
    }


def _is_priced(rows: "ir.Table") -> "ir.BooleanValue":
    """Whether FOCUS asks for a SKU, a quantity and a price: usage and purchases that correct nothing."""
    return rows.ChargeCategory.isin(["Usage", "Purchase"]) & rows.ChargeClass.isnull()


def _pricing_category(rows: "ir.Table") -> "ir.StringValue":
    is_covered = rows.CommitmentDiscountId.notnull() & (rows.ChargeCategory == "Usage")
    return is_covered.ifelse("Committed", "Standard")


def _price(
    given: "ir.Value", cost: "ir.Value", quantity: "ir.Value", is_priced: "ir.BooleanValue"
) -> "ir.DecimalValue":
    """The price given, without a sign, where it is the cost's; else what the cost says, where there is a quantity."""
    import ibis

    paid = cost.cast(QUANTITY)
    price = (given < 0).ifelse(is_priced.ifelse(-given, None), given)
    is_its = (price.cast(QUANTITY) * quantity - paid).abs() <= paid.abs() * CLOSE + MONEY_STEP
    derived = (paid / quantity.nullif(0.0)).try_cast(MONEY)
    free = ((quantity == 0.0) & (cost == 0)).ifelse(ibis.literal(0).cast(MONEY), None)
    # Credits and adjustments have no price that could be told without its sign.
    told = ibis.coalesce(is_its.ifelse(price, None), derived.abs(), free, price)
    return is_priced.ifelse(told, price)


def _allowed(rows: "ir.Table", name: str) -> "ir.StringValue":
    """The cell where the specification allows its value, else null."""
    return rows[name].isin(BY_NAME[name].allowed).ifelse(rows[name], None)


def _spelt(unit: "ir.StringValue", words: Words) -> "ir.StringValue":
    return _replaced(unit, list(words.units.items()), unit)


def _replaced(cell: "ir.StringValue", pairs: "list[tuple[str, str]]", other: "ir.StringValue") -> "ir.StringValue":
    return cell.cases(*pairs, else_=other) if pairs else other


def _count(counts: dict[str, int], word: str, rows: int) -> None:
    counts[word] = counts.get(word, 0) + rows


def _most(counts: Mapping[str, int]) -> str:
    """The word most rows have; the first by name of several."""
    return min(counts, key=lambda word: (-counts[word], word))


def _subcategory(service: str, category: str, given: Mapping[str, int]) -> str:
    """The provider's own where it says one, but for the rest of a category: there our knowledge may be better."""
    rest = f"Other ({category})"
    own = {kind: rows for kind, rows in given.items() if kind != rest}
    return _most(own) if own else subcategory(service, category)
