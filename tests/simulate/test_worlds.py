"""What each kind of world promises, tested against its truth with scipy and plain arithmetic."""

import attrs
import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

import hhpu
from hhpu.indices.codes import reference_codes
from hhpu.simulate import LAWS, synthetic_world

ORIGIN = pd.Timestamp("2024-03-31")
SEEDS = range(8)
PEOPLE = 10_000


@pytest.fixture(scope="module")
def weights():
    index = hhpu.load_registry(plugins="none").index("ons-css")
    by_code = {row.code: row.weight / index.scale for row in index.weights}
    return {code: by_code.get(ref.recorded, 0.0) for code, ref in reference_codes().items()}


def at_large(world):
    """People whom nothing kept from offending, from the first day to the last."""
    truth = world.truth
    stopped = truth[["died_on", "custody_from", "away_from"]].notna().any(axis=1)
    return truth.loc[~stopped, "offender_id"]


def past_and_later(world, weights):
    """Harm on record at the origin; later harm, true and as recorded.

    Of people on record at the origin whom nothing kept from offending.
    """
    events = world.events.assign(harm=world.events["code"].astype(str).map(weights))
    past = (events["committed_on"] <= ORIGIN) & (events["recorded_on"] <= ORIGIN)
    later = events["committed_on"] > ORIGIN
    recorded = later & events["recorded"]
    people = at_large(world)
    people = people[people.isin(events.loc[past & events["recorded"], "offender_id"])]

    def harm(rows):
        return rows.groupby("offender_id")["harm"].sum().reindex(people, fill_value=0.0)

    return harm(events[past]), harm(events[later]), harm(events[recorded])


def correlations(kind, weights, **options):
    rows = []
    for seed in SEEDS:
        past, true, recorded = past_and_later(
            synthetic_world(PEOPLE, seed=seed, world=kind, **options), weights
        )
        rows.append((spearmanr(past, true)[0], spearmanr(past, recorded)[0], len(past)))
    return np.array(rows)


def error(table):
    """Standard error of the mean of independent rank correlations: 1 / sqrt(n - 1) each."""
    return np.sqrt((1 / (table[:, 2] - 1)).sum()) / len(table)


def test_no_history_predicts_no_harm(weights):
    table = correlations("no-history", weights)
    assert abs(table[:, 0].mean()) < 3 * error(table)
    assert abs(table[:, 1].mean()) < 3 * error(table)


def test_history_predicts_harm_where_it_persists(weights):
    table = correlations("persistent", weights)
    assert table[:, 0].mean() > 5 * error(table)
    assert table[:, 0].max() < 0.3


def test_attention_makes_a_record_predict_records_and_not_offending(weights):
    table = correlations("attention", weights)
    assert abs(table[:, 0].mean()) < 3 * error(table)
    assert table[:, 1].mean() > 5 * error(table)
    assert table[:, 1].min() > 0.03


def test_recording_is_the_declared_function_of_what_is_on_record():
    law = attrs.evolve(LAWS["attention"], watched=0.0, managed=0.5)
    world = synthetic_world(12_000, seed=3, world="attention", law=law)
    events = world.events.sort_values("committed_on", kind="stable")
    on_record, met, seen = {}, {}, {}
    for row in events.itertuples():
        dates = on_record.setdefault(row.offender_id, [])
        known = sum(date <= row.committed_on for date in dates)
        met[known] = met.get(known, 0) + 1
        seen[known] = seen.get(known, 0) + row.recorded
        if row.recorded:
            dates.append(row.recorded_on)
    assert met[3] > 100
    for known, number in met.items():
        probability = min(1.0, 0.25 + 0.25 * known)
        deviation = np.sqrt(number * probability * (1 - probability))
        assert abs(seen[known] - number * probability) <= 4 * deviation


def test_what_is_not_yet_recorded_draws_no_attention():
    law = attrs.evolve(LAWS["attention"], rate=15.0, noticed=0.1, attention=0.1, watched=0.0)
    world = synthetic_world(2_000, seed=3, years=1, world="attention", law=law)
    recorded_days, chances, outcomes = {}, [], []
    for row in world.events.sort_values("committed_on", kind="stable").itertuples():
        days = recorded_days.setdefault(row.offender_id, [])
        known = sum(day <= row.committed_on for day in days)
        if known < len(days) and known < 5:
            chances.append(0.1 + 0.1 * known)
            outcomes.append(row.recorded)
        if row.recorded:
            days.append(row.recorded_on)
    chances = np.array(chances)
    assert len(chances) > 500
    deviation = np.sqrt((chances * (1 - chances)).sum())
    assert abs(sum(outcomes) - chances.sum()) < 4 * deviation


def test_the_managed_are_watched():
    law = attrs.evolve(LAWS["attention"], attention=0.0, managed=0.5)
    events = synthetic_world(6_000, seed=3, world="attention", law=law).events
    share = events.groupby("managed")["recorded"].agg(["mean", "size"])
    for managed, expected in ((False, 0.25), (True, 0.5)):
        size = share.loc[managed, "size"]
        assert size > 1_000
        assert abs(share.loc[managed, "mean"] - expected) < 4 * np.sqrt(0.25 / size)


def exposure(truth, start, end):
    """Years in ``[start, end)`` of each person while active, at large and alive."""
    far = pd.Timestamp("2100-01-01")

    def overlap(begins, ends, low, high):
        begins = begins.fillna(far).clip(lower=low, upper=high)
        ends = ends.fillna(far).clip(lower=low, upper=high)
        return (ends - begins).dt.days.clip(lower=0)

    low = truth["active_from"].clip(lower=start)
    high = truth["active_until"].fillna(far).clip(upper=end)
    high = np.minimum(high, truth["died_on"].fillna(far)).clip(lower=low)
    days = (high - low).dt.days
    days -= overlap(truth["custody_from"], truth["custody_until"], low, high)
    days -= overlap(truth["away_from"], truth["away_until"], low, high)
    both_from = np.maximum(truth["custody_from"].fillna(far), truth["away_from"].fillna(far))
    both_until = np.minimum(truth["custody_until"].fillna(far), truth["away_until"].fillna(far))
    days += overlap(both_from, both_until, low, high)
    return days / 365.25


@pytest.mark.parametrize("kind", ["persistent", "no-history"])
@pytest.mark.parametrize("effect", [0.5, 1.0, 2.0])
def test_the_management_effect_is_recovered(kind, effect):
    law = attrs.evolve(LAWS[kind], rate=2.0, managed=0.2)
    world = synthetic_world(8_000, seed=11, world=kind, law=law, management_effect=effect)
    start, end = pd.Timestamp(world.start), pd.Timestamp(world.end) + pd.Timedelta("1D")
    truth, far = world.truth, pd.Timestamp("2100-01-01")
    since = truth["managed_from"].fillna(far).clip(upper=end)
    until = np.maximum(truth["managed_until"].fillna(far).clip(upper=end), since)
    total = exposure(truth, pd.Series(start, truth.index), pd.Series(end, truth.index))
    inside = exposure(truth, since, until)
    expected = {
        True: (truth["rate"] * inside).sum(),
        False: (truth["rate"] * (total - inside)).sum(),
    }
    observed = world.events[~world.events["opening"]].groupby("managed").size()
    ratio = (observed[True] / expected[True]) / (observed[False] / expected[False])
    spread = np.sqrt(1 / observed[True] + 1 / observed[False])
    assert observed[True] > 500
    assert abs(np.log(ratio / effect)) < 3.5 * spread
    assert abs(observed[False] / expected[False] - 1) < 4 / np.sqrt(observed[False])
    if effect != 1.0:
        assert abs(np.log(ratio)) > 5 * spread
