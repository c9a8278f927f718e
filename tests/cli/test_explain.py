import csv
import io
import json

import pytest

MARK = "QXZPERSONAL"
ONS = ("--index", "ons-css", "--as-of", "2025-12-31")


def test_ids_from_standard_input(run, minimal):
    done = run("explain", minimal, *ONS, stdin="007\n8\n")
    assert done.code == 0
    assert "Offender 007\nRank 1 of 3; score 7973.393423 css-days" in done.out
    assert "Offender 8\nRank 2 of 3, tied with" in done.out
    assert "2 of 2 people explained" in done.err


def test_ids_from_a_file_with_windows_line_ends_and_a_mark(run, minimal, tmp_path):
    ids = tmp_path / "ids.txt"
    ids.write_bytes(b"\xef\xbb\xbfoffender_id\r\n007\r\n\r\n007\r\n")
    done = run("explain", minimal, *ONS, "--ids", ids)
    assert done.code == 0
    assert done.out.count("Offender 007") == 1
    assert "1 of 1 people explained" in done.err


def test_an_id_that_is_not_ranked_is_told_by_its_line(run, minimal):
    done = run("explain", minimal, *ONS, stdin=f"007\n{MARK}\n9\n")
    assert done.code == 0
    assert "Offender 007" in done.out
    assert "line 2 of the ids: the person asked for is not ranked: no row" in done.err
    assert "line 3 of the ids: the person asked for is not ranked: none of their rows" in done.err
    assert MARK not in done.err + done.out


def test_nobody_ranked_ends_with_2_and_writes_nothing(run, minimal, tmp_path):
    out = tmp_path / "sheets.txt"
    done = run("explain", minimal, *ONS, "--out", out, stdin=f"{MARK}\n")
    assert done.code == 2
    assert MARK not in done.err
    assert not out.exists()


def test_no_ids_at_all(run, minimal):
    done = run("explain", minimal, *ONS, stdin="\n\n")
    assert done.code == 2
    assert "no ids were given" in done.err


@pytest.mark.parametrize("stray", [(MARK,), ("--id", MARK), (f"--id={MARK}",)])
def test_an_id_as_an_argument_is_refused_and_not_repeated(run, minimal, stray):
    done = run("explain", minimal, *ONS, *stray, stdin="007\n")
    assert done.code == 2
    assert "never goes into an argument" in done.err
    assert MARK not in done.err
    assert done.out == ""


def test_json(run, minimal):
    done = run("explain", minimal, *ONS, "--format", "json", stdin="007\nnobody\n")
    content = json.loads(done.out)
    (one,) = content["explanations"]
    assert (one["offender_id"], one["rank"], one["score"]) == ("007", 1, "7973.393423")
    assert one["contributions"][0]["contribution"] == "7973.393423"
    assert [line["line"] for line in content["not_ranked"]] == [2]


def test_csv(run, minimal):
    done = run("explain", minimal, *ONS, "--format", "csv", stdin="8\n007\n")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    names = ("offender_id", "rank", "code", "contribution")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("8", "2", "8/06", "189.153887"),
        ("007", "1", "1/01", "7973.393423"),
    ]


def test_caveats_are_those_of_the_ranking(run, minimal):
    assert "No table of states" in run("explain", minimal, *ONS, stdin="007\n").out


def test_out_is_written_whole_and_never_over_the_ids(run, minimal, tmp_path):
    ids = tmp_path / "ids.txt"
    ids.write_text("007\n", encoding="utf-8")
    assert run("explain", minimal, *ONS, "--ids", ids, "--out", ids).code == 2
    assert ids.read_text("utf-8") == "007\n"
    out = tmp_path / "sheets.txt"
    done = run("explain", minimal, *ONS, "--ids", ids, "--out", out)
    assert (done.code, done.out) == (0, "")
    assert out.read_text("utf-8") == run("explain", minimal, *ONS, "--ids", ids).out


def test_a_missing_ids_file(run, minimal, tmp_path):
    done = run("explain", minimal, *ONS, "--ids", tmp_path / "none.txt")
    assert done.code == 2
    assert "the ids cannot be read" in done.err
