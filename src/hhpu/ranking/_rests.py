"""On what a place in the bracket rests: what to verify first."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.provenance import Provenance
from hhpu.ranking._causes import versions_on
from hhpu.ranking._ranking import Ranking
from hhpu.ranking._scores import Scores
from hhpu.tables import day_to_date, read_day

__all__ = ["GROUNDS", "Rests", "rests_on"]

GROUNDS: Final = ("one offence", "unproven allegations", "late-recorded", "non-recent")
_COLUMNS: Final = (
    "offender_id", "rank", "score", "rests_on", "offences", "score_without", "rank_without",
)  # fmt: skip


@attrs.frozen(eq=False, repr=False)
class Rests:
    """On what places in a bracket rest: whom to verify first, and what.

    Parameters
    ----------
    ranking : Ranking
        The ranking.
    k : int, float or str
        The bracket.
    since : datetime.date or None
        The date of the last ranking, where one was given.
    people : pandas.DataFrame
        ``offender_id, rank, score, rests_on, offences, score_without, rank_without``: a line for
        each person and ground without which the person's rank would be beyond the bracket's seats.
        The grounds are the heaviest ``one offence``, all ``unproven allegations``, all
        ``late-recorded`` and all ``non-recent`` offences (where the definition says what that is).
        A rank is missing where nothing would be left to rank.
    """

    ranking: Ranking
    k: int | float | str
    since: dt.date | None
    people: pd.DataFrame

    def __len__(self) -> int:
        return len(self.people)

    def __repr__(self) -> str:
        told = ", ".join(f"{count} on {ground}" for ground, count in self.counts().items())
        return f"Rests({self.ranking.scores.date}: {told or 'none'})"

    @property
    def provenance(self) -> Provenance:
        """What the ranking was made from, the bracket, and what could not be guaranteed."""
        base = self.ranking.provenance
        facts = {**base.facts, "bracket": self.k, "since": self.since}
        caveats = base.caveats
        if self.since is None:
            caveats += ("No date of a last ranking: late-recorded offences were not looked for.",)
        if self.ranking.scores.definition.non_recent_after is None:
            caveats += ("The definition does not say what is non-recent: it was not looked for.",)
        return attrs.evolve(base, facts=facts, caveats=caveats)

    def counts(self) -> dict[str, int]:
        """How many people's places rest on each ground."""
        found = self.people["rests_on"].value_counts()
        return {ground: int(found[ground]) for ground in GROUNDS if ground in found}

    def to_dict(self) -> dict[str, Any]:
        """Give provenance and counts; nobody's score."""
        return {"provenance": self.provenance.to_dict(), "people": self.counts()}

    def _repr_html_(self) -> str:
        html: str = self.people.to_html(index=False)
        return html


def rests_on(
    ranking: Ranking, *, k: int | float | str, since: dt.date | str | None = None
) -> Rests:
    """Find the people in the bracket who would not be in it without something doubtful.

    Parameters
    ----------
    ranking : Ranking
        The ranking.
    k : int, float or str
        The bracket: a number of people or a share.
    since : datetime.date or str, optional
        The date of the last ranking: an offence that was placed up to it and came to be known after
        it is late-recorded; one that only changed since, such as in its status, is not. Without it
        that ground is left out.

    Returns
    -------
    Rests
        Who they are, and what would be left of their scores and ranks.

    Examples
    --------
    >>> from hhpu import encode, load_registry, rank
    >>> table = pd.DataFrame({"offender_id": ["a", "b", "b"], "code": ["19C", "8N", "8N"],
    ...                       "committed_on": "2025-01-04"})
    >>> ranking = rank(encode(table), as_of="2025-12-31", index=load_registry().index("ons-css"))
    >>> rests_on(ranking, k=1).people[["offender_id", "rests_on", "rank_without"]]
      offender_id              rests_on  rank_without
    0           a           one offence          <NA>
    1           a  unproven allegations          <NA>
    """
    scores = ranking.scores
    top = ranking.top(k)
    inside = np.sort(np.concatenate([top.above, top.tied]))
    after = None if since is None else read_day(since, "since")
    lines: list[dict[str, Any]] = []
    for ground, rows in _grounds(scores, after).items():
        taken = scores.sum_of(rows)[inside]
        counts = np.bincount(scores.place[rows], minlength=len(scores))[inside]
        left = scores.amounts[inside] - taken
        others = np.sort(scores.amounts)
        higher = len(others) - np.searchsorted(others, left, side="right")
        ranks = higher + 1 - (scores.amounts[inside] > left)
        gone = counts == scores.offences[inside]
        for i in np.flatnonzero((counts > 0) & (gone | (ranks > top.k))).tolist():
            place = int(inside[i])
            lines.append(
                {
                    "offender_id": ranking.ids(inside[i : i + 1])[0],
                    "rank": int(ranking.ranks[place]),
                    "score": scores.plain(scores.amounts[place]),
                    "rests_on": ground,
                    "offences": int(counts[i]),
                    "score_without": "" if gone[i] else scores.plain(left[i]),
                    "rank_without": pd.NA if gone[i] else int(ranks[i]),
                }
            )
    lines.sort(key=lambda x: (x["rank"], x["offender_id"], GROUNDS.index(x["rests_on"])))
    table = pd.DataFrame(lines, columns=list(_COLUMNS))
    kinds = {"rank": "int64", "offences": "int64", "rank_without": "Int64"}
    people = table.astype({name: kinds.get(name, "str") for name in _COLUMNS})
    when = None if after is None else day_to_date(after)
    return Rests(ranking=ranking, k=k, since=when, people=people)


def _grounds(scores: Scores, since: int | None) -> dict[str, npt.NDArray[np.bool_]]:
    found = {GROUNDS[0]: _heaviest(scores), GROUNDS[1]: scores.unproven}
    ledger, rows = scores.ledger, scores.rows
    if since is not None:
        late = (ledger.day[rows] <= since) & (ledger.known_from[rows] > since)
        at = np.flatnonzero(late)
        known = versions_on(scores, rows[at], since, at_other=scores.as_of)
        late[at] = [row not in known for row in rows[at].tolist()]
        found[GROUNDS[2]] = late
    if scores.definition.non_recent_after is not None:
        found[GROUNDS[3]] = scores.in_series("non-recent", rows)
    return found


def _heaviest(scores: Scores) -> npt.NDArray[np.bool_]:
    """One counted row of each person: one of the heaviest."""
    heaviest = np.zeros(len(scores.rows), dtype=bool)
    if not len(scores.rows):
        return heaviest
    amounts, place = scores.contributions, scores.place
    order = np.lexsort([-amounts, place]) if amounts.dtype != object else np.array(
        sorted(range(len(place)), key=lambda row: (int(place[row]), -int(amounts[row])))
    )  # fmt: skip
    first = np.concatenate([[True], place[order][1:] != place[order][:-1]])
    heaviest[order[first]] = True
    return heaviest
