"""What `finops doctor` looks at for an export in BigQuery or in Cloud Storage: only calls that are free of charge."""

from collections.abc import Iterator

from finops.connector import Check, Source
from finops.errors import FinopsError
from finops.quantities import counted
from finops_gcp import access, billing_api, catalogue, queries
from finops_gcp.billing_api import BillingApi
from finops_gcp.export_table import ExportTable
from finops_gcp.table_source import TableSource

_SHOWN = 10


def of_table(source: Source, reader: TableSource) -> Iterator[Check]:
    """Credentials, table, right to query, what a full look costs, and the Cloud Billing API."""
    try:
        access.credentials(source)
    except FinopsError as error:
        yield failed("credentials", error)
        return
    yield Check(name="credentials", status="ok", message=_who(source))
    try:
        table = reader.warehouse.table()
    except FinopsError as error:
        yield failed("table", error)
        return
    yield from _table(table)
    try:
        estimate = reader.warehouse.estimate(queries.survey(table, after=None), location=table.location)
    except FinopsError as error:
        yield failed("exports", error)
    else:
        limit = reader.warehouse.limit
        yield Check(
            name="exports",
            status="ok" if estimate.bytes_read <= limit else "failed",
            message=f"A look at all invoice months reads {estimate}.",
            todo=None if estimate.bytes_read <= limit else f"Set max_bytes_billed = {estimate.bytes_read} or more.",
        )
    if billing_api.is_asked(source):
        yield _billing(source, table)


def failed(name: str, error: FinopsError) -> Check:
    """A check that an error ended."""
    return Check(name=name, status="failed", message=error.what, todo=error.todo)


def _table(table: ExportTable) -> Iterator[Check]:
    kind = "FOCUS" if table.kind == "focus" else table.kind
    rows = "a view" if table.rows is None else f"{table.rows} rows"
    yield Check(
        name="table", status="ok", message=f"{table.name} is a {kind} usage cost export in {table.location}: {rows}."
    )
    if table.kind == "focus" and table.name.kind == "focus":
        yield Check(
            name="expiry",
            status="warning",
            message=f"Google deletes the rows of {table.name} after two years, and their months with them.",
            todo="Copy the table to one of your own before that, or read the detailed export.",
        )
    elif table.expires:
        yield Check(
            name="expiry",
            status="warning",
            message=f"Partitions of {table.name} are deleted after a time, and their months with them.",
            todo="Remove the partition expiration of the table; what is deleted cannot be read again.",
        )


def _billing(source: Source, table: ExportTable) -> Check:
    """Without the Billing API the bill is whole; only names and list prices are missing."""
    account = table.name.account
    try:
        if account is None:
            return Check(
                name="billing API", status="ok", message=f"It shows {len(BillingApi(source).accounts())} accounts."
            )
        found = BillingApi(source).account(account)
        projects = BillingApi(source).projects(account)
    except FinopsError as error:
        return Check(name="billing API", status="warning", message=error.what, todo=error.todo)
    if not found.is_open:
        return Check(
            name="billing API",
            status="warning",
            message=f"Billing account {found.id} ({found.name}) is closed.",
            todo="Its export gets no new rows; look for the account that took over.",
        )
    linked = f"it pays for {counted(len(projects), 'project')}"
    return Check(
        name="billing API",
        status="ok",
        message=f"Billing account {found.id} is called {found.name}; {linked}. {_kept(source)}",
    )


def _kept(source: Source) -> str:
    """What the last runs kept of the catalogue, with its date."""
    known = catalogue.remembered(source.cache)
    if known is None:
        return "No catalogue was read yet."
    kept = f"The catalogue of {known.read_at} holds list prices of {counted(len(known.skus), 'SKU')}"
    unlinked = known.unlinked()
    return f"{kept}; no longer linked: {', '.join(unlinked[:_SHOWN])}." if unlinked else f"{kept}."


def _who(source: Source) -> str:
    named = source.options.get("credentials")
    found = "Application default credentials were found" if named is None else f"The credentials {named} were read"
    impersonated = source.options.get("impersonate")
    return f"{found}; they act as {impersonated}." if impersonated else f"{found}."
