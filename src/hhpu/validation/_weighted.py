"""People grouped by equal values, and what can be said of the groups under weights.

Every statistic of this package is written once, for people who count as often as a weight says.
Weights of one give the statistic itself; the counts of a resample give its value in that resample.
"""

from __future__ import annotations

from typing import Final, Protocol

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.ranking import seats_of

__all__ = ["Grouped", "Statistic", "Weights", "grouped", "once", "seats_in"]

Ints = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]
_ONE: Final = 1.0


class Statistic(Protocol):
    """Figures of the people of one origin.

    Calling it with weights of shape ``(draws, people)``, whole numbers as floats, gives an array of
    shape ``(draws, figures)``: NaN where a figure is undefined in a draw.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """The figures, in the order of the columns."""
        ...

    def __call__(self, weights: Weights, /) -> npt.NDArray[np.float64]:
        """Give the figures under each row of weights."""
        ...


@attrs.frozen(eq=False)
class Grouped:
    """People ordered by a value, with the groups that share one.

    Parameters
    ----------
    order : numpy.ndarray of int64
        People by ascending value.
    starts : numpy.ndarray of int64
        The place in ``order`` at which each group begins.
    place : numpy.ndarray of int64
        The group of each person.
    values : numpy.ndarray
        The value of each group, ascending.
    """

    order: Ints
    starts: Ints
    place: Ints
    values: npt.NDArray[np.generic]

    def __len__(self) -> int:
        return len(self.starts)

    def sums(self, weights: Weights) -> Weights:
        """Sum weights by group: shape ``(draws, groups)``."""
        found: Weights = np.add.reduceat(weights[..., self.order], self.starts, axis=-1)
        return found

    def below(self, weights: Weights) -> Weights:
        """The weight of everybody in a lower group, for each group."""
        sums = self.sums(weights)
        return np.cumsum(sums, axis=-1) - sums

    def midranks(self, weights: Weights) -> Weights:
        """The rank of each group, from 1, the mean over its members."""
        sums = self.sums(weights)
        return np.cumsum(sums, axis=-1) - sums + (sums + _ONE) / 2


def grouped(values: npt.ArrayLike) -> Grouped:
    """Group people by equal values.

    Parameters
    ----------
    values : array_like, shape (people,)
        At least one; no NaN.

    Returns
    -------
    Grouped
        Ascending.

    Examples
    --------
    >>> groups = grouped([30, 10, 30])
    >>> groups.order.tolist(), groups.starts.tolist(), groups.place.tolist()
    ([1, 0, 2], [0, 1], [1, 0, 1])
    """
    held = np.asarray(values)
    order = np.argsort(held, kind="stable")
    ordered = held[order]
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    place = np.empty(len(held), dtype=np.int64)
    place[order] = np.cumsum(first) - 1
    return Grouped(order=order, starts=np.flatnonzero(first), place=place, values=ordered[first])


def once(people: int) -> Weights:
    """Weights under which everybody counts once: shape ``(1, people)``."""
    return np.ones((1, people))


def seats_in(k: int | float | str, people: Weights) -> Weights:
    """The seats that a capacity means in draws of so many people: shape of ``people``."""
    sizes, place = np.unique(people, return_inverse=True)
    table = np.array([float(seats_of(k, int(size))) for size in sizes])
    found: Weights = table[place.reshape(-1)]
    return found
