"""The Cloud Billing API on the wire: pages, refusals, deadlines; and the catalogue that is kept of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
from google.cloud import billing_v1

from finops.connector import Source
from finops.errors import AccessError, RetryError
from finops_gcp import billing_api, catalogue
from finops_gcp.billing_api import BillingApi
from finops_gcp.catalogue import Catalogue, Wanted

from . import fake_billing

if TYPE_CHECKING:
    from .fake_billing import FakeBilling

ACCOUNT = "01A7C4-9E52B0-3D61F8"
COMPUTE = "6F81-5844-456A"


@pytest.fixture
def billing() -> "Iterator[FakeBilling]":
    with fake_billing.serving() as fake:
        for number in range(5):
            name = f"billingAccounts/{ACCOUNT if number == 0 else f'00000{number}-000000-000000'}"
            fake.accounts.append(billing_v1.BillingAccount(name=name, display_name=f"Account {number}"))
        fake.links[f"billingAccounts/{ACCOUNT}"] = ["search-prod", "llm", "web"]
        fake.add_sku(COMPUTE, "CF4E-A0C7-E3BF", "N2 Instance Core running in Frankfurt", (0, 0, 40_720_000))
        fake.add_sku(COMPUTE, "TIER", "Network Egress", (0, 0, 0), (100, 1, 500_000_000))
        fake.add_sku(COMPUTE, "GPU", "Nvidia Tesla A100 GPU running in Frankfurt", (0, 2, 933_908_000))
        yield fake


@pytest.fixture
def api(billing: "FakeBilling") -> BillingApi:
    return BillingApi(Source(name="gcp", location=None, options={"billing_endpoint": billing.endpoint}))


def wanted(at: str = "2026-01-10", *, services: tuple[str, ...] = (COMPUTE,)) -> Wanted:
    day = date.fromisoformat(at)
    return Wanted(at=day, currency="EUR", accounts=frozenset({ACCOUNT}), services=frozenset(services))


def test_lists_come_whole_whatever_their_pages(api: BillingApi, billing: "FakeBilling") -> None:
    assert len(api.accounts()) == 5
    assert billing.calls.count("ListBillingAccounts") == 3
    assert api.projects(ACCOUNT) == ["llm", "search-prod", "web"]
    assert api.account(ACCOUNT).name == "Account 0"


def test_prices_are_exact_and_tiers_are_told(api: BillingApi) -> None:
    core, tiered, _ = api.skus(COMPUTE, currency="EUR")
    assert (core.flat_price, core.unit, core.regions) == (Decimal("0.040720000"), "h", ("europe-west3",))
    assert tiered.flat_price is None
    assert [(tier.start, tier.price) for tier in tiered.tiers] == [
        (Decimal(0), Decimal(0)),
        (Decimal(100), Decimal("1.5")),
    ]


def test_a_call_that_google_could_not_answer_is_made_again(api: BillingApi, billing: "FakeBilling") -> None:
    billing.fail["GetBillingAccount"] = [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED]
    assert api.account(ACCOUNT).name == "Account 0"
    assert billing.calls == ["GetBillingAccount"] * 3


def test_a_call_that_stays_unanswered_says_to_come_back(
    api: BillingApi, billing: "FakeBilling", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(billing_api, "_SECONDS_WITH_RETRIES", 0.05)
    billing.fail["GetBillingAccount"] = [grpc.StatusCode.UNAVAILABLE] * 50
    with pytest.raises(RetryError, match="Run again later"):
        api.account(ACCOUNT)


def test_a_refusal_names_the_role(api: BillingApi, billing: "FakeBilling") -> None:
    billing.fail["ListSkus"] = [grpc.StatusCode.PERMISSION_DENIED]
    with pytest.raises(AccessError, match=r"roles/billing\.viewer"):
        api.skus(COMPUTE, currency="EUR")
    assert billing.calls == ["ListSkus"]
    with pytest.raises(AccessError, match="no account billingAccounts/x"):
        api.account("x")


def test_a_catalogue_is_read_once_a_month_and_kept(api: BillingApi, billing: "FakeBilling", tmp_path: Path) -> None:
    found, doubts = catalogue.brought_up_to_date(None, wanted(), api)
    assert found is not None
    assert not doubts
    catalogue.remember(tmp_path, found)
    kept = catalogue.remembered(tmp_path)
    assert kept == found
    assert (found.read_at, found.accounts) == (date(2026, 1, 10), {ACCOUNT: "Account 0"})
    asked = len(billing.calls)
    assert catalogue.brought_up_to_date(kept, wanted("2026-02-01"), api) == (found, [])
    assert len(billing.calls) == asked
    newer, _ = catalogue.brought_up_to_date(kept, wanted("2026-02-10"), api)
    assert newer is not None
    assert newer.read_at == date(2026, 2, 10)


def test_a_project_that_is_no_longer_linked_is_kept(api: BillingApi, billing: "FakeBilling") -> None:
    known, _ = catalogue.brought_up_to_date(None, wanted(), api)
    billing.links[f"billingAccounts/{ACCOUNT}"].remove("web")
    found, _ = catalogue.brought_up_to_date(known, wanted("2026-03-10"), api)
    assert found is not None
    assert found.projects == {"search-prod": True, "llm": True, "web": False}


def test_projects_of_two_accounts_stay_linked_to_their_own(api: BillingApi, billing: "FakeBilling") -> None:
    other = "0BBBBB-000000-000001"
    billing.accounts.append(billing_v1.BillingAccount(name=f"billingAccounts/{other}", display_name="Two", open=True))
    billing.links[f"billingAccounts/{other}"] = ["lab"]
    both = replace(wanted(), accounts=frozenset({ACCOUNT, other}))
    found, _ = catalogue.brought_up_to_date(None, both, api)
    assert found is not None
    assert found.projects == {"search-prod": True, "llm": True, "web": True, "lab": True}
    assert not found.unlinked()


def test_names_of_projects_are_those_of_the_bill_and_outlive_their_projects(api: BillingApi, tmp_path: Path) -> None:
    known, _ = catalogue.brought_up_to_date(None, replace(wanted(), names={"web": "Website"}), api)
    assert known is not None
    catalogue.remember(tmp_path, known)
    later = replace(wanted("2026-03-10"), names={"llm": "Language models"})
    found, _ = catalogue.brought_up_to_date(catalogue.remembered(tmp_path), later, api)
    assert found is not None
    assert found.names == {"web": "Website", "llm": "Language models"}


def test_without_rights_the_bill_goes_on_with_what_was_known(api: BillingApi, billing: "FakeBilling") -> None:
    known, _ = catalogue.brought_up_to_date(None, wanted(), api)
    billing.fail["ListProjectBillingInfo"] = [grpc.StatusCode.PERMISSION_DENIED]
    found, (doubt,) = catalogue.brought_up_to_date(known, wanted("2026-03-10"), api)
    assert found == known
    assert doubt.rule == "gcp.catalogue-not-read"
    assert "Grant roles/billing.viewer" in doubt.message


def test_rows_without_a_price_get_the_flat_one_of_their_currency(api: BillingApi) -> None:
    found, _ = catalogue.brought_up_to_date(None, wanted(), api)
    assert found is not None
    rows = [
        ("CF4E-A0C7-E3BF", "EUR", "10"),
        ("CF4E-A0C7-E3BF", "USD", "10"),
        ("TIER", "EUR", "10"),
        ("CF4E-A0C7-E3BF", "EUR", "x"),
        (None, None, None),
    ]
    nothing = (None, None)
    priced = list(catalogue.priced(found, rows))
    assert priced == [("0.040720000", "0.407200000"), nothing, nothing, ("0.040720000", None), nothing]
    assert [sku.id for sku in found.accelerators()] == ["GPU"]


@pytest.mark.parametrize("text", ["", "{}", '{"version": 1, "read_at": 3}', "[1]"])
def test_a_broken_cache_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "catalogue.json").write_text(text)
    assert catalogue.remembered(tmp_path) is None
    assert catalogue.remembered(tmp_path / "nowhere") is None
    assert Catalogue(read_at=date(2026, 1, 1), currency="EUR").price("x", "EUR") is None
