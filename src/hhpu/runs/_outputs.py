"""The files of a run."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
import pandas as pd

from hhpu.indices import HarmDefinition, IndexRef, write_definition, write_index
from hhpu.ranking import rests_on
from hhpu.runs._files import csv_bytes, json_bytes
from hhpu.runs._manifest import MANIFEST, sealed, versions
from hhpu.tables import Problems

if TYPE_CHECKING:
    from hhpu.runs._run import Run

__all__ = ["FILES", "INDEX_FOLDER", "LISTS", "bracket_of", "made_files", "own_digest"]

INDEX_FOLDER: Final = "index"
FILES: Final = frozenset({
    MANIFEST, "ranking.csv", "bracket.csv", "to-assess.csv", "left.csv", "why.csv", "movement.csv",
    "verify.csv", "problems.csv", "unmapped.csv", "basis.csv", "rules.csv", "series.csv",
    "unscored-people.csv", "definition.toml", INDEX_FOLDER, "report.html",
})  # fmt: skip
LISTS: Final = ("to assess", "already managed", "not available", "in the bracket before")
_MANAGED: Final = "already managed"


def made_files(run: Run) -> dict[str, bytes]:
    """Make every file of a run; the manifest last, for it knows the others."""
    scores = run.ranking.scores
    bracket = bracket_of(run)
    tables = {
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
    }
    files = {name: csv_bytes(table) for name, table in tables.items()}
    files |= _definition_files(scores.definition)
    manifest = sealed(_content(run, bracket), files)
    return {**files, MANIFEST: json_bytes(manifest)}


def bracket_of(run: Run) -> pd.DataFrame:
    """List the bracket: who is to be assessed, who is managed, why each is in it.

    Returns
    -------
    pandas.DataFrame
        ``offender_id, rank, score, edge, list, availability, offences, last_offence,
        share_unproven, rests_on, why``. ``edge`` is ``inside`` or ``tied at the edge``; ``list`` is
        one of `LISTS`: to assess are those newly in the bracket, or in it and newly available, whom
        nobody manages yet.
    """
    top = run.ranking.top(run.declaration.bracket)
    table = top.to_frame()
    ids = table["offender_id"].tolist()
    before: dict[str, str] = {}
    if run.movement is not None:
        people = run.movement.people
        stayed = people[people["bracket"] == "stays"]
        before = dict(zip(stayed["offender_id"], stayed["available_before"], strict=True))
    available = dict(zip(ids, table["available"], strict=True))
    managed = table["availability"].str.contains(_MANAGED, regex=False)
    lists = []
    for person, is_managed in zip(ids, managed.tolist(), strict=True):
        if is_managed:
            lists.append(LISTS[1])
        elif available[person] == "no":
            lists.append(LISTS[2])
        elif person in before and not before[person].startswith("no"):
            lists.append(LISTS[3])
        else:
            lists.append(LISTS[0])
    verify = verified(run)
    grounds = verify.groupby("offender_id")["rests_on"].agg("; ".join).to_dict()
    why = _told(run)
    columns = ["offender_id", "rank", "score", "bracket"]
    found = table[columns].rename(columns={"bracket": "edge"})
    found["list"] = lists
    for name in ("availability", "offences", "last_offence", "share_unproven"):
        found[name] = table[name]
    found["rests_on"] = [grounds.get(person, "") for person in ids]
    found["why"] = [why.get(person, "") for person in ids]
    return found


def verified(run: Run) -> pd.DataFrame:
    """The people whose place rests on what should be verified first."""
    since = None if run.previous is None else run.previous.scores.date
    return rests_on(run.ranking, k=run.declaration.bracket, since=since)


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
        if line["codes"]:
            parts.append(f"({line['codes']})")
        told.setdefault(line["offender_id"], []).append(" ".join(parts))
    return {person: "; ".join(causes) for person, causes in told.items()}


_LEFT: Final = (
    "offender_id", "rank_before", "rank_now", "score_before", "score_now", "available_now", "why",
)  # fmt: skip


def _left(run: Run) -> pd.DataFrame:
    if run.movement is None:
        return pd.DataFrame(columns=list(_LEFT))
    people = run.movement.people
    left = people[people["bracket"] == "leaves"].reset_index(drop=True)
    why = _told(run)
    left = left.assign(why=[why.get(person, "") for person in left["offender_id"]])
    return left[list(_LEFT)]


def _why(run: Run) -> pd.DataFrame:
    if run.movement is None:
        columns = ["offender_id", "cause", "offences", "score_change", "rank_change", "codes"]
        return pd.DataFrame(columns=columns)
    return run.movement.causes


def _movement(run: Run) -> pd.DataFrame:
    if run.movement is None:
        return pd.DataFrame(columns=["cause", "people", "offences", "score_change"])
    return run.movement.totals


def _unscored(run: Run) -> pd.DataFrame:
    scores = run.ranking.scores
    people = scores.unscored_people
    ordered = people[np.argsort(scores.ledger.people_rank[people], kind="stable")]
    return pd.DataFrame({"offender_id": scores.ledger.people.take(ordered).tolist()})


def _problems(run: Run) -> dict[str, Problems]:
    found = {"offences": run.sources.extract.problems}
    for name in ("spells", "identities"):
        table = run.sources.get(name)
        if table is not None:
            found[name] = table.problems
    return found


def _problem_rows(run: Run) -> pd.DataFrame:
    parts = []
    for name, problems in _problems(run).items():
        table = problems.to_frame().drop(columns="source")
        table.insert(0, "table", name)
        table.insert(2, "line", table["row"] + 2)
        parts.append(table)
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    of_people = table["column"].astype("str").str.startswith("people.")
    table.loc[of_people, "table"] = "people"
    table.loc[of_people, "column"] = table.loc[of_people, "column"].str.removeprefix("people.")
    return table


def own_digest(definition: HarmDefinition) -> str:
    """Digest a definition whatever index it is bound to."""
    return attrs.evolve(definition, index=IndexRef(name="any")).digest


def _definition_files(definition: HarmDefinition) -> dict[str, bytes]:
    """The definition and its index as they were used, so that the run can be made again."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        written = write_definition(definition, folder / "definition.toml")
        index = write_index(definition.bound_index, folder / INDEX_FOLDER)
        files = {"definition.toml": written.read_bytes()}
        for path in sorted(index.iterdir()):
            files[f"{INDEX_FOLDER}/{path.name}"] = path.read_bytes()
    return files


def _content(run: Run, bracket: pd.DataFrame) -> Mapping[str, Any]:
    """What the manifest says, in printing order; nobody's id and nobody's score."""
    declaration, scores, base = run.declaration, run.ranking.scores, run.ledger
    top = run.ranking.top(declaration.bracket)
    lists = bracket["list"].value_counts()
    definition = scores.definition
    return {
        "force": declaration.force,
        "name": declaration.name,
        "as_of": run.as_of,
        "previous": None if run.previous is None else run.previous.scores.date,
        "declaration": {"file": declaration.path.name, "digest": declaration.digest},
        "inputs": run.sources.files,
        "ledger": {
            "digest": base.digest,
            "rows": len(base),
            "extracts": [attrs.asdict(taken) for taken in base.extracts],
        },
        "index": definition.bound_index.to_dict(),
        "registered_definition": {
            "name": run.registered.name,
            "edition": run.registered.edition,
            "digest": own_digest(run.registered),
        },
        "definition": definition.to_dict(),
        "method": scores.method.to_dict(),
        "plugins": [[p.name, p.distribution] for p in run.registry.plugins],
        "versions": versions(),
        "bracket": {
            "declared": declaration.bracket,
            "seats": top.k,
            "inside": len(top.above),
            "tied_at_the_edge": len(top.tied),
            **{name.replace(" ", "_"): int(lists.get(name, 0)) for name in LISTS},
        },
        "movement": None if run.movement is None else run.movement.to_dict(),
        "ranking": run.ranking.to_dict(),
        "problems": {name: problems.to_dict() for name, problems in _problems(run).items()},
    }
