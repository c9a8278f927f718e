"""Parameters of `ExpectedHarm` from origins whose follow-up ended before the judged one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.errors import ArgumentError, expect
from hhpu.indices import HarmDefinition, HarmIndex
from hhpu.ledger import Ledger
from hhpu.ranking import ExpectedHarm, definition_of
from hhpu.tables import day_to_date, read_day
from hhpu.validation._backtest import backtest, earlier_origins
from hhpu.validation._contenders import Contender
from hhpu.validation._coverage import known_since
from hhpu.validation._weighted import grouped, once

__all__ = ["FALLBACK", "HALF_LIVES", "PRIORS", "Tuned", "mean_capture", "tuned"]

HALF_LIVES: Final = (180, 365, 730, 1460, 3650, 36_500)
PRIORS: Final = (1, 2, 5, 10, 20, 50, 100, 1_000)
FALLBACK: Final = ExpectedHarm(half_life=365, prior=20)
_STEP: Final = 182
_MOST: Final = 5


@attrs.frozen(eq=False, kw_only=True)
class Tuned:
    """What tuning chose, from what, and everything that it tried.

    Parameters
    ----------
    method : ExpectedHarm
        The choice.
    origins : tuple of datetime.date
        The origins on which it was made; empty where the data do not go back far enough, and the
        declared fallback was taken.
    until : datetime.date
        Nothing known after this day had a part in it.
    tried : pandas.DataFrame
        ``half_life, prior, capture, chosen``: every variant with its `mean_capture` of the root of
        later harm over the origins, best first.
    """

    method: ExpectedHarm
    origins: tuple[dt.date, ...]
    until: dt.date
    tried: pd.DataFrame

    @property
    def told(self) -> str:
        """How the parameters came about, in a sentence."""
        chosen = f"half-life {self.method.half_life} days, prior {self.method.prior} offences"
        if not self.origins:
            return (
                f"{chosen}: the declared fallback, because no origin's history and follow-up lie "
                f"between the first day of the data and {self.until}"
            )
        return (
            f"{chosen}: the best of {len(self.tried)} variants by the share of the root of later "
            f"harm captured, over all lengths of the list and {len(self.origins)} origins from "
            f"{self.origins[0]} to {self.origins[-1]}, whose follow-up was known by {self.until}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Give the choice and everything that was tried."""
        return {
            "method": self.method.to_dict(),
            "told": self.told,
            "origins": [str(day) for day in self.origins],
            "until": str(self.until),
            "tried": [
                {**line, "capture": None if np.isnan(line["capture"]) else line["capture"]}
                for line in self.tried.to_dict(orient="records")
            ],
        }


def tuned(
    ledger: Ledger,
    *,
    until: dt.date | str,
    follow_up: int,
    delay: int = 0,
    index: HarmIndex | None = None,
    definition: HarmDefinition | None = None,
    window: int | None = None,
    half_lives: Sequence[int] = HALF_LIVES,
    priors: Sequence[int] = PRIORS,
    as_known: str = "required",
    identities: Any = None,
) -> Tuned:
    """Choose the parameters of `ExpectedHarm` on origins that are over by a day.

    Up to five origins, 182 days apart, of which the last one's follow-up and delay end at
    ``until``; the variant with the highest `mean_capture` of the square root of each person's later
    harm wins, of equal ones the longer half-life and then the larger prior. The root keeps one
    grave offence from deciding.

    Parameters
    ----------
    ledger, index, definition, window, as_known, identities
        As in `backtest`.
    until : datetime.date or str
        The first origin that is to be judged: nothing known after it has a part in the choice.
    follow_up, delay : int
        As in the backtest that is to be judged.
    half_lives, priors : sequence of int
        The variants; all pairs are tried.

    Returns
    -------
    Tuned
        With every variant that was tried; `FALLBACK` (365 days, 20 offences: the values of the
        reference figures in the docs) where no origin lies far enough back.

    Raises
    ------
    ArgumentError
        If there is no variant, or an argument cannot be used.
    """
    expect(ledger, Ledger, "tuned()", "encode() makes one from a table")
    if not half_lives or not priors:
        message = "half_lives= and priors= name at least one value each"
        raise ArgumentError(message)
    judged = read_day(until, "until")
    chosen = definition_of(index, definition, window)
    days = earlier_origins(
        judged, reach=follow_up + delay, first=known_since(ledger), window=chosen.window,
        step=_STEP, most=_MOST,
    )  # fmt: skip
    last = dt.date(1970, 1, 1) + dt.timedelta(days=judged)
    columns = ["half_life", "prior", "capture", "chosen"]
    if not len(days):
        none = pd.DataFrame(columns=columns).astype(
            {"half_life": "int64", "prior": "int64", "capture": "float64", "chosen": "bool"}
        )
        return Tuned(method=FALLBACK, origins=(), until=last, tried=none)
    variants = [ExpectedHarm(half_life=h, prior=p) for h in half_lives for p in priors]
    tested = backtest(
        ledger,
        origins=[str(day_to_date(day)) for day in days.tolist()],
        follow_up=follow_up,
        delay=delay,
        definition=chosen,
        contenders=[Contender(v, name=f"{v.half_life}/{v.prior}") for v in variants],
        until=str(last),
        as_known=as_known,
        identities=identities,
    )
    means = np.array(
        [
            np.mean([mean_capture(trial.scores[each.label], np.sqrt(trial.outcome("harm")))
                     for trial in tested.trials])
            for each in tested.contenders
        ]
    )  # fmt: skip
    best = np.where(np.isnan(means), -2.0, means).round(12)
    order = sorted(
        range(len(variants)),
        key=lambda at: (-best[at], -variants[at].half_life, -variants[at].prior),
    )
    lines = [
        (variants[at].half_life, variants[at].prior, float(means[at]), number == 0)
        for number, at in enumerate(order)
    ]
    return Tuned(
        method=variants[order[0]],
        origins=tuple(trial.date for trial in tested.trials),
        until=last,
        tried=pd.DataFrame(lines, columns=columns),
    )


def mean_capture(scores: npt.ArrayLike, outcomes: npt.ArrayLike) -> float:
    r"""Give the share of later harm captured, as the mean over all lengths of the list.

    .. math:: \sum_p y_p \, (r_p - \tfrac12) / n \Big/ \sum_p y_p

    with the outcomes :math:`y_p`, the midranks :math:`r_p` of the scores from the lowest, and n
    people: the area under the capture curve, in expectation over ties; 0.5 for a random order. It
    uses the whole ranking, so it varies less between samples than the share at one length.

    Parameters
    ----------
    scores, outcomes : array_like, shape (people,)
        At least one person; no NaN.

    Returns
    -------
    float
        NaN where nobody has an outcome.

    Examples
    --------
    >>> mean_capture([3, 2, 1], [10, 0, 0])
    0.8333333333333334
    """
    held = np.asarray(outcomes, dtype=np.float64)
    total = float(held.sum())
    if not total:
        return float("nan")
    groups = grouped(scores)
    midranks = groups.midranks(once(len(held)))[0][groups.place]
    return float(((midranks - 0.5) * held).sum() / len(held) / total)
