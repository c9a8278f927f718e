"""Intervals of ranks: coverage on worlds of known truth; definitions and influence by recount."""

import datetime as dt
import json
import math
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import nbinom

import hhpu
from hhpu.errors import ArgumentError
from hhpu.indices import all_offences
from hhpu.ranking import rests_on
from hhpu.validation import _sampled_ranks, definition_ranges, influence, rank_intervals
from hhpu.validation._sampled_ranks import concentration, fit_gamma_poisson, sampled_ranks

# --- a world with known truth

WEIGHTS = np.array([5.0, 30.0, 200.0, 1500.0])
MIX = np.array([0.5, 0.3, 0.15, 0.05])
SEEDS = range(700, 708)  # the model was shaped on seeds 10,000 to 10,011 and not on these


def a_world(rng, kind, size=1000, shape=0.8, mean=2.0):
    """True expected harm of each person with an offence; whose each offence is, and its harm."""
    rates = rng.gamma(shape, mean / shape, size)
    counts = rng.poisson(rates)
    rates, counts = rates[counts > 0], counts[counts > 0]
    person = np.repeat(np.arange(len(counts)), counts)
    if kind == "continuous":
        means = 100 * np.exp(rng.normal(0, 0.7, len(counts)))
        return rates * means, person, means[person] * rng.gamma(1.0, 1.0, len(person)), counts
    if kind == "alike":
        shares = np.tile(MIX, (len(counts), 1))
    elif kind == "specialists":
        grave = rng.random(len(counts)) < 0.2
        shares = np.where(grave[:, None], [0.2, 0.3, 0.35, 0.15], [0.6, 0.35, 0.04, 0.01])
    else:
        shares = rng.dirichlet({"mixed": 6, "nearly alike": 50}[kind] * MIX, len(counts))
    drawn = (rng.random(len(person))[:, None] > np.cumsum(shares[person], axis=1)[:, :3]).sum(1)
    return rates * (shares @ WEIGHTS), person, WEIGHTS[drawn], counts


def ranks_of(values):
    return np.array([1 + int((values > each).sum()) for each in values])


@pytest.mark.parametrize("kind", ["continuous", "mixed", "nearly alike", "specialists", "alike"])
def test_ninety_per_cent_intervals_cover_the_true_rank_85_to_95_per_cent_of_the_time(kind):
    covered, single, leading = [], [], []
    for seed in SEEDS:
        truth, person, harm, counts = a_world(np.random.default_rng(seed), kind)
        found = sampled_ranks(person, harm, k=50, seed=seed, draws=300)
        true = ranks_of(truth)
        hit = (found.low <= true) & (true <= found.high)
        covered.append(hit.mean())
        single.append(hit[counts == 1].mean())
        observed = ranks_of(np.bincount(person, harm))
        leading.append(hit[observed <= 50].mean())
    assert 0.85 <= np.mean(covered) <= 0.95
    assert 0.85 <= np.mean(single) <= 0.95
    assert 0.82 <= np.mean(leading) <= 0.96
    assert min(covered) > 0.8


def test_the_probability_of_the_top_is_calibrated():
    told, came = [], []
    for seed in SEEDS:
        truth, person, harm, _ = a_world(np.random.default_rng(seed), "mixed")
        found = sampled_ranks(person, harm, k=50, seed=seed, draws=300)
        told.append(found.p_top_k)
        came.append(ranks_of(truth) <= 50)
    told, came = np.concatenate(told), np.concatenate(came)
    for low, high in ((0.0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.01)):
        mine = (told >= low) & (told < high)
        assert abs(told[mine].mean() - came[mine].mean()) < 0.1
    assert told.sum() == pytest.approx(50 * len(SEEDS))


def test_a_person_with_one_offence_is_not_certain_of_the_rank():
    _, person, harm, counts = a_world(np.random.default_rng(1), "mixed")
    found = sampled_ranks(person, harm, k=50, seed=1, draws=300)
    width = found.high - found.low
    assert (width[counts == 1] > 0.2 * len(counts)).all()
    # and the more is known of people, the less is left open
    assert np.median(width[counts == 1]) > np.median(width[counts >= 8])


def test_intervals_shrink_to_the_rank_where_the_record_is_long():
    # rates 400, 800, ... of one severity: chance moves nobody past the next
    counts = np.array([400, 800, 1600, 3200])
    person = np.repeat(np.arange(4), counts)
    found = sampled_ranks(person, np.ones(len(person)), k=1, seed=1)
    assert found.low.tolist() == found.high.tolist() == [4, 3, 2, 1]
    assert found.p_top_k.tolist() == [0, 0, 0, 1]


# --- the laws


def test_the_law_of_the_counts_against_scipy():
    rng = np.random.default_rng(4)
    counts = rng.poisson(rng.gamma(0.7, 3.0, 5000))
    counts = counts[counts > 0]
    found = fit_gamma_poisson(counts)

    def surprise(shape, rate):
        p = rate / (rate + 1)
        each = nbinom.logpmf(counts, shape, p) - np.log1p(-nbinom.pmf(0, shape, p))
        return -each.sum()

    at = surprise(found.shape, found.rate)
    for change in (0.98, 1.02):
        assert surprise(found.shape * change, found.rate) > at
        assert surprise(found.shape, found.rate * change) > at
    best = minimize_scalar(
        lambda shape: surprise(shape, found.rate), bounds=(0.1, 5), method="bounded"
    )
    assert found.shape == pytest.approx(best.x, rel=1e-2)


def test_the_law_of_the_counts_under_weights_is_that_of_people_repeated():
    counts = np.array([1, 1, 2, 5, 9, 3, 1, 1])
    times = np.array([3, 0, 2, 1, 1, 2, 4, 1])
    one = fit_gamma_poisson(counts, times)
    other = fit_gamma_poisson(np.repeat(counts, times))
    assert one.shape == pytest.approx(other.shape, rel=1e-4)
    assert one.rate == pytest.approx(other.rate, rel=1e-4)


def test_counts_that_are_all_one_are_fitted_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fit_gamma_poisson([1] * 50)
    assert found.shape / found.rate == pytest.approx(0.001, rel=0.5)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_concentration_against_the_analysis_of_variance_by_loops(weighted):
    rng = np.random.default_rng(8)
    groups = [rng.normal(m, 3.0, n) + 50 for m, n in ((0, 2), (4, 5), (9, 3), (2, 1), (7, 4))]
    times = np.array([2, 1, 0, 3, 1]) if weighted else np.ones(5, dtype=int)
    repeated = [g for g, t in zip(groups, times, strict=True) for _ in range(t)]
    n = [len(g) for g in repeated]
    mean = sum(map(sum, repeated)) / sum(n)
    within = sum(((g - g.mean()) ** 2).sum() for g in repeated) / (sum(n) - len(n))
    spread = sum(len(g) * (g.mean() - mean) ** 2 for g in repeated)
    between = (spread - (len(n) - 1) * within) / (sum(n) - sum(k * k for k in n) / sum(n))
    counts = np.array([len(g) for g in groups])
    person = np.repeat(np.arange(5), counts)
    found = concentration(person, np.concatenate(groups), counts, times.astype(float))
    assert found == pytest.approx(within / between)


def test_the_concentration_where_nothing_can_be_learnt():
    assert concentration(np.arange(3), np.array([1.0, 5.0, 9.0]), np.ones(3, int)) == 1
    assert concentration(np.array([0, 0, 1]), np.ones(3), np.array([2, 1])) == 1
    # people who differ by less than chance are drawn from everybody's severities
    person, harm = np.array([0, 0, 1, 1]), np.array([1.0, 9.0, 1.0, 9.0])
    assert concentration(person, harm, np.array([2, 2])) == 1e4


def test_the_mean_severity_of_draws_is_the_shrunk_one():
    # a person's mean severity over draws: (sum of own + c m) / (n + c)
    person = np.array([0, 0, 0, 1, 1, 2])
    harm = np.array([10.0, 20.0, 60.0, 5.0, 1.0, 100.0])
    record = _sampled_ranks._record(person, harm)
    fit = _sampled_ranks._Fit(
        counts=_sampled_ranks.GammaPoisson(shape=2.0, rate=1.0),
        concentration=2.0,
        means=np.array([40.0]),
    )
    drawn = np.mean([record.draw(fit, 1, number) for number in range(20_000)], axis=0)
    rates = (2 + np.array([3, 2, 1])) / 2
    means = (np.array([90.0, 6.0, 100.0]) + 2 * 40) / (np.array([3, 2, 1]) + 2)
    assert drawn == pytest.approx(rates * means, rel=0.03)


def test_many_distinct_severities_keep_their_mean_in_groups():
    harm = np.random.default_rng(2).lognormal(0, 2, 5000)
    values, place = _sampled_ranks._atoms(harm)
    assert len(values) == 256
    assert values[place].mean() == pytest.approx(harm.mean())
    few, place = _sampled_ranks._atoms(np.array([5.0, 1.0, 5.0]))
    assert few[place].tolist() == [5.0, 1.0, 5.0]


# --- draws


def a_record(seed=5):
    _, person, harm, _ = a_world(np.random.default_rng(seed), "mixed", size=150)
    return person, harm


def test_the_same_seed_gives_the_same_draws_and_another_others():
    one, same, other = (sampled_ranks(*a_record(), k=5, seed=s, draws=200) for s in (1, 1, 2))
    assert one.low.tolist() == same.low.tolist()
    assert one.p_top_k.tolist() == same.p_top_k.tolist()
    assert one.p_top_k.tolist() != other.p_top_k.tolist()


def test_the_order_of_the_offences_changes_nothing():
    person, harm = a_record()
    order = np.random.default_rng(0).permutation(len(person))
    one = sampled_ranks(person, harm, k=5, seed=1, draws=200)
    other = sampled_ranks(person[order], harm[order], k=5, seed=1, draws=200)
    assert one.low.tolist() == other.low.tolist()
    assert one.p_top_k.tolist() == other.p_top_k.tolist()


def test_some_people_have_the_intervals_that_they_have_among_all(monkeypatch):
    person, harm = a_record()
    every = sampled_ranks(person, harm, k=5, seed=1, draws=200)
    some = sampled_ranks(person, harm, k=5, seed=1, draws=200, people=[7, 3])
    assert some.low.tolist() == every.low[[7, 3]].tolist()
    # and so it is where memory lets only few be held at once
    monkeypatch.setattr(_sampled_ranks, "_CELLS", 200 * 10)
    steps = []
    parts = sampled_ranks(
        person, harm, k=5, seed=1, draws=200, progress=lambda done, of: steps.append((done, of))
    )
    assert parts.low.tolist() == every.low.tolist()
    assert parts.high.tolist() == every.high.tolist()
    assert parts.p_top_k.tolist() == every.p_top_k.tolist()
    assert max(done for done, _ in steps) == steps[-1][1] > 200


def test_the_fit_is_that_of_one_resample_of_the_people_after_another(monkeypatch):
    person, harm = a_record()
    record = _sampled_ranks._record(person, harm)
    fits = [record.refit(1, number) for number in range(40)]
    assert len({fit.concentration for fit in fits}) > 30
    assert len({fit.counts.shape for fit in fits}) > 30
    every = sampled_ranks(person, harm, k=5, seed=1, draws=200)
    monkeypatch.setattr(_sampled_ranks._Record, "refit", lambda *_: fits[0])
    one = sampled_ranks(person, harm, k=5, seed=1, draws=200)
    assert one.p_top_k.tolist() != every.p_top_k.tolist()


def test_offences_of_no_harm_leave_everybody_first():
    found = sampled_ranks([0, 1, 1], [0.0, 0.0, 0.0], k=1, seed=1, draws=100)
    assert found.low.tolist() == found.high.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"person": [0], "harm": [1.0, 2.0]}, "unequal length"),
        ({"person": [], "harm": []}, "no offences"),
        ({"harm": [1.0, float("nan"), 1.0]}, "NaN"),
        ({"harm": [1.0, -1.0, 1.0]}, "negative"),
        ({"person": [0, 2, 2]}, "1 people have no offence"),
        ({"person": [0.0, 1.0, 1.0]}, "whole numbers"),
        ({"level": 1.0}, "level="),
        ({"draws": 10}, "draws="),
        ({"seed": -1}, "seed="),
        ({"people": [5]}, "people="),
        ({"k": 0}, "k=0"),
    ],
)
def test_bad_arguments_are_refused(changes, told):
    asked = {"person": [0, 1, 1], "harm": [1.0, 2.0, 3.0], "k": 1, "seed": 1} | changes
    with pytest.raises(ArgumentError, match=told):
        sampled_ranks(asked.pop("person"), asked.pop("harm"), **asked)


def test_counts_below_one_are_refused():
    with pytest.raises(ArgumentError, match="at least 1"):
        fit_gamma_poisson([1, 0])


# --- rankings

START = dt.date(2024, 1, 1)
AS_OF = "2025-12-31"


@pytest.fixture(scope="module", name="index")
def _index():
    return hhpu.load_registry(plugins="none").index("ons-css")


def a_table(seed=6, rows=160, people=40):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "offender_id": [f"p{i:02d}" for i in (people * rng.random(rows) ** 2).astype(int)],
            "code": rng.choice(["19C", "8N", "5D", "28A"], rows, p=[0.05, 0.25, 0.2, 0.5]),
            "committed_on": [START + dt.timedelta(days=int(d)) for d in rng.integers(0, 700, rows)],
            "status": rng.choice(["charged", "convicted", "suspect"], rows),
        }
    )


@pytest.fixture(scope="module", name="ledger")
def _ledger():
    return hhpu.encode(a_table())


@pytest.fixture(scope="module", name="ranking")
def _ranking(ledger, index):
    return hhpu.rank(ledger, as_of=AS_OF, index=index, window=730)


def test_the_table_of_a_ranking(ranking):
    found = rank_intervals(ranking, k=5, seed=1, draws=200)
    frame = ranking.to_frame(details=False)
    named = found.to_frame()
    assert named["offender_id"].tolist() == frame["offender_id"].tolist()
    assert named["rank"].tolist() == frame["rank"].tolist()
    assert named["offences"].tolist() == frame["offences"].tolist()
    assert (named["low"] <= named["high"]).all()
    assert named["p_top_k"].between(0, 1).all()
    assert named["p_top_k"].sum() == pytest.approx(5)


def test_the_question_says_the_period_and_what_is_not_in_it(ranking, ledger, index):
    found = rank_intervals(ranking, k=5, seed=1, draws=200)
    assert "of the 730 days to 2025-12-31" in found.question
    assert "are not" in found.question
    assert found.provenance.facts["rank_intervals"]["seed"] == 1
    whole = hhpu.rank(ledger, as_of=AS_OF, index=index)
    assert "of all history" in rank_intervals(whole, k=5, seed=1, draws=100).question


def test_the_harm_of_a_count_is_one_each(ledger, index):
    counted = hhpu.rank(ledger, as_of=AS_OF, index=index, method=hhpu.OffenceCount())
    found = rank_intervals(counted, k=5, seed=1, draws=200, people=counted.order[:3])
    assert len(found.table) == 3
    assert found.sampled.concentration == 1


def test_intervals_as_a_dictionary_are_json_without_single_people(ranking):
    found = rank_intervals(ranking, k=5, seed=1, draws=200)
    told = json.dumps(found.to_dict(), allow_nan=False)
    assert "p00" not in told
    widths = found.by_offences()
    assert widths["people"].sum() == len(ranking)
    assert widths["offences"].tolist() == ["1", "2 to 4", "5 or more"]
    assert "90%" in repr(found)
    assert "<table" in found._repr_html_()


def test_groups_without_people_have_no_width(index):
    table = a_table().drop_duplicates("offender_id")
    ranking = hhpu.rank(hhpu.encode(table), as_of=AS_OF, index=index)
    found = rank_intervals(ranking, k=5, seed=1, draws=100)
    assert math.isnan(found.by_offences()["median_width"][2])
    assert found.to_dict()["by_offences"][2]["median_width"] is None
    assert any("Nobody has two offences" in each for each in found.provenance.caveats)


def test_people_alike_in_severity_are_said(index):
    table = pd.DataFrame(
        {
            "offender_id": ["a", "a", "b", "b", "c", "c"],
            "code": ["8N", "28A"] * 3,
            "committed_on": "2025-01-01",
        }
    )
    ranking = hhpu.rank(hhpu.encode(table), as_of=AS_OF, index=index)
    found = rank_intervals(ranking, k=1, seed=1, draws=100)
    assert any("no more than chance" in each for each in found.provenance.caveats)


def test_rankings_that_have_no_intervals_are_refused(ledger, index):
    decayed = hhpu.rank(
        ledger, as_of=AS_OF, index=index, method=hhpu.RecencyWeightedHarm(half_life=365)
    )
    with pytest.raises(ArgumentError, match="decay"):
        rank_intervals(decayed, k=5, seed=1)
    nobody = hhpu.rank(ledger, as_of="2000-01-01", index=index)
    with pytest.raises(ArgumentError, match="nobody is ranked"):
        rank_intervals(nobody, k=5, seed=1)


# --- definitions


def test_ranges_over_definitions_against_rankings_one_by_one(ledger, index):
    always = all_offences(index)
    definitions = {
        "all": always,
        "a year": always.derive(window=365),
        "a month": always.derive(window=30),
    }
    found = definition_ranges(ledger, definitions, as_of=AS_OF, k=5)
    ranks = {}
    for name, definition in definitions.items():
        frame = hhpu.rank(ledger, as_of=AS_OF, definition=definition).to_frame(details=False)
        ranks[name] = dict(zip(frame["offender_id"], frame["rank"], strict=True))
    named = found.to_frame()
    assert set(named["offender_id"]) == set().union(*ranks.values())
    for line in named.to_dict("records"):
        mine = [each[line["offender_id"]] for each in ranks.values() if line["offender_id"] in each]
        assert (line["low"], line["high"]) == (min(mine), max(mine))
        assert line["ranked_under"] == len(mine)
        assert line["top_k_under"] == sum(rank <= 5 for rank in mine)
    assert len(found.ranks) == sum(map(len, ranks.values()))
    assert found.compared["definition"].tolist() == list(definitions)
    assert found.compared["people"].tolist() == [len(each) for each in ranks.values()]
    assert found.compared["tau_b"][0] == 1
    told = json.dumps(found.to_dict(), allow_nan=False)
    assert "p00" not in told
    assert set(found.provenance.facts["definitions"]) == set(definitions)
    assert "3 definitions" in repr(found)
    assert "<table" in found._repr_html_()


def test_who_is_not_ranked_under_the_first_definition_has_no_rank(ledger, index):
    always = all_offences(index)
    found = definition_ranges(
        ledger, {"a month": always.derive(window=30), "all": always}, as_of=AS_OF, k=1
    )
    assert found.table["rank"].isna().sum() == (found.table["ranked_under"] == 1).sum() > 0


def test_nobody_ranked_under_any_definition_is_an_empty_table(ledger, index):
    always = all_offences(index)
    found = definition_ranges(
        ledger, {"a month": always.derive(window=30), "all": always}, as_of="2000-01-01", k=1
    )
    assert found.table.empty
    assert found.to_dict()["compared"][0]["retention_low"] is None


def test_one_definition_has_no_range(ledger, index):
    with pytest.raises(ArgumentError, match="at least two"):
        definition_ranges(ledger, {"all": all_offences(index)}, as_of=AS_OF, k=1)


# --- influence


def test_the_most_influential_offence_against_leaving_each_out(index):
    table = a_table(rows=60, people=15)
    ranking = hhpu.rank(hhpu.encode(table), as_of=AS_OF, index=index)
    found = influence(ranking, k=6)
    for line in found.to_frame().to_dict("records"):
        mine = table.index[table["offender_id"] == line["offender_id"]]
        worst = []
        for row in mine:
            frame = hhpu.rank(
                hhpu.encode(table.drop(index=row)), as_of=AS_OF, index=index
            ).to_frame(details=False)
            left = frame.loc[frame["offender_id"] == line["offender_id"], "rank"]
            worst.append(math.inf if left.empty else int(left.iloc[0]))
        without = math.inf if pd.isna(line["rank_without"]) else line["rank_without"]
        assert without == max(worst)
        assert line["leaves_bracket"] == (max(worst) > 6)
        if not math.isinf(without):
            assert line["fall"] == without - line["rank"]


def test_a_share_of_the_score_by_hand(index):
    table = pd.DataFrame(
        {
            "offender_id": ["a", "a", "a", "a", "b"],
            "code": ["8N"] * 4 + ["28A"],
            "committed_on": "2025-01-01",
        }
    )
    ranking = hhpu.rank(hhpu.encode(table), as_of=AS_OF, index=index)
    found = influence(ranking, k=2)
    assert found.table["share"].tolist() == [0.25, 1.0]
    assert found.table["rank_without"].tolist() == [1, pd.NA]
    assert found.to_dict()["nothing_left"] == 1
    assert found.to_dict()["median_fall"] == 0


def test_who_rests_on_one_offence_or_on_allegations_is_listed(ranking):
    found = influence(ranking, k=5)
    every = rests_on(ranking, k=5).people
    assert len(found.rests) == len(every)
    assert found.to_dict()["rests_on_one_offence"] == (every["rests_on"] == "one offence").sum()
    assert "p00" not in json.dumps(found.to_dict(), allow_nan=False)
    leaving = set(found.to_frame().query("leaves_bracket")["offender_id"])
    assert leaving == set(every.loc[every["rests_on"] == "one offence", "offender_id"])
    assert "k=5" in repr(found)
    assert "person" not in found._repr_html_()


def test_influence_where_nobody_is_ranked(ledger, index):
    found = influence(hhpu.rank(ledger, as_of="2000-01-01", index=index), k=5)
    assert found.table.empty
    assert found.to_dict()["median_fall"] is None
