"""Row order, chunks and dataframe library change no figure of the one result."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import hhpu
from hhpu.ranking import ExpectedHarm, TotalHarm
from hhpu.validation import Serious, clusters_of, validate

START = dt.date(2020, 1, 1)
INDEX = hhpu.load_registry(plugins="none").index("ons-css")
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)  # an example takes a second: no shrinking

rows = st.lists(
    st.tuples(
        st.sampled_from(["7", "007", "é", "P1", "a b"]),
        st.sampled_from(["19C", "8N", "28A", "X9"]),
        st.integers(0, 80),
        st.integers(0, 5),
        st.none() | st.sampled_from(["o1", "o2", "o3"]),
    ),
    min_size=4,
    max_size=25,
)


GROUPS = pd.DataFrame({"offender_id": ["7", "007", "é", "P1"], "sex": ["F", "M", "M", "F"]})
HOMES = pd.DataFrame({"offender_id": ["a b", "007", "é", "P1"], "home": ["1", "2", "2", "1"]})
METHODS = (TotalHarm(), ExpectedHarm(half_life=9, prior=2))


def frame(lines):
    made = pd.DataFrame(lines, columns=["offender_id", "code", "day", "late", "offence_id"])
    made["committed_on"] = [START + dt.timedelta(days=n) for n in made["day"]]
    made["recorded_on"] = [
        START + dt.timedelta(days=n + m) for n, m in zip(made["day"], made["late"], strict=True)
    ]
    return made.drop(columns=["day", "late"])


def figures(ledger, method):
    found = validate(
        ledger, origins=[START + dt.timedelta(days=n) for n in (40, 60)], follow_up=20, seed=5,
        index=INDEX, resamples=100, until=START + dt.timedelta(days=200), top=[1, "40%"],
        serious=Serious(codes=["19C", "8N", "28A", "X9"]), groups=GROUPS, suppress_below=0,
        method=method, clusters=clusters_of(ledger, HOMES, by="home"),
    ).to_dict()  # fmt: skip
    return json.dumps(found, allow_nan=False)


def with_anchor(lines):
    """The same rows, and one of each end, so that every origin has somebody and is covered."""
    return [("7", "8N", 0, 0, None), ("P1", "28A", 50, 0, None), *lines]


@settings(max_examples=4, phases=QUICK)
@given(rows, st.randoms(use_true_random=False), st.integers(1, 24), st.sampled_from(METHODS))
def test_the_order_and_the_chunks_of_rows_change_no_figure(lines, random, cut, method):
    lines = with_anchor(lines)
    data = frame(lines)
    expected = figures(hhpu.encode(data), method)
    shuffled = list(range(len(data)))
    random.shuffle(shuffled)
    assert figures(hhpu.encode(data.iloc[shuffled].reset_index(drop=True)), method) == expected
    at = min(cut, len(data) - 1)
    parts = [hhpu.encode(part) for part in (data.iloc[:at], data.iloc[at:])]
    assert figures(hhpu.Ledger.concat(parts), method) == expected


@settings(max_examples=2, phases=QUICK)
@given(rows)
def test_the_dataframe_library_changes_no_figure(lines):
    polars, pyarrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    data = frame(with_anchor(lines))
    expected = figures(hhpu.encode(data), METHODS[0])
    columns = {name: data[name].tolist() for name in data}
    columns["offence_id"] = [None if pd.isna(each) else each for each in columns["offence_id"]]
    assert figures(hhpu.encode(polars.DataFrame(columns)), METHODS[0]) == expected
    assert figures(hhpu.encode(pyarrow.table(columns)), METHODS[0]) == expected


def test_what_is_compared_changes_no_figure_of_the_others():
    rng = np.random.default_rng(3)
    when = rng.integers(0, 80, 150).tolist()
    data = frame([(f"p{int(20 * rng.random())}", "8N", n, 0, None) for n in when])
    ledger = hhpu.encode(data)
    asked = {"origins": [START + dt.timedelta(days=40)], "follow_up": 20, "seed": 5,
             "index": INDEX, "resamples": 100, "until": START + dt.timedelta(days=200)}  # fmt: skip
    many, few = validate(ledger, **asked), validate(ledger, against=[], outcomes=["harm"], **asked)
    where = {"contender": "total-harm", "outcome": "harm"}
    pd.testing.assert_frame_equal(many.figures.find(**where), few.figures.find(**where))
