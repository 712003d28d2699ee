"""Organizations: names of accounts for exports that carry none, as a small table that the mapping joins."""

from collections.abc import Mapping
from pathlib import Path

from finops.connector import RawTable
from finops.focus.columns import TEXT
from finops_aws.access import Access

ACCOUNTS = "aws_accounts"
"""Name of the table of account names."""


def account_names(access: Access) -> dict[str, str]:
    """Names of the organisation's accounts, by account id.

    Raises:
        AccessError: if Organizations may not be asked.
        RetryError: if it cannot be reached.
    """
    client = access.client("organizations")
    with access.asking("list the organisation's accounts (organizations:ListAccounts)"):
        pages = list(client.get_paginator("list_accounts").paginate())
    return {account["Id"]: account["Name"] for page in pages for account in page["Accounts"]}


def accounts_table(names: Mapping[str, str], workdir: Path) -> RawTable:
    """Write the names as a table of `account` and `name`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = workdir / f"{ACCOUNTS}.parquet"
    rows = {"account": pa.array(list(names), pa.string()), "name": pa.array(list(names.values()), pa.string())}
    pq.write_table(pa.table(rows), path)
    return RawTable(name=ACCOUNTS, files=(path,), format="parquet", columns={"account": TEXT, "name": TEXT})
