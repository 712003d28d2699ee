"""Checks: what `finops doctor` says about a source at AWS, from the outside in."""

from collections.abc import Callable, Iterator

from finops.connector import Check, CheckStatus, Source
from finops.errors import AccessError, FinopsError
from finops_aws.access import Access
from finops_aws.cost_explorer import USD_PER_REQUEST
from finops_aws.exports import Export, exports


def checks_of_cost_explorer(source: Source, kept: Callable[[], list[str]]) -> Iterator[Check]:
    """Credentials, whether an export would do better, and what is kept; Cost Explorer itself is asked for money alone.

    Args:
        source: of the format `cost-explorer`, without a location.
        kept: tells the months whose answers are kept.
    """
    try:
        access = Access.of(source)
        months = kept()
    except FinopsError as error:
        yield _failed("exports", error)
        return
    try:
        client = access.client("sts")
        with access.asking("ask who is signed in (sts:GetCallerIdentity)"):
            who = client.get_caller_identity()["Arn"]
    except FinopsError as error:
        yield _failed("credentials", error)
        return
    yield Check(name="credentials", status="ok", message=f"Signed in as {who}.")
    here = f"{len(months)} months of its answers are kept, to {months[-1]}" if months else "no answer is kept yet"
    yield Check(
        name="exports",
        status="ok",
        message=f"Cost Explorer was not asked, as each request costs {USD_PER_REQUEST} USD; {here}.",
        todo=None if months else "Type: finops ingest",
    )
    try:
        found = exports(access)
    except FinopsError:
        return
    for each in found:
        yield Check(
            name="export",
            status="warning",
            message=f"This account has a cost export: {each.description} at {each.location}.",
            todo=f'Set location = "{each.location}" in the source {source.name!r} and take format away: it says more.',
        )


def checks(source: Source, incomplete: Callable[[], list[str]]) -> Iterator[Check]:
    """Credentials, the bucket, and what AWS says about the export; free of charge.

    Args:
        source: at AWS.
        incomplete: lists the bucket and tells, a sentence each, which deliveries are being written; None of them where
            the source is no bucket.
    """
    try:
        access = Access.of(source)
        client = access.client("sts")
        with access.asking("ask who is signed in (sts:GetCallerIdentity)"):
            who = client.get_caller_identity()["Arn"]
    except FinopsError as error:
        yield _failed("credentials", error)
        return
    yield Check(name="credentials", status="ok", message=f"Signed in as {who}.")
    if source.location is None:
        return
    try:
        half = incomplete()
    except FinopsError as error:
        yield _failed("bucket", error)
        yield from _elsewhere(source, access)
        return
    yield Check(name="bucket", status="ok", message=f"{source.location} can be listed and its manifests read.")
    for sentence in half:
        yield Check(
            name="delivery", status="warning", message=sentence, todo="A later run takes it, when it is complete."
        )
    yield from _export(source, access)


def _export(source: Source, access: Access) -> Iterator[Check]:
    """What AWS says about the export at the location; that it may not be asked is worth a note only."""
    try:
        found = exports(access)
    except FinopsError as error:
        yield Check(name="export", status="warning", message=error.what, todo=f"{error.todo} Ingest works without.")
        return
    here = (source.location or "").rstrip("/")
    mine = [each for each in found if _is_within(each.location, here) or _is_within(here, each.location)]
    if len(mine) > 1:
        yield Check(
            name="export",
            status="warning",
            message=f"{here} holds {len(mine)} exports: {', '.join(each.description for each in mine)}.",
            todo="Point the location at one of them, or the same charges count several times.",
        )
    for each in mine:
        yield _about(each)
    if not mine:
        yield Check(
            name="export",
            status="ok",
            message=f"No export of this account delivers to {here}; it was copied, or is another account's.",
        )


def _elsewhere(source: Source, access: Access) -> Iterator[Check]:
    """Where the account's exports are, for whom the location was wrong."""
    try:
        found = exports(access)
    except AccessError:
        return
    if not found:
        yield Check(
            name="export",
            status="warning",
            message="This account has no cost export.",
            todo='Set one up in the console, under Billing, Data Exports; or set format = "cost-explorer" in place of '
            f"the location of {source.name!r}: less detail, {USD_PER_REQUEST} USD a request.",
        )
    else:
        yield Check(
            name="export",
            status="warning",
            message=f"This account has {', '.join(f'{each.description} at {each.location}' for each in found)}.",
            todo=f"Set the location of the source {source.name!r} to one of them.",
        )


def _about(export: Export) -> Check:
    status: CheckStatus = "ok" if export.trouble is None else "failed"
    trouble = "" if export.trouble is None else f": {export.trouble}"
    return Check(
        name="export",
        status=status,
        message=f"{export.description}{trouble}.",
        todo=None if export.trouble is None else "Correct the export in the AWS console, under Billing, Data Exports.",
    )


def _is_within(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith(f"{outer}/")


def _failed(name: str, error: FinopsError) -> Check:
    return Check(name=name, status="failed", message=error.what, todo=error.todo)
