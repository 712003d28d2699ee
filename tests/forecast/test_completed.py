"""Days that are told but for a little: they are in the forecast, in the fit, and never below what is booked."""

from datetime import timedelta

import numpy as np
import pytest

from finops.forecast.completed import forecast_completed
from finops.forecast.forecaster import History, forecast_all
from finops.testing.forecaster import START, ordinary_days

VALUES = ordinary_days(200)
CUT = History(
    start=START, values=tuple(VALUES[:197].tolist()), left_out=3, booked=(VALUES[197] * 0.95, VALUES[198] * 0.7, 1.0)
)
UNTIL = CUT.end + timedelta(days=40)


def test_the_days_are_what_they_are_told_to_be_and_the_rest_follows_them() -> None:
    told = (VALUES[197] * 2, VALUES[198] * 2)
    (found,) = forecast_completed({"one": CUT}, {"one": told}, (0.01, 0.05), until=UNTIL, seed=1).values()
    np.testing.assert_allclose(found.mean[:2], told)
    spread = found.paths[:, :2].std(axis=0) / found.mean[:2]
    assert spread == pytest.approx([0.01, 0.05], rel=0.1)
    assert found.history == CUT
    assert found.end == UNTIL
    longer = History(start=START, values=(*CUT.values, *told), left_out=1, booked=(1.0,))
    after = forecast_all({"one": longer}, until=UNTIL, seed=1)["one"]
    np.testing.assert_array_equal(found.paths[:, 2:], after.paths)


def test_what_is_booked_is_the_least() -> None:
    told = VALUES[197:199].tolist()
    (found,) = forecast_completed({"one": CUT}, {"one": told}, (0.5, 0.5), until=UNTIL, seed=1).values()
    assert (found.paths[:, :3].min(axis=0) >= np.array(CUT.booked) - 1e-9).all()


def test_without_such_days_a_forecast_is_as_it_was() -> None:
    (found,) = forecast_completed({"one": CUT}, {"one": ()}, (), until=UNTIL, seed=1).values()
    np.testing.assert_array_equal(found.paths, forecast_all({"one": CUT}, until=UNTIL, seed=1)["one"].paths)
