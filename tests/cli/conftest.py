"""One small extract, and a way to run a command in this process."""

import io
import sys
from pathlib import Path

import attrs
import pytest

from hhpu.cli import main


@attrs.frozen
class Run:
    code: int
    out: str
    err: str


@pytest.fixture
def run(capsysbinary, monkeypatch):
    def call(*arguments, stdin=None):
        if stdin is not None:
            text = io.TextIOWrapper(io.BytesIO(stdin.encode("utf-8")), encoding="utf-8")
            monkeypatch.setattr(sys, "stdin", text)
        capsysbinary.readouterr()
        code = main([str(argument) for argument in arguments])
        out, err = capsysbinary.readouterr()
        return Run(code=code, out=out.decode("utf-8"), err=err.decode("utf-8"))

    return call


@pytest.fixture
def minimal(tmp_path) -> Path:
    """Three columns; 007 has the most harm, then 7 and 8 tie; 9 has nothing that can be weighed."""
    path = tmp_path / "offences.csv"
    path.write_text(
        "offender_id,code,committed_on\n"
        "7,8/06,2025-01-04\n"
        "007,1/01,2025-02-01\n"
        "8,8/06,2025-03-01\n"
        "9,8/77,2025-03-02\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture
def index_folder(tmp_path) -> Path:
    """An index whose weights depend on a key column, and whose codes are the force's own."""
    folder = tmp_path / "our-index"
    folder.mkdir()
    (folder / "index.toml").write_text(
        'name = "our-index"\nedition = "2026"\ntitle = "Ours"\nunit = "points"\nscale = 10\n'
        'codes = "our-codes"\nkeys = ["weapon"]\nlicence = "CC0-1.0"\n\n'
        '[[citations]]\nkey = "us"\ntitle = "Our own judgement"\n',
        encoding="utf-8",
    )
    (folder / "weights.csv").write_text(
        "code,weight,basis,citation,weapon\nA,1.5,force,us,\nA,4,force,us,knife\nB,0,force,us,\n",
        encoding="utf-8",
    )
    return folder
