"""How alike two lists are: the top of each, rank-biased overlap, and tau, all honest about ties."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.stats import kendalltau

from hhpu.errors import ArgumentError
from hhpu.ranking import seats_of

__all__ = [
    "TIE_VARIANTS",
    "Listed",
    "RankBiasedOverlap",
    "TauB",
    "TopOverlap",
    "kendall_tau_b",
    "listed",
    "persistence_for",
    "rank_biased_overlap",
    "rbo_weight",
    "top_overlap",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_SPARSE: Final = 8
_CORSI: Final = "Corsi & Urbano 2024, doi:10.1145/3626772.3657700"
TIE_VARIANTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "w": "people of equal score stand at the same rank, as sportsmen do (Webber, Moffat & "
        f"Zobel 2010, doi:10.1145/1852102.1852106, completed for prefixes by {_CORSI})",
        "a": "the mean over all orders of people of equal score, as in tau-a; two equal lists with "
        f"ties give less than 1 ({_CORSI})",
        "b": f"corrected for what ties hide, as in tau-b; two equal lists give 1 ({_CORSI})",
    }
)


@attrs.frozen(eq=False)
class Listed:
    """People in the order of their scores, highest first, with the ties that they are in.

    Parameters
    ----------
    people : numpy.ndarray of int64
        Who they are; inside a tie ascending.
    group : numpy.ndarray of int64
        The tie block of each, numbered from the top, from 0.
    starts : numpy.ndarray of int64
        How many people stand above each block; and at the end how many people there are.
    """

    people: Ints
    group: Ints
    starts: Ints

    def __len__(self) -> int:
        return len(self.people)

    @property
    def ranks(self) -> Ints:
        """1 + the number of people with a higher score, in the order of ``people``."""
        return self.starts[self.group] + 1

    def among(self, people: Ints) -> Listed:
        """The same list, of some people only."""
        kept = np.isin(self.people, people)
        return _blocked(self.people[kept], self.group[kept])


def listed(people: npt.ArrayLike, scores: npt.ArrayLike) -> Listed:
    """Put people in the order of their scores.

    Parameters
    ----------
    people : array_like of int, shape (people,)
        Who they are, each once; may be empty.
    scores : array_like, shape (people,)
        Integers of any size, or floats.

    Returns
    -------
    Listed
        Highest score first.

    Raises
    ------
    ArgumentError
        If a score is missing, a person stands there twice, or there are more of one than of the
        other.

    Examples
    --------
    >>> found = listed([7, 3, 5], [10, 20, 10])
    >>> found.people.tolist(), found.ranks.tolist()
    ([3, 5, 7], [1, 2, 2])
    """
    who = np.asarray(people)
    held = np.asarray(scores)
    if who.ndim != 1 or who.shape != held.shape:
        message = f"people and scores are of unequal length: {who.size} and {held.size}"
        raise ArgumentError(message)
    if len(who) and who.dtype.kind not in "iu":
        message = "people= takes whole numbers, such as places in a ledger's people"
        raise ArgumentError(message)
    if held.dtype.kind == "f" and np.isnan(held).any():
        message = (
            f"{int(np.isnan(held).sum())} scores are NaN: a ranking needs a score of everybody"
        )
        raise ArgumentError(message)
    who = who.astype(np.int64)
    by_id = np.argsort(who, kind="stable")
    who, held = who[by_id], held[by_id]
    if (who[1:] == who[:-1]).any():
        message = "people= has somebody twice: one score for each person"
        raise ArgumentError(message)
    # a descending stable order, also of unsigned and of Python integers
    order = len(who) - 1 - np.argsort(held[::-1], kind="stable")[::-1]
    ordered = held[order]
    first = np.ones(len(who), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return _blocked(who[order], np.cumsum(first))


def _blocked(people: Ints, blocks: npt.NDArray[Any]) -> Listed:
    first = np.ones(len(people), dtype=bool)
    first[1:] = blocks[1:] != blocks[:-1]
    return Listed(
        people=people,
        group=np.cumsum(first) - 1,
        starts=np.append(np.flatnonzero(first), len(people)).astype(np.int64),
    )


@attrs.frozen
class TopOverlap:
    """How much of the top of one list is the top of another.

    Parameters
    ----------
    seats_old, seats_new : int
        How many people each top holds.
    tied_old, tied_new : int
        How many people stand in the tie at the edge of each; 0 where the edge cuts no tie.
    shared_low, shared_high : int
        The smallest and largest number of people in both tops, over all orders of ties.
    shared_mean : float
        Its mean over independent random orders.
    retention_low, retention_high, retention_mean : float
        The same as a share of the old top.
    retention_whole : float
        The share of the old top, its whole tie block taken in, that is in the new top with its
        whole tie block.
    jaccard_low, jaccard_high, jaccard_whole : float
        People in both tops as a share of people in either.
    why : str
        Why there is no figure; empty where there is.
    """

    seats_old: int
    seats_new: int
    tied_old: int
    tied_new: int
    shared_low: int
    shared_high: int
    shared_mean: float
    retention_low: float
    retention_high: float
    retention_mean: float
    retention_whole: float
    jaccard_low: float
    jaccard_high: float
    jaccard_whole: float
    why: str


def top_overlap(old: Listed, new: Listed, *, k: int | float | str) -> TopOverlap:
    r"""Compare the tops of two lists, exactly over the orders of the ties at their edges.

    With tops :math:`O` and :math:`N`, retention is :math:`|O \cap N| / |O|` and Jaccard's index is
    :math:`|O \cap N| / |O \cup N|`. Where a tie is cut by the edge, who of it is inside is open:
    the smallest and largest value over all choices are given, and what the whole block gives.

    Parameters
    ----------
    old, new : Listed
        The lists.
    k : int, float or str
        The top of each: a number of people, or a share such as ``0.01`` or ``"1%"``.

    Returns
    -------
    TopOverlap
        Without figures, and with the reason, where a list is empty.

    Raises
    ------
    ArgumentError
        If ``k`` is neither.

    Examples
    --------
    >>> old, new = listed([1, 2, 3], [9, 5, 5]), listed([1, 2, 3], [1, 9, 7])
    >>> found = top_overlap(old, new, k=2)
    >>> found.retention_low, found.retention_high, found.retention_whole
    (0.5, 0.5, 0.6666666666666666)

    References
    ----------
    Jaccard P (1912). The distribution of the flora in the alpine zone. New Phytologist 11(2),
    37-50. doi:10.1111/j.1469-8137.1912.tb05611.x
    """
    seats = seats_of(k, len(old)), seats_of(k, len(new))
    if not (len(old) and len(new)):
        nothing = (math.nan,) * 8
        return TopOverlap(*seats, 0, 0, 0, 0, *nothing, "a list has nobody in it")
    sides = [_edge(side, size) for side, size in zip((old, new), seats, strict=True)]
    (above, tied, open_old), (above_new, tied_new, open_new) = sides
    surely = _shared(above, above_new)
    one, other = _shared(tied, above_new), _shared(tied_new, above)
    both = _shared(tied, tied_new)
    elsewhere, elsewhere_new = len(tied) - one - both, len(tied_new) - other - both
    # best: first those who are surely in the other top, then those tied in both
    gain, gain_new = min(one, open_old), min(other, open_new)
    most = min(both, open_old - gain, open_new - gain_new)
    high = surely + gain + gain_new + most
    # worst: first those who are nowhere in the other top; the rest meet those tied in both
    spend = max(0, open_old - elsewhere) + max(0, open_new - elsewhere_new)
    low = surely + max(0, spend - both)
    chance = open_old / len(tied) if len(tied) else 0.0
    chance_new = open_new / len(tied_new) if len(tied_new) else 0.0
    mean = surely + one * chance + other * chance_new + both * chance * chance_new
    whole = surely + one + other + both
    size, size_new = len(above) + len(tied), len(above_new) + len(tied_new)
    return TopOverlap(
        seats_old=seats[0],
        seats_new=seats[1],
        tied_old=len(tied),
        tied_new=len(tied_new),
        shared_low=low,
        shared_high=high,
        shared_mean=mean,
        retention_low=low / seats[0],
        retention_high=high / seats[0],
        retention_mean=mean / seats[0],
        retention_whole=whole / size,
        jaccard_low=low / (sum(seats) - low),
        jaccard_high=high / (sum(seats) - high),
        jaccard_whole=whole / (size + size_new - whole),
        why="",
    )


def _edge(side: Listed, seats: int) -> tuple[Ints, Ints, int]:
    """Who is inside, who is tied at the edge, and the seats that these share."""
    block = int(side.group[seats - 1])
    start, stop = int(side.starts[block]), int(side.starts[block + 1])
    if stop == seats:
        return side.people[:seats], side.people[:0], 0
    return side.people[:start], side.people[start:stop], seats - start


def _shared(one: Ints, other: Ints) -> int:
    return len(np.intersect1d(one, other, assume_unique=True))


def _in_both(one: Listed, other: Listed) -> tuple[Ints, Ints]:
    """The places in each list of the people who are in both."""
    if not (len(one) and len(other)):
        nobody = np.zeros(0, dtype=np.int64)
        return nobody, nobody
    size = max(int(one.people.max()), int(other.people.max())) + 1
    if min(int(one.people.min()), int(other.people.min())) < 0 or size > _SPARSE * len(other):
        _, at, at_other = np.intersect1d(
            one.people, other.people, assume_unique=True, return_indices=True
        )
        return at, at_other
    place = np.full(size, -1, dtype=np.int64)
    place[other.people] = np.arange(len(other))
    found = place[one.people]
    at = np.flatnonzero(found >= 0)
    return at, found[at]


def rbo_weight(p: float, depth: int) -> float:
    r"""Give the share of rank-biased overlap's weight that the first ranks hold.

    .. math:: W(1:d) = 1 - p^{d-1} + \frac{1-p}{p}\, d
              \left(\ln\frac{1}{1-p} - \sum_{i=1}^{d-1} \frac{p^i}{i}\right)

    Parameters
    ----------
    p : float
        Persistence, between 0 and 1.
    depth : int
        How many ranks, at least 1.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    ArgumentError
        If an argument is out of its range.

    Examples
    --------
    >>> round(rbo_weight(0.9, 10), 4)
    0.8556

    References
    ----------
    Webber W, Moffat A, Zobel J (2010). A similarity measure for indefinite rankings. ACM
    Transactions on Information Systems 28(4), 20, equation 21. doi:10.1145/1852102.1852106
    """
    _check_persistence(p)
    if depth < 1:
        message = f"depth={depth}: at least 1"
        raise ArgumentError(message)
    return _weight(1 - p, depth)


def _weight(stop: float, depth: int) -> float:
    """The weight of the first ranks for ``p = 1 - stop``, which may be far below 1e-9."""
    log_p = math.log1p(-stop)
    ranks = np.arange(1, depth)
    tail = -math.log(stop) - float((np.exp(ranks * log_p) / ranks).sum())
    return -math.expm1((depth - 1) * log_p) + stop / (1 - stop) * depth * tail


@lru_cache(maxsize=4096)
def persistence_for(depth: int, share: float = 0.8) -> float:
    """Find the persistence under which the first ranks hold a share of the weight.

    Parameters
    ----------
    depth : int
        How many ranks, such as the seats of the top; at least 1.
    share : float
        Their share of the weight of rank-biased overlap, between 0 and 1.

    Returns
    -------
    float
        The ``p`` at which `rbo_weight` of ``depth`` is ``share``.

    Raises
    ------
    ArgumentError
        If an argument is out of its range.

    Examples
    --------
    >>> p = persistence_for(50)
    >>> round(p, 4), round(rbo_weight(p, 50), 6)
    (0.984, 0.8)
    """
    if depth < 1:
        message = f"depth={depth}: at least 1"
        raise ArgumentError(message)
    if not 0 < share < 1:
        message = f"share={share}: between 0 and 1, such as 0.8"
        raise ArgumentError(message)
    lowest, highest = math.log(1e-6 / depth), math.log1p(-1e-12)
    found = brentq(lambda x: _weight(math.exp(x), depth) - share, lowest, highest, xtol=1e-12)
    return -math.expm1(found)


@attrs.frozen
class RankBiasedOverlap:
    """Rank-biased overlap of two lists.

    Parameters
    ----------
    ties : str
        The variant: ``w``, ``a`` or ``b``; `TIE_VARIANTS` says what it is and whose.
    p : float
        Persistence.
    depth : int
        The depth for which ``p`` was chosen; 0 where it was given.
    weight : float
        The share of the weight within ``depth``; NaN where there is none.
    extrapolated : float
        As if the agreement at the end of the lists went on below them.
    low, high : float
        If below the ends nobody else were in both lists; if everybody were who can be.
    why : str
        Why there is no figure; empty where there is.
    """

    ties: str
    p: float
    depth: int
    weight: float
    extrapolated: float
    low: float
    high: float
    why: str

    @property
    def residual(self) -> float:
        """What the unseen below the ends of the lists leaves open: ``high - low``."""
        return math.nan if self.why else max(0.0, self.high - self.low)


def rank_biased_overlap(
    old: Listed,
    new: Listed,
    *,
    k: int | float | str | None = None,
    share: float = 0.8,
    p: float | None = None,
    ties: str = "a",
) -> RankBiasedOverlap:
    r"""Compare two lists from the top down, the top weighing most.

    .. math:: \mathrm{RBO} = \frac{1-p}{p} \sum_{d \ge 1} A_d\, p^d

    with :math:`A_d` the agreement of the lists at depth :math:`d`. With :math:`c_{i,d}` the
    contribution of person :math:`i` to the first :math:`d` (1 from the first rank of the person's
    tie under ``w``; under ``a`` and ``b`` rising evenly from 0 to 1 over the ranks of the tie) and
    :math:`X_d = \sum_i c_{i,d}\, c'_{i,d}`, it is :math:`2 X_d / \sum_i (c_{i,d} + c'_{i,d})` under
    ``w``, :math:`X_d / d` under ``a``, and
    :math:`X_d / \sqrt{\sum_i c_{i,d}^2 \sum_i c'^2_{i,d}}` under ``b``.

    Parameters
    ----------
    old, new : Listed
        The lists; of the same or of different people, of any lengths.
    k : int, float or str, optional
        The top whose ranks hold ``share`` of the weight; a share is taken of the longer list.
    share : float
        The share of the weight within ``k``.
    p : float, optional
        Persistence, instead of ``k``.
    ties : {"a", "w", "b"}
        The variant of ties; see `TIE_VARIANTS`.

    Returns
    -------
    RankBiasedOverlap
        The extrapolated value with the lowest and highest that the unseen allows. Without figures,
        and with the reason, where a list is empty.

    Raises
    ------
    ArgumentError
        If both or neither of ``k`` and ``p`` are given, or an argument is out of its range.

    Notes
    -----
    Time and memory grow with the length of the lists: at each depth only one tie block of each list
    is cut, so five counts of people give :math:`X_d` exactly.

    References
    ----------
    Webber W, Moffat A, Zobel J (2010). A similarity measure for indefinite rankings. ACM
    Transactions on Information Systems 28(4), 20. doi:10.1145/1852102.1852106

    Corsi M, Urbano J (2024). The treatment of ties in rank-biased overlap. SIGIR '24.
    doi:10.1145/3626772.3657700

    Examples
    --------
    >>> old, new = listed([1, 2, 3], [9, 5, 5]), listed([1, 2, 3], [9, 7, 5])
    >>> found = rank_biased_overlap(old, new, p=0.5)
    >>> round(found.extrapolated, 4), round(found.residual, 4)
    (0.9375, 0.0456)
    """
    if ties not in TIE_VARIANTS:
        message = f"ties={ties!r}: {', '.join(TIE_VARIANTS)}"
        raise ArgumentError(message)
    if (k is None) == (p is None):
        message = "give k= (the top that is to hold the share of the weight) or p= (persistence)"
        raise ArgumentError(message)
    depth = 0 if k is None else seats_of(k, max(len(old), len(new), 1))
    chosen = persistence_for(depth, share) if p is None else p
    _check_persistence(chosen)
    weight = rbo_weight(chosen, depth) if depth else math.nan
    if not (len(old) and len(new)):
        nothing = (math.nan,) * 3
        return RankBiasedOverlap(ties, chosen, depth, weight, *nothing, "a list has nobody in it")
    short, long = (old, new) if len(old) <= len(new) else (new, old)
    found = _overlap(short, long, chosen, ties)
    return RankBiasedOverlap(ties, chosen, depth, weight, *found, "")


def _check_persistence(p: float) -> None:
    if not 0 < p < 1:
        message = f"p={p}: between 0 and 1"
        raise ArgumentError(message)


@attrs.frozen(eq=False)
class _Cut:
    """One list at every depth: the tie block that the depth falls in, and how far it is in it."""

    top: Ints  # people above the block
    size: Ints  # people in the block
    part: Floats  # how much of each of them counts

    @classmethod
    def of(cls, side: Listed, depths: Ints, ties: str) -> _Cut:
        """Cut a list; below its end everybody of it counts whole."""
        block = side.group[np.minimum(depths, len(side)) - 1]
        top = side.starts[block]
        size = side.starts[block + 1] - top
        part = np.minimum((depths - top) / size, 1.0)
        return cls(top, size, np.ones(len(part)) if ties == "w" else part)

    @property
    def total(self) -> Floats:
        return self.top + self.size * self.part

    @property
    def squares(self) -> Floats:
        return self.top + self.size * self.part**2


def _overlap(short: Listed, long: Listed, p: float, ties: str) -> tuple[float, float, float]:
    """Extrapolated, lowest and highest."""
    s, n = len(short), len(long)
    depths = np.arange(1, n + 1)
    one, other = _Cut.of(short, depths, ties), _Cut.of(long, depths, ties)
    seen, alone = _agreeing(short, long, one, other)
    # below the end of the short list, its unseen people count whole
    beyond = np.maximum(depths - s, 0)
    total = np.where(beyond > 0, depths, one.total) + other.total
    squares = np.where(beyond > 0, depths, one.squares) * other.squares

    def agreement(shared: Floats) -> Floats:
        if ties == "w":
            return 2 * shared / total
        return shared / (depths if ties == "a" else np.sqrt(squares))

    done, active = alone
    ending = float(agreement(seen)[s - 1])
    reached = np.minimum(beyond, done) + other.part * np.maximum(beyond - done, 0)
    share = np.divide(
        done + other.part * (active - done), active, out=np.zeros(n), where=active > 0
    )
    weights = np.exp(depths * math.log(p))
    last = float(seen[-1])
    tail = -math.log1p(-p) - float((weights / depths).sum())
    rest = p ** (n + 1) / (1 - p)
    below = (last + (n - s) * ending) / n * rest
    extrapolated = float((agreement(seen + beyond * ending * share) * weights).sum()) + below
    low = float((agreement(seen) * weights).sum()) + last * max(tail, 0.0)
    full = round(n + s - last)
    further = np.arange(n + 1, full + 1)
    best = float(((2 * further - n - s + last) / further * np.exp(further * math.log(p))).sum())
    high = float((agreement(seen + reached) * weights).sum()) + best + p ** (full + 1) / (1 - p)
    scale = (1 - p) / p
    return scale * extrapolated, scale * low, scale * high


def _agreeing(
    short: Listed, long: Listed, one: _Cut, other: _Cut
) -> tuple[Floats, tuple[Ints, Ints]]:
    """People in both at each depth; of those in the long list alone, the complete and the begun."""
    n = len(long)
    at_short, at_long = _in_both(short, long)
    starts, stops = short.starts[short.group[at_short]], short.starts[short.group[at_short] + 1]
    starts_long = long.starts[long.group[at_long]]
    stops_long = long.starts[long.group[at_long] + 1]

    def counts(begin: Ints, end: Ints) -> Ints:
        """How many of the people are at each depth in ``begin < depth <= end``."""
        kept = begin < end
        change = (
            np.bincount(begin[kept], minlength=n + 1)[:n]
            - np.bincount(end[kept], minlength=n + 1)[:n]
        )
        return np.cumsum(change)

    everywhere = np.full(len(starts), n)
    complete = counts(np.maximum(stops, stops_long), everywhere)
    cut = counts(np.maximum(starts, stops_long), stops)
    cut_long = counts(np.maximum(starts_long, stops), stops_long)
    cut_both = counts(np.maximum(starts, starts_long), np.minimum(stops, stops_long))
    seen = complete + one.part * cut + other.part * cut_long + one.part * other.part * cut_both
    only = np.ones(n, dtype=bool)
    only[at_long] = False
    alone = np.concatenate([[0], np.cumsum(only)])
    return seen, (alone[other.top], alone[other.top + other.size])


@attrs.frozen
class TauB:
    """Kendall's tau-b of the scores of the people in both lists.

    Parameters
    ----------
    value : float
        From -1 to 1; NaN where it is undefined.
    people : int
        How many people are in both.
    why : str
        Why there is no figure; empty where there is.
    """

    value: float
    people: int
    why: str


def kendall_tau_b(old: Listed, new: Listed) -> TauB:
    """Compare the order of the people who are in both lists.

    Parameters
    ----------
    old, new : Listed
        The lists.

    Returns
    -------
    TauB
        By `scipy.stats.kendalltau`. Undefined where fewer than two people are in both, or where all
        of them are tied in one.

    References
    ----------
    Kendall MG (1945). The treatment of ties in ranking problems. Biometrika 33(3), 239-251.
    doi:10.1093/biomet/33.3.239

    Examples
    --------
    >>> kendall_tau_b(listed([1, 2, 3], [3, 2, 1]), listed([1, 2, 4], [5, 9, 7])).value
    -1.0
    """
    one, other = _in_both(old, new)
    first, second = old.group[one], new.group[other]
    if len(one) < 2:
        return TauB(math.nan, len(one), "fewer than two people are in both lists")
    if (first == first[0]).all() or (second == second[0]).all():
        return TauB(math.nan, len(one), "everybody in both lists is tied in one of them")
    found = kendalltau(first, second).statistic
    return TauB(float(found), len(one), "")
