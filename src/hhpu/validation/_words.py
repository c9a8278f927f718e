"""The words beside the numbers: one declared table, and sentences that hold what they need."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

__all__ = ["WORDS", "Compared", "Measured", "against_baseline", "against_best", "against_random"]

_ADJUSTED: Final = 0.05
WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "random: interval above": "better than random order",
        "random: interval across": "not shown to be better than random order",
        "random: interval below": "worse than random order",
        "random: undefined": "not comparable with random order",
        "baseline: interval above": "better than {name}",
        "baseline: interval across": "not shown to be better than {name}",
        "baseline: interval below": "worse than {name}",
        "baseline: undefined": "not comparable with {name}",
        "best: under a quarter": "under a quarter of what the best list of that size holds",
        "best: under a half": "a quarter to a half of what the best list of that size holds",
        "best: under three quarters": (
            "a half to three quarters of what the best list of that size holds"
        ),
        "best: three quarters": "three quarters or more of what the best list of that size holds",
        "best: undefined": "not comparable with the best list of that size",
    }
)
_ROUNDING: Final = 1e-9


@attrs.frozen
class Measured:
    """A figure with its interval.

    Parameters
    ----------
    value, low, high : float
        NaN where undefined.
    """

    value: float
    low: float
    high: float

    def told(self, form: str = ".3f") -> str:
        """The figure and its interval in brackets."""
        if math.isnan(self.value):
            return "undefined"
        if math.isnan(self.low):
            return f"{self.value:{form}} [no interval]"
        return f"{self.value:{form}} [{self.low:{form}}, {self.high:{form}}]"


@attrs.frozen
class Compared:
    """A difference from a baseline with its interval.

    Parameters
    ----------
    name : str
        The baseline.
    difference : Measured
        The method's figure minus the baseline's, on the same draws of people.
    p_holm : float
        Of the difference, adjusted for all that is compared; NaN where there is none.
    """

    name: str
    difference: Measured
    p_holm: float = math.nan


def _side(measured: Measured, at: float) -> str:
    if math.isnan(measured.low) or math.isnan(measured.high):
        return "undefined"
    if measured.low > at + _ROUNDING:
        return "interval above"
    return "interval below" if measured.high < at - _ROUNDING else "interval across"


def against_random(lift: Measured, *, p: float | None = None, level: float = 0.95) -> str:
    """Say how a list stands against random order.

    By a test where there is one: few people with most of the harm make intervals of resamples lean
    to one side, and a permutation test does not. Else by the interval of the lift.

    Parameters
    ----------
    lift : Measured
        Captured harm over what random order captures.
    p : float, optional
        Of captured harm against random order, at one origin.
    level : float
        1 less the p-value below which the words say that it differs.

    Examples
    --------
    >>> against_random(Measured(1.4, 1.1, 1.7))
    'better than random order'
    >>> against_random(Measured(1.4, 1.1, 1.7), p=0.2)
    'not shown to be better than random order'
    """
    if p is None or math.isnan(p):
        return WORDS[f"random: {_side(lift, 1.0)}"]
    if p > 1 - level:
        return WORDS["random: interval across"]
    return WORDS[f"random: interval {'above' if lift.value > 1 else 'below'}"]


def against_baseline(compared: Compared) -> str:
    """Say how a list stands against a baseline, by the interval of the paired difference.

    Where there is a p-value adjusted for all that is compared, it must be at most 0.05 too.

    Examples
    --------
    >>> against_baseline(Compared("offence-count", Measured(0.01, -0.005, 0.03)))
    'not shown to be better than offence-count'
    """
    side = _side(compared.difference, 0.0)
    if side in ("interval above", "interval below") and compared.p_holm > _ADJUSTED:
        side = "interval across"
    return WORDS[f"baseline: {side}"].format(name=compared.name)


def against_best(share: float) -> str:
    """Say how a list stands against the best of its size, by its share of what that one holds.

    Examples
    --------
    >>> against_best(0.41)
    'a quarter to a half of what the best list of that size holds'
    """
    if math.isnan(share):
        return WORDS["best: undefined"]
    for edge, words in ((0.25, "under a quarter"), (0.5, "under a half"),
                        (0.75, "under three quarters")):  # fmt: skip
        if share < edge:
            return WORDS[f"best: {words}"]
    return WORDS["best: three quarters"]
