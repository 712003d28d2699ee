"""`finops forecast`: spend to the end of month, quarter and fiscal year."""

import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from finops.cli.arrays import prepare_for_arrays
from finops.cli.options import DAY, Context, common
from finops.cli.progress import watched

if TYPE_CHECKING:
    from finops.forecast.scenario import Scenario
    from finops.report.forecast_table import ForecastTable

_SEED = 1
"""Of --input, which knows no configuration."""


@click.command()
@click.option(
    "--by", default="project", show_default=True, help="project, provider, service, account, region or tag:KEY."
)
@click.option("--project", "projects", multiple=True, help="Only this project; may be given several times.")
@click.option("--provider", "providers", multiple=True, help="Only this provider.")
@click.option("--service", "services", multiple=True, help="Only this service.")
@click.option("--measure", help="What is forecast.  [default: the organisation's]")
@click.option(
    "--event",
    "events",
    multiple=True,
    metavar="KEY=VALUE,...",
    help="What if this happened: 'date=2026-11-04,percent=6,provider=AWS'; may be given several times.",
)
@click.option(
    "--scenario",
    "scenario_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What if: growth, price, migration, commitment and events of a TOML file.",
)
@click.option(
    "--input",
    "own",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Forecast the series of a CSV or Parquet file (date, cost; item_id, freq, currency) instead of the store's.",
)
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    help="How many work on --input; results do not depend on it.  [default: as many cores as pay off]",
)
@click.option("--compare-to", type=DAY, help="Say why the forecast of the total changed since that day.")
@common("table", "json", "csv", "md")
def forecast(
    context: Context,
    *,
    by: str,
    projects: tuple[str, ...],
    providers: tuple[str, ...],
    services: tuple[str, ...],
    measure: str | None,
    events: tuple[str, ...],
    scenario_file: Path | None,
    compare_to: date | None,
    own: Path | None,
    processes: int | None,
) -> None:
    """Spend to the end of month, quarter and fiscal year, with ranges. Ingests first where nothing is stored yet."""
    if own is not None:
        _refuse_store_options(by, projects, providers, services, measure, events, scenario_file, compare_to)
        _forecast_input(context, own, processes)
        return
    from finops import series
    from finops.cli.stored import ingested
    from finops.forecasting import forecast_table

    if by not in series.FIELDS and not by.startswith("tag:"):
        raise click.BadParameter(f"{by!r} is not one of {', '.join(series.FIELDS)} or tag:KEY.", param_hint="--by")
    if measure is not None and measure not in series.MEASURES:
        raise click.BadParameter(f"{measure!r} is not one of {', '.join(series.MEASURES)}.", param_hint="--measure")
    if compare_to is not None and compare_to >= context.as_of:
        raise click.BadParameter(f"{compare_to} is not before {context.as_of}.", param_hint="--compare-to")
    what_if = _what_if(events, scenario_file)
    config, complete = ingested(context)
    chosen = {"project": projects, "provider": providers, "service": services}
    scope = series.Scope(fields=tuple(sorted((name, values) for name, values in chosen.items() if values)))
    with watched(context) as bar:
        table = forecast_table(
            config,
            as_of=context.as_of,
            known_at=context.known_at,
            measure=measure,
            by=by,
            scope=scope,
            what_if=what_if,
            compare_to=compare_to,
            issued_at=datetime.now(UTC),
            warn=bar.warn,
            progress=bar.step,
        )
    _show(context, table, config.organisation.locale)
    if not complete:
        sys.exit(1)


def _show(context: Context, table: "ForecastTable", language: str) -> None:
    from finops.report import forecast_grid, grid, locale, records, steps_grid
    from finops.report.forecast_table import SCHEMA

    if context.format == "json":
        context.write(records.to_json(table, schema=SCHEMA))
    elif context.format == "csv":
        context.write(grid.comma_separated(*forecast_grid.forecast_records(table)))
    else:
        words = locale.locale(language)
        shown = [
            forecast_grid.forecast_grid(table, words, sparklines=context.terminal),
            *steps_grid.grids(table, words),
        ]
        width = shutil.get_terminal_size().columns if context.terminal else None
        context.write(
            "\n\n".join(
                grid.markdown(one) if context.format == "md" else grid.terminal(one, width=width, colour=context.colour)
                for one in shown
            )
        )


def _refuse_store_options(by: str, *given: object) -> None:
    """Options that ask something of the store."""
    if any(given) or by != "project":
        raise click.UsageError(
            "--input goes without --by, --project, --provider, --service, --measure, --event, --scenario, --compare-to."
        )


def _forecast_input(context: Context, file: Path, processes: int | None) -> None:
    prepare_for_arrays()
    from finops.connector import Step
    from finops.own_series import SECONDS_EACH, input_table, read_series
    from finops.processes import cores, worthwhile

    own = read_series(file)
    with watched(context) as bar:

        def show(done: int) -> None:
            bar.step(Step(what="forecasting", done=done, total=len(own.daily), unit="series"))

        table = input_table(
            own,
            as_of=context.as_of if context.as_of_given else None,
            seed=_SEED,
            processes=processes or worthwhile(cores(), SECONDS_EACH * len(own.daily)),
            progress=show,
        )
    _show(context, table, "en_GB")


def _what_if(events: tuple[str, ...], file: Path | None) -> "Scenario | None":
    """What --event and --scenario suppose; None without them."""
    if not events and file is None:
        return None
    from dataclasses import replace

    from finops import config
    from finops.forecast.scenario import Scenario, event_option

    scenario = Scenario(name="events") if file is None else config.load_scenario(file)
    given = tuple(event_option(text, at) for at, text in enumerate(events, 1))
    return replace(scenario, events=(*scenario.events, *given))
