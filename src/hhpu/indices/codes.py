"""Notations of offence codes: reading what a force wrote, and moving a code between levels.

Three levels occur in extracts from England and Wales: Home Office class codes (``8/06``,
``008/06``, ``00806``), recorded-crime codes (``8N``, ``4.10``, ``46``) and CJS offence codes
(``COML025``). A code is read only where its form allows one reading; whatever else it may be,
damaged by a spreadsheet or ambiguous, is named and never guessed.
"""

from __future__ import annotations

import csv
import enum
import functools
import io
import re
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType

import attrs

from hhpu.errors import ArgumentError

__all__ = [
    "CodeProblem",
    "CodeReading",
    "LevelCode",
    "Notation",
    "ReferenceCode",
    "at_level",
    "read_code",
    "reference_codes",
]


class Notation(enum.StrEnum):
    """The notation, and so the level, of an offence code."""

    HOME_OFFICE_CLASS = "home-office-class"
    HOME_OFFICE_RECORDED = "home-office-recorded"
    CJS = "cjs"


class CodeProblem(enum.StrEnum):
    """Why a code could not be read, or not be taken to another level."""

    NO_CODE = "no-code"
    AMBIGUOUS = "ambiguous-notation"
    DAMAGED = "spreadsheet-damaged"
    UNREADABLE = "unreadable-code"
    TOO_COARSE = "too-coarse"
    GENERIC = "generic-code"
    NO_TABLE = "no-conversion-table"
    SEVERAL = "several-candidates"


@attrs.frozen
class CodeReading:
    """What one written code was read as.

    Parameters
    ----------
    written : str
        The code as it stood in the data; the empty string where there was none.
    notation : Notation or None
        The notation that the code is in, where that is known.
    code : str or None
        The canonical form; set exactly where `problem` is not.
    problem : CodeProblem or None
        Why there is no code.
    """

    written: str
    notation: Notation | None
    code: str | None
    problem: CodeProblem | None


@attrs.frozen
class ReferenceCode:
    """One Home Office class code of the shipped reference table.

    Parameters
    ----------
    code : str
        Canonical class code, such as ``8/06``.
    description : str
        Title of the offence, or titles where the code covers several.
    recorded : str or None
        The recorded-crime code, where the sources give one.
    recorded_candidates : tuple of str
        The possible recorded-crime codes, where the class code alone does not decide.
    recorded_basis : str
        How `recorded` was matched: ``exact-code``, ``title``, ``parent-class``, ``candidates``
        (several) or ``none``.
    subgroup : str or None
        Offence subgroup of the recorded-crime statistics.
    generic : bool
        Whether the code is a fallback, to be used only when no exact code can be determined.
    notifiable : bool
        Whether the code stands in the police.uk list of notifiable offences.
    detection : str or None
        ``proactive``, ``company`` or ``management`` for offences that mostly come to light through
        police, company or offender-management activity.
    detection_basis : str or None
        Why `detection` is set, or why a mark of the source table was withheld.
    """

    code: str
    description: str
    recorded: str | None
    recorded_candidates: tuple[str, ...]
    recorded_basis: str
    subgroup: str | None
    generic: bool
    notifiable: bool
    detection: str | None
    detection_basis: str | None


@attrs.frozen
class LevelCode:
    """The codes at a wanted level that one reading may stand for.

    Parameters
    ----------
    codes : tuple of str
        The candidates: one where the level is decided, several where it is not, none where the
        tables have nothing.
    problem : CodeProblem or None
        What stands against using `codes` as they are.
    """

    codes: tuple[str, ...]
    problem: CodeProblem | None


_MONTH = (
    r"(?:JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?|AUG(?:UST)?"
    r"|SEPT?(?:EMBER)?|OCT(?:OBER)?|NOV(?:EMBER)?|DEC(?:EMBER)?)"
)
_WEEKDAY = r"(?:(?:MON|TUE|WED|THU|FRI|SAT|SUN)[A-Z]*[,.]?\s+)?"
_TIME = r"(?:[T\s]\s*[0-9]{1,2}:[0-9].*)?"
_DAMAGED = re.compile(
    "|".join(
        (
            r"#.*",
            rf"{_WEEKDAY}[0-9]{{1,4}}(?:ST|ND|RD|TH)?[\s/.-]*{_MONTH}[\s/.,-]*(?:[0-9]{{1,4}})?{_TIME}",
            rf"{_WEEKDAY}{_MONTH}[\s/.-]*[0-9]{{1,4}}(?:[\s/.,-]+[0-9]{{2,4}})?{_TIME}",
            rf"[0-9]{{4}}\s*[-/.]\s*[0-9]{{1,2}}(?:\s*[-/.]\s*[0-9]{{1,2}})?{_TIME}",
            rf"[0-9]{{1,2}}\s*[-/.]\s*[0-9]{{1,2}}\s*[-/.]\s*[0-9]{{2,4}}{_TIME}",
            r"[0-9]{1,2}\s*[-/]\s*[0-9]{4}",
            r"[0-9]{1,2}:[0-9]{2}.*",
            r"[0-9]+(?:\.[0-9]*)?E[+-]?[0-9]+",
            r"[0-9]+\.[0-9]*",
            r"\.[0-9]+",
        )
    ),
    re.DOTALL,
)
_SLASHED = re.compile(r"([0-9]{1,3})\s*/\s*([0-9]{1,2})")
_FIVE_DIGITS = re.compile(r"([0-9]{3})([0-9]{2})")
_DIGITS = re.compile(r"[0-9]+")
_LETTERED = re.compile(r"([0-9]{1,3})([A-Z])")
_DOTTED = re.compile(r"([0-9]{1,3})(\.[0-9]{1,2})")
_CJS = re.compile(r"[A-Z]{2,}[0-9]{2,}")

_LONGEST_AMBIGUOUS = 4
_LONGEST_CLASS = 3


def read_code(written: str | None, *, notation: Notation | str | None = None) -> CodeReading:
    """Read one offence code as written in an extract.

    Without a declared notation a code is read only where its form decides: a slash or five digits
    for a class code, a number with one letter or a known dotted number for a recorded-crime code,
    letters then digits for a CJS code. A bare number of one to four digits is ambiguous: 106 is
    betting as a class and modern slavery as a recorded-crime code. A declared notation settles
    bare numbers; a code plainly in another notation is read as what it is.

    Dates, exponents, error values and decimals that a spreadsheet makes of codes are reported as
    damaged. Two kinds of damage leave no trace: ``4.10`` shortened to ``4.1``, itself a code, and
    a date turned into a five-digit serial number.

    Parameters
    ----------
    written : str or None
        The code; surrounding white space is ignored.
    notation : Notation or str, optional
        The notation declared for the input.

    Returns
    -------
    CodeReading
        The canonical code and its notation, or the problem.

    Raises
    ------
    ArgumentError
        If `notation` is not one of the three notations.

    Examples
    --------
    >>> read_code("008/06").code, read_code("00806").code, read_code("8n").code
    ('8/06', '8/06', '8N')
    >>> read_code("106").problem
    <CodeProblem.AMBIGUOUS: 'ambiguous-notation'>
    >>> read_code("106", notation="home-office-recorded").code
    '106'
    >>> read_code("08-Jun").problem
    <CodeProblem.DAMAGED: 'spreadsheet-damaged'>
    """
    declared = None if notation is None else _notation(notation, argument="notation")
    as_written = "" if written is None else written
    text = as_written.strip()
    if not text:
        return _unread(as_written, CodeProblem.NO_CODE, declared)
    if not text.isascii():
        return _unread(as_written, CodeProblem.UNREADABLE, declared)
    text = text.upper()
    found = _unambiguous(text)
    if found is not None:
        return CodeReading(written=as_written, notation=found[0], code=found[1], problem=None)
    if _DAMAGED.fullmatch(text):
        return _unread(as_written, CodeProblem.DAMAGED, declared)
    if not _DIGITS.fullmatch(text):
        return _unread(as_written, CodeProblem.UNREADABLE, declared)
    return _read_bare_number(as_written, text, declared)


def _notation(value: Notation | str, *, argument: str) -> Notation:
    try:
        return Notation(value)
    except ValueError:
        known = ", ".join(repr(each.value) for each in Notation)
        message = f"{argument}={value!r} is not a notation of offence codes; it takes {known}"
        raise ArgumentError(message) from None


def _unread(written: str, problem: CodeProblem, declared: Notation | None) -> CodeReading:
    return CodeReading(written=written, notation=declared, code=None, problem=problem)


def _unambiguous(text: str) -> tuple[Notation, str] | None:
    if match := _SLASHED.fullmatch(text) or _FIVE_DIGITS.fullmatch(text):
        return Notation.HOME_OFFICE_CLASS, f"{int(match[1])}/{int(match[2]):02d}"
    if (match := _LETTERED.fullmatch(text)) and int(match[1]):
        return Notation.HOME_OFFICE_RECORDED, f"{int(match[1])}{match[2]}"
    if match := _DOTTED.fullmatch(text):
        dotted = f"{int(match[1])}{match[2]}"
        if dotted in _dotted_recorded_codes():
            return Notation.HOME_OFFICE_RECORDED, dotted
    if _CJS.fullmatch(text) and not _DAMAGED.fullmatch(text):
        return Notation.CJS, text
    return None


def _read_bare_number(written: str, digits: str, declared: Notation | None) -> CodeReading:
    problem = CodeProblem.UNREADABLE
    if declared is None and len(digits) <= _LONGEST_AMBIGUOUS:
        problem = CodeProblem.AMBIGUOUS
    elif declared is Notation.HOME_OFFICE_CLASS and len(digits) <= _LONGEST_CLASS:
        problem = CodeProblem.TOO_COARSE
    elif declared is Notation.HOME_OFFICE_CLASS and len(digits) <= _LONGEST_AMBIGUOUS:
        problem = CodeProblem.DAMAGED
    elif declared is Notation.HOME_OFFICE_RECORDED and len(digits) <= _LONGEST_CLASS:
        code = digits.lstrip("0")
        if code:
            return CodeReading(written=written, notation=declared, code=code, problem=None)
    return _unread(written, problem, declared)


@functools.cache
def reference_codes() -> Mapping[str, ReferenceCode]:
    """Give the shipped table of Home Office offence codes.

    The list is of about 2017/18: newer codes, such as 8/77 (strangulation), are in it by title at
    most, without a recorded-crime code or subgroup. Its sources are in ``home-office-codes.toml``
    beside the data.

    Returns
    -------
    mapping of str to ReferenceCode
        By canonical class code, in the order of the codes; it cannot be changed.

    Examples
    --------
    >>> reference_codes()["8/06"].recorded
    '8N'
    >>> len(reference_codes())
    3122
    """
    table = resources.files("hhpu.indices").joinpath("data").joinpath("home-office-codes.csv")
    rows = csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"), newline=""))
    return MappingProxyType({row["code"]: _reference_code(row) for row in rows})


def _reference_code(row: Mapping[str, str]) -> ReferenceCode:
    return ReferenceCode(
        code=row["code"],
        description=row["description"],
        recorded=row["recorded"] or None,
        recorded_candidates=tuple(filter(None, row["recorded_candidates"].split(";"))),
        recorded_basis=row["recorded_basis"],
        subgroup=row["subgroup"] or None,
        generic=row["generic"] == "yes",
        notifiable=row["notifiable"] == "yes",
        detection=row["detection"] or None,
        detection_basis=row["detection_basis"] or None,
    )


@functools.cache
def _dotted_recorded_codes() -> frozenset[str]:
    recorded = (each.recorded for each in reference_codes().values())
    return frozenset(code for code in recorded if code is not None and "." in code)


def at_level(reading: CodeReading, level: Notation | str) -> LevelCode:
    """Take a code to the level at which an index is written.

    Class codes go up to recorded-crime codes by the reference table. Nothing goes down: a
    recorded-crime code covers several class codes, and which one was meant is not guessed.

    Parameters
    ----------
    reading : CodeReading
        A code as read by `read_code`.
    level : Notation or str
        The level wanted.

    Returns
    -------
    LevelCode
        The candidates and what stands against them. A reading's own problem is passed through.
        ``generic-code`` and ``several-candidates`` keep their codes, so that a caller may accept
        them where every candidate weighs the same. No codes and no problem means that the tables
        do not know the code at that level.

    Raises
    ------
    ArgumentError
        If `level` is not one of the three notations.

    Examples
    --------
    >>> at_level(read_code("195/94"), "home-office-recorded").codes
    ('8L',)
    >>> at_level(read_code("34/01"), "home-office-recorded")
    LevelCode(codes=('34A', '34B'), problem=<CodeProblem.SEVERAL: 'several-candidates'>)
    >>> at_level(read_code("8N"), "home-office-class").problem
    <CodeProblem.TOO_COARSE: 'too-coarse'>
    """
    wanted = _notation(level, argument="level")
    if reading.problem is not None or reading.code is None:
        return LevelCode(codes=(), problem=reading.problem)
    row = None
    if reading.notation is Notation.HOME_OFFICE_CLASS:
        row = reference_codes().get(reading.code)
    if reading.notation is wanted:
        generic = row is not None and row.generic
        return LevelCode(codes=(reading.code,), problem=CodeProblem.GENERIC if generic else None)
    if Notation.CJS in (reading.notation, wanted):
        return LevelCode(codes=(), problem=CodeProblem.NO_TABLE)
    if wanted is Notation.HOME_OFFICE_CLASS:
        return LevelCode(codes=(), problem=CodeProblem.TOO_COARSE)
    return _recorded_codes_of(row)


def _recorded_codes_of(row: ReferenceCode | None) -> LevelCode:
    if row is None:
        return LevelCode(codes=(), problem=None)
    codes = row.recorded_candidates if row.recorded is None else (row.recorded,)
    problem = None
    if row.generic:
        problem = CodeProblem.GENERIC
    elif len(codes) > 1:
        problem = CodeProblem.SEVERAL
    return LevelCode(codes=codes, problem=problem)
