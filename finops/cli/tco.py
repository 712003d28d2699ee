"""`finops tco`: on-premises against cloud."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from finops.cli.options import Context, common

if TYPE_CHECKING:
    from finops.ownership import Studies
    from finops.tco.scenario_file import Measured


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--inputs", "show_inputs", is_flag=True, help="Show every input with unit, kind, date and source.")
@click.option("--compare", is_flag=True, help="Show what the second of two files changes.")
@click.option(
    "--as-focus",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the owned option's months as a FOCUS file that finops ingests.",
)
@click.option("--option", "option_name", help="Which option --as-focus writes.  [default: the owned one]")
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="On every row of --as-focus.")
@click.option("--from-bill", metavar="project=NAME", help="Measure the demand and its rate in the tables.")
@click.option("--instance-type", help="Whose hours are measured.  [default: the dearest]")
@click.option(
    "--draws", type=click.IntRange(100, 10_000_000), default=100_000, show_default=True, help="Of the simulation."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the simulation.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of scenario files.")
@common("table", "json", "csv", "md", "xlsx")
def tco(
    context: Context,
    *,
    files: tuple[Path, ...],
    show_inputs: bool,
    compare: bool,
    as_focus: Path | None,
    option_name: str | None,
    tags: tuple[str, ...],
    from_bill: str | None,
    instance_type: str | None,
    draws: int,
    seed: int,
    schema: bool,
) -> None:
    """On-premises against cloud: break-even, how sure that is, and what decides it.

    FILES are scenarios in TOML; without any, those of finops.toml ([tco] scenarios).
    """
    from finops import ownership
    from finops.report import grid, locale, tco_grid

    if schema:
        context.write(ownership.schema_text())
        return
    year_start, language = 1, "en_GB"
    if not files:
        config = context.config()
        files, year_start, language = config.tco, config.organisation.fiscal_year_start, config.organisation.locale
    measured = None if from_bill is None else _measured(context, from_bill, instance_type)
    studies = ownership.studies(files, measured=measured)
    if as_focus is not None:
        written = ownership.write_focus(studies, option_name, as_focus, tags=_tags(tags))
        click.echo(written)
        return
    found = ownership.answers(studies, as_of=context.as_of, seed=seed, draws=draws, fiscal_year_start=year_start)
    words = locale.locale(language)
    if context.format == "json":
        context.write(ownership.to_json(found))
        return
    if context.format == "xlsx" or (context.format is None and context.output and context.output.suffix == ".xlsx"):
        for path in ownership.write_workbooks(studies, found, context.output or Path("tco.xlsx")):
            click.echo(path)
        return
    if compare:
        context.write(_changes(context, found))
        return
    if context.format == "csv":
        rows = [row for one in found.studies for row in tco_grid.records(one)[1]]
        context.write(grid.comma_separated(tco_grid.records(found.studies[0])[0], rows))
        return
    grids = [
        made
        for one in found.studies
        for made in (tco_grid.blocks_grid(one, words), *([tco_grid.inputs_grid(one, words)] if show_inputs else []))
    ]
    width = shutil.get_terminal_size().columns if context.terminal else None
    context.write(
        "\n\n".join(
            grid.markdown(one) if context.format == "md" else grid.terminal(one, width=width, colour=context.colour)
            for one in grids
        )
    )


def _tags(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"{one!r} is not KEY=VALUE.", param_hint="--tag")
        found[key] = value
    return found


def _measured(context: Context, scope: str, instance: str | None) -> "Measured":
    """What the bill says, told on the way."""
    from finops import measuring
    from finops.cli.stored import ingested

    config, _ = ingested(context)
    found = measuring.uses(config, scope, as_of=context.as_of, known_at=context.known_at)
    for use in found:
        context.narrate(
            f"{use.instance}: {use.per_month:,.0f} hours a month at {use.rate:,.4f} {use.currency}/h "
            f"({use.months[0]} to {use.months[-1]})"
        )
    return measuring.measured(found, scope, instance)


def _changes(context: Context, found: "Studies") -> str:
    from finops import ownership
    from finops.report import grid

    if len(found.studies) != 2:  # noqa: PLR2004 - before and after
        raise click.BadParameter(
            f"{len(found.studies)} files are named; a comparison takes two.", param_hint="--compare"
        )
    before, after = found.studies
    shown = grid.Grid(
        title=f"{before.name} ({before.file}) against {after.name} ({after.file})",
        columns=(
            grid.Column(header="What", align="left"),
            grid.Column(header="Before"),
            grid.Column(header="After"),
        ),
        rows=tuple(grid.Row(cells=row) for row in ownership.changes(before, after)),
        notes=() if ownership.changes(before, after) else ("Nothing differs.",),
    )
    return grid.markdown(shown) if context.format == "md" else grid.terminal(shown, colour=context.colour)
