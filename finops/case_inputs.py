"""Inputs of a case: its columns, and what a `call` column such as `rate=0.075/12;n=180` holds, read as asked for."""

import math
import re
from collections.abc import Callable, Mapping

_NOTE = re.compile(r"\([^()]*[a-zA-Z][^()]*\)")  # `(first at t=0)`; `(1+2)` has no letter
_LISTED = re.compile(r"[|;]")

Formulas = Mapping[str, Mapping[str, Callable[["CaseInputs"], float]]]
"""Formula to quantity to what computes it; the quantity `*` stands for any."""


class MissingInput(ValueError):
    """A column the formula needs is not there, empty, or holds something else."""


class CaseInputs:
    """The inputs of one case, by any of the names they go by.

    Args:
        columns: input columns that are not empty; `call` is taken apart into the inputs it names.
    """

    def __init__(self, columns: Mapping[str, str]) -> None:
        given = dict(columns)
        for part in _NOTE.sub("", given.pop("call", "")).split(";"):
            name, equals, value = part.partition("=")
            if equals:
                given[name.strip()] = value.strip()
        self._given = given

    def has(self, *names: str) -> bool:
        """Whether one of the names is given."""
        return any(name in self._given for name in names)

    def text(self, *names: str, default: str | None = None) -> str:
        """An input as it stands.

        Raises:
            MissingInput: where none of the names is given and there is no default.
        """
        for name in names:
            if name in self._given:
                return self._given[name]
        if default is None:
            raise MissingInput(f"the case has no {' or '.join(names)}")
        return default

    def number(self, *names: str, default: float | None = None) -> float:
        """An input as a number; `0.075/12` is one.

        Raises:
            MissingInput: where it is missing or no number.
        """
        if not self.has(*names) and default is not None:
            return default
        text = self.text(*names)
        return _number(text, names[0])

    def whole(self, *names: str, default: int | None = None) -> int:
        """An input that counts something.

        Raises:
            MissingInput: where it is missing or not whole.
        """
        value = self.number(*names, default=None if default is None else float(default))
        if value != int(value):
            raise MissingInput(f"{names[0]} counts something, and {value:g} is not whole")
        return int(value)

    def numbers(self, *names: str) -> tuple[float, ...]:
        """A list such as `-100|39|59`.

        Raises:
            MissingInput: where it is missing or holds something else.
        """
        return tuple(_number(part, names[0]) for part in _LISTED.split(self.text(*names)))


def _number(text: str, name: str) -> float:
    """A number, or numbers with `*` and `/` between them.

    >>> _number("0.06/12", "rate")
    0.005
    """
    parts = re.split(r"([*/])", text.replace("_", ""))
    try:
        value = float(parts[0])
        for sign, part in zip(parts[1::2], parts[2::2], strict=True):
            value = value * float(part) if sign == "*" else value / float(part)
    except (ValueError, ZeroDivisionError) as error:
        raise MissingInput(f"{name} is {text!r}, which is no number") from error
    if not math.isfinite(value):
        raise MissingInput(f"{name} is {text!r}, which is not finite")
    return value
