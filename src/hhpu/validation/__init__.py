"""Does the ranking work? Its statistics, from what was known at the time and what followed."""

from hhpu.validation._association import (
    Association,
    Estimate,
    PValue,
    association,
    association_interval,
    association_p,
)
from hhpu.validation._backtest import Backtest, Trial, backtest
from hhpu.validation._capacity import (
    AtCapacity,
    Capacity,
    CaptureCurve,
    TieRange,
    at_capacity,
    capacity,
    capacity_label,
    capture_curve,
)
from hhpu.validation._contenders import Contender, MostRecent, Unranked, baselines, last_list
from hhpu.validation._figures import POOLED, Figures, figures
from hhpu.validation._outcomes import OUTCOMES, Outcomes, Serious
from hhpu.validation._resample import Asked, Draws, Interval, holm, interval, resample
from hhpu.validation._roc import Areas, DeLong, Difference, areas, delong
from hhpu.validation._tuning import FALLBACK, HALF_LIVES, PRIORS, Tuned, mean_capture, tuned
from hhpu.validation._weighted import Grouped, Statistic, grouped, once
from hhpu.validation._words import (
    WORDS,
    Compared,
    Measured,
    against_baseline,
    against_best,
    against_random,
)

__all__ = [
    "FALLBACK",
    "HALF_LIVES",
    "OUTCOMES",
    "POOLED",
    "PRIORS",
    "WORDS",
    "Areas",
    "Asked",
    "Association",
    "AtCapacity",
    "Backtest",
    "Capacity",
    "CaptureCurve",
    "Compared",
    "Contender",
    "DeLong",
    "Difference",
    "Draws",
    "Estimate",
    "Figures",
    "Grouped",
    "Interval",
    "Measured",
    "MostRecent",
    "Outcomes",
    "PValue",
    "Serious",
    "Statistic",
    "TieRange",
    "Trial",
    "Tuned",
    "Unranked",
    "against_baseline",
    "against_best",
    "against_random",
    "areas",
    "association",
    "association_interval",
    "association_p",
    "at_capacity",
    "backtest",
    "baselines",
    "capacity",
    "capacity_label",
    "capture_curve",
    "delong",
    "figures",
    "grouped",
    "holm",
    "interval",
    "last_list",
    "mean_capture",
    "once",
    "resample",
    "tuned",
]
