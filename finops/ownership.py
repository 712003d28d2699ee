"""Ownership: studies of owned against rented, from scenario files, measured by the bill where asked."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from finops.errors import AccessError, ConfigurationError
from finops.report import records, tco_focus, tco_workbook
from finops.tco.answer import Answer, answer
from finops.tco.reasons import NoFigure
from finops.tco.scenario import Study
from finops.tco.scenario_file import Measured, load

SCHEMA = "finops.tco/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Studies:
    """Answers, one per scenario file, in order."""

    as_of: date
    studies: tuple[Answer, ...]


SCHEMA_DOCUMENT: dict[str, Any] = records.schema_document(
    Studies,
    schema=SCHEMA,
    title="Owned against rented: what each option costs, when it breaks even, and how sure that is",
)


def studies(files: Sequence[Path], *, measured: Measured | None = None) -> tuple[Study, ...]:
    """The studies of scenario files.

    Raises:
        ConfigurationError: for a mistake in one, or where there is none.
        AccessError: if one may not be read.
    """
    if not files:
        raise ConfigurationError(
            "No scenario is named.",
            'Name scenario files, or list them in finops.toml: [tco] scenarios = ["tco/*.toml"].',
        )
    found = tuple(load(file, measured=measured) for file in files)
    if measured is not None and not any(one.kind == "measured" for study in found for one in study.quantities.values()):
        raise ConfigurationError(
            f"Nothing in {', '.join(map(str, files))} asks for what the bill says.",
            'Write quantity = { measured = "units_per_month" }, or on_demand = { measured = "rate_per_unit" }.',
        )
    return found


def answers(found: Sequence[Study], *, as_of: date, seed: int, draws: int, fiscal_year_start: int) -> Studies:
    """What the studies say.

    Raises:
        ConfigurationError: where a study's inputs give no finite cost.
    """
    made = []
    for study in found:
        try:
            one = answer(study, as_of=as_of, seed=seed, draws=draws, fiscal_year_start=fiscal_year_start)
        except NoFigure as error:
            raise ConfigurationError(f"{study.file}: {error.reason}.", "Correct the input.") from error
        made.append(one)
    return Studies(as_of=as_of, studies=tuple(made))


def to_json(found: Studies) -> str:
    """The answers as JSON that `SCHEMA_DOCUMENT` describes."""
    return records.to_json(found, schema=SCHEMA)


def write_workbooks(found: Sequence[Study], answered: Studies, output: Path) -> tuple[Path, ...]:
    """Write one spreadsheet per study: the file named, or numbered beside it where there are several.

    Raises:
        AccessError: if a file cannot be written.
    """
    paths: list[Path] = []
    for at, (study, one) in enumerate(zip(found, answered.studies, strict=True), 1):
        path = output if len(found) == 1 else output.with_name(f"{output.stem}-{at}{output.suffix}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tco_workbook.render(study, one))
        except OSError as error:
            raise AccessError(f"{path} cannot be written: {error.strerror}.", "Name another file with -o.") from error
        paths.append(path)
    return tuple(paths)


def write_focus(found: Sequence[Study], option: str | None, output: Path, *, tags: Mapping[str, str]) -> Path:
    """Write one option of one study as a FOCUS file.

    Args:
        found: one study.
        option: its name; None for the owned one.
        output: the file.
        tags: on every row.

    Raises:
        ConfigurationError: if several studies are named, or the option is unknown or owns nothing.
        AccessError: if the file cannot be written.
    """
    if len(found) != 1:
        raise ConfigurationError(f"{len(found)} scenario files are named.", "Name one for --as-focus.")
    study = found[0]
    name = option or study.owned
    known = [one.name for one in study.options if one.capacity is not None]
    if name not in known:
        raise ConfigurationError(
            f"{study.file} owns nothing by the name {name!r}.", f"It owns: {', '.join(known) or 'nothing'}."
        )
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(tco_focus.render(study, name, tags=tags))
    except OSError as error:
        raise AccessError(f"{output} cannot be written: {error.strerror}.", "Name another file.") from error
    return output


def changes(before: Answer, after: Answer) -> list[tuple[str, str, str]]:
    """What two answers differ in: (what, before, after), inputs first."""
    found: list[tuple[str, str, str]] = []
    old = {one.key: one for one in before.inputs}
    new = {one.key: one for one in after.inputs}
    for key in dict.fromkeys([*old, *new]):
        texts = [
            "–" if side.get(key) is None else f"{side[key].value.normalize():f} {side[key].unit}" for side in (old, new)
        ]
        if texts[0] != texts[1]:
            label = (new.get(key) or old[key]).label
            found.append((label, texts[0], texts[1]))
    for name in dict.fromkeys([option.name for option in (*before.options, *after.options)]):
        for field in ("total", "net_present_value"):
            sides = [
                next((getattr(one, field) for one in side.options if one.name == name), None)
                for side in (before, after)
            ]
            if sides[0] != sides[1]:
                texts = ["–" if one is None else f"{one:,.0f}" for one in sides]
                found.append((f"{name}, {field.replace('_', ' ')}", texts[0], texts[1]))
    sides_of: tuple[tuple[str, Callable[[Answer], object]], ...] = (
        ("Break-even month", lambda one: getattr(one.break_even, "month", one.break_even)),
        ("Cheapest", lambda one: one.cheapest),
        ("Chance that owning is cheaper", lambda one: getattr(one.simulation, "chance_owning_cheaper", one.simulation)),
    )
    for label, pick in sides_of:
        texts = [_text(pick(one)) for one in (before, after)]
        if texts[0] != texts[1]:
            found.append((label, texts[0], texts[1]))
    return found


def _text(figure: object) -> str:
    if dataclasses.is_dataclass(figure) and hasattr(figure, "reason"):
        return str(figure.reason)
    return str(figure)


def schema_text() -> str:
    """The JSON Schema of scenario files as text."""
    from finops.tco import scenario_file  # noqa: PLC0415 - named as the module it is

    return json.dumps(scenario_file.schema(), indent=1)
