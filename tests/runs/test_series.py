"""Two fortnights of a force of four, worked by hand."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import pandas as pd
import pytest

import hhpu
from hhpu.output import alone
from hhpu.ranking import GROUNDS, Cause
from hhpu.runs import read_run, run
from hhpu.runs._earlier import Earlier
from hhpu.runs._lists import _order_of

RUN = """format = "hhpu run 1"
force = "Exampleshire"
[sources]
records = "overwritten"
offences = "offences-{as_of}.csv"
spells = "spells.csv"
[harm]
index = "index"
window = 365
[run]
bracket = 2
[thresholds]
most_fall_in_rows = 0.5
least_rows_same = 0.25
[outputs]
folder = "runs"
"""
FIRST = """offender_id,offence_id,code,committed_on,recorded_on,status
P1,O1,A,2025-06-01,2025-06-02,suspect
P2,O2,B,2025-07-01,2025-07-02,suspect
P2,O3,B,2025-08-01,2025-08-02,suspect
P3,O4,B,2025-09-01,2025-09-02,suspect
P4,O5,C,2025-10-01,2025-10-02,suspect
"""
SECOND = """offender_id,offence_id,code,committed_on,recorded_on,status
P4,O7,B,2025-12-01,2026-01-15,suspect
P1,O1,A,2025-06-01,2025-06-02,cancelled
P2,O2,C,2025-07-01,2025-07-02,suspect
P2,O3,B,2025-08-01,2025-08-02,suspect
P3,O4,B,2025-09-01,2025-09-02,suspect
P4,O5,C,2025-10-01,2025-10-02,suspect
P3,O6,A,2026-01-10,2026-01-10,suspect
"""
SPELLS = """offender_id,state,starts_on,management_type,entry_route
P2,managed,2025-01-01,IOM,IOM-meeting
"""
INDEX = """name = "own"
edition = "{edition}"
title = "Own"
unit = "{unit}"
scale = 1
codes = "force-code"
licence = "none"
[[citations]]
key = "k"
title = "Fictional"
"""


def write_index(folder, edition="1", a=100, unit="days"):
    folder.mkdir(exist_ok=True)
    (folder / "index.toml").write_text(INDEX.format(edition=edition, unit=unit), "utf-8")
    weights = f"code,weight,basis,citation\nA,{a},force,k\nB,10,force,k\nC,1,force,k\n"
    (folder / "weights.csv").write_text(weights, "utf-8")


@pytest.fixture
def force(tmp_path):
    (tmp_path / "run.toml").write_text(RUN, "utf-8")
    (tmp_path / "offences-2026-01-04.csv").write_text(FIRST, "utf-8")
    (tmp_path / "offences-2026-01-18.csv").write_text(SECOND, "utf-8")
    (tmp_path / "spells.csv").write_text(SPELLS, "utf-8")
    write_index(tmp_path / "index")
    return tmp_path


def made(force, *days):
    declaration = read_run(force / "run.toml")
    return [run(declaration, as_of=day).write() for day in days]


def table(folder, name):
    return pd.read_csv(folder / name, dtype=str, keep_default_na=False)


def lines(folder, name, *columns):
    return [tuple(line) for line in table(folder, name)[list(columns)].to_numpy().tolist()]


def test_a_first_run_lists_the_bracket_and_says_that_it_is_a_first(force):
    (folder,) = made(force, "2026-01-04")
    assert lines(folder, "ranking.csv", "offender_id", "rank", "score") == [
        ("P1", "1", "100"), ("P2", "2", "20"), ("P3", "3", "10"), ("P4", "4", "1"),
    ]  # fmt: skip
    assert lines(folder, "bracket.csv", "offender_id", "list") == [
        ("P1", "to assess"), ("P2", "already managed"),
    ]  # fmt: skip
    assert table(folder, "why.csv").empty
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["previous"] is None
    assert manifest["movement"] is None
    caveats = manifest["ranking"]["provenance"]["caveats"]
    assert any("before the first extract" in caveat for caveat in caveats)


def test_a_second_run_says_what_moved_whom(force):
    _, folder = made(force, "2026-01-04", "2026-01-18")
    assert lines(folder, "ranking.csv", "offender_id", "rank", "score") == [
        ("P3", "1", "110"), ("P2", "2", "11"), ("P4", "2", "11"),
    ]  # fmt: skip
    assert lines(folder, "bracket.csv", "offender_id", "edge", "list") == [
        ("P3", "inside", "to assess"),
        ("P2", "tied at the edge", "already managed"),
        ("P4", "tied at the edge", "to assess"),
    ]
    assert lines(folder, "why.csv", "offender_id", "cause", "score_change", "rank_change") == [
        ("P1", "cancelled or cleared", "-100", "3"),
        ("P2", "re-classified", "-9", "0"),
        ("P3", "new offence", "100", "-2"),
        ("P4", "late-recorded", "10", "-1"),
        ("P4", "others moved", "0", "-1"),
    ]
    assert lines(folder, "left.csv", "offender_id", "rank_before", "rank_now") == [("P1", "1", "")]
    assert lines(folder, "movement.csv", "cause", "people", "offences", "score_change") == [
        ("cancelled or cleared", "1", "1", "-100"),
        ("re-classified", "1", "1", "-9"),
        ("late-recorded", "1", "1", "10"),
        ("new offence", "1", "1", "100"),
    ]


def test_what_a_place_rests_on(force):
    _, folder = made(force, "2026-01-04", "2026-01-18")
    columns = ("offender_id", "order", "rests_on", "score_without", "rank_without")
    assert lines(folder, "verify.csv", *columns) == [
        ("P4", "1", "one offence", "1", "3"),
        ("P4", "1", "unproven allegations", "", ""),
        ("P4", "1", "late-recorded", "1", "3"),
        ("P3", "3", "one offence", "10", "3"),
        ("P3", "3", "unproven allegations", "", ""),
        ("P2", "3", "one offence", "1", "3"),
        ("P2", "3", "unproven allegations", "", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(("after", "rests"), [(44, True), (45, False)])
def test_a_place_rests_on_what_was_long_ago_when_it_was_recorded(force, after, rests):
    (force / "d.toml").write_text(
        f'name = "d"\ntitle = "D"\nindex = "own"\nnon_recent_after = {after}\n', "utf-8"
    )
    path = force / "run.toml"
    path.write_text(path.read_text("utf-8").replace("window", 'definition = "d.toml"\nwindow'))
    _, folder = made(force, "2026-01-04", "2026-01-18")
    columns = ("offender_id", "rests_on", "offences", "score_without", "rank_without")
    told = [line for line in lines(folder, "verify.csv", *columns) if line[1] == "non-recent"]
    assert told == ([("P4", "non-recent", "1", "1", "3")] if rests else [])


@pytest.mark.parametrize(
    ("grounds", "order"),
    [
        (GROUNDS, 1),
        (("one offence", "unproven allegations", "non-recent"), 1),
        (("one offence", "late-recorded"), 2),
        (("unproven allegations", "non-recent"), 2),
        (("late-recorded",), 2),
        (("one offence", "unproven allegations"), 3),
        (("one offence",), 4),
        (("unproven allegations",), 4),
    ],
)
def test_what_to_verify_first_is_a_fixed_rule(grounds, order):
    assert _order_of(frozenset(grounds)) == order


def test_a_person_who_becomes_available_is_to_be_assessed_then(force):
    spells = "offender_id,state,starts_on,ends_on\nP3,in-custody,2026-01-01,2026-01-25\n"
    (force / "spells.csv").write_text(spells, "utf-8")
    (force / "offences-2026-02-01.csv").write_text(SECOND, "utf-8")
    _, inside, released = made(force, "2026-01-04", "2026-01-18", "2026-02-01")
    assert ("P3", "not available") in lines(inside, "bracket.csv", "offender_id", "list")
    assert ("P3", "to assess") in lines(released, "bracket.csv", "offender_id", "list")
    assert ("P3", "state changed") in lines(released, "why.csv", "offender_id", "cause")
    assert ("P4", "in the bracket before") in lines(released, "bracket.csv", "offender_id", "list")


@pytest.mark.parametrize("later", ["P3,in-custody,2026-01-01,2026-01-10\n", ""])
def test_a_release_that_is_known_late_is_no_reason_to_be_missed(force, later):
    text = (force / "run.toml").read_text("utf-8")
    dated = text.replace('"spells.csv"', '"spells-{as_of}.csv"')
    (force / "run.toml").write_text(dated, "utf-8")
    head = "offender_id,state,starts_on,ends_on\n"
    for day, rows in (
        ("2026-01-04", ""),
        ("2026-01-18", "P3,in-custody,2026-01-01,\nP2,managed,2025-12-01,\n"),
        ("2026-02-01", later + "P9,managed,2025-12-01,2025-12-02\n"),
        ("2026-02-15", later + "P9,managed,2025-12-01,2025-12-02\n"),
    ):
        (force / f"spells-{day}.csv").write_text(head + rows, "utf-8")
    for day in ("2026-02-01", "2026-02-15"):
        (force / f"offences-{day}.csv").write_text(SECOND, "utf-8")
    _, inside, released, after = made(force, "2026-01-04", "2026-01-18", "2026-02-01", "2026-02-15")
    assert lines(inside, "bracket.csv", "offender_id", "list") == [
        ("P3", "not available"), ("P2", "already managed"), ("P4", "to assess"),
    ]  # fmt: skip
    assert lines(released, "bracket.csv", "offender_id", "list") == [
        ("P3", "to assess"), ("P2", "to assess"), ("P4", "in the bracket before"),
    ]  # fmt: skip
    assert lines(released, "to-assess.csv", "offender_id") == [("P3",), ("P2",)]
    assert lines(released, "why.csv", "offender_id", "cause") == [
        ("P2", "state changed"), ("P3", "state changed"),
    ]  # fmt: skip
    page = (released / "report.html").read_text("utf-8")
    assert "2 in the bracket before and newly available" in page
    assert "availability changed from not available (in custody) to available" in page
    assert {name for _, name in lines(after, "bracket.csv", "offender_id", "list")} == {
        "in the bracket before"
    }
    assert table(after, "why.csv").empty


def test_a_record_joined_with_one_that_was_in_custody_is_to_be_assessed(force):
    text = (force / "run.toml").read_text("utf-8")
    named = 'spells = "spells-{as_of}.csv"\nidentities = "identities.csv"\n'
    (force / "run.toml").write_text(text.replace('spells = "spells.csv"\n', named), "utf-8")
    identities = "offender_id,person_id,known_from\nP3,P5,2026-01-20\n"
    (force / "identities.csv").write_text(identities, "utf-8")
    head = "offender_id,state,starts_on,ends_on\n"
    for day, rows in (("2026-01-18", "P3,in-custody,2026-01-01,\n"), ("2026-02-01", "")):
        (force / f"spells-{day}.csv").write_text(head + rows, "utf-8")
        more = SECOND + "P5,O9,C,2025-06-01,2025-06-02,suspect\n"
        (force / f"offences-{day}.csv").write_text(more, "utf-8")
    inside, joined = made(force, "2026-01-18", "2026-02-01")
    assert ("P3", "not available") in lines(inside, "bracket.csv", "offender_id", "list")
    assert ("P5", "to assess") in lines(joined, "bracket.csv", "offender_id", "list")


def test_another_edition_of_the_index_is_told_apart_from_what_people_did(force):
    (force / "offences-2026-02-01.csv").write_text(SECOND, "utf-8")
    made(force, "2026-01-04", "2026-01-18")
    write_index(force / "index", edition="2", a=1000)
    (folder,) = made(force, "2026-02-01")
    assert lines(folder, "movement.csv", "cause", "people", "score_change") == [
        ("re-weighted", "1", "900")
    ]
    assert ("P3", "re-weighted", "900") in lines(
        folder, "why.csv", "offender_id", "cause", "score_change"
    )


def test_another_unit_is_said_in_every_line(force):
    (force / "offences-2026-02-01.csv").write_text(
        SECOND + "P1,O8,C,2026-01-30,2026-01-30,suspect\n", "utf-8"
    )
    made(force, "2026-01-04", "2026-01-18")
    write_index(force / "index", edition="2", a=1000, unit="points")
    (folder,) = made(force, "2026-02-01")
    assert lines(folder, "movement.csv", "cause", "score_change", "unit") == [
        ("re-weighted", "900", "points less days"),
        ("new offence", "1", "points"),
    ]
    why = lines(folder, "why.csv", "offender_id", "cause", "score_change", "unit")
    assert ("P3", "re-weighted", "900", "points less days") in why
    (told,) = (line[1] for line in lines(folder, "bracket.csv", "offender_id", "why")
               if line[0] == "P3")  # fmt: skip
    assert told == "re-weighted +900 points less days"
    page = (folder / "report.html").read_text("utf-8")
    assert "points less days" in page


def test_columns_are_the_same_whatever_was_found(force):
    (force / "offences-2026-02-01.csv").write_text(SECOND, "utf-8")
    folders = made(force, "2026-01-04", "2026-01-18", "2026-02-01")
    for name in ("why.csv", "movement.csv", "left.csv", "bracket.csv", "verify.csv"):
        assert len({(each / name).read_text("utf-8").split("\n")[0] for each in folders}) == 1


def test_a_method_that_counts_has_its_own_unit(force):
    ledger = hhpu.encode(pd.DataFrame({"offender_id": ["a"], "code": ["8N"],
                                       "committed_on": ["2025-01-04"]}))  # fmt: skip
    index = hhpu.load_registry(plugins="none").index("ons-css")
    before = hhpu.rank(ledger, as_of="2025-02-01", index=index, method=hhpu.OffenceCount())
    now = hhpu.rank(ledger, as_of="2025-03-01", index=index)
    moved = hhpu.movement(before, now, k=1)
    assert moved.unit_of(Cause.RE_WEIGHTED) == "offences"
    assert moved.unit_of(Cause.RE_DEFINED) == "css-days less offences"
    assert moved.unit_of(Cause.NEW_OFFENCE) == "css-days"


def test_who_comes_back_is_told_from_who_is_new(force):
    gone = SECOND.replace("P1,O1,A,2025-06-01,2025-06-02,cancelled",
                          "P1,O1,A,2025-06-01,2025-06-02,suspect")  # fmt: skip
    (force / "offences-2026-02-01.csv").write_text(gone, "utf-8")
    first, _, last = made(force, "2026-01-04", "2026-01-18", "2026-02-01")
    told = lines(last, "bracket.csv", "offender_id", "list", "last_in")
    assert ("P1", "to assess", "2026-01-04") in told
    assert ("P3", "in the bracket before", "2026-01-18") in told
    manifest = json.loads((last / "manifest.json").read_text("utf-8"))
    assert manifest["earlier"] == {"read": ["2026-01-04", "2026-01-18"], "not_as_written": []}
    page = (last / "report.html").read_text("utf-8")
    assert "1 newly in the bracket (not in it at the last run, 1 of them returning to it)" in page
    assert "returning, last in the bracket on 2026-01-04; " in page
    before = {path: path.read_bytes() for path in last.rglob("*") if path.is_file()}
    made(force, "2026-02-01")
    assert before == {path: path.read_bytes() for path in last.rglob("*") if path.is_file()}
    with (first / "bracket.csv").open("a", encoding="utf-8") as file:
        file.write("x")
    (again,) = made(force, "2026-02-01")
    assert ("P1", "to assess", "") in lines(again, "bracket.csv", "offender_id", "list", "last_in")
    told = (again / "report.html").read_text("utf-8")
    assert "Read for it: 1 earlier run; not as written, and so not read: 2026-01-04." in told


def test_who_was_in_the_bracket_under_another_record_comes_back(force):
    gone = SECOND.replace("P1,O1,A,2025-06-01,2025-06-02,cancelled",
                          "P5,O1,A,2025-06-01,2025-06-02,suspect")  # fmt: skip
    (force / "offences-2026-02-01.csv").write_text(gone, "utf-8")
    run_file = force / "run.toml"
    run_file.write_text(
        run_file.read_text("utf-8").replace("[harm]", 'identities = "identities.csv"\n[harm]'),
        "utf-8",
    )
    (force / "identities.csv").write_text(
        "offender_id,person_id,known_from\nP1,P5,2026-01-20\n", "utf-8"
    )
    *_, last = made(force, "2026-01-04", "2026-01-18", "2026-02-01")
    told = lines(last, "bracket.csv", "offender_id", "list", "last_in")
    assert ("P5", "to assess", "2026-01-04") in told


@pytest.mark.parametrize("days", [("2026-01-04", "2026-01-18"), ("2026-01-18", "2026-01-04")])
def test_of_several_records_the_one_that_was_in_the_bracket_last_counts(days):
    offences = pd.DataFrame(
        {"offender_id": ["P1", "P4", "P5"], "code": "A", "committed_on": "2025-06-01"}
    )
    identities = pd.DataFrame(
        {"offender_id": ["P1", "P4"], "person_id": "P5", "known_from": "2026-01-01"}
    )
    ledger = hhpu.encode(offences).as_persons(identities, as_of="2026-02-01")
    held = {name: dt.date.fromisoformat(day) for name, day in zip(("P1", "P4"), days, strict=True)}
    assert Earlier(last_in=held).of_people(ledger, ["P5"]) == [dt.date(2026, 1, 18)]


def test_records_that_are_found_to_be_one_person_move_together(force):
    text = (force / "run.toml").read_text("utf-8")
    named = 'spells = "spells.csv"\nidentities = "identities.csv"\n'
    (force / "run.toml").write_text(text.replace('spells = "spells.csv"\n', named), "utf-8")
    identities = "offender_id,person_id,known_from,known_to\nP4,P3,2026-01-10,2026-01-30\n"
    (force / "identities.csv").write_text(identities, "utf-8")
    (force / "offences-2026-02-01.csv").write_text(SECOND, "utf-8")
    _, joined, parted = made(force, "2026-01-04", "2026-01-18", "2026-02-01")
    assert lines(joined, "ranking.csv", "offender_id", "score") == [("P3", "121"), ("P2", "11")]
    causes = lines(joined, "why.csv", "offender_id", "cause", "score_change")
    assert ("P3", "merged identity", "1") in causes
    assert ("P3", "late-recorded", "10") in causes
    assert lines(parted, "ranking.csv", "offender_id", "score") == [
        ("P3", "110"), ("P2", "11"), ("P4", "11"),
    ]  # fmt: skip
    parting = lines(parted, "why.csv", "offender_id", "cause", "score_change")
    assert ("P3", "merged identity", "-11") in parting


def test_the_same_input_gives_the_same_bytes_whenever_it_is_run(force):
    (force / "offences-2026-02-01.csv").write_text(SECOND, "utf-8")
    days = ("2026-01-04", "2026-01-18", "2026-02-01")
    folders = made(force, *days)
    before = [digests(folder) for folder in folders]
    kept = (force / "runs" / "ledger.npz").read_bytes()
    made(force, *reversed(days))
    assert [digests(folder) for folder in folders] == before
    assert (force / "runs" / "ledger.npz").read_bytes() == kept


def digests(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_manifest_knows_every_file_and_where_everything_came_from(force):
    _, folder = made(force, "2026-01-04", "2026-01-18")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    found = digests(folder)
    del found["manifest.json"]
    assert manifest["files"] == {name: f"sha256:{digest}" for name, digest in found.items()}
    source = (force / "offences-2026-01-18.csv").read_bytes()
    assert (
        manifest["inputs"]["offences"]["sha256"] == f"sha256:{hashlib.sha256(source).hexdigest()}"
    )
    ledger = hhpu.Ledger.load(force / "runs" / "ledger.npz")
    assert manifest["ledger"]["digest"] == ledger.digest
    extract = manifest["ledger"]["extracts"][-1]
    assert (extract["rows_in"], extract["same"], extract["opened"], extract["closed"]) == (
        7,
        3,
        4,
        2,
    )
    assert manifest["index"]["edition"] == "1"
    assert sum(manifest["ranking"]["fates"].values()) == len(ledger) == 9
    assert not any(person in json.dumps(manifest) for person in ("P1", "P2", "P3", "P4"))


def test_whoever_was_in_the_bracket_under_another_record_is_not_new(force):
    text = (force / "run.toml").read_text("utf-8")
    named = 'spells = "spells.csv"\nidentities = "identities.csv"\n'
    (force / "run.toml").write_text(text.replace('spells = "spells.csv"\n', named), "utf-8")
    identities = "offender_id,person_id,known_from,known_to\nP1,P4,2026-01-10,2026-01-30\n"
    (force / "identities.csv").write_text(identities, "utf-8")
    (force / "offences-2026-01-18.csv").write_text(FIRST, "utf-8")
    (force / "offences-2026-02-01.csv").write_text(FIRST, "utf-8")
    _, joined, parted = made(force, "2026-01-04", "2026-01-18", "2026-02-01")
    assert lines(joined, "ranking.csv", "offender_id", "score")[0] == ("P4", "101")
    assert ("P4", "in the bracket before") in lines(joined, "bracket.csv", "offender_id", "list")
    assert table(joined, "left.csv").empty
    assert ("P1", "in the bracket before") in lines(parted, "bracket.csv", "offender_id", "list")
    assert lines(parted, "left.csv", "offender_id") == [("P4",)]


def test_a_run_that_was_overtaken_is_refused_when_it_is_written(force):
    (force / "offences-2026-02-01.csv").write_text(SECOND, "utf-8")
    made(force, "2026-01-04")
    declaration = read_run(force / "run.toml")
    overtaken, later = (run(declaration, as_of=day) for day in ("2026-01-18", "2026-02-01"))
    later.write()
    with pytest.raises(hhpu.InputRefused, match="make the run again"):
        overtaken.write()
    assert not overtaken.folder.exists()
    assert made(force, "2026-02-01")[0] == later.folder


def test_two_writers_do_not_write_at_once(force):
    made(force, "2026-01-04")
    waiting = run(read_run(force / "run.toml"), as_of="2026-01-18")
    with alone(waiting.declaration.ledger), pytest.raises(hhpu.OutputError, match="another run"):
        waiting.write()
    assert not waiting.folder.exists()
    assert waiting.write() == waiting.folder


def test_nobody_in_custody_and_nobody_joined_is_no_fault(force):
    text = (force / "run.toml").read_text("utf-8")
    named = 'spells = "spells.csv"\nidentities = "identities.csv"\n'
    (force / "run.toml").write_text(text.replace('spells = "spells.csv"\n', named), "utf-8")
    (force / "spells.csv").write_text("offender_id,state,starts_on\n", "utf-8")
    (force / "identities.csv").write_text("offender_id,person_id,known_from\n", "utf-8")
    (folder,) = made(force, "2026-01-04")
    assert {line[0] for line in lines(folder, "ranking.csv", "available")} == {"yes"}


def test_a_run_that_was_made_is_not_replaced_by_one_declared_otherwise(force):
    (folder,) = made(force, "2026-01-04")
    before = digests(folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert manifest["declaration"]["parameters"]["bracket"] == 2
    text = (force / "run.toml").read_text("utf-8")
    (force / "run.toml").write_text(text.replace("bracket = 2", "bracket = 1"), "utf-8")
    with pytest.raises(hhpu.InputRefused, match="another declaration"):
        made(force, "2026-01-04")
    assert digests(folder) == before


@pytest.mark.parametrize(
    ("threshold", "damage", "told"),
    [
        ("most_rejected = 0.1", ("2025-07-01", "01/07/2025"), "cannot be used"),
        ("most_unscored = 0.1", (",B,", ",08-Jun,"), "08-Jun 3"),
    ],
)
def test_what_is_believed_of_an_extract_is_declared(force, threshold, damage, told):
    text = (force / "run.toml").read_text("utf-8")
    (force / "run.toml").write_text(
        text.replace("[thresholds]", f"[thresholds]\n{threshold}"), "utf-8"
    )
    made(force, "2026-01-04")
    damaged = FIRST.replace(*damage)
    (force / "offences-2026-01-18.csv").write_text(damaged, "utf-8")
    with pytest.raises(hhpu.InputRefused, match=told):
        made(force, "2026-01-18")
    (force / "offences-2026-01-18.csv").write_text(SECOND, "utf-8")
    made(force, "2026-01-18")


def test_what_a_killed_run_left_is_removed_by_the_next(force):
    made(force, "2026-01-04")
    left = force / "runs" / ".2026-01-18.0123abcd.part"
    (left / "made").mkdir(parents=True)
    (left / "made" / "ranking.csv").write_text("offender_id\nP1\n", "utf-8")
    made(force, "2026-01-18")
    assert not left.exists()


def test_tables_of_other_people_are_noticed(force):
    (force / "spells.csv").write_text(SPELLS.replace("P2", "2"), "utf-8")
    (folder,) = made(force, "2026-01-04")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    caveats = manifest["ranking"]["provenance"]["caveats"]
    assert any("Nobody in the table of states" in caveat for caveat in caveats)


def test_a_first_run_says_which_thresholds_it_could_not_check(force):
    first, second = (run(read_run(force / "run.toml"), as_of=day) for day in made_days(force))
    names = ["most_fall_in_rows", "least_rows_same"]
    assert json.loads(first.files()["manifest.json"])["not_checked"] == names
    assert json.loads(second.files()["manifest.json"])["not_checked"] == []
    told = "So whether the extract is whole (most_fall_in_rows and least_rows_same) could not be"
    pages = [each.files()["report.html"].decode("utf-8") for each in (first, second)]
    assert [told in " ".join(page.split()) for page in pages] == [True, False]


def made_days(force):
    days = ("2026-01-04", "2026-01-18")
    made(force, *days)
    return days


def test_a_run_says_what_its_manifest_says_and_shows_counts(force):
    for day in made_days(force):
        done = run(read_run(force / "run.toml"), as_of=day)
        manifest = json.loads(done.files()["manifest.json"])
        beside = ("format", "version", "files", "digest")
        assert done.to_dict() == {k: v for k, v in manifest.items() if k not in beside}
        shown = done._repr_html_()
        assert "to assess" in shown
        assert not any(person in shown for person in ("P1", "P2", "P3", "P4"))
        assert done.provenance == done.ranking.provenance


def test_movement_and_rests_say_what_they_were_made_from(force):
    last = made_days(force)[-1]
    movement = run(read_run(force / "run.toml"), as_of=last).movement
    told = movement.to_dict()
    assert told["provenance"]["before"]["as_of"] == "2026-01-04"
    assert told["provenance"]["now"]["as_of"] == last
    assert told["provenance"]["bracket"] == 2
    assert set(movement.now.provenance.caveats) <= set(told["provenance"]["caveats"])
    assert told["stays"] == movement.counts()["stays"]
    for since in (None, "2026-01-04"):
        rests = hhpu.rests_on(movement.now, k=2, since=since)
        content = rests.to_dict()
        assert content["provenance"]["since"] == since
        assert content["provenance"]["index"] == movement.now.provenance.to_dict()["index"]
        assert sum(content["people"].values()) == len(rests) == len(rests.people)
        unlooked = "late-recorded offences were not looked for"
        assert any(unlooked in told for told in rests.provenance.caveats) == (since is None)
        assert any("what is non-recent" in told for told in rests.provenance.caveats)
        assert "rests_on" in rests._repr_html_()
        assert repr(rests).startswith("Rests(2026-01-18: ")
