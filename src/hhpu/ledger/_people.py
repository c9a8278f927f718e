"""People of a ledger: identifiers, dates of birth, and the ages that follow from them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.tables import NO_DAY, Checked, Days, Texts

__all__ = ["birthdays", "match_people"]

Ints = npt.NDArray[np.int64]


def match_people(people: Texts, others: Texts) -> Ints:
    """Find each of ``people`` among ``others``.

    Returns
    -------
    numpy.ndarray of int64
        The place of each in ``others``; -1 where it is not there. The first of several is used.
    """
    keys = others.keys()
    unique, first = np.unique(keys, return_index=True)
    mine = people.keys()
    at = np.minimum(np.searchsorted(unique, mine), max(len(unique) - 1, 0))
    if not len(unique):
        return np.full(len(people), -1, dtype=np.int64)
    found = np.where(unique[at] == mine, first[at], -1)
    hits = np.flatnonzero(found >= 0)
    if not people.take(hits).same_as(others.take(found[hits])):
        place = {text: i for i, text in reversed(list(enumerate(others.tolist())))}
        found = np.array([place.get(text, -1) for text in people.tolist()], dtype=np.int64)
    return found


def born_of(people: Texts, table: Checked) -> Days:
    """Give each person's day of birth from a people table.

    `NO_DAY` where the table has none, or different ones: what it is then does not depend on the
    order of the rows.
    """
    born = table.days("date_of_birth")
    named = table.coded("offender_id")
    if born is None or named is None:
        return np.full(len(people), NO_DAY, dtype=np.int32)
    earliest, latest = _span(named.codes, born, len(named.values))
    agreed = np.where(earliest == latest, earliest, np.int32(NO_DAY))
    at = match_people(people, named.values)
    return np.where(at >= 0, agreed[at], np.int32(NO_DAY)).astype(np.int32)


def _span(
    codes: npt.NDArray[np.int32], born: Days, size: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    known = born != NO_DAY
    earliest = np.full(size + 1, np.iinfo(np.int32).max, dtype=np.int32)
    latest = np.full(size + 1, NO_DAY, dtype=np.int32)
    np.minimum.at(earliest, codes[known], born[known])
    np.maximum.at(latest, codes[known], born[known])
    return earliest[:size], latest[:size]


def contradicting_births(table: Checked) -> Ints:
    """Rows of a people table whose person has different dates of birth."""
    born = table.days("date_of_birth")
    named = table.coded("offender_id")
    if born is None or named is None:
        return np.zeros(0, dtype=np.int64)
    earliest, latest = _span(named.codes, born, len(named.values))
    return np.flatnonzero((earliest < latest)[named.codes])


def repeated_people(table: Checked) -> Ints:
    """Rows of a people table whose person stood in an earlier row."""
    named = table.coded("offender_id")
    if named is None:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(pd.Series(named.codes).duplicated().to_numpy())


def birthdays(born: Days, years: int) -> Days:
    """Give the day on which each person reaches an age.

    A person born on 29 February reaches it on 1 March of a year without that day.

    Parameters
    ----------
    born : numpy.ndarray of int32
        Days of birth; `NO_DAY` stays as it is.
    years : int
        The age.

    Returns
    -------
    numpy.ndarray of int32
        Day numbers.

    Examples
    --------
    >>> import datetime as dt
    >>> from hhpu.tables import day_number, day_to_date
    >>> day_to_date(birthdays(np.array([day_number(dt.date(2008, 2, 29))], np.int32), 10)[0])
    datetime.date(2018, 3, 1)
    """
    dates = np.where(born == NO_DAY, np.int32(0), born).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    offset = (dates - months.astype("datetime64[D]")).astype(np.int64)
    later = (months + np.timedelta64(12 * years, "M")).astype("datetime64[D]")
    days = later.astype(np.int64) + offset
    return np.where(born == NO_DAY, NO_DAY, days).astype(np.int32)
