"""Records of a Parquet file, nested or flat; floats become their shortest decimal, times their UTC text."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from finops import local_files
from finops_gcp import batch, fields
from finops_gcp.batch import Batch

if TYPE_CHECKING:
    import pyarrow as pa

_INSIDE = fields.inside()


def names(path: Path) -> list[str]:
    """The columns, parts of records with a dot.

    Raises:
        AccessError: if the file is missing or may not be read.
        BillError: if it is no Parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise _broken(path, error) from error
    found: list[str] = []
    for column in schema:
        is_record = pa.types.is_struct(column.type) and column.name in _INSIDE
        found += [f"{column.name}.{part.name}" for part in column.type] if is_record else [column.name]
    return found


def batches(path: Path) -> Iterator[Batch]:
    """The records as columns.

    Raises:
        AccessError, BillError: as `names`.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    first = 1
    try:
        with pq.ParquetFile(path) as file:
            for some in file.iter_batches(batch_size=batch.SIZE):
                places = range(first, first + some.num_rows)
                yield Batch(places=places, columns=dict(_leaves(some)), unit="row")
                first += some.num_rows
    except (pa.ArrowException, OSError) as error:
        raise _broken(path, error) from error


def _leaves(some: "pa.RecordBatch") -> "Iterator[tuple[str, pa.Array]]":
    """The known columns with records taken apart, values as text, repeated fields as they are."""
    import pyarrow as pa

    for name, cells in zip(some.schema.names, some.columns, strict=True):
        if pa.types.is_struct(cells.type) and name in _INSIDE:
            for part, inner in zip(cells.type, cells.flatten(), strict=True):
                if part.name in _INSIDE[name]:
                    yield _INSIDE[name][part.name], _text_or_nested(inner)
        elif (plain := fields.plain(name)) in fields.KNOWN:
            yield plain, _text_or_nested(cells)


def _text_or_nested(cells: "pa.Array") -> "pa.Array":
    import pyarrow as pa

    return cells if pa.types.is_nested(cells.type) else cells.cast(pa.string())


def _broken(path: Path, error: Exception) -> local_files.BrokenFile:
    return local_files.BrokenFile(path, f"it is no Parquet file that can be read ({error})")
