"""Time ranking against what an analyst would write, all contenders in turn in one run.

Prints ratios with their spread over the rounds; the answers of all contenders are compared first.
Ratios are the result: seconds depend on the machine.

    python benchmarks/ranking.py --rows 10000000 --rounds 5
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import hashlib
import platform
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import hhpu
from hhpu.indices import TypeFate, compile_definition
from hhpu.simulate import benchmark_offences

AS_OF = dt.date(2026, 3, 31)
WINDOW = 730


def scrambled(ids: pd.Series[str]) -> pd.Series[str]:
    """Arbitrary ids of many lengths in place of numbered ones, one for one."""
    codes, names = pd.factorize(ids)
    made = [hashlib.sha256(name.encode()).hexdigest()[: 14 + i % 9]
            for i, name in enumerate(names)]  # fmt: skip
    assert len(set(made)) == len(made), "two people of one id: take another seed"
    return pd.Series(np.array(made, dtype=object)[codes]).astype("str")


def weight_table(codes: list[str], index: hhpu.HarmIndex) -> pd.DataFrame:
    """The weights an analyst would have in a spreadsheet: code and integer weight."""
    types = {name: [None] * len(codes) for name in ("role", "detection")} | {"code": codes}
    compiled = compile_definition(
        hhpu.all_offences(index), types, notation=None, absent=frozenset()
    )
    known = compiled.fate == TypeFate.SCORED
    return pd.DataFrame({"code": np.array(codes)[known], "weight": compiled.weight[known]})


def with_pandas(table: pd.DataFrame, weights: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Merge, filter, group, rank: the analyst's script."""
    end, start = pd.Timestamp(as_of), pd.Timestamp(as_of) - pd.Timedelta(days=WINDOW)
    merged = table.merge(weights, on="code", how="inner")
    inside = merged[
        (merged["committed_on"] > start)
        & (merged["committed_on"] <= end)
        & (merged["recorded_on"] <= end)
        & ~merged["status"].isin(["eliminated", "acquitted", "not-guilty", "cancelled"])
    ]
    scored = inside.groupby("offender_id", observed=True)["weight"].sum().reset_index()
    scored["rank"] = scored["weight"].rank(method="min", ascending=False).astype("int64")
    return scored.sort_values(["rank", "offender_id"], ignore_index=True)


def with_polars(table: Any, weights: Any, as_of: dt.date) -> Any:
    """The same, lazily, with Polars from memory."""
    import polars as pl

    start = as_of - dt.timedelta(days=WINDOW)
    return (
        table.lazy()
        .filter(
            (pl.col("committed_on") > start)
            & (pl.col("committed_on") <= as_of)
            & (pl.col("recorded_on") <= as_of)
            & ~pl.col("status").is_in(["eliminated", "acquitted", "not-guilty", "cancelled"])
        )
        .join(weights.lazy(), on="code", how="inner")
        .group_by("offender_id")
        .agg(pl.col("weight").sum())
        .with_columns(pl.col("weight").rank("min", descending=True).alias("rank"))
        .sort("rank", "offender_id")
        .collect()
    )


def with_hhpu(ledger: hhpu.Ledger, index: hhpu.HarmIndex, as_of: dt.date) -> hhpu.Ranking:
    """Score and rank from a ledger, in listing order."""
    ranking = hhpu.rank(ledger, as_of=as_of, index=index, window=WINDOW)
    _ = ranking.ranks, ranking.order
    return ranking


def first_ranking(table: pd.DataFrame, index: hhpu.HarmIndex, as_of: dt.date) -> hhpu.Ranking:
    """Check, encode, score and rank from a dataframe."""
    return with_hhpu(hhpu.encode(table), index, as_of)


def same_answers(ranking: hhpu.Ranking, scored: pd.DataFrame) -> None:
    """Compare ids, scores and ranks."""
    frame = ranking.to_frame(details=False)
    ours = frame.set_index("offender_id").sort_index()
    theirs = scored.assign(offender_id=scored["offender_id"].astype(str))
    theirs = theirs.set_index("offender_id").sort_index()
    amounts = pd.Series(ranking.scores.amounts[ranking.order], index=frame["offender_id"])
    assert ours.index.equals(theirs.index.astype(ours.index.dtype)), "other people"
    assert np.array_equal(amounts.sort_index() // 100, theirs["weight"]), "other scores"
    assert np.array_equal(ours["rank"], theirs["rank"]), "other ranks"


def timed(action: Callable[[], object]) -> float:
    """Seconds of one call, garbage collected before it."""
    gc.collect()
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def told(name: str, slow: list[float], fast: list[float]) -> str:
    """A line with the median ratio and its spread, round by round."""
    ratios = sorted(s / f for s, f in zip(slow, fast, strict=True))
    middle = statistics.median(ratios)
    seconds = f"{statistics.median(slow):.3f} s / {statistics.median(fast):.3f} s"
    return f"{name:58s} {middle:6.1f}x   [{ratios[0]:.1f} to {ratios[-1]:.1f}]   {seconds}"


def main() -> None:
    """Run every contender in turn and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-offence-ids", action="store_true", help="leave the offence ids out")
    asked = parser.parse_args()
    index = hhpu.load_registry(plugins="none").index("ons-css")
    tables = {}
    for ids in ("arbitrary", "text", "integer", "categorical"):
        made = "text" if ids == "arbitrary" else ids
        table = benchmark_offences(asked.rows, seed=asked.seed, ids=made)
        if ids == "arbitrary":
            table["offender_id"] = scrambled(table["offender_id"])
        table["code"], table["status"] = table["code"].astype("str"), table["status"].astype("str")
        if ids == "categorical":
            table["code"] = table["code"].astype("category")
            table["status"] = table["status"].astype("category")
        tables[ids] = table.drop(columns="offence_id") if asked.no_offence_ids else table
    weights = weight_table(sorted(set(tables["text"]["code"])), index)
    ledger = hhpu.encode(tables["arbitrary"])
    print(f"hhpu {hhpu_version()}, Python {platform.python_version()}, {platform.machine()}")
    print(f"{asked.rows:,} rows, {len(ledger.people):,} people, {ledger.bytes_per_row} bytes a row")
    counted = with_hhpu(ledger, index, AS_OF)
    print(f"{len(counted.scores.rows):,} rows inside the window, {len(counted):,} people ranked")
    for table in tables.values():
        same_answers(first_ranking(table, index, AS_OF), with_pandas(table, weights, AS_OF))
    contenders: dict[str, Callable[[dt.date], object]] = {
        "ledger": lambda day: with_hhpu(ledger, index, day),
        "pandas arbitrary": lambda day: with_pandas(tables["arbitrary"], weights, day),
    }
    for ids, table in tables.items():
        contenders[f"hhpu first {ids}"] = lambda day, t=table: first_ranking(t, index, day)
        if ids != "arbitrary":
            contenders[f"pandas {ids}"] = lambda day, t=table: with_pandas(t, weights, day)
    if has_polars():
        import polars as pl

        lazy, table_of_weights = pl.from_pandas(tables["arbitrary"]), pl.from_pandas(weights)
        contenders["polars arbitrary"] = lambda day: with_polars(lazy, table_of_weights, day)
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(asked.rounds):
        day = AS_OF - dt.timedelta(days=14 * number)
        for name, action in contenders.items():
            seconds[name].append(timed(lambda a=action, d=day: a(d)))
    print(f"\nratios: median [lowest to highest] of {asked.rounds} interleaved rounds")
    print(
        told(
            "re-rank from the ledger against pandas, arbitrary text ids",
            seconds["pandas arbitrary"],
            seconds["ledger"],
        )
    )
    if "polars arbitrary" in seconds:
        print(
            told(
                "re-rank from the ledger against lazy Polars",
                seconds["polars arbitrary"],
                seconds["ledger"],
            )
        )
    for ids in tables:
        line = f"first ranking, {ids} ids, against pandas on the same ids"
        print(told(line, seconds[f"pandas {ids}"], seconds[f"hhpu first {ids}"]))
    for ids in ("integer", "categorical"):
        line = f"first ranking, {ids} ids, against pandas on text ids"
        print(told(line, seconds["pandas arbitrary"], seconds[f"hhpu first {ids}"]))


def has_polars() -> bool:
    """Whether Polars is installed; said where it is not."""
    from importlib.util import find_spec

    if find_spec("polars") is None:
        print("Polars is not installed: that ratio is left out", file=sys.stderr)
        return False
    return True


def hhpu_version() -> str:
    """The version of the package."""
    from importlib.metadata import version

    return version("hhpu")


if __name__ == "__main__":
    main()
