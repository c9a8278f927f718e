"""The sheets of the official Cambridge workbook: opened safely, and their layout recognised."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import attrs

from hhpu.errors import ArgumentError, InputRefused

__all__ = [
    "CODE",
    "SCORE",
    "TITLE",
    "USED",
    "Cells",
    "Header",
    "Layout",
    "SheetRead",
    "formulas_of",
    "is_empty",
    "layout_of",
    "names_of",
    "opened",
    "raw_bytes",
    "sheet_read",
    "written",
]

_MOST_ROWS: Final = 100_000
_LAST_ROW: Final = 1_048_576
_MOST_COLUMNS: Final = 256
_MOST_BYTES: Final = 200_000_000
_HEADER_WITHIN: Final = 10
_MOST_SHOWN: Final = 40
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
CODE: Final = "Home Office classification"
TITLE: Final = "full offence title"
SCORE: Final = "CCHI score"
USED: Final = (CODE, TITLE, SCORE)


@attrs.frozen
class Layout:
    name: str
    edition: str
    sheet: str
    columns: tuple[str, ...]
    expired: str = ""
    unclear: str = ""

    @property
    def sheets(self) -> tuple[str, ...]:
        return tuple(name for name in (self.sheet, self.expired, self.unclear) if name)


_LAYOUTS: Final = (
    Layout("2021", "2021", "CCHI 2021 values sheet", USED),
    Layout(
        "2026",
        "2026-02",
        "CCHI 2026 values sheet",
        (
            "ATHENA URN", "FULL_OFFENCE_TITLE", "CCHI Score", "Starting Point", "GROUP",
            "SUB_GROUP", "SUB_SUB_GROUP", "HOME_OFFICE_CLASSIFICATION", "HO_CODE", "HO_SUB_CODE",
            "HO_SUB_SUB_CODE",
        ),
        expired="Expired offences",
        unclear="Offences need clarity",
    ),
)  # fmt: skip


@attrs.frozen
class SheetRead:
    """One sheet that was read.

    Parameters
    ----------
    name : str
        As written in the workbook.
    header_row : int or None
        The row that holds the column names; None where none was recognised, so that its rows are
        listed and never weigh.
    ignored : tuple of str
        Columns of the header that are not used.
    rows, blank_rows : int
        Rows below the header that hold something, and that hold nothing between them.
    """

    name: str
    header_row: int | None
    ignored: tuple[str, ...]
    rows: int
    blank_rows: int


def raw_bytes(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise ArgumentError(message) from error
    if raw[:4] == _OLE:
        message = (
            f"{path} is an old .xls workbook, or protected by a password: save it as .xlsx without "
            "one"
        )
        raise InputRefused(message)
    if raw[:4] != _ZIP:
        message = f"{path} is not a workbook: give the .xlsx file as downloaded"
        raise InputRefused(message)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except zipfile.BadZipFile as error:
        message = f"{path} is not a whole workbook: download it again"
        raise InputRefused(message) from error
    if size > _MOST_BYTES:
        message = f"{path} unpacks to {size:,} bytes; at most {_MOST_BYTES:,} are read"
        raise InputRefused(message)
    return raw


@contextmanager
def opened(raw: bytes, path: Path, *, values: bool = True) -> Iterator[Any]:
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=values)
            try:
                yield book
            finally:
                book.close()
        except InputRefused:
            raise
        except Exception as error:
            message = f"{path} is not a workbook that can be read ({type(error).__name__})"
            raise InputRefused(message) from error


def _plain(text: object) -> str:
    """Fold what a header may be written with: case, white space, underscores for spaces."""
    return " ".join(str(text).replace("_", " ").split()).casefold()


@attrs.frozen
class Header:
    row: int
    places: Mapping[str, int]
    ignored: tuple[str, ...]


class Cells:
    """The rows of a sheet that hold something, by row number."""

    def __init__(self, sheet: Any, path: Path) -> None:
        self.name = str(sheet.title)
        self.rows: dict[int, tuple[object, ...]] = {}
        for number, row in _numbered(sheet, values_only=True):
            width = max((n for n, cell in enumerate(row, start=1) if not is_empty(cell)), default=0)
            if width:
                self.rows[number] = row[:width]
            if len(self.rows) > _MOST_ROWS:
                message = f"{path}: sheet {self.name!r} has more than {_MOST_ROWS:,} rows"
                raise InputRefused(message)

    def header(self, wanted: Iterable[str]) -> Header | None:
        """Find the first of the first rows that holds every column wanted, each once."""
        names = {_plain(name) for name in wanted}
        for number, row in self.rows.items():
            if number > _HEADER_WITHIN:
                break
            cells = [_plain(cell) if isinstance(cell, str) else "" for cell in row]
            if all(cells.count(name) == 1 for name in names):
                places = {name: cells.index(_plain(name)) for name in USED}
                ignored = tuple(
                    written(cell).strip()
                    for place, cell in enumerate(row)
                    if not is_empty(cell) and place not in places.values()
                )
                return Header(number, places, ignored)
        return None

    def best(self, wanted: Iterable[str]) -> tuple[int, set[str], list[str]]:
        """Give the row most like a header: its number, the names it has, all its texts."""
        names = {_plain(name) for name in wanted}
        found: tuple[int, set[str], list[str]] = (0, set(), [])
        for number, row in self.rows.items():
            texts = [cell.strip() for cell in row if isinstance(cell, str) and cell.strip()]
            held = names & {_plain(text) for text in texts}
            if number <= _HEADER_WITHIN and len(held) > len(found[1]):
                found = (number, held, texts)
        return found


def _numbered(sheet: Any, *, values_only: bool) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Go through the rows of a sheet, whatever size it says it has."""
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_row=_LAST_ROW, max_col=_MOST_COLUMNS, values_only=values_only)
    return enumerate(rows, start=1)


def names_of(sheets: Iterable[Cells]) -> list[str]:
    return [sheet.name for sheet in sheets]


def is_empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def layout_of(
    sheets: Mapping[str, Cells], names: Sequence[str], path: Path
) -> tuple[Layout, list[Cells]]:
    by_name: dict[str, list[Cells]] = {}
    for name, cells in sheets.items():
        by_name.setdefault(_plain(name), []).append(cells)
    shown = ", ".join(map(repr, names[:_MOST_SHOWN]))
    meant = [layout for layout in _LAYOUTS if _plain(layout.sheet) in by_name]
    if len(meant) != 1:
        known = "\n".join(
            f"  - {layout.name}: sheets {', '.join(map(repr, layout.sheets))}; columns of the "
            f"first: {', '.join(layout.columns)}"
            for layout in _LAYOUTS
        )
        what = "the main sheets of several layouts" if meant else "no sheet of a known layout"
        message = (
            f"{path} is of an unknown layout: it has {what}. Its sheets: {shown}. The layouts of "
            f"the Cambridge workbook that are known:\n{known}\n"
            "Give the workbook as downloaded; another edition needs a loader of its own, or a "
            "folder (hhpu indices --check FOLDER)"
        )
        raise InputRefused(message)
    (layout,) = meant
    faults = [
        f"no sheet {name!r}; its sheets are {shown}"
        for name in layout.sheets
        if _plain(name) not in by_name
    ]
    faults += [
        f"{len(by_name[_plain(name)])} sheets are named {name!r}"
        for name in layout.sheets
        if len(by_name.get(_plain(name), ())) > 1
    ]
    faults += _faults_of_header(by_name[_plain(layout.sheet)][0], layout)
    if faults:
        told = "\n".join(f"  - {fault}" for fault in faults)
        message = f"{path} is not wholly of the layout {layout.name}:\n{told}"
        raise InputRefused(message)
    return layout, [by_name[_plain(name)][0] for name in layout.sheets]


def _faults_of_header(sheet: Cells, layout: Layout) -> Iterator[str]:
    number, held, texts = sheet.best(layout.columns)
    missing = [name for name in layout.columns if _plain(name) not in held]
    if not held:
        yield (
            f"sheet {sheet.name!r}: none of the columns {', '.join(missing)} stands in its first "
            f"{_HEADER_WITHIN} rows"
        )
        return
    if missing:
        yield (
            f"sheet {sheet.name!r}: no column {', '.join(missing)} in row {number}, which has "
            f"{', '.join(texts[:_MOST_SHOWN])}"
        )
    counts = Counter(_plain(text) for text in texts)
    doubled = [name for name in layout.columns if counts[_plain(name)] > 1]
    if doubled:
        yield f"sheet {sheet.name!r}: column {', '.join(doubled)} stands twice in row {number}"


def sheet_read(sheet: Cells, header: Header | None, *, rows: int) -> SheetRead:
    below = [number for number in sheet.rows if header is None or number > header.row]
    first = header.row + 1 if header is not None else min(below, default=1)
    return SheetRead(
        name=sheet.name,
        header_row=header.row if header is not None else None,
        ignored=header.ignored if header is not None else (),
        rows=rows,
        blank_rows=max(below, default=first - 1) - first + 1 - len(below),
    )


def formulas_of(raw: bytes, path: Path, sheets: Iterable[Cells]) -> frozenset[tuple[str, int, int]]:
    """Find the formulas, so that one without a stored value is told from a blank cell."""
    wanted = set(names_of(sheets))
    found = set()
    with opened(raw, path, values=False) as book:
        for sheet in book.worksheets:
            for number, row in _numbered(sheet, values_only=False) if sheet.title in wanted else ():
                found |= {
                    (str(sheet.title), number, place)
                    for place, cell in enumerate(row)
                    if cell.data_type == "f"
                }
    return frozenset(found)


def written(cell: object) -> str:
    """Write a cell out as text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        number = Decimal(repr(cell))
        whole = number.is_finite() and number == number.to_integral_value()
        return format(number.to_integral_value() if whole else number, "f")
    return str(cell)
