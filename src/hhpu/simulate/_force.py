"""The synthetic force as a value, and how it is made and written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import get_args

import attrs
import numpy as np
import pandas as pd

from hhpu.errors import ArgumentError
from hhpu.simulate._arguments import check_choice, check_whole, last_day
from hhpu.simulate._columns import Ids, dates, numbered, person_ids
from hhpu.simulate._dirt import add_dirt
from hhpu.simulate._faults import RESERVED_CODES
from hhpu.simulate._files import write_tables
from hhpu.simulate._mixture import Mixture, mixture_of, shipped_reference
from hhpu.simulate._offences import draw_offences
from hhpu.simulate._people import draw_people, spells_frame

__all__ = ["SyntheticForce", "synthetic_force"]

_EPOCH = dt.date(1970, 1, 1)
_MOST_YEARS = 50
_MOST_PEOPLE = 100_000_000
_HIGHEST_MEAN = 100


def _frozen_counts(counts: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(counts))


@attrs.frozen(eq=False)
class SyntheticForce:
    """Three tables of a force that does not exist.

    Parameters
    ----------
    offences : pandas.DataFrame
        One row for each version of each person-offence link: the columns of the record
        ``Offence`` but ``victim_age``, which is given as ``child_victim``. Dates are midnights;
        a victim's or witness's row has no status.
    people : pandas.DataFrame
        ``offender_id``, ``date_of_birth`` (missing for some) and ``name``, for everybody,
        with offences or without.
    spells : pandas.DataFrame
        The columns of the record ``Spell``, by person.
    seed : int
        What it was made with.
    as_of : datetime.date
        Last day of the data: nothing in it was known later.
    dirt : mapping of str to int
        How many of each fault were added; empty for clean data. The faults are
        ``missing-code``, ``placeholder-person`` (id ``UNKNOWN MALE``, or 0 among integers),
        ``placeholder-date`` (1900-01-01), ``committed-after-recorded``, ``duplicate-link``,
        ``spreadsheet-code`` (``08-Jun``), ``unknown-code`` (``8/77``), ``under-age-ten``,
        ``missing-placing-date``, ``suspect-and-victim`` and ``contradicting-codes``.
    """

    offences: pd.DataFrame
    people: pd.DataFrame
    spells: pd.DataFrame
    seed: int
    as_of: dt.date
    dirt: Mapping[str, int] = attrs.field(
        factory=lambda: _frozen_counts({}), converter=_frozen_counts
    )

    def write(self, folder: Path) -> tuple[Path, ...]:
        r"""Write ``offences.csv``, ``people.csv`` and ``spells.csv``.

        UTF-8 without a byte-order mark, ``\n`` line ends, ISO dates, ``true`` and ``false``,
        empty for missing: equal tables give equal bytes. Each file appears whole or not at all
        and replaces one of its name.

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


def synthetic_force(
    offenders: int = 2_000,
    *,
    seed: int,
    as_of: dt.date | str = "2026-03-31",
    years: int = 6,
    offences_per_offender: float = 2.5,
    codes: Sequence[str] | None = None,
    dirt: bool = False,
    ids: Ids = "text",
) -> SyntheticForce:
    r"""Make a synthetic force: seeded, heavy-tailed, mostly zero, with versions and delays.

    Everything is synthetic. The law below and every rate, share and delay behind it are this
    package's own choices; none is an estimate for any force.

    Person :math:`i` has :math:`N_i` suspect links,

    .. math::
        N_i \sim \mathrm{Poisson}(\lambda_i), \qquad
        \lambda_i = \min\!\bigl(\mu\, e^{\sigma z_i - \sigma^2/2},\; 60\,\text{years}\bigr),
        \qquad z_i \sim \mathrm{N}(0, 1), \quad \sigma = 1.5,

    with :math:`\mu` = ``offences_per_offender``: a lognormal-mixed Poisson law, under which at
    the default nearly half of the people have none and a few have dozens. Links are recorded
    uniformly over the person's active period, the whole span or part of it; those committed in
    custody are mostly removed, so the mean is a little below :math:`\mu`. Each person leans
    towards one of five mixes of offences (general, acquisitive, violent, sexual, drugs).
    Delays between committing, reporting and recording are zero or lognormal; a few offences
    are one to twenty-five years old when recorded. One link in ten joins the offence before
    it as a further suspect; one offence in twenty-five has a victim or witness who is a suspect
    elsewhere; one in thirty-three is re-classified and one in a hundred cancelled later, each
    closing a version of its links on the day on which another opens.

    In clean data nobody is linked to an offence committed before the tenth birthday or recorded
    after death, and ``committed_on <= committed_to <= reported_on <= recorded_on <= known_from``.

    Parameters
    ----------
    offenders : int, optional
        People in the table of people, from 1 up.
    seed : int
        Not negative. The same arguments give the same tables, and a column added to the
        generator later leaves the others as they are.
    as_of : datetime.date or str, optional
        Last day of the data, from 1980 on; a text in ISO form.
    years : int, optional
        Span of recording, in years of 365.25 days, 1 to 50.
    offences_per_offender : float, optional
        Mean suspect links of a person, above 0 and at most 100.
    codes : sequence of str, optional
        Offence codes to draw with equal chances; by default about 700 Home Office codes of
        the shipped reference list, by subgroup. Flags and detection follow the reference.
    dirt : bool, optional
        Whether to add the faults of real extracts, in the numbers told by ``dirt``.
    ids : {"text", "integer"}, optional
        Ids such as ``P0000123`` and ``O000000456``, or integers.

    Returns
    -------
    SyntheticForce

    Raises
    ------
    ArgumentError
        An argument out of the range above, or too little data to add dirt to.

    Examples
    --------
    >>> force = synthetic_force(100, seed=1)
    >>> len(force.people), force.as_of.isoformat(), dict(force.dirt)
    (100, '2026-03-31', {})
    """
    last = last_day(as_of)
    check_whole("offenders", offenders, least=1, most=_MOST_PEOPLE)
    check_whole("seed", seed, least=0)
    check_whole("years", years, least=1, most=_MOST_YEARS)
    check_choice("ids", ids, get_args(Ids))
    if not 0 < offences_per_offender <= _HIGHEST_MEAN:
        message = (
            f"offences_per_offender must be above 0 and at most {_HIGHEST_MEAN}; "
            f"got {offences_per_offender!r}"
        )
        raise ArgumentError(message)
    mixture = mixture_of(shipped_reference(), codes)
    if dirt:
        _check_codes_for_dirt(mixture)

    last_number = (last - _EPOCH).days
    first_number = last_number - round(365.25 * years) + 1
    for_people, for_offences, for_dirt = np.random.SeedSequence(seed).spawn(3)
    people = draw_people(
        offenders, offences_per_offender, first=first_number, last=last_number, root=for_people
    )
    person_id = person_ids(offenders, ids)
    offences = draw_offences(
        people,
        person_id,
        mixture,
        first=first_number,
        last=last_number,
        root=for_offences,
        ids=ids,
    )
    people_table = pd.DataFrame(
        {
            "offender_id": person_id,
            "date_of_birth": dates(people.born, missing=people.birth_missing),
            "name": numbered("Person ", offenders, 6),
        }
    )
    spells = spells_frame(people.spells, person_id, last=last_number)
    counts: dict[str, int] = {}
    if dirt:
        offences, people_table, counts = add_dirt(
            offences, people_table, spells, ids=ids, root=for_dirt
        )
    return SyntheticForce(
        offences=offences, people=people_table, spells=spells, seed=seed, as_of=last, dirt=counts
    )


def _check_codes_for_dirt(mixture: Mixture) -> None:
    reserved = [code for code in mixture.codes if code in RESERVED_CODES]
    if reserved or len(mixture.codes) == 1:
        message = (
            "dirt=True needs at least two codes, and none of "
            f"{', '.join(RESERVED_CODES)}, which it uses as faults; got {len(mixture.codes)} "
            f"code(s), {len(reserved)} of them reserved"
        )
        raise ArgumentError(message)
