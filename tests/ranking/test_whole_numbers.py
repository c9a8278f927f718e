"""Whole numbers of any library are taken where days, years and people are counted."""

from __future__ import annotations

import forces
import numpy as np
import pandas as pd
import pytest

import hhpu

INDEX = forces.index_of(forces.points({"A": 1000}))
AS_OF = "2026-01-31"


class Whole:
    """A whole number that is no int."""

    def __init__(self, number):
        self.number = number

    def __index__(self):
        return self.number


KINDS = [np.int64, np.int32, np.uint8, Whole, np.array]


def ledger(**options):
    table = pd.DataFrame({"offender_id": ["1", "2", "3"], "code": "A",
                          "committed_on": ["2026-01-01", "2025-12-01", "2020-01-01"]})  # fmt: skip
    return hhpu.encode(table, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_whole_numbers_of_any_library_count_days_years_and_people(kind):
    plain, own = ledger(criminal_age=12), ledger(criminal_age=kind(12))
    assert own.digest == plain.digest
    assert type(own.criminal_age) is int
    expected = hhpu.rank(plain, as_of=AS_OF, index=INDEX, window=90)
    ranking = hhpu.rank(own, as_of=AS_OF, index=INDEX, window=kind(90))
    assert ranking.to_dict() == expected.to_dict()
    assert ranking.top(kind(1)).k == expected.top(1).k == 1
    method = hhpu.RecencyWeightedHarm(half_life=kind(30))
    assert method == hhpu.RecencyWeightedHarm(half_life=30)
    assert type(method.half_life) is int
    one, other = (hhpu.all_offences(INDEX, window=200).derive(window=n, non_recent_after=n)
                  for n in (kind(90), 90))  # fmt: skip
    assert (one.digest, one.derived_from) == (other.digest, other.derived_from)


@pytest.mark.parametrize("number", [True, np.bool_(1), 3.0, np.float64(3), "3", np.array([3, 4])])
def test_what_is_no_whole_number_is_refused(number):
    with pytest.raises(hhpu.ArgumentError, match="half_life="):
        hhpu.RecencyWeightedHarm(half_life=number)
    with pytest.raises(hhpu.DefinitionError, match="window is a whole number"):
        hhpu.all_offences(INDEX, window=number)
