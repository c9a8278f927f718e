"""Small counts in tables that leave the unit: suppressed so that totals do not give them back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack

from hhpu.errors import ArgumentError

__all__ = ["SUPPRESSED", "Suppressed", "derived", "suppress", "suppress_linked"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

SUPPRESSED: Final = "suppressed"
_SLACK: Final = 1e-6
_MOST_CELLS: Final = 20_000


@attrs.frozen(eq=False)
class Suppressed:
    """A table of counts with its totals, as it may be exported.

    Parameters
    ----------
    counts : numpy.ndarray
        One longer than the table along each axis: the last place is the total. NaN where hidden.
    hidden : numpy.ndarray of bool
        What is hidden, of the same shape.
    suppress_below : int
        Counts from 1 to one less are hidden.
    small : int
        Counts hidden because they are small, totals among them.
    secondary : int
        Counts hidden so that no small one can be worked out.
    """

    counts: Floats
    hidden: Mask
    suppress_below: int
    small: int
    secondary: int

    def written(self) -> npt.NDArray[np.object_]:
        """The counts as text, one word for whatever is hidden: why each is, is not told."""
        shown = np.where(self.hidden, 0.0, self.counts)
        texts = np.array([f"{each:,.12g}" for each in shown.ravel().tolist()], dtype=object)
        found: npt.NDArray[np.object_] = np.where(
            self.hidden, SUPPRESSED, texts.reshape(self.hidden.shape)
        )
        return found


def suppress(counts: npt.ArrayLike, *, suppress_below: int) -> Suppressed:
    """Hide small counts of a table, and as many others as keep them from being worked out.

    Whoever knows what is shown, that counts are not negative and that they add up to the totals
    can bound each hidden count. The width of that interval is made at least ``suppress_below`` for
    every hidden count, those hidden for others' sake too. Further counts are chosen one hidden
    count at a time: by the linear programme that lets it grow by ``suppress_below`` at the least
    cost, the cost of moving a count being its size (for zeros, more than any). So the choice is
    greedy and hides more than the least possible now and then.

    Zeros are shown unless they are needed. Tables of one or two dimensions have whole numbers at
    the ends of every interval; of more, knowing that counts are whole may narrow one further.

    Parameters
    ----------
    counts : array_like
        The table without totals, of any number of dimensions from 1; not negative.
    suppress_below : int
        The threshold, as in a run's file; 0 hides nothing.

    Returns
    -------
    Suppressed
        With all totals: along each axis, and of everything.

    Raises
    ------
    ArgumentError
        If a count is negative or not finite, the table is empty or very large, or the threshold is
        negative.

    References
    ----------
    Fischetti M, Salazar JJ (2001). Solving the cell suppression problem on tabular data with linear
    constraints. Management Science 47(7), 1008-1027.

    Kelly JP, Golden BL, Assad AA (1992). Cell suppression: disclosure protection for sensitive
    tabular data. Networks 22(4), 397-417.

    Examples
    --------
    >>> found = suppress([[20, 3, 40], [30, 50, 60], [70, 80, 90]], suppress_below=5)
    >>> found.written().tolist()[0]
    ['suppressed', 'suppressed', '40', '63']
    >>> int(found.hidden.sum())
    4
    """
    (found,) = suppress_linked([counts], suppress_below=suppress_below)
    return found


def suppress_linked(
    tables: Sequence[npt.ArrayLike], *, suppress_below: int
) -> tuple[Suppressed, ...]:
    """Suppress tables of the same people together: what one shows does not give away another.

    The tables differ in their last axis alone, and their sums over it agree: as people by group
    and by being inside a cut, each table by another outcome.

    Parameters
    ----------
    tables : sequence of array_like
        As for `suppress`.
    suppress_below : int
        As for `suppress`.

    Returns
    -------
    tuple of Suppressed
        One for each table.

    Raises
    ------
    ArgumentError
        As `suppress`; or where sums over the last axis differ.
    """
    held = [_judged(table) for table in tables]
    if suppress_below < 0:
        message = f"suppress_below={suppress_below}: not negative"
        raise ArgumentError(message)
    if not held or any(
        a.shape[:-1] != held[0].shape[:-1]
        or not np.allclose(a.sum(axis=-1), held[0].sum(axis=-1), rtol=1e-9, atol=1e-9)
        for a in held
    ):
        message = "linked tables differ in their last axis alone: their sums over it agree"
        raise ArgumentError(message)
    places, relations, values = _laid_out(held)
    small = (values > _SLACK) & (values < suppress_below - _SLACK)
    hidden = _protected(values, relations, small, float(suppress_below))
    return tuple(
        Suppressed(
            counts=np.where(hidden[at], np.nan, values[at]),
            hidden=hidden[at],
            suppress_below=suppress_below,
            small=int(small[at].sum()),
            secondary=int((hidden & ~small)[at].sum()),
        )
        for at in places
    )


def _judged(table: npt.ArrayLike) -> Floats:
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim < 1 or not counts.size or counts.size > _MOST_CELLS:
        message = f"a table of counts has from 1 to {_MOST_CELLS} cells"
        raise ArgumentError(message)
    if not np.isfinite(counts).all() or (counts < 0).any():
        message = "counts are finite and not negative"
        raise ArgumentError(message)
    return counts


def _with_totals(counts: Floats) -> Floats:
    for axis in range(counts.ndim):
        counts = np.concatenate([counts, counts.sum(axis=axis, keepdims=True)], axis=axis)
    return counts


def _laid_out(tables: Sequence[Floats]) -> tuple[list[Ints], Any, Floats]:
    """Number all cells, what tables share once; how they add up; their counts."""
    whole = [_with_totals(table) for table in tables]
    shared = np.arange(whole[0][..., -1].size, dtype=np.int64).reshape(whole[0].shape[:-1])
    values = [whole[0][..., -1].ravel()]
    next_free = shared.size
    places, lines = [], _sums_of(shared)
    for counts in whole:
        inner = counts[..., :-1]
        own = np.arange(next_free, next_free + inner.size, dtype=np.int64).reshape(inner.shape)
        next_free += inner.size
        values.append(inner.ravel())
        places.append(np.concatenate([own, shared[..., None]], axis=-1))
        for at in range(inner.shape[-1]):
            lines += _sums_of(own[..., at])
        lines += list(places[-1].reshape(-1, places[-1].shape[-1]))
    rows = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    signs = np.concatenate([np.r_[np.ones(len(line) - 1), -1.0] for line in lines])
    relations = csr_array(
        (signs, (rows, np.concatenate(lines))), shape=(len(lines), next_free)
    ).tocsc()
    return places, relations, np.concatenate(values)


def _sums_of(cells: Ints) -> list[Ints]:
    """Cells that add up to the last of them, along each axis."""
    found: list[Ints] = []
    for axis in range(cells.ndim):
        found += list(np.moveaxis(cells, axis, -1).reshape(-1, cells.shape[axis]))
    return found


def _protected(values: Floats, relations: Any, small: Mask, width: float) -> Mask:
    hidden = small.copy()
    cost = np.where(values > _SLACK, values + 1, values.max(initial=0.0) * 2 + 2)
    waiting = np.flatnonzero(small)[np.argsort(values[small], kind="stable")].tolist()
    while waiting:
        cell = waiting.pop(0)
        if _reach(values, relations, hidden, cell, width) >= width - _SLACK:
            continue
        moved = _moved(values, relations, hidden, cost, cell, width)
        new = np.flatnonzero(moved & ~hidden)
        hidden[new] = True
        waiting += new[np.argsort(values[new], kind="stable")].tolist()
    return hidden


def _reach(values: Floats, relations: Any, hidden: Mask, cell: int, width: float) -> float:
    """How wide the interval is that bounds a hidden count, as far as ``width``."""
    free = np.flatnonzero(hidden)
    at = int(np.searchsorted(free, cell))
    low, high = -values[free], np.full(len(free), np.inf)
    low[at], high[at] = max(low[at], -width), width
    matrix = relations[:, free]
    reached = 0.0
    for sign in (1.0, -1.0):
        aim = np.zeros(len(free))
        aim[at] = -sign
        solved = linprog(
            aim,
            A_eq=matrix,
            b_eq=np.zeros(matrix.shape[0]),
            bounds=np.stack([low, high], axis=1),
            method="highs",
        )
        reached += -float(solved.fun) if solved.status == 0 else 0.0
        if reached >= width - _SLACK:
            break
    return reached


def _moved(
    values: Floats, relations: Any, hidden: Mask, cost: Floats, cell: int, width: float
) -> Mask:
    """Which counts move in the cheapest way for one to grow by ``width``."""
    size = len(values)
    price = np.where(hidden, 0.0, cost)
    up, down = np.full(size, np.inf), values.copy()
    least = np.zeros(size)
    least[cell] = up[cell] = width
    down[cell] = 0.0
    solved = linprog(
        np.concatenate([price, price]),
        A_eq=hstack([relations, -relations]),
        b_eq=np.zeros(relations.shape[0]),
        bounds=np.stack([np.r_[least, np.zeros(size)], np.r_[up, down]], axis=1),
        method="highs",
    )
    if solved.status != 0:
        return np.ones(size, dtype=bool)
    found: Mask = np.abs(solved.x[:size] - solved.x[size:]) > _SLACK
    return found


def derived(values: npt.ArrayLike, *hidden: npt.ArrayLike) -> Floats:
    """Hide what was made from hidden counts: rates, ratios, differences.

    Parameters
    ----------
    values : array_like
        What was derived.
    *hidden : array_like of bool
        For each count that went in, where it is hidden; of the same shape, or one that broadcasts.

    Returns
    -------
    numpy.ndarray
        NaN wherever one of the counts is hidden.

    Examples
    --------
    >>> derived([0.5, 0.25], [False, True], [False, False]).tolist()
    [0.5, nan]
    """
    found = np.array(values, dtype=np.float64)
    for mask in hidden:
        found[np.broadcast_to(np.asarray(mask, dtype=bool), found.shape)] = np.nan
    return found
