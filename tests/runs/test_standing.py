"""What stands when a run is written: no run is replaced by another, none comes back."""

import json
import shutil
import sys

import pytest
from units import DAYS, Unit, extract, lines

from hhpu import InputRefused, Ledger, OutputError
from hhpu.output import alone
from hhpu.runs import _manifest, read_manifest, read_run, run, withdraw

TABLES = {
    "spells.csv": "offender_id,state,starts_on,ends_on,known_from\n",
    "identities.csv": "offender_id,person_id,known_from,known_to\n",
    "people.csv": "offender_id,date_of_birth\n"
    + "".join(f"SECRETPERSON{i},1990-01-01\n" for i in range(9)),
}


@pytest.fixture
def unit(tmp_path):
    made = Unit(tmp_path / "unit")
    named = "".join(f'{name.split(".")[0]} = "{name}"\n' for name in TABLES)
    made.change("[harm]", f"{named}[harm]")
    for name, text in TABLES.items():
        (made.base / name).write_text(text, "utf-8")
    return made


@pytest.fixture
def versioned(tmp_path):
    made = Unit(tmp_path / "versioned")
    made.change('records = "overwritten"', 'records = "versioned"')
    made.change("[thresholds]\nmost_fall_in_rows = 0.2\nleast_rows_same = 0.5\n", "")
    made.change("extracts/{as_of}.csv", "versions.csv")
    (made.base / "versions.csv").write_bytes((made.base / f"extracts/{DAYS[0]}.csv").read_bytes())
    return made


def declared(unit):
    return read_run(unit.base / "run.toml")


def prepared(unit, day):
    return run(declared(unit), as_of=day, registry=unit.registry)


def edit(unit, name, old, new):
    path = unit.base / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize(
    ("name", "line", "first"),
    [
        ("spells.csv", "{0},managed,2025-01-01,,2025-01-01\n", "bracket.csv"),
        ("identities.csv", "{0},{1},2025-01-01,\n", "ranking.csv"),
    ],
)
def test_what_is_dated_back_into_a_table_replaces_no_run(unit, name, line, first, number):
    for day in DAYS[:3]:
        unit.make(day)
    day = DAYS[number]
    table = (unit.base / "runs" / str(day) / "ranking.csv").read_text("utf-8").splitlines()
    people = [row.split(",")[table[0].split(",").index("offender_id")] for row in table[1:3]]
    with (unit.base / name).open("a", encoding="utf-8") as file:
        file.write(line.format(*people))
    if number and name == "identities.csv":
        unit.refused(day, "changed backwards", kind=InputRefused)
        return
    told = unit.refused(day, "is not replaced", first, "withdraw", kind=InputRefused)
    assert told.count(f"the content of {name}") == 1
    assert "the content of" not in told.replace(f"the content of {name}", "")
    (unit.base / name).write_text(TABLES[name], "utf-8")
    before = unit.state()
    unit.make(day)
    assert unit.state() == before


def test_versions_that_were_deleted_replace_no_run(versioned):
    for day in DAYS[:2]:
        versioned.make(day)
    rows = lines(0)
    (versioned.base / "versions.csv").write_text(
        (versioned.base / f"extracts/{DAYS[0]}.csv").read_text("utf-8").replace(rows[5] + "\n", ""),
        "utf-8",
    )
    versioned.refused(DAYS[0], "is not replaced", "the content of versions.csv", "ranking.csv")


def test_an_index_changed_under_its_edition_replaces_no_first_run(unit):
    unit.make(DAYS[0])
    edit(unit, "index/weights.csv", "A,1.5", "A,2.5")
    unit.refused(DAYS[0], "is not replaced", "the index ours", "index/weights.csv", "ranking.csv")


def test_a_row_that_changes_nothing_changes_no_file_but_the_manifest(unit):
    folder = unit.make(DAYS[0])
    files = read_manifest(folder)["files"]
    with (unit.base / "spells.csv").open("a", encoding="utf-8") as file:
        file.write(f"SECRETPERSON1,managed,2025-05-01,,{DAYS[3]}\n")
    unit.make(DAYS[0])
    now = read_manifest(folder)
    assert {name for name in files if files[name] != now["files"][name]} <= {"report.html"}
    assert now["inputs"]["spells"]["rows"] == 1


def test_a_damaged_run_is_made_again_as_it_was(unit):
    for day in DAYS[:2]:
        unit.make(day)
    before = unit.state()
    folder = unit.base / "runs" / str(DAYS[1])
    (folder / "ranking.csv").write_text("damaged", "utf-8")
    (folder / "why.csv").unlink()
    unit.make(DAYS[1])
    assert unit.state() == before


def test_a_run_before_that_is_gone_is_told_as_the_cause(unit):
    for day in DAYS[:3]:
        unit.make(day)
    shutil.move(unit.base / "runs" / str(DAYS[1]), unit.base / "aside")
    unit.refused(DAYS[2], f"the run before it: {DAYS[0]}, and then {DAYS[1]}", "movement.csv")


def test_last_in_may_differ_and_nothing_else_of_the_bracket(unit):
    for day in DAYS[:3]:
        unit.make(day)
    last = unit.base / "runs" / str(DAYS[2])
    (unit.base / "runs" / str(DAYS[0]) / "bracket.csv").write_text("damaged", "utf-8")
    unit.make(DAYS[2])
    assert read_manifest(last)["earlier"]["not_as_written"] == [str(DAYS[0])]
    shutil.rmtree(unit.base / "runs" / str(DAYS[0]))
    person = (last / "bracket.csv").read_text("utf-8").splitlines()[1].split(",")[0]
    with (unit.base / "spells.csv").open("a", encoding="utf-8") as file:
        file.write(f"{person},managed,2025-01-01,,2025-01-01\n")
    unit.refused(DAYS[2], "is not replaced", "bracket.csv", "spells.csv")


def test_other_versions_of_a_package_are_told_where_the_figures_differ(unit, monkeypatch):
    unit.make(DAYS[0])
    real = _manifest.version
    monkeypatch.setattr(_manifest, "version", lambda n: "9.9" if n == "numpy" else real(n))
    unit.make(DAYS[0])
    monkeypatch.undo()
    edit(unit, "index/weights.csv", "A,1.5", "A,2.5")
    unit.refused(DAYS[0], "the version of numpy", "and then 9.9", "the index ours")


def test_a_run_in_progress_does_not_bring_a_withdrawn_extract_back(unit):
    for day in DAYS[:2]:
        unit.make(day)
    waiting = prepared(unit, DAYS[2])
    withdraw(declared(unit), as_of=DAYS[1])
    before = unit.state()
    with pytest.raises(InputRefused, match="make the run again"):
        waiting.write()
    assert unit.state() == before
    extract(unit.base, DAYS[1], lines(1)[:-1])
    for day in DAYS[1:3]:
        unit.make(day)
    taken = Ledger.load(unit.base / "runs" / "ledger.npz").extracts
    assert [each.day for each in taken] == DAYS[:3]


def test_a_first_run_that_was_withdrawn_does_not_come_back(unit):
    unit.make(DAYS[0])
    waiting = prepared(unit, DAYS[1])
    withdraw(declared(unit), as_of=DAYS[0])
    before = unit.state()
    with pytest.raises(InputRefused, match="make the run again"):
        waiting.write()
    assert unit.state() == before


def test_the_extract_of_a_killed_run_that_was_withdrawn_does_not_come_back(unit):
    unit.make(DAYS[0])
    shutil.rmtree(unit.make(DAYS[1]))
    waiting = prepared(unit, DAYS[2])
    withdraw(declared(unit), as_of=DAYS[1])
    before = unit.state()
    with pytest.raises(InputRefused, match="make the run again"):
        waiting.write()
    assert unit.state() == before


@pytest.mark.parametrize("kind", ["unit", "versioned"])
def test_a_run_that_is_made_again_does_not_come_back_once_withdrawn(kind, request):
    unit = request.getfixturevalue(kind)
    for day in DAYS[:2]:
        unit.make(day)
    waiting = prepared(unit, DAYS[1])
    withdraw(declared(unit), as_of=DAYS[1])
    before = unit.state()
    with pytest.raises(InputRefused, match="make the run again"):
        waiting.write()
    assert unit.state() == before


def test_of_versions_too_a_run_is_compared_with_the_last_that_stands(versioned):
    for day in DAYS[:2]:
        versioned.make(day)
    waiting = prepared(versioned, DAYS[2])
    withdraw(declared(versioned), as_of=DAYS[1])
    with pytest.raises(InputRefused, match="make the run again"):
        waiting.write()
    versioned.make(DAYS[2])
    assert read_manifest(waiting.folder)["previous"] == str(DAYS[0])


def test_an_older_run_is_made_again_while_a_later_one_is_written_or_withdrawn(unit):
    for day in DAYS[:2]:
        unit.make(day)
    older = prepared(unit, DAYS[0])
    unit.make(DAYS[2])
    before = unit.state()
    older.write()
    assert unit.state() == before
    withdraw(declared(unit), as_of=DAYS[2])
    ledger = (unit.base / "runs" / "ledger.npz").read_bytes()
    older.write()
    assert (unit.base / "runs" / "ledger.npz").read_bytes() == ledger


def killed(unit, day, *, swapped):
    """What a run leaves that is killed before, or while, its folder takes its place."""
    folder = unit.base / "runs" / str(day)
    part = folder.with_name(f".{day}.0123abcd.part")
    part.mkdir()
    shutil.copytree(folder, part / "made")
    if swapped:
        folder.rename(part / "before")
    return part


def test_what_a_killed_run_of_another_date_left_is_removed(unit):
    unit.make(DAYS[0])
    part = killed(unit, DAYS[0], swapped=False)
    other = unit.base / "runs" / ".ranking.csv.0123abcd.part"
    other.mkdir()
    unit.make(DAYS[1])
    assert not part.exists()
    assert other.is_dir()


def test_a_run_that_was_being_replaced_is_put_back(unit):
    for day in DAYS[:2]:
        unit.make(day)
    before = unit.state()
    killed(unit, DAYS[1], swapped=True)
    with pytest.raises(InputRefused, match="make the run again"):
        unit.make(DAYS[2])
    assert unit.state() == before
    unit.make(DAYS[2])
    killed(unit, DAYS[2], swapped=True)
    aside = withdraw(declared(unit), as_of=DAYS[2])
    assert (aside / "ranking.csv").is_file()
    assert unit.state().keys() >= before.keys()
    assert not list((unit.base / "runs").glob(".*"))


def test_a_killed_run_that_was_passed_over_is_made_again_and_the_next_then_withdrawn(unit):
    unit.make(DAYS[0])
    shutil.rmtree(unit.make(DAYS[1]))
    unit.make(DAYS[2])
    with pytest.raises(InputRefused, match=rf"hhpu run run.toml --as-of {DAYS[1]}"):
        withdraw(declared(unit), as_of=DAYS[2])
    unit.make(DAYS[1])
    withdraw(declared(unit), as_of=DAYS[2])
    taken = Ledger.load(unit.base / "runs" / "ledger.npz").extracts
    assert [each.day for each in taken] == DAYS[:2]


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_whoever_opened_the_lock_of_one_that_ended_is_not_alone_beside_another(tmp_path):
    kept = tmp_path / "ledger.npz"
    lock = tmp_path / ".ledger.npz.lock"
    seen = []

    class Waiting(type(lock)):
        """A path that is opened, and whose holder then ends."""

        def open(self, *args, **options):
            file = super().open(*args, **options)
            seen.append(file)
            holder.__exit__(None, None, None)
            return file

        def with_name(self, name):
            return type(self)(self.parent / name)

    holder = alone(kept)
    holder.__enter__()
    with pytest.raises(OutputError, match="another run"), alone(Waiting(kept)):
        pass
    assert len(seen) == 1
    with alone(kept), pytest.raises(OutputError, match="another run"), alone(kept):
        pass
    assert not lock.exists()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (["people.csv"], "than people.csv has now"),
        (["extract"], "than {day}.csv has now"),
        (["extract", "people.csv"], "than {day}.csv and people.csv have now"),
    ],
)
def test_the_file_that_changed_is_the_one_that_is_named(unit, changed, told):
    for day in DAYS[:2]:
        unit.make(day)
    if "extract" in changed:
        extract(unit.base, DAYS[0], lines(0)[1:])
    if "people.csv" in changed:
        edit(unit, "people.csv", "SECRETPERSON1,1990", "SECRETPERSON1,2020")
    unit.refused(DAYS[0], told.format(day=DAYS[0]))


def test_without_its_run_every_file_of_the_extract_is_named(unit):
    shutil.rmtree(unit.make(DAYS[0]))
    edit(unit, "people.csv", "SECRETPERSON1,1990", "SECRETPERSON1,2020")
    unit.refused(DAYS[0], f"than {DAYS[0]}.csv and people.csv have now")


def resealed(folder, change):
    content = json.loads((folder / "manifest.json").read_text("utf-8"))
    change(content)
    content["digest"] = _manifest._digest(content)
    (folder / "manifest.json").write_text(json.dumps(content, indent=2) + "\n", "utf-8")


@pytest.mark.parametrize(
    "key",
    ["ledger", "inputs", "files", "index", "method", "declaration", "bracket", "as_of", "previous"],
)
def test_a_manifest_that_lacks_what_it_must_tell_is_refused(unit, key):
    resealed(unit.make(DAYS[0]), lambda content: content.pop(key))
    unit.refused(DAYS[1], f"lacks {key}", kind=InputRefused)


@pytest.mark.parametrize("version", [0, -1, True, 1.0, "2"])
def test_a_manifest_of_no_version_is_none(unit, version):
    resealed(unit.make(DAYS[0]), lambda content: content.update(version=version))
    unit.refused(DAYS[1], "is not the manifest of a run", kind=InputRefused)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '{"format": "\\ud800"}'])
def test_what_is_too_deep_to_read_is_no_manifest(unit, text):
    (unit.make(DAYS[0]) / "manifest.json").write_text(text, "utf-8")
    unit.refused(DAYS[1], "is not the manifest of a run", kind=InputRefused)
