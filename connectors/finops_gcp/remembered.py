"""Results kept for cells that repeat from row to row, such as labels: lists, which functools cannot remember."""

import marshal
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

_KEPT = 100_000

_Cells = ParamSpec("_Cells")
_Result = TypeVar("_Result")


def remembered(function: Callable[_Cells, _Result]) -> Callable[_Cells, _Result]:
    """The function, asked once for equal cells; errors are not kept.

    Args:
        function: of positional arguments that are plain values, lists or objects.
    """
    known: dict[bytes, _Result] = {}

    def asked_once(*cells: _Cells.args, **named: _Cells.kwargs) -> _Result:
        plain: Any = cells
        try:
            key = marshal.dumps(plain, 2)
        except ValueError:  # a decimal or a time, from Parquet
            return function(*cells, **named)
        if key not in known:
            if len(known) >= _KEPT:
                known.clear()
            known[key] = function(*cells, **named)
        return known[key]

    return asked_once
