"""The order of scores, highest first, and ranks with their ties."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hhpu.blocks import order_of
from hhpu.ranking._exact import Amounts

__all__ = ["falling", "ranks_among", "ranks_in", "ranks_of"]

Ints = npt.NDArray[np.int64]


def falling(amounts: Amounts) -> Ints:
    """Places of amounts, highest first, and in order inside a tie."""
    if amounts.dtype == object or len(amounts) >= 2**31:
        return np.argsort(-amounts, kind="stable")
    top = int(amounts.max(initial=0))
    lost = max(0, top.bit_length() + len(amounts).bit_length() - 63)
    places = order_of((top - amounts) >> lost)
    if lost:
        ordered = amounts[places]
        if (ordered[1:] > ordered[:-1]).any():
            return np.argsort(-amounts, kind="stable")
    return places


def ranks_of(amounts: Amounts) -> Ints:
    """Give 1 + the number of people with a higher score."""
    return ranks_among(amounts, amounts)


def ranks_among(amounts: Amounts, everybody: Amounts) -> Ints:
    """Give 1 + the number of ``everybody`` with a higher score than each."""
    ordered = np.sort(everybody)
    higher = len(ordered) - np.searchsorted(ordered, amounts, side="right")
    return (higher + 1).astype(np.int64)


def ranks_in(order: Ints, amounts: Amounts) -> Ints:
    """Give the rank of each amount, from their order, highest first."""
    ordered = amounts[order]
    ranks = np.empty(len(ordered), dtype=np.int64)
    if len(ordered):
        first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        ranks[order] = (np.flatnonzero(first) + 1)[np.cumsum(first) - 1]
    return ranks
