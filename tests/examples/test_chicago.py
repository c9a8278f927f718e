"""The Chicago run, where the data are present."""

import importlib.util
import json
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples" / "chicago" / "rank_complaints.py"
PAGE = ROOT / "docs" / "explanation" / "chicago.md"
DATA = Path(os.environ.get("HHPU_CHICAGO", ROOT.parent / "shared" / "data" / "chicago_complaints"))

# People ranked and history rows, made by a script that shares no code with the package.
EXPECTED = {
    ("2008-12-31", "recorded_on"): (5296, 19943),
    ("2012-12-31", "recorded_on"): (4822, 18512),
    ("2008-12-31", "committed_on"): (5226, 19581),
    ("2012-12-31", "committed_on"): (4705, 17715),
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    if not (DATA / "offences.csv.gz").is_file():
        pytest.skip("the Chicago complaints are not here: set HHPU_CHICAGO to their folder")
    spec = importlib.util.spec_from_file_location("rank_complaints", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    out = tmp_path_factory.mktemp("chicago")
    assert script.main([str(DATA), "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def runs(results):
    return json.loads((results / "accounting.json").read_text(encoding="utf-8"))


def test_people_and_history_rows_are_those_of_the_independent_script(runs):
    found = {
        (run["as_of"], run["placed_by"]): (run["people_ranked"], run["history_rows"])
        for run in runs
    }
    assert found == EXPECTED


def test_nothing_is_lost_and_the_dirt_shows(runs):
    for run in runs:
        assert run["rows_in"] == 63_846
        assert run["rows_in"] == run["rows_rejected"] + run["ledger_rows"]
        assert sum(run["fates"].values()) == run["ledger_rows"]
        assert run["rows_without_code"] == 1_057
        assert run["dates_out_of_order"] == 4
        assert 0 < run["fates"]["unmapped"] < 1_057


def test_the_page_shows_this_accounting(results):
    page = PAGE.read_text(encoding="utf-8")
    shown = page.split("<!-- accounting -->\n")[1].split("<!-- /accounting -->")[0]
    assert shown == (results / "accounting.md").read_text(encoding="utf-8")


def test_nobody_is_named_in_what_is_written(results):
    written = [path for path in results.rglob("*") if path.is_file()]
    assert {path.name for path in written} == {
        "accounting.json", "accounting.md", "index.toml", "weights.csv",
    }  # fmt: skip
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert "CPD0" not in text
        assert "CPD1" not in text
        assert "CPDO" not in text


def test_the_page_names_nobody():
    assert "CPD" not in PAGE.read_text(encoding="utf-8")
