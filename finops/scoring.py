"""Scoring: the forecasts in a store's ledger whose period is over, each beside what came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from finops import series
from finops.analysis import Analysis
from finops.config import Config
from finops.forecast.ledger import Issued, Scored, first_said, scope_text
from finops.money import add
from finops.planning import named
from finops.series import COSTS, FIELDS, MEASURES, Scope
from finops.store import ledger
from finops.store.engine import Engine
from finops.store.tables import Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a ledger says at a time.

    Attributes:
        scored: one forecast per scope, period and as-of, the first that was issued; its period is over.
        open: how many more wait for the end of their period.
        not_scored: how many cannot be scored: another currency, or a scope that the table no longer tells apart.
    """

    scored: tuple[Scored, ...]
    open: int
    not_scored: int


def past(
    config: Config,
    tables: Tables,
    engine: Engine,
    analysis: Analysis,
    *,
    issued_before: datetime | None = None,
) -> Past:
    """Score every forecast in the ledger that was made by a clock before the analysis'.

    Args:
        config: whose store and teams.
        tables: what came.
        engine: reads them.
        analysis: of now: its clock, its last complete day, its rates.
        issued_before: leave out what was issued then or later; None for nothing.

    Raises:
        AccessError: if the ledger cannot be read.
    """
    issued = [
        one
        for one in ledger.read(config.store.path, config.store.url)
        if one.as_of < analysis.as_of and (issued_before is None or one.issued_at < issued_before)
    ]
    entries = first_said(issued)
    over = [one for one in entries if analysis.data_to is not None and one.period.last_day <= analysis.data_to]
    known = [one for one in over if _comparable(one, config, analysis)]
    if not known:
        return Past(scored=(), open=len(entries) - len(over), not_scored=len(over))
    stored = series.with_teams(tables.read_allocated(engine, known_at=analysis.known_at), config.teams)
    dailies: dict[tuple[str, str], Mapping[date, Decimal]] = {}
    for measure in sorted({one.measure for one in known}):
        mine = [one for one in known if one.measure == measure]
        dailies |= _dailies(stored, engine, analysis, measure, mine)
    scored = [
        Scored(
            issued=one,
            actual=add(
                *(
                    amount
                    for day, amount in dailies[one.measure, scope_text(one.scope)].items()
                    if day in one.period and day <= analysis.as_of
                )
            ),
        )
        for one in known
    ]
    return Past(scored=tuple(scored), open=len(entries) - len(over), not_scored=len(over) - len(known))


def _comparable(one: Issued, config: Config, analysis: Analysis) -> bool:
    """Whether what came can be told in the entry's own terms."""
    if one.measure not in MEASURES or one.unit != series.unit_of(one.measure, analysis.conversion.quote):
        return False
    return all(name in FIELDS or name.removeprefix("tag:") in config.rules.tag_keys for name, _ in one.scope.fields)


def _dailies(
    stored: "ir.Table", engine: Engine, analysis: Analysis, measure: str, entries: Sequence[Issued]
) -> dict[tuple[str, str], Mapping[date, Decimal]]:
    """Exact amount per day of every scope that the entries of one measure name, in the analysis' currency."""
    scopes = {scope_text(one.scope): one.scope for one in entries}
    fields = sorted({name for scope in scopes.values() for name, _ in scope.fields})
    table = series.read(engine.arrow, stored, measure, fields)
    first = min(one.period.start for one in entries)
    found: dict[tuple[str, str], dict[date, Decimal]] = {(measure, text): {} for text in scopes}
    held: dict[tuple[str | None, ...], list[str]] = {}
    for values, day, amount, currency in table.rows:
        if not first <= day <= analysis.as_of:
            continue
        if values not in held:
            held[values] = [text for text, scope in scopes.items() if _holds(scope, table.fields, values)]
        exact = analysis.conversion(amount, day, currency) if measure in COSTS else amount
        for text in held[values]:
            daily = found[measure, text]
            daily[day] = add(daily.get(day, Decimal(0)), exact)
    return dict(found)


def _holds(scope: Scope, fields: Sequence[str], values: Sequence[str | None]) -> bool:
    return scope.holds(named(fields, values))
