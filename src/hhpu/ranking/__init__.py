"""Score, rank, explain and compare."""

from hhpu.ranking._availability import Availability
from hhpu.ranking._compare import Comparison, compare
from hhpu.ranking._explain import Contribution, Explanation, OtherRow
from hhpu.ranking._fates import Fate
from hhpu.ranking._methods import Method, OffenceCount, RecencyWeightedHarm, TotalHarm
from hhpu.ranking._movement import Cause, Movement, movement
from hhpu.ranking._ranking import Ranking, TopBracket, rank, seats_of
from hhpu.ranking._rests import GROUNDS, rests_on
from hhpu.ranking._score import score
from hhpu.ranking._scores import Scores
from hhpu.ranking._states import States, read_states
from hhpu.ranking._sweep import Swept, sweep, sweep_top

__all__ = [
    "GROUNDS",
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
    "Scores",
    "States",
    "Swept",
    "TopBracket",
    "TotalHarm",
    "compare",
    "movement",
    "rank",
    "read_states",
    "rests_on",
    "score",
    "seats_of",
    "sweep",
    "sweep_top",
]
