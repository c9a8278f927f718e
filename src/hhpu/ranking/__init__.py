"""Score, rank, explain and compare."""

from hhpu.ranking._availability import Availability
from hhpu.ranking._causes import Cause
from hhpu.ranking._compare import Comparison, compare
from hhpu.ranking._expectation import Expectation, expected_harm
from hhpu.ranking._expected import ExpectedHarm, HistoryMethod, Parts
from hhpu.ranking._explain import Contribution, Explanation, OtherRow
from hhpu.ranking._fates import Fate, status_percentages
from hhpu.ranking._history import History, history_from, values_of
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
from hhpu.ranking._score import definition_of, score
from hhpu.ranking._scores import Scores
from hhpu.ranking._states import States, read_states
from hhpu.ranking._sweep import (
    Passage,
    Swept,
    days_of,
    history_of,
    passage,
    sweep,
    sweep_scores,
    sweep_top,
)

__all__ = [
    "GROUNDS",
    "METHODS",
    "Availability",
    "Cause",
    "Comparison",
    "Contribution",
    "Expectation",
    "ExpectedHarm",
    "Explanation",
    "Fate",
    "History",
    "HistoryMethod",
    "Method",
    "Movement",
    "OffenceCount",
    "OtherRow",
    "Parts",
    "Passage",
    "Ranking",
    "RecencyWeightedHarm",
    "Rests",
    "Scores",
    "States",
    "Swept",
    "TopBracket",
    "TotalHarm",
    "compare",
    "days_of",
    "definition_of",
    "expected_harm",
    "history_from",
    "history_of",
    "method_named",
    "movement",
    "parameters_of",
    "passage",
    "rank",
    "read_states",
    "rests_on",
    "score",
    "seats_of",
    "status_percentages",
    "sweep",
    "sweep_scores",
    "sweep_top",
    "values_of",
]
