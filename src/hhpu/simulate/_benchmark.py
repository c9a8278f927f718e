"""Offence rows by the million, for measuring speed."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hhpu.domain import EvidentialStatus
from hhpu.simulate._arguments import check_choice, check_whole
from hhpu.simulate._columns import dates, numbered, person_ids, words
from hhpu.simulate._draws import SLOTS, slot_table, streams
from hhpu.simulate._mixture import PROFILES, mixture_of, shipped_reference

__all__ = ["benchmark_offences"]

BenchmarkIds = Literal["text", "integer", "categorical"]

_LAST = (dt.date(2026, 3, 31) - dt.date(1970, 1, 1)).days
_DAYS = 2_192
_ROWS_A_PERSON = 4
_MOST_ROWS = 500_000_000
_SIGMA = 1.5
_LONGEST_DELAY = 20_000
_SHARED = 0.05
_STATUSES = tuple(member.value for member in EvidentialStatus)
_STATUS_SHARES = (0.22, 0.04, 0.1, 0.14, 0.06, 0.37, 0.03, 0.02, 0.02, 0.0)


def benchmark_offences(rows: int, *, seed: int, ids: BenchmarkIds = "text") -> pd.DataFrame:
    """Make exactly so many offence rows, fast, with the six columns that cost a ledger time.

    Everything is synthetic and every share is this package's own choice. Rows a person follow
    a lognormal-weighted multinomial law (sigma 1.5; about one person for four rows); codes are
    the default mixture of `synthetic_force`; one row in twenty shares the offence of the row
    before it. Rows are in order of recording, over the six years up to 2026-03-31, each known
    from the day it was recorded.

    Parameters
    ----------
    rows : int
        1 to 500 million.
    seed : int
        Not negative.
    ids : {"text", "integer", "categorical"}, optional
        How both id columns are held; "categorical" as a Parquet dictionary arrives.

    Returns
    -------
    pandas.DataFrame
        ``offence_id, offender_id, code, recorded_on, committed_on, status``.

    Raises
    ------
    ArgumentError
        An argument out of the range above.

    Examples
    --------
    >>> benchmark_offences(1_000, seed=1, ids="integer").shape
    (1000, 6)
    """
    check_whole("rows", rows, least=1, most=_MOST_ROWS)
    check_whole("seed", seed, least=0)
    check_choice("ids", ids, get_args(BenchmarkIds))
    rng = streams(
        np.random.SeedSequence(seed),
        ("intensity", "person", "recorded", "profile", "code", "shares", "late", "status"),
    )
    people = max(2, rows // _ROWS_A_PERSON)
    person = _people_of_rows(rng["intensity"], rng["person"], people, rows)
    recorded = rng["recorded"].integers(0, _DAYS, rows, dtype=np.uint16)
    order = np.argsort(recorded, kind="stable")
    person = person[order]
    recorded_on = recorded[order].astype(np.int32) + np.int32(_LAST - _DAYS + 1)
    late = np.floor(rng["late"].standard_exponential(rows, dtype=np.float32) ** 4)
    late = np.minimum(late, np.float32(_LONGEST_DELAY))

    profile = rng["profile"].integers(0, len(PROFILES), people, dtype=np.int8)
    mixture = mixture_of(shipped_reference(), None)
    slot = rng["code"].integers(0, SLOTS, rows, dtype=np.uint16)
    code = mixture.slots[profile[person], slot]

    own = rng["shares"].random(rows, dtype=np.float32) >= _SHARED
    own[1:] |= person[1:] == person[:-1]
    own[2:] |= person[2:] == person[:-2]
    own[2:] |= ~own[1:-1]
    own[:1] = True
    lead = np.maximum.accumulate(np.where(own, np.arange(rows), 0))
    offence = (np.cumsum(own) - 1).astype(np.int32)

    statuses = slot_table(np.array([_STATUS_SHARES]))[0].astype(np.int8)
    return pd.DataFrame(
        {
            "offence_id": _id_column("O", int(offence[-1]) + 1, offence, ids),
            "offender_id": _id_column("P", people, person, ids),
            "code": words(code[lead], mixture.codes),
            "recorded_on": dates(recorded_on[lead]),
            "committed_on": dates((recorded_on - late.astype(np.int32))[lead]),
            "status": words(
                statuses[rng["status"].integers(0, SLOTS, rows, dtype=np.uint16)], _STATUSES
            ),
        },
        copy=False,
    )


def _people_of_rows(
    intensity: np.random.Generator, lot: np.random.Generator, people: int, rows: int
) -> NDArray[np.int32]:
    """Share the rows out by lognormal weights, systematically within a random phase each."""
    weight = np.exp(_SIGMA * intensity.standard_normal(people))
    edges = np.cumsum(weight)
    edges *= rows / edges[-1]
    upto = np.floor(edges + lot.random(people) - 0.5).astype(np.int64)
    upto = np.maximum.accumulate(np.clip(upto, 0, rows))
    upto[-1] = rows
    return np.repeat(np.arange(people, dtype=np.int32), np.diff(upto, prepend=0))


def _id_column(prefix: str, count: int, places: NDArray[np.int32], ids: BenchmarkIds) -> Any:
    if ids == "integer":
        return places.astype(np.int64) + 1
    texts = person_ids(count, "text") if prefix == "P" else numbered(prefix, count, 9)
    if ids == "categorical":
        return words(places, texts.tolist())
    return texts.take(places).array
