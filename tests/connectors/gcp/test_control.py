"""The control totals read what the mapping reads, by other means, and refuse what is no number."""

import io
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from finops.errors import BillError
from finops_gcp import control, control_cells, pacific

if TYPE_CHECKING:
    from .conftest import Bench

PLAIN = {
    "sku.id": "a",
    "usage_start_time": "2026-01-05 10:00:00 UTC",
    "currency": "EUR",
    "invoice.month": "202601",
    "credits": "",
}


def test_equal_rows_are_counted_and_unequal_ones_added(bench: "Bench", csv_of: Callable[..., str]) -> None:
    credit = "[{'amount': -0.25, 'type': 'DISCOUNT'}]"
    rows = [PLAIN | {"cost": cost, "credits": credit} for cost in ("1.5", "1.5", "2e-3")]
    totals = control.control_totals([bench.file(csv_of(*rows), "e.csv")], currency=None)
    assert (totals.billed, totals.rows) == ({("EUR", "2026-01"): Decimal("2.252")}, 3)


@pytest.mark.parametrize("cost", ["ten", "1,5", "NaN", "1e"])
def test_an_amount_that_is_no_number_is_an_error_with_its_line(
    bench: "Bench", lines: Callable[..., str], csv_of: Callable[..., str], cost: str
) -> None:
    for path in (
        bench.file(lines({}, {"cost": cost}), "e.jsonl"),
        bench.file(csv_of(PLAIN | {"cost": "1"}, PLAIN | {"cost": cost}).replace("\n", "\r\n", 1), "e.csv"),
    ):
        connector = bench.connector(path)
        raw = connector.fetch(connector.deliveries()[0])
        with pytest.raises(BillError, match=rf"{path.name}, line [23]: .*{cost}"):
            connector.control_totals(raw)


def test_an_amount_in_parquet_that_is_no_number_names_its_row(bench: "Bench") -> None:
    packed = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist([PLAIN | {"cost": "1"}, PLAIN | {"cost": "ten"}]), packed)
    with pytest.raises(BillError, match="row 2: cost 'ten' is not a number"):
        control.control_totals([bench.file(packed.getvalue(), "e.parquet")], currency=None)


def test_a_month_that_is_none_is_an_error(bench: "Bench", lines: Callable[..., str]) -> None:
    with pytest.raises(BillError, match="'January' is no invoice month"):
        control.control_totals([bench.file(lines({"invoice": {"month": "January"}}))], currency=None)


def test_amounts_beyond_eighteen_places_are_rounded_half_even_and_counted(
    bench: "Bench", lines: Callable[..., str]
) -> None:
    text = lines({"cost": 7}).replace('"cost": 7', '"cost": 0.0000000000000000025')
    read = bench.read(bench.file(text))
    assert read.row["BilledCost"] == Decimal("2e-18")
    assert (read.control.rounded_cells, read.control.findings[0].rule) == (1, "gcp.amount-rounded")


def test_braces_and_quotes_in_text_do_not_end_a_record(bench: "Bench", lines: Callable[..., str]) -> None:
    text = lines({"project": {"id": 'a{"}\\', "name": "}{"}}, {}).replace('", "', '",\n "')
    assert control.control_totals([bench.file(text)], currency=None).rows == 2


@given(st.datetimes(min_value=datetime.fromisoformat("2008-01-01"), max_value=datetime.fromisoformat("2036-01-01")))
def test_both_readers_agree_on_the_pacific_month(moment: datetime) -> None:
    text = f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    first = pacific.month(text)
    assert first is not None
    assert control_cells.month({"usage_start_time": text}).replace("-", "") == first
