"""The table of methods."""

from __future__ import annotations

import pytest

import hhpu
from hhpu.ranking import METHODS, method_named, parameters_of
from hhpu.runs._schema import KEYS

MADE = {
    "total-harm": hhpu.TotalHarm(),
    "offence-count": hhpu.OffenceCount(),
    "recency-weighted": hhpu.RecencyWeightedHarm(half_life=180),
}


def test_every_method_stands_in_the_table_under_its_own_name():
    assert set(METHODS) == set(MADE)
    for name, method in MADE.items():
        assert method.name == name
        assert method_named(name, {"half_life": 180, "other": 1}) == method
        assert method_named(name, method.to_dict()) == method


def test_only_recency_has_a_parameter():
    assert [parameters_of(name) for name in METHODS] == [(), (), ("half_life",)]


def test_a_method_that_there_is_not_is_refused_with_those_there_are():
    with pytest.raises(hhpu.ArgumentError, match="total-harm, offence-count, recency-weighted"):
        method_named("sum", {})


def test_a_missing_parameter_is_refused():
    with pytest.raises(hhpu.ArgumentError, match="half_life"):
        method_named("recency-weighted", {})


def test_a_run_file_may_name_each_of_them():
    assert [KEYS["harm"]["method"].check(name) for name in MADE] == [None, None, None]
