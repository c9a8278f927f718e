"""What followed an origin: harm, number, and whether anything at all, as known after a delay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from hhpu.errors import ArgumentError
from hhpu.indices import Compiled, HarmDefinition
from hhpu.ledger import Ledger
from hhpu.ranking import Passage, values_of

__all__ = ["OUTCOMES", "Outcomes", "Serious", "outcomes_at", "serious_types"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
OUTCOMES: Final[Mapping[str, str]] = {
    "count": "later offences",
    "harm": "later harm",
    "capped-harm": "later harm, each person's capped",
    "any": "any later offence",
    "serious": "any later serious offence",
}


def _as_set(codes: Iterable[str] | None) -> frozenset[str] | None:
    return None if codes is None else frozenset(codes)


@attrs.frozen
class Serious:
    """What a serious offence is: a threshold of weight, or a list of codes.

    Parameters
    ----------
    least : float, optional
        The least weight, in the index's unit.
    codes : frozenset of str, optional
        Codes as written in the data.

    Raises
    ------
    ArgumentError
        If not exactly one of the two is given.

    Examples
    --------
    >>> Serious(least=365).told
    'weight of at least 365'
    """

    least: float | None = None
    codes: frozenset[str] | None = attrs.field(default=None, converter=_as_set)

    def __attrs_post_init__(self) -> None:
        if (self.least is None) == (self.codes is None):
            message = "serious= takes Serious(least=) or Serious(codes=), one of the two"
            raise ArgumentError(message)

    @property
    def told(self) -> str:
        """The rule in words."""
        if self.codes is not None:
            return f"one of {len(self.codes)} declared codes"
        return f"weight of at least {self.least:g}"

    def to_dict(self) -> dict[str, object]:
        """Give the rule."""
        return {"least": self.least, "codes": None if self.codes is None else sorted(self.codes)}


@attrs.frozen(eq=False, kw_only=True)
class Outcomes:
    """What followed for the people of an origin, in their order.

    Parameters
    ----------
    count : numpy.ndarray of int64
        Later offences that count under the definition.
    harm : numpy.ndarray of float64
        Later harm, in the index's unit.
    serious : numpy.ndarray of int64 or None
        Later serious offences; None where what is serious was not declared.
    first_day, first_serious_day : numpy.ndarray of int64 or None
        Days from the origin to the first such offence; 0 where there is none.
    others : dict
        ``offences``, ``harm`` and ``people`` of later offences of people who were not ranked.
    late : dict
        ``offences``, ``harm`` and ``people`` of offences of the history that became known after
        the origin.
    by_detection : mapping of str to numpy.ndarray
        Later harm by how the offences came to light: ``victim-reported`` (reported, or not said)
        and ``police-initiated`` (proactive, company, management); empty where the data do not say.
    shared : float
        The share of the ranked people's later offences that stand against several of them.
    """

    count: Ints
    harm: Floats
    serious: Ints | None
    first_day: Ints
    first_serious_day: Ints | None
    others: Mapping[str, float]
    late: Mapping[str, float]
    by_detection: Mapping[str, Floats]
    shared: float

    def of(self, name: str, cap: float | None = None) -> Floats:
        """Give one outcome by name, as one number a person.

        Raises
        ------
        ArgumentError
            If it is unknown, or what it needs was not declared.
        """
        if name == "count":
            return self.count.astype(np.float64)
        if name == "harm":
            return self.harm
        if name == "any":
            return (self.count > 0).astype(np.float64)
        if name == "serious":
            if self.serious is None:
                message = "outcome 'serious' needs serious=: a threshold of weight or a code list"
                raise ArgumentError(message)
            return (self.serious > 0).astype(np.float64)
        if name == "capped-harm":
            if cap is None:
                message = (
                    "outcome 'capped-harm' needs a cap: there is no earlier origin to take it from"
                )
                raise ArgumentError(message)
            return np.minimum(self.harm, cap)
        message = f"outcome {name!r} is unknown: one of {', '.join(OUTCOMES)}"
        raise ArgumentError(message)


def serious_types(
    ledger: Ledger, compiled: Compiled, serious: Serious | None
) -> npt.NDArray[np.bool_] | None:
    """Whether each type is serious; None where it was not declared.

    Raises
    ------
    ArgumentError
        If none of the declared codes is in the data.
    """
    if serious is None:
        return None
    if serious.codes is not None:
        codes = ledger.types.columns["code"]
        found = np.array([code in serious.codes for code in codes], dtype=bool)
        if not found.any():
            message = "none of the codes of serious= is in the data: are they written alike?"
            raise ArgumentError(message)
        return found
    scale = compiled.definition.bound_index.scale
    least = 0.0 if serious.least is None else serious.least
    heavy: npt.NDArray[np.bool_] = compiled.weight >= least * scale
    return heavy


def outcomes_at(
    ledger: Ledger,
    definition: HarmDefinition,
    compiled: Compiled,
    following: Passage,
    known_later: Passage,
    place: int,
    *,
    history: Ints,
    people: Ints,
    serious: npt.NDArray[np.bool_] | None,
    links: Ints,
) -> Outcomes:
    """Count what followed one origin.

    Parameters
    ----------
    ledger, definition, compiled
        The offences, and what counts.
    following, known_later : Passage
        Of outcomes, and of the history as it is known once the outcomes are.
    place : int
        Of the origin in the passages.
    history : numpy.ndarray of int64
        The ledger rows of the history.
    people : numpy.ndarray of int64
        Who is ranked.
    serious : numpy.ndarray of bool, optional
        Whether each type is serious.
    links : numpy.ndarray of int64
        The number of each ledger row's link: versions of one have the same.
    """
    size = len(ledger.people)
    rows = following.rows[following.at(place)]
    persons = ledger.offender[rows]
    ranked = np.zeros(size, dtype=bool)
    ranked[people] = True
    unit = definition.bound_index.scale * 100
    values = values_of(ledger, compiled, rows)
    counts = np.bincount(persons, minlength=size)
    harm = np.zeros(size, dtype=np.int64)
    np.add.at(harm, persons, values)
    origin = int(following.origins[place])
    days = ledger.day[rows].astype(np.int64) - origin
    mine = ranked[persons]
    return Outcomes(
        count=counts[people],
        harm=harm[people] / unit,
        serious=_count(persons, serious, ledger.kind[rows], size, people),
        first_day=_first(persons, days, size)[people],
        first_serious_day=(
            None
            if serious is None
            else _first(
                persons[serious[ledger.kind[rows]]], days[serious[ledger.kind[rows]]], size
            )[people]
        ),
        others=_told(persons[~mine], values[~mine], unit),
        late=_late(ledger, compiled, known_later, place, history, links, unit),
        by_detection=_by_detection(ledger, compiled, rows, values, unit, people),
        shared=_shared(ledger.key[rows[mine]]),
    )


def _count(
    persons: npt.NDArray[np.int32],
    serious: npt.NDArray[np.bool_] | None,
    kinds: npt.NDArray[np.int32],
    size: int,
    people: Ints,
) -> Ints | None:
    if serious is None:
        return None
    found: Ints = np.bincount(persons[serious[kinds]], minlength=size)[people]
    return found


def _first(persons: npt.NDArray[np.int32], days: Ints, size: int) -> Ints:
    never = np.iinfo(np.int64).max
    first = np.full(size, never, dtype=np.int64)
    np.minimum.at(first, persons, days)
    first[first == never] = 0
    return first


def _by_detection(
    ledger: Ledger, compiled: Compiled, rows: Ints, values: Ints, unit: int, people: Ints
) -> dict[str, Floats]:
    if "detection" in ledger.types.absent:
        return {}
    initiated = (compiled.series != 0)[ledger.kind[rows]]
    found = {}
    for name, mine in (("victim-reported", ~initiated), ("police-initiated", initiated)):
        sums = np.zeros(len(ledger.people), dtype=np.int64)
        np.add.at(sums, ledger.offender[rows[mine]], values[mine])
        found[name] = sums[people] / unit
    return found


def _told(persons: npt.NDArray[Any], values: Ints, unit: int) -> dict[str, float]:
    return {
        "offences": len(persons),
        "harm": int(values.sum()) / unit,
        "people": len(np.unique(persons)),
    }


def _late(
    ledger: Ledger,
    compiled: Compiled,
    known_later: Passage,
    place: int,
    history: Ints,
    links: Ints,
    unit: int,
) -> dict[str, float]:
    rows = known_later.rows[known_later.at(place)]
    known = np.zeros(int(links.max(initial=-1)) + 1, dtype=bool)
    known[links[history]] = True
    late = rows[~known[links[rows]]]
    return _told(ledger.offender[late], values_of(ledger, compiled, late), unit)


def _shared(keys: npt.NDArray[np.uint64]) -> float:
    """The share of rows whose offence stands in another of them too."""
    if not len(keys):
        return 0.0
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    several = (counts[inverse] > 1) & (keys != 0)
    return float(several.mean())
