"""Exact integer sums by person: fast where 53 bits hold them, right where they do not."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["Amounts", "sums_by"]

Amounts = npt.NDArray[Any]
_EXACT: Final = 2**53
_HALF: Final = 20


def sums_by(
    place: npt.NDArray[np.int32],
    values: npt.NDArray[np.int64],
    size: int,
    *,
    times: npt.NDArray[np.int64] | None = None,
) -> Amounts:
    """Sum non-negative integers by place, exactly.

    Parameters
    ----------
    place : numpy.ndarray of int32
        Where each value belongs.
    values : numpy.ndarray of int64
        Non-negative, below 2**53.
    size : int
        How many places there are.
    times : numpy.ndarray of int64, optional
        A factor for each value, from 0 to 2**20; without it 1.

    Returns
    -------
    numpy.ndarray
        Of int64, or of Python integers where a sum does not fit.

    Notes
    -----
    ``bincount`` adds in float64, which is exact for integers as long as no sum reaches 2**53; sums
    only grow, so it is enough to look at the result. Where one does, and for products, the values
    are split at bit 20 and the halves summed apart.
    """
    if times is None:
        sums = np.bincount(place, weights=values, minlength=size)
        if not len(sums) or sums.max() < _EXACT:
            return sums.astype(np.int64)
        times = np.ones(len(values), dtype=np.int64)
    half = max(int(values.max(initial=0)) >> _HALF, 2**_HALF - 1)
    most = half * int(times.max(initial=0))
    if most * len(values) >= 2**62 and most * int(np.bincount(place).max()) >= 2**62:
        wide = np.zeros(size, dtype=object)
        np.add.at(wide, place, values.astype(object) * times.astype(object))
        return wide
    high = np.zeros(size, dtype=np.int64)
    low = np.zeros(size, dtype=np.int64)
    np.add.at(high, place, (values >> _HALF) * times)
    np.add.at(low, place, (values & (2**_HALF - 1)) * times)
    if int(high.max(initial=0)) < 2**42 and int(low.max(initial=0)) < 2**61:
        return (high << _HALF) + low
    return np.array(
        [(h << _HALF) + rest for h, rest in zip(high.tolist(), low.tolist(), strict=True)],
        dtype=object,
    )
