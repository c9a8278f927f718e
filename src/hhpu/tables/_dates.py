"""Dates as whole days of local civil time: reading, placeholders, bounds."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, Literal
from zoneinfo import ZoneInfo

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.blocks import rows_where
from hhpu.errors import ArgumentError

__all__ = ["FOREVER", "NO_DAY", "DateOrder", "Days", "day_number", "day_to_date", "read_day"]

Days = npt.NDArray[np.int32]
DateOrder = Literal["iso", "dmy"]

NO_DAY: Final = -(2**31)
FOREVER: Final = 2**31 - 1

_EPOCH = dt.date(1970, 1, 1).toordinal()
_FIRST = dt.date(1900, 1, 2).toordinal() - _EPOCH
_LAST = dt.date(2100, 12, 31).toordinal() - _EPOCH

_PLACEHOLDERS = frozenset(
    dt.date(*parts).toordinal() - _EPOCH
    for parts in ((1, 1, 1), (1899, 12, 30), (1899, 12, 31), (1900, 1, 1), (9999, 12, 31))
)
_END_OF_TIME = dt.date(9999, 12, 31).toordinal() - _EPOCH

_TIME = r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(rf"(\d{{4}})-(\d{{2}})-(\d{{2}}){_TIME}", re.ASCII)
_DMY = re.compile(rf"(\d{{1,2}})[/.-](\d{{1,2}})[/.-](\d{{4}}){_TIME}", re.ASCII)


def day_number(date: dt.date) -> int:
    """Give the number of a day, 1970-01-01 being 0."""
    return date.toordinal() - _EPOCH


def day_to_date(day: int) -> dt.date | None:
    """Give the date of a day number; None for no day and for an open end."""
    if day in (NO_DAY, FOREVER):
        return None
    return dt.date.fromordinal(int(day) + _EPOCH)


def read_day(value: object, name: str) -> int:
    """Read a date argument as a day number.

    Raises
    ------
    ArgumentError
        If it is neither a date nor ISO text.
    """
    if isinstance(value, np.datetime64):
        value = None if np.isnat(value) else value.astype("datetime64[D]").item()
    if isinstance(value, dt.datetime):
        value = None if value != value else value.date()
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, dt.date):
        message = f"{name} must be a date such as 2026-03-31"
        raise ArgumentError(message)
    return day_number(value)


@attrs.frozen
class ReadDate:
    """One text read as a date: a day, or the reason why not; and its offset, if it had one."""

    day: int
    problem: str | None
    offset: str | None = None


def read_date(text: str, *, order: DateOrder, zone: ZoneInfo) -> ReadDate:
    """Read one text as a local civil day.

    A time of day is dropped; a time with an offset is first taken to local civil time.
    """
    match = (_ISO if order == "iso" else _DMY).fullmatch(text.strip())
    if match is None:
        return ReadDate(NO_DAY, "unreadable-date")
    first, second, third, hour, minute, seconds, offset = match.groups()
    year, month, day = (first, second, third) if order == "iso" else (third, second, first)
    try:
        date = dt.date(int(year), int(month), int(day))
        if offset:
            iso = f"{date.isoformat()}T{hour}:{minute}:{seconds or '00'}"
            moment = dt.datetime.fromisoformat(iso + ("+00:00" if offset == "Z" else offset))
            date = moment.astimezone(zone).date()
        elif hour and (int(hour) > 23 or int(minute) > 59 or int(seconds or 0) > 59):
            return ReadDate(NO_DAY, "impossible-date")
    except (ValueError, OverflowError):
        return ReadDate(NO_DAY, "impossible-date")
    return ReadDate(day_number(date), None, offset)


def judge_days(days: Days, *, open_ended: bool) -> tuple[Days, dict[str, npt.NDArray[np.int64]]]:
    """Take placeholder and out-of-range days out of a column of days.

    Parameters
    ----------
    days : numpy.ndarray of int32
        Day numbers, `NO_DAY` for an empty cell.
    open_ended : bool
        Whether 9999-12-31 means "no end": true for the columns that end an interval.

    Returns
    -------
    days : numpy.ndarray of int32
        The days, `NO_DAY` where they cannot be used.
    rows : dict
        Row numbers by reason code.
    """
    rows: dict[str, npt.NDArray[np.int64]] = {}
    given = days
    odd = rows_where(
        lambda rows: ((given[rows] < _FIRST) | (given[rows] > _LAST)) & (given[rows] != NO_DAY),
        len(days),
    )
    if len(odd):
        values = days[odd]
        if open_ended:
            endless = values == _END_OF_TIME
            odd, values = odd[~endless], values[~endless]
        placeholder = np.isin(values, list(_PLACEHOLDERS))
        rows["placeholder-date"] = odd[placeholder]
        rows["impossible-date"] = odd[~placeholder]
        days = np.where((days < _FIRST) | (days > _LAST), np.int32(NO_DAY), days)
    rows["doubtful-date"] = rows_where(lambda block: given[block] == 0, len(days))
    return days, rows
