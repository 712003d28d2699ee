"""Paths that do not fit into memory are made again when they are asked for, and are the same."""

from collections.abc import Callable

import numpy as np
import pytest

from finops.forecast.futures import Futures, Room, held

A_PATH = 5 * 8
"""Bytes of one path of five days."""


class Made:
    """Futures of one path each in one room, and how often each was made."""

    def __init__(self, *, room_for: int, series: int) -> None:
        self.times = [0] * series
        room = Room(room_for * A_PATH)
        self.futures = [room.futures(self._making(at), draws=1, days=5) for at in range(series)]

    def _making(self, at: int) -> "Callable[[], np.ndarray[tuple[int, int], np.dtype[np.float64]]]":
        def make() -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
            self.times[at] += 1
            return np.full((1, 5), float(at))

        return make


def first_days(futures: list[Futures]) -> list[float]:
    return [float(one.paths()[0, 0]) for one in futures]


def test_nothing_is_made_before_it_is_asked_for() -> None:
    assert Made(room_for=2, series=3).times == [0, 0, 0]


def test_what_fits_is_made_once_and_the_rest_whenever_it_is_asked_for() -> None:
    made = Made(room_for=2, series=9)
    assert first_days(made.futures) == first_days(made.futures) == list(map(float, range(9)))
    assert made.times == [1, 1, *[2] * 7]


def test_the_last_ones_are_at_hand_as_they_are_asked_for_again_at_once() -> None:
    made = Made(room_for=0, series=4)
    for one in made.futures:
        assert first_days([one] * 3) == [made.futures.index(one)] * 3
    assert made.times == [1] * 4


def test_what_is_made_of_others_is_made_when_it_is_asked_for() -> None:
    made = Made(room_for=0, series=2)
    doubled = [one.changed(lambda paths: np.repeat(paths * 2, 2, axis=1), days=10) for one in made.futures]
    assert made.times == [0, 0]
    assert [(one.draws, one.days, one.paths().shape) for one in doubled] == [(1, 10, (1, 10))] * 2
    assert first_days(doubled) == [0, 2]


def test_what_is_made_of_paths_that_are_held_is_held() -> None:
    times = []

    def twice(
        paths: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    ) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
        times.append(1)
        return paths * 2

    doubled = held(np.ones((3, 5))).changed(twice)
    assert first_days([doubled, doubled]) == [2, 2]
    assert (doubled.draws, doubled.days, times) == (3, 5, [1])


def test_what_is_kept_is_read_only() -> None:
    made = Made(room_for=1, series=2)
    for one in made.futures:
        with pytest.raises(ValueError, match="read-only"):
            one.paths()[0, 0] = 1
