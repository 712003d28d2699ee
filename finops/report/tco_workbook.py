"""The spreadsheet of a study: inputs to change, every option month by month in live formulas, and the break-even.

Formulas are written from the same expressions that our own figures are computed from, and carry our results, so that
readers that do not calculate show the same. Texts are written as text only and never stand inside a formula.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any, Final

from finops.report.workbook import looks
from finops.report.workbook.looks import Look
from finops.report.workbook.sheet import clean, letter
from finops.tco.answer import Answer, BreakEvenAnswer, NotComputable, SimulationAnswer
from finops.tco.cashflow import Flows, all_flows, discounts
from finops.tco.expression import Expression, formula, schedules_of
from finops.tco.scenario import Study

MONEY: Final = "#,##0.00;[Red]-#,##0.00"
_HEAD = 3
"""Row of a table's head, from zero."""

_FIRST = _HEAD + 1
_INPUT_FILL = "#FFF9DB"
_FIXED: Final = ("Month", "Discount factor", "Demand", "Served by own systems", "Rented")
_CENT = "0.005"
_OPTIMISTIC_WIDTH = 16
_LONGEST_PROPERTY = 255


def render(study: Study, found: Answer) -> bytes:
    """A study as .xlsx.

    Args:
        study: what is computed.
        found: its answer, for the words.
    """
    import xlsxwriter

    written = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(written, options) as workbook:
        workbook.set_properties(
            {
                "title": clean(f"Total cost of ownership: {found.name}")[:_LONGEST_PROPERTY],
                "created": datetime.combine(found.as_of, time()),
            }
        )
        book = _Book(workbook)
        flows = all_flows(study)
        answer_page, inputs_page = workbook.add_worksheet("Answer"), workbook.add_worksheet("Inputs")
        comparison = workbook.add_worksheet("Comparison")
        cells = _inputs(book, inputs_page, study, found)
        schedules = _schedules(book, flows)
        sheets = [
            _option(book, study, one, number=at, cells=cells, schedules=schedules) for at, one in enumerate(flows, 1)
        ]
        even = _comparison(book, comparison, study, sheets)
        _answer(book, answer_page, found, sheets, even)
    return written.getvalue()


class _Book:
    """The workbook and its styles."""

    def __init__(self, workbook: Any) -> None:  # noqa: ANN401 - the package carries no types
        self.workbook = workbook
        self._styles: dict[tuple[Look, str | None], Any] = {}

    def style(self, look: Look, fill: str | None = None) -> Any:  # noqa: ANN401 - as above
        if (look, fill) not in self._styles:
            made = self.workbook.add_format({**look.properties(), **({"bg_color": fill} if fill else {})})
            self._styles[look, fill] = made
        return self._styles[look, fill]

    def text(self, page: Any, row: int, column: int, text: str, look: Look = looks.ROW) -> None:  # noqa: ANN401 - as above
        page.write_string(row, column, clean(text), self.style(look))

    def number(self, page: Any, row: int, column: int, value: float, pattern: str = MONEY) -> None:  # noqa: ANN401 - as above
        page.write_number(row, column, value, self.style(Look(pattern=pattern, bottom=looks.RULE)))

    def formula(self, page: Any, at: tuple[int, int], text: str, value: float | str, pattern: str = MONEY) -> None:  # noqa: ANN401 - as above
        page.write_formula(*at, f"={text}", self.style(Look(pattern=pattern, bottom=looks.RULE)), value)

    def head(self, page: Any, heads: Sequence[str], widths: Sequence[float]) -> None:  # noqa: ANN401 - as above
        for at, (head, width) in enumerate(zip(heads, widths, strict=True)):
            page.set_column(at, at, width)
            self.text(page, _HEAD, at, head, Look(bold=True, wrap=True, bottom=looks.RULE))
        page.freeze_panes(_FIRST, 1)
        page.repeat_rows(_HEAD)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        page.hide_gridlines(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class _OptionSheet:
    """Where an option's columns are."""

    name: str
    flows: Flows
    page: str
    total: str
    cumulative: str
    present: str
    last_row: int

    def area(self, column: str) -> str:
        """The months' cells of a column."""
        return f"'{self.page}'!${column}${_FIRST + 1}:${column}${self.last_row}"


def _inputs(book: _Book, page: Any, study: Study, found: Answer) -> Mapping[str, str]:  # noqa: ANN401 - the package carries no types
    """Every input; returns the cell of each."""
    book.text(page, 0, 0, "Inputs", looks.HEADING)
    book.text(page, 1, 0, "Change a yellow cell and every figure of this file follows.", looks.NOTE)
    heads = ("Input", "Value", "Unit", "Kind", "As of", "Older than 12 months", "Low", "High", "Source")
    book.head(page, heads, (52, 16, 24, 12, 12, 12, 14, 14, 70))
    cells = {}
    for row, one in enumerate(found.inputs, _FIRST):
        book.text(page, row, 0, one.label)
        value = study.quantities[one.key].value  # every digit, as the stored results rest on it
        page.write_number(row, 1, value, book.style(Look(pattern="General", bottom=looks.RULE), _INPUT_FILL))
        for column, text in (
            (2, one.unit),
            (3, one.kind),
            (4, one.as_of.isoformat()),
            (5, "yes" if one.stale else ""),
            (8, one.source),
        ):
            book.text(page, row, column, text)
        for column, end in ((6, one.low), (7, one.high)):
            if end is not None:
                book.number(page, row, column, float(end), "General")
        cells[one.key] = f"Inputs!$B${row + 1}"
    return cells


def _schedules(book: _Book, flows: Sequence[Flows]) -> Mapping[str, str]:
    """Depreciation tables that formulas look up, one column each; returns their ranges."""
    found: dict[str, tuple[float, ...]] = {}
    for one in flows:
        for line in one.plan.lines:
            found |= schedules_of(line.cash) | schedules_of(line.book)
    if not found:
        return {}
    page = book.workbook.add_worksheet("Schedules")
    book.text(page, 0, 0, "Depreciation per unit of cost, by month", looks.HEADING)
    ranges = {}
    for column, (name, entries) in enumerate(found.items()):
        book.text(page, _HEAD, column, name, Look(bold=True, wrap=True))
        page.set_column(column, column, 24)
        for at, entry in enumerate(entries):
            book.number(page, _FIRST + at, column, entry, "0.000000")
        ranges[name] = f"Schedules!${letter(column)}${_FIRST + 1}:${letter(column)}${_FIRST + len(entries)}"
    return ranges


def _option(
    book: _Book, study: Study, flows: Flows, *, number: int, cells: Mapping[str, str], schedules: Mapping[str, str]
) -> _OptionSheet:
    """One option, month by month: demand, every line of cash, then the books."""
    page_name = f"Option {number}"
    page = book.workbook.add_worksheet(page_name)
    book.text(page, 0, 0, flows.option, looks.HEADING)
    book.text(
        page, 1, 0, f"Cash per month in {study.currency}, plus is a cost; then the same in the books.", looks.NOTE
    )
    lines, plan = flows.lines, flows.plan
    first_line = len(_FIXED)
    total, cumulative, present = (first_line + len(lines) + at for at in range(3))
    books = present + 1
    heads = [
        *_FIXED,
        *(flow.line.name for flow in lines),
        "Total cash",
        "Cumulative cash",
        "Present value",
        *(f"Books: {flow.line.name}" for flow in lines),
        "Total in the books",
    ]
    book.head(page, heads, [8, 10, *[_OPTIMISTIC_WIDTH] * (len(heads) - 2)])
    factors = discounts(study)[0]
    for month in range(study.horizon + 1):
        row = _FIRST + month
        at = f"$A{row + 1}"
        # Served and rented rest on demand, and what is rented on what is served: each names the cells before it.
        known = [(plan.demanded, f"$C{row + 1}"), (plan.owned, f"$D{row + 1}"), (plan.rented, f"$E{row + 1}")]

        def write(root: Expression, known: Sequence[tuple[Expression, str]] = known, at: str = at) -> str:
            return formula(root, cells=cells, month=at, schedules=schedules, known=known)

        book.number(page, row, 0, month, "0")
        rate = cells[study.discount_rate.key]
        book.formula(page, (row, 1), f"(1+{rate}/12)^-{at}", float(factors[month]), "0.000000")
        for column, root, values in ((2, plan.demanded, flows.demanded), (3, plan.owned, flows.owned)):
            book.formula(page, (row, column), write(root), values[month], "#,##0.00")
        rented = f"$C{row + 1}" if plan.rented is plan.demanded else write(plan.rented)
        book.formula(page, (row, 4), rented, flows.rented[month], "#,##0.00")
        for column, flow in enumerate(lines, first_line):
            book.formula(page, (row, column), write(flow.line.cash), flow.cash[month])
        for column, flow in enumerate(lines, books):
            book.formula(page, (row, column), write(flow.line.book), flow.book[month])
        spans = [
            f"SUM({letter(start)}{row + 1}:{letter(start + len(lines) - 1)}{row + 1})" if lines else "0"
            for start in (first_line, books)
        ]
        book.formula(page, (row, total), spans[0], flows.cash[month])
        before = f"{letter(cumulative)}{row}+" if month else ""
        book.formula(page, (row, cumulative), f"{before}{letter(total)}{row + 1}", flows.cumulative[month])
        book.formula(
            page, (row, present), f"{letter(total)}{row + 1}*$B{row + 1}", flows.cash[month] * float(factors[month])
        )
        book.formula(page, (row, books + len(lines)), spans[1], flows.book[month])
    return _OptionSheet(
        name=flows.option,
        flows=flows,
        page=page_name,
        total=letter(total),
        cumulative=letter(cumulative),
        present=letter(present),
        last_row=_FIRST + study.horizon + 1,
    )


def _comparison(book: _Book, page: Any, study: Study, sheets: Sequence[_OptionSheet]) -> str | None:  # noqa: ANN401 - the package carries no types
    """Cumulative cost of every option with a chart, and owned against comparator; returns the break-even's formula."""
    book.text(page, 0, 0, "Cumulative cost, not discounted", looks.HEADING)
    book.text(page, 1, 0, f"In {study.currency}, at the end of each month", looks.NOTE)
    comparable = study.owned != study.comparator
    heads = ["Month", *(sheet.name for sheet in sheets)]
    if comparable:
        heads += [f"{study.owned} less {study.comparator}", "Owning has cost no more"]
    book.head(page, heads, [8, *[_OPTIMISTIC_WIDTH] * (len(heads) - 1)])
    names = [sheet.name for sheet in sheets]
    gap, flag = len(sheets) + 1, len(sheets) + 2
    for month in range(study.horizon + 1):
        row = _FIRST + month
        book.number(page, row, 0, month, "0")
        for column, sheet in enumerate(sheets, 1):
            value = sheet.flows.cumulative[month]
            book.formula(page, (row, column), f"'{sheet.page}'!{sheet.cumulative}{row + 1}", value)
        if comparable:
            mine, theirs = (names.index(name) + 1 for name in (study.owned, study.comparator))
            value = sheets[mine - 1].flows.cumulative[month] - sheets[theirs - 1].flows.cumulative[month]
            book.formula(page, (row, gap), f"{letter(mine)}{row + 1}-{letter(theirs)}{row + 1}", value)
            ahead = f"IF({letter(gap)}{row + 1}<={_CENT},1,0)"
            book.formula(page, (row, flag), ahead, 1 if value <= float(_CENT) else 0, "0")
    _chart(book, page, study, sheets)
    if not comparable:
        return None
    last = _FIRST + study.horizon + 1
    flags, months = (f"Comparison!${letter(at)}${_FIRST + 1}:${letter(at)}${last}" for at in (flag, 0))
    return f'IFERROR(INDEX({months},MATCH(1,{flags},0)),"never within {study.horizon} months")'


def _chart(book: _Book, page: Any, study: Study, sheets: Sequence[_OptionSheet]) -> None:  # noqa: ANN401 - the package carries no types
    chart = book.workbook.add_chart({"type": "scatter", "subtype": "straight"})
    last = _FIRST + study.horizon
    for column in range(1, len(sheets) + 1):
        chart.add_series(
            {
                "name": ["Comparison", _HEAD, column],
                "categories": ["Comparison", _FIRST, 0, last, 0],
                "values": ["Comparison", _FIRST, column, last, column],
            }
        )
    chart.set_x_axis(
        {"name": "months since start", "min": 0, "max": study.horizon, "major_gridlines": {"visible": False}}
    )
    chart.set_y_axis({"name": f"Cumulative cost, {study.currency}", "num_format": "#,##0"})
    chart.set_size({"width": 720, "height": 380})
    page.insert_chart(_HEAD, len(sheets) + 4, chart, {"description": "Cumulative cost of every option over the months"})


def _answer(book: _Book, page: Any, found: Answer, sheets: Sequence[_OptionSheet], even: str | None) -> None:  # noqa: ANN401 - the package carries no types
    """What it comes to, live, and the words as they were when this file was written."""
    book.text(page, 0, 0, found.name, looks.HEADING)
    book.text(page, 1, 0, f"{found.horizon_months} months from {found.start:%Y-%m}, in {found.currency}", looks.NOTE)
    book.head(page, ("Option", "Total, not discounted", "Net present value", "Total in the books"), (60, 22, 22, 22))
    for row, sheet in enumerate(sheets, _FIRST):
        book.text(page, row, 0, sheet.name)
        flows = sheet.flows
        book.formula(page, (row, 1), f"SUM({sheet.area(sheet.total)})", flows.total)
        book.formula(page, (row, 2), f"SUM({sheet.area(sheet.present)})", flows.net_present_value)
        books = letter(len(_FIXED) + 3 + 2 * len(flows.lines))
        book.formula(page, (row, 3), f"SUM({sheet.area(books)})", sum(flows.book))
    row = _FIRST + len(sheets) + 1
    if even is not None and isinstance(found.break_even, BreakEvenAnswer):
        month = found.break_even.month
        stored: float | str = (
            f"never within {found.horizon_months} months" if isinstance(month, NotComputable) else month
        )
        book.text(page, row, 0, f"Break-even month, {found.break_even.owned} against {found.break_even.comparator}")
        book.formula(page, (row, 1), even, stored, "0")
        row += 2
    book.text(
        page,
        row,
        0,
        "As computed when this file was written; these sentences do not follow changed inputs:",
        looks.NOTE,
    )
    sentences = [found.recommendation, *found.deciding, *found.conditions]
    if isinstance(found.simulation, SimulationAnswer):
        one = found.simulation
        amounts = ", ".join(
            f"{name} {_money(value)}"
            for name, value in (("P10", one.saving_p10), ("P50", one.saving_p50), ("P90", one.saving_p90))
        )
        sentences.append(f"Saving of owning in {one.draws:,} draws: {amounts} {found.currency}.")
    for at, sentence in enumerate([*sentences, *(f"Note: {note}." for note in found.notes)], row + 1):
        book.text(page, at, 0, sentence, looks.BODY)


def _money(amount: Decimal) -> str:
    return f"{amount:,.0f}"
