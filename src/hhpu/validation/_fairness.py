"""Fairness: how a ranking and its cut-off fall on groups of people, and what followed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.errors import ArgumentError, expect
from hhpu.ranking import seats_of
from hhpu.validation._error_rates import newcombe, wilson
from hhpu.validation._groups import Group, Groups, Partition, partitioned
from hhpu.validation._resample import Interval, interval
from hhpu.validation._weighted import Grouped, Weights, grouped, once, seats_in

__all__ = [
    "POLICING",
    "Calibration",
    "Fairness",
    "FairnessLine",
    "GroupFigures",
    "LaterOutcome",
    "calibration_by_group",
    "fairness",
    "group_figures",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

POLICING: Final = (
    "Recorded crime measures policing as well as offending: who is watched more is recorded more. "
    "A difference between groups in what was recorded is not a difference in what was done; what "
    "victims reported depends less on where police look than what police found themselves."
)
_TENTHS: Final = 10


# The ranking, by cells


@attrs.frozen(eq=False, repr=False)
class _Cells:
    """People ordered by cell and, in it, from the top of the ranking."""

    blocks: Grouped
    order: Ints
    keys: Ints
    starts: Ints
    size: int

    @classmethod
    def of(cls, scores: npt.NDArray[Any], cell: Ints, size: int) -> _Cells:
        blocks = grouped(scores)
        keys = cell * len(blocks) + (len(blocks) - 1 - blocks.place)
        order = np.argsort(keys, kind="stable")
        starts = np.searchsorted(cell[order], np.arange(size))
        return cls(blocks=blocks, order=order, keys=keys[order], starts=starts, size=size)

    def from_top(self, weights: Weights) -> Weights:
        """The weight of each block, from the top."""
        return self.blocks.sums(weights)[:, ::-1]

    def totals(self, ordered: Floats) -> Floats:
        """Sum what the ordered people have, by cell."""
        found: Floats = np.add.reduceat(ordered, self.starts, axis=-1)
        return found

    def upto(self, ordered: Floats, cuts: _Cuts) -> Floats:
        """Sum it over the first so many places: shape (draws, cuts, cells)."""
        running = np.zeros((len(ordered), ordered.shape[1] + 1))
        np.cumsum(ordered, axis=1, out=running[:, 1:])
        key = np.arange(self.size) * len(self.blocks) + cuts.block[..., None]
        low = np.searchsorted(self.keys, key, side="left")
        high = np.searchsorted(self.keys, key, side="right")
        draw = np.arange(len(ordered))[:, None, None]
        before = running[draw, low] - running[draw, np.broadcast_to(self.starts, low.shape)]
        inside = running[draw, high] - running[draw, low]
        found: Floats = before + cuts.share[..., None] * inside
        return found


@attrs.frozen(eq=False)
class _Cuts:
    """Where cuts of a ranking fall: the block from the top, and the share of it inside."""

    block: Ints
    share: Floats
    size: Floats

    @classmethod
    def at(cls, from_top: Weights, places: Floats) -> _Cuts:
        reached = np.cumsum(from_top, axis=1)
        block = np.stack(
            [np.searchsorted(line, cut) for line, cut in zip(reached, places, strict=True)]
        )
        block = np.minimum(block, from_top.shape[1] - 1)
        size = np.take_along_axis(from_top, block, axis=1)
        above = np.take_along_axis(reached, block, axis=1) - size
        share = np.where(size > 0, (places - above) / np.where(size > 0, size, 1.0), 0.0)
        return cls(block=block, share=share, size=size)


def _judged_scores(scores: npt.ArrayLike, people: int) -> npt.NDArray[Any]:
    held = np.asarray(scores)
    if held.shape != (people,):
        message = f"scores take one number for each of {people} people, not {held.shape}"
        raise ArgumentError(message)
    if (held != held).any():
        message = "a score is NaN: leave the person out, or give a score"
        raise ArgumentError(message)
    return held


def _judged_amounts(amounts: npt.ArrayLike, people: int, name: str) -> Floats:
    held = np.asarray(amounts, dtype=np.float64)
    if held.shape != (people,):
        message = f"{name} takes one number for each of {people} people, not {held.shape}"
        raise ArgumentError(message)
    if not np.isfinite(held).all() or (held < 0).any():
        message = f"{name} is finite and not negative: 0 where nothing followed"
        raise ArgumentError(message)
    return held


# Figures at a cut-off


@attrs.frozen(eq=False, repr=False)
class LaterOutcome:
    """What followed: whether, and how much.

    Parameters
    ----------
    happened : array_like of bool, shape (people,)
        Such as any serious offence.
    harm : array_like, shape (people,)
        Later harm, not negative.
    """

    happened: npt.ArrayLike
    harm: npt.ArrayLike


_SHARES: Final = (
    "selection rate", "base rate", "false positive rate", "false negative rate", "precision",
)  # fmt: skip
_OF_RANKING: Final = ("selection rate", "exposure")
_OF_OUTCOME: Final = (
    "base rate", "false positive rate", "false negative rate", "precision", "harm captured",
)  # fmt: skip


@attrs.frozen(repr=False)
class _Asked:
    figure: str
    outcome: str
    group: int
    how: str


@attrs.frozen(eq=False, repr=False)
class GroupFigures:
    """Figures of groups at one cut-off of one ranking, under weights.

    Parameters
    ----------
    names : tuple of str
        The figures: of each group, then differences and ratios to its reference group.
    groups : tuple of Group
        The groups, those who are not given each in a line of its own.
    outcomes : tuple of str
        What followed, by name.
    k : int, float or str
        The cut-off: people, or a share of them.
    people : int
        How many.
    read : Groups
        The characteristics.
    partition : Partition
        The groups as sums of cells of people alike in all of them.
    """

    names: tuple[str, ...]
    groups: tuple[Group, ...]
    outcomes: tuple[str, ...]
    k: int | float | str
    people: int
    read: Groups
    partition: Partition
    _asked: tuple[_Asked, ...]
    _cells: _Cells
    _happened: Floats
    _harm: Floats
    _discounts: Floats

    def __repr__(self) -> str:
        return f"GroupFigures({len(self.groups)} groups of {self.people} people, k={self.k})"

    def __call__(self, weights: Weights) -> Floats:
        """Give the figures under each row of weights."""
        above, below = self._parts(weights)
        with np.errstate(divide="ignore", invalid="ignore"):
            values = above / below
            to = values[..., self.partition.against]
            differences = np.where(self.partition.against >= 0, values - to, np.nan)
            ratios = np.where(self.partition.against >= 0, values / to, np.nan)
        ratios = np.where(np.isfinite(ratios), ratios, np.nan)
        compared = np.flatnonzero(self.partition.against >= 0)
        size = len(weights)
        return np.concatenate(
            [
                values.reshape(size, -1),
                differences[..., compared].reshape(size, -1),
                ratios[..., compared].reshape(size, -1),
            ],
            axis=1,
        )

    def counts(self) -> Floats:
        """True and false negatives and positives: shape (outcomes, groups, 4), TN FP FN TP.

        In expectation where people tie at the cut.
        """
        by_cell = self.confusion()
        found = np.stack([by_cell[:, 0, 0], by_cell[:, 1, 0], by_cell[:, 0, 1], by_cell[:, 1, 1]])
        return np.moveaxis(found @ self.partition.members, 0, -1)

    def confusion(self) -> Floats:
        """Numbers of people: shape (outcomes, outside or inside, no or yes, cells)."""
        ordered, _, cuts = self._ordered(once(self.people))
        people, inside = (part[0] for part in self._sums(ordered, cuts))
        found = []
        for happened in self._happened:
            yes, caught = (part[0] for part in self._sums(ordered * happened, cuts))
            outside = [people - inside - (yes - caught), yes - caught]
            found.append([outside, [inside - caught, caught]])
        return np.maximum(np.array(found), 0.0)

    def tied_at_cut(self) -> int:
        """People of the block of equal scores that the cut parts; 0 where it parts none."""
        cuts = self._ordered(once(self.people))[2]
        return int(cuts.size[0, 0]) if cuts.share[0, 0] < 1 else 0

    def selected(self) -> int:
        """How many places there are inside the cut."""
        return seats_of(self.k, self.people)

    def _ordered(self, weights: Weights) -> tuple[Floats, Floats, _Cuts]:
        from_top = self._cells.from_top(weights)
        places = seats_in(self.k, from_top.sum(axis=1))[:, None]
        return weights[:, self._cells.order], from_top, _Cuts.at(from_top, places)

    def _sums(self, ordered: Floats, cuts: _Cuts) -> tuple[Floats, Floats]:
        total = self._cells.totals(ordered)
        return total, np.clip(self._cells.upto(ordered, cuts)[:, 0], 0.0, total)

    def _parts(self, weights: Weights) -> tuple[Floats, Floats]:
        """Numerators and denominators: shape (draws, figures, groups)."""
        ordered, from_top, cuts = self._ordered(weights)
        people, inside = self._sums(ordered, cuts)
        block = len(self._cells.blocks) - 1 - self._cells.blocks.place[self._cells.order]
        exposure = self._cells.totals(ordered * self._exposure(from_top)[:, block])
        above, below = [inside, exposure], [people, people]
        for happened, harm in zip(self._happened, self._harm, strict=True):
            yes, caught = self._sums(ordered * happened, cuts)
            held, captured = self._sums(ordered * harm, cuts)
            above += [yes, inside - caught, yes - caught, caught, captured]
            below += [people, people - yes, yes, inside, held]
        return np.stack(above, axis=1) @ self.partition.members, np.stack(
            below, axis=1
        ) @ self.partition.members

    def _exposure(self, from_top: Weights) -> Floats:
        """The mean of 1 / log2(1 + rank) over each block, from the top."""
        reached = np.cumsum(from_top, axis=1).astype(np.int64)
        most = int(reached[:, -1].max())
        table = self._discounts if most < len(self._discounts) else _discounts(most)
        size = from_top.astype(np.int64)
        sums = table[reached] - table[reached - size]
        found: Floats = np.where(size > 0, sums / np.maximum(size, 1), 0.0)
        return found


def _discounts(most: int) -> Floats:
    ranks = np.arange(1, most + 1, dtype=np.float64)
    return np.concatenate([[0.0], np.cumsum(1 / np.log2(1 + ranks))])


def group_figures(
    scores: npt.ArrayLike,
    outcomes: Mapping[str, LaterOutcome],
    groups: Groups,
    *,
    k: int | float | str,
    intersections: Sequence[Sequence[str]] | None = None,
    reference: Mapping[str, str] | None = None,
) -> GroupFigures:
    """Prepare figures of groups at a cut-off: all groups are cut at the same k of one ranking.

    Of the ranking: *selection rate*, the share of the group inside the first k; *exposure*, the
    mean of 1 / log2(1 + rank). Of each outcome: *base rate*; *false positive rate*, the share
    inside of those to whom it did not happen; *false negative rate*, the share outside of those to
    whom it did; *precision*, the share to whom it happened of those inside; *harm captured*, the
    share of the group's later harm that people inside have. Ties are taken in expectation over
    their orders, at the cut and in the ranks; precision is the expected number to whom it happened
    over the expected number inside.

    Parameters
    ----------
    scores : array_like, shape (people,)
        Higher is nearer the top.
    outcomes : mapping of str to LaterOutcome
        What followed, by name; such as ``victim-reported`` and ``police-initiated`` beside
        ``all``, so that outcomes stand apart by how they came to light.
    groups : Groups
        Of the same people in the same order.
    k : int, float or str
        The cut-off: a number of people, or as a float a share of them (round(n x k), halves up, at
        least one).
    intersections : sequence of sequence of str, optional
        Which characteristics to cross; without it, all combinations of two or more.
    reference : mapping, optional
        For a characteristic, the value to compare with; without it, the largest group. A crossing
        takes the declared values together where all its characteristics have one.

    Returns
    -------
    GroupFigures
        A statistic. A figure is NaN where nobody is in its denominator, a ratio where the
        reference is 0.

    Raises
    ------
    ArgumentError
        If lengths differ, a score is NaN, an outcome is no outcome, k is no capacity, or
        ``intersections`` or ``reference`` names what there is not.

    References
    ----------
    Singh A, Joachims T (2018). Fairness of exposure in rankings. KDD '18, 2219-2228.
    doi:10.1145/3219819.3220088.

    Examples
    --------
    >>> asked = group_figures([4, 3, 2, 1], {"all": LaterOutcome([1, 0, 1, 0], [9, 0, 3, 0])},
    ...                       Groups.of({"sex": ["F", "M", "F", "M"]}), k=2)
    >>> found = dict(zip(asked.names, asked(once(4))[0].tolist()))
    >>> found["harm captured, all, sex=F"], found["false positive rate, all, sex=M"]
    (0.75, 0.5)
    """
    expect(groups, Groups, "groups", "read_groups() reads them from a table")
    people = len(groups)
    held = _judged_scores(scores, people)
    seats_of(k, people)
    if not outcomes:
        message = "outcomes= takes at least one: what followed, by name"
        raise ArgumentError(message)
    happened = []
    for each in outcomes.values():
        yes = _judged_amounts(each.happened, people, "an outcome")
        if not np.isin(yes, (0, 1)).all():
            message = "an outcome happened or did not: 1 or 0 for each person"
            raise ArgumentError(message)
        happened.append(yes)
    harm = [_judged_amounts(each.harm, people, "harm") for each in outcomes.values()]
    partition = partitioned(groups, intersections, reference or {})
    listed, against = partition.groups, partition.against
    cells = _Cells.of(held, partition.cell, len(partition.patterns))
    figures = [(figure, "") for figure in _OF_RANKING]
    figures += [(figure, outcome) for outcome in outcomes for figure in _OF_OUTCOME]
    compared = np.flatnonzero(against >= 0).tolist()
    asked = [
        _Asked(figure=figure, outcome=outcome, group=at, how=how)
        for how, among in (
            ("value", range(len(listed))), ("difference", compared), ("ratio", compared),
        )
        for figure, outcome in figures
        for at in among
    ]  # fmt: skip
    return GroupFigures(
        names=tuple(_name(each, listed, against) for each in asked),
        groups=listed,
        outcomes=tuple(outcomes),
        k=k,
        people=people,
        asked=tuple(asked),
        partition=partition,
        cells=cells,
        happened=np.stack(happened)[:, cells.order],
        harm=np.stack(harm)[:, cells.order],
        discounts=_discounts(2 * people),
        read=groups,
    )


def _name(asked: _Asked, groups: tuple[Group, ...], against: Ints) -> str:
    label = groups[asked.group].label
    if asked.how != "value":
        word = "less" if asked.how == "difference" else "over"
        label = f"{label} {word} {groups[against[asked.group]].label}"
    return ", ".join(part for part in (asked.figure, asked.outcome, label) if part)


@attrs.frozen
class FairnessLine:
    """One figure of one group, or of a group beside its reference.

    Parameters
    ----------
    figure : str
        What is measured.
    outcome : str
        Of what followed; empty for a figure of the ranking alone.
    group : Group
        Of whom.
    against : Group or None
        The reference, for a comparison.
    how : str
        ``value``, ``difference`` (the group's less the reference's) or ``ratio``.
    value : float
        NaN where it is undefined.
    over : float
        What the value is a share of: people, or harm; NaN for a comparison.
    resampled : Interval or None
        From draws of people, where they were given.
    analytic : tuple of float or None
        Wilson's interval of a share of people, Newcombe's of a difference; None for other figures.
    why : str
        Why the value is undefined.
    """

    figure: str
    outcome: str
    group: Group
    against: Group | None
    how: str
    value: float
    over: float
    resampled: Interval | None
    analytic: tuple[float, float] | None
    why: str


@attrs.frozen(eq=False, repr=False)
class Fairness:
    """How one cut-off of one ranking falls on groups.

    Parameters
    ----------
    lines : tuple of FairnessLine
        Every figure of every group, and every comparison.
    k : int, float or str
        The cut-off as asked.
    people, selected : int
        How many there are, and inside.
    tied_at_cut : int
        People of equal score whom the cut parts; their order is chance, and figures are means
        over it.
    not_given, contradicted : mapping of str to int
        For each characteristic, people without it; and those of them given different values.
    comparisons : int
        How many differences between groups are given.
    level : float
        Of the intervals.
    cautions : tuple of str
        What must stand beside the figures.
    """

    lines: tuple[FairnessLine, ...]
    k: int | float | str
    people: int
    selected: int
    tied_at_cut: int
    not_given: Mapping[str, int]
    contradicted: Mapping[str, int]
    comparisons: int
    level: float
    cautions: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Fairness({len(self.lines)} figures, {self.people} people, k={self.k})"

    def find(
        self, figure: str, group: str, *, outcome: str = "", how: str = "value"
    ) -> FairnessLine:
        """Find a line by its figure, the label of its group, its outcome and its kind.

        Raises
        ------
        ArgumentError
            If there is none.
        """
        for line in self.lines:
            if (line.figure, line.outcome, line.how) == (figure, outcome, how) and (
                line.group.label == group
            ):
                return line
        message = "there is no such figure of such a group: see the figures, outcomes and groups"
        raise ArgumentError(message)


def fairness(
    figures: GroupFigures, *, draws: Floats | None = None, level: float = 0.95
) -> Fairness:
    """Give every figure of every group with its intervals, and what must stand beside them.

    Parameters
    ----------
    figures : GroupFigures
        The prepared statistic.
    draws : numpy.ndarray, shape (resamples, figures), optional
        Its values in resamples of people, for percentile intervals.
    level : float
        Of the intervals, between 0 and 1.

    Returns
    -------
    Fairness
        Nothing is left out: undefined figures say why. Analytic intervals take people as
        independent and the cut as fixed; those from draws cut every draw anew.

    Raises
    ------
    ArgumentError
        If draws are of other figures, or the level is out of its range.
    """
    expect(figures, GroupFigures, "figures", "group_figures() prepares them")
    if not 0 < level < 1:
        message = f"level={level}: between 0 and 1"
        raise ArgumentError(message)
    if draws is not None and (draws.ndim != 2 or draws.shape[1] != len(figures.names)):
        message = f"draws= takes the values of these {len(figures.names)} figures, a row each draw"
        raise ArgumentError(message)
    values = figures(once(figures.people))[0]
    above, below = (part[0] for part in figures._parts(once(figures.people)))
    above = np.clip(above, 0.0, below)  # a share of a tie block may be beyond by a rounding
    asked_figures = list(dict.fromkeys((each.figure, each.outcome) for each in figures._asked))
    row = {pair: at for at, pair in enumerate(asked_figures)}
    lines = []
    for at, each in enumerate(figures._asked):
        to = int(figures.partition.against[each.group])
        held = row[each.figure, each.outcome]
        group = figures.groups[each.group]
        n, over = float(above[held, each.group]), float(below[held, each.group])
        analytic = None
        if each.figure in _SHARES and each.how == "value":
            analytic = wilson(n, over, level=level)
        elif each.figure in _SHARES and each.how == "difference":
            analytic = newcombe(
                n, over, float(above[held, to]), float(below[held, to]), level=level
            )
        undefined = bool(np.isnan(values[at]))
        lines.append(
            FairnessLine(
                figure=each.figure,
                outcome=each.outcome,
                group=group,
                against=None if each.how == "value" else figures.groups[to],
                how=each.how,
                value=float(values[at]),
                over=over if each.how == "value" else float("nan"),
                resampled=None if draws is None else interval(draws[:, at], level=level),
                analytic=analytic,
                why=_why(each, over) if undefined else "",
            )
        )
    names = figures.read.characteristics
    comparisons = sum(line.how == "difference" and not line.why for line in lines)
    return Fairness(
        lines=tuple(lines),
        k=figures.k,
        people=figures.people,
        selected=figures.selected(),
        tied_at_cut=figures.tied_at_cut(),
        not_given=dict(zip(names, figures.read.not_given, strict=True)),
        contradicted=dict(zip(names, figures.read.contradicted, strict=True)),
        comparisons=comparisons,
        level=level,
        cautions=(POLICING, _multiplicity(comparisons, level)),
    )


_EMPTY: Final = {
    "harm captured": "nothing followed in the group",
    "false positive rate": "it happened to everybody in the group, or nobody is in it",
    "false negative rate": "it happened to nobody in the group",
    "precision": "nobody of the group is inside the cut",
}


def _why(asked: _Asked, over: float) -> str:
    if asked.how == "value" or over == 0:
        return _EMPTY.get(asked.figure, "nobody is in the group")
    return "the figure of the reference group is undefined, or 0 under a ratio"


def _multiplicity(comparisons: int, level: float) -> str:
    by_chance = comparisons * (1 - level)
    return (
        f"{comparisons} differences between groups are given. Were there none in truth, about "
        f"{by_chance:.2f} of their {100 * level:g}% intervals would still exclude 0: one alone is "
        "weak evidence"
    )


# Calibration over the ranking


@attrs.frozen(eq=False, repr=False)
class Calibration:
    """Expected and observed later harm by tenth of the ranking, of everybody and by group.

    Parameters
    ----------
    names : tuple of str
        For everybody and each group, for each tenth from the top: expected and observed harm for
        each person, and observed over expected; after the tenths, the whole.
    groups : tuple of Group
        The groups, after everybody.
    people : int
        How many.
    """

    names: tuple[str, ...]
    groups: tuple[Group, ...]
    people: int
    _cells: _Cells
    _members: Floats
    _expected: Floats
    _observed: Floats

    def __repr__(self) -> str:
        return f"Calibration({self.people} people, {len(self.groups)} groups)"

    def __call__(self, weights: Weights) -> Floats:
        """Give the figures under each row of weights."""
        return self.tenths(weights)[1].reshape(len(weights), -1)

    def tenths(self, weights: Weights) -> tuple[Floats, Floats]:
        """Give people and figures by tenth.

        Returns
        -------
        people : numpy.ndarray, shape (draws, 1 + groups, 11)
            In each tenth and in all, in expectation over the order of ties.
        figures : numpy.ndarray, shape (draws, 1 + groups, 11, 3)
            Expected and observed harm for each person, and observed over expected.
        """
        from_top = self._cells.from_top(weights)
        total = from_top.sum(axis=1)
        ends = np.floor(total[:, None] * np.arange(1, _TENTHS) / _TENTHS + 0.5)
        cuts = _Cuts.at(from_top, ends)
        ordered = weights[:, self._cells.order]
        people = self._by_tenth(ordered, cuts)
        expected = self._by_tenth(ordered * self._expected, cuts)
        observed = self._by_tenth(ordered * self._observed, cuts)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.stack([expected / people, observed / people, observed / expected], axis=-1)
        return people, np.where(np.isfinite(found), found, np.nan)

    def _by_tenth(self, ordered: Floats, cuts: _Cuts) -> Floats:
        total = self._cells.totals(ordered)[:, None, :]
        upto = np.clip(self._cells.upto(ordered, cuts), 0.0, total)
        edges = np.concatenate([np.zeros_like(total), upto, total], axis=1)
        tenths = np.concatenate([np.maximum(np.diff(edges, axis=1), 0.0), total], axis=1)
        found: Floats = np.moveaxis(tenths @ self._members, 1, 2)
        return found


def calibration_by_group(
    scores: npt.ArrayLike,
    expected: npt.ArrayLike,
    observed: npt.ArrayLike,
    groups: Groups | None = None,
    *,
    intersections: Sequence[Sequence[str]] | None = None,
) -> Calibration:
    """Prepare expected against observed later harm by tenth of the ranking.

    A tenth ends after round(n x j / 10) people, halves up; a tie across an end counts with the
    share of its block on each side.

    Parameters
    ----------
    scores : array_like, shape (people,)
        Higher is nearer the top.
    expected, observed : array_like, shape (people,)
        Later harm, in one unit, not negative: as a method expected it, and as it was.
    groups : Groups, optional
        Of the same people.
    intersections : sequence of sequence of str, optional
        As in `group_figures`.

    Returns
    -------
    Calibration
        A statistic.

    Raises
    ------
    ArgumentError
        If there is nobody, lengths differ, a score is NaN or an amount is no amount.

    Examples
    --------
    >>> import numpy as np
    >>> ranks = np.arange(20.0)
    >>> asked = calibration_by_group(ranks, ranks, ranks / 2)
    >>> asked.names[0], asked(once(20))[0, :3].tolist()
    ('expected, tenth 1, everybody', [18.5, 9.25, 0.5])
    """
    size = np.asarray(scores).shape
    people = size[0] if len(size) == 1 else 0
    if not people or (groups is not None and len(groups) != people):
        message = "scores take one number for each person, at least one; groups the same people"
        raise ArgumentError(message)
    held = _judged_scores(scores, people)
    if groups is None:
        listed: tuple[Group, ...] = ()
        cell = np.zeros(people, dtype=np.int64)
        members = np.ones((1, 1))
    else:
        partition = partitioned(groups, intersections, {})
        listed, cell, each = partition.groups, partition.cell, partition.members
        members = np.concatenate([np.ones((len(each), 1)), each], axis=1)
    cells = _Cells.of(held, cell, len(members))
    names = [
        f"{figure}, {part}, {label}"
        for label in ("everybody", *(group.label for group in listed))
        for part in (*(f"tenth {at}" for at in range(1, _TENTHS + 1)), "all")
        for figure in ("expected", "observed", "observed over expected")
    ]
    return Calibration(
        names=tuple(names),
        groups=listed,
        people=people,
        cells=cells,
        members=members,
        expected=_judged_amounts(expected, people, "expected")[cells.order],
        observed=_judged_amounts(observed, people, "observed")[cells.order],
    )
