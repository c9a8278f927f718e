"""The faults of real extracts, added in known numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hhpu.errors import ArgumentError
from hhpu.simulate._columns import Ids
from hhpu.simulate._draws import streams
from hhpu.simulate._faults import (
    FAULTS,
    PLACEHOLDER_NAME,
    RESERVED_CODES,
    SPOILERS,
    Stock,
    clean_links,
)

__all__ = ["add_dirt"]

_SHARE = 0.002
_FEWEST = 3


def add_dirt(
    offences: pd.DataFrame,
    people: pd.DataFrame,
    spells: pd.DataFrame,
    *,
    ids: Ids,
    root: np.random.SeedSequence,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, int]]:
    """Add every fault of ``FAULTS`` the same number of times and shuffle the rows.

    A faulty row is a copy of a clean one under an offence id of its own, with that one fault;
    a duplicate is an exact copy. "suspect-and-victim" and "contradicting-codes" take two rows
    each. The number is a five-hundredth of the clean rows and at least three, or one for each
    clean row where there are fewer.

    Parameters
    ----------
    offences, people, spells : pandas.DataFrame
        The clean tables.
    ids : {"text", "integer"}
        How ids are written; the placeholder person is ``UNKNOWN MALE``, or 0 among integers.
    root : numpy.random.SeedSequence
        Spawned into one stream for each fault and one for the order.

    Returns
    -------
    offences, people : pandas.DataFrame
        The tables with the faults.
    counts : dict of str to int
        How many of each fault were added.

    Raises
    ------
    ArgumentError
        No two living people with a clean suspect link and a date of birth.
    """
    rng = streams(root, (*FAULTS, "order"))
    codes = tuple(str(code) for code in offences["code"].cat.categories)
    offences = offences.assign(code=offences["code"].cat.add_categories(list(RESERVED_CODES)))
    clean, oldest = clean_links(offences, people, spells)
    if clean.empty:
        message = (
            "dirt=True spoils copies of clean rows, and there are too few of them: "
            "raise offenders (100 is enough with the default rate)"
        )
        raise ArgumentError(message)
    placeholder = 0 if ids == "integer" else PLACEHOLDER_NAME
    stock = Stock(clean=clean, oldest=oldest, placeholder=placeholder, codes=codes)
    size = min(max(_FEWEST, round(_SHARE * len(offences))), len(clean))

    parts = [offences]
    next_id = int(offences["offence_id"].nunique()) + 1
    for fault in FAULTS:
        rows = clean.iloc[rng[fault].choice(len(clean), size, replace=False)].copy()
        if fault != "duplicate-link":
            numbers = np.arange(next_id, next_id + size)
            rows["offence_id"] = numbers if ids == "integer" else [f"O{n:09d}" for n in numbers]
            next_id += size
        if fault in SPOILERS:
            rows = SPOILERS[fault](rows, stock, rng[fault])
        parts.append(rows[list(offences.columns)])
    spoilt = pd.concat(parts, ignore_index=True)
    stranger = pd.DataFrame(
        {
            "offender_id": pd.Series([placeholder], dtype=people["offender_id"].dtype),
            "date_of_birth": pd.Series([pd.NaT], dtype=people["date_of_birth"].dtype),
            "name": pd.Series([PLACEHOLDER_NAME], dtype=people["name"].dtype),
        }
    )
    return (
        spoilt.iloc[rng["order"].permutation(len(spoilt))].reset_index(drop=True),
        pd.concat([people, stranger], ignore_index=True),
        dict.fromkeys(FAULTS, size),
    )
