"""The rows for measuring speed: exactly as many as asked for, and heavy-tailed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hhpu.domain import EvidentialStatus
from hhpu.errors import ArgumentError
from hhpu.indices.codes import reference_codes
from hhpu.simulate import benchmark_offences

COLUMNS = ["offence_id", "offender_id", "code", "recorded_on", "committed_on", "status"]


@settings(deadline=None, max_examples=40)
@given(rows=st.integers(1, 3_000), seed=st.integers(0, 2**64))
def test_rows_are_as_many_as_asked_for_and_in_order(rows, seed):
    table = benchmark_offences(rows, seed=seed, ids="integer")
    assert list(table.columns) == COLUMNS
    assert len(table) == rows
    assert not table.isna().any(axis=None)
    assert table["recorded_on"].is_monotonic_increasing
    assert (table["committed_on"] <= table["recorded_on"]).all()
    assert table["recorded_on"].max() <= pd.Timestamp("2026-03-31")
    assert not table.duplicated(["offence_id", "offender_id"]).any()
    assert set(table["status"]) <= {status.value for status in EvidentialStatus}
    assert (table.groupby("offence_id")["code"].nunique() == 1).all()


def test_the_same_seed_gives_the_same_rows_however_ids_are_held():
    text = benchmark_offences(5_000, seed=2)
    pd.testing.assert_frame_equal(text, benchmark_offences(5_000, seed=2))
    assert not text.equals(benchmark_offences(5_000, seed=3))
    number = benchmark_offences(5_000, seed=2, ids="integer")
    category = benchmark_offences(5_000, seed=2, ids="categorical")
    for column in ("offence_id", "offender_id"):
        assert number[column].dtype == np.int64
        assert isinstance(category[column].dtype, pd.CategoricalDtype)
        assert text[column].str[1:].astype(np.int64).tolist() == number[column].tolist()
        assert category[column].astype(object).tolist() == text[column].tolist()
    pd.testing.assert_frame_equal(text[COLUMNS[2:]], number[COLUMNS[2:]])


def test_few_people_hold_many_rows():
    table = benchmark_offences(200_000, seed=2, ids="integer")
    counts = table["offender_id"].value_counts()
    assert counts.iloc[: round(0.07 * len(counts))].sum() / len(table) > 0.35
    assert 30_000 < len(counts) < 50_000
    assert 0.01 < table["offence_id"].duplicated().mean() < 0.08
    assert set(table["code"].unique()) <= set(reference_codes())
    assert table["code"].nunique() > 500


@pytest.mark.parametrize(
    "wrong", [{"rows": 0}, {"rows": 1.0}, {"seed": -1}, {"ids": "uuid"}], ids=str
)
def test_an_argument_out_of_range_is_named(wrong):
    arguments = {"rows": 10, "seed": 1} | wrong
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        benchmark_offences(arguments.pop("rows"), **arguments)
