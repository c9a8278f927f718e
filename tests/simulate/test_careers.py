"""Synthetic careers follow the laws that they declare."""

import numpy as np
import pandas as pd
import pytest

import hhpu
from hhpu.errors import ArgumentError
from hhpu.simulate import CAREERS, synthetic_careers

PEOPLE, YEARS, UNTIL = 20_000, 6, "2025-12-31"
INDEX = hhpu.load_registry(plugins="none").index("ons-css")
LOGS = {w.code: np.log10(w.weight / INDEX.scale) for w in INDEX.weights if w.weight}


def made(law, seed=3, people=PEOPLE, years=YEARS):
    return synthetic_careers(law, people=people, seed=seed, until=UNTIL, years=years)


@pytest.fixture(scope="module", name="worlds")
def _worlds():
    return {law: made(law) for law in CAREERS}


def counts(table, people=PEOPLE):
    held = table["offender_id"].value_counts().to_numpy()
    return np.concatenate([held, np.zeros(people - len(held), dtype=np.int64)])


def severities(table):
    return table["code"].map(LOGS)


def between(table):
    """The variance of severity between people: the covariance of their first two offences."""
    held = table.assign(s=severities(table), n=table.groupby("offender_id").cumcount())
    two = held[held["n"] < 2].pivot_table(index="offender_id", columns="n", values="s").dropna()
    return float(two.cov().iloc[0, 1])


@pytest.mark.parametrize("law", ["stationary", "unrelated-severity", "noise"])
def test_the_mean_rate_is_eight_in_ten_a_year(worlds, law):
    assert len(worlds[law]) / PEOPLE / YEARS == pytest.approx(0.8, rel=0.04)


def test_in_noise_counts_are_those_of_one_rate(worlds):
    held = counts(worlds["noise"])
    assert held.var() == pytest.approx(held.mean(), rel=0.05)


@pytest.mark.parametrize("law", ["stationary", "unrelated-severity"])
def test_elsewhere_rates_are_gamma_of_shape_a_half(worlds, law):
    held = counts(worlds[law])
    mean = held.mean()
    assert held.var() == pytest.approx(mean + mean**2 / 0.5, rel=0.1)


def test_severity_is_a_persons_own_where_it_is_said_to_be(worlds):
    for law in ("stationary", "declining"):
        assert between(worlds[law]) == pytest.approx(0.35**2, rel=0.3)
    for law in ("noise", "unrelated-severity"):
        assert abs(between(worlds[law])) < 0.02


@pytest.mark.parametrize("law", list(CAREERS))
def test_severities_are_around_one_law(worlds, law):
    held = severities(worlds[law])
    assert held.notna().all()
    assert held.mean() == pytest.approx(1.8, abs=0.1)
    assert held.std() == pytest.approx(np.hypot(0.35, 0.5), abs=0.12)


@pytest.mark.parametrize("law", ["stationary", "unrelated-severity", "noise"])
def test_the_days_are_even_over_the_years(worlds, law):
    days = pd.to_datetime(worlds[law]["committed_on"])
    halves = (days <= days.min() + (days.max() - days.min()) / 2).mean()
    assert halves == pytest.approx(0.5, abs=0.02)


def test_in_noise_the_past_says_nothing_of_the_future(worlds):
    table = worlds["noise"]
    days = pd.to_datetime(table["committed_on"])
    early = days < "2023-01-01"
    people = table["offender_id"].unique()
    past = table[early]["offender_id"].value_counts().reindex(people, fill_value=0)
    later = table[~early]["offender_id"].value_counts().reindex(people, fill_value=0)
    everybody = PEOPLE - len(people)
    held = [np.append(each.to_numpy(), np.zeros(everybody)) for each in (past, later)]
    assert abs(np.corrcoef(*held)[0, 1]) < 0.03


def test_a_declining_career_halves_every_two_years(worlds):
    table = worlds["declining"]
    days = pd.to_datetime(table["committed_on"])
    first = days.min()
    mine = set(table[days < first + pd.Timedelta(days=20)]["offender_id"])
    held = table["offender_id"].isin(mine).to_numpy()
    since = ((days - first).dt.days.to_numpy()[held] - 20) / 365.25
    yearly = np.bincount(since[since >= 0].astype(int), minlength=5)[:5]
    ratio = yearly[2:5].sum() / yearly[0:3].sum()
    assert ratio == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("law", list(CAREERS))
def test_the_table_is_as_declared_and_the_seed_decides(worlds, law):
    table = worlds[law]
    assert list(table) == ["offence_id", "offender_id", "code", "committed_on", "recorded_on"]
    assert table["offence_id"].is_unique
    assert table["committed_on"].equals(table["recorded_on"])
    days = pd.to_datetime(table["committed_on"])
    assert days.is_monotonic_increasing
    assert days.max() <= pd.Timestamp(UNTIL)
    assert days.min() > pd.Timestamp(UNTIL) - pd.Timedelta(days=round(YEARS * 365.25))
    assert made(law).equals(table)
    assert not made(law, seed=4).equals(table)


def test_a_ledger_takes_them(worlds):
    assert len(hhpu.encode(worlds["noise"].head(1000))) == 1000


@pytest.mark.parametrize(
    "wrong",
    [{"law": "chance"}, {"people": 0}, {"seed": -1}, {"years": 0}, {"years": 101}, {"people": 1.5}],
)
def test_arguments_out_of_range(wrong):
    given = {"law": "noise", "people": 10, "seed": 1, "years": 1} | wrong
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        synthetic_careers(given.pop("law"), until=UNTIL, **given)
