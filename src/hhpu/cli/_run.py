"""``hhpu run``."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import Any, Final

from hhpu.cli._choice import open_registry
from hhpu.cli._inputs import progress
from hhpu.cli._program import as_pasted, program
from hhpu.cli._summary import columns_of_text, describe_choice
from hhpu.errors import ArgumentError, OutputError
from hhpu.output import publishing_folder, write_bytes
from hhpu.ranking import Cause
from hhpu.runs import (
    Monitoring,
    Run,
    earlier_runs,
    example_run_file,
    read_manifest,
    read_run,
    run,
    withdraw,
)

__all__ = ["run_run", "run_withdraw"]

_EXAMPLE: Final = ("run.toml", "# hhpu run --example: SYNTHETIC DATA")
_PEOPLE: Final = 2_000
_COUNT: Final = 3
_BAD: Final = ("unreadable-", "impossible-", "spreadsheet-")
_DECLARED: Final[dict[str, dict[str, Any]]] = {
    "": {"name": "First runs"},
    "sources": {
        "people": "extracts/{as_of}/people.csv",
        "spells": "extracts/{as_of}/spells.csv",
    },
    "harm": {"index": "ons-css", "window": 730},
    "thresholds": {"most_fall_in_rows": 0.1, "least_rows_same": 0.5},
}


def run_run(arguments: argparse.Namespace) -> int:
    """Make a declared run, or write an example of one."""
    if arguments.example is not None:
        return _write_example(arguments)
    declaration = read_run(arguments.file)
    if arguments.as_of is None and declaration.as_of is None:
        message = "no date: give --as-of, or declare as_of in [run]"
        raise ArgumentError(message)
    done = run(
        declaration,
        as_of=arguments.as_of,
        registry=open_registry(arguments),
        progress=lambda message: progress(arguments, message),
    )
    progress(arguments, "writing")
    folder = done.write()
    if not arguments.quiet:
        print(_summary(done, folder), file=sys.stderr)
    return 0


def run_withdraw(arguments: argparse.Namespace) -> int:
    """Withdraw the last run."""
    declaration = read_run(arguments.file)
    folder = withdraw(declaration, as_of=arguments.as_of, reason=arguments.reason)
    if not arguments.quiet:
        left = earlier_runs(declaration.folder)
        told = f"the run of {left[-1][0]}" if left else "none: the next is a first run"
        print(
            f"Withdrawn: the run of {arguments.as_of}. The last run is now {told}.\n"
            f"Set aside: {folder}\n"
            f"Next: repair the extract, then hhpu run {arguments.file} --as-of {arguments.as_of}",
            file=sys.stderr,
        )
    return 0


def _summary(done: Run, folder: Path) -> str:
    """What a run found, in counts: nobody's id."""
    declaration, movement = done.declaration, done.movement
    manifest = read_manifest(folder)
    bracket = manifest["bracket"]
    since = "none: a first run" if movement is None else str(movement.before.scores.date)
    monitoring = done.monitoring
    alarms = [f"FIRST OF ALL: {text}" for text in monitoring.alarms]
    alarms += [f"BEFORE ANYTHING ELSE: {text}" for text in done.alarms]
    lines = [
        *alarms,
        f"{declaration.force}, {declaration.name}: as of {done.as_of} (last run: {since})",
        *describe_choice(done.ranking.scores.definition),
    ]
    if done.not_checked:
        told = " and ".join(done.not_checked)
        lines.append(f"Not checked: {told}, for there is no extract before this one. Is it whole?")
    lines += _tested(monitoring)
    left = 0 if movement is None else movement.counts()["leaves"]
    rows: list[list[Any]] = [
        ["offence rows read", done.ledger.extracts[-1].rows_in if done.ledger.extracts
         else done.ledger.rows_in, ""],
        ["offence rows rejected", manifest["inputs"]["offences"]["rows_rejected"], ""],
        ["kinds of problems", *_problems(manifest["problems"])],
        ["people ranked", len(done.ranking), "ranking.csv"],
        ["seats in the bracket", bracket["seats"], f"declared: {bracket['declared']}"],
        ["people in the bracket", bracket["inside"] + bracket["tied_at_the_edge"],
         f"{_edge(bracket)}; bracket.csv, of whom"],
        ["  to assess", bracket["to_assess"], _new(done)],
        ["  already managed", bracket["already_managed"], ""],
        ["  not available", bracket["not_available"], ""],
        ["  there at the last run", bracket["in_the_bracket_before"], "and available"],
        ["left the bracket", left, "left.csv"],
    ]  # fmt: skip
    lines += columns_of_text(rows)
    if movement is not None:
        lines.append(f"What moved scores since {since}, everybody together (movement.csv)")
        totals: list[list[Any]] = [
            [line["cause"], int(line["people"]), "people", int(line["offences"]), "offences",
             line["score_change"], movement.unit_of(Cause(line["cause"]))]
            for line in movement.totals.to_dict("records")
        ]  # fmt: skip
        lines += columns_of_text(totals) or ["  nothing"]
        if movement.units_differ:
            lines.append("  The units of the two runs differ: the changes of score mean little.")
    lines.append("Could not be guaranteed, or must be read with it:")
    lines += [f"  - {caveat}" for caveat in done.provenance.caveats]
    lines += [
        "A place in the bracket is a proposal for a named person to review, never a decision.",
        f"Written: {folder}",
    ]
    return "\n".join(lines)


def _tested(monitoring: Monitoring) -> list[str]:
    """Whether the algorithm is tested, in a line; and what a reader must know beside it."""
    told = [f"  {text}." for text in monitoring.warnings]
    if not monitoring.declared:
        return ["No test of the algorithm is declared ([monitoring] in the run file).", *told]
    if monitoring.due is not None and not monitoring.overdue:
        told = [f"The next test of the algorithm is due on {monitoring.due}.", *told]
    return told


def _edge(bracket: dict[str, Any]) -> str:
    tied, inside, seats = bracket["tied_at_the_edge"], bracket["inside"], bracket["seats"]
    if not tied:
        return "no tie at the edge"
    open_seats = seats - inside
    return f"{tied:,} tied for the last {open_seats:,} {'seat' if open_seats == 1 else 'seats'}"


def _problems(found: dict[str, Any]) -> tuple[int, str]:
    """How many kinds of problems all sources have, and where the worst is to be read."""
    each = []
    for source, told in found.items():
        for problem in told["problems"]:
            people = problem["column"].startswith("people.")
            column = problem["column"].removeprefix("people.")
            each.append(problem | {"table": "people" if people else source, "column": column})
    if not each:
        return 0, ""
    worst = max(each, key=lambda problem: (_is_bad(problem), problem["rows"]))
    told = f"{worst['reason']} [{worst['table']}.{worst['column']}] in {worst['rows']:,} rows"
    return len(each), f"the worst: {told}; problems.csv"


def _is_bad(problem: dict[str, Any]) -> bool:
    """Whether a row or a value could not be used, as against what is only to be known."""
    reason: str = problem["reason"]
    return problem["outcome"] == "excluded" or reason.startswith(_BAD)


def _new(done: Run) -> str:
    if done.movement is None:
        return "not managed; a first run, so all are new; to-assess.csv"
    return "not managed, and new (not in it at the last run) or newly available; to-assess.csv"


def _write_example(arguments: argparse.Namespace) -> int:
    from hhpu.simulate import synthetic_world

    if arguments.as_of is not None:
        message = "--as-of goes with a run file, not with --example"
        raise ArgumentError(message)
    out: Path = arguments.example
    days: list[dt.date] = []
    name, mark = _EXAMPLE
    with publishing_folder(out, own=frozenset({name, "extracts"}), mark=_EXAMPLE) as folder:
        progress(arguments, f"making a synthetic force of {_PEOPLE:,} people")
        world = synthetic_world(_PEOPLE, seed=1)
        text = f"{mark}. Nobody in these files exists.\n\n{example_run_file(_DECLARED)}"
        write_bytes(folder / name, text.encode("utf-8"))
        for extract in world.extracts(count=_COUNT, every=14):
            days.append(extract.day)
            try:
                extract.write(folder / "extracts" / extract.day.isoformat())
            except OSError as error:
                message = f"{out} cannot be written: {error.strerror}"
                raise OutputError(message) from error
    if not arguments.quiet:
        calls = "\n".join(
            f"  {program()} run {as_pasted(out / name)} --as-of {day}" for day in days
        )
        print(
            f"{mark[2:]}. Nobody in these files exists.\n"
            f"Written to {out}: {name}, with a comment for every key, and {len(days)} extracts.\n"
            f"Next:\n{calls}",
            file=sys.stderr,
        )
    return 0
