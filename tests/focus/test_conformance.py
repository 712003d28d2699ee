"""A FOCUS file keeps the rules whatever gaps the table has, without a cost touched or a provider's word replaced."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from finops.focus import conformance, conformity
from finops.focus.columns import FOCUS, MONEY, QUANTITY, TIME
from finops.store.engine import DuckDB, Engine
from tests.focus.rows import GOOD, table

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
"""Few examples of many rows each: planning a query costs more than reading rows."""
_ONCE = [Phase.explicit, Phase.reuse, Phase.generate]
"""Without shrinking: an example is a table already, and the message names the rules."""
KEPT = ("BilledCost", "ListCost", "ContractedCost", "ChargeCategory", "BillingCurrency", "x_Source")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with DuckDB(memory_limit="512MB", spill=tmp_path_factory.mktemp("spill")) as opened:
        yield opened


def conforming(engine: Engine, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """As they are written, in the order given, which an engine need not keep; last what paid rows were used for."""
    numbered = [{**row, "x_Operation": f"{at:03}"} for at, row in enumerate(rows)]
    bound = engine.bind_rows("rows", table(*numbered))
    written = conformance.conforming(bound, conformance.words(engine.rows(conformance.words_used(bound))))
    return sorted(engine.rows(written), key=lambda row: (not row["BilledCost"], row["x_Operation"]))


def failing(engine: Engine, *rows: dict[str, Any]) -> set[str]:
    bound = engine.bind_rows("rows", table(*rows))
    words = conformance.words(engine.rows(conformance.words_used(bound)))
    full = engine.keep("full", conformance.conforming(bound, words))
    counts = [row for query in conformity.counted(full) for row in engine.rows(query)]
    return {*conformity.judged(counts, dict(full.schema().items())).failing}


def test_a_row_that_keeps_the_rules_stays_as_it_is(engine: Engine) -> None:
    [row] = conforming(engine, {})
    assert {name: row[name] for name in GOOD} == GOOD


def test_names_that_an_export_lacks_are_the_ids(engine: Engine) -> None:
    lacking = dict.fromkeys(["BillingAccountName", "SubAccountName", "RegionName", "BillingAccountType"])
    [row] = conforming(engine, lacking)
    assert (row["BillingAccountName"], row["SubAccountName"], row["RegionName"]) == ("0001", "0002", "eu-west-1")
    assert row["BillingAccountType"] == "Billing Account"


def test_what_needs_an_id_is_empty_without_one(engine: Engine) -> None:
    [row] = conforming(engine, dict.fromkeys(["RegionId", "ResourceId", "SubAccountId", "CommitmentDiscountId"]))
    empty = ["RegionName", "ResourceType", "ResourceName", "SubAccountName", "SubAccountType"]
    empty += [name for name in GOOD if name.startswith("CommitmentDiscount")]
    assert {row[name] for name in empty} == {None}


ALONE: dict[str, Any] = {
    "ChargeCategory": "Purchase",
    "ChargeFrequency": "Recurring",
    "PricingCategory": "Standard",
    **{name: None for name in GOOD if name.startswith(("CommitmentDiscount", "CapacityReservation", "Consumed"))},
}
"""A purchase that no commitment and no usage of the export goes with: a support plan, a subscription."""
FEE = {**ALONE, "CommitmentDiscountId": "sp-1", "EffectiveCost": Decimal("0.2"), "ResourceId": "sp-1"}
"""A fee of a commitment with more effective cost than nothing: usage took only a part of it."""


def test_a_purchase_that_stands_alone_is_written_as_what_was_paid_and_what_it_was_used_for(engine: Engine) -> None:
    paid, used = conforming(engine, ALONE)
    of_both = [[row[name] for name in ("ChargeCategory", "BilledCost", "EffectiveCost")] for row in (paid, used)]
    assert of_both == [["Purchase", Decimal("0.5"), 0], ["Usage", 0, Decimal("0.5")]]
    assert (paid["ConsumedQuantity"], used["ConsumedQuantity"], used["ConsumedUnit"]) == (None, 2.0, "Hours")
    assert (paid["PricingCurrencyEffectiveCost"], used["PricingCurrencyEffectiveCost"]) == (0, Decimal("0.5"))


def test_what_a_fee_of_a_commitment_still_carries_went_unused(engine: Engine) -> None:
    paid, unused = conforming(engine, FEE)
    assert (paid["CommitmentDiscountStatus"], paid["EffectiveCost"], paid["BilledCost"]) == (None, 0, Decimal("0.5"))
    assert (unused["CommitmentDiscountStatus"], unused["EffectiveCost"]) == ("Unused", Decimal("0.2"))
    assert (unused["PricingCategory"], unused["ConsumedQuantity"], unused["BilledCost"]) == ("Committed", None, 0)


def test_what_was_paid_and_what_it_was_used_for_keep_the_rules(engine: Engine) -> None:
    assert failing(engine, ALONE, FEE) == set()


def test_a_purchase_that_its_usage_carries_stays_one_row(engine: Engine) -> None:
    assert len(conforming(engine, {**ALONE, "EffectiveCost": Decimal(0)})) == 1


def test_prices_follow_from_costs_and_quantities(engine: Engine) -> None:
    [row] = conforming(engine, {"ListUnitPrice": None, "ContractedUnitPrice": None, "PricingQuantity": 4.0})
    assert (row["ListUnitPrice"], row["ContractedUnitPrice"]) == (Decimal("0.15"), Decimal("0.125"))
    assert row["PricingCurrencyListUnitPrice"] == Decimal("0.3")  # what the provider says stays


def test_a_price_that_is_not_the_costs_is_the_cost_per_quantity(engine: Engine) -> None:
    rows = conforming(engine, {"ListUnitPrice": Decimal("0.29"), "ContractedUnitPrice": Decimal("0.2500001")})
    assert [(row["ListUnitPrice"], row["ContractedUnitPrice"]) for row in rows] == [
        (Decimal("0.3"), Decimal("0.2500001"))  # what rounding leaves stays as the provider said it
    ]


def test_what_costs_something_is_one_where_the_export_says_none(engine: Engine) -> None:
    lacking: dict[str, Any] = dict.fromkeys(["ListUnitPrice", "ContractedUnitPrice"])
    [row] = conforming(engine, {**lacking, "PricingQuantity": 0.0, "ConsumedQuantity": 0.0})
    assert (row["PricingQuantity"], row["ContractedUnitPrice"], row["ListUnitPrice"]) == (
        1,
        Decimal("0.5"),
        Decimal("0.6"),
    )
    free = {"ContractedCost": Decimal(0), "ListCost": Decimal(0), "PricingQuantity": 0.0}
    assert conforming(engine, {**lacking, **free})[0]["PricingQuantity"] == 0


def test_a_refund_has_a_negative_quantity_and_a_price_without_sign(engine: Engine) -> None:
    refund = {"ContractedCost": Decimal(-3), "ListCost": Decimal(-3), "PricingQuantity": 2.0}
    refund |= dict.fromkeys(["ListUnitPrice", "ContractedUnitPrice"])
    [row] = conforming(engine, refund)
    assert (row["PricingQuantity"], row["ContractedUnitPrice"]) == (-2.0, Decimal("1.5"))


def test_tax_has_no_price(engine: Engine) -> None:
    [row] = conforming(engine, {"ChargeCategory": "Tax"})
    empty = ("SkuId", "SkuMeter", "SkuPriceId", "PricingQuantity", "PricingUnit", "ListUnitPrice", "ConsumedQuantity")
    assert {row[name] for name in empty} == {None}


def test_a_service_has_the_category_that_most_of_its_rows_have(engine: Engine) -> None:
    other = {"ServiceCategory": "Storage", "ServiceSubcategory": "Object Storage"}
    rows = conforming(engine, {}, {}, other)
    assert {(row["ServiceCategory"], row["ServiceSubcategory"]) for row in rows} == {("Compute", "Virtual Machines")}


def test_a_service_without_subcategory_gets_that_of_its_purpose_or_the_rest(engine: Engine) -> None:
    lacking: dict[str, Any] = {"ServiceSubcategory": None}
    rows = conforming(
        engine,
        {**lacking, "ServiceName": "AWS Lambda"},
        {**lacking, "ServiceName": "Something"},
        {**lacking, "ServiceName": "Elsewhere", "ServiceCategory": "Nonsense"},
    )
    assert [row["ServiceSubcategory"] for row in rows] == ["Serverless Compute", "Other (Compute)", "Other (Other)"]


def test_what_was_filled_in_is_told(engine: Engine) -> None:
    bound = engine.bind_rows("rows", table({"RegionName": None}, {"ResourceId": None}))
    full = conformance.conforming(bound, conformance.words(engine.rows(conformance.words_used(bound))))
    before, after = (engine.rows(counts)[0] for counts in conformance.changed(bound, full))
    assert [*conformance.told(before, after)] == [
        "RegionName filled in on 1 rows",
        "ResourceName left out on 1 rows",
        "ResourceType left out on 1 rows",
    ]


def test_rows_that_were_added_are_told(engine: Engine) -> None:
    bound = engine.bind_rows("rows", table(ALONE, {"ListUnitPrice": Decimal(7)}))
    full = conformance.conforming(bound, conformance.words(engine.rows(conformance.words_used(bound))))
    before, after = (engine.rows(counts)[0] for counts in conformance.changed(bound, full))
    told = [*conformance.told(before, after)]
    assert told == [
        "purchases with an effective cost of their own written as paid and used: 1 rows more",
        "unit prices that are not those of the cost written as cost per quantity on 1 rows",
    ]


def cells() -> st.SearchStrategy[dict[str, Any]]:
    """A row of a bill with gaps anywhere a provider can leave them, and money that fits its quantities or has none."""
    text = [column.name for column in FOCUS if column.type not in {MONEY, QUANTITY, TIME}]
    gaps = [name for name in text if name not in {"ChargeCategory", "BillingCurrency", "ProviderName", "ServiceName"}]
    gaps += [
        "PricingQuantity",
        "ConsumedQuantity",
        "CommitmentDiscountQuantity",
        "ListUnitPrice",
        "ContractedUnitPrice",
    ]
    gaps += ["PricingCurrencyListUnitPrice", "PricingCurrencyContractedUnitPrice", "PricingCurrencyEffectiveCost"]
    return st.builds(
        lambda empty, given: {**dict.fromkeys(empty), **given},
        st.lists(st.sampled_from(gaps), max_size=40, unique=True),
        st.fixed_dictionaries(
            {
                "ChargeCategory": st.sampled_from(["Usage", "Purchase", "Tax", "Adjustment"]),
                "ChargeFrequency": st.sampled_from(["Usage-Based", "One-Time", None, "now and then"]),
                "ServiceName": st.sampled_from(["A", "B", "Amazon Elastic Compute Cloud"]),
                "ServiceCategory": st.sampled_from(["Compute", "Storage", "Databases", "Nonsense", None]),
                "ServiceSubcategory": st.sampled_from(["Virtual Machines", "Object Storage", None]),
            },
            optional={
                "PricingUnit": st.sampled_from(["Hrs", "GB-Mo", "1K tokens", None]),
                "ConsumedUnit": st.sampled_from(["hour", "bytes", None]),
            },
        ),
    )


@pytest.mark.long
@settings(max_examples=4, deadline=None, suppress_health_check=_SLOW, phases=_ONCE)
@given(rows=st.lists(cells(), min_size=20, max_size=40))
def test_gaps_anywhere_break_no_rule_of_names_units_and_nulls(engine: Engine, rows: list[dict[str, Any]]) -> None:
    # What no other cell of the row tells: which SKU a price belongs to, how much of a commitment was used.
    beyond = {"CommitmentDiscountQuantity-C-005-C", "CommitmentDiscountUnit-C-008-M", "SkuPriceId-C-008-M"}
    beyond |= {"DiscountHandling-A-012-C"}
    assert failing(engine, *rows) <= beyond


@settings(max_examples=4, deadline=None, suppress_health_check=_SLOW, phases=_ONCE)
@given(rows=st.lists(cells(), min_size=20, max_size=40))
def test_what_was_billed_is_never_touched_and_effective_costs_keep_their_sum(
    engine: Engine, rows: list[dict[str, Any]]
) -> None:
    before = [{**GOOD, **row} for row in rows]
    after = conforming(engine, *rows)
    paid, used = after[: len(rows)], after[len(rows) :]
    assert [{name: row[name] for name in KEPT} for row in paid] == [{n: row[n] for n in KEPT} for row in before]
    assert all((row["ChargeCategory"], row["BilledCost"]) == ("Usage", 0) for row in used)
    for service in {row["ServiceName"] for row in before}:
        sums = [sum(r["EffectiveCost"] for r in some if r["ServiceName"] == service) for some in (before, after)]
        assert sums[0] == sums[1]
