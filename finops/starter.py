"""Starter: the text of a first finops.toml, commented; every example in it is right once its # is taken away."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from finops.discovery import Place, Proposal
from finops.suggestions import ProjectTag, Suggestions

_WIDTH = 118
_RULE = "# ── {} "


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a person said, or the defaults.

    Attributes:
        name: of the organisation.
        currency: three capital letters; None where nobody knows.
        fiscal_year_start: month, 1 to 12.
    """

    name: str
    currency: str | None
    fiscal_year_start: int


def text(
    answers: Answers,
    places: Sequence[Place],
    suggestions: Suggestions,
    notes: Sequence[str],
    proposals: Sequence[Proposal] = (),
) -> str:
    """The whole file.

    Lines that begin with `# ` are words; lines that begin with `#` and no blank are settings to take over.

    Args:
        answers: name, currency, fiscal year.
        places: sources; none gives an example.
        suggestions: projects and the size of a month.
        notes: what was found and left out.
        proposals: sources that stand as examples, to take over or not.
    """
    lines = [
        "# Settings of finops. Check them with: finops config lint",
        "# Lines that begin with # and a letter or bracket are examples: take the # away to use them.",
        "version = 1",
        "",
        *_organisation(answers, suggestions),
        "",
        "[store]",
        'path = ".finops"                  # the tables are kept here; leave the folder out of version control',
        '#memory_limit = "4GB"             # of the process; the engine gets all but 0.6 GB and spills beyond',
        '#spill = "/var/tmp/finops"        # to this folder; otherwise where the system keeps temporary files',
        "#retention_days = 90              # finops ingest --vacuum keeps replaced rows as long; daily sums for good",
        "",
        *_sources(places, suggestions, notes, proposals),
        *_projects(suggestions),
        *_phases(),
        *_budgets(answers, suggestions),
        *_heading("forecasts and reports"),
        "#[forecast]",
        "#history_months = 24              # how far back forecasts look",
        '#holidays = ["DE"]                # countries, or parts (DE-BY), whose public holidays change what is spent',
        "",
        "#[[commitments]]                  # what exports lack; bought and to begin later: with start, discount",
        '#id = "sp-0123456789"             # as in the bill',
        "#end = 2027-03-01                 # first day it no longer covers",
        "#hourly = 4.1",
        "",
        "#[report]",
        '#classification = "Internal"      # printed on every page',
    ]
    return "\n".join(lines) + "\n"


def quoted(value: str) -> str:
    r"""A text as a TOML string.

    >>> print(quoted('say "hi"'))
    "say \"hi\""
    """
    return '"' + shown(value.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def shown(value: str) -> str:
    """A text that stays on its line: what does not print, line ends included, is written as its number."""
    return "".join(each if each.isprintable() else _escape(each) for each in value)


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004 - what four digits hold


def _organisation(answers: Answers, suggestions: Suggestions) -> Iterator[str]:
    yield "[organisation]"
    yield f"name = {quoted(answers.name)}"
    if answers.currency is None:
        yield '#currency = "EUR"                 # of reports; no bill was found that says one'
    else:
        others = [f"{currency} ({rows:,} rows)" for currency, rows in suggestions.currencies.items()]
        if len(others) > 1 or (others and answers.currency not in suggestions.currencies):
            yield f"# The bills are in {shown(', '.join(others))}."
        yield f"currency = {quoted(answers.currency)}                  # of reports"
    yield f"fiscal_year_start = {answers.fiscal_year_start}             # month, 1 to 12"
    yield 'locale = "en_GB"                  # language and number format of reports'
    yield 'measure = "effective_cost"        # or billed_cost: what reports show unless told otherwise'


def _sources(
    places: Sequence[Place], suggestions: Suggestions, notes: Sequence[str], proposals: Sequence[Proposal]
) -> Iterator[str]:
    yield from _heading("where the bills come from; locations are relative to this file")
    for note in notes:
        yield from _words(note)
    if notes:
        yield ""
    for each in proposals:
        named = {"name": each.connector, "connector": each.connector, **each.settings}
        yield from ("#[[sources]]", *(f"#{key} = {quoted(value)}" for key, value in named.items()), "")
    if not places and not proposals:
        yield "# No export was found. What can be read: aws (Cost and Usage Report, CUR 2.0), gcp (usage cost export"
        yield "# as files), focus (FOCUS files of any provider, CSV or Parquet)."
        yield from ("#[[sources]]", '#name = "aws"', '#connector = "aws"', '#location = "path/to/the/report"', "")
    for one, other, months in suggestions.repeated:
        span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
        yield from _words(
            f"{one} and {other} hold the same bill for {span}: if both export the same charges, keep one of them."
        )
        yield ""
    for place in places:
        for note in place.notes:
            yield from _words(note)
        yield "[[sources]]"
        yield f"name = {quoted(place.name)}"
        yield f"connector = {quoted(place.connector)}"
        yield f"location = {quoted(place.location)}"
        yield ""


def _projects(suggestions: Suggestions) -> Iterator[str]:
    yield from _heading("whose cost it is: the first match wins, what none claims is shown as unallocated")
    if suggestions.tag_key is not None:
        more = f"; {suggestions.more_projects} more, of less cost, are left out" if suggestions.more_projects else ""
        yield from _words(f"These are values of the tag {suggestions.tag_key!r} in the bills{more}.")
    if suggestions.other_keys:
        other = ", ".join(f"{key} ({rows:,} rows)" for key, rows in list(suggestions.other_keys.items())[:8])
        yield from _words(f"Other tags that could say it: {other}.")
    if suggestions.tag_key is not None or suggestions.other_keys:
        yield ""
    for project in suggestions.projects:
        yield from _project(suggestions.tag_key or "", project)
    if suggestions.projects:
        return
    yield "# No tag was found that names projects, applications or teams."
    yield "#[[projects]]"
    yield '#name = "search"'
    yield '#owner = "search-team@example.com"'
    yield '#cost_centre = "4711"'
    yield '#match = [{ tag = "project", equals = "search" }, { account = "111122223333" }]'
    yield ""


def _project(key: str, project: ProjectTag) -> Iterator[str]:
    values = quoted(project.values[0])
    if len(project.values) > 1:
        values = f"[{', '.join(map(quoted, project.values))}]"
    yield "[[projects]]"
    yield f"name = {quoted(project.name)}"
    yield '#owner = "who@example.com"'
    yield '#cost_centre = "4711"'
    yield f"match = [{{ tag = {quoted(key)}, equals = {values} }}]"
    yield ""


def _phases() -> Iterator[str]:
    yield from _heading("phases of work and environments, by the same kind of rule")
    yield "# preparation, training, search, evaluation, inference, development, retraining, or a name of your own"
    yield "#[[phases]]"
    yield '#name = "training"'
    yield '#match = [{ tag = "phase", equals = "training" }, { tag = "job", matches = "^train-" }]'
    yield ""
    yield "#[[environments]]"
    yield '#name = "production"'
    yield '#match = [{ tag = "environment", equals = ["prod", "production"] }]'
    yield ""


def _budgets(answers: Answers, suggestions: Suggestions) -> Iterator[str]:
    last = suggestions.last_month
    yield from _heading(f"what may be spent{f', in {answers.currency}' if answers.currency else ''}")
    total = Decimal(1000)
    if last is not None:
        total = last.cost
        until = f" up to {last.until}" if last.until else ""
        until = f" up to {last.until}" if last.until else ""
        least = "" if last.is_whole else ", as far as the newest files show"
        cost = f"{_amount(last.cost)} {last.currency} (effective cost)"
        yield from _words(f"The last month in the bills, {last.month}, cost {cost}{until}{least}.")
    yield "#[[budgets]]"
    yield '#name = "total"'
    yield "#scope = {}"
    yield '#period = "month"                  # or quarter, year, fiscal_year'
    yield f"#limit = {_limit(total)}"
    yield '#owner = "controlling@example.com"'
    yield ""
    yield "#[[budgets]]"
    yield '#name = "whole year"'
    yield "#scope = {}"
    yield '#period = "fiscal_year"'
    yield f"#limit = {_limit(total * 12)}"
    yield ""
    yield from _project_budget(suggestions.project_costs, last.month if last else "")


def _project_budget(costs: Mapping[str, Decimal], month: str) -> Iterator[str]:
    """A budget of the dearest project."""
    if not costs:
        return
    name, cost = max(costs.items(), key=lambda each: each[1])
    yield from _words(f"{month} of the dearest projects: {_listed(costs)}.")
    yield "#[[budgets]]"
    yield f"#name = {quoted(name)}"
    yield f"#scope = {{ project = {quoted(name)} }}"
    yield '#period = "month"'
    yield f"#limit = {_limit(cost)}"
    yield ""


def _listed(costs: Mapping[str, Decimal]) -> str:
    dearest = sorted(costs.items(), key=lambda each: (-each[1], each[0]))[:6]
    return ", ".join(f"{name} {_amount(cost)}" for name, cost in dearest)


def _amount(cost: Decimal) -> str:
    """Money in whole units from a hundred on, else with its cents."""
    return f"{cost:,.0f}" if abs(cost) >= 100 else f"{cost:,.2f}"  # noqa: PLR2004 - three digits


def _limit(cost: Decimal) -> str:
    """A round number a little above; 1 for what costs less."""
    if cost <= 1:
        return "1"
    step = Decimal(10) ** max(cost.adjusted() - 1, 0)
    return f"{(cost / step).to_integral_value(rounding='ROUND_CEILING') * step:.0f}"


def _heading(words: str) -> Iterator[str]:
    yield (_RULE.format(words)).ljust(_WIDTH, "─")
    yield ""


def _words(sentence: str) -> Iterator[str]:
    """A sentence as comment lines of readable width; whatever it holds, it stays a comment."""
    line = "#"
    for word in shown(sentence).split(" "):
        if len(line) + len(word) >= _WIDTH and line != "#":
            yield line
            line = "#"
        line += f" {word}"
    yield line
