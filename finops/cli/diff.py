"""`finops diff`: what changed between two months, or between two times one was known at."""

import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime

import click

from finops import periods
from finops.cli.options import Context, common
from finops.periods import Moment

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


@click.command()
@click.argument("start", metavar="[FROM]", required=False)
@click.argument("end", metavar="[TO]", required=False)
@click.option("--month", metavar="YYYY-MM", help="The month to explain; FROM and TO are then times it was known at.")
@click.option("--project", "projects", multiple=True, help="Only this project.")
@click.option("--provider", "providers", multiple=True, help="Only this provider.")
@click.option("--service", "services", multiple=True, help="Only this service.")
@click.option("--measure", help="Of money.  [default: the organisation's]")
@common("table", "json", "csv", "md")
def diff(
    context: Context,
    *,
    start: str | None,
    end: str | None,
    month: str | None,
    projects: tuple[str, ...],
    providers: tuple[str, ...],
    services: tuple[str, ...],
    measure: str | None,
) -> None:
    """A bridge from FROM to TO that adds up to the cent.

    FROM and TO are months (2026-09), times the running or --month was known at (2026-10-05, 2026-10-05T06:00Z), or both
    (2026-09@2026-10-05). Without them: from the month before to the month of --as-of.
    """
    from finops import differing, series
    from finops.cli.stored import ingested
    from finops.report import difference, grid, locale, records

    if measure is not None and measure not in series.COSTS:
        raise click.BadParameter(
            f"{measure!r} is not one of {', '.join(sorted(series.COSTS))}.", param_hint="--measure"
        )
    first, last = _moments(context, start, end, month)
    config, _ = ingested(context)
    chosen = {"project": projects, "provider": providers, "service": services}
    scope = series.Scope(fields=tuple(sorted((name, values) for name, values in chosen.items() if values)))
    found = differing.bridged(config, first, last, as_of=context.as_of, measure=measure, scope=scope)
    if context.format == "json":
        context.write(records.to_json(found, schema=difference.SCHEMA))
    elif context.format == "csv":
        context.write(grid.comma_separated(*difference.records(found)))
    else:
        shown = difference.grid(found, locale.locale(config.organisation.locale))
        width = shutil.get_terminal_size().columns if context.terminal else None
        context.write(
            grid.markdown(shown) if context.format == "md" else grid.terminal(shown, width=width, colour=context.colour)
        )


def _moments(context: Context, start: str | None, end: str | None, month: str | None) -> tuple[Moment, Moment]:
    """Where the bridge begins and ends."""
    now = _moment(month, None, "--month") if month else Moment(month=periods.month_of(context.as_of))
    now = replace(now, known_at=context.known_at)
    last = _moment(end, now, "TO") if end else now
    if start is None:
        return replace(last, month=periods.previous_month(last.month)), last
    return _moment(start, last, "FROM"), last


def _moment(text: str, other: Moment | None, name: str) -> Moment:
    """A month, a time another side's month was known at, or both."""
    label, _, time = text.partition("@")
    try:
        if _MONTH.fullmatch(label):
            known = _time(time) if time else None if other is None else other.known_at
            return Moment(month=periods.month(label), known_at=known)
        if other is not None and not time:
            return replace(other, known_at=_time(text))
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is no month like 2026-10: {error}.", param_hint=name) from error
    raise click.BadParameter(f"{text!r} is no month like 2026-10.", param_hint=name)


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
