"""The records and words of a High Harm Perpetrator Unit."""

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
from hhpu.domain._records import (
    OLDEST,
    Correction,
    Decision,
    Identity,
    Offence,
    OffenceId,
    Offender,
    OffenderId,
    Spell,
)

__all__ = [
    "OLDEST",
    "Correction",
    "Decided",
    "Decision",
    "Detection",
    "EntryRoute",
    "EvidentialStatus",
    "Identity",
    "ManagementType",
    "Offence",
    "OffenceId",
    "Offender",
    "OffenderId",
    "PersonState",
    "Role",
    "Spell",
    "Wrong",
]
