"""The records and words of a High Harm Perpetrator Unit."""

from hhpu.domain._enums import (
    Detection,
    EntryRoute,
    EvidentialStatus,
    ManagementType,
    PersonState,
    Role,
)
from hhpu.domain._records import Offence, OffenceId, Offender, OffenderId, Spell

__all__ = [
    "Detection",
    "EntryRoute",
    "EvidentialStatus",
    "ManagementType",
    "Offence",
    "OffenceId",
    "Offender",
    "OffenderId",
    "PersonState",
    "Role",
    "Spell",
]
