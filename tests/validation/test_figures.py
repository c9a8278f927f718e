"""The figures of a backtest: scipy on the same arrays, and a slow bootstrap of our own."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import hhpu
from hhpu.errors import ArgumentError
from hhpu.ranking import OffenceCount, RecencyWeightedHarm, TotalHarm
from hhpu.validation import POOLED, Serious, Unranked, backtest, figures

START = dt.date(2020, 1, 1)
CODES = ("19C", "8N", "5D", "28A")
SEED, RESAMPLES = 11, 120


def day(number):
    return START + dt.timedelta(days=number)


def a_force(people=45, rows=420, seed=5):
    rng = np.random.default_rng(seed)
    committed = [day(int(n)) for n in rng.integers(0, 300, rows)]
    return pd.DataFrame(
        {
            "offender_id": [f"p{int(people * r**2):02d}" for r in rng.random(rows)],
            "code": rng.choice(CODES, rows, p=[0.1, 0.3, 0.2, 0.4]),
            "committed_on": committed,
            "recorded_on": committed,
        }
    )


@pytest.fixture(scope="module", name="tested")
def _tested():
    index = hhpu.load_registry(plugins="none").index("ons-css")
    return backtest(
        hhpu.encode(a_force()), origins=[day(100), day(170)], follow_up=40, until=day(300),
        index=index, serious=Serious(codes=["19C"]), window=90,
        contenders=[TotalHarm(), OffenceCount(), RecencyWeightedHarm(half_life=30), Unranked()],
    )  # fmt: skip


@pytest.fixture(scope="module", name="found")
def _found(tested):
    return figures(tested, seed=SEED, resamples=RESAMPLES, top=[3, "20%"])


def one(found, **wanted):
    lines = found.find(**wanted)
    assert len(lines) == 1
    return lines.iloc[0]


def pairs(tested, outcomes=("count", "harm", "any", "serious", "capped-harm")):
    for trial in tested.trials:
        for outcome in outcomes:
            for label in ("total-harm", "offence-count", "recency-weighted"):
                yield trial, outcome, label, trial.scores[label], trial.outcome(outcome)


def test_rank_associations_and_their_p_values_are_those_of_scipy(tested, found):
    for trial, outcome, label, scores, followed in pairs(tested):
        where = {"origin": str(trial.date), "contender": label, "outcome": outcome}
        expected = {
            "spearman": stats.spearmanr(scores, followed).statistic,
            "tau_b": stats.kendalltau(scores, followed).statistic,
            "somers_d": stats.somersd(followed, scores).statistic,
        }
        for figure, value in expected.items():
            assert one(found, **where, figure=figure)["value"] == pytest.approx(value)
            tests = found.tests
            for name, text in (*where.items(), ("figure", figure)):
                tests = tests[tests[name] == text]
            assert tests["value"].tolist() == pytest.approx([value])
            assert (tests["people"] == len(trial)).all()
        asymptotic = stats.kendalltau(scores, followed, method="asymptotic").pvalue
        tau = found.tests.query(
            "origin == @where['origin'] and contender == @label and outcome == @outcome "
            "and figure == 'tau_b'"
        )
        assert tau["p"].iloc[0] == pytest.approx(asymptotic)


def test_areas_are_those_of_mann_and_whitney_and_twice_them_less_one_is_somers_d(tested, found):
    for trial, outcome, label, scores, followed in pairs(tested, ("any", "serious")):
        where = {"origin": str(trial.date), "contender": label, "outcome": outcome}
        some, none = scores[followed > 0], scores[followed == 0]
        expected = stats.mannwhitneyu(some, none).statistic / (len(some) * len(none))
        auc = one(found, **where, figure="auc")["value"]
        assert auc == pytest.approx(expected)
        assert one(found, **where, figure="somers_d")["value"] == pytest.approx(2 * auc - 1)
    random = found.find(contender="random", figure="auc")
    assert random["value"].tolist() == [0.5] * len(random)


def in_expectation(scores, followed, seats):
    """The mean of what the first seats hold, over many orders of the ties."""
    order = sorted(set(scores.tolist()), reverse=True)
    held, left = 0.0, seats
    for value in order:
        block = followed[scores == value]
        held += block.sum() * min(1, left / len(block)) if left > 0 else 0
        left -= len(block)
    return held


@pytest.mark.parametrize(("at", "seats"), [("3", lambda _: 3), ("20%", lambda n: int(n / 5 + 0.5))])
def test_captured_harm_is_that_of_the_first_seats(tested, found, at, seats):
    for trial, outcome, label, scores, followed in pairs(tested):
        where = {"origin": str(trial.date), "contender": label, "outcome": outcome, "at": at}
        k = seats(len(trial))
        share = in_expectation(scores, followed, k) / followed.sum()
        best = np.sort(followed)[::-1][:k].sum() / followed.sum()
        assert one(found, **where, figure="captured")["value"] == pytest.approx(share)
        assert one(found, **where, figure="of_best")["value"] == pytest.approx(share / best)
        lift = one(found, **where, figure="lift")["value"]
        assert lift == pytest.approx(share * len(trial) / k)


def draws(tested):
    """How often each person is in each draw, one draw carried through every origin."""
    names = np.array(tested.ledger.people.tolist(), dtype=object)
    everybody = sorted({name for trial in tested.trials for name in names[trial.people]})
    for number in range(RESAMPLES):
        rng = np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(SEED, spawn_key=(number,)))
        )
        times = np.bincount(rng.integers(0, len(everybody), len(everybody)),
                            minlength=len(everybody))  # fmt: skip
        held = dict(zip(everybody, times.tolist(), strict=True))
        yield [np.repeat(np.arange(len(t)), [held[name] for name in names[t.people]])
               for t in tested.trials]  # fmt: skip


def test_paired_differences_are_those_of_a_slow_bootstrap_of_the_same_draws(tested, found):
    slow = {name: [] for name in ("spearman", "captured")}
    for places in draws(tested):
        each = {name: [] for name in slow}
        for trial, at in zip(tested.trials, places, strict=True):
            followed = trial.outcome("harm")[at]
            mine, other = (trial.scores[c][at] for c in ("total-harm", "offence-count"))
            each["spearman"].append(
                stats.spearmanr(mine, followed).statistic
                - stats.spearmanr(other, followed).statistic
            )
            each["captured"].append(
                (in_expectation(mine, followed, 3) - in_expectation(other, followed, 3))
                / followed.sum()
            )
        for name, values in each.items():
            slow[name].append([*values, np.mean(values)])
    for name, values in slow.items():
        table = np.array(values)
        for place, origin in enumerate([*(str(t.date) for t in tested.trials), POOLED]):
            line = found.difference(
                origin=origin, contender="total-harm", against="offence-count", outcome="harm",
                figure=name, at="3" if name == "captured" else "",
            ).iloc[0]  # fmt: skip
            low, high = np.quantile(table[:, place], [0.025, 0.975])
            assert (line["low"], line["high"]) == pytest.approx((low, high))
            rarer = min((table[:, place] <= 0).sum(), (table[:, place] >= 0).sum())
            assert line["p"] == pytest.approx(min(1, 2 * (rarer + 1) / (RESAMPLES + 1)))


def test_pooled_figures_are_means_over_origins(tested, found):
    single = found.table[found.table["origin"] != POOLED]
    keys = ["contender", "outcome", "figure", "at"]
    means = single.groupby(keys)["value"].mean()
    pooled = found.find(origin=POOLED).set_index(keys)["value"]
    assert len(pooled) == len(means)
    assert (pooled - means).abs().max() < 1e-12
    assert set(found.find(origin=POOLED)["people"]) == {sum(len(t) for t in tested.trials)}


def test_analytic_intervals_and_p_values_are_of_one_origin(tested, found):
    assert set(found.tests["origin"]) == {str(trial.date) for trial in tested.trials}
    assert {"normal", "permutation", ""} >= set(found.tests["test"])
    by_chance = found.tests.query("test == 'permutation'")
    assert set(by_chance["figure"]) == {"captured"}
    assert by_chance["p"].between(0, 1).all()
    assert "random" not in set(found.tests.query("figure != 'auc'")["contender"])


def test_holm_is_over_the_lines_of_one_figure_outcome_and_capacity(found):
    checked = 0
    for _, family in found.differences.groupby(["outcome", "figure", "at"]):
        p = family["p"].to_numpy()
        assert not np.isnan(p).any()
        order = np.argsort(p, kind="stable")
        running = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
        assert family["p_holm"].to_numpy()[order] == pytest.approx(np.minimum(running, 1))
        checked = max(checked, len(p))
    assert checked == 9  # three origins, the pooled one among them, by three others


def test_with_against_all_others_are_compared(tested):
    found = figures(tested, seed=1, resamples=100, outcomes=["harm"], against=["offence-count"])
    assert set(found.differences["against"]) == {"offence-count"}
    assert set(found.differences["contender"]) == {"total-harm", "recency-weighted", "random"}
    assert set(found.table["outcome"]) == {"harm"}


def test_a_figure_of_random_order_is_exact(tested, found):
    random = found.find(contender="random", figure="lift")
    assert random["value"].to_numpy() == pytest.approx(1)
    assert random["low"].to_numpy() == pytest.approx(1)
    assert "spearman" not in set(found.find(contender="random")["figure"])


def test_draws_in_which_a_figure_is_undefined_are_counted():
    index = hhpu.load_registry(plugins="none").index("ons-css")
    lines = [(f"p{n:02d}", "8N", day(n)) for n in range(12)] + [("p03", "8N", day(40))]
    data = pd.DataFrame(lines, columns=["offender_id", "code", "committed_on"])
    tested = backtest(
        hhpu.encode(data.assign(recorded_on=data["committed_on"])), origins=[day(30)],
        follow_up=20, until=day(99), index=index, contenders=[RecencyWeightedHarm(half_life=9)],
    )  # fmt: skip
    found = figures(tested, seed=SEED, resamples=RESAMPLES, top=[2], outcomes=["any"])
    without = sum(3 not in places[0] for places in draws(tested))
    assert 20 < without < 80
    for figure in ("auc", "captured", "recall", "spearman"):
        line = found.find(figure=figure).iloc[0]
        assert line["undefined"] == without
        assert not np.isnan([line["value"], line["low"], line["high"]]).any()
    assert found.find(figure="precision").iloc[0]["undefined"] == 0


def test_whole_clusters_are_drawn(tested):
    size = len(tested.ledger.people)
    alone = figures(tested, seed=3, resamples=100, outcomes=["harm"], clusters=np.arange(size))
    people = figures(tested, seed=3, resamples=100, outcomes=["harm"])
    assert alone.table["value"].equals(people.table["value"])
    everybody = figures(tested, seed=3, resamples=100, outcomes=["harm"], resampled="home",
                        clusters=np.zeros(size, dtype=np.int64))  # fmt: skip
    assert everybody.resampled == "home"
    line = one(everybody, origin=str(tested.trials[0].date), contender="total-harm",
               figure="spearman")  # fmt: skip
    assert line["low"] == line["high"] == pytest.approx(line["value"])
    for wrong in (np.arange(size - 1), np.arange(size + 1), np.zeros((size, 2))):
        with pytest.raises(ArgumentError, match=f"one number for each of {size} people"):
            figures(tested, seed=3, resamples=100, clusters=wrong)


def test_what_the_ties_leave_open_stands_beside(tested, found):
    line = found.ties.query(
        "contender == 'random' and outcome == 'harm' and at == '3' and figure == 'captured'"
    ).iloc[0]
    followed = np.sort(tested.trials[0].outcome("harm"))
    assert line["expected"] == pytest.approx(3 / len(followed))
    assert line["most"] == line["best"] == pytest.approx(followed[-3:].sum() / followed.sum())
    assert line["least"] == pytest.approx(followed[:3].sum() / followed.sum())
    assert (line["above"], line["tied"], line["open"]) == (0, len(followed), 3)


def test_the_origins_say_what_each_figure_rests_on(tested, found):
    for trial, line in zip(tested.trials, found.origins.to_dict("records"), strict=True):
        assert line["people"] == len(trial)
        assert line["later_offences"] == trial.outcome("count").sum()
        assert line["base_rate"] == pytest.approx((trial.outcome("count") > 0).mean())
        assert line["cap"] == trial.cap


def test_everything_can_be_written_and_the_same_seed_gives_the_same(tested, found):
    again = figures(tested, seed=SEED, resamples=RESAMPLES, top=[3, "20%"])
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert text == json.dumps(again.to_dict(), allow_nan=False)
    other = figures(tested, seed=SEED + 1, resamples=RESAMPLES, top=[3, "20%"])
    assert other.table["value"].equals(found.table["value"])
    assert not other.table["low"].equals(found.table["low"])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"outcomes": ["harms"]}, "unknown"),
        ({"outcomes": []}, "some of count, harm"),
        ({"against": ["nobody"]}, "some of total-harm"),
        ({"top": []}, "at least one capacity"),
        ({"top": ["5%", 0.05]}, "each once"),
        ({"level": 1.0}, "between 0 and 1"),
        ({"resamples": 99}, "at least 100"),
        ({"seed": -1}, "not negative"),
    ],
)
def test_arguments_that_cannot_be_used(tested, options, told):
    with pytest.raises(ArgumentError, match=told):
        figures(tested, **({"seed": 1, "resamples": 100} | options))
