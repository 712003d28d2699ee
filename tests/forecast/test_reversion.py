"""Reversion: what returns to its mean is forecast to, as fast as it did, and what grows is not trusted to."""

import numpy as np
import numpy.typing as npt
import pytest

from finops.forecast import reversion
from finops.forecast.reversion import return_to_mean, steadiness

DAYS = 400


def around(mean: float, holding: float, *, seed: int = 3) -> npt.NDArray[np.float64]:
    """Daily values that keep a share of yesterday's distance from the mean."""
    random, off, values = np.random.default_rng(seed), 0.0, []
    for step in random.normal(0, 1, DAYS):
        off = holding * off + step
        values.append(mean + off)
    return np.array(values)


@pytest.mark.long  # its state space models take seconds to import
def test_one_set_of_parameters_forecasts_as_statsmodels_does(monkeypatch: pytest.MonkeyPatch) -> None:
    from statsmodels.tsa.seasonal import STL
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    holding, passing = 0.8, -0.3
    monkeypatch.setattr(reversion, "_HOLDING", np.array([holding]))
    monkeypatch.setattr(reversion, "_PASSING", (passing,))
    values = around(50.0, holding)
    ours = return_to_mean(values, 300)
    centred = values - values.mean()
    without_weekdays = (
        values - STL(centred, period=7, trend_jump=3, low_pass_jump=3).fit(inner_iter=2, outer_iter=0).seasonal
    )
    model = SARIMAX(without_weekdays, order=(1, 0, 1), trend="c")
    mean = float(ours[-1])  # after 300 days nothing else is left
    theirs = model.smooth([mean * (1 - holding), holding, passing, 1.0]).forecast(300)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    # and no other mean makes what came likelier
    likelihoods = [
        model.loglike([other * (1 - holding), holding, passing, 1.0]) for other in (mean, mean - 0.3, mean + 0.3)
    ]
    assert max(likelihoods) == likelihoods[0]


def test_what_is_far_above_its_mean_comes_back_as_it_did() -> None:
    values = around(100.0, 0.9)
    values[-5:] += 8.0
    path = return_to_mean(values, 365)
    assert path[0] > 103.0
    assert (np.diff(path) <= 0).all()
    assert path[-1] == pytest.approx(float(np.mean(values)), abs=1.0)


def test_units_do_not_matter() -> None:
    values = around(10.0, 0.9)
    np.testing.assert_allclose(return_to_mean(5 + 1000 * values, 60), 5 + 1000 * return_to_mean(values, 60), rtol=1e-9)


def test_a_constant_goes_on() -> None:
    np.testing.assert_array_equal(return_to_mean(np.full(60, 7.0), 9), np.full(9, 7.0))


def test_growth_is_not_steady_and_noise_is() -> None:
    assert steadiness(np.linspace(1, 2, DAYS)) == pytest.approx(0.0, abs=1e-9)
    assert steadiness(around(10.0, 0.0)) > 0.9
    assert steadiness(np.full(DAYS, 3.0)) == 0
    assert steadiness(np.linspace(0, 20, DAYS) + around(0.0, 0.0)) < 0.05
