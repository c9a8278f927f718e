"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import argparse
import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hhpu.ranking import METHODS

__all__ = [
    "add_input",
    "add_method",
    "add_plugins",
    "add_quiet",
    "add_weights",
    "bracket",
    "day",
    "gap",
    "series",
    "whole",
]


def add_input(parser: argparse.ArgumentParser) -> None:
    """Add the input files and how they are written."""
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


def add_weights(parser: argparse.ArgumentParser, *, required: bool, origins: bool = False) -> None:
    """Add what counts, and when."""
    group = parser.add_argument_group("what counts, and how much")
    if origins:
        group.add_argument(
            "--as-of", type=day, action="append", metavar="YYYY-MM-DD",
            help="an origin: the ranking of that day, from what was known then; repeat it",
        )  # fmt: skip
        group.add_argument(
            "--origins", type=series, action="append", default=[], metavar="FIRST:LAST:DAYS",
            help="origins from a first to a last day, so many days apart",
        )  # fmt: skip
    else:
        group.add_argument("--as-of", type=day, required=required, metavar="YYYY-MM-DD",
                           help="the day of the ranking; nothing known later counts")  # fmt: skip
    group.add_argument(
        "--window", type=whole(1), metavar="DAYS",
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
    add_plugins(group)


def add_plugins(group: Any) -> None:
    """Add which plugins are loaded."""
    group.add_argument(
        "--plugins", default="all", metavar="all|none|NAME[,NAME]",
        help="which installed plugins to load; `registered` stands for registered indices "
        "(default: all)",
    )  # fmt: skip


def add_method(parser: argparse.ArgumentParser, *, expected: bool = False) -> None:
    """Add how harm becomes a score."""
    group = parser.add_argument_group("how harm becomes a score")
    choices = (*METHODS, "expected-harm") if expected else tuple(METHODS)
    group.add_argument(
        "--method", choices=choices, default="total-harm",
        help="default: total-harm, the sum of the weights",
    )  # fmt: skip
    if expected:
        group.add_argument(
            "--prior", type=whole(1), metavar="N",
            help="for expected-harm, with --half-life: how many offences the population's mean "
            "severity counts; without both they are found on the past",
        )  # fmt: skip
    group.add_argument("--half-life", type=whole(1), metavar="DAYS",
                       help="for recency-weighted: in so many days harm halves")  # fmt: skip
    group.add_argument(
        "--unmapped", choices=("report", "error"), default="report",
        help="when an offence has no weight: count and list it (report, the default), or refuse "
        "to rank (error)",
    )  # fmt: skip


def add_quiet(parser: argparse.ArgumentParser) -> None:
    """Add whether to be quiet."""
    parser.add_argument(
        "--quiet", action="store_true",
        help="neither progress nor summary on standard error; errors still show",
    )  # fmt: skip


def day(text: str) -> dt.date:
    """Read a day."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            return dt.date.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is no date: {error}"
        raise argparse.ArgumentTypeError(message) from error
    message = f"{text!r} is not written as YYYY-MM-DD, such as 2026-03-31"
    raise argparse.ArgumentTypeError(message)


def gap(text: str) -> tuple[dt.date, dt.date]:
    """Read a stretch of days."""
    first, colon, last = text.partition(":")
    if not colon:
        message = f"{text!r} is not written as FIRST:LAST, such as 2020-03-01:2020-06-30"
        raise argparse.ArgumentTypeError(message)
    return day(first), day(last)


def series(text: str) -> tuple[dt.date, dt.date, int]:
    """Read a series of days."""
    first, _, rest = text.partition(":")
    last, colon, days = rest.partition(":")
    if not colon:
        message = f"{text!r} is not written as FIRST:LAST:DAYS, such as 2024-01-01:2024-12-31:14"
        raise argparse.ArgumentTypeError(message)
    if day(last) < day(first):
        message = f"{text!r}: the last day is before the first"
        raise argparse.ArgumentTypeError(message)
    return day(first), day(last), whole(1)(days)


def whole(least: int) -> Callable[[str], int]:
    """Give a reader of whole numbers."""

    def whole(text: str) -> int:
        if re.fullmatch(r"\d{1,12}", text, re.ASCII) and int(text) >= least:
            return int(text)
        message = f"{text!r} is not a whole number, at least {least}"
        raise argparse.ArgumentTypeError(message)

    return whole


def bracket(text: str) -> str:
    """Read a number of people or a share."""
    number = re.fullmatch(r"(\d+|\d*\.\d+)(%?)", text.strip(), re.ASCII)
    if number is not None:
        value = float(number[1])
        share = value / 100 if number[2] else value
        if 0 < share <= 1 or (share > 1 and number[1].isdecimal() and not number[2]):
            return text.strip()
    message = f"{text!r}: a number of people such as 50, or a share such as 1% or 0.01"
    raise argparse.ArgumentTypeError(message)
