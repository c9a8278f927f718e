"""Time two declared runs of one series on a synthetic force, step by step, and size their files.

The world is made so that the extract of the second run holds about ``--rows`` rows. Reading,
checking, ranking, comparing and writing are timed; making the world and its CSV files is not.

    python benchmarks/run.py --rows 1000000
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from hhpu.runs import example_run_file, read_run, run
from hhpu.simulate import SyntheticWorld, synthetic_world

YEARS = 7
FIRST, EVERY = "2026-03-17", 14


class Steps:
    """Seconds of each step that a run tells of."""

    def __init__(self) -> None:
        self.told: list[tuple[str, float]] = []

    def __call__(self, message: str) -> None:
        """Take note that a step begins."""
        self.told.append((message, time.perf_counter()))

    def seconds(self, end: float) -> list[tuple[str, float]]:
        """Each step with its seconds."""
        ends = [*(at for _, at in self.told[1:]), end]
        return [(name, until - at) for (name, at), until in zip(self.told, ends, strict=True)]


def world_of(rows: int) -> SyntheticWorld:
    """A world whose last extract holds about so many rows."""
    trial = synthetic_world(5_000, seed=1, years=YEARS)
    share = len(trial.extract(trial.end).offences) / 5_000
    return synthetic_world(round(rows / share), seed=1, years=YEARS)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Time two declared runs of one series.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    world = world_of(options.rows)
    print(
        f"Python {platform.python_version()}, NumPy {np.__version__}, pandas {pd.__version__}, "
        f"{os.cpu_count()} cores; world of {len(world.truth):,} people in "
        f"{time.perf_counter() - started:.1f} s"
    )
    with tempfile.TemporaryDirectory() as made:
        base = Path(made)
        declared = {
            "sources": {name: f"extracts/{{as_of}}/{name}.csv" for name in ("people", "spells")},
            "harm": {"index": "ons-css", "window": 730},
            "thresholds": {"most_fall_in_rows": 0.1, "least_rows_same": 0.5},
            "run": {"bracket": 100},
        }
        (base / "run.toml").write_text(example_run_file(declared), encoding="utf-8")
        declaration = read_run(base / "run.toml")
        for extract in world.extracts(first=FIRST, count=2, every=EVERY):
            extract.write(base / "extracts" / extract.day.isoformat())
            steps = Steps()
            before = time.perf_counter()
            done = run(declaration, as_of=extract.day, progress=steps)
            ranked = time.perf_counter()
            folder = done.write()
            written = time.perf_counter()
            print(f"\nrun of {extract.day}: {len(extract.offences):,} rows, {done!r}")
            for name, seconds in [
                *steps.seconds(ranked),
                ("making and writing the files", written - ranked),
                ("in all", written - before),
            ]:
                print(f"  {seconds:7.2f} s  {name}")
        print("\nfiles of the last run, and the ledger")
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            print(f"  {path.stat().st_size:>12,} bytes  {path.relative_to(folder).as_posix()}")
        print(f"  {declaration.ledger.stat().st_size:>12,} bytes  {declaration.ledger.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
