"""Any file of an export as batches of records: JSON, CSV or Parquet by its first bytes, gzip or not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from finops import local_files
from finops.errors import BillError
from finops_gcp import csv_file, focus_export, json_file, parquet_file
from finops_gcp.batch import Batch

SUFFIXES = (
    ".json", ".jsonl", ".ndjson", ".csv", ".parquet", ".json.gz", ".jsonl.gz", ".ndjson.gz", ".csv.gz", ".avro",
)  # fmt: skip
"""Endings of files that may be exports; Avro is among them so that it is refused rather than passed over."""

Form = Literal["json", "csv", "parquet", "empty"]


def form(path: Path) -> Form:
    """What a file is, by its first bytes.

    Raises:
        AccessError, BillError: if it cannot be read, or is an Avro file.
    """
    first = _first_bytes(path)
    if first == b"PAR1":
        return "parquet"
    if first == b"Obj\x01":
        raise AvroFile(path)
    with local_files.opened_text(path) as text:
        for line in text:
            if start := line.lstrip()[:1]:
                return "json" if start in "{[" else "csv"
    return "empty"


def names(path: Path) -> list[str]:
    """The names of a file's columns, or of its first record's fields; nested ones with a dot; none for an empty file.

    Raises:
        AccessError, BillError: if it cannot be read.
    """
    match form(path):
        case "parquet":
            return parquet_file.names(path)
        case "csv":
            return local_files.csv_header(path)
        case "json":
            return json_file.names(path)
        case "empty":
            return []


def batches(path: Path) -> Iterator[Batch]:
    """The records of an export, in order; memory stays flat.

    Raises:
        AccessError: if the file is missing or may not be read.
        BillError: if it is broken; names the line.
    """
    for batch in _batches(path):
        if not focus_export.is_one(batch.columns):
            yield batch
            continue
        try:
            yield focus_export.as_usage(batch)
        except ValueError as error:
            raise local_files.BrokenFile(path, f"at {batch.place(0)} or after it, {error}") from error


def _batches(path: Path) -> Iterator[Batch]:
    match form(path):
        case "parquet":
            yield from parquet_file.batches(path)
        case "csv":
            yield from csv_file.batches(path)
        case "json":
            yield from json_file.batches(path)
        case "empty":
            return


class AvroFile(BillError):
    """An export in a format that is not read."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} is an Avro file, which this connector does not read.",
            "Export the table again as Parquet, which holds the same: `bq extract --destination_format=PARQUET`, or "
            "EXPORT DATA OPTIONS (format = 'PARQUET', …).",
        )


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as error:
        raise local_files.Unreadable(str(path), error) from error
