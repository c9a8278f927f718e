import csv
import io

import pytest

MARK = "QXZPERSONAL"


@pytest.fixture
def dirty(tmp_path):
    path = tmp_path / "offences.csv"
    path.write_text(
        "offender_id,code,committed_on,recorded_on,status,extra\n"
        f"{MARK}1,8/06,2025-01-04,2025-01-05,charged,x\n"
        f"{MARK}2,08-Jun,2025-03-04,2025-01-05,charged,x\n"
        f",8/06,2025-01-04,2025-01-05,charged,x\n"
        f"{MARK}3,106,1900-01-01,2025-01-05,{MARK},x\n"
        f"{MARK}4,8/77,2025-01-04,2025-01-05,,x\n",
        encoding="utf-8",
    )
    return path


def test_says_what_was_found_done_and_to_do(run, dirty):
    done = run("check", dirty)
    assert done.code == 0
    assert "5 rows in, 2 rejected, 3 usable" in done.out
    assert "columns of the file not read: extra" in done.out
    lines = [line.split() for line in done.out.splitlines()]
    assert ["no-person", "offender_id", "1", "excluded"] in lines
    assert ["placeholder-date", "committed_on", "1", "excluded"] in lines
    assert "Link the row to a person at source." in done.out
    assert ["home-office-class", "2", "rows", "2", "codes"] in lines
    assert ["not", "read:", "spreadsheet-damaged", "1", "rows", "1", "codes"] in lines
    assert MARK not in done.out + done.err


def test_with_an_index_says_what_would_have_no_weight(run, dirty):
    whole = run("check", dirty, "--index", "ons-css")
    assert "2 offences would have no weight, in the whole file" in whole.out
    dated = run("check", dirty, "--index", "ons-css", "--as-of", "2025-01-31")
    assert "1 offences would have no weight, as of 2025-01-31" in dated.out
    assert "8/77" in dated.out
    assert "future-date" in dated.out


def test_rows_are_written_without_values(run, dirty, tmp_path):
    out = tmp_path / "problems.csv"
    assert run("check", dirty, "--rows", out).code == 0
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    found = {(row["row"], row["line"], row["column"], row["reason"]) for row in rows}
    assert ("2", "4", "offender_id", "no-person") in found
    assert MARK not in out.read_text("utf-8")
    assert "value" not in rows[0]


def test_values_only_on_request_and_with_a_warning(run, dirty, tmp_path):
    out = tmp_path / "problems.csv"
    done = run("check", dirty, "--rows", out, "--values")
    assert done.code == 0
    assert "personal data" in done.err
    rows = {(row["reason"], row["value"]) for row in csv.DictReader(io.StringIO(out.read_text()))}
    assert ("unreadable-status", MARK) in rows
    assert ("placeholder-date", "1900-01-01") in rows
    assert MARK not in done.err + done.out


def test_values_need_rows(run, dirty):
    assert run("check", dirty, "--values").code == 2


def test_a_definition_setting_without_an_index(run, dirty):
    assert run("check", dirty, "--window", "30").code == 2


def test_refused_input_shows_every_structural_fault(run, tmp_path):
    path = tmp_path / "offences.csv"
    path.write_text("person,crime\n1,8/06\n", encoding="utf-8")
    done = run("check", path)
    assert done.code == 3
    assert "missing-column [code]" in done.err
    assert "missing-column [offender_id]" in done.err
    assert "declare --column code=THEIRS" in done.err


def test_clean_input(run, tmp_path):
    path = tmp_path / "offences.csv"
    path.write_text("offender_id,code,committed_on,known_from\n1,8/06,2025-01-04,2025-01-05\n")
    done = run("check", path, "--index", "ons-css", "--as-of", "2025-12-31")
    assert done.code == 0
    assert "every offence has a weight, as of 2025-12-31" in done.out
