"""The arguments of every command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from hhpu.cli._help import (
    ADD,
    CHECK,
    CODES,
    DEMO,
    DESCRIPTION,
    EXPLAIN,
    INDICES,
    RANK,
    RECTIFY,
    REMOVE,
    RUN,
    VALIDATE,
    WITHDRAW,
)
from hhpu.cli._options import (
    add_input,
    add_method,
    add_plugins,
    add_quiet,
    add_weights,
    bracket,
    day,
    gap,
    series,
    whole,
)
from hhpu.ranking import parameters_of

__all__ = ["parse"]

Run = Callable[[argparse.Namespace], int]


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
    parser = _Parser(prog="hhpu", description=DESCRIPTION, epilog=CODES)
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
        parser.error(f"--half-life does not go with --method {arguments.method}")


def _demo(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "demo", help="make a synthetic force, rank it and write a report",
        description="Make a synthetic force, rank it under two indices, and write a report.",
        epilog=DEMO,
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, default=Path("hhpu-demo"), metavar="FOLDER",
        help="the folder to make (default: ./hhpu-demo)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=whole(0), default=1, metavar="N",
        help="the same seed gives the same files (default: 1)",
    )  # fmt: skip
    parser.add_argument(
        "--people", type=whole(200), default=20_000, metavar="N",
        help="how many people the synthetic force knows (default: 20000)",
    )  # fmt: skip
    add_quiet(parser)
    parser.set_defaults(run=_later("_demo", "run_demo"))
    return parser


def _indices(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "indices", help="list harm indices, show one, check a folder, or register a workbook",
        description="List the harm indices and definitions, show one, check a folder, or register "
        "the official Cambridge workbook.",
        epilog=INDICES,
    )  # fmt: skip
    parser.add_argument("name", nargs="?", metavar="NAME", help="an index or definition to show")
    parser.add_argument("--edition", metavar="EDITION", help="which edition of the index")
    parser.add_argument(
        "--check", type=Path, metavar="FOLDER", help="check a folder of index.toml and weights.csv"
    )
    add_plugins(parser)
    parser.set_defaults(run=_later("_indices", "run_indices"))
    return parser


def _add_cambridge() -> _Parser:
    parser = _Parser(
        prog="hhpu indices add-cambridge",
        description="Register a copy of the official Cambridge workbook as the index `cambridge`.",
        epilog=ADD,
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
        epilog=REMOVE,
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
        epilog=CHECK,
    )  # fmt: skip
    add_input(parser)
    add_weights(parser, required=False)
    parser.add_argument(
        "--rows", type=Path, metavar="FILE",
        help="write every problem, row by row, as CSV (without values)",
    )  # fmt: skip
    parser.add_argument(
        "--values", action="store_true",
        help="add the values found to --rows; they are personal data",
    )  # fmt: skip
    add_quiet(parser)
    parser.set_defaults(run=_later("_check", "run_check"))
    return parser


def _rank(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "rank", help="rank people by harm as of a date",
        description="Rank people by harm as of a date.", epilog=RANK,
    )  # fmt: skip
    add_input(parser)
    add_weights(parser, required=True)
    add_method(parser)
    parser.add_argument(
        "--top", type=bracket, metavar="N|SHARE",
        help="the top bracket with the whole tie at its edge: a number of people (50) or a share "
        "(1%% or 0.01); with --out it is written as top.csv",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FILE",
        help="write the ranking to this CSV file, and the rest to the folder of the same stem",
    )  # fmt: skip
    add_quiet(parser)
    parser.set_defaults(run=_later("_rank", "run_rank"))
    return parser


def _validate(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "validate", help="test whether a ranking finds the harm that follows",
        description="Test whether a ranking finds the harm that follows.", epilog=VALIDATE,
    )  # fmt: skip
    add_input(parser)
    add_weights(parser, required=False, origins=True)
    add_method(parser, expected=True)
    group = parser.add_argument_group("what is followed, and for how long")
    group.add_argument("--follow-up", type=whole(1), required=True, metavar="DAYS",
                       help="days after an origin in which outcomes count")  # fmt: skip
    group.add_argument(
        "--delay", type=whole(0), default=0, metavar="DAYS",
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
        "--until", type=day, metavar="YYYY-MM-DD",
        help="the last day that the data cover (default: the last on which anything became known)",
    )  # fmt: skip
    group.add_argument("--gap", type=gap, action="append", default=[], metavar="FIRST:LAST",
                       help="a stretch in which recording failed; repeat it")  # fmt: skip
    group.add_argument(
        "--as-known", choices=("required", "assumed"), default="required",
        help="when rows say not when they were known: refuse (default), or count them from always",
    )  # fmt: skip
    group.add_argument(
        "--long-custody", type=whole(1), metavar="DAYS",
        help="with --states: custody of so many days competes with a first offence",
    )  # fmt: skip
    group = parser.add_argument_group("what is measured")
    group.add_argument(
        "--top", type=bracket, action="append", metavar="N|SHARE",
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
        "--suppress-below", type=whole(0), default=5, metavar="N",
        help="counts of people below it are not shown in figures of groups (default: 5)",
    )  # fmt: skip
    group.add_argument(
        "--reruns", type=series, metavar="FIRST:LAST:DAYS",
        help="also how stable the list is over reruns, beside windows that share nothing",
    )  # fmt: skip
    group.add_argument("--resamples", type=whole(100), default=2_000, metavar="N",
                       help="draws of people for the intervals (default: 2000)")  # fmt: skip
    group.add_argument(
        "--cluster", metavar="COLUMN",
        help="a column of OFFENCES whose people are not independent, such as an incident: whole "
        "clusters are drawn",
    )  # fmt: skip
    group.add_argument("--seed", type=whole(0), default=1, metavar="N",
                       help="of everything random (default: 1)")  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FILE.json",
        help="write every figure to this file, and tables and figures to the folder of the same "
        "stem",
    )  # fmt: skip
    add_quiet(parser)
    parser.set_defaults(run=_later("_validate", "run_validate"))
    return parser


def _explain(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "explain", help="explain the score and rank of people",
        description="Explain the score and rank of people: each offence, its weight and source.",
        epilog=EXPLAIN,
    )  # fmt: skip
    add_input(parser)
    add_weights(parser, required=True)
    add_method(parser)
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
    add_quiet(parser)
    parser.set_defaults(run=_later("_explain", "run_explain"))
    return parser


def _run(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "run", help="make a declared run: rank, compare with the last run, write",
        description="Make a declared run: read, rank, compare with the last run, write.",
        epilog=RUN,
    )  # fmt: skip
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, metavar="RUN.toml", help="the run file")
    what.add_argument(
        "--example", type=Path, metavar="FOLDER",
        help="make no run: write a run file and three extracts of a synthetic force to FOLDER",
    )  # fmt: skip
    parser.add_argument(
        "--as-of", type=day, metavar="YYYY-MM-DD",
        help="the date of the run: the day that the extract shows (default: as_of in the file)",
    )  # fmt: skip
    add_plugins(parser)
    add_quiet(parser)
    parser.set_defaults(run=_later("_run", "run_run"))
    return parser


def _rectify(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "rectify", help="find the past runs in which wrong records counted, and whom they moved",
        description="Find the past runs in which wrong records counted, and whom they moved.",
        epilog=RECTIFY,
    )  # fmt: skip
    parser.add_argument("run_file", type=Path, metavar="RUN", help="the declaration of the runs")
    parser.add_argument("corrections", type=Path, metavar="CORRECTIONS",
                        help="CSV or Parquet file of corrections; gzip too")  # fmt: skip
    add_quiet(parser)
    parser.set_defaults(run=_later("_rectify", "run_rectify"))
    return parser


def _withdraw(commands: Any) -> _Parser:
    parser: _Parser = commands.add_parser(
        "withdraw", help="take back the last run, whose extract was damaged",
        description="Take back the last run, whose extract was damaged.",
        epilog=WITHDRAW,
    )  # fmt: skip
    parser.add_argument("file", type=Path, metavar="RUN.toml", help="the run file")
    parser.add_argument(
        "--as-of", type=day, metavar="YYYY-MM-DD", required=True, help="the date of the last run"
    )
    parser.add_argument(
        "--reason", default="", metavar="TEXT", help="why; kept with what was withdrawn"
    )
    add_quiet(parser)
    parser.set_defaults(run=_later("_run", "run_withdraw"))
    return parser
