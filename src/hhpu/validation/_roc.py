"""The area under the ROC curve: weighted, with DeLong's variance, and compared between methods."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from hhpu.errors import ArgumentError
from hhpu.validation._association import Estimate, numbers, running_sums, summed, tail_of
from hhpu.validation._weighted import Weights, grouped

__all__ = ["Areas", "DeLong", "Difference", "areas", "delong"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_SCALES: Final = ("logit", "plain")
_ROUNDING: Final = 1e-14


@attrs.frozen(eq=False)
class _Placed:
    """Where the smaller class stands in the larger one, by one method.

    ``order``, ``starts``: the larger class by ascending score, and where each score begins;
    ``below``, ``upto``: how many of its scores are below, and not above, that of each of the
    smaller class.
    """

    order: Ints
    starts: Ints
    below: Ints
    upto: Ints


@attrs.frozen(eq=False)
class Areas:
    """The areas of some methods for one binary outcome, under weights.

    Parameters
    ----------
    names : tuple of str
        The methods.
    few : numpy.ndarray of int64
        The people of the smaller class.
    positive : bool
        Whether these are the people with the outcome.
    placed : tuple
        Their places among the others, by each method.
    """

    names: tuple[str, ...]
    few: Ints
    positive: bool
    placed: tuple[_Placed, ...]

    def __call__(self, weights: Weights, /) -> Floats:
        """Give the areas under each row of weights: shape ``(draws, methods)``."""
        few = np.take(weights, self.few, axis=-1)
        some = few.sum(axis=-1)
        found = np.full((len(weights), len(self.names)), np.nan)
        for number, placed in enumerate(self.placed):
            running = running_sums(summed(np.take(weights, placed.order, axis=-1), placed.starts))
            won = np.einsum("ij,ij->i", np.take(running, placed.below, axis=-1), few)
            if placed.upto is placed.below:
                won *= 2
            else:
                won += np.einsum("ij,ij->i", np.take(running, placed.upto, axis=-1), few)
            pairs = 2 * some * running[:, -1]
            if not self.positive:
                won = pairs - won
            np.divide(won, pairs, out=found[:, number], where=pairs > 0)
        return found


@attrs.frozen
class Difference:
    """The area of one method less that of another, on the same people.

    Parameters
    ----------
    first, second : str
        The methods.
    difference : float
        NaN where undefined.
    error : float
        Its standard error by DeLong.
    low, high : float
        The ends of the interval, difference +- z error.
    level : float
        Such as 0.95.
    z, p : float
        The difference over its error; two-sided. NaN where the error is 0.
    why : str
        Why something is NaN; empty otherwise.
    """

    first: str
    second: str
    difference: float
    error: float
    low: float
    high: float
    level: float
    z: float
    p: float
    why: str


@attrs.frozen(eq=False)
class DeLong:
    """Areas of some methods for one binary outcome, with their joint variance.

    Parameters
    ----------
    names : tuple of str
        The methods.
    values : numpy.ndarray, shape (methods,)
        Their areas; NaN with one class.
    covariance : numpy.ndarray, shape (methods, methods)
        By DeLong; NaN with fewer than two people in a class.
    positives, negatives : int
        How many people have the outcome, and have not.
    why : str
        Why areas or their covariance are NaN; empty otherwise.
    """

    names: tuple[str, ...]
    values: Floats
    covariance: Floats
    positives: int
    negatives: int
    why: str

    def interval(
        self, name: str | None = None, *, level: float = 0.95, scale: str = "logit"
    ) -> Estimate:
        """Give the interval of one area.

        On the logit scale by default: expit(logit A +- z se / (A (1 - A))) stays inside 0 and 1 and
        is skewed as the area's distribution is near the ends; ``plain`` is A +- z se, cut at 0 and
        1. People are taken as independent.

        Parameters
        ----------
        name : str
            The method; may be left out where there is one.
        level : float
            Between 0 and 1.
        scale : str
            ``logit`` or ``plain``.

        Returns
        -------
        Estimate
            Its ends are NaN, and why is said, where the variance is undefined or 0.

        Raises
        ------
        ArgumentError
            If an argument is unknown or out of its range.
        """
        if scale not in _SCALES:
            message = f"scale={scale!r}: {' or '.join(_SCALES)}"
            raise ArgumentError(message)
        tail = tail_of(level)
        place = self._place(name)
        value, error = float(self.values[place]), math.sqrt(self.covariance[place, place])
        low, high, why = math.nan, math.nan, self.why
        if not why and error == 0:
            why = (
                "the classes are perfectly separated: DeLong's variance is 0, not the uncertainty"
                if value in (0, 1)
                else "nobody's place differs within a class: DeLong's variance is 0"
            )
        elif not why and scale == "logit":
            middle, wide = math.log(value / (1 - value)), tail * error / (value * (1 - value))
            low, high = (1 / (1 + math.exp(-middle - side * wide)) for side in (-1, 1))
        elif not why:
            low, high = max(0.0, value - tail * error), min(1.0, value + tail * error)
        return Estimate(
            figure="auc",
            estimate=value,
            error=error,
            low=low,
            high=high,
            level=level,
            method=f"delong-{scale}",
            people=self.positives + self.negatives,
            why=why,
        )

    def difference(self, first: str, second: str, *, level: float = 0.95) -> Difference:
        """Compare two methods on the same people: DeLong's test of a contrast.

        Parameters
        ----------
        first, second : str
            The methods: the area of the first less that of the second.
        level : float
            Between 0 and 1.

        Returns
        -------
        Difference
            With the covariance of the two areas.

        Raises
        ------
        ArgumentError
            If a method is unknown or the level is out of its range.
        """
        tail = tail_of(level)
        one, other = self._place(first), self._place(second)
        difference = float(self.values[one] - self.values[other])
        apart = float(self.covariance[one, one] + self.covariance[other, other])
        variance = apart - 2 * float(self.covariance[one, other])
        if variance <= apart * _ROUNDING:
            variance = 0.0
        error, z, why = math.sqrt(variance), math.nan, self.why
        if not why and error == 0:
            why = "the methods place everybody alike against the other class: nothing to test"
        elif not why:
            z = difference / error
        return Difference(
            first=first,
            second=second,
            difference=difference,
            error=error,
            low=math.nan if why else difference - tail * error,
            high=math.nan if why else difference + tail * error,
            level=level,
            z=z,
            p=float(2 * norm.sf(abs(z))),
            why=why,
        )

    def _place(self, name: str | None) -> int:
        if name is None and len(self.names) == 1:
            return 0
        if name not in self.names:
            message = f"method {name!r}: one of {', '.join(self.names)}"
            raise ArgumentError(message)
        return self.names.index(name)


def areas(methods: Mapping[str, npt.ArrayLike], outcome: npt.ArrayLike) -> Areas:
    """Prepare the area under the ROC curve of each method, for one binary outcome.

    The area is the share of pairs of a person with and a person without the outcome in which the
    first has the higher score, ties one half: 2 AUC - 1 is Somers' D(score | outcome). What is
    prepared of the outcome serves all methods.

    Parameters
    ----------
    methods : mapping of str to array_like, shape (people,)
        The scores of each method, none of them NaN.
    outcome : array_like, shape (people,)
        True and False, or 1 and 0.

    Returns
    -------
    Areas
        A statistic; NaN in a draw with one class.

    Raises
    ------
    ArgumentError
        If there is nobody or no method, a NaN, an unequal length, or another outcome.

    References
    ----------
    Hanley JA, McNeil BJ (1982). The meaning and use of the area under a receiver operating
    characteristic (ROC) curve. Radiology 143(1), 29-36. doi:10.1148/radiology.143.1.7063747

    Examples
    --------
    >>> from hhpu.validation import once
    >>> areas({"harm": [5, 3, 3, 1], "count": [1, 1, 1, 1]}, [True, True, False, False])(once(4))
    array([[0.875, 0.5  ]])
    """
    held, happened = _judged(methods, outcome)
    positive = int(happened.sum()) * 2 <= len(happened)
    few = np.flatnonzero(happened == positive)
    others = np.flatnonzero(happened != positive)
    placed = []
    for scores in held.values():
        groups = grouped(scores)
        place = groups.place[others]
        order = np.argsort(place, kind="stable")
        present = np.minimum(np.bincount(place, minlength=len(groups)), 1)
        starts = np.searchsorted(place[order], np.flatnonzero(present))
        upto = np.cumsum(present)[groups.place[few]]
        tied = present[groups.place[few]]
        placed.append(
            _Placed(
                order=others[order],
                starts=starts,
                below=upto - tied if tied.any() else upto,
                upto=upto,
            )
        )
    return Areas(names=tuple(held), few=few, positive=positive, placed=tuple(placed))


def delong(methods: Mapping[str, npt.ArrayLike], outcome: npt.ArrayLike) -> DeLong:
    """Give the areas with DeLong's covariance, by midranks in O(n log n).

    A person's place is the share of the other class that they beat, ties one half: with R the
    midrank among all and T that within the own class, (R - T) / n0 for those with the outcome and
    1 - (R - T) / n1 for those without. The covariance of the areas is that of the places of those
    with the outcome over n1, plus that of the others' over n0.

    Parameters
    ----------
    methods, outcome
        As for `areas`.

    Returns
    -------
    DeLong
        Ask it for intervals and differences.

    Raises
    ------
    ArgumentError
        As for `areas`.

    References
    ----------
    DeLong ER, DeLong DM, Clarke-Pearson DL (1988). Comparing the areas under two or more correlated
    receiver operating characteristic curves: a nonparametric approach. Biometrics 44(3), 837-845.
    doi:10.2307/2531595

    Sun X, Xu W (2014). Fast implementation of DeLong's algorithm for comparing the areas under
    correlated receiver operating characteristic curves. IEEE Signal Processing Letters 21(11),
    1389-1393. doi:10.1109/LSP.2014.2337313

    Pepe MS (2003). The statistical evaluation of medical tests for classification and prediction.
    Oxford University Press. (the logit scale)

    Examples
    --------
    >>> scores = {"harm": [9, 7, 6, 5, 3, 1], "count": [2, 2, 3, 1, 2, 1]}
    >>> found = delong(scores, [1, 1, 0, 1, 0, 0])
    >>> found.values.round(4).tolist(), round(found.interval("harm").low, 4)
    ([0.8889, 0.3889], 0.2614)
    >>> round(found.difference("harm", "count").p, 4)
    0.0027
    """
    held, happened = _judged(methods, outcome)
    with_it, without = np.flatnonzero(happened), np.flatnonzero(~happened)
    k = len(held)
    values, covariance = np.full(k, np.nan), np.full((k, k), np.nan)
    why = ""
    if not len(with_it):
        why = "nobody had the outcome: no area"
    elif not len(without):
        why = "everybody had the outcome: no area"
    else:
        places = [_places(scores, happened) for scores in held.values()]
        beaten = np.stack([place[with_it] for place in places])
        missed = np.stack([1 - place[without] for place in places])
        values = beaten.mean(axis=1)
        if min(len(with_it), len(without)) > 1:
            covariance = np.atleast_2d(np.cov(beaten)) / len(with_it)
            covariance = covariance + np.atleast_2d(np.cov(missed)) / len(without)
        else:
            why = "one person in a class: the variance takes two in each"
    return DeLong(
        names=tuple(held),
        values=values,
        covariance=covariance,
        positives=len(with_it),
        negatives=len(without),
        why=why,
    )


def _places(scores: npt.NDArray[np.generic], happened: npt.NDArray[np.bool_]) -> Floats:
    """The share of the other class below each person, ties one half."""
    groups = grouped(scores)
    found = np.empty(len(happened))
    for own in (happened, ~happened):
        other = ~own
        size = np.bincount(groups.place[other], minlength=len(groups))
        below = np.cumsum(size) - size / 2
        found[own] = below[groups.place[own]] / other.sum()
    return found


def _judged(
    methods: Mapping[str, npt.ArrayLike], outcome: npt.ArrayLike
) -> tuple[dict[str, npt.NDArray[np.generic]], npt.NDArray[np.bool_]]:
    held = {name: numbers(scores, f"scores of {name}") for name, scores in methods.items()}
    if not held:
        message = "methods: there is no method to judge"
        raise ArgumentError(message)
    flags = numbers(outcome, "outcome")
    odd = int(((flags != 0) & (flags != 1)).sum())
    if odd:
        message = f"outcome: {odd} of {len(flags)} are neither 0 nor 1: say what counts (harm > 0)"
        raise ArgumentError(message)
    for name, scores in held.items():
        if len(scores) != len(flags):
            lengths = f"{len(scores)} scores of {name} and {len(flags)} outcomes"
            message = f"{lengths}: one of each for each person"
            raise ArgumentError(message)
    return held, flags.astype(np.bool_)
