"""Time rankings at 104 fortnightly dates against filtering anew for each, in turn in one run.

Prints ratios with their spread over the rounds; the answers are compared first. Ratios are the
result: seconds depend on the machine.

    python benchmarks/backtest.py --rows 1000000 --rounds 3
"""

from __future__ import annotations

import argparse
import datetime as dt
import platform
from collections.abc import Callable

import numpy as np
import pandas as pd

import hhpu
from hhpu.ranking import sweep, sweep_top
from hhpu.simulate import benchmark_offences
from ranking import AS_OF, WINDOW, hhpu_version, scrambled, timed, told, weight_table, with_pandas

TOP = 1_000


def every_fortnight(dates: int) -> list[dt.date]:
    """The dates, ascending."""
    return [AS_OF - dt.timedelta(days=14 * back) for back in reversed(range(dates))]


def pandas_top(table: pd.DataFrame, weights: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Filter, merge, group, take the largest: the analyst's script for one date."""
    end, start = pd.Timestamp(as_of), pd.Timestamp(as_of) - pd.Timedelta(days=WINDOW)
    inside = table[
        (table["committed_on"] > start)
        & (table["committed_on"] <= end)
        & (table["recorded_on"] <= end)
        & ~table["status"].isin(["eliminated", "acquitted", "not-guilty", "cancelled"])
    ]
    scored = inside.merge(weights, on="code").groupby("offender_id")["weight"].sum()
    return scored.nlargest(TOP, keep="all").reset_index()


def tops(ledger: hhpu.Ledger, index: hhpu.HarmIndex, dates: list[dt.date]) -> list[object]:
    """The top lists of all dates, in order."""
    found = sweep_top(ledger, origins=dates, k=TOP, index=index, window=WINDOW)
    return [at.order for at in found]


def wholes(ledger: hhpu.Ledger, index: hhpu.HarmIndex, dates: list[dt.date]) -> list[object]:
    """The whole rankings of all dates, with ranks and order."""
    return [at.ranks for at in sweep(ledger, origins=dates, index=index, window=WINDOW)]


def same_answers(
    ledger: hhpu.Ledger, index: hhpu.HarmIndex, table: pd.DataFrame, weights: pd.DataFrame
) -> None:
    """Compare ids, scores and ranks at a few dates."""
    dates = every_fortnight(104)[::40]
    swept = sweep(ledger, origins=dates, index=index, window=WINDOW)
    for day, at in zip(dates, swept, strict=True):
        theirs = with_pandas(table, weights, day).set_index("offender_id").sort_index()
        ids = pd.Index([ledger.people[person] for person in at.people.tolist()])
        ours = pd.DataFrame({"weight": at.amounts // 100, "rank": at.ranks}, index=ids).sort_index()
        assert ours.index.equals(theirs.index.astype(ours.index.dtype)), "other people"
        assert np.array_equal(ours["weight"], theirs["weight"]), "other scores"
        assert np.array_equal(ours["rank"], theirs["rank"]), "other ranks"
    found = sweep_top(ledger, origins=dates, k=TOP, index=index, window=WINDOW)
    for day, at in zip(dates, found, strict=True):
        theirs = pandas_top(table, weights, day)
        assert {ledger.people[p] for p in at.people.tolist()} == set(theirs["offender_id"])


def main() -> None:
    """Run every contender in turn and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dates", type=int, default=104)
    asked = parser.parse_args()
    index = hhpu.load_registry(plugins="none").index("ons-css")
    table = benchmark_offences(asked.rows, seed=1)
    table["offender_id"] = scrambled(table["offender_id"])
    table["code"], table["status"] = table["code"].astype("str"), table["status"].astype("str")
    weights = weight_table(sorted(set(table["code"])), index)
    ledger = hhpu.encode(table)
    print(f"hhpu {hhpu_version()}, Python {platform.python_version()}, {platform.machine()}")
    print(f"{asked.rows:,} rows, {len(ledger.people):,} people, {asked.dates} dates")
    same_answers(ledger, index, table, weights)
    dates = every_fortnight(asked.dates)
    contenders: dict[str, Callable[[], object]] = {
        "top from the ledger": lambda: tops(ledger, index, dates),
        "top from the dataframe": lambda: tops(hhpu.encode(table), index, dates),
        "whole from the ledger": lambda: wholes(ledger, index, dates),
        "whole from the dataframe": lambda: wholes(hhpu.encode(table), index, dates),
        "pandas top": lambda: [pandas_top(table, weights, day) for day in dates],
        "pandas whole": lambda: [with_pandas(table, weights, day) for day in dates],
    }
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(asked.rounds):
        for name, action in contenders.items():
            seconds[name].append(timed(action))
    print(f"\nratios: median [lowest to highest] of {asked.rounds} interleaved rounds")
    for name in list(contenders)[:4]:
        print(told(f"{name}, against the analyst's script", seconds["pandas whole"], seconds[name]))
        if name.startswith("top"):
            line = f"{name}, against filter first, nlargest"
            print(told(line, seconds["pandas top"], seconds[name]))


if __name__ == "__main__":
    main()
