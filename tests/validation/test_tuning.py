"""Tuning: on the past alone, everything that was tried told."""

import datetime as dt
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hhpu
from hhpu.errors import ArgumentError
from hhpu.validation import FALLBACK, HALF_LIVES, PRIORS, mean_capture, tuned

START = dt.date(2018, 1, 1)
JUDGED = dt.date(2020, 6, 1)
ASKED = {"follow_up": 150, "delay": 10, "window": 400}


def a_force(seed=2, people=60, rows=900, days=1200):
    rng = np.random.default_rng(seed)
    committed = rng.integers(0, days, rows)
    known = committed + rng.integers(0, 9, rows)
    return pd.DataFrame(
        {
            "offender_id": [f"p{int(people * r**2):02d}" for r in rng.random(rows)],
            "code": rng.choice(["19C", "8N", "5D", "28A"], rows, p=[0.1, 0.3, 0.2, 0.4]),
            "committed_on": [START + dt.timedelta(days=int(n)) for n in committed],
            "recorded_on": [START + dt.timedelta(days=int(n)) for n in known],
        }
    )


@pytest.fixture(scope="module", name="index")
def _index():
    return hhpu.load_registry(plugins="none").index("ons-css")


def chosen(data, index, **options):
    return tuned(hhpu.encode(data), until=JUDGED, index=index, **(ASKED | options))


def test_nothing_after_the_judged_origin_changes_the_choice(index):
    data = a_force()
    later = data["recorded_on"] > JUDGED
    assert later.sum() > 100
    poisoned = data.copy()
    poisoned.loc[later, "code"] = "1"
    poisoned.loc[later, "offender_id"] = "p59"
    found = [chosen(each, index) for each in (data, poisoned, data[~later])]
    assert found[0].origins
    assert found[0].method == found[1].method == found[2].method
    for other in found[1:]:
        assert other.origins == found[0].origins
        pd.testing.assert_frame_equal(other.tried, found[0].tried)


def test_the_past_does_change_the_choice(index):
    choices = {chosen(a_force(seed), index).method for seed in range(4)}
    assert len(choices) > 1


def test_every_follow_up_is_over_by_the_judged_origin(index):
    found = chosen(a_force(), index)
    last = found.origins[-1]
    assert last + dt.timedelta(days=160) == JUDGED
    gaps = np.diff([day.toordinal() for day in found.origins])
    assert set(gaps.tolist()) <= {182}
    assert found.origins[0] - dt.timedelta(days=399) >= START
    assert len(found.origins) == 2


def test_every_variant_is_listed_and_the_best_is_chosen(index):
    found = chosen(a_force(), index)
    tried = found.tried
    assert len(tried) == len(HALF_LIVES) * len(PRIORS)
    assert set(zip(tried["half_life"], tried["prior"], strict=True)) == {
        (h, p) for h in HALF_LIVES for p in PRIORS
    }
    assert tried["capture"].is_monotonic_decreasing
    assert tried["chosen"].tolist() == [True] + [False] * (len(tried) - 1)
    assert (found.method.half_life, found.method.prior) == (tried["half_life"][0],
                                                            tried["prior"][0])  # fmt: skip
    assert f"the best of {len(tried)} variants" in found.told
    assert str(JUDGED) in found.told
    json.dumps(found.to_dict(), allow_nan=False)


def test_of_equal_variants_the_one_that_forgets_and_trusts_least_wins(index):
    lines = pd.DataFrame({"offender_id": [f"p{n}" for n in range(40)], "code": "8N",
                          "committed_on": START}).assign(recorded_on=START)  # fmt: skip
    found = chosen(lines, index, half_lives=(90, 30), priors=(5, 7))
    assert (found.method.half_life, found.method.prior) == (90, 7)
    assert found.tried["capture"].isna().all()
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert json.loads(text)["tried"][0]["capture"] is None


def test_without_an_origin_far_enough_back_the_declared_fallback_is_taken_and_said(index):
    for options in ({"follow_up": 800}, {"window": 2000}):
        found = chosen(a_force(), index, **options)
        assert found.method == FALLBACK
        assert found.origins == ()
        assert found.tried.empty
        assert "the declared fallback, because" in found.told
        assert json.loads(json.dumps(found.to_dict()))["method"]["half_life"] == 365


def test_there_is_at_least_one_variant(index):
    for empty in ({"half_lives": ()}, {"priors": ()}):
        with pytest.raises(ArgumentError, match="at least one value"):
            chosen(a_force(), index, **empty)


def slow_mean(scores, outcomes):
    """The captured share at every half length of the list, the ties in expectation; the mean."""
    n, total = len(scores), sum(outcomes)
    shares = []
    for k in range(n):
        held = 0.0
        for score, outcome in zip(scores, outcomes, strict=True):
            above = sum(s > score for s in scores)
            block = sum(s == score for s in scores)
            held += outcome * min(max((k + 0.5 - above) / block, 0), 1)
        shares.append(held / total)
    return sum(shares) / n


people = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=1, max_size=12)


@given(people)
def test_mean_capture_is_the_mean_over_all_lengths(lines):
    scores, outcomes = zip(*lines, strict=True)
    if not sum(outcomes):
        assert math.isnan(mean_capture(scores, outcomes))
        return
    assert mean_capture(scores, outcomes) == pytest.approx(slow_mean(scores, outcomes))


def test_mean_capture_of_random_order_is_a_half():
    assert mean_capture([0] * 7, [5, 0, 0, 1, 2, 0, 9]) == pytest.approx(0.5)
