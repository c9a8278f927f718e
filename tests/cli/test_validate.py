"""`hhpu validate` as a shell sees it: files, bytes, exit codes, and what stays out of them."""

import csv
import datetime as dt
import io
import json
import os
import random
import subprocess
import sys

import pytest

START = dt.date(2020, 1, 1)
ORIGINS = ("--as-of", "2020-04-10", "--as-of", "2020-05-20")
MARKS = ("Zq7-first", "Zq7-second")
ID = "Zz9-{:02d}"


def lines(seed=1, people=30, rows=260):
    rng = random.Random(seed)  # noqa: S311
    for number in range(rows):
        who = int(people * rng.random() ** 2)
        day = START + dt.timedelta(days=rng.randrange(250))
        code = rng.choice(["19C", "8N", "28A"])
        yield f"{ID.format(who)},O{number},{code},{day},{day},i{number % 50}"


HEADER = "NOM.REF,offence_id,code,committed_on,recorded_on,incident"


def write(path, rows):
    path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    return path


@pytest.fixture
def offences(tmp_path):
    return write(tmp_path / "offences.csv", lines())


@pytest.fixture
def groups(tmp_path):
    path = tmp_path / "groups.csv"
    rows = [f"{ID.format(n)},{MARKS[n % 2]}" for n in range(28)]
    path.write_text("\n".join(["offender_id,belief", *rows, ""]), encoding="utf-8")
    return path


def asked(offences, *more):
    return ("validate", offences, "--index", "ons-css", "--column", "offender_id=NOM.REF",
            "--follow-up", 40, "--resamples", 100, "--top", 5, "--top", "10%", "--until",
            "2020-12-31", *ORIGINS, *more)  # fmt: skip


def parsed(text):
    def refuse(word):
        raise AssertionError(word)

    return json.loads(text, parse_constant=refuse)


def test_the_result_on_standard_output_is_json_and_the_sentences_go_beside(run, offences):
    done = run(*asked(offences))
    assert done.code == 0
    found = parsed(done.out)
    assert {"provenance", "statements", "intervals", "origins", "table", "differences", "tests",
            "ties", "concentration", "chance", "certainty", "fairness"} <= set(found)  # fmt: skip
    for told in found["statements"]:
        assert told in done.err
    line = next(each for each in found["table"] if each["figure"] == "captured")
    assert {"origin", "contender", "outcome", "at", "value", "low", "high", "people"} <= set(line)
    assert found["provenance"]["definition"]
    assert run(*asked(offences, "--quiet")).err == ""


def test_nobody_with_an_outcome_is_no_nan(run, tmp_path):
    rows = [f"p{n},O{n},8N,2020-01-{n + 1:02d},2020-01-{n + 1:02d},i" for n in range(20)]
    for method in (("total-harm",), ("expected-harm",)):
        done = run(*asked(write(tmp_path / "o.csv", rows), "--method", *method))
        assert done.code == 0, done.err
        captured = [e for e in parsed(done.out)["table"] if e["figure"] == "captured"]
        assert {each["value"] for each in captured} == {None}


def test_the_file_and_the_tables_beside_it(run, offences, groups, tmp_path):
    out = tmp_path / "test.json"
    done = run(*asked(offences, "--out", out, "--groups", groups, "--suppress-below", 0,
                      "--reruns", "2020-04-01:2020-05-01:15", "--window", 60,
                      "--cluster", "incident"))  # fmt: skip
    assert done.code == 0, done.err
    assert done.out == ""
    found = parsed(out.read_text("utf-8"))
    folder = tmp_path / "test"
    names = {path.name for path in folder.iterdir() if path.suffix == ".csv"}
    assert {"origins.csv", "figures.csv", "differences.csv", "tests.csv", "ties.csv",
            "concentration.csv", "chance.csv", "certainty.csv", "at-large.csv", "incidence.csv",
            "fairness.csv", "stability.csv", "runs.csv"} == names  # fmt: skip
    told = (folder / "statements.txt").read_text("utf-8").splitlines()
    assert told == found["statements"]
    table = list(csv.DictReader(io.StringIO((folder / "figures.csv").read_text("utf-8"))))
    assert len(table) == len(found["table"])
    for line, each in zip(table, found["table"], strict=True):
        assert (float(line["value"]) if line["value"] else None) == each["value"]
    assert found["intervals"]["resampled"] == "incident"


def everything(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_seed_gives_the_same_bytes_in_any_process_and_order(offences, groups, tmp_path):
    shuffled = list(lines())
    random.Random(9).shuffle(shuffled)  # noqa: S311
    again = tmp_path / "again"
    again.mkdir()
    other = write(again / "offences.csv", shuffled)
    made = []
    for number, (path, hashes) in enumerate(((offences, "0"), (offences, "77"), (other, "1"))):
        folder = tmp_path / f"made-{number}"
        folder.mkdir()
        subprocess.run(
            [sys.executable, "-m", "hhpu", *map(str, asked(path, "--seed", 3, "--groups", groups,
             "--out", folder / "x.json", "--method", "expected-harm"))],
            check=True, capture_output=True, timeout=240,
            env={**os.environ, "PYTHONHASHSEED": hashes},
        )  # fmt: skip
        made.append(everything(folder))
    assert "x.json" in made[0]
    assert made[0] == made[1] == made[2]


def test_another_seed_gives_other_intervals_and_the_same_figures(run, offences):
    one, two = (parsed(run(*asked(offences, "--seed", seed)).out)["table"] for seed in (1, 2))
    assert [each["value"] for each in one] == [each["value"] for each in two]
    assert [each["low"] for each in one] != [each["low"] for each in two]


def test_no_value_of_a_person_and_no_characteristic_is_anywhere_but_in_its_table(
    run, offences, groups, tmp_path
):
    out = tmp_path / "made" / "test.json"
    out.parent.mkdir()
    done = run(*asked(offences, "--out", out, "--groups", groups, "--suppress-below", 0))
    assert done.code == 0
    files = everything(out.parent)
    for name, content in files.items():
        assert b"Zz9" not in content
        assert (b"Zq7" in content) == (name in ("fairness.csv", "fairness.svg", "test.json"))
    found = parsed(files["test.json"])
    del found["fairness"]
    assert "Zq7" not in json.dumps(found)
    assert "Zq7" not in done.err
    assert "Zz9" not in done.err + done.out
    plain = parsed(run(*asked(offences, "--suppress-below", 0)).out)
    for each in (plain, found):
        each.pop("fairness", None)
        del each["digest"]
    assert plain == found


def test_errors_name_no_value(run, offences, tmp_path):
    wide = tmp_path / "groups.csv"
    rows = [f"{ID.format(n)},Zq7-{n}-{m}" for n in range(30) for m in range(3)]
    wide.write_text("\n".join(["offender_id,belief", *rows, ""]), encoding="utf-8")
    done = run(*asked(offences, "--groups", wide))
    assert done.code in (0, 2, 3)
    assert "Zq7" not in done.err + done.out.replace('"fairness"', "")
    assert "Zz9" not in done.err


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        (("--follow-up", 0), 2, "--follow-up"),
        (("--follow-up", 400), 2, "end after the data do"),
        (("--gap", "2020-04-01:2020-04-20"), 2, "lie in the gap"),
        (("--outcome", "serious"), 2, "needs serious="),
        (("--method", "expected-harm", "--prior", 3), 2, "both --half-life and --prior"),
        (("--method", "recency-weighted"), 2, "--half-life"),
        (("--top", "150%"), 2, "--top"),
        (("--resamples", 9), 2, "--resamples"),
        (("--cluster", "nowhere"), 3, "nowhere"),
        (("--index", "no-such"), 2, "no-such"),
        (("--groups", "no-such.csv"), 2, "no-such.csv"),
    ],
)
def test_wrong_calls_and_refused_input(run, offences, tmp_path, more, code, told):
    out = tmp_path / "made" / "test.json"
    out.parent.mkdir()
    done = run(*asked(offences, "--out", out, *more))
    assert told in done.err
    assert done.code == code
    assert "Traceback" not in done.err
    assert not list(out.parent.iterdir())


def test_no_origin_is_a_wrong_call(run, offences):
    arguments = [a for a in asked(offences) if a not in ORIGINS]
    done = run(*arguments)
    assert done.code == 2
    assert "no origin" in done.err


def test_a_series_of_origins(run, offences):
    arguments = [a for a in asked(offences) if a not in ORIGINS]
    done = run(*arguments, "--origins", "2020-03-01:2020-05-01:30")
    origins = [each["origin"] for each in parsed(done.out)["origins"]]
    assert origins == ["2020-03-01", "2020-03-31", "2020-04-30"]


def test_rows_that_say_not_when_they_were_known_are_refused_or_assumed(run, tmp_path):
    rows = [",".join(line.split(",")[:4]) for line in lines()]
    path = tmp_path / "o.csv"
    path.write_text("\n".join(["NOM.REF,offence_id,code,committed_on", *rows, ""]))
    done = run(*asked(path))
    assert done.code == 3
    assert "--as-known assumed" in done.err
    assumed = run(*asked(path, "--as-known", "assumed"))
    assert assumed.code == 0
    assert "! Not as known at the origins" in assumed.err


def test_a_result_that_cannot_be_written_leaves_what_was_there(
    run, offences, tmp_path, monkeypatch
):
    out = tmp_path / "made" / "test.json"
    out.parent.mkdir()
    assert run(*asked(offences, "--out", out)).code == 0
    before = everything(out.parent)
    (out.parent / "test" / "notes.txt").write_text("mine")
    refused = run(*asked(offences, "--out", out, "--seed", 2))
    assert refused.code == 2
    assert "entries of another kind" in refused.err
    (out.parent / "test" / "notes.txt").unlink()
    import hhpu.cli._validate as module

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "csv_bytes", fail)
    with pytest.raises(OSError, match="No space"):
        run(*asked(offences, "--out", out, "--seed", 2))
    assert everything(out.parent) == before
    assert run(*asked(offences, "--out", offences)).code == 2
