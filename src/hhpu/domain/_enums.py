"""The words of the domain, as they are written in tables."""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "Decided",
    "Detection",
    "EntryRoute",
    "EvidentialStatus",
    "ManagementType",
    "PersonState",
    "Role",
    "Wrong",
]


class Role(StrEnum):
    """What a person is in one offence; a victim's or witness's offence never scores."""

    SUSPECT = "suspect"
    OFFENDER = "offender"
    VICTIM = "victim"
    WITNESS = "witness"

    @property
    def may_score(self) -> bool:
        """Whether the link can count towards a harm score."""
        return self in (Role.SUSPECT, Role.OFFENDER)


class EvidentialStatus(StrEnum):
    """How far an allegation against a person has been proved."""

    SUSPECT = "suspect"
    ARRESTED = "arrested"
    CHARGED = "charged"
    CONVICTED = "convicted"
    CAUTIONED = "cautioned"
    NO_FURTHER_ACTION = "no-further-action"
    ELIMINATED = "eliminated"
    ACQUITTED = "acquitted"
    NOT_GUILTY = "not-guilty"
    CANCELLED = "cancelled"

    @property
    def proven(self) -> bool:
        """Whether guilt was established: convicted or cautioned."""
        return self in (EvidentialStatus.CONVICTED, EvidentialStatus.CAUTIONED)

    @property
    def never_scores(self) -> bool:
        """Whether no definition may give the status weight."""
        return self in (
            EvidentialStatus.ELIMINATED,
            EvidentialStatus.ACQUITTED,
            EvidentialStatus.NOT_GUILTY,
            EvidentialStatus.CANCELLED,
        )


class Detection(StrEnum):
    """How an offence came to light."""

    REPORTED = "reported"
    PROACTIVE = "proactive"
    COMPANY = "company"
    MANAGEMENT = "management"


class PersonState(StrEnum):
    """What decides whether a person is available to the unit; never part of a score."""

    DECEASED = "deceased"
    IN_CUSTODY = "in-custody"
    MOVED_OUT = "moved-out"
    MANAGED = "managed"


class ManagementType(StrEnum):
    """The three types of managed offender of a High Harm Perpetrator Unit."""

    IOM = "IOM"
    VISOR = "ViSOR"
    HHPU = "HHPU"


class EntryRoute(StrEnum):
    """The door by which a person came to be managed."""

    MAPPA = "MAPPA"
    IOM_MEETING = "IOM-meeting"
    ALGORITHM = "algorithm"
    POLICE_REFERRAL = "police-referral"
    AGENCY_REFERRAL = "agency-referral"


class Wrong(StrEnum):
    """What was wrong, from the beginning, with a person's link to an offence."""

    CANCELLED = "cancelled"
    WRONG_PERSON = "wrong-person"
    CORRECTED = "corrected"

    @property
    def meaning(self) -> str:
        """The word in a sentence."""
        return {
            Wrong.CANCELLED: "the offence did not happen, or was no crime",
            Wrong.WRONG_PERSON: "the person has nothing to do with the offence",
            Wrong.CORRECTED: "a value of the link was wrong",
        }[self]


class Decided(StrEnum):
    """What a named person made of a proposal: to take the person on, or not to."""

    ADOPTED = "adopted"
    REJECTED = "rejected"
