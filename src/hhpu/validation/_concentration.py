"""How concentrated harm is in few people, with intervals and against what chance alone gives."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final, Literal

import attrs
import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, lambertw

from hhpu.blocks import at_once
from hhpu.errors import ArgumentError
from hhpu.ranking import seats_of
from hhpu.validation._capacity import capacity_label
from hhpu.validation._resample import Interval, drawn_people, interval
from hhpu.validation._weighted import Weights, once, seats_in

__all__ = [
    "HELD",
    "TOP",
    "AgainstChance",
    "Chance",
    "Concentrated",
    "Concentration",
    "Holders",
    "LorenzCurve",
    "TopShare",
    "against_chance",
    "concentrated",
    "concentration",
    "lorenz",
    "throw_none_left_out",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Null = Literal["thrown", "thrown-truncated", "permuted"]
TOP: Final = ("1%", "5%", "10%", "20%")
HELD: Final = ("50%", "80%", "90%")
_NOTHING: Final = "there is no harm: nothing is concentrated"
_ROUNDING: Final = 1e-12
_AT_ONCE: Final = 1 << 16
_FEWEST: Final = 100
_EMPTY: Final = 3.0
_FEWEST_POINTS: Final = 2
_UNDERFLOW: Final = -700.0
_NEARLY_NONE_OVER: Final = 1e-4


@attrs.frozen
class TopShare:
    """What the people with most hold.

    Parameters
    ----------
    asked : str
        How many people, as asked for: ``50``, or ``5%``.
    k : int
        The number of people, at most everybody.
    share : float
        Their share of all harm; NaN where there is none.
    """

    asked: str
    k: int
    share: float


@attrs.frozen
class Holders:
    """The fewest people who hold a share of all harm.

    Parameters
    ----------
    asked : str
        The share of harm, such as ``80%``.
    people : int or None
        The fewest people who hold at least so much; None where there is no harm.
    share : float
        These over everybody; NaN where there is no harm.
    """

    asked: str
    people: int | None
    share: float


@attrs.frozen
class Concentrated:
    """How concentrated harm is.

    Parameters
    ----------
    people : int
        How many people, those without harm included.
    zeros : int
        How many of them have none.
    total : float
        All harm, in its unit.
    gini : float
        Of everybody, zeros included; NaN where there is no harm.
    gini_of_some : float
        Of the people with any harm alone.
    top : tuple of TopShare
        What those with most hold.
    holders : tuple of Holders
        The fewest who hold a share.
    why : str
        Why figures are NaN; empty otherwise.
    """

    people: int
    zeros: int
    total: float
    gini: float
    gini_of_some: float
    top: tuple[TopShare, ...]
    holders: tuple[Holders, ...]
    why: str


@attrs.frozen(eq=False)
class LorenzCurve:
    """The share of harm that the people with least hold, by their share of people.

    Parameters
    ----------
    people : numpy.ndarray of int64, shape (points,)
        How many people, ascending from 0 to everybody.
    share : numpy.ndarray of float64, shape (points,)
        ``people`` over everybody; equality is where ``held`` is the same.
    held : numpy.ndarray of float64, shape (points,)
        Their share of all harm, exact at each point; NaN where there is none.
    zeros : int
        How many people have none: the curve leaves the axis after them.
    thinned : bool
        Whether points were left out for brevity; those that are there stay exact.
    why : str
        Why the curve is NaN; empty otherwise.
    """

    people: Ints
    share: Floats
    held: Floats
    zeros: int
    thinned: bool
    why: str


@attrs.frozen(eq=False)
class Concentration:
    """Concentration as a statistic; made by `concentration`.

    Parameters
    ----------
    names : tuple of str
        ``gini``, ``gini of some``, ``share without``; ``held by the top 5%`` and its like;
        ``people holding 80%`` and ``share holding 80%`` and their like.
    top : tuple of int, float or str
        How many people with most.
    held : tuple of fractions.Fraction
        Which shares of harm.
    """

    names: tuple[str, ...]
    top: tuple[int | float | str, ...]
    held: tuple[Fraction, ...]
    _order: Ints = attrs.field(repr=False)
    _harm: Floats = attrs.field(repr=False)

    def __call__(self, weights: Weights) -> Floats:
        """Give the figures: shape ``(draws, figures)``, NaN in a draw without harm."""
        drawn = weights.take(self._order, axis=1)
        return _figures(self._harm, drawn, weights.sum(axis=1), self.top, self.held)


def _figures(
    harm: Floats,
    drawn: Weights,
    people: Floats,
    top: Sequence[int | float | str],
    held: Sequence[Fraction],
) -> Floats:
    """Figures of people whose harm is descending; those without any may be left out.

    ``harm`` and ``drawn`` have shapes ``(some,)`` or ``(draws, some)``, ``people`` counts all.
    """
    some = np.cumsum(drawn, axis=1)
    amounts = drawn * harm
    running = np.cumsum(amounts, axis=1)
    total = running[:, -1]
    positive = (harm > 0).astype(np.float64)
    without = people - np.einsum("...n,...n->...", drawn, positive)
    above = np.einsum("dn,dn->d", amounts, drawn) - 2 * np.einsum("dn,dn->d", amounts, some)
    gini = _over(above + people * total, people * total)
    found = [gini, _over(gini * people - without, people - without), _over(without, people)]
    rows = np.arange(len(drawn))[:, None]
    each = np.broadcast_to(harm, drawn.shape)
    seats = (
        np.stack([seats_in(k, people) for k in top], axis=1) if top else np.zeros((len(rows), 0))
    )
    at = np.minimum(_reached(some, seats), drawn.shape[1] - 1)
    outside = np.maximum(some[rows, at] - seats, 0)
    found += list(_over(running[rows, at] - outside * each[rows, at], total[:, None]).T)
    parts = total[:, None] * [float(share) * (1 - _ROUNDING) for share in held]
    at = _reached(running, parts)
    repeats = drawn[rows, at]
    missing = parts - running[rows, at] + amounts[rows, at]
    more = np.clip(np.ceil(_over(missing, each[rows, at])), 1, np.maximum(repeats, 1))
    counts = np.where(total[:, None] > 0, some[rows, at] - repeats + more, np.nan)
    for count in counts.T:
        found += [count, _over(count, people)]
    return np.stack(found, axis=1)


def _reached(running: Floats, levels: Floats) -> Ints:
    """Where each running sum first reaches its levels: shape ``(draws, levels)``."""
    found = np.empty(levels.shape, dtype=np.int64)
    for line, sums, wanted in zip(found, running, levels, strict=True):
        line[:] = np.searchsorted(sums, wanted)
    return found


def _over(above: Floats, below: Floats) -> Floats:
    """A ratio; NaN over 0."""
    found = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


def _share(value: object) -> Fraction:
    """Read a share of harm exactly as it is written."""
    text = str(value).strip()
    share = Decimal(0)
    if isinstance(value, float) or (isinstance(value, str) and ("%" in text or "." in text)):
        try:
            share = Decimal(text.removesuffix("%")).scaleb(-2 if text.endswith("%") else 0)
        except InvalidOperation:
            share = Decimal(0)
    if not share.is_finite() or not 0 < share <= 1:
        message = f"held={value!r}: a share of harm such as 0.8 or '80%'"
        raise ArgumentError(message)
    return Fraction(share)


def _amounts(harm: npt.ArrayLike) -> Floats:
    try:
        amounts = np.asarray(harm, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        message = "harm takes numbers: something in it is none"
        raise ArgumentError(message) from None
    if amounts.ndim != 1:
        message = f"harm takes one column of numbers, not {amounts.ndim}"
        raise ArgumentError(message)
    bad = ~(np.isfinite(amounts) & (amounts >= 0))
    if bad.any():
        message = f"harm: {int(bad.sum())} of {len(amounts)} are negative, infinite or NaN"
        raise ArgumentError(message)
    return amounts


def concentration(
    harm: npt.ArrayLike,
    *,
    top: Sequence[int | float | str] = TOP,
    held: Sequence[float | str] = HELD,
) -> Concentration:
    """Prepare the concentration of harm in people, as a statistic.

    With x_(1) <= ... <= x_(n) the harm of n people:

    * ``gini``: sum over i and j of abs(x_i - x_j) / (2 n sum x), which is
      sum over i of (2 i - n - 1) x_(i) / (n sum x). Zeros are included. It is the figure of these n
      people, not multiplied by n / (n - 1): one who holds all gives 1 - 1/n;
    * ``gini of some``: the same of the people with any harm; with z the share without,
      ``gini`` = z + (1 - z) ``gini of some``;
    * ``share without``: z;
    * ``held by the top ...``: the share of all harm that the k people with most hold;
    * ``people holding ...`` and ``share holding ...``: the fewest people who hold at least a share
      of all harm, and these over n. A share missed by less than one part in 10^12 is held.

    Ties change none of them.

    Parameters
    ----------
    harm : array_like, shape (people,)
        Of each person, zeros included; in its unit, or counts.
    top : sequence of int, float or str
        Numbers of people as integers, shares of people with a point or %.
    held : sequence of float or str
        Shares of harm, with a point or %.

    Returns
    -------
    Concentration
        A statistic.

    Raises
    ------
    ArgumentError
        If there is nobody, harm is negative or NaN, or an argument is out of its range.

    References
    ----------
    Bernasco W, Steenbeek W (2017). More places than crimes: implications for evaluating the law of
    crime concentration at place. Journal of Quantitative Criminology 33(3), 451-467. (why zeros are
    to be stated: with fewer events than people some concentration is certain)

    Examples
    --------
    >>> from hhpu.validation import once
    >>> found = concentration([0, 0, 1, 3], top=[1], held=["50%"])
    >>> for name, figure in zip(found.names, found(once(4))[0]):
    ...     print(name, round(float(figure), 4))
    gini 0.625
    gini of some 0.25
    share without 0.5
    held by the top 1 0.75
    people holding 50% 1.0
    share holding 50% 0.25
    """
    amounts = _amounts(harm)
    if not len(amounts):
        message = "there is nobody: harm is empty"
        raise ArgumentError(message)
    order = np.argsort(amounts)[::-1][: max(1, int((amounts > 0).sum()))].copy()
    names = ["gini", "gini of some", "share without"]
    names += [f"held by the top {capacity_label(k)}" for k in top]
    shares = tuple(_share(value) for value in held)
    for label in map(capacity_label, held):
        names += [f"people holding {label}", f"share holding {label}"]
    if len(set(names)) < len(names):
        message = "top and held take each capacity and each share once"
        raise ArgumentError(message)
    return Concentration(
        names=tuple(names), top=tuple(top), held=shares, order=order, harm=amounts[order]
    )


def concentrated(
    harm: npt.ArrayLike,
    *,
    top: Sequence[int | float | str] = TOP,
    held: Sequence[float | str] = HELD,
) -> Concentrated:
    """Say how concentrated harm is in people; the figures are those of `concentration`.

    Parameters
    ----------
    harm, top, held
        As `concentration` takes them.

    Returns
    -------
    Concentrated
        With the number of people who have none.

    Raises
    ------
    ArgumentError
        As `concentration`.

    Examples
    --------
    >>> found = concentrated([0, 0, 1, 3])
    >>> found.zeros, found.gini, found.holders[1]
    (2, 0.625, Holders(asked='80%', people=2, share=0.5))
    """
    amounts = _amounts(harm)
    statistic = concentration(amounts, top=top, held=held)
    people = len(amounts)
    found = dict(zip(statistic.names, statistic(once(people))[0].tolist(), strict=True))
    total = float(amounts.sum())
    tops = [(capacity_label(k), seats_of(k, people)) for k in top]
    shares = [capacity_label(share) for share in held]
    return Concentrated(
        people=people,
        zeros=int((amounts == 0).sum()),
        total=total,
        gini=found["gini"],
        gini_of_some=found["gini of some"],
        top=tuple(TopShare(name, k, found[f"held by the top {name}"]) for name, k in tops),
        holders=tuple(
            Holders(
                asked=name,
                people=int(found[f"people holding {name}"]) if total > 0 else None,
                share=found[f"share holding {name}"],
            )
            for name in shares
        ),
        why="" if total > 0 else _NOTHING,
    )


def lorenz(harm: npt.ArrayLike, *, points: int = 500) -> LorenzCurve:
    """Give the Lorenz curve: the share of harm held by the people with least.

    Parameters
    ----------
    harm : array_like, shape (people,)
        Of each person, zeros included.
    points : int
        Above so many people the curve is thinned: to about ``points`` numbers of people, half of
        them evenly spaced and half by equal ratios from the top; and the last person without harm.

    Returns
    -------
    LorenzCurve
        Every point of it is exact.

    Raises
    ------
    ArgumentError
        If there is nobody, harm is negative or NaN, or there are fewer than two points.

    Examples
    --------
    >>> lorenz([3, 0, 1, 0]).held.tolist()
    [0.0, 0.0, 0.0, 0.25, 1.0]
    """
    if points < _FEWEST_POINTS:
        message = f"points={points}: at least {_FEWEST_POINTS}"
        raise ArgumentError(message)
    amounts = np.sort(_amounts(harm))
    size = len(amounts)
    if not size:
        message = "there is nobody: harm is empty"
        raise ArgumentError(message)
    zeros = int(np.searchsorted(amounts, 0, side="right"))
    taken = np.arange(size + 1)
    if size > points:
        even = np.linspace(0, size, points // 2 + 1)
        ratio = size - np.geomspace(1, size, points // 2 + 1)
        spread = np.rint(np.concatenate([even, ratio, [zeros]]))
        taken = np.unique(spread.astype(np.int64))
    running = np.append(0.0, np.cumsum(amounts))
    total = float(running[-1])
    return LorenzCurve(
        people=taken,
        share=taken / size,
        held=running[taken] / total if total > 0 else np.full(len(taken), np.nan),
        zeros=zeros,
        thinned=len(taken) <= size,
        why="" if total > 0 else _NOTHING,
    )


@attrs.frozen
class Chance:
    """One figure beside what chance gives.

    Parameters
    ----------
    figure : str
        Its name, as in `Concentration`.
    observed : float
        Of the people as they are; NaN where undefined.
    null : float
        The mean over the draws of the null.
    null_interval : Interval
        The quantiles of these draws: where one draw of chance lies.
    difference : float
        ``observed`` - ``null``.
    difference_interval : Interval
        As `AgainstChance` says in ``varied``.
    """

    figure: str
    observed: float
    null: float
    null_interval: Interval
    difference: float
    difference_interval: Interval


@attrs.frozen
class AgainstChance:
    """Concentration beside what chance alone gives.

    Parameters
    ----------
    null : str
        ``thrown``, ``thrown-truncated`` or ``permuted``.
    figures : tuple of Chance
        One for each figure of `Concentration`.
    people, events : int
        How many there are.
    zeros : int
        People without an event.
    draws : int
        How many draws of the null, and of people where these are resampled.
    seed : int
        What made them.
    varied : str
        What the intervals of differences vary: ``null`` or ``people and null``.
    why : str
        Why figures are NaN; empty otherwise.
    note : str
        What else the reader must know; empty otherwise.
    """

    null: Null
    figures: tuple[Chance, ...]
    people: int
    events: int
    zeros: int
    draws: int
    seed: int
    varied: str
    why: str
    note: str


def against_chance(
    person: npt.ArrayLike,
    harm: npt.ArrayLike,
    *,
    people: int,
    null: Null,
    seed: int,
    draws: int = 1000,
    resample_people: bool = False,
    top: Sequence[int | float | str] = TOP,
    held: Sequence[float | str] = HELD,
    level: float = 0.95,
    progress: Callable[[int, int], None] | None = None,
) -> AgainstChance:
    """Set the concentration of harm in people beside what chance alone gives.

    Nulls, each of which keeps the number of people, the number of events and the harms of events:

    * ``thrown``: every event goes to any person with equal chance;
    * ``thrown-truncated``: the same, given that everybody has at least one: for a cohort of people
      who are in it because they have an event (`throw_none_left_out`);
    * ``permuted``: everybody keeps their number of events, and harms are permuted over events: what
      is left is due to who has the severe ones. With equal harms it is what was observed.

    The interval of a difference varies the null alone: the observed figure less the quantiles of
    the null's draws; it excludes 0 where the figure lies outside what chance gives. With
    ``resample_people`` it is the percentile interval of the figure of a draw of people less that of
    one null draw for the events of these people: people and null vary.

    Parameters
    ----------
    person : array_like of int, shape (events,)
        The person of each event, numbered from 0.
    harm : array_like, shape (events,)
        Of each event; ones for the concentration of events.
    people : int
        How many people there are, those without events included.
    null : {"thrown", "thrown-truncated", "permuted"}
        Which null.
    seed : int
        Not negative.
    draws : int
        At least 100. Memory does not grow with them but for one number for each figure.
    resample_people : bool
        Whether people are drawn with replacement too; the draws are those of `resample`.
    top, held
        As `concentration` takes them.
    level : float
        Of the intervals.
    progress : callable, optional
        Told how many draws are done, of how many.

    Returns
    -------
    AgainstChance
        Observed, null and their difference, for every figure.

    Raises
    ------
    ArgumentError
        If an event's person is none of the people, the cohort has people without an event although
        it is said to be truncated, or an argument is out of its range.

    References
    ----------
    Chalfin A, Kaplan J, Cuellar M (2021). Measuring marginal crime concentration: a new solution to
    an old problem. Journal of Research in Crime and Delinquency 58(4), 467-504.
    doi:10.1177/0022427820984213 (observed less that of the same events thrown at random)

    Examples
    --------
    One person has 6 of 8 events:

    >>> found = against_chance([0] * 6 + [1, 2], [1] * 8, people=3, null="thrown-truncated", seed=1)
    >>> gini = found.figures[0]
    >>> gini.observed > gini.null, round(gini.difference, 2)
    (True, 0.21)
    """
    owner, amounts = _events(person, harm, people)
    if null not in ("thrown", "thrown-truncated", "permuted"):
        message = f"null={null!r}: thrown, thrown-truncated or permuted"
        raise ArgumentError(message)
    if draws < _FEWEST or seed < 0:
        message = f"draws={draws}, seed={seed}: at least {_FEWEST} draws, a seed not negative"
        raise ArgumentError(message)
    events = _Events.of(owner, amounts, people)
    zeros = int((events.counts == 0).sum())
    if null == "thrown-truncated" and zeros:
        message = (
            f"{zeros} of {people} people have no event: a cohort of people with at least one has "
            "none such; leave them out, or take null='thrown'"
        )
        raise ArgumentError(message)
    statistic = concentration(_sums(events.owner, events.harm, people), top=top, held=held)
    observed = statistic(once(people))[0]
    nulls, paired = _drawn(
        events, statistic, null, seed, draws, progress, resample_people=resample_people
    )
    figures = []
    for number, name in enumerate(statistic.names):
        chance = interval(nulls[:, number], level=level)
        told, mean = float(observed[number]), float(nulls[:, number].mean())
        within = (
            interval(paired[:, number], level=level)
            if resample_people
            else attrs.evolve(chance, low=told - chance.high, high=told - chance.low)
        )
        figures.append(Chance(name, told, mean, chance, told - mean, within))
    note = ""
    if null == "thrown" and not zeros and people * math.exp(-len(owner) / people) > _EMPTY:
        note = (
            "everybody has an event, which chance would hardly give: if people are here because "
            "they have one, take null='thrown-truncated'"
        )
    return AgainstChance(
        null=null,
        figures=tuple(figures),
        people=people,
        events=len(owner),
        zeros=zeros,
        draws=draws,
        seed=seed,
        varied="people and null" if resample_people else "null",
        why="" if amounts.sum() > 0 else _NOTHING,
        note=note,
    )


def _events(person: npt.ArrayLike, harm: npt.ArrayLike, people: int) -> tuple[Ints, Floats]:
    amounts = _amounts(harm)
    owner = np.asarray(person)
    if not len(amounts) and not owner.size:
        owner = np.zeros(0, dtype=np.int64)
    if owner.ndim != 1 or owner.dtype.kind not in "iu":
        message = f"person: one column of whole numbers, not {owner.ndim} of {owner.dtype}"
        raise ArgumentError(message)
    if len(owner) != len(amounts):
        message = f"{len(owner)} persons and {len(amounts)} harms: one of each for each event"
        raise ArgumentError(message)
    if people < 1:
        message = f"people={people}: there is nobody"
        raise ArgumentError(message)
    outside = int(((owner < 0) | (owner >= people)).sum())
    if outside:
        message = f"person: {outside} of {len(owner)} events are nobody's: from 0 to {people - 1}"
        raise ArgumentError(message)
    return owner.astype(np.int64), amounts


@attrs.frozen(eq=False)
class _Events:
    """How many events each person has; and of each event, by ascending harm, person and harm.

    In this order draws do not depend on the order in which events come.
    """

    counts: Ints
    owner: Ints
    harm: Floats

    @classmethod
    def of(cls, owner: Ints, harm: Floats, people: int) -> _Events:
        order = np.argsort(harm, kind="stable")
        return cls(np.bincount(owner, minlength=people), owner[order], harm[order])


def _by_chance(counts: Ints, harm: Floats, null: Null, rng: np.random.Generator) -> Floats:
    """The harm of each person in one draw of a null, people in no order that means anything."""
    people = len(counts)
    if null == "thrown":
        return _sums(rng.integers(0, people, len(harm)), harm, people)
    kept = np.sort(counts[counts > 0])
    if null == "thrown-truncated":
        kept = throw_none_left_out(len(harm), people, rng)
    found = np.zeros(people)
    if len(kept):
        found[: len(kept)] = np.add.reduceat(rng.permutation(harm), np.cumsum(kept) - kept)
    return found


def _sums(owner: Ints, harm: Floats, people: int) -> Floats:
    return np.bincount(owner, weights=harm, minlength=people).astype(np.float64, copy=False)


def _drawn(
    events: _Events,
    statistic: Concentration,
    null: Null,
    seed: int,
    draws: int,
    progress: Callable[[int, int], None] | None,
    *,
    resample_people: bool,
) -> tuple[Floats, Floats]:
    """Figures of null draws; and, of draws of people, less those of a null draw of their events."""
    people = len(events.counts)
    size = max(1, _AT_ONCE // max(people, len(events.harm)))
    blocks = [range(at, min(at + size, draws)) for at in range(0, draws, size)]
    done = 0

    def figures(totals: list[Floats]) -> Floats:
        descending = np.ascontiguousarray(np.sort(np.stack(totals), axis=1)[:, ::-1])
        everybody = np.full(len(totals), float(people))
        ones = np.ones_like(descending)
        return _figures(descending, ones, everybody, statistic.top, statistic.held)

    def draw(block: range) -> tuple[Floats, Floats]:
        nonlocal done
        nulls = figures([
            _by_chance(events.counts, events.harm, null, _rng(seed, number, 1)) for number in block
        ])  # fmt: skip
        paired = np.zeros((0, nulls.shape[1]))
        if resample_people:
            weights = np.stack(
                [drawn_people(people, seed, number, None) for number in block], dtype=np.float64
            )
            thrown = []
            for number, times in zip(block, weights.astype(np.int64), strict=True):
                counts = np.repeat(events.counts, times)
                harm = np.repeat(events.harm, times[events.owner])
                thrown.append(_by_chance(counts, harm, null, _rng(seed, number, 2)))
            paired = statistic(weights) - figures(thrown)
        done += len(block)
        if progress is not None:
            progress(done, draws)
        return nulls, paired

    found = at_once(draw, blocks)
    return np.concatenate([each[0] for each in found]), np.concatenate([each[1] for each in found])


def _rng(seed: int, number: int, purpose: int) -> np.random.Generator:
    sequence = np.random.SeedSequence(seed, spawn_key=(number, purpose))
    return np.random.Generator(np.random.PCG64(sequence))


def throw_none_left_out(events: int, people: int, rng: np.random.Generator) -> Ints:
    """Throw events over people with equal chance, given that everybody has at least one.

    The zero-truncated multinomial, exactly. To give everybody one event first and throw the rest is
    another law: with 3 events and 2 people it is the same, with 4 it gives 2 and 2 half of the
    time, where 6 of 14 is right.

    Numbers of events that are independent and zero-truncated Poisson have this law given their sum,
    whatever the rate. How many people have 1, 2, ... events is then multinomial; it is drawn until
    the sum is right, which takes about sqrt(2 pi people variance) trials of a dozen binomials each.
    Where a plain throw leaves nobody out in about a third of cases or more, it is repeated until
    it does.

    Parameters
    ----------
    events, people : int
        At least one event for each person.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    numpy.ndarray of int64, shape (people,)
        How many events each has, in an order that is not to be used: people are exchangeable.

    Raises
    ------
    ArgumentError
        If there are fewer events than people, or nobody.

    Examples
    --------
    >>> counts = throw_none_left_out(9, 4, np.random.default_rng(1))
    >>> int(counts.sum()), int(counts.min()) >= 1
    (9, True)
    """
    if not 1 <= people <= events:
        message = f"{events} events for {people} people: at least one each, and somebody"
        raise ArgumentError(message)
    if events == people:
        return np.ones(people, dtype=np.int64)
    if people * math.exp(-events / people) <= 1:
        while True:
            counts = np.bincount(rng.integers(0, people, events), minlength=people)
            if counts.all():
                return counts
    rate = _rate(events / people)
    chances = _next_chances(rate, events - people + 1)
    spread = people * events / people * (1 + rate - events / people)
    trials = max(32, int(0.5 * math.sqrt(2 * math.pi * spread)))
    while True:
        tallies, right = _tallies(events, people, chances, trials, rng)
        if right.any():
            tally = tallies[:, int(np.argmax(right))]
            return np.repeat(np.arange(1, len(tally) + 1), tally)


def _rate(mean: float) -> float:
    """The rate of a zero-truncated Poisson law with this mean; any rate would do."""
    if mean - 1 < _NEARLY_NONE_OVER:
        return 2 * (mean - 1)
    return float(mean + lambertw(-mean * math.exp(-mean)).real)


def _next_chances(rate: float, most: int) -> Floats:
    """The chance of exactly 1, 2, ... events given at least as many, as far as floats reach."""
    counts = np.arange(1, min(most, int(rate + 60 * math.sqrt(rate) + 400)) + 1)
    logs = counts * math.log(rate) - gammaln(counts + 1) - math.log(math.expm1(rate))
    law = np.exp(logs[logs > _UNDERFLOW])
    left: Floats = np.cumsum(law[::-1])[::-1]
    chances: Floats = np.minimum(law / left, 1.0)
    return chances


def _tallies(
    events: int, people: int, chances: Floats, trials: int, rng: np.random.Generator
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """How many people have 1, 2, ... events, in so many trials; and where the sum is right."""
    people_left = np.full(trials, people)
    events_left = np.full(trials, events)
    found = []
    for count, chance in enumerate(chances.tolist(), 1):
        found.append(rng.binomial(people_left, chance))
        people_left -= found[-1]
        events_left -= count * found[-1]
        if not people_left.any():
            break
    return np.stack(found), events_left == 0
