"""The Cloud Billing API in this process: both gRPC services, from the package's own protocol classes."""

from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.cloud import billing_v1

_CloudBilling = "google.cloud.billing.v1.CloudBilling"
_CloudCatalog = "google.cloud.billing.v1.CloudCatalog"
_PAGE = 2
"""Entries of a page, so that every list takes some."""


@dataclass(kw_only=True)
class FakeBilling:
    """Accounts, links and SKUs, and what was asked for.

    Attributes:
        endpoint: of the server.
        links: billing account to the projects it pays for.
        skus: service to its SKUs.
        calls: methods that were called, in order.
        fail: method to the statuses that its next calls end with.
    """

    endpoint: str = ""
    accounts: list[billing_v1.BillingAccount] = field(default_factory=list)
    links: dict[str, list[str]] = field(default_factory=dict)
    skus: dict[str, list[billing_v1.Sku]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    fail: dict[str, list[grpc.StatusCode]] = field(default_factory=dict)

    def add_sku(self, service: str, sku: str, description: str, *prices: tuple[float, int, int]) -> None:
        """A SKU with price tiers: start, units and nanos."""
        rates = [
            {"start_usage_amount": start, "unit_price": {"currency_code": "EUR", "units": units, "nanos": nanos}}
            for start, units, nanos in prices
        ]
        expression = {"usage_unit": "h", "tiered_rates": rates}
        found = billing_v1.Sku(
            sku_id=sku,
            description=description,
            category={"service_display_name": "Compute Engine"},
            service_regions=["europe-west3"],
            pricing_info=[{"effective_time": "2026-01-01T00:00:00Z", "pricing_expression": expression}],
        )
        self.skus.setdefault(service, []).append(found)

    def get_billing_account(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ANN401 - protocol classes
        for account in self.accounts:
            if account.name == request.name:
                return account
        return context.abort(grpc.StatusCode.NOT_FOUND, f"no account {request.name}")

    def list_billing_accounts(self, request: Any, _: grpc.ServicerContext) -> Any:  # noqa: ANN401 - as above
        some, token = _page(self.accounts, request.page_token)
        return billing_v1.ListBillingAccountsResponse(billing_accounts=some, next_page_token=token)

    def list_project_billing_info(self, request: Any, _: grpc.ServicerContext) -> Any:  # noqa: ANN401 - as above
        some, token = _page(self.links.get(request.name, []), request.page_token)
        infos = [{"project_id": name, "billing_account_name": request.name, "billing_enabled": True} for name in some]
        return billing_v1.ListProjectBillingInfoResponse(project_billing_info=infos, next_page_token=token)

    def list_skus(self, request: Any, _: grpc.ServicerContext) -> Any:  # noqa: ANN401 - as above
        some, token = _page(self.skus.get(request.parent.removeprefix("services/"), []), request.page_token)
        return billing_v1.ListSkusResponse(skus=some, next_page_token=token)


@contextmanager
def serving() -> Iterator[FakeBilling]:
    """A server on a free port of this machine."""
    fake = FakeBilling()

    def method(name: str, answer: Callable[[Any, grpc.ServicerContext], Any], request: Any, response: Any) -> Any:  # noqa: ANN401 - as above
        def answered(asked: Any, context: grpc.ServicerContext) -> Any:  # noqa: ANN401 - as above
            fake.calls.append(name)
            if fake.fail.get(name):
                context.abort(fake.fail[name].pop(0), f"{name} is not to be")
            return answer(asked, context)

        return grpc.unary_unary_rpc_method_handler(
            answered, request_deserializer=request.deserialize, response_serializer=response.serialize
        )

    v1 = billing_v1
    billing = {
        "GetBillingAccount": (fake.get_billing_account, v1.GetBillingAccountRequest, v1.BillingAccount),
        "ListBillingAccounts": (
            fake.list_billing_accounts,
            v1.ListBillingAccountsRequest,
            v1.ListBillingAccountsResponse,
        ),
        "ListProjectBillingInfo": (
            fake.list_project_billing_info,
            v1.ListProjectBillingInfoRequest,
            v1.ListProjectBillingInfoResponse,
        ),
    }
    catalog = {"ListSkus": (fake.list_skus, v1.ListSkusRequest, v1.ListSkusResponse)}
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    for service, methods in ((_CloudBilling, billing), (_CloudCatalog, catalog)):
        handlers = {name: method(name, *parts) for name, parts in methods.items()}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    fake.endpoint = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield fake
    finally:
        server.stop(None).wait()


def _page(entries: list[Any], token: str) -> tuple[list[Any], str]:
    first = int(token or 0)
    return entries[first : first + _PAGE], str(first + _PAGE) if first + _PAGE < len(entries) else ""
