"""What the cases of pitfalls are built with: ids, days, people, spells, identities."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pandas as pd

from hhpu.simulate._draws import Days
from hhpu.simulate._faults import Stock, coded, no_days, whole_days

__all__ = ["Kit", "Tables", "days_on", "placed", "victims"]

_IDENTITIES = ("record_id", "person_id", "known_from", "known_to")
_PLANTED = ("pitfall", "offence_id", "offender_id")
_NAT = np.datetime64("NaT", "s")


def _no_identities() -> pd.DataFrame:
    days = pd.Series([], dtype="datetime64[s]")
    texts = pd.Series([], dtype=str)
    columns = (texts, texts, days, days)
    return pd.DataFrame(dict(zip(_IDENTITIES, columns, strict=True)))


def _nothing_planted() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([], dtype=str) for name in _PLANTED})


@attrs.frozen(eq=False)
class Tables:
    """The tables of a world that pitfalls add to.

    Parameters
    ----------
    versions, records, spells : pandas.DataFrame
        Tables with ``known_from`` and ``known_to``.
    identities : pandas.DataFrame
        Which record is whose.
    planted : pandas.DataFrame
        Which links were put in by which pitfall.
    """

    versions: pd.DataFrame
    records: pd.DataFrame
    spells: pd.DataFrame
    identities: pd.DataFrame = attrs.field(factory=_no_identities)
    planted: pd.DataFrame = attrs.field(factory=_nothing_planted)


class Kit:
    """Ids that are still free, the span, and what was added beside the offences.

    Parameters
    ----------
    tables : Tables
        The clean tables.
    stock : Stock
        Links fit to be copied.
    first, last : int
        First and last day of the world.
    offences : int
        How many offence ids are taken.
    """

    def __init__(
        self, tables: Tables, stock: Stock, *, first: int, last: int, offences: int
    ) -> None:
        self.stock = stock
        self.first = first
        self.last = last
        self.records: list[pd.DataFrame] = []
        self.spells: list[pd.DataFrame] = []
        self.identities: list[pd.DataFrame] = []
        self._tables = tables
        self._next_offence = offences + 1
        self._next_person = len(tables.records) + 1

    def offence_ids(self, size: int) -> list[str]:
        """Give offence ids that nothing has."""
        first = self._next_offence
        self._next_offence += size
        return [f"O{number:09d}" for number in range(first, first + size)]

    def day(self, number: int) -> Any:
        """Give the midnight of a day number."""
        return np.datetime64(number, "D").astype("datetime64[s]")

    def before_last(self, rng: np.random.Generator, size: int, least: int, most: int) -> Any:
        """Draw days so many days before the last."""
        back: Days = rng.integers(least, most + 1, size).astype(np.int32)
        return (np.int32(self.last) - back).astype("datetime64[D]").astype("datetime64[s]")

    def people(
        self,
        size: int,
        rng: np.random.Generator,
        *,
        years: tuple[float, float] = (30.0, 60.0),
        born: Any = None,
        names: Any = None,
        known_from: Any = None,
        known_to: Any = None,
    ) -> list[str]:
        """Add person records and give their ids; of an age on the last day between two."""
        first = self._next_person
        self._next_person += size
        numbers = range(first, first + size)
        ids = [f"P{number:07d}" for number in numbers]
        if born is None:
            days = np.floor(365.25 * rng.uniform(*years, size)).astype(np.int64)
            born = (self.last - days).astype("datetime64[D]").astype("datetime64[s]")
        begins = np.full(size, self.day(self.first)) if known_from is None else known_from
        self.add_records(
            {
                "offender_id": ids,
                "date_of_birth": born,
                "name": [f"Person {number:06d}" for number in numbers] if names is None else names,
                "known_from": begins,
                "known_to": np.full(size, _NAT) if known_to is None else known_to,
            }
        )
        return ids

    def add_records(self, columns: dict[str, Any]) -> None:
        """Add person records as they are."""
        dtypes = self._tables.records.dtypes.to_dict()
        self.records.append(pd.DataFrame(columns).astype(dtypes))

    def add_spells(
        self,
        people: list[str],
        state: str,
        starts: Any,
        *,
        ends: Any = None,
        management: str | None = None,
        route: str | None = None,
    ) -> None:
        """Add spells known from their first day, their ends with them."""
        size = len(people)
        columns = {
            "offender_id": people,
            "state": [state] * size,
            "starts_on": starts,
            "ends_on": np.full(size, _NAT) if ends is None else ends,
            "known_from": starts,
            "known_to": np.full(size, _NAT),
            "management_type": pd.Series([management] * size, dtype=object),
            "entry_route": pd.Series([route] * size, dtype=object),
        }
        self.spells.append(pd.DataFrame(columns).astype(self._tables.spells.dtypes.to_dict()))

    def add_identities(self, records: list[str], people: Any, known_from: Any) -> None:
        """Tell whose the records are, and from when the force knows."""
        size = len(records)
        self.identities.append(
            pd.DataFrame(
                {
                    "record_id": records,
                    "person_id": list(people),
                    "known_from": known_from,
                    "known_to": np.full(size, _NAT),
                }
            )
        )


def placed(rows: pd.DataFrame, committed: Any, recorded: Any = None) -> pd.DataFrame:
    """Place copies on other days, reported and known when recorded, all of them undecided.

    Parameters
    ----------
    rows : pandas.DataFrame
        Suspects' links.
    committed, recorded : days
        Of commission and of recording; by default recorded at once.

    Returns
    -------
    pandas.DataFrame
    """
    known = committed if recorded is None else recorded
    return rows.assign(
        committed_on=committed,
        committed_to=no_days(rows),
        reported_on=known,
        recorded_on=known,
        known_from=known,
        status=coded(rows, ["suspect"] * len(rows), column="status"),
        status_from=known,
    )


def victims(rows: pd.DataFrame, people: list[str]) -> pd.DataFrame:
    """Give a victim's link beside each suspect's link.

    Parameters
    ----------
    rows : pandas.DataFrame
        Suspects' links.
    people : list of str
        The victim of each.

    Returns
    -------
    pandas.DataFrame
    """
    return rows.assign(
        offender_id=people,
        role=coded(rows, ["victim"] * len(rows), column="role"),
        status=coded(rows, [None] * len(rows), column="status"),
        status_from=no_days(rows),
    )


def days_on(days: Any, least: int, most: int, rng: np.random.Generator) -> Any:
    """Go so many days on from each day, both ends included."""
    return days + whole_days(rng.integers(least, most + 1, len(days)))
