"""``hhpu indices add-cambridge`` and ``hhpu indices remove``."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any, Final

from hhpu.cli._output import write_out
from hhpu.cli._summary import columns_of_text
from hhpu.indices import (
    CambridgeWorkbook,
    Registered,
    RowFate,
    WorkbookRow,
    index_store,
    read_cambridge_workbook,
    register_index,
    remove_index,
)
from hhpu.output import csv_bytes

__all__ = ["run_add_cambridge", "run_remove"]

_MOST_SHOWN: Final = 30
_LONGEST: Final = 60
_ROWS: Final = "rows.csv"


def run_add_cambridge(arguments: argparse.Namespace) -> int:
    """Register a copy of the official workbook."""
    book = read_cambridge_workbook(arguments.file.expanduser(), rule=arguments.rule)
    done = register_index(
        book.index, store=arguments.store, files={_ROWS: csv_bytes(book.to_frame())}
    )
    lines = [
        *_head(book, done),
        *_accounts(book),
        *_several(book),
        "",
        *_next(done, elsewhere=arguments.store is not None),
    ]
    write_out(("\n".join(lines) + "\n").encode("utf-8"))
    return 0


def run_remove(arguments: argparse.Namespace) -> int:
    """Take a registered index out of the store."""
    folder = remove_index(arguments.name, arguments.edition, store=arguments.store)
    told = f"Removed {arguments.name} {arguments.edition}; it was {folder}\n"
    write_out(told.encode("utf-8"))
    return 0


def _head(book: CambridgeWorkbook, done: Registered) -> list[str]:
    index = done.index
    word = "Registered" if done.new else "Registered already, nothing changed:"
    expired = sum(weight.expired for weight in index.weights)
    facts = [
        ["layout", book.layout],
        ["edition", index.edition],
        ["digest", index.digest],
        ["file", book.sha256],
        ["folder", str(done.folder)],
        ["codes", f"{len(index.weights):,}, of which {expired:,} have expired rows only"],
        ["no weight", _codes(book.without_weight)],
    ]
    facts += [["sheet", _sheet(sheet.name, sheet.rows, sheet.header_row)] for sheet in book.sheets]
    if book.other_sheets:
        facts.append(["not read", ", ".join(map(repr, book.other_sheets))])
    ignored = dict.fromkeys(name for sheet in book.sheets for name in sheet.ignored)
    if ignored:
        facts.append(["not used", f"columns {', '.join(ignored)}"])
    return [f"{word} {index.name} {index.edition}", *columns_of_text(facts)]


def _sheet(name: str, rows: int, header: int | None) -> str:
    found = f"column names in row {header}" if header else "NO KNOWN COLUMN NAMES: listed only"
    return f"{name!r}: {rows:,} rows; {found}"


def _codes(codes: Sequence[str]) -> str:
    if not codes:
        return "every code that was read has a weight"
    more = f" and {len(codes) - _MOST_SHOWN} more" if len(codes) > _MOST_SHOWN else ""
    return f"{len(codes):,} codes: {', '.join(codes[:_MOST_SHOWN])}{more}"


def _accounts(book: CambridgeWorkbook) -> list[str]:
    counts = [
        [str(fate), count, fate.meaning] for fate, count in book.fate_counts().items() if count
    ]
    lines = [f"Rows read: {len(book.rows):,}, of which", *columns_of_text(counts)]
    listed = {
        "Expired": [row for row in book.rows if row.expired],
        "Unclear": [row for row in book.rows if row.fate is RowFate.UNCLEAR],
        "Without a score that can be used": _with(book, RowFate.NOT_NUMERIC),
        "Without a class code": _with(book, RowFate.NO_CODE, RowFate.UNREADABLE_CODE),
        "Duplicate": _with(book, RowFate.DUPLICATE),
        "Noticed": [
            row
            for row in book.rows
            if row.detail and row.fate in (RowFate.USED, RowFate.EXPIRED_USED)
        ],
    }
    for what, rows in listed.items():
        lines += _listed(what, rows)
    return lines


def _with(book: CambridgeWorkbook, *fates: RowFate) -> list[WorkbookRow]:
    return [row for row in book.rows if row.fate in fates and not row.expired]


def _listed(what: str, rows: Sequence[WorkbookRow]) -> Iterable[str]:
    yield f"{what}: {len(rows):,} rows" if rows else f"{what}: none"
    table: list[list[Any]] = [
        [
            f"{row.sheet!r} row {row.row}",
            row.code or "(no code)",
            row.score or "(no score)",
            "; ".join(filter(None, (str(row.fate), row.detail))),
            _short(row.title),
        ]
        for row in rows[:_MOST_SHOWN]
    ]
    yield from columns_of_text(table)
    if len(rows) > _MOST_SHOWN:
        yield f"  and {len(rows) - _MOST_SHOWN:,} more, in {_ROWS}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def _several(book: CambridgeWorkbook) -> Iterable[str]:
    if not book.several:
        yield "Codes whose rows differ: none, so no rule chose"
        return
    yield f"Codes whose rows differ: {len(book.several):,}; the rule {book.rule} chose"
    table: list[list[Any]] = [
        [each.code, each.rows, f"rows: {', '.join(each.scores)} days", f"-> {each.chosen}"]
        for each in book.several[:_MOST_SHOWN]
    ]
    yield from columns_of_text(table)
    if len(book.several) > _MOST_SHOWN:
        yield f"  and {len(book.several) - _MOST_SHOWN:,} more, in weights.csv of the folder"


def _next(done: Registered, *, elsewhere: bool) -> Iterable[str]:
    store = done.folder.parent.parent
    if elsewhere and store != index_store():
        yield f"Set HHPU_INDEX_STORE to {store} so that the next command finds it."
    editions = [f.name for f in done.folder.parent.iterdir() if f.is_dir() and f.name[0] != "."]
    name = ""
    if len(editions) > 1:
        yield f"Registered editions: {', '.join(sorted(editions))}. So name the one you mean."
        name = f" --index {done.index.name} --edition {done.index.edition}"
    yield f"Use it:  hhpu rank OFFENCES --as-of YYYY-MM-DD{name}"
