"""HTML: a report as one self-contained file, readable without scripts and without a network.

Templates choose words and order; whatever they would have to compute is handed to them here.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

import jinja2
from markupsafe import Markup, escape

from finops import resources
from finops.findings import Finding
from finops.report import charts, fonts
from finops.report.bars import Bar
from finops.report.folding import folded
from finops.report.locale import Locale, Negative, locale
from finops.report.model import NOT_IN_REPORT, Amount, BudgetLine, Figure, NotComputable, Report, TcoPart, VarianceRow
from finops.report.printable import printable
from finops.report.printed import new_parts, scaled_bars
from finops.report.sentences import Sentences

Paper = Literal["A4", "Letter"]

_ANSWER_ROWS = 8
_DECISIONS = 6
_PAPER_ROWS = 40
_BLOCK_WIDTH = 32  # percent, of the names of cost blocks
_WIDTHS = range(1, 101)
_GRAVEST_FIRST = ("error", "warning", "info")
_FONTS_HERE = "/* fonts */"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statement:
    """One source and month of the reconciliation, line by line: name and amount with every digit."""

    heading: str
    currency: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """Owned against rented: its drawings, and the width of its table's columns in percent."""

    part: TcoPart
    width: int
    curves: Markup
    swings: Markup


def render(report: Report, *, paper: Paper = "A4", negative: Negative = "minus") -> str:
    """The report as one HTML file, all rows included.

    Args:
        report: what to show.
        paper: sheet it prints on.
        negative: how plain negative amounts are written.

    Raises:
        UnknownLocale: if the report's locale is not known.
    """
    page = _page(report, locale(report.locale, negative=negative), paper=paper, attached=(), rows=None)
    return page.replace(_FONTS_HERE, fonts.embedded(page), 1)


def for_paper(
    report: Report, *, attached: Sequence[str] = (), paper: Paper = "A4", negative: Negative = "minus"
) -> str:
    """The same page for the PDF writer: fonts by address, long tables shortened to their largest rows.

    Args:
        report: what to show.
        attached: names of the files the PDF carries.
        paper: sheet size.
        negative: how plain negative amounts are written.

    Raises:
        UnknownLocale: if the report's locale is not known.
    """
    words = locale(report.locale, negative=negative)
    page = _page(report, words, paper=paper, attached=attached, rows=_PAPER_ROWS)
    return page.replace(_FONTS_HERE, fonts.linked(), 1)


def _page(report: Report, words: Locale, *, paper: Paper, attached: Sequence[str], rows: int | None) -> str:
    sentences = Sentences(report, words)
    template = _environment(words).get_template("report.html.j2")
    page = template.render(
        report=report,
        words=sentences,
        locale=words,
        paper=paper,
        attached=attached,
        font_faces=_FONTS_HERE,
        widths=_WIDTHS,
        created=f"{report.as_of.isoformat()}T00:00:00Z",
        places=sentences.places,
        symbol=words.symbol(report.currency),
        **_drawings(report),
        tco=_comparisons(report),
        **_variance(report, sentences, rows),
        **_budgets(report, rows),
        **new_parts(report, sentences, rows),
        **_appendix(report, sentences, rows),
        events=report.events[:rows],
        events_left=len(report.events[rows:]) if rows is not None else 0,
    )
    return printable(page)


def _environment(words: Locale) -> jinja2.Environment:
    """Templates with every value escaped, unknown names refused and `trans` wired to the locale's words."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(resources.templates()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        words.translations.gettext, words.translations.ngettext, newstyle=True
    )
    environment.filters["breakable"] = _breakable
    environment.filters["two_lines"] = _two_lines
    environment.globals["side_of"] = _side_of
    environment.globals["is_known"] = _is_known
    environment.globals["is_part"] = _is_part
    environment.globals["finding_badge"] = _finding_badge
    return environment


def _drawings(report: Report) -> dict[str, object]:
    draw = {"fan": charts.fan, "bridge": charts.bridge, "year": charts.year, "accuracy": charts.accuracy}
    return {name: Markup(chart(report)) for name, chart in draw.items()}  # noqa: S704 - drawn and escaped by charts


def _comparisons(report: Report) -> tuple[_Comparison, ...]:
    return tuple(
        _Comparison(
            part=part,
            width=(100 - _BLOCK_WIDTH) // (len(part.curves) + 1),
            curves=Markup(charts.tco_curves(report, at)),  # noqa: S704 - drawn and escaped by charts
            swings=Markup(charts.tco_swings(report, at)),  # noqa: S704 - as above
        )
        for at, part in enumerate(report.tco)
    )


def _variance(report: Report, words: Sentences, keep: int | None) -> dict[str, object]:
    rows, total = report.variance.rows, report.variance.total
    kept, others = folded(rows, keep=keep or len(rows), name=words.others)
    answer, answer_others = folded(rows, keep=_ANSWER_ROWS, name=words.others)
    figures = [figure for row in rows for figure in (row.previous, row.to_date, row.budget, row.forecast, row.gap)]
    return {
        "variance_rows": _with_bars(kept, (*others, total)),
        "variance_figures": figures,
        "variance_left": len(rows) - len(kept),
        "answer_rows": _with_bars(answer, (*answer_others, total)),
        "decisions": report.alerts[:_DECISIONS],
        "decisions_left": max(0, len(report.alerts) - _DECISIONS),
    }


def _with_bars(rows: Sequence[VarianceRow], sums: Sequence[VarianceRow]) -> tuple[tuple[VarianceRow, Bar], ...]:
    """Each row with its bar; a sum whose gap would flatten every other bar has none."""
    found = scaled_bars([_gap(row) for row in rows], [_gap(row) for row in sums])
    return tuple(zip((*rows, *sums), found, strict=True))


def _gap(row: VarianceRow) -> Decimal:
    return row.gap.shown if isinstance(row.gap, Amount) else Decimal(0)


def _budgets(report: Report, keep: int | None) -> dict[str, object]:
    lines = report.budgets if keep is None else _largest(report.budgets, keep)
    figures = [figure for line in lines for figure in (line.to_date, line.limit, line.forecast, line.gap)]
    return {"budget_lines": lines, "budgets_left": len(report.budgets) - len(lines), "budget_figures": figures}


def _largest(lines: Sequence[BudgetLine], keep: int) -> tuple[BudgetLine, ...]:
    """The lines most likely to end over, in the order they came."""

    def chance(n: int) -> Decimal:
        known = lines[n].chance_over
        return Decimal(-1) if isinstance(known, NotComputable) else known

    kept = set(sorted(range(len(lines)), key=lambda n: (-chance(n), n))[:keep])
    return tuple(line for n, line in enumerate(lines) if n in kept)


def _appendix(report: Report, words: Sentences, keep: int | None) -> dict[str, object]:
    models = () if isinstance(report.method, NotComputable) else _by_model(report.method.models)
    return {
        "models": models[:keep],
        "models_left": len(models) - len(models[:keep]),
        "reasons_given": any(reason for _, _, reason in models),
        "findings": sorted(report.findings, key=lambda finding: _GRAVEST_FIRST.index(finding.severity)),
        "reconciliation": tuple(_statements(report, words)),
        "steps": tuple((step.name, words.locale.exact(step.amount)) for step in report.reconciliation.steps),
    }


def _by_model(models: Sequence[tuple[str, str, str | None]]) -> tuple[tuple[str, str, str | None], ...]:
    """Series with the same model and reason share a line."""
    series: dict[tuple[str, str | None], list[str]] = {}
    for name, model, reason in models:
        series.setdefault((model, reason), []).append(name)
    return tuple((", ".join(names), model, reason) for (model, reason), names in series.items())


def _statements(report: Report, words: Sentences) -> Iterable[_Statement]:
    say, exact = words.locale.say, words.locale.exact
    for row in report.reconciliation.rows:
        export = say("not read again") if row.export is None else exact(row.export)
        yield _Statement(
            heading=f"{row.source}, {words.locale.month_and_year(date.fromisoformat(f'{row.month}-01'))}",
            currency=row.currency,
            lines=(
                (say("Control total of the export"), export),
                (say("Billed cost in the cost table"), exact(row.table)),
                (say("Allocated to projects"), exact(row.allocated)),
                (say("Not allocated"), exact(row.unallocated)),
                (say("Difference"), exact(row.difference)),
            ),
        )


def _breakable(text: str) -> Markup:
    """A name that may break after the marks names are built with, so that a narrow cell does not split words."""
    return Markup("<wbr>").join(escape(part) for part in re.split(r"(?<=[@/_:])", text))


def _two_lines(text: str) -> Markup:
    """A column's head with its first word on a line of its own."""
    return Markup("<br>").join(escape(part) for part in text.split(" ", 1))


def _side_of(figure: Figure) -> str:
    """The look of a gap: `over` budget, `less`, or none for zero and for what is not known."""
    if isinstance(figure, NotComputable) or figure.shown == 0:
        return ""
    return "over" if figure.shown > 0 else "less"


def _is_known(figure: Figure) -> bool:
    return isinstance(figure, Amount)


def _is_part(part: object) -> bool:
    """Whether the report was made with this part, known or not."""
    return part != NOT_IN_REPORT


def _finding_badge(finding: Finding) -> str:
    """The look of a severity: that of a data check's result."""
    return {"info": "ok", "warning": "check", "error": "fail"}[finding.severity]
