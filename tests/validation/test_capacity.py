"""Figures at a capacity: against every order of ties, numbers by hand, and the real data."""

from __future__ import annotations

import itertools
import math
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hhpu.errors import ArgumentError
from hhpu.validation import Asked, once, resample
from hhpu.validation._capacity import (
    FIGURES,
    at_capacity,
    capacity,
    capacity_label,
    capture_curve,
    captured_by_chance,
    chance_p,
)

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data" / "chicago_complaints"
DATA = Path(os.environ.get("HHPU_CHICAGO", _BESIDE))
PEOPLE = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([0, 0, 1, 3, 700])), min_size=1, max_size=7
)
CAPACITIES = st.one_of(st.integers(1, 9), st.sampled_from(["1%", 0.2, "50%", 0.75, "100%", 1.0]))


def seats(k, people):
    """The number of seats, by the words of the documentation."""
    if isinstance(k, int):
        return min(k, people)
    share = Fraction(k.rstrip("%")) / 100 if isinstance(k, str) else Fraction(str(k))
    return max(1, math.floor(share * people + Fraction(1, 2)))


def orders(people):
    """Every order of the people that their scores allow, as outcomes from the top down."""
    blocks = [
        [outcome for score, outcome in people if score == value]
        for value in sorted({score for score, _ in people}, reverse=True)
    ]
    for choice in itertools.product(*(list(itertools.permutations(block)) for block in blocks)):
        yield [Fraction(outcome) for block in choice for outcome in block]


def figures(order, k):
    """The figures of one order, in fractions; None where undefined."""
    total, some = sum(order), sum(outcome > 0 for outcome in order)
    ideal = sorted(order, reverse=True)
    harm, hits = sum(order[:k]), sum(outcome > 0 for outcome in order[:k])
    found = dict.fromkeys(FIGURES)
    found["precision"] = Fraction(hits, k)
    if total:
        discount = [Fraction(1 / math.log2(place + 2)) for place in range(k)]
        gain, most = (
            sum(a * b for a, b in zip(each[:k], discount, strict=True)) for each in (order, ideal)
        )
        found["recall"] = Fraction(hits, some)
        found["captured"] = harm / total
        found["of_best"] = harm / sum(ideal[:k])
        found["ndcg"] = gain / most
        found["lift"] = harm / total / Fraction(k, len(order))
    return found


def columns(people):
    return [score for score, _ in people], [outcome for _, outcome in people]


@given(PEOPLE, CAPACITIES)
@settings(max_examples=150, deadline=None)
def test_mean_least_and_most_over_every_order_of_ties(people, k):
    found = at_capacity(*columns(people), at=[k])[0]
    inside = seats(k, len(people))
    assert (found.k, found.people) == (inside, len(people))
    assert found.empty == (max(0, k - len(people)) if isinstance(k, int) else 0)
    every = [figures(order, inside) for order in orders(people)]
    for name in FIGURES:
        values = [each[name] for each in every]
        told = getattr(found, name)
        if values[0] is None:
            assert math.isnan(told.expected)
            assert math.isnan(told.low)
            assert math.isnan(told.high)
            assert "nobody has an outcome" in found.why
            continue
        assert told.expected == pytest.approx(float(sum(values) / len(values)), rel=1e-12)
        assert told.low == pytest.approx(float(min(values)), rel=1e-12)
        assert told.high == pytest.approx(float(max(values)), rel=1e-12)
        assert told.low <= told.expected <= told.high


@given(PEOPLE, st.data())
@settings(max_examples=150, deadline=None)
def test_weights_are_people_repeated(people, data):
    at = data.draw(st.lists(CAPACITIES, min_size=1, max_size=3, unique_by=capacity_label))
    line = st.lists(st.integers(0, 3), min_size=len(people), max_size=len(people))
    drawn = np.array(data.draw(st.lists(line, min_size=1, max_size=4)), dtype=np.float64)
    scores, outcomes = columns(people)
    statistic = capacity(scores, outcomes, at=at)
    found = statistic(drawn)
    assert found.shape == (len(drawn), len(statistic.names))
    for weights, line in zip(drawn, found, strict=True):
        times = weights.astype(int)
        if not times.sum():
            assert np.isnan(line).all()
            continue
        repeated = np.repeat(scores, times), np.repeat(outcomes, times)
        wanted = [
            getattr(each, name).expected for each in at_capacity(*repeated, at=at)
            for name in FIGURES
        ]  # fmt: skip
        np.testing.assert_allclose(line, wanted, rtol=1e-12)


@given(PEOPLE, st.data())
@settings(max_examples=50, deadline=None)
def test_order_of_people_means_nothing(people, data):
    shuffled = data.draw(st.permutations(people))
    first, second = (at_capacity(*columns(each), at=[1, "50%"]) for each in (people, shuffled))
    assert repr(first) == repr(second)


def test_a_draw_whose_top_is_light_reads_further_down():
    rng = np.random.default_rng(5)
    scores, outcomes = np.arange(4000), rng.integers(0, 3, 4000)
    statistic = capacity(scores, outcomes, at=[40])
    weights = np.ones((2, 4000))
    weights[0, 2000:] = 0
    kept = at_capacity(scores[:2000], outcomes[:2000], at=[40])[0]
    named = dict(zip(statistic.names, statistic(weights).T, strict=True))
    assert named["captured at 40"][0] == pytest.approx(kept.captured.expected)
    assert named["ndcg at 40"][0] == pytest.approx(kept.ndcg.expected)
    assert named["captured at 40"][1] == outcomes[-40:].sum() / outcomes.sum()


@pytest.mark.parametrize("k", [1, 7, 60, "10%", "33%"])
def test_a_random_list_captures_its_share(k):
    outcomes = np.random.default_rng(3).integers(0, 9, 100)
    found = at_capacity(np.zeros(100), outcomes, at=[k])[0]
    assert found.captured.expected == pytest.approx(found.k / 100, rel=1e-15)
    assert found.lift.expected == pytest.approx(1, rel=1e-15)
    assert found.precision.expected == pytest.approx((outcomes > 0).mean(), rel=1e-15)
    assert found.recall.expected == pytest.approx(found.k / 100, rel=1e-15)
    assert (found.above, found.tied, found.open) == (0, 100, found.k)
    assert found.note == "all scores are equal: the ranking says nothing"


def test_by_hand():
    """Three tied for the second of two seats, one of whom did 6 of 10."""
    found = at_capacity([9, 7, 7, 7, 1], [4, 6, 0, 0, 0], at=[2])[0]
    one, two = 1.0, 1 / math.log2(3)
    best = 6 * one + 4 * two
    assert found.precision.expected == pytest.approx((1 + 1 / 3) / 2)
    assert (found.precision.low, found.precision.high) == (0.5, 1.0)
    assert found.recall.expected == pytest.approx((1 + 1 / 3) / 2)
    assert found.captured.expected == pytest.approx((4 + 2) / 10)
    assert (found.captured.low, found.captured.high) == (0.4, 1.0)
    assert found.best == 1.0
    assert found.of_best.expected == pytest.approx(0.6)
    assert found.ndcg.expected == pytest.approx((4 * one + 2 * two) / best)
    assert found.ndcg.low == pytest.approx(4 * one / best)
    assert found.ndcg.high == pytest.approx((4 * one + 6 * two) / best)
    assert found.lift.expected == pytest.approx(0.6 / 0.4)
    assert (found.with_outcome, found.total) == (2, 10.0)


def test_an_edge_between_ties_leaves_nothing_open():
    found = at_capacity([5, 5, 3, 3], [1, 0, 1, 1], at=[2])[0]
    assert (found.above, found.tied, found.open) == (2, 0, 0)
    assert found.captured.low == found.captured.expected == found.captured.high == 1 / 3
    assert found.ndcg.low < found.ndcg.expected < found.ndcg.high


def test_lift_of_a_yes_or_no_outcome_is_precision_over_the_base_rate():
    rng = np.random.default_rng(8)
    scores, outcomes = rng.integers(0, 20, 300), rng.integers(0, 2, 300)
    found = at_capacity(scores, outcomes, at=["7%"])[0]
    assert found.lift.expected == pytest.approx(found.precision.expected / outcomes.mean())
    assert found.recall.expected == pytest.approx(found.captured.expected)


def test_fewer_people_than_seats():
    found = at_capacity([3, 2, 1], [0, 5, 1], at=[50])[0]
    assert (found.asked, found.k, found.empty, found.people) == ("50", 3, 47, 3)
    assert found.captured.expected == found.of_best.expected == found.lift.expected == 1
    assert found.note == "47 of 50 seats stay empty: 3 people are ranked"
    assert found.why == ""


def test_no_outcomes_are_stated():
    found = at_capacity([3, 2, 1], [0, 0, 0], at=[1])[0]
    assert found.precision.expected == found.precision.low == found.precision.high == 0
    assert math.isnan(found.captured.expected)
    assert math.isnan(found.best)
    assert found.why == "nobody has an outcome: there is nothing to recall, capture or gain"
    assert np.isnan(capture_curve([3, 2, 1], [0, 0, 0]).captured).all()


def test_shares_have_a_point_or_a_sign_and_people_are_whole():
    assert [capacity_label(k) for k in (1, "1", "1%", 0.01, 1.0, np.int64(5), "0.5%", "0.005")] == [
        "1", "1", "1%", "1%", "100%", "5", "0.5%", "0.5%"]  # fmt: skip
    asked = at_capacity(range(150), range(150), at=[1, "1%", 1.0, "29%"])
    assert [each.k for each in asked] == [1, 2, 150, 44]
    fifty = at_capacity(range(50), range(50), at=[0.29, 0.01])
    assert [each.k for each in fifty] == [15, 1]


def test_scores_beyond_what_floats_tell_apart():
    scores = [2**80 + 1, 2**80, 2**80 + 2]
    found = at_capacity(scores, [0, 0, 1], at=[1])[0]
    assert found.captured.low == found.captured.expected == 1


@pytest.mark.parametrize(
    ("scores", "outcomes", "at", "words"),
    [
        ([], [], [1], "nobody"),
        ([1, 2], [1], [1], "2 scores and 1 outcomes"),
        ([1, float("nan")], [1, 1], [1], "scores: 1 of 2 are NaN"),
        ([1, 2], [1, float("nan")], [1], "outcomes: 1 of 2"),
        ([1, 2], [1, -1], [1], "outcomes: 1 of 2"),
        ([1, 2], [1, float("inf")], [1], "outcomes: 1 of 2"),
        (["a", "b"], [1, 1], [1], "one column of numbers"),
        ([[1, 2]], [1], [1], "one column of numbers"),
        (np.array([1, None]), [1, 1], [1], "something in them is none"),
        ([1, 2], [1, 1], [], "at least one capacity"),
        ([1, 2], [1, 1], ["5%", 0.05], "each once"),
        ([1, 2], [1, 1], [0], "k=0"),
        ([1, 2], [1, 1], [1.5], "k=1.5"),
        ([1, 2], [1, 1], [True], "k=True"),
    ],
)
def test_what_cannot_be_judged_is_refused(scores, outcomes, at, words):
    for function in (capacity, at_capacity):
        with pytest.raises(ArgumentError, match=words):
            function(scores, outcomes, at=at)


def test_a_curve_needs_points():
    with pytest.raises(ArgumentError, match="points=1"):
        capture_curve([1], [1], points=1)


@given(PEOPLE)
@settings(max_examples=50, deadline=None)
def test_the_curve_holds_every_capacity(people):
    curve = capture_curve(*columns(people))
    assert curve.people.tolist() == list(range(len(people) + 1))
    assert not curve.thinned
    assert curve.levels == len({score for score, _ in people})
    for k in range(1, len(people) + 1):
        wanted = at_capacity(*columns(people), at=[k])[0]
        assert curve.share[k] == k / len(people)
        np.testing.assert_allclose(curve.captured[k], wanted.captured.expected, rtol=1e-12)
        np.testing.assert_allclose(curve.best[k], wanted.best, rtol=1e-12)


def test_a_thinned_curve_is_exact_where_it_is():
    rng = np.random.default_rng(11)
    scores, outcomes = rng.integers(0, 5000, 20_000), rng.exponential(1, 20_000)
    curve = capture_curve(scores, outcomes, points=60)
    assert curve.thinned
    assert 60 <= len(curve.people) <= 130
    assert curve.people[0] == 0
    assert curve.people[-1] == 20_000
    assert (curve.people <= 200).sum() >= 15
    edges = np.append(0, pd.Series(scores).value_counts().sort_index(ascending=False).cumsum())
    assert np.isin(curve.people, edges).sum() >= 30
    at = curve.people[1:].tolist()
    wanted = at_capacity(scores, outcomes, at=at)
    np.testing.assert_allclose(curve.captured[1:], [each.captured.expected for each in wanted])
    np.testing.assert_allclose(curve.best[1:], [each.best for each in wanted])


def test_it_resamples():
    rng = np.random.default_rng(2)
    scores = rng.integers(0, 50, 400)
    outcomes = rng.poisson(scores / 25)
    statistic = capacity(scores, outcomes, at=["5%", 40])
    draws = resample([Asked(statistic, np.arange(400))], people=400, resamples=200, seed=1)
    told = statistic(once(400))[0]
    low, high = np.nanquantile(draws.values, [0.005, 0.995], axis=0)
    assert ((low <= told) & (told <= high)).all()
    assert (high - low > 0).all()


# the real data

ORIGINS = {
    "2008-12-31": (5296, {
        "sum": (".0415", ".1674", ".2740"), "count": (".0433", ".1712", ".2815"),
        "recent": (".0526", ".1815", ".2930"), "expected": (".0597", ".1928", ".3067"),
        "best": (".1113", ".3397", ".5204"),
    }),
    "2012-12-31": (4822, {
        "sum": (".0455", ".1704", ".2822"), "count": (".0491", ".1756", ".2857"),
        "recent": (".0516", ".1811", ".2956"), "expected": (".0595", ".1906", ".2974"),
        "best": (".1121", ".3690", ".5616"),
    }),
}  # fmt: skip


def chicago(origin):
    """Scores by four methods and later harm, by record date, from the files alone."""
    rows = pd.read_csv(DATA / "offences.csv.gz", usecols=["person_id", "recorded_on", "code"])
    weights = pd.read_csv(DATA / "weights.csv").set_index("code")["weight_days"]
    rows["weight"] = (rows["code"].map(weights) * 100).round()
    rows["age"] = (pd.Timestamp(origin) - pd.to_datetime(rows["recorded_on"])).dt.days
    rows = rows.dropna(subset=["weight", "age"])
    history = rows[(rows["age"] >= 0) & (rows["age"] < 1826)].copy()
    later = rows[(rows["age"] < 0) & (rows["age"] >= -730)]
    history["decay"] = 0.5 ** (history["age"] / 365)
    history["recent"] = history["decay"] * history["weight"]
    people = history.groupby("person_id").agg(
        sum=("weight", "sum"), count=("weight", "size"), decayed=("decay", "sum"),
        recent=("recent", "sum"),
    )  # fmt: skip
    mean = history["weight"].mean()
    people["expected"] = (
        people["decayed"] * (people["sum"] + 20 * mean) / (people["count"] + 20)
    ).round(9)
    people["recent"] = people["recent"].round(9)
    harm = later.groupby("person_id")["weight"].sum()
    return people, harm.reindex(people.index).fillna(0.0)


@pytest.mark.skipif(
    not (DATA / "offences.csv.gz").exists(),
    reason="the Chicago complaints are not here: set HHPU_CHICAGO to their folder",
)
@pytest.mark.parametrize("origin", ORIGINS)
def test_captured_harm_of_the_real_data_to_the_printed_digits(origin):
    size, table = ORIGINS[origin]
    people, harm = chicago(origin)
    assert len(people) == size
    at = ["1%", "5%", "10%"]
    for method in ("sum", "count", "recent", "expected"):
        found = at_capacity(people[method], harm, at=at)
        assert tuple(f"{each.captured.expected:.4f}"[1:] for each in found) == table[method]
        assert tuple(f"{each.best:.4f}"[1:] for each in found) == table["best"]
        for each in found:
            assert each.captured.low <= each.captured.expected <= each.captured.high


def test_random_order_captures_what_every_order_does():
    scores, outcomes = [9, 5, 5, 5, 1], [7.0, 0, 0, 2, 1]
    found = at_capacity(scores, outcomes, at=[2])[0]
    every = [
        round((order[0] + sum(order[1:4]) / 3) / 10, 9)
        for order in itertools.permutations(outcomes)
    ]
    drawn = captured_by_chance(outcomes, found, seed=3, permutations=20_000)
    for share in sorted(set(every)):
        chance = every.count(share) / len(every)
        assert np.isclose(drawn, share).mean() == pytest.approx(chance, abs=0.012)
    whole = at_capacity(scores, outcomes, at=[5])[0]
    assert captured_by_chance(outcomes, whole, seed=3, permutations=9) == pytest.approx(1)
    nothing = at_capacity([2, 1], [0, 0], at=[1])[0]
    assert np.isnan(captured_by_chance([0, 0], nothing, seed=1, permutations=5)).all()


def test_the_p_value_of_a_capture_is_that_of_both_sides_and_never_nothing():
    drawn = np.array([0.1, 0.2, 0.2, 0.4])
    assert chance_p(0.4, drawn) == pytest.approx(2 * 2 / 5)
    assert chance_p(0.9, drawn) == pytest.approx(2 * 1 / 5)
    assert chance_p(0.2, drawn) == 1
    assert np.isnan(chance_p(np.nan, drawn))
