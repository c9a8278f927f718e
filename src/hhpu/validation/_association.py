"""Rank association of scores with what followed: Spearman's rho, Kendall's tau-b, Somers' D."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from hhpu.blocks import at_once, order_of
from hhpu.errors import ArgumentError
from hhpu.validation._weighted import Grouped, Weights, grouped, once

__all__ = [
    "FIGURES",
    "Association",
    "Estimate",
    "PValue",
    "association",
    "association_interval",
    "association_p",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FIGURES: Final = ("spearman", "tau_b", "tau_b_max", "somers_d")
_OF_PAIRS: Final = frozenset({"tau_b", "somers_d"})
_TESTED: Final = ("spearman", "tau_b", "somers_d")
_INTERVALS: Final = {
    "spearman": ("influence", "bonett-wright"),
    "tau_b": ("influence",),
    "somers_d": ("influence",),
}
_AT_ONCE: Final = 1 << 16
_FEWEST: Final = 99
_ROUNDING: Final = 1e-12
_SHORT: Final = 5


@attrs.frozen
class Estimate:
    """A figure of one origin with an analytic interval.

    Parameters
    ----------
    figure : str
        What was estimated.
    estimate : float
        NaN where undefined; where all scores are equal, Somers' D is 0.
    error : float
        Its standard error; NaN where the method of the interval has none on the figure's scale.
    low, high : float
        The ends of the interval; NaN where it is undefined.
    level : float
        Such as 0.95.
    method : str
        How the interval was made.
    people : int
        How many people it rests on.
    why : str
        Why something is NaN, or what the interval cannot tell; empty otherwise.
    """

    figure: str
    estimate: float
    error: float
    low: float
    high: float
    level: float
    method: str
    people: int
    why: str


@attrs.frozen
class PValue:
    """A two-sided test that scores and outcome are unrelated.

    Parameters
    ----------
    figure : str
        What was tested.
    estimate : float
        The figure; NaN where undefined.
    p : float
        NaN where undefined.
    z : float
        The standardised figure; NaN for a permutation test.
    test : str
        ``normal``, tie-corrected, or ``permutation``.
    permutations, seed : int or None
        Of a permutation test.
    people : int
        How many people it rests on.
    why : str
        Why something is NaN; empty otherwise.
    """

    figure: str
    estimate: float
    p: float
    z: float
    test: str
    permutations: int | None
    seed: int | None
    people: int
    why: str


@attrs.frozen(eq=False)
class _Level:
    """One level of a merge: cells of a lower half, and how much of the upper half precedes each."""

    upper: Ints
    lower: Ints
    upto: Ints
    before: Ints


@attrs.frozen(eq=False)
class Association:
    """The rank association of scores and outcome, under weights.

    Parameters
    ----------
    names : tuple of str
        The figures asked for.
    people : int
        How many people there are.
    order, starts : numpy.ndarray of int64
        People by row and column of their cell; where each cell begins.
    row, column : numpy.ndarray of int64
        Of each cell.
    row_starts : numpy.ndarray of int64
        The first cell of each row.
    by_column, column_starts : numpy.ndarray of int64
        Cells by column; where each column begins.
    outcome_in_rows : bool
        Whether rows are values of the outcome, and columns of the score; or the reverse.
    levels : tuple
        What counts discordant pairs; empty where no figure asks for them.
    """

    names: tuple[str, ...]
    people: int
    order: Ints
    starts: Ints
    row: Ints
    column: Ints
    row_starts: Ints
    by_column: Ints
    column_starts: Ints
    outcome_in_rows: bool
    levels: tuple[_Level, ...]

    def __call__(self, weights: Weights, /) -> Floats:
        """Give the figures under each row of weights: shape ``(draws, figures)``."""
        cells, rows, columns = self.sums(weights)
        total = cells.sum(axis=-1)
        found: dict[str, Floats] = {}
        if "spearman" in self.names:
            found["spearman"] = self._spearman(cells, rows, columns, total)
        if len(found) < len(self.names):
            everything, in_rows, in_columns = total * (total - 1) / 2, _tied(rows), _tied(columns)
            untied = np.sqrt((everything - in_rows) * (everything - in_columns))
        if self.levels or not _OF_PAIRS.isdisjoint(self.names):
            excess = everything - in_rows - in_columns + _tied(cells) - 2 * self.discordant(cells)
            by_outcome = everything - (in_rows if self.outcome_in_rows else in_columns)
            found["tau_b"] = _over(excess, untied)
            found["somers_d"] = _over(excess, by_outcome)
        if "tau_b_max" in self.names:
            edges = np.concatenate([np.cumsum(rows, axis=-1), np.cumsum(columns, axis=-1)], axis=-1)
            edges.sort(axis=-1, kind="stable")
            both = _tied(np.diff(edges, axis=-1, prepend=0.0))
            found["tau_b_max"] = _over(everything - in_rows - in_columns + both, untied)
        return np.stack([found[name] for name in self.names], axis=-1)

    def sums(self, weights: Weights) -> tuple[Weights, Weights, Weights]:
        """The weight of each cell, row and column."""
        cells = summed(np.take(weights, self.order, axis=-1), self.starts)
        rows = summed(cells, self.row_starts)
        return cells, rows, summed(np.take(cells, self.by_column, axis=-1), self.column_starts)

    def discordant(self, cells: Weights) -> Floats:
        """The weight of discordant pairs, for each row of cell weights."""
        found: Floats = np.zeros(cells.shape[:-1])
        for level in self.levels:
            running = running_sums(np.take(cells, level.upper, axis=-1))
            above = np.take(running, level.upto, axis=-1)
            above -= np.take(running, level.before, axis=-1)
            found += np.einsum("ij,ij->i", above, np.take(cells, level.lower, axis=-1))
        return found

    def discordant_with(self, cells: Floats) -> Floats:
        """The weight of everybody discordant with each cell: shape ``(cells,)``, as taken."""
        found: Floats = np.zeros(len(cells))
        for level in self.levels:
            running = running_sums(cells[level.upper])
            found[level.lower] += running[level.upto] - running[level.before]
            size = len(level.upper) + 1
            weight = cells[level.lower]
            change = np.bincount(level.before, weight, size) - np.bincount(level.upto, weight, size)
            found[level.upper] += np.cumsum(change)[:-1]
        return found

    def _spearman(self, cells: Weights, rows: Weights, columns: Weights, total: Floats) -> Floats:
        by_row, by_column = _centred(rows, total), _centred(columns, total)
        along = np.take(by_column, self.column, axis=-1)
        along *= cells
        joint = np.einsum("ij,ij->i", summed(along, self.row_starts), by_row)
        spread = np.sqrt(
            np.einsum("ij,ij->i", rows * by_row, by_row)
            * np.einsum("ij,ij->i", columns * by_column, by_column)
        )
        return np.clip(_over(joint, spread), -1.0, 1.0)


def association(
    scores: npt.ArrayLike, outcome: npt.ArrayLike, *, figures: Sequence[str] = FIGURES
) -> Association:
    """Prepare the rank association of scores with an outcome, ties and zeros included.

    With C concordant and D discordant pairs, N pairs in all, N_s and N_o tied on the score and on
    the outcome:

    * ``spearman``: the product-moment correlation of midranks;
    * ``tau_b``: (C - D) / sqrt((N - N_s)(N - N_o));
    * ``tau_b_max``: the largest tau-b over all ways of pairing the same scores with the same
      outcomes. The comonotone pairing (both ascending) reaches it: exchanging the outcomes of two
      people paired against the order changes C - D, for each third person k, by
      (sgn(s2 - sk) - sgn(s1 - sk)) (sgn(o1 - ok) - sgn(o2 - ok)), with s1 <= s2 and o1 > o2: never
      less than 0. It has no discordant pair, and its tied pairs follow from the overlaps of the
      two runs of groups;
    * ``somers_d``: D(score | outcome) = (C - D) / (N - N_o): pairs tied on the outcome are left
      out, so that with a binary outcome it is 2 AUC - 1.

    Discordant pairs are counted as by Knight, in O(n log n): the merges do not depend on weights
    and are laid down once; a call gathers and sums. Repeats of a person are tied on both.

    Parameters
    ----------
    scores, outcome : array_like, shape (people,)
        Numbers, none of them NaN; whole numbers of any size are compared exactly.
    figures : sequence of str
        Which of ``FIGURES``, in this order; tau-b and Somers' D cost more than Spearman.

    Returns
    -------
    Association
        A statistic; a figure is NaN in a draw in which a margin that it divides by is all tied.

    Raises
    ------
    ArgumentError
        If there is nobody, a NaN, an unequal length or an unknown figure.

    References
    ----------
    Kendall MG (1945). The treatment of ties in ranking problems. Biometrika 33(3), 239-251.
    doi:10.1093/biomet/33.3.239

    Knight WR (1966). A computer method for calculating Kendall's tau with ungrouped data. Journal
    of the American Statistical Association 61(314), 436-439.

    Somers RH (1962). A new asymmetric measure of association for ordinal variables. American
    Sociological Review 27(6), 799-811.

    Nešlehová J (2007). On rank correlation measures for non-continuous random variables. Journal of
    Multivariate Analysis 98(3), 544-567. doi:10.1016/j.jmva.2005.11.007 (bounds from the margins)

    Examples
    --------
    >>> from hhpu.validation import once
    >>> found = association([5, 3, 3, 1], [2, 1, 0, 0])
    >>> found.names
    ('spearman', 'tau_b', 'tau_b_max', 'somers_d')
    >>> found(once(4)).round(4).tolist()
    [[0.8333, 0.8, 0.8, 0.8]]
    """
    asked = tuple(figures)
    unknown = [name for name in asked if name not in FIGURES]
    if unknown or not asked:
        message = f"figures={list(asked)}: some of {', '.join(FIGURES)}"
        raise ArgumentError(message)
    return _prepared(*_pair(scores, outcome), asked)


def association_interval(
    scores: npt.ArrayLike,
    outcome: npt.ArrayLike,
    *,
    figure: str,
    method: str = "influence",
    level: float = 0.95,
) -> Estimate:
    """Give a figure of one origin with an analytic interval, on Fisher's scale.

    ``influence``: the standard error is the root of the mean square of the influence function over
    n, ties included: for T = E sgn(S - S')sgn(O - O') it is 2(E sgn(s - S')sgn(o - O') - T), for
    the share U of untied pairs 2(P(S' != s) - U), for Spearman that of the correlation of mid
    distribution functions; ratios by the delta method. For tau-b and Somers' D it is the standard
    error of Brown and Benedetti under multinomial sampling (ASE1). The interval is
    tanh(atanh r +- z se / (1 - r^2)).

    ``bonett-wright`` (Spearman alone): tanh(atanh r +- z sqrt((1 + r^2 / 2) / (n - 3))), made for
    few ties.

    People are taken as independent: for clusters, resample.

    Parameters
    ----------
    scores, outcome : array_like, shape (people,)
        As for `association`.
    figure : str
        ``spearman``, ``tau_b`` or ``somers_d``.
    method : str
        ``influence``, or for Spearman ``bonett-wright``.
    level : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        Of people drawn at one origin; not for figures pooled over origins.

    Raises
    ------
    ArgumentError
        As for `association`, or if the method is not one for the figure.

    References
    ----------
    Bonett DG, Wright TA (2000). Sample size requirements for estimating Pearson, Kendall and
    Spearman correlations. Psychometrika 65(1), 23-28. doi:10.1007/BF02294183

    Brown MB, Benedetti JK (1977). Sampling behavior of tests for correlation in two-way contingency
    tables. Journal of the American Statistical Association 72(358), 309-315.

    Croux C, Dehon C (2010). Influence functions of the Spearman and Kendall correlation measures.
    Statistical Methods and Applications 19(4), 497-515. doi:10.1007/s10260-010-0142-z (without
    ties)

    Examples
    --------
    >>> found = association_interval([1, 2, 3, 4, 5, 6], [0, 1, 0, 2, 1, 4], figure="tau_b")
    >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3)
    (0.645, 0.14, 0.883)
    """
    if method not in _INTERVALS.get(figure, ()):
        known = "; ".join(f"{name} by {' or '.join(ways)}" for name, ways in _INTERVALS.items())
        message = f"figure={figure!r}, method={method!r}: {known}"
        raise ArgumentError(message)
    tail = tail_of(level)
    held, people, estimate, why = _figure(scores, outcome, figure)
    error, low, high = math.nan, math.nan, math.nan
    if not why:
        if abs(estimate) >= 1:
            why = "the orders agree or disagree perfectly: the scale of the interval has no end"
        elif method == "bonett-wright":
            wide = math.sqrt((1 + estimate**2 / 2) / (people - 3)) if people > 3 else math.nan
            why = "" if people > 3 else "fewer than 4 people: no Bonett-Wright interval"
        else:
            error = _standard_error(held, figure, estimate)
            wide = error / (1 - estimate**2)
    if not why:
        low, high = (math.tanh(math.atanh(estimate) + side * tail * wide) for side in (-1, 1))
    return Estimate(figure=figure, estimate=estimate, error=error, low=low, high=high, level=level,
                    method=method, people=people, why=why)  # fmt: skip


def association_p(
    scores: npt.ArrayLike,
    outcome: npt.ArrayLike,
    *,
    figure: str,
    test: str = "normal",
    permutations: int = 9_999,
    seed: int | None = None,
) -> PValue:
    """Test, two-sided, that scores and outcome are unrelated: every pairing of them as likely.

    ``normal``: Spearman's rho has variance exactly 1 / (n - 1) over all pairings, with ties too:
    z = r sqrt(n - 1). For tau-b and Somers' D, which are C - D over something that no pairing
    changes, z = (C - D) / sd with Kendall's variance under ties on both sides (with a binary
    outcome, that of the Mann-Whitney test). No correction for continuity.

    ``permutation``: p = (1 + pairings drawn with a figure at least as far from 0) / (1 + drawn).

    Parameters
    ----------
    scores, outcome : array_like, shape (people,)
        As for `association`.
    figure : str
        ``spearman``, ``tau_b`` or ``somers_d``.
    test : str
        ``normal`` or ``permutation``.
    permutations : int
        How many pairings are drawn, at least 99.
    seed : int
        Needed by a permutation test, not negative.

    Returns
    -------
    PValue
        NaN, and why, where the figure is undefined.

    Raises
    ------
    ArgumentError
        As for `association`, or if an argument is unknown or out of its range.

    References
    ----------
    Kendall MG (1970). Rank correlation methods, 4th edition. Griffin.

    Phipson B, Smyth GK (2010). Permutation p-values should never be zero: calculating exact
    p-values when permutations are randomly drawn. Statistical Applications in Genetics and
    Molecular Biology 9(1), article 39. doi:10.2202/1544-6115.1585

    Pitman EJG (1937). Significance tests which may be applied to samples from any populations. II.
    The correlation coefficient test. Supplement to the Journal of the Royal Statistical Society
    4(2), 225-232. doi:10.2307/2983647

    Examples
    --------
    >>> found = association_p([5, 3, 3, 1, 0], [2, 1, 0, 0, 0], figure="tau_b")
    >>> round(found.z, 4), round(found.p, 4)
    (1.7108, 0.0871)
    """
    if figure not in _TESTED:
        message = f"figure={figure!r}: one of {', '.join(_TESTED)}"
        raise ArgumentError(message)
    if test not in ("normal", "permutation"):
        message = f"test={test!r}: normal or permutation"
        raise ArgumentError(message)
    drawn = test == "permutation"
    if drawn and (seed is None or seed < 0):
        message = f"seed={seed}: a permutation test takes a seed that is not negative"
        raise ArgumentError(message)
    if drawn and permutations < _FEWEST:
        message = f"permutations={permutations}: at least {_FEWEST}"
        raise ArgumentError(message)
    held, people, estimate, why = _figure(scores, outcome, figure)
    p, z = math.nan, math.nan
    if not why and drawn and seed is not None:
        beyond = (_spearman_beyond if figure == "spearman" else _kendall_beyond)(held)
        blocks = _blocks(permutations, people)
        count = sum(at_once(lambda block: beyond(_pairings(people, seed, block)), blocks))
        p = (1 + count) / (1 + permutations)
    elif not why:
        z = estimate * math.sqrt(people - 1) if figure == "spearman" else _kendall_z(held)
        p = float(2 * norm.sf(abs(z)))
    return PValue(figure=figure, estimate=estimate, p=p, z=z, test=test, people=people, why=why,
                  permutations=permutations if drawn else None,
                  seed=seed if drawn else None)  # fmt: skip


def numbers(values: npt.ArrayLike, name: str) -> npt.NDArray[np.generic]:
    """Judge a column of numbers at the door.

    Raises
    ------
    ArgumentError
        If it is not one column of numbers, is empty or has a NaN.
    """
    held = np.asarray(values)
    if held.dtype.kind not in "biufO" or held.ndim != 1:
        message = f"{name} takes one column of numbers, not {held.ndim} of {held.dtype}"
        raise ArgumentError(message)
    if not len(held):
        message = f"{name}: there is nobody to judge"
        raise ArgumentError(message)
    odd = np.asarray(held != held, dtype=np.bool_)
    if odd.any():
        message = f"{name}: {int(odd.sum())} of {len(held)} are NaN: leave these people out first"
        raise ArgumentError(message)
    return held


def _pair(scores: npt.ArrayLike, outcome: npt.ArrayLike) -> tuple[Grouped, Grouped]:
    first, second = numbers(scores, "scores"), numbers(outcome, "outcome")
    if len(first) != len(second):
        message = f"{len(first)} scores and {len(second)} outcomes: one of each for each person"
        raise ArgumentError(message)
    return grouped(first), grouped(second)


def _prepared(scores: Grouped, outcome: Grouped, names: tuple[str, ...]) -> Association:
    """Lay down cells, with the margin that takes fewer merges in the columns."""
    turned = _merges(scores) < _merges(outcome)
    rows, columns = (outcome, scores) if turned else (scores, outcome)
    key = rows.place * len(columns) + columns.place
    order = order_of(key)
    key = key[order]
    starts = np.flatnonzero(_changes(key))
    row, column = np.divmod(key[starts], len(columns))
    by_column = order_of(column)
    return Association(
        names=names,
        people=len(order),
        order=order,
        starts=starts,
        row=row,
        column=column,
        row_starts=np.flatnonzero(_changes(row)),
        by_column=by_column,
        column_starts=np.flatnonzero(_changes(column[by_column])),
        outcome_in_rows=turned,
        levels=() if _OF_PAIRS.isdisjoint(names) else _levels(column),
    )


def _merges(groups: Grouped) -> float:
    """How many levels a person goes through: the entropy of the groups, in bits."""
    share = np.diff(groups.starts, append=len(groups.order)) / len(groups.order)
    return float(-(share * np.log2(share)).sum())


def _levels(column: Ints) -> tuple[_Level, ...]:
    """Lay down the merges of columns, top half against bottom half, then within each.

    Columns are halved by the middle of their cells, so that a column with many cells stands alone
    early; alone, it has no pairs and goes no further.
    """
    sizes = np.bincount(column)
    middle = 2 * (np.cumsum(sizes) - sizes) + sizes
    at = np.arange(len(column))
    found = []
    for bit in range(int(2 * len(column)).bit_length() - 1, -1, -1):
        block = middle >> (bit + 1)
        edge = block[1:] != block[:-1]
        alone = np.append(True, edge) & np.append(edge, True)
        at = at[~alone[column[at]]]
        if not len(at):
            break
        code = middle[column[at]]
        upper = (code >> bit & 1).astype(np.bool_)
        first = np.flatnonzero(_changes(code >> (bit + 1)))
        count = np.diff(first, append=len(at))
        start = np.repeat(first, count)
        seen = np.cumsum(upper) - upper
        before = seen[start]
        level = _Level(upper=at[upper], lower=at[~upper], upto=seen[~upper], before=before[~upper])
        useful = level.upto > level.before
        found.append(
            _Level(
                upper=level.upper,
                lower=level.lower[useful],
                upto=level.upto[useful],
                before=level.before[useful],
            )
        )
        within = np.arange(len(at)) - start
        risen = seen - before
        lower = np.repeat(count - np.add.reduceat(upper.astype(np.int64), first), count)
        moved = np.empty_like(at)
        moved[start + np.where(upper, lower + risen, within - risen)] = at
        at = moved
    return tuple(found)


def _changes(values: Ints) -> npt.NDArray[np.bool_]:
    """Where a run of equal values begins."""
    return np.append(True, values[1:] != values[:-1])


def summed(values: Weights, starts: Ints) -> Weights:
    """Sum runs of values; many short ones are quicker as differences of running sums."""
    size = values.shape[-1]
    if len(starts) == size:
        return values
    if len(starts) * _SHORT < size:
        return np.asarray(np.add.reduceat(values, starts, axis=-1))
    upto = np.take(np.cumsum(values, axis=-1), np.append(starts[1:], size) - 1, axis=-1)
    upto[..., 1:] -= upto[..., :-1].copy()
    return upto


def running_sums(values: Weights) -> Weights:
    """Sums of the first 0, 1, 2, ... values."""
    found = np.empty((*values.shape[:-1], values.shape[-1] + 1))
    found[..., 0] = 0
    np.cumsum(values, axis=-1, out=found[..., 1:])
    return found


def _centred(groups: Weights, total: Floats) -> Weights:
    """Midranks less their mean."""
    found: Weights = np.cumsum(groups, axis=-1)
    found -= groups / 2
    found -= total[..., np.newaxis] / 2
    return found


def _tied(groups: Weights) -> Floats:
    """Pairs within the groups."""
    found: Floats = (np.einsum("...j,...j->...", groups, groups) - groups.sum(axis=-1)) / 2
    return found


def _over(above: Floats, below: Floats) -> Floats:
    """The quotient; NaN where the divisor is not positive."""
    found = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


def _figure(
    scores: npt.ArrayLike, outcome: npt.ArrayLike, figure: str
) -> tuple[Association, int, float, str]:
    """The figure itself, and why it is undefined."""
    first, second = _pair(scores, outcome)
    people = len(first.order)
    held = _prepared(first, second, (figure,))
    why = ""
    if people == 1:
        why = "one person: there is nobody to compare with"
    elif len(second) == 1:
        why = "all outcomes are equal: no order to agree with"
    elif len(first) == 1:
        why = "all scores are equal: nobody is ranked above anybody"
    return held, people, float(held(once(people))[0, 0]), why


def tail_of(level: float) -> float:
    """How many standard errors an interval goes to either side."""
    if not 0 < level < 1:
        message = f"level={level}: between 0 and 1"
        raise ArgumentError(message)
    return float(norm.ppf((1 + level) / 2))


def _standard_error(held: Association, figure: str, estimate: float) -> float:
    people = held.people
    cells, rows, columns = (sums[0] for sums in held.sums(once(people)))
    if figure == "spearman":
        influence = _spearman_influence(held, cells, rows, columns, estimate)
    else:
        in_row, in_column = rows[held.row], columns[held.column]
        discordant = held.discordant_with(cells)
        excess = (people - in_row - in_column + cells - 2 * discordant) / people
        mean = float(cells @ excess) / people
        apart = [(1 - own / people, 1 - float(sums @ sums) / people**2)
                 for own, sums in ((in_row, rows), (in_column, columns))]  # fmt: skip
        if figure == "somers_d":
            own, share = apart[0 if held.outcome_in_rows else 1]
            influence = 2 * (excess - mean) / share - 2 * estimate * (own - share) / share
        else:
            influence = 2 * (excess - mean) / math.sqrt(apart[0][1] * apart[1][1])
            for own, share in apart:
                influence = influence - estimate * (own - share) / share
    return math.sqrt(float(cells @ influence**2)) / people


def _spearman_influence(
    held: Association, cells: Floats, rows: Floats, columns: Floats, estimate: float
) -> Floats:
    """For each cell, that of the correlation of mid distribution functions u, v less 1/2.

    A person at (s, o) moves E uv by u(s) v(o) - 3 E uv + E v [S > s] + E u [O > o], half for ties.
    """
    people = held.people
    total = np.full(1, float(people))
    u = _centred(rows[np.newaxis], total)[0] / people
    v = _centred(columns[np.newaxis], total)[0] / people
    spread_u, spread_v = float(rows @ u**2) / people, float(columns @ v**2) / people
    v_in_row = np.bincount(held.row, cells * v[held.column]) / people
    u_in_column = np.bincount(held.column, cells * u[held.row]) / people
    joint = float(u @ v_in_row)
    moved = u[held.row] * v[held.column] - 3 * joint
    moved += _beyond(v_in_row)[held.row] + _beyond(u_in_column)[held.column]
    found: Floats = moved / math.sqrt(spread_u * spread_v)
    for place, own, sums, spread in (
        (held.row, u, rows, spread_u),
        (held.column, v, columns, spread_v),
    ):
        change = own**2 + 2 * _beyond(sums * own / people) - 3 * spread
        found -= estimate / 2 * change[place] / spread
    return found


def _beyond(parts: Floats) -> Floats:
    """Sum parts that add up to 0 over all higher groups, half of the own one."""
    found: Floats = parts / 2 - np.cumsum(parts)
    return found


def _kendall_z(held: Association) -> float:
    people = held.people
    cells, rows, columns = held.sums(once(people))
    pairs = people * (people - 1)
    excess = pairs / 2 - _tied(rows) - _tied(columns) + _tied(cells) - 2 * held.discordant(cells)
    twos, threes, fives = [], [], []
    for groups in (rows, columns):
        two = groups * (groups - 1)
        twos.append(float(two.sum()))
        threes.append(float((two * (groups - 2)).sum()))
        fives.append(float((two * (2 * groups + 5)).sum()))
    variance = (pairs * (2 * people + 5) - sum(fives)) / 18 + twos[0] * twos[1] / (2 * pairs)
    if people > 2:
        variance += threes[0] * threes[1] / (9 * pairs * (people - 2))
    return float(excess[0]) / math.sqrt(variance)


def _blocks(draws: int, people: int) -> list[range]:
    size = max(1, _AT_ONCE // people)
    return [range(at, min(at + size, draws)) for at in range(0, draws, size)]


def _pairings(people: int, seed: int, numbers: range) -> Ints:
    """Orders of people, each by its number: the same whatever the blocks."""
    return np.stack([
        np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(number,)))
        ).permutation(people)
        for number in numbers
    ])  # fmt: skip


def _spearman_beyond(held: Association) -> Callable[[Ints], int]:
    """How many of some pairings are at least as far from 0 as the one that is."""
    _, rows, columns = held.sums(once(held.people))
    total = np.full(1, float(held.people))
    first = _centred(rows, total)[0][_of_people(held, held.row)]
    second = _centred(columns, total)[0][_of_people(held, held.column)]
    least = abs(float(first @ second)) - _ROUNDING * float(np.abs(first) @ np.abs(second))

    def count(pairings: Ints) -> int:
        return int((np.abs(second[pairings] @ first) >= least).sum())

    return count


def _kendall_beyond(held: Association) -> Callable[[Ints], int]:
    people = held.people
    _, rows, columns = held.sums(once(people))
    untied = people * (people - 1) // 2 - int(_tied(rows)[0]) - int(_tied(columns)[0])
    first, second = _of_people(held, held.row), _of_people(held, held.column)
    width = columns.shape[-1]
    bits = range(int(width - 1).bit_length())
    ranked = np.sort(second)
    crossing = [_crossing(ranked, bit) for bit in bits]
    places = np.arange(people)

    def excess(paired: Ints) -> Ints:
        key = np.sort(first * width + paired, axis=-1)
        runs = np.zeros(key.shape, dtype=np.int64)
        runs[:, 1:] = np.where(key[:, 1:] != key[:, :-1], places[1:], 0)
        both = (places - np.maximum.accumulate(runs, axis=-1)).sum(axis=-1)
        key %= width
        if width <= 1 << 16:
            key = key.astype(np.uint16)
        discordant = np.zeros(len(key), dtype=np.int64)
        for bit in bits:
            order = np.argsort(key >> (bit + 1), axis=-1, kind="stable")
            upper = np.take_along_axis(key, order, axis=-1) >> bit & 1
            above = np.cumsum(upper, axis=-1, dtype=np.int64)
            discordant += (above * (1 - upper.astype(np.int64))).sum(axis=-1) - crossing[bit]
        found: Ints = untied + both - 2 * discordant
        return found

    least = abs(int(excess(second[np.newaxis])[0]))

    def count(pairings: Ints) -> int:
        return int((np.abs(excess(second[pairings])) >= least).sum())

    return count


def _of_people(held: Association, values: Ints) -> Ints:
    """What a cell has, for each person in the order of cells."""
    return np.repeat(values, np.diff(held.starts, append=held.people))


def _crossing(ranked: Ints, bit: int) -> int:
    """Pairs of an upper half with the lower half of a later block: no inversions."""
    upper = ranked >> bit & 1
    starts = np.flatnonzero(_changes(ranked >> (bit + 1)))
    count = np.diff(starts, append=len(ranked))
    above = np.add.reduceat(upper, starts)
    return int(((np.cumsum(above) - above) * (count - above)).sum())
