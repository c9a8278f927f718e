"""Rank association against scipy, against pairs counted one by one, and against resampling."""

from __future__ import annotations

import itertools
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hhpu.errors import ArgumentError
from hhpu.validation import Asked, once, resample
from hhpu.validation._association import (
    FIGURES,
    association,
    association_interval,
    association_p,
)
from hhpu.validation._roc import areas

PAIRS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), min_size=1, max_size=14)
TESTED = ("spearman", "tau_b", "somers_d")


def pairs_of(x, y):
    """Concordant less discordant pairs, all pairs, those tied on x, those tied on y."""
    excess = every = tied_x = tied_y = 0
    people = [(int(a), int(b)) for a, b in zip(x, y, strict=True)]
    for (a, b), (c, d) in itertools.combinations(people, 2):
        every += 1
        excess += ((a > c) - (a < c)) * ((b > d) - (b < d))
        tied_x += a == c
        tied_y += b == d
    return excess, every, tied_x, tied_y


def tau_of(x, y):
    excess, every, tied_x, tied_y = pairs_of(x, y)
    squared = (every - tied_x) * (every - tied_y)
    return excess / squared**0.5 if squared else float("nan")


def somers_of(scores, outcome):
    excess, every, _, tied = pairs_of(scores, outcome)
    return float(Fraction(int(excess), int(every - tied))) if every > tied else float("nan")


def rho_of(x, y):
    """Midranks by counting, correlated by hand."""
    n = len(x)
    u, v = (
        [Fraction(sum((b < a) - (b > a) for b in side), 2) for a in side]
        for side in (list(map(int, x)), list(map(int, y)))
    )
    joint = sum(a * b for a, b in zip(u, v, strict=True))
    spread = sum(a * a for a in u) * sum(b * b for b in v)
    return float(joint) / float(spread) ** 0.5 if n and spread else float("nan")


def drawn(n, seed=0, zeros=0.5, ties=0):
    rng = np.random.default_rng(seed)
    x = rng.gamma(1, 1, n)
    y = np.where(rng.random(n) < zeros, 0, rng.gamma(1, 1, n) + x)
    return np.round(x, ties), np.round(y, ties)


@given(PAIRS)
def test_each_figure_is_that_of_pairs_counted_one_by_one(pairs):
    x, y = np.array(pairs).T
    found = association(x, y)(once(len(x)))[0]
    wanted = [rho_of(x, y), tau_of(x, y), tau_of(np.sort(x), np.sort(y)), somers_of(x, y)]
    np.testing.assert_allclose(found, wanted, atol=1e-12)


@given(PAIRS, st.data())
def test_a_weight_is_a_person_repeated(pairs, data):
    x, y = np.array(pairs).T
    weights = data.draw(
        st.lists(
            st.lists(st.integers(0, 3), min_size=len(x), max_size=len(x)), min_size=1, max_size=4
        )
    )
    found = association(x, y)(np.array(weights, dtype=np.float64))
    for row, counts in zip(found, weights, strict=True):
        a, b = np.repeat(x, counts), np.repeat(y, counts)
        wanted = (
            [rho_of(a, b), tau_of(a, b), tau_of(np.sort(a), np.sort(b)), somers_of(a, b)]
            if len(a)
            else [np.nan] * 4
        )
        np.testing.assert_allclose(row, wanted, atol=1e-12)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=6))
@settings(max_examples=60)
def test_no_pairing_of_the_margins_has_a_larger_tau(pairs):
    x, y = np.array(pairs).T
    found = association(x, y, figures=["tau_b_max"])(once(len(x)))[0, 0]
    taus = [tau_of(x, order) for order in itertools.permutations(y.tolist())]
    np.testing.assert_allclose(found, max(taus, key=lambda tau: (tau == tau, tau)), atol=1e-12)


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_people_changes_nothing(pairs, random):
    mixed = pairs.copy()
    random.shuffle(mixed)
    first = association(*np.array(pairs).T)(once(len(pairs)))
    second = association(*np.array(mixed).T)(once(len(pairs)))
    np.testing.assert_allclose(first, second, rtol=1e-12)


@pytest.mark.parametrize("ties", [0, 1, 8])
@pytest.mark.parametrize("zeros", [0.0, 0.5, 0.99])
@pytest.mark.parametrize("turned", [False, True])
def test_many_people_agree_with_scipy(ties, zeros, turned):
    x, y = drawn(3_000, zeros=zeros, ties=ties)
    if turned:
        x, y = y, -x
    rho, tau, most, somers = association(x, y)(once(len(x)))[0]
    assert rho == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    assert tau == pytest.approx(stats.kendalltau(x, y).statistic, abs=1e-12)
    assert most == pytest.approx(stats.kendalltau(np.sort(x), np.sort(y)).statistic, abs=1e-12)
    untied = [1 - (np.unique(v, return_counts=True)[1] ** 2).sum() / len(x) ** 2 for v in (x, y)]
    assert somers == pytest.approx(tau * np.sqrt(untied[0] / untied[1]), abs=1e-12)


def test_somers_d_agrees_with_scipy_and_takes_the_outcome_as_given():
    x, y = drawn(300)
    found = association(x, y, figures=["somers_d"])(once(300))[0, 0]
    assert found == pytest.approx(stats.somersd(y, x).statistic, abs=1e-12)
    assert found != pytest.approx(stats.somersd(x, y).statistic, abs=1e-3)


def test_somers_d_of_a_binary_outcome_is_twice_the_area_less_one():
    x, y = drawn(500)
    weights = np.random.default_rng(1).integers(0, 3, (5, 500)).astype(np.float64)
    found = association(x, y > 0, figures=["somers_d"])(weights)
    np.testing.assert_allclose(found, 2 * areas({"m": x}, y > 0)(weights) - 1, atol=1e-12)


def test_only_what_is_asked_in_the_order_asked():
    x, y = drawn(100)
    every = dict(zip(FIGURES, association(x, y)(once(100))[0], strict=True))
    for names in itertools.permutations(FIGURES, 2):
        found = association(x, y, figures=names)
        assert found.names == names
        np.testing.assert_allclose(found(once(100))[0], [every[name] for name in names])
    assert association(x, y, figures=["spearman", "tau_b_max"]).levels == ()


def test_whole_numbers_beyond_floats_are_told_apart():
    scores = [2**53, 2**53 + 1, 2**53 + 2]
    assert association(scores, [0, 1, 2])(once(3)).tolist() == [[1, 1, 1, 1]]
    huge = [10**30, 10**30 + 1, 10**30 + 2]
    assert association(huge, [0, 1, 2])(once(3)).tolist() == [[1, 1, 1, 1]]


def test_somers_d_is_zero_where_all_scores_are_equal_and_the_rest_undefined():
    found = association([1, 1, 1], [0, 1, 2])(once(3))[0]
    assert np.isnan(found[:3]).all()
    assert found[3] == 0


@pytest.mark.parametrize(
    ("scores", "outcome", "message"),
    [
        ([], [], "nobody"),
        ([1, np.nan], [0, 1], "scores: 1 of 2 are NaN"),
        ([1, 2], [np.nan, np.nan], "outcome: 2 of 2 are NaN"),
        ([1, 2, 3], [0, 1], "3 scores and 2 outcomes"),
        (["a", "b"], [0, 1], "column of numbers"),
        ([[1], [2]], [0, 1], "column of numbers"),
    ],
)
def test_what_cannot_be_judged_is_refused(scores, outcome, message):
    with pytest.raises(ArgumentError, match=message):
        association(scores, outcome)
    with pytest.raises(ArgumentError, match=message):
        association_interval(scores, outcome, figure="tau_b")
    with pytest.raises(ArgumentError, match=message):
        association_p(scores, outcome, figure="tau_b")


def test_arguments_out_of_their_range_are_refused():
    x, y = [1, 2, 3], [0, 1, 1]
    for wrong in (
        lambda: association(x, y, figures=["rho"]),
        lambda: association(x, y, figures=[]),
        lambda: association_interval(x, y, figure="tau_b", method="bonett-wright"),
        lambda: association_interval(x, y, figure="tau_b_max"),
        lambda: association_interval(x, y, figure="tau_b", level=1.0),
        lambda: association_p(x, y, figure="tau_b_max"),
        lambda: association_p(x, y, figure="tau_b", test="exact"),
        lambda: association_p(x, y, figure="tau_b", test="permutation"),
        lambda: association_p(x, y, figure="tau_b", test="permutation", seed=-1),
        lambda: association_p(x, y, figure="tau_b", test="permutation", seed=1, permutations=9),
    ):
        with pytest.raises(ArgumentError):
            wrong()


@pytest.mark.parametrize("figure", TESTED)
@pytest.mark.parametrize(
    ("scores", "outcome", "why"),
    [
        ([1, 1, 1], [0, 1, 2], "all scores are equal"),
        ([1, 2, 3], [0, 0, 0], "all outcomes are equal"),
        ([1], [0], "one person"),
    ],
)
def test_an_undefined_figure_is_stated(figure, scores, outcome, why):
    interval = association_interval(scores, outcome, figure=figure)
    assert why in interval.why
    assert np.isnan([interval.low, interval.high, interval.error]).all()
    for test in ("normal", "permutation"):
        p = association_p(scores, outcome, figure=figure, test=test, seed=1)
        assert why in p.why
        assert np.isnan(p.p)


@pytest.mark.parametrize("figure", TESTED)
def test_perfect_agreement_has_no_interval_and_says_so(figure):
    found = association_interval([1, 2, 3, 4], [0, 1, 2, 3], figure=figure)
    assert found.estimate == 1
    assert np.isnan(found.low)
    assert "perfectly" in found.why


def test_bonett_wright_by_hand_and_its_smallest_size():
    x, y = [1, 2, 3, 4, 5, 6, 7], [2, 1, 4, 3, 7, 5, 6]
    found = association_interval(x, y, figure="spearman", method="bonett-wright")
    r = stats.spearmanr(x, y).statistic
    wide = 1.959963984540054 * np.sqrt((1 + r**2 / 2) / 4)
    assert (found.low, found.high) == pytest.approx(
        (np.tanh(np.arctanh(r) - wide), np.tanh(np.arctanh(r) + wide))
    )
    few = association_interval([1, 2, 3], [0, 2, 1], figure="spearman", method="bonett-wright")
    assert np.isnan(few.low)
    assert "fewer than 4" in few.why


def brown_benedetti(table):
    """ASE1 of tau-b and of D(column | row) as printed for contingency tables, cell by cell."""
    n = table.sum()
    rows, columns = table.sum(1), table.sum(0)
    wr, wc = n**2 - (rows**2).sum(), n**2 - (columns**2).sum()
    w = np.sqrt(wr * wc)
    d = np.zeros(table.shape)
    for i, j in np.ndindex(*table.shape):
        for k, m in np.ndindex(*table.shape):
            d[i, j] += np.sign(i - k) * np.sign(j - m) * table[k, m]
    excess = (table * d).sum()
    tau = excess / w
    v = rows[:, None] * wc + columns[None, :] * wr
    tau_b = (table * (2 * w * d + tau * v) ** 2).sum() - n**3 * tau**2 * (wr + wc) ** 2
    somers = (table * (wr * d - excess * (n - rows[:, None])) ** 2).sum()
    return np.sqrt(max(tau_b, 0)) / w**2, 2 / wr**2 * np.sqrt(somers)


@given(PAIRS.filter(lambda pairs: len({x for x, _ in pairs}) > 1 < len({y for _, y in pairs})))
def test_the_standard_errors_are_those_of_brown_and_benedetti(pairs):
    y, x = np.array(pairs).T
    table = pd.crosstab(y, x).to_numpy().astype(float)
    tau_b, somers = brown_benedetti(table)
    for figure, wanted in (("tau_b", tau_b), ("somers_d", somers)):
        found = association_interval(x, y, figure=figure)
        if not found.why:
            assert found.error == pytest.approx(wanted, rel=1e-6, abs=1e-7)


@given(PAIRS.filter(lambda pairs: len({x for x, _ in pairs}) > 1 < len({y for _, y in pairs})))
@settings(max_examples=40)
def test_the_error_of_spearman_is_that_of_moving_each_person_a_little(pairs):
    x, y = np.array(pairs).T
    found = association_interval(x, y, figure="spearman")
    if found.why:
        return
    n, step = len(x), 1e-6

    def moved(weights):
        u, v = (
            np.array([(weights * ((s < a) + (s == a) / 2)).sum() for a in s]) - 0.5 for s in (x, y)
        )
        return (weights * u * v).sum() / np.sqrt((weights * u**2).sum() * (weights * v**2).sum())

    slopes = []
    for person in range(n):
        ends = []
        for side in (-step, step):
            weights = np.full(n, (1 - side) / n)
            weights[person] += side
            ends.append(moved(weights))
        slopes.append((ends[1] - ends[0]) / (2 * step))
    assert found.error == pytest.approx(np.sqrt((np.array(slopes) ** 2).sum()) / n, abs=1e-6)


def test_standard_errors_are_those_of_resampled_people():
    x, y = drawn(1_500, seed=3, ties=1)
    asked = [Asked(association(x, y, figures=TESTED), np.arange(len(x)))]
    spread = resample(asked, people=len(x), resamples=3_000, seed=1).values.std(axis=0)
    for figure, wanted in zip(TESTED, spread, strict=True):
        found = association_interval(x, y, figure=figure)
        assert found.error == pytest.approx(wanted, rel=0.05)
        assert found.low < found.estimate < found.high


@pytest.mark.parametrize("ties", [0, 8])
def test_normal_p_values_agree_with_scipy(ties):
    x, y = drawn(200, seed=5, ties=ties)
    y = np.random.default_rng(1).permutation(y)
    tau = stats.kendalltau(x, y, method="asymptotic").pvalue
    for figure in ("tau_b", "somers_d"):
        assert association_p(x, y, figure=figure).p == pytest.approx(tau, rel=1e-9)
    happened = y > 0
    rank_sum = stats.mannwhitneyu(
        x[happened], x[~happened], method="asymptotic", use_continuity=False
    )
    found = association_p(x, happened, figure="somers_d")
    assert found.p == pytest.approx(rank_sum.pvalue, rel=1e-9)


def test_spearman_has_its_variance_over_all_pairings_ties_too():
    x, y = [1, 1, 2, 3, 3, 3], [0, 0, 0, 1, 2, 2]
    every = [rho_of(x, order) for order in itertools.permutations(y)]
    assert np.var(every) == pytest.approx(1 / 5)
    found = association_p(x, y, figure="spearman")
    assert found.z == pytest.approx(rho_of(x, y) * np.sqrt(5))


@pytest.mark.parametrize("figure", TESTED)
def test_permutation_p_values_are_near_those_of_all_pairings(figure):
    x, y = [1, 1, 2, 3, 4, 4, 5], [0, 2, 0, 1, 2, 2, 2]
    of = {"spearman": rho_of, "tau_b": tau_of, "somers_d": somers_of}[figure]
    actual = abs(of(x, y)) - 1e-12
    exact = np.mean([abs(of(x, order)) >= actual for order in itertools.permutations(y)])
    found = association_p(x, y, figure=figure, test="permutation", seed=7, permutations=19_999)
    assert found.p == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 19_999))
    assert found.p * 20_000 == pytest.approx(round(found.p * 20_000))
    assert (found.permutations, found.seed) == (19_999, 7)


@pytest.mark.parametrize("figure", TESTED)
def test_a_permutation_test_is_reproducible_and_never_zero(figure):
    x, y = drawn(400, seed=2)
    first = association_p(x, y, figure=figure, test="permutation", seed=3, permutations=999)
    again = association_p(x, y, figure=figure, test="permutation", seed=3, permutations=999)
    assert first.p == again.p
    assert first.p == 1 / 1000


def test_hundreds_of_thousands_of_people_agree_with_scipy():
    rng = np.random.default_rng(1)
    x = rng.random(200_000)
    y = x + rng.random(len(x))
    found = association(x, y, figures=["tau_b"])(once(len(x)))[0, 0]
    assert found == pytest.approx(stats.kendalltau(x, y).statistic, abs=1e-12)


_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data" / "chicago_complaints"
DATA = Path(os.environ.get("HHPU_CHICAGO", _BESIDE))
PUBLISHED = {
    "2008-12-31": {
        "TotalHarm": (".3390", ".3358", ".2514", ".6533"),
        "OffenceCount": (".3758", ".3804", ".2978", ".6737"),
        "RecencyWeightedHarm": (".4246", ".4288", ".3147", ".7087"),
        "shrunken": (".4474", ".4587", ".3320", ".7250"),
    },
    "2012-12-31": {
        "TotalHarm": (".3722", ".3592", ".2821", ".6843"),
        "OffenceCount": (".3849", ".3788", ".3099", ".6924"),
        "RecencyWeightedHarm": (".4137", ".4047", ".3117", ".7121"),
        "shrunken": (".4261", ".4238", ".3208", ".7241"),
    },
}


@pytest.mark.skipif(
    not (DATA / "offences.csv.gz").exists(),
    reason="the Chicago complaints are not here: set HHPU_CHICAGO to their folder",
)
@pytest.mark.parametrize("origin", PUBLISHED)
def test_the_published_table_of_real_data(origin):
    rows = pd.read_csv(
        DATA / "offences.csv.gz", dtype=str, usecols=["person_id", "recorded_on", "code"]
    )
    weights = pd.read_csv(DATA / "weights.csv", dtype=str).set_index("code")["weight_days"]
    rows = rows[rows["code"].isin(weights.index)]
    harm = rows["code"].map((weights.astype(float) * 100).round().astype("int64"))
    age = (pd.Timestamp(origin) - pd.to_datetime(rows["recorded_on"])).dt.days
    rows = rows.assign(harm=harm, age=age, decay=0.5 ** (age / 365))
    rows["decayed"] = rows["harm"] * rows["decay"]
    before = rows[(age >= 0) & (age < 1826)]
    after = rows[(age < 0) & (age >= -730)].groupby("person_id")["harm"].agg(["sum", "size"])
    people = before.groupby("person_id").agg(
        n=("harm", "size"), sum=("harm", "sum"), decay=("decay", "sum"), decayed=("decayed", "sum")
    )
    after = after.reindex(people.index, fill_value=0)
    mean = before["harm"].mean()
    methods = {
        "TotalHarm": people["sum"],
        "OffenceCount": people["n"],
        "RecencyWeightedHarm": people["decayed"],
        "shrunken": people["decay"] * (people["sum"] + 20 * mean) / (people["n"] + 20),
    }
    unit = once(len(people))
    found_areas = areas(methods, after["size"] > 0)(unit)[0]
    for (name, scores), area in zip(methods.items(), found_areas, strict=True):
        rho, tau = association(scores, after["sum"], figures=["spearman", "tau_b"])(unit)[0]
        (count,) = association(scores, after["size"], figures=["spearman"])(unit)[0]
        shown = tuple(f"{figure:.4f}".removeprefix("0") for figure in (rho, count, tau, area))
        assert shown == PUBLISHED[origin][name], name
