"""Google's Cloud Billing API: billing accounts, the projects linked to them, and the catalogue of list prices."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.connector import Source
from finops_gcp import access

if TYPE_CHECKING:
    from google.api_core.retry import Retry
    from google.cloud import billing_v1
    from google.type.money_pb2 import Money

VIEWER = "roles/billing.viewer on the billing account"
_SECONDS_OF_A_CALL = 20.0
_SECONDS_WITH_RETRIES = 60.0
_NANOS = Decimal("1e-9")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A billing account.

    Attributes:
        id: such as `01A7C4-9E52B0-3D61F8`.
        is_open: whether it may be charged.
        parent: reseller's account; None where there is none.
    """

    id: str
    name: str
    is_open: bool
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A price from a quantity on.

    Attributes:
        start: in units of the price; inclusive.
        price: per unit.
    """

    start: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    """A SKU of the catalogue and its list price.

    Attributes:
        service: identifier of its service.
        regions: where it is offered.
        unit: of the price, as Google writes it, such as `h`.
        tiers: by start; empty where the catalogue has no price.
        since: when the price took effect; None where Google does not say.
    """

    id: str
    service: str
    service_name: str
    description: str
    regions: tuple[str, ...]
    currency: str
    unit: str
    tiers: tuple[Tier, ...]
    since: datetime | None

    @property
    def flat_price(self) -> Decimal | None:
        """The price of every unit; None where it depends on the quantity."""
        return self.tiers[0].price if len(self.tiers) == 1 else None


class BillingApi:
    """The API with the credentials of a source; nothing is asked before a call.

    Args:
        source: its option `billing_endpoint` names a host and port without encryption, for tests.
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    def accounts(self) -> list[Account]:
        """The billing accounts these credentials see, by identifier.

        Raises:
            AccessError, RetryError: as Google answers.
        """
        with self._billing("the billing accounts") as client:
            found = client.list_billing_accounts(timeout=_SECONDS_OF_A_CALL, retry=_retries())
            return sorted(map(_account, found), key=lambda account: account.id)

    def account(self, identifier: str) -> Account:
        """One billing account.

        Raises:
            AccessError, RetryError: as Google answers.
        """
        with self._billing(f"billing account {identifier}") as client:
            name = f"billingAccounts/{identifier}"
            return _account(client.get_billing_account(name=name, timeout=_SECONDS_OF_A_CALL, retry=_retries()))

    def projects(self, account: str) -> list[str]:
        """The projects that a billing account pays for now, by identifier.

        Raises:
            AccessError, RetryError: as Google answers.
        """
        with self._billing(f"the projects of billing account {account}") as client:
            name = f"billingAccounts/{account}"
            found = client.list_project_billing_info(name=name, timeout=_SECONDS_OF_A_CALL, retry=_retries())
            return sorted(link.project_id for link in found if link.billing_enabled)

    def skus(self, service: str, *, currency: str) -> list[Sku]:
        """All SKUs of a service with their list prices.

        Raises:
            AccessError, RetryError: as Google answers.
        """
        with self._catalogue(f"the list prices of service {service}") as client:
            request = {"parent": f"services/{service}", "currency_code": currency}
            found = client.list_skus(request=request, timeout=_SECONDS_OF_A_CALL, retry=_retries())
            return [_sku(sku, service, currency) for sku in found]

    @contextmanager
    def _billing(self, what: str) -> "Iterator[billing_v1.CloudBillingClient]":
        from google.cloud import billing_v1
        from google.cloud.billing_v1.services.cloud_billing.transports import CloudBillingGrpcTransport

        with access.asking(what, VIEWER):
            if endpoint := self._source.options.get("billing_endpoint"):
                with _plain_channel(endpoint) as channel:
                    yield billing_v1.CloudBillingClient(transport=CloudBillingGrpcTransport(channel=channel))
            else:
                with billing_v1.CloudBillingClient(credentials=access.credentials(self._source)) as client:
                    yield client

    @contextmanager
    def _catalogue(self, what: str) -> "Iterator[billing_v1.CloudCatalogClient]":
        from google.cloud import billing_v1
        from google.cloud.billing_v1.services.cloud_catalog.transports import CloudCatalogGrpcTransport

        with access.asking(what, VIEWER):
            if endpoint := self._source.options.get("billing_endpoint"):
                with _plain_channel(endpoint) as channel:
                    yield billing_v1.CloudCatalogClient(transport=CloudCatalogGrpcTransport(channel=channel))
            else:
                with billing_v1.CloudCatalogClient(credentials=access.credentials(self._source)) as client:
                    yield client


def is_asked(source: Source) -> bool:
    """Whether a source wants the API: not beside an emulator of BigQuery alone, nor where it is switched off."""
    options = source.options
    return options.get("catalogue", "True") == "True" and (
        "billing_endpoint" in options or "endpoint_url" not in options
    )


def _plain_channel(endpoint: str) -> Any:  # noqa: ANN401 - grpc has no types
    import grpc  # noqa: PLC0415 - with Google's libraries alone

    return grpc.insecure_channel(endpoint)


def _retries() -> "Retry":
    """Calls that Google could not answer are made again for a minute; those it refused are not."""
    from google.api_core import exceptions
    from google.api_core.retry import Retry, if_exception_type

    may_pass = if_exception_type(exceptions.ServiceUnavailable, exceptions.DeadlineExceeded)
    return Retry(predicate=may_pass, initial=0.1, maximum=5.0, timeout=_SECONDS_WITH_RETRIES)


def _account(found: "billing_v1.BillingAccount") -> Account:
    parent = found.master_billing_account.removeprefix("billingAccounts/")
    return Account(
        id=found.name.removeprefix("billingAccounts/"),
        name=found.display_name,
        is_open=found.open_,
        parent=parent or None,
    )


def _sku(found: "billing_v1.Sku", service: str, currency: str) -> Sku:
    pricing = found.pricing_info[-1] if found.pricing_info else None
    expression = pricing.pricing_expression if pricing else None
    rates = expression.tiered_rates if expression else ()
    return Sku(
        id=found.sku_id,
        service=service,
        service_name=found.category.service_display_name,
        description=found.description,
        regions=tuple(found.service_regions),
        currency=currency,
        unit=expression.usage_unit if expression else "",
        tiers=tuple(
            sorted(
                (Tier(start=Decimal(repr(rate.start_usage_amount)), price=_price(rate.unit_price)) for rate in rates),
                key=lambda tier: tier.start,
            )
        ),
        since=pricing.effective_time if pricing else None,
    )


def _price(found: "Money") -> Decimal:
    """Units and billionths; both carry the sign."""
    return Decimal(int(found.units)) + int(found.nanos) * _NANOS
