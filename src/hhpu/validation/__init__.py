"""Does the ranking work? Its statistics, from what was known at the time and what followed."""

from hhpu.validation._backtest import Backtest, Trial, backtest
from hhpu.validation._contenders import Contender, MostRecent, Unranked, baselines, last_list
from hhpu.validation._outcomes import OUTCOMES, Outcomes, Serious
from hhpu.validation._resample import Asked, Draws, Interval, holm, interval, resample
from hhpu.validation._weighted import Grouped, Statistic, grouped, once

__all__ = [
    "OUTCOMES",
    "Asked",
    "Backtest",
    "Contender",
    "Draws",
    "Grouped",
    "Interval",
    "MostRecent",
    "Outcomes",
    "Serious",
    "Statistic",
    "Trial",
    "Unranked",
    "backtest",
    "baselines",
    "grouped",
    "holm",
    "interval",
    "last_list",
    "once",
    "resample",
]
