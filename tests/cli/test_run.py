"""``hhpu run``: two runs of the example, what it prints, what it refuses."""

import csv
import json
import re
import shutil
import sys
import tomllib

import pytest

from hhpu.cli import main
from hhpu.runs import read_run
from hhpu.runs._schema import KEYS

FIRST, SECOND = "2026-03-03", "2026-03-17"


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The example with its first two runs; never changed by a test."""
    folder = tmp_path_factory.mktemp("example") / "first-runs"
    assert main(["run", "--example", str(folder), "--quiet"]) == 0
    for day in (FIRST, SECOND):
        assert main(["run", str(folder / "run.toml"), "--as-of", day, "--quiet"]) == 0
    return folder


@pytest.fixture
def example(played, tmp_path):
    return shutil.copytree(played, tmp_path / "copy")


def files_of(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes()
            for p in folder.rglob("*") if p.is_file()}  # fmt: skip


def ids_of(folder):
    with (folder / "extracts" / SECOND / "people.csv").open(encoding="utf-8") as file:
        return {line["offender_id"] for line in csv.DictReader(file)}


class TestExample:
    def test_holds_a_run_file_and_extracts_and_nothing_else(self, run, tmp_path):
        done = run("run", "--example", tmp_path / "new")
        assert done.code == 0
        assert done.out == ""
        assert {path.name for path in (tmp_path / "new").iterdir()} == {"run.toml", "extracts"}
        assert "SYNTHETIC" in done.err
        calls = re.findall(r"hhpu run (\S+) --as-of (\S+)", done.err)
        assert [day for _, day in calls] == sorted(
            path.name for path in (tmp_path / "new" / "extracts").iterdir()
        )
        assert len(calls) == 3

    def test_names_every_key_with_its_default(self, played):
        text = (played / "run.toml").read_text(encoding="utf-8")
        for name, keys in KEYS.items():
            for key in keys:
                assert re.search(rf"^(# )?{key} = ", text, re.MULTILINE), (name, key)
        declared = read_run(played / "run.toml")
        assert (declared.force, declared.index, declared.window) == ("Exampleshire", "ons-css", 730)

    def test_is_the_same_each_time(self, run, played, tmp_path):
        run("run", "--example", tmp_path / "again")
        made = files_of(tmp_path / "again")
        assert made == {name: raw for name, raw in files_of(played).items()
                        if not name.startswith("runs/")}  # fmt: skip

    def test_never_replaces_a_folder_in_which_runs_were_made(self, run, example):
        before = files_of(example)
        done = run("run", "--example", example)
        assert done.code == 2
        assert "nothing was touched" in done.err
        assert files_of(example) == before

    def test_replaces_an_example_that_was_not_used(self, run, tmp_path):
        assert run("run", "--example", tmp_path / "x").code == 0
        assert run("run", "--example", tmp_path / "x").code == 0


class TestWhatIsPrinted:
    def test_a_first_run_has_no_one_before_it(self, run, example):
        shutil.rmtree(example / "runs")
        done = run("run", example / "run.toml", "--as-of", FIRST)
        assert done.code == 0
        assert f"as of {FIRST} (last run: none: a first run)" in done.err
        assert "Not checked: most_fall_in_rows and least_rows_same" in done.err
        assert "What moved scores" not in done.err

    def test_the_counts_are_those_of_the_files(self, run, example):
        err = run("run", example / "run.toml", "--as-of", SECOND).err
        folder = example / "runs" / SECOND
        assert f"as of {SECOND} (last run: {FIRST})" in err
        for words, name in (("people ranked", "ranking.csv"), ("to assess", "to-assess.csv"),
                            ("left the bracket", "left.csv")):  # fmt: skip
            with (folder / name).open(encoding="utf-8", newline="") as file:
                count = len(list(csv.DictReader(file)))
            assert re.search(rf"^ *{words} +{count:,}\b", err, re.MULTILINE), (words, count)
        with (folder / "movement.csv").open(encoding="utf-8", newline="") as file:
            totals = list(csv.DictReader(file))
        assert totals
        for line in totals:
            told = rf"^ *{line['cause']} +{line['people']} +people +{line['offences']} +offences"
            change = rf"{re.escape(line['score_change'])} +{line['unit']}"
            assert re.search(rf"{told} +{change}$", err, re.MULTILINE)
        for caveat in json.loads((folder / "manifest.json").read_text("utf-8"))["ranking"][
            "provenance"
        ]["caveats"]:
            assert caveat in err
        assert str(folder) in err

    def test_seats_and_people_are_told_apart(self, run, example):
        err = run("run", example / "run.toml", "--as-of", SECOND).err
        folder = example / "runs" / SECOND
        with (folder / "bracket.csv").open(encoding="utf-8", newline="") as file:
            bracket = list(csv.DictReader(file))
        tied = sum(line["edge"] == "tied at the edge" for line in bracket)
        assert tied
        assert re.search(r"^ *seats in the bracket +50  declared: 50$", err, re.MULTILINE)
        people = rf"^ *people in the bracket +{len(bracket)}  {tied} tied for the last \d seats?;"
        assert re.search(people, err, re.MULTILINE)
        lists = re.findall(r"^    (?:to assess|already managed|not available|there at the last run)"
                           r" +(\d+)", err, re.MULTILINE)  # fmt: skip
        assert len(lists) == 4
        assert sum(map(int, lists)) == len(bracket)

    def test_damage_is_said_first(self, run, example):
        path = example / "run.toml"
        text = path.read_text("utf-8")
        path.write_text(text.replace('folder = "runs"', 'folder = "other"'), encoding="utf-8")
        extract = example / "extracts" / FIRST / "offences.csv"
        with extract.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        with extract.open("w", encoding="utf-8", newline="") as file:
            lines = csv.DictWriter(file, list(rows[0]))
            lines.writeheader()
            lines.writerows(row | {"code": "08-Jun"} for row in rows)
        err = run("run", path, "--as-of", FIRST).err
        assert err.startswith("BEFORE ANYTHING ELSE: ")
        assert "(100.0%) have a code that a spreadsheet turned into a date" in err.splitlines()[0]

    def test_nobody_is_named(self, run, example):
        done = run("run", example / "run.toml", "--as-of", SECOND)
        words = set(re.findall(r"\w+", done.err + done.out))
        people = ids_of(example)
        assert len(people) == 2_000
        assert not words & people

    def test_quiet_prints_nothing(self, run, example):
        done = run("run", example / "run.toml", "--as-of", SECOND, "--quiet")
        assert (done.code, done.out, done.err) == (0, "", "")

    def test_progress_is_for_a_terminal(self, run, example, monkeypatch):
        piped = run("run", example / "run.toml", "--as-of", SECOND)
        assert "ranking ..." not in piped.err
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
        shown = run("run", example / "run.toml", "--as-of", SECOND)
        assert "ranking ..." in shown.err
        assert "comparing with the last run ..." in shown.err


class TestTheSameRunAgain:
    def test_gives_the_same_bytes(self, run, example):
        before = files_of(example)
        for day in (FIRST, SECOND):
            assert run("run", example / "run.toml", "--as-of", day).code == 0
        assert files_of(example) == before

    def test_as_of_may_stand_in_the_file(self, run, example):
        before = files_of(example / "runs")
        path = example / "run.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("# as_of = 2026-03-31", f"as_of = {SECOND}"), encoding="utf-8")
        assert tomllib.loads(path.read_text("utf-8"))["run"]["as_of"].isoformat() == SECOND
        assert run("run", path).code == 0
        assert files_of(example / "runs") == before


class TestWrongCall:
    @pytest.mark.parametrize(
        ("arguments", "word"),
        [
            ((), "RUN.toml"),
            (("run.toml", "--example", "x"), "not allowed"),
            (("--example", "x", "--as-of", SECOND), "--as-of goes with a run file"),
            (("run.toml", "--as-of", "31/03/2026"), "YYYY-MM-DD"),
            (("no-such.toml",), "cannot be read"),
        ],
    )
    def test_ends_with_2_and_says_why(self, run, tmp_path, monkeypatch, arguments, word):
        monkeypatch.chdir(tmp_path)
        done = run("run", *arguments)
        assert done.code == 2
        assert word in done.err
        assert not list(tmp_path.iterdir())

    def test_no_date_anywhere(self, run, example):
        done = run("run", example / "run.toml")
        assert done.code == 2
        assert "no date: give --as-of, or declare as_of in [run]" in done.err

    def test_plugins_are_chosen(self, run, example):
        assert run("run", example / "run.toml", "--as-of", SECOND, "--plugins", "none").code == 0
        done = run("run", example / "run.toml", "--as-of", SECOND, "--plugins", "no-such")
        assert done.code == 2


class TestRefused:
    """Ends with 3, says what stopped it, and leaves every file as it was."""

    def refused(self, run, example, day=SECOND):
        before = files_of(example)
        done = run("run", example / "run.toml", "--as-of", day)
        assert done.code == 3
        assert files_of(example) == before
        assert not set(re.findall(r"\w+", done.err)) & ids_of(example)
        return done.err

    def test_an_extract_that_is_not_there(self, run, example):
        assert "offences.csv" in self.refused(run, example, "2026-03-18")

    def test_half_an_extract(self, run, example):
        path = example / "extracts" / "2026-03-31" / "offences.csv"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
        assert "half an extract" in self.refused(run, example, "2026-03-31")

    def test_a_column_that_went(self, run, example):
        path = example / "extracts" / "2026-03-31" / "people.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text(
            "\n".join([lines[0].replace("date_of_birth", "dob"), *lines[1:]]), encoding="utf-8"
        )
        assert "people has no column date_of_birth" in self.refused(run, example, "2026-03-31")

    def test_a_last_run_that_was_changed(self, run, example):
        path = example / "runs" / FIRST / "ranking.csv"
        path.write_bytes(path.read_bytes() + b" ")
        assert "ranking.csv was changed" in self.refused(run, example)

    def test_a_run_file_with_faults_tells_all_of_them(self, run, example):
        path = example / "run.toml"
        text = path.read_text(encoding="utf-8").replace("window = 730", "windw = 730")
        path.write_text(text.replace('"overwritten"', '"sometimes"'), encoding="utf-8")
        err = self.refused(run, example)
        assert "did you mean 'window'" in err
        assert "one of overwritten, versioned" in err


def test_the_last_run_is_taken_back_and_run_again(run, example):
    file, folder = example / "run.toml", example / "runs" / SECOND
    before = files_of(folder)
    done = run("withdraw", file, "--as-of", SECOND, "--reason", "a division was missing")
    assert (done.code, done.out) == (0, "")
    assert f"The last run is now the run of {FIRST}" in done.err
    assert (example / "runs" / f"{SECOND}.withdrawn" / "withdrawn.json").is_file()
    again = run("withdraw", file, "--as-of", SECOND)
    assert again.code == 2
    assert "no run of" in again.err
    assert run("run", file, "--as-of", SECOND, "--quiet").code == 0
    assert files_of(folder) == before
