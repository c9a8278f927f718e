"""The lists of a run: who is in the bracket and why, who left, what to verify, what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.ranking import GROUNDS, Cause, Movement, rests_on
from hhpu.tables import Problems

if TYPE_CHECKING:
    from hhpu.ledger import Ledger
    from hhpu.runs._run import Run

__all__ = [
    "LISTS",
    "MANAGED",
    "ORDER",
    "bracket_of",
    "problems_of",
    "tables_of",
    "verified",
]

LISTS: Final = ("to assess", "already managed", "not available", "in the bracket before")
MANAGED: Final = "already managed"


def tables_of(run: Run) -> dict[str, pd.DataFrame]:
    """Make every table of a run, by the name of its file."""
    scores = run.ranking.scores
    bracket = bracket_of(run)
    return {
        "ranking.csv": run.ranking.to_frame(),
        "bracket.csv": bracket,
        "to-assess.csv": bracket[bracket["list"] == LISTS[0]].drop(columns="list"),
        "left.csv": _left(run),
        "why.csv": _why(run),
        "movement.csv": _movement(run),
        "verify.csv": verified(run),
        "problems.csv": _problem_rows(run),
        "unmapped.csv": scores.unmapped(),
        "basis.csv": scores.by_basis(),
        "rules.csv": scores.by_rule(),
        "series.csv": scores.by_series(),
        "unscored-people.csv": _unscored(run),
        "monitoring.csv": run.monitoring.to_frame(),
    }


def bracket_of(run: Run) -> pd.DataFrame:
    """List the bracket: who is to be assessed, who is managed, why each is in it.

    Returns
    -------
    pandas.DataFrame
        ``offender_id, rank, score, edge, list, last_in, availability, offences, last_offence,
        share_unproven, rests_on, why``. ``edge`` is ``inside`` or ``tied at the edge``; ``list`` is
        one of `LISTS`: to assess are those newly in the bracket, or in it and newly available, whom
        nobody manages yet. Newly available is whom the last run itself, whatever is known of its
        date by now, did not list as available; ``last_in`` the latest earlier run in whose bracket
        the person was.
    """
    top = run.ranking.top(run.declaration.bracket)
    table = top.to_frame()
    ids = table["offender_id"].tolist()
    proposed = _proposed(run)
    available = dict(zip(ids, table["available"], strict=True))
    managed = table["availability"].str.contains(MANAGED, regex=False)
    lists = []
    for person, is_managed in zip(ids, managed.tolist(), strict=True):
        if is_managed:
            lists.append(LISTS[1])
        elif available[person] == "no":
            lists.append(LISTS[2])
        elif person in proposed:
            lists.append(LISTS[3])
        else:
            lists.append(LISTS[0])
    verify = verified(run)
    grounds = verify.groupby("offender_id")["rests_on"].agg("; ".join).to_dict()
    why = _told(run)
    columns = ["offender_id", "rank", "score", "bracket"]
    found = table[columns].rename(columns={"bracket": "edge"})
    found["list"] = lists
    last_in = run.earlier.of_people(run.ranking.scores.ledger, ids)
    found["last_in"] = ["" if day is None else day.isoformat() for day in last_in]
    for name in ("availability", "offences", "last_offence", "share_unproven"):
        found[name] = table[name]
    found["rests_on"] = [grounds.get(person, "") for person in ids]
    found["why"] = [why.get(person, "") for person in ids]
    return found


def _proposed(run: Run) -> frozenset[str]:
    """Today's persons whom the last run, under any record, listed as available to the unit."""
    if run.previous is None:
        return frozenset()
    then, now = run.previous.scores, run.ranking.scores
    size = max(len(then.ledger.people), len(now.ledger.people))
    ids = then.ledger.people.take(then.people).tolist()
    listed = np.zeros(size, dtype=bool)
    listed[then.people] = [person in run.earlier.proposed for person in ids]
    records = listed[_persons_of(then.ledger, size)]
    persons = np.unique(_persons_of(now.ledger, size)[records])
    there = persons[persons < len(now.ledger.people)]
    return frozenset(now.ledger.people.take(there).tolist())


def _persons_of(ledger: Ledger, size: int) -> npt.NDArray[np.int64]:
    persons = np.arange(size)
    if ledger.persons is not None:
        persons[: len(ledger.persons)] = ledger.persons
    return persons


ORDER: Final = (
    "one offence and unproven allegations, and late-recorded or non-recent",
    "late-recorded or non-recent",
    "one offence and unproven allegations",
    "one offence, or unproven allegations",
)


def verified(run: Run) -> pd.DataFrame:
    """The people whose place rests on what should be verified, first what is to be verified first.

    Returns
    -------
    pandas.DataFrame
        As `rests_on`, with ``order`` after the id: the place in `ORDER`, from 1, of the first that
        is true of the grounds of the person. In order of it, then of rank.
    """
    since = None if run.previous is None else run.previous.scores.date
    table = rests_on(run.ranking, k=run.declaration.bracket, since=since).people
    grounds = table.groupby("offender_id")["rests_on"].agg(frozenset).to_dict()
    order = [_order_of(grounds[person]) for person in table["offender_id"]]
    table.insert(1, "order", pd.Series(order, dtype="int64"))
    return table.sort_values("order", kind="stable", ignore_index=True)


def _order_of(grounds: frozenset[str]) -> int:
    one, unproven, late, non_recent = (ground in grounds for ground in GROUNDS)
    both, old = one and unproven, late or non_recent
    return 1 if both and old else 2 if old else 3 if both else 4


def _told(run: Run) -> dict[str, str]:
    """The causes of each person in a line of words."""
    if run.movement is None:
        return {}
    told: dict[str, list[str]] = {}
    for line in run.movement.causes.to_dict("records"):
        parts = [str(line["cause"])]
        if line["score_change"] != "0":
            sign = "" if line["score_change"].startswith("-") else "+"
            parts.append(f"{sign}{line['score_change']}")
            if run.movement.units_differ:
                parts.append(run.movement.unit_of(Cause(line["cause"])))
        if line["codes"]:
            parts.append(f"({line['codes']})")
        told.setdefault(line["offender_id"], []).append(" ".join(parts))
    return {person: "; ".join(causes) for person, causes in told.items()}


_LEFT: Final = (
    "offender_id", "rank_before", "rank_now", "score_before", "unit_before", "score_now",
    "unit_now", "available_now", "why",
)  # fmt: skip


def _left(run: Run) -> pd.DataFrame:
    if run.movement is None:
        return pd.DataFrame(columns=list(_LEFT))
    people = run.movement.people
    left = people[people["bracket"] == "leaves"].reset_index(drop=True)
    why = _told(run)
    left = left.assign(
        unit_before=run.movement.before.scores.unit,
        unit_now=run.movement.now.scores.unit,
        why=[why.get(person, "") for person in left["offender_id"]],
    )
    return left[list(_LEFT)]


_WHY: Final = (
    "offender_id", "cause", "offences", "score_change", "unit", "rank_change", "codes",
)  # fmt: skip


def _why(run: Run) -> pd.DataFrame:
    if run.movement is None:
        return pd.DataFrame(columns=list(_WHY))
    return _with_units(run.movement, run.movement.causes)[list(_WHY)]


def _movement(run: Run) -> pd.DataFrame:
    if run.movement is None:
        return pd.DataFrame(columns=list(_MOVEMENT))
    return _with_units(run.movement, run.movement.totals)[list(_MOVEMENT)]


_MOVEMENT: Final = ("cause", "people", "offences", "score_change", "unit")


def _with_units(movement: Movement, table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(unit=[movement.unit_of(Cause(cause)) for cause in table["cause"]])


def _unscored(run: Run) -> pd.DataFrame:
    scores = run.ranking.scores
    people = scores.unscored_people
    ordered = people[np.argsort(scores.ledger.people_rank[people], kind="stable")]
    return pd.DataFrame({"offender_id": scores.ledger.people.take(ordered).tolist()})


def problems_of(run: Run) -> dict[str, Problems]:
    """The problems of each source."""
    found = {"offences": run.sources.extract.problems}
    for name in ("spells", "identities", "decisions"):
        table = run.sources.get(name)
        if table is not None:
            found[name] = table.problems
    return found


def _problem_rows(run: Run) -> pd.DataFrame:
    parts = []
    for name, problems in problems_of(run).items():
        table = problems.to_frame().drop(columns="source")
        table.insert(0, "table", name)
        table.insert(2, "line", table["row"] + 2)
        parts.append(table)
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    of_people = table["column"].astype("str").str.startswith("people.")
    table.loc[of_people, "table"] = "people"
    table.loc[of_people, "column"] = table.loc[of_people, "column"].str.removeprefix("people.")
    return table
