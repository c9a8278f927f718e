"""What a ranking gives at the capacity that a unit has: captured harm, precision, gain, lift."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.errors import ArgumentError
from hhpu.ranking import seats_of
from hhpu.validation._weighted import Grouped, Weights, grouped, once, seats_in

__all__ = [
    "FIGURES",
    "AtCapacity",
    "Capacity",
    "CaptureCurve",
    "TieRange",
    "at_capacity",
    "capacity",
    "capacity_label",
    "capture_curve",
    "captured_by_chance",
    "chance_p",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FIGURES: Final = ("precision", "recall", "captured", "of_best", "ndcg", "lift")
_NOTHING: Final = "nobody has an outcome: there is nothing to recall, capture or gain"
_DEVIATIONS: Final = 6
_FEWEST_POINTS: Final = 2


@attrs.frozen
class TieRange:
    """A figure over the orders that ties allow.

    Parameters
    ----------
    expected : float
        The mean over all orders of the people who are tied, each as likely; NaN where undefined.
    low, high : float
        The least and the most over these orders; equal where no tie matters.
    """

    expected: float
    low: float
    high: float


@attrs.frozen
class AtCapacity:
    """What the top of a ranking holds of what followed.

    Parameters
    ----------
    asked : str
        The capacity as asked for: a number of people such as ``50``, or a share such as ``5%``.
    k : int
        The number of seats, at most ``people``.
    people : int
        How many are ranked.
    empty : int
        How many seats of those asked for nobody is there to fill.
    above : int
        People inside whatever the order of ties.
    tied : int
        People of the tie that straddles the edge; 0 where none does.
    open : int
        How many seats these share.
    with_outcome : int
        People whose outcome is above 0.
    total : float
        The sum of all outcomes, in their unit.
    best : float
        The share of all outcomes that the best possible k people hold; NaN without outcomes.
    precision : TieRange
        Share of the k people whose outcome is above 0.
    recall : TieRange
        Share of the people whose outcome is above 0 who are among the k.
    captured : TieRange
        Share of the sum of all outcomes that the k people hold.
    of_best : TieRange
        ``captured`` over ``best``.
    ndcg : TieRange
        Discounted gain over that of the best order.
    lift : TieRange
        ``captured`` over k / people, which is what a random list captures in expectation.
    why : str
        Why figures are NaN; empty otherwise.
    note : str
        What else the reader must know: seats that stay empty, scores that are all equal.
    """

    asked: str
    k: int
    people: int
    empty: int
    above: int
    tied: int
    open: int
    with_outcome: int
    total: float
    best: float
    precision: TieRange
    recall: TieRange
    captured: TieRange
    of_best: TieRange
    ndcg: TieRange
    lift: TieRange
    why: str
    note: str


@attrs.frozen(eq=False)
class CaptureCurve:
    """Share of later harm captured by the share of people taken, from the top.

    Parameters
    ----------
    people : numpy.ndarray of int64, shape (points,)
        How many are taken, ascending from 0 to everybody.
    share : numpy.ndarray of float64, shape (points,)
        ``people`` over everybody; it is also what a random list captures in expectation.
    captured : numpy.ndarray of float64, shape (points,)
        Exact at each point, in expectation over tie orders; straight inside a tie. NaN where nobody
        has an outcome.
    best : numpy.ndarray of float64, shape (points,)
        What the best possible list of as many people captures.
    levels : int
        How many different scores there are.
    thinned : bool
        Whether points were left out for brevity; those that are there stay exact.
    why : str
        Why the curve is NaN; empty otherwise.
    """

    people: Ints
    share: Floats
    captured: Floats
    best: Floats
    levels: int
    thinned: bool
    why: str


@attrs.frozen(eq=False)
class _Descending:
    """People from the top down: the whole of each group, as far as is needed."""

    members: Ints
    starts: Ints

    @classmethod
    def of(cls, groups: Grouped) -> _Descending:
        size = len(groups.order)
        ends = np.append(groups.starts[1:], size)
        return cls(members=groups.order[::-1].copy(), starts=(size - ends)[::-1].copy())

    def until(self, people: int) -> _Descending:
        """The first groups that hold so many people."""
        if people >= len(self.members):
            return self
        groups = int(np.searchsorted(self.starts, people))
        end = int(self.starts[groups]) if groups < len(self.starts) else len(self.members)
        return _Descending(members=self.members[:end].copy(), starts=self.starts[:groups].copy())


@attrs.frozen(eq=False)
class _Ordered:
    """People from the top down under weights, by group, with seats laid over them.

    ``upto`` is the running weight, ``at`` the group that holds the last seat of each capacity, and
    ``part`` the part of that group which is inside: shapes ``(draws, groups)`` and twice
    ``(draws, capacities)``.
    """

    starts: Ints
    held: Weights
    sizes: Weights
    upto: Weights
    seats: Floats
    at: Ints
    part: Floats

    @classmethod
    def of(cls, order: _Descending, weights: Weights, seats: Floats) -> _Ordered:
        held = weights.take(order.members, axis=1)
        sizes = _by_group(held, order.starts)
        upto = np.cumsum(sizes, axis=1)
        at = np.stack([(upto < each[:, None]).sum(axis=1) for each in seats.T], axis=1)
        at = np.minimum(at, len(order.starts) - 1)
        size = np.take_along_axis(sizes, at, axis=1)
        part = (seats - _before(upto, at)) / np.maximum(size, 1)
        return cls(order.starts, held, sizes, upto, seats, at, part)

    def sums(self, values: Floats) -> Floats:
        """Sum values, those of the people from the top down, by group."""
        return _by_group(self.held * values, self.starts)

    def inside(self, sums: Floats) -> Floats:
        """Sum what is inside the seats; a group that straddles the edge gives in proportion."""
        edge = np.take_along_axis(sums, self.at, axis=1)
        return _before(np.cumsum(sums, axis=1), self.at) + self.part * edge

    def gain(self, sums: Floats) -> Floats:
        """Sum the discounted gain inside the seats.

        A person tied counts at the mean discount of the tie's places, those outside at 0.
        """
        discounts = _discounts(int(self.upto[:, -1].max(initial=0)))
        means = sums / np.maximum(self.sizes, 1)
        to_edge = discounts[self.upto.astype(np.int64)]
        gains = np.cumsum(means * np.diff(to_edge, axis=1, prepend=0.0), axis=1)
        over = discounts[self.seats.astype(np.int64)] - _before(to_edge, self.at)
        return _before(gains, self.at) + np.take_along_axis(means, self.at, axis=1) * over


def _before(running: Floats, at: Ints) -> Floats:
    """A running sum before each group asked for."""
    found: Floats = np.where(at > 0, np.take_along_axis(running, np.maximum(at - 1, 0), axis=1), 0)
    return found


@attrs.frozen(eq=False)
class Capacity:
    """A ranking at its capacities, as a statistic; made by `capacity`.

    Parameters
    ----------
    names : tuple of str
        Such as ``captured at 5%``: every figure of the first capacity, then of the next.
    at : tuple of int, float or str
        The capacities.
    outcomes : numpy.ndarray of float64, shape (people,)
        What followed, in its unit.
    """

    names: tuple[str, ...]
    at: tuple[int | float | str, ...]
    outcomes: Floats
    _any: Floats = attrs.field(repr=False)
    _ranked: tuple[_Descending, _Descending] = attrs.field(repr=False)
    _ideal: tuple[_Descending, _Descending] = attrs.field(repr=False)

    def __call__(self, weights: Weights) -> Floats:
        """Give the figures in expectation over ties: shape ``(draws, figures)``.

        A capacity that is a share is taken of the people of each draw; a draw with fewer people
        than a capacity has them all inside.
        """
        people = weights.sum(axis=1)
        total = np.einsum("dn,n->d", weights, self.outcomes)[:, None]
        some = np.einsum("dn,n->d", weights, self._any)[:, None]
        seats = np.stack([seats_in(k, people) for k in self.at], axis=1)
        ranked, members = _reaching(self._ranked, weights, seats)
        sums = ranked.sums(self.outcomes[members])
        harm, gain = ranked.inside(sums), ranked.gain(sums)
        hits = ranked.inside(ranked.sums(self._any[members]))
        ideal, members = _reaching(self._ideal, weights, seats)
        sums = ideal.sums(self.outcomes[members])
        best, best_gain = ideal.inside(sums), ideal.gain(sums)
        captured = _over(harm, total)
        figures = {
            "precision": _over(hits, seats),
            "recall": _over(hits, some),
            "captured": captured,
            "of_best": _over(harm, best),
            "ndcg": _over(gain, best_gain),
            "lift": _over(captured * people[:, None], seats),
        }
        stacked = np.stack([figures[name] for name in FIGURES], axis=-1)
        return stacked.reshape(len(weights), -1)


def _reaching(
    orders: tuple[_Descending, _Descending], weights: Weights, seats: Floats
) -> tuple[_Ordered, Ints]:
    """The top of an order where it holds all seats in every draw, or else the whole order."""
    top, whole = orders
    found = _Ordered.of(top, weights, seats)
    if top is not whole and (found.upto[:, -1] < seats.max(axis=1)).any():
        return _Ordered.of(whole, weights, seats), whole.members
    return found, top.members


def _by_group(held: Weights, starts: Ints) -> Weights:
    if len(starts) == held.shape[1]:
        return held
    found: Weights = np.add.reduceat(held, starts, axis=1)
    return found


def _over(above: Floats, below: Floats) -> Floats:
    """A ratio; NaN over 0."""
    found = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


def _discounts(places: int) -> Floats:
    """Running sums of 1 / log2(1 + place), from 0 places on."""
    found = np.zeros(places + 1)
    np.cumsum(1 / np.log2(np.arange(2, places + 2)), out=found[1:])
    return found


def capacity_label(k: object) -> str:
    """Write a capacity as results do: ``50`` people, or ``5%`` of them.

    Parameters
    ----------
    k : int, float or str
        A number of people, or a share: ``0.05`` or ``"5%"``.

    Raises
    ------
    ArgumentError
        If it is neither.

    Examples
    --------
    >>> capacity_label(1), capacity_label(0.01), capacity_label("2.50%")
    ('1', '1%', '2.5%')
    """
    seats_of(k, 1)
    text = str(k).strip()
    if not isinstance(k, float) and text.isdecimal():
        return str(int(text))
    share = Decimal(text.removesuffix("%")).scaleb(0 if text.endswith("%") else 2)
    return f"{share.normalize():f}%"


def _labels(at: Sequence[int | float | str]) -> tuple[str, ...]:
    labels = tuple(capacity_label(k) for k in at)
    if not labels or len(set(labels)) < len(labels):
        message = f"at={list(labels)}: at least one capacity, each once"
        raise ArgumentError(message)
    return labels


def _judged(scores: npt.ArrayLike, outcomes: npt.ArrayLike) -> tuple[Grouped, Floats]:
    held, followed = np.asarray(scores), np.asarray(outcomes)
    for name, values in (("scores", held), ("outcomes", followed)):
        if values.ndim != 1 or values.dtype.kind not in "biufO":
            message = f"{name}: one column of numbers, not {values.ndim} of {values.dtype}"
            raise ArgumentError(message)
    if len(held) != len(followed):
        message = f"{len(held)} scores and {len(followed)} outcomes: one of each for each person"
        raise ArgumentError(message)
    if not len(held):
        message = "there is nobody to judge: scores and outcomes are empty"
        raise ArgumentError(message)
    odd = np.asarray(held != held, dtype=np.bool_)
    if odd.any():
        message = f"scores: {int(odd.sum())} of {len(held)} are NaN: leave these people out first"
        raise ArgumentError(message)
    try:
        amounts = followed.astype(np.float64)
        groups = grouped(held)
    except (TypeError, ValueError, OverflowError):
        message = "scores and outcomes take numbers: something in them is none"
        raise ArgumentError(message) from None
    bad = ~(np.isfinite(amounts) & (amounts >= 0))
    if bad.any():
        message = (
            f"outcomes: {int(bad.sum())} of {len(amounts)} are negative, infinite or NaN: an "
            "outcome is an amount of harm, a count, or 1 and 0"
        )
        raise ArgumentError(message)
    return groups, amounts


def capacity(
    scores: npt.ArrayLike, outcomes: npt.ArrayLike, *, at: Sequence[int | float | str]
) -> Capacity:
    """Prepare a ranking's figures at the capacities that a unit has, as a statistic.

    Each figure is the exact mean over all orders of the people who are tied. With k seats among n
    people, y the outcomes, and y_(i) that of the person at place i:

    * ``precision``: the people among the k with y > 0, over k;
    * ``recall``: the same over all people with y > 0;
    * ``captured``: the sum of y of the k over the sum of all y;
    * ``of_best``: the sum of y of the k over that of the k largest y;
    * ``ndcg``: sum over i <= k of y_(i) / log2(1 + i), over that of the best order;
    * ``lift``: ``captured`` over k / n.

    A tie that straddles the edge contributes its sum times the part of it that is inside; for
    ``ndcg`` a person tied counts at the mean discount of the places of the tie, those outside the
    edge at 0. With outcomes of 1 and 0, ``recall`` is ``captured``, and ``lift`` is ``precision``
    over the base rate.

    Parameters
    ----------
    scores : array_like, shape (people,)
        Higher is ranked first; none is NaN.
    outcomes : array_like, shape (people,)
        What followed for each: harm in its unit, a count, or 1 and 0; not negative.
    at : sequence of int, float or str
        Capacities: numbers of people are integers, shares are written with a point or %: ``1`` is
        one person, ``"1%"`` and ``0.01`` are one in a hundred, rounded to the nearest number of
        people, halves up, at least one.

    Returns
    -------
    Capacity
        NaN in a draw without people, or, for what is a share of outcomes, without outcomes.

    Raises
    ------
    ArgumentError
        If there is nobody, a column is unfit or of another length, or a capacity is none.

    References
    ----------
    McSherry F, Najork M (2008). Computing information retrieval performance measures efficiently in
    the presence of tied scores. Advances in Information Retrieval (ECIR 2008), LNCS 4956, 414-421.
    doi:10.1007/978-3-540-78646-7_38

    Järvelin K, Kekäläinen J (2002). Cumulated gain-based evaluation of IR techniques. ACM
    Transactions on Information Systems 20(4), 422-446. doi:10.1145/582415.582418 (the gain; its
    discount here is 1 / log2(1 + place) from the first place on)

    Examples
    --------
    Two people tie for one seat; one of them did all the harm:

    >>> from hhpu.validation import once
    >>> found = capacity([7, 7, 2], [10, 0, 0], at=[1])
    >>> found.names[2], float(found(once(3))[0, 2])
    ('captured at 1', 0.5)
    """
    labels = _labels(at)
    groups, amounts = _judged(scores, outcomes)
    return _prepared(groups, amounts, tuple(at), labels)


def _prepared(
    groups: Grouped, amounts: Floats, at: tuple[int | float | str, ...], labels: tuple[str, ...]
) -> Capacity:
    most = max(seats_of(k, len(amounts)) for k in at)
    reach = most + int(_DEVIATIONS * most**0.5) + _DEVIATIONS
    ranked, ideal = _Descending.of(groups), _Descending.of(grouped(amounts))
    return Capacity(
        names=tuple(f"{figure} at {label}" for label in labels for figure in FIGURES),
        at=at,
        outcomes=amounts,
        any=(amounts > 0).astype(np.float64),
        ranked=(ranked.until(reach), ranked),
        ideal=(ideal.until(reach), ideal),
    )


def at_capacity(
    scores: npt.ArrayLike, outcomes: npt.ArrayLike, *, at: Sequence[int | float | str]
) -> tuple[AtCapacity, ...]:
    """Say what a ranking gives at the capacities that a unit has, with best and worst over ties.

    The figures are those of `capacity`. Their least and most over tie orders are exact: the people
    of a tie in descending or ascending order of outcome, which for ``ndcg`` matters in every tie
    above the edge too.

    Parameters
    ----------
    scores, outcomes : array_like, shape (people,)
        As `capacity` takes them.
    at : sequence of int, float or str
        Capacities, as `capacity` takes them.

    Returns
    -------
    tuple of AtCapacity
        One for each capacity, in their order.

    Raises
    ------
    ArgumentError
        As `capacity`.

    Examples
    --------
    >>> found, = at_capacity([9, 7, 7, 7, 1], [4, 6, 0, 0, 0], at=[2])
    >>> found.above, found.tied, found.open
    (1, 3, 1)
    >>> found.captured
    TieRange(expected=0.6, low=0.4, high=1.0)
    """
    labels = _labels(at)
    groups, amounts = _judged(scores, outcomes)
    statistic = _prepared(groups, amounts, tuple(at), labels)
    expected = statistic(once(len(amounts)))[0].reshape(len(labels), len(FIGURES))
    orders = _Orders.of(groups, amounts)
    found = zip(at, labels, expected, strict=True)
    return tuple(_at(k, label, dict(zip(FIGURES, line.tolist(), strict=True)), orders)
                 for k, label, line in found)  # fmt: skip


@attrs.frozen(eq=False)
class _Orders:
    """Outcomes from the top down in the best and the worst order of ties, and the best of all."""

    starts: Ints
    best: Floats
    worst: Floats
    ideal: Floats

    @classmethod
    def of(cls, groups: Grouped, amounts: Floats) -> _Orders:
        size = len(amounts)
        best = amounts[np.lexsort((amounts, groups.place))[::-1]]
        starts = _Descending.of(groups).starts
        sizes = np.diff(starts, append=size)
        mirrored = np.repeat(2 * starts + sizes - 1, sizes) - np.arange(size)
        ideal = np.sort(amounts)[::-1]
        return cls(starts=starts, best=best, worst=best[mirrored], ideal=ideal)


def _at(
    k: int | float | str, label: str, expected: dict[str, float], orders: _Orders
) -> AtCapacity:
    people = len(orders.best)
    seats = seats_of(k, people)
    group = int(np.searchsorted(orders.starts, seats)) - 1
    above = int(orders.starts[group])
    edge = int(orders.starts[group + 1]) if group + 1 < len(orders.starts) else people
    tied = edge - above if edge > seats else 0
    total, some = float(orders.best.sum()), int((orders.best > 0).sum())
    best = float(orders.ideal[:seats].sum())
    discounts = np.diff(_discounts(seats))
    gain = float(orders.ideal[:seats] @ discounts)
    ends: dict[str, list[float]] = {name: [] for name in FIGURES}
    for order in (orders.worst[:seats], orders.best[:seats]):
        harm, hits = float(order.sum()), int((order > 0).sum())
        ends["precision"].append(hits / seats)
        if total > 0:
            ends["recall"].append(hits / some)
            ends["captured"].append(harm / total)
            ends["of_best"].append(harm / best)
            ends["ndcg"].append(float(order @ discounts) / gain)
            ends["lift"].append(harm / total * people / seats)
    ranges = {name: _range(expected[name], ends[name]) for name in FIGURES}
    asked = int(label) if label.isdecimal() else seats
    notes = []
    if asked > people:
        notes.append(f"{asked - people} of {asked} seats stay empty: {people} people are ranked")
    if len(orders.starts) == 1 and people > 1:
        notes.append("all scores are equal: the ranking says nothing")
    return AtCapacity(
        asked=label,
        k=seats,
        people=people,
        empty=max(asked - people, 0),
        above=above if tied else seats,
        tied=tied,
        open=seats - above if tied else 0,
        with_outcome=some,
        total=total,
        best=best / total if total > 0 else float("nan"),
        why="" if total > 0 else _NOTHING,
        note="; ".join(notes),
        **ranges,
    )


def _range(expected: float, ends: list[float]) -> TieRange:
    if not ends:
        return TieRange(expected=expected, low=float("nan"), high=float("nan"))
    low, high = ends
    return TieRange(expected=min(max(expected, low), high), low=low, high=high)


def capture_curve(
    scores: npt.ArrayLike, outcomes: npt.ArrayLike, *, points: int = 500
) -> CaptureCurve:
    """Give the share of later harm captured against the share of people taken, for a plot.

    Parameters
    ----------
    scores, outcomes : array_like, shape (people,)
        As `capacity` takes them.
    points : int
        Above so many people and ties the curve is thinned: to about ``points`` numbers of people,
        half of them evenly spaced and half by equal ratios, for the top is what is read; and the
        nearest edges of ties.

    Returns
    -------
    CaptureCurve
        Every point of it is exact.

    Raises
    ------
    ArgumentError
        As `capacity`; or if there are fewer than two points.

    Examples
    --------
    >>> curve = capture_curve([7, 7, 2], [10, 0, 0])
    >>> curve.people.tolist(), curve.captured.tolist(), curve.best.tolist()
    ([0, 1, 2, 3], [0.0, 0.5, 1.0, 1.0], [0.0, 1.0, 1.0, 1.0])
    """
    if points < _FEWEST_POINTS:
        message = f"points={points}: at least {_FEWEST_POINTS}"
        raise ArgumentError(message)
    groups, amounts = _judged(scores, outcomes)
    size = len(amounts)
    order = _Descending.of(groups)
    edges = np.append(order.starts, size)
    taken = np.arange(size + 1)
    if size > points:
        even = np.linspace(0, size, points // 2 + 1)
        ratio = np.geomspace(1, size, points // 2 + 1)
        spread = np.unique(np.rint(np.concatenate([even, ratio])).astype(np.int64))
        near = np.clip(np.searchsorted(edges, spread), 0, len(edges) - 1)
        taken = np.union1d(spread, edges[near])
    running = np.append(0.0, np.cumsum(amounts[order.members]))[edges]
    ideal = np.append(0.0, np.cumsum(np.sort(amounts)[::-1]))[taken]
    total = float(ideal[-1])
    captured = np.interp(taken, edges, running)
    nothing = np.full(len(taken), np.nan)
    return CaptureCurve(
        people=taken,
        share=taken / size,
        captured=np.minimum(captured / running[-1], 1.0) if total > 0 else nothing,
        best=ideal / total if total > 0 else nothing,
        levels=len(order.starts),
        thinned=len(taken) <= size,
        why="" if total > 0 else _NOTHING,
    )


def captured_by_chance(
    outcomes: npt.ArrayLike, found: AtCapacity, *, seed: int, permutations: int = 1_999
) -> Floats:
    """Draw what a list captures whose scores have nothing to do with the outcomes.

    The scores keep their ties: whoever is above the tie at the edge counts whole, who is tied with
    the part of the tie that is inside, as in the list itself.

    Parameters
    ----------
    outcomes : array_like, shape (people,)
        As `capacity` takes them.
    found : AtCapacity
        The list at one capacity, of these outcomes.
    seed : int
        Not negative.
    permutations : int
        How many orders, at least 1.

    Returns
    -------
    numpy.ndarray, shape (permutations,)
        Shares captured; NaN where nobody has an outcome.

    Raises
    ------
    ArgumentError
        As `capacity`.

    Examples
    --------
    >>> one = at_capacity([4, 3, 2, 1], [10, 0, 0, 0], at=[1])[0]
    >>> drawn = captured_by_chance([10, 0, 0, 0], one, seed=1)
    >>> bool(abs(drawn.mean() - 0.25) < 0.03)
    True
    """
    _, amounts = _judged(np.zeros(np.shape(outcomes)), outcomes)
    some = np.sort(amounts[amounts > 0])
    drawn = np.full(permutations, np.nan)
    if not len(some):
        return drawn
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    none = len(amounts) - len(some)
    above = rng.hypergeometric(len(some), none, found.above, permutations)
    tied = rng.hypergeometric(
        len(some) - above, none - (found.above - above), found.tied, permutations
    )
    part = found.open / found.tied if found.tied else 0.0
    for place, (first, second) in enumerate(zip(above.tolist(), tied.tolist(), strict=True)):
        taken = rng.choice(some, first + second, replace=False)
        drawn[place] = taken[:first].sum() + part * taken[first:].sum()
    drawn /= some.sum()
    return drawn


def chance_p(captured: float, drawn: Floats) -> float:
    """Give the two-sided p-value of a captured share by draws of random order.

    Twice the share of draws at least as far out on the rarer side, the list itself counted as one.

    Parameters
    ----------
    captured : float
        Of the list, in expectation over ties.
    drawn : numpy.ndarray, shape (permutations,)
        Of lists in random order.

    Returns
    -------
    float
        At most 1; NaN where undefined.

    References
    ----------
    Phipson B, Smyth GK (2010). Permutation p-values should never be zero. Statistical Applications
    in Genetics and Molecular Biology 9(1), 39. doi:10.2202/1544-6115.1585

    Examples
    --------
    >>> chance_p(0.5, np.array([0.1, 0.2, 0.3]))
    0.5
    """
    if np.isnan(captured) or np.isnan(drawn).any():
        return float("nan")
    slack = 1e-12
    above, below = int((drawn >= captured - slack).sum()), int((drawn <= captured + slack).sum())
    return min(1.0, 2 * (min(above, below) + 1) / (len(drawn) + 1))
