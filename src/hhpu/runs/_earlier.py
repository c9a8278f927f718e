"""What the earlier runs of a series told: who was in the bracket, who was available."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import attrs
import numpy as np
import pandas as pd

from hhpu.errors import HhpuError
from hhpu.ledger import Ledger
from hhpu.ranking import Ranking
from hhpu.runs._lists import LISTS
from hhpu.runs._manifest import earlier_runs, is_as_written, read_manifest

__all__ = ["Earlier", "as_told", "read_earlier"]

_BRACKET = "bracket.csv"
_PROPOSED = (LISTS[0], LISTS[3])
_UNCHECKED = "age unchecked"


@attrs.frozen
class Earlier:
    """What the folders of earlier runs say of who was in their brackets.

    Parameters
    ----------
    read : tuple of datetime.date
        The runs that were read.
    unread : tuple of datetime.date
        Runs that are not as they were written, and tell nothing.
    last_in : mapping of str to datetime.date
        The latest of these runs in whose bracket a record was, by its id.
    proposed : frozenset of str
        Who was in the bracket of the latest of them, available and managed by nobody.
    """

    read: tuple[dt.date, ...] = ()
    unread: tuple[dt.date, ...] = ()
    last_in: Mapping[str, dt.date] = attrs.field(factory=dict)
    proposed: frozenset[str] = frozenset()

    def of_people(self, ledger: Ledger, ids: list[str]) -> list[dt.date | None]:
        """The latest run in whose bracket each person was, under any of their records."""
        found = {person: self.last_in.get(person) for person in ids}
        if ledger.persons is not None and self.last_in:
            records = np.flatnonzero(ledger.persons != np.arange(len(ledger.persons)))
            names = ledger.people.take(records).tolist()
            persons = ledger.people.take(ledger.persons[records]).tolist()
            for name, person in zip(names, persons, strict=True):
                day, known = self.last_in.get(name), found.get(person)
                if person in found and day is not None and (known is None or known < day):
                    found[person] = day
        return [found[person] for person in ids]


def read_earlier(folder: Path, *, before: dt.date) -> Earlier:
    """Read the brackets of the runs in a folder before a date."""
    read: list[dt.date] = []
    unread: list[dt.date] = []
    last_in: dict[str, dt.date] = {}
    proposed: frozenset[str] = frozenset()
    for day, path in earlier_runs(folder, before=before):
        try:
            whole = is_as_written(path, read_manifest(path), _BRACKET)
        except HhpuError:
            whole = False
        if not whole:
            unread.append(day)
            continue
        read.append(day)
        table = pd.read_csv(path / _BRACKET, dtype=str, usecols=["offender_id", "list"],
                            keep_default_na=False, lineterminator="\n")  # fmt: skip
        proposed = frozenset(table.loc[table["list"].isin(_PROPOSED), "offender_id"])
        last_in |= dict.fromkeys(table["offender_id"].tolist(), day)
    return Earlier(read=tuple(read), unread=tuple(unread), last_in=last_in, proposed=proposed)


def as_told(ranking: Ranking, folder: Path) -> Ranking:
    """Give the ranking of a past run the availability that the run told.

    A release, an end of management or a date of birth is often known late. What is known of that
    day by now was not what people were told.
    """
    table = pd.read_csv(folder / "ranking.csv", dtype=str,
                        usecols=["offender_id", "available", "availability"],
                        keep_default_na=False, lineterminator="\n")  # fmt: skip
    if table.empty:
        return ranking
    scores, known = ranking.scores, ranking.availability
    ids = scores.ledger.people.take(scores.people).tolist()
    person = dict(zip(ids, scores.people.tolist(), strict=True))
    reasons = dict(known.reasons)
    unborn = known.unborn.copy()
    told = zip(table["offender_id"], table["available"], table["availability"], strict=True)
    for name, word, why in told:
        place = person[name]
        parts = tuple(part for part in why.split("; ") if part)
        unborn[place] = _UNCHECKED in parts
        reasons.pop(place, None)
        if word == "no":
            reasons[place] = tuple(part for part in parts if part != _UNCHECKED)
    availability = attrs.evolve(
        known,
        reasons=reasons,
        spells_checked=not (table["available"] == "unchecked").any(),
        unborn=unborn,
    )
    return attrs.evolve(ranking, availability=availability)
