"""Policy: the least rights a source needs at AWS, as a policy document ready to attach."""

import json
from typing import Any

from finops.connector import Source
from finops_aws.access import Access

FIND_EXPORTS = ("cur:DescribeReportDefinitions", "bcm-data-exports:ListExports", "bcm-data-exports:GetExport")
"""What `finops doctor` and `finops init --ask aws` use to find exports; `finops ingest` does not need it."""
NAME_ACCOUNTS = ("organizations:ListAccounts",)
_BUCKET, _PREFIX = "BUCKET", "PREFIX"


def policy(source: Source) -> str:
    """The policy as JSON; placeholders in capital letters where the source names no bucket.

    A bucket that is encrypted with a key of one's own also needs `kms:Decrypt` on that key, which only its owner knows.
    """
    bucket, prefix = _place(source.location)
    arn = f"arn:{Access.of(source).partition()}:s3:::{bucket}"
    listing = _statement("ListExport", ["s3:ListBucket"], arn)
    if prefix:
        listing["Condition"] = {"StringLike": {"s3:prefix": [prefix, f"{prefix}/*"]}}
    inside = [f"{arn}/{prefix}", f"{arn}/{prefix}/*"] if prefix else f"{arn}/*"
    statements = [
        listing,
        _statement("ReadExport", ["s3:GetObject"], inside),
        _statement("FindExports", FIND_EXPORTS, "*"),
    ]
    if source.options.get("account_names") == "organizations":
        statements.append(_statement("NameAccounts", NAME_ACCOUNTS, "*"))
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def _statement(name: str, actions: Any, resource: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"Sid": name, "Effect": "Allow", "Action": list(actions), "Resource": resource}


def _place(location: str | None) -> tuple[str, str]:
    if location is None or "://" not in location:
        return _BUCKET, _PREFIX
    bucket, _, prefix = location.partition("://")[2].partition("/")
    return bucket or _BUCKET, prefix.strip("/")
