"""`finops init`: write a commented finops.toml for the exports in a folder."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from finops.cli.options import Context, common
from finops.config import FILE

if TYPE_CHECKING:
    from finops.discovery import Discovery, Place
    from finops.sampling import Sample
    from finops.starter import Answers
    from finops.suggestions import Suggestions

_NAME = "Cloud costs"


class _Currency(click.ParamType[str]):
    name = "currency"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        if not re.fullmatch(r"[A-Za-z]{3}", value):
            self.fail(f"{value!r} is no currency code of three letters like EUR", param, ctx)
        return str(value).upper()


class _Name(click.ParamType[str]):
    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        name = str(value).strip()
        if not name or not name.isprintable():
            self.fail("an organisation's name is at least one letter, all on one line", param, ctx)
        return name


_MONTH = click.IntRange(1, 12)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--name", type=_Name(), help=f"Of the organisation, shown on every page.  [default: {_NAME}]")
@click.option("--currency", type=_Currency(), help="Of reports.  [default: the one most rows are in]")
@click.option("--fiscal-year-start", type=_MONTH, help="Month the fiscal year starts in.  [default: 1]")
@click.option("--ask", "asked", multiple=True, metavar="CONNECTOR", help="Also ask this provider, for example aws.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing, also on a terminal.")
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
@click.option("--dry-run", is_flag=True, help="Print the file instead of writing it.")
@common()
def init(
    context: Context,
    *,
    folder: Path,
    name: str | None,
    currency: str | None,
    fiscal_year_start: int | None,
    asked: tuple[str, ...],
    yes: bool,
    force: bool,
    dry_run: bool,
) -> None:
    """Write a commented finops.toml for the exports in FOLDER (default: the current one).

    Reads names and headers of the files, and some rows of the newest ones. Asks on a terminal only, and no provider
    unless --ask names it: then with the credentials of this machine, by calls that cost nothing.
    """
    from finops import discovery, periods, starter, suggestions

    file = _target(context, folder)
    if not dry_run:
        _refuse_to_replace(file, force=force)
    context.narrate(f"Looking for exports in {starter.shown(str(folder.resolve()))}")
    found = discovery.discover(folder, base=file.parent)
    samples = _sampled(context, found, base=file.parent.resolve(), currency=currency)
    told = _asked_for(context, asked, samples)
    notes = [*found.notes, *told.notes]
    suggested = suggestions.suggest(samples, running_month=periods.month_of(context.as_of).months()[0])
    answers = _answers(
        suggested,
        name=name,
        currency=currency,
        fiscal_year_start=fiscal_year_start,
        asks=not yes and not dry_run and _at_a_terminal(),
    )
    places = [*(sample.place for sample in samples), *told.places]
    text = starter.text(answers, places, suggested, notes, told.proposals)
    _tell(context, notes, suggested, is_empty=not places)
    if dry_run:
        click.echo(text, nl=False)
        return
    _write(file, text, force=force)
    click.echo(file)
    _tell_next(context, file, is_ready=bool(places))


def _target(context: Context, folder: Path) -> Path:
    """The file to write: -o, --config where it was given, else finops.toml in the folder."""
    given = click.get_current_context().get_parameter_source("config_file")
    if context.output is not None:
        return context.output
    return folder / FILE if given is click.core.ParameterSource.DEFAULT else context.config_file


def _refuse_to_replace(file: Path, *, force: bool) -> None:
    from finops.errors import AccessError, ConfigurationError

    if file.is_dir():
        raise AccessError(f"{file} is a folder.", "Name a file with -o.")
    if (file.exists() or file.is_symlink()) and not force:
        raise ConfigurationError(
            f"{file} exists already.", "Pass --force to replace it, or --dry-run to see what would be written."
        )


def _sampled(context: Context, found: "Discovery", *, base: Path, currency: str | None) -> "list[Sample]":
    if not found.places:
        return []
    from finops import sampling

    with sampling.sampler(base, currency=currency) as sample:
        return [_told(context, place, sample(place)) for place in found.places]


def _told(context: Context, place: "Place", sample: "Sample") -> "Sample":
    from finops.starter import shown

    rows = sum(line.rows for line in sample.lines)
    size = f"{_counted(len(place.files), 'file')}, {_counted(rows, 'row')} looked at"
    context.narrate(f"  {place.name}: {place.connector}, {shown(place.location)}, {size}")
    for note in sample.place.notes:
        context.narrate(f"  note: {shown(note)}")
    return sample


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _at_a_terminal() -> bool:
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def _answers(
    suggested: "Suggestions", *, name: str | None, currency: str | None, fiscal_year_start: int | None, asks: bool
) -> "Answers":
    """What the flags say, else what a person answers, else defaults."""
    from finops.starter import Answers

    seen = next(iter(suggested.currencies), None)
    if asks:
        name = name or _asked("Name of the organisation", _NAME, _Name())
        currency = currency or _asked("Currency of reports", seen or "EUR", _Currency())
        fiscal_year_start = fiscal_year_start or _asked("Month the fiscal year starts in", 1, _MONTH)
    return Answers(name=name or _NAME, currency=currency or seen, fiscal_year_start=fiscal_year_start or 1)


def _asked(question: str, default: Any, kind: click.ParamType[Any]) -> Any:  # noqa: ANN401 - what the kind converts to
    """The answer; questions go to standard error, since standard output is data."""
    return click.prompt(question, default=default, type=kind, err=True)


def _asked_for(context: Context, connectors: tuple[str, ...], samples: "list[Sample]") -> "Discovery":
    """What the providers named deliver."""
    from finops.asking import ask
    from finops.discovery import Discovery
    from finops.starter import shown

    found = Discovery(places=(), notes=())
    for name in dict.fromkeys(connectors):
        context.narrate(f"Asking {name} for its exports")
        taken = {place.name.lower() for place in (*(sample.place for sample in samples), *found.places)}
        more = ask(name, taken=taken)
        found = Discovery(
            places=(*found.places, *more.places),
            notes=(*found.notes, *more.notes),
            proposals=(*found.proposals, *more.proposals),
        )
    for place in found.places:
        context.narrate(f"  {place.name}: {shown(place.location)}, {shown(' '.join(place.notes))}")
    return found


def _tell(context: Context, notes: "Sequence[str]", suggested: "Suggestions", *, is_empty: bool) -> None:
    from finops.starter import shown

    for note in notes:
        context.narrate(f"note: {shown(note)}")
    for one, other, _ in suggested.repeated:
        context.narrate(f"note: {one} and {other} hold the same bill; keep one of them if the charges are the same.")
    if suggested.tag_key is not None:
        context.narrate(f"{_counted(len(suggested.projects), 'project')} from the tag {suggested.tag_key!r}")
    if is_empty:
        context.narrate("No export was found: [[sources]] is an example to fill in.")


def _write(file: Path, text: str, *, force: bool) -> None:
    from finops.errors import AccessError

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if force:
            partial = file.with_name(f".{file.name}.partial")
            partial.write_text(text, encoding="utf-8")
            partial.replace(file)
        else:
            with file.open("x", encoding="utf-8") as new:  # never over one that appeared meanwhile
                new.write(text)
    except OSError as error:
        raise AccessError(f"{file} cannot be written: {error.strerror}.", "Name another file with -o.") from error


def _tell_next(context: Context, file: Path, *, is_ready: bool) -> None:
    import shlex

    if file.name != FILE:
        command = f"finops ingest -c {shlex.quote(str(file))}"
    else:
        command = "finops ingest"
        if file.parent.resolve() != Path.cwd():
            command = f"cd {shlex.quote(str(file.parent))} && {command}"
    context.narrate(f"Next: {command}" if is_ready else f"Next: fill in [[sources]] in {file}, then {command}")
