"""Steps grid: what events, a what-if and the time since an earlier forecast changed, as tables for a terminal."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from finops.money import add
from finops.report.forecast_table import Change, EventLine, EventStep, ForecastTable, WhatIf, WhatIfPeriod, WhatIfSeries
from finops.report.grid import Column, Grid, Row
from finops.report.locale import Locale
from finops.report.model import NotComputable

_NONE = "–"
_MONEY_WITH_CENTS = Decimal(1000)


def grids(table: ForecastTable, words: Locale) -> Iterator[Grid]:
    """The tables under the forecast: events, what-if, and change; those there is nothing for are left out."""
    places = 0 if abs(table.total.periods[0].to_date) >= _MONEY_WITH_CENTS else 2
    if table.events:
        yield _events(table, words, places)
    if table.what_if is not None:
        yield _what_if(table.what_if, table, words, places)
    if table.change is not None:
        yield _change(table.change, table, words, places)


def _events(table: ForecastTable, words: Locale, places: int) -> Grid:
    """Base, what every event adds to the total, and the forecast they add up to."""
    periods = table.total.periods
    lines = {event.name: event for event in table.events}
    bases = [
        _NONE if isinstance(period.base, NotComputable) else words.number(period.base, places=places)
        for period in periods
    ]
    whole = [
        _NONE if isinstance(period.forecast, NotComputable) else words.number(period.forecast, places=places)
        for period in periods
    ]
    return Grid(
        title=f"Events in the forecast of the total  {table.currency}",
        columns=(
            Column(header="Step", align="left"),
            Column(header="From", align="left", dropped=2),
            *(Column(header=period.label, dropped=at and 1) for at, period in enumerate(periods)),
            Column(header="What is known", align="left", dropped=3),
        ),
        rows=(
            Row(cells=("without events", "", *bases, "")),
            *(
                Row(
                    cells=(
                        name,
                        str(line.start),
                        *(_amount(period.steps, name, words, places) for period in periods),
                        _known(line, words),
                    )
                )
                for name, line in lines.items()
            ),
        ),
        total=Row(cells=("with events", "", *whole, "")),
    )


def _what_if(what_if: WhatIf, table: ForecastTable, words: Locale, places: int) -> Grid:
    periods = table.total.periods
    columns: list[Column] = [Column(header=table.by.removeprefix("tag:").capitalize(), align="left")]
    for at, period in enumerate(periods):
        columns += [
            Column(header=period.label, dropped=0 if at == len(periods) - 1 else 2),
            Column(header="planned", dropped=3),
            Column(header="change", dropped=1 if at < len(periods) - 1 else 0),
        ]
    columns.append(Column(header="80% range", dropped=4))
    return Grid(
        title=f"What if: {what_if.name}  {table.currency}",
        columns=tuple(columns),
        rows=tuple(Row(cells=_what_if_cells(one, words, places)) for one in what_if.series),
        total=Row(cells=_what_if_cells(what_if.total, words, places)),
        notes=tuple(_what_if_notes(what_if, table, words, places)),
    )


def _what_if_cells(one: WhatIfSeries, words: Locale, places: int) -> tuple[str, ...]:
    cells: list[str] = []
    for period in one.periods:
        cells += [
            _figure(period.forecast, words, places),
            _figure(period.planned, words, places),
            _NONE if isinstance(period.difference, NotComputable) else words.signed(period.difference, places=places),
        ]
    return (one.name, *cells, _range(one.periods[-1], words, places))


def _what_if_notes(what_if: WhatIf, table: ForecastTable, words: Locale, places: int) -> Iterator[str]:
    periods = what_if.total.periods
    for event in what_if.events:
        amounts = ", ".join(f"{period.label} {_amount(period.steps, event.name, words, places)}" for period in periods)
        yield f"{event.name}: {_known(event, words)}: {amounts}."
    planned = {one.name: one for one in table.budgets}
    for one in what_if.budgets:
        before = planned.get(one.name)
        if before is None or one.chance_over is None or before.chance_over is None or one.forecast == before.forecast:
            continue
        yield (
            f"Budget {one.name}, {one.period}: chance over {words.chance(one.chance_over)}, "
            f"planned {words.chance(before.chance_over)}."
        )


def _change(change: Change, table: ForecastTable, words: Locale, places: int) -> Grid:
    names = list(dict.fromkeys(step.name for period in change.periods for step in period.steps))

    def amounts(name: str) -> list[str]:
        return [
            words.signed(found, places=places)
            if (found := add(*(step.amount for step in period.steps if step.name == name)))
            else _NONE
            for period in change.periods
        ]

    issued = "made again" if change.issued_at is None else f"issued {change.issued_at:%Y-%m-%d %H:%M} UTC"
    return Grid(
        title=f"Why the total changed since {change.as_of} ({issued})  {table.currency}",
        columns=(Column(header="Step", align="left"), *(Column(header=period.label) for period in change.periods)),
        rows=(
            Row(
                cells=(
                    f"forecast of {change.as_of}",
                    *(words.number(period.then, places=places) for period in change.periods),
                )
            ),
            *(Row(cells=(name, *amounts(name))) for name in names),
        ),
        total=Row(
            cells=(
                f"forecast of {table.as_of}",
                *(words.number(period.now, places=places) for period in change.periods),
            )
        ),
        notes=change.notes,
    )


def _known(event: EventLine, words: Locale) -> str:
    """`+6% of provider AWS from 2026-11-04, 80% likely, in the data`."""
    amount = words.signed(event.amount, places=0 if event.amount == event.amount.to_integral_value() else 2)
    unit = {"percent": "%", "growth": "% a month", "per_day": " a day", "once": " once"}[event.kind]
    parts = [f"{amount}{unit}", f"of {event.scope}"] if event.kind in {"percent", "growth"} else [f"{amount}{unit}"]
    said = " ".join(parts)
    if event.kind not in {"percent", "growth"} and event.origin != "bill":
        said += f" for {event.scope}"
    until = "" if event.until is None else f" until {event.until}"
    sure = "" if event.chance == 1 else f", {words.chance(event.chance)} likely"
    state = "" if event.state == "ahead" else f", {event.state}"
    origin = ", from the bill" if event.origin == "bill" else ""
    basis = "" if event.basis is None else f"; {event.basis}"
    return f"{said}{until}{sure}{state}{origin}{basis}"


def _amount(steps: Sequence[EventStep], name: str, words: Locale, places: int) -> str:
    found = [step.amount for step in steps if step.name == name]
    return words.signed(found[0], places=places) if found else _NONE


def _figure(value: Decimal | NotComputable, words: Locale, places: int) -> str:
    return _NONE if isinstance(value, NotComputable) else words.number(value, places=places)


def _range(period: WhatIfPeriod, words: Locale, places: int) -> str:
    if period.low_80 is None or period.high_80 is None:
        return _NONE
    return f"{words.number(period.low_80, places=places)} to {words.number(period.high_80, places=places)}"
