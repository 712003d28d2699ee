"""`finops backtest`: how good such forecasts would have been."""

import os
from pathlib import Path

import click

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
    help="How many work on --tasks; results do not depend on it.  [all cores]",
)
@common()
def backtest(context: Context, *, tasks: Path | None, seed: int, processes: int | None) -> None:
    """How good such forecasts would have been, against naive methods."""
    if tasks is None:
        raise click.UsageError("Name a folder of tasks with --tasks.")
    _answer(context, tasks, seed, processes or len(os.sched_getaffinity(0)))


def _answer(context: Context, folder: Path, seed: int, processes: int) -> None:
    # before numpy is loaded: threads only cost on arrays of this size, and the processes share the cores already
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from finops.connector import Step
    from finops.forecast.tasks import predict_all
    from finops.task_files import read_tasks, write_predictions

    if context.output is None:
        raise click.UsageError("Name the file to write with -o, for example -o predictions.parquet.")
    items = read_tasks(folder)
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
