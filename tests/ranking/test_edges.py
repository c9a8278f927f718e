"""Small cases by hand at edges that random data rarely reaches."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest

import hhpu
from hhpu.ledger._faults import _clashing
from hhpu.ranking._exact import sums_by

AS_OF = "2025-12-31"
INDEX = hhpu.HarmIndex(
    name="edges",
    edition="1",
    title="Edges",
    unit="points",
    scale=1,
    codes="own",
    licence="CC0-1.0",
    citations=(hhpu.Citation(key="us", title="Us"),),
    weights=(
        hhpu.Weight("A", 10, "force", ("us",)),
        hhpu.Weight("Z", 0, "force", ("us",)),
        hhpu.Weight("H", 2**53 // 100, "force", ("us",)),
    ),
)


def table(**columns):
    size = max(len(cells) for cells in columns.values())
    plain = {"committed_on": ["2025-01-01"] * size, "recorded_on": ["2025-01-02"] * size}
    return pd.DataFrame(plain | columns)


def rank(frame, **options):
    return hhpu.rank(hhpu.encode(frame), as_of=AS_OF, index=INDEX, **options)


def test_the_rank_without_an_offence_of_weight_0_is_the_rank():
    ranking = rank(table(offender_id=["p", "p", "q"], code=["A", "Z", "A"]))
    without = {c.code: c.rank_without for c in ranking.explain("p").contributions}
    assert without == {"A": 2, "Z": 1}


def test_an_unreadable_status_is_worth_nothing_in_the_score_as_in_its_fate():
    frame = table(offender_id=["p", "q"], code=["A", "A"], status=["guilty?", "charged"])
    ranking = rank(frame)
    assert ranking.ids(ranking.order) == ["q"]
    assert ranking.scores.coverage()["unreadable_status_offences"] == 1


def test_the_digest_tells_an_offence_under_ten_from_one_that_is_not():
    frame = table(offender_id=["p"], code=["A"])
    people = [
        pd.DataFrame({"offender_id": ["p"], "date_of_birth": [born]})
        for born in ("2015-01-01", "2015-01-02")
    ]
    ledgers = [hhpu.encode(frame, people=one) for one in people]
    assert [ledger.mask.tolist() for ledger in ledgers] == [[0], [1]]
    assert ledgers[0] != ledgers[1]


@pytest.mark.parametrize("rows", [1, 5_000])
def test_sums_beyond_64_bits_are_exact(rows):
    place = np.zeros(rows, dtype=np.int32)
    values = np.full(rows, 2**53 - 1, dtype=np.int64)
    times = np.full(rows, 2**20, dtype=np.int64)
    (found,) = sums_by(place, values, 1, times=times).tolist()
    assert found == rows * (2**53 - 1) * 2**20


def test_many_small_values_with_large_factors_are_exact():
    rows = 9_000_000
    place = np.zeros(rows, dtype=np.int32)
    (found,) = sums_by(place, np.full(rows, 2**20 - 1), 1, times=np.full(rows, 2**20)).tolist()
    assert found == rows * (2**20 - 1) * 2**20


def test_recency_weighted_series_and_proven_totals_are_exact_beyond_64_bits():
    rows = 3_000
    frame = table(
        offender_id=["p"] * rows, code=["H"] * rows, status=["convicted"] * rows,
        detection=["proactive"] * rows, committed_on=[AS_OF] * rows, recorded_on=[AS_OF] * rows,
    )  # fmt: skip
    ranking = rank(frame, method=hhpu.RecencyWeightedHarm(365))
    line = ranking.to_frame().iloc[0]
    exact = str(rows * (2**53 // 100))
    assert [line["score"], line["score_proven_only"], line["harm_proactive"]] == [exact] * 3


def test_a_filler_offence_id_is_none_and_takes_no_quadratic_time():
    rows = 30_000
    frame = table(
        offender_id=[f"p{i}" for i in range(rows)], code=["A", "Z"] * (rows // 2),
        offence_id=["0"] * rows,
    )  # fmt: skip
    ledger = hhpu.encode(frame)
    assert ledger.problems.count("placeholder-offence-id") == rows
    assert ledger.problems.count("contradicting-code") == 0


def test_one_offence_of_many_people_with_two_codes_is_found_contradicting_in_one_sweep():
    rows = 30_000
    frame = table(
        offender_id=[f"p{i}" for i in range(rows)], code=["A", "Z"] * (rows // 2),
        offence_id=["o1"] * rows,
    )  # fmt: skip
    assert hhpu.encode(frame).problems.count("contradicting-code") == rows


def test_contradictions_are_those_that_a_comparison_of_all_pairs_finds():
    rng = np.random.default_rng(7)
    for _ in range(400):
        size = int(rng.integers(2, 9))
        begin = rng.integers(0, 12, size)
        end = begin + rng.integers(1, 8, size)
        value = rng.integers(0, 3, size).astype(np.int32)
        pairs = {
            i
            for i in range(size)
            for j in range(size)
            if value[i] != value[j] and begin[i] < end[j] and begin[j] < end[i]
        }
        assert set(_clashing(begin, end, value)) == pairs


def test_a_suspect_victim_join_needs_every_suspect_equally_often():
    joined = table(offender_id=["p", "p", "q", "q"], code=["A"] * 4, offence_id=["o1"] * 4)
    uneven = table(offender_id=["p", "p", "p", "q", "q"], code=["A"] * 5, offence_id=["o1"] * 5)
    assert hhpu.encode(joined).problems.count("suspect-victim-join") == 2
    assert hhpu.encode(uneven).problems.count("suspect-victim-join") == 0


def test_parts_with_people_tables_that_differ_are_refused():
    frame = table(offender_id=["p"], code=["A"])
    people = pd.DataFrame({"offender_id": ["p"], "date_of_birth": ["1990-01-01"]})
    unlike = hhpu.encode(frame, people=people.assign(date_of_birth=None))
    with pytest.raises(hhpu.ArgumentError, match="the same people table"):
        hhpu.Ledger.concat([hhpu.encode(frame, people=people), unlike])


def test_the_ledger_keeps_what_it_was_given_when_the_table_changes_later():
    frame = table(offender_id=["p", "p"], code=["A", "A"], offence_id=[13, 14])
    ledger = hhpu.encode(frame)
    frame.loc[1, "offence_id"] = 13
    assert ledger.offence_ids(np.array([0, 1])) == ["13", "14"]
    assert len(ledger.duplicates_on(30_000)) == 0


def test_results_and_errors_can_be_pickled_and_copied():
    ranking = rank(table(offender_id=["p"], code=["A"]))
    for value in (ranking, ranking.explain("p"), ranking.scores.definition, ranking.provenance):
        for again in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value)):  # noqa: S301
            assert type(again) is type(value)
    again = pickle.loads(pickle.dumps(ranking))  # noqa: S301
    pd.testing.assert_frame_equal(again.to_frame(), ranking.to_frame())
    with pytest.raises(hhpu.UnknownName) as caught:
        hhpu.load_registry(plugins="none").index("nope")
    error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert (str(error), error.name) == (str(caught.value), "nope")


def test_results_are_read_only():
    scores = rank(table(offender_id=["p"], code=["A"])).scores
    for array in (scores.amounts, scores.people, scores.rows, scores.ledger.day):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_the_types_of_the_columns_do_not_vary_with_what_is_ranked():
    ledger = hhpu.encode(table(offender_id=["p"], code=["A"]))
    some, none = (hhpu.rank(ledger, as_of=day, index=INDEX) for day in (AS_OF, "2020-01-01"))
    assert len(none) == 0
    assert some.to_frame().dtypes.equals(none.to_frame().dtypes)


@pytest.mark.parametrize(
    "call",
    [
        lambda ledger: hhpu.rank(ledger, as_of=AS_OF, index="ons-css"),
        lambda ledger: hhpu.rank(ledger, as_of=AS_OF, definition="high-harm-groups"),
        lambda _: hhpu.rank(pd.DataFrame(), as_of=AS_OF, index=INDEX),
        lambda ledger: hhpu.compare(ledger, ledger),
        lambda _: hhpu.Ledger.concat([]),
        lambda _: hhpu.check(table(offender_id=["p"], code=["A"]), contract="offences"),
        lambda _: hhpu.check(table(offender_id=["p"], code=["A"]), values={"code": {"a": "b"}}),
        lambda _: hhpu.encode(table(offender_id=["p"], code=["A"]), notation="home-office-clas"),
    ],
)
def test_a_wrong_call_is_told_in_words(call):
    ledger = hhpu.encode(table(offender_id=["p"], code=["A"]))
    with pytest.raises(hhpu.ArgumentError):
        call(ledger)
