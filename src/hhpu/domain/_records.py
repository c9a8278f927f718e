"""The records: an offender, a person-offence link, a state, a correction, a decision."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any, Final, NewType

import attrs

from hhpu.domain._enums import (
    Decided,
    Detection,
    EntryRoute,
    EvidentialStatus,
    ManagementType,
    PersonState,
    Role,
    Wrong,
)
from hhpu.errors import ArgumentError, as_whole

__all__ = [
    "OLDEST",
    "Correction",
    "Decision",
    "Identity",
    "Offence",
    "OffenceId",
    "Offender",
    "OffenderId",
    "Spell",
]

OLDEST: Final = 120

OffenderId = NewType("OffenderId", str)
OffenceId = NewType("OffenceId", str)


def _column(description: str, *, unit: str | None = None, **options: Any) -> Any:
    return attrs.field(metadata={"description": description, "unit": unit}, **options)


def _check_id(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        message = f"{attribute.name} must be text and not empty"
        raise ArgumentError(message)


def _check_date(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and (not isinstance(value, dt.date) or isinstance(value, dt.datetime)):
        message = f"{attribute.name} must be a date without a time of day, or None"
        raise ArgumentError(message)


def _check_day(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is None:
        message = f"{attribute.name} must be a date"
        raise ArgumentError(message)
    _check_date(_, attribute, value)


def _optional_date(description: str) -> Any:
    return _column(description, unit="day", default=None, validator=_check_date)


def _word(words: type[StrEnum]) -> Any:
    def read(value: object) -> StrEnum:
        try:
            return words(str(value))
        except ValueError:
            message = f"a {words.__name__} is one of {', '.join(words)}"
            raise ArgumentError(message) from None

    return read


def _optional(words: type[StrEnum]) -> Any:
    return attrs.converters.optional(_word(words))


def _flag(description: str) -> Any:
    truth = attrs.validators.optional(attrs.validators.instance_of(bool))
    return _column(description, default=None, validator=truth)


def _age(value: object) -> int | None:
    if value is None:
        return None
    age = as_whole(value)
    if type(age) is int and 0 <= age <= OLDEST:
        return age
    message = f"an age is a whole number of years from 0 to {OLDEST}, or None"
    raise ArgumentError(message)


@attrs.frozen(kw_only=True)
class Offender:
    """A person on whom the force holds offences; not an assertion of guilt.

    Parameters
    ----------
    offender_id : OffenderId
        The force's own identifier, kept as text: leading zeros stay.
    date_of_birth : datetime.date, optional
        Used in two places only: an offence below the age of criminal responsibility never
        scores; a person under 18 is available to a youth route only.
    name : str, optional
        Read only to recognise placeholders such as an unknown person; never written out.

    Examples
    --------
    >>> Offender(offender_id="P1", date_of_birth=dt.date(1990, 2, 28)).offender_id
    'P1'
    """

    offender_id: OffenderId = _column(
        "The force's own identifier of the person, as text", validator=_check_id
    )
    date_of_birth: dt.date | None = _optional_date("Date of birth")
    name: str | None = _column(
        "Name, read only to recognise placeholder people; never written out", default=None
    )


@attrs.frozen(kw_only=True)
class Offence:
    """One person's link to one recorded offence: one row for each (person, offence, role).

    Police records over-represent what is reported, what is looked for, and whom the police
    already watch; a link is an allegation unless its status says otherwise.

    Parameters
    ----------
    offender_id : OffenderId
        The person.
    code : str or None
        Offence code as written by the force, in its own notation.
    offence_id : OffenceId, optional
        The recorded offence. Without it duplicates cannot be found.
    role : Role, optional
        The person's role; without it the link is taken to be a suspect's and the result says so.
    status : EvidentialStatus, optional
        How far the allegation has been proved.
    committed_on, committed_to, reported_on, recorded_on : datetime.date, optional
        The dates of the offence, in local civil days.
    known_from, known_to : datetime.date, optional
        The half-open interval ``[known_from, known_to)`` in which this version of the link was
        known; ``known_from`` falls back to ``recorded_on``.
    status_from : datetime.date, optional
        The day from which the status was known.
    domestic_abuse, hate, child_abuse, child_victim : bool, optional
        Record-level flags; ``child_victim`` is a victim under 18.
    victim_age : int, optional
        Age of the youngest victim at the offence, in whole years. Read only to tell whether a
        victim was under 18; no ledger keeps it.
    detection : Detection, optional
        How the offence came to light.
    division : str, optional
        The force's division or area.

    Examples
    --------
    >>> Offence(offender_id="P1", code="8/06", committed_on=dt.date(2025, 1, 4)).code
    '8/06'
    """

    offender_id: OffenderId = _column("The person, as in the people table", validator=_check_id)
    offence_id: OffenceId | None = _column(
        "The recorded offence; several people may share one",
        default=None,
        validator=attrs.validators.optional(_check_id),
    )
    code: str | None = _column("Offence code as written, in the declared notation")
    role: Role | None = _column(
        "The person's role in the offence", default=None, converter=_optional(Role)
    )
    status: EvidentialStatus | None = _column(
        "Evidential status of the allegation against this person",
        default=None,
        converter=_optional(EvidentialStatus),
    )
    committed_on: dt.date | None = _optional_date("First or only day of the offence")
    committed_to: dt.date | None = _optional_date("Last day, where the offence spans several")
    reported_on: dt.date | None = _optional_date("Day on which it was reported")
    recorded_on: dt.date | None = _optional_date("Day on which it was recorded as a crime")
    known_from: dt.date | None = _optional_date(
        "First day on which this version of the row was known; falls back to recorded_on"
    )
    known_to: dt.date | None = _optional_date(
        "First day on which this version was no longer known; empty while it stands"
    )
    status_from: dt.date | None = _optional_date("Day from which the status was known")
    domestic_abuse: bool | None = _flag("Domestic abuse flag of the record")
    hate: bool | None = _flag("Hate crime flag of the record")
    child_abuse: bool | None = _flag("Child abuse flag of the record")
    child_victim: bool | None = _flag("Whether a victim was under 18")
    victim_age: int | None = _column(
        "Age of the youngest victim at the offence, in whole years; empty where it is not known. "
        "Read only to tell whether a victim was under 18, and not kept",
        unit="year",
        default=None,
        converter=_age,
    )
    detection: Detection | None = _column(
        "How the offence came to light", default=None, converter=_optional(Detection)
    )
    division: str | None = _column("Division or area of the force", default=None)


@attrs.frozen(kw_only=True)
class Identity:
    """A record that is one person with another: a line of a dated map, and reversible.

    Offences stay under the record under which the force holds them; the map is applied when people
    are scored, as it was known at the date. Closing a line parts the records again.

    Parameters
    ----------
    offender_id : OffenderId
        The record.
    person_id : OffenderId
        The person: by custom the record that is kept.
    known_from : datetime.date
        First day on which they were held to be one.
    known_to : datetime.date, optional
        First day on which they no longer were; empty while they are.

    Examples
    --------
    >>> Identity(offender_id="P2", person_id="P1", known_from=dt.date(2026, 1, 9)).person_id
    'P1'
    """

    offender_id: OffenderId = _column("The record, as in the offences", validator=_check_id)
    person_id: OffenderId = _column("The person: the record that is kept", validator=_check_id)
    known_from: dt.date = _column(
        "First day on which they were held to be one", unit="day", validator=_check_date
    )
    known_to: dt.date | None = _optional_date(
        "First day on which they no longer were; empty while they are"
    )


@attrs.frozen(kw_only=True)
class Spell:
    """A state of a person over time: deceased, in custody, moved out, managed.

    A state never changes a score; it decides availability, shown beside the rank.

    Parameters
    ----------
    offender_id : OffenderId
        The person.
    state : PersonState
        The state.
    starts_on : datetime.date
        First day of the state.
    ends_on : datetime.date, optional
        First day on which the state no longer holds (a release day); empty while it lasts.
    known_from, known_to : datetime.date, optional
        The interval in which the spell was known; ``known_from`` falls back to ``starts_on``.
    management_type : ManagementType, optional
        For ``managed``: IOM, ViSOR or HHPU.
    entry_route : EntryRoute, optional
        For ``managed``: the door by which the person came.

    Examples
    --------
    >>> Spell(offender_id="P1", state=PersonState.DECEASED, starts_on=dt.date(2026, 1, 9)).state
    <PersonState.DECEASED: 'deceased'>
    """

    offender_id: OffenderId = _column("The person, as in the people table", validator=_check_id)
    state: PersonState = _column("The state", converter=_word(PersonState))
    starts_on: dt.date = _column("First day of the state", unit="day", validator=_check_date)
    ends_on: dt.date | None = _optional_date(
        "First day on which the state no longer holds; empty while it lasts"
    )
    known_from: dt.date | None = _optional_date(
        "First day on which the spell was known; falls back to starts_on"
    )
    known_to: dt.date | None = _optional_date(
        "First day on which the spell was no longer known; empty while it stands"
    )
    management_type: ManagementType | None = _column(
        "For a managed person: the type of management",
        default=None,
        converter=_optional(ManagementType),
    )
    entry_route: EntryRoute | None = _column(
        "For a managed person: the door by which the person came",
        default=None,
        converter=_optional(EntryRoute),
    )


_VALUES = (
    "code", "status", "day", "domestic_abuse", "hate", "child_abuse", "child_victim", "detection",
)  # fmt: skip


@attrs.frozen(kw_only=True)
class Correction:
    """A decision that one person's link to one offence was wrong from the beginning.

    It says what should have stood in the records all along; a value that was right and changed
    later is no correction but a new version of the link.

    Parameters
    ----------
    offence_id : OffenceId
        The recorded offence.
    offender_id : OffenderId
        The person whose link is wrong, by the record under which the force holds it.
    what : Wrong
        What is wrong: the offence itself, the person, or values of the link.
    decided_on : datetime.date
        Day of the decision.
    to_offender_id : OffenderId, optional
        For ``wrong-person``: the right person, where known.
    code, status : optional
        For ``corrected``: the right offence code, the right evidential status.
    day : datetime.date, optional
        For ``corrected``: the right placing date, whichever date places offences in the run.
    domestic_abuse, hate, child_abuse, child_victim : bool, optional
        For ``corrected``: the right flags.
    detection : Detection, optional
        For ``corrected``: how the offence truly came to light.
    reason : str, optional
        Why, in a few words, for the file; printed nowhere.

    Raises
    ------
    ValueError
        If a value does not go with ``what``, or ``corrected`` has no value.

    Examples
    --------
    >>> Correction(offence_id="C1", offender_id="P1", what="cancelled",
    ...            decided_on=dt.date(2026, 1, 9)).what
    <Wrong.CANCELLED: 'cancelled'>
    """

    offence_id: OffenceId = _column("The recorded offence", validator=_check_id)
    offender_id: OffenderId = _column(
        "The person whose link is wrong, as in the offences", validator=_check_id
    )
    what: Wrong = _column("What is wrong with the link", converter=_word(Wrong))
    decided_on: dt.date = _column("Day of the decision", unit="day", validator=_check_day)
    to_offender_id: OffenderId | None = _column(
        "For wrong-person: the right person, where known",
        default=None,
        validator=attrs.validators.optional(_check_id),
    )
    code: str | None = _column("For corrected: the right offence code", default=None)
    status: EvidentialStatus | None = _column(
        "For corrected: the right evidential status",
        default=None,
        converter=_optional(EvidentialStatus),
    )
    day: dt.date | None = _optional_date("For corrected: the right placing date")
    domestic_abuse: bool | None = _flag("For corrected: the right domestic abuse flag")
    hate: bool | None = _flag("For corrected: the right hate crime flag")
    child_abuse: bool | None = _flag("For corrected: the right child abuse flag")
    child_victim: bool | None = _flag("For corrected: whether a victim was under 18")
    detection: Detection | None = _column(
        "For corrected: how the offence came to light",
        default=None,
        converter=_optional(Detection),
    )
    reason: str | None = _column("Why, in a few words; printed nowhere", default=None)

    def __attrs_post_init__(self) -> None:
        given = [name for name in _VALUES if getattr(self, name) is not None]
        if self.what is Wrong.CORRECTED and not given:
            message = f"what={str(self.what)!r} needs a right value: {', '.join(_VALUES)}"
            raise ArgumentError(message)
        stray = [] if self.what is Wrong.CORRECTED else given
        if self.what is not Wrong.WRONG_PERSON and self.to_offender_id is not None:
            stray = ["to_offender_id", *stray]
        if stray:
            message = f"{', '.join(stray)} does not go with what={str(self.what)!r}"
            raise ArgumentError(message)
        if self.to_offender_id == self.offender_id:
            message = "to_offender_id is the person whose link is wrong"
            raise ArgumentError(message)


@attrs.frozen(kw_only=True)
class Decision:
    """What a named person decided of one proposal of one list, and when.

    A place on a list proposes a person for assessment. It is adopted or rejected by somebody who
    answers for it; rejected is the list overridden.

    Parameters
    ----------
    offender_id : OffenderId
        The person, as on the list.
    as_of : datetime.date
        The date of the run whose list it is.
    decision : Decided
        Adopted or rejected.
    decided_on : datetime.date
        Day of the decision.
    decided_by : str
        Who decided, as a role or pseudonym; printed nowhere.
    reasons : str, optional
        Why, in a few words, for the file; printed nowhere.

    Examples
    --------
    >>> Decision(offender_id="P1", as_of=dt.date(2026, 3, 31), decision="rejected",
    ...          decided_on=dt.date(2026, 4, 9), decided_by="detective inspector").decision
    <Decided.REJECTED: 'rejected'>
    """

    offender_id: OffenderId = _column("The person, as on the list", validator=_check_id)
    as_of: dt.date = _column(
        "The date of the run whose list it is", unit="day", validator=_check_day
    )
    decision: Decided = _column("Adopted or rejected", converter=_word(Decided))
    decided_on: dt.date = _column("Day of the decision", unit="day", validator=_check_day)
    decided_by: str = _column(
        "Who decided, as a role or pseudonym; printed nowhere", validator=_check_id
    )
    reasons: str | None = _column("Why, in a few words; printed nowhere", default=None)
