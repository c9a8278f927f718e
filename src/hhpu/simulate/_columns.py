"""From integers to the columns of a dataframe, fast enough for tens of millions of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hhpu.simulate._draws import Days, Flags

__all__ = ["Ids", "dates", "numbered", "person_ids", "words"]

Ids = Literal["text", "integer"]

_CHUNK = 1 << 20
_NAT = np.datetime64("NaT", "s")


def numbered(prefix: str, count: int, width: int) -> pd.Series[Any]:
    """Give ``count`` texts, a prefix and a number from 1 on, zero-padded to ``width`` digits.

    Parameters
    ----------
    prefix : str
        What stands before the number.
    count : int
        How many.
    width : int
        Digits; widened where the largest number needs more.

    Returns
    -------
    pandas.Series of str

    Examples
    --------
    >>> numbered("P", 2, 7).tolist()
    ['P0000001', 'P0000002']
    """
    width = max(width, len(str(count)))
    length = len(prefix) + width
    texts = np.empty(count, dtype=object)
    for first in range(0, count, _CHUNK):
        numbers = np.arange(first + 1, min(first + _CHUNK, count) + 1, dtype=np.int64)
        points = np.empty((len(numbers), length), dtype=np.uint32)
        points[:, : len(prefix)] = [ord(letter) for letter in prefix]
        for place in range(length - 1, len(prefix) - 1, -1):
            numbers, points[:, place] = np.divmod(numbers, 10)
        points[:, len(prefix) :] += ord("0")
        texts[first : first + len(points)] = points.view(f"U{length}").ravel()
    return pd.Series(texts)


def person_ids(count: int, ids: Ids) -> pd.Series[Any]:
    """Give the ids of ``count`` people: ``P0000001`` and on, or the integers from 1."""
    if ids == "integer":
        return pd.Series(np.arange(1, count + 1, dtype=np.int64))
    return numbered("P", count, 7)


def dates(days: Days, *, missing: Flags | None = None) -> NDArray[np.datetime64]:
    """Turn days since 1970-01-01 into midnights at a resolution of one second."""
    midnights = days.astype("datetime64[D]").astype("datetime64[s]")
    if missing is not None:
        midnights[missing] = _NAT
    return midnights


def words(places: NDArray[np.integer[Any]], categories: Sequence[str]) -> Any:
    """Give a categorical column; -1 is a missing value."""
    return pd.Categorical.from_codes(places, categories=pd.Index(categories))
