"""``hhpu rank``."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from hhpu.cli._choice import choose_definition, choose_method
from hhpu.cli._inputs import Inputs, paths_of, progress, read_inputs
from hhpu.cli._output import write_out
from hhpu.cli._summary import summary_of
from hhpu.output import csv_bytes, json_bytes, publishing, write_bytes
from hhpu.ranking import Ranking, TopBracket, rank, refuse_unmapped
from hhpu.tables import Problems

__all__ = ["BESIDE", "accounting", "problem_rows", "run_rank"]

BESIDE: Final = frozenset({
    "accounting.json", "problems.csv", "unmapped.csv", "basis.csv", "rules.csv", "series.csv",
    "unscored_people.csv", "top.csv",
})  # fmt: skip


def run_rank(arguments: argparse.Namespace) -> int:
    """Rank a file of offences."""
    with ExitStack() as stack:
        temporary = None
        if arguments.out is not None:
            inputs = paths_of(arguments)
            temporary = stack.enter_context(publishing(arguments.out, inputs=inputs, beside=BESIDE))
        definition = choose_definition(arguments)
        inputs_read = read_inputs(arguments, index=definition.bound_index)
        progress(arguments, "ranking")
        ranking = rank(
            inputs_read.ledger,
            as_of=arguments.as_of,
            definition=definition,
            method=choose_method(arguments),
            spells=inputs_read.spells,
        )
        if arguments.unmapped == "error":
            refuse_unmapped(ranking.scores, accept="--unmapped report")
        bracket = None if arguments.top is None else ranking.top(arguments.top)
        progress(arguments, "writing")
        table = csv_bytes(ranking.to_frame())
        if temporary is not None:
            write_bytes(temporary / Path(arguments.out).expanduser().resolve().name, table)
            for name, content in _beside(ranking, inputs_read, bracket).items():
                write_bytes(temporary / "beside" / name, content)
    if temporary is None:
        write_out(table)
    if not arguments.quiet:
        print(summary_of(ranking, inputs_read.ledger.problems, bracket), file=sys.stderr)
        if arguments.out is not None:
            folder = Path(arguments.out).with_suffix("")
            print(f"Written: {arguments.out} and {folder}/", file=sys.stderr)
    return 0


def _beside(ranking: Ranking, inputs: Inputs, bracket: TopBracket | None) -> dict[str, bytes]:
    scores = ranking.scores
    people = scores.unscored_people
    ordered = people[np.argsort(scores.ledger.people_rank[people], kind="stable")]
    files = {
        "accounting.json": json_bytes(accounting(ranking, inputs, bracket)),
        "problems.csv": csv_bytes(problem_rows(inputs)),
        "unmapped.csv": csv_bytes(scores.unmapped()),
        "basis.csv": csv_bytes(scores.by_basis()),
        "rules.csv": csv_bytes(scores.by_rule()),
        "series.csv": csv_bytes(scores.by_series()),
        "unscored_people.csv": csv_bytes(
            pd.DataFrame({"offender_id": scores.ledger.people.take(ordered).tolist()})
        ),
    }
    if bracket is not None:
        files["top.csv"] = csv_bytes(bracket.to_frame())
    return files


def accounting(
    ranking: Ranking, inputs: Inputs, bracket: TopBracket | None = None
) -> dict[str, Any]:
    """Give the accounting of a ranking and of its input; nobody's id or score.

    Parameters
    ----------
    ranking : Ranking
        The ranking.
    inputs : Inputs
        What it was made from.
    bracket : TopBracket, optional
        The top bracket, for its counts.

    Returns
    -------
    dict
        Plain values that JSON can hold.
    """
    content = ranking.to_dict()
    content["problems"] = inputs.ledger.problems.to_dict()
    if inputs.spells is not None:
        content["problems_of_spells"] = inputs.spells.problems.to_dict()
    if bracket is not None:
        content["top"] = {
            "seats": bracket.k,
            "inside": len(bracket.above),
            "tied_at_the_edge": len(bracket.tied),
            "seats_for_the_tied": bracket.open if bracket.cuts_a_tie else 0,
        }
    return content


def problem_rows(inputs: Inputs, *, values: bool = False) -> pd.DataFrame:
    """List the problems of the files row by row.

    Parameters
    ----------
    inputs : Inputs
        The files.
    values : bool
        Whether to add the values found, which are personal data. Values of the people and spells
        files are never added.

    Returns
    -------
    pandas.DataFrame
        ``table, row, line, column, reason, outcome, remedy`` and, on request, ``value``; ``row``
        is numbered from 0 below the header, ``line`` as a spreadsheet numbers it.
    """
    parts = [_located("offences", inputs.ledger.problems)]
    if inputs.spells is not None:
        parts.append(_located("spells", inputs.spells.problems))
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    of_people = table["column"].str.startswith("people.")
    table.loc[of_people, "table"] = "people"
    table.loc[of_people, "column"] = table.loc[of_people, "column"].str.removeprefix("people.")
    if values:
        table["value"] = _values(table, inputs)
    return table


def _located(name: str, problems: Problems) -> pd.DataFrame:
    table = problems.to_frame().drop(columns="source")
    table.insert(0, "table", name)
    table.insert(2, "line", table["row"] + 2)
    return table


def _values(table: pd.DataFrame, inputs: Inputs) -> list[str]:
    reveal = inputs.checked.problems.reveal
    found = [""] * len(table)
    if reveal is None:
        return found
    plain = (table["table"] == "offences") & table["column"].isin(list(inputs.checked.columns))
    for column, rows in table[plain].groupby("column"):
        values = reveal(str(column), rows["row"].to_numpy(dtype=np.int64))
        for place, value in zip(rows.index.tolist(), values, strict=True):
            found[place] = value
    return found
