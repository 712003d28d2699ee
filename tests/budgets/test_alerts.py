"""Alerts: who needs a decision, at the very thresholds, the gravest first."""

from decimal import Decimal

import pytest

from finops.budgets.alerts import overruns
from finops.budgets.budget import Budget
from finops.budgets.outlook import Outlook
from finops.budgets.spend import NotForecast, PeriodOutlook
from finops.periods import month

OCTOBER = month("2026-10")


def outlook(name: str, chance: float, gap: str, *, limit: str | None = "100", already: bool = False) -> Outlook:
    """A budget's outlook with this chance, out of a thousand futures, and this gap."""
    above = round(chance * 1000)
    bound = Decimal(limit or 0)
    return Outlook(
        budget=Budget(name=name, measure="effective_cost", period="month", limit=bound),
        period=OCTOBER,
        limit=None if limit is None else bound,
        to_date=Decimal(0),
        result=PeriodOutlook(
            period=OCTOBER,
            to_date=Decimal(0),
            amount=bound + Decimal(gap),
            spread=(float(bound) - 1,) * (1000 - above) + (float(bound) + 1,) * above,
        ),
        overrun_on=None,
        already_over=already,
    )


@pytest.mark.parametrize(
    ("chance", "gap", "level"),
    [
        (0.9, "5", "high"),
        (0.899, "5", "medium"),
        (0.9, "4.999999999999999999", "medium"),
        (1.0, "-20", "medium"),
        (0.6, "0", "medium"),
        (0.6, "50", "medium"),
        (0.599, "50", None),
        (0.0, "-50", None),
    ],
)
def test_levels_begin_exactly_at_their_thresholds(chance: float, gap: str, level: str | None) -> None:
    assert [alert.level for alert in overruns([outlook("b", chance, gap)])] == ([level] if level else [])


def test_a_gap_is_weighed_against_the_size_of_the_limit() -> None:
    (negative,) = overruns([outlook("credits", 0.95, "5", limit="-100")])
    (nothing,) = overruns([outlook("nothing allowed", 0.95, "0", limit="0")])

    assert (negative.level, nothing.level) == ("high", "high")


def test_already_over_is_high_whatever_is_expected() -> None:
    (found,) = overruns([outlook("b", 0.0, "-50", already=True)])

    assert found.level == "high"


def test_what_has_no_limit_or_no_forecast_is_no_alert_unless_it_is_over() -> None:
    unlimited = outlook("unlimited", 1.0, "50", limit=None)
    unknown = Outlook(
        budget=unlimited.budget,
        period=OCTOBER,
        limit=Decimal(1),
        to_date=Decimal(0),
        result=NotForecast(reason="why"),
        overrun_on=None,
        already_over=False,
    )
    over = Outlook(
        budget=unlimited.budget,
        period=OCTOBER,
        limit=Decimal(1),
        to_date=Decimal(2),
        result=NotForecast(reason="why"),
        overrun_on=None,
        already_over=True,
    )

    assert overruns([unlimited, unknown]) == ()
    assert [alert.outlook for alert in overruns([unlimited, unknown, over])] == [over]


def test_the_gravest_come_first() -> None:
    """High before medium, then the likelier, then the larger, then by name."""
    ordered = [
        outlook("certain and large", 1.0, "90"),
        outlook("certain and small", 1.0, "10"),
        outlook("likely", 0.95, "90"),
        outlook("perhaps a", 0.7, "3"),
        outlook("perhaps b", 0.7, "3"),
        outlook("maybe", 0.65, "80"),
    ]

    for shuffled in (ordered[::-1], ordered[3:] + ordered[:3], ordered[::2] + ordered[1::2]):
        assert [alert.outlook.budget.name for alert in overruns(shuffled)] == [one.budget.name for one in ordered]
