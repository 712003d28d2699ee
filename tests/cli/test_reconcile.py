"""`finops reconcile`: every row is compared once, to the cent, and what differs is named."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from finops.report import reconciled
from tests import exports
from tests.cli.conftest import Run
from tests.exports import on
from tests.shop import Shop

PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas" / "reconcile-1.schema.json"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """January: invoices I1 (two accounts, tax) and I2; February: 50 EUR and 8 USD without an invoice yet."""
    shop = Shop(folder=tmp_path_factory.mktemp("reconcile"))
    shop.bill(
        "jan.csv",
        on("2026-01-05", "100.004", account="0001", invoice="I1"),
        on("2026-01-06", "60", account="0002", invoice="I1"),
        on("2026-01-31", "30.4", account="0001", invoice="I1", category="Tax"),
        on("2026-01-07", "7", invoice="I2"),
    )
    shop.bill("feb.csv", on("2026-02-05", "50"), on("2026-02-06", "8", currency="USD"))
    exports.settings(shop.folder)
    shop.ingest()
    return shop.folder


def compared(run: Run, folder: Path, lines: str, *arguments: str) -> tuple[object, dict[tuple[str, Any, str], Any]]:
    (folder / "invoices.csv").write_text("month,source,invoice_id,amount,currency,account,category\n" + lines)
    ran = run(folder, "reconcile", "--invoices", "invoices.csv", "--format", "json", *arguments)
    told = json.loads(ran.out)
    jsonschema.validate(told, json.loads(PUBLISHED.read_text()))
    total = sum(Decimal(one["table"]) for one in told["invoices"])
    assert arguments[:1] == ("--month",) or total == Decimal("255.404"), "every row is compared once"
    return ran.code, {(one["month"], one["invoice_id"], one["currency"]): one for one in told["invoices"]}


def test_an_invoice_is_compared_by_its_id_account_and_category(run: Run, folder: Path) -> None:
    code, found = compared(
        run,
        folder,
        "2026-01,acme,I1,100,EUR,0001,Usage\n2026-01,acme,I1,65,EUR,0002,Usage\n2026-01,acme,I1,30.40,EUR,0001,Tax\n"
        "2026-01,acme,I2,7,EUR,,\n2026-02,,,50,EUR,,\n",
        "--fail-on",
        "incomplete",
    )

    assert code == 3
    first = found["2026-01", "I1", "EUR"]
    assert (first["state"], Decimal(first["difference"])) == ("differs", Decimal("4.996"))
    assert [(line["name"], Decimal(line["difference"])) for line in first["by_account"]] == [("0002", Decimal(5))]
    assert [(line["name"], Decimal(line["difference"])) for line in first["by_category"]] == [
        ("Usage", Decimal("4.996"))
    ]
    assert found["2026-01", "I2", "EUR"]["state"] == "equal"
    assert found["2026-02", None, "EUR"]["state"] == "equal"
    assert found["2026-02", None, "USD"]["state"] == "not invoiced yet"
    assert "not_computable" in found["2026-02", None, "USD"]["difference"]


def test_equal_to_the_cent_is_complete(run: Run, folder: Path) -> None:
    code, found = compared(
        run, folder, "2026-01,,I1,190.40,EUR,,\n2026-01,,I2,7,EUR,,\n", "--month", "2026-01", "--fail-on", "incomplete"
    )

    assert code == 0
    assert {one["state"] for one in found.values()} == {"equal"}


def test_what_one_side_does_not_have_is_named(run: Run, folder: Path) -> None:
    code, found = compared(run, folder, "2026-01,,I9,1,EUR,,\n")

    assert code == 0, "only --fail-on makes it an exit code"
    assert {key: one["state"] for key, one in found.items()} == {
        ("2026-01", "I9", "EUR"): "not in the table",
        ("2026-01", "I1", "EUR"): "no invoice",
        ("2026-01", "I2", "EUR"): "no invoice",
        ("2026-02", None, "EUR"): "not invoiced yet",
        ("2026-02", None, "USD"): "not invoiced yet",
    }


def test_an_invoice_without_an_id_is_that_of_its_month(run: Run, folder: Path) -> None:
    _, found = compared(run, folder, "2026-01,acme,,200,EUR,,\n2026-02,acme,I5,50,EUR,,\n")

    assert Decimal(found["2026-01", None, "EUR"]["difference"]) == Decimal("2.596")
    assert found["2026-02", "I5", "EUR"]["state"] == "equal", "rows that carry no id yet"


def test_the_table_shows_what_differs(run: Run, folder: Path) -> None:
    (folder / "invoices.csv").write_text("month,invoice_id,amount,currency\n2026-01,I1,200,EUR\n")
    ran = run(folder, "reconcile", "--invoices", "invoices.csv")

    assert "1 of 4 equal" not in ran.out
    assert "Invoices and the cost table: 0 of 4 equal" in ran.out
    assert ["2026-01", "acme", "I1", "200.00", "190.40", "9.60", "EUR", "differs"] in [
        line.split() for line in ran.out.splitlines()
    ]
    assert ["account", "0001", "–", "130.40", "–"] in [line.split() for line in ran.out.splitlines()]


def test_a_bad_tolerance_or_file_is_said(run: Run, folder: Path) -> None:
    assert run(folder, "reconcile", "--tolerance", "x").code == 2
    assert run(folder, "reconcile", "--tolerance", "0").code == 2
    assert "cannot be read" in run(folder, "reconcile", "--invoices", "nowhere.csv").err


def test_the_published_schema_is_the_one_in_force() -> None:
    assert json.loads(PUBLISHED.read_text()) == reconciled.SCHEMA_DOCUMENT
