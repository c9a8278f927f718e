import time
import warnings
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats

from hhpu.errors import ArgumentError
from hhpu.validation import once, resample
from hhpu.validation._incidence import (
    BANDS,
    band_incidence,
    cumulative_incidence,
    rank_bands,
)
from hhpu.validation._resample import Asked


def slow(times, events, day, cause):
    """Aalen-Johansen and its variance, person by person, as exact fractions."""
    free = Fraction(1)
    rows = []
    total = Fraction(0)
    for t in sorted({t for t, e in zip(times, events, strict=True) if e}):
        if t > day:
            break
        n = sum(s >= t for s in times)
        d = sum(s == t and e > 0 for s, e in zip(times, events, strict=True))
        own = sum(s == t and e == cause for s, e in zip(times, events, strict=True))
        total += free * Fraction(own, n)
        rows.append((total, free, n, d, own))
        free *= 1 - Fraction(d, n)
    variance = Fraction(0)
    for reached, before, n, d, own in rows:
        rest = total - reached
        if n > d:
            variance += rest**2 * Fraction(d, n * (n - d))
        variance += before**2 * Fraction(own * (n - own), n**3)
        variance -= 2 * rest * before * Fraction(own, n**2)
    return total, variance, free


def test_a_case_by_hand():
    # 1: offence of 5 at risk, 2: death of 4, 2: one censored, 3: offence of 2
    found = cumulative_incidence([1, 2, 2, 3, 9], [1, 2, 0, 1, 0])
    assert found.days.tolist() == [1, 2, 3]
    assert found.at_risk.tolist() == [5, 4, 2]
    assert found.incidence[0] == pytest.approx([1 / 5, 1 / 5, 1 / 5 + 3 / 5 / 2])
    assert found.incidence[1] == pytest.approx([0, 4 / 5 / 4, 1 / 5])
    assert found.event_free == pytest.approx([4 / 5, 3 / 5, 3 / 10])
    assert found.at(0.5) == 0
    assert found.at(2.9) == pytest.approx(0.2)
    assert found.at(1000) == pytest.approx(0.5)


COHORT = st.lists(
    st.tuples(st.integers(1, 8), st.sampled_from((0, 1, 1, 2, 3))), min_size=1, max_size=14
)


@given(COHORT, st.integers(0, 9), st.integers(1, 3))
def test_it_is_the_slow_version(cohort, day, cause):
    times, events = zip(*cohort, strict=True)
    found = cumulative_incidence(times, events, causes=3)
    if not any(events):
        assert "everybody is censored" in found.why
        assert np.isnan(found.at(day, cause=cause))
        return
    share, variance, _ = slow(times, events, day, cause)
    assert found.at(day, cause=cause) == pytest.approx(float(share), abs=1e-12)
    assert found.variance_at(day, cause=cause) == pytest.approx(float(variance), abs=1e-12)


@given(COHORT)
def test_the_causes_and_the_event_free_share_everybody(cohort):
    times, events = zip(*cohort, strict=True)
    found = cumulative_incidence(times, events)
    assert found.incidence.sum(axis=0) + found.event_free == pytest.approx(np.ones(len(found.days)))


@settings(max_examples=40)
@given(COHORT)
def test_with_nothing_competing_it_is_one_less_kaplan_meier(cohort):
    times = np.array([t for t, _ in cohort], dtype=float)
    events = np.array([e > 0 for _, e in cohort], dtype=int)
    if not events.any():
        return
    found = cumulative_incidence(times, events)
    curve = stats.ecdf(stats.CensoredData.right_censored(times, events == 0)).sf
    km = np.array([curve.evaluate(t) for t in found.days])
    assert found.incidence[0] == pytest.approx(1 - km)
    # Greenwood: S^2 sum d / (n (n - d)), where it is finite
    n, d = found.at_risk, found.counts[0]
    inside = n > d
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = km**2 * np.cumsum(d / (n * (n - d)))
    assert found.variance[0][inside] == pytest.approx(greenwood[inside], abs=1e-12)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        highs = np.array(
            [curve.confidence_interval(method="log-log").high.evaluate(t) for t in found.days]
        )
    for t, high, share in zip(found.days, highs, found.incidence[0], strict=True):
        low, _ = found.interval(t)
        if 1e-9 < share < 1 - 1e-9:
            assert low == pytest.approx(1 - high)


def test_without_censoring_the_variance_is_that_of_a_share():
    rng = np.random.default_rng(2)
    times, events = rng.integers(1, 60, 300), rng.integers(1, 4, 300)
    found = cumulative_incidence(times, events)
    for day in (1, 10, 33, 59):
        for cause in (1, 2, 3):
            share = np.mean((times <= day) & (events == cause))
            assert found.at(day, cause=cause) == pytest.approx(share)
            assert found.variance_at(day, cause=cause) == pytest.approx(share * (1 - share) / 300)


def test_the_interval_covers():
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(400):
        first, other = rng.exponential(100, 120), rng.exponential(150, 120)
        censored = rng.uniform(20, 200, 120)
        times = np.minimum(np.minimum(first, other), censored)
        events = np.where(times == censored, 0, np.where(first < other, 1, 2))
        low, high = cumulative_incidence(times, events).interval(60)
        true = 0.6 * (1 - np.exp(-60 / 60))
        hits += low <= true <= high
    assert 0.92 <= hits / 400 <= 0.98


def test_an_interval_that_says_nothing_is_nan():
    found = cumulative_incidence([1, 2], [1, 1])
    assert np.isnan(found.interval(0.5)).all()
    assert np.isnan(found.interval(2)).all()
    assert found.at(2) == 1
    # five of six, then the last one: 5/6 + 1/6 is not 1 in floating point
    assert np.isnan(cumulative_incidence([1] * 5 + [2], [1] * 6).interval(2)).all()


@pytest.mark.parametrize(
    ("times", "events", "words"),
    [
        ([], [], "nobody"),
        ([1, 2], [1], "one value"),
        ([0, 2], [1, 1], "positive"),
        ([np.nan, 2], [1, 1], "positive"),
        ([1, 2], [1, -1], "whole numbers"),
        ([1, 2], [1, 0.5], "whole numbers"),
    ],
)
def test_bad_arrays(times, events, words):
    with pytest.raises(ArgumentError, match=words):
        cumulative_incidence(times, events)
    with pytest.raises(ArgumentError, match=words):
        band_incidence(times, events, rank_bands([1, 2]), day=3)


def test_bad_arguments():
    found = cumulative_incidence([1, 2], [1, 2])
    with pytest.raises(ArgumentError, match="from 1 to 2"):
        found.at(1, cause=3)
    with pytest.raises(ArgumentError, match="level=1"):
        found.interval(1, level=1)
    with pytest.raises(ArgumentError, match="at least 2"):
        cumulative_incidence([1, 2], [1, 2], causes=1)
    with pytest.raises(ArgumentError, match="of 3 people"):
        band_incidence([1, 2], [1, 1], rank_bands([1, 2, 3]), day=3)
    with pytest.raises(ArgumentError, match="day=0"):
        band_incidence([1, 2], [1, 1], rank_bands([1, 2]), day=0)
    for wrong in ((), (0.2, 0.1), (0.1, 0.1), (0, 0.5), (0.5, 1)):
        with pytest.raises(ArgumentError, match="ascend"):
            rank_bands([1, 2], wrong)
    with pytest.raises(ArgumentError, match="NaN"):
        rank_bands([1, np.nan])
    with pytest.raises(ArgumentError, match="at least one"):
        rank_bands([])


def test_bands_and_ties():
    assert BANDS == (0.01, 0.05, 0.20)
    bands = rank_bands(np.arange(1000))
    assert bands.names == ("top 1%", "1-5%", "5-20%", "rest")
    assert bands.people == (10, 40, 150, 800)
    assert bands.band[[999, 990, 989, 0]].tolist() == [0, 0, 1, 3]
    # places 2..5 tie: their mean rank, 3.5, is beyond the cut after 3 of 10
    assert rank_bands([9, 5, 5, 5, 5, 4, 3, 2, 1, 0], [0.3]).people == (1, 9)
    # places 2..4 tie: their mean rank is 3
    assert rank_bands([9, 5, 5, 5, 4, 4, 3, 2, 1, 0], [0.3]).people == (4, 6)
    assert rank_bands([1, 1, 1]).people == (0, 0, 0, 3)
    huge = 2**60
    assert rank_bands([huge + 1, huge], [0.5]).band.tolist() == [0, 1]
    assert rank_bands(np.array([2**70 + 1, 2**70], dtype=object), [0.5]).band.tolist() == [0, 1]


def cohort_of(seed, n=200):
    rng = np.random.default_rng(seed)
    return (
        rng.integers(0, 25, n),
        rng.integers(1, 40, n),
        rng.choice([0, 1, 1, 2, 3], n),
    )


def test_by_band_it_is_the_incidence_of_each():
    scores, times, events = cohort_of(1)
    bands = rank_bands(scores, [0.1, 0.4])
    found = band_incidence(times, events, bands, day=30)(once(200))[0]
    for at in range(3):
        mine = bands.band == at
        share, _, _ = slow(times[mine].tolist(), events[mine].tolist(), 30, 1)
        assert found[at] == pytest.approx(float(share))
    assert found[3:] == pytest.approx(found[0] - found[1:3])


@given(st.integers(0, 1000))
def test_weighted_is_repeated(seed):
    scores, times, events = cohort_of(seed, 40)
    bands = rank_bands(scores, [0.2, 0.5])
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(40, np.full(40, 1 / 40), size=3).astype(float)
    weights[2, bands.band == 0] = 0
    asked = band_incidence(times, events, bands, day=25)
    found = asked(weights)
    assert found.shape == (3, len(asked.names))
    for at, row in enumerate(weights):
        who = np.repeat(np.arange(40), row.astype(int))
        for band in range(3):
            mine = who[bands.band[who] == band]
            if not len(mine):
                assert np.isnan(found[at, band])
                continue
            share, _, _ = slow(times[mine].tolist(), events[mine].tolist(), 25, 1)
            assert found[at, band] == pytest.approx(float(share))


def test_the_order_of_people_changes_nothing():
    scores, times, events = cohort_of(3)
    order = np.random.default_rng(0).permutation(200)
    one = band_incidence(times, events, rank_bands(scores), day=30)
    other = band_incidence(times[order], events[order], rank_bands(scores[order]), day=30)
    assert one(once(200)) == pytest.approx(other(once(200)), nan_ok=True)


def test_nothing_happened_to_anybody():
    asked = band_incidence([5, 5, 5], [0, 0, 0], rank_bands([3, 2, 1], [0.4]), day=9)
    assert asked(once(3)).tolist() == [[0, 0, 0]]


def test_resampling_agrees_with_the_variance_and_is_quick():
    rng = np.random.default_rng(8)
    n = 5000
    times, events = rng.integers(1, 730, n), rng.choice([0, 1, 2, 3], n, p=[0.5, 0.4, 0.05, 0.05])
    bands = rank_bands(rng.normal(size=n))
    asked = band_incidence(times, events, bands, day=365)
    began = time.perf_counter()
    draws = resample([Asked(asked, np.arange(n))], people=n, resamples=400, seed=1)
    assert time.perf_counter() - began < 10
    rest = bands.band == 3
    variance = cumulative_incidence(times[rest], events[rest]).variance_at(365)
    assert draws.values[:, 3].var() == pytest.approx(variance, rel=0.25)
