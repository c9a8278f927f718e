"""The law by which ranks are drawn: what the record of each person may stand for."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammaln

from hhpu.blocks import at_once
from hhpu.errors import ArgumentError
from hhpu.ranking import seats_of

__all__ = [
    "MOST_SHARED",
    "REFITS",
    "GammaPoisson",
    "SampledRanks",
    "concentration",
    "fit_gamma_poisson",
    "sampled_ranks",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
REFITS: Final = 40
MOST_SHARED: Final = 1e4
_POOL: Final = 500
_ATOMS: Final = 256
_CELLS: Final = 1 << 25
_FEWEST: Final = 100
_LEAST_OWN: Final = 0.05
_UNKNOWN: Final = 1.0
_BOUNDS: Final = ((math.log(1e-3), math.log(1e5)), (math.log(1e-3), math.log(1e6)))


@attrs.frozen
class GammaPoisson:
    """Counts that are Poisson with rates that are gamma over people.

    Parameters
    ----------
    shape : float
        Of the gamma distribution of rates.
    rate : float
        Of the gamma distribution: its mean is ``shape / rate`` offences in the period.
    """

    shape: float
    rate: float


def fit_gamma_poisson(counts: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> GammaPoisson:
    r"""Fit a gamma-Poisson law to the counts of people who have at least one.

    Marginal likelihood of the zero-truncated negative binomial,

    .. math:: P(n \mid n \ge 1) = \binom{a + n - 1}{n}
              \frac{(b/(b+1))^a (b+1)^{-n}}{1 - (b/(b+1))^a}

    Who has no offence is not in the ranking, so zeros are not missing people of rate 0 but people
    who were never looked at. What is known of the rate of a person with ``n`` is the same with or
    without the truncation: gamma with shape ``a + n`` and rate ``b + 1``.

    Parameters
    ----------
    counts : array_like of int, shape (people,)
        At least 1 each.
    weights : array_like, shape (people,), optional
        How often each person counts.

    Returns
    -------
    GammaPoisson
        Its shape between 0.001 and 100,000; the upper end is a Poisson law of one rate.

    Raises
    ------
    ArgumentError
        If there is nobody, or a count is below 1.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> counts = rng.poisson(rng.gamma(2.0, 1.5, 20_000))
    >>> found = fit_gamma_poisson(counts[counts > 0])
    >>> round(found.shape), round(found.shape / found.rate)
    (2, 3)
    """
    held = np.asarray(counts, dtype=np.int64)
    if not len(held) or held.min() < 1:
        message = "counts= takes the counts of at least one person, each at least 1"
        raise ArgumentError(message)
    values, place = np.unique(held, return_inverse=True)
    times = np.bincount(place, None if weights is None else np.asarray(weights, dtype=float))
    fixed = gammaln(values + 1)
    start = (0.0, math.log(max(float((times * values).sum() / times.sum()), 1e-3)))

    def surprise(logs: Floats) -> float:
        shape, mean = np.exp(logs)
        none = -shape * np.log1p(mean / shape)
        each = gammaln(shape + values) - gammaln(shape) - fixed + none
        each += values * (np.log(mean) - np.log(mean + shape)) - np.log(-np.expm1(none))
        return float(-(times * each).sum() / times.sum())

    found = minimize(surprise, start, method="L-BFGS-B", bounds=_BOUNDS)
    shape, mean = np.exp(found.x)
    return GammaPoisson(shape=float(shape), rate=float(shape / mean))


def concentration(person: Ints, harm: Floats, counts: Ints, weights: Floats | None = None) -> float:
    r"""Estimate how many offences of one's own weigh as much as the population's severities.

    .. math:: c = \sigma^2_{\text{within}} / \sigma^2_{\text{between}}

    by the analysis of variance of one-way layouts of unequal sizes: a person with ``n`` offences
    then has the shrinkage weight ``n / (n + c)``, that of Bühlmann's credibility.

    Parameters
    ----------
    person : numpy.ndarray of int64, shape (offences,)
        Whose each offence is, from 0.
    harm : numpy.ndarray, shape (offences,)
        Of each offence.
    counts : numpy.ndarray of int64, shape (people,)
        How many offences each person has.
    weights : numpy.ndarray, shape (people,), optional
        How often each person counts.

    Returns
    -------
    float
        From 0.05 to 10,000; the upper end where people do not differ by more than chance; 1 where
        nobody has two offences or all severities are the same, so that nothing can be learnt.

    References
    ----------
    Bühlmann H, Gisler A (2005). A course in credibility theory and its applications. Springer.

    Examples
    --------
    >>> import numpy as np
    >>> person, harm = np.array([0, 0, 1, 1]), np.array([1.0, 3.0, 9.0, 11.0])
    >>> round(concentration(person, harm, np.array([2, 2])), 4)
    0.0645
    """
    times = np.ones(len(counts)) if weights is None else weights
    sums = np.bincount(person, harm, len(counts))
    squares = np.bincount(person, (harm - (sums / counts)[person]) ** 2, len(counts))
    return _concentration(times, counts.astype(np.float64), sums, squares)


def _concentration(
    times: Floats, counts: Floats, sums: npt.NDArray[Any], squares: npt.NDArray[Any]
) -> float:
    people, offences = float(times.sum()), float(times @ counts)
    repeated = offences - people
    if repeated <= 0 or people < 2:
        return _UNKNOWN
    within = float(times @ squares) / repeated
    mean = float(times @ sums) / offences
    spread = float((times * counts) @ (sums / counts - mean) ** 2)
    size = offences - float(times @ counts**2) / offences
    between = (spread - (people - 1) * within) / size if size > 0 else 0.0
    if within <= 0 and between <= 0:
        return _UNKNOWN
    if between <= 0:
        return MOST_SHARED
    return min(max(within / between, _LEAST_OWN), MOST_SHARED)


@attrs.frozen(eq=False)
class SampledRanks:
    """Ranks in draws of what each person's record may stand for.

    Parameters
    ----------
    people : numpy.ndarray of int64
        Who was asked for, as places.
    low, high : numpy.ndarray of int64
        The interval of each one's rank.
    p_top_k : numpy.ndarray of float64
        The share of draws in which each is among the first ``seats``.
    seats, draws, seed : int
        As asked.
    level : float
        Of the intervals.
    counts : GammaPoisson
        The law of the counts, fitted to everybody.
    concentration : float
        How many offences of one's own weigh as much as the population's severities.
    """

    people: Ints
    low: Ints
    high: Ints
    p_top_k: Floats
    seats: int
    draws: int
    seed: int
    level: float
    counts: GammaPoisson
    concentration: float


@attrs.frozen(eq=False)
class _Fit:
    """The population as one resample of its people sees it."""

    counts: GammaPoisson
    concentration: float
    means: Floats  # of severities drawn for somebody of whom nothing is known


@attrs.frozen(eq=False)
class _Record:
    """The offences of everybody, in the order of the people."""

    harm: Floats
    starts: Ints
    counts: Ints

    def refit(self, seed: int, number: int) -> _Fit:
        rng = _generator(seed, 0, number)
        people = len(self.counts)
        times = np.bincount(rng.integers(0, people, people), minlength=people).astype(np.float64)
        sums = np.add.reduceat(self.harm, self.starts)
        centred = self.harm - np.repeat(sums / self.counts, self.counts)
        squares = np.add.reduceat(centred**2, self.starts)
        shared = _concentration(times, self.counts.astype(np.float64), sums, squares)
        values, place = _atoms(self.harm)
        shares = np.bincount(place, np.repeat(times, self.counts), len(values))
        kept = shares > 0
        parts = rng.standard_gamma(shared * shares[kept] / shares.sum(), (_POOL, int(kept.sum())))
        parts += np.finfo(float).tiny
        return _Fit(
            counts=fit_gamma_poisson(self.counts, times),
            concentration=shared,
            means=parts @ values[kept] / parts.sum(axis=1),
        )

    def draw(self, fit: _Fit, seed: int, number: int) -> Floats:
        """Expected harm of everybody: a rate times a mean severity, both drawn."""
        rng = _generator(seed, 1, number)
        people = len(self.counts)
        rates = rng.standard_gamma(fit.counts.shape + self.counts) / (fit.counts.rate + 1)
        own = rng.standard_exponential(len(self.harm))
        shared = rng.standard_gamma(fit.concentration, people)
        means = fit.means[rng.integers(0, len(fit.means), people)]
        weighed = np.add.reduceat(own * self.harm, self.starts) + shared * means
        return rates * weighed / (np.add.reduceat(own, self.starts) + shared)


def sampled_ranks(
    person: npt.ArrayLike,
    harm: npt.ArrayLike,
    *,
    k: int | float | str,
    seed: int,
    level: float = 0.9,
    draws: int = 1000,
    people: npt.ArrayLike | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SampledRanks:
    r"""Rank everybody together in draws of the harm to be expected of each.

    In each draw a person with offences of harm :math:`s_1 \dots s_n` is given the expected harm
    :math:`\lambda \mu` with

    .. math:: \lambda \sim \mathrm{Gamma}(a + n, b + 1), \qquad
              \mu = \sum_j w_j s_j + w_0 M, \qquad
              (w_1, \dots, w_n, w_0) \sim \mathrm{Dirichlet}(1, \dots, 1, c)

    where :math:`a, b` are the gamma-Poisson law of all counts (see `fit_gamma_poisson`), :math:`c`
    is the weight of the population (see `concentration`) and :math:`M` is the mean of a
    distribution drawn around the population's severities, a Dirichlet process of concentration
    :math:`c`: so the severities are those of a Dirichlet process seen through the person's own
    offences, whose expectation is the mixture with weight :math:`n / (n + c)` on them. With
    :math:`c = 0` this would be the Bayesian bootstrap, under which a person with one offence is
    certain of its severity. So that the fit is not taken for the truth, each draw uses the fit to
    one of 40 resamples of the people.

    Parameters
    ----------
    person : array_like of int, shape (offences,)
        Whose each offence is, from 0; everybody up to the highest has at least one.
    harm : array_like, shape (offences,)
        What each adds to a score; not negative.
    k : int, float or str
        The top of which the probability is asked: a number of people, or a share.
    seed : int
        Not negative; the same seed gives the same draws.
    level : float
        Of the intervals, between 0 and 1.
    draws : int
        At least 100.
    people : array_like of int, optional
        Of whom the ranks are wanted; everybody without it. All are ranked in any case.
    progress : callable, optional
        Told how many draws are done, of how many.

    Returns
    -------
    SampledRanks
        Memory does not grow with draws times people: where that would be much, the same draws are
        made again for some people after others.

    Raises
    ------
    ArgumentError
        If an argument is out of its range, a harm is negative or NaN, or somebody has no offence.

    References
    ----------
    Goldstein H, Spiegelhalter DJ (1996). League tables and their limitations: statistical issues in
    comparisons of institutional performance. Journal of the Royal Statistical Society A 159(3),
    385-443. doi:10.2307/2983325

    Ferguson TS (1973). A Bayesian analysis of some nonparametric problems. Annals of Statistics
    1(2), 209-230. doi:10.1214/aos/1176342360

    Rubin DB (1981). The Bayesian bootstrap. Annals of Statistics 9(1), 130-134.
    doi:10.1214/aos/1176345338

    Laird NM, Louis TA (1987). Empirical Bayes confidence intervals based on bootstrap samples.
    Journal of the American Statistical Association 82(399), 739-750.

    Examples
    --------
    >>> found = sampled_ranks([0] * 9 + [1, 2, 3], [5.0] * 9 + [6.0, 1.0, 2.0], k=1, seed=1)
    >>> int(found.p_top_k.argmax()), bool(found.p_top_k.max() < 1)
    (0, True)
    """
    record = _record(person, harm)
    size = len(record.counts)
    if not 0 < level < 1:
        message = f"level={level}: between 0 and 1"
        raise ArgumentError(message)
    if draws < _FEWEST:
        message = f"draws={draws}: at least {_FEWEST}"
        raise ArgumentError(message)
    if seed < 0:
        message = f"seed={seed}: not negative"
        raise ArgumentError(message)
    asked = np.arange(size) if people is None else np.asarray(people, dtype=np.int64)
    if len(asked) and (asked.min() < 0 or asked.max() >= size):
        message = f"people= takes places from 0 to {size - 1}"
        raise ArgumentError(message)
    seats = seats_of(k, size)
    fits = at_once(lambda number: record.refit(seed, number), range(REFITS))
    step = max(1, _CELLS // draws)
    parts = [asked[at : at + step] for at in range(0, len(asked), step)]
    low, high = np.zeros(len(asked), dtype=np.int64), np.zeros(len(asked), dtype=np.int64)
    inside = np.zeros(len(asked))
    tail, done = (1 - level) / 2, 0
    for part_number, part in enumerate(parts):
        ranks = np.empty((draws, len(part)), dtype=np.int32)

        def rank_once(number: int, part: Ints = part, ranks: npt.NDArray[np.int32] = ranks) -> None:
            nonlocal done
            harms = record.draw(fits[number % REFITS], seed, number)
            ranks[number] = _ranks(harms)[part]
            done += 1
            if progress is not None:
                progress(done, draws * len(parts))

        at_once(rank_once, range(draws))
        mine = slice(part_number * step, part_number * step + len(part))
        inside[mine] = (ranks <= seats).mean(axis=0)
        low[mine] = np.quantile(ranks, tail, axis=0, method="lower")
        high[mine] = np.quantile(ranks, 1 - tail, axis=0, method="higher")
    return SampledRanks(
        people=asked,
        low=low,
        high=high,
        p_top_k=inside,
        seats=seats,
        draws=draws,
        seed=seed,
        level=level,
        counts=fit_gamma_poisson(record.counts),
        concentration=concentration(
            np.repeat(np.arange(size), record.counts), record.harm, record.counts
        ),
    )


def _ranks(harms: Floats) -> npt.NDArray[np.int32]:
    """1 + the number of people with more."""
    order = np.argsort(harms)[::-1]
    ordered = harms[order]
    rank = np.arange(1, len(harms) + 1, dtype=np.int32)
    rank[1:][ordered[1:] == ordered[:-1]] = 0
    ranks = np.empty(len(harms), dtype=np.int32)
    ranks[order] = np.maximum.accumulate(rank)
    return ranks


def _record(person: npt.ArrayLike, harm: npt.ArrayLike) -> _Record:
    who, held = np.asarray(person), np.asarray(harm, dtype=np.float64)
    if who.shape != held.shape or who.ndim != 1:
        message = f"person and harm are of unequal length: {who.size} and {held.size}"
        raise ArgumentError(message)
    if not len(who):
        message = "there are no offences: nobody has a rank"
        raise ArgumentError(message)
    if not (held >= 0).all() or np.isinf(held).any():
        message = "harm= takes finite numbers from 0 up: some are negative, NaN or infinite"
        raise ArgumentError(message)
    if who.dtype.kind not in "iu" or who.min() < 0:
        message = "person= takes whole numbers from 0 up"
        raise ArgumentError(message)
    counts = np.bincount(who)
    if not counts.all():
        message = f"{int((counts == 0).sum())} people have no offence: number the others from 0"
        raise ArgumentError(message)
    # inside a person by harm, so that the order of the rows changes no draw
    order = np.lexsort([held, who])
    return _Record(harm=held[order], starts=np.cumsum(counts) - counts, counts=counts)


def _atoms(harm: Floats) -> tuple[Floats, Ints]:
    """The distinct severities, or the means of groups of equal size where there are too many."""
    values, place = np.unique(harm, return_inverse=True)
    if len(values) <= _ATOMS:
        return values, place
    group = np.empty(len(harm), dtype=np.int64)
    group[np.argsort(harm, kind="stable")] = np.arange(len(harm)) * _ATOMS // len(harm)
    return np.bincount(group, harm) / np.bincount(group), group


def _generator(seed: int, *key: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
