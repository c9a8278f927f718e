"""Long columns worked through in blocks that fit the processor's cache, on all its cores.

A pass over a whole column costs the memory it moves; the same pass in blocks finds its operands in
the cache. NumPy releases the interpreter's lock while it works, so threads are enough.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["BLOCK", "at_once", "in_blocks", "order_of", "rows_where"]

T = TypeVar("T")
S = TypeVar("S")
BLOCK: Final = 1 << 16
_BLOCK_OF_TRUTHS: Final = 1 << 18
_FEW_BLOCKS: Final = 8
_MOST_THREADS: Final = 4


def in_blocks(action: Callable[[slice], T], size: int, *, block: int = BLOCK) -> list[T]:
    """Do something to every block of rows, several at once where there are many.

    Parameters
    ----------
    action : callable
        Takes a slice of rows; must not depend on another block's result.
    size : int
        How many rows there are.
    block : int
        Rows of a block; the default suits columns of eight bytes.

    Returns
    -------
    list
        What each block gave, in the order of the rows.

    Examples
    --------
    >>> in_blocks(lambda rows: rows.stop - rows.start, 40_000)
    [40000]
    """
    blocks = [slice(start, min(start + block, size)) for start in range(0, size, block)]
    if len(blocks) < _FEW_BLOCKS:
        return [action(rows) for rows in blocks]
    return at_once(action, blocks)


def rows_where(holds: Callable[[slice], npt.NDArray[np.bool_]], size: int) -> npt.NDArray[np.int64]:
    """The rows of which something holds, ascending.

    Parameters
    ----------
    holds : callable
        Takes a slice of rows and tells of each whether it holds.
    size : int
        How many rows there are.

    Examples
    --------
    >>> rows_where(lambda rows: np.arange(rows.start, rows.stop) % 3 == 0, 7).tolist()
    [0, 3, 6]
    """

    def find(rows: slice) -> npt.NDArray[np.int64]:
        found = np.flatnonzero(holds(rows))
        return found + rows.start if rows.start else found

    found = in_blocks(find, size, block=_BLOCK_OF_TRUTHS)
    return found[0] if len(found) == 1 else np.concatenate([np.zeros(0, dtype=np.int64), *found])


def order_of(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The places of whole numbers from 0 up in ascending order, equal ones as they come.

    Value and place sort as one word where both fit in it, which is several times faster than to
    sort places by value.

    Examples
    --------
    >>> order_of(np.array([30, 10, 20, 10])).tolist()
    [1, 3, 2, 0]
    """
    bits = len(values).bit_length()
    if int(values.max(initial=0)).bit_length() + bits > 63:
        return np.argsort(values, kind="stable")
    keys = (values << bits) | np.arange(len(values))
    keys.sort()
    keys &= (1 << bits) - 1
    return keys


def at_once(action: Callable[[S], T], items: Iterable[S]) -> list[T]:
    """Do something to every item, several at once; the results in the order of the items."""
    with ThreadPoolExecutor(max_workers=min(_MOST_THREADS, os.cpu_count() or 1)) as pool:
        return list(pool.map(action, items))
