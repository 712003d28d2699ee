"""`finops backtest`: how good such forecasts would have been."""

import shutil
import sys
from pathlib import Path

import click

from finops.cli.arrays import prepare_for_arrays
from finops.cli.options import Context, common
from finops.cli.progress import watched


@click.command()
@click.option(
    "--tasks",
    type=click.Path(path_type=Path, file_okay=False),
    help="Forecast the totals asked for in DIR/tasks.parquet from DIR/history.parquet, and write them to -o.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the ranges of --tasks.")
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    help="How many work on --tasks; results do not depend on it.  [default: as many cores as pay off]",
)
@click.option(
    "--by", default="project", show_default=True, help="project, provider, service, account, region or tag:KEY."
)
@click.option("--measure", help="What is forecast.  [default: the organisation's]")
@click.option(
    "--months", type=click.IntRange(min=1), default=6, show_default=True, help="How many past months at most."
)
@common("table", "json", "csv", "md")
def backtest(
    context: Context,
    *,
    tasks: Path | None,
    seed: int,
    processes: int | None,
    by: str,
    measure: str | None,
    months: int,
) -> None:
    """How good such forecasts would have been on this very data, against naive methods."""
    if tasks is not None:
        _answer(context, tasks, seed, processes)
        return
    from finops import series
    from finops.backtesting import backtest_table
    from finops.cli.stored import ingested
    from finops.report import backtest_table as shown
    from finops.report import grid, locale, records

    if by not in series.FIELDS and not by.startswith("tag:"):
        raise click.BadParameter(f"{by!r} is not one of {', '.join(series.FIELDS)} or tag:KEY.", param_hint="--by")
    if measure is not None and measure not in series.MEASURES:
        raise click.BadParameter(f"{measure!r} is not one of {', '.join(series.MEASURES)}.", param_hint="--measure")
    config, complete = ingested(context)
    table = backtest_table(
        config, as_of=context.as_of, known_at=context.known_at, measure=measure, by=by, months=months
    )
    if context.format == "json":
        context.write(records.to_json(table, schema=shown.SCHEMA))
    elif context.format == "csv":
        context.write(grid.comma_separated(*shown.backtest_records(table)))
    else:
        words = locale.locale(config.organisation.locale)
        tables = (shown.backtest_grid(table, words), shown.ledger_grid(table, words))
        width = shutil.get_terminal_size().columns if context.terminal else None
        context.write(
            "\n\n".join(
                grid.markdown(one) if context.format == "md" else grid.terminal(one, width=width, colour=context.colour)
                for one in tables
            )
        )
    if not complete:
        sys.exit(1)


def _answer(context: Context, folder: Path, seed: int, processes: int | None) -> None:
    prepare_for_arrays()
    from finops.connector import Step
    from finops.forecast.tasks import SECONDS_EACH, predict_all
    from finops.processes import cores, worthwhile
    from finops.task_files import read_tasks, write_predictions

    if context.output is None:
        raise click.UsageError("Name the file to write with -o, for example -o predictions.parquet.")
    items = read_tasks(folder)
    processes = processes or worthwhile(cores(), SECONDS_EACH * len(items))
    with watched(context) as bar:

        def show(done: int) -> None:
            bar.step(Step(what="forecasting", done=done, total=len(items), unit="series"))

        predictions = predict_all(items, seed=seed, processes=processes, progress=show)
    write_predictions(context.output, predictions)
    lost = sum(one.mean != one.mean for one in predictions)
    context.narrate(
        f"{len(predictions):,} totals of {len(items):,} series" + (f", {lost} of them not computable" if lost else "")
    )
    click.echo(context.output)
