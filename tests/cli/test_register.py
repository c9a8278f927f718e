"""``hhpu indices add-cambridge`` and ``hhpu indices remove``, up to a ranking."""

import csv
import json
import sys

import pytest
from workbooks import EXPIRED, write_workbook

import hhpu

ROWS = [
    ("001/01", "Murder", 5475),
    ("008/06", "Actual bodily harm, a", 7.5),
    ("008/06", "Actual bodily harm, b", 182.25),
    ("034/01", "Robbery", 365),
    ("046/00", "EXPIRED shoplifting", 1),
    ("008/07", "Not scored", "N/A"),
    ("8N", "Another notation", 10),
]


@pytest.fixture
def workbook(tmp_path):
    unclear = [("099/01", "Unclear offence", 3)]
    return write_workbook(tmp_path / "workbook.xlsx", ROWS, unclear=unclear)


def test_from_the_workbook_to_a_ranking(run, store, workbook, minimal):
    before = run("rank", minimal, "--as-of", "2026-03-31")
    assert before.code == 2
    assert "hhpu indices add-cambridge FILE" in before.err

    added = run("indices", "add-cambridge", workbook, "--rule", "max")
    assert (added.code, added.err) == (0, "")
    index = hhpu.load_registry().index()
    for told in (
        "Registered cambridge 2026-02-max", index.digest, "layout     2026",
        "Rows read: 8, of which", "Expired: 1 rows", "Unclear: 1 rows",
        "Without a score that can be used: 1 rows", "Without a class code: 1 rows",
        "row 6", "row 7", "N/A", "8N", "Codes whose rows differ: 1; the rule max chose",
        "7.5, 182.25 days", "2 codes: 8/07, 99/01",
        "Use it:  hhpu rank OFFENCES --as-of YYYY-MM-DD\n",
    ):  # fmt: skip
        assert told in added.out

    out = minimal.with_name("ranking.csv")
    ranked = run("rank", minimal, "--as-of", "2026-03-31", "--out", out)
    assert ranked.code == 0
    with out.open(encoding="utf-8", newline="") as lines:
        table = {row["offender_id"]: row["score"] for row in csv.DictReader(lines)}
    assert table == {"007": "5475", "7": "182.25", "8": "182.25"}
    assert f"{index.label}, from registered folder" in ranked.err
    accounting = json.loads((out.with_suffix("") / "accounting.json").read_text(encoding="utf-8"))
    told = accounting["provenance"]["index"]
    assert (told["name"], told["edition"]) == ("cambridge", "2026-02-max")
    assert (told["digest"], told["supplier"]) == (index.digest, "registered folder")
    assert str(store) not in json.dumps(accounting)

    shown = run("indices", "cambridge")
    assert shown.code == 0
    assert index.digest in shown.out
    assert "1 rule-max" in shown.out
    listed = run("indices")
    (line,) = [text.split() for text in listed.out.splitlines() if "2026-02-max" in text]
    assert line[:3] == ["cambridge", "2026-02-max", index.digest[:19]]

    removed = run("indices", "remove", "cambridge", "--edition", "2026-02-max")
    assert removed.code == 0
    assert run("rank", minimal, "--as-of", "2026-03-31").code == 2
    assert run("indices", "remove", "cambridge", "--edition", "2026-02-max").code == 2


def test_every_row_of_the_workbook_is_in_the_registered_folder(run, store, workbook):
    run("indices", "add-cambridge", workbook, "--rule", "min")
    path = store / "cambridge" / "2026-02-min" / "rows.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == [
        "sheet", "row", "code", "title", "score", "fate", "detail", "expired", "read_as", "days",
    ]  # fmt: skip
    assert [row["title"] for row in rows] == [*(title for _, title, _ in ROWS), "Unclear offence"]
    assert [row["fate"] for row in rows] == [
        "used", "used", "used", "used", "expired-used", "non-numeric", "unreadable-code", "unclear",
    ]  # fmt: skip
    assert (rows[1]["read_as"], rows[1]["days"], rows[5]["score"]) == ("8/06", "7.5", "N/A")


def test_again_and_with_other_content(run, store, workbook):
    assert run("indices", "add-cambridge", workbook, "--rule", "max").code == 0
    again = run("indices", "add-cambridge", workbook, "--rule", "max")
    assert again.code == 0
    assert "Registered already, nothing changed: cambridge 2026-02-max" in again.out
    write_workbook(workbook, [*ROWS, ("035/01", "More", 9)])
    other = run("indices", "add-cambridge", workbook, "--rule", "max")
    assert (other.code, other.out) == (3, "")
    assert "hhpu indices remove cambridge --edition 2026-02-max" in other.err


def test_a_second_edition_has_to_be_named(run, store, workbook, minimal):
    run("indices", "add-cambridge", workbook, "--rule", "max")
    second = run("indices", "add-cambridge", workbook, "--rule", "min")
    command = "hhpu rank OFFENCES --as-of YYYY-MM-DD --index cambridge --edition 2026-02-min"
    assert command in second.out
    bare = run("rank", minimal, "--as-of", "2026-03-31")
    assert bare.code == 2
    assert "has the editions 2026-02-max, 2026-02-min: name one" in bare.err
    words = ("--index", "cambridge", "--edition", "2026-02-min")
    assert run("rank", minimal, "--as-of", "2026-03-31", *words).code == 0


def test_without_a_rule_nothing_is_registered(run, store, workbook):
    done = run("indices", "add-cambridge", workbook)
    assert (done.code, done.out) == (3, "")
    assert "8/06: 2 rows from 7.5 to 182.25" in done.err
    assert "--rule" in done.err
    assert not store.exists()


def test_another_store(run, store, workbook, tmp_path, minimal, monkeypatch):
    shared = tmp_path / "shared"
    done = run("indices", "add-cambridge", workbook, "--rule", "max", "--store", shared)
    assert f"Set HHPU_INDEX_STORE to {shared}" in done.out
    assert run("rank", minimal, "--as-of", "2026-03-31").code == 2
    monkeypatch.setenv("HHPU_INDEX_STORE", str(shared))
    assert run("rank", minimal, "--as-of", "2026-03-31").code == 0
    again = run("indices", "add-cambridge", workbook, "--rule", "max", "--store", shared)
    assert "HHPU_INDEX_STORE" not in again.out
    assert run("rank", minimal, "--as-of", "2026-03-31", "--plugins", "none").code == 2
    assert run("rank", minimal, "--as-of", "2026-03-31", "--plugins", "registered").code == 0


def test_a_registered_folder_that_was_changed_stops_a_ranking(run, store, workbook, minimal):
    run("indices", "add-cambridge", workbook, "--rule", "max")
    path = store / "cambridge" / "2026-02-max" / "weights.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("5475", "54750"), encoding="utf-8")
    done = run("rank", minimal, "--as-of", "2026-03-31")
    assert (done.code, done.out) == (2, "")
    assert "hhpu indices remove cambridge --edition 2026-02-max" in done.err
    assert run("indices", "remove", "cambridge", "--edition", "2026-02-max").code == 0
    assert run("indices", "add-cambridge", workbook, "--rule", "max").code == 0


def test_lists_that_are_long_are_cut_and_counted(run, store, tmp_path):
    bad = [(f"{n:03}/01", "A title of an offence " * 9, "N/A") for n in range(1, 41)]
    differing = [(f"{n:03}/02", "t", score) for n in range(1, 41) for score in (1, 2)]
    path = write_workbook(tmp_path / "long.xlsx", [*bad, *differing])
    out = run("indices", "add-cambridge", path, "--rule", "min").out
    assert "40 codes: 1/01, " in out
    assert "and 10 more\n" in out
    assert "and 10 more, in rows.csv" in out
    assert "and 10 more, in weights.csv" in out


def test_a_side_sheet_that_was_not_understood_is_said(run, store, tmp_path):
    def edit(book):
        book[EXPIRED].delete_rows(1)
        book[EXPIRED].append(["Abolished"])

    path = write_workbook(tmp_path / "w.xlsx", [("034/01", "Robbery", 365)], edit=edit)
    assert "NO KNOWN COLUMN NAMES" in run("indices", "add-cambridge", path).out


def test_calls_that_are_wrong(run, store, workbook, tmp_path, monkeypatch):
    text = tmp_path / "no.xlsx"
    text.write_text("no workbook", encoding="utf-8")
    assert run("indices", "add-cambridge", text).code == 3
    assert run("indices", "add-cambridge", tmp_path / "absent.xlsx").code == 2
    assert run("indices", "add-cambridge").code == 2
    assert run("indices", "add-cambridge", workbook, "--rule", "mean").code == 2
    assert run("indices", "add-cambridge", workbook, "more").code == 2
    assert run("indices", "remove", "cambridge").code == 2
    wrong_way_round = run("indices", "--plugins", "none", "remove")
    assert wrong_way_round.code == 2
    assert "write `hhpu indices remove` first" in wrong_way_round.err
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    without = run("indices", "add-cambridge", workbook)
    assert without.code == 2
    assert "install hhpu[excel]" in without.err
    assert not store.exists()


@pytest.mark.parametrize("command", ["add-cambridge", "remove"])
def test_help(run, command):
    done = run("indices", command, "--help")
    assert done.code == 0
    assert f"usage: hhpu indices {command}" in done.out
    assert command in run("indices", "--help").out
