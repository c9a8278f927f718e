"""Judge ExpectedHarm on synthetic careers of four laws, over many seeds.

At each seed its parameters are tuned on origins whose follow-up is over, and its share of later
harm captured by the first tenth is set against the better of the plain sum and the plain count.

    python benchmarks/expected_harm.py --seeds 200
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics

import hhpu
from hhpu.ranking import OffenceCount, TotalHarm
from hhpu.simulate import CAREERS, synthetic_careers
from hhpu.validation import at_capacity, backtest, tuned

UNTIL, ORIGIN = dt.date(2024, 12, 31), dt.date(2023, 12, 31)
PEOPLE, YEARS, WINDOW, FOLLOW_UP = 2_000, 6, 1_096, 365


def captured(law: str, seed: int, index: hhpu.HarmIndex) -> dict[str, float]:
    """Share of later harm in the first tenth, by method."""
    table = synthetic_careers(law, people=PEOPLE, seed=seed, until=UNTIL, years=YEARS)
    ledger = hhpu.encode(table)
    options = {"index": index, "window": WINDOW, "follow_up": FOLLOW_UP}
    method = tuned(ledger, until=ORIGIN, **options).method
    trial = backtest(
        ledger, origins=[ORIGIN], until=UNTIL,
        contenders=[TotalHarm(), OffenceCount(), method], **options,
    ).trials[0]  # fmt: skip
    harm = trial.outcome("harm")
    return {
        name: at_capacity(scores, harm, at=["10%"])[0].captured.expected
        for name, scores in trial.scores.items()
    }


def main() -> None:
    """Print the mean difference of each law with its standard error and lower bound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    asked = parser.parse_args()
    index = hhpu.load_registry(plugins="none").index("ons-css")
    print("law                    sum    count  expected  less the better  95% lower bound")
    for law in CAREERS:
        found = [captured(law, seed, index) for seed in range(asked.seeds)]
        means = {name: statistics.fmean(each[name] for each in found) for name in found[0]}
        better = max("total-harm", "offence-count", key=lambda name: means[name])
        gains = [each["expected-harm"] - each[better] for each in found]
        mean = statistics.fmean(gains)
        low = mean - 1.96 * statistics.stdev(gains) / len(gains) ** 0.5
        print(
            f"{law:20s} {means['total-harm']:6.4f} {means['offence-count']:7.4f} "
            f"{means['expected-harm']:8.4f} {mean:+14.4f} {low:+16.4f}"
        )


if __name__ == "__main__":
    main()
