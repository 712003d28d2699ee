"""A data file says of itself what its export said, to the last digit."""

from decimal import Decimal
from pathlib import Path

from finops.findings import Finding
from finops.store import receipt
from finops.store.engine import Engine, note_of
from finops.store.receipt import Receipt

FINDING = Finding(
    rule="aws.odd",
    severity="warning",
    message="It's “odd” at 100 %.",
    source="aws",
    rows=3,
    cost=Decimal("0.000000000000000001"),
    currency="EUR",
    cost_share=None,
)
TOLD = Receipt(
    delivery="folder/ünïcode 'quoted'.csv",
    month="2026-10",
    billed={"EUR": Decimal("123456789012345678.123456789012345678"), "USD": Decimal("-0.1")},
    rows=7,
    findings=(FINDING, Finding(rule="b", severity="info", message="m")),
)


def test_what_is_written_into_a_file_is_read_from_it(engine: Engine, tmp_path: Path) -> None:
    engine.write(engine.bind_texts("t", x="1"), tmp_path / "a.parquet", note=TOLD.to_json())
    assert receipt.parsed(note_of(tmp_path / "a.parquet")) == TOLD


def test_a_file_of_another_writer_has_none(engine: Engine, tmp_path: Path) -> None:
    engine.write(engine.bind_texts("t", x="1"), tmp_path / "a.parquet")
    assert receipt.parsed(note_of(tmp_path / "a.parquet")) is None
