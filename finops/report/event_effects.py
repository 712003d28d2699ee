"""Event effects: the dated facts in the forecast of the total, with what each adds to the month and the year."""

from decimal import Decimal

from finops import periods
from finops.forecast.event import Event
from finops.report.figures import amount
from finops.report.inputs import Inputs
from finops.report.locale import Locale, locale
from finops.report.model import EventEffect


def event_effects(given: Inputs, unit: Decimal) -> tuple[EventEffect, ...]:
    """The events that change the period or its fiscal year, by first day."""
    year = periods.fiscal_year_of(given.period.start, fiscal_year_start=given.fiscal_year_start)
    words = locale(given.locale)
    found = [
        EventEffect(
            name=step.event.name,
            starts_on=step.event.start,
            ends_on=step.event.until,
            effect=effect_in_words(step.event, words),
            month=amount(step.amount(given.period), unit),
            year=amount(step.amount(year), unit),
            chance=step.event.chance,
            origin=step.event.origin,
        )
        for step in given.total.steps
    ]
    return tuple(
        sorted((one for one in found if one.month.exact or one.year.exact), key=lambda one: (one.starts_on, one.name))
    )


def effect_in_words(event: Event, words: Locale) -> str:
    """`+6% of provider AWS`, `+250 a day`."""
    places = 0 if event.amount == event.amount.to_integral_value() else 2
    number = words.signed(event.amount, places=places)
    of = "" if not event.scope.fields else f" of {event.scope}"
    unit = {"percent": f"%{of or ' of all cost'}", "growth": f"% a month{of}", "per_day": " a day", "once": " once"}
    basis = "" if not event.basis else f"; {event.basis}"
    return f"{number}{unit[event.kind]}{basis}"
