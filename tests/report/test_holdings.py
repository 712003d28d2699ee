"""Holdings: commitments that end and credits that run out."""

from datetime import date, timedelta
from decimal import Decimal

from finops.periods import month
from finops.report.holdings import CommitmentFact, CreditFact, commitment_lines, credit_lines
from finops.report.model import Amount, NotComputable

OCTOBER = month("2026-10")
AS_OF = date(2026, 10, 21)
ARN = "arn:aws:savingsplans::111122223333:savingsplan/abc"


def fact(ends_on: date | None, *, used: str = "95", unused: str = "5", contracted: str = "130") -> CommitmentFact:
    return CommitmentFact(
        identifier=ARN,
        name=None,
        kind="Savings Plan",
        provider="AWS",
        used=Decimal(used),
        unused=Decimal(unused),
        contracted=Decimal(contracted),
        ends_on=ends_on,
    )


def line(one: CommitmentFact, days_known: int = 20):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a CommitmentLine
    (found,) = commitment_lines([one], as_of=AS_OF, days_known=days_known, unit=Decimal(1))
    return found


def test_a_plan_that_ends_says_what_a_month_then_costs_more() -> None:
    found = line(fact(date(2026, 11, 4)))
    assert found.ends_soon
    assert found.name == "abc"
    assert found.utilisation == Decimal("0.95")
    assert found.monthly_effect == Amount(exact=Decimal(30) / 20 * Decimal("30.4375"), shown=Decimal(46))


def test_an_end_far_away_or_unknown_is_not_soon() -> None:
    assert not line(fact(date(2027, 11, 4))).ends_soon
    assert not line(fact(date(2026, 9, 4))).ends_soon
    assert not line(fact(None)).ends_soon


def test_an_effect_nobody_can_know_is_not_zero() -> None:
    assert isinstance(line(fact(None, contracted="0")).monthly_effect, NotComputable)
    assert isinstance(line(fact(None), days_known=0).monthly_effect, NotComputable)
    assert isinstance(line(fact(None, used="0", unused="0")).utilisation, NotComputable)


def credit(first: date, last: date, every: int = 1) -> CreditFact:
    days = range(0, (last - first).days + 1, every)
    return CreditFact(
        name="grant", provider="Google Cloud", daily={first + timedelta(days=n): Decimal(-10) for n in days}
    )


def test_a_daily_credit_that_stopped_has_ended() -> None:
    (found,) = credit_lines(
        [credit(date(2026, 9, 1), date(2026, 10, 12))], OCTOBER, data_to=date(2026, 10, 19), unit=Decimal(1)
    )
    assert found.has_ended
    assert (found.previous.shown, found.to_date.shown, found.last_day) == (
        Decimal(-300),
        Decimal(-120),
        date(2026, 10, 12),
    )


def test_a_credit_of_yesterday_goes_on() -> None:
    (found,) = credit_lines(
        [credit(date(2026, 9, 1), date(2026, 10, 18))], OCTOBER, data_to=date(2026, 10, 19), unit=Decimal(1)
    )
    assert not found.has_ended


def test_a_monthly_credit_has_not_run_out() -> None:
    (found,) = credit_lines(
        [credit(date(2026, 9, 1), date(2026, 10, 1), every=30)], OCTOBER, data_to=date(2026, 10, 19), unit=Decimal(1)
    )
    assert not found.has_ended
