"""How sure a rank is: what chance in the number and severity of recorded offences leaves open.

What the choice of index, window and status weights decides is another question, which
`hhpu.validation.definition_ranges` answers apart; what rests on a single offence is a third:
`hhpu.validation.influence`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.errors import ArgumentError, expect
from hhpu.provenance import Provenance
from hhpu.ranking import Ranking, RecencyWeightedHarm
from hhpu.validation._resample import by_id
from hhpu.validation._sampled_ranks import MOST_SHARED, REFITS, SampledRanks, sampled_ranks

__all__ = ["RankIntervals", "rank_intervals"]

_TABLE: Final = {
    "person": "int64", "rank": "int64", "offences": "int64", "low": "int64", "high": "int64",
    "p_top_k": "float64",
}  # fmt: skip
_BY_OFFENCES: Final = ((1, 1, "1"), (2, 4, "2 to 4"), (5, None, "5 or more"))


@attrs.frozen(eq=False, repr=False)
class RankIntervals:
    """Ranks with what chance in the record leaves open.

    Parameters
    ----------
    ranking : Ranking
        The ranking.
    k : int, float or str
        The bracket.
    table : pandas.DataFrame
        ``person, rank, offences, low, high, p_top_k``, in the order of the ranking; ``person`` is
        the place in ``ranking.scores.people``.
    sampled : SampledRanks
        How the draws were made.
    question : str
        What the intervals answer.
    provenance : Provenance
        Of the ranking, with what was drawn.
    """

    ranking: Ranking
    k: int | float | str
    table: pd.DataFrame
    sampled: SampledRanks
    question: str
    provenance: Provenance

    def __repr__(self) -> str:
        return f"RankIntervals({len(self.table)} people, {self.sampled.level:.0%}, k={self.k})"

    def to_frame(self) -> pd.DataFrame:
        """List them with their ids, for the unit's own use: ``offender_id`` and the table."""
        table = self.table.copy()
        table.insert(0, "offender_id", self.ranking.ids(table["person"].to_numpy()))
        return table

    def by_offences(self) -> pd.DataFrame:
        """Say how wide intervals are by how many offences people have.

        Returns
        -------
        pandas.DataFrame
            ``offences, people, median_width, median_share``: the width as a number of ranks, and as
            a share of all ranked.
        """
        lines = []
        for least, most, words in _BY_OFFENCES:
            counts = self.table["offences"]
            mine = self.table[(counts >= least) & (counts <= (most or counts.max()))]
            width = float((mine["high"] - mine["low"]).median()) if len(mine) else math.nan
            lines.append((words, len(mine), width, width / len(self.ranking)))
        return pd.DataFrame(lines, columns=["offences", "people", "median_width", "median_share"])

    def to_dict(self) -> dict[str, Any]:
        """Give what was asked, the fit and the widths; nobody's rank."""
        inside = self.table[self.table["rank"] <= self.sampled.seats]
        widths = self.by_offences().to_dict("records")
        return {
            "provenance": self.provenance.to_dict(),
            "question": self.question,
            "people": len(self.table),
            "seats": self.sampled.seats,
            "in_bracket": len(inside),
            "in_bracket_more_likely_than_not": int((inside["p_top_k"] > 0.5).sum()),
            "expected_in_true_top": float(inside["p_top_k"].sum()),
            "by_offences": [
                {
                    str(name): None if isinstance(cell, float) and math.isnan(cell) else cell
                    for name, cell in line.items()
                }
                for line in widths
            ],
        }

    def _repr_html_(self) -> str:
        html: str = self.by_offences().to_html(index=False)
        return html


def rank_intervals(
    ranking: Ranking,
    *,
    k: int | float | str,
    seed: int,
    level: float = 0.9,
    draws: int = 1000,
    people: npt.ArrayLike | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> RankIntervals:
    """Say how far chance in the record leaves each rank open.

    The question: if the rates at which people offend and the severity of what they do were over
    the window what they are, where would each stand by the harm to be expected of them? See
    `sampled_ranks` for the law.

    Parameters
    ----------
    ranking : Ranking
        By total harm or by count.
    k : int, float or str
        The bracket.
    seed, level, draws, progress
        As in `sampled_ranks`.
    people : array_like of int, optional
        Places in ``ranking.scores.people`` of those whose intervals are wanted; everybody without
        it.

    Returns
    -------
    RankIntervals
        A rank can lie outside its own interval: who leads by one grave offence is drawn towards
        everybody else.

    Raises
    ------
    ArgumentError
        If nobody is ranked, the ranking decays with age, or an argument is out of its range.

    Examples
    --------
    >>> from hhpu import encode, load_registry, rank
    >>> table = pd.DataFrame({"offender_id": ["a", "b", "b", "c"], "code": ["19C", *["8N"] * 3],
    ...                       "committed_on": "2025-01-04"})
    >>> ranking = rank(encode(table), as_of="2025-12-31", index=load_registry().index("ons-css"))
    >>> rank_intervals(ranking, k=1, seed=1).table.columns.tolist()
    ['person', 'rank', 'offences', 'low', 'high', 'p_top_k']
    """
    expect(ranking, Ranking, "rank_intervals()", "rank() makes one")
    scores = ranking.scores
    if isinstance(scores.method, RecencyWeightedHarm):
        message = (
            "intervals of a rank are for total harm or a count: under a decay a rate that stays "
            "what it was has no meaning. Rank with TotalHarm() or OffenceCount()"
        )
        raise ArgumentError(message)
    if not len(scores):
        message = "nobody is ranked: none of the rows counts at this date under this definition"
        raise ArgumentError(message)
    asked = ranking.order if people is None else np.asarray(people, dtype=np.int64)
    harm = scores.contributions.astype(np.float64) / scores.denominator
    places = by_id(scores.ledger, scores.people)
    drawn = sampled_ranks(
        places[scores.place], harm, k=k, seed=seed, level=level, draws=draws, people=places[asked],
        progress=progress,
    )  # fmt: skip
    sampled = attrs.evolve(drawn, people=asked)
    table = pd.DataFrame(
        {
            "person": asked,
            "rank": ranking.ranks[asked],
            "offences": scores.offences[asked],
            "low": sampled.low,
            "high": sampled.high,
            "p_top_k": sampled.p_top_k,
        }
    ).astype(_TABLE)
    window = scores.definition.window
    period = "of all history" if window is None else f"of the {window} days to {scores.date}"
    question = (
        "If the rates at which people offend and the severity of what they do were what they are "
        f"{period}, where would each stand by the harm to be expected of them, among the "
        f"{len(scores)} people ranked? Each interval holds the rank in {level:.0%} of {draws} "
        "draws; p_top_k is the share of draws in which the person is among the first "
        f"{sampled.seats}. Chance in the number and severity of recorded offences is in them; what "
        "was never recorded, what changed since, and the choice of weights are not."
    )
    base = ranking.provenance
    facts = {
        **base.facts,
        "rank_intervals": {
            "level": level, "draws": draws, "seed": seed, "k": k, "refits": REFITS,
            "gamma_shape": sampled.counts.shape, "gamma_rate": sampled.counts.rate,
            "concentration": sampled.concentration,
        },
    }  # fmt: skip
    return RankIntervals(
        ranking=ranking,
        k=k,
        table=table,
        sampled=sampled,
        question=question,
        provenance=Provenance(facts=facts, caveats=(*base.caveats, *_caveats(sampled, scores))),
    )


def _caveats(sampled: SampledRanks, scores: Any) -> list[str]:
    found = []
    if int(scores.offences.max()) < 2:
        found.append(
            "Nobody has two offences: how far severity is a person's own cannot be learnt, and "
            "one's own offence is taken to weigh as much as everybody's."
        )
    elif sampled.concentration >= MOST_SHARED:
        found.append(
            "People differ in the severity of their offences by no more than chance: all are drawn "
            "from everybody's."
        )
    return found
