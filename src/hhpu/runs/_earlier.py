"""Who was in the bracket of the earlier runs of a series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import attrs
import numpy as np
import pandas as pd

from hhpu.errors import HhpuError
from hhpu.ledger import Ledger
from hhpu.runs._manifest import earlier_runs, is_as_written, read_manifest

__all__ = ["Earlier", "read_earlier"]

_BRACKET = "bracket.csv"


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
    """

    read: tuple[dt.date, ...] = ()
    unread: tuple[dt.date, ...] = ()
    last_in: Mapping[str, dt.date] = attrs.field(factory=dict)

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
    for day, path in earlier_runs(folder, before=before):
        try:
            whole = is_as_written(path, read_manifest(path), _BRACKET)
        except HhpuError:
            whole = False
        if not whole:
            unread.append(day)
            continue
        read.append(day)
        table = pd.read_csv(path / _BRACKET, dtype=str, usecols=["offender_id"],
                            keep_default_na=False, lineterminator="\n")  # fmt: skip
        last_in |= dict.fromkeys(table["offender_id"].tolist(), day)
    return Earlier(read=tuple(read), unread=tuple(unread), last_in=last_in)
