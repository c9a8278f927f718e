"""Expected harm against fractions, and what must not matter to it."""

import datetime as dt
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hhpu
from hhpu.errors import ArgumentError
from hhpu.indices import all_offences, compile_definition
from hhpu.ranking import ExpectedHarm, RecencyWeightedHarm, days_of, history_from, history_of

START = dt.date(2024, 1, 1)
CODES = ("19C", "8N", "28A")
INDEX = hhpu.load_registry(plugins="none").index("ons-css")
WEIGHTS = {w.code: Fraction(w.weight, INDEX.scale) for w in INDEX.weights if w.weight is not None}

lines = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(CODES), st.integers(0, 900)),
    min_size=1, max_size=14,
)  # fmt: skip


def history(made, window=None):
    data = pd.DataFrame(made, columns=["offender_id", "code", "day"])
    data["committed_on"] = [START + dt.timedelta(days=n) for n in data.pop("day")]
    ledger = hhpu.encode(data)
    definition = all_offences(INDEX, window=window)
    compiled = compile_definition(
        definition, ledger.types.columns, notation=ledger.notation, absent=ledger.types.absent
    )
    days = days_of([START + dt.timedelta(days=900)])
    rows = history_of(ledger, compiled, days)
    return ledger, history_from(ledger, compiled, int(days[0]), rows.rows[rows.at(0)])


def by_fractions(made, half_life, prior):
    """The formula as it is written, but for the half-life's table in parts per 2^20."""
    mean = sum(WEIGHTS[code] for _, code, _ in made) / Fraction(len(made))
    found = {}
    for person in {p for p, _, _ in made}:
        mine = [(code, 900 - n) for p, code, n in made if p == person]
        decayed = sum(Fraction(2 ** (-age / half_life)) for _, age in mine)
        severity = (sum(WEIGHTS[c] for c, _ in mine) + prior * mean) / (len(mine) + prior)
        found[person] = decayed * severity
    return found


@given(lines, st.integers(30, 900), st.integers(1, 50))
def test_the_score_is_the_formula(made, half_life, prior):
    ledger, past = history(made)
    scores = ExpectedHarm(half_life=half_life, prior=prior).scores(past)
    expected = by_fractions(made, half_life, prior)
    names = [ledger.people[p] for p in past.people.tolist()]
    assert set(names) == set(expected)
    for name, score in zip(names, scores.tolist(), strict=True):
        oldest = max(900 - n for p, _, n in made if p == name)
        parts = Fraction(1, 2**20) / Fraction(2 ** (-oldest / half_life))
        assert abs(Fraction(score) / expected[name] - 1) < parts + Fraction(1, 10**12)


@given(lines, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_bit(made, random):
    method = ExpectedHarm(half_life=100, prior=3)
    shuffled = list(made)
    random.shuffle(shuffled)
    (one, past), (two, again) = history(made), history(shuffled)
    first = dict(zip([one.people[p] for p in past.people.tolist()],
                     method.scores(past).tolist(), strict=True))  # fmt: skip
    second = dict(zip([two.people[p] for p in again.people.tolist()],
                      method.scores(again).tolist(), strict=True))  # fmt: skip
    assert first == second


@given(lines)
def test_people_with_the_same_offences_on_the_same_days_have_the_same_score(made):
    twins = [("twin-" + p, code, n) for p, code, n in reversed(made)]
    ledger, past = history(made + twins)
    scores = ExpectedHarm(half_life=77, prior=5).scores(past)
    held = dict(zip([ledger.people[p] for p in past.people.tolist()], scores.tolist(), strict=True))
    for name in {p for p, _, _ in made}:
        assert held[name] == held["twin-" + name]


@given(lines, st.integers(1, 40))
def test_the_parts_multiply_out(made, prior):
    _, past = history(made)
    parts = ExpectedHarm(half_life=200, prior=prior).parts(past)
    shrunk = (
        parts.share_own * parts.own_severity + (1 - parts.share_own) * parts.population_severity
    )
    assert parts.severity == pytest.approx(shrunk)
    assert np.array_equal(parts.expected, parts.decayed * parts.severity)
    assert np.array_equal(parts.share_own, parts.offences / (parts.offences + prior))
    assert (parts.decayed <= parts.offences).all()
    assert int(parts.offences.sum()) == len(made)
    own = sum(WEIGHTS[code] for _, code, _ in made)
    assert parts.own_severity @ parts.offences == pytest.approx(float(own))


def test_two_offences_by_hand():
    ledger, past = history([("a", "8N", 900), ("a", "8N", 800), ("b", "19C", 900)])
    light, heavy = float(WEIGHTS["8N"]), float(WEIGHTS["19C"])
    mean = (2 * light + heavy) / 3
    scores = ExpectedHarm(half_life=100, prior=2).scores(past)
    assert ledger.people.tolist() == ["a", "b"]
    assert scores == pytest.approx([1.5 * (2 * light + 2 * mean) / 4, (heavy + 2 * mean) / 3])


def test_one_grave_offence_moves_severity_a_little_and_many_all_the_way():
    _, past = history([("a", "19C", 900), *[("b", "19C", 900)] * 50, *[("c", "28A", 900)] * 60])
    parts = ExpectedHarm(half_life=365, prior=20).parts(past)
    assert parts.own_severity[0] == parts.own_severity[1]
    assert parts.share_own.tolist() == pytest.approx([1 / 21, 50 / 70, 60 / 80])
    assert parts.population_severity < parts.severity[0] < parts.severity[1]


def test_nobody_has_no_score():
    _, past = history([("a", "8N", 10)], window=5)
    method = ExpectedHarm(half_life=10, prior=1)
    assert method.scores(past).shape == (0,)
    assert method.parts(past).population_severity == 0


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "20", None])
def test_parameters_are_whole_numbers_of_at_least_one(wrong):
    with pytest.raises(ArgumentError, match="prior"):
        ExpectedHarm(half_life=10, prior=wrong)
    with pytest.raises(ArgumentError, match="half_life"):
        ExpectedHarm(half_life=wrong, prior=10)


def test_it_says_what_it_is():
    method = ExpectedHarm(half_life=365, prior=20)
    assert method.to_dict() == {"name": "expected-harm", "half_life": 365, "prior": 20}
    assert RecencyWeightedHarm(half_life=365).name != method.name
