"""Everybody by expected harm, each value taken apart, against fractions."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import forces
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

import hhpu
from hhpu.ranking import ExpectedHarm, expected_harm


@given(forces.forces(), forces.definitions(), forces.origins, st.integers(1, 9), st.integers(1, 30))
def test_every_value_is_the_formula_and_multiplies_out(rows, definition, t, half_life, prior):
    definition = reference.Definition(**{**vars(definition), "method": "total-harm"})
    ledger = hhpu.encode(forces.frame(rows))
    found = expected_harm(
        ledger,
        as_of=t,
        method=ExpectedHarm(half_life, prior),
        definition=forces.definition_of(definition),
    )
    table = found.to_frame()
    expected = reference.evaluate(reference.read(rows)[0], definition, t)
    everything = [amount for parts in expected.parts.values() for _, amount in parts]
    mean = Fraction(sum(everything), max(len(everything), 1))
    values = {}
    for person, parts in expected.parts.items():
        decayed = sum(
            Fraction(reference.decay(t.toordinal() - link.day, half_life), 2**20)
            for link, _ in parts
        )
        harm = sum(amount for _, amount in parts)
        values[person] = decayed * (harm + prior * mean) / (len(parts) + prior)
    assert set(table["offender_id"]) == set(values)
    for line in table.itertuples():
        assert line.expected == pytest.approx(float(values[line.offender_id]), rel=1e-12)
        own = line.share_own * line.own_severity
        shrunken = own + (1 - line.share_own) * line.population_severity
        assert line.severity == pytest.approx(shrunken, rel=1e-9, abs=1e-12)
        assert line.expected == pytest.approx(line.decayed * line.severity, rel=1e-12)
    assert table["rank"].is_monotonic_increasing
    assert table["expected"].is_monotonic_decreasing


def test_people_with_the_same_offences_share_a_rank_and_the_sum_stands_beside():
    day = dt.date(2025, 1, 1)
    rows = [
        {"offender_id": who, "code": code, "committed_on": day}
        for who, code in (("a", "A"), ("b", "A"), ("c", "B"), ("c", "B"), ("c", "B"))
    ]
    index = forces.index_of(forces.points({"A": 900, "B": 100}))
    found = expected_harm(
        hhpu.encode(forces.frame(rows)), as_of="2025-06-01", method=ExpectedHarm(365, 20),
        index=index,
    )  # fmt: skip
    table = found.to_frame().set_index("offender_id")
    assert table["rank"].to_dict() == {"a": 2, "b": 2, "c": 1}
    assert table["total_harm_rank"].to_dict() == {"a": 1, "b": 1, "c": 3}
    assert found.to_dict()["people"] == 3
    assert "no sum over offences" in " ".join(found.provenance.caveats)
    assert "half-life 365 days" in found._repr_html_()


def test_a_method_of_another_kind_is_refused():
    ledger = hhpu.encode(forces.frame([{"offender_id": "a", "code": "A",
                                        "committed_on": dt.date(2025, 1, 1)}]))  # fmt: skip
    index = forces.index_of(forces.points({"A": 900}))
    with pytest.raises(hhpu.ArgumentError, match="ExpectedHarm"):
        expected_harm(ledger, as_of="2025-06-01", method=hhpu.TotalHarm(), index=index)
