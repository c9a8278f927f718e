"""Runs given bad input: what is said, that nothing is written, and that the next run is clean."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from units import DAYS, HEAD, SECRETS, Unit, extract, lines

import hhpu
from hhpu.errors import HhpuError
from hhpu.ledger import _file
from hhpu.runs import _manifest, read_manifest, read_run, run


@pytest.fixture
def unit(tmp_path):
    return Unit(tmp_path / "unit")


def reseal(folder: Path, **changes) -> None:
    """Write a manifest with changes and a digest that fits them."""
    content = json.loads((folder / "manifest.json").read_text("utf-8")) | changes
    content["digest"] = _manifest._digest(content)
    (folder / "manifest.json").write_text(json.dumps(content, indent=2) + "\n", "utf-8")


def resealed_ledger(raw: bytes, change) -> bytes:
    """Give a ledger file with other members and a digest that fits them."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members.pop("digest.txt")
    change(members)
    members["digest.txt"] = _file._digest(members).encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


# The run file


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("window = 730", "widnow = 730", ("widnow", "did you mean 'window'")),
        ("[run]", "[runs]", ("[runs]", "did you mean 'run'")),
        ("bracket = 3", "bracket = true", ("bracket is a number of people",)),
        ("bracket = 3", "", ("bracket is missing",)),
        ("most_fall_in_rows = 0.2", "", ("most_fall_in_rows is missing",)),
        ("most_fall_in_rows = 0.2", "most_fall_in_rows = 20", ("share from 0 to 1",)),
        ('format = "hhpu run 1"', 'format = "hhpu run 2"', ("hhpu run 1",)),
        ('records = "overwritten"', 'records = "versioned"', ("for records = 'overwritten'",)),
        ('force = "Exampleshire"', "force = 7", ("force is text",)),
        ("window = 730", "window = 730\nwindow = 1", ("not TOML",)),
    ],
)
def test_a_fault_in_the_run_file_is_named(unit, old, new, words):
    unit.change(old, new)
    unit.refused(DAYS[0], *words)


@pytest.mark.parametrize(
    ("old", "path", "words"),
    [
        (r'"extracts/{as_of}.csv"', r'"C:\Users\unit\{as_of}.csv"', ("not TOML", "(line 6)")),
        (r'"extracts/{as_of}.csv"', r'"D:\extracts\{as_of}.csv"', ("not TOML", "(line 6)")),
        (r'"extracts/{as_of}.csv"', r'"D:\temp\new.csv"', ("[sources] offences is a path",)),
        (r'folder = "runs"', 'folder = "D:\\runs\\"', ("not TOML", "(line 16)")),
        (r'folder = "runs"', r'folder = "\\force\runs"', ("[outputs] folder is a path",)),
    ],
)
def test_a_path_with_backslashes_says_how_to_write_it(unit, old, path, words):
    unit.change(old, path)
    message = unit.refused(DAYS[0], *words)
    assert 'rite / or single quotes, as in "C:/extracts/offences.csv" or \'C:\\ext' in message


def test_what_is_no_path_is_not_told_of_backslashes(unit):
    unit.change("[run]", "# folder = \"D:\\runs\"\nforce = 'D:\\x'\n[run")
    assert "backslash" not in unit.refused(DAYS[0], "not TOML")


def test_a_path_in_single_quotes_or_with_slashes_is_read(unit):
    unit.change('"extracts/{as_of}.csv"', r"'D:\new\{as_of}.csv'")
    assert read_run(unit.base / "run.toml").sources["offences"] == r"D:\new\{as_of}.csv"


def test_all_faults_of_a_run_file_are_told_at_once(unit):
    unit.change("window = 730", "widnow = 730")
    unit.change("bracket = 3", "bracket = true")
    unit.change('records = "overwritten"', 'records = "kept"')
    unit.refused(DAYS[0], "widnow", "bracket", "records is one of")


@pytest.mark.parametrize("bracket", ["0", "-3", "1.5", "'none'", "'150%'", "0.0", "nan", "inf"])
def test_a_bracket_that_is_none_is_refused_before_anything_is_read(unit, bracket):
    unit.change("bracket = 3", f"bracket = {bracket}")
    shutil.rmtree(unit.base / "extracts")
    unit.refused(DAYS[0], "[run] bracket")


def test_no_run_file_and_no_date_are_said(unit):
    assert "--" not in unit.refused(None, "no date: give as_of=")
    (unit.base / "run.toml").unlink()
    unit.refused(DAYS[0], "cannot be read")


@pytest.mark.parametrize(
    "raw", [lambda b: b"\xef\xbb\xbf" + b, lambda b: b.replace(b"\n", b"\r\n")]
)
def test_a_mark_at_the_start_and_other_line_ends_change_no_byte(unit, raw):
    unit.make(DAYS[0])
    first = unit.state()
    shutil.rmtree(unit.base / "runs")
    path = unit.base / "run.toml"
    path.write_bytes(raw(path.read_bytes()))
    unit.make(DAYS[0])
    assert unit.state() == first


def test_the_same_bytes_in_another_folder_with_spaces_and_umlauts(unit, tmp_path):
    other = Unit(tmp_path / "Über Größe" / "mit Leer zeichen é")
    for day in DAYS:
        unit.make(day)
        other.make(day)
    assert unit.state() == other.state()
    assert len(unit.state()) > 4 * 14


# Sources


def test_a_missing_source_is_named(unit):
    (unit.base / "extracts" / f"{DAYS[0]}.csv").unlink()
    unit.refused(DAYS[0], "sources that are not there", f"{DAYS[0]}.csv")


def test_a_column_that_went_is_named(unit):
    unit.make(DAYS[0])
    path = unit.base / "extracts" / f"{DAYS[1]}.csv"
    rows = [line.rsplit(",", 1)[0] for line in path.read_text().splitlines()]
    path.write_text("\n".join(rows) + "\n")
    unit.refused(DAYS[1], "no column status any more", str(DAYS[0]))


def test_a_column_that_came_is_named(unit):
    unit.make(DAYS[0])
    path = unit.base / "extracts" / f"{DAYS[1]}.csv"
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([f"{head},hate", *(f"{row},true" for row in rows)]) + "\n")
    unit.refused(DAYS[1], "new column hate")


def test_an_age_that_comes_beside_a_flag_is_a_new_column(unit):
    for day, names, cells in ((0, "child_victim", "false"), (1, "child_victim,victim_age",
                                                             "false,12")):  # fmt: skip
        path = unit.base / "extracts" / f"{DAYS[day]}.csv"
        head, *rows = path.read_text().splitlines()
        path.write_text("\n".join([f"{head},{names}", *(f"{r},{cells}" for r in rows)]) + "\n")
    unit.make(DAYS[0])
    unit.refused(DAYS[1], "new column victim_age")


def test_a_source_that_is_declared_no_more_is_named(unit):
    people = "offender_id,date_of_birth\nSECRETPERSON1,1980-01-02\n"
    (unit.base / "people.csv").write_text(people)
    source = 'offences = "extracts/{as_of}.csv"'
    unit.change(source, f'{source}\npeople = "people.csv"')
    unit.make(DAYS[0])
    unit.change('\npeople = "people.csv"', "")
    unit.refused(DAYS[1], "no source people")


def test_half_an_extract_stops_the_run_and_says_so(unit):
    unit.make(DAYS[0])
    extract(unit.base, DAYS[1], lines(0)[:10])
    unit.refused(DAYS[1], "10 rows where the last held 20", "50.0%", "20.0%", "half an extract")
    extract(unit.base, DAYS[1], lines(0)[:16])
    unit.make(DAYS[1])


def test_an_extract_in_which_most_rows_cannot_be_used_counts_as_a_fall(unit):
    unit.make(DAYS[0])
    rows = [
        line.replace("2025-0", "soon-0", 1) if i > 8 else line for i, line in enumerate(lines(0))
    ]
    extract(unit.base, DAYS[1], rows)
    unit.refused(DAYS[1], "9 rows where the last held 20")


def test_an_extract_of_another_force_is_told_by_its_rows(unit):
    unit.make(DAYS[0])
    extract(unit.base, DAYS[1], [line.replace("SECRETPERSON", "OTHER") for line in lines(0)])
    unit.refused(DAYS[1], "of 20 rows of the last extract 0 stand", "another force")


def test_a_run_of_another_force_is_refused(unit):
    unit.make(DAYS[0])
    unit.change("Exampleshire", "Borsetshire")
    unit.refused(DAYS[1], "Exampleshire", "Borsetshire")
    shutil.rmtree(unit.base / "runs" / str(DAYS[0]))
    unit.refused(DAYS[1], "Exampleshire", "Borsetshire")


def test_an_older_extract_that_was_not_taken_is_refused(unit):
    unit.make(DAYS[0])
    unit.make(DAYS[2])
    unit.refused(DAYS[1], f"extract is of {DAYS[1]}", f"taken that of {DAYS[2]}")
    extract(unit.base, DAYS[0] - dt.timedelta(days=14), lines(0))
    unit.refused(DAYS[0] - dt.timedelta(days=14), "an older one cannot be put in between")


@pytest.mark.parametrize("content", ["", HEAD, HEAD.replace("code", "kode"), "\x00\x01"])
def test_an_empty_or_foreign_extract_is_refused(unit, content):
    unit.make(DAYS[0])
    (unit.base / "extracts" / f"{DAYS[1]}.csv").write_text(content)
    unit.refused(DAYS[1], f"{DAYS[1]}.csv")


def test_an_extract_in_another_encoding_is_refused_without_its_values(unit):
    path = extract(unit.base, DAYS[0], lines(0))
    path.write_bytes(path.read_bytes().replace(b"SECRETPERSON1", b"SECRETPERSON\xe9"))
    unit.refused(DAYS[0], f"{DAYS[0]}.csv")


def test_one_file_for_every_date_runs_on_and_an_older_date_is_refused(unit):
    unit.change("{as_of}", "latest")
    latest = unit.base / "extracts" / "latest.csv"
    for i, day in enumerate(DAYS[:2]):
        shutil.copy(unit.base / "extracts" / f"{DAYS[i]}.csv", latest)
        unit.make(day)
    unit.refused(DAYS[0], "with other content than latest.csv has now")


def test_a_changed_extract_of_a_day_already_taken_is_refused(unit):
    unit.make(DAYS[0])
    rows = lines(0)
    extract(unit.base, DAYS[0], [rows[0].replace(",A,", ",B,"), *rows[1:]])
    unit.refused(DAYS[0], "other content", str(DAYS[0]))


# Digests


def test_an_index_that_changed_under_its_name_is_refused(unit):
    unit.make(DAYS[0])
    path = unit.base / "index" / "weights.csv"
    path.write_text(path.read_text().replace("A,1.5", "A,1.6"))
    unit.refused(DAYS[1], "index 'ours' edition '1'", "an edition never changes", str(DAYS[0]))
    toml = unit.base / "index" / "index.toml"
    toml.write_text(toml.read_text().replace('edition = "1"', 'edition = "2"'))
    unit.make(DAYS[1])
    moved = (unit.base / "runs" / str(DAYS[1]) / "movement.csv").read_text()
    assert "re-weighted" in moved


def test_a_definition_that_changed_under_its_name_is_refused(unit):
    written = hhpu.write_definition(
        hhpu.HarmDefinition(name="d", title="D", index=hhpu.read_index(unit.base / "index")),
        unit.base / "d.toml",
    )
    unit.change('index = "index"', 'index = "index"\ndefinition = "d.toml"')
    unit.make(DAYS[0])
    changed = hhpu.HarmDefinition(
        name="d", title="D", index=hhpu.read_index(unit.base / "index"),
        status_policy={"suspect": 50},
    )  # fmt: skip
    written.unlink()
    hhpu.write_definition(changed, unit.base / "d.toml")
    unit.refused(DAYS[1], "definition 'd'", "other content")
    _as_version_1(unit.base / "runs" / str(DAYS[0]))
    unit.refused(DAYS[1], "definition 'd'", "other content")


def _as_version_1(folder: Path) -> None:
    """Write the manifest as it was before it told the digest that outputs print."""
    told = read_manifest(folder)["registered_definition"]
    without = told.pop("digest_without_index")
    reseal(folder, version=1, registered_definition=told | {"digest": without})


def test_a_run_goes_on_from_a_manifest_of_version_1(unit):
    unit.make(DAYS[0])
    _as_version_1(unit.base / "runs" / str(DAYS[0]))
    unit.make(DAYS[1])


def test_the_registered_definition_has_the_digest_that_outputs_print(unit):
    unit.change("window = 730\n", "")
    told = read_manifest(unit.make(DAYS[0]))
    registered = told["registered_definition"]
    assert registered["digest"] == told["definition"]["digest"]
    assert registered["digest_without_index"] != registered["digest"]
    toml = unit.base / "index" / "index.toml"
    toml.write_text(toml.read_text().replace('edition = "1"', 'edition = "2"'))
    again = read_manifest(unit.make(DAYS[1]))["registered_definition"]
    assert again["digest"] != registered["digest"]
    assert again["digest_without_index"] == registered["digest_without_index"]


# Tampering


def _names(unit) -> list[str]:
    folder = unit.base / "runs" / str(DAYS[1])
    return [str(p.relative_to(folder)) for p in sorted(folder.rglob("*")) if p.is_file()]


def test_each_file_of_the_last_run_is_watched(unit):
    for day in DAYS[:2]:
        unit.make(day)
    names = _names(unit)
    assert len(names) > 13
    for name in names:
        path = unit.base / "runs" / str(DAYS[1]) / name
        raw = path.read_bytes()
        path.write_bytes(raw.replace(b"0", b"1", 1) if b"0" in raw else raw + b"x")
        unit.refused(DAYS[2], Path(name).name)
        path.unlink()
        if name != "manifest.json":
            unit.refused(DAYS[2], name, "missing")
        path.write_bytes(raw)
    unit.make(DAYS[2])


def test_any_changed_byte_of_the_ledger_is_an_error_of_ours_or_changes_nothing(unit):
    unit.make(DAYS[0])
    path = unit.base / "runs" / "ledger.npz"
    raw = path.read_bytes()
    whole = hhpu.Ledger.load(path)
    accepted = 0
    places = range(0, len(raw), 3)
    for place in places:
        for bit in (1, 8):
            changed = bytearray(raw)
            changed[place] ^= bit
            try:
                found = hhpu.Ledger.from_bytes(bytes(changed), name="ledger.npz")
            except HhpuError as error:
                assert "ledger.npz" in str(error)  # noqa: PT017
                assert not any(secret in str(error) for secret in SECRETS)  # noqa: PT017
            else:
                accepted += 1
                assert found == whole
                assert found.extracts == whole.extracts
    assert accepted < len(places) / 2


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_ledger_cut_off_is_refused(unit, share):
    unit.make(DAYS[0])
    path = unit.base / "runs" / "ledger.npz"
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    unit.refused(DAYS[1], "ledger.npz")


def test_a_ledger_of_a_newer_version_is_refused(unit):
    unit.make(DAYS[0])
    path = unit.base / "runs" / "ledger.npz"

    def newer(members):
        header = json.loads(members["header.json"])
        members["header.json"] = json.dumps(header | {"version": 3}).encode()

    path.write_bytes(resealed_ledger(path.read_bytes(), newer))
    unit.refused(DAYS[1], "version 3", "newer")


@pytest.mark.parametrize("change", ["rows", "offender", "people"])
def test_a_ledger_that_was_changed_and_sealed_again_is_refused(unit, change):
    unit.make(DAYS[0])
    path = unit.base / "runs" / "ledger.npz"

    def spoil(members):
        if change == "rows":
            header = json.loads(members["header.json"])
            members["header.json"] = json.dumps(header | {"rows": 7}).encode()
        elif change == "people":
            del members["people_bytes.npy"]
        else:
            array = np.load(io.BytesIO(members["offender.npy"]))
            made = io.BytesIO()
            np.save(made, np.full_like(array, 10_000))
            members["offender.npy"] = made.getvalue()

    path.write_bytes(resealed_ledger(path.read_bytes(), spoil))
    unit.refused(DAYS[1], "ledger.npz")


def test_a_manifest_of_a_newer_version_is_refused(unit):
    unit.make(DAYS[0])
    reseal(unit.base / "runs" / str(DAYS[0]), version=3)
    unit.refused(DAYS[1], "version 3", "newer")


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"null", b'"x"', b"\xff\xfe", b"7"])
def test_a_manifest_that_is_none_is_refused(unit, raw):
    unit.make(DAYS[0])
    (unit.base / "runs" / str(DAYS[0]) / "manifest.json").write_bytes(raw)
    unit.refused(DAYS[1], "manifest.json")


def test_a_run_folder_under_another_date_is_refused(unit):
    unit.make(DAYS[0])
    folder = unit.base / "runs" / str(DAYS[0])
    folder.rename(folder.with_name(str(DAYS[0] + dt.timedelta(days=1))))
    unit.refused(DAYS[1], str(DAYS[0]), str(DAYS[0] + dt.timedelta(days=1)))


def test_a_ledger_that_is_missing_is_asked_for(unit):
    unit.make(DAYS[0])
    (unit.base / "runs" / "ledger.npz").unlink()
    unit.refused(DAYS[1], "no ledger", "put it back")


def test_an_older_copy_of_the_ledger_is_refused_even_if_it_would_rank_alike(unit):
    path = unit.base / "runs" / "ledger.npz"
    unit.make(DAYS[0])
    old = path.read_bytes()
    extract(unit.base, DAYS[1], [*lines(0), "SECRETPERSON9,SECRETCRIMEX,A,2020-01-04,2025-02-28,"])
    unit.make(DAYS[1])
    path.write_bytes(old)
    unit.refused(DAYS[2], "ledger", str(DAYS[1]))


# Interrupted runs


class Stop(BaseException):
    """An interruption."""


@pytest.fixture
def clean(tmp_path):
    other = Unit(tmp_path / "clean")
    for day in DAYS[:2]:
        other.make(day)
    return other.state()


@pytest.mark.parametrize("error", [Stop(), OSError(28, "No space left on device")])
@pytest.mark.parametrize("step", range(18))
def test_a_run_interrupted_while_writing_leaves_what_was_there(
    unit, clean, monkeypatch, step, error
):
    unit.make(DAYS[0])
    before = unit.state()
    done = {"steps": 0}
    real = Path.write_bytes

    def write(path, raw):
        if done["steps"] == step:
            real(path, raw[: len(raw) // 2])
            raise error
        done["steps"] += 1
        return real(path, raw)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", write)
        try:
            unit.make(DAYS[1])
        except Stop:
            assert isinstance(error, Stop)
        except HhpuError as told:
            assert "cannot be written" in str(told)  # noqa: PT017
        else:
            assert done["steps"] <= step
            assert unit.state() == clean
            return
    assert unit.state() == before
    unit.make(DAYS[1])
    assert unit.state() == clean


@pytest.mark.parametrize("error", [Stop(), OSError(13, "Permission denied")])
@pytest.mark.parametrize("step", range(4))
@pytest.mark.parametrize("again", [False, True])
def test_a_run_interrupted_while_moving_leaves_what_was_there(
    unit, clean, monkeypatch, step, again, error
):
    for day in DAYS[: 2 if again else 1]:
        unit.make(day)
    before = unit.state()
    done = {"steps": 0}
    real = Path.replace

    def replace(path, target):
        done["steps"] += 1
        if done["steps"] == step + 1:
            raise error
        return real(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        try:
            unit.make(DAYS[1])
        except Stop:
            assert isinstance(error, Stop)
        except HhpuError as told:
            assert "cannot be written" in str(told)  # noqa: PT017
        else:
            assert done["steps"] <= step
            assert unit.state() == clean
            return
    assert unit.state() == before
    unit.make(DAYS[1])
    assert unit.state() == clean


def test_a_ledger_written_by_a_run_that_was_killed_after_it_is_taken_up(unit, clean, monkeypatch):
    unit.make(DAYS[0])
    made = run(read_run(unit.base / "run.toml"), as_of=DAYS[1], registry=unit.registry)
    made.ledger.save(unit.base / "runs" / "ledger.npz")
    (unit.base / "runs" / f".{DAYS[1]}.abc.part").mkdir()
    unit.make(DAYS[1])
    assert not (unit.base / "runs" / f".{DAYS[1]}.abc.part").exists()
    assert unit.state() == clean


# Folders


def test_a_first_run_beside_foreign_files_leaves_them_alone(unit):
    folder = unit.base / "runs"
    (folder / "2024-01-01").mkdir(parents=True)
    (folder / "2024-01-01" / "notes.txt").write_text("mine")
    (folder / "readme.txt").write_text("mine")
    (folder / "2024-13-45").write_text("mine")
    unit.make(DAYS[0])
    state = unit.state()
    assert state["2024-01-01/notes.txt"] == state["readme.txt"] == state["2024-13-45"] == b"mine"


@pytest.mark.parametrize("name", ["notes.txt", "manifest.json", "ranking.csv"])
def test_a_folder_of_that_date_with_foreign_files_is_never_replaced(unit, name):
    folder = unit.base / "runs" / str(DAYS[0])
    folder.mkdir(parents=True)
    (folder / name).write_text("mine")
    unit.refused(DAYS[0], str(folder))


@pytest.mark.parametrize("what", ["folder", "ledger"])
def test_a_file_where_a_folder_should_be_is_said(unit, what):
    (unit.base / "taken").write_text("mine")
    if what == "folder":
        unit.change('folder = "runs"', 'folder = "taken/runs"')
    else:
        unit.change('folder = "runs"', 'folder = "runs"\nledger = "taken/ledger.npz"')
    with pytest.raises(HhpuError, match="cannot be written"):
        unit.make(DAYS[0])
    assert (unit.base / "taken").read_text() == "mine"
    assert not [name for name in unit.state() if "/" in name]


def test_a_read_only_folder_is_said(unit, monkeypatch):
    def denied(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", denied)
    with pytest.raises(HhpuError, match="cannot be written: Permission denied"):
        unit.make(DAYS[0])
    monkeypatch.undo()
    assert unit.state() == {}


# Made again


def test_older_dates_made_again_give_the_same_bytes_in_any_order(unit):
    for day in DAYS:
        unit.make(day)
    first = unit.state()
    for day in (DAYS[1], DAYS[0], DAYS[3], DAYS[0], DAYS[2]):
        unit.make(day)
        assert unit.state() == first


def test_rows_in_another_order_give_the_same_tables(unit):
    unit.make(DAYS[0])
    first = unit.state()
    shutil.rmtree(unit.base / "runs")
    extract(unit.base, DAYS[0], lines(0)[::-1])
    unit.make(DAYS[0])
    by_row = {"problems.csv", "manifest.json", "report.html"}
    for name, raw in unit.state().items():
        assert Path(name).name in by_row or raw == first[name], name


def test_two_runs_of_one_day_are_one(unit):
    unit.make(DAYS[0])
    first = unit.state()
    unit.make(DAYS[0])
    assert unit.state() == first
    assert len(hhpu.Ledger.load(unit.base / "runs" / "ledger.npz").extracts) == 1


def test_a_manifest_tells_nobody(unit):
    for day in DAYS[:2]:
        folder = unit.make(day)
        text = (folder / "manifest.json").read_text("utf-8")
        assert not any(secret in text for secret in SECRETS)
        assert read_manifest(folder)["as_of"] == str(day)


def test_nothing_is_written_until_write(unit):
    run(read_run(unit.base / "run.toml"), as_of=DAYS[0], registry=unit.registry)
    assert unit.state() == {}


def test_a_date_of_birth_corrected_later_changes_no_earlier_run(unit):
    source = 'offences = "extracts/{as_of}.csv"'
    unit.change(source, f'{source}\npeople = "people-{{as_of}}.csv"')
    for i, day in enumerate(DAYS):
        year = 1980 if i < 2 else 2010
        born = [f"SECRETPERSON{n},{year if n == 1 else 1990}-01-02" for n in range(9)]
        path = unit.base / f"people-{day}.csv"
        path.write_text("\n".join(["offender_id,date_of_birth", *born]) + "\n", encoding="utf-8")
    for day in DAYS:
        unit.make(day)
    first = unit.state()
    for day in (DAYS[1], DAYS[0], DAYS[3]):
        unit.make(day)
        assert unit.state() == first


def test_of_two_runs_made_at_once_the_second_does_not_undo_the_first(unit):
    unit.make(DAYS[0])
    declared = read_run(unit.base / "run.toml")
    one, other = (run(declared, as_of=day, registry=unit.registry) for day in DAYS[1:3])
    one.write()
    before = unit.state()
    with pytest.raises(HhpuError, match="make the run again"):
        other.write()
    assert unit.state() == before
    unit.make(DAYS[2])
    taken = hhpu.Ledger.load(unit.base / "runs" / "ledger.npz").extracts
    assert [each.day for each in taken] == DAYS[:3]


@pytest.mark.parametrize("name", ["a\rb", 'a""b', "a,b", "a\nb", "NA", "=1+1", "é"])
def test_ids_that_a_csv_file_makes_hard_are_read_back_as_they_were(unit, name):
    for day in DAYS[:2]:
        path = extract(unit.base, day, lines(0))
        row = f'"{name}",o1,B,2025-01-04,2025-01-05,charged\n'
        path.write_bytes(path.read_bytes() + row.encode("utf-8"))
        unit.make(day)
    assert len(unit.state()) > 28
