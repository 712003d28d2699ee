"""Futures: the paths of a forecast, held, or made again whenever they are asked for.

Paths of a thousand projects a year ahead are more than a gigabyte, and each is asked for a few times only: for the
total, for its own row, for a budget. What made them makes them again, the same to the last digit.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Paths = npt.NDArray[np.float64]

_LATEST = 3
"""Paths kept in any case, as what asks for some asks again at once."""


class Room:
    """Memory for paths: the first ones are kept while they fit, others only until a few more were made.

    Args:
        most: bytes.
    """

    def __init__(self, most: int) -> None:
        self._free = most
        self._kept: dict[int, Paths] = {}
        self._latest: deque[tuple[int, Paths]] = deque(maxlen=_LATEST)
        self._futures = 0

    def futures(self, make: "Callable[[], Paths]", *, draws: int, days: int, made: "Paths | None" = None) -> "Futures":
        """Paths that are made when they are asked for, and again when they were not kept.

        Args:
            make: always the same paths (draws, days); nobody else changes them.
            draws: number of paths.
            days: length of each.
            made: the paths, where they were made already.
        """
        self._futures += 1
        number = self._futures
        if made is not None:
            self._keep(number, made)

        def paths() -> "Paths":
            known = self._kept.get(number)
            if known is None:
                known = next((one for at, one in self._latest if at == number), None)
            return self._keep(number, make()) if known is None else known

        return Futures(draws=draws, days=days, _paths=paths, _room=self)

    def _keep(self, number: int, paths: "Paths") -> "Paths":
        paths.flags.writeable = False
        if paths.nbytes <= self._free:
            self._free -= paths.nbytes
            self._kept[number] = paths
        else:
            self._latest.append((number, paths))
        return paths


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Futures:
    """Paths of one series.

    Attributes:
        draws: how many.
        days: how long each is.
    """

    draws: int
    days: int
    _paths: "Callable[[], Paths]"
    _room: Room | None = None

    def paths(self) -> "Paths":
        """All of them: array (draws, days), to be read only."""
        return self._paths()

    def changed(self, change: "Callable[[Paths], Paths]", *, days: int | None = None) -> "Futures":
        """Other paths, made of these; at once where these are held, else when they are asked for.

        Args:
            change: gives as many paths, leaves those given as they are, and always does the same.
            days: how long they are; as long as these, unless told.
        """
        if self._room is None:
            return held(change(self.paths()))
        return self._room.futures(
            lambda: change(self.paths()), draws=self.draws, days=self.days if days is None else days
        )


def held(paths: "Paths") -> Futures:
    """These paths (draws, days)."""
    draws, days = paths.shape
    return Futures(draws=draws, days=days, _paths=lambda: paths)
