"""The scale of errors grows with what makes forecasts hard."""

from dataclasses import replace

import numpy as np

from finops.forecast.learnt import LEARNT
from finops.forecast.scale import Evidence, burst_scale, past_error, persistence, relative_scale, unsettled, widths
from finops.testing.forecaster import ordinary_days

CALM = Evidence(
    cleaned=ordinary_days(300),
    level=100.0,
    noise=0.05,
    views=100 + np.outer([0.0, 0.02], np.arange(480)),
    spikes=0.0,
    persistence=0.0,
)


def test_longer_totals_are_relatively_less_sure() -> None:
    walk = 100 * np.exp(np.cumsum(np.random.default_rng(8).normal(0, 0.02, 300)))
    views = walk[-1] + np.outer([0.0, 0.2], np.arange(480))
    scale = relative_scale(replace(CALM, cleaned=walk, level=float(walk[-1]), views=views), 365, LEARNT.line)
    assert scale[364] > scale[59] > scale[6] > 0


def test_noise_and_short_history_widen_the_range() -> None:
    usual = relative_scale(CALM, 60, LEARNT.line)[59]
    assert relative_scale(replace(CALM, noise=0.3), 60, LEARNT.line)[59] > usual
    assert relative_scale(replace(CALM, cleaned=CALM.cleaned[-30:]), 60, LEARNT.line)[59] > usual


def test_spikes_widen_the_range() -> None:
    usual = relative_scale(CALM, 60, LEARNT.line)
    assert (relative_scale(replace(CALM, spikes=0.1), 60, LEARNT.line) > usual).all()


def test_steps_that_are_taken_back_do_not_add_up() -> None:
    steps = np.random.default_rng(8).normal(0, 0.05, (30, 550))
    walks = [persistence(100 * np.exp(np.cumsum(one))) for one in steps]
    around = [persistence(100 * np.exp(one)) for one in steps]
    assert abs(np.mean(walks)) < 0.4
    assert max(around) < min(*walks, -0.5)
    lasting = [np.convolve(one, np.ones(60), mode="same") / 60 for one in steps]
    assert min(persistence(100 * np.exp(np.cumsum(one))) for one in lasting) > 0.4


def test_what_does_not_move_or_is_young_has_no_persistence() -> None:
    assert persistence(np.full(300, 7.0)) == persistence(ordinary_days(41)) == 0


def test_bursts_are_surer_the_more_months_agree() -> None:
    alike = np.tile(np.repeat([0.0, 50.0], [21, 7]), 12)
    growing = alike * np.repeat(np.arange(1.0, 13.0), 28)
    assert burst_scale(alike) < burst_scale(alike[-84:]) < burst_scale(alike[-20:])
    assert burst_scale(alike) < burst_scale(growing)
    assert burst_scale(3 * growing) == burst_scale(growing)


def test_only_what_is_young_and_noisy_is_unsettled() -> None:
    young = replace(CALM, cleaned=CALM.cleaned[-30:])
    assert unsettled(replace(CALM, noise=0.9)) == 0
    assert 0 < unsettled(young) < unsettled(replace(young, noise=0.9))


def test_the_past_error_of_a_constant_is_zero() -> None:
    assert past_error(np.full(100, 3.0), 30, 3.0) == 0


def test_the_past_error_of_a_known_walk_is_what_it_was() -> None:
    # two levels, ten against twenty, of seventy days each: origins whose fourteen days before and seven days after
    # differ by all of ten count with an error of one half of the level
    values = np.repeat([10.0, 20.0], 70)
    error = past_error(values, 7, 20.0)
    assert error is not None
    assert 0.05 < error < 0.5


def test_a_few_days_have_no_past_error() -> None:
    assert past_error(np.arange(1.0, 14.0), 30, 5.0) is None
    assert past_error(np.arange(1.0, 15.0), 30, 5.0) is not None


def test_a_few_quiet_days_are_no_proof_of_quiet() -> None:
    quiet = replace(CALM, cleaned=np.full(5, 100.0), noise=0.0, views=np.full((1, 480), 100.0))
    scale = relative_scale(quiet, 30, LEARNT.line)[29]
    assert 0.15 < scale < 1.0
    long_quiet = replace(quiet, cleaned=np.full(300, 100.0), views=np.full((2, 480), 100.0))
    assert relative_scale(long_quiet, 30, LEARNT.line)[29] < scale / 4


def test_wider_holds_for_all_totals_and_narrower_for_those_up_to_a_quarter() -> None:
    assert (widths(1.2, 400) == 1.2).all()
    assert (widths(1.0, 400) == 1.0).all()
    narrower = widths(0.8, 400)
    assert narrower[[0, 29]].tolist() == [0.8, 0.8]
    assert (np.diff(narrower[29:91]) > 0).all()
    assert (narrower[90:] == 1.0).all()
