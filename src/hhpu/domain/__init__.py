"""The records and words of a High Harm Perpetrator Unit."""

from hhpu.domain._enums import (
    Detection,
    EntryRoute,
    EvidentialStatus,
    ManagementType,
    PersonState,
    Role,
)
from hhpu.domain._records import Identity, Offence, OffenceId, Offender, OffenderId, Spell

__all__ = [
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
]
