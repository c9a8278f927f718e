"""The one call: bad input is refused or its result stated, and groups reach nothing else."""

import datetime as dt
import json
import logging
import re

import numpy as np
import pandas as pd
import pytest

import hhpu
from hhpu.errors import ArgumentError, InputRefused
from hhpu.indices import all_offences
from hhpu.ranking import ExpectedHarm, OffenceCount, RecencyWeightedHarm, TotalHarm
from hhpu.validation import POOLED, Contender, Serious, Unranked, validate

START = dt.date(2020, 1, 1)
BARE = re.compile(r"weak|strong|signific", re.IGNORECASE)


def day(number):
    return START + dt.timedelta(days=number)


def frame(lines):
    made = pd.DataFrame(lines, columns=["offender_id", "code", "day"])
    made["committed_on"] = [day(int(n)) for n in made.pop("day")]
    return made.assign(recorded_on=made["committed_on"])


def a_force(people=40, rows=400, seed=1):
    rng = np.random.default_rng(seed)
    who = (people * rng.random(rows) ** 2).astype(int)
    codes = rng.choice(["19C", "8N", "5D", "28A"], rows, p=[0.1, 0.3, 0.2, 0.4])
    return frame([(f"p{p:02d}", c, n) for p, c, n in zip(who, codes, rng.integers(0, 300, rows),
                                                        strict=True)])  # fmt: skip


@pytest.fixture(scope="module", name="index")
def _index():
    return hhpu.load_registry(plugins="none").index("ons-css")


@pytest.fixture(scope="module", name="ledger")
def _ledger():
    return hhpu.encode(a_force())


def run(data, index, **options):
    held = data if isinstance(data, hhpu.Ledger) else hhpu.encode(data)
    asked = {"origins": [day(100)], "follow_up": 50, "seed": 1, "index": index, "resamples": 100,
             "until": day(365)}  # fmt: skip
    return validate(held, **(asked | options))


def stated(found):
    """What is written of a result: numbers that JSON can hold, sentences that hold what they need.

    Warnings are errors throughout.
    """
    json.dumps(found.to_dict(), allow_nan=False)
    assert found.statements
    for told in found.statements:
        assert not BARE.search(told)
        if told.startswith("The parameters of"):
            continue
        assert re.search(r"n = [\d,]+\.$", told)
        assert re.search(r"\[.+\]", told)
        assert "captured harm is undefined" in told or re.search(r"hold [\d.]+% \[.*%\] of ", told)
    return found


# --- the sentences


def test_each_sentence_has_interval_n_and_captured_harm(ledger, index):
    found = stated(run(ledger, index, origins=[day(100), day(150)], method="expected-harm",
                       top=[5, "10%"]))  # fmt: skip
    assert found.statements[0].startswith("The parameters of expected-harm are half-life")
    assert len(found.statements) == 1 + 3 * 2
    assert sum(told.startswith("Over all origins") for told in found.statements) == 2
    assert found._repr_html_().count("<li>") == len(found.statements)
    line = found.figures.find(origin=str(day(100)), contender="expected-harm", outcome="harm",
                              figure="captured", at="5").iloc[0]  # fmt: skip
    told = f"its first 5 hold {line['value']:.1%} [{line['low']:.1%}, {line['high']:.1%}]"
    assert told in found.statements[1]


def test_the_baseline_that_is_named_holds_the_most(ledger, index):
    found = run(ledger, index, top=[5])
    held = found.figures.find(outcome="harm", figure="captured", at="5").set_index("contender")
    others = held["value"].drop(["total-harm", "random"])
    best = min(others.index, key=lambda name: (-others[name], name))
    assert f"{best} holds the most: " in found.statements[0]
    assert re.search(rf"(better|worse) than {best} \(difference", found.statements[0])


# --- bad input


def test_an_outcome_window_past_the_data_is_refused(ledger, index):
    for options in ({"follow_up": 300, "until": None}, {"delay": 300}, {"until": day(149)}):
        with pytest.raises(ArgumentError, match="end after the data do"):
            run(ledger, index, **options)


def test_as_known_dates_that_are_missing_are_refused(index):
    with pytest.raises(InputRefused, match="say not when they were known"):
        run(a_force().drop(columns="recorded_on"), index)


def test_an_undated_status_is_refused_naming_the_column(index):
    data = a_force()
    data["status"] = np.where(np.arange(len(data)) % 2, "charged", "suspect")
    weighing = all_offences(index).derive(status_policy={"suspect": 50})
    with pytest.raises(InputRefused, match="column status"):
        run(data, None, definition=weighing)


def test_an_origin_on_a_gap_is_refused(ledger, index):
    with pytest.raises(ArgumentError, match="lie in the gap"):
        run(ledger, index, gaps=[(day(99), day(101))])


ALL_TIED = [(f"p{n}", "8N", n) for n in range(30)]


def test_scores_that_are_all_tied_are_no_order(index):
    found = stated(run(frame([*ALL_TIED, *[(f"p{n}", "8N", 110) for n in range(5)]]), index))
    assert "not shown to be better than random order" in found.statements[0]
    table = found.figures.find(contender="total-harm", figure="spearman")
    assert table["value"].isna().all()
    assert (table["undefined"] == 100).all()
    tests = found.figures.tests.query("contender == 'total-harm' and figure == 'spearman'")
    assert (tests["why"] != "").all()
    areas = found.figures.find(contender="total-harm", figure="auc")
    assert areas["value"].tolist() == [0.5]


def test_no_outcomes_are_stated(index):
    found = stated(run(frame(ALL_TIED), index))
    (told,) = found.statements
    assert told == (
        f"As of {day(100)}, total-harm ranked 30 people; nobody has later harm in the 50 days that "
        "followed: captured harm is undefined [no interval], n = 30."
    )
    assert found.figures.find(figure="captured")["value"].isna().all()
    assert found.figures.ties.query("figure == 'captured'")["note"].ne("").all()
    assert found.figures.origins["with_outcome"].tolist() == [0]


def test_no_outcomes_at_one_of_two_origins_are_stated(index):
    lines = [*ALL_TIED, *[(f"p{n}", "19C", 140) for n in range(5)]]
    found = stated(run(frame(lines), index, origins=[day(60), day(130)], top=[3]))
    assert "nobody has later harm" in found.statements[0]
    assert "hold" in found.statements[1]
    assert found.statements[2].startswith("Over all origins")
    assert "at an origin nobody has later harm" in found.statements[2]
    pooled = found.figures.find(origin=POOLED, figure="captured")
    assert pooled["value"].isna().all()


def test_everybody_having_an_outcome_is_one_class(index):
    lines = [(f"p{n}", "8N", day) for n in range(30) for day in (n, 110)]
    found = stated(run(frame(lines), index))
    assert found.figures.find(figure="auc")["value"].isna().all()
    why = found.figures.tests.query("figure == 'auc'")["why"]
    assert (why != "").all()
    assert "not shown to be better than random order" in found.statements[0]


def test_fewer_people_than_seats_are_stated(index):
    lines = [("a", "8N", 1), ("b", "19C", 2), ("c", "8N", 3), ("b", "8N", 110)]
    found = stated(run(frame(lines), index, top=[50, "1%"]))
    notes = found.figures.ties.query("at == '50'")["note"]
    assert notes.str.contains("seats").all()
    assert set(found.figures.find(figure="captured", at="50")["value"]) == {1.0}
    assert found.certainty["seats"].tolist() == [3, 1]


def test_one_person_is_a_ranking_of_one(index):
    found = stated(run(frame([("a", "8N", 1), ("a", "8N", 110)]), index, top=[1]))
    assert found.figures.origins["people"].tolist() == [1]


def test_nobody_ranked_at_any_origin_is_refused_and_at_one_is_counted(index):
    lines = [("a", "8N", 1), ("b", "19C", 2), ("a", "8N", 110), ("b", "8N", 150), ("c", "8N", 160)]
    with pytest.raises(ArgumentError, match="nobody has a counted offence"):
        run(frame(lines), index, origins=[day(50)], window=5)
    found = stated(run(frame(lines), index, origins=[day(50), day(112)], window=5, top=[1]))
    assert found.figures.origins["people"].tolist() == [0, 1]
    assert POOLED not in set(found.figures.table["origin"])


def test_groups_missing_for_some_people_are_counted(ledger, index):
    groups = pd.DataFrame({"offender_id": [f"p{n:02d}" for n in range(12)], "sex": ["F", "M"] * 6})
    found = stated(run(ledger, index, groups=groups, top=[10], suppress_below=0))
    (table,) = found.fairness.values()
    counts = table.query("figure == 'people' and how == 'value'").set_index("group")["value"]
    assert counts.sum() == found.figures.origins["people"].iloc[0]
    assert counts["sex: not given"] == counts.sum() - 12
    assert found.cautions


@pytest.mark.parametrize("value", [np.nan, [np.nan]])
def test_nan_scores_of_a_method_are_refused(ledger, index, value):
    class Own:
        name = "ours"

        def to_dict(self):
            return {"name": "ours"}

        def scores(self, history):
            return np.where(np.arange(len(history)) == 3, value, 1.0)

    with pytest.raises(ArgumentError, match="'ours' gave NaN for 1 people"):
        run(ledger, index, method=Own())
    with pytest.raises(ArgumentError, match="'ours' gave NaN for 1 people"):
        run(ledger, index, against=[Own()])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"origins": [], "method": "expected-harm"}, "ascending"),
        ({"origins": ["2020-05-01", "2020-04-01"], "method": "expected-harm"}, "ascending"),
        ({"method": "best"}, "'expected-harm'"),
        ({"method": Unranked()}, "random order is what"),
        ({"outcomes": []}, "is empty"),
        ({"outcomes": ["serious"]}, "needs serious="),
        ({"top": []}, "at least one capacity"),
        ({"spells": pd.DataFrame()}, "long_custody="),
        ({"clusters": np.arange(3)}, "one number for each"),
        ({"against": [TotalHarm(), Contender(TotalHarm(), back=9)]}, "twice"),
        ({"reruns": ["2020-02-01", "2020-03-01"], "method": ExpectedHarm(half_life=9, prior=1)},
         "compares lists of"),
    ],
)  # fmt: skip
def test_arguments_that_cannot_be_used_are_refused(ledger, index, options, told):
    with pytest.raises(ArgumentError, match=told):
        run(ledger, index, **options)


# --- what stands in the one result


def test_two_variants_of_one_method_are_not_taken_for_one(ledger, index):
    mine = RecencyWeightedHarm(half_life=30)
    with pytest.raises(ArgumentError, match="recency-weighted twice"):
        run(ledger, index, method=mine, against=[RecencyWeightedHarm(half_life=60)])
    named = Contender(RecencyWeightedHarm(half_life=60), name="slower")
    found = run(ledger, index, method=mine, against=[mine, named])
    assert [each.label for each in found.backtest.contenders] == ["recency-weighted", "slower"]
    baseline = run(ledger, index, method=OffenceCount())
    assert [each.label for each in baseline.backtest.contenders].count("offence-count") == 1


def test_certainty_is_of_lists_of_the_day_that_rank_somebody(ledger, index):
    assert len(run(ledger, index, top=[3]).certainty) == 1
    older = Contender(TotalHarm(), name="old", back=20)
    nothing = Contender(TotalHarm(), name="none", definition=all_offences(index, window=1).derive(
        window=1))  # fmt: skip
    held = frame([(f"p{n}", "8N", d) for n in range(9) for d in (50 + n, 120)])
    for method in (older, nothing, ExpectedHarm(half_life=30, prior=3)):
        assert run(held, index, method=method, top=[3]).certainty.empty


MERGED = pd.DataFrame({"offender_id": ["p01", "p03"], "person_id": ["zz", "p02"],
                       "known_from": [str(day(2)), str(day(120))]})  # fmt: skip


def test_identities_reach_time_at_large_groups_and_reruns(ledger, index):
    spells = pd.DataFrame({"offender_id": ["p01"], "state": ["in-custody"],
                           "starts_on": [str(day(110))], "ends_on": [str(day(120))],
                           "known_from": [str(day(110))]})  # fmt: skip
    groups = pd.DataFrame({"offender_id": ["p01", "p03"], "sex": ["F", "M"]})
    found = run(ledger, index, identities=MERGED, spells=spells, long_custody=5, groups=groups,
                top=[5], suppress_below=0, window=90,
                reruns=[day(100), day(130)])  # fmt: skip
    people = found.figures.origins["people"].iloc[0]
    assert set(found.at_large["person_days"]) == {people * 50 - 10}
    (table,) = found.fairness.values()
    counts = table.query("figure == 'people' and how == 'value'").set_index("group")["value"]
    assert counts["sex=F"] == counts["sex=M"] == 1
    assert found.stability is not None
    assert "zz" in set(found.stability.ledger.people.tolist())


def test_clusters_are_drawn_for_the_figures_of_groups_too(ledger, index):
    groups = pd.DataFrame({"offender_id": [f"p{n:02d}" for n in range(40)], "sex": ["F", "M"] * 20})
    asked = {"groups": groups, "top": [10], "suppress_below": 0}
    one = np.zeros(len(ledger.people), dtype=np.int64)
    (table,) = run(ledger, index, clusters=one, resampled="town", **asked).fairness.values()
    rates = table.query("figure == 'selection rate' and how == 'value' and low == low")
    assert len(rates)
    assert (rates["low"] == rates["high"]).all()
    (people,) = run(ledger, index, **asked).fairness.values()
    rates = people.query("figure == 'selection rate' and how == 'value' and group == 'sex=F'")
    assert (rates["low"] < rates["high"]).all()


def test_every_table_has_a_name_and_the_whole_can_be_written(ledger, index):
    groups = pd.DataFrame({"offender_id": [f"p{n:02d}" for n in range(40)], "sex": ["F", "M"] * 20})
    found = stated(run(ledger, index, origins=[day(100), day(200)], method="expected-harm",
                       groups=groups, serious=Serious(codes=["19C"])))  # fmt: skip
    assert {"origins", "figures", "differences", "tests", "ties", "concentration", "chance",
            "certainty", "at-large", "incidence", "fairness",
            "tuning"} == set(found.tables())  # fmt: skip
    written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert written["provenance"]["tuning"]["method"]["name"] == "expected-harm"
    assert "p01" not in json.dumps(written)


# --- protected characteristics reach nothing but the table of groups


MARKS = ("Zq7-first", "Zq7-second", "Zq7-third")


def test_a_protected_characteristic_reaches_no_score_ledger_statement_or_log(
    ledger, index, caplog, capfd
):
    caplog.set_level(logging.DEBUG)
    before = ledger.digest
    groups = pd.DataFrame({"offender_id": [f"p{n:02d}" for n in range(40)],
                           "belief": [MARKS[n % 3] for n in range(40)]})  # fmt: skip
    told = []
    found = run(ledger, index, groups=groups, suppress_below=0, top=[10], progress=told.append)
    plain = run(ledger, index, top=[10])
    other = run(ledger, index, groups=groups.assign(belief=groups["belief"].to_numpy()[::-1]),
                top=[10])  # fmt: skip
    assert ledger.digest == before
    assert b"Zq7" not in ledger.to_bytes()
    for each in (found, other):
        for trial, alone in zip(each.backtest.trials, plain.backtest.trials, strict=True):
            for label, scores in alone.scores.items():
                assert np.array_equal(trial.scores[label], scores)
        pd.testing.assert_frame_equal(each.figures.table, plain.figures.table)
        assert each.statements == plain.statements
        assert each.provenance.to_dict() == plain.provenance.to_dict()
    written = found.to_dict()
    del written["fairness"]
    hidden = (json.dumps(written), repr(found), repr(found.backtest), found._repr_html_(),
              str(told), caplog.text, *capfd.readouterr())  # fmt: skip
    for text in hidden:
        assert "Zq7" not in text
    for name, table in found.tables().items():
        assert (name == "fairness") == ("Zq7" in table.to_csv())
    labels = {*found.fairness[f"{day(100)} at 10"]["group"]}
    assert {f"belief={mark}" for mark in MARKS} <= labels


def test_an_error_in_the_table_of_groups_names_no_value(ledger, index):
    groups = pd.DataFrame({"offender_id": [f"p{n % 40:02d}" for n in range(60)],
                           "belief": [f"Zq7-{n}" for n in range(60)]})  # fmt: skip
    many = groups.assign(offender_id=[f"p{n:02d}" for n in range(60)])
    for each in (many, many.rename(columns={"offender_id": "person"})):
        with pytest.raises((ArgumentError, InputRefused)) as refused:
            run(a_force(people=60, rows=900), index, groups=each, top=[10])
        assert "Zq7" not in str(refused.value)
