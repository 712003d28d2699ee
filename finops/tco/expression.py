"""Expression: a formula over inputs and the month, written once; NumPy computes it, and a spreadsheet recomputes it.

A scenario's lines are such expressions. So the workbook's live formulas and our own figures cannot drift apart: both
are read from the same tree.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

Operator = Literal["+", "-", "*", "/", "^", "=", "<", "<=", ">", "min", "max", "and", "floor", "mod", "if"]


class Expression:
    """A formula; arithmetic on expressions and numbers builds larger ones."""

    __slots__ = ()

    def __add__(self, other: "Operand") -> "Expression":
        return _simple("+", self, other)

    def __radd__(self, other: "Operand") -> "Expression":
        return _simple("+", other, self)

    def __sub__(self, other: "Operand") -> "Expression":
        return _simple("-", self, other)

    def __rsub__(self, other: "Operand") -> "Expression":
        return _simple("-", other, self)

    def __mul__(self, other: "Operand") -> "Expression":
        return _simple("*", self, other)

    def __rmul__(self, other: "Operand") -> "Expression":
        return _simple("*", other, self)

    def __truediv__(self, other: "Operand") -> "Expression":
        return _call("/", self, other)

    def __rtruediv__(self, other: "Operand") -> "Expression":
        return _call("/", other, self)

    def __pow__(self, other: "Operand") -> "Expression":
        return _call("^", self, other)

    def __rpow__(self, other: "Operand") -> "Expression":
        return _call("^", other, self)

    def __neg__(self) -> "Expression":
        return _simple("-", 0.0, self)


Operand = Expression | float | int

_FEW = 0.5
"""Of the months: a condition that holds in fewer is worth an evaluation of its own."""


@dataclass(frozen=True, slots=True)
class Number(Expression):
    """A constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Value(Expression):
    """An input, by its key."""

    key: str


@dataclass(frozen=True, slots=True)
class Month(Expression):
    """The number of the month: 0 is the start, month 1 the end of the first one."""


@dataclass(frozen=True, slots=True, eq=False)
class Call(Expression):
    """An operator on expressions."""

    operator: Operator
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Lookup(Expression):
    """An entry of a schedule: the first is at index 0; outside it is zero.

    Attributes:
        name: of the schedule, unique in a study; entries: its values.
    """

    name: str
    entries: tuple[float, ...]
    index: Expression


MONTH: Final = Month()
ZERO: Final = Number(0.0)


def expression(operand: Operand) -> Expression:
    """The operand as an expression."""
    return operand if isinstance(operand, Expression) else Number(float(operand))


def minimum(*operands: Operand) -> Expression:
    """The least of the operands."""
    return _call("min", *operands)


def maximum(*operands: Operand) -> Expression:
    """The largest of the operands."""
    return _call("max", *operands)


def floor(operand: Operand) -> Expression:
    """The whole number at or below."""
    return _call("floor", operand)


def mod(left: Operand, right: Operand) -> Expression:
    """The rest of a division, with the sign of the divisor."""
    return _call("mod", left, right)


def equal(left: Operand, right: Operand) -> Expression:
    """Whether two are equal."""
    return _call("=", left, right)


def less(left: Operand, right: Operand) -> Expression:
    """Whether left is below right."""
    return _call("<", left, right)


def at_most(left: Operand, right: Operand) -> Expression:
    """Whether left is not above right."""
    return _call("<=", left, right)


def both(*conditions: Operand) -> Expression:
    """Whether all hold."""
    return _call("and", *conditions)


def when(condition: Operand, then: Operand, otherwise: Operand = 0.0) -> Expression:
    """`then` where the condition holds, `otherwise` elsewhere."""
    return _call("if", condition, then, otherwise)


def total(parts: Sequence[Operand]) -> Expression:
    """The sum of the parts."""
    result: Expression = ZERO
    for part in parts:
        result += part
    return result


def schedules_of(root: Expression) -> dict[str, tuple[float, ...]]:
    """Schedules an expression looks up, by name."""
    if isinstance(root, Call):
        found: dict[str, tuple[float, ...]] = {}
        for operand in root.operands:
            found |= schedules_of(operand)
        return found
    return {root.name: root.entries} if isinstance(root, Lookup) else {}


def inputs_of(root: Expression) -> frozenset[str]:
    """Keys of the inputs an expression rests on."""
    if isinstance(root, Value):
        return frozenset({root.key})
    if isinstance(root, Call):
        return frozenset().union(*(inputs_of(operand) for operand in root.operands))
    return inputs_of(root.index) if isinstance(root, Lookup) else frozenset()


class Evaluation:
    """Expressions computed for given inputs; what several share is computed once.

    Args:
        values: inputs by key: a number, or one per draw as a column.
        months: the months, as a row.
    """

    def __init__(self, values: Mapping[str, Array | float], months: Array) -> None:
        self._values = values
        self._months = months
        self._known: dict[int, Array] = {}
        self._kept: list[Expression] = []  # so that no identity is used twice
        self._inner: dict[bytes, Evaluation] = {}

    def __call__(self, root: Expression) -> Array:
        """The value in every draw (rows) and month (columns); a side that changes nothing has length one."""
        known = self._known.get(id(root))
        if known is None:
            known = self._compute(root)
            self._known[id(root)] = known
            self._kept.append(root)
        return known

    def _compute(self, root: Expression) -> Array:
        if isinstance(root, Call):
            return self._called(root)
        if isinstance(root, Number):
            return np.float64(root.value).reshape(1, 1)
        if isinstance(root, Value):
            return np.asarray(self._values[root.key], dtype=np.float64).reshape(-1, 1)
        if isinstance(root, Month):
            return self._months
        if isinstance(root, Lookup):
            return _entries(root.entries, self(root.index))
        message = f"{type(root).__name__} is no known expression"
        raise TypeError(message)

    def _called(self, root: "Call") -> Array:
        if root.operator == "if":
            return self._chosen(*root.operands)
        parts = [self(part) for part in (_chain(root) if root.operator in {"*", "+"} else root.operands)]
        # The side of an `if` that is not taken may not exist, and what has no finite value is noticed at the end.
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if root.operator in {"*", "+"}:
                return _gathered(np.multiply if root.operator == "*" else np.add, parts)
            return np.asarray(_NUMPY[root.operator](*parts), dtype=np.float64)

    def _chosen(self, condition: Expression, then: Expression, otherwise: Expression) -> Array:
        """One side or the other; what holds in a few months only, as a purchase, is computed for those alone."""
        holds = self(condition) != 0
        if holds.shape != self._months.shape or holds.mean() > _FEW or not isinstance(otherwise, Number):
            return np.asarray(np.where(holds, self(then), self(otherwise)), dtype=np.float64)
        columns = holds[0]
        key = columns.tobytes()
        inner = self._inner.get(key)
        if inner is None:
            inner = self._inner[key] = Evaluation(self._values, self._months[:, columns])
        found = inner(then) if columns.any() else np.zeros((1, 1))
        result = np.full((found.shape[0], columns.size), otherwise.value)
        result[:, columns] = found
        return result


def formula(
    root: Expression,
    *,
    cells: Mapping[str, str],
    month: str,
    schedules: Mapping[str, str],
    known: Sequence[tuple[Expression, str]] = (),
) -> str:
    """The expression as a spreadsheet writes it, without the equals sign.

    Args:
        root: what is written.
        cells: input key to the cell that holds it.
        month: cell of the month's number.
        schedules: name of a schedule to the range of its entries.
        known: parts that cells hold already.
    """
    found = {id(part): cell for part, cell in known if not isinstance(part, Number)}

    def write(node: Expression) -> str:
        if id(node) in found and node is not root:
            return found[id(node)]
        if isinstance(node, Number):
            return _digits(node.value)
        if isinstance(node, Value):
            return cells[node.key]
        if isinstance(node, Month):
            return month
        if isinstance(node, Lookup):
            index = write(node.index)
            return f"IF(AND({index}>=0,{index}<{len(node.entries)}),INDEX({schedules[node.name]},{index}+1),0)"
        if not isinstance(node, Call):
            message = f"{type(node).__name__} is no known expression"
            raise TypeError(message)
        parts = [write(operand) for operand in node.operands]
        named = _NAMED.get(node.operator)
        return f"{named}({','.join(parts)})" if named else f"({node.operator.join(parts)})"

    return write(root)


_NAMED: Final[Mapping[str, str]] = {"min": "MIN", "max": "MAX", "and": "AND", "floor": "INT", "mod": "MOD", "if": "IF"}


def _entries(entries: Sequence[float], index: Array) -> Array:
    padded = np.asarray([*entries, 0.0])
    at = np.where((index >= 0) & (index < len(entries)), index, len(entries)).astype(np.int64)
    return np.asarray(padded[at], dtype=np.float64)


def _power(base: Array, exponent: Array) -> Array:
    """Powers by logarithm where the base is one per draw: a quarter of the time of `np.power` on whole arrays."""
    if base.size == 1 and base.item() == 1.0:
        return np.ones((1, 1))
    if base.shape[1] == 1 and exponent.shape[1] > 1 and (base > 0).all():
        return np.asarray(np.exp(np.log(base) * exponent))
    if base.size == 1 and base.item() > 0:
        return np.asarray(np.exp(np.log(base) * exponent))
    return np.asarray(np.power(base, exponent))


def _chain(root: "Call") -> list[Expression]:
    """Factors or summands of a chain of the same operator."""
    found: list[Expression] = []
    for operand in root.operands:
        same = isinstance(operand, Call) and operand.operator == root.operator
        found += _chain(operand) if same and isinstance(operand, Call) else [operand]
    return found


def _gathered(function: Callable[[Array, Array], Array], parts: Sequence[Array]) -> Array:
    """Fold small arrays first, so that few operations run over every draw and month."""
    by_shape: dict[tuple[int, ...], Array] = {}
    for part in parts:
        known = by_shape.get(part.shape)
        by_shape[part.shape] = part if known is None else function(known, part)
    return _folded(function, sorted(by_shape.values(), key=lambda part: (part.size, part.shape)))


def _every(*conditions: Array) -> Array:
    result = conditions[0] != 0
    for condition in conditions[1:]:
        result = result & (condition != 0)
    return np.asarray(result, dtype=np.float64)


_NUMPY: Final[Mapping[str, Callable[..., Any]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": _power,
    "=": lambda a, b: (a == b).astype(np.float64),
    "<": lambda a, b: (a < b).astype(np.float64),
    "<=": lambda a, b: (a <= b).astype(np.float64),
    ">": lambda a, b: (a > b).astype(np.float64),
    "min": lambda *parts: _folded(np.minimum, parts),
    "max": lambda *parts: _folded(np.maximum, parts),
    "and": _every,
    "floor": np.floor,
    "mod": np.mod,
}


def _folded(function: Callable[[Array, Array], Array], parts: Sequence[Array]) -> Array:
    result = parts[0]
    for part in parts[1:]:
        result = function(result, part)
    return result


def _call(operator: Operator, *operands: Operand) -> Expression:
    return Call(operator, tuple(expression(operand) for operand in operands))


def _simple(operator: Literal["+", "-", "*"], left: Operand, right: Operand) -> Expression:
    """The operation, without what changes nothing: sums of nothing and products with nothing or one."""
    first, second = expression(left), expression(right)
    if isinstance(second, Number) and operator in {"+", "-"} and second.value == 0:
        return first
    if isinstance(first, Number) and operator == "+" and first.value == 0:
        return second
    if operator == "*":
        for one, other in ((first, second), (second, first)):
            if isinstance(one, Number) and one.value == 0:
                return ZERO
            if isinstance(one, Number) and one.value == 1:
                return other
    return Call(operator, (first, second))


def _digits(value: float) -> str:
    text = repr(value)
    plain = text.removesuffix(".0")
    return f"({plain})" if value < 0 else plain


YEARS: Final[Expression] = (MONTH - 1) / 12
"""Years since the first month's payment: what price trends and growth are counted in."""
