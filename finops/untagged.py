"""Untagged: what no rule claims, the rules that would catch most of it, and tags that look like a slip of the hand."""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from finops.allocation import Rules
from finops.allocation.table import day_of
from finops.analysis import reading
from finops.config import Config
from finops.money import add
from finops.periods import Period
from finops.rates import Conversion, Rates, read
from finops.reallocation import with_owners
from finops.report.explanation import Explanation, Fact
from finops.report.records import exact
from finops.series import MEASURES

if TYPE_CHECKING:
    import ibis.expr.types as ir

_MOST_RULES = 10
_SMALLEST = Decimal("0.01")
"""Of what is unallocated: a rule that would catch less is not worth its line."""
_ALIKE = 0.75
"""How alike two words are to be taken for one and a slip of the hand; 1 is equal but for case."""
_FIELDS = {"account": "SubAccountId", "resource": "ResourceId", "service": "ServiceName"}

Condition = tuple[str, str, str]
"""Field, key of a tag or empty, value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Cost nobody claims, of rows that are alike: what could be asked of them, and how much they cost."""

    asked: frozenset[Condition]
    amount: Decimal
    rows: int


def explain(config: Config, month: Period, *, as_of: date, known_at: datetime | None) -> Explanation:
    """The unallocated cost of a month and the rules that would catch most of it, the largest first.

    Each rule counts what the ones before it leave. Shared cost is not among it: it belongs to its pool.

    Args:
        config: rules, rates.
        month: billing month.
        as_of: the clock: later charges are not used.
        known_at: the table as it was then; None for now.
    """
    (label,) = month.months()
    measure = MEASURES[config.organisation.measure]
    with reading(config) as (tables, engine):
        files = [file for file in tables.cost.files(known_at=known_at) if file.month == label]
        cost = tables.read_cost(engine, files, "cost_untagged")
        owned = with_owners(cost.filter(day_of(cost) <= as_of), config.rules, engine)
        open_ = owned.x_Project.isnull() & owned.x_AllocationRule.isnull()
        found = engine.rows(_alike(owned.filter(open_), measure))
        whole = engine.rows(_daily(owned, measure))
    currencies = {row["currency"] for row in whole}
    quote = config.organisation.currency or min(currencies, default="")
    known = read(config.rates) if config.rates is not None and currencies != {quote} else Rates()
    convert = Conversion(rates=known, quote=quote)
    pieces = [_piece(row, convert) for row in sorted(found, key=lambda row: row["day"])]
    total = add(*(piece.amount for piece in pieces))
    all_of_it = add(
        *(convert(row["amount"], row["day"], row["currency"]) for row in sorted(whole, key=lambda r: r["day"]))
    )
    share = f" ({total / all_of_it:.1%} of it)" if all_of_it else ""
    caught = list(rules(pieces))
    said = config.organisation.measure.replace("_", " ")
    return Explanation(
        subject=f"Not allocated in {label}: {said} {exact(total)} {quote}{share}",
        facts=(
            Fact(name="rows", value=str(sum(piece.rows for piece in pieces))),
            Fact(
                name="left by these rules", value=f"{exact(add(total, *(-amount for _, amount, _ in caught)))} {quote}"
            ),
            *(Fact(name="perhaps misspelt", value=said) for said in misspelt(pieces, config.rules, quote)),
        ),
        columns=("rule that would catch it", "rows", "amount", "share"),
        rows=tuple(
            (
                f"match = [{{ {written(condition)} }}]",
                str(count),
                exact(amount),
                f"{amount / total:.1%}" if total else "",
            )
            for condition, amount, count in caught
        ),
    )


def rules(pieces: Sequence[Piece]) -> Iterator[tuple[Condition, Decimal, int]]:
    """Single conditions that catch most, each with what it catches of what the ones before leave, and its rows."""
    left = list(pieces)
    least = abs(add(*(piece.amount for piece in pieces))) * _SMALLEST
    for _ in range(_MOST_RULES):
        sums: dict[Condition, Decimal] = {}
        for piece in left:
            for condition in piece.asked:
                sums[condition] = add(sums.get(condition, Decimal(0)), piece.amount)
        # Of equals a tag says more than an account, and an account more than a resource.
        order = sorted(sums, key=lambda one: (-abs(sums[one]), _PREFERRED.index(one[0]), one))
        if not order or abs(sums[order[0]]) < least or not sums[order[0]]:
            return
        best = order[0]
        yield best, sums[best], sum(piece.rows for piece in left if best in piece.asked)
        left = [piece for piece in left if best not in piece.asked]


_PREFERRED = ("tag", "account", "resource", "service")


def misspelt(pieces: Iterable[Piece], known: Rules, currency: str) -> Iterator[str]:
    """Tags of unclaimed cost that are nearly what a rule asks for; suggested, never merged."""
    wanted: dict[str, set[str]] = {}
    for condition in known.conditions():
        if condition.column == "Tags" and condition.key is not None:
            wanted.setdefault(condition.key, set()).update(condition.values)
    costs: dict[tuple[str, str], Decimal] = {}
    for piece in pieces:
        for field, key, value in piece.asked:
            if field == "tag":
                costs[key, value] = add(costs.get((key, value), Decimal(0)), piece.amount)
    for (key, value), amount in sorted(costs.items(), key=lambda item: (-abs(item[1]), item[0])):
        near = _near(key, wanted)
        if near is None:
            continue
        right = _near(value, wanted[near]) if wanted[near] else None
        if (key, value) != (near, right) and right is not None:
            yield f"tag {key} = {value!r} for tag {near} = {right!r}, {exact(amount)} {currency}"


def written(condition: Condition) -> str:
    """A condition as finops.toml has it."""
    field, key, value = condition
    if field == "tag":
        return f"tag = {json.dumps(key, ensure_ascii=False)}, equals = {json.dumps(value, ensure_ascii=False)}"
    return f"{field} = {json.dumps(value, ensure_ascii=False)}"


def _near(word: str, known: Iterable[str]) -> str | None:
    """The known word it equals, but for case and what stands between letters, or is very like."""
    by_folded = {_folded(one): one for one in sorted(known)}
    if word in by_folded.values():
        return word
    close = difflib.get_close_matches(_folded(word), by_folded, n=1, cutoff=_ALIKE)
    return by_folded[close[0]] if close else None


def _folded(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalnum())


def _alike(rows: "ir.Table", measure: str) -> "ir.Table":
    keyed = rows.select(
        **{field: rows[column] for field, column in _FIELDS.items()},
        tags=rows.Tags,
        day=day_of(rows),
        currency=rows.BillingCurrency,
        amount=rows[measure],
    )
    return keyed.group_by([*_FIELDS, "tags", "day", "currency"]).agg(amount=keyed.amount.sum(), rows=keyed.count())


def _daily(rows: "ir.Table", measure: str) -> "ir.Table":
    keyed = rows.select(day=day_of(rows), currency=rows.BillingCurrency, amount=rows[measure])
    return keyed.group_by(["day", "currency"]).agg(amount=keyed.amount.sum())


def _piece(row: Mapping[str, Any], convert: Conversion) -> Piece:
    asked = {(field, "", row[field]) for field in _FIELDS if row[field]}
    if row["account"]:  # who uses a service says whose it is; the service itself hardly does
        asked.discard(("service", "", row["service"]))
    tags = json.loads(row["tags"]) if row["tags"] else {}
    asked |= {("tag", key, value) for key, value in tags.items() if isinstance(value, str)}
    amount = convert(row["amount"], row["day"], row["currency"])
    return Piece(asked=frozenset(asked), amount=amount, rows=row["rows"])
