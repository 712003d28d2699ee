"""Tables as they are printed: sums that say something, bars that can be compared."""

from dataclasses import replace
from decimal import Decimal

from finops.report.bars import Bar
from finops.report.locale import locale
from finops.report.model import NOT_IN_REPORT, Detail, NotComputable
from finops.report.printed import commitment_sums, credit_sums, detail, new_parts, scaled_bars, with_bars
from finops.report.sentences import Sentences
from tests.report import samples


def test_a_sum_that_would_flatten_every_bar_has_none() -> None:
    assert scaled_bars([Decimal(10), Decimal(-2)], [Decimal(30), Decimal(31)]) == (
        Bar(side="plus", width=23),
        Bar(side="minus", width=5),
        Bar(side="plus", width=70),
        Bar(side="", width=0),
    )


def test_bars_show_changes_on_one_scale_for_all_providers() -> None:
    printed = detail(samples.detail(samples.SERVICES), str, None)

    assert printed is not None
    bars = {line.row.name: line.bar for group in printed.groups for line in group.rows}
    assert bars["Amazon SageMaker"].side == "plus"
    assert bars["Vertex AI"].side == "minus"
    assert bars["Amazon SageMaker"].width > bars["Amazon EC2"].width > bars["Virtual Machines"].width


def test_a_row_whose_change_is_not_known_has_no_bar() -> None:
    (row, *_) = samples.full().movers
    unknown = replace(row, change=NotComputable(reason="x"))

    assert with_bars([unknown])[0].bar == Bar(side="", width=0)


def test_a_table_that_is_not_there_is_not_printed() -> None:
    assert detail(NOT_IN_REPORT, str, None) is None
    assert detail(Detail(groups=(), total=samples.full().movers[0]), str, None) is None


def test_commitments_are_added_up_where_there_are_several() -> None:
    first, second = samples.commitments()
    sums = commitment_sums((first, replace(first, used=samples.exactly(800), unused=samples.exactly(608)), second))

    assert commitment_sums((first,)) is None
    assert sums is not None
    assert (sums.first, sums.second) == (samples.exactly(15_000), samples.exactly(1_000))
    assert sums.ratio == Decimal(15_000) / 16_000
    unpaid = commitment_sums((second, second))
    assert unpaid is not None
    assert isinstance(unpaid.ratio, NotComputable)


def test_credits_are_added_up_where_there_are_several() -> None:
    sums = credit_sums(samples.credit_lines())

    assert credit_sums(samples.credit_lines()[:1]) is None
    assert sums is not None
    assert (sums.first, sums.second) == (samples.exactly(-4_100), samples.exactly(-1_750))


def test_on_paper_long_tables_of_commitments_and_rules_end() -> None:
    report = samples.full()
    found = samples.coverage()
    report = replace(report, commitments=report.commitments * 20, coverage=replace(found, rules=found.rules * 20))
    words = Sentences(report, locale("en_GB"))

    paper, screen = new_parts(report, words, 40), new_parts(report, words, None)

    assert paper["commitments_left"] == 20
    assert screen["commitments_left"] == 0
    assert isinstance(paper["allocation_rules"], tuple)
    assert isinstance(screen["allocation_rules"], tuple)
    assert [len(paper["allocation_rules"]), len(screen["allocation_rules"])] == [20, 60]
    assert paper["allocation_rules"][-1].name == "41 others"
