"""The Chicago year, where the data are present."""

import importlib.util
import itertools
import json
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "examples" / "chicago" / "play_2012.py"
PAGE = ROOT / "docs" / "explanation" / "chicago.md"
DATA = Path(os.environ.get("HHPU_CHICAGO", ROOT.parent / "shared" / "data" / "chicago_complaints"))


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    if not (DATA / "offences.csv.gz").is_file():
        pytest.skip("the Chicago complaints are not here: set HHPU_CHICAGO to their folder")
    spec = importlib.util.spec_from_file_location("play_2012", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    out = tmp_path_factory.mktemp("chicago")
    assert script.main([str(DATA), "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def runs(results):
    return json.loads((results / "runs-2012.json").read_text(encoding="utf-8"))


def test_every_second_monday_of_2012_is_a_run(runs):
    assert len(runs) == 27
    assert (runs[0]["as_of"], runs[-1]["as_of"]) == ("2012-01-02", "2012-12-31")


def test_the_last_ranking_is_that_of_the_independent_script(runs):
    assert runs[-1]["ranked"] == 4822


def test_the_brackets_add_up_from_run_to_run(runs):
    for before, now in itertools.pairwise(runs):
        assert now["in_the_bracket"] == before["in_the_bracket"] + now["enters"] - now["leaves"]
        assert set(now["causes"]) == {"new offence", "aged out"}
        assert now["rows"] > before["rows"]


def test_the_page_shows_these_runs(results):
    page = PAGE.read_text(encoding="utf-8")
    shown = page.split("<!-- 2012 -->\n")[1].split("<!-- /2012 -->")[0]
    assert shown == (results / "runs-2012.md").read_text(encoding="utf-8")


def test_nobody_is_named_in_what_is_written(results):
    assert {path.name for path in results.rglob("*")} == {"runs-2012.json", "runs-2012.md"}
    for path in results.rglob("*"):
        assert "CPD" not in path.read_text(encoding="utf-8")
