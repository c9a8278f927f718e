"""``hhpu check``."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hhpu.cli._choice import choose_definition
from hhpu.cli._inputs import Inputs, paths_of, problem_summary, progress, read_inputs
from hhpu.cli._output import write_out
from hhpu.cli._rank import problem_rows
from hhpu.cli._summary import columns_of_text, describe_choice, lines_of
from hhpu.errors import ArgumentError
from hhpu.indices import HarmDefinition, TypeFate, compile_definition
from hhpu.indices.codes import read_code
from hhpu.output import csv_bytes, publishing, write_bytes
from hhpu.ranking import score
from hhpu.tables import OFFENCES

__all__ = ["run_check"]

_MOST_CODES = 20


def run_check(arguments: argparse.Namespace) -> int:
    """Check a file of offences."""
    if arguments.values and arguments.rows is None:
        message = "--values goes with --rows FILE"
        raise ArgumentError(message)
    with ExitStack() as stack:
        temporary = None
        if arguments.rows is not None:
            temporary = stack.enter_context(publishing(arguments.rows, inputs=paths_of(arguments)))
        definition = _definition(arguments)
        inputs = read_inputs(
            arguments, index=None if definition is None else definition.bound_index
        )
        progress(arguments, "checking")
        lines = [*_head(arguments, inputs), *_problems(inputs), *_codes(inputs)]
        if definition is not None:
            lines += _unmapped(arguments, inputs, definition)
        if temporary is not None:
            table = csv_bytes(problem_rows(inputs, values=arguments.values))
            write_bytes(temporary / Path(arguments.rows).expanduser().resolve().name, table)
    if arguments.values:
        print(
            f"hhpu check: {arguments.rows} holds values of rows: personal data. Keep it where the "
            "extract is kept, and delete it when it has served.",
            file=sys.stderr,
        )
    write_out(("\n".join(lines) + "\n").encode("utf-8"))
    return 0


def _definition(arguments: argparse.Namespace) -> HarmDefinition | None:
    if arguments.index is not None or arguments.definition is not None:
        return choose_definition(arguments)
    lone = [
        option
        for option in ("edition", "window", "approx")
        if getattr(arguments, option) is not None
    ]
    if lone:
        message = f"--{', --'.join(lone)} goes with --index or --definition"
        raise ArgumentError(message)
    return None


def _head(arguments: argparse.Namespace, inputs: Inputs) -> list[str]:
    checked, ledger = inputs.checked, inputs.ledger
    there = {*checked.read, *checked.columns}
    absent = [name for name in OFFENCES.names if name not in there]
    placed = ledger.day
    usable = ledger.rows_in - ledger.rows_rejected
    rows = f"{ledger.rows_in:,} rows in, {ledger.rows_rejected:,} rejected, {usable:,} usable"
    lines = [
        f"{arguments.offences.name}: {rows}; {len(ledger.people):,} people",
        f"  placed by {ledger.date}, from {_date(int(placed.min()))} to {_date(int(placed.max()))}",
        f"  columns read: {', '.join(checked.read)}",
    ]
    if checked.unused:
        lines.append(f"  columns of the file not read: {', '.join(checked.unused)}")
    if absent:
        lines.append(f"  columns that could be read and are not there: {', '.join(absent)}")
    return lines


def _date(day: int) -> str:
    return str(np.datetime64(day, "D"))


def _problems(inputs: Inputs) -> list[str]:
    table = problem_summary(inputs)
    if table.empty:
        return ["Problems: none found"]
    cells: list[list[Any]] = [
        [line.reason, line.column, line.rows or line.detail, line.outcome]
        for line in lines_of(table)
    ]
    heads = columns_of_text([["reason", "column", "rows", "what was done"], *cells])
    lines = ["Problems (masked: kept, and never scores)", heads[0]]
    for text, line in zip(heads[1:], lines_of(table), strict=True):
        lines += [text, f"      {line.meaning}. {line.remedy}."]
    return lines


def _codes(inputs: Inputs) -> list[str]:
    ledger = inputs.ledger
    rows = np.bincount(ledger.kind, minlength=len(ledger.types)).tolist()
    links: Counter[str] = Counter()
    distinct: dict[str, set[str]] = {}
    for code, count in zip(ledger.types.columns["code"], rows, strict=True):
        reading = read_code(code, notation=ledger.notation)
        kind = str(reading.notation) if reading.code is not None else f"not read: {reading.problem}"
        links[kind] += count
        distinct.setdefault(kind, set()).add(code or "")
    cells: list[list[Any]] = [
        [kind, count, "rows", len(distinct[kind]), "codes"]
        for kind, count in sorted(links.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    declared = f"declared as {ledger.notation}" if ledger.notation else "recognised by their form"
    return [f"Offence codes, {declared}", *columns_of_text(cells)]


def _unmapped(
    arguments: argparse.Namespace, inputs: Inputs, definition: HarmDefinition
) -> list[str]:
    if arguments.as_of is None:
        table = _without_weight(inputs, definition)
        span = "in the whole file (give --as-of for the window of a ranking)"
    else:
        table = score(inputs.ledger, as_of=arguments.as_of, definition=definition).unmapped()
        span = f"as of {arguments.as_of}"
    lines = ["Weights", *describe_choice(definition)]
    if table.empty:
        return [*lines, f"  every offence has a weight, {span}"]
    lines.append(f"  {int(table['offences'].sum()):,} offences would have no weight, {span}:")
    shown: list[list[Any]] = [
        [line.code or "(no code)", line.reason, line.offences, "offences"]
        for line in lines_of(table.head(_MOST_CODES))
    ]
    lines += columns_of_text(shown, indent="    ")
    if len(table) > len(shown):
        lines.append(f"    and {len(table) - len(shown):,} more codes")
    return lines


def _without_weight(inputs: Inputs, definition: HarmDefinition) -> pd.DataFrame:
    ledger = inputs.ledger
    compiled = compile_definition(
        definition, ledger.types.columns, notation=ledger.notation, absent=ledger.types.absent
    )
    missing = np.isin(compiled.fate, (TypeFate.UNMAPPED, TypeFate.INTERVAL_ONLY))
    table = pd.DataFrame(
        {
            "code": [code or "" for code in ledger.types.columns["code"]],
            "reason": compiled.reason,
            "offences": np.bincount(ledger.kind, minlength=len(ledger.types)),
        }
    )[missing]
    summed = table.groupby(["code", "reason"])["offences"].sum().reset_index()
    return summed.sort_values(
        ["offences", "code", "reason"], ascending=[False, True, True], ignore_index=True
    )
