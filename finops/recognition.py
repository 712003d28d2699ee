"""Recognition: what export a file is, by its first bytes and its column names; nothing else of it is read.

Only a proposal: the connector named here has the last word when it reads the file.
"""

import csv
import io
import json
import re
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finops import local_files

if TYPE_CHECKING:
    import pyarrow as pa

ENDINGS = (
    ".csv.gz", ".csv.zip", ".csv", ".parquet", ".jsonl.gz", ".ndjson.gz", ".json.gz", ".jsonl", ".ndjson", ".json",
)  # fmt: skip
"""Endings of files that may be exports, the longer of two first."""
_JSON = (".jsonl.gz", ".ndjson.gz", ".json.gz", ".jsonl", ".ndjson", ".json")
_DELIMITERS = (",", ";", "\t")
_FIRST_RECORD = 1 << 20
"""Characters of a JSON file in which its first record must end."""

_AZURE = "it is an Azure cost export of the older kind; export 'Cost and usage details (FOCUS)' instead"
_ORACLE = "it is an Oracle cost report of the older kind; take the FOCUS reports of the same bucket instead"
_FOREIGN = {"costinbillingcurrency": _AZURE, "pretaxcost": _AZURE, "costmycost": _ORACLE}
"""Column, without case and punctuation, of bills that no connector reads, and what their owner does instead."""
_AWS_DATES = {"lineitemusagestartdate", "billbillingperiodstartdate", "usagestartdate", "billingperiodstartdate"}
_GCP_SUBJECTS = {"servicedescription", "skuid", "skudescription"}


def columns(path: Path) -> list[str]:
    """The names of a file's columns, or of its first record's fields, inner ones with a dot; empty for an empty file.

    Raises:
        AccessError: if it may not be read.
        BillError: if it is not what its name says.
    """
    if _starts_with(path, b"PAR1"):
        return _parquet_columns(path)
    if path.name.lower().endswith(_JSON):
        return _fields(_first_record(path))
    if path.name.lower().endswith(".zip"):
        return _zipped_columns(path)
    if path.name.lower().endswith(".parquet"):
        raise local_files.BrokenFile(path, "it is not Parquet")
    return max((local_files.csv_header(path, delimiter=mark) for mark in _DELIMITERS), key=len)


def connector(names: list[str]) -> str | None:
    """The connector that reads files with these columns; None for no export.

    >>> connector(["lineItem/UnblendedCost", "lineItem/UsageStartDate"])
    'aws'
    >>> connector(["date", "cost"]) is None
    True
    """
    lower = {name.strip().lower() for name in names}
    words = set(map(_word, names))
    if "billedcost" in lower and lower & {"billingperiodstart", "chargeperiodstart"}:
        return "focus"
    if words & {"lineitemunblendedcost", "unblendedcost"} and words & _AWS_DATES:
        return "aws"
    if words >= {"cost", "usagestarttime"} and words & _GCP_SUBJECTS:
        return "gcp"
    return None


def is_ours(names: list[str]) -> bool:
    """Whether `finops export` wrote it: reading it again would count its cost twice."""
    return "x_Delivery" in names


def obstacle(names: list[str]) -> str | None:
    """Why a bill with these columns is not read, and what to do; None where it is no bill."""
    words = set(map(_word, names))
    return next((why for sign, why in _FOREIGN.items() if sign in words), None)


def _first_record(path: Path) -> dict[str, Any]:
    """The first object of a JSON file, in an array or not; empty where there is none."""
    with local_files.opened_text(path) as text:
        start = text.read(_FIRST_RECORD).lstrip("[ \t\r\n\x1e")
    if not start.startswith("{"):
        return {}
    try:
        record, _ = json.JSONDecoder().raw_decode(start)
    except (ValueError, RecursionError) as error:
        raise local_files.BrokenFile(path, "its first record is no JSON object") from error
    return dict(record)


def _fields(record: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for name, value in record.items():
        found += [f"{name}.{part}" for part in value] if isinstance(value, dict) else [name]
    return found


def _parquet_columns(path: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as file:
            schema = pq.read_schema(file)
    except OSError as error:
        if error.strerror is None:  # pyarrow's own: the footer is damaged
            raise local_files.BrokenFile(path, "its Parquet footer is damaged") from error
        raise local_files.Unreadable(str(path), error) from error
    except (pa.ArrowException, EOFError) as error:
        raise local_files.BrokenFile(path, "it is not Parquet or cut off") from error
    return [name for field in schema for name in _parts(field)]


def _parts(field: "pa.Field") -> list[str]:
    import pyarrow as pa

    if pa.types.is_struct(field.type):
        return [f"{field.name}.{part.name}" for part in field.type]
    return [field.name]


def _zipped_columns(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            first = next((member for member in archive.infolist() if not member.is_dir()), None)
            if first is None:
                return []
            with archive.open(first) as packed:
                return next(csv.reader(io.TextIOWrapper(packed, encoding="utf-8-sig", newline="")), [])
    except OSError as error:
        raise local_files.Unreadable(str(path), error) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, csv.Error) as error:
        raise local_files.BrokenFile(path, "its zip archive is cut off or broken") from error


def _starts_with(path: Path, mark: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(mark)) == mark
    except OSError as error:
        raise local_files.Unreadable(str(path), error) from error


def _word(name: str) -> str:
    """A name without case and punctuation."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
