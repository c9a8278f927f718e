"""Concentration: by hand, against slow words of the definitions, and nulls against enumeration."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hhpu.errors import ArgumentError
from hhpu.validation import Asked, interval, once, resample
from hhpu.validation._concentration import (
    against_chance,
    concentrated,
    concentration,
    lorenz,
    throw_none_left_out,
)

HARM = st.lists(st.sampled_from([0, 0, 1, 2, 3, 3, 50, 1001]), min_size=1, max_size=9)
TOPS = [1, 3, "20%", 0.5]
SHARES = ["50%", 0.8, "90%", "100%"]


def slowly(harm):
    """The figures in fractions, by the words of their definitions; None where undefined."""
    people, total = len(harm), Fraction(sum(harm))
    some = [x for x in harm if x]
    found = {}

    def gini(values):
        if not sum(values):
            return None
        gaps = sum(abs(a - b) for a in values for b in values)
        return Fraction(gaps, 2 * len(values) * sum(values))

    found["gini"], found["gini of some"] = gini(harm), gini(some)
    found["share without"] = Fraction(people - len(some), people)
    most = sorted(harm, reverse=True)
    for name, share in (("1", None), ("3", None), ("20%", Fraction(1, 5)), ("50%", Fraction(1, 2))):
        k = int(name) if share is None else max(1, math.floor(share * people + Fraction(1, 2)))
        found[f"held by the top {name}"] = sum(most[:k]) / total if total else None
    for name in ("50%", "80%", "90%", "100%"):
        share = Fraction(name[:-1]) / 100
        number = next((k for k in range(1, people + 1) if sum(most[:k]) >= share * total), None)
        found[f"people holding {name}"] = number if total else None
        found[f"share holding {name}"] = Fraction(number, people) if total else None
    return found


def same(told, wanted):
    for name, value in wanted.items():
        if value is None:
            assert math.isnan(told[name]), name
        else:
            assert told[name] == pytest.approx(float(value), rel=1e-11, abs=1e-14), name


@given(HARM)
@settings(max_examples=200, deadline=None)
def test_figures_by_their_definitions(harm):
    statistic = concentration(harm, top=TOPS, held=SHARES)
    wanted = slowly(harm)
    assert statistic.names == tuple(wanted)
    same(dict(zip(statistic.names, statistic(once(len(harm)))[0], strict=True)), wanted)
    found = concentrated(harm, top=TOPS, held=SHARES)
    assert (found.people, found.zeros, found.total) == (len(harm), harm.count(0), sum(harm))
    assert (found.why == "") == (sum(harm) > 0)
    told = {"gini": found.gini, "gini of some": found.gini_of_some}
    told |= {f"held by the top {each.asked}": each.share for each in found.top}
    told |= {f"share holding {each.asked}": each.share for each in found.holders}
    same(told, {name: wanted[name] for name in told})
    assert [each.people for each in found.holders] == [
        wanted[f"people holding {each.asked}"] for each in found.holders
    ]


@given(HARM, st.data())
@settings(max_examples=200, deadline=None)
def test_weights_are_people_repeated(harm, data):
    line = st.lists(st.integers(0, 3), min_size=len(harm), max_size=len(harm))
    drawn = np.array(data.draw(st.lists(line, min_size=1, max_size=4)), dtype=np.float64)
    statistic = concentration(harm, top=TOPS, held=SHARES)
    for weights, line in zip(drawn, statistic(drawn), strict=True):
        repeated = np.repeat(harm, weights.astype(int)).tolist()
        if not repeated:
            assert np.isnan(line).all()
            continue
        same(dict(zip(statistic.names, line, strict=True)), slowly(repeated))


@given(HARM, st.data())
@settings(max_examples=50, deadline=None)
def test_order_of_people_means_nothing(harm, data):
    shuffled = data.draw(st.permutations(harm))
    assert repr(concentrated(harm)) == repr(concentrated(shuffled))


def test_by_hand():
    """One of four holds 60 of 100, one 40, two nothing."""
    found = concentrated([60, 0, 40, 0], top=[1, "50%"], held=["50%", "80%"])
    assert found.gini == pytest.approx((2 * (3 * 40 + 4 * 60) - 5 * 100) / (4 * 100))
    assert found.gini_of_some == pytest.approx(0.1)
    assert found.zeros == 2
    assert [(each.asked, each.k, each.share) for each in found.top] == [
        ("1", 1, 0.6), ("50%", 2, 1.0)]  # fmt: skip
    assert [(each.asked, each.people, each.share) for each in found.holders] == [
        ("50%", 1, 0.25), ("80%", 2, 0.5)]  # fmt: skip


def test_gini_at_its_ends():
    assert concentrated([5] * 7).gini == pytest.approx(0, abs=1e-15)
    assert concentrated([0] * 9 + [3]).gini == pytest.approx(0.9)
    assert concentrated([0] * 9 + [3]).gini_of_some == pytest.approx(0, abs=1e-15)


def test_gini_of_a_law():
    """An exponential law has 1/2, a uniform one 1/3."""
    quantiles = (np.arange(200_000) + 0.5) / 200_000
    assert concentrated(stats.expon.ppf(quantiles)).gini == pytest.approx(1 / 2, abs=1e-4)
    assert concentrated(quantiles).gini == pytest.approx(1 / 3, abs=1e-4)


def test_tenths_that_floats_do_not_hold_make_no_holder_too_many():
    found = concentrated([0.1] * 10, held=["30%", "50%", "70%", "80%", "90%", "100%"])
    assert [each.people for each in found.holders] == [3, 5, 7, 8, 9, 10]
    weighted = concentration([0.1, 0.1], top=[], held=["30%", "50%", "70%", "90%"])
    assert weighted(np.array([[7.0, 3.0]]))[0, 3::2].tolist() == [3, 5, 7, 9]


def test_no_harm_is_stated():
    found = concentrated([0, 0, 0])
    assert math.isnan(found.gini)
    assert found.zeros == 3
    assert {each.people for each in found.holders} == {None}
    assert found.why == "there is no harm: nothing is concentrated"
    curve = lorenz([0, 0])
    assert np.isnan(curve.held).all()
    assert curve.why == found.why


@given(HARM)
@settings(max_examples=50, deadline=None)
def test_lorenz_curve(harm):
    curve = lorenz(harm)
    assert curve.people.tolist() == list(range(len(harm) + 1))
    assert curve.zeros == harm.count(0)
    assert not curve.thinned
    if sum(harm):
        wanted = [sum(sorted(harm)[:k]) / sum(harm) for k in curve.people]
        np.testing.assert_allclose(curve.held, wanted, rtol=1e-12)
        area = ((curve.held[1:] + curve.held[:-1]) / 2 * np.diff(curve.share)).sum()
        assert concentrated(harm).gini == pytest.approx(1 - 2 * area, abs=1e-12)


def test_a_thinned_lorenz_curve_is_exact_where_it_is():
    harm = np.random.default_rng(4).pareto(1.2, 30_000)
    harm[:12_345] = 0
    curve = lorenz(harm, points=80)
    assert curve.thinned
    assert len(curve.people) <= 84
    assert 12_345 in curve.people
    assert (curve.people > 29_900).sum() >= 15
    running = np.append(0, np.cumsum(np.sort(harm)))
    np.testing.assert_allclose(curve.held, running[curve.people] / running[-1], rtol=1e-12)


def test_it_resamples():
    harm = np.random.default_rng(2).pareto(2, 500)
    statistic = concentration(harm)
    draws = resample([Asked(statistic, np.arange(500))], people=500, resamples=200, seed=1)
    told = statistic(once(500))[0]
    found = interval(draws.values[:, 0], level=0.99)
    assert found.low < told[0] < found.high


# nulls


def throws(events, people):
    """Every way to throw events over people, as numbers of events by person."""
    for owners in itertools.product(range(people), repeat=events):
        yield tuple(owners.count(person) for person in range(people))


@pytest.mark.parametrize(
    ("events", "people"), [(4, 2), (5, 4), (7, 5), (8, 5), (9, 4), (4, 4), (6, 1), (9, 5), (8, 6)]
)
def test_the_truncated_throw_has_the_law_of_throws_that_leave_nobody_out(events, people):
    law = Counter(
        tuple(sorted(counts)) for counts in throws(events, people) if min(counts) > 0
    )  # fmt: skip
    rng = np.random.default_rng(events * 100 + people)
    draws = 6000
    found = Counter(
        tuple(sorted(throw_none_left_out(events, people, rng).tolist())) for _ in range(draws)
    )
    assert set(found) <= set(law)
    kinds = sorted(law)
    expected = np.array([law[kind] for kind in kinds]) * draws / sum(law.values())
    observed = np.array([found[kind] for kind in kinds])
    if len(kinds) > 1:
        few = expected < 5
        if few.any():
            observed = np.append(observed[~few], observed[few].sum())
            expected = np.append(expected[~few], expected[few].sum())
        assert stats.chisquare(observed, expected).pvalue > 1e-3


def test_one_event_each_first_is_another_law_and_is_not_what_is_thrown():
    rng = np.random.default_rng(0)
    even = np.mean([throw_none_left_out(4, 2, rng).tolist() == [2, 2] for _ in range(20_000)])
    assert abs(even - 6 / 14) < 0.015


@pytest.mark.parametrize(("events", "people"), [(20_000, 5_000), (5_010, 5_000), (40_000, 40)])
def test_the_truncated_throw_of_many_is_nearly_poisson(events, people):
    """Its mean is exact, its variance and share of ones near those of the truncated law."""
    rng = np.random.default_rng(7)
    counts = np.stack([throw_none_left_out(events, people, rng) for _ in range(40)])
    assert (counts.sum(axis=1) == events).all()
    assert counts.min() >= 1
    mean = events / people
    low, high = 1e-9, 2 * mean
    for _ in range(200):
        rate = (low + high) / 2
        low, high = (rate, high) if rate / -math.expm1(-rate) < mean else (low, rate)
    law = stats.poisson(rate)
    assert (counts == 1).mean() == pytest.approx(law.pmf(1) / law.sf(0), abs=0.006)
    wanted = mean * (1 + rate - mean)
    assert counts.var() == pytest.approx(wanted, rel=0.15 if people < 100 else 0.05)


def test_nulls_have_the_means_of_their_enumeration():
    person, harm, people = [0, 0, 0, 1, 2], [9, 1, 1, 4, 1], 3
    every = {"thrown": [], "thrown-truncated": [], "permuted": []}
    for owners in itertools.product(range(people), repeat=len(harm)):
        totals = [sum(h for h, o in zip(harm, owners, strict=True) if o == p) for p in range(3)]
        every["thrown"].append(slowly(totals))
        if set(owners) == {0, 1, 2}:
            every["thrown-truncated"].append(slowly(totals))
    for order in itertools.permutations(harm):
        totals = [sum(order[:3]), order[3], order[4]]
        every["permuted"].append(slowly(totals))
    for null, values in every.items():
        found = against_chance(person, harm, people=people, null=null, seed=5, draws=4000,
                               top=[1], held=["50%"])  # fmt: skip
        assert found.null == null
        assert (found.events, found.people, found.zeros) == (5, 3, 0)
        assert found.varied == "null"
        observed = slowly([11, 4, 1])
        for each in found.figures:
            assert each.observed == pytest.approx(float(observed[each.figure]), rel=1e-11)
            law = np.array([float(value[each.figure]) for value in values])
            assert each.null == pytest.approx(law.mean(), abs=5 * law.std() / 4000**0.5 + 1e-12)
            assert each.difference == each.observed - each.null
            assert each.difference_interval.low == each.observed - each.null_interval.high
            assert each.difference_interval.high == each.observed - each.null_interval.low
            assert law.min() - 1e-9 <= each.null_interval.low <= each.null_interval.high
            assert each.null_interval.high <= law.max() + 1e-9


def test_permuting_equal_weights_changes_nothing_and_people_without_events_stay():
    person = [0, 0, 0, 3, 3, 5]
    found = against_chance(person, [2] * 6, people=8, null="permuted", seed=1, draws=100)
    assert found.zeros == 5
    for each in found.figures:
        assert each.difference == pytest.approx(0, abs=1e-12)
        assert each.null_interval.low == pytest.approx(each.null_interval.high)
    assert found.figures[2].observed == 5 / 8


@pytest.mark.parametrize("null", ["thrown", "thrown-truncated"])
def test_a_force_made_by_chance_is_no_more_concentrated_than_chance(null):
    rng = np.random.default_rng(13)
    inside = 0
    for seed in range(40):
        counts = (
            np.bincount(rng.integers(0, 120, 300), minlength=120) if null == "thrown"
            else stats.poisson(2.5).rvs(2000, random_state=rng)
        )  # fmt: skip
        if null == "thrown-truncated":
            counts = counts[counts > 0][:120]
        person = np.repeat(np.arange(120), counts)
        harm = rng.exponential(1, len(person))
        found = against_chance(person, harm, people=120, null=null, seed=seed, draws=200)
        gini = found.figures[0].difference_interval
        inside += gini.low <= 0 <= gini.high
    assert inside >= 33


def test_concentrated_people_are_more_so_than_chance():
    person = np.concatenate([np.repeat(np.arange(10), 30), np.arange(10, 200)])
    found = against_chance(
        person, np.ones(len(person)), people=200, null="thrown-truncated", seed=3, draws=200,
        resample_people=True,
    )  # fmt: skip
    gini = found.figures[0]
    assert found.varied == "people and null"
    assert gini.difference_interval.low > 0
    assert gini.difference_interval.low < gini.difference < gini.difference_interval.high
    assert gini.null_interval.low < gini.null < gini.null_interval.high < gini.observed
    null = against_chance(
        person, np.ones(len(person)), people=200, null="thrown-truncated", seed=3, draws=200
    ).figures[0]
    assert null.null_interval == gini.null_interval
    width = null.difference_interval.high - null.difference_interval.low
    assert gini.difference_interval.high - gini.difference_interval.low > 2 * width


def test_people_resampled_are_those_of_every_other_statistic():
    """With one event each and its weight permuted, the null of a draw of people is that draw."""
    harm = np.random.default_rng(1).exponential(1, 60)
    found = against_chance(np.arange(60), harm, people=60, null="permuted", seed=9, draws=100,
                           resample_people=True)  # fmt: skip
    for each in found.figures:
        assert each.difference_interval.low == pytest.approx(0, abs=1e-12)
        assert each.difference_interval.high == pytest.approx(0, abs=1e-12)


def test_the_null_varies_between_draws_of_people():
    """People who are all alike: a draw of them changes nothing, and chance is left."""
    found = against_chance(np.arange(50), np.ones(50), people=50, null="thrown", seed=4, draws=400,
                           resample_people=True).figures[0]  # fmt: skip
    assert found.observed == pytest.approx(0, abs=1e-12)
    width = found.null_interval.high - found.null_interval.low
    paired = found.difference_interval.high - found.difference_interval.low
    assert paired == pytest.approx(width, rel=0.3)
    assert found.difference_interval.low < -found.null < found.difference_interval.high


@pytest.mark.parametrize("null", ["thrown", "thrown-truncated", "permuted"])
def test_order_of_events_means_nothing(null):
    rng = np.random.default_rng(6)
    person = np.append(np.arange(20), rng.integers(0, 20, 70))
    harm = rng.integers(1, 9, 90) / 10
    order = rng.permutation(90)
    first, second = (
        against_chance(person[each], harm[each], people=20, null=null, seed=1, draws=100,
                       resample_people=True)
        for each in (np.arange(90), order)
    )  # fmt: skip
    assert first == second


def test_a_seed_makes_a_result_and_progress_is_told():
    person, harm = [0, 1, 1, 2, 2, 2], [5.0, 1, 2, 3, 4, 4]
    told = []
    first, again, other = (
        against_chance(person, harm, people=4, null="thrown", seed=seed, draws=100,
                       progress=lambda done, of: told.append((done, of)))
        for seed in (1, 1, 2)
    )  # fmt: skip
    assert first == again
    assert first != other
    assert told[-1] == (100, 100)


def test_a_cohort_that_chance_would_not_give_is_noted():
    person = np.arange(100).repeat(2)
    found = against_chance(person, np.ones(200), people=100, null="thrown", seed=1, draws=100)
    assert "thrown-truncated" in found.note
    many = against_chance(person.repeat(9), np.ones(1800), people=100, null="thrown", seed=1,
                          draws=100)  # fmt: skip
    assert many.note == ""


def test_nobody_did_anything():
    for harm, person in (([], []), ([0.0, 0.0], [0, 1])):
        found = against_chance(person, harm, people=3, null="thrown", seed=1, draws=100)
        assert found.why == "there is no harm: nothing is concentrated"
        assert math.isnan(found.figures[0].difference)
        assert math.isnan(found.figures[0].null)
        assert found.figures[2].observed == 1
        found = against_chance(person, harm, people=3, null="permuted", seed=1, draws=100,
                               resample_people=True)  # fmt: skip
        assert math.isnan(found.figures[0].difference_interval.low)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: concentration([]), "nobody"),
        (lambda: lorenz([]), "nobody"),
        (lambda: lorenz([1], points=1), "points=1"),
        (lambda: concentrated([1, -1]), "harm: 1 of 2"),
        (lambda: concentrated([1, float("nan")]), "harm: 1 of 2"),
        (lambda: concentrated(["x"]), "something in it is none"),
        (lambda: concentrated([[1.0]]), "one column"),
        (lambda: concentrated([1], held=[1]), "held=1"),
        (lambda: concentrated([1], held=["x%"]), "held='x%'"),
        (lambda: concentrated([1], held=["nan%"]), "held='nan%'"),
        (lambda: concentrated([1], held=[1.5]), "held=1.5"),
        (lambda: concentrated([1], held=["0%"]), "held='0%'"),
        (lambda: concentrated([1], held=[0.5, "50%"]), "once"),
        (lambda: concentrated([1], top=[0]), "k=0"),
        (lambda: throw_none_left_out(2, 3, np.random.default_rng(1)), "2 events for 3 people"),
        (lambda: throw_none_left_out(2, 0, np.random.default_rng(1)), "2 events for 0 people"),
        (lambda: chance(null="fair"), "null='fair'"),
        (lambda: chance(draws=99), "draws=99"),
        (lambda: chance(seed=-1), "seed=-1"),
        (lambda: chance(people=2), "1 of 3 events are nobody's"),
        (lambda: chance(people=0), "people=0"),
        (lambda: chance(person=[0.0, 1.0, 2.0]), "whole numbers"),
        (lambda: chance(person=[0, 1]), "2 persons and 3 harms"),
        (lambda: chance(people=5, null="thrown-truncated"), "2 of 5 people have no event"),
        (lambda: chance(level=1.0), "level=1.0"),
    ],
)
def test_what_cannot_be_judged_is_refused(call, words):
    with pytest.raises(ArgumentError, match=words):
        call()


def chance(**changed):
    asked = {"person": [0, 1, 2], "harm": [1, 1, 1], "people": 3, "null": "thrown", "seed": 1}
    asked |= {"draws": 100} | changed
    return against_chance(asked.pop("person"), asked.pop("harm"), **asked)
