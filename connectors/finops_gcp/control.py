"""The export summed again: from its text, by readers that share nothing with staging and mapping.

The net total of an invoice month is the sum of cost plus the sum of all credits, whatever they are called.
"""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import IO, cast

from finops import local_files, money
from finops.connector import ControlTotals
from finops.findings import Finding
from finops_gcp import control_json, control_tables
from finops_gcp.control_sums import Sums, Unreadable


def control_totals(files: Iterable[Path], *, currency: str | None) -> ControlTotals:
    """Sum of cost and credits per currency and invoice month.

    Args:
        files: of one delivery.
        currency: of records that name none.

    Raises:
        AccessError: if a file is missing or may not be read.
        BillError: if an amount is not a number, or a record has neither month nor currency; names file and line.
    """
    parts = [_summed(path, currency) for path in files]
    billed: dict[tuple[str, str], Decimal] = {}
    for key, amount in (item for part in parts for item in part.billed.items()):
        billed[key] = money.add(billed.get(key, Decimal(0)), amount)
    rounded = sum(part.rounded for part in parts)
    return ControlTotals(
        billed=billed, rows=sum(part.rows for part in parts), rounded_cells=rounded, findings=tuple(_findings(rounded))
    )


def _findings(rounded: int) -> Iterator[Finding]:
    if rounded:
        message = f"{rounded} amounts have more than {money.PLACES} decimal places and were rounded half-even."
        yield Finding(rule="gcp.amount-rounded", severity="info", message=message, rows=rounded)


def _summed(path: Path, currency: str | None) -> Sums:
    sums = Sums(path=path, currency=currency)
    try:
        start = _start(path)
        if start.startswith(b"PAR1"):
            control_tables.add_parquet(sums)
        elif start[:1] in {b"{", b"["}:
            with _opened(path) as binary:
                control_json.add(sums, binary)
        elif start:
            with _opened(path) as binary:
                control_tables.add_csv(sums, binary, lambda: _opened(path))
    except (EOFError, gzip.BadGzipFile, zlib.error, UnicodeDecodeError) as error:
        raise Unreadable(path, "", f"its text is broken ({error})") from error
    except OSError as error:
        raise local_files.Unreadable(str(path), error) from error
    return sums


def _start(path: Path) -> bytes:
    """The first bytes that are no blanks."""
    with _opened(path) as binary:
        for line in binary:
            if start := line.removeprefix(b"\xef\xbb\xbf").lstrip()[:4]:
                return start
    return b""


def _opened(path: Path) -> IO[bytes]:
    """The bytes of a file, unpacked where it is gzip; the caller closes it."""
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path)) if is_gzip else path.open("rb")
