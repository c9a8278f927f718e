"""Intervals by resampling people: one draw of people carried through everything that is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.blocks import at_once
from hhpu.errors import ArgumentError
from hhpu.ledger import Ledger
from hhpu.validation._weighted import Statistic

__all__ = [
    "Asked",
    "Draws",
    "Interval",
    "by_id",
    "drawn_people",
    "holm",
    "interval",
    "numbered_by_id",
    "places_by_id",
    "resample",
]

Floats = npt.NDArray[np.float64]
_AT_ONCE: Final = 1 << 16
_FEWEST: Final = 100


@attrs.frozen(eq=False)
class Asked:
    """A statistic of some of the people.

    Parameters
    ----------
    statistic : Statistic
        What is asked.
    people : numpy.ndarray of int64
        The places, among everybody who is resampled, of those whom it is asked of.
    """

    statistic: Statistic
    people: npt.NDArray[np.int64]


@attrs.frozen(eq=False)
class Draws:
    """What resamples gave.

    Parameters
    ----------
    values : numpy.ndarray, shape (resamples, figures)
        One line for each draw of people; the figures of all statistics side by side. NaN where a
        figure is undefined in a draw.
    seed : int
        What made them.
    resampled : str
        What was drawn: ``people``, or the clusters' name.
    """

    values: Floats
    seed: int
    resampled: str


@attrs.frozen
class Interval:
    """A percentile interval.

    Parameters
    ----------
    low, high : float
        Its ends; NaN where no draw was defined.
    undefined : int
        How many draws had no value.
    draws : int
        How many there were.
    level : float
        Such as 0.95.
    """

    low: float
    high: float
    undefined: int
    draws: int
    level: float


def resample(
    asked: Sequence[Asked],
    *,
    people: int,
    resamples: int,
    seed: int,
    clusters: npt.NDArray[np.int64] | None = None,
    resampled: str = "people",
    progress: Callable[[int, int], None] | None = None,
) -> Draws:
    """Draw people with replacement, and ask every statistic of the same draw.

    Parameters
    ----------
    asked : sequence of Asked
        The statistics, each with the people of whom it is asked.
    people : int
        How many people there are to draw from.
    resamples : int
        How many draws, at least 100.
    seed : int
        Not negative; the same seed gives the same draws whatever is asked.
    clusters : numpy.ndarray of int64, shape (people,), optional
        The cluster of each person, numbered from 0: whole clusters are drawn.
    resampled : str
        What a cluster is, for the result.
    progress : callable, optional
        Told how many draws are done, of how many.

    Returns
    -------
    Draws
        Memory does not grow with the draws but for one number for each figure.

    Raises
    ------
    ArgumentError
        If there is nobody to draw, or an argument is out of its range.
    """
    if people < 1:
        message = "there is nobody to resample"
        raise ArgumentError(message)
    if resamples < _FEWEST:
        message = f"resamples={resamples}: at least {_FEWEST}"
        raise ArgumentError(message)
    if seed < 0:
        message = f"seed={seed}: not negative"
        raise ArgumentError(message)
    size = max(1, _AT_ONCE // people)
    blocks = [range(at, min(at + size, resamples)) for at in range(0, resamples, size)]
    everybody = [np.array_equal(each.people, np.arange(people)) for each in asked]
    done = 0

    def ask(block: range) -> Floats:
        nonlocal done
        drawn = np.empty((len(block), people))
        for row, number in zip(drawn, block, strict=True):
            row[:] = drawn_people(people, seed, number, clusters)
        drawn.setflags(write=False)
        taken: dict[int, Floats] = {}
        found = []
        for each, whole in zip(asked, everybody, strict=True):
            if not whole and id(each.people) not in taken:
                taken = {id(each.people): np.take(drawn, each.people, axis=-1)}
            found.append(each.statistic(drawn if whole else taken[id(each.people)]))
        done += len(block)
        if progress is not None:
            progress(done, resamples)
        return np.concatenate(found, axis=1)

    values = np.concatenate(at_once(ask, blocks))
    return Draws(values=values, seed=seed, resampled=resampled)


def by_id(ledger: Ledger, people: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The place of each of some people among them in the order of their ids."""
    found = np.empty(len(people), dtype=np.int64)
    found[np.argsort(places_by_id(ledger)[people])] = np.arange(len(people))
    return found


def places_by_id(ledger: Ledger) -> npt.NDArray[np.int64]:
    """The place of each of a ledger's people in the order of their ids.

    The ledger's own order follows its rows: draws and sums of floats that went by it would change
    with the order of the rows.
    """
    order = ledger.people.order()
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place


def numbered_by_id(
    clusters: npt.NDArray[np.int64], places: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The clusters of people in the order of their ids, numbered from 0 by their first member."""
    _, first, number = np.unique(
        clusters[np.argsort(places)], return_index=True, return_inverse=True
    )
    found: npt.NDArray[np.int64] = np.argsort(np.argsort(first))[number]
    return found


def drawn_people(
    people: int, seed: int, number: int, clusters: npt.NDArray[np.int64] | None
) -> npt.NDArray[np.int64]:
    """How often each person is in one draw."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(number,))))
    if clusters is None:
        return np.bincount(rng.integers(0, people, people), minlength=people)
    size = int(clusters.max()) + 1
    counts = np.bincount(rng.integers(0, size, size), minlength=size)
    found: npt.NDArray[np.int64] = counts[clusters]
    return found


def interval(values: Floats, *, level: float = 0.95) -> Interval:
    """Give the percentile interval of one figure's draws.

    Parameters
    ----------
    values : numpy.ndarray, shape (resamples,)
        NaN where undefined.
    level : float
        Between 0 and 1.

    Returns
    -------
    Interval
        Over the draws that are defined; how many are not is counted.

    Examples
    --------
    >>> import numpy as np
    >>> round(interval(np.arange(1001.0)).low, 6)
    25.0
    """
    if not 0 < level < 1:
        message = f"level={level}: between 0 and 1"
        raise ArgumentError(message)
    defined = values[~np.isnan(values)]
    tail = (1 - level) / 2
    low, high = (
        (float(np.quantile(defined, tail)), float(np.quantile(defined, 1 - tail)))
        if len(defined)
        else (float("nan"), float("nan"))
    )
    return Interval(
        low=low, high=high, undefined=len(values) - len(defined), draws=len(values), level=level
    )


def holm(p: Sequence[float]) -> list[float]:
    """Adjust p-values for their number by Holm's step-down rule.

    Parameters
    ----------
    p : sequence of float
        NaN is passed over.

    Returns
    -------
    list of float
        Adjusted, in the same order, at most 1.

    References
    ----------
    Holm S (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of
    Statistics 6(2), 65-70.

    Examples
    --------
    >>> [round(each, 3) for each in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    held = np.asarray(p, dtype=np.float64)
    found = np.full(len(held), np.nan)
    places = np.flatnonzero(~np.isnan(held))
    running = 0.0
    for number, place in enumerate(places[np.argsort(held[places], kind="stable")].tolist()):
        running = max(running, min(1.0, (len(places) - number) * float(held[place])))
        found[place] = running
    return [float(each) for each in found]
