"""What is believed of the sources of a run: how many rows they lost, how many cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from hhpu.errors import InputRefused
from hhpu.runs._declaration import RunDeclaration
from hhpu.runs._reading import Sources
from hhpu.tables import Problem

__all__ = ["alarms_of_sources", "refuse_fallen", "refuse_rejected"]

_LARGE: Final = 0.05
_FEW_ROWS: Final = 10
_UNREADABLE: Final = "unreadable-date"
_NO_SPELLS: Final = (
    "The table of spells is empty: nobody is marked as dead, moved, in custody or managed. Is it "
    "whole?"
)


def refuse_rejected(declaration: RunDeclaration, sources: Sources) -> None:
    """Refuse sources of which more rows than declared cannot be used.

    Raises
    ------
    InputRefused
        With the share and the reasons of each.
    """
    most = declaration.most_rejected
    if most is None:
        return
    faults = []
    for name, told in sources.files.items():
        rows, unusable = told["rows"], _unusable(sources, name)
        share = unusable / rows if rows else 0.0
        if share > most:
            worst = ", ".join(
                f"{problem.reason} [{problem.column}] {problem.size:,}"
                for problem in _decisive(sources, name)
            )
            noun = "the extract" if name == "offences" else name
            faults.append(f"{share:.1%} of the {rows:,} rows of {noun} cannot be used: {worst}")
    if faults:
        message = (
            f"{'; '.join(faults)}. Declared is at most {most:.1%} ([thresholds] most_rejected). "
            "Are dates written in another order ([sources] date_order), or were columns changed?"
        )
        raise InputRefused(message)


def refuse_fallen(
    declaration: RunDeclaration, sources: Sources, manifest: Mapping[str, Any]
) -> None:
    """Refuse sources beside the offences that lost more rows since the last run than declared.

    A table of those in custody today has few rows, and some come and go: 10 rows are no fall. The
    offences are judged by the ledger.

    Raises
    ------
    InputRefused
        With the fall of each.
    """
    most = declaration.most_fall_in_rows
    if most is None:
        return
    faults = []
    for name, told in sources.files.items():
        before = manifest["inputs"].get(name, {}).get("rows", 0)
        lost = before - told["rows"]
        if name != "offences" and lost > _FEW_ROWS and lost > most * before:
            faults.append(
                f"{name} has {told['rows']:,} rows and had {before:,}: a fall of "
                f"{lost / before:.1%}"
            )
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        message = (
            f"rows are missing since the run of {manifest['as_of']}:\n{listed}\n"
            f"Declared is at most {most:.1%} ([thresholds] most_fall_in_rows). Is it half a table? "
            "Take it again; if the fall is real, raise most_fall_in_rows for this run"
        )
        raise InputRefused(message)


def alarms_of_sources(sources: Sources) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What of the sources beside the offences makes a result doubtful, and what is said with it.

    Returns
    -------
    tuple of tuple of str
        No states, and large shares that cannot be used; small shares that cannot.
    """
    large: list[str] = []
    small: list[str] = []
    for name, told in sources.files.items():
        if name == "offences":
            continue
        rows, unusable = told["rows"], _unusable(sources, name)
        if not rows and name == "spells":
            large.append(_NO_SPELLS)
        elif unusable:
            sentence = (
                f"{unusable:,} of {rows:,} rows of {name} ({unusable / rows:.1%}) cannot be used: "
                f"{_in_words(_decisive(sources, name))}."
            )
            (large if unusable >= _LARGE * rows else small).append(sentence)
    return tuple(large), tuple(small)


def _in_words(problems: Iterable[Problem]) -> str:
    told = []
    for problem in problems:
        if problem.reason == _UNREADABLE:
            words = f"{problem.size:,} dates in {problem.column} cannot be read"
            told.append(f"{words} (declare {problem.advice}?)" if problem.advice else words)
        else:
            told.append(f"{problem.reason} [{problem.column}] {problem.size:,}")
    return "; ".join(told)


def _unusable(sources: Sources, name: str) -> int:
    """Rows that were excluded, or beside the offences have a date that cannot be read."""
    if name == "offences":
        return sources.extract.rows_rejected
    rows = [problem.listed() for problem in _decisive(sources, name)]
    return len(np.unique(np.concatenate(rows))) if rows else 0


def _decisive(sources: Sources, name: str) -> list[Problem]:
    if name == "offences":
        found = sources.extract.problems.found
        return [problem for problem in found if problem.outcome == "excluded"]
    return [
        problem
        for problem in sources.checked[name].problems.found
        if problem.outcome == "excluded" or problem.reason == _UNREADABLE
    ]
