"""Does the ranking work? Its statistics, from what was known at the time and what followed."""

from hhpu.validation._resample import Asked, Draws, Interval, holm, interval, resample
from hhpu.validation._weighted import Grouped, Statistic, grouped, once

__all__ = [
    "Asked",
    "Draws",
    "Grouped",
    "Interval",
    "Statistic",
    "grouped",
    "holm",
    "interval",
    "once",
    "resample",
]
