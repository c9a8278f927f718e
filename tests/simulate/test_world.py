"""A synthetic world: its records follow its truth, and its extracts follow its records."""

import datetime as dt
import itertools

import attrs
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hhpu.domain import Offence, Offender, Spell
from hhpu.errors import ArgumentError
from hhpu.simulate import LAWS, PITFALLS, Law, synthetic_world

KNOWN = ["known_from", "known_to"]
LINK = ["offence_id", "offender_id"]
FAR = np.datetime64("2200-01-01", "s")
WORLDS = ["persistent", "no-history", "attention"]


@pytest.fixture(scope="module", params=WORLDS)
def world(request):
    return synthetic_world(6_000, seed=12, world=request.param)


def fields(record):
    return [field.name for field in attrs.fields(record)]


def plain(value):
    if value is None or value is pd.NaT or value != value:
        return ""
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)


def lines(table):
    """Give a table's rows as sorted texts, whatever the order of rows or categories."""
    return sorted("|".join(map(plain, row)) for row in table.itertuples(index=False, name=None))


class TestExtracts:
    @pytest.mark.parametrize("pitfalls", [(), PITFALLS], ids=["clean", "pitfalls"])
    def test_an_extract_is_the_versions_that_stood_on_its_day(self, pitfalls):
        world = synthetic_world(800, seed=3, pitfalls=pitfalls)
        tables = {
            "offences": world.versions(), "people": world.records, "spells": world.spells
        }  # fmt: skip
        days = [extract.day for extract in world.extracts(count=4, every=97)]
        for day in [world.start, *days]:
            extract = world.extract(day)
            for name, table in tables.items():
                columns = [column for column in table if column not in KNOWN]
                stood = []
                for row in table.to_dict("records"):
                    begins, ends = row["known_from"].date(), row["known_to"]
                    if begins <= day and (ends is pd.NaT or day < ends.date()):
                        stood.append("|".join(plain(row[column]) for column in columns))
                assert lines(getattr(extract, name)[columns]) == sorted(stood)

    def test_columns_are_those_of_the_records_without_knowledge(self, world):
        extract = world.extract(world.end)
        assert set(extract.offences) == set(fields(Offence)) - {*KNOWN, "victim_age"}
        assert set(extract.people) == set(fields(Offender))
        assert set(extract.spells) == set(fields(Spell)) - set(KNOWN)
        assert set(world.versions()) == set(fields(Offence)) - {"victim_age"}

    def test_one_row_for_each_person_and_offence(self, world):
        for extract in world.extracts(count=3, every=200):
            assert not extract.offences.duplicated(LINK).any()
            assert (extract.offences["recorded_on"] <= pd.Timestamp(extract.day)).all()
            assert (extract.offences.groupby("offence_id")["code"].nunique() == 1).all()

    def test_the_order_of_rows_means_nothing(self, world):
        first, second = world.extracts(count=2)
        both = first.offences["offence_id"].isin(second.offences["offence_id"])
        old = first.offences.loc[both, "offence_id"].tolist()
        new = [i for i in second.offences["offence_id"] if i in set(old)]
        assert old != sorted(old)
        assert old[:20] != new[:20]

    def test_what_changes_between_extracts(self):
        world = synthetic_world(20_000, seed=5)
        first, second = (
            extract.offences.set_index(LINK) for extract in world.extracts(count=2, every=180)
        )
        before, after = first.align(second, join="inner", axis=0)
        gone, come = first.index.difference(second.index), second.index.difference(first.index)
        assert len(gone) > 3
        assert len(come) > 100
        assert (before["code"].astype(str) != after["code"].astype(str)).sum() > 3
        accused = before["role"].isin(["suspect", "offender"])
        moved = accused & (before["status"].astype(str) != after["status"].astype(str))
        assert (after.loc[moved, "status"] == "cancelled").sum() >= 3
        assert (after.loc[moved, "status"] != "cancelled").sum() > 100
        late = second.loc[come, "committed_on"] < pd.Timestamp(world.end - dt.timedelta(days=180))
        assert late.sum() > 10
        same = ["committed_on", "reported_on", "recorded_on", "domestic_abuse", "division"]
        pd.testing.assert_frame_equal(before[same], after[same])

    def test_the_default_is_a_year_of_fortnights_to_the_last_day(self):
        world = synthetic_world(100, seed=1)
        days = [extract.day for extract in world.extracts()]
        assert len(days) == 26
        assert days[-1] == world.end
        assert {b - a for a, b in itertools.pairwise(days)} == {dt.timedelta(days=14)}

    def test_files_are_the_same_bytes_each_time(self, tmp_path):
        for place in ("a", "b"):
            world = synthetic_world(300, seed=4, pitfalls=PITFALLS)
            world.extract("2025-01-31").write(tmp_path / place)
        for name in ("offences.csv", "people.csv", "spells.csv"):
            content = (tmp_path / "a" / name).read_bytes()
            assert content == (tmp_path / "b" / name).read_bytes()
            assert b"known_from" not in content


class TestRecords:
    def test_versions_follow_each_other(self, world):
        versions = world.versions().sort_values([*LINK, "known_from"]).reset_index(drop=True)
        assert (versions["known_from"] < versions["known_to"].fillna(FAR)).all()
        same = versions.duplicated(LINK)
        assert same.sum() > 1_000
        assert same.groupby([versions[name] for name in LINK]).sum().max() > 1
        before = versions.shift()[same]
        assert (before["known_to"] == versions.loc[same, "known_from"]).all()
        assert not (before["status"] == "cancelled").any()
        assert (versions["status"] == "cancelled").any()

    def test_cancelled_offences_vanish_or_stay_with_the_status(self):
        versions = synthetic_world(30_000, seed=6).versions()
        accused = versions[versions["role"].isin(["suspect", "offender"])]
        last = accused.sort_values("known_from").drop_duplicates(LINK, keep="last")
        # Cancelled 1 in 67, half of them gone, and of the others 1 in 200 taken back.
        assert 0.005 < (last["status"] == "cancelled").mean() < 0.01
        assert 0.009 < last["known_to"].notna().mean() < 0.016
        assert not (last["known_to"].notna() & (last["status"] == "cancelled")).mean() > 0.001

    def test_neighbouring_versions_differ(self, world):
        shown = [column for column in world.versions() if column not in KNOWN]
        versions = world.versions().sort_values([*LINK, "known_from"])
        assert not versions.duplicated(shown).any()

    def test_nothing_is_known_before_it_is_recorded_or_after_the_end(self, world):
        versions, end = world.versions(), pd.Timestamp(world.end)
        assert (versions["committed_on"] <= versions["reported_on"]).all()
        assert (versions["reported_on"] <= versions["recorded_on"]).all()
        assert (versions["recorded_on"] <= versions["known_from"]).all()
        assert (versions["known_from"] <= end).all()
        assert not (versions["known_to"] > end).any()
        assert not (versions["status_from"] > versions["known_from"]).any()
        for table in (world.spells, world.records):
            assert (table["known_from"] <= end).all()

    def test_records_are_those_of_the_recorded_events(self, world):
        versions, events = world.versions(), world.events
        accused = versions[versions["role"].isin(["suspect", "offender"])]
        recorded = events[events["recorded"]].set_index(LINK)
        assert not recorded.index.duplicated().any()
        mine = accused.set_index(LINK)
        assert mine.index.isin(recorded.index).all()
        there = recorded.loc[mine.index]
        for column in ("committed_on", "reported_on", "recorded_on"):
            assert (mine[column].to_numpy() == there[column].to_numpy()).all()
        soon = recorded[recorded["recorded_on"] < pd.Timestamp(world.end) - pd.Timedelta("400D")]
        assert soon.index.isin(mine.index).mean() > 0.995
        last = accused.sort_values("known_from").drop_duplicates(LINK, keep="last").set_index(LINK)
        code = last["code"].astype(str) == recorded.loc[last.index, "code"].astype(str)
        assert 0.99 < code.mean() <= 1

    def test_unrecorded_offences_never_show(self):
        world = synthetic_world(3_000, seed=2, world="attention")
        unseen = world.events[~world.events["recorded"]]
        assert len(unseen) > 1_000
        assert unseen["recorded_on"].isna().all()
        assert not world.versions()["offence_id"].isin(unseen["offence_id"]).any()

    def test_victims_and_witnesses_are_suspected_of_nothing(self, world):
        versions = world.versions()
        others = versions[versions["role"].isin(["victim", "witness"])]
        assert len(others) > 20
        assert not others["offender_id"].isin(world.events["offender_id"]).any()
        assert others["status"].isna().all()


class TestTruth:
    def test_nobody_offends_in_custody_away_dead_or_outside_a_career(self, world):
        joined = world.events.merge(world.truth, on="offender_id")
        assert len(joined) == len(world.events)
        on = joined["committed_on"]
        for state in ("custody", "away"):
            until = joined[f"{state}_until"].fillna(FAR)
            assert not ((on >= joined[f"{state}_from"]) & (on < until)).any()
            assert world.truth[f"{state}_from"].notna().sum() > 30
        assert not (on >= joined["died_on"]).any()
        assert (on >= joined["active_from"]).all()
        assert not (on >= joined["active_until"]).any()
        until = joined["managed_until"].fillna(FAR)
        assert ((on >= joined["managed_from"]) & (on < until)).equals(joined["managed"])

    def test_spells_tell_the_truth_in_the_end(self, world):
        spells = world.spells[world.spells["known_to"].isna()]
        states = {
            "deceased": "died_on", "in-custody": "custody_from", "moved-out": "away_from",
            "managed": "managed_from",
        }  # fmt: skip
        for state, column in states.items():
            told = spells[spells["state"] == state].set_index("offender_id")["starts_on"]
            true = world.truth.set_index("offender_id")[column]
            assert told.index.is_unique
            assert (told == true.reindex(told.index)).all()
            old = true[true < pd.Timestamp(world.end) - pd.Timedelta("61D")]
            assert old.index.isin(told.index).all()
        managed = spells[spells["state"] == "managed"]
        assert set(managed["management_type"]) == {"IOM", "ViSOR", "HHPU"}
        assert len(set(managed["entry_route"])) == 5

    def test_nobody_offends_under_ten(self, world):
        born = world.records.set_index("offender_id")["date_of_birth"]
        ages = world.events["committed_on"].array - born.reindex(world.events["offender_id"]).array
        assert ages.min() > pd.Timedelta(days=3_653)

    def test_management_effect_is_told(self):
        world = synthetic_world(2_000, seed=1, management_effect=0.4)
        managed = world.truth["managed_from"].notna()
        assert managed.any()
        assert set(world.truth.loc[managed, "management_effect"]) == {0.4}
        assert set(world.truth.loc[~managed, "management_effect"]) == {1.0}

    def test_careers_open_with_an_offence_and_end(self):
        world = synthetic_world(5_000, seed=1)
        opening = world.events[world.events["opening"]].set_index("offender_id")["committed_on"]
        assert opening.index.is_unique
        truth = world.truth.set_index("offender_id")
        early = opening < truth.loc[opening.index, "active_from"]
        assert not early.any()
        assert truth["active_until"].notna().mean() > 0.5

    def test_people_lean_only_where_the_law_says_so(self):
        assert synthetic_world(50, seed=1).truth["leaning"].notna().all()
        assert synthetic_world(50, seed=1, world="no-history").truth["leaning"].isna().all()


class TestReproducibility:
    def test_the_same_arguments_give_the_same_world(self):
        one, other = (synthetic_world(300, seed=7, pitfalls=PITFALLS) for _ in range(2))
        for name in ("truth", "events", "records", "spells", "identities", "planted"):
            pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
        pd.testing.assert_frame_equal(one.versions(), other.versions())
        a, b = one.extract(one.end), other.extract(other.end)
        pd.testing.assert_frame_equal(a.offences, b.offences)
        assert not one.versions().equals(synthetic_world(300, seed=8).versions())

    def test_the_versions_given_are_a_copy(self):
        world = synthetic_world(100, seed=7)
        given = world.versions()
        given["offender_id"] = "X"
        assert not (world.versions()["offender_id"] == "X").any()

    def test_less_offending_under_management_leaves_everybody_else_as_they_are(self):
        plain_world = synthetic_world(2_000, seed=9, world="no-history")
        halved = synthetic_world(2_000, seed=9, world="no-history", management_effect=0.5)
        ever = plain_world.truth.loc[plain_world.truth["managed_from"].notna(), "offender_id"]
        keys = ["offender_id", "opening", "managed"]

        def count(world):
            events = world.events[~world.events["offender_id"].isin(ever)]
            return events.groupby(keys).size()

        pd.testing.assert_series_equal(count(plain_world), count(halved))

    @settings(deadline=None, max_examples=25)
    @given(
        offenders=st.integers(1, 60),
        seed=st.integers(0, 2**64),
        years=st.integers(1, 9),
        kind=st.sampled_from(WORLDS),
        effect=st.floats(0, 3),
        as_of=st.dates(dt.date(1985, 1, 1), dt.date(2040, 12, 31)),
    )
    def test_small_worlds_are_worlds(self, offenders, seed, years, kind, effect, as_of):
        world = synthetic_world(
            offenders, seed=seed, years=years, world=kind, management_effect=effect, as_of=as_of
        )
        assert len(world.truth) == offenders
        assert (world.end - world.start).days + 1 == round(365.25 * years)
        assert len(world.extract(world.start).people) == offenders
        stands = world.versions()["known_to"].isna().sum()
        assert len(world.extract(world.end).offences) == stands


class TestArguments:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"offenders": 0},
            {"seed": -1},
            {"years": 0},
            {"world": "other"},
            {"as_of": "31/03/2026"},
            {"management_effect": -0.1},
            {"management_effect": float("nan")},
            {"management_effect": "none"},
            {"law": "persistent"},
            {"pitfalls": ("alias", "pitfall")},
            {"pitfalls": "alias"},
            {"pitfalls": ("alias",), "offenders": 1},
        ],
        ids=str,
    )
    def test_an_argument_out_of_range_is_named(self, wrong):
        arguments = {"offenders": 10, "seed": 1} | wrong
        with pytest.raises(ArgumentError, match=next(iter(wrong))):
            synthetic_world(arguments.pop("offenders"), **arguments)

    def test_an_unknown_pitfall_is_told_what_there_is(self):
        with pytest.raises(ArgumentError, match="suspect-victim-join"):
            synthetic_world(10, seed=1, pitfalls=("typo",))

    @pytest.mark.parametrize(
        "wrong",
        [
            {"rate": 0.0}, {"rate": "1"}, {"spread": 4.0}, {"career": 0.0}, {"career": "long"},
            {"leaning": 1}, {"serious": 0.0}, {"noticed": 1.5}, {"managed": True},
        ],
        ids=str,
    )  # fmt: skip
    def test_a_law_is_checked(self, wrong):
        with pytest.raises(ArgumentError, match=next(iter(wrong))):
            Law(**({"rate": 1.0} | wrong))

    def test_a_world_may_begin_before_1980(self):
        world = synthetic_world(10, seed=1, as_of="1981-12-31")
        assert len(world.extract(world.start).people) == 10

    @pytest.mark.parametrize("day", ["2018-03-31", "2026-04-01", "yesterday"])
    def test_a_day_outside_the_world_is_refused(self, day):
        world = synthetic_world(10, seed=1)
        with pytest.raises(ArgumentError, match="day"):
            world.extract(day)

    @pytest.mark.parametrize(
        "wrong", [{"count": 0}, {"every": 0}, {"count": 1_000}, {"first": "2026-03-30"}], ids=str
    )
    def test_extracts_outside_the_world_are_refused_at_once(self, wrong):
        world = synthetic_world(10, seed=1)
        with pytest.raises(ArgumentError, match=next(iter(wrong))):
            world.extracts(**wrong)


def test_another_law_is_another_world():
    law = attrs.evolve(LAWS["no-history"], rate=1.0, deaths=0.0, custody=0.0, moves=0.0)
    world = synthetic_world(4_000, seed=1, law=law, world="no-history")
    # 4,000 people at one offence a year for seven: 28,000 with a standard error of 167.
    assert abs(len(world.events) - 28_000) < 5 * 167
    assert world.truth["died_on"].isna().all()
    assert np.isclose(world.truth["rate"], 1.0).all()


def test_a_large_world_is_made():
    world = synthetic_world(100_000, seed=1, years=3)
    assert len(world.truth) == 100_000
    assert len(world.extract(world.end).offences) > 80_000
