"""`finops diff`: bridges between months and between states of a month, to the cent."""

import json
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from finops.money import add
from finops.report import difference
from tests import exports
from tests.cli.conftest import Run
from tests.exports import on
from tests.shop import Shop

PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas" / "diff-1.schema.json"
RATES = "date,from,to,rate,source\n2026-01-01,USD,EUR,0.90,ECB\n" + "".join(
    f"2026-{month}-{day:02},USD,EUR,{rate},ECB\n"
    for month, rate in (("01", "0.90"), ("02", "0.95"))
    for day in range(1, 29)
)
SETTINGS = exports.PROJECTS + '[rates]\nfile = "rates.csv"\nplan = { "USD/EUR" = 0.92 }\n'


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """January: 100 EUR and 100 USD for search; February: the EUR gone, 120 USD, 7 for shop that are new, 5 of tax."""
    shop = Shop(folder=tmp_path)
    (tmp_path / "rates.csv").write_text(RATES)
    shop.bill("jan.csv", on("2026-01-05", "100", project="search"), on("2026-01-06", "100", currency="USD"))
    shop.bill(
        "feb.csv",
        on("2026-02-05", "120", currency="USD"),
        on("2026-02-06", "7", project="shop-de"),
        on("2026-02-07", "5", category="Tax"),
    )
    exports.settings(tmp_path, rules=SETTINGS)
    return shop


def found(said: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(said)
    jsonschema.validate(told, json.loads(PUBLISHED.read_text()))
    sides = [Decimal(told[side]["total"]) for side in ("start", "end")]
    assert add(sides[0], *(Decimal(step["amount"]) for step in told["steps"])) == sides[1]
    for step in told["steps"]:
        assert add(*(Decimal(part["amount"]) for part in step["parts"])) == Decimal(step["amount"])
    return told


def steps(told: dict[str, Any]) -> dict[str, Decimal]:
    return {step["kind"]: Decimal(step["amount"]) for step in told["steps"]}


def test_two_months_are_bridged_by_driver(run: Run, shop: Shop) -> None:
    """At the budget rate 0.92 usage grows by 18.40; the mean rate of January adds -0.40, February's rates 6."""
    ran = run(shop.folder, "diff", "2026-01", "2026-02", "--format", "json", "--as-of", "2026-03-05")

    assert ran.code == 0, ran.err
    told = found(ran.out)
    assert (told["start"]["total"], told["end"]["total"]) == ("190.000000000000000000", "126.000000000000000000")
    assert steps(told) == {
        "usage": Decimal("18.4"),
        "new": Decimal(7),
        "gone": Decimal(-100),
        "tax": Decimal(5),
        "plan": Decimal("-0.4"),
        "rate": Decimal(6),
    }
    (rate,) = told["rates"]
    assert (rate["currency"], Decimal(rate["mean"]), rate["plan"], rate["newest_day"], rate["source"]) == (
        "USD/EUR",
        Decimal("0.9"),
        "0.92",
        "2026-02-28",
        "ECB",
    )


def test_the_table_foots_and_names_the_rate(run: Run, shop: Shop) -> None:
    ran = run(shop.folder, "diff", "--as-of", "2026-02-28")

    lines = [line.split() for line in ran.out.splitlines()]
    assert ran.out.startswith("Effective cost of all cost in EUR: −64.00 (−33.7%)")
    assert ["Gone", "−100.00", "−52.6%"] in lines
    assert ["2026-02", "to", "28", "Feb", "126.00"] in lines
    assert "USD/EUR: 2026-02-28 0.95 (ECB), mean of the first month 0.900000, budget rate 0.92" in ran.out


def test_what_became_known_is_restated_days_and_new_ones(run: Run, shop: Shop) -> None:
    run(shop.folder, "ingest", "-q")
    between = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    time.sleep(1.1)
    shop.bill("feb.csv", on("2026-02-05", "130", currency="USD"), on("2026-02-20", "9", project="shop-de"))
    run(shop.folder, "ingest", "-q")
    ran = run(shop.folder, "diff", between, "--month", "2026-02", "--format", "json", "--as-of", "2026-03-05")

    told = found(ran.out)
    assert steps(told) == {"restatement": Decimal("9.5") - 7 - 5, "days": Decimal(9)}
    both = run(shop.folder, "diff", f"2026-02@{between}", "2026-01", "--format", "json", "--as-of", "2026-03-05")
    assert steps(found(both.out))["restatement"] == Decimal("6.5")


def test_a_scope_and_a_measure_narrow_it(run: Run, shop: Shop) -> None:
    of_shop = ("--project", "shop", "--measure", "billed_cost", "--as-of", "2026-03-05")
    told = found(run(shop.folder, "diff", "2026-01", "2026-02", *of_shop, "--format", "json").out)
    assert (Decimal(told["start"]["total"]), steps(told)) == (Decimal(0), {"new": Decimal(7)}), (
        "January has nothing of shop"
    )

    ran = run(shop.folder, "diff", "2025-12", "2026-01", *of_shop)
    assert (ran.code, "The store holds no cost of 2025-12 in project shop." in ran.err) == (1, True)
    ran = run(shop.folder, "diff", "2026-01", "2026-02", "--project", "shopp", "--as-of", "2026-03-05")
    assert (ran.code, "The store holds no cost of 2026-01 in project shopp." in ran.err) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("2026-13",), "'2026-13' is no month like 2026-10"),
        (("soon",), "'soon' is no month like 2026-10"),
        (("--month", "soon"), "'soon' is no month like 2026-10"),
        (("--measure", "flop"), "'flop' is not one of"),
        (("2025-01",), "The store holds no cost of 2025-01."),
    ],
)
def test_a_slip_of_the_hand_is_said(run: Run, shop: Shop, arguments: tuple[str, ...], said: str) -> None:
    ran = run(shop.folder, "diff", *arguments, "--as-of", "2026-02-28")

    assert ran.code in {1, 2}
    assert said in ran.err


def test_without_a_rate_the_day_and_the_pair_are_named(run: Run, shop: Shop) -> None:
    (shop.folder / "rates.csv").write_text(RATES.splitlines()[0] + "\n2026-02-01,USD,EUR,0.9,ECB\n")
    ran = run(shop.folder, "diff", "2026-01", "2026-02", "--as-of", "2026-03-05")

    assert ran.code == 2
    assert "Cost of 2026-01-06 is in USD, and no rate from USD to EUR is known" in ran.err


def test_the_published_schema_is_the_one_in_force() -> None:
    assert json.loads(PUBLISHED.read_text()) == difference.SCHEMA_DOCUMENT
