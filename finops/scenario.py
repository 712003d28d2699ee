"""What-if: the events of a scenario file and of --event, worked out on what the table says of the last weeks."""

from datetime import timedelta
from decimal import Decimal

from finops import series
from finops.analysis import Analysis
from finops.config import Config
from finops.errors import ConfigurationError
from finops.forecast.event import Event
from finops.forecast.scenario import Scenario, migrated, purchased
from finops.money import add
from finops.periods import FOUR_WEEKS, Period
from finops.planning import named
from finops.series import Scope
from finops.store.engine import Engine
from finops.store.tables import Tables


class NameTaken(ConfigurationError):
    """Two events of one name could not be told apart."""

    def __init__(self, name: str) -> None:
        super().__init__(f"A second event is called {name!r}.", "Give each event its own name.")


def events(scenario: Scenario, config: Config, tables: Tables, engine: Engine, analysis: Analysis) -> tuple[Event, ...]:
    """Everything a scenario supposes, as events.

    Args:
        scenario: growth and prices are events already; migrations and commitments depend on what is spent.
        config: teams, for scopes that name one.
        tables: of the store.
        engine: reads them.
        analysis: as planned: its measure, clock and rates.

    Raises:
        NameTaken: if an event is called as another one is.
    """
    found = list(scenario.events)
    scopes = [*(one.source for one in scenario.migrations), *(one.scope for one in scenario.purchases)]
    daily = iter(_recent(scopes, config, tables, engine, analysis))
    for migration in scenario.migrations:
        found += migrated(migration, next(daily))
    found += [purchased(one, next(daily)) for one in scenario.purchases]
    taken = {event.name for event in analysis.events}
    for event in found:
        if event.name in taken:
            raise NameTaken(event.name)
        taken.add(event.name)
    return tuple(found)


def _recent(
    scopes: list[Scope], config: Config, tables: Tables, engine: Engine, analysis: Analysis
) -> list[list[Decimal]]:
    """What each scope cost on each of the last four weeks' complete days, in the analysis' currency."""
    if not scopes or analysis.data_to is None:
        return [[] for _ in scopes]
    end = analysis.data_to + timedelta(days=1)
    days = Period(start=end - FOUR_WEEKS, end=end)
    fields = sorted({name for scope in scopes for name, _ in scope.fields})
    stored = series.with_teams(tables.read_allocated(engine, known_at=analysis.known_at), config.teams)
    stored = stored.filter((stored.x_Day >= days.start) & (stored.x_Day < days.end))
    measure = analysis.measure
    table = series.read(engine.arrow, stored, measure, fields)
    found = []
    for scope in scopes:
        daily = dict.fromkeys(days, Decimal(0))
        for values, day, amount, currency in table.rows:
            if scope.holds(named(table.fields, values)):
                exact = analysis.conversion(amount, day, currency) if measure in series.COSTS else amount
                daily[day] = add(daily[day], exact)
        found.append(list(daily.values()))
    return found
