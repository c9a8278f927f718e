"""Error rates from a confusion table, and intervals of shares of people."""

from __future__ import annotations

import attrs
import numpy as np
from scipy.special import ndtri

from hhpu.errors import ArgumentError

__all__ = ["ErrorRates", "error_rates", "newcombe", "wilson"]


@attrs.frozen
class ErrorRates:
    """Rates from a confusion table.

    Parameters
    ----------
    false_positive_rate : float
        FP / (FP + TN).
    false_negative_rate : float
        FN / (FN + TP).
    precision : float
        TP / (TP + FP).
    selection_rate : float
        (TP + FP) / n.
    base_rate : float
        (TP + FN) / n.
    why : str
        Which rates are undefined; they are NaN.
    """

    false_positive_rate: float
    false_negative_rate: float
    precision: float
    selection_rate: float
    base_rate: float
    why: str


def error_rates(tn: float, fp: float, fn: float, tp: float) -> ErrorRates:
    """Give the rates of a confusion table.

    Parameters
    ----------
    tn, fp, fn, tp : float
        True negatives, false positives, false negatives, true positives; not negative.

    Returns
    -------
    ErrorRates
        NaN, with the reason, where a denominator is 0.

    Raises
    ------
    ArgumentError
        If a count is negative or not finite.

    Examples
    --------
    >>> found = error_rates(2681, 1282, 1216, 2035)
    >>> f"{found.false_positive_rate:.2%} {found.false_negative_rate:.2%}"
    '32.35% 37.40%'
    """
    if not all(np.isfinite(each) and each >= 0 for each in (tn, fp, fn, tp)):
        message = "tn, fp, fn and tp are counts: finite, not negative"
        raise ArgumentError(message)
    n = tn + fp + fn + tp
    parts = {
        "false_positive_rate": (fp, fp + tn),
        "false_negative_rate": (fn, fn + tp),
        "precision": (tp, tp + fp),
        "selection_rate": (tp + fp, n),
        "base_rate": (tp + fn, n),
    }
    empty = [name for name, (_, below) in parts.items() if not below]
    rates = {
        name: above / below if below else float("nan") for name, (above, below) in parts.items()
    }
    why = f"nobody to divide by: {', '.join(empty)}" if empty else ""
    return ErrorRates(**rates, why=why)


def wilson(count: float, people: float, *, level: float = 0.95) -> tuple[float, float]:
    """Give Wilson's score interval of a share of people.

    Parameters
    ----------
    count, people : float
        How many of how many; NaN is given back where ``people`` is 0.
    level : float
        Between 0 and 1.

    Returns
    -------
    tuple of float
        Low and high.

    Raises
    ------
    ArgumentError
        If an argument is out of its range.

    References
    ----------
    Wilson EB (1927). Probable inference, the law of succession, and statistical inference. Journal
    of the American Statistical Association 22(158), 209-212. doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> [round(end, 4) for end in wilson(56, 70)]
    [0.6918, 0.877]
    """
    if not 0 < level < 1:
        message = f"level={level}: between 0 and 1"
        raise ArgumentError(message)
    if not 0 <= count <= people:
        message = "a share of people is of a count from 0 to the people"
        raise ArgumentError(message)
    if people == 0:
        return float("nan"), float("nan")
    z = float(ndtri((1 + level) / 2))
    share = count / people
    middle = share + z * z / (2 * people)
    reach = z * float(np.sqrt(share * (1 - share) / people + z * z / (4 * people * people)))
    whole = 1 + z * z / people
    low, high = (middle - reach) / whole, (middle + reach) / whole
    return (0.0 if count == 0 else low), (1.0 if count == people else high)


def newcombe(
    count: float, people: float, other_count: float, other_people: float, *, level: float = 0.95
) -> tuple[float, float]:
    """Give Newcombe's hybrid score interval of a difference of two shares of different people.

    Method 10 of the source: without continuity correction.

    Parameters
    ----------
    count, people : float
        Of the group.
    other_count, other_people : float
        Of the reference, whose share is subtracted.
    level : float
        Between 0 and 1.

    Returns
    -------
    tuple of float
        Low and high; NaN where one has nobody.

    Raises
    ------
    ArgumentError
        If an argument is out of its range.

    References
    ----------
    Newcombe RG (1998). Interval estimation for the difference between independent proportions:
    comparison of eleven methods. Statistics in Medicine 17(8), 873-890.

    Examples
    --------
    >>> [round(end, 4) for end in newcombe(56, 70, 48, 80)]
    [0.0524, 0.3339]
    """
    low, high = wilson(count, people, level=level)
    other_low, other_high = wilson(other_count, other_people, level=level)
    if people == 0 or other_people == 0:
        return float("nan"), float("nan")
    share, other = count / people, other_count / other_people
    down = float(np.hypot(share - low, other_high - other))
    up = float(np.hypot(high - share, other - other_low))
    return share - other - down, share - other + up
