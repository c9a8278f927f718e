"""What followed an origin, by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import hhpu
from hhpu.errors import ArgumentError
from hhpu.ranking import TotalHarm
from hhpu.validation import OUTCOMES, Serious, backtest

START = dt.date(2020, 1, 1)
HEAVY, LIGHT = "19C", "8N"


def day(number):
    return START + dt.timedelta(days=number)


@pytest.fixture(scope="module", name="index")
def _index():
    return hhpu.load_registry(plugins="none").index("ons-css")


@pytest.fixture(scope="module", name="weights")
def _weights(index):
    return {w.code: w.weight / index.scale for w in index.weights}


def trial(lines, index, columns=(), **options):
    names = ["offender_id", "code", "day", "known", *columns]
    made = pd.DataFrame(lines, columns=names)
    made["committed_on"] = [day(n) for n in made.pop("day")]
    made["recorded_on"] = [day(n) for n in made.pop("known")]
    tested = backtest(
        hhpu.encode(made), origins=[day(20)], follow_up=50, until=day(365), index=index,
        contenders=[TotalHarm()], **options,
    )  # fmt: skip
    return tested.trials[0]


LINES = [
    ("a", HEAVY, 5, 5), ("b", LIGHT, 10, 10), ("c", LIGHT, 20, 20),
    ("a", LIGHT, 21, 21), ("a", HEAVY, 40, 70), ("b", LIGHT, 70, 70), ("c", HEAVY, 71, 71),
    ("d", LIGHT, 30, 30), ("d", HEAVY, 31, 31),
    ("a", LIGHT, 8, 25), ("e", HEAVY, 9, 26), ("b", HEAVY, 9, 71),
]  # fmt: skip


def test_what_followed_is_counted_from_the_day_after_the_origin_to_the_last_day(index, weights):
    found = trial(LINES, index, serious=Serious(codes=[HEAVY])).outcomes
    assert found.count.tolist() == [2, 1, 0]
    assert found.harm == pytest.approx([weights[HEAVY] + weights[LIGHT], weights[LIGHT], 0])
    assert found.serious.tolist() == [1, 0, 0]
    assert found.first_day.tolist() == [1, 50, 0]
    assert found.first_serious_day.tolist() == [20, 0, 0]


def test_people_who_were_not_ranked_and_what_came_late_are_told_apart(index, weights):
    found = trial(LINES, index).outcomes
    both = weights[HEAVY] + weights[LIGHT]
    assert found.others == {"offences": 2, "harm": pytest.approx(both), "people": 1}
    assert found.late == {"offences": 2, "harm": pytest.approx(both), "people": 2}


def test_each_outcome_by_name(index, weights):
    made = trial(LINES, index, serious=Serious(least=weights[HEAVY]), cap=200)
    assert set(OUTCOMES) == {"count", "harm", "capped-harm", "any", "serious"}
    assert made.outcome("count").tolist() == [2, 1, 0]
    assert made.outcome("any").tolist() == [1, 1, 0]
    assert made.outcome("serious").tolist() == [1, 0, 0]
    assert made.outcome("capped-harm") == pytest.approx([200, min(200, weights[LIGHT]), 0])
    with pytest.raises(ArgumentError, match="'weight' is unknown: one of count"):
        made.outcome("weight")
    with pytest.raises(ArgumentError, match="needs serious="):
        trial(LINES, index).outcome("serious")


def test_the_threshold_of_serious_is_included(index, weights):
    for least, expected in ((weights[HEAVY], 1), (weights[HEAVY] + 0.01, 0), (weights[LIGHT], 2)):
        found = trial(LINES, index, serious=Serious(least=least)).outcomes
        assert found.serious[0] == expected


def test_serious_is_a_threshold_or_a_list(index):
    assert Serious(least=365.5).told == "weight of at least 365.5"
    assert Serious(codes=["b", "a"]).told == "one of 2 declared codes"
    assert Serious(codes=["b", "a"]).to_dict() == {"least": None, "codes": ["a", "b"]}
    for wrong in ({}, {"least": 1, "codes": ["a"]}):
        with pytest.raises(ArgumentError, match="one of the two"):
            Serious(**wrong)
    with pytest.raises(ArgumentError, match="written alike"):
        trial(LINES, index, serious=Serious(codes=["019C"]))


def test_harm_is_split_by_how_it_came_to_light(index, weights):
    lines = [
        ("a", HEAVY, 5, 5, "reported"), ("b", HEAVY, 5, 5, None),
        ("a", HEAVY, 30, 30, "reported"), ("a", LIGHT, 31, 31, "proactive"),
        ("b", LIGHT, 32, 32, None), ("b", LIGHT, 33, 33, "company"),
        ("b", LIGHT, 34, 34, "management"),
    ]  # fmt: skip
    found = trial(lines, index, columns=["detection"]).outcomes
    heavy, light = weights[HEAVY], weights[LIGHT]
    assert found.by_detection["victim-reported"] == pytest.approx([heavy, light])
    assert found.by_detection["police-initiated"] == pytest.approx([light, 2 * light])
    assert sum(found.by_detection.values()) == pytest.approx(found.harm)
    assert trial(LINES, index).outcomes.by_detection == {}


def test_the_share_of_later_offences_that_stand_against_several(index):
    lines = [
        ("a", HEAVY, 5, 5, "o1"), ("b", HEAVY, 5, 5, "o1"), ("c", HEAVY, 5, 5, "o2"),
        ("a", HEAVY, 30, 30, "o3"), ("b", HEAVY, 30, 30, "o3"),
        ("c", HEAVY, 31, 31, "o4"), ("z", HEAVY, 31, 31, "o4"), ("c", LIGHT, 32, 32, "o5"),
    ]  # fmt: skip
    assert trial(lines, index, columns=["offence_id"]).outcomes.shared == 0.5
    unnamed = [line[:4] for line in lines]
    assert trial(unnamed, index).outcomes.shared == 0.0
    assert trial(lines[:3], index, columns=["offence_id"]).outcomes.shared == 0.0


def test_a_status_that_changed_makes_no_late_offence(index):
    lines = [
        ("a", HEAVY, 5, 5, "o1", day(5), day(25), "suspect"),
        ("a", HEAVY, 5, 5, "o1", day(25), None, "charged"),
    ]
    columns = ["offence_id", "known_from", "known_to", "status"]
    found = trial(lines, index, columns=columns).outcomes
    assert found.late["offences"] == 0
    assert np.array_equal(found.count, [0])
