"""A forecast once issued: what it is identified by, when it was made, and the KPI over many."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.forecast.ledger import LEVELS, Issued, Scored, first_said, kept, kpi, parsed_scope, scope_text
from finops.periods import month
from finops.series import Scope

MORNING = datetime(2026, 9, 11, 6, tzinfo=UTC)
LLM = Scope(fields=(("phase", ("training",)), ("project", ("llm", "search"))))


def issued(forecast: str = "100", **more: Any) -> Issued:  # noqa: ANN401 - passed on
    """A forecast of September whose 80 % range is 20 wide either side, and whose 95 % range 40."""
    middle = Decimal(forecast)
    widths = (-40, -30, -20, -10, 0, 10, 20, 30, 40)
    given: dict[str, Any] = {
        "issued_at": MORNING,
        "command": "forecast",
        "as_of": date(2026, 9, 11),
        "known_at": None,
        "data_to": date(2026, 9, 10),
        "cost_version": 3,
        "allocated_version": 4,
        "software": "1",
        "measure": "effective_cost",
        "unit": "EUR",
        "scope": Scope(),
        "period": month("2026-09"),
        "to_date": Decimal(30),
        "base": middle,
        "forecast": middle,
        "quantiles": tuple(middle + width for width in widths),
        "events": (),
        "model": "a mean",
        "seed": 1,
        "run_rate": Decimal(90),
        "seasonal_naive": Decimal(80),
    }
    return Issued(**(given | more))


def test_the_same_forecast_said_again_is_the_same_entry() -> None:
    again = issued(issued_at=datetime(2026, 9, 12, tzinfo=UTC), command="report", base=Decimal("100.000000"))
    assert again.entry == issued().entry


@pytest.mark.parametrize(
    "other",
    [
        {"as_of": date(2026, 9, 12)},
        {"cost_version": 4},
        {"allocated_version": None},
        {"software": "2"},
        {"unit": "USD"},
        {"scope": LLM},
        {"period": month("2026-10")},
        {"forecast": Decimal(101)},
        {"events": (("launch", Decimal(1)),)},
        {"model": "another"},
        {"seed": 2},
        {"known_at": MORNING},
    ],
    ids=str,
)
def test_whatever_it_rests_on_tells_entries_apart(other: dict[str, Any]) -> None:
    assert issued(**other).entry != issued().entry


def test_of_two_for_one_clock_the_first_counts() -> None:
    later = issued("120", issued_at=datetime(2026, 9, 30, tzinfo=UTC))
    next_day = issued("110", as_of=date(2026, 9, 12))
    assert first_said([later, next_day, issued()]) == [issued(), next_day]


@pytest.mark.parametrize(
    ("data_to", "stage"),
    [("2026-08-20", "start"), ("2026-09-09", "start"), ("2026-09-10", "middle"), ("2026-09-20", "end")],
)
def test_the_stage_is_a_third_of_the_days(data_to: str, stage: str) -> None:
    assert issued(data_to=date.fromisoformat(data_to)).stage == stage


def test_hindsight_is_an_issue_after_the_period() -> None:
    assert not issued().in_hindsight
    assert issued(issued_at=datetime(2026, 10, 1, tzinfo=UTC)).in_hindsight


def test_the_kpi_both_ways_over_two_months_by_hand() -> None:
    """Forecast 100 and 200, came 110 and 150: 40 less than forecast of 300, 60 off of 260."""
    scored = [Scored(issued=issued(), actual=Decimal(110)), Scored(issued=issued("200"), actual=Decimal(150))]
    found = kpi(scored)
    assert found is not None
    assert (found.variance, found.error) == (Decimal("-0.1333"), Decimal("0.2308"))
    assert (found.forecasts, found.hits_80, found.hits_95, found.band) == (2, 1, 1, "below crawl")
    assert (found.run_rate, found.seasonal_naive) == (Decimal("0.3077"), Decimal("0.3846"))  # 20 + 60, 30 + 70 of 260
    assert [one.hit(Decimal("0.80")) for one in scored] == [True, False]


def test_a_kpi_of_nothing_says_so() -> None:
    assert kpi([]) is None
    found = kpi([Scored(issued=issued(), actual=Decimal(0))])
    assert found is not None
    assert (found.error, found.band) == (None, None)
    assert found.variance == Decimal(-1)
    without = kpi([Scored(issued=issued(run_rate=None), actual=Decimal(1))])
    assert without is not None
    assert without.run_rate is None


@given(
    st.dictionaries(
        st.sampled_from(("project", "provider", "tag:team")), st.lists(st.text(), min_size=1, max_size=3), max_size=3
    )
)
def test_a_scope_comes_back_from_its_text(fields: dict[str, list[str]]) -> None:
    scope = Scope(fields=tuple((name, tuple(values)) for name, values in sorted(fields.items())))
    assert parsed_scope(scope_text(scope)) == scope


@given(st.decimals(min_value=-(10**30), max_value=10**30, allow_nan=False, places=12))
def test_what_is_kept_is_kept_again_unchanged(amount: Decimal) -> None:
    assert kept(kept(amount)) == kept(amount)
    assert abs(kept(amount) - amount) <= Decimal("0.0000005")


def test_ranges_are_read_from_their_quantiles() -> None:
    assert issued().range(Decimal("0.95")) == (Decimal(60), Decimal(140))
    assert len(LEVELS) == len(replace(issued()).quantiles)
