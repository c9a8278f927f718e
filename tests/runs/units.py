"""A unit's folder with a run file, an index and four extracts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from hhpu import load_registry
from hhpu.errors import HhpuError
from hhpu.runs import read_run, run

DAYS = [dt.date(2025, 3, 1) + dt.timedelta(days=14 * i) for i in range(4)]
SECRETS = ("SECRETPERSON", "SECRETCRIME", "SECRETNAME")
HEAD = "offender_id,offence_id,code,committed_on,recorded_on,status\n"

RUN_FILE = """format = "hhpu run 1"
force = "Exampleshire"
name = "North"
[sources]
records = "overwritten"
offences = "extracts/{as_of}.csv"
[harm]
index = "index"
window = 730
[run]
bracket = 3
[thresholds]
most_fall_in_rows = 0.2
least_rows_same = 0.5
[outputs]
folder = "runs"
"""
INDEX = """name = "ours"
edition = "1"
title = "Ours"
unit = "days"
scale = 10
codes = "our-codes"
licence = "CC0-1.0"
[[citations]]
key = "us"
title = "Us"
"""
WEIGHTS = "code,weight,basis,citation\nA,1.5,force,us\nB,40,force,us\nC,7,force,us\n"


def lines(upto: int, *, size: int = 20) -> list[str]:
    return [
        f"SECRETPERSON{i % 9},SECRETCRIME{i},{'ABC'[i % 3]},2025-0{1 + i % 2}-{1 + i % 27:02},"
        f"2025-02-28,{'suspect' if i % 4 else 'charged'}"
        for i in range(size + upto)
    ]


def extract(base: Path, day: dt.date, rows: list[str]) -> Path:
    path = base / "extracts" / f"{day}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return path


class Unit:
    """A folder with a run file, an index and four extracts."""

    def __init__(self, base: Path) -> None:
        self.base = base
        base.mkdir(parents=True, exist_ok=True)
        (base / "run.toml").write_text(RUN_FILE, encoding="utf-8")
        (base / "index").mkdir(exist_ok=True)
        (base / "index" / "index.toml").write_text(INDEX, encoding="utf-8")
        (base / "index" / "weights.csv").write_text(WEIGHTS, encoding="utf-8")
        for i, day in enumerate(DAYS):
            extract(base, day, lines(i))
        self.registry = load_registry(plugins="none")

    def change(self, old: str, new: str) -> None:
        path = self.base / "run.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def make(self, day: dt.date | None) -> Path:
        return run(read_run(self.base / "run.toml"), as_of=day, registry=self.registry).write()

    def state(self, folder: str = "runs") -> dict[str, bytes]:
        root = self.base / folder
        if not root.exists():
            return {}
        return {
            str(path.relative_to(root)): path.read_bytes() if path.is_file() else b""
            for path in sorted(root.rglob("*"))
        }

    def refused(self, day: dt.date | None, *words: str, kind: type = HhpuError) -> str:
        before = self.state()
        with pytest.raises(kind) as caught:
            self.make(day)
        message = str(caught.value)
        for word in words:
            assert word in message, message
        assert not any(secret in message for secret in SECRETS), message
        assert self.state() == before
        return message
