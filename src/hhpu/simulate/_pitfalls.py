"""The pitfalls of ranking people by police records, put into a synthetic world on request."""

from __future__ import annotations

import attrs
import numpy as np
import pandas as pd

from hhpu.errors import ArgumentError
from hhpu.simulate._cases import CASE_CODES, CASES, MARGIN
from hhpu.simulate._draws import streams
from hhpu.simulate._faults import (
    FAULTS,
    PLACEHOLDER_NAME,
    RESERVED_CODES,
    SPOILERS,
    Stock,
    clean_links,
    no_days,
)
from hhpu.simulate._kit import Kit, Tables

__all__ = ["PITFALLS", "Tables", "add_pitfalls"]

PITFALLS: tuple[str, ...] = (*FAULTS, *CASES)
"""Every pitfall that can be put into data, only ever extended at the end of its two parts."""

_SHARE = 0.002
_FEWEST = 3


def add_pitfalls(
    tables: Tables,
    names: tuple[str, ...],
    *,
    first: int,
    last: int,
    offences: int,
    root: np.random.SeedSequence,
) -> tuple[Tables, dict[str, int]]:
    """Add the cases of some pitfalls; every clean row stays as it is.

    Cases are made of copies of clean links under offence ids of their own, and of people of their
    own where the person matters. There are as many of each pitfall as a five-hundredth of the clean
    versions, and at least three. A pitfall has a stream of its own, so its cases do not depend on
    which others were asked for, ids apart.

    Parameters
    ----------
    tables : Tables
        The clean tables.
    names : tuple of str
        Out of ``PITFALLS``.
    first, last : int
        First and last day of the world.
    offences : int
        How many true offences there are: their ids are taken, recorded or not.
    root : numpy.random.SeedSequence
        Spawned into one stream for each pitfall.

    Returns
    -------
    tables : Tables
        With the cases.
    counts : dict of str to int
        How many cases of each pitfall, in the order of ``PITFALLS``.

    Raises
    ------
    ArgumentError
        Too few links fit to be copied.
    """
    children = root.spawn(2)
    rng = streams(children[0], FAULTS) | streams(children[1], tuple(CASES))
    versions = tables.versions
    codes = tuple(str(code) for code in versions["code"].cat.categories)
    added = [*RESERVED_CODES, *CASE_CODES]
    versions = versions.assign(code=versions["code"].cat.add_categories(added))
    clean, oldest = clean_links(versions, tables.records, tables.spells)
    margin = np.timedelta64(MARGIN, "D")
    known = clean["known_from"].to_numpy()
    fit = (known >= np.datetime64(first, "D") + margin) & (
        known <= np.datetime64(last, "D") - margin
    )
    clean = clean[fit & clean["known_to"].isna().to_numpy()].drop_duplicates("offender_id")
    size = max(_FEWEST, round(_SHARE * len(versions)))
    if len(clean) < size:
        message = (
            f"pitfalls are made of copies of clean links: {size} are needed and {len(clean)} are "
            "fit; raise offenders (500 is enough with the default law) or years"
        )
        raise ArgumentError(message)
    stock = Stock(clean=clean, oldest=oldest, placeholder=PLACEHOLDER_NAME, codes=codes)
    kit = Kit(tables, stock, first=first, last=last, offences=offences)

    parts, planted, counts = [versions], [tables.planted], {}
    for name in (name for name in PITFALLS if name in names):
        rows = clean.iloc[rng[name].choice(len(clean), size, replace=False)].copy()
        if name != "duplicate-link":
            rows["offence_id"] = kit.offence_ids(size)
        cases = _cases(name, rows, kit, rng[name])
        counts[name] = len(rows)
        parts.append(cases[list(versions.columns)])
        links = cases[["offence_id", "offender_id"]].drop_duplicates()
        planted.append(links.assign(pitfall=name)[list(tables.planted.columns)])
    return attrs.evolve(
        tables,
        versions=pd.concat(parts, ignore_index=True),
        records=pd.concat([tables.records, *kit.records], ignore_index=True),
        spells=pd.concat([tables.spells, *kit.spells], ignore_index=True),
        identities=pd.concat([tables.identities, *kit.identities], ignore_index=True)
        if kit.identities
        else tables.identities,
        planted=pd.concat(planted, ignore_index=True),
    ), counts


def _cases(name: str, rows: pd.DataFrame, kit: Kit, rng: np.random.Generator) -> pd.DataFrame:
    if name in CASES:
        return CASES[name](rows, kit, rng)
    if name == "placeholder-person":
        kit.add_records(
            {
                "offender_id": [PLACEHOLDER_NAME],
                "date_of_birth": no_days(rows.head(1)),
                "name": [PLACEHOLDER_NAME],
                "known_from": [kit.day(kit.first)],
                "known_to": no_days(rows.head(1)),
            }
        )
    return SPOILERS[name](rows, kit.stock, rng) if name in SPOILERS else rows
