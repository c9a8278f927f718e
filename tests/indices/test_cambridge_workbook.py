"""The official workbook's layouts, written here with fictional rows; nobody's copy was read.

Murder, attempted murder, robbery, theft from the person and shoplifting have their published check
values; every other number is made up.
"""

import datetime as dt
import hashlib
import os
import sys
import time
import zipfile
from collections import Counter
from fractions import Fraction
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from workbooks import COLUMNS, EXPIRED, MAIN, UNCLEAR, write_workbook

import hhpu
from hhpu import read_cambridge_workbook, register_index, remove_index
from hhpu.errors import (
    ArgumentError,
    DefinitionError,
    InputRefused,
    OutputError,
    PluginError,
    RegistryConflict,
)
from hhpu.indices import RowFate, index_store
from hhpu.testing import check_index

CHECKED = [
    ("001/01", "Murder", 5475),
    ("002/00", "Attempted murder", 3285),
    ("034/01", "Robbery", 365),
    ("039/01", "Theft from the person", 2),
    ("046/00", "Shoplifting", 1),
]
PLAIN = [*CHECKED, ("008/06", "Actual bodily harm", 182.25), ("005/01", "Wounding", 547.5)]
SEVERAL = [
    ("020/01", "Rape, a", 1825),
    ("020/01", "Rape, b", 2920),
    ("020/01", "Rape, c", 4745),
    ("008/06", "Actual bodily harm, a", 7.5),
    ("008/06", "Actual bodily harm, b", 182.25),
    ("034/01", "Robbery", 365),
]


@pytest.fixture
def write(tmp_path):
    def call(rows, **options):
        return write_workbook(tmp_path / "workbook.xlsx", rows, **options)

    return call


def weights(index):
    return {w.code: index.amount(w.weight) for w in index.weights}


def fates(book):
    return {str(fate): count for fate, count in book.fate_counts().items() if count}


# ------------------------------------------------------------------------------ both layouts


@pytest.mark.parametrize("layout", ["2021", "2026"])
def test_a_workbook_of_either_layout_becomes_an_exact_index(write, layout):
    path = write(PLAIN, layout=layout)
    book = read_cambridge_workbook(path)
    assert book.layout == layout
    assert book.sha256 == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    index = book.index
    assert (index.name, index.edition) == ("cambridge", {"2021": "2021", "2026": "2026-02"}[layout])
    assert (index.unit, index.codes, index.scale) == ("days", "home-office-class", 100)
    assert weights(index) == {
        "1/01": "5475", "2/00": "3285", "5/01": "547.5", "8/06": "182.25", "34/01": "365",
        "39/01": "2", "46/00": "1",
    }  # fmt: skip
    assert {w.basis for w in index.weights} == {"published"}
    assert {w.note for w in index.weights} == {""}
    assert book.several == book.without_weight == ()
    assert fates(book) == {"used": len(PLAIN)}
    (citation,) = index.citations
    assert book.sha256.removeprefix("sha256:") in citation.note
    assert MAIN[layout] in citation.note


def test_the_index_conforms(write):
    book = read_cambridge_workbook(write(SEVERAL), rule="max")
    assert check_index(book.index).faults == ()


def test_a_rule_that_is_not_needed_does_not_name_another_edition(write):
    path = write(PLAIN)
    with_rule = read_cambridge_workbook(path, rule="max").index
    assert with_rule == read_cambridge_workbook(path).index
    assert with_rule.edition == "2026-02"


@pytest.mark.parametrize(
    ("rule", "rape", "harm"),
    [("min", "1825", "7.5"), ("median", "2920", "94.875"), ("max", "4745", "182.25")],
)
@pytest.mark.parametrize("layout", ["2021", "2026"])
def test_a_declared_rule_chooses_where_the_rows_of_a_code_differ(write, layout, rule, rape, harm):
    book = read_cambridge_workbook(write(SEVERAL, layout=layout), rule=rule)
    assert weights(book.index) == {"8/06": harm, "20/01": rape, "34/01": "365"}
    assert book.index.edition == ("2021-" if layout == "2021" else "2026-02-") + rule
    basis = {w.code: w.basis for w in book.index.weights}
    assert basis == {"8/06": f"rule-{rule}", "20/01": f"rule-{rule}", "34/01": "published"}
    notes = {w.code: w.note for w in book.index.weights}
    assert notes["20/01"] == f"3 rows with 3 scores from 1825 to 4745: {rule} taken"
    assert notes["34/01"] == ""
    first = book.several[0]
    assert (first.code, first.rows, first.scores, first.chosen) == (
        "8/06", 2, ("7.5", "182.25"), harm,
    )  # fmt: skip


def test_rows_that_agree_need_no_rule_and_are_as_published(write):
    rows = [("034/01", "Robbery, a", 365), ("034/01", "Robbery, b", 365), ("046/00", "Theft", 1)]
    for rule in (None, "max"):
        book = read_cambridge_workbook(write(rows), rule=rule)
        assert (book.index.edition, book.several) == ("2026-02", ())
        row = book.index.weigh("34/01")
        assert (row.basis, row.note, row.description) == (
            "published",
            "",
            "Robbery, a (and 1 more)",
        )


def test_two_rules_are_two_editions_with_two_digests(write):
    path = write(SEVERAL)
    indices = [read_cambridge_workbook(path, rule=r).index for r in ("min", "median", "max")]
    assert len({i.edition for i in indices}) == len({i.digest for i in indices}) == 3


def test_without_a_rule_the_codes_that_need_one_are_listed(write):
    with pytest.raises(DefinitionError) as caught:
        read_cambridge_workbook(write(SEVERAL))
    assert caught.value.faults == (
        "8/06: 2 rows from 7.5 to 182.25",
        "20/01: 3 rows from 1825 to 4745",
    )
    for told in ("2 codes", "rule='min', 'median' or 'max'", "--rule", "workbook.xlsx"):
        assert told in str(caught.value)


def test_of_many_such_codes_twenty_are_shown_and_the_rest_counted(write):
    rows = [(f"{n:03}/01", "t", score) for n in range(1, 26) for score in (1, 2)]
    with pytest.raises(DefinitionError, match="25 codes") as caught:
        read_cambridge_workbook(write(rows))
    assert str(caught.value).count("2 rows from 1 to 2") == 20
    assert "and 5 more" in str(caught.value)
    assert len(caught.value.faults) == 25


def test_a_median_that_cannot_be_held_exactly_is_refused(write):
    rows = [("008/06", "a", 0.0001), ("008/06", "b", 0.0002), ("034/01", "c", 365)]
    with pytest.raises(DefinitionError, match="8/06: its median needs more than 4 decimals"):
        read_cambridge_workbook(write(rows), rule="median")
    assert weights(read_cambridge_workbook(write(rows), rule="max").index)["8/06"] == "0.0002"


def test_a_median_is_over_rows_and_a_row_that_is_there_twice_counts_once(write):
    rows = [("008/06", "a", 1, "R1"), ("008/06", "b", 1, "R2"), ("008/06", "c", 9, "R3")]
    assert weights(read_cambridge_workbook(write(rows), rule="median").index) == {"8/06": "1"}
    rows += [("008/06", "c", 9, "R3"), ("008/06", "c", 9, "R3")]
    book = read_cambridge_workbook(write(rows), rule="median")
    assert weights(book.index) == {"8/06": "1"}
    assert fates(book) == {"used": 3, "duplicate": 2}
    assert {row.detail for row in book.rows if row.fate == "duplicate"} == {"the same as row 4"}


def test_rows_that_differ_in_any_cell_are_no_duplicates(write):
    rows = [("008/06", "a", 1, "R1"), ("008/06", "a", 1, "R2"), ("008/06", "a", "1", "R1")]
    assert fates(read_cambridge_workbook(write(rows))) == {"used": 3}


# ------------------------------------------------------------------------ expired and unclear


def test_expired_rows_weigh_only_codes_without_a_current_row(write):
    book = read_cambridge_workbook(
        write(
            [
                ("034/01", "Robbery", 365),
                ("034/01", "Robbery of old (EXPIRED)", 730),
                ("046/00", "EXPIRED: shoplifting", 1),
                ("030/00", "Use of an expired ticket", 2),
            ],
            expired=[("035/01", "Abolished", 40), ("034/01", "Abolished too", 900)],
        )
    )
    assert weights(book.index) == {"30/00": "2", "34/01": "365", "35/01": "40", "46/00": "1"}
    assert {w.code for w in book.index.weights if w.expired} == {"35/01", "46/00"}
    assert book.index.weigh("34/01").note == "2 more marked as expired and set aside"
    assert fates(book) == {"used": 2, "expired-used": 2, "expired-set-aside": 2}
    (ticket,) = [row for row in book.rows if row.read_as == "30/00"]
    assert not ticket.expired
    assert "not taken as a mark" in ticket.detail


def test_expired_rows_of_one_code_that_differ_need_the_rule_too(write):
    path = write(PLAIN, expired=[("035/01", "a", 40), ("035/01", "b", 60)])
    with pytest.raises(DefinitionError, match="35/01: 2 rows from 40 to 60"):
        read_cambridge_workbook(path)
    row = read_cambridge_workbook(path, rule="min").index.weigh("35/01")
    assert row.note == "expired; 2 rows with 2 scores from 40 to 60: min taken"
    assert row.expired
    assert row.basis == "rule-min"


def test_offences_that_need_clarity_never_weigh(write):
    book = read_cambridge_workbook(
        write(PLAIN, unclear=[("034/01", "Which robbery?", 900), ("099/99", "Which?", 3)])
    )
    assert book.index.weigh("34/01").note == "1 more that need clarity"
    assert weights(book.index)["34/01"] == "365"
    assert book.index.weigh("99/99") is None
    assert book.without_weight == ("99/99",)
    assert fates(book) == {"used": len(PLAIN), "unclear": 2}


def test_the_header_of_a_side_sheet_is_not_looked_for_below_the_tenth_row(write):
    for lines, found in ((9, 10), (10, None)):
        path = write(
            PLAIN,
            expired=[("035/01", "Abolished", 40)],
            edit=lambda book, lines=lines: book[EXPIRED].insert_rows(1, lines),
        )
        book = read_cambridge_workbook(path)
        assert [s.header_row for s in book.sheets if s.name == EXPIRED] == [found]
        assert ("35/01" in weights(book.index)) == (found is not None)


@pytest.mark.parametrize(("sheet", "fate"), [(EXPIRED, "no-code"), (UNCLEAR, "unclear")])
def test_a_side_sheet_with_other_columns_is_listed_and_not_used(write, sheet, fate):
    def edit(book):
        book[sheet].delete_rows(1)
        book[sheet].append(["Offence", "Why"])
        book[sheet].append(["Abolished 035/01", 40])

    book = read_cambridge_workbook(write(PLAIN, edit=edit))
    (read,) = [s for s in book.sheets if s.name == sheet]
    assert (read.header_row, read.rows) == (None, 2)
    assert [(r.title, str(r.fate)) for r in book.rows if r.sheet == sheet] == [
        ("Offence | Why", fate),
        ("Abolished 035/01 | 40", fate),
    ]
    assert "35/01" not in weights(book.index)


# ------------------------------------------------------------------------- scores and codes

SCORES = {
    "text": ("N/A", "not a number"),
    "words": ("see guideline", "not a number"),
    "thousands": ("1,825", "not a number"),
    "blank": (None, "blank"),
    "spaces": ("  ", "blank"),
    "formula": ("=1+1", "a formula without a stored value"),
    "negative": (-1, "negative"),
    "small negative": (-0.5, "negative"),
    "truth": (True, "a truth value"),
    "date": (dt.datetime(2026, 6, 8), "a date or time"),  # noqa: DTZ001
    "time": (dt.time(8, 6), "a date or time"),
    "fine": (1.23456, "more than 4 decimals"),
    "third": (1 / 3, "more than 4 decimals"),
    "error": ("#N/A", "not a number"),
    "huge": (1e300, "larger than a weight may be"),
    "text, fine": ("1.23456", "more than 4 decimals"),
}


@pytest.mark.parametrize("what", SCORES)
@pytest.mark.parametrize("layout", ["2021", "2026"])
def test_a_score_that_cannot_be_used_is_listed_with_its_reason(write, layout, what):
    cell, reason = SCORES[what]
    rows = [*PLAIN, ("008/07", "No score of its own", cell), ("034/01", "One more", cell)]
    book = read_cambridge_workbook(write(rows, layout=layout))
    bad = [row for row in book.rows if row.fate is RowFate.NOT_NUMERIC]
    assert [row.detail for row in bad] == [f"score: {reason}"] * 2
    assert [row.row for row in bad] == [len(PLAIN) + 2, len(PLAIN) + 3]
    assert book.without_weight == ("8/07",)
    assert book.index.weigh("8/07") is None
    assert book.index.weigh("34/01").note == "1 more without a score that can be used"
    assert weights(book.index)["34/01"] == "365"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "nan", "inf", "1e400", "0x10"])
def test_numbers_that_no_spreadsheet_should_hold(write, tmp_path, value):
    """Written into the file's own XML, for a spreadsheet program would not."""
    path = write([*PLAIN, ("008/07", "t", 123321)])
    changed = tmp_path / "changed.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, content.replace(b"<v>123321</v>", f"<v>{value}</v>".encode()))
    try:
        book = read_cambridge_workbook(changed)
    except InputRefused:
        return
    assert "8/07" not in weights(book.index)
    assert fates(book) == {"used": len(PLAIN), "non-numeric": 1}


def test_a_number_written_as_text_is_read_exactly_and_said(write):
    book = read_cambridge_workbook(write([("034/01", "Robbery", " 365.25 ")]))
    assert weights(book.index) == {"34/01": "365.25"}
    assert [row.detail for row in book.rows] == ["score: a number written as text"]


def test_a_score_of_nought_is_a_weight(write):
    book = read_cambridge_workbook(write([("034/01", "a", 0), ("034/01", "b", -0.0)]))
    assert weights(book.index) == {"34/01": "0"}


@pytest.mark.parametrize("places", range(5))
def test_the_scale_is_the_smallest_that_holds_every_weight(write, places):
    score = float(f"3.{'0' * (places - 1)}1") if places else 3
    index = read_cambridge_workbook(write([("034/01", "a", score), ("035/01", "b", 2)])).index
    assert index.scale == 10**places
    assert weights(index)["34/01"] == str(score)


CODES = {
    "day": (dt.datetime(2026, 6, 8), "unreadable-code", "spreadsheet-damaged"),  # noqa: DTZ001
    "day as text": ("08-Jun", "unreadable-code", "spreadsheet-damaged"),
    "time": (dt.time(8, 6), "unreadable-code", "spreadsheet-damaged"),
    "number": (501, "unreadable-code", "a number, not text"),
    "decimal": (8.06, "unreadable-code", "a number, not text"),
    "serial": (46181, "unreadable-code", "a number, not text"),
    "truth": (True, "unreadable-code", "a truth value, not text"),
    "recorded": ("8N", "unreadable-code", "a code in home-office-recorded"),
    "class alone": ("8", "unreadable-code", "too-coarse"),
    "two": ("008/06, 008/07", "unreadable-code", "unreadable-code"),
    "words": ("various", "unreadable-code", "unreadable-code"),
    "blank": (None, "no-code", ""),
    "spaces": (" ", "no-code", ""),
}


@pytest.mark.parametrize("what", CODES)
@pytest.mark.parametrize("layout", ["2021", "2026"])
def test_a_code_that_is_no_class_code_is_listed_and_never_guessed(write, layout, what):
    cell, fate, detail = CODES[what]
    book = read_cambridge_workbook(write([*PLAIN, (cell, "Some offence", 99)], layout=layout))
    row = book.rows[-1]
    assert (row.fate, row.read_as, row.title, row.score) == (fate, None, "Some offence", "99")
    assert row.detail.startswith(detail)
    assert len(book.index.weights) == len(PLAIN)
    assert 99 * book.index.scale not in {w.weight for w in book.index.weights}


def test_titles_with_line_breaks_do_not_break_the_index(write):
    book = read_cambridge_workbook(write([("034/01", " Rob-\n bery\t", 365)]))
    assert book.index.weigh("34/01").description == "Rob- bery"
    assert book.rows[0].title == " Rob-\n bery\t"


# ------------------------------------------------------------------------- what is no layout


def refusal(path):
    with pytest.raises(InputRefused) as caught:
        read_cambridge_workbook(path)
    assert caught.value.exit_code == 3
    return str(caught.value)


def test_an_unknown_layout_names_what_was_found_and_what_is_known(write):
    def edit(book):
        book[MAIN["2026"]].title = "CCHI 2031 values sheet"

    told = refusal(write(PLAIN, edit=edit))
    for part in ("unknown layout", "CCHI 2031 values sheet", *MAIN.values(), "HO_SUB_SUB_CODE"):
        assert part in told


def test_two_layouts_in_one_workbook_are_refused(write):
    told = refusal(write(PLAIN, edit=lambda book: book.create_sheet(MAIN["2021"])))
    assert "the main sheets of several layouts" in told


@pytest.mark.parametrize("layout", ["2021", "2026"])
def test_every_missing_column_is_named_at_once_with_those_that_are_there(write, layout):
    def edit(book):
        sheet = book[MAIN[layout]]
        for cell in sheet[1]:
            if str(cell.value).casefold().startswith(("cchi", "home")):
                cell.value = f"My {cell.value}"

    told = refusal(write(PLAIN, layout=layout, edit=edit)).splitlines()
    (line,) = [text for text in told if "no column" in text]
    missing, _, found = line.partition(" in row 1, which has ")
    assert "classification" in missing.casefold()
    assert "cchi score" in missing.casefold()
    assert "My CCHI" in found


@pytest.mark.parametrize("column", COLUMNS["2026"])
def test_each_column_of_the_2026_layout_is_needed(write, column):
    def edit(book):
        book[MAIN["2026"]].cell(1, COLUMNS["2026"].index(column) + 1).value = None

    assert f"no column {column} in row 1" in refusal(write(PLAIN, edit=edit))


def test_missing_sheets_and_columns_are_told_together(write):
    def edit(book):
        del book[EXPIRED]
        del book[UNCLEAR]
        book[MAIN["2026"]]["A1"] = None

    told = refusal(write(PLAIN, edit=edit))
    for part in (f"no sheet {EXPIRED!r}", f"no sheet {UNCLEAR!r}", "no column ATHENA URN"):
        assert part in told


def test_a_column_that_stands_twice_is_refused(write):
    def edit(book):
        book[MAIN["2026"]].cell(1, 14).value = "cchi  SCORE"

    assert "column CCHI Score stands twice in row 1" in refusal(write(PLAIN, edit=edit))


def test_a_sheet_without_any_known_column_shows_none_of_its_cells(write):
    def edit(book):
        sheet = book[MAIN["2026"]]
        sheet.delete_rows(1, 20)
        sheet.append(["Jane Example", "1990-01-01"])

    told = refusal(write(PLAIN, edit=edit))
    assert "none of the columns" in told
    assert "Jane" not in told


@pytest.mark.parametrize("layout", ["2021", "2026"])
def test_names_are_compared_without_case_and_white_space(write, layout):
    def edit(book):
        sheet = book[MAIN[layout]]
        sheet.title = f"{MAIN[layout].upper()} "
        for cell in sheet[1]:
            cell.value = f" {str(cell.value).swapcase().replace(' ', chr(10))} "

    assert len(read_cambridge_workbook(write(PLAIN, layout=layout, edit=edit)).rows) == len(PLAIN)


@pytest.mark.parametrize("lines", [1, 3, 9])
def test_the_header_may_stand_in_the_first_ten_rows(write, lines):
    above = [["Cambridge Crime Harm Index"], [], ["CCHI Score", "is in days"]]
    above = (above + [[]] * 9)[:lines]
    book = read_cambridge_workbook(write(PLAIN, above=above))
    assert {sheet.header_row for sheet in book.sheets} == {lines + 1}
    assert [row.row for row in book.rows][:2] == [lines + 2, lines + 3]


def test_a_header_below_the_tenth_row_is_not_found(write):
    assert "in its first 10 rows" in refusal(write(PLAIN, above=[["x"]] * 10))


def test_other_columns_and_sheets_are_ignored_and_named(write):
    def edit(book):
        book[MAIN["2026"]].cell(1, 13).value = "Comments"
        book.create_sheet("Read me")

    book = read_cambridge_workbook(write(PLAIN, edit=edit))
    assert "Comments" in book.sheets[0].ignored
    assert "GROUP" in book.sheets[0].ignored
    assert "CCHI Score" not in book.sheets[0].ignored
    assert book.other_sheets == ("Read me",)


def test_blank_rows_are_counted_and_a_stray_format_far_below_does_no_harm(write):
    def edit(book):
        sheet = book[MAIN["2026"]]
        sheet.insert_rows(4, 2)
        sheet.cell(200_000, 5).number_format = "0.00"

    book = read_cambridge_workbook(write(PLAIN, edit=edit))
    assert (book.sheets[0].rows, book.sheets[0].blank_rows) == (len(PLAIN), 2)
    assert [row.row for row in book.rows] == [2, 3, *range(6, 4 + len(PLAIN))]


def test_no_row_that_can_be_used(write):
    with pytest.raises(DefinitionError, match="none of its rows"):
        read_cambridge_workbook(write([("034/01", "Robbery", "N/A")]))
    with pytest.raises(DefinitionError, match="none of its rows"):
        read_cambridge_workbook(write([]))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"code,weight\n1/01,5475\n", "is not a workbook"),
        (b"", "is not a workbook"),
        (b"PK\x03\x04 and then nothing", "is not a whole workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old .xls workbook, or protected by a password"),
    ],
)
def test_what_is_no_workbook(tmp_path, content, told):
    path = tmp_path / "file.xlsx"
    path.write_bytes(content)
    assert told in refusal(path)


def test_an_archive_that_is_no_workbook_and_a_workbook_cut_short(tmp_path, write):
    path = tmp_path / "archive.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    assert "is not a workbook that can be read" in refusal(path)
    good = write(PLAIN)
    good.write_bytes(good.read_bytes()[:2000])
    assert "is not a whole workbook" in refusal(good)


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(write, monkeypatch):
    monkeypatch.setattr("hhpu.indices._sheets._MOST_BYTES", 1_000)
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    monkeypatch.setattr("hhpu.indices._workbook.find_spec", lambda _: True)
    assert "at most 1,000 are read" in refusal(write(PLAIN))


def test_a_sheet_of_too_many_rows(write, monkeypatch):
    monkeypatch.setattr("hhpu.indices._sheets._MOST_ROWS", 5)
    assert "has more than 5 rows" in refusal(write(PLAIN))


def test_calls_that_are_wrong(tmp_path, write, monkeypatch):
    with pytest.raises(ArgumentError, match="cannot be read"):
        read_cambridge_workbook(tmp_path / "absent.xlsx")
    with pytest.raises(ArgumentError, match="'mean' is not one of 'min', 'median', 'max'"):
        read_cambridge_workbook(write(PLAIN), rule="mean")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ArgumentError, match=r"install hhpu\[excel\]"):
        read_cambridge_workbook(tmp_path / "workbook.xlsx")


# ----------------------------------------------------------- against a slow, plain computation

CELLS = {
    "1": Fraction(1), 1: Fraction(1), 2: Fraction(2), 365: Fraction(365), 7.5: Fraction(15, 2),
    182.25: Fraction(729, 4), 0.0003: Fraction(3, 10_000), 0: Fraction(0), "N/A": None, None: None,
    -3: None, 0.00001: None,
}  # fmt: skip
WRITTEN = {
    "008/06": "8/06", "8/06": "8/06", "034/01": "34/01", "046/00": "46/00", "8N": None,
    None: None, "8 June": None,
}  # fmt: skip
ROWS = st.lists(
    st.tuples(
        st.sampled_from(list(WRITTEN)),
        st.sampled_from(["Theft", "Theft EXPIRED", "theft (expired)"]),
        st.sampled_from(list(CELLS)),
        st.sampled_from(["R1", "R2", "R3"]),
    ),
    max_size=14,
)


def slow(sheets, rule):
    """Weigh the sheets by hand: None where it is to be refused, else code -> weight; and fates."""
    told, current, past = Counter(), {}, {}
    for sheet, rows in sheets.items():
        seen = []
        for row in rows:
            written, title, score, _ = row
            marked = sheet == EXPIRED or "EXPIRED" in title
            code, days = WRITTEN[written], CELLS[score]
            if sheet == UNCLEAR:
                told["unclear"] += 1
            elif written is None:
                told["no-code"] += 1
            elif code is None:
                told["unreadable-code"] += 1
            elif days is None:
                told["non-numeric"] += 1
            elif [repr(cell) for cell in row] in seen:
                told["duplicate"] += 1
            else:
                (past if marked else current).setdefault(code, []).append(days)
            seen.append([repr(cell) for cell in row])
    told["used"] = sum(map(len, current.values()))
    told["expired-used"] = sum(len(days) for code, days in past.items() if code not in current)
    told["expired-set-aside"] = sum(len(days) for code, days in past.items() if code in current)
    weighed = {}
    for code, days in {**past, **current}.items():
        ordered = sorted(days)
        half = len(ordered) // 2
        middle = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
        weighed[code] = {"min": min(days), "median": middle, "max": max(days)}.get(rule)
        if len(set(days)) == 1:
            weighed[code] = days[0]
    exact = all(w is not None and (w * 10_000).denominator == 1 for w in weighed.values())
    return (weighed if weighed and exact else None), {k: n for k, n in told.items() if n}


@given(main=ROWS, old=ROWS, open_=ROWS, rule=st.sampled_from([None, "min", "median", "max"]))
def test_every_row_has_one_fate_and_every_weight_is_that_of_a_slow_computation(
    tmp_path_factory, main, old, open_, rule
):
    path = tmp_path_factory.mktemp("drawn") / "workbook.xlsx"
    write_workbook(path, main, expired=old, unclear=open_)
    weighed, told = slow({"main": main, EXPIRED: old, UNCLEAR: open_}, rule)
    if weighed is None:
        with pytest.raises(DefinitionError):
            read_cambridge_workbook(path, rule=rule)
        return
    book = read_cambridge_workbook(path, rule=rule)
    assert fates(book) == told
    assert len(book.rows) == len(main) + len(old) + len(open_) == sum(told.values())
    index = book.index
    assert {w.code: Fraction(w.weight, index.scale) for w in index.weights} == weighed
    assert len(book.to_frame()) == len(book.rows)
    chosen = {w.code for w in index.weights if w.basis == f"rule-{rule}"}
    assert chosen == {each.code for each in book.several}
    assert index.edition == (f"2026-02-{rule}" if chosen else "2026-02")
    assert all(w.basis == "published" for w in index.weights if w.code not in chosen)


# ----------------------------------------------------------------------------- the store


@pytest.fixture
def index(write):
    return read_cambridge_workbook(write(SEVERAL), rule="max").index


def test_what_is_registered_resolves_by_the_default_name(store, index):
    done = register_index(index)
    assert done.new
    assert done.folder == store / "cambridge" / "2026-02-max"
    registry = hhpu.load_registry()
    found = registry.index()
    assert found == index
    assert found.digest == index.digest
    assert found.supplier == "registered folder"
    assert [plugin.name for plugin in registry.plugins][-1] == "registered"
    assert hhpu.load_registry(plugins=["registered"]).index().digest == index.digest
    bound = registry.definition("high-harm-groups")
    assert bound.bound_index.digest == index.digest
    for plugins in ("none", []):
        left_out = hhpu.load_registry(plugins=plugins)
        assert [plugin.name for plugin in left_out.plugins] == ["hhpu"]
        with pytest.raises(hhpu.UnknownName, match="hhpu indices add-cambridge FILE"):
            left_out.index()


def test_no_store_is_no_fault(store):
    assert hhpu.load_registry(plugins=["registered"]).plugins == (
        hhpu.load_registry(plugins="none").plugins
    )


def test_registering_the_same_again_changes_nothing(store, index):
    first = register_index(index)
    before = {path: path.stat().st_mtime_ns for path in store.rglob("*")}
    again = register_index(attrs.evolve(index, supplier="elsewhere"))
    assert (again.new, again.folder, again.index) == (False, first.folder, first.index)
    assert {path: path.stat().st_mtime_ns for path in store.rglob("*")} == before


def test_other_content_under_one_edition_is_a_conflict_and_changes_nothing(store, index, write):
    register_index(index)
    other = read_cambridge_workbook(write([*SEVERAL, ("046/00", "t", 1)]), rule="max").index
    assert other.edition == index.edition
    with pytest.raises(RegistryConflict, match="hhpu indices remove cambridge --edition 2026-02"):
        register_index(other)
    assert hhpu.load_registry().index().digest == index.digest
    assert [path.name for path in (store / "cambridge").iterdir()] == [index.edition]


def test_with_two_editions_the_name_alone_is_refused(store, write):
    path = write(SEVERAL)
    for rule in ("min", "max"):
        register_index(read_cambridge_workbook(path, rule=rule).index)
    registry = hhpu.load_registry()
    with pytest.raises(hhpu.UnknownName, match="the editions 2026-02-max, 2026-02-min: name one"):
        registry.index()
    assert registry.index("cambridge", "2026-02-min").weigh("20/01").weight


def tamper_weights(folder):
    path = folder / "weights.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("4745", "4746"), encoding="utf-8")


def tamper_digest(folder):
    path = folder / "index.toml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(x for x in lines if not x.startswith("digest")), encoding="utf-8")


TAMPERING = {
    "a changed number": (tamper_weights, "changed after release"),
    "the digest taken out": (tamper_digest, "lost the line with the digest"),
    "a lost file": (lambda folder: (folder / "weights.csv").unlink(), "cannot be read"),
    "a lost head": (lambda folder: (folder / "index.toml").unlink(), "cannot be read"),
    "an empty file": (lambda folder: (folder / "weights.csv").write_bytes(b""), "is empty"),
    "another edition": (
        lambda folder: folder.rename(folder.with_name("2031")),
        "it holds cambridge 2026-02-max",
    ),
    "another name": (
        lambda folder: folder.parent.rename(folder.parent.with_name("ons-css")),
        "it holds cambridge 2026-02-max",
    ),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_a_folder_that_is_not_as_it_was_registered_is_refused_by_name(store, index, what):
    tamper, told = TAMPERING[what]
    folder = register_index(index).folder
    tamper(folder)
    (moved,) = store.glob("*/*")
    with pytest.raises(PluginError) as caught:
        hhpu.load_registry()
    (fault,) = caught.value.faults
    for part in (told, str(moved), "hhpu indices remove", "register the workbook again"):
        assert part in fault
    assert hhpu.load_registry(plugins="none").plugins
    if moved == folder:
        with pytest.raises(PluginError, match="hhpu indices remove"):
            register_index(index)
    remove_index(moved.parent.name, moved.name)
    assert not moved.exists()
    assert register_index(index).new
    assert hhpu.load_registry().index().digest == index.digest


def test_a_name_that_is_not_for_the_store_is_refused_going_in_and_coming_out(store, index):
    with pytest.raises(ArgumentError, match="a registered index is named cambridge"):
        register_index(attrs.evolve(index, name="ons-css"))
    assert not store.exists()
    hhpu.write_index(attrs.evolve(index, name="ons-css"), store / "ons-css" / index.edition)
    with pytest.raises(PluginError, match="it may not hold 'ons-css'"):
        hhpu.load_registry()


def test_a_store_that_cannot_be_written_or_read(store, index):
    store.write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError, match="nothing was registered"):
        register_index(index)
    assert store.read_text(encoding="utf-8") == "a file"
    with pytest.raises(PluginError, match="HHPU_INDEX_STORE"):
        hhpu.load_registry()


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the owner of everything may write"
)
def test_a_store_without_the_right_to_write(store, index):
    store.mkdir()
    store.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="nothing was registered"):
            register_index(index)
    finally:
        store.chmod(0o700)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
@pytest.mark.parametrize("step", ["replace", "write_bytes"])
def test_what_is_interrupted_leaves_nothing_behind(store, index, monkeypatch, step, error):
    def stop(*_, **__):
        raise error

    monkeypatch.setattr(Path, step, stop)
    with pytest.raises((KeyboardInterrupt, OutputError)):
        register_index(index)
    monkeypatch.undo()
    assert [path for path in store.rglob("*") if path.is_file()] == []
    assert list((store / "cambridge").iterdir()) == []


def test_what_a_lost_process_left_is_no_index(store, index):
    left = store / "cambridge" / ".2026-02-max.abc.part" / "index"
    left.mkdir(parents=True)
    (store / ".DS_Store").write_bytes(b"x")
    (store / "cambridge" / "desktop.ini").write_bytes(b"x")
    assert all(i.name != "cambridge" for i in hhpu.load_registry().indices)
    assert register_index(index).new


def test_two_at_once_the_second_finds_the_first(store, index, monkeypatch):
    """The other process is done between the look and the move."""
    real = Path.replace

    def late(self, target):
        if not target.exists():
            hhpu.write_index(index, target)
        return real(self, target)

    monkeypatch.setattr(Path, "replace", late)
    assert not register_index(index).new
    assert len(list((store / "cambridge").iterdir())) == 1


def test_a_folder_that_another_program_has_open_is_waited_for(store, index, monkeypatch):
    replace, slept, left = Path.replace, [], [32, 5]

    def held(self, target):
        if left and Path(target).name in (index.edition, "removed"):
            error = PermissionError(13, "Access is denied")
            error.winerror = left.pop()
            raise error
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", held)
    monkeypatch.setattr(time, "sleep", slept.append)
    folder = register_index(index).folder
    assert (folder.is_dir(), len(slept)) == (True, 2)
    left += [32, 5]
    assert remove_index(index.name, index.edition) == folder
    assert (folder.exists(), len(slept)) == (False, 4)


@pytest.mark.parametrize(
    ("name", "edition"), [("cambridge", "2031"), ("..", "store"), ("cambridge", ".."), ("", "")]
)
def test_removing_what_is_not_registered(store, index, name, edition):
    register_index(index)
    with pytest.raises(ArgumentError, match="registered: cambridge 2026-02-max"):
        remove_index(name, edition)
    assert hhpu.load_registry().index()


def test_where_the_store_is(monkeypatch, tmp_path):
    monkeypatch.setenv("HHPU_INDEX_STORE", str(tmp_path / "shared"))
    assert index_store() == tmp_path / "shared"
    monkeypatch.setenv("HHPU_INDEX_STORE", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert index_store() == tmp_path / ".local" / "share" / "hhpu" / "indices"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert index_store() == tmp_path / "data" / "hhpu" / "indices"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert index_store() == tmp_path / ".local" / "share" / "hhpu" / "indices"
    monkeypatch.setattr(sys, "platform", "darwin")
    expected = tmp_path / "Library" / "Application Support" / "hhpu" / "indices"
    assert index_store() == expected
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert index_store() == tmp_path / "local" / "hhpu" / "indices"


def test_the_tests_have_a_store_of_their_own():
    assert "hhpu-no-store-" in str(index_store())
    assert not list(index_store().iterdir())
