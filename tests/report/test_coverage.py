"""Coverage: allocated and not, to the last unit."""

from decimal import Decimal

from finops.report.coverage import CoverageFact, coverage
from finops.report.model import Coverage, NotComputable


def fact(project: str | None, billed: str, cause: str = "") -> CoverageFact:
    return CoverageFact(
        project=project, rule=None if project is None else "tag project", cause=cause, billed=Decimal(billed)
    )


def test_both_sides_add_up_as_shown() -> None:
    found = coverage([fact("llm", "10.5"), fact("search", "20.4"), fact(None, "3.4", "AWS, shop, EC2")], Decimal(1))
    assert isinstance(found, Coverage)
    assert found.allocated.shown + found.unallocated.shown == 34
    assert sum(line.billed.shown for line in found.rules) == found.allocated.shown
    assert found.share == Decimal("30.9") / Decimal("34.3")
    assert [line.name for line in found.rules] == ["search", "llm"]
    assert [line.name for line in found.open] == ["AWS, shop, EC2"]


def test_only_the_ten_largest_causes_are_named() -> None:
    found = coverage([fact(None, str(n), f"cause {n}") for n in range(1, 30)], Decimal(1))
    assert isinstance(found, Coverage)
    assert [line.name for line in found.open[:2]] == ["cause 29", "cause 28"]
    assert len(found.open) == 10


def test_an_empty_bill_has_no_share() -> None:
    assert isinstance(coverage([], Decimal(1)), NotComputable)
    assert isinstance(coverage([fact("a", "5"), fact(None, "-5", "x")], Decimal(1)), NotComputable)
