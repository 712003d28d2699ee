"""Parts that are made to add up to their whole: exactly, without going below what is booked, the sure ones hardly."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.forecast.coherence import fitted
from finops.forecast.event import Event
from finops.forecast.forecaster import Forecast, History
from finops.forecast.futures import held
from finops.forecast.steps import Changed, Step
from finops.money import add

Floats = npt.NDArray[np.float64]
END, DAYS, DRAWS = date(2026, 10, 11), 20, 30
EVENTS = [
    Event(name=name, start=END + timedelta(days=3), kind="per_day", amount=Decimal(1)) for name in ("launch", "price")
]


def changed(
    paths: Floats, *, steps: dict[int, str] | None = None, booked: tuple[float, ...] = (), credits_too: bool = False
) -> Changed:
    """A forecast with these paths; a step's amount falls on each of the last ten days."""
    history = History(start=END - timedelta(days=2), values=(-1.0 if credits_too else 1.0, 1.0), booked=booked)
    whole = Forecast(history=history, futures=held(paths), mean=paths.mean(axis=0), model="by hand")
    days = [END + timedelta(days=at) for at in range(10, DAYS)]
    found = tuple(
        Step(event=EVENTS[at], daily=dict.fromkeys(days, Decimal(amount))) for at, amount in (steps or {}).items()
    )
    mean = whole.mean.copy()
    mean[10:] -= sum(float(amount) for amount in (steps or {}).values())
    base = Forecast(history=history, futures=held(paths), mean=mean, model="by hand")
    return Changed(base=base if steps else whole, forecast=whole, steps=found)


def drawn(seed: int, size: float, spread: float) -> Floats:
    random = np.random.default_rng(seed)
    level = np.exp(spread * random.standard_normal((DRAWS, 1)))
    return np.asarray(size * level * np.exp(0.1 * random.standard_normal((DRAWS, DAYS))))


SIZES = st.sampled_from((0.0, 1e-6, 3.0, 1e5))
AMOUNTS = st.sampled_from(("0.0001", "-3.3333", "120"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(SIZES, st.booleans(), st.none() | AMOUNTS), min_size=1, max_size=5),
    SIZES,
    st.none() | AMOUNTS,
    st.integers(0, 99),
)
def test_parts_add_up_to_the_whole(
    given_parts: list[tuple[float, bool, str | None]], size: float, step: str | None, seed: int
) -> None:
    parts = {
        f"p{at}": changed(
            drawn(seed + at, own, 0.3) * (-1 if negative else 1),
            steps={0: amount} if amount else None,
            credits_too=negative,
        )
        for at, (own, negative, amount) in enumerate(given_parts)
    }
    whole = changed(drawn(seed + 9, size, 0.1), steps={1: step} if step else None)
    found = fitted(parts, whole)
    assert list(found) == sorted(parts)
    tolerance = 1e-9 * (1.0 + max(float(np.abs(one.forecast.paths).max()) for one in (*parts.values(), whole)))
    for mine, of_whole in (
        ([one.forecast.paths for one in found.values()], whole.forecast.paths),
        ([one.forecast.mean for one in found.values()], whole.forecast.mean),
        ([one.base.mean for one in found.values()], whole.base.mean),
    ):
        np.testing.assert_allclose(np.sum(mine, axis=0), of_whole, atol=tolerance)
    for one in whole.steps:
        for day, amount in one.daily.items():
            own = [s.daily.get(day, Decimal(0)) for part in found.values() for s in part.steps if s.event == one.event]
            assert add(*own) == amount
    assert all(s.event in {w.event for w in whole.steps} for part in found.values() for s in part.steps)
    if not any(negative for _, negative, _ in given_parts):
        assert min(float(part.forecast.paths.min()) for part in found.values()) >= -tolerance


def test_the_unsure_part_takes_what_is_missing() -> None:
    sure, unsure = drawn(1, 100.0, 0.001), drawn(2, 100.0, 0.4)
    found = fitted({"sure": changed(sure), "unsure": changed(unsure)}, changed(drawn(3, 250.0, 0.1)))
    moved = {
        name: abs(float(one.forecast.mean.mean()) / float(before.mean()) - 1)
        for (name, one), before in zip(found.items(), (sure, unsure), strict=True)
    }
    assert moved["sure"] < 0.02
    assert moved["unsure"] > 0.3


def test_what_is_booked_stays() -> None:
    parts = {
        "late": changed(np.maximum(drawn(1, 10.0, 0.5), 9.0), booked=(9.0,) * 3),
        "other": changed(drawn(2, 10.0, 0.5)),
    }
    found = fitted(parts, changed(np.maximum(drawn(3, 12.0, 0.1), 9.0)))
    assert float(found["late"].forecast.paths[:, :3].min()) >= 9.0 - 1e-9


def test_parts_that_fit_already_stay_as_they_are() -> None:
    parts = {"a": changed(drawn(1, 10.0, 0.2)), "b": changed(drawn(2, 3.0, 0.2))}
    whole = changed(parts["a"].forecast.paths + parts["b"].forecast.paths)
    for name, one in fitted(parts, whole).items():
        np.testing.assert_allclose(one.forecast.paths, parts[name].forecast.paths)
