"""Every problem that can be found in input: its reason code, what is done, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["DAMAGED_ID", "REASONS", "Outcome", "Problem", "Problems", "Reason"]

DAMAGED_ID: Final = "spreadsheet-damaged-id"

Rows = npt.NDArray[np.int64]


class Outcome(StrEnum):
    """What is done about a problem."""

    REFUSED = "refused"
    EXCLUDED = "excluded"
    MASKED = "masked"
    KEPT = "kept"


@attrs.frozen
class Reason:
    """One reason code.

    Parameters
    ----------
    code : str
        The code, as it stands in tables.
    outcome : Outcome
        What is done unless the caller declares another policy.
    meaning : str
        What was found.
    remedy : str
        What to do about it.
    setting : str
        The setting of a check that answers it too; empty for none.
    """

    code: str
    outcome: Outcome
    meaning: str
    remedy: str
    setting: str = ""


def _table(
    *reasons: tuple[str, Outcome, str, str] | tuple[str, Outcome, str, str, str],
) -> Mapping[str, Reason]:
    return MappingProxyType({row[0]: Reason(*row) for row in reasons})


_R, _X, _M, _K = Outcome.REFUSED, Outcome.EXCLUDED, Outcome.MASKED, Outcome.KEPT

REASONS: Mapping[str, Reason] = _table(
    ("no-data", _R, "The input holds no columns", "Check that the right file was named"),
    ("no-rows", _R, "The input holds no rows", "Check that the extract ran"),
    (
        "no-usable-rows",
        _R,
        "Every row was excluded",
        "Look at the other problems, and do what is said beside them",
    ),
    (
        "missing-column",
        _R,
        "A required column is not there",
        "Give the column that name",
        "columns",
    ),
    (
        "duplicate-column",
        _R,
        "A column name stands twice",
        "Rename or remove one of the two in the extract",
    ),
    (
        "unreadable-column",
        _R,
        "A column's type cannot hold what it should",
        "Give dates as dates or ISO text, identifiers as text or integers",
    ),
    (
        "numeric-classifier",
        _R,
        "A classifying column holds numbers",
        "Classify by text; band a number first",
    ),
    (
        "too-many-values",
        _R,
        "A classifying column holds more distinct values than a classifier may",
        "Classify by a coarser column",
    ),
    ("no-person", _X, "No offender id", "Link the row to a person at source"),
    (
        "placeholder-person",
        _X,
        "The person is a placeholder (an unknown person, a test record)",
        "Identify the person, unless the id is a true one",
        "placeholders",
    ),
    (
        DAMAGED_ID,
        _X,
        "Identifiers that a spreadsheet rounded (1.00E+05): which became one cannot be seen",
        "Export again with the columns of identifiers as text",
    ),
    (
        "no-placing-date",
        _X,
        "The date that places the offence in time is empty",
        "Complete it at source",
        "date",
    ),
    (
        "unreadable-date",
        _K,
        "A date that cannot be read; excluded where it is the placing date",
        "Write every date in the declared order (iso: 2026-03-31, dmy: 31/03/2026)",
        "date_order",
    ),
    (
        "impossible-date",
        _K,
        "A date that does not exist or is out of all range; excluded where it is the placing date",
        "Correct it at source",
    ),
    (
        "placeholder-date",
        _K,
        "A date that stands for an unknown one (1900-01-01); excluded where it is the placing date",
        "Complete it at source, or place by another date",
    ),
    (
        "doubtful-date",
        _K,
        "1970-01-01: a true date of an old offence, or a system's zero",
        "Verify at source before the offence is relied on",
    ),
    (
        "future-date",
        _K,
        "A date after the day of the ranking",
        "Verify at source; the row does not count before its date",
    ),
    (
        "dates-out-of-order",
        _K,
        "Committed after reported or recorded, ended before it began, or reported after recorded",
        "Verify at source; the row counts from the placing date and the day it was known",
    ),
    (
        "empty-known-interval",
        _K,
        "known_to is not after known_from: the row was never known and never counts",
        "Correct the versions at source",
    ),
    (
        "known-from-missing",
        _K,
        "Neither known_from nor recorded_on: the row counts as always known",
        "Supply recorded_on; without it the result is not as-known-at",
    ),
    (
        "status-without-date",
        _K,
        "A status without the day from which it was known (status_from)",
        "Supply status_from; without it the status is the latest, whatever the day of the ranking",
    ),
    (
        "unreadable-status",
        _K,
        "A status that is none of the domain's; the row never scores",
        "Write one of the allowed words",
        "values",
    ),
    (
        "unreadable-role",
        _K,
        "A role that is none of the domain's; the row never scores",
        "Write one of the allowed words",
        "values",
    ),
    (
        "unreadable-choice",
        _K,
        "A value that is none of the column's allowed ones; read as empty",
        "Write one of the allowed words",
        "values",
    ),
    (
        "unreadable-flag",
        _K,
        "A flag that is neither true nor false; no rule is met by it",
        "Write true or false",
        "values",
    ),
    (
        "unreadable-age",
        _K,
        "An age that is no whole number; no rule is met by it",
        "Give whole years, as a number; leave an age that is not known empty",
    ),
    (
        "impossible-age",
        _K,
        "An age that is negative or over 120; no rule is met by it",
        "Correct it at source; leave an age that is not known empty",
    ),
    (
        "contradicting-victim-age",
        _K,
        "child_victim and victim_age disagree; the one that says a victim was under 18 was used",
        "Correct the wrong one at source; victim_age is the age of the youngest victim",
    ),
    (
        "required-value-missing",
        _X,
        "A required cell is empty or unreadable",
        "Complete it at source",
    ),
    (
        "correction-without-value",
        _X,
        "A correction of values that gives none",
        "Give the right value: code, status, day, a flag or detection; or say what is wrong",
    ),
    (
        "stray-correction",
        _X,
        "A correction gives a value that does not go with what it says is wrong",
        "Values go with what=corrected; to_offender_id with wrong-person, and is another person",
    ),
    (
        "number-as-id",
        _K,
        "An identifier column holds numbers: leading zeros, if there were any, are lost already",
        "Read the column as text",
    ),
    (
        "mixed-time-zones",
        _K,
        "Times with different offsets in one column; each was taken to local civil time",
        "Write local dates in the extract",
    ),
    (
        "continuing-offence",
        _K,
        "An offence that spans days: it is placed on one of them",
        "Nothing to do; it is counted so that it can be seen",
    ),
    (
        "no-code",
        _K,
        "No offence code: the row is unmapped",
        "Code the offence at source",
    ),
    (
        "spreadsheet-damaged",
        _K,
        "A code that a spreadsheet turned into a date or number",
        "Export again with the code column as text",
    ),
    (
        "ambiguous-notation",
        _K,
        "A bare number can be a class or a recorded-crime code",
        "Declare the notation (home-office-class or home-office-recorded)",
    ),
    (
        "unreadable-code",
        _K,
        "A code in no known notation",
        "Correct it at source, or use an index that compares codes as written",
    ),
    (
        "too-coarse",
        _K,
        "A code without its sub-class",
        "Extract the full class and sub-class",
    ),
    (
        "generic-code",
        _K,
        "A code to be used only where the offence could not be determined",
        "Determine the offence at source",
    ),
    (
        "placeholder-offence-id",
        _K,
        "An offence id that stands for none, such as 0 or N/A: the row is an offence of its own",
        "Supply the offence id; without it duplicates of the row cannot be found",
    ),
    (
        "below-criminal-age",
        _M,
        "Committed below the age of criminal responsibility; the row never scores",
        "Verify the dates; if they are right, nothing to do",
    ),
    (
        "age-unchecked",
        _K,
        "No date of birth, or no day of commission: age could not be checked",
        "Supply the people table with dates of birth",
    ),
    (
        "contradicting-birth-date",
        _K,
        "A person stands in the people table with different dates of birth; none was used",
        "Correct it at source; until then the person's age is unchecked",
    ),
    (
        "duplicate-person",
        _K,
        "A person stands more than once in the people table",
        "Remove the duplicate",
    ),
    (
        "duplicate-link",
        _M,
        "The same person, offence and role twice within overlapping known intervals",
        "Give one row for each person and offence; a later version needs its own known interval",
    ),
    (
        "suspect-victim-join",
        _K,
        "Every suspect of one offence stands in it equally often: suspects joined with victims",
        "Extract suspects without joining victims",
    ),
    (
        "contradicting-code",
        _K,
        "One offence id with different codes in force at once",
        "Correct it at source, or give each version its known interval",
    ),
    (
        "contradicting-date",
        _K,
        "One offence id with different placing dates in force at once",
        "Correct it at source, or give each version its known interval",
    ),
    (
        "suspect-and-victim",
        _K,
        "One person is both suspect and victim of one offence",
        "Verify at source: counter-allegations are separate crimes",
    ),
    (
        "victim-elsewhere",
        _K,
        "A suspect who is also a victim of another offence",
        "Read the victim history beside the score: allegations may be mutual",
    ),
)


def _whole(rows: npt.NDArray[np.integer[Any]]) -> Rows:
    return np.asarray(rows, dtype=np.int64)


@attrs.frozen(eq=False)
class Problem:
    """Rows of one column with one reason.

    Parameters
    ----------
    reason : str
        The reason code; see `REASONS`.
    column : str
        The column, or columns, concerned; empty for the table as a whole.
    rows : numpy.ndarray of int64
        Source rows, numbered from 0 below the header; empty for a structural fault.
    outcome : Outcome
        What was done.
    detail : str
        What a table-wide fault needs said; never a value of a row.
    source : int
        Which part the rows belong to, numbered from 0.
    whole : int
        How many rows there are where the problem is the whole column's, and ``rows`` is empty.
    advice : str
        The setting that answers it, as the reader writes it; empty for none.
    """

    reason: str
    column: str
    rows: Rows = attrs.field(converter=_whole)
    outcome: Outcome
    detail: str = ""
    source: int = 0
    whole: int = 0
    advice: str = ""

    @property
    def remedy(self) -> str:
        """What to do about it."""
        remedy = REASONS[self.reason].remedy
        return f"{remedy}, or declare {self.advice}" if self.advice else remedy

    @property
    def size(self) -> int:
        """How many rows are concerned."""
        return self.whole or len(self.rows)

    def listed(self, most: int | None = None) -> Rows:
        """The rows, or the first of them."""
        if self.whole:
            return np.arange(self.whole if most is None else min(most, self.whole))
        return self.rows[:most]


@attrs.frozen(eq=False, repr=False)
class Problems:
    """All the problems of an input, as a table.

    Parameters
    ----------
    found : tuple of Problem
        The problems, in the order of `REASONS` and then of column.
    rows_in : int
        How many rows the input has.
    rows_excluded : int
        How many rows were excluded, each counted once.

    Examples
    --------
    >>> Problems(found=(), rows_in=0, rows_excluded=0).summary().empty
    True
    """

    found: tuple[Problem, ...]
    rows_in: int
    rows_excluded: int
    reveal: Callable[[str, Rows], list[str]] | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle without the way back to the input's values."""
        return type(self), (self.found, self.rows_in, self.rows_excluded)

    def __bool__(self) -> bool:
        return bool(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def __repr__(self) -> str:
        reasons = ", ".join(f"{p.reason}: {p.size}" for p in self.found)
        return f"Problems(rows_in={self.rows_in}, rows_excluded={self.rows_excluded}, {reasons})"

    def count(self, reason: str, *, column: str | None = None) -> int:
        """How many rows have a reason, in one column or in any."""
        return sum(
            problem.size
            for problem in self.found
            if problem.reason == reason and (column is None or problem.column == column)
        )

    def summary(self) -> pd.DataFrame:
        """Count the problems.

        Returns
        -------
        pandas.DataFrame
            ``reason, column, rows, outcome, meaning, remedy, detail``, a line each.
        """
        lines = [
            {
                "reason": p.reason,
                "column": p.column,
                "rows": p.size,
                "outcome": str(p.outcome),
                "meaning": REASONS[p.reason].meaning,
                "remedy": p.remedy,
                "detail": p.detail,
            }
            for p in self.found
        ]
        columns = ["reason", "column", "rows", "outcome", "meaning", "remedy", "detail"]
        return pd.DataFrame(lines, columns=columns)

    def to_frame(self, *, values: bool = False, most: int | None = None) -> pd.DataFrame:
        """List the problems row by row.

        Parameters
        ----------
        values : bool
            Add the value found, where the input is still at hand: a ledger keeps none. Values are
            personal data: off unless asked for.
        most : int, optional
            At most so many rows of each problem.

        Returns
        -------
        pandas.DataFrame
            ``source, row, column, reason, outcome, remedy`` and, on request, ``value``; rows are
            numbered from 0 below the header.
        """
        columns = ["source", "row", "column", "reason", "outcome", "remedy"]
        frames = []
        for p in self.found:
            rows = p.listed(most)
            if not len(rows):
                continue
            part: dict[str, Any] = {
                "source": p.source,
                "row": rows,
                "column": p.column,
                "reason": p.reason,
                "outcome": str(p.outcome),
                "remedy": p.remedy,
            }
            if values:
                known = self.reveal is not None and bool(p.column) and "," not in p.column
                part["value"] = self.reveal(p.column, rows) if known and self.reveal else ""
            frames.append(pd.DataFrame(part))
        if values:
            columns.append("value")
        if not frames:
            return pd.DataFrame(columns=columns)
        return pd.concat(frames, ignore_index=True)[columns]

    def to_dict(self) -> dict[str, Any]:
        """Give counts only, for a manifest or a log."""
        return {
            "rows_in": self.rows_in,
            "rows_excluded": self.rows_excluded,
            "problems": [
                {
                    "reason": p.reason,
                    "column": p.column,
                    "rows": p.size,
                    "outcome": str(p.outcome),
                    "detail": p.detail,
                }
                for p in self.found
            ],
        }

    def _repr_html_(self) -> str:
        html: str = self.summary().to_html(index=False)
        return html


def in_order(found: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems by reason and column, and drop those without rows or detail."""
    place = {code: i for i, code in enumerate(REASONS)}
    real = [p for p in found if p.size or p.detail]
    return tuple(sorted(real, key=lambda p: (place[p.reason], p.source, p.column)))
