"""Cumulative incidence of a first offence where death and long custody compete with it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hhpu.errors import ArgumentError
from hhpu.validation._weighted import Weights, grouped, once

__all__ = [
    "BANDS",
    "BandIncidence",
    "Bands",
    "CumulativeIncidence",
    "band_incidence",
    "cumulative_incidence",
    "rank_bands",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BANDS: Final = (0.01, 0.05, 0.20)
_ROUNDING: Final = 1e-12


@attrs.frozen(eq=False, repr=False)
class CumulativeIncidence:
    """Aalen-Johansen estimates of the cumulative incidence of each cause.

    Parameters
    ----------
    days : numpy.ndarray, shape (times,)
        The distinct times at which anything happened, ascending.
    at_risk : numpy.ndarray, shape (times,)
        How many people were at risk just before each.
    counts : numpy.ndarray, shape (causes, times)
        How many had each cause then.
    incidence : numpy.ndarray, shape (causes, times)
        Share who had had the cause by the end of each time.
    variance : numpy.ndarray, shape (causes, times)
        Of the incidence, Greenwood-type.
    event_free : numpy.ndarray, shape (times,)
        Kaplan-Meier of having had no cause at all: 1 - the sum of the incidences.
    people : int
        How many.
    why : str
        Why there is nothing to estimate; empty otherwise.
    """

    days: Floats
    at_risk: Floats
    counts: Floats
    incidence: Floats
    variance: Floats
    event_free: Floats
    people: int
    why: str

    def __repr__(self) -> str:
        return f"CumulativeIncidence({self.people} people, {len(self.days)} times)"

    def at(self, day: float, *, cause: int = 1) -> float:
        """Share who had had a cause by the end of a day; 0 before the first time."""
        return self._read(self.incidence, day, cause)

    def variance_at(self, day: float, *, cause: int = 1) -> float:
        """Its variance."""
        return self._read(self.variance, day, cause)

    def interval(self, day: float, *, cause: int = 1, level: float = 0.95) -> tuple[float, float]:
        """Give the pointwise interval on the complementary log-log scale.

        ``1 - (1 - F) ** exp(-+ z se / ((1 - F) |log(1 - F)|))``; NaN where F is 0 or 1 or its
        variance is 0, for there the normal approximation says nothing.

        Parameters
        ----------
        day : float
            The day.
        cause : int
            From 1.
        level : float
            Between 0 and 1.

        Returns
        -------
        tuple of float
            Low and high.

        Raises
        ------
        ArgumentError
            If an argument is out of its range.

        References
        ----------
        Beyersmann J, Allignol A, Schumacher M (2012). Competing risks and multistate models with R.
        Springer. doi:10.1007/978-1-4614-2035-4. Equation 4.21.
        """
        if not 0 < level < 1:
            message = f"level={level}: between 0 and 1"
            raise ArgumentError(message)
        share, variance = self.at(day, cause=cause), self.variance_at(day, cause=cause)
        if not _ROUNDING < share < 1 - _ROUNDING or not variance > 0:
            return float("nan"), float("nan")
        free = 1 - share
        step = ndtri((1 + level) / 2) * np.sqrt(variance) / (free * abs(np.log(free)))
        return float(1 - free ** np.exp(-step)), float(1 - free ** np.exp(step))

    def _read(self, values: Floats, day: float, cause: int) -> float:
        if not 1 <= cause <= len(self.counts):
            message = f"cause={cause}: from 1 to {len(self.counts)}"
            raise ArgumentError(message)
        if self.why:
            return float("nan")
        at = int(np.searchsorted(self.days, day, side="right")) - 1
        return float(values[cause - 1, at]) if at >= 0 else 0.0


def cumulative_incidence(
    times: npt.ArrayLike, events: npt.ArrayLike, *, causes: int | None = None
) -> CumulativeIncidence:
    """Estimate the cumulative incidence of competing events from censored times.

    With d_j(t) people having cause j at t, d(t) any, n(t) at risk just before t and S the
    Kaplan-Meier estimate of having had none, F_j(t) = sum over s <= t of S(s-) d_j(s) / n(s). On
    one day events come before censoring: who is censored on a day was at risk on it. Each person
    has one event; which of two on one day it is, is decided before.

    The variance is the Greenwood-type one (delta method): for each cause, the sum over s <= t of
    ``(F(t) - F(s))**2 d / (n (n - d)) + S(s-)**2 d_j (n - d_j) / n**3
    - 2 (F(t) - F(s)) S(s-) d_j / n**2``. Without censoring it is ``F (1 - F) / n``; without
    competing causes it is Greenwood's.

    Parameters
    ----------
    times : array_like, shape (people,)
        Days to the event or to censoring, positive.
    events : array_like of int, shape (people,)
        0 censored, 1 the event, 2 and more what competes with it.
    causes : int, optional
        How many causes there are; as many as occur, without it.

    Returns
    -------
    CumulativeIncidence
        At every time of an event; `why` is set where there is none.

    Raises
    ------
    ArgumentError
        If there is nobody, the lengths differ, a time is not positive or an event is no code.

    References
    ----------
    Aalen OO, Johansen S (1978). An empirical transition matrix for non-homogeneous Markov chains
    based on censored observations. Scandinavian Journal of Statistics 5(3), 141-150.

    Allignol A, Schumacher M, Beyersmann J (2010). A note on variance estimation of the
    Aalen-Johansen estimator of the cumulative incidence function in competing risks, with a view
    towards left-truncated data. Biometrical Journal 52(1), 126-137. doi:10.1002/bimj.200900039.

    Examples
    --------
    >>> found = cumulative_incidence([1, 2, 3, 4], [1, 2, 0, 1])
    >>> found.incidence[0].tolist(), found.incidence[1].tolist()
    ([0.25, 0.25, 0.75], [0.0, 0.25, 0.25])
    """
    days, codes = _judged(times, events)
    most = int(codes.max())
    causes = max(most, 1) if causes is None else causes
    if causes < max(most, 1):
        message = f"causes={causes}: at least {max(most, 1)}, the codes that occur"
        raise ArgumentError(message)
    prepared = _Prepared.of(days, codes, np.zeros(len(days), dtype=np.int64), 1, causes)
    _, risk, events_then = prepared.counted(once(len(days)))
    at_risk, counts = risk[0, 0], events_then[0, 0]
    incidence, free = _aalen_johansen(at_risk, counts)
    return CumulativeIncidence(
        days=prepared.days,
        at_risk=at_risk,
        counts=counts,
        incidence=incidence,
        variance=_greenwood_type(at_risk, counts, incidence, free),
        event_free=free,
        people=len(days),
        why="" if len(prepared.days) else "nothing happened to anybody: everybody is censored",
    )


def _judged(times: npt.ArrayLike, events: npt.ArrayLike) -> tuple[Floats, Ints]:
    days = np.asarray(times, dtype=np.float64)
    codes = np.asarray(events)
    if days.ndim != 1 or codes.shape != days.shape:
        message = f"times and events take one value for each person: {days.shape}, {codes.shape}"
        raise ArgumentError(message)
    if not len(days):
        message = "there is nobody: times and events are empty"
        raise ArgumentError(message)
    if not (np.isfinite(days) & (days > 0)).all():
        message = "times are days after the origin, finite and positive"
        raise ArgumentError(message)
    if codes.dtype.kind not in "iub" or codes.min() < 0:
        message = "events are whole numbers: 0 censored, 1 the event, 2 and more what competes"
        raise ArgumentError(message)
    return days, codes.astype(np.int64)


def _aalen_johansen(at_risk: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Incidences (..., causes, times) and the event-free share (..., times)."""
    risk = np.where(at_risk > 0, at_risk, 1.0)
    free: Floats = np.cumprod(1 - counts.sum(axis=-2) / risk, axis=-1)
    before = np.concatenate([np.ones((*free.shape[:-1], 1)), free[..., :-1]], axis=-1)
    incidence: Floats = np.cumsum((before / risk)[..., None, :] * counts, axis=-1)
    return incidence, free


def _greenwood_type(at_risk: Floats, counts: Floats, incidence: Floats, free: Floats) -> Floats:
    n, d = at_risk, counts.sum(axis=0)
    before = np.concatenate([[1.0], free[:-1]])[: len(free)]
    left = n - d
    spread = np.where(left > 0, d / (n * np.where(left > 0, left, 1.0)), 0.0)
    own = before**2 * counts * (n - counts) / n**3
    cross = before * counts / n**2
    # the square of F(t) - F(s) written out, so that one pass over the times is enough
    found = (
        incidence**2 * np.cumsum(spread)
        - 2 * incidence * np.cumsum(incidence * spread + cross, axis=-1)
        + np.cumsum(incidence**2 * spread + own + 2 * incidence * cross, axis=-1)
    )
    variance: Floats = np.maximum(found, 0.0)
    return variance


@attrs.frozen(eq=False)
class _Prepared:
    """People ordered by band and time, so that counts under weights are sums of runs."""

    days: Floats
    order: Ints
    starts: Ints
    cell: Ints
    bands: int
    causes: int

    @classmethod
    def of(cls, times: Floats, events: Ints, band: Ints, bands: int, causes: int) -> _Prepared:
        days = np.unique(times[events > 0])
        # the last event time at which each person was at risk, from 1; 0 for none
        reach = np.searchsorted(days, times, side="right")
        cell = (band * (len(days) + 1) + reach) * (causes + 1) + events
        cells = grouped(cell)
        return cls(
            days=days,
            order=cells.order,
            starts=cells.starts,
            cell=np.asarray(cells.values, dtype=np.int64),
            bands=bands,
            causes=causes,
        )

    def counted(self, weights: Weights) -> tuple[Floats, Floats, Floats]:
        """People (draws, bands), at risk (.., times) and counts (.., causes, times)."""
        sums = np.add.reduceat(weights[:, self.order], self.starts, axis=-1)
        shape = (len(weights), self.bands, len(self.days) + 1, self.causes + 1)
        table = np.zeros(shape)
        table.reshape(len(weights), -1)[:, self.cell] = sums
        leaving = table.sum(axis=-1)
        staying = np.cumsum(leaving[..., ::-1], axis=-1)[..., ::-1]
        return staying[..., 0], staying[..., 1:], np.moveaxis(table[..., 1:, 1:], -1, -2)


@attrs.frozen(eq=False, repr=False)
class Bands:
    """Bands of a ranking.

    Parameters
    ----------
    names : tuple of str
        Such as ``top 1%`` and ``1-5%``, from the top.
    band : numpy.ndarray of int64
        The band of each person, from 0 at the top.
    people : tuple of int
        How many people are in each.
    """

    names: tuple[str, ...]
    band: Ints
    people: tuple[int, ...]

    def __repr__(self) -> str:
        sizes = ", ".join(f"{n}: {k}" for n, k in zip(self.names, self.people, strict=True))
        return f"Bands({sizes})"


def rank_bands(scores: npt.ArrayLike, shares: Sequence[float] = BANDS) -> Bands:
    """Cut a ranking into bands by shares of its people.

    A band ends after round(n x share) people, halves up, at least one. People of equal scores are
    in one band: the one in which their mean rank falls. So a band may be smaller or larger than
    its share, or empty; its size is in the result.

    Parameters
    ----------
    scores : array_like, shape (people,)
        Higher is nearer the top; integers or floats without NaN.
    shares : sequence of float
        Where bands end, ascending, between 0 and 1; the last band is the rest.

    Returns
    -------
    Bands
        One more than there are shares.

    Raises
    ------
    ArgumentError
        If there is nobody, a score is NaN, or the shares do not ascend between 0 and 1.

    Examples
    --------
    >>> rank_bands(range(100))
    Bands(top 1%: 1, 1-5%: 4, 5-20%: 15, rest: 80)
    """
    held = np.asarray(scores)
    if held.ndim != 1 or not len(held):
        message = "scores take one number for each person, at least one"
        raise ArgumentError(message)
    if (held != held).any():
        message = "a score is NaN: leave the person out, or give a score"
        raise ArgumentError(message)
    ends = [*shares]
    if not ends or ends != sorted(set(ends)) or ends[0] <= 0 or ends[-1] >= 1:
        message = "shares= ascend between 0 and 1, such as 0.01, 0.05, 0.2"
        raise ArgumentError(message)
    groups = grouped(held)
    n = len(held)
    from_top = n + 1 - groups.midranks(once(n))[0]
    cuts = [max(1, int(np.floor(n * share + 0.5))) for share in ends]
    band = np.searchsorted(np.array(cuts, dtype=np.float64), from_top, side="left")[groups.place]
    percent = [f"{100 * share:g}" for share in ends]
    names = (
        f"top {percent[0]}%",
        *(f"{a}-{b}%" for a, b in pairwise(percent)),
        "rest",
    )
    sizes = np.bincount(band, minlength=len(names))
    return Bands(names=names, band=band.astype(np.int64), people=tuple(sizes.tolist()))


@attrs.frozen(eq=False, repr=False)
class BandIncidence:
    """Cumulative incidence of the event by the end of the follow-up, by band, under weights.

    Parameters
    ----------
    names : tuple of str
        One for each band, then each later band's difference to the first.
    day : float
        By the end of which day.
    """

    names: tuple[str, ...]
    day: float
    _prepared: _Prepared

    def __repr__(self) -> str:
        return f"BandIncidence({self._prepared.bands} bands, day {self.day:g})"

    def __call__(self, weights: Weights) -> Floats:
        """Give the incidence of cause 1 by band, and differences to the first band."""
        people, at_risk, counts = self._prepared.counted(weights)
        upto = int(np.searchsorted(self._prepared.days, self.day, side="right"))
        if upto:
            incidence, _ = _aalen_johansen(at_risk[..., :upto], counts[..., :upto])
            last = incidence[..., 0, -1]
        else:
            last = np.zeros(people.shape)
        shares = np.where(people > 0, last, np.nan)
        return np.concatenate([shares, shares[:, :1] - shares[:, 1:]], axis=1)


def band_incidence(
    times: npt.ArrayLike,
    events: npt.ArrayLike,
    bands: Bands,
    *,
    day: float,
) -> BandIncidence:
    """Prepare the cumulative incidence by rank band for resampling.

    The bands are those of the ranking that was made: a person keeps theirs in every draw.

    Parameters
    ----------
    times : array_like, shape (people,)
        Days to the event or to censoring, positive.
    events : array_like of int, shape (people,)
        0 censored, 1 the event, 2 and more what competes with it.
    bands : Bands
        Of the same people.
    day : float
        By the end of which day, positive.

    Returns
    -------
    BandIncidence
        A statistic: incidence by band (NaN where nobody of it is in a draw), and the first band's
        less each other's.

    Raises
    ------
    ArgumentError
        As `cumulative_incidence`; or where the bands are of other people.

    Examples
    --------
    >>> bands = rank_bands([4, 3, 2, 1], [0.5])
    >>> asked = band_incidence([1, 2, 3, 4], [1, 2, 0, 1], bands, day=365)
    >>> asked.names
    ('top 50%', 'rest', 'top 50% less rest')
    >>> asked(once(4)).tolist()
    [[0.5, 1.0, -0.5]]
    """
    days, codes = _judged(times, events)
    if bands.band.shape != days.shape:
        message = f"bands are of {len(bands.band)} people, times of {len(days)}"
        raise ArgumentError(message)
    if not day > 0:
        message = f"day={day}: positive"
        raise ArgumentError(message)
    size = len(bands.names)
    first = bands.names[0]
    return BandIncidence(
        names=(*bands.names, *(f"{first} less {other}" for other in bands.names[1:])),
        day=float(day),
        prepared=_Prepared.of(days, codes, bands.band, size, max(int(codes.max()), 1)),
    )
