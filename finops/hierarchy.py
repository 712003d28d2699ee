"""Hierarchy: every scope of one analysis with its forecast, so that what two questions say fits together.

Projects are forecast by themselves and the whole is their sum; providers, and what else cost is told apart by, are
forecast by themselves and moved to add up to it. So the total is the same whatever it is told apart by, a provider
alone is what it is among all, and a team is its projects.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from finops import planning
from finops.budgets.spend import Spend
from finops.clock import Clock
from finops.connector import Progress, Step
from finops.forecast.backtest import PastMonth
from finops.forecast.beginning import beginnings
from finops.forecast.choice import chosen, judge, past_half_year
from finops.forecast.coherence import fitted
from finops.forecast.completed import forecast_completed
from finops.forecast.event import Event
from finops.forecast.forecaster import DRAWS, CalendarForecaster, Forecast, History
from finops.forecast.futures import Room
from finops.forecast.learnt import LEARNT
from finops.forecast.steps import Changed, sum_of_changed, with_events
from finops.forecast.width import Width, own_width
from finops.money import to_float
from finops.periods import Period
from finops.planning import NOT_ALLOCATED, within
from finops.series import DailyTable, Scope

_OF_PROJECTS = frozenset({"project", "team"})
"""Fields that hold whole projects."""

_RECENT = 28
_MOST_TRIED = 40
"""Projects tried again in past months, the largest first: each costs as much as a dozen forecasts."""

_MOST_PATHS = 300_000
"""Of all projects together."""
_MOST_BYTES = 512 * 2**20
"""For paths that are kept; others are made again when they are asked for."""
_FEWEST_DRAWS = 500

Daily = Mapping[date, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hierarchy:
    """The forecasts of one analysis, each made when it is first asked for.

    Attributes:
        tables: by measure, in the report's currency; with project and provider, and every field asked for.
        projects: those of the configuration, in its order; listed before others, and where they cost nothing.
        teams: of projects.
        events, clock, horizon, seed: as of the analysis.
        recent: cost of the last four weeks by measure, for events to fall on.
        completed: the tables with their last days as they will be; empty where nothing is known of that.
        progress: told how many series are forecast.
        ended_credits: what credits that have run out took off, below zero: forecasts rest on charges without them.
    """

    tables: Mapping[str, DailyTable]
    projects: tuple[str, ...]
    teams: Mapping[str, str]
    events: tuple[Event, ...]
    clock: Clock
    horizon: date
    seed: int
    recent: Mapping[str, planning.Recent]
    completed: Mapping[str, DailyTable] = field(default_factory=dict)
    ended_credits: Mapping[str, DailyTable] = field(default_factory=dict)
    progress: Progress = lambda _: None
    _levels: dict[tuple[str, str, Scope], dict[str, Changed]] = field(default_factory=dict)
    _wholes: dict[tuple[str, Scope], Changed] = field(default_factory=dict)
    _told: dict[tuple[str, str, Scope], dict[str, Daily]] = field(default_factory=dict)
    _pasts: dict[tuple[str, Scope], dict[str, list[PastMonth]]] = field(default_factory=dict)
    _widths: dict[str, Width | None] = field(default_factory=dict)
    _room: Room = field(default_factory=lambda: Room(_MOST_BYTES))

    def parts(self, measure: str, by: str, scope: Scope) -> tuple[tuple[Spend, ...], Spend]:
        """The parts of a scope by the values of a field, and their total; what has no value is named not allocated."""
        dailies, daily, name = self._dailies(measure, by, scope), self.tables[measure].daily(scope), str(scope)
        if self.clock.data_to is None:
            reason = "no complete day of charges is known yet"
            return tuple(_unknown(part, one, reason) for part, one in dailies.items()), _unknown(name, daily, reason)
        if not dailies and not self._dailies(measure, "project", scope):
            whole = Spend(
                name=name, daily=daily, data_to=self.clock.data_to, forecast=None, unknown="nothing was charged"
            )
            return (), whole
        level = self._level(measure, by, scope) if dailies else {}
        parts = tuple(self._spend(part, one, level[part]) for part, one in dailies.items())
        return parts, self._spend(name, daily, self._whole(measure, scope))

    @property
    def widths(self) -> dict[str, Width]:
        """By measure what own past totals said about the ranges of the forecasts made so far."""
        return {measure: width for measure, width in sorted(self._widths.items()) if width is not None}

    def spend(self, measure: str, scope: Scope) -> Spend:
        """A scope as one series, the same as among the parts of a larger one."""
        daily, name = self.tables[measure].daily(scope), str(scope)
        if self.clock.data_to is None:
            return _unknown(name, daily, "no complete day of charges is known yet")
        return self._spend(name, daily, self._whole(measure, scope))

    def _whole(self, measure: str, scope: Scope) -> Changed:
        if (measure, scope) not in self._wholes:
            by = "provider" if {name for name, _ in scope.fields} == {"provider"} else "project"
            if self._dailies(measure, by, scope):
                found = sum_of_changed(self._level(measure, by, scope), str(scope))
            else:  # not charged yet: an event may still fall on it
                (found,) = self._drawn(measure, {str(scope): {}}, scope, by=None).values()
            self._wholes[measure, scope] = found
        return self._wholes[measure, scope]

    def _level(self, measure: str, by: str, scope: Scope) -> dict[str, Changed]:
        """The parts of a scope by a field."""
        if (measure, by, scope) not in self._levels:
            self._levels[measure, by, scope] = self._made(measure, by, scope)
        return self._levels[measure, by, scope]

    def _made(self, measure: str, by: str, scope: Scope) -> dict[str, Changed]:
        dailies, asked = self._dailies(measure, by, scope), {name for name, _ in scope.fields}
        if asked and asked <= _OF_PROJECTS and by == "project":
            known = self._level(measure, by, Scope())
            return {name: known[name] for name in dailies}
        if asked == {"provider"} and by == "provider":
            known = self._level(measure, by, Scope())
            return {name: known[name] for name in dailies}
        if asked <= _OF_PROJECTS and by == "team":
            known = self._level(measure, "project", scope)
            mine = {name: [one for one in known if self.teams.get(one, NOT_ALLOCATED) == name] for name in dailies}
            return {name: sum_of_changed({one: known[one] for one in ones}, name) for name, ones in mine.items()}
        drawn = self._drawn(measure, dailies, scope, by=by)
        if by == "project" and asked != {"provider"}:
            return drawn
        return fitted(drawn, self._whole(measure, scope))

    def _drawn(self, measure: str, dailies: Mapping[str, Daily], scope: Scope, *, by: str | None) -> dict[str, Changed]:
        """Series forecast by themselves, events included, drawn together."""
        of_all_projects = by == "project" and not scope.fields
        scopes = {name: scope if by is None else within(by, name, scope) for name in dailies}
        histories = {part: self.clock.history(daily) for part, daily in dailies.items()}
        late = self.clock.completed if measure in self.completed else ()
        whole = _told_apart(self.completed[measure], scope, by) if late else {}
        credited = _told_apart(self.ended_credits[measure], scope, by) if measure in self.ended_credits else {}
        lasting = {name: _without(one, credited.get(name, {})) for name, one in histories.items()}
        values = {name: [to_float(whole.get(name, {}).get(one.day, Decimal(0))) for one in late] for name in histories}
        spreads = [one.spread for one in late]
        width = self._width(measure)
        forecaster = CalendarForecaster(
            learnt=LEARNT if width is None else replace(LEARNT, width=width.factor),
            beginnings=beginnings({name: one.values for name, one in lasting.items() if name != NOT_ALLOCATED})
            if of_all_projects
            else None,
        )
        drawn = forecast_completed(
            lasting,
            values,
            spreads,
            until=self.horizon,
            seed=self.seed,
            draws=self._draws(measure),
            forecaster=forecaster,
            room=self._room,
            progress=self._telling("forecasting", len(lasting), "series"),
        )
        if by == "project":  # the others add up to these
            drawn |= self._simple(drawn, self._past(measure, scope))
        drawn = {name: _as_charged(one, histories[name]) for name, one in drawn.items()}
        events = [one for one in self.events if planning.concerns(one, measure)]
        borne = [planning.borne(one, self.recent[measure], scopes, by=by) for one in events]
        return with_events(drawn, events, borne, seed=self.seed)

    def _simple(self, drawn: Mapping[str, Forecast], past: Mapping[str, list[PastMonth]]) -> dict[str, Forecast]:
        """Those for which a simple method did better."""
        choices = {name: judge(months) for name, months in past.items()}
        return {name: chosen(drawn[name], choice) for name, choice in choices.items() if choice is not None}

    def _width(self, measure: str) -> Width | None:
        """Of the ranges of a measure, by the past of all projects: the same whatever is asked, so that all fits."""
        if measure not in self._widths:
            past = self._past(measure, Scope())
            self._widths[measure] = own_width([one for months in past.values() for one in months])
        return self._widths[measure]

    def _draws(self, measure: str) -> int:
        """Paths per series, the same whatever is asked: fewer for very many, which takes less memory and time."""
        projects = max(len(self._dailies(measure, "project", Scope())), 1)
        return max(min(DRAWS, _MOST_PATHS // projects), _FEWEST_DRAWS)

    def _past(self, measure: str, scope: Scope) -> dict[str, list[PastMonth]]:
        """Past months of the largest projects of a scope, forecast again."""
        if (measure, scope) not in self._pasts:
            dailies = self._dailies(measure, "project", scope)
            histories = {name: self.clock.history(daily) for name, daily in dailies.items()}
            sizes = {name: sum(map(abs, one.values[-_RECENT:])) for name, one in histories.items()}
            largest = sorted(histories, key=lambda name: (-sizes[name], name))[:_MOST_TRIED]
            tell = self._telling("forecasting past months", len(largest), "projects")
            found = self._pasts[measure, scope] = {}
            for at, name in enumerate(largest, 1):
                if sizes[name]:
                    found[name] = past_half_year(histories[name], seed=self.seed)
                tell(at)
        return self._pasts[measure, scope]

    def _telling(self, what: str, total: int, unit: str) -> Callable[[int], None]:
        return lambda done: self.progress(Step(what=what, done=done, total=total, unit=unit))

    def _dailies(self, measure: str, by: str, scope: Scope) -> dict[str, Daily]:
        """Daily values per value of a field: configured projects first, what has no value last."""
        if (measure, by, scope) not in self._told:
            found = self.tables[measure].dailies(by, scope)
            named = {NOT_ALLOCATED if value is None else value: daily for value, daily in found.items()}
            inside = [name for name in self.projects if self._holds(scope, name)]
            first = [name for name in self.projects if name in named or name in inside] if by == "project" else []
            if by == "team":  # those of projects that cost nothing yet have futures too
                named = {self.teams.get(name, NOT_ALLOCATED): {} for name in inside} | named
            others = sorted(name for name in named if name not in {*first, NOT_ALLOCATED})
            last = [NOT_ALLOCATED] if NOT_ALLOCATED in named else []
            self._told[measure, by, scope] = {name: named.get(name, {}) for name in [*first, *others, *last]}
        return self._told[measure, by, scope]

    def _holds(self, scope: Scope, project: str) -> bool:
        """Whether a whole project lies inside a scope, charged or not."""
        whole = {name for name, _ in scope.fields} <= _OF_PROJECTS
        return whole and scope.holds({"project": project, "team": self.teams.get(project, NOT_ALLOCATED)})

    def _spend(self, name: str, daily: Daily, changed: Changed) -> Spend:
        base = changed.base if changed.steps else None
        return Spend(
            name=name,
            daily=daily,
            data_to=self.clock.data_to,
            forecast=changed.forecast,
            base=base,
            steps=changed.steps,
        )


def _told_apart(table: DailyTable, scope: Scope, by: str | None) -> dict[str, Daily]:
    """The parts of a scope by the values of a field; None for the scope as one."""
    if by is None:
        return {str(scope): table.daily(scope)}
    return {NOT_ALLOCATED if value is None else value: daily for value, daily in table.dailies(by, scope).items()}


def _without(history: History, credited: Daily) -> History:
    """What would have been charged without these credits."""
    if not credited:
        return history
    days = Period(start=history.start, end=history.end)
    taken = (to_float(credited.get(day, Decimal(0))) for day in days)
    return replace(history, values=tuple(value - off for value, off in zip(history.values, taken, strict=True)))


def _as_charged(forecast: Forecast, history: History) -> Forecast:
    """The forecast beside the history as it was charged."""
    if forecast.history.values == history.values:
        return forecast
    return replace(forecast, history=history, model=f"{forecast.model}, without credits that ended")


def _unknown(name: str, daily: Daily, reason: str) -> Spend:
    return Spend(name=name, daily=daily, data_to=None, forecast=None, unknown=reason)
