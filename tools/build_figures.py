"""Draw the figures of the docs from a synthetic force: nobody in it is real.

PYTHONPATH=src python tools/build_figures.py docs/how-to/figures
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import hhpu
from hhpu.simulate import synthetic_world
from hhpu.validation import (
    figures_of,
    ladder_figure,
    rank_intervals,
    svg_bytes,
    validate,
)

_PEOPLE, _SEED = 20_000, 2026
_ORIGIN = dt.date(2024, 12, 31)
_TOP = ("2%", "5%", "10%")
_RERUNS = [dt.date(2023, 1, 3) + dt.timedelta(days=28 * number) for number in range(14)]


def main(folder: Path) -> None:
    """Write each figure into a folder: of the method that expects harm, else of the plain sum."""
    world = synthetic_world(_PEOPLE, seed=_SEED)
    ledger = hhpu.encode(world.versions(), people=world.records)
    index = hhpu.load_registry(plugins="none").index("ons-css")
    asked = {
        "origins": [_ORIGIN], "follow_up": 365, "window": 730, "seed": _SEED, "index": index,
        "top": _TOP,
    }  # fmt: skip
    plain = validate(ledger, **asked, reruns=_RERUNS, groups=by_lot(world.records))
    drawn = figures_of(plain) | figures_of(validate(ledger, **asked, method="expected-harm"))
    ranking = hhpu.rank(ledger, as_of=_ORIGIN, index=index, window=730)
    intervals = rank_intervals(ranking, k=_TOP[0], seed=_SEED, draws=500)
    drawn["rank-intervals"] = svg_bytes(ladder_figure(intervals, rungs=20))
    folder.mkdir(parents=True, exist_ok=True)
    for name, svg in drawn.items():
        (folder / f"{name}.svg").write_bytes(svg)
        print(f"{name}: {len(svg):,} bytes")
    print(f"all: {sum(map(len, drawn.values())):,} bytes")


def by_lot(records: pd.DataFrame) -> pd.DataFrame:
    """Groups that mean nothing: a ranking cannot treat them differently but by chance."""
    people = records["offender_id"].unique()
    rng = np.random.default_rng(_SEED)
    groups = rng.choice(["A", "B", "C"], len(people), p=[0.6, 0.37, 0.03])
    return pd.DataFrame({"offender_id": people, "group": groups})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
