"""Seeded streams, and draws from small tables by 16-bit numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["SLOTS", "Days", "Draw", "Flags", "Index", "slot_table", "streams", "uniform_days"]

Days = NDArray[np.int32]
"""Whole days since 1970-01-01."""
Index = NDArray[np.int64]
Flags = NDArray[np.bool_]
Draw = dict[str, np.random.Generator]

SLOTS = 1 << 16


def streams(root: np.random.SeedSequence, names: tuple[str, ...]) -> Draw:
    """Give one independent generator for each name; a name appended leaves the others as is.

    Parameters
    ----------
    root : numpy.random.SeedSequence
        Spawned once; PCG64 is named so that the bit stream does not depend on NumPy's default.
    names : tuple of str
        Only ever extended at the end.

    Returns
    -------
    dict of str to numpy.random.Generator
        In the order of the names.
    """
    children = root.spawn(len(names))
    return {
        name: np.random.Generator(np.random.PCG64(child))
        for name, child in zip(names, children, strict=True)
    }


def slot_table(probabilities: NDArray[np.float64]) -> NDArray[np.int16]:
    """Spread discrete distributions over 65,536 equal slots, so that a draw is one look-up.

    Parameters
    ----------
    probabilities : array of float, shape (k, n)
        One distribution in each row; rows need not sum to one. ``n`` is at most 10,000.

    Returns
    -------
    array of int16, shape (k, 65536)
        ``table[row, draw]`` is the value; whatever has a positive probability has a slot.
    """
    table = np.empty((len(probabilities), SLOTS), dtype=np.int16)
    values = np.arange(probabilities.shape[1], dtype=np.int16)
    for row, weights in enumerate(probabilities):
        exact = weights / weights.sum() * SLOTS
        counts = np.floor(exact).astype(np.int64)
        counts[(weights > 0) & (counts == 0)] = 1
        spare = SLOTS - int(counts.sum())
        if spare > 0:
            counts[np.argsort(counts - exact, kind="stable")[:spare]] += 1
        else:
            counts[np.argmax(counts)] += spare
        table[row] = np.repeat(values, counts)
    return table


def uniform_days(rng: np.random.Generator, first: Days, last: Days) -> Days:
    """Draw a day from each closed interval ``[first, last]``."""
    width = (last - first + 1).astype(np.float64)
    offset = np.floor(rng.random(len(first)) * width).astype(np.int32)
    drawn: Days = np.minimum(first + offset, last)
    return drawn
