"""The last run withdrawn: the ledger of before, the folder set aside, a repaired extract run."""

import json
import shutil
import time
from pathlib import Path

import pytest
from units import DAYS, SECRETS, Unit, extract, lines

from hhpu import ArgumentError, InputRefused, Ledger, OutputError
from hhpu.output import alone
from hhpu.runs import earlier_runs, read_manifest, read_run, read_withdrawal, withdraw

PEOPLE = "offender_id,date_of_birth\n"


@pytest.fixture
def unit(tmp_path):
    return Unit(tmp_path / "unit")


def withdrawn(unit, day, **options):
    return withdraw(read_run(unit.base / "run.toml"), as_of=day, **options)


def test_a_repaired_extract_gives_what_it_would_have_given(unit, tmp_path):
    unit.make(DAYS[0])
    before = unit.state()
    sound = (unit.base / "extracts" / f"{DAYS[1]}.csv").read_bytes()
    extract(unit.base, DAYS[1], lines(1)[3:])
    damaged = unit.make(DAYS[1])
    files = {path.name: path.read_bytes() for path in damaged.iterdir() if path.is_file()}
    ledger = (unit.base / "runs" / "ledger.npz").read_bytes()
    folder = withdrawn(unit, DAYS[1], reason="three rows lost")
    assert folder.name == f"{DAYS[1]}.withdrawn"
    left = {n: raw for n, raw in unit.state().items() if not n.startswith(folder.name)}
    assert left == before
    kept = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    told = json.loads(kept.pop("withdrawn.json"))
    assert kept.pop("ledger.npz") == ledger
    assert kept == files
    assert (told["reason"], told["as_of"]) == ("three rows lost", str(DAYS[1]))
    assert told["ledger_left"] == Ledger.load(unit.base / "runs" / "ledger.npz").digest
    assert not any(secret in json.dumps(told) for secret in SECRETS)
    assert [day for day, _ in earlier_runs(unit.base / "runs")] == [DAYS[0]]
    (unit.base / "extracts" / f"{DAYS[1]}.csv").write_bytes(sound)
    unit.make(DAYS[1])
    clean = Unit(tmp_path / "clean")
    for day in DAYS[:2]:
        clean.make(day)
    now = {n: raw for n, raw in unit.state().items() if not n.startswith(folder.name)}
    assert now == clean.state()


def test_a_first_run_is_withdrawn_with_its_ledger(unit):
    unit.make(DAYS[0])
    made = unit.state()
    folder = withdrawn(unit, DAYS[0])
    assert {Path(name).parts[0] for name in unit.state()} == {folder.name}
    unit.make(DAYS[0])
    again = {n: raw for n, raw in unit.state().items() if not n.startswith(folder.name)}
    assert again == made
    assert withdrawn(unit, DAYS[0]).name == f"{DAYS[0]}.withdrawn-2"


def test_the_ledger_of_a_killed_run_is_withdrawn_without_its_folder(unit):
    unit.make(DAYS[0])
    ledger = (unit.base / "runs" / "ledger.npz").read_bytes()
    shutil.rmtree(unit.make(DAYS[1]))
    folder = withdrawn(unit, DAYS[1])
    assert sorted(path.name for path in folder.iterdir()) == ["ledger.npz", "withdrawn.json"]
    assert (unit.base / "runs" / "ledger.npz").read_bytes() == ledger


def refused(unit, day, kind, words):
    before = unit.state()
    with pytest.raises(kind, match=words):
        withdrawn(unit, day)
    assert unit.state() == before


def test_only_the_last_run_is_withdrawn(unit):
    for day in DAYS[:2]:
        unit.make(day)
    refused(unit, DAYS[0], InputRefused, "not the last")
    refused(unit, DAYS[2], ArgumentError, "no run of")
    refused(unit, "2020-01-01", InputRefused, "not the last")


def test_another_ledger_or_a_missing_run_before_is_refused(unit):
    unit.make(DAYS[0])
    older = (unit.base / "runs" / "ledger.npz").read_bytes()
    for day in DAYS[1:3]:
        unit.make(day)
    ledger = unit.base / "runs" / "ledger.npz"
    newer = ledger.read_bytes()
    ledger.write_bytes(older)
    refused(unit, DAYS[2], InputRefused, "has not taken the extracts")
    other = Ledger.load(ledger)
    for day in DAYS[1:3]:
        other = other.update(other.known_on(DAYS[0]), day=day, source="Exampleshire")
    other.save(ledger)
    refused(unit, DAYS[2], InputRefused, "has not taken the extracts")
    ledger.unlink()
    refused(unit, DAYS[2], InputRefused, "put back")
    ledger.write_bytes(newer)
    shutil.move(unit.base / "runs" / str(DAYS[1]), unit.base / "elsewhere")
    refused(unit, DAYS[2], InputRefused, "put its folder back")


def test_it_waits_for_no_run_that_is_being_written(unit):
    unit.make(DAYS[0])
    with alone(unit.base / "runs" / "ledger.npz"), pytest.raises(OutputError, match="another run"):
        withdrawn(unit, DAYS[0])
    assert (unit.base / "runs" / str(DAYS[0]) / "manifest.json").is_file()


@pytest.mark.parametrize("days", [1, 2])
def test_a_withdrawal_that_fails_leaves_everything(unit, monkeypatch, days):
    for day in DAYS[:days]:
        unit.make(day)
    last, replace = DAYS[days - 1], Path.replace

    def fail(self, target):
        if self.name == str(last):
            raise OSError(13, "Permission denied")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    refused(unit, last, OutputError, "cannot be renamed")


def test_a_folder_that_another_program_has_open_is_waited_for(unit, monkeypatch):
    unit.make(DAYS[0])
    replace, slept = Path.replace, []

    def held(self, target):
        if self.name == str(DAYS[0]) and len(slept) < 3:
            error = PermissionError(13, "Access is denied")
            error.winerror = 5
            raise error
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", held)
    monkeypatch.setattr(time, "sleep", slept.append)
    assert withdrawn(unit, DAYS[0]).is_dir()
    assert len(slept) == 3


def test_a_withdrawal_is_read_and_one_that_was_changed_is_known(unit):
    unit.make(DAYS[0])
    manifest = read_manifest(unit.base / "runs" / str(DAYS[0]))
    folder = withdrawn(unit, DAYS[0], reason="half an extract")
    told = read_withdrawal(folder)
    assert (told["reason"], told["manifest"]) == ("half an extract", manifest["digest"])
    path = folder / "withdrawn.json"
    written = path.read_text("utf-8")
    path.write_text(written.replace("half an", "no"), "utf-8")
    with pytest.raises(InputRefused, match="changed after it was written"):
        read_withdrawal(folder)
    path.write_text(written.replace('"version": 1', '"version": 2'), "utf-8")
    with pytest.raises(InputRefused, match="of version 2"):
        read_withdrawal(folder)
    path.write_bytes((folder / "manifest.json").read_bytes())
    with pytest.raises(InputRefused, match="is not the manifest of a withdrawal"):
        read_withdrawal(folder)
    path.unlink()
    with pytest.raises(ArgumentError, match="cannot be read"):
        read_withdrawal(folder)


@pytest.mark.parametrize("step", ["before the ledger", "before the name"])
def test_a_withdrawal_that_was_killed_is_ended_by_the_next(unit, step):
    unit.make(DAYS[0])
    left = (unit.base / "runs" / "ledger.npz").read_bytes()
    unit.make(DAYS[1])
    ledger = unit.base / "runs" / "ledger.npz"
    full = ledger.read_bytes()
    folder = withdrawn(unit, DAYS[1])
    folder.rename(unit.base / "runs" / str(DAYS[1]))
    ledger.write_bytes(full if step == "before the ledger" else left)
    assert [day for day, _ in earlier_runs(unit.base / "runs")] == [DAYS[0]]
    unit.refused(DAYS[1], "withdraw it again")
    assert withdrawn(unit, DAYS[1]) == folder
    assert ledger.read_bytes() == left
    assert (folder / "ledger.npz").read_bytes() == full


def test_dates_of_birth_of_the_damaged_extract_go_with_it(unit):
    unit.change("[harm]", 'people = "extracts/people-{as_of}.csv"\n[harm]')
    people = {}
    for day, year in zip(DAYS, (1980, 2020), strict=False):
        people[day] = unit.base / "extracts" / f"people-{day}.csv"
        rows = [f"SECRETPERSON{i},{year}-01-01\n" for i in range(9)]
        people[day].write_text(PEOPLE + "".join(rows), encoding="utf-8")
    unit.make(DAYS[0])
    ledger = unit.base / "runs" / "ledger.npz"
    left = ledger.read_bytes()
    # The last ranking could not be made again from such dates: only their ledger is taken over.
    taken = Ledger.load(ledger)
    declared = read_run(unit.base / "run.toml")
    from hhpu.runs._reading import choose_definition, read_sources

    definition = choose_definition(declared, unit.registry).used
    fresh = read_sources(declared, DAYS[1], definition).extract
    taken.update(fresh, day=DAYS[1], source="Exampleshire").save(ledger)
    people[DAYS[0]].rename(unit.base / "aside.csv")
    refused(unit, DAYS[1], InputRefused, "dates of birth changed")
    (unit.base / "aside.csv").rename(people[DAYS[0]])
    withdrawn(unit, DAYS[1])
    assert ledger.read_bytes() == left


def test_where_the_source_keeps_its_versions_the_folder_alone_is_set_aside(unit):
    unit.change('records = "overwritten"', 'records = "versioned"')
    unit.change("[thresholds]\nmost_fall_in_rows = 0.2\nleast_rows_same = 0.5\n", "")
    unit.make(DAYS[0])
    folder = withdrawn(unit, DAYS[0])
    assert not (folder / "ledger.npz").exists()
    assert (folder / "withdrawn.json").is_file()
    assert earlier_runs(unit.base / "runs") == []
