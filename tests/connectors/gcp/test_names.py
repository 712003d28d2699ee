"""Names that an export leaves out come from what Google's catalogue and earlier rows said; names it gives stay."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from finops_gcp import staging
from finops_gcp.billing_api import Sku
from finops_gcp.catalogue import Catalogue

COMPUTE = "6F81-5844-456A"


def test_projects_services_and_skus_without_a_name_get_it_from_the_catalogue(
    tmp_path: Path, lines: Callable[..., str]
) -> None:
    core = Sku(
        id="CORE",
        service=COMPUTE,
        service_name="Compute Engine",
        description="N2 Instance Core",
        regions=(),
        currency="EUR",
        unit="h",
        tiers=(),
        since=None,
    )
    known = Catalogue(
        read_at=date(2026, 1, 5),
        currency="EUR",
        accounts={"01A7C4-9E52B0-3D61F8": "Acme"},
        names={"gone": "Old shop", "search-prod": "Old name"},
        skus={"CORE": core},
    )
    path = tmp_path / "bill.jsonl"
    path.write_text(
        lines(
            {"project": {"id": "gone"}, "service": {"id": COMPUTE}, "sku": {"id": "CORE"}},
            {"project": {"id": "unheard"}, "service": {"id": "X"}, "sku": {"id": "X"}},
            {},
            {"project": None},
        )
    )
    export = staging.stage(path, to=tmp_path / "out", currency=None, currency_from="", catalogue=known)
    names = ["billing_account_name", "project_name", "service_description", "sku_description"]
    found: list[dict[str, Any]] = pq.read_table(export.tables[0].files[0], columns=names).to_pylist()
    core_name = "N2 Instance Core running in Frankfurt"
    assert [tuple(row.values()) for row in found] == [
        ("Acme", "Old shop", "Compute Engine", "N2 Instance Core"),
        ("Acme", None, None, None),
        ("Acme", "Search", "Compute Engine", core_name),
        ("Acme", None, "Compute Engine", core_name),
    ]
