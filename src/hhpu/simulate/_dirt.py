"""The faults of real extracts, added in known numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hhpu.errors import ArgumentError
from hhpu.simulate._columns import Ids
from hhpu.simulate._draws import streams

__all__ = ["FAULTS", "RESERVED_CODES", "add_dirt"]

FAULTS = (
    "missing-code",
    "placeholder-person",
    "placeholder-date",
    "committed-after-recorded",
    "duplicate-link",
    "spreadsheet-code",
    "unknown-code",
    "under-age-ten",
    "missing-placing-date",
    "suspect-and-victim",
    "contradicting-codes",
)

_PLACEHOLDER_NAME = "UNKNOWN MALE"
_PLACEHOLDER_DATE = np.datetime64("1900-01-01", "s")
_UNKNOWN_CODE = "8/77"
_SPREADSHEET_CODES = ("08-Jun", "05-Jan")
RESERVED_CODES = (_UNKNOWN_CODE, *_SPREADSHEET_CODES)

_SHARE = 0.002
_FEWEST = 3


@attrs.frozen(eq=False)
class _Stock:
    """What faults are made of."""

    clean: pd.DataFrame
    oldest: Any
    placeholder: Any
    codes: tuple[str, ...]


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
    clean, oldest = _clean_links(offences, people, spells)
    placeholder = 0 if ids == "integer" else _PLACEHOLDER_NAME
    stock = _Stock(clean=clean, oldest=oldest, placeholder=placeholder, codes=codes)
    size = min(max(_FEWEST, round(_SHARE * len(offences))), len(clean))

    parts = [offences]
    next_id = int(offences["offence_id"].nunique()) + 1
    for fault in FAULTS:
        rows = clean.iloc[rng[fault].choice(len(clean), size, replace=False)].copy()
        if fault != "duplicate-link":
            numbers = np.arange(next_id, next_id + size)
            rows["offence_id"] = numbers if ids == "integer" else [f"O{n:09d}" for n in numbers]
            next_id += size
        if fault in _SPOILERS:
            rows = _SPOILERS[fault](rows, stock, rng[fault])
        parts.append(rows[list(offences.columns)])
    spoilt = pd.concat(parts, ignore_index=True)
    stranger = pd.DataFrame(
        {
            "offender_id": pd.Series([placeholder], dtype=people["offender_id"].dtype),
            "date_of_birth": pd.Series([pd.NaT], dtype=people["date_of_birth"].dtype),
            "name": pd.Series([_PLACEHOLDER_NAME], dtype=people["name"].dtype),
        }
    )
    return (
        spoilt.iloc[rng["order"].permutation(len(spoilt))].reset_index(drop=True),
        pd.concat([people, stranger], ignore_index=True),
        dict.fromkeys(FAULTS, size),
    )


def _clean_links(
    offences: pd.DataFrame, people: pd.DataFrame, spells: pd.DataFrame
) -> tuple[pd.DataFrame, Any]:
    """Give the links fit to be spoilt, with a ``born`` column, and one person older than all.

    Fit is a suspect link alone in its offence, in one version, of somebody alive whose date of
    birth is held. The older person was ten or more whenever any of the others was.
    """
    alone = ~offences["offence_id"].duplicated(keep=False)
    dead = spells.loc[spells["state"] == "deceased", "offender_id"]
    alive = ~offences["offender_id"].isin(dead)
    clean = offences[alone & alive & (offences["role"] == "suspect")]
    birth = people.set_index("offender_id")["date_of_birth"]
    clean = clean.assign(born=birth.reindex(clean["offender_id"]).array)
    clean = clean[clean["born"].notna()].sort_values(["born", "offender_id"], kind="stable")
    oldest = None if clean.empty else clean["offender_id"].iloc[0]
    clean = clean[clean["offender_id"] != oldest]
    if clean.empty:
        message = (
            "dirt=True spoils copies of clean rows, and there are too few of them: "
            "raise offenders (100 is enough with the default rate)"
        )
        raise ArgumentError(message)
    return clean, oldest


def _missing_code(rows: pd.DataFrame, _: _Stock, __: np.random.Generator) -> pd.DataFrame:
    return rows.assign(code=_coded(rows, [None] * len(rows)))


def _placeholder_person(rows: pd.DataFrame, stock: _Stock, _: np.random.Generator) -> pd.DataFrame:
    return rows.assign(offender_id=stock.placeholder)


def _placeholder_date(rows: pd.DataFrame, _: _Stock, __: np.random.Generator) -> pd.DataFrame:
    days = np.full(len(rows), _PLACEHOLDER_DATE, dtype="datetime64[s]")
    return rows.assign(committed_on=days, committed_to=_no_days(rows))


def _recorded_too_early(rows: pd.DataFrame, _: _Stock, rng: np.random.Generator) -> pd.DataFrame:
    early = rows["committed_on"] - _whole_days(rng.integers(1, 31, len(rows)))
    return rows.assign(
        reported_on=early, recorded_on=early, known_from=early, committed_to=_no_days(rows)
    )


def _spreadsheet_code(rows: pd.DataFrame, _: _Stock, rng: np.random.Generator) -> pd.DataFrame:
    places = rng.integers(0, len(_SPREADSHEET_CODES), len(rows))
    return rows.assign(code=_coded(rows, [_SPREADSHEET_CODES[place] for place in places]))


def _unknown_code(rows: pd.DataFrame, _: _Stock, __: np.random.Generator) -> pd.DataFrame:
    return rows.assign(code=_coded(rows, [_UNKNOWN_CODE] * len(rows)))


def _under_ten(rows: pd.DataFrame, _: _Stock, rng: np.random.Generator) -> pd.DataFrame:
    days = rows["born"] + _whole_days(rng.integers(1_500, 3_600, len(rows)))
    return rows.assign(committed_on=days, committed_to=_no_days(rows))


def _missing_date(rows: pd.DataFrame, _: _Stock, __: np.random.Generator) -> pd.DataFrame:
    return rows.assign(committed_on=_no_days(rows), committed_to=_no_days(rows))


def _suspect_and_victim(rows: pd.DataFrame, _: _Stock, __: np.random.Generator) -> pd.DataFrame:
    victim = rows.assign(
        role=_coded(rows, ["victim"] * len(rows), column="role"),
        status=_coded(rows, [None] * len(rows), column="status"),
        status_from=_no_days(rows),
    )
    return pd.concat([rows, victim])


def _contradicting_codes(
    rows: pd.DataFrame, stock: _Stock, rng: np.random.Generator
) -> pd.DataFrame:
    place = rows["code"].cat.codes.to_numpy().astype(np.int64)
    other = (place + rng.integers(1, len(stock.codes), len(rows))) % len(stock.codes)
    second = rows.assign(
        offender_id=stock.oldest, code=_coded(rows, [stock.codes[at] for at in other])
    )
    return pd.concat([rows, second])


_SPOILERS: Mapping[str, Callable[[pd.DataFrame, _Stock, np.random.Generator], pd.DataFrame]] = {
    "missing-code": _missing_code,
    "placeholder-person": _placeholder_person,
    "placeholder-date": _placeholder_date,
    "committed-after-recorded": _recorded_too_early,
    "spreadsheet-code": _spreadsheet_code,
    "unknown-code": _unknown_code,
    "under-age-ten": _under_ten,
    "missing-placing-date": _missing_date,
    "suspect-and-victim": _suspect_and_victim,
    "contradicting-codes": _contradicting_codes,
}


def _no_days(rows: pd.DataFrame) -> NDArray[np.datetime64]:
    return np.full(len(rows), "NaT", dtype="datetime64[s]")


def _whole_days(days: NDArray[np.int64]) -> Any:
    return days.astype("timedelta64[D]").astype("timedelta64[s]")


def _coded(rows: pd.DataFrame, values: list[str] | list[None], *, column: str = "code") -> Any:
    dtype: Any = rows[column].dtype
    return pd.Series(values, index=rows.index, dtype=object).astype(dtype)
