"""Score, rank, explain and compare."""

from hhpu.ranking._availability import Availability
from hhpu.ranking._causes import Cause
from hhpu.ranking._compare import Comparison, compare
from hhpu.ranking._explain import Contribution, Explanation, OtherRow
from hhpu.ranking._fates import Fate
from hhpu.ranking._methods import (
    METHODS,
    Method,
    OffenceCount,
    RecencyWeightedHarm,
    TotalHarm,
    method_named,
    parameters_of,
)
from hhpu.ranking._movement import Movement, movement
from hhpu.ranking._ranking import Ranking, TopBracket, rank, seats_of
from hhpu.ranking._rests import GROUNDS, Rests, rests_on
from hhpu.ranking._score import refuse_unmapped, score
from hhpu.ranking._scores import Scores

__all__ = [
    "GROUNDS",
    "METHODS",
    "Availability",
    "Cause",
    "Comparison",
    "Contribution",
    "Explanation",
    "Fate",
    "Method",
    "Movement",
    "OffenceCount",
    "OtherRow",
    "Ranking",
    "RecencyWeightedHarm",
    "Rests",
    "Scores",
    "TopBracket",
    "TotalHarm",
    "compare",
    "method_named",
    "movement",
    "parameters_of",
    "rank",
    "refuse_unmapped",
    "rests_on",
    "score",
    "seats_of",
]
