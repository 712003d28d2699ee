"""What Google's billing API says beside the bill: names of accounts and list prices, kept with their date.

The date is the bill's own: how far its rows had come when the catalogue was read. It is read anew when they have come a
month further, or hold a service that was not asked for.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from finops.errors import FinopsError
from finops.findings import Finding
from finops_gcp import product
from finops_gcp.billing_api import BillingApi, Sku, Tier

_VERSION = 2
_DAYS_VALID = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Names and prices as they were at a date.

    Attributes:
        read_at: how far the bill had come when this was read.
        currency: of the prices.
        accounts: billing account to its name.
        projects: project to whether its account pays for it still; those that were unlinked stay.
        names: project to the name the bill last gave it, which later rows of a deleted project lack. Google's billing
            API knows projects by their identifier alone.
        services: whose prices were read.
        skus: by identifier.
    """

    read_at: date
    currency: str
    accounts: Mapping[str, str] = field(default_factory=dict)
    projects: Mapping[str, bool] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    services: frozenset[str] = frozenset()
    skus: Mapping[str, Sku] = field(default_factory=dict)

    def price(self, sku: str, currency: str) -> Decimal | None:
        """The list price of a unit; None where there is none in that currency, or it depends on the quantity."""
        found = self.skus.get(sku) if currency == self.currency else None
        return found.flat_price if found else None

    def service_name(self, service: str) -> str | None:
        """What a service is called; None where its SKUs were not read."""
        return next((sku.service_name for sku in self.skus.values() if sku.service == service), None)

    def unlinked(self) -> list[str]:
        """Projects that were linked to one of the accounts and are no longer."""
        return sorted(project for project, is_linked in self.projects.items() if not is_linked)

    def accelerators(self) -> list[Sku]:
        """The SKUs of accelerators: what a comparison with hardware of one's own needs."""
        return [sku for sku in self.skus.values() if product.of(sku.description).resource == "accelerator"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a bill needs to know.

    Attributes:
        at: how far it has come.
        accounts: its billing accounts.
        services: those whose list prices, or names, it does not have itself.
        names: of its projects.
    """

    at: date
    currency: str
    accounts: frozenset[str]
    services: frozenset[str]
    names: Mapping[str, str] = field(default_factory=dict)


def brought_up_to_date(
    known: Catalogue | None, wanted: Wanted, api: BillingApi
) -> tuple[Catalogue | None, list[Finding]]:
    """The catalogue with all that is wanted; what cannot be had is a finding, and what was known stays.

    Args:
        known: from an earlier run.
        wanted: by the bill.
        api: to ask for what is missing or old.
    """
    names = {**(known.names if known else {}), **wanted.names}
    base = known = replace(known, names=names) if known else None
    if base is None or base.currency != wanted.currency or (wanted.at - base.read_at).days > _DAYS_VALID:
        unlinked = dict.fromkeys(base.projects if base else (), False)
        base = Catalogue(read_at=wanted.at, currency=wanted.currency, projects=unlinked, names=names)
    is_new = base is not known
    try:
        for account in sorted(wanted.accounts - base.accounts.keys()):
            linked = dict.fromkeys(api.projects(account), True)
            accounts = {**base.accounts, account: api.account(account).name}
            base = replace(base, accounts=accounts, projects={**base.projects, **linked})
        for service in sorted(wanted.services - base.services):
            skus = {sku.id: sku for sku in api.skus(service, currency=wanted.currency)}
            base = replace(base, skus={**base.skus, **skus}, services=base.services | {service})
    except FinopsError as error:
        # A whole old catalogue is better than a part of a new one.
        return known if is_new and known else base, [_not_read(error)]
    return base, []


def remembered(folder: Path | None) -> Catalogue | None:
    """The catalogue of an earlier run; None where there is none that can be read."""
    if folder is None:
        return None
    try:
        told = json.loads((folder / "catalogue.json").read_text(encoding="utf-8"))
        if told["version"] != _VERSION:
            return None
        return Catalogue(
            read_at=date.fromisoformat(told["read_at"]),
            currency=told["currency"],
            accounts=dict(told["accounts"]),
            projects=dict(told["projects"]),
            names=dict(told["names"]),
            services=frozenset(told["services"]),
            skus={sku["id"]: _sku(sku) for sku in told["skus"]},
        )
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError):
        return None


def remember(folder: Path | None, catalogue: Catalogue) -> None:
    """Keep a catalogue for the next run; a folder that cannot be written costs that run the calls."""
    if folder is None:
        return
    told = {
        "version": _VERSION,
        "read_at": catalogue.read_at.isoformat(),
        "currency": catalogue.currency,
        "accounts": dict(catalogue.accounts),
        "projects": dict(catalogue.projects),
        "names": dict(catalogue.names),
        "services": sorted(catalogue.services),
        "skus": [asdict(sku) for sku in catalogue.skus.values()],
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / "catalogue.json.new"
        new.write_text(json.dumps(told, default=str), encoding="utf-8")
        new.replace(folder / "catalogue.json")
    except OSError:
        return


def priced(
    catalogue: Catalogue, rows: Iterable[tuple[str | None, str | None, str | None]]
) -> Iterator[tuple[str | None, str | None]]:
    """List price and list cost of rows that have none.

    Args:
        catalogue: with the prices.
        rows: SKU, currency and quantity in pricing units.

    Yields:
        Both as text; None where the catalogue has no flat price, or the quantity is no number.
    """
    for sku, currency, amount in rows:
        price = catalogue.price(sku or "", currency or "")
        yield (None, None) if price is None else (f"{price:f}", _cost(price, amount))


def _cost(price: Decimal, amount: str | None) -> str | None:
    try:
        return None if amount is None else f"{price * Decimal(amount):f}"
    except ArithmeticError:
        return None


def _not_read(error: FinopsError) -> Finding:
    return Finding(
        rule="gcp.catalogue-not-read",
        severity="info",
        message=f"Names of accounts or list prices are missing or old: {error.what} {error.todo}",
    )


def _sku(told: Mapping[str, Any]) -> Sku:
    return Sku(
        id=told["id"],
        service=told["service"],
        service_name=told["service_name"],
        description=told["description"],
        regions=tuple(told["regions"]),
        currency=told["currency"],
        unit=told["unit"],
        tiers=tuple(Tier(start=Decimal(tier["start"]), price=Decimal(tier["price"])) for tier in told["tiers"]),
        since=None if told["since"] is None else datetime.fromisoformat(told["since"]),
    )
