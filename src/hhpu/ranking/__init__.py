"""Score, rank, explain and compare."""

from hhpu.ranking._availability import Availability
from hhpu.ranking._compare import Comparison, compare
from hhpu.ranking._explain import Contribution, Explanation, OtherRow
from hhpu.ranking._fates import Fate
from hhpu.ranking._methods import Method, OffenceCount, RecencyWeightedHarm, TotalHarm
from hhpu.ranking._ranking import Ranking, TopBracket, rank
from hhpu.ranking._score import score
from hhpu.ranking._scores import Scores

__all__ = [
    "Availability",
    "Comparison",
    "Contribution",
    "Explanation",
    "Fate",
    "Method",
    "OffenceCount",
    "OtherRow",
    "Ranking",
    "RecencyWeightedHarm",
    "Scores",
    "TopBracket",
    "TotalHarm",
    "compare",
    "rank",
    "score",
]
