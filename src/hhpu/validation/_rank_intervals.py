"""How sure a rank is: what chance leaves open, what the definition decides, what one offence does.

Three questions that are answered apart: the ranges of `rank_intervals` hold what chance in the
number and severity of recorded offences leaves open; those of `definition_ranges` what the choice
of index, window and status weights decides; and `influence` what rests on a single offence.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize
from scipy.special import gammaln

from hhpu.blocks import at_once
from hhpu.errors import ArgumentError, expect
from hhpu.indices import HarmDefinition
from hhpu.ledger import Ledger
from hhpu.provenance import Provenance
from hhpu.ranking import (
    GROUNDS,
    Method,
    Ranking,
    RecencyWeightedHarm,
    rank,
    rests_on,
    seats_of,
)
from hhpu.validation._overlap import kendall_tau_b, listed, top_overlap

__all__ = [
    "DefinitionRanges",
    "GammaPoisson",
    "Influence",
    "RankIntervals",
    "SampledRanks",
    "concentration",
    "definition_ranges",
    "fit_gamma_poisson",
    "influence",
    "rank_intervals",
    "sampled_ranks",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_REFITS: Final = 40
_POOL: Final = 500
_ATOMS: Final = 256
_CELLS: Final = 1 << 25
_FEWEST: Final = 100
_LEAST_OWN: Final = 0.05
_MOST_SHARED: Final = 1e4
_UNKNOWN: Final = 1.0
_BOUNDS: Final = ((math.log(1e-3), math.log(1e5)), (math.log(1e-3), math.log(1e6)))
_TABLE: Final = {
    "person": "int64", "rank": "int64", "offences": "int64", "low": "int64", "high": "int64",
    "p_top_k": "float64",
}  # fmt: skip
_BY_OFFENCES: Final = ((1, 1, "1"), (2, 4, "2 to 4"), (5, None, "5 or more"))


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
        return _MOST_SHARED
    return min(max(within / between, _LEAST_OWN), _MOST_SHARED)


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
    fits = at_once(lambda number: record.refit(seed, number), range(_REFITS))
    step = max(1, _CELLS // draws)
    parts = [asked[at : at + step] for at in range(0, len(asked), step)]
    low, high = np.zeros(len(asked), dtype=np.int64), np.zeros(len(asked), dtype=np.int64)
    inside = np.zeros(len(asked))
    tail, done = (1 - level) / 2, 0
    for part_number, part in enumerate(parts):
        ranks = np.empty((draws, len(part)), dtype=np.int32)

        def rank_once(number: int, part: Ints = part, ranks: npt.NDArray[np.int32] = ranks) -> None:
            nonlocal done
            harms = record.draw(fits[number % _REFITS], seed, number)
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


@attrs.frozen(eq=False, repr=False)
class RankIntervals:
    """Ranks with what chance in the record leaves open.

    Parameters
    ----------
    ranking : Ranking
        The ranking.
    k : int, float or str
        The bracket.
    table : pandas.DataFrame
        ``person, rank, offences, low, high, p_top_k``, in the order of the ranking; ``person`` is
        the place in ``ranking.scores.people``.
    sampled : SampledRanks
        How the draws were made.
    question : str
        What the intervals answer.
    provenance : Provenance
        Of the ranking, with what was drawn.
    """

    ranking: Ranking
    k: int | float | str
    table: pd.DataFrame
    sampled: SampledRanks
    question: str
    provenance: Provenance

    def __repr__(self) -> str:
        return f"RankIntervals({len(self.table)} people, {self.sampled.level:.0%}, k={self.k})"

    def to_frame(self) -> pd.DataFrame:
        """List them with their ids, for the unit's own use: ``offender_id`` and the table."""
        table = self.table.copy()
        table.insert(0, "offender_id", self.ranking.ids(table["person"].to_numpy()))
        return table

    def by_offences(self) -> pd.DataFrame:
        """Say how wide intervals are by how many offences people have.

        Returns
        -------
        pandas.DataFrame
            ``offences, people, median_width, median_share``: the width as a number of ranks, and as
            a share of all ranked.
        """
        lines = []
        for least, most, words in _BY_OFFENCES:
            counts = self.table["offences"]
            mine = self.table[(counts >= least) & (counts <= (most or counts.max()))]
            width = float((mine["high"] - mine["low"]).median()) if len(mine) else math.nan
            lines.append((words, len(mine), width, width / len(self.ranking)))
        return pd.DataFrame(lines, columns=["offences", "people", "median_width", "median_share"])

    def to_dict(self) -> dict[str, Any]:
        """Give what was asked, the fit and the widths; nobody's rank."""
        inside = self.table[self.table["rank"] <= self.sampled.seats]
        widths = self.by_offences().to_dict("records")
        return {
            "provenance": self.provenance.to_dict(),
            "question": self.question,
            "people": len(self.table),
            "seats": self.sampled.seats,
            "in_bracket": len(inside),
            "in_bracket_more_likely_than_not": int((inside["p_top_k"] > 0.5).sum()),
            "expected_in_true_top": float(inside["p_top_k"].sum()),
            "by_offences": [
                {
                    str(name): None if isinstance(cell, float) and math.isnan(cell) else cell
                    for name, cell in line.items()
                }
                for line in widths
            ],
        }

    def _repr_html_(self) -> str:
        html: str = self.by_offences().to_html(index=False)
        return html


def rank_intervals(
    ranking: Ranking,
    *,
    k: int | float | str,
    seed: int,
    level: float = 0.9,
    draws: int = 1000,
    people: npt.ArrayLike | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> RankIntervals:
    """Say how far chance in the record leaves each rank open.

    The question: if the rates at which people offend and the severity of what they do were over
    the window what they are, where would each stand by the harm to be expected of them? See
    `sampled_ranks` for the law.

    Parameters
    ----------
    ranking : Ranking
        By total harm or by count.
    k : int, float or str
        The bracket.
    seed, level, draws, progress
        As in `sampled_ranks`.
    people : array_like of int, optional
        Places in ``ranking.scores.people`` of those whose intervals are wanted; everybody without
        it.

    Returns
    -------
    RankIntervals
        A rank can lie outside its own interval: who leads by one grave offence is drawn towards
        everybody else.

    Raises
    ------
    ArgumentError
        If nobody is ranked, the ranking decays with age, or an argument is out of its range.

    Examples
    --------
    >>> from hhpu import encode, load_registry
    >>> table = pd.DataFrame({"offender_id": ["a", "b", "b", "c"], "code": ["19C", *["8N"] * 3],
    ...                       "committed_on": "2025-01-04"})
    >>> ranking = rank(encode(table), as_of="2025-12-31", index=load_registry().index("ons-css"))
    >>> rank_intervals(ranking, k=1, seed=1).table.columns.tolist()
    ['person', 'rank', 'offences', 'low', 'high', 'p_top_k']
    """
    expect(ranking, Ranking, "rank_intervals()", "rank() makes one")
    scores = ranking.scores
    if isinstance(scores.method, RecencyWeightedHarm):
        message = (
            "intervals of a rank are for total harm or a count: under a decay a rate that stays "
            "what it was has no meaning. Rank with TotalHarm() or OffenceCount()"
        )
        raise ArgumentError(message)
    if not len(scores):
        message = "nobody is ranked: none of the rows counts at this date under this definition"
        raise ArgumentError(message)
    asked = ranking.order if people is None else np.asarray(people, dtype=np.int64)
    harm = scores.contributions.astype(np.float64) / scores.denominator
    sampled = sampled_ranks(
        scores.place, harm, k=k, seed=seed, level=level, draws=draws, people=asked,
        progress=progress,
    )  # fmt: skip
    table = pd.DataFrame(
        {
            "person": asked,
            "rank": ranking.ranks[asked],
            "offences": scores.offences[asked],
            "low": sampled.low,
            "high": sampled.high,
            "p_top_k": sampled.p_top_k,
        }
    ).astype(_TABLE)
    window = scores.definition.window
    period = "of all history" if window is None else f"of the {window} days to {scores.date}"
    question = (
        "If the rates at which people offend and the severity of what they do were what they are "
        f"{period}, where would each stand by the harm to be expected of them, among the "
        f"{len(scores)} people ranked? Each interval holds the rank in {level:.0%} of {draws} "
        "draws; p_top_k is the share of draws in which the person is among the first "
        f"{sampled.seats}. Chance in the number and severity of recorded offences is in them; what "
        "was never recorded, what changed since, and the choice of weights are not."
    )
    base = ranking.provenance
    facts = {
        **base.facts,
        "rank_intervals": {
            "level": level, "draws": draws, "seed": seed, "k": k, "refits": _REFITS,
            "gamma_shape": sampled.counts.shape, "gamma_rate": sampled.counts.rate,
            "concentration": sampled.concentration,
        },
    }  # fmt: skip
    return RankIntervals(
        ranking=ranking,
        k=k,
        table=table,
        sampled=sampled,
        question=question,
        provenance=Provenance(facts=facts, caveats=(*base.caveats, *_caveats(sampled, scores))),
    )


def _caveats(sampled: SampledRanks, scores: Any) -> list[str]:
    found = []
    if int(scores.offences.max()) < 2:
        found.append(
            "Nobody has two offences: how far severity is a person's own cannot be learnt, and "
            "one's own offence is taken to weigh as much as everybody's."
        )
    elif sampled.concentration >= _MOST_SHARED:
        found.append(
            "People differ in the severity of their offences by no more than chance: all are drawn "
            "from everybody's."
        )
    return found


@attrs.frozen(eq=False, repr=False)
class DefinitionRanges:
    """The ranks that different definitions give to the same people.

    Parameters
    ----------
    names : tuple of str
        The definitions, in the order given; the first is the one that others are compared with.
    k : int, float or str
        The bracket.
    table : pandas.DataFrame
        ``person, rank, low, high, ranked_under, top_k_under``: everybody ranked under any of them,
        by the place in the ledger's people; the rank under the first definition (missing where not
        ranked), the highest and lowest place under any, and under how many the person is ranked and
        in the bracket with its whole tie block.
    ranks : pandas.DataFrame
        ``person, definition, rank``: a line where a person is ranked.
    compared : pandas.DataFrame
        ``definition, window, index, people, retention_low, retention_high, tau_b``: each definition
        against the first.
    ledger : Ledger
        What was ranked.
    provenance : Provenance
        Of the first ranking, with the digests of all definitions.
    """

    names: tuple[str, ...]
    k: int | float | str
    table: pd.DataFrame
    ranks: pd.DataFrame
    compared: pd.DataFrame
    ledger: Ledger
    provenance: Provenance

    def __repr__(self) -> str:
        return f"DefinitionRanges({len(self.table)} people, {len(self.names)} definitions)"

    def to_frame(self) -> pd.DataFrame:
        """List them with their ids, for the unit's own use: ``offender_id`` and the table."""
        table = self.table.copy()
        people = self.table["person"].to_numpy()
        table.insert(0, "offender_id", self.ledger.people.take(people).tolist())
        return table

    def to_dict(self) -> dict[str, Any]:
        """Give how far the definitions agree; nobody's rank."""
        tops = self.table["top_k_under"]
        return {
            "provenance": self.provenance.to_dict(),
            "definitions": list(self.names),
            "k": self.k,
            "people": len(self.table),
            "in_bracket_under_every_definition": int((tops == len(self.names)).sum()),
            "in_bracket_under_any_definition": int((tops > 0).sum()),
            "compared": [
                {str(name): None if cell != cell else cell for name, cell in line.items()}
                for line in self.compared.astype({"window": "object"})
                .where(self.compared.notna(), None)
                .to_dict("records")
            ],
        }

    def _repr_html_(self) -> str:
        html: str = self.compared.to_html(index=False)
        return html


def definition_ranges(
    ledger: Ledger,
    definitions: Mapping[str, HarmDefinition],
    *,
    as_of: dt.date | str,
    k: int | float | str,
    method: Method | None = None,
) -> DefinitionRanges:
    """Say how far each rank is decided by the definition of harm.

    No definition is truer than another by being in this list, and the range is not an interval: it
    says what the ranking would be had the force chosen otherwise.

    Parameters
    ----------
    ledger : Ledger
        The offences.
    definitions : mapping of str to HarmDefinition
        At least two, bound to their indices, such as `HarmDefinition.derive` makes with another
        index, window or status policy; the first is compared with.
    as_of : datetime.date or str
        The date.
    k : int, float or str
        The bracket.
    method : TotalHarm, OffenceCount or RecencyWeightedHarm, optional
        As in `hhpu.ranking.score`.

    Returns
    -------
    DefinitionRanges
        Range and bracket of everybody who is ranked under any of them.

    Raises
    ------
    ArgumentError
        If there are fewer than two definitions, or an argument cannot be used.

    Examples
    --------
    >>> from hhpu import encode, load_registry
    >>> from hhpu.indices import all_offences
    >>> table = pd.DataFrame({"offender_id": ["a", "b", "b"], "code": ["19C", "8N", "8N"],
    ...                       "committed_on": ["2020-01-04", "2025-01-04", "2025-01-05"]})
    >>> always = all_offences(load_registry().index("ons-css"))
    >>> found = definition_ranges(encode(table), {"all history": always,
    ...                           "a year": always.derive(window=365)}, as_of="2025-12-31", k=1)
    >>> found.table[["person", "rank", "low", "high", "ranked_under", "top_k_under"]]
       person  rank  low  high  ranked_under  top_k_under
    0       0     1    1     1             1            1
    1       1     2    1     2             2            1
    """
    expect(ledger, Ledger, "definition_ranges()", "encode() makes one from a table")
    expect(definitions, Mapping, "definitions=", "a mapping of names to definitions")
    if len(definitions) < 2:
        message = "definitions= takes at least two definitions by name: one alone has no range"
        raise ArgumentError(message)
    names = tuple(definitions)
    size = len(ledger.people)
    every = np.zeros((len(names), size), dtype=np.int64)
    inside = np.zeros(size, dtype=np.int64)
    compared, lists, first = [], [], None
    for number, (name, definition) in enumerate(definitions.items()):
        ranking = rank(ledger, as_of=as_of, definition=definition, method=method)
        first = ranking if first is None else first
        scores = ranking.scores
        every[number, scores.people] = ranking.ranks
        inside[scores.people] += ranking.ranks <= seats_of(k, max(len(scores), 1))
        lists.append(listed(scores.people, scores.amounts))
        top, tau = top_overlap(lists[0], lists[-1], k=k), kendall_tau_b(lists[0], lists[-1])
        compared.append(
            (
                name, scores.definition.window, scores.index.label, len(scores),
                top.retention_low, top.retention_high, tau.value,
            )
        )  # fmt: skip
    people = np.flatnonzero(every.any(axis=0))
    mine = every[:, people]
    lowest = np.where(mine > 0, mine, np.iinfo(np.int64).max).min(axis=0)
    at, which = np.nonzero(mine.T > 0)
    assert first is not None  # noqa: S101
    base = first.provenance
    digests = {
        name: {"digest": each.digest, "index": each.bound_index.label, "window": each.window}
        for name, each in definitions.items()
    }
    table = pd.DataFrame(
        {
            "person": people,
            "rank": pd.array(mine[0], dtype="Int64"),
            "low": lowest,
            "high": mine.max(axis=0),
            "ranked_under": (mine > 0).sum(axis=0),
            "top_k_under": inside[people],
        }
    )
    table.loc[mine[0] == 0, "rank"] = pd.NA
    return DefinitionRanges(
        names=names,
        k=k,
        table=table,
        ranks=pd.DataFrame(
            {
                "person": people[at],
                "definition": np.array(names, dtype=object)[which],
                "rank": mine.T[mine.T > 0],
            }
        ).astype({"definition": "str"}),
        compared=pd.DataFrame(
            compared,
            columns=[
                "definition", "window", "index", "people", "retention_low", "retention_high",
                "tau_b",
            ],
        ).astype({"definition": "str", "window": "Int64", "index": "str"}),
        ledger=ledger,
        provenance=attrs.evolve(base, facts={**base.facts, "definitions": digests, "k": k}),
    )  # fmt: skip


@attrs.frozen(eq=False, repr=False)
class Influence:
    """What the places in the bracket owe to a single offence.

    Parameters
    ----------
    ranking : Ranking
        The ranking.
    k : int, float or str
        The bracket.
    table : pandas.DataFrame
        Everybody in the bracket and in the tie at its edge: ``person, rank, offences, row, share,
        rank_without, fall, leaves_bracket``: the ledger row of the most influential offence, its
        share of the score, and the rank without it; missing where nothing would be left to rank.
    rests : pandas.DataFrame
        The people whose place rests on one offence or on unproven allegations, as
        `hhpu.ranking.rests_on` gives them.
    provenance : Provenance
        Of the ranking.
    """

    ranking: Ranking
    k: int | float | str
    table: pd.DataFrame
    rests: pd.DataFrame
    provenance: Provenance

    def __repr__(self) -> str:
        return f"Influence({len(self.table)} people, k={self.k})"

    def to_frame(self) -> pd.DataFrame:
        """List them with their ids, for the unit's own use: ``offender_id`` and the table."""
        table = self.table.copy()
        table.insert(0, "offender_id", self.ranking.ids(table["person"].to_numpy()))
        return table

    def to_dict(self) -> dict[str, Any]:
        """Count; nobody's rank."""
        falls, told = self.table["fall"].dropna(), self.rests["rests_on"]
        return {
            "provenance": self.provenance.to_dict(),
            "k": self.k,
            "in_bracket": len(self.table),
            "nothing_left": int(self.table["rank_without"].isna().sum()),
            "leave_the_bracket": int(self.table["leaves_bracket"].sum()),
            "median_fall": float(falls.median()) if len(falls) else None,
            **{
                f"rests_on_{ground.replace(' ', '_')}": int((told == ground).sum())
                for ground in GROUNDS[:2]
            },
        }

    def _repr_html_(self) -> str:
        html: str = self.table.drop(columns=["person", "row"]).to_html(index=False)
        return html


def influence(ranking: Ranking, *, k: int | float | str) -> Influence:
    """Say how far each person in the bracket would fall without their most influential offence.

    Leaving an offence out lowers a score by what it adds, so the heaviest is the most influential.
    Everybody else stays; exact.

    Parameters
    ----------
    ranking : Ranking
        The ranking.
    k : int, float or str
        The bracket.

    Returns
    -------
    Influence
        With the people whose place rests on one offence or on unproven allegations.

    Raises
    ------
    ArgumentError
        If ``k`` cannot be used.

    Examples
    --------
    >>> from hhpu import encode, load_registry
    >>> table = pd.DataFrame({"offender_id": ["a", "a", "b", "b"],
    ...                       "code": ["19C", "5D", "8N", "8N"], "committed_on": "2025-01-04"})
    >>> ranking = rank(encode(table), as_of="2025-12-31", index=load_registry().index("ons-css"))
    >>> influence(ranking, k=2).table[["person", "rank", "rank_without", "fall"]]
       person  rank  rank_without  fall
    0       0     1             1     0
    1       1     2             2     0
    """
    expect(ranking, Ranking, "influence()", "rank() makes one")
    scores = ranking.scores
    top = ranking.top(k)
    inside = np.concatenate([top.above, top.tied])
    mine = np.zeros(len(scores), dtype=bool)
    mine[inside] = True
    at = np.flatnonzero(mine[scores.place])
    amounts, place = scores.contributions[at], scores.place[at]
    order = np.argsort(amounts, kind="stable")
    order = order[np.argsort(place[order], kind="stable")]
    last = np.ones(len(order), dtype=bool)
    last[:-1] = place[order][1:] != place[order][:-1]
    heaviest = order[last][np.searchsorted(np.sort(inside), inside)]
    whole = scores.amounts[inside]
    left = whole - amounts[heaviest]
    ordered = np.sort(scores.amounts)
    higher = len(ordered) - np.searchsorted(ordered, left, side="right")
    without = pd.array(higher + 1 - (whole > left), dtype="Int64")
    without[scores.offences[inside] == 1] = pd.NA
    ranks = ranking.ranks[inside]
    shares = [
        int(part) / int(all_of) if all_of else math.nan
        for part, all_of in zip(amounts[heaviest], whole, strict=True)
    ]
    table = pd.DataFrame(
        {
            "person": inside,
            "rank": ranks,
            "offences": scores.offences[inside],
            "row": scores.rows[at[heaviest]],
            "share": np.array(shares, dtype=np.float64),
            "rank_without": without,
            "fall": without - ranks,
            "leaves_bracket": np.array(
                [each is pd.NA or each > top.k for each in without], dtype=bool
            ),
        }
    )
    rests = rests_on(ranking, k=k).people
    return Influence(
        ranking=ranking,
        k=k,
        table=table,
        rests=rests[rests["rests_on"].isin(GROUNDS[:2])].reset_index(drop=True),
        provenance=ranking.provenance,
    )
