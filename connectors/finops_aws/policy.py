"""Policy: the least rights a source needs at AWS, as a policy document ready to attach."""

import json
from typing import Any

from finops.connector import Source
from finops_aws.access import Access
from finops_aws.explored import FORMAT

FIND_EXPORTS = ("cur:DescribeReportDefinitions", "bcm-data-exports:ListExports", "bcm-data-exports:GetExport")
"""What `finops doctor` and `finops init --ask aws` use to find exports; `finops ingest` does not need it."""
ASK = ("ce:GetCostAndUsage",)
NAME_ACCOUNTS = ("organizations:ListAccounts",)
_BUCKET, _PREFIX = "BUCKET", "PREFIX"


def policy(source: Source) -> str:
    """The policy as JSON; placeholders in capital letters where the source names no bucket.

    A bucket that is encrypted with a key of one's own also needs `kms:Decrypt` on that key, which only its owner knows.
    """
    if source.format == FORMAT:
        return _document([_statement("AskCostExplorer", ASK, "*"), *_more(source)])
    bucket, prefix = _place(source.location)
    arn = f"arn:{Access.of(source).partition()}:s3:::{bucket}"
    listing = _statement("ListExport", ["s3:ListBucket"], arn)
    if prefix:
        listing["Condition"] = {"StringLike": {"s3:prefix": [prefix, f"{prefix}/*"]}}
    inside = [f"{arn}/{prefix}", f"{arn}/{prefix}/*"] if prefix else f"{arn}/*"
    statements = [
        listing,
        _statement("ReadExport", ["s3:GetObject"], inside),
    ]
    return _document([*statements, *_more(source)])


def _more(source: Source) -> list[dict[str, Any]]:
    """Rights that do not depend on where the cost comes from."""
    found = [_statement("FindExports", FIND_EXPORTS, "*")]
    if source.options.get("account_names") == "organizations":
        found.append(_statement("NameAccounts", NAME_ACCOUNTS, "*"))
    return found


def _document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def _statement(name: str, actions: Any, resource: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"Sid": name, "Effect": "Allow", "Action": list(actions), "Resource": resource}


def _place(location: str | None) -> tuple[str, str]:
    if location is None or "://" not in location:
        return _BUCKET, _PREFIX
    bucket, _, prefix = location.partition("://")[2].partition("/")
    return bucket or _BUCKET, prefix.strip("/")
