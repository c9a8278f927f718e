"""Commands that are printed can be pasted where they are printed."""

import re
import shlex
import subprocess
import sys
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from hhpu.cli._program import call_of, program

UNIT = PureWindowsPath(r"C:\Users\Unit\hhpu")


@pytest.mark.parametrize(
    ("python", "here", "told"),
    [
        (UNIT / r".venv\Scripts\python.exe", UNIT, r".venv\Scripts\python -m hhpu"),
        (UNIT / r".VENV\Scripts\Python.EXE", PureWindowsPath(r"c:\users\unit\HHPU"),
         r".VENV\Scripts\Python -m hhpu"),
        (UNIT / r".venv\Scripts\python.exe", PureWindowsPath(r"D:\extracts"),
         r"C:\Users\Unit\hhpu\.venv\Scripts\python -m hhpu"),
        (PureWindowsPath(r"C:\Program Files\Python311\python.exe"), UNIT,
         r'"C:\Program Files\Python311\python" -m hhpu'),
        (PurePosixPath("/srv/unit/.venv/bin/python"), PurePosixPath("/srv/unit"),
         ".venv/bin/python -m hhpu"),
        (PurePosixPath("/opt/python3.11"), PurePosixPath("/srv/unit"), "/opt/python3.11 -m hhpu"),
    ],
)  # fmt: skip
def test_a_python_is_called_from_where_the_user_is(python, here, told):
    assert call_of(python, here) == told


@pytest.mark.parametrize(
    ("on_the_path", "told"),
    [(("hhpu", "python"), "hhpu"), (("python",), "python -m hhpu"),
     (("python3",), "python3 -m hhpu"), ((), "bin/python3.11 -m hhpu")],
)  # fmt: skip
def test_what_is_on_the_path_is_called_by_its_name(tmp_path, monkeypatch, on_the_path, told):
    other, mine = tmp_path / "other", tmp_path / "bin"
    for folder, names in ((other, ("hhpu", "python", "python3")), (mine, on_the_path)):
        folder.mkdir()
        for name in names:
            (folder / name).write_text("#!/bin/sh\n")
            (folder / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(mine / "python3.11"))
    monkeypatch.setenv("PATH", str(mine if on_the_path else other))
    assert program() == told


def test_the_next_run_can_be_pasted(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    err = run("run", "--example", "with a space").err
    line = re.search(r"^  (.* --as-of .*)$", err, re.MULTILINE)[1]
    words = shlex.split(line.partition(" -m hhpu ")[2] or line.partition("hhpu ")[2])
    assert words[:1] == ["run"]
    done = subprocess.run([sys.executable, "-m", "hhpu", *words], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
