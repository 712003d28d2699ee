"""Writing files that have the same bytes every time."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def write_gzip(path: Path, text: str) -> None:
    """Write compressed text with neither a time nor a name in its header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def write_text(path: Path, text: str) -> None:
    """Write plain text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_json(path: Path, value: object) -> None:
    """Write a readable JSON document."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_parquet(path: Path, table: pa.Table, *, compression: str, plain: tuple[str, ...] = ()) -> None:
    """Write Parquet without the Arrow schema in it.

    Args:
        path: file to write.
        table: its rows.
        compression: `snappy` or `zstd`.
        plain: columns of distinct values, which a dictionary would only make larger.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        table,
        path,
        compression=compression,
        use_dictionary=[name for name in table.column_names if name not in plain],
        store_schema=False,
        version="2.6",
        data_page_version="1.0",
    )
