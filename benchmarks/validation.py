"""Time a bootstrap by people against scipy's, all contenders in turn in one run.

Spearman's rho and the AUC of many people, resampled by hhpu.validation and by
scipy.stats.bootstrap, one call for each resample or vectorised in batches (whichever is quicker
counts). scipy is given fewer resamples and its time scaled up: it grows in proportion, printed
beside. The figures themselves are compared first. Ratios are the result: seconds depend on the
machine.

    python benchmarks/validation.py --people 100000 --resamples 2000 --rounds 5
"""

from __future__ import annotations

import argparse
import gc
import platform
import statistics
import time
import tracemalloc
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from hhpu.validation import Asked, Statistic, once, resample
from hhpu.validation._association import association
from hhpu.validation._roc import areas

Floats = npt.NDArray[np.float64]


def people_of(people: int, seed: int) -> tuple[Floats, Floats]:
    """Scores with ties, and an outcome that is mostly zero."""
    rng = np.random.default_rng(seed)
    scores = np.round(rng.gamma(0.5, 200, people))
    later = np.round(rng.gamma(0.5, 200, people) * (0.5 + scores / 200))
    return scores, np.where(rng.random(people) < 0.6, 0.0, later)


def spearman_of(scores: Floats, outcome: Floats, axis: int = -1) -> Any:
    """Spearman's rho as midranks correlated, over any axis: quicker than scipy.stats.spearmanr."""
    first = stats.rankdata(scores, axis=axis)
    second = stats.rankdata(outcome, axis=axis)
    first -= first.mean(axis=axis, keepdims=True)
    second -= second.mean(axis=axis, keepdims=True)
    spread = (first**2).sum(axis=axis) * (second**2).sum(axis=axis)
    return (first * second).sum(axis=axis) / np.sqrt(spread)


def area_of(scores: Floats, happened: Floats, axis: int = -1) -> Any:
    """The AUC from the sum of midranks, over any axis."""
    ranks = stats.rankdata(scores, axis=axis)
    ones = happened.sum(axis=axis)
    zeros = happened.shape[axis] - ones
    return ((ranks * happened).sum(axis=axis) - ones * (ones + 1) / 2) / (ones * zeros)


def with_scipy(
    statistic: Callable[..., Any], pair: tuple[Floats, Floats], resamples: int, *, batch: int | None
) -> Any:
    """Percentile interval by scipy.stats.bootstrap, people kept in pairs."""
    return stats.bootstrap(
        pair,
        statistic,
        paired=True,
        n_resamples=resamples,
        method="percentile",
        vectorized=batch is not None,
        batch=batch,
        random_state=np.random.default_rng(1),
    )


def with_hhpu(statistic: Statistic, people: int, resamples: int) -> Any:
    """The same draws of people by hhpu.validation."""
    asked = [Asked(statistic=statistic, people=np.arange(people))]
    return resample(asked, people=people, resamples=resamples, seed=1)


def timed(action: Callable[[], object]) -> float:
    """Seconds of one call, garbage collected before it."""
    gc.collect()
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def peak(action: Callable[[], object]) -> float:
    """Most megabytes that one call held."""
    tracemalloc.start()
    action()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 1e6


def told(name: str, slow: list[float], fast: list[float]) -> str:
    """A line with the median ratio and its spread, round by round."""
    ratios = sorted(s / f for s, f in zip(slow, fast, strict=True))
    seconds = f"{statistics.median(slow):.2f} s / {statistics.median(fast):.2f} s"
    middle = statistics.median(ratios)
    return f"{name:32s} {middle:6.1f}x   [{ratios[0]:.1f} to {ratios[-1]:.1f}]   {seconds}"


def main() -> None:
    """Run every contender in turn and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--resamples", type=int, default=2_000)
    parser.add_argument("--scipy-resamples", type=int, default=100)
    parser.add_argument("--batch", type=int, default=10, help="resamples at once, scipy vectorised")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    scores, outcome = people_of(asked.people, asked.seed)
    happened = outcome > 0
    print(f"hhpu {version('hhpu')}, NumPy {np.__version__}, scipy {version('scipy')}, "
          f"Python {platform.python_version()}, {platform.machine()}")  # fmt: skip
    ties = 1 - len(np.unique(scores)) / asked.people
    print(f"{asked.people:,} people, {ties:.0%} of scores repeat another, {happened.mean():.0%} "
          f"with an outcome; {asked.resamples:,} resamples, scipy {asked.scipy_resamples:,} "
          f"scaled by {asked.resamples / asked.scipy_resamples:g}")  # fmt: skip
    contenders: dict[str, tuple[Callable[[], Statistic], Callable[..., Any], Any]] = {
        "spearman": (
            lambda: association(scores, outcome, figures=("spearman",)),
            spearman_of,
            (scores, outcome),
        ),
        "AUC": (
            lambda: areas({"score": scores}, happened),
            area_of,
            (scores, happened.astype(np.float64)),
        ),
    }
    seconds: dict[tuple[str, str], list[float]] = {}
    for name, (ours, theirs, pair) in contenders.items():
        difference = abs(float(ours()(once(asked.people))[0, 0]) - float(theirs(*pair)))
        assert difference < 1e-12, f"{name}: other figures"
        for way in ("hhpu", "scipy, one by one", "scipy, vectorised"):
            seconds[name, way] = []
    scale = asked.resamples / asked.scipy_resamples
    for _ in range(asked.rounds):
        for name, (ours, theirs, pair) in contenders.items():
            seconds[name, "hhpu"].append(
                timed(lambda o=ours: with_hhpu(o(), asked.people, asked.resamples))
            )
            for way, batch in (("one by one", None), ("vectorised", asked.batch)):
                took = timed(
                    lambda t=theirs, p=pair, b=batch: with_scipy(
                        t, p, asked.scipy_resamples, batch=b
                    )
                )
                seconds[name, f"scipy, {way}"].append(took * scale)
    print(f"\nratios: median [lowest to highest] of {asked.rounds} interleaved rounds")
    for name in contenders:
        ways = ("scipy, one by one", "scipy, vectorised")
        best = min(ways, key=lambda way: statistics.median(seconds[name, way]))
        for way in ways:
            line = f"{name}, {way}{' (best)' if way == best else ''}"
            print(told(line, seconds[name, way], seconds[name, "hhpu"]))
    ours, theirs, pair = contenders["spearman"]
    print("\nmegabytes at most, spearman, preparing left out")
    prepared = ours()
    for count in (200, 2_000):
        held = peak(lambda c=count: with_hhpu(prepared, asked.people, c))
        print(f"hhpu, {count:,} resamples {held:24.1f}")
    short = peak(lambda: with_scipy(theirs, pair, asked.scipy_resamples, batch=asked.batch))
    print(f"scipy, batches of {asked.batch} {short:24.1f}")
    for count in (1, 2):
        half = asked.scipy_resamples * count // 2
        took = timed(lambda c=half: with_scipy(theirs, pair, c, batch=None))
        print(f"scipy grows in proportion: {half:,} resamples in {took:.2f} s")


if __name__ == "__main__":
    main()
