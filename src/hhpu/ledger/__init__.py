"""The ledger: offences encoded once, and the one time rule."""

from hhpu.ledger._correct import corrected, versions_of
from hhpu.ledger._encode import encode
from hhpu.ledger._history import BeliefNames, ExtractTaken, births_known, with_births
from hhpu.ledger._ledger import UNREADABLE_STATUS, Ledger
from hhpu.ledger._people import birthdays, match_people
from hhpu.ledger._time import active_interval, counts_on
from hhpu.ledger._types import Types

__all__ = [
    "UNREADABLE_STATUS",
    "BeliefNames",
    "ExtractTaken",
    "Ledger",
    "Types",
    "active_interval",
    "birthdays",
    "births_known",
    "corrected",
    "counts_on",
    "encode",
    "match_people",
    "versions_of",
    "with_births",
]
