"""The official Cambridge workbook, read strictly: every row is kept, and nothing is guessed."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

import attrs
import pandas as pd

from hhpu.errors import ArgumentError, DefinitionError
from hhpu.indices._index import HEAVIEST, HarmIndex, Weight, parse_amount, plain_decimal
from hhpu.indices._sheets import (
    CODE,
    SCORE,
    TITLE,
    USED,
    Cells,
    Header,
    Layout,
    SheetRead,
    formulas_of,
    is_empty,
    layout_of,
    names_of,
    opened,
    raw_bytes,
    sheet_read,
    written,
)
from hhpu.indices.codes import CodeProblem, Notation, read_code
from hhpu.provenance import Citation

__all__ = [
    "CambridgeWorkbook",
    "RowFate",
    "SeveralScores",
    "SheetRead",
    "WorkbookRow",
    "read_cambridge_workbook",
]

NAME: Final = "cambridge"
RULES: Final[Mapping[str, str]] = {"min": "lowest", "median": "median", "max": "highest"}
_FINEST: Final = 10_000
_EXPIRED: Final = re.compile(r"\bEXPIRED\b")


class RowFate(StrEnum):
    """What became of a row of the workbook; every row has one."""

    USED = "used"
    EXPIRED_USED = "expired-used"
    EXPIRED = "expired-set-aside"
    DUPLICATE = "duplicate"
    UNCLEAR = "unclear"
    NOT_NUMERIC = "non-numeric"
    NO_CODE = "no-code"
    UNREADABLE_CODE = "unreadable-code"

    @property
    def meaning(self) -> str:
        """The fate in words."""
        return _MEANINGS[self]


_MEANINGS: Final[Mapping[RowFate, str]] = {
    RowFate.USED: "its score counts for its code",
    RowFate.EXPIRED_USED: "marked as expired; the code has no current row, so its score counts",
    RowFate.EXPIRED: "marked as expired; the current rows of its code count instead",
    RowFate.DUPLICATE: "the same as an earlier row in every cell",
    RowFate.UNCLEAR: "on the sheet of offences that need clarity; never used",
    RowFate.NOT_NUMERIC: "its score is not a number that can be used exactly",
    RowFate.NO_CODE: "no classification",
    RowFate.UNREADABLE_CODE: "its classification is not a class code; not guessed",
}


@attrs.frozen
class WorkbookRow:
    """One row as written, and what became of it.

    Parameters
    ----------
    sheet, row : str, int
        Where it stands.
    code, title, score : str
        As written; a cell that is no text is written out.
    fate : RowFate
        What became of it.
    detail : str
        Why, or what was noticed about it.
    expired : bool
        Whether it is marked as expired: by its sheet, or by EXPIRED in its title.
    read_as : str or None
        The class code that it was read as.
    amount : int or None
        The score in ten-thousandths of a day, where it is a number that can be used.
    """

    sheet: str
    row: int
    code: str
    title: str
    score: str
    fate: RowFate
    detail: str
    expired: bool
    read_as: str | None
    amount: int | None

    @property
    def days(self) -> str:
        """The score in days as a plain decimal; empty where there is none."""
        return "" if self.amount is None else plain_decimal(self.amount, _FINEST)


@attrs.frozen
class SeveralScores:
    """A code whose rows differ, and what the rule chose.

    Parameters
    ----------
    code : str
        The class code.
    rows : int
        How many rows it has that count.
    scores : tuple of str
        Their different scores in days, lowest first.
    chosen : str
        The one that is its weight.
    """

    code: str
    rows: int
    scores: tuple[str, ...]
    chosen: str


@attrs.frozen(kw_only=True)
class CambridgeWorkbook:
    """The official workbook as read: every row with its fate, and the index made of them.

    Parameters
    ----------
    layout : str
        ``2021`` or ``2026``.
    sha256 : str
        Of the file.
    rule : str or None
        The rule that was declared.
    sheets : tuple of SheetRead
        What was read.
    other_sheets : tuple of str
        Sheets that were not.
    rows : tuple of WorkbookRow
        Every row, in the order of the workbook.
    several : tuple of SeveralScores
        The codes for which the rule chose.
    without_weight : tuple of str
        Codes none of whose rows can be used: the index has no row for them.
    index : HarmIndex
        The index named ``cambridge``.
    """

    layout: str
    sha256: str
    rule: str | None
    sheets: tuple[SheetRead, ...]
    other_sheets: tuple[str, ...]
    rows: tuple[WorkbookRow, ...] = attrs.field(repr=False)
    several: tuple[SeveralScores, ...] = attrs.field(repr=False)
    without_weight: tuple[str, ...] = attrs.field(repr=False)
    index: HarmIndex

    def fate_counts(self) -> dict[RowFate, int]:
        """Count the rows by fate; the counts add up to all rows."""
        counts = Counter(row.fate for row in self.rows)
        return {fate: counts[fate] for fate in RowFate}

    def to_frame(self) -> pd.DataFrame:
        """Give every row as a table, text throughout but for the row number and the mark."""
        names = [field.name for field in attrs.fields(WorkbookRow) if field.name != "amount"]
        table = {name: [getattr(row, name) for row in self.rows] for name in names}
        table["fate"] = [str(row.fate) for row in self.rows]
        table["read_as"] = [row.read_as or "" for row in self.rows]
        return pd.DataFrame(table | {"days": [row.days for row in self.rows]})


def read_cambridge_workbook(
    path: str | Path, *, rule: Literal["min", "median", "max"] | None = None
) -> CambridgeWorkbook:
    """Read a copy of the official workbook of the Cambridge Crime Harm Index.

    Two layouts are known: those of 2021 and of February 2026. A code whose rows do not agree needs
    a declared rule; the edition then ends with it, for it identifies the numbers. Rows marked as
    expired weigh only codes that have no other row. Nothing is repaired: a score or code that
    cannot be used exactly is listed with its reason.

    Parameters
    ----------
    path : str or Path
        The workbook, ``.xlsx``.
    rule : {"min", "median", "max"}, optional
        Which score counts where the rows of a code differ.

    Returns
    -------
    CambridgeWorkbook
        Every row with its fate, and the index.

    Raises
    ------
    ArgumentError
        If the file cannot be opened, the rule is none of the three, or openpyxl is not installed.
    InputRefused
        If it is not a workbook of a known layout.
    DefinitionError
        If codes have several scores and no rule is declared, or the median of a code cannot be
        held exactly, or no row can be used.
    """
    if rule is not None and rule not in RULES:
        message = f"rule={rule!r} is not one of {', '.join(map(repr, RULES))}"
        raise ArgumentError(message)
    if find_spec("openpyxl") is None:
        message = "reading a workbook needs openpyxl: install hhpu[excel]"
        raise ArgumentError(message)
    path = Path(path)
    raw = raw_bytes(path)
    with opened(raw, path) as book:
        sheets = {str(sheet.title): Cells(sheet, path) for sheet in book.worksheets}
        others = [str(name) for name in book.sheetnames]
    layout, found = layout_of(sheets, others, path)
    formulas = formulas_of(raw, path, found)
    rows: list[WorkbookRow] = []
    read: list[SheetRead] = []
    for sheet, kind in zip(found, layout.sheets, strict=True):
        header = sheet.header(layout.columns if kind == layout.sheet else USED)
        made = [*_rows_of(sheet, header, layout, kind, formulas)]
        rows += made
        read.append(sheet_read(sheet, header, rows=len(made)))
    sha256 = f"sha256:{hashlib.sha256(raw).hexdigest()}"
    return _weighed(
        path, layout, sha256, rule, rows, read, sorted(set(others) - {*names_of(found)})
    )


def _rows_of(
    sheet: Cells,
    header: Header | None,
    layout: Layout,
    kind: str,
    formulas: frozenset[tuple[str, int, int]],
) -> Iterator[WorkbookRow]:
    """Judge the rows of a sheet one by one; which expired ones count is seen later."""
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    for number, row in sheet.rows.items():
        if header is None:
            told = " | ".join(written(cell) for cell in row if not is_empty(cell))
            unread = "no row of the sheet holds the columns " + ", ".join(USED)
            fate = RowFate.UNCLEAR if kind == layout.unclear else RowFate.NO_CODE
            yield WorkbookRow(
                sheet=sheet.name, row=number, code="", title=told, score="", fate=fate,
                detail=unread, expired=kind == layout.expired, read_as=None, amount=None,
            )  # fmt: skip
            continue
        if number <= header.row:
            continue
        cells = {name: row[at] if at < len(row) else None for name, at in header.places.items()}
        title = written(cells[TITLE])
        code, no_code, why_no_code = _read_code(cells[CODE])
        formula = (sheet.name, number, header.places[SCORE]) in formulas
        amount, remark = _read_score(cells[SCORE], formula=formula)
        same = seen.setdefault(tuple((_kind(cell), written(cell)) for cell in row), number)
        details = [why_no_code, remark]
        if kind == layout.unclear:
            fate = RowFate.UNCLEAR
        elif no_code is not None:
            fate = no_code
        elif amount is None:
            fate = RowFate.NOT_NUMERIC
        elif same != number:
            fate = RowFate.DUPLICATE
            details.append(f"the same as row {same}")
        else:
            fate = RowFate.USED
        expired = kind == layout.expired or bool(_EXPIRED.search(title))
        if not expired and "expired" in title.casefold():
            details.append("its title has the word expired, not in capitals: not taken as a mark")
        yield WorkbookRow(
            sheet=sheet.name,
            row=number,
            code=written(cells[CODE]),
            title=title,
            score=written(cells[SCORE]),
            fate=fate,
            detail="; ".join(filter(None, details)),
            expired=expired,
            read_as=code,
            amount=amount,
        )


_KINDS: Final = {"bool": "truth value", "number": "number"}


def _kind(cell: object) -> str:
    number = isinstance(cell, int | float) and not isinstance(cell, bool)
    return "number" if number else type(cell).__name__


def _read_code(cell: object) -> tuple[str | None, RowFate | None, str]:
    """Read a classification, or give the fate of its row and why."""
    if is_empty(cell):
        return None, RowFate.NO_CODE, ""
    if isinstance(cell, dt.date | dt.time | dt.timedelta):
        damaged = f"{CodeProblem.DAMAGED}: a date or time, not text"
        return None, RowFate.UNREADABLE_CODE, damaged
    if not isinstance(cell, str):
        return None, RowFate.UNREADABLE_CODE, f"a {_KINDS[_kind(cell)]}, not text"
    reading = read_code(cell, notation=Notation.HOME_OFFICE_CLASS)
    if reading.code is None:
        return None, RowFate.UNREADABLE_CODE, str(reading.problem)
    if reading.notation != Notation.HOME_OFFICE_CLASS:
        return None, RowFate.UNREADABLE_CODE, f"a code in {reading.notation}"
    return reading.code, None, ""


def _read_score(cell: object, *, formula: bool) -> tuple[int | None, str]:
    """Read a score in ten-thousandths of a day, with what is wrong or noticed about it."""
    if is_empty(cell):
        return None, "score: a formula without a stored value" if formula else "score: blank"
    if _kind(cell) not in ("number", "str"):
        return None, f"score: a {_KINDS.get(_kind(cell), 'date or time')}"
    text = str(cell).strip() if isinstance(cell, str) else format(Decimal(repr(cell)), "f")
    amount = parse_amount(text, _FINEST)
    if isinstance(amount, str):
        finer = re.fullmatch(r"-?[0-9]+\.[0-9]+", text)
        return None, "score: more than 4 decimals" if finer else "score: not a number"
    if amount < 0:
        return None, "score: negative"
    if amount > HEAVIEST:
        return None, "score: larger than a weight may be"
    return amount, "score: a number written as text" if isinstance(cell, str) else ""


def _weighed(
    path: Path,
    layout: Layout,
    sha256: str,
    rule: str | None,
    rows: list[WorkbookRow],
    sheets: list[SheetRead],
    others: list[str],
) -> CambridgeWorkbook:
    """Settle the expired rows, apply the rule, and make the index."""
    current = {row.read_as for row in rows if row.fate is RowFate.USED and not row.expired}
    settled = []
    for row in rows:
        if row.fate is RowFate.USED and row.expired:
            fate = RowFate.EXPIRED if row.read_as in current else RowFate.EXPIRED_USED
            row = attrs.evolve(row, fate=fate)  # noqa: PLW2901
        settled.append(row)
    by_code: dict[str, list[WorkbookRow]] = {}
    for row in settled:
        if row.read_as is not None:
            by_code.setdefault(row.read_as, []).append(row)
    counting = {code: amounts for code in by_code if (amounts := _counting(by_code[code]))}
    if not counting:
        fault = "none of its rows has both a class code and a score that is a number"
        raise DefinitionError(str(path), [fault])
    chosen = _choose(path, rule, counting)
    codes = sorted(counting, key=_place)
    scale = next(
        10**places
        for places in range(5)
        if all(amount % (_FINEST // 10**places) == 0 for amount in chosen.values())
    )
    differing = [code for code in codes if len(set(counting[code])) > 1]
    suffix = f"-{rule}" if differing else ""
    weights = tuple(
        Weight(
            code=code,
            weight=chosen[code] * scale // _FINEST,
            basis=f"rule{suffix}" if code in differing else "published",
            citation=("workbook",),
            description=_described(by_code[code]),
            note=_noted(by_code[code], counting[code], rule),
        )
        for code in codes
    )
    without = tuple(sorted(set(by_code) - set(counting), key=_place))
    index = HarmIndex(
        name=NAME,
        edition=f"{layout.edition}{suffix}",
        title=f"Cambridge Crime Harm Index, values of {layout.name}",
        unit="days",
        scale=scale,
        codes=Notation.HOME_OFFICE_CLASS.value,
        licence="No open licence was seen for the workbook: for the unit's own use, not passed on.",
        citations=(_citation(layout, sha256, sheets),),
        weights=weights,
        note=_note_of_index(len(codes), len(differing), len(without), rule),
    )
    return CambridgeWorkbook(
        layout=layout.name,
        sha256=sha256,
        rule=rule,
        sheets=tuple(sheets),
        other_sheets=tuple(others),
        rows=tuple(settled),
        several=tuple(
            SeveralScores(
                code=code,
                rows=len(counting[code]),
                scores=tuple(map(_days, sorted(set(counting[code])))),
                chosen=_days(chosen[code]),
            )
            for code in differing
        ),
        without_weight=without,
        index=index,
    )


def _days(amount: int) -> str:
    return plain_decimal(amount, _FINEST)


def _place(code: str) -> tuple[int, int]:
    whole, _, part = code.partition("/")
    return int(whole), int(part)


def _counting(rows: Iterable[WorkbookRow]) -> list[int]:
    """Give the scores that count for a code, in order."""
    fates = (RowFate.USED, RowFate.EXPIRED_USED)
    return sorted(row.amount for row in rows if row.fate in fates and row.amount is not None)


def _choose(path: Path, rule: str | None, counting: Mapping[str, list[int]]) -> dict[str, int]:
    """Give one score for each code: the only one, or the one that the rule picks."""
    chosen, open_codes, between = {}, [], []
    for code in sorted(counting, key=_place):
        amounts = counting[code]
        low, high = amounts[0], amounts[-1]
        middle = amounts[(len(amounts) - 1) // 2] + amounts[len(amounts) // 2]
        if low == high or rule == "min":
            chosen[code] = low
        elif rule == "max":
            chosen[code] = high
        elif rule is None:
            open_codes.append(f"{code}: {len(amounts)} rows from {_days(low)} to {_days(high)}")
        elif middle % 2:
            between.append(f"{code}: its median needs more than 4 decimals; declare min or max")
        else:
            chosen[code] = middle // 2
    if open_codes:
        number = f"{len(open_codes)} code{'s' if len(open_codes) > 1 else ''}"
        subject = (
            f"{path}, in which the rows of {number} differ in score and no rule says which counts "
            "(declare rule='min', 'median' or 'max'; --rule on the command line),"
        )
        raise DefinitionError(subject, open_codes)
    if between:
        raise DefinitionError(str(path), between)
    return chosen


def _described(rows: Iterable[WorkbookRow]) -> str:
    """Give the title of a code: that of its first row that counts, and how many others."""
    fates = (RowFate.USED, RowFate.EXPIRED_USED)
    titles = list(dict.fromkeys(_cell_text(row.title) for row in rows if row.fate in fates))
    more = len(titles) - 1
    return f"{titles[0]} (and {more} more)" if more else titles[0]


def _cell_text(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split())


def _noted(rows: Sequence[WorkbookRow], amounts: Sequence[int], rule: str | None) -> str:
    fates = Counter(row.fate for row in rows)
    parts = ["expired"] if fates[RowFate.EXPIRED_USED] else []
    if amounts[0] != amounts[-1]:
        told = f"{len(amounts)} rows with {len(set(amounts))} scores"
        parts.append(f"{told} from {_days(amounts[0])} to {_days(amounts[-1])}: {rule} taken")
    aside = {
        "marked as expired and set aside": fates[RowFate.EXPIRED],
        "without a score that can be used": fates[RowFate.NOT_NUMERIC],
        "that need clarity": fates[RowFate.UNCLEAR],
    }
    parts += [f"{count} more {what}" for what, count in aside.items() if count]
    return "; ".join(parts)


def _note_of_index(codes: int, differing: int, without: int, rule: str | None) -> str:
    text = f"Read from a copy of the official workbook: {codes:,} codes. "
    if differing and rule is not None:
        text += (
            f"{differing:,} of them have rows with different scores; the {RULES[rule]} of them is "
            f"the weight, by the declared rule {rule}. "
        )
    else:
        text += "All rows of a code agree, so no rule chose. "
    if without:
        text += f"{without:,} more codes stand in it without a score that can be used. "
    return text + "A weight is the starting point of the sentencing guideline for a first offender."


def _citation(layout: Layout, sha256: str, sheets: Iterable[SheetRead]) -> Citation:
    names = ", ".join(repr(sheet.name) for sheet in sheets)
    return Citation(
        key="workbook",
        title=f"Cambridge Crime Harm Index: official workbook, layout {layout.name}",
        note=(
            f"Published by the Cambridge Centre for Evidence-Based Policing. The copy that was "
            f"read has SHA-256 {sha256.removeprefix('sha256:')}; sheets {names}."
        ),
    )
