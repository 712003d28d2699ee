"""What each chapter of the story amounts to, for tests that compare a report with it.

Amounts are decimals as text, exact where no cents are said: `USD` what is billed in dollars, `EUR` everything, with
dollars at the rate of their day. Cost is effective cost, but for the fee and the on-demand price of the Savings Plan.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from bill import aws_cur2, aws_lines, charges, company, period, rates, story
from bill.aws_line import ZERO, CurLine
from bill.charges import Charge
from bill.gcp_rows import Row, credits_of

_CLOSED = "2026-09"
_COMPLETE = date(2026, 10, 19)
"""First day that is not complete."""
_FISCAL_YEAR_END = date(2027, 4, 1)
_WEEK = timedelta(days=7)
_CENT, _TENTH = Decimal("0.01"), Decimal("0.1")
_CREDIT_DAYS = 14

Json = dict[str, object]


def told(
    aws: Mapping[str, Sequence[CurLine]], gcp: Mapping[str, Sequence[Row]], azure: Mapping[str, Sequence[Row]]
) -> Json:
    """Every chapter with its amounts."""
    every = charges.of_all(aws, gcp, azure)
    return {
        "currencies": _currencies(every),
        "gpu_job": _gpu_job(every),
        "savings_plan": _savings_plan(every),
        "credits": _credits(gcp),
        "new_project": _new_project(every),
        "late_days": _late_days(every),
        "restated": _restated(aws),
        "shared_platform": _shared_platform(every),
        "untagged": _untagged(every),
    }


def _currencies(every: Sequence[Charge]) -> Json:
    """Effective cost in EUR of every month, and the rate that a dollar had in it on average."""
    return {
        "reporting": company.REPORTING_CURRENCY,
        "billing": dict(company.CURRENCY),
        "plan_rate": rates.PLAN,
        "rule": "the newest rate of the day or of the days before it",
        "months": {
            month: {
                "average_rate": _text(rates.average(month)),
                "EUR": _text(_euro(charges.select(every, month=month))),
                "at_plan_rate": _text(sum((_at_plan(one) for one in charges.select(every, month=month)), ZERO)),
            }
            for month in period.months()
        },
    }


def _at_plan(charge: Charge) -> Decimal:
    return charge.effective * Decimal(rates.PLAN) if charge.currency == rates.BASE else charge.effective


def _gpu_job(every: Sequence[Charge]) -> Json:
    job = [one for one in every if one.line and one.line.resource_tags.get("user_job") == story.JOB_TAG]
    node = story.JOB[0]
    return {
        "project": "llm",
        "job": story.JOB_TAG,
        "account": node.account,
        "instance": node.sku.instance,
        "first_day": f"{story.JOB_STARTS}",
        "to_date": _both(job),
        "per_day": _per_day(job, story.JOB_STARTS),
    }


def _savings_plan(every: Sequence[Charge]) -> Json:
    """The plan that ends, and what its usage of the last closed month would have cost without it."""
    plan = story.SAVINGS_PLANS[-1]
    month = [one for one in every if one.line and one.month == _CLOSED and one.line.savings_plan_savings_plan_a_r_n]
    fees = [one for one in month if _kind(one) == "SavingsPlanRecurringFee"]
    covered = [one for one in month if _kind(one) == "SavingsPlanCoveredUsage"]
    fee, on_demand = _charged(fees), _charged(covered)
    used = sum((one.line.savings_plan_used_commitment for one in fees if one.line), ZERO)
    days = (period.month_end(_CLOSED) - period.month_start(_CLOSED)).days
    left = (_FISCAL_YEAR_END - plan.end).days
    extra = {currency: on_demand[currency] - fee[currency] for currency in fee}
    return {
        "id": fees[0].line.savings_plan_savings_plan_a_r_n if fees[0].line else "",
        "offering": "ComputeSavingsPlans",
        "start": f"{plan.start}",
        "end": f"{plan.end}",
        "hourly": {company.CURRENCY["aws"]: _text(Decimal(plan.hourly))},
        "month": _CLOSED,
        "fee": _texts(fee),
        "used_percent": _text((used / fee[rates.BASE] * 100).quantize(_TENTH)),
        "on_demand": _texts(on_demand),
        "extra": _texts(extra),
        "extra_per_day": _texts({key: (value / days).quantize(_CENT) for key, value in extra.items()}),
        "extra_to_fiscal_year_end": _texts(
            {key: (value / days * left).quantize(_CENT) for key, value in extra.items()}
        ),
    }


def _credits(gcp: Mapping[str, Sequence[Row]]) -> Json:
    """The grant, and the days on which it was used."""
    grant, by_day = story.PROMOTION, defaultdict[str, Decimal](Decimal)
    by_month = dict.fromkeys(gcp, ZERO)
    for month, rows in gcp.items():
        for row in rows:
            used = -sum((Decimal(repr(one["amount"])) for one in credits_of(row) if one["id"] == grant.key), ZERO)
            by_month[month] += used
            if used:
                by_day[f"{row['usage_start_time']}"[:10]] += used
    last = max(by_day)
    before = [by_day[f"{date.fromisoformat(last) - timedelta(days=n)}"] for n in range(1, _CREDIT_DAYS + 1)]
    return {
        "id": grant.key,
        "name": grant.name,
        "project": grant.project,
        "granted": {"EUR": _text(Decimal(grant.amount))},
        "used": {"EUR": _text(sum(by_day.values(), ZERO))},
        "first_day": min(by_day),
        "last_day": last,
        "per_day": {"EUR": _text((sum(before, ZERO) / _CREDIT_DAYS).quantize(_CENT))},
        "used_by_month": {month: _text(used) for month, used in by_month.items() if used},
    }


def _new_project(every: Sequence[Charge]) -> Json:
    ours = [one for one in every if one.project == story.NEW_PROJECT]
    first = min(one.day for one in ours)
    return {
        "project": story.NEW_PROJECT,
        "first_day": f"{first}",
        "to_date": _both(ours),
        "per_day": _per_day(ours, first),
        "months": {month: _both([one for one in ours if one.month == month]) for month in (_CLOSED, period.OPEN_MONTH)},
    }


def _late_days(every: Sequence[Charge]) -> Json:
    """How much of each of the last days is there, against the same weekday one week before."""
    by_day: dict[date, Decimal] = defaultdict(Decimal)
    for one in every:
        by_day[one.day] += one.in_euro
    return {
        f"{day}": {
            "EUR": _text(by_day[day]),
            "percent_of_week_before": _text((by_day[day] / by_day[day - _WEEK] * 100).quantize(_TENTH)),
        }
        for day in (period.LAST_DAY - timedelta(days=n) for n in (2, 1, 0))
    }


def _restated(aws: Mapping[str, Sequence[CurLine]]) -> Json:
    """The month as invoiced at first, as it is now, and what came back of the support fee."""
    restated = story.RESTATEMENT
    lines = aws[restated.month]
    before = sum((line.line_item_unblended_cost for line in aws_lines.as_first_invoiced(lines)), ZERO)
    now = sum((line.line_item_unblended_cost for line in lines), ZERO)
    refunds = [line for line in aws[restated.refund_month] if line.line_item_line_item_type == "Refund"]
    currency = company.CURRENCY["aws"]
    return {
        "source": "aws",
        "month": restated.month,
        "service": restated.product_code,
        "days": [f"{restated.first}", f"{restated.end - timedelta(days=1)}"],
        "superseded_execution": aws_cur2.execution(restated.month, restated.invoiced_at),
        "current_execution": aws_cur2.execution(restated.month, restated.restated_at),
        "restated_on": f"{restated.restated_at.date()}",
        "before": {currency: _text(before)},
        "now": {currency: _text(now)},
        "difference": {currency: _text(now - before)},
        "support_refund": {
            "month": restated.refund_month,
            "of_month": restated.fee_month,
            currency: _text(sum((line.line_item_unblended_cost for line in refunds), ZERO)),
        },
    }


def _shared_platform(every: Sequence[Charge]) -> Json:
    """What several projects share: the account, and the support of all accounts."""
    ours = [one for one in every if one.project == "platform" or one.account == company.PLATFORM or _is_support(one)]
    return {
        "project": "platform",
        "account": company.PLATFORM,
        "account_name": company.AWS_ACCOUNTS[company.PLATFORM],
        "months": {month: _both([one for one in ours if one.month == month]) for month in (_CLOSED, period.OPEN_MONTH)},
    }


def _is_support(charge: Charge) -> bool:
    return charge.line is not None and charge.line.line_item_product_code == "AWSSupportEnterprise"


def _untagged(every: Sequence[Charge]) -> Json:
    return {
        "largest_cause": charges.NETWORK_CAUSE,
        "account": company.SHOP_PROD,
        "months": {month: _untagged_in(list(charges.select(every, month=month))) for month in period.months()[-2:]},
    }


def _untagged_in(month: Sequence[Charge]) -> Json:
    by_cause: dict[str, Decimal] = defaultdict(Decimal)
    for one in month:
        if one.cause:
            by_cause[one.cause] += one.in_euro
    untagged = sum(by_cause.values(), ZERO)
    return {
        "EUR": _text(untagged),
        "percent": _text((untagged / _euro(month) * 100).quantize(_CENT)),
        "causes": {cause: _text(by_cause[cause]) for cause in sorted(by_cause, key=by_cause.__getitem__, reverse=True)},
    }


def _kind(charge: Charge) -> str:
    return charge.line.line_item_line_item_type if charge.line else ""


def _charged(some: Sequence[Charge]) -> dict[str, Decimal]:
    """What was charged for lines of AWS, in dollars and in euro."""
    lines = [(one.line.line_item_unblended_cost, one.day) for one in some if one.line]
    return {
        rates.BASE: sum((cost for cost, _ in lines), ZERO),
        rates.QUOTE: sum((rates.in_euro(cost, rates.BASE, day) for cost, day in lines), ZERO),
    }


def _both(some: Sequence[Charge]) -> Json:
    """Dollars as billed, and everything in euro."""
    dollars = sum((one.effective for one in some if one.currency == rates.BASE), ZERO)
    return _texts({rates.BASE: dollars, rates.QUOTE: _euro(some)})


def _per_day(some: Sequence[Charge], first: date) -> Json:
    """Mean of the complete days."""
    complete = [one for one in some if one.day < _COMPLETE]
    return {
        key: _text((Decimal(str(total)) / (_COMPLETE - first).days).quantize(_CENT))
        for key, total in _both(complete).items()
    }


def _euro(some: Iterable[Charge]) -> Decimal:
    return sum((one.in_euro for one in some), ZERO)


def _texts(amounts: Mapping[str, Decimal]) -> Json:
    return {currency: _text(amount) for currency, amount in amounts.items()}


def _text(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
