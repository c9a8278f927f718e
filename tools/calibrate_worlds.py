"""Search for the laws of the synthetic worlds: `python tools/calibrate_worlds.py`.

Over a small grid of the rate and of the share of the gravest offences, it measures the three
published figures (definitions: docs/explanation/synthetic-worlds.md) as a mean over seeds, and
prints the grid, best first: the sum of squared distances, in points, from 80 and 77.6, and from 96
where fewer than 96% of a yearly list are new. What is not searched (spread, career, petty) is fixed
in `hhpu.simulate.LAWS`. The test of the calibration measures anew, with code of its own.
"""

from __future__ import annotations

import argparse
import itertools
from typing import Final

import attrs
import numpy as np
import pandas as pd

import hhpu
from hhpu.indices.codes import reference_codes
from hhpu.simulate import LAWS, Law, synthetic_world
from hhpu.simulate._law import World

SHARE: Final = 0.07
FOLLOW_UP: Final = 731
TARGETS: Final = (80.0, 77.6, 96.0)
STEPS: Final = (0.85, 1.0, 1.15)


def weights() -> dict[str, float]:
    """Give the ONS weight of every reference code that has one recorded-crime code, else 0."""
    index = hhpu.load_registry(plugins="none").index("ons-css")
    by_code = {row.code: row.weight / index.scale for row in index.weights if row.weight}
    return {code: by_code.get(ref.recorded or "", 0.0) for code, ref in reference_codes().items()}


def figures(kind: World, law: Law, seed: int, people: int, harm: dict[str, float]) -> list[float]:
    """Measure harm held by the top, no further crime, and new on a yearly list, each in %."""
    world = synthetic_world(people, seed=seed, world=kind, law=law)
    rows = world.extract(world.end).offences
    rows = rows[rows["role"].isin(["suspect", "offender"]) & (rows["status"] != "cancelled")]
    days = (rows["committed_on"].to_numpy() - np.datetime64(world.start)) // np.timedelta64(1, "D")
    table = pd.DataFrame({"person": rows["offender_id"].array, "day": days})
    table["harm"] = rows["code"].astype(str).map(harm).array
    total = table.groupby("person")["harm"].sum().sort_values(ascending=False)
    held = total.iloc[: round(SHARE * len(total))].sum() / total.sum()

    table = table.sort_values(["person", "day"])
    place = table.groupby("person").cumcount()
    first = table[place == 0].set_index("person")["day"]
    second = table[place == 1].set_index("person")["day"].reindex(first.index)
    followed = first + FOLLOW_UP <= (world.end - world.start).days
    none = 1 - (second <= first + FOLLOW_UP)[followed].mean()

    earlier: set[str] = set()
    new: list[float] = []
    for _, year in table.groupby((table["day"] // 365.25).astype(int)):
        mine = year.groupby("person")["harm"].sum().sort_values(ascending=False)
        listed = set(mine.index[: round(SHARE * len(mine))])
        new += [len(listed - earlier) / len(listed)] if earlier else []
        earlier |= listed
    return [100 * held, 100 * none, 100 * float(np.mean(new))]


def distance(measured: list[float]) -> float:
    """Give the sum of squared distances from the published figures, in points."""
    gaps = [measured[0] - TARGETS[0], measured[1] - TARGETS[1], min(0.0, measured[2] - TARGETS[2])]
    return float(sum(gap**2 for gap in gaps))


def main() -> None:
    """Print the grid for each calibrated world."""
    parser = argparse.ArgumentParser(description="Search for the laws of the synthetic worlds.")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    harm = weights()
    kinds: tuple[World, ...] = ("persistent", "no-history")
    for kind in kinds:
        found = []
        for rate, serious in itertools.product(STEPS, STEPS):
            start = LAWS[kind]
            law = attrs.evolve(start, rate=start.rate * rate, serious=start.serious * serious)
            measured = np.mean(
                [figures(kind, law, seed, options.people, harm) for seed in range(options.seeds)],
                axis=0,
            ).tolist()
            found.append((distance(measured), law, measured))
        for gap, law, measured in sorted(found, key=lambda row: row[0]):
            shown = ", ".join(f"{value:.1f}" for value in measured)
            print(f"{kind}: rate={law.rate:.3f} serious={law.serious:.2f}: {shown} ({gap:.2f})")


if __name__ == "__main__":
    main()
