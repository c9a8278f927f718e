"""Areas under the ROC curve: pairs counted one by one, DeLong's definition, resampling, edges."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hhpu.errors import ArgumentError
from hhpu.validation import Asked, once, resample
from hhpu.validation._roc import areas, delong

PEOPLE = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=14)


def won(a, b):
    return Fraction(int(a > b) * 2 + int(a == b), 2)


def area_of(scores, happened):
    """The share of pairs won, ties one half."""
    ones = [s for s, h in zip(scores, happened, strict=True) if h]
    zeros = [s for s, h in zip(scores, happened, strict=True) if not h]
    if not ones or not zeros:
        return float("nan")
    return float(sum(won(a, b) for a in ones for b in zeros) / (len(ones) * len(zeros)))


def covariance_of(first, second, happened):
    """DeLong, DeLong and Clarke-Pearson's sums over pairs, as they are printed."""
    ones, zeros = np.flatnonzero(happened), np.flatnonzero(~happened)
    tables = [
        np.array([[float(won(s[i], s[j])) for j in zeros] for i in ones]) for s in (first, second)
    ]
    middles = [table.mean() for table in tables]
    found = 0.0
    for axis, size in ((1, len(ones)), (0, len(zeros))):
        parts = [t.mean(axis=axis) - m for t, m in zip(tables, middles, strict=True)]
        found += float((parts[0] * parts[1]).sum()) / (size - 1) / size
    return found


def drawn(n, seed=0, share=0.4):
    rng = np.random.default_rng(seed)
    happened = rng.random(n) < share
    base = rng.normal(size=n) + happened
    return np.round(base, 1), np.round(base + rng.normal(size=n), 1), happened


@given(PEOPLE, st.data())
def test_a_weight_is_a_person_repeated(people, data):
    scores, happened = (np.array(side) for side in zip(*people, strict=True))
    other = -(scores**2)
    row = st.lists(st.integers(0, 3), min_size=len(people), max_size=len(people))
    weights = data.draw(st.lists(row, min_size=1, max_size=4))
    found = areas({"a": scores, "b": other}, happened)(np.array(weights, dtype=np.float64))
    for line, counts in zip(found, weights, strict=True):
        wanted = [
            area_of(np.repeat(s, counts), np.repeat(happened, counts)) for s in (scores, other)
        ]
        np.testing.assert_allclose(line, wanted, atol=1e-12)


@given(PEOPLE)
def test_areas_with_and_without_their_variance_are_the_same(people):
    scores, happened = (np.array(side) for side in zip(*people, strict=True))
    found = delong({"a": scores}, happened).values
    np.testing.assert_allclose(found, [area_of(scores, happened)], atol=1e-12)
    np.testing.assert_allclose(areas({"a": scores}, happened)(once(len(people)))[0], found)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("ties", [0, 8])
def test_areas_agree_with_the_rank_sum_of_scipy(share, ties):
    rng = np.random.default_rng(4)
    happened = rng.random(2_000) < share
    scores = np.round(rng.normal(size=2_000) + happened, ties)
    found = areas({"m": scores}, happened)(once(2_000))[0, 0]
    u = stats.mannwhitneyu(scores[happened], scores[~happened]).statistic
    assert found == pytest.approx(u / happened.sum() / (~happened).sum(), abs=1e-12)


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 4), st.booleans()), min_size=4, max_size=12
    ).filter(lambda people: 2 <= sum(h for *_, h in people) <= len(people) - 2)
)
def test_the_covariance_is_that_of_delong(people):
    first, second, happened = (np.array(side) for side in zip(*people, strict=True))
    found = delong({"a": first, "b": second}, happened).covariance
    for (i, one), (j, two) in itertools.product(enumerate((first, second)), repeat=2):
        assert found[i, j] == pytest.approx(covariance_of(one, two, happened), abs=1e-12)


def test_the_variance_of_the_area_without_ties_by_hand():
    # With outcome: 4, 3, 1; without: 2, 0. Places 1, 1, 1/2 and 2/3, 1; area 5/6.
    found = delong({"m": [4, 3, 1, 2, 0]}, [1, 1, 1, 0, 0])
    assert found.values[0] == pytest.approx(5 / 6)
    assert found.covariance[0, 0] == pytest.approx((1 / 12) / 3 + (1 / 18) / 2)


def test_intervals_by_hand_on_both_scales():
    found = delong({"m": [4, 3, 1, 2, 0]}, [1, 1, 1, 0, 0])
    error = np.sqrt(1 / 36 + 1 / 36)
    wide = stats.norm.ppf(0.95) * error
    logit = found.interval(level=0.9)
    ends = [1 / (1 + np.exp(-np.log(5) - side * wide / (5 / 36))) for side in (-1, 1)]
    assert (logit.low, logit.high) == pytest.approx(tuple(ends))
    assert (logit.error, logit.method, logit.people) == (pytest.approx(error), "delong-logit", 5)
    plain = found.interval("m", level=0.9, scale="plain")
    assert (plain.low, plain.high) == (pytest.approx(5 / 6 - wide), 1.0)


def test_errors_are_those_of_resampled_people():
    first, second, happened = drawn(1_500, seed=2)
    methods = {"a": first, "b": second}
    asked = [Asked(areas(methods, happened), np.arange(1_500))]
    values = resample(asked, people=1_500, resamples=3_000, seed=1).values
    found = delong(methods, happened)
    for place, name in enumerate(methods):
        interval = found.interval(name)
        assert interval.error == pytest.approx(values[:, place].std(), rel=0.05)
        ends = np.quantile(values[:, place], [0.025, 0.975])
        assert (interval.low, interval.high) == pytest.approx(tuple(ends), abs=0.003)
    difference = found.difference("a", "b")
    assert difference.error == pytest.approx((values[:, 0] - values[:, 1]).std(), rel=0.05)
    assert difference.low < difference.difference < difference.high


def test_a_difference_is_the_contrast_of_the_covariance():
    first, second, happened = drawn(60, seed=5)
    found = delong({"a": first, "b": second}, happened).difference("a", "b")
    variance = sum(
        sign * covariance_of(one, two, happened)
        for sign, one, two in ((1, first, first), (1, second, second), (-2, first, second))
    )
    z = (area_of(first, happened) - area_of(second, happened)) / np.sqrt(variance)
    assert found.z == pytest.approx(z)
    assert found.p == pytest.approx(2 * stats.norm.sf(abs(z)))
    back = delong({"a": first, "b": second}, happened).difference("b", "a")
    assert (back.z, back.p, back.low) == pytest.approx((-found.z, found.p, -found.high))


def test_equal_places_have_nothing_to_test():
    first, _, happened = drawn(200)
    for other in (first, np.exp(first)):
        found = delong({"a": first, "b": other}, happened).difference("a", "b")
        assert (found.difference, found.error) == (0, 0)
        assert np.isnan([found.z, found.p, found.low, found.high]).all()
        assert "alike" in found.why


@pytest.mark.parametrize(("scores", "area"), [([1, 2, 3, 4], 1), ([4, 3, 2, 1], 0)])
def test_perfect_separation_has_variance_zero_and_says_so(scores, area):
    found = delong({"m": scores}, [0, 0, 1, 1])
    assert (found.values[0], found.covariance[0, 0]) == (area, 0)
    for scale in ("logit", "plain"):
        interval = found.interval(scale=scale)
        assert np.isnan([interval.low, interval.high]).all()
        assert "perfectly separated" in interval.why


def test_all_tied_is_one_half():
    found = delong({"m": [7, 7, 7, 7]}, [0, 1, 0, 1])
    assert (found.values[0], found.covariance[0, 0]) == (0.5, 0)
    assert "variance is 0" in found.interval().why
    assert areas({"m": [7, 7, 7]}, [0, 1, 0])(once(3)).tolist() == [[0.5]]


@pytest.mark.parametrize(
    ("outcome", "why"),
    [([0, 0, 0], "nobody had"), ([1, 1, 1], "everybody had"), ([0, 1, 1], "one person in a class")],
)
def test_too_few_of_a_class_is_stated(outcome, why):
    found = delong({"a": [1, 2, 3], "b": [3, 2, 1]}, outcome)
    assert why in found.why
    assert why in found.interval("a").why
    difference = found.difference("a", "b")
    assert why in difference.why
    assert np.isnan([difference.error, difference.low, difference.z, difference.p]).all()
    assert np.isnan(found.values).all() == (why != "one person in a class")


def test_a_draw_of_one_class_is_undefined():
    found = areas({"m": [1, 2, 3]}, [0, 1, 1])(np.array([[1.0, 1, 1], [0, 1, 1], [1, 0, 0]]))
    assert found[0] == 1
    assert np.isnan(found[1:]).all()


def test_methods_are_judged_as_if_alone():
    first, second, happened = drawn(100)
    weights = np.random.default_rng(0).integers(0, 3, (3, 100)).astype(np.float64)
    both = areas({"a": first, "b": second}, happened)
    assert both.names == ("a", "b")
    for place, scores in enumerate((first, second)):
        alone = areas({"m": scores}, happened)(weights)[:, 0]
        np.testing.assert_array_equal(both(weights)[:, place], alone)


@pytest.mark.parametrize(
    ("methods", "outcome", "message"),
    [
        ({}, [0, 1], "no method"),
        ({"m": [1, np.nan]}, [0, 1], "scores of m: 1 of 2 are NaN"),
        ({"m": []}, [], "nobody"),
        ({"m": [1, 2, 3]}, [0, 1], "3 scores of m and 2 outcomes"),
        ({"m": [1, 2]}, [0, 2], "neither 0 nor 1"),
        ({"m": [1, 2]}, [0, 0.5], "neither 0 nor 1"),
    ],
)
def test_what_cannot_be_judged_is_refused(methods, outcome, message):
    for judge in (areas, delong):
        with pytest.raises(ArgumentError, match=message):
            judge(methods, outcome)


def test_arguments_out_of_their_range_are_refused():
    found = delong({"a": [1, 2, 3, 4], "b": [1, 3, 2, 4]}, [0, 1, 0, 1])
    for wrong in (
        lambda: found.interval(),
        lambda: found.interval("c"),
        lambda: found.interval("a", level=0),
        lambda: found.interval("a", scale="probit"),
        lambda: found.difference("a", "c"),
    ):
        with pytest.raises(ArgumentError):
            wrong()
