"""Configuration: finops.toml, variables and defaults as one frozen `Config`; mistakes name file, line and mend."""

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from finops import invoices, public_holidays
from finops.allocation import Rules, check_pattern, entries
from finops.budgets.budget import Budget, Recurrence
from finops.commitments import Agreement
from finops.connector import Source
from finops.errors import AccessError, ConfigurationError
from finops.forecast.event import Event, Kind, Origin
from finops.forecast.scenario import Migration, Purchase, Scenario
from finops.invoices import InvoiceLine
from finops.periods import Period
from finops.series import Scope

FILE = "finops.toml"
_SCHEMA = Path(__file__).with_suffix(".schema.json")
_SCENARIO_SCHEMA = Path(__file__).with_name("scenario.schema.json")
_HEADER = re.compile(r"^[ \t]*\[\[?[ \t]*([^\[\]\n]+?)[ \t]*\]\]?[ \t]*(?:#.*)?$", re.MULTILINE)
_TOKEN = re.compile(r"\"\"\"[\s\S]*?\"\"\"|\"(?:[^\"\\\n]|\\.)*\"|\'[^\'\n]*\'|#[^\n]*|[\[\]{},]")
_INTEGER = re.compile(r"-?[0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Who the report is for. `currency` None: the bill's own."""

    name: str
    currency: str | None
    fiscal_year_start: int
    locale: str
    measure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Where the tables are, what runs on them and where, how long replaced rows are kept, where files go meanwhile.

    Attributes:
        path: absolute folder of the tables; where they are in a bucket, of the copies of their files.
        url: of a store in a bucket, without a slash at its end; None for a folder.
        spill: absolute folder for temporary files; None for where the system keeps them.
        engine: `duckdb` or `spark`.
        master: where Spark runs.
    """

    path: Path
    url: str | None = None
    engine: str
    memory_limit: str
    retention_days: int = 90
    spill: Path | None = None
    master: str = "local[*]"

    @property
    def place(self) -> str:
        """Where the tables are, as a person would say it."""
        return self.url or str(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEntry:
    """A source and the name of its connector."""

    connector: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Who stands behind a project name."""

    name: str
    owner: str | None
    cost_centre: str | None
    team: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastSettings:
    """How far back the forecast looks, its seed, what of the bill is an event of it, and whose holidays it knows."""

    history_months: int
    seed: int
    commitments: bool = True
    holidays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """What is printed on every page."""

    classification: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything finops.toml says.

    Attributes:
        rates: file of exchange rates; None where there is none.
        tco: scenario files, in the order named and sorted within a pattern.
        invoices, invoice_files: what providers asked to be paid, and files that say it.
        plan: budget rates: `USD/EUR` to what one dollar is worth in euro.
        file: where it was read from; relative paths in it were resolved against its folder.
        unused: sections, and keys as `report.logo`, that are legal but not used by this version.
    """

    file: Path
    organisation: Organisation
    store: Store
    sources: tuple[SourceEntry, ...]
    projects: tuple[Project, ...]
    rules: Rules
    budgets: tuple[Budget, ...]
    events: tuple[Event, ...]
    commitments: tuple[Agreement, ...]
    forecast: ForecastSettings
    report: ReportSettings
    rates: Path | None
    tco: tuple[Path, ...]
    plan: Mapping[str, Decimal]
    invoices: tuple[InvoiceLine, ...]
    invoice_files: tuple[Path, ...]
    unused: tuple[str, ...]

    @property
    def teams(self) -> dict[str, str]:
        """The team of every project that has one."""
        return {project.name: project.team for project in self.projects if project.team is not None}


def schema() -> dict[str, Any]:
    """The JSON Schema of finops.toml."""
    loaded: dict[str, Any] = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return loaded


def load(file: Path, *, variables: Mapping[str, str], user_file: Path | None = None) -> Config:
    """Read the configuration.

    Args:
        file: finops.toml.
        variables: the environment; `FINOPS_SECTION_KEY` overrides a plain setting such as `FINOPS_STORE_PATH`.
        user_file: defaults of this user, used where it exists; project entries win.

    Raises:
        ConfigurationError: for every mistake, with file and line.
        AccessError: if the file may not be read.
    """
    document = _Document.read(file)
    _validate(document)
    overridden = _overridden(_under(_user_settings(user_file), document.data), variables)
    if overridden != document.data:
        _validate(_Document(file, document.text, overridden), variables)
    return _config(_Document(file, document.text, _with_defaults(overridden)))


def load_scenario(file: Path) -> Scenario:
    """A what-if: growth, prices, migrations, commitments and events of a TOML file.

    Raises:
        ConfigurationError: for every mistake, with file and line.
        AccessError: if the file may not be read.
    """
    document = _Document.read(file)
    described = json.loads(_SCENARIO_SCHEMA.read_text(encoding="utf-8"))
    described["$defs"] = schema()["$defs"]
    described["properties"]["events"] = schema()["properties"]["events"]
    _validate(document, against=described)
    return _scenario(document)


def show(config_file: Path, *, variables: Mapping[str, str], user_file: Path | None = None) -> dict[str, Any]:
    """The effective settings as plain data, defaults and variables included.

    Raises:
        ConfigurationError, AccessError: as `load`.
    """
    load(config_file, variables=variables, user_file=user_file)
    merged = _under(_user_settings(user_file), _Document.read(config_file).data)
    return _with_defaults(_overridden(merged, variables))


# ── mistakes ──────────────────────────────────────────────────────────────────────────────────────────────────


class ConfigMissing(ConfigurationError):
    """There is no finops.toml."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"{file} does not exist.", "Run the command in the folder of your finops.toml, or name it with --config."
        )


class NotToml(ConfigurationError):
    """The file is not TOML."""

    def __init__(self, file: Path, error: Exception) -> None:
        super().__init__(f"{file} is not valid TOML: {error}.", "Correct the line named.")


class UnknownKey(ConfigurationError):
    """A key nobody reads."""

    def __init__(self, where: str, key: str, known: Sequence[str]) -> None:
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
        todo = f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(known)}."
        super().__init__(f"{where}: unknown key {key!r}.", todo)


class WrongValue(ConfigurationError):
    """A value of the wrong type or outside what is allowed."""

    def __init__(self, where: str, what: str, todo: str) -> None:
        super().__init__(f"{where}: {what}.", todo)


class LaterVersion(WrongValue):
    """A value that a later version takes: refused, as ignoring it would mislead."""

    def __init__(self, where: str, what: str, use: str) -> None:
        super().__init__(where, what, f"This version knows {use} only.")


class DuplicateName(ConfigurationError):
    """Two entries share a name that must tell them apart."""

    def __init__(self, where: str, kind: str, name: str, key: str = "name") -> None:
        super().__init__(f"{where}: a second {kind} is called {name!r}.", f"Give each its own {key}.")


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Document:
    """A file, its text, for line numbers, and its data."""

    file: Path
    text: str
    data: Mapping[str, Any]

    @classmethod
    def read(cls, file: Path) -> "_Document":
        try:
            text = file.read_text(encoding="utf-8-sig")
            return cls(file, text, tomllib.loads(text, parse_float=Decimal))
        except FileNotFoundError as error:
            raise ConfigMissing(file) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise NotToml(file, error) from error
        except OSError as error:
            raise AccessError(f"{file} cannot be read: {error.strerror}.", "Check the file's rights.") from error

    def where(self, path: Sequence[str | int]) -> str:
        """`finops.toml, line 12` for a path into the data; the path itself where it stands on no line of its own."""
        line = _line(self.text, path)
        return f"{self.file}, line {line}" if line else f"{self.file}, {'.'.join(map(str, path)) or 'top level'}"


def _line(text: str, path: Sequence[str | int]) -> int | None:
    """The line a path ends in, or of the deepest part of it that is written down; None for no part."""
    if not path:
        return None
    section = str(path[0])
    text = _TOKEN.sub(lambda token: " " * len(token[0]) if token[0].startswith("#") else token[0], text)
    at, end, rest = _extent(text, section, path[1:])
    for part in rest:
        found = _element(text, at, part) if isinstance(part, int) else _key(text, at, end, part)
        if found is None:
            break
        at = found
    return None if at < 0 else text.count("\n", 0, at) + 1


def _extent(text: str, section: str, rest: Sequence[str | int]) -> tuple[int, int, Sequence[str | int]]:
    """Where a section's text starts and ends, and what of the path is still to be found in it; -1 where it is not."""
    headers = [(match[1].strip("\"'"), match.start(1), match[0].lstrip()[:2]) for match in _HEADER.finditer(text)]
    starts = [(at, mark) for name, at, mark in headers if name == section]
    if not starts:
        first = headers[0][1] if headers else len(text)
        found = _key(text, 0, first, section)
        return (-1, 0, ()) if found is None else (found, first, rest)
    if starts[0][1] == "[[" and rest and isinstance(rest[0], int):
        start, rest = starts[min(rest[0], len(starts) - 1)][0], rest[1:]
    else:
        start = starts[0][0]
    later = [at for name, at, _ in headers if at > start and not name.startswith(f"{section}.")]
    return start, min(later, default=len(text)), rest


def _key(text: str, start: int, end: int, key: str) -> int | None:
    """Where a key is written, as `key =`, `"key" =` or part of a dotted key."""
    written = re.compile(rf"(?:^|[\s{{,.\[])([\"']?){re.escape(key)}\1[ \t]*[=.\]]", re.MULTILINE)
    found = written.search(text, start, end)
    return None if found is None else found.end() - 1


def _element(text: str, at: int, index: int) -> int | None:
    """Where an element of the array that opens next begins."""
    depth, seen = 0, 0
    for token in _TOKEN.finditer(text, at):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        opens_here = token[0] == "[" and depth == 1
        if opens_here or (token[0] == "," and depth == 1):
            if seen == index:
                return len(text) - len(text[token.end() :].lstrip())
            seen += 1
        if depth <= 0 and token[0] in "]}":
            return None
    return None


def _validate(
    document: _Document, variables: Mapping[str, str] | None = None, *, against: Mapping[str, Any] | None = None
) -> None:
    """Raise the first mistake; one that a variable brought in names the variable."""
    import jsonschema  # noqa: PLC0415 - 0.1 s, not for --help

    checker = jsonschema.FormatChecker(formats=())
    checker.checkers["re2"] = (_is_re2, ValueError)
    plain = json.loads(json.dumps(document.data, default=_plain))
    validator = jsonschema.Draft202012Validator(against or schema(), format_checker=checker)
    for error in sorted(validator.iter_errors(plain), key=lambda e: [str(part) for part in e.absolute_path]):
        path = [str(part) for part in error.absolute_path]
        variable = _variable(*path) if len(path) == 2 else ""  # noqa: PLR2004 - section and key
        where = variable if variables is not None and variables.get(variable) else None
        raise _mistake(document, _deepest(error), where)


def _is_re2(value: object) -> bool:
    check_pattern(str(value))
    return True


def _deepest(error: Any) -> Any:  # noqa: ANN401 - jsonschema's own class, imported late
    """The most telling of the errors inside an alternative; the alternative's own where none is."""
    whole_budget = list(error.absolute_path)[:1] == ["budgets"] and len(error.absolute_path) == 2  # noqa: PLR2004
    if error.validator != "oneOf" or whole_budget:
        return error
    telling = _OF_TABLES if isinstance(error.instance, Mapping) else _OF_VALUES
    inner = [one for one in map(_deepest, error.context) if one.path or one.validator in telling]
    return inner[0] if inner else error


_OF_TABLES = frozenset({"additionalProperties", "required"})
_OF_VALUES = frozenset({"enum", "format", "minItems", "minLength", "pattern"})
"""What an alternative may object to that helps the reader; that a value is of its sibling's type does not."""
_IN_TOML = {"object": "table", "array": "list", "integer": "whole number", "number": "number", "string": "text"}
"""What the reader of a TOML file calls the types of JSON."""


_BOUNDS = {
    "minimum": "Write {} or more.",
    "exclusiveMinimum": "Write more than {}.",
    "maximum": "Write {} or less.",
    "exclusiveMaximum": "Write less than {}.",
}


def _mistake(  # noqa: PLR0911 - one sentence per kind of mistake
    document: _Document,
    error: Any,  # noqa: ANN401 - jsonschema's own class, imported late
    variable: str | None,
) -> ConfigurationError:
    path = list(error.absolute_path)
    if error.validator == "additionalProperties":
        known = sorted(error.schema["properties"])
        unknown = next(key for key in error.instance if key not in known)
        return UnknownKey(document.where([*path, unknown]), unknown, known)
    where = variable or document.where(path)
    name = next((part for part in reversed(path) if isinstance(part, str)), "the file")
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        return WrongValue(where, f"{name} lacks {missing!r}", f"Add {missing} = …")
    if error.validator in {"enum", "const"}:
        allowed = error.validator_value if error.validator == "enum" else [error.validator_value]
        return WrongValue(where, f"{name} is {error.instance!r}", f"Use one of {', '.join(map(str, allowed))}.")
    if error.validator == "type":
        kind = _IN_TOML.get(error.validator_value, error.validator_value)
        return WrongValue(where, f"{name} is {error.instance!r}, which is no {kind}", f"Write a {kind}.")
    if error.validator == "format":
        return WrongValue(
            where,
            f"{error.instance!r} is not a linear-time regular expression",
            "Use RE2 syntax: no look-around, no back-references.",
        )
    if error.validator == "pattern" and "examples" in error.schema:
        return WrongValue(where, f"{name} is {error.instance!r}", f"Write it like {error.schema['examples'][0]!r}.")
    if error.validator == "anyOf":
        return WrongValue(where, f"{name} has equals or matches without a tag", 'Write { tag = "team", equals = "a" }.')
    if error.validator == "oneOf" and path[:1] == ["budgets"] and len(path) == 2:  # noqa: PLR2004 - the budget itself
        return WrongValue(
            where, "a budget needs either limit or limits", 'Give limit = 1000, or limits = { "2026-04" = 1000 }.'
        )
    if error.validator == "oneOf" and not isinstance(error.instance, str):
        return WrongValue(
            where, f"{name} is {error.instance!r}, which is no text", "Write it in quotes, or a list of such."
        )
    todo = _BOUNDS.get(error.validator, "finops config schema prints what is allowed.").format(error.validator_value)
    return WrongValue(where, f"{name} is {error.instance!r}: {error.message}", todo)


# ── layers of settings ────────────────────────────────────────────────────────────────────────────────────────


def _user_settings(file: Path | None) -> dict[str, Any]:
    """What this user's file says, its relative paths made absolute; nothing where there is none."""
    if file is None or not file.is_file():
        return {}
    document = _Document.read(file)
    data = {"version": 1, **document.data}
    _validate(_Document(file, document.text, data))
    if "path" in data.get("store", {}) and "://" not in data["store"]["path"]:
        data["store"] = {**data["store"], "path": str(_resolved(document, data["store"]["path"]))}
    if "sources" in data:
        data["sources"] = [
            {**entry, "location": _location(document, entry["location"])} if "location" in entry else entry
            for entry in data["sources"]
        ]
    return data


def _under(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """Tables merged key by key, everything else replaced by the upper layer."""
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _under(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _settings() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(section, key, schema) of every plain setting outside lists."""
    for section, described in schema()["properties"].items():
        for key, inner in described.get("properties", {}).items():
            yield section, key, inner


def _overridden(data: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, Any]:
    merged = {key: dict(value) if isinstance(value, Mapping) else value for key, value in data.items()}
    for section, key, described in _settings():
        text = variables.get(_variable(section, key))
        if text:
            number = described.get("type") == "integer" and _INTEGER.fullmatch(text)
            value: int | bool | str = int(text) if number else text
            if described.get("type") == "boolean":
                value = {"true": True, "false": False}.get(text.lower(), text)
            merged.setdefault(section, {})[key] = value
    return merged


def _variable(section: str, key: str) -> str:
    return f"FINOPS_{section}_{key}".upper()


def _with_defaults(data: Mapping[str, Any]) -> dict[str, Any]:
    merged = {key: dict(value) if isinstance(value, Mapping) else value for key, value in data.items()}
    for section, key, described in _settings():
        if "default" in described:
            merged.setdefault(section, {}).setdefault(key, described["default"])
    return merged


# ── building ──────────────────────────────────────────────────────────────────────────────────────────────────


def _config(document: _Document) -> Config:
    data = document.data
    organisation = data["organisation"]
    for kind in ("sources", "projects", "phases", "environments", "teams", "budgets", "events"):
        _refuse_duplicates(document, kind)
    rules = _rules(document)
    budgets = tuple(_budget(document, at, entry) for at, entry in enumerate(data.get("budgets", ())))
    store = _store(document)
    return Config(
        file=document.file,
        organisation=Organisation(
            name=organisation["name"],
            currency=organisation.get("currency"),
            fiscal_year_start=organisation["fiscal_year_start"],
            locale=organisation["locale"],
            measure=organisation["measure"],
        ),
        store=store,
        sources=tuple(_source(document, entry, store) for entry in data.get("sources", ())),
        projects=tuple(_project(document, at, entry) for at, entry in enumerate(data.get("projects", ()))),
        rules=rules,
        budgets=budgets,
        events=tuple(_event(document, at, entry) for at, entry in enumerate(data.get("events", ()))),
        commitments=_commitments(document),
        forecast=ForecastSettings(
            history_months=data["forecast"]["history_months"],
            seed=data["forecast"]["seed"],
            commitments=data["forecast"]["commitments"],
            holidays=_holidays(document),
        ),
        report=ReportSettings(classification=data.get("report", {}).get("classification")),
        rates=_rates_file(document),
        tco=_scenarios(document),
        plan={pair: Decimal(str(value)) for pair, value in data.get("rates", {}).get("plan", {}).items()},
        invoices=tuple(_invoice(document, at) for at, entry in enumerate(_invoices(data)) if "file" not in entry),
        invoice_files=tuple(
            document.file.resolve().parent / Path(entry["file"]).expanduser()
            for entry in _invoices(data)
            if "file" in entry
        ),
        unused=_unused(data),
    )


def _unused(data: Mapping[str, Any]) -> tuple[str, ...]:
    """What stands in the file, as no default, and is legal, but has no effect in this version."""
    found = []
    for section, described in schema()["properties"].items():
        if described.get("x-later") and section in data:
            found.append(section)
        inner = described.get("properties", {})
        found += [f"{section}.{key}" for key in inner if inner[key].get("x-later") and key in data.get(section, {})]
    return tuple(found)


def _refuse_duplicates(document: _Document, kind: str) -> None:
    seen: set[str] = set()
    for at, entry in enumerate(document.data.get(kind, ())):
        if entry["name"] in seen:
            raise DuplicateName(document.where([kind, at, "name"]), kind.removesuffix("s"), entry["name"])
        seen.add(entry["name"])


def _store(document: _Document) -> Store:
    data = document.data["store"]
    path = data["path"]
    url = None
    if "://" in path:
        found = _BUCKET.fullmatch(path)
        if found is None:
            raise WrongValue(
                document.where(["store", "path"]),
                f"path is {path!r}",
                "Give a folder, s3://BUCKET/PREFIX or gs://BUCKET/PREFIX.",
            )
        url = path.rstrip("/")
        path = f".finops/buckets/{hashlib.sha256(url.encode()).hexdigest()[:16]}"  # a prefix may hold anything
    return Store(
        path=_resolved(document, path),
        url=url,
        engine=data["engine"],
        memory_limit=data["memory_limit"],
        spill=_spill(document),
        retention_days=data["retention_days"],
        master=data["master"],
    )


_BUCKET = re.compile(r"(s3|gs)://([a-z0-9][a-z0-9._-]*)(/[^/?#\s][^?#\s]*)?/?")


def _resolved(document: _Document, path: str) -> Path:
    return (document.file.resolve().parent / Path(path).expanduser()).absolute()


def _spill(document: _Document) -> Path | None:
    path = document.data["store"].get("spill")
    return None if path is None else _resolved(document, path)


def _invoices(data: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    entries: Sequence[Mapping[str, Any]] = data.get("invoices", ())
    return entries


def _invoice(document: _Document, at: int) -> InvoiceLine:
    entry = _invoices(document.data)[at]
    missing = [key for key in ("month", "amount", "currency") if key not in entry]
    if missing:
        raise WrongValue(
            document.where(["invoices", at]),
            f"an invoice lacks {missing[0]!r}",
            f"Add {missing[0]} = …, or name a file.",
        )
    try:
        return invoices.line({key: str(value) for key, value in entry.items()})
    except ValueError as error:
        raise WrongValue(document.where(["invoices", at]), str(error), "Correct the invoice.") from error


def _rates_file(document: _Document) -> Path | None:
    name = document.data.get("rates", {}).get("file")
    return None if name is None else document.file.resolve().parent / Path(name).expanduser()


def _project(document: _Document, at: int, entry: Mapping[str, Any]) -> Project:
    """A project; its owner and cost centre are those of its team where it names none itself."""
    teams = {team["name"]: team for team in document.data.get("teams", ())}
    name = entry.get("team")
    if name is not None and teams and name not in teams:
        near = difflib.get_close_matches(name, teams, n=1)
        todo = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(teams)}."
        raise WrongValue(document.where(["projects", at, "team"]), f"no [[teams]] entry is called {name!r}", todo)
    team = teams.get(name, {})
    return Project(
        name=entry["name"],
        owner=entry.get("owner", team.get("owner")),
        cost_centre=entry.get("cost_centre", team.get("cost_centre")),
        team=name,
    )


def _rules(document: _Document) -> Rules:
    try:
        return entries.rules(document.data, document.file.resolve().parent)
    except entries.Mistake as mistake:
        raise WrongValue(document.where(mistake.path), mistake.what, mistake.todo) from mistake


def _scenarios(document: _Document) -> tuple[Path, ...]:
    """Scenario files; a name without a pattern stands for itself, so that a missing one is noticed."""
    folder = document.file.resolve().parent
    found: list[Path] = []
    for at, pattern in enumerate(document.data.get("tco", {}).get("scenarios", ())):
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            what = f"{pattern!r} leaves the folder of {document.file.name}"
            raise WrongValue(document.where(["tco", "scenarios", at]), what, "Keep scenarios beside or below it.")
        plain = not set(pattern) & set("*?[")
        found += [folder / pattern] if plain else sorted(folder.glob(pattern))
    return tuple(dict.fromkeys(found))


def _source(document: _Document, entry: Mapping[str, Any], store: Store) -> SourceEntry:
    known = {"name", "connector", "location", "format", "currency"}
    fallback = document.data["organisation"].get("currency")
    location = entry.get("location")
    return SourceEntry(
        connector=entry["connector"],
        source=Source(
            name=entry["name"],
            location=None if location is None else _location(document, location),
            format=entry.get("format", "auto"),
            currency=entry.get("currency", fallback),
            currency_from="the source's currency" if "currency" in entry else "[organisation] currency",
            options={key: str(value) for key, value in entry.items() if key not in known},
            cache=(store.path if store.url is None else _resolved(document, ".finops")) / "cache" / entry["name"],
        ),
    )


def _location(document: _Document, location: str) -> str:
    return location if "://" in location else str(document.file.resolve().parent / Path(location).expanduser())


def _texts(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _budget(document: _Document, at: int, entry: Mapping[str, Any]) -> Budget:

    def where() -> str:  # finding a line reads the whole file: only for a mistake
        return document.where(["budgets", at, "period"])

    reporting = document.data["organisation"].get("currency")
    if entry.get("currency", reporting) != reporting:
        what = f"currency is {entry['currency']!r}, the reporting currency {reporting or 'not set'}"
        raise LaterVersion(document.where(["budgets", at, "currency"]), what, "budgets in [organisation] currency")
    return Budget(
        name=entry["name"],
        scope=_scope(entry),
        measure=entry.get("measure", document.data["organisation"]["measure"]),
        period=_period(where, entry.get("period", "month")),
        limit=None if "limit" not in entry else Decimal(str(entry["limit"])),
        limits={month: Decimal(str(limit)) for month, limit in entry.get("limits", {}).items()},
        owner=entry.get("owner"),
    )


def _scope(entry: Mapping[str, Any]) -> Scope:
    scope: dict[str, tuple[str, ...]] = {}
    for field, value in entry.get("scope", {}).items():
        scope |= (
            {f"tag:{key}": _texts(texts) for key, texts in value.items()} if field == "tags" else {field: _texts(value)}
        )
    return Scope(fields=tuple(sorted(scope.items())))


def _event(document: _Document, at: int, entry: Mapping[str, Any], origin: Origin = "finops.toml") -> Event:
    start, until = _days(document, "events", at)
    ((kind, amount),) = entry["effect"].items()
    return Event(
        name=entry["name"],
        scope=_scope(entry),
        start=start,
        until=until,
        kind=kind,
        amount=Decimal(str(amount)),
        plus_minus=Decimal(str(entry.get("plus_minus", 0))),
        chance=Decimal(str(entry.get("chance", 1))),
        measure=entry.get("measure"),
        origin=origin,
    )


def _days(document: _Document, section: str, at: int) -> tuple[date, date | None]:
    """The first day of an entry and the first day after it; None for ever."""
    entry = document.data[section][at]
    start = _day(document, section, at, "date")
    until = _day(document, section, at, "until") if "until" in entry else None
    if until is not None and until <= start:
        where, what = document.where([section, at, "until"]), f"it ends on {until}, not after {start}"
        raise WrongValue(where, what, "`until` is exclusive: the first day without effect.")
    return start, until


def _day(document: _Document, section: str, at: int, key: str) -> date:
    """A day of an entry."""
    value = document.data[section][at][key]
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        where = document.where([section, at, key])
        raise WrongValue(where, f"{key} is {value!r}, which is no day", "Write it like 2026-11-04.") from error


def _holidays(document: _Document) -> tuple[str, ...]:
    places = tuple(document.data["forecast"].get("holidays", ()))
    for at, place in enumerate(places):
        try:
            public_holidays.check(place)
        except public_holidays.NoSuchPlace as error:
            where = document.where(["forecast", "holidays", at])
            raise WrongValue(where, f"holidays names {place!r}, but {error.what}", error.todo) from error
    return places


def _commitments(document: _Document) -> tuple[Agreement, ...]:
    entries = document.data.get("commitments", ())
    found = [_agreement(document, at, entry) for at, entry in enumerate(entries)]
    for key in ("id", "name"):  # names become those of steps
        seen: set[str] = set()
        for at, entry in enumerate(entries):
            if entry.get(key) in seen:
                raise DuplicateName(document.where(["commitments", at, key]), "commitment", entry[key], key)
            seen |= {entry[key]} if key in entry else set()
    return tuple(found)


def _agreement(document: _Document, at: int, entry: Mapping[str, Any]) -> Agreement:
    start = _day(document, "commitments", at, "start") if "start" in entry else None
    end = _day(document, "commitments", at, "end")
    if start is not None and end <= start:
        where, what = document.where(["commitments", at, "end"]), f"it ends on {end}, not after its start on {start}"
        raise WrongValue(where, what, "`end` is exclusive: the first day it no longer covers.")
    if start is None and entry.get("upfront"):
        where, what = document.where(["commitments", at, "upfront"]), "upfront is given without start"
        raise WrongValue(where, what, "Add start = …: what is paid upfront is spread from then on.")
    return Agreement(
        identifier=entry["id"],
        start=start,
        end=end,
        hourly=Decimal(str(entry.get("hourly", 0))),
        upfront=Decimal(str(entry.get("upfront", 0))),
        discount=None if "discount" not in entry else Decimal(str(entry["discount"])),
        scope=_scope(entry),
        currency=entry.get("currency", document.data["organisation"].get("currency")),
        name=entry.get("name"),
    )


def _scenario(document: _Document) -> Scenario:
    data = document.data
    for kind in ("growth", "price", "migration", "commitment", "events"):
        _refuse_duplicates(document, kind)

    def entries_of(section: str) -> Iterator[tuple[Mapping[str, Any], date, date | None]]:
        for at, entry in enumerate(data.get(section, ())):
            yield entry, *_days(document, section, at)

    def number(entry: Mapping[str, Any], key: str, default: int = 0) -> Decimal:
        return Decimal(str(entry.get(key, default)))

    changes: tuple[tuple[str, Kind], ...] = (("growth", "growth"), ("price", "percent"))
    events = [
        Event(
            name=entry["name"],
            scope=_scope(entry),
            start=start,
            until=until,
            kind=kind,
            amount=number(entry, "percent"),
            plus_minus=number(entry, "plus_minus"),
            origin="scenario",
        )
        for section, kind in changes
        for entry, start, until in entries_of(section)
    ]
    events += [_event(document, at, entry, "scenario") for at, entry in enumerate(data.get("events", ()))]
    return Scenario(
        name=data.get("name", document.file.stem),
        events=tuple(events),
        migrations=tuple(
            Migration(
                name=entry["name"],
                source=_scope({"scope": entry["from"]}),
                target=_scope({"scope": entry["to"]}),
                start=start,
                until=until,
                percent=number(entry, "percent", 100),
                cost=number(entry, "cost", 100),
                plus_minus=number(entry, "plus_minus"),
            )
            for entry, start, until in entries_of("migration")
        ),
        purchases=tuple(
            Purchase(
                name=entry["name"],
                scope=_scope(entry),
                start=start,
                until=until,
                hourly=number(entry, "hourly"),
                discount=number(entry, "discount"),
            )
            for entry, start, until in entries_of("commitment")
        ),
    )


def _period(where: Callable[[], str], value: str | Mapping[str, Any]) -> Recurrence | Period:
    if isinstance(value, str):
        return value  # type: ignore[return-value]  # the schema admits no other text
    try:
        start, end = (date.fromisoformat(str(day)) for day in (value["from"], value["to"]))
    except ValueError as error:
        what = f"period names a day that does not exist ({error})"
        raise WrongValue(where(), what, "Write from = 2026-03-01.") from error
    if end <= start:
        raise WrongValue(
            where(),
            f"the period ends on {end}, not after its start on {start}",
            "`to` is exclusive: the first day after.",
        )
    return Period(start=start, end=end)


def _plain(value: object) -> object:
    """TOML values as JSON has them, for validation only."""
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else str(value)  # `limit = inf` is no number here
    if isinstance(value, date | time):
        return value.isoformat()
    message = f"{value!r} has no JSON form"
    raise TypeError(message)
