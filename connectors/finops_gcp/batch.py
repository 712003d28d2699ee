"""Some consecutive records of an export, column by column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from finops_gcp import fields

if TYPE_CHECKING:
    import pyarrow as pa

SIZE = 2048
"""Records held as Python objects at a time; more of them would make garbage collection the slowest part of reading."""

_NOTHING = ("", "NULL", "null", "None")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Records as columns.

    Attributes:
        places: where each record starts: a line of a text file, a row of a Parquet file; from 1.
        columns: plain field name to cells; text or null for fields of one value; lists, objects or their text for the
            repeated ones. Fields that the file does not have are absent.
        unit: what a place counts.
    """

    places: Sequence[int]
    columns: "Mapping[str, Sequence[Any] | pa.Array]"
    unit: Literal["line", "row"]

    def __len__(self) -> int:
        return len(self.places)

    def place(self, index: int) -> str:
        """Where a record stands, for a message: `line 12`."""
        return f"{self.unit} {self.places[index]}"

    def texts(self, name: str) -> "pa.Array":
        """A column as text without blanks around it; what spells nothing is null."""
        import pyarrow as pa
        import pyarrow.compute as pc

        cells = self.columns.get(name)
        if cells is None:
            return pa.nulls(len(self), pa.string())
        if not isinstance(cells, pa.Array):
            cells = _text_array(cells)
        cells = pc.utf8_trim_whitespace(cells)
        return pc.if_else(pc.is_in(cells, pa.array(_NOTHING)), None, cells)

    def values(self, name: str) -> Sequence[Any]:
        """A column as Python values; nulls where the file has none of that name."""
        import pyarrow as pa

        cells = self.columns.get(name)
        if cells is None:
            return [None] * len(self)
        return cells.to_pylist() if isinstance(cells, pa.Array) else cells

    def credits(self) -> Sequence[Any]:
        """The credits of each record; flat files may hold the parts of one credit in columns."""
        if "credits" in self.columns or "credits_amount" not in self.columns:
            return self.values("credits")
        parts = {name.partition(".")[2]: self.values(fields.plain(name)) for name in fields.CREDIT_PARTS}
        return [dict(zip(parts, cells, strict=True)) for cells in zip(*parts.values(), strict=True)]


def _text_array(cells: Sequence[Any]) -> "pa.Array":
    import pyarrow as pa

    try:
        return pa.array(cells, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):  # a truth value or an object where text belongs
        return pa.array([None if cell is None else str(cell) for cell in cells], pa.string())
