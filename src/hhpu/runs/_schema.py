"""The keys of a run file, each declared once: its check, its default, its meaning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from hhpu.errors import ArgumentError
from hhpu.ranking import METHODS, seats_of

__all__ = [
    "FORMAT",
    "KEYS",
    "MAPPINGS",
    "PATH_FORMS",
    "READ",
    "SOURCES",
    "TABLES",
    "Key",
]

FORMAT: Final = "hhpu run 1"
SOURCES: Final = ("offences", "people", "spells", "identities", "decisions")
READ: Final = (*SOURCES, "corrections")
MAPPINGS: Final = ("columns", "values")
PATH_FORMS: Final = "as in \"C:/extracts/offences.csv\" or 'C:\\extracts\\offences.csv'"
Check = Callable[[Any], str | None]


@attrs.frozen
class Key:
    """One key of a run file.

    Parameters
    ----------
    check : callable
        Given a value, what it should be instead; None where it is right.
    meaning : str
        For readers.
    example : object
        A value as it may be written.
    default : object
        What holds where it is not given.
    told : str
        The default in words, where the value does not say it.
    required : bool
        Whether a run file must give it.
    """

    check: Check
    meaning: str
    example: Any
    default: Any = None
    told: str = ""
    required: bool = False

    @property
    def kind(self) -> str:
        """What a value must be, in words."""
        return self.check(object()) or ""

    @property
    def default_told(self) -> str:
        """What holds where it is not given, in words."""
        if self.required:
            return "required"
        if self.told:
            return self.told
        if isinstance(self.default, bool):
            return "true" if self.default else "false"
        return "none" if self.default in (None, ()) else str(self.default)


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) and value.strip() else "text that is not empty"


def _path(value: Any) -> str | None:
    if isinstance(value, str) and any(ord(each) < 32 for each in value):
        return (
            "a path, and holds a character that cannot be seen: between double quotes a backslash "
            f"has a meaning of its own (\\t is a tab). Write / or single quotes, {PATH_FORMS}"
        )
    return _text(value)


def _truth(value: Any) -> str | None:
    return None if isinstance(value, bool) else "true or false"


def _whole(least: int) -> Check:
    def check(value: Any) -> str | None:
        whole = isinstance(value, int) and not isinstance(value, bool) and value >= least
        return None if whole else f"a whole number, at least {least}"

    return check


def _share(value: Any) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return None if number and 0 <= value <= 1 else "a share from 0 to 1"


def _date(value: Any) -> str | None:
    right = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    return None if right else "a date such as 2026-03-31, without quotes"


def _one_of(*words: str) -> Check:
    return lambda value: None if value in words else f"one of {', '.join(words)}"


def _for_each(check: Check) -> Check:
    """One value for whatever is read, or a table that gives some their own."""

    def check_all(value: Any) -> str | None:
        given = value if isinstance(value, dict) else {"": value}
        strange = sorted(set(given) - {"", *READ})
        unfit = [name for name in READ if name in given and check(given[name]) is not None]
        if given and not strange and not unfit and ("" not in given or check(given[""]) is None):
            return None
        wanted = f"{check(object())}; or a table of such for {', '.join(READ[:-1])} or {READ[-1]}"
        told = [
            *(f"{name!r} is none of these" for name in strange),
            *(f"that of {name} is none" for name in unfit),
        ]
        return f"{wanted}: {'; '.join(told)}" if told else wanted

    return check_all


def _texts(value: Any) -> str | None:
    right = isinstance(value, list) and all(isinstance(each, str) and each for each in value)
    return None if right else "a list of texts"


def _bracket(value: Any) -> str | None:
    try:
        seats_of(value, 1)
    except ArgumentError:
        return "a number of people such as 50, or a share such as 0.01 or '1%'"
    return None


TABLES: Final[Mapping[str, str]] = {
    "": "What the file is, and whose run it is",
    "sources": "What is read; paths are relative to this file, and {as_of} is the date of the run",
    "reading": "How the offences are understood",
    "harm": "What counts as harm, and how much",
    "run": "When, and how many",
    "thresholds": "What is believed of an extract, and which counts are shown",
    "monitoring": "When the algorithm must be tested again, and what calls for a review; without "
    "this table no test is declared, and every report says so",
    "outputs": "Where everything is written; relative to this file",
}
KEYS: Final[Mapping[str, Mapping[str, Key]]] = {
    "": {
        "format": Key(_one_of(FORMAT), "The form of this file", FORMAT, required=True),
        "force": Key(
            _text, "Whose records they are; never changes in a series", "Exampleshire",
            required=True,
        ),
        "name": Key(
            _text, "What the run is called in its files", "North", told="the name of this file"
        ),
    },
    "sources": {
        "records": Key(
            _one_of("overwritten", "versioned"),
            "Does the records system keep its versions (columns known_from and known_to)? "
            "Most do not: 'overwritten', and a ledger is kept beside the runs",
            "overwritten", required=True,
        ),
        "offences": Key(
            _path, "The full extract of offences, CSV or Parquet",
            "extracts/{as_of}/offences.csv", required=True,
        ),
        "people": Key(
            _path, "People with date_of_birth, for ages", "extracts/{as_of}/people.csv"
        ),
        "spells": Key(
            _path,
            "Who is deceased, in custody, moved out or managed, and when: decides who is to be "
            "assessed, never a score",
            "extracts/{as_of}/spells.csv",
        ),
        "identities": Key(
            _path, "Records that are one person (offender_id, person_id, known_from)",
            "identities.csv",
        ),
        "decisions": Key(
            _path,
            "What named people decided of the proposals of earlier runs (offender_id, as_of, "
            "decision, decided_on, decided_by): for [monitoring], never for a score",
            "decisions.csv",
        ),
        "encoding": Key(
            _for_each(_text),
            "Of CSV files, such as cp1252; { people = \"cp1252\" } is of that source alone",
            "utf-8", default="utf-8",
        ),
        "date_order": Key(
            _for_each(_one_of("iso", "dmy")),
            "2026-03-31 is iso, 31/03/2026 is dmy; { spells = \"dmy\" } is of that source alone",
            "iso", default="iso",
        ),
        "timezone": Key(
            _text, "Of dates that are written as moments with an offset", "Europe/London",
            default="Europe/London",
        ),
    },
    "reading": {
        "date": Key(
            _text, "The date that places an offence in time", "committed_on",
            default="committed_on",
        ),
        "notation": Key(
            _text,
            "How offence codes are written: home-office-class (8/06), home-office-recorded (8N) "
            "or cjs",
            "home-office-class", told="recognised, only where the form leaves no doubt",
        ),
        "criminal_age": Key(
            _whole(0), "An offence committed below this age never scores", 10, default=10
        ),
        "classify": Key(
            _texts, "Further text columns by which offences are classified", ["division"],
            default=(),
        ),
        "keep_placeholders": Key(
            _truth, "Are people who look like placeholders (UNKNOWN MALE) ranked?",
            example=False, default=False,
        ),
    },
    "harm": {
        "index": Key(
            _path, "A harm index by name (hhpu indices lists them), or its folder", "ons-css",
            told="that of the definition; without one, cambridge",
        ),
        "index_edition": Key(_text, "Which edition, where several are installed", "2020-12"),
        "definition": Key(
            _path, "A harm definition by name, or its TOML file", "high-harm-groups",
            told="every offence that the index weighs",
        ),
        "window": Key(
            _whole(1), "Days of history, up to and including the date of the run", 730,
            told="that of the definition; without one, all history",
        ),
        "approx": Key(
            _one_of("low", "median", "high"),
            "The value of codes for which an approximate index has only an interval", "median",
            told="not scored, and counted",
        ),
        "accept_approximate": Key(
            _truth, "May the index be an approximate stand-in?", example=False, default=False
        ),
        "unmapped": Key(
            _one_of("report", "error"),
            "An offence without a weight is counted and listed (report), or stops the run (error)",
            "report", default="report",
        ),
        "method": Key(
            _one_of(*METHODS), "How harm becomes a score", next(iter(METHODS)),
            default=next(iter(METHODS)),
        ),
        "half_life": Key(
            _whole(1), "In so many days harm halves; goes with method = 'recency-weighted'", 180
        ),
    },
    "run": {
        "as_of": Key(
            _date, "The date of the run: the end of the day that the extract shows",
            dt.date(2026, 3, 31), told="given at the call (--as-of)",
        ),
        "bracket": Key(
            _bracket, "Seats of the top bracket: how many people the unit can assess", 50,
            required=True,
        ),
    },
    "thresholds": {
        "most_fall_in_rows": Key(
            _share,
            "Refuse an extract of which any source lost a larger share of its rows: half an "
            "extract, perhaps. Beside the offences a loss of 10 rows is none",
            0.1, told="none; required where records are overwritten",
        ),
        "least_rows_same": Key(
            _share,
            "Refuse an extract in which a smaller share of the last rows stands as it was: "
            "another force, or other columns, perhaps",
            0.5, told="none; required where records are overwritten",
        ),
        "most_rejected": Key(
            _share,
            "Refuse an extract of which any source has a larger share of rows that cannot be used, "
            "or beside the offences have an unreadable date: dates in another order, perhaps",
            0.05, told="any share is accepted",
        ),
        "most_unscored": Key(
            _share,
            "Refuse a run in which a larger share of the offences in the window cannot be weighed "
            "or read: codes that a spreadsheet turned into dates, perhaps, or words that changed",
            0.25, told="any share is accepted",
        ),
        "suppress_below": Key(
            _whole(0), "Counts of people below it are not printed on the page", 5,
            told="all are printed",
        ),
    },
    "monitoring": {
        "validation": Key(
            _path,
            "The last test of the algorithm: the JSON file that hhpu validate --out wrote. It "
            "counts where it tested this index, definition, method and placing date on data that "
            "end by the date of the run",
            "tests/2025.json",
        ),
        "test_every": Key(
            _whole(1),
            "The next test is due so many days after the day on which the data of the last one "
            "end: its last origin, follow-up and delay. Overdue, it heads every report; without a "
            "test that counts it is overdue at once",
            365,
        ),
        "least_captured": Key(
            _share,
            "Review where the list held a smaller share of later harm at the last origin of the "
            "test, at the capacity nearest to the bracket; or where no test that counts says so",
            0.2,
        ),
        "least_coverage": Key(
            _share, "Review where a smaller share of the offences in the window is scored", 0.9
        ),
        "most_drift": Key(
            _share,
            "Review where the distribution of scores lies further from that of the last run before "
            "the data of the test ended, or else of the first run: the largest difference between "
            "the shares of people up to any score (Kolmogorov-Smirnov)",
            0.1,
        ),
        "most_overridden": Key(
            _share, "Review where a larger share of the proposals decided was rejected", 0.5
        ),
        "least_overridden": Key(
            _share,
            "Review where a smaller share was rejected: agreement that never ends is a warning too",
            0.02,
        ),
        "overridden_within": Key(
            _whole(1), "Of decisions made in so many days up to the run", 182,
            told="all decisions of the series",
        ),
    },
    "outputs": {
        "folder": Key(
            _path, "The folder of the series: a folder in it for each date", "runs",
            required=True,
        ),
        "ledger": Key(
            _path, "The ledger that is kept where records are overwritten", "runs/ledger.npz",
            told="ledger.npz in that folder",
        ),
        "listed": Key(
            _whole(1), "Lines of each list on the page; the CSV files hold all", 50, default=50
        ),
    },
}  # fmt: skip
