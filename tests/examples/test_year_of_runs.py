"""The year of runs, and whether its check can fail."""

import csv
import importlib.util
import re
import shutil
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "year_of_runs.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("year_of_runs", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def year(script, tmp_path_factory):
    folder = tmp_path_factory.mktemp("year") / "force"
    assert script.main([str(folder), "--people", "300"]) == 0
    return folder


def runs_of(folder):
    return sorted(path for path in (folder / "runs").iterdir() if path.is_dir())


def test_a_year_is_26_runs_a_fortnight_apart_and_one_line_each(script, tmp_path, capsys):
    assert script.main([str(tmp_path / "x"), "--people", "60", "--runs", "3"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert [re.match(r"[\d-]{10}", line)[0] for line in lines] == [
        "2026-03-03", "2026-03-17", "2026-03-31",
    ]  # fmt: skip
    assert "adds up exactly" in last


def test_the_year_has_its_runs_and_movements(year):
    runs = runs_of(year)
    assert len(runs) == 26
    assert runs[-1].name == "2026-03-31"
    moved = [path for path in runs if len((path / "why.csv").read_text("utf-8").splitlines()) > 1]
    assert len(moved) > 20


def test_an_earlier_folder_is_left_alone(script, year):
    with pytest.raises(SystemExit):
        script.main([str(year), "--people", "300"])


@pytest.mark.parametrize(
    ("name", "column", "found"),
    [
        ("why.csv", "score_change", "score are not"),
        ("why.csv", "rank_change", "rank are not"),
        ("movement.csv", "score_change", "not the difference of all scores"),
    ],
)
def test_the_check_finds_a_number_that_is_off_by_a_hair(
    script, year, tmp_path, name, column, found
):
    runs = runs_of(year)
    at = next(i for i in range(1, 26) if len(script.read(runs[i] / "why.csv")) > 1)
    folder = shutil.copytree(runs[at], tmp_path / "copy")
    assert script.faults_of(folder, runs[at - 1]) == []
    lines = script.read(folder / name)
    lines[0][column] += (
        "1" if column == "rank_change" else ("0001" if "." in lines[0][column] else ".0001")
    )
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    (fault,) = script.faults_of(folder, runs[at - 1])
    assert found in fault
