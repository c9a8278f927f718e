"""What a records system that overwrites would export on one day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import attrs
import numpy as np
import pandas as pd

from hhpu.simulate._files import write_tables
from hhpu.simulate._versions import in_force

__all__ = ["Extract", "extract_of"]

_KNOWN = ["known_from", "known_to"]
_EPOCH = dt.date(1970, 1, 1)


@attrs.frozen(eq=False)
class Extract:
    """Three tables as they stood at the end of one day: no history, no days of knowledge.

    Parameters
    ----------
    day : datetime.date
        The day.
    offences : pandas.DataFrame
        One row for each link on record: the columns of the record ``Offence`` without
        ``known_from``, ``known_to`` and ``victim_age``. What was re-classified shows its
        new code; what was cancelled is gone, or is there with the status ``cancelled``. The order
        of the rows means nothing and differs from day to day.
    people : pandas.DataFrame
        ``offender_id``, ``date_of_birth`` and ``name`` of every person record.
    spells : pandas.DataFrame
        The columns of the record ``Spell``, without ``known_from`` and ``known_to``.
    """

    day: dt.date
    offences: pd.DataFrame
    people: pd.DataFrame
    spells: pd.DataFrame

    def write(self, folder: Path) -> tuple[Path, ...]:
        """Write ``offences.csv``, ``people.csv`` and ``spells.csv``: equal tables, equal bytes.

        Parameters
        ----------
        folder : pathlib.Path
            Made if it is not there.

        Returns
        -------
        tuple of pathlib.Path
            The three files, in the order above.

        Raises
        ------
        OSError
            The folder or a file cannot be written.
        """
        return write_tables(
            folder, {"offences": self.offences, "people": self.people, "spells": self.spells}
        )


def extract_of(
    versions: pd.DataFrame,
    records: pd.DataFrame,
    spells: pd.DataFrame,
    *,
    day: dt.date,
    seed: int,
) -> Extract:
    """Cut three tables of versions at the end of a day and shuffle what is left.

    Parameters
    ----------
    versions, records, spells : pandas.DataFrame
        Tables with ``known_from`` and ``known_to``.
    day : datetime.date
        The day.
    seed : int
        Of the world; the order follows from it and the day.

    Returns
    -------
    Extract
    """
    number = (day - _EPOCH).days
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, number + 2**20))))
    cut = []
    for table in (versions, records, spells):
        at = np.flatnonzero(in_force(table, np.datetime64(day)))
        cut.append(table.iloc[rng.permutation(at)].drop(columns=_KNOWN).reset_index(drop=True))
    return Extract(day=day, offences=cut[0], people=cut[1], spells=cut[2])
