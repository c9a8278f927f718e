"""Files that another program has open, as Windows tells of them; files that the system makes."""

import pathlib
import time

import pytest

from hhpu.errors import OutputError
from hhpu.files import move, write_whole
from hhpu.output import publishing, publishing_folder

MARK = ("mark.txt", "mine")
SYSTEM = ["desktop.ini", "Desktop.ini", "Thumbs.db", ".DS_Store", "~$report.xlsx"]


def denied(number=5):
    """What Windows answers; elsewhere an error has no such number."""
    error = PermissionError(13, "Access is denied")
    error.winerror = number
    return error


@pytest.fixture
def slept(monkeypatch):
    told = []
    monkeypatch.setattr(time, "sleep", told.append)
    return told


@pytest.fixture
def windows(monkeypatch):
    """Paths that another program has open: neither they nor a folder around them can be moved."""
    held = {}
    replace, open_ = pathlib.Path.replace, pathlib.Path.open

    def inside(path):
        return [each for each in held if pathlib.Path(path) in (each, *each.parents) and held[each]]

    def refusing(path, target):
        for each in {*inside(path), *inside(target)}:
            held[each] -= 1
            raise denied(32 if each == path else 5)
        return replace(path, target)

    def opening(path, mode="r", *arguments, **options):
        if path in held and held[path] and "+" in mode:
            raise denied(32)
        return open_(path, mode, *arguments, **options)

    monkeypatch.setattr(pathlib.Path, "replace", refusing)
    monkeypatch.setattr(pathlib.Path, "open", opening)
    return held


def test_a_file_that_is_closed_in_time_is_moved(tmp_path, windows, slept):
    (tmp_path / "new").write_text("new")
    old = tmp_path / "old"
    old.write_text("old")
    windows[old] = 3
    move(tmp_path / "new", old)
    assert old.read_text() == "new"
    assert len(slept) == 3


def test_it_waits_for_two_seconds_and_then_names_the_file(tmp_path, windows, slept):
    old = tmp_path / "ledger.npz"
    old.write_bytes(b"old")
    windows[old] = 1_000
    with pytest.raises(OutputError) as told:
        write_whole(old, b"new")
    assert sum(slept) == pytest.approx(2)
    words = "ledger.npz is in use: close it in Excel (or wait for OneDrive) and run again"
    assert words in str(told.value)
    assert old.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.npz"]


def test_a_folder_with_an_open_file_names_that_file_and_stays(tmp_path, windows, slept):
    folder = tmp_path / "2026-03-31"
    folder.mkdir()
    for name in ("mark.txt", "bracket.csv", "left.csv"):
        (folder / name).write_text("mine")
    windows[folder / "bracket.csv"] = 1_000
    own = frozenset({"mark.txt", "bracket.csv", "left.csv"})
    with (
        pytest.raises(OutputError, match=r"bracket\.csv is in use: close it in Excel"),
        publishing_folder(folder, own=own, mark=MARK) as made,
    ):
        (made / "mark.txt").write_text("mine too")
    assert sum(slept) == pytest.approx(2)
    assert {path.name for path in folder.iterdir()} == own
    assert [path.name for path in tmp_path.iterdir()] == ["2026-03-31"]


def test_a_new_folder_that_a_scanner_reads_is_waited_for(tmp_path, windows, slept):
    with publishing_folder(tmp_path / "new", own=frozenset(), mark=MARK) as made:
        (made / "mark.txt").write_text("mine")
        windows[made / "mark.txt"] = 3
    assert (tmp_path / "new" / "mark.txt").read_text() == "mine"
    assert len(slept) == 3


def test_an_input_is_no_output(tmp_path):
    file = tmp_path / "offences.csv"
    file.write_text("old")
    told = r"^offences\.csv is also an input; name another file$"
    with pytest.raises(OutputError, match=told), publishing(file, inputs=[file]):
        pass
    assert file.read_text() == "old"


def test_a_folder_that_holds_an_input_is_not_replaced(tmp_path):
    held = tmp_path / "test" / "figures.csv"
    held.parent.mkdir()
    held.write_text("an extract")
    told = r"^the folder test/ beside test\.json holds the input figures\.csv"
    beside = frozenset({"figures.csv"})
    with (
        pytest.raises(OutputError, match=told),
        publishing(tmp_path / "test.json", inputs=[held], beside=beside),
    ):
        pass
    assert held.read_text() == "an extract"


def test_a_file_beside_a_folder_is_told_as_well(tmp_path, windows, slept):
    file = tmp_path / "ranking.csv"
    file.write_text("old")
    windows[file] = 1_000
    with (
        pytest.raises(OutputError, match=r"ranking\.csv is in use"),
        publishing(file) as made,
    ):
        (made / "ranking.csv").write_text("new")
    assert file.read_text() == "old"


def test_any_other_error_is_told_at_once(tmp_path, slept):
    with pytest.raises(FileNotFoundError):
        move(tmp_path / "none", tmp_path / "other")
    assert slept == []


@pytest.mark.parametrize("name", SYSTEM)
def test_files_that_the_system_leaves_are_no_strangers(tmp_path, name):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / name).write_text("x")
    for _ in range(2):
        with publishing_folder(folder, own=frozenset({"mark.txt"}), mark=MARK) as made:
            (made / "mark.txt").write_text("mine")
        (folder / name).write_text("x")
    assert (folder / "mark.txt").read_text() == "mine"


def test_a_file_of_somebody_is_a_stranger(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "notes.docx").write_text("x")
    with (
        pytest.raises(OutputError, match="nothing was touched"),
        publishing_folder(folder, own=frozenset({"mark.txt"}), mark=MARK),
    ):
        pass
