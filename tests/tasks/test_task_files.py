"""Somebody else's series: one row per task whatever they hold; equal for any number of processes and any order."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finops.errors import AccessError, BillError
from finops.forecast.tasks import QUANTILES, predict_all
from finops.task_files import read_tasks, write_predictions

COLUMNS = ["task_id", "mean", *(f"q{quantile:g}" for quantile in QUANTILES), "p_overrun"]


def history(item: str, values: npt.ArrayLike, *, start: str = "2026-01-01", freq: str = "D") -> pd.DataFrame:
    known = np.asarray(values, dtype=float)
    days = pd.date_range(start, periods=len(known), freq="MS" if freq == "M" else "D")
    return pd.DataFrame({"item_id": item, "date": days, "cost": known, "freq": freq})


def task(item: str, cutoff: str, start: str, end: str, *, freq: str = "D", name: str = "month") -> dict[str, Any]:
    return {
        "task_id": f"{item}/{name}",
        "item_id": item,
        "freq": freq,
        "cutoff": pd.Timestamp(cutoff),
        "period": name,
        "start": pd.Timestamp(start),
        "end": pd.Timestamp(end),
        "budget": 1000.0,
    }


def answered(
    folder: Path, histories: list[pd.DataFrame], tasks: list[dict[str, Any]], *, processes: int = 1
) -> pd.DataFrame:
    pd.concat(histories).to_parquet(folder / "history.parquet", index=False)
    pd.DataFrame(tasks).to_parquet(folder / "tasks.parquet", index=False)
    write_predictions(folder / "out.parquet", predict_all(read_tasks(folder), seed=1, processes=processes))
    return pd.read_parquet(folder / "out.parquet").set_index("task_id")


STEADY = np.random.default_rng(1).normal(100, 5, 100)  # 1 January to 10 April
APRIL = task("a", "2026-04-10", "2026-04-01", "2026-04-30")


def test_the_total_holds_what_lies_before_the_cut_off(tmp_path: Path) -> None:
    found = answered(tmp_path, [history("a", STEADY)], [APRIL])
    assert ["task_id", *found.columns] == COLUMNS
    row = found.loc["a/month"]
    assert row["mean"] == pytest.approx(3000, rel=0.05)
    assert row["q0.025"] > STEADY[90:].sum()
    assert row["p_overrun"] == 1


def test_nothing_after_the_cut_off_is_used(tmp_path: Path) -> None:
    known = answered(tmp_path, [history("a", STEADY)], [APRIL])
    later = answered(tmp_path, [history("a", [*STEADY, *([9999.0] * 20)])], [APRIL])
    pd.testing.assert_frame_equal(known, later)


def test_monthly_series_are_totals_of_whole_months(tmp_path: Path) -> None:
    year = task("m", "2025-12-01", "2026-01-01", "2026-12-01", freq="M", name="year")
    found = answered(tmp_path, [history("m", [10.0] * 36, start="2023-01-01", freq="M")], [year])
    assert found.loc["m/year", "mean"] == pytest.approx(120)


def test_processes_and_order_change_nothing(tmp_path: Path) -> None:
    items = [f"i{at}" for at in range(30)]
    histories = [history(item, STEADY + at) for at, item in enumerate(items)]
    tasks = [task(item, "2026-04-10", "2026-04-01", "2026-04-30") for item in items]
    once = answered(tmp_path, histories, tasks)
    again = answered(tmp_path, histories[::-1], tasks[::-1], processes=2)
    pd.testing.assert_frame_equal(once, again.loc[once.index])


def test_what_was_never_charged_may_begin_as_what_ends_on_the_same_day_did(tmp_path: Path) -> None:
    """Not as anything that ends later: its own future is among that."""
    began = [history(f"b{at}", np.append(np.zeros(10 * at), np.full(100 - 10 * at, 10.0))) for at in range(6)]
    histories = [*began, history("z", np.zeros(100))]
    tasks = [task(item, "2026-04-10", "2026-04-01", "2026-04-30") for item in ("z", *(f"b{at}" for at in range(6)))]
    found = answered(tmp_path, histories, tasks)
    point, median, most = (found[column].to_dict()["z/month"] for column in ("mean", "q0.5", "q0.975"))
    assert (point, median) == (0, 0)
    assert 0 < most <= 200
    later = [history("z later", np.append(np.zeros(100), np.full(20, 1e6))), history("c", np.full(120, 1e6))]
    asked = [task(item, "2026-04-30", "2026-05-01", "2026-05-31") for item in ("z later", "c")]
    again = answered(tmp_path, [*later, *histories[::-1]], [*asked, *tasks[::-1]], processes=2)
    pd.testing.assert_frame_equal(found, again.loc[found.index])
    alone = answered(tmp_path, histories[-1:], tasks[:1])
    assert (alone.loc["z/month", ["mean", "q0.025", "q0.975", "p_overrun"]] == 0).all()


def test_what_cannot_be_computed_is_null_and_the_others_are_not(tmp_path: Path) -> None:
    backwards = task("a", "2026-04-10", "2026-04-30", "2026-04-01", name="backwards")
    unknown = task("nobody", "2026-04-10", "2026-04-01", "2026-04-30")
    early = task("a", "2025-04-10", "2026-04-01", "2026-04-30", name="early")
    undated = task("a", "NaT", "2026-04-01", "2026-04-30", name="undated")
    found = answered(tmp_path, [history("a", STEADY)], [APRIL, backwards, unknown, early, undated])
    assert found["mean"].notna().to_dict() == {
        "a/month": True,
        "a/backwards": False,
        "nobody/month": False,
        "a/early": False,
        "a/undated": False,
    }


def test_a_missing_file_a_missing_column_and_words_for_numbers_are_named(tmp_path: Path) -> None:
    with pytest.raises(AccessError, match=r"history\.parquet"):
        read_tasks(tmp_path)
    with pytest.raises(BillError, match="cost"):
        answered(tmp_path, [history("a", STEADY).drop(columns="cost")], [APRIL])
    with pytest.raises(BillError, match="many"):
        answered(tmp_path, [history("a", STEADY).assign(cost="many")], [APRIL])


AMOUNTS = st.one_of(
    st.just(0.0),
    st.floats(-1e6, 1e6, allow_nan=False),
    st.floats(1e-300, 1e15),
    st.sampled_from([math.nan, math.inf]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(AMOUNTS, min_size=1, max_size=120), freq=st.sampled_from(["D", "M"]))
def test_no_history_is_too_odd(tmp_path: Path, values: list[float], freq: str) -> None:
    known = history("a", values, start="2020-01-01", freq=freq)
    cutoff = str(known["date"].iloc[-1].date())
    asked = [
        task("a", cutoff, cutoff[:8] + "01", str((known["date"].iloc[-1] + pd.offsets.MonthEnd(3)).date()), freq=freq)
    ]
    row = answered(tmp_path, [known], asked).iloc[0]
    if np.isfinite(known["cost"]).any():
        assert np.isfinite(row.to_numpy(dtype=float)).all()
        assert np.all(np.diff(row.to_numpy(dtype=float)[1:-1]) >= 0)
