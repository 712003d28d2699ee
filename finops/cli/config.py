"""`finops config`: the schema, the settings in force, and a check."""

import json

import click

from finops.cli.options import Context, common


@click.group()
def config() -> None:
    """Print the schema, show the settings in force, check finops.toml."""


@config.command()
@common()
def schema(context: Context) -> None:
    """The JSON Schema of finops.toml."""
    from finops import config as settings

    context.write(json.dumps(settings.schema(), indent=2, ensure_ascii=False))


@config.command()
@common("json")
def show(context: Context) -> None:
    """The settings in force: file, variables and defaults together, as JSON."""
    import os

    from finops import config as settings
    from finops.cli.options import user_file

    merged = settings.show(context.config_file, variables=os.environ, user_file=user_file())
    context.write(json.dumps(merged, indent=2, ensure_ascii=False, default=str))


@config.command()
@common()
def lint(context: Context) -> None:
    """Check finops.toml without reading any export; silent advice goes to standard error."""
    from finops import plugins

    loaded = context.config()
    for entry in loaded.sources:
        plugins.find(entry.connector, entry.source.name)
    for section in loaded.unused:
        context.narrate(f"note    [{section}] is legal, but this version does not use it yet")
    if not loaded.sources:
        context.narrate("note    no [[sources]]: finops ingest has nothing to read")
    unknown = sorted(
        {name for budget in loaded.budgets for name in dict(budget.scope.fields).get("project", ())}
        - {project.name for project in loaded.projects}
    )
    for name in unknown:
        context.narrate(f"note    a budget is scoped to project {name!r}, which no [[projects]] entry names")
    context.write(
        f"{loaded.file}: ok, {len(loaded.sources)} sources, {len(loaded.projects)} projects, "
        f"{len(loaded.budgets)} budgets"
    )
