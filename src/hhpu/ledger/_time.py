"""The one time rule: which links count on which days."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hhpu.tables import FOREVER, NO_DAY, Days

__all__ = ["active_interval", "counts_on"]

_LONGEST = 2**40


def counts_on(
    day: Days,
    known_from: Days,
    known_to: Days,
    *,
    t: int,
    after: int | None,
    upto: int,
    lag: int = 0,
) -> npt.NDArray[np.bool_]:
    """Tell which links count at ``t``: ``t + after < day <= t + upto``, and known at ``t + lag``.

    Parameters
    ----------
    day, known_from, known_to : numpy.ndarray of int32
        Placing day, first day known, first day no longer known.
    t : int
        Day number; the end of that day.
    after : int or None
        Exclusive lower bound relative to ``t``; None for no bound. History is ``-window``.
    upto : int
        Inclusive upper bound relative to ``t``. History is 0.
    lag : int
        Days after ``t`` by which the link must be known. History is 0.

    Returns
    -------
    numpy.ndarray of bool
        One for each link.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.array([100], dtype=np.int32)
    >>> end = np.array([FOREVER], dtype=np.int32)
    >>> [bool(counts_on(one, one, end, t=t, after=-10, upto=0)[0]) for t in (99, 100, 109, 110)]
    [False, True, True, False]
    """
    counts = day <= _within(t + upto)
    if after is not None:
        counts &= day > _within(t + after)
    counts &= known_from <= _within(t + lag)
    counts &= known_to > _within(t + lag)
    return counts


def _within(day: int) -> int:
    return max(NO_DAY, min(FOREVER - 1, day))


def active_interval(
    day: npt.NDArray[Any],
    known_from: npt.NDArray[Any],
    known_to: npt.NDArray[Any],
    *,
    after: int | None,
    upto: int,
    lag: int = 0,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give for each link the days ``t`` on which it counts, as ``[start, end)``.

    The same rule as `counts_on`, solved for ``t``:
    ``[max(day - upto, known_from - lag), min(day - after, known_to - lag))``, and empty (``end``
    set to ``start``) where the end is not after the start.

    Parameters
    ----------
    day, known_from, known_to : numpy.ndarray
        Placing day, first day known, first day no longer known.
    after, upto, lag : int
        As in `counts_on`.

    Returns
    -------
    start, end : numpy.ndarray of int64
        One of each for each link.
    """
    placed, start, stop = (np.asarray(a, dtype=np.int64) for a in (day, known_from, known_to))
    begin = np.maximum(placed - upto, np.where(start == NO_DAY, -_LONGEST, start - lag))
    end = np.where(stop == FOREVER, _LONGEST, stop - lag)
    if after is not None:
        end = np.minimum(end, placed - after)
    return begin, np.maximum(begin, end)
