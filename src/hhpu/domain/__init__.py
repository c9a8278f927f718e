"""The records and words of a High Harm Perpetrator Unit."""

from hhpu.domain._enums import (
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
