"""Single faults of real extracts: what each does to copies of clean rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = [
    "FAULTS",
    "PLACEHOLDER_NAME",
    "RESERVED_CODES",
    "SPOILERS",
    "Stock",
    "clean_links",
    "coded",
    "no_days",
    "whole_days",
]

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

PLACEHOLDER_NAME = "UNKNOWN MALE"
_PLACEHOLDER_DATE = np.datetime64("1900-01-01", "s")
_UNKNOWN_CODE = "8/77"
_SPREADSHEET_CODES = ("08-Jun", "05-Jan")
RESERVED_CODES = (_UNKNOWN_CODE, *_SPREADSHEET_CODES)


@attrs.frozen(eq=False)
class Stock:
    """What faults are made of."""

    clean: pd.DataFrame
    oldest: Any
    placeholder: Any
    codes: tuple[str, ...]


def clean_links(
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
    return clean, oldest


def _missing_code(rows: pd.DataFrame, _: Stock, __: np.random.Generator) -> pd.DataFrame:
    return rows.assign(code=coded(rows, [None] * len(rows)))


def _placeholder_person(rows: pd.DataFrame, stock: Stock, _: np.random.Generator) -> pd.DataFrame:
    return rows.assign(offender_id=stock.placeholder)


def _placeholder_date(rows: pd.DataFrame, _: Stock, __: np.random.Generator) -> pd.DataFrame:
    days = np.full(len(rows), _PLACEHOLDER_DATE, dtype="datetime64[s]")
    return rows.assign(committed_on=days, committed_to=no_days(rows))


def _recorded_too_early(rows: pd.DataFrame, _: Stock, rng: np.random.Generator) -> pd.DataFrame:
    early = rows["committed_on"] - whole_days(rng.integers(1, 31, len(rows)))
    return rows.assign(
        reported_on=early, recorded_on=early, known_from=early, committed_to=no_days(rows)
    )


def _spreadsheet_code(rows: pd.DataFrame, _: Stock, rng: np.random.Generator) -> pd.DataFrame:
    places = rng.integers(0, len(_SPREADSHEET_CODES), len(rows))
    return rows.assign(code=coded(rows, [_SPREADSHEET_CODES[place] for place in places]))


def _unknown_code(rows: pd.DataFrame, _: Stock, __: np.random.Generator) -> pd.DataFrame:
    return rows.assign(code=coded(rows, [_UNKNOWN_CODE] * len(rows)))


def _under_ten(rows: pd.DataFrame, _: Stock, rng: np.random.Generator) -> pd.DataFrame:
    days = rows["born"] + whole_days(rng.integers(1_500, 3_600, len(rows)))
    return rows.assign(committed_on=days, committed_to=no_days(rows))


def _missing_date(rows: pd.DataFrame, _: Stock, __: np.random.Generator) -> pd.DataFrame:
    return rows.assign(committed_on=no_days(rows), committed_to=no_days(rows))


def _suspect_and_victim(rows: pd.DataFrame, _: Stock, __: np.random.Generator) -> pd.DataFrame:
    victim = rows.assign(
        role=coded(rows, ["victim"] * len(rows), column="role"),
        status=coded(rows, [None] * len(rows), column="status"),
        status_from=no_days(rows),
    )
    return pd.concat([rows, victim])


def _contradicting_codes(
    rows: pd.DataFrame, stock: Stock, rng: np.random.Generator
) -> pd.DataFrame:
    place = rows["code"].cat.codes.to_numpy().astype(np.int64)
    other = (place + rng.integers(1, len(stock.codes), len(rows))) % len(stock.codes)
    second = rows.assign(
        offender_id=stock.oldest, code=coded(rows, [stock.codes[at] for at in other])
    )
    return pd.concat([rows, second])


SPOILERS: Mapping[str, Callable[[pd.DataFrame, Stock, np.random.Generator], pd.DataFrame]] = {
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


def no_days(rows: pd.DataFrame) -> NDArray[np.datetime64]:
    return np.full(len(rows), "NaT", dtype="datetime64[s]")


def whole_days(days: NDArray[np.int64]) -> Any:
    return days.astype("timedelta64[D]").astype("timedelta64[s]")


def coded(rows: pd.DataFrame, values: list[str] | list[None], *, column: str = "code") -> Any:
    dtype: Any = rows[column].dtype
    return pd.Series(values, index=rows.index, dtype=object).astype(dtype)
