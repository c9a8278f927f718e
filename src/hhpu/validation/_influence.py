"""What a place in the bracket owes to a single offence."""

from __future__ import annotations

import math
from typing import Any

import attrs
import numpy as np
import pandas as pd

from hhpu.errors import expect
from hhpu.provenance import Provenance
from hhpu.ranking import GROUNDS, Ranking, rests_on

__all__ = ["Influence", "influence"]


@attrs.frozen(eq=False, repr=False)
class Influence:
    """What the places in the bracket owe to a single offence.

    Parameters
    ----------
    ranking : Ranking
        The ranking.
    k : int, float or str
        The bracket.
    table : pandas.DataFrame
        Everybody in the bracket and in the tie at its edge: ``person, rank, offences, row, share,
        rank_without, fall, leaves_bracket``: the ledger row of the most influential offence, its
        share of the score, and the rank without it; missing where nothing would be left to rank.
    rests : pandas.DataFrame
        The people whose place rests on one offence or on unproven allegations, as
        `hhpu.ranking.rests_on` gives them.
    provenance : Provenance
        Of the ranking.
    """

    ranking: Ranking
    k: int | float | str
    table: pd.DataFrame
    rests: pd.DataFrame
    provenance: Provenance

    def __repr__(self) -> str:
        return f"Influence({len(self.table)} people, k={self.k})"

    def to_frame(self) -> pd.DataFrame:
        """List them with their ids, for the unit's own use: ``offender_id`` and the table."""
        table = self.table.copy()
        table.insert(0, "offender_id", self.ranking.ids(table["person"].to_numpy()))
        return table

    def to_dict(self) -> dict[str, Any]:
        """Count; nobody's rank."""
        falls, told = self.table["fall"].dropna(), self.rests["rests_on"]
        return {
            "provenance": self.provenance.to_dict(),
            "k": self.k,
            "in_bracket": len(self.table),
            "nothing_left": int(self.table["rank_without"].isna().sum()),
            "leave_the_bracket": int(self.table["leaves_bracket"].sum()),
            "median_fall": float(falls.median()) if len(falls) else None,
            **{
                f"rests_on_{ground.replace(' ', '_')}": int((told == ground).sum())
                for ground in GROUNDS[:2]
            },
        }

    def _repr_html_(self) -> str:
        html: str = self.table.drop(columns=["person", "row"]).to_html(index=False)
        return html


def influence(ranking: Ranking, *, k: int | float | str) -> Influence:
    """Say how far each person in the bracket would fall without their most influential offence.

    Leaving an offence out lowers a score by what it adds, so the heaviest is the most influential.
    Everybody else stays; exact.

    Parameters
    ----------
    ranking : Ranking
        The ranking.
    k : int, float or str
        The bracket.

    Returns
    -------
    Influence
        With the people whose place rests on one offence or on unproven allegations.

    Raises
    ------
    ArgumentError
        If ``k`` cannot be used.

    Examples
    --------
    >>> from hhpu import encode, load_registry, rank
    >>> table = pd.DataFrame({"offender_id": ["a", "a", "b", "b"],
    ...                       "code": ["19C", "5D", "8N", "8N"], "committed_on": "2025-01-04"})
    >>> ranking = rank(encode(table), as_of="2025-12-31", index=load_registry().index("ons-css"))
    >>> influence(ranking, k=2).table[["person", "rank", "rank_without", "fall"]]
       person  rank  rank_without  fall
    0       0     1             1     0
    1       1     2             2     0
    """
    expect(ranking, Ranking, "influence()", "rank() makes one")
    scores = ranking.scores
    top = ranking.top(k)
    inside = np.concatenate([top.above, top.tied])
    mine = np.zeros(len(scores), dtype=bool)
    mine[inside] = True
    at = np.flatnonzero(mine[scores.place])
    amounts, place = scores.contributions[at], scores.place[at]
    order = np.argsort(amounts, kind="stable")
    order = order[np.argsort(place[order], kind="stable")]
    last = np.ones(len(order), dtype=bool)
    last[:-1] = place[order][1:] != place[order][:-1]
    heaviest = order[last][np.searchsorted(np.sort(inside), inside)]
    whole = scores.amounts[inside]
    left = whole - amounts[heaviest]
    ordered = np.sort(scores.amounts)
    higher = len(ordered) - np.searchsorted(ordered, left, side="right")
    without = pd.array(higher + 1 - (whole > left), dtype="Int64")
    without[scores.offences[inside] == 1] = pd.NA
    ranks = ranking.ranks[inside]
    shares = [
        int(part) / int(all_of) if all_of else math.nan
        for part, all_of in zip(amounts[heaviest], whole, strict=True)
    ]
    table = pd.DataFrame(
        {
            "person": inside,
            "rank": ranks,
            "offences": scores.offences[inside],
            "row": scores.rows[at[heaviest]],
            "share": np.array(shares, dtype=np.float64),
            "rank_without": without,
            "fall": without - ranks,
            "leaves_bracket": np.array(
                [each is pd.NA or each > top.k for each in without], dtype=bool
            ),
        }
    )
    rests = rests_on(ranking, k=k).people
    return Influence(
        ranking=ranking,
        k=k,
        table=table,
        rests=rests[rests["rests_on"].isin(GROUNDS[:2])].reset_index(drop=True),
        provenance=ranking.provenance,
    )
