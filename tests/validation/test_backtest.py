"""Backtests: what is refused, who a person is at each origin, and what a method may give."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import hhpu
from hhpu.errors import ArgumentError, InputRefused
from hhpu.indices import all_offences
from hhpu.ranking import ExpectedHarm, OffenceCount, RecencyWeightedHarm, TotalHarm
from hhpu.validation import (
    Contender,
    MostRecent,
    Serious,
    Unranked,
    backtest,
    baselines,
    last_list,
)

START = dt.date(2020, 1, 1)
HEAVY, LIGHT = "19C", "8N"


def day(number):
    return START + dt.timedelta(days=number)


def frame(lines, **more):
    """Lines of person, code and day; recorded on the day."""
    made = pd.DataFrame(
        [(p, code, day(n), day(n)) for p, code, n in lines],
        columns=["offender_id", "code", "committed_on", "recorded_on"],
    )
    return made.assign(**more)


@pytest.fixture(scope="module", name="index")
def _index():
    return hhpu.load_registry(plugins="none").index("ons-css")


@pytest.fixture(scope="module", name="weights")
def _weights(index):
    return {w.code: w.weight / index.scale for w in index.weights}


LINES = [("a", HEAVY, 5), ("b", LIGHT, 10), ("a", LIGHT, 60), ("c", HEAVY, 70), ("b", HEAVY, 90)]


def run(lines, index, origins=(20,), **options):
    data = lines if isinstance(lines, pd.DataFrame) else frame(lines)
    asked = {"follow_up": 50, "until": day(365), "index": index, "contenders": [TotalHarm()]}
    return backtest(hhpu.encode(data), origins=[day(n) for n in origins], **(asked | options))


def of(tested, number=0, label="total-harm"):
    trial = tested.trials[number]
    people = tested.ledger_at(trial).people
    return dict(zip((people[p] for p in trial.people), trial.scores[label].tolist(), strict=True))


# --- what the data cover


@pytest.mark.parametrize(("follow_up", "delay"), [(71, 0), (50, 21)])
def test_a_follow_up_past_the_end_of_the_data_is_refused_with_the_last_origin(
    index, follow_up, delay
):
    with pytest.raises(ArgumentError, match=f"the last origin that they cover is {day(19)}"):
        run(LINES, index, follow_up=follow_up, delay=delay, until=None)


def test_the_data_end_where_the_last_thing_became_known_or_where_it_is_said(index):
    run(LINES, index, follow_up=70, until=None)
    run(LINES, index, follow_up=71, until=day(91))
    with pytest.raises(ArgumentError, match="end after the data do"):
        run(LINES, index, follow_up=50, until=day(69))


def test_every_origin_that_is_not_covered_is_told_at_once(index):
    with pytest.raises(ArgumentError) as refused:
        run(LINES, index, origins=(-5, 20, 340), gaps=[(day(15), day(25)), (day(60), day(61))])
    told = str(refused.value)
    assert "before the first offence" in told
    assert "end after the data do" in told
    assert f"such as {day(20)}, lie in the gap" in told
    assert "runs into the gap" in told


@pytest.mark.parametrize(
    ("gap", "refused"),
    [((0, 19), False), ((20, 20), True), ((70, 70), True), ((71, 80), False), ((21, 22), True)],
)
def test_a_gap_is_refused_from_the_origin_to_the_end_of_the_follow_up(index, gap, refused):
    gaps = [(day(gap[0]), day(gap[1]))]
    if refused:
        with pytest.raises(ArgumentError, match="gap"):
            run(LINES, index, gaps=gaps)
    else:
        run(LINES, index, gaps=gaps)


def test_a_gap_that_ends_before_it_begins_is_refused(index):
    with pytest.raises(ArgumentError, match="is before"):
        run(LINES, index, gaps=[(day(9), day(8))])


def test_a_history_that_begins_before_the_data_is_told(index):
    told = run(LINES, index, window=100).caveats
    assert any("1 of 1 origins have a history of 100 days" in each for each in told)
    assert not any("history of" in each for each in run(LINES, index, window=10).caveats)


# --- what the data must say


def test_rows_that_say_not_when_they_were_known_are_refused_or_assumed(index):
    data = frame(LINES).drop(columns="recorded_on")
    with pytest.raises(InputRefused, match=r"5 of 5 rows .*known_from"):
        run(data, index)
    assumed = run(data, index, as_known="assumed")
    assert assumed.caveats[0].startswith("Not as known at the origins")
    assert of(assumed) == of(run(LINES, index))
    with pytest.raises(ArgumentError, match="required or assumed"):
        run(data, index, as_known="perhaps")


def test_a_status_without_its_date_is_refused_naming_the_column(index):
    data = frame(LINES, status=["charged", "suspect", "charged", "charged", "charged"])
    weighing = all_offences(index).derive(status_policy={"charged": 50})
    with pytest.raises(InputRefused, match=r"column status .*status_from") as refused:
        run(data, None, definition=weighing)
    assert "5 rows" in str(refused.value)
    other = Contender(TotalHarm(), name="other", definition=weighing)
    with pytest.raises(InputRefused, match=r"column status .*status_from"):
        run(data, index, contenders=[TotalHarm(), other])
    ended = data.assign(known_to=["2030-01-01", *[None] * 4])
    with pytest.raises(InputRefused, match=r"column status .*status_from"):
        run(ended, None, definition=weighing)


def test_a_status_without_its_date_matters_not_where_all_statuses_weigh_the_same(index):
    data = frame(LINES, status=["charged", "convicted", "charged", "charged", "charged"])
    assert of(run(data, index)) == of(run(LINES, index))


@pytest.mark.parametrize("options", [{"follow_up": 0}, {"follow_up": True}, {"delay": -1},
                                     {"follow_up": 5.0}])  # fmt: skip
def test_days_are_whole_numbers(index, options):
    with pytest.raises(ArgumentError, match="whole number of days"):
        run(LINES, index, **options)


@pytest.mark.parametrize("origins", [(), (20, 20), (30, 20)])
def test_origins_ascend(index, origins):
    with pytest.raises(ArgumentError, match="ascending"):
        run(LINES, index, origins=origins)


# --- identities as known at each origin


MERGED = pd.DataFrame({"offender_id": ["b"], "person_id": ["a"], "known_from": [str(day(25))]})


def test_a_merge_known_later_does_not_reach_an_earlier_origin(index, weights):
    tested = run(LINES, index, origins=(20, 25, 30), identities=MERGED)
    apart = run(LINES, index, origins=(20, 25, 30))
    unit = 100 * index.scale
    assert of(tested, 0) == of(apart, 0)
    both = round((weights[HEAVY] + weights[LIGHT]) * unit)
    assert of(tested, 1) == of(tested, 2) == {"a": both}
    assert of(apart, 1).keys() == {"a", "b"}
    assert tested.trials[0].outcomes.count.tolist() == [1, 0]
    assert tested.trials[1].outcomes.count.tolist() == [1]


def test_a_merge_that_ended_is_undone_at_later_origins(index):
    until = MERGED.assign(known_from=str(day(15)), known_to=str(day(25)))
    tested = run(LINES, index, origins=(20, 25), identities=until)
    assert [len(trial) for trial in tested.trials] == [1, 2]


def test_a_person_may_have_an_id_that_is_in_no_row(index):
    tested = run(LINES, index, identities=MERGED.assign(person_id="z", known_from=str(day(0))))
    assert of(tested).keys() == {"a", "z"}


# --- contenders


def test_who_has_no_score_under_a_contender_stands_below_everybody(index):
    other = all_offences(index).derive(window=12)
    lists = [TotalHarm(), Contender(TotalHarm(), name="short", definition=other),
             Contender(TotalHarm(), name="old", back=12)]  # fmt: skip
    tested = run(LINES, index, contenders=lists)
    short, old = of(tested, label="short"), of(tested, label="old")
    assert short["a"] < short["b"] == of(tested)["b"]
    assert old["b"] < old["a"] == of(tested)["a"]


def test_where_a_contender_scores_nobody_all_are_tied(index):
    tested = run(LINES, index, contenders=[TotalHarm(), Contender(TotalHarm(), name="o", back=90)])
    assert set(of(tested, label="o").values()) == {0}


def test_the_own_methods_give_the_scores_of_a_ranking(index):
    ledger = hhpu.encode(frame(LINES))
    for method in (TotalHarm(), OffenceCount(), RecencyWeightedHarm(half_life=30)):
        tested = run(LINES, index, origins=(20, 75), contenders=[method])
        for number, at in enumerate((20, 75)):
            alone = hhpu.score(ledger, as_of=day(at), index=index, method=method)
            found = tested.trials[number]
            assert found.people.tolist() == alone.people.tolist()
            assert found.scores[method.name].tolist() == alone.amounts.tolist()


def test_the_baselines_are_what_they_say(index):
    tested = run(LINES, index, origins=(75,), contenders=None)
    assert list(tested.trials[0].scores) == [
        "total-harm", "offence-count", "most-recent", "last-list", "random",
    ]  # fmt: skip
    assert of(tested, label="offence-count") == {"a": 2, "b": 1, "c": 1}
    assert of(tested, label="most-recent") == {"a": -15, "b": -65, "c": -5}
    assert set(of(tested, label="random").values()) == {0}
    before = of(run(LINES, index, origins=(25,)))
    assert {p: s for p, s in of(tested, label="last-list").items() if p in before} == before
    assert last_list(9).back == 9
    assert [each.label for each in baselines(3)][2:] == ["last-list", "random"]


def test_contenders_that_cannot_be_told_apart_are_refused(index):
    with pytest.raises(ArgumentError, match="total-harm twice"):
        run(LINES, index, contenders=[TotalHarm(), Contender(TotalHarm(), back=3)])
    with pytest.raises(ArgumentError, match="empty"):
        run(LINES, index, contenders=[])
    with pytest.raises(ArgumentError, match="scores"):
        Contender(object())
    with pytest.raises(ArgumentError, match="back=-1"):
        Contender(TotalHarm(), back=-1)
    with pytest.raises(ArgumentError, match="at least 1 day"):
        last_list(0)


class Own:
    """A method as a force may write one."""

    def __init__(self, give, name="ours"):
        self.give, self.name = give, name

    def to_dict(self):
        return {"name": self.name}

    def scores(self, history):
        return self.give(history)


def test_a_method_of_ones_own_is_scored_and_told(index):
    tested = run(LINES, index, contenders=[Own(lambda h: h.people * 2), ExpectedHarm(
        half_life=9, prior=1)])  # fmt: skip
    assert list(of(tested, label="ours").values()) == [0, 2]
    told = tested.provenance.to_dict()["contenders"]
    assert told[0] == {"name": "ours", "method": {"name": "ours"}, "definition": None, "back": 0}
    assert told[1]["method"] == {"name": "expected-harm", "half_life": 9, "prior": 1}


@pytest.mark.parametrize(
    ("give", "told"),
    [
        (lambda h: np.where(np.arange(len(h)) == 1, np.nan, 1.0), "NaN for 1 people"),
        (lambda h: np.full(len(h), np.nan), "NaN for 2 people"),
        (lambda h: np.zeros((len(h), 2)), r"\(2, 2\) scores"),
        (lambda h: np.zeros(len(h) + 1), r"\(3,\) scores"),
        (lambda _: 3.0, r"\(\) scores"),
        (lambda h: ["high"] * len(h), "one number for each"),
        (lambda h: [None] * len(h), "type object"),
        (lambda _: [[1], [1, 2]], "one number for each"),
        (lambda h: np.zeros(len(h), dtype=complex), "complex"),
    ],
)
def test_scores_that_are_no_numbers_are_refused_naming_the_contender(index, give, told):
    with pytest.raises(ArgumentError, match=told) as refused:
        run(LINES, index, contenders=[Own(give)])
    assert "'ours'" in str(refused.value)


def test_nan_for_somebody_who_is_not_ranked_at_the_origin_is_refused_too(index):
    def give(history):
        return np.where(history.people == 0, np.nan, 1.0)

    short = all_offences(index).derive(window=12)
    with pytest.raises(ArgumentError, match="NaN for 1"):
        run(LINES, None, definition=short,
            contenders=[Contender(Own(give), definition=all_offences(index))])  # fmt: skip


@pytest.mark.parametrize(
    "give",
    [
        lambda h: np.full(len(h), 1e300),
        lambda h: np.full(len(h), -np.inf),
        lambda h: np.full(len(h), np.inf),
        lambda h: np.zeros(len(h), dtype=np.uint64),
        lambda h: np.full(len(h), np.iinfo(np.int64).min),
        lambda h: np.ones(len(h), dtype=bool),
        lambda h: np.full(len(h), 7, dtype=np.int8),
        lambda h: np.full(len(h), np.float32(3e38)),
        lambda h: [1] * len(h),
    ],
)
def test_who_has_no_score_stands_below_whatever_numbers_a_method_gives(index, give):
    tested = run(LINES, index, contenders=[Contender(Own(give), back=12)])
    found = of(tested, label="ours")
    assert found["b"] < found["a"]


def test_unsigned_scores_keep_their_order(index):
    top = np.iinfo(np.uint64).max
    tested = run(LINES, index, contenders=[Own(lambda _: np.array([top, top - 1]))])
    found = of(tested, label="ours")
    assert found["b"] < found["a"]


# --- what followed


def test_the_events_add_up_to_the_harm_and_the_number(index):
    lines = [*LINES, ("a", LIGHT, 61), ("d", LIGHT, 30)]
    tested = run(lines, index, origins=(20, 75), follow_up=60)
    for trial in tested.trials:
        person, harm = tested.events(trial, later=False)
        assert np.bincount(person, minlength=len(trial)).tolist() == trial.offences.tolist()
        assert np.bincount(person, harm, len(trial)) == pytest.approx(trial.history_harm)
        person, harm = tested.events(trial, later=True)
        assert np.bincount(person, minlength=len(trial)).tolist() == trial.outcomes.count.tolist()
        assert np.bincount(person, harm, len(trial)) == pytest.approx(trial.outcomes.harm)


def test_an_event_that_was_known_too_late_is_none(index):
    data = frame(LINES)
    data.loc[2, "recorded_on"] = day(80)
    for delay, count in ((0, 0), (9, 0), (10, 1)):
        tested = run(data, index, delay=delay)
        assert tested.trials[0].outcomes.count.tolist() == [count, 0]
        assert len(tested.events(tested.trials[0], later=True)[0]) == count


def test_harm_is_capped_at_the_99th_percentile_after_the_latest_earlier_origin(index, weights):
    rng = np.random.default_rng(4)
    codes = rng.choice([HEAVY, LIGHT, "28A", "5D"], 600)
    who, when = (40 * rng.random(600)).astype(int), rng.integers(0, 300, 600).tolist()
    lines = [(f"p{p:02d}", code, n) for p, code, n in zip(who, codes, when, strict=True)]
    tested = run(lines, index, origins=(150, 180, 210, 240), follow_up=50, delay=10)
    start = 150 - 60
    before = {p for p, _, n in lines if n <= start}
    after = {}
    for person, code, n in lines:
        if start < n <= start + 50 and person in before:
            after[person] = after.get(person, 0) + weights[code]
    expected = np.quantile(list(after.values()), 0.99)
    for trial in tested.trials:
        assert trial.cap == pytest.approx(expected)
        harm = trial.outcome("harm")
        assert trial.outcome("capped-harm") == pytest.approx(np.minimum(harm, expected))
    assert any((trial.outcome("harm") > expected).any() for trial in tested.trials)
    assert run(lines, index, origins=(150,), cap=5.0).trials[0].cap == 5.0


def test_without_an_earlier_origin_there_is_no_cap(index):
    trial = run(LINES, index).trials[0]
    assert trial.cap is None
    with pytest.raises(ArgumentError, match="no earlier origin"):
        trial.outcome("capped-harm")


def test_a_backtest_tells_its_progress_and_what_it_is(index):
    told = []
    tested = run(LINES, index, origins=(20, 30), serious=Serious(least=100),
                 progress=lambda *done: told.append(done))  # fmt: skip
    assert told == [(1, 2), (2, 2)]
    assert len(tested) == 2
    assert "2 origins, 50 days of follow-up: total-harm" in repr(tested)
    assert repr(tested.trials[0]) == f"Trial({day(20)}: 2 people, total-harm)"
    facts = tested.provenance.to_dict()
    assert facts["follow_up"] == 50
    assert facts["serious"] == {"least": 100, "codes": None}
    assert facts["placing_date"] == "committed_on"


def test_an_origin_at_which_nobody_is_ranked_is_a_trial_of_nobody(index):
    tested = run(LINES, index, origins=(40,), window=5, contenders=[TotalHarm(), MostRecent(),
                 Unranked(), ExpectedHarm(half_life=3, prior=2)])  # fmt: skip
    trial = tested.trials[0]
    assert len(trial) == 0
    assert all(len(scores) == 0 for scores in trial.scores.values())
    assert trial.outcomes.others["offences"] == 3
