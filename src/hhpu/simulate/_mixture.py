"""Which offence codes are drawn how often, and what a record of each is likely to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from hhpu.domain import Detection
from hhpu.errors import ArgumentError
from hhpu.simulate._draws import Flags, slot_table

__all__ = ["DETECTIONS", "PROFILES", "Mixture", "mixture_of", "shipped_reference"]

DETECTIONS = tuple(member.value for member in Detection)

PROFILES = ("general", "acquisitive", "violent", "sexual", "drugs")
"""What a person's offences lean towards; the order of the columns of ``_SUBGROUPS``."""

_SERIOUS = ("Homicide", "Rape offences")
_PETTY = (
    "Violence without injury",
    "Stalking and harassment",
    "Theft from the person",
    "Bicycle theft",
    "Shoplifting",
    "Other theft offences",
    "Vehicle offences",
    "Criminal damage",
    "Possession of drugs",
    "Public order offences",
)
_MISCELLANEOUS = "Miscellaneous crimes against society"
_LEAD_SHARE = 0.85
_MOST_CODES = 10_000


@attrs.frozen
class _Subgroup:
    """One recorded-crime subgroup: its shares by profile and what its records say.

    Shares are relative, in the order of ``PROFILES``; the other figures are probabilities.
    ``leads`` are the codes that take most of the subgroup, in falling order. All are choices
    of this package, not estimates.
    """

    shares: tuple[float, float, float, float, float]
    leads: tuple[str, ...] = ()
    domestic: float = 0.0
    hate: float = 0.0
    child: float = 0.0
    non_recent: float = 0.003


_SUBGROUPS: Mapping[str, _Subgroup] = {
    "Homicide": _Subgroup((0.03, 0.01, 0.2, 0.02, 0.1), ("1/01", "4/01"), 0.25, 0.0, 0.08),
    "Violence with injury": _Subgroup(
        (14, 4, 26, 6, 8), ("8/06", "8/01", "5/01"), 0.35, 0.005, 0.06, 0.004
    ),
    "Violence without injury": _Subgroup(
        (18, 6, 26, 10, 8), ("105/01", "104/23", "3/01", "8/67"), 0.35, 0.01, 0.09, 0.006
    ),
    "Stalking and harassment": _Subgroup(
        (12, 3, 20, 8, 4), ("195/94", "8/72", "195/12", "8/30", "8/66"), 0.45, 0.02, 0.03
    ),
    "Death or serious injury - unlawful driving": _Subgroup((0.1, 0.05, 0.05, 0.02, 0.05)),
    "Rape offences": _Subgroup(
        (0.8, 0.1, 1.5, 14, 0.2), ("19/08", "19/07", "19/16"), 0.3, 0.0, 0.1, 0.15
    ),
    "Other sexual offences": _Subgroup(
        (1.5, 0.3, 2, 40, 0.4), ("20/05", "88/09", "22/18", "20/03"), 0.12, 0.0, 0.2, 0.12
    ),
    "Robbery (business or personal)": _Subgroup((1.2, 3, 2.5, 0.2, 2), ("34/01",), 0.02, 0.0, 0.15),
    "Residential burglary": _Subgroup((1.5, 9, 1, 0.3, 1.5), ("28/03",), 0.06, 0.0, 0.01),
    "Non-residential burglary": _Subgroup((1, 6, 0.5, 0.2, 1), ("30/02",)),
    "Theft from the person": _Subgroup((0.8, 4, 0.4, 0.1, 0.6), ("39/00",), 0.01, 0.0, 0.03),
    "Bicycle theft": _Subgroup((0.5, 3, 0.2, 0.1, 0.4), ("44/00",)),
    "Shoplifting": _Subgroup((8, 34, 2, 1, 7), ("46/00",)),
    "Other theft offences": _Subgroup(
        (5, 11, 2, 1, 3), ("49/10", "40/00", "53/25", "35/00"), 0.05, 0.0, 0.01
    ),
    "Vehicle offences": _Subgroup((3, 12, 1, 0.3, 3), ("45/10", "48/01", "126/00", "130/01")),
    "Arson": _Subgroup((0.4, 0.3, 0.6, 0.1, 0.2), ("56/02", "56/01"), 0.1, 0.005, 0.01),
    "Criminal damage": _Subgroup((11, 5, 9, 2, 4), ("149/00", "58/00"), 0.2, 0.01, 0.01),
    "Trafficking of drugs": _Subgroup((1.2, 1, 0.8, 0.2, 18), ("92/41", "92/81", "92/21")),
    "Possession of drugs": _Subgroup((4, 4, 2.5, 1, 28), ("92/61",)),
    "Possession of weapons offences": _Subgroup((2, 2, 3.5, 0.5, 5), ("8/26", "8/11"), 0.02),
    "Public order offences": _Subgroup(
        (11, 5, 12, 4, 4), ("125/12", "125/09", "125/11", "66/01", "66/39"), 0.08, 0.07, 0.02
    ),
    _MISCELLANEOUS: _Subgroup(
        (2.5, 3, 2.5, 9, 3),
        ("54/01", "59/11", "86/02", "79/04", "79/01", "86/10", "86/11", "61/21", "86/15", "79/05"),
        0.05,
        0.0,
        0.0,
    ),
}

_CHILD_WORDS = ("child", "under 13", "under 16", "aged 13 to 17")
_HATE_WORDS = ("racially or religiously aggravated",)
_DOMESTIC_WORDS = ("intimate / family relationship",)
_CHILD_ABUSE = 0.9
"""Share of the records of an offence against a child, by its title, that carry the flag."""
_CHILD_ABUSE_OTHER = 0.4


class Facts(Protocol):
    """What is read of a reference code."""

    @property
    def description(self) -> str: ...
    @property
    def subgroup(self) -> str | None: ...
    @property
    def generic(self) -> bool: ...
    @property
    def notifiable(self) -> bool: ...
    @property
    def detection(self) -> str | None: ...


@attrs.frozen(eq=False)
class Mixture:
    """The codes that are drawn, with one figure of each kind for each code.

    Parameters
    ----------
    codes : tuple of str
        The codes as they are written.
    slots : array of int16, shape (profiles, 65536)
        A person's profile and a 16-bit number give the place of a code.
    alternate : array of int16
        The code that a record may have had before it was re-classified; itself if there is none.
    domestic, hate, child, abuse, non_recent : array of float32
        Probabilities; ``abuse`` is that of the child-abuse flag given a child victim.
    detection : array of int8
        Place in ``DETECTIONS``.
    """

    codes: tuple[str, ...]
    slots: NDArray[np.int16]
    alternate: NDArray[np.int16]
    domestic: NDArray[np.float32]
    hate: NDArray[np.float32]
    child: NDArray[np.float32]
    abuse: NDArray[np.float32]
    non_recent: NDArray[np.float32]
    detection: NDArray[np.int8]


def shipped_reference() -> Mapping[str, Facts]:
    """Give the shipped list of Home Office offence codes, read when it is first wanted."""
    from hhpu.indices.codes import reference_codes

    return reference_codes()


def mixture_of(
    reference: Mapping[str, Facts],
    codes: Sequence[str] | None,
    *,
    serious: float = 1.0,
    petty: float = 1.0,
) -> Mixture:
    """Make the mixture: of the reference list, or of given codes with equal chances.

    Parameters
    ----------
    reference : mapping of str to reference code
        The shipped list of Home Office codes.
    codes : sequence of str or None
        None draws every notifiable code that has a subgroup and is not a "use only if unable
        to determine" one, save that of the miscellaneous subgroup only ten are drawn.
    serious : float, optional
        By what the shares of homicide and rape are multiplied.
    petty : float, optional
        By what the shares of theft, criminal damage, public order offences, possession of drugs
        and violence without injury are multiplied.

    Returns
    -------
    Mixture

    Raises
    ------
    ArgumentError
        No code, an empty or repeated one, or more than 10,000.
    """
    if codes is None:
        chosen, probabilities = _from_reference(reference, serious, petty)
    else:
        chosen = _checked(codes)
        probabilities = np.ones((len(PROFILES), len(chosen)))
    facts = [reference.get(code) for code in chosen]
    titles = [_title(fact) for fact in facts]
    groups = [_SUBGROUPS.get(_subgroup(fact)) for fact in facts]
    about_child = _mentions(titles, _CHILD_WORDS)
    about_hate = _mentions(titles, _HATE_WORDS)
    about_home = _mentions(titles, _DOMESTIC_WORDS)
    cells = [
        (_subgroup(fact), bool(child), bool(hate), bool(home))
        for fact, child, hate, home in zip(facts, about_child, about_hate, about_home, strict=True)
    ]

    def figures(name: str, certain: Flags | None = None) -> NDArray[np.float32]:
        values = np.array([getattr(group, name) if group else 0.0 for group in groups], np.float32)
        if certain is not None:
            values[certain] = 1.0
        return values

    return Mixture(
        codes=chosen,
        slots=slot_table(probabilities),
        alternate=_next_in_cell(cells),
        domestic=figures("domestic", about_home),
        hate=figures("hate", about_hate),
        child=figures("child", about_child),
        abuse=np.where(about_child, _CHILD_ABUSE, _CHILD_ABUSE_OTHER).astype(np.float32),
        non_recent=figures("non_recent"),
        detection=np.array([_detection(fact) for fact in facts], dtype=np.int8),
    )


def _from_reference(
    reference: Mapping[str, Facts], serious: float, petty: float
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    members: dict[str, list[str]] = {name: [] for name in _SUBGROUPS}
    for code, fact in reference.items():
        name = _subgroup(fact)
        if not fact.notifiable or fact.generic or name not in members:
            continue
        if name != _MISCELLANEOUS or code in _SUBGROUPS[name].leads:
            members[name].append(code)
    factors = dict.fromkeys(_SERIOUS, serious) | dict.fromkeys(_PETTY, petty)
    chosen: list[str] = []
    columns: list[NDArray[np.float64]] = []
    for name, group in _SUBGROUPS.items():
        inside = _shares_inside(members[name], group.leads)
        chosen.extend(inside)
        shares = np.asarray(group.shares) * factors.get(name, 1.0)
        columns.extend(share * shares for share in inside.values())
    if not chosen:
        message = "the reference list of offence codes has no notifiable code with a subgroup"
        raise ArgumentError(message)
    return tuple(chosen), np.stack(columns, axis=1)


def _shares_inside(members: list[str], leads: tuple[str, ...]) -> dict[str, float]:
    """Give the first codes most of a subgroup, as 1, 1/2, 1/3, ...; the rest share evenly."""
    present = [code for code in leads if code in members]
    rest = [code for code in members if code not in present]
    lead_share = 0.0 if not present else 1.0 if not rest else _LEAD_SHARE
    harmonic = sum(1 / rank for rank in range(1, len(present) + 1))
    shares = {code: lead_share / rank / harmonic for rank, code in enumerate(present, start=1)}
    shares.update({code: (1 - lead_share) / len(rest) for code in rest})
    return shares


def _checked(codes: Sequence[str]) -> tuple[str, ...]:
    chosen = tuple(codes) if not isinstance(codes, str) else ()
    written = all(str(code).strip() and code == str(code) for code in chosen)
    if not chosen or not written or len(set(chosen)) < len(chosen) or len(chosen) > _MOST_CODES:
        message = (
            "codes must be a sequence of 1 to 10,000 different, non-empty texts such as "
            f"['8/06', '105/01'], or None for the shipped list; got {len(codes)} item(s)"
        )
        raise ArgumentError(message)
    return chosen


def _title(fact: Facts | None) -> str:
    return "" if fact is None else fact.description.casefold()


def _subgroup(fact: Facts | None) -> str:
    return "" if fact is None else fact.subgroup or ""


def _mentions(titles: list[str], wanted: tuple[str, ...]) -> Flags:
    return np.array([any(word in title for word in wanted) for title in titles], dtype=np.bool_)


def _detection(fact: Facts | None) -> int:
    written = None if fact is None else fact.detection
    return DETECTIONS.index(str(written or Detection.REPORTED.value))


def _next_in_cell(cells: list[tuple[str, bool, bool, bool]]) -> NDArray[np.int16]:
    """Pair each code with the next one of its own subgroup whose title implies the same flags."""
    places: dict[tuple[str, bool, bool, bool], list[int]] = {}
    for place, cell in enumerate(cells):
        places.setdefault(cell, []).append(place)
    alternate = np.arange(len(cells), dtype=np.int16)
    for together in places.values():
        alternate[together] = np.roll(together, -1)
    return alternate
