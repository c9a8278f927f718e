"""The input files of a command: mappings, checks, the ledger."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs
import pandas as pd

from hhpu.errors import ArgumentError, InputRefused
from hhpu.indices import HarmIndex
from hhpu.ledger import Ledger, encode
from hhpu.tables import (
    OFFENCES,
    PEOPLE,
    SPELLS,
    Checked,
    ColumnKind,
    SettingNames,
    TableContract,
    check,
    policy_of,
)

__all__ = ["Inputs", "option_names", "paths_of", "problem_summary", "progress", "read_inputs"]

_TABLES: Final[Mapping[str, TableContract]] = {
    "offences": OFFENCES,
    "people": PEOPLE,
    "spells": SPELLS,
}
_Words = dict[str, dict[str, str]]


@attrs.frozen(eq=False)
class Inputs:
    """The checked files, and the ledger of the offences.

    Parameters
    ----------
    checked : Checked
        The offences after the check.
    ledger : Ledger
        The offences, encoded with the people's dates of birth.
    spells : Checked or None
        The states of people.
    """

    checked: Checked
    ledger: Ledger
    spells: Checked | None


def problem_summary(inputs: Inputs) -> pd.DataFrame:
    """Count the problems of every file, a line each; columns of other files carry their name."""
    parts = [inputs.ledger.problems.summary()]
    if inputs.spells is not None:
        table = inputs.spells.problems.summary()
        table["column"] = "spells." + table["column"]
        parts.append(table)
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def progress(arguments: argparse.Namespace, message: str) -> None:
    """Say what is being done, on a terminal only."""
    if not arguments.quiet and sys.stderr.isatty():
        print(f"{message} ...", file=sys.stderr, flush=True)


def paths_of(arguments: argparse.Namespace) -> list[Path]:
    """Every file that a command reads as data."""
    given = [arguments.offences, arguments.people, arguments.states]
    for name in (getattr(arguments, "index", None), getattr(arguments, "definition", None)):
        path = Path(name).expanduser() if name else None
        if path is not None and path.is_dir():
            given += [path / part for part in ("index.toml", "weights.csv", "examples.csv")]
        elif path is not None and path.is_file():
            given.append(path)
    return [path for path in given if path is not None]


def read_inputs(arguments: argparse.Namespace, *, index: HarmIndex | None) -> Inputs:
    """Check the files of a command and encode the offences.

    Parameters
    ----------
    arguments : argparse.Namespace
        As parsed.
    index : HarmIndex or None
        Its key columns are added to the classifying ones.

    Returns
    -------
    Inputs
        What the files hold.

    Raises
    ------
    InputRefused
        With the structural faults of all the files.
    ArgumentError
        For a mapping that cannot be used or a file that cannot be read.
    """
    columns = _column_mappings(arguments.column)
    values = _value_mappings(arguments.value)
    for name, path in (("people", arguments.people), ("spells", arguments.states)):
        if path is None and (columns[name] or values[name]):
            option = "--people" if name == "people" else "--states"
            message = f"a column of {name} is mapped, but {option} FILE is not given"
            raise ArgumentError(message)
    keys = () if index is None else index.keys
    classify = tuple(dict.fromkeys((*arguments.classify, *keys)))
    files = {"offences": arguments.offences, "people": arguments.people, "spells": arguments.states}
    checked: dict[str, Checked] = {}
    refused: list[tuple[Path, InputRefused]] = []
    for name, path in files.items():
        if path is None:
            continue
        progress(arguments, f"reading {path.name}")
        offences = name == "offences"
        try:
            checked[name] = check(
                path,
                contract=_TABLES[name],
                columns=columns[name],
                values=values[name],
                classify=classify if offences else (),
                date=arguments.date,
                date_order=arguments.date_order,
                timezone=arguments.timezone,
                as_of=arguments.as_of if offences else None,
                policy=policy_of(keep_placeholders=arguments.keep_placeholders),
                encoding=arguments.encoding,
                named=option_names(name),
            )
        except InputRefused as error:
            refused.append((path, error))
    if refused:
        raise _joined(refused)
    progress(arguments, "encoding")
    ledger = encode(
        checked["offences"],
        people=checked.get("people"),
        notation=arguments.notation,
        criminal_age=arguments.criminal_age,
        policy=policy_of(keep_placeholders=arguments.keep_placeholders),
    )
    return Inputs(checked=checked["offences"], ledger=ledger, spells=checked.get("spells"))


def option_names(table: str) -> SettingNames:
    """Give the options by which a table of a command is read."""
    of = "" if table == "offences" else f"{table}."
    return SettingNames(
        columns=f"--column {of}{{column}}={{theirs}}",
        values=f"--value {of}{{column}}:THEIRS=OURS",
        classify="--classify {value}",
        date="--date {value}",
        date_order="--date-order {value}",
        timezone="--timezone {value}",
        encoding="--encoding {value}",
        notation="--notation {value}",
        placeholders="--keep-placeholders",
        theirs="THEIRS",
    )


def _joined(refused: list[tuple[Path, InputRefused]]) -> InputRefused:
    told = "\n".join(f"{path.name}: {error}" for path, error in refused)
    return InputRefused(told, problems=refused[0][1].problems)


def _column_mappings(given: list[str]) -> dict[str, dict[str, str]]:
    mappings: dict[str, dict[str, str]] = {name: {} for name in _TABLES}
    for text in given:
        ours, equals, theirs = text.partition("=")
        if not (ours and equals and theirs):
            message = f"--column {text!r}: write OURS=THEIRS, such as offender_id=NOMINAL_REF"
            raise ArgumentError(message)
        table, name = _table_and_name(ours)
        if name in mappings[table]:
            message = f"--column maps {ours} twice"
            raise ArgumentError(message)
        mappings[table][name] = theirs
    return mappings


def _value_mappings(given: list[str]) -> dict[str, _Words]:
    mappings: dict[str, _Words] = {name: {} for name in _TABLES}
    for text in given:
        column, colon, words = text.partition(":")
        theirs, equals, ours = words.rpartition("=")
        if not (column and colon and theirs and equals and ours):
            message = f"--value {text!r}: write COLUMN:THEIRS=OURS, such as status:CHGD=charged"
            raise ArgumentError(message)
        table, name = _table_and_name(column)
        translated = {c.name: c for c in _TABLES[table].columns
                      if c.kind in (ColumnKind.CHOICE, ColumnKind.FLAG)}  # fmt: skip
        if name not in translated:
            message = f"--value translates {', '.join(translated)} of {table}, not {name!r}"
            raise ArgumentError(message)
        allowed = translated[name].allowed or ("true", "false")
        if ours not in allowed:
            message = f"--value {name}: {ours!r} is not among {', '.join(allowed)}"
            raise ArgumentError(message)
        mappings[table].setdefault(name, {})[theirs] = ours
    return mappings


def _table_and_name(text: str) -> tuple[str, str]:
    table, point, name = text.partition(".")
    return (table, name) if point and table in _TABLES else ("offences", text)
