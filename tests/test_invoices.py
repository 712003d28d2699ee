"""Invoice files: every column by its name, amounts exact, and a bad line named."""

from decimal import Decimal
from pathlib import Path

import pytest

from finops import invoices
from finops.invoices import BadInvoice, InvoiceLine


def written(folder: Path, text: str) -> Path:
    file = folder / "invoices.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_columns_are_found_by_name_and_empty_ones_are_none(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "\ufeffCurrency,amount,month,invoice_id,account\nEUR,-1.005,2026-10,I-1,\n\nUSD,2e3,2026-09,,0001\n",
    )
    assert invoices.read(file) == [
        InvoiceLine(month="2026-10", amount=Decimal("-1.005"), currency="EUR", invoice_id="I-1"),
        InvoiceLine(month="2026-09", amount=Decimal(2000), currency="USD", account="0001"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("month,amount\n", "line 1: the header lacks currency"),
        ("month,amount,currency,total\n", "line 1: the header has total"),
        ("month,amount,currency,month\n", "line 1: the header has a column twice"),
        ("month,amount,currency\n2026-10,1\n", "line 2: it has 2 cells, not 3"),
        ("month,amount,currency\n10/2026,1,EUR\n", "line 2: '10/2026' is no month like '2026-10'"),
        ('month,amount,currency\n2026-10,"1,000.00",EUR\n', "line 2: '1,000.00' is not a number"),
        ("month,amount,currency\n2026-10,1,Euro\n", "line 2: 'Euro' is no currency like 'EUR'"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInvoice) as caught:
        invoices.read(written(tmp_path, text))
    assert said in caught.value.what
