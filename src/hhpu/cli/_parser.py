"""The arguments of every command, and their help."""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NoReturn

from hhpu.ranking import METHODS, parameters_of

__all__ = ["parse"]

Run = Callable[[argparse.Namespace], int]

_DESCRIPTION: Final = """\
Rank offenders by harm, and explain every score.

A score is a proposal for a named person to review, never a decision about anybody.
Start with:   hhpu demo      (makes a synthetic force and a readable report)
Then:         hhpu check     (is my extract well-formed?)
              hhpu rank      (who has the most harm, as of a date?)
              hhpu explain   (why does this person have this score?)
              hhpu validate  (does the ranking find the harm that follows?)
              hhpu run       (every two weeks: who is new, and what moved people?)
              hhpu indices   (which harm indices are there?)
Later:        hhpu rectify   (a record was wrong: in which past runs did it count?)
              hhpu withdraw  (the last run read a damaged extract: take it back)
"""

_CODES: Final = """\
Exit codes: 0 done (also when rows were excluded, flagged or not scored); 2 a wrong call;
3 the input was refused. `python -m hhpu` does the same as `hhpu`.
"""

_RANK: Final = """\
What OFFENCES needs: one row for each person and offence, with at least the columns
  offender_id, code, and one date (committed_on, unless --date names another).
Worth adding: offence_id, role, status, status_from, recorded_on, known_from, known_to,
  domestic_abuse, hate, child_abuse, child_victim (or victim_age), detection, division. What is
  missing is said.

The table that comes out: offender_id, rank, score, offences, tied, tie_size, and what stands
beside the rank. rank = 1 + the number of people with a higher score. One row for everybody with
at least one counted offence, even at score 0. Without --out it goes to standard output and
everything else to standard error. With --out ranking.csv the folder `ranking` beside it holds
accounting.json, problems.csv, unmapped.csv, basis.csv, rules.csv, series.csv, unscored_people.csv
and, with --top, top.csv.

Examples (Linux, macOS):
  hhpu rank offences.csv --as-of 2026-03-31 --index ons-css --out ranking.csv
  hhpu rank offences.csv.gz --as-of 2026-03-31 --window 730 --index ons-css \\
      --people people.csv --states spells.csv --top 1% --out ranking.csv
  hhpu rank extract.csv --as-of 2026-03-31 --index ./our-index --date-order dmy \\
      --column offender_id=NOMINAL_REF --column code=HO_CODE --column committed_on=DATE_FROM \\
      --value status:CHGD=charged --out ranking.csv

Examples (Windows, one line each):
  hhpu rank offences.csv --as-of 2026-03-31 --index ons-css --out ranking.csv
  py -m hhpu rank C:\\extracts\\offences.csv --as-of 2026-03-31 --index C:\\indices\\our-index
      --encoding cp1252 --out C:\\extracts\\ranking.csv
"""

_CHECK: Final = """\
Nothing is ranked. What is printed: how many rows can be used, every problem with what is done
about it and what you can do, and how the offence codes were recognised. With --index (and
--as-of) also which codes would have no weight.

Examples (Linux, macOS):
  hhpu check offences.csv
  hhpu check offences.csv --date-order dmy --column committed_on=DATE_FROM --rows problems.csv
  hhpu check offences.csv --index ons-css --as-of 2026-03-31

Examples (Windows):
  hhpu check C:\\extracts\\offences.csv --encoding cp1252 --rows C:\\extracts\\problems.csv
"""

_VALIDATE: Final = """\
What is tested: at each origin people are ranked from what was known on that day, and their later
offences and harm are counted. Nothing known after an origin reaches a score; a file that cannot
say when a row was known (recorded_on or known_from), or since when a status held, is refused.

Beside the method stand the plain sum, a count, who offended last, the last list (one follow-up
old) and random order, on the same people and days. Shares are written with a point or %, numbers of
people as integers: --top 1 is one person, --top 1% and --top 0.01 one in a hundred.

With --out X.json that file holds every figure at full precision, and the folder X beside it the
tables, the sentences and, with hhpu[plots] installed, the figures.

Examples (Linux, macOS):
  hhpu validate offences.csv --as-of 2023-12-31 --follow-up 365 --index ons-css --out test.json
  hhpu validate offences.csv --origins 2021-12-31:2023-12-31:182 --follow-up 365 --delay 60 \\
      --window 1095 --index ons-css --method expected-harm --top 50 --top 1% --out test.json

Examples (Windows, one line each):
  hhpu validate offences.csv --as-of 2023-12-31 --follow-up 365 --index ons-css --out test.json
"""

_EXPLAIN: Final = """\
Which people: their ids, one on each line, in a file (--ids FILE) or on standard input. An id is
personal data, so it is never an argument: arguments are kept in logs and shell histories.
An id that is not ranked is told by its line number, and the others are still explained.
Give the options with which you ranked, or the explanation is of another ranking.

Examples (Linux, macOS):
  hhpu explain offences.csv --as-of 2026-03-31 --index ons-css --ids ids.txt --out sheets.txt
  head -2 ranking.csv | cut -d, -f1 | hhpu explain offences.csv --as-of 2026-03-31 --index ons-css

Examples (Windows):
  hhpu explain offences.csv --as-of 2026-03-31 --index ons-css --ids ids.txt --out sheets.txt
  type ids.txt | hhpu explain offences.csv --as-of 2026-03-31 --index ons-css
"""

_INDICES: Final = """\
Without a name: everything that is installed. With a name: that index with its sources, notes
and what its numbers are, or that definition with its rules. With --check: whether a folder
(index.toml and weights.csv) is a well-formed harm index.

Two commands more, each with its own --help:
  hhpu indices add-cambridge FILE   register a copy of the official Cambridge workbook (.xlsx),
                                    so that the index `cambridge`, the default, can be used
  hhpu indices remove NAME          take a registered index out again

Examples (Linux, macOS):
  hhpu indices
  hhpu indices ons-css
  hhpu indices --check ./our-index
  hhpu indices add-cambridge workbook.xlsx --rule max

Examples (Windows):
  hhpu indices --check C:\\indices\\our-index
  hhpu indices add-cambridge C:\\downloads\\workbook.xlsx --rule max
"""

_ADD: Final = """\
FILE is the workbook as downloaded from the Cambridge Centre for Evidence-Based Policing, in the
layout of 2021 or of February 2026; it is read and not changed. Needs openpyxl: hhpu[excel].

An offence code can have several rows. Where their scores differ, you say which one counts:
  --rule min      the lowest: nobody's score is too high by the choice
  --rule median   the one in the middle
  --rule max      the highest: no offence is taken for less than it may be
Without --rule such codes are listed, and nothing is registered. The rule becomes part of the
edition (2026-02-max), because other numbers are another edition.

What is printed: what became of every row of the workbook; the rows that are expired, unclear, or
without a score or code that can be used; the codes for which the rule chose; edition and digest;
and the command to run next. rows.csv in the registered folder has every row with its fate.
The same workbook again changes nothing. Other content under the same edition is refused.

Where it is kept: HHPU_INDEX_STORE if that is set, which may be a folder shared by the unit; else
~/.local/share/hhpu/indices (Linux), ~/Library/Application Support/hhpu/indices (macOS),
%LOCALAPPDATA%\\hhpu\\indices (Windows).

Examples (Linux, macOS):
  hhpu indices add-cambridge workbook.xlsx
  hhpu indices add-cambridge workbook.xlsx --rule max
  hhpu rank offences.csv --as-of 2026-03-31

Examples (Windows):
  hhpu indices add-cambridge C:\\downloads\\workbook.xlsx --rule max
"""

_REMOVE: Final = """\
Only registered indices can be removed, and nothing else is touched. It works for a folder that
is damaged, too. The workbook from which it was registered is not needed.

Example:
  hhpu indices remove cambridge --edition 2026-02-max
"""

_DEMO: Final = """\
Everything in the folder is synthetic: nobody in it exists. Open report.html in a browser first.
The same seed gives the same files. An earlier demo's folder is replaced; any other folder that
holds something is left alone.

Examples (Linux, macOS and Windows):
  hhpu demo
  hhpu demo --out first-look --people 5000 --seed 7
"""


_RUN: Final = """\
RUN.toml says everything that a run depends on: where the extract lies, what counts as harm, how
many people the unit can assess, where the files go. It is written once; then every fortnight:
  1. put the new full extract in its place (a path with {as_of} names the folder of its date)
  2. hhpu run run.toml --as-of DATE
  3. open the folder of that date: to-assess.csv lists who is new, why.csv what moved people

Begin with a synthetic force and a run file with a comment for every key:
  hhpu run --example first-runs
  hhpu run first-runs/run.toml --as-of 2026-03-17
  hhpu run first-runs/run.toml --as-of 2026-03-31

What is printed here are counts, never anybody's id; the files hold the rest. A run is written
whole or not at all. The same run again gives the same files, byte by byte. A run is refused, and
nothing is written, where the extract is half of one or of another force, where a column came or
went, where an index or definition changed under the same edition, or where an earlier run's files
were changed: the message says what to do.

Where the records system overwrites, ledger.npz in the folder of the runs is all that remembers
what was known when. Keep a copy of it.

Example (Windows):
  hhpu run C:\\runs\\run.toml --as-of 2026-03-31
"""

_WITHDRAW: Final = """\
Only the last run can be withdrawn. Its extract leaves the kept ledger, which is then as the run
before left it; its folder is renamed, never deleted, such as 2026-03-31.withdrawn, and holds
withdrawn.json and the ledger as it was. Then repair the extract, and run the date again.

Examples (Linux, macOS and Windows):
  hhpu withdraw run.toml --as-of 2026-03-31 --reason "half an extract"
"""
_RECTIFY: Final = """\
RUN is the declaration whose past runs are looked at. CORRECTIONS is a CSV file, one line for each
link of a person to an offence that was wrong from the beginning, with at least the columns
  offence_id, offender_id, what, decided_on
and what is one of
  cancelled      the offence did not happen, or was no crime
  wrong-person   the person has nothing to do with it; to_offender_id names the right one, if known
  corrected      a value was wrong: give the right code, status, day, domestic_abuse, hate,
                 child_abuse, child_victim or detection
Every past run is made again from what was known at its date, as it was and as it should have been.
No past run is changed. A folder `rectified` beside the runs then holds, for these corrections:
rectification.json, runs.csv (which runs), moved.csv (whom), corrections.csv (what became of each)
and, for each run in which something counted, the corrected ranking.csv.

Examples (Linux, macOS and Windows):
  hhpu rectify run.toml corrections.csv
  hhpu rectify run.toml corrections.csv --quiet
"""


class _Parser(argparse.ArgumentParser):
    """A parser that never repeats a stray argument, which may be a person's id."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **options
        )

    def refuse_stray(self, stray: Sequence[str]) -> NoReturn:
        names = sorted({text.split("=")[0] for text in stray if text.startswith("--")})
        found = f"unknown {', '.join(names)}" if names else f"{len(stray)} arguments too many"
        self.error(
            f"{found}. See `{self.prog} --help`. An id of a person never goes into an argument: "
            "`hhpu explain` reads ids from --ids FILE or standard input"
        )


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Parse the arguments of one command.

    Parameters
    ----------
    argv : sequence of str
        The arguments after the program's name.

    Returns
    -------
    argparse.Namespace
        With ``command`` and ``run``, the function that does it.

    Raises
    ------
    SystemExit
        With 2 for a wrong call, 0 after help.
    """
    parser = _Parser(prog="hhpu", description=_DESCRIPTION, epilog=_CODES)
    parser.add_argument("--version", action="store_true", help="print the version and end")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    built = {
        "demo": _demo(commands),
        "indices": _indices(commands),
        "check": _check(commands),
        "rank": _rank(commands),
        "explain": _explain(commands),
        "validate": _validate(commands),
        "run": _run(commands),
        "rectify": _rectify(commands),
        "withdraw": _withdraw(commands),
    }
    if not argv:
        parser.print_help(sys.stderr)
        raise SystemExit(2)
    below = {"add-cambridge": _add_cambridge, "remove": _remove}
    if argv[0] == "indices" and len(argv) > 1 and argv[1] in below:
        inner = below[argv[1]]()
        arguments, stray = inner.parse_known_args(argv[2:])
        if stray:
            inner.refuse_stray(stray)
        return arguments
    arguments, stray = parser.parse_known_args(argv)
    if stray:
        built.get(arguments.command, parser).refuse_stray(stray)
    if arguments.version:
        from importlib.metadata import version

        print(f"hhpu {version('hhpu')}")
        raise SystemExit(0)
    if arguments.command is None:
        parser.error(
            "name a command: demo, indices, check, rank, explain, validate, run, rectify or "
            "withdraw"
        )
    if arguments.command in ("rank", "explain", "validate"):
        _judge_method(built[arguments.command], arguments)
    return arguments


def _later(module: str, name: str) -> Run:
    """Import what a command needs only when it runs."""

    def run(arguments: argparse.Namespace) -> int:
        code: int = getattr(import_module(f"hhpu.cli.{module}"), name)(arguments)
        return code

    return run


def _judge_method(parser: _Parser, arguments: argparse.Namespace) -> None:
    if arguments.method == "expected-harm":
        return
    if getattr(arguments, "prior", None) is not None:
        parser.error("--prior goes with --method expected-harm only")
    needed = "half_life" in parameters_of(arguments.method)
    if needed and arguments.half_life is None:
        parser.error(
            f"--method {arguments.method} needs --half-life DAYS: no half-life is anybody's "
            "practice, so there is no default"
        )
    if not needed and arguments.half_life is not None:
        parser.error("--half-life goes with --method recency-weighted only")


def _demo(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "demo", help="make a synthetic force, rank it and write a report",
        description="Make a synthetic force, rank it under two indices, and write a report.",
        epilog=_DEMO,
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, default=Path("hhpu-demo"), metavar="FOLDER",
        help="the folder to make (default: ./hhpu-demo)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=_whole(0), default=1, metavar="N",
        help="the same seed gives the same files (default: 1)",
    )  # fmt: skip
    parser.add_argument(
        "--people", type=_whole(200), default=20_000, metavar="N",
        help="how many people the synthetic force knows (default: 20000)",
    )  # fmt: skip
    _quiet(parser)
    parser.set_defaults(run=_later("_demo", "run_demo"))
    return parser


def _indices(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "indices", help="list harm indices, show one, check a folder, or register a workbook",
        description="List the harm indices and definitions, show one, check a folder, or register "
        "the official Cambridge workbook.",
        epilog=_INDICES,
    )  # fmt: skip
    parser.add_argument("name", nargs="?", metavar="NAME", help="an index or definition to show")
    parser.add_argument("--edition", metavar="EDITION", help="which edition of the index")
    parser.add_argument(
        "--check", type=Path, metavar="FOLDER", help="check a folder of index.toml and weights.csv"
    )
    _plugins(parser)
    parser.set_defaults(run=_later("_indices", "run_indices"))
    return parser


def _add_cambridge() -> _Parser:
    parser = _Parser(
        prog="hhpu indices add-cambridge",
        description="Register a copy of the official Cambridge workbook as the index `cambridge`.",
        epilog=_ADD,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the workbook, .xlsx")
    parser.add_argument(
        "--rule", choices=("min", "median", "max"),
        help="which score counts where the rows of a code differ (default: refuse, and list them)",
    )  # fmt: skip
    _store(parser)
    parser.set_defaults(
        run=_later("_register", "run_add_cambridge"), command="indices add-cambridge"
    )
    return parser


def _remove() -> _Parser:
    parser = _Parser(
        prog="hhpu indices remove",
        description="Take a registered index out of the store.",
        epilog=_REMOVE,
    )
    parser.add_argument("name", metavar="NAME", help="the index, such as cambridge")
    parser.add_argument(
        "--edition", required=True, metavar="EDITION", help="which edition; `hhpu indices` lists it"
    )
    _store(parser)
    parser.set_defaults(run=_later("_register", "run_remove"), command="indices remove")
    return parser


def _store(parser: _Parser) -> None:
    parser.add_argument(
        "--store", type=Path, metavar="FOLDER",
        help="the store, in place of the usual one; set HHPU_INDEX_STORE to it to rank with it",
    )  # fmt: skip


def _check(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "check", help="say whether an extract is well-formed, and what to do where it is not",
        description="Check an extract of offences: every problem at once.",
        epilog=_CHECK,
    )  # fmt: skip
    _input(parser)
    _weights(parser, required=False)
    parser.add_argument(
        "--rows", type=Path, metavar="FILE",
        help="write every problem, row by row, as CSV (without values)",
    )  # fmt: skip
    parser.add_argument(
        "--values", action="store_true",
        help="add the values found to --rows; they are personal data",
    )  # fmt: skip
    _quiet(parser)
    parser.set_defaults(run=_later("_check", "run_check"))
    return parser


def _rank(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "rank", help="rank people by harm as of a date",
        description="Rank people by harm as of a date.", epilog=_RANK,
    )  # fmt: skip
    _input(parser)
    _weights(parser, required=True)
    _method(parser)
    parser.add_argument(
        "--top", type=_bracket, metavar="N|SHARE",
        help="the top bracket with the whole tie at its edge: a number of people (50) or a share "
        "(1%% or 0.01); with --out it is written as top.csv",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FILE",
        help="write the ranking to this CSV file, and the rest to the folder of the same stem",
    )  # fmt: skip
    _quiet(parser)
    parser.set_defaults(run=_later("_rank", "run_rank"))
    return parser


def _validate(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "validate", help="test whether a ranking finds the harm that follows",
        description="Test whether a ranking finds the harm that follows.", epilog=_VALIDATE,
    )  # fmt: skip
    _input(parser)
    _weights(parser, required=False, origins=True)
    _method(parser, expected=True)
    group = parser.add_argument_group("what is followed, and for how long")
    group.add_argument("--follow-up", type=_whole(1), required=True, metavar="DAYS",
                       help="days after an origin in which outcomes count")  # fmt: skip
    group.add_argument(
        "--delay", type=_whole(0), default=0, metavar="DAYS",
        help="days that records are given to arrive after the follow-up (default: 0)",
    )  # fmt: skip
    group.add_argument(
        "--outcome", action="append", choices=("count", "harm", "capped-harm", "any", "serious"),
        help="what is followed; repeat it (default: all that can be had)",
    )  # fmt: skip
    group.add_argument("--serious-least", type=float, metavar="WEIGHT",
                       help="serious: an offence of at least this weight")  # fmt: skip
    group.add_argument("--serious-code", action="append", default=[], metavar="CODE",
                       help="serious: an offence of this code; repeat it")  # fmt: skip
    group.add_argument(
        "--until", type=_day, metavar="YYYY-MM-DD",
        help="the last day that the data cover (default: the last on which anything became known)",
    )  # fmt: skip
    group.add_argument("--gap", type=_gap, action="append", default=[], metavar="FIRST:LAST",
                       help="a stretch in which recording failed; repeat it")  # fmt: skip
    group.add_argument(
        "--as-known", choices=("required", "assumed"), default="required",
        help="when rows say not when they were known: refuse (default), or count them from always",
    )  # fmt: skip
    group.add_argument(
        "--long-custody", type=_whole(1), metavar="DAYS",
        help="with --states: custody of so many days competes with a first offence",
    )  # fmt: skip
    group = parser.add_argument_group("what is measured")
    group.add_argument(
        "--top", type=_bracket, action="append", metavar="N|SHARE",
        help="a capacity: people (50) or a share (1%% or 0.01); repeat it (default: 1%%, 5%% and "
        "10%%)",
    )  # fmt: skip
    group.add_argument(
        "--groups", type=Path, metavar="FILE",
        help="protected characteristics: offender_id and a column for each; read for this call "
        "alone, in a file of its own",
    )  # fmt: skip
    group.add_argument("--group-column", action="append", default=[], metavar="COLUMN",
                       help="which of its columns; repeat it (default: all)")  # fmt: skip
    group.add_argument(
        "--suppress-below", type=_whole(0), default=5, metavar="N",
        help="counts of people below it are not shown in figures of groups (default: 5)",
    )  # fmt: skip
    group.add_argument(
        "--reruns", type=_series, metavar="FIRST:LAST:DAYS",
        help="also how stable the list is over reruns, beside windows that share nothing",
    )  # fmt: skip
    group.add_argument("--resamples", type=_whole(100), default=2_000, metavar="N",
                       help="draws of people for the intervals (default: 2000)")  # fmt: skip
    group.add_argument(
        "--cluster", metavar="COLUMN",
        help="a column of OFFENCES whose people are not independent, such as an incident: whole "
        "clusters are drawn",
    )  # fmt: skip
    group.add_argument("--seed", type=_whole(0), default=1, metavar="N",
                       help="of everything random (default: 1)")  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FILE.json",
        help="write every figure to this file, and tables and figures to the folder of the same "
        "stem",
    )  # fmt: skip
    _quiet(parser)
    parser.set_defaults(run=_later("_validate", "run_validate"))
    return parser


def _explain(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "explain", help="explain the score and rank of people",
        description="Explain the score and rank of people: each offence, its weight and source.",
        epilog=_EXPLAIN,
    )  # fmt: skip
    _input(parser)
    _weights(parser, required=True)
    _method(parser)
    parser.add_argument(
        "--ids", default="-", metavar="FILE",
        help="the people's ids, one on each line; - is standard input (default)",
    )  # fmt: skip
    parser.add_argument(
        "--format", choices=("text", "json", "csv"), default="text",
        help="text is a sheet to read; json has everything; csv has one line for each "
        "contributing offence (default: text)",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE", help="write to this file")
    _quiet(parser)
    parser.set_defaults(run=_later("_explain", "run_explain"))
    return parser


def _run(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "run", help="make a declared run: rank, compare with the last run, write",
        description="Make a declared run: read, rank, compare with the last run, write.",
        epilog=_RUN,
    )  # fmt: skip
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, metavar="RUN.toml", help="the run file")
    what.add_argument(
        "--example", type=Path, metavar="FOLDER",
        help="make no run: write a run file and three extracts of a synthetic force to FOLDER",
    )  # fmt: skip
    parser.add_argument(
        "--as-of", type=_day, metavar="YYYY-MM-DD",
        help="the date of the run: the day that the extract shows (default: as_of in the file)",
    )  # fmt: skip
    _plugins(parser)
    _quiet(parser)
    parser.set_defaults(run=_later("_run", "run_run"))
    return parser


def _rectify(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "rectify", help="find the past runs in which wrong records counted, and whom they moved",
        description="Find the past runs in which wrong records counted, and whom they moved.",
        epilog=_RECTIFY,
    )  # fmt: skip
    parser.add_argument("run_file", type=Path, metavar="RUN", help="the declaration of the runs")
    parser.add_argument("corrections", type=Path, metavar="CORRECTIONS",
                        help="CSV or Parquet file of corrections; gzip too")  # fmt: skip
    _quiet(parser)
    parser.set_defaults(run=_later("_rectify", "run_rectify"))
    return parser


def _withdraw(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "withdraw", help="take back the last run, whose extract was damaged",
        description="Take back the last run, whose extract was damaged.",
        epilog=_WITHDRAW,
    )  # fmt: skip
    parser.add_argument("file", type=Path, metavar="RUN.toml", help="the run file")
    parser.add_argument(
        "--as-of", type=_day, metavar="YYYY-MM-DD", required=True, help="the date of the last run"
    )
    parser.add_argument(
        "--reason", default="", metavar="TEXT", help="why; kept with what was withdrawn"
    )
    _quiet(parser)
    parser.set_defaults(run=_later("_run", "run_withdraw"))
    return parser


def _input(parser: _Parser) -> None:
    parser.add_argument("offences", type=Path, metavar="OFFENCES",
                        help="CSV or Parquet file of offences; gzip too")  # fmt: skip
    group = parser.add_argument_group("how the extract is written")
    group.add_argument(
        "--date", choices=("committed_on", "recorded_on", "reported_on"), default="committed_on",
        help="the date that places an offence in time (default: committed_on)",
    )  # fmt: skip
    group.add_argument(
        "--date-order", choices=("iso", "dmy"), default="iso",
        help="iso: 2026-03-31 (default); dmy: 31/03/2026",
    )  # fmt: skip
    group.add_argument(
        "--timezone", default="Europe/London", metavar="ZONE",
        help="local civil time, for times with an offset (default: Europe/London)",
    )  # fmt: skip
    group.add_argument(
        "--criminal-age", type=int, default=10, metavar="YEARS",
        help="age of criminal responsibility: an offence committed below it never scores "
        "(default: 10, England and Wales)",
    )  # fmt: skip
    group.add_argument(
        "--column", action="append", default=[], metavar="OURS=THEIRS",
        help="a column of another name; repeat it. people.OURS=THEIRS and spells.OURS=THEIRS "
        "for the other two files",
    )  # fmt: skip
    group.add_argument(
        "--value", action="append", default=[], metavar="COLUMN:THEIRS=OURS",
        help="a word of another name, e.g. status:CHGD=charged; repeat it",
    )  # fmt: skip
    group.add_argument(
        "--notation", choices=("home-office-class", "home-office-recorded", "cjs"),
        help="how offence codes are written: 8/06, 8N or CJS codes; without it a code is "
        "recognised only where its form leaves no doubt",
    )  # fmt: skip
    group.add_argument(
        "--classify", action="append", default=[], metavar="COLUMN",
        help="a further text column by which offences are classified; an index's own key columns "
        "are added by themselves",
    )  # fmt: skip
    group.add_argument(
        "--keep-placeholders", action="store_true",
        help="rank people who look like placeholders (UNKNOWN MALE) too",
    )  # fmt: skip
    group.add_argument("--encoding", default="utf-8",
                       help="of CSV files, e.g. cp1252 (default: utf-8)")  # fmt: skip
    group.add_argument("--people", type=Path, metavar="FILE",
                       help="people with offender_id and date_of_birth, for ages")  # fmt: skip
    group.add_argument(
        "--states", type=Path, metavar="FILE",
        help="spells with offender_id, state, starts_on, ends_on: who is deceased, in custody, "
        "moved out or already managed; shown beside the rank, never part of a score",
    )  # fmt: skip


def _weights(parser: _Parser, *, required: bool, origins: bool = False) -> None:
    group = parser.add_argument_group("what counts, and how much")
    if origins:
        group.add_argument(
            "--as-of", type=_day, action="append", metavar="YYYY-MM-DD",
            help="an origin: the ranking of that day, from what was known then; repeat it",
        )  # fmt: skip
        group.add_argument(
            "--origins", type=_series, action="append", default=[], metavar="FIRST:LAST:DAYS",
            help="origins from a first to a last day, so many days apart",
        )  # fmt: skip
    else:
        group.add_argument("--as-of", type=_day, required=required, metavar="YYYY-MM-DD",
                           help="the day of the ranking; nothing known later counts")  # fmt: skip
    group.add_argument(
        "--window", type=_whole(1), metavar="DAYS",
        help="days of history up to and including that day (default: all)",
    )  # fmt: skip
    default = " (default: cambridge, once it is registered)" if required else ""
    group.add_argument(
        "--index", metavar="NAME|FOLDER",
        help=f"a harm index by name, or its folder{default}; see `hhpu indices`",
    )  # fmt: skip
    group.add_argument("--edition", metavar="EDITION", help="which edition of the index")
    group.add_argument(
        "--definition", metavar="NAME|FILE",
        help="a harm definition by name, or its TOML file; without it every offence counts that "
        "the index weighs",
    )  # fmt: skip
    group.add_argument(
        "--approx", choices=("low", "median", "high"),
        help="the value of codes for which an approximate index has only an interval; without it "
        "they are not scored, and counted",
    )  # fmt: skip
    _plugins(group)


def _plugins(group: Any) -> None:
    group.add_argument(
        "--plugins", default="all", metavar="all|none|NAME[,NAME]",
        help="which installed plugins to load; `registered` stands for registered indices "
        "(default: all)",
    )  # fmt: skip


def _method(parser: _Parser, *, expected: bool = False) -> None:
    group = parser.add_argument_group("how harm becomes a score")
    choices = (*METHODS, "expected-harm") if expected else tuple(METHODS)
    group.add_argument(
        "--method", choices=choices, default="total-harm",
        help="default: total-harm, the sum of the weights",
    )  # fmt: skip
    if expected:
        group.add_argument(
            "--prior", type=_whole(1), metavar="N",
            help="for expected-harm, with --half-life: how many offences the population's mean "
            "severity counts; without both they are found on the past",
        )  # fmt: skip
    group.add_argument("--half-life", type=_whole(1), metavar="DAYS",
                       help="for recency-weighted: in so many days harm halves")  # fmt: skip
    group.add_argument(
        "--unmapped", choices=("report", "error"), default="report",
        help="when an offence has no weight: count and list it (report, the default), or refuse "
        "to rank (error)",
    )  # fmt: skip


def _quiet(parser: _Parser) -> None:
    parser.add_argument(
        "--quiet", action="store_true",
        help="neither progress nor summary on standard error; errors still show",
    )  # fmt: skip


def _day(text: str) -> dt.date:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            return dt.date.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is no date: {error}"
        raise argparse.ArgumentTypeError(message) from error
    message = f"{text!r} is not written as YYYY-MM-DD, such as 2026-03-31"
    raise argparse.ArgumentTypeError(message)


def _gap(text: str) -> tuple[dt.date, dt.date]:
    first, colon, last = text.partition(":")
    if not colon:
        message = f"{text!r} is not written as FIRST:LAST, such as 2020-03-01:2020-06-30"
        raise argparse.ArgumentTypeError(message)
    return _day(first), _day(last)


def _series(text: str) -> tuple[dt.date, dt.date, int]:
    first, _, rest = text.partition(":")
    last, colon, days = rest.partition(":")
    if not colon:
        message = f"{text!r} is not written as FIRST:LAST:DAYS, such as 2024-01-01:2024-12-31:14"
        raise argparse.ArgumentTypeError(message)
    if _day(last) < _day(first):
        message = f"{text!r}: the last day is before the first"
        raise argparse.ArgumentTypeError(message)
    return _day(first), _day(last), _whole(1)(days)


def _whole(least: int) -> Callable[[str], int]:
    def whole(text: str) -> int:
        if re.fullmatch(r"\d{1,12}", text, re.ASCII) and int(text) >= least:
            return int(text)
        message = f"{text!r} is not a whole number, at least {least}"
        raise argparse.ArgumentTypeError(message)

    return whole


def _bracket(text: str) -> str:
    number = re.fullmatch(r"(\d+|\d*\.\d+)(%?)", text.strip(), re.ASCII)
    if number is not None:
        value = float(number[1])
        share = value / 100 if number[2] else value
        if 0 < share <= 1 or (share > 1 and number[1].isdecimal() and not number[2]):
            return text.strip()
    message = f"{text!r}: a number of people such as 50, or a share such as 1% or 0.01"
    raise argparse.ArgumentTypeError(message)
