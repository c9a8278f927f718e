"""Offending careers under four laws, small and fast: worlds on which methods can be judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.indices import load_registry
from hhpu.simulate._arguments import check_choice, check_whole, last_day
from hhpu.simulate._columns import dates, numbered, person_ids
from hhpu.simulate._draws import streams

__all__ = ["CAREERS", "synthetic_careers"]

Floats = npt.NDArray[np.float64]
CAREERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "stationary": "each person has a rate and a severity of their own, the same throughout",
        "declining": "each career begins on a day and its rate halves every two years from then",
        "unrelated-severity": "each person has a rate of their own; severities are everybody's",
        "noise": "everybody has the same rate and the same severities: no history predicts",
    }
)
_RATE: Final = 0.8
_SHAPE: Final = 0.5
_YEAR: Final = 365.25
_HALVING: Final = 2 * _YEAR
_CENTRE, _BETWEEN, _WITHIN = 1.8, 0.35, 0.5


def synthetic_careers(
    law: str, *, people: int, seed: int, until: dt.date | str, years: int
) -> pd.DataFrame:
    """Make the offences of people whose careers follow one law.

    Every figure in the laws is this package's own choice: 0.8 offences a person and year on
    average, rates by a gamma law of shape 0.5 where they differ, decimal logarithms of severity
    (in the unit of the ONS index) around 1.8 with deviations of 0.35 between people and 0.5 within.
    A severity becomes the recorded-crime code of the ONS index whose weight is nearest to it.

    Parameters
    ----------
    law : str
        One of `CAREERS`.
    people : int
        How many; those without an offence do not appear.
    seed : int
        Not negative.
    until : datetime.date or str
        The last day.
    years : int
        How long, up to that day.

    Returns
    -------
    pandas.DataFrame
        ``offence_id, offender_id, code, committed_on, recorded_on``, in order of day; recorded on
        the day.

    Raises
    ------
    ArgumentError
        For an argument out of its range.

    Examples
    --------
    >>> made = synthetic_careers("noise", people=100, seed=1, until="2025-12-31", years=3)
    >>> list(made)
    ['offence_id', 'offender_id', 'code', 'committed_on', 'recorded_on']
    """
    check_choice("law", law, tuple(CAREERS))
    check_whole("people", people, least=1)
    check_whole("seed", seed, least=0)
    check_whole("years", years, least=1, most=100)
    last = (last_day(until, name="until") - dt.date(1970, 1, 1)).days
    rng = streams(np.random.SeedSequence(seed), ("rate", "start", "count", "day", "severity"))
    length = round(years * _YEAR)
    rate = np.full(people, _RATE)
    if law != "noise":
        rate = rng["rate"].gamma(_SHAPE, _RATE / _SHAPE, people)
    start = np.zeros(people)
    span = np.full(people, float(length))
    if law == "declining":
        start = rng["start"].uniform(-_HALVING, length, people)
    counts, offset = _events(rng, law, rate, start, span)
    person = np.repeat(np.arange(people), counts)
    between = _BETWEEN * rng["severity"].standard_normal(people)
    if law in ("unrelated-severity", "noise"):
        between = np.zeros(people)
    within = rng["severity"].standard_normal(len(person))
    spread = _WITHIN if law in ("stationary", "declining") else np.hypot(_WITHIN, _BETWEEN)
    codes = _coded(_CENTRE + between[person] + spread * within)
    order = np.argsort(offset, kind="stable")
    day = (last - length + 1 + np.floor(offset[order])).astype(np.int32)
    return pd.DataFrame(
        {
            "offence_id": numbered("C", len(order), 9),
            "offender_id": person_ids(people, "text").take(person[order]).array,
            "code": codes[order],
            "committed_on": dates(day),
            "recorded_on": dates(day),
        }
    )


def _events(
    rng: Mapping[str, np.random.Generator], law: str, rate: Floats, start: Floats, span: Floats
) -> tuple[npt.NDArray[np.int64], Floats]:
    """How many offences each person has, and on which day of the whole each falls."""
    if law != "declining":
        counts = rng["count"].poisson(rate * span / _YEAR)
        return counts, rng["day"].uniform(0, np.repeat(span, counts))
    decay = np.log(2) / _HALVING
    begin = np.maximum(start, 0) - start
    end = span - start
    mass = (np.exp(-decay * begin) - np.exp(-decay * end)) / decay
    peak = 2 * rate
    counts = rng["count"].poisson(peak * mass / _YEAR)
    lot = rng["day"].uniform(0, 1, int(counts.sum()))
    high, low = np.repeat(np.exp(-decay * begin), counts), np.repeat(np.exp(-decay * end), counts)
    elapsed = -np.log(high - lot * (high - low)) / decay
    return counts, np.minimum(elapsed + np.repeat(start, counts), np.repeat(span, counts) - 1e-6)


def _coded(logarithms: Floats) -> npt.NDArray[np.object_]:
    """The code whose weight is nearest on the scale of logarithms."""
    index = load_registry(plugins="none").index("ons-css")
    ladder = sorted(
        {weight.weight: weight.code for weight in index.weights if weight.weight}.items()
    )
    rungs = np.log10(np.array([amount for amount, _ in ladder], dtype=np.float64) / index.scale)
    edges = (rungs[1:] + rungs[:-1]) / 2
    codes = np.array([code for _, code in ladder], dtype=object)
    return codes[np.searchsorted(edges, logarithms)]
