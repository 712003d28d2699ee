"""Configuration: finops.toml, variables and defaults as one frozen `Config`; mistakes name file, line and mend."""

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from finops.allocation import Condition, Field, Rule, Rules, check_pattern
from finops.budgets.budget import Budget, Recurrence
from finops.connector import Source
from finops.errors import AccessError, ConfigurationError
from finops.periods import Period
from finops.series import Scope

FILE = "finops.toml"
_SCHEMA = Path(__file__).with_suffix(".schema.json")


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
    """Where the tables are and what runs on them; `path` is absolute."""

    path: Path
    engine: str
    memory_limit: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastSettings:
    """How far back the forecast looks, and its seed."""

    history_months: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """What is printed on every page."""

    classification: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything finops.toml says.

    Attributes:
        file: where it was read from; relative paths in it were resolved against its folder.
        unused: sections that are legal but not used by this version.
    """

    file: Path
    organisation: Organisation
    store: Store
    sources: tuple[SourceEntry, ...]
    projects: tuple[Project, ...]
    rules: Rules
    budgets: tuple[Budget, ...]
    forecast: ForecastSettings
    report: ReportSettings
    unused: tuple[str, ...]


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
    merged = dict(document.data)
    if user_file is not None and user_file.is_file():
        user = _Document.read(user_file)
        _validate(_Document(user_file, user.text, {"version": 1, **user.data}))
        merged = _under(user.data, merged)
    merged = _overridden(merged, variables)
    _validate(_Document(file, document.text, merged))
    return _config(_Document(file, document.text, _with_defaults(merged)))


def show(config_file: Path, *, variables: Mapping[str, str], user_file: Path | None = None) -> dict[str, Any]:
    """The effective settings as plain data, defaults and variables included.

    Raises:
        ConfigurationError, AccessError: as `load`.
    """
    load(config_file, variables=variables, user_file=user_file)
    merged = dict(_Document.read(config_file).data)
    if user_file is not None and user_file.is_file():
        merged = _under(_Document.read(user_file).data, merged)
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


class DuplicateName(ConfigurationError):
    """Two entries share a name that must tell them apart."""

    def __init__(self, where: str, kind: str, name: str) -> None:
        super().__init__(f"{where}: a second {kind} is called {name!r}.", "Give each its own name.")


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
            text = file.read_text(encoding="utf-8")
            return cls(file, text, tomllib.loads(text, parse_float=Decimal))
        except FileNotFoundError as error:
            raise ConfigMissing(file) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise NotToml(file, error) from error
        except OSError as error:
            raise AccessError(f"{file} cannot be read: {error.strerror}.", "Check the file's rights.") from error

    def where(self, path: Sequence[str | int]) -> str:
        """`finops.toml, line 12 ([[sources]] 2, key location)` for a path into the data."""
        line = _line(self.text, path)
        return (
            f"{self.file.name}, line {line}" if line else f"{self.file.name}, {'.'.join(map(str, path)) or 'top level'}"
        )


def _line(text: str, path: Sequence[str | int]) -> int | None:
    """The line of the key a path ends in; of its table's header where the key itself stands on no line of its own."""
    wanted = [part for part in path if isinstance(part, str)]
    index = next((part for part in path if isinstance(part, int)), 0)
    header, seen, best = "", -1, None
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if bare.startswith("["):
            header = bare.split("#")[0].strip().strip("[]").strip()
            if wanted and header == wanted[0]:
                seen += 1
                if seen == index:
                    best = number
            continue
        key = bare.split("=")[0].strip().strip("\"'")
        inside = bool(wanted) and header == wanted[0] and seen == index
        if inside and any(key == part for part in wanted[1:]):
            return number
        if not header and wanted and key == wanted[0]:
            return number
    return best


def _validate(document: _Document) -> None:
    import jsonschema  # noqa: PLC0415 - 0.1 s, not for --help

    checker = jsonschema.FormatChecker(formats=())
    checker.checkers["re2"] = (_is_re2, ValueError)
    plain = json.loads(json.dumps(document.data, default=_plain))
    validator = jsonschema.Draft202012Validator(schema(), format_checker=checker)
    for error in sorted(validator.iter_errors(plain), key=lambda e: [str(part) for part in e.absolute_path]):
        raise _mistake(document, _deepest(error))


def _is_re2(value: object) -> bool:
    check_pattern(str(value))
    return True


def _deepest(error: Any) -> Any:  # noqa: ANN401 - jsonschema's own class, imported late
    """The most telling of the errors inside an alternative."""
    if error.validator == "oneOf" and error.context:
        inner = [e for e in error.context if e.validator in {"additionalProperties", "format", "pattern"}]
        return _deepest(inner[0]) if inner else error
    return error


def _mistake(  # noqa: PLR0911 - one sentence per kind of mistake
    document: _Document,
    error: Any,  # noqa: ANN401 - jsonschema's own class, imported late
) -> ConfigurationError:
    path = list(error.absolute_path)
    if error.validator == "additionalProperties":
        known = sorted(error.schema["properties"])
        unknown = next(key for key in error.instance if key not in known)
        return UnknownKey(document.where([*path, unknown]), unknown, known)
    where = document.where(path)
    name = next((part for part in reversed(path) if isinstance(part, str)), "the file")
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        return WrongValue(where, f"{name} lacks {missing!r}", f"Add {missing} = …")
    if error.validator in {"enum", "const"}:
        allowed = error.validator_value if error.validator == "enum" else [error.validator_value]
        return WrongValue(where, f"{name} is {error.instance!r}", f"Use one of {', '.join(map(str, allowed))}.")
    if error.validator == "type":
        return WrongValue(
            where,
            f"{name} is {error.instance!r}, which is no {error.validator_value}",
            f"Write a {error.validator_value}.",
        )
    if error.validator == "format":
        return WrongValue(
            where,
            f"{error.instance!r} is not a linear-time regular expression",
            "Use RE2 syntax: no look-around, no back-references.",
        )
    if error.validator == "oneOf" and path[:1] == ["budgets"] and len(path) == 2:  # noqa: PLR2004 - the budget itself
        return WrongValue(
            where, "a budget needs either limit or limits", 'Give limit = 1000, or limits = { "2026-04" = 1000 }.'
        )
    return WrongValue(
        where, f"{name} is {error.instance!r}: {error.message}", "finops config schema prints what is allowed."
    )


# ── layers of settings ────────────────────────────────────────────────────────────────────────────────────────


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
        text = variables.get(f"FINOPS_{section}_{key}".upper())
        if text:
            number = described.get("type") == "integer" and text.lstrip("-").isdigit()
            merged.setdefault(section, {})[key] = int(text) if number else text
    return merged


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
    for kind in ("sources", "projects", "phases", "environments", "budgets"):
        _refuse_duplicates(document, kind)
    rules = Rules(**{kind: tuple(map(_rule, data.get(kind, ()))) for kind in ("projects", "phases", "environments")})
    budgets = tuple(_budget(document, at, entry) for at, entry in enumerate(data.get("budgets", ())))
    later = [key for key, inner in schema()["properties"].items() if inner.get("x-later") and key in data]
    return Config(
        file=document.file,
        organisation=Organisation(
            name=organisation["name"],
            currency=organisation.get("currency"),
            fiscal_year_start=organisation["fiscal_year_start"],
            locale=organisation["locale"],
            measure=organisation["measure"],
        ),
        store=Store(
            path=_resolved(document, data["store"]["path"]),
            engine=data["store"]["engine"],
            memory_limit=data["store"]["memory_limit"],
        ),
        sources=tuple(_source(document, entry) for entry in data.get("sources", ())),
        projects=tuple(
            Project(name=entry["name"], owner=entry.get("owner"), cost_centre=entry.get("cost_centre"))
            for entry in data.get("projects", ())
        ),
        rules=rules,
        budgets=budgets,
        forecast=ForecastSettings(history_months=data["forecast"]["history_months"], seed=data["forecast"]["seed"]),
        report=ReportSettings(classification=data["report"].get("classification")),
        unused=tuple(later),
    )


def _refuse_duplicates(document: _Document, kind: str) -> None:
    seen: set[str] = set()
    for at, entry in enumerate(document.data.get(kind, ())):
        if entry["name"] in seen:
            raise DuplicateName(document.where([kind, at, "name"]), kind.removesuffix("s"), entry["name"])
        seen.add(entry["name"])


def _resolved(document: _Document, path: str) -> Path:
    if "://" in path:
        raise WrongValue(
            document.where(["store", "path"]),
            f"path is {path!r}",
            "This version keeps its tables in a local folder: name one.",
        )
    return (document.file.resolve().parent / Path(path).expanduser()).absolute()


def _source(document: _Document, entry: Mapping[str, Any]) -> SourceEntry:
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
        ),
    )


def _location(document: _Document, location: str) -> str:
    return location if "://" in location else str(document.file.resolve().parent / Path(location).expanduser())


def _rule(entry: Mapping[str, Any]) -> Rule:
    return Rule(name=entry["name"], any_of=tuple(_alternative(match) for match in entry["match"]))


def _alternative(match: Mapping[str, Any]) -> tuple[Condition, ...]:
    conditions: list[Condition] = []
    for field, test in match.items():
        if field == "tag":
            tests = {key: match[key] for key in ("equals", "matches") if key in match} or {"matches": ""}
            conditions += [
                Condition(field="tag", key=test, values=_texts(value))
                if how == "equals"
                else Condition(field="tag", key=test, pattern=value)
                for how, value in tests.items()
            ]
        elif field not in {"equals", "matches"}:
            pattern = test["matches"] if isinstance(test, Mapping) else None
            values = () if pattern is not None else _texts(test)
            conditions.append(Condition(field=cast("Field", field), values=values, pattern=pattern))
    return tuple(conditions)


def _texts(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _budget(document: _Document, at: int, entry: Mapping[str, Any]) -> Budget:
    where = document.where(["budgets", at])
    scope: dict[str, tuple[str, ...]] = {}
    for field, value in entry.get("scope", {}).items():
        tags = value.items() if field == "tags" else ()
        scope |= {f"tag:{key}": _texts(texts) for key, texts in tags} or {field: _texts(value)}
    return Budget(
        name=entry["name"],
        scope=Scope(fields=tuple(sorted(scope.items()))),
        measure=entry.get("measure", document.data["organisation"]["measure"]),
        period=_period(where, entry.get("period", "month")),
        limit=None if "limit" not in entry else Decimal(str(entry["limit"])),
        limits={month: Decimal(str(limit)) for month, limit in entry.get("limits", {}).items()},
        owner=entry.get("owner"),
    )


def _period(where: str, value: str | Mapping[str, Any]) -> Recurrence | Period:
    if isinstance(value, str):
        return value  # type: ignore[return-value]  # the schema admits no other text
    start, end = (day if isinstance(day, date) else date.fromisoformat(day) for day in (value["from"], value["to"]))
    if end <= start:
        raise WrongValue(
            where,
            f"the period ends on {end}, not after its start on {start}",
            "`to` is exclusive: the first day after.",
        )
    return Period(start=start, end=end)


def _plain(value: object) -> object:
    """TOML values as JSON has them, for validation only."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    message = f"{value!r} has no JSON form"
    raise TypeError(message)
