"""Stability over reruns, against rankings made one by one and counted by hand."""

import datetime as dt
import itertools
import json
import math
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hhpu
from hhpu.errors import ArgumentError
from hhpu.ranking import movement
from hhpu.validation._overlap import (
    kendall_tau_b,
    listed,
    rank_biased_overlap,
    top_overlap,
)
from hhpu.validation._stability import COMPARISONS, stability

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data" / "chicago_complaints"
DATA = Path(os.environ.get("HHPU_CHICAGO", _BESIDE))
START = dt.date(2020, 1, 1)
WINDOW = 100
CODES = ("19C", "8N", "5D", "28A")


@pytest.fixture(scope="module", name="index")
def _index():
    return hhpu.load_registry(plugins="none").index("ons-css")


def a_force(seed=3, rows=1500, people=80, days=700, delay=20):
    rng = np.random.default_rng(seed)
    committed = rng.integers(0, days, rows)
    recorded = committed + rng.integers(0, delay, rows)
    who = (people * rng.random(rows) ** 2).astype(int)
    return pd.DataFrame(
        {
            "offender_id": [f"p{i:02d}" for i in who],
            "code": rng.choice(CODES, rows, p=[0.05, 0.25, 0.3, 0.4]),
            "committed_on": [START + dt.timedelta(days=int(d)) for d in committed],
            "recorded_on": [START + dt.timedelta(days=int(d)) for d in recorded],
        }
    )


@pytest.fixture(scope="module", name="ledger")
def _ledger():
    return hhpu.encode(a_force())


RUNS = [START + dt.timedelta(days=300 + 14 * i) for i in range(6)]


@pytest.fixture(scope="module", name="found")
def _found(ledger, index):
    return stability(ledger, origins=RUNS, k=10, index=index, window=WINDOW, causes=True)


def scored(ledger, index, day, window=WINDOW):
    scores = hhpu.score(ledger, as_of=day, index=index, window=window)
    return dict(zip(scores.people.tolist(), scores.amounts.tolist(), strict=True))


def lines_of(found, comparison):
    return found.overlaps[found.overlaps["comparison"] == comparison]


def test_each_run_is_compared_with_the_one_before_the_first_and_the_disjoint_windows(found):
    assert [len(lines_of(found, each)) for each in COMPARISONS] == [5, 5, 6, 6]
    near = lines_of(found, "previous run")
    assert near["old_as_of"].tolist() == RUNS[:-1]
    assert near["new_as_of"].tolist() == RUNS[1:]
    assert set(lines_of(found, "first run")["old_as_of"]) == {RUNS[0]}
    far = lines_of(found, "disjoint windows")
    assert far["old_as_of"].tolist() == RUNS
    assert far["new_as_of"].tolist() == [day + dt.timedelta(days=WINDOW) for day in RUNS]
    assert (found.overlaps["why"] == "").all()


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_the_measures_are_those_of_lists_scored_one_by_one(found, ledger, index, comparison):
    for line in lines_of(found, comparison).to_dict("records"):
        old = scored(ledger, index, line["old_as_of"])
        new = scored(ledger, index, line["new_as_of"])
        if comparison == COMPARISONS[3]:
            both = old.keys() & new.keys()
            old, new = ({p: s for p, s in each.items() if p in both} for each in (old, new))
        assert line["people_old"] == len(old)
        assert line["people_new"] == len(new)
        assert line["people_in_both"] == len(old.keys() & new.keys())
        one, other = (listed(list(each), list(each.values())) for each in (old, new))
        top, overlap = top_overlap(one, other, k=10), rank_biased_overlap(one, other, k=10)
        assert line["retention_low"] == top.retention_low
        assert line["retention_high"] == top.retention_high
        assert line["jaccard_high"] == top.jaccard_high
        assert line["rbo"] == pytest.approx(overlap.extrapolated)
        assert line["rbo_residual"] == pytest.approx(overlap.high - overlap.low)
        assert line["weight_within_k"] == pytest.approx(0.8)
        assert line["tau_b"] == pytest.approx(kendall_tau_b(one, other).value)


def test_the_second_window_holds_only_what_came_after(ledger, index, found):
    # Nothing of the first window can be in the second: placing day after the old date.
    line = lines_of(found, "disjoint windows").iloc[0]
    table = a_force()
    later = line["new_as_of"]
    counted = table[
        (table["committed_on"] > line["old_as_of"])
        & (table["committed_on"] <= later)
        & (table["recorded_on"] <= later)
    ]
    assert line["people_new"] == counted["offender_id"].nunique()


def test_runs_a_fortnight_apart_over_a_year_share_96_2_per_cent(ledger, index):
    found = stability(ledger, origins=["2021-01-10", "2021-01-24"], k=10, index=index, window=365)
    line = lines_of(found, "previous run").iloc[0]
    assert round(100 * line["window_shared"], 1) == 96.2
    assert (lines_of(found, "disjoint windows")["window_shared"] == 0).all()


def test_runs_further_apart_than_the_window_share_nothing(ledger, index):
    found = stability(ledger, origins=["2020-06-01", "2021-06-01"], k=5, index=index, window=50)
    assert lines_of(found, "previous run")["window_shared"].tolist() == [0.0]


def test_runs_that_share_most_of_their_window_look_more_alike(found):
    means = found.summary().set_index("comparison")["retention_low"]
    assert means["previous run"] > means["disjoint windows"]
    assert "by design" in found.statement
    assert "which share none of it" in found.statement


def test_the_bracket_of_the_first_run_is_followed(found, ledger, index):
    rankings = [hhpu.rank(ledger, as_of=d, index=index, window=WINDOW) for d in RUNS]
    ranks = [dict(zip(r.scores.people.tolist(), r.ranks.tolist(), strict=True)) for r in rankings]
    first = [p for p, rank in ranks[0].items() if rank <= 10]
    for number, line in enumerate(found.runs.to_dict("records")):
        mine = [ranks[number].get(p, len(ranks[number]) + 1) for p in first]
        inside = {p for p, rank in ranks[number].items() if rank <= 10}
        assert line["people"] == len(ranks[number])
        assert line["in_bracket"] == len(inside)
        assert line["followed"] == len(first)
        assert line["followed_in_bracket"] == len(inside & set(first))
        assert line["followed_ranked"] == len([p for p in first if p in ranks[number]])
        assert line["rank_median"] == np.median(mine)
        if number:
            before = {p for p, rank in ranks[number - 1].items() if rank <= 10}
            assert line["entries"] == len(inside - before)
            assert line["exits"] == len(before - inside)
    assert pd.isna(found.runs["entries"][0])


def test_trajectories_are_the_ranks_of_everybody_who_was_ever_inside(found, ledger, index):
    table = found.trajectories()
    assert table.columns.tolist() == ["offender_id", "as_of", "rank", "in_bracket"]
    for day in RUNS:
        frame = hhpu.rank(ledger, as_of=day, index=index, window=WINDOW).to_frame(details=False)
        ranks = dict(zip(frame["offender_id"], frame["rank"], strict=True))
        mine = table[table["as_of"] == day]
        assert {p for p, r in ranks.items() if r <= 10} <= set(mine["offender_id"])
        for line in mine.to_dict("records"):
            expected = ranks.get(line["offender_id"])
            assert pd.isna(line["rank"]) == (expected is None)
            assert expected is None or line["rank"] == expected
            assert line["in_bracket"] == (expected is not None and expected <= 10)
    assert table.groupby("offender_id")["in_bracket"].any().all()


def test_entries_and_exits_have_one_main_cause_each(found, ledger, index):
    moves = found.moves
    assert set(moves["move"]) <= {"enters", "leaves"}
    rankings = [hhpu.rank(ledger, as_of=d, index=index, window=WINDOW) for d in RUNS]
    for before, now in itertools.pairwise(rankings):
        mine = moves[moves["as_of"] == now.scores.date]
        moved = movement(before, now, k=10)
        counts = moved.people["bracket"].value_counts()
        for move in ("enters", "leaves"):
            assert mine[mine["move"] == move]["people"].sum() == counts.get(move, 0)
    entered = found.runs["entries"].sum()
    assert moves[moves["move"] == "enters"]["people"].sum() == entered


def test_a_main_cause_by_hand(index):
    # b commits a rape and enters; a leaves as others moved: nothing of a's own changed.
    table = pd.DataFrame(
        {
            "offender_id": ["a", "c", "b"],
            "code": ["8N", "28A", "19C"],
            "committed_on": ["2025-01-01", "2025-01-01", "2025-02-05"],
        }
    )
    found = stability(
        hhpu.encode(table), origins=["2025-02-01", "2025-02-15"], k=1, index=index, window=365,
        causes=True,
    )  # fmt: skip
    assert found.moves[["move", "cause", "people"]].values.tolist() == [
        ["enters", "new offence", 1],
        ["leaves", "others moved", 1],
    ]
    assert (found.runs["entries"][1], found.runs["exits"][1]) == (1, 1)


def test_of_several_causes_the_main_one_moved_the_rank_furthest_that_way(index):
    # b's old violence leaves the window while a rape enters; a's rape leaves while a theft enters
    table = pd.DataFrame(
        {
            "offender_id": ["a", "a", "b", "b", "c", "d"],
            "code": ["19C", "28A", "8N", "19C", "28A", "28A"],
            "committed_on": [
                "2025-01-01", "2025-02-05", "2025-01-02", "2025-02-06", "2025-01-20", "2025-01-20",
            ],
        }
    )  # fmt: skip
    found = stability(
        hhpu.encode(table), origins=["2025-01-25", "2025-02-10"], k=1, index=index, window=30,
        causes=True,
    )  # fmt: skip
    told = found.moves[["move", "cause", "people"]].values.tolist()
    assert ["enters", "new offence", 1] in told
    assert ["leaves", "aged out", 1] in told
    assert len(told) == 2


def test_a_definition_without_a_window_has_no_adjusted_figure_and_says_why(ledger, index):
    found = stability(ledger, origins=RUNS[:2], k=10, index=index)
    assert found.window is None
    assert set(found.overlaps["comparison"]) == {"previous run", "first run"}
    assert "has no window" in found.adjusted
    assert found.adjusted in found.statement
    assert found.adjusted in found.provenance.caveats
    assert found.overlaps["window_shared"].isna().all()


def test_windows_that_the_data_do_not_reach_are_said(ledger, index):
    runs = [START + dt.timedelta(days=d) for d in (400, 500, 650)]
    found = stability(ledger, origins=runs, k=10, index=index, window=WINDOW, until="2021-09-01")
    far = lines_of(found, "disjoint windows")
    reached = [day + dt.timedelta(days=WINDOW) <= dt.date(2021, 9, 1) for day in runs]
    assert (far["why"] == "").tolist() == reached
    assert far["retention_low"].notna().tolist() == reached
    assert far["people_new"].notna().tolist() == reached
    assert "1 of 3 runs are too late" in found.adjusted
    none = stability(ledger, origins=runs, k=10, index=index, window=WINDOW, until="2020-12-31")
    assert "there is none" in none.adjusted
    assert none.adjusted in none.statement
    assert lines_of(none, "disjoint windows")["retention_low"].isna().all()


def test_windows_that_begin_before_the_data_are_said(ledger, index):
    early = START + dt.timedelta(days=WINDOW // 2)
    found = stability(ledger, origins=[early], k=5, index=index, window=WINDOW)
    assert any("hold less" in caveat for caveat in found.provenance.caveats)
    assert "No run is compared" in found.statement


def test_the_future_changes_nothing(ledger, index):
    # rows known only after the last date that is looked at
    table = a_force()
    last = RUNS[-1] + dt.timedelta(days=WINDOW)
    poison = table.iloc[:200].assign(code="19C", recorded_on=last + dt.timedelta(days=1))
    poisoned = hhpu.encode(pd.concat([table, poison], ignore_index=True))
    before = stability(ledger, origins=RUNS, k=10, index=index, window=WINDOW)
    after = stability(poisoned, origins=RUNS, k=10, index=index, window=WINDOW)
    pd.testing.assert_frame_equal(before.overlaps, after.overlaps)
    pd.testing.assert_frame_equal(before.runs, after.runs)


def test_other_methods_and_shares_are_carried_through(ledger, index):
    found = stability(
        ledger, origins=RUNS[:2], k="10%", index=index, window=WINDOW, ties="b",
        method=hhpu.OffenceCount(), share=0.5,
    )  # fmt: skip
    line = lines_of(found, "previous run").iloc[0]
    assert line["weight_within_k"] == pytest.approx(0.5)
    assert line["seats"] == round(line["people_old"] / 10)
    assert found.provenance.facts["method"]["name"] == "offence-count"
    assert "tau-b" in found.provenance.facts["rank_biased_overlap"]["variant"]


def test_nobody_at_a_date_is_said(index):
    table = pd.DataFrame(
        {"offender_id": ["a"], "code": ["8N"], "committed_on": [dt.date(2025, 1, 1)]}
    )
    found = stability(
        hhpu.encode(table), origins=["2025-01-10", "2025-03-01"], k=1, index=index, window=20
    )
    line = lines_of(found, "previous run").iloc[0]
    assert math.isnan(line["retention_low"])
    assert "nobody" in line["why"]
    assert found.runs["rank_median"].tolist() == [1.0, 1.0]  # just below nobody


def test_the_result_as_a_dictionary_is_json_without_single_people(found):
    told = json.dumps(found.to_dict(), allow_nan=False)
    assert "p00" not in told
    assert found.to_dict()["people_ever_in_bracket"] == len(found.ever)
    assert "6 runs" in repr(found)
    assert "<table" in found._repr_html_()


def test_progress_is_told(ledger, index):
    steps = []
    stability(
        ledger, origins=RUNS, k=10, index=index, window=WINDOW,
        progress=lambda done, of: steps.append((done, of)),
    )  # fmt: skip
    assert steps[-1][0] == steps[-1][1] == len(steps)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"k": 0}, "k=0"),
        ({"ties": "x"}, "ties="),
        ({"origins": []}, "origins="),
        ({"origins": ["2021-02-01", "2021-01-01"]}, "ascending"),
        ({"share": 2.0}, "share="),
    ],
)
def test_bad_arguments_are_refused(ledger, index, options, told):
    asked = {"origins": RUNS, "k": 10, "index": index, "window": WINDOW} | options
    with pytest.raises(ArgumentError, match=told):
        stability(ledger, **asked)


def test_runs_after_the_end_of_the_data_are_said(ledger, index):
    found = stability(ledger, origins=RUNS, k=10, index=index, window=WINDOW, until=RUNS[3])
    assert any("2 of 6 runs are after" in caveat for caveat in found.provenance.caveats)


@pytest.mark.skipif(
    not (DATA / "offences.csv.gz").exists(),
    reason="the Chicago complaints are not here: set HHPU_CHICAGO to their folder",
)
def test_on_real_data_reruns_look_far_more_alike_than_disjoint_windows(index):
    table = pd.read_csv(DATA / "offences.csv.gz", dtype="str")
    table = (
        table.rename(columns={"person_id": "offender_id"})[["offender_id", "recorded_on"]]
        .dropna()
        .assign(code="8N")
    )
    table = table.assign(committed_on=table["recorded_on"])
    found = stability(
        hhpu.encode(table), origins=["2008-12-17", "2008-12-31"], k=100, index=index,
        window=1826, method=hhpu.OffenceCount(), until="2017-12-31",
    )  # fmt: skip
    means = found.summary().set_index("comparison")
    assert means.loc["previous run", "retention_low"] > 0.8
    assert means.loc["disjoint windows", "retention_high"] < 0.7
