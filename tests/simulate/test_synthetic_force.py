"""The synthetic force: reproducible, well-formed, heavy-tailed, and ignorant of ranking."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hhpu.simulate
from hhpu.domain import (
    Detection,
    EntryRoute,
    EvidentialStatus,
    ManagementType,
    Offence,
    Offender,
    PersonState,
    Role,
    Spell,
)
from hhpu.errors import ArgumentError
from hhpu.indices.codes import reference_codes
from hhpu.simulate import SyntheticForce, synthetic_force

LINK = ["offence_id", "offender_id", "role"]
DATES = [
    "committed_on",
    "committed_to",
    "reported_on",
    "recorded_on",
    "known_from",
    "known_to",
    "status_from",
]


def frames(force: SyntheticForce) -> tuple[pd.DataFrame, ...]:
    return force.offences, force.people, force.spells


def alleged(offences: pd.DataFrame) -> pd.DataFrame:
    """Give the open versions of suspects' and offenders' links."""
    return offences[offences["role"].isin(["suspect", "offender"]) & offences["known_to"].isna()]


def tenth_birthday(born: pd.Timestamp) -> dt.date:
    try:
        return dt.date(born.year + 10, born.month, born.day)
    except ValueError:
        return dt.date(born.year + 10, 3, 1)


def assert_well_formed(force: SyntheticForce, *, years: int) -> None:
    offences, people, spells = frames(force)
    end = pd.Timestamp(force.as_of)
    assert not offences.duplicated().any()

    for column in DATES:
        assert offences[column].dtype == np.dtype("datetime64[s]")
    assert (offences["committed_on"] <= offences["reported_on"]).all()
    assert (offences["reported_on"] <= offences["recorded_on"]).all()
    assert (offences["recorded_on"] <= offences["known_from"]).all()
    assert (offences["known_from"] <= end).all()
    assert not (offences["committed_to"] < offences["committed_on"]).any()
    assert not (offences["committed_to"] > offences["reported_on"]).any()
    assert not (offences["status_from"] < offences["recorded_on"]).any()
    assert not (offences["status_from"] > end).any()
    assert not (offences["known_to"] > end).any()
    assert (offences["recorded_on"] > end - pd.Timedelta(days=366 * years)).all()

    born = people.set_index("offender_id")["date_of_birth"].dropna()
    ten = born.map(lambda day: pd.Timestamp(tenth_birthday(day)))
    on = offences.assign(ten=ten.reindex(offences["offender_id"]).array)
    assert not (on["committed_on"] < on["ten"]).any()

    died = spells[spells["state"] == "deceased"].set_index("offender_id")["starts_on"]
    assert died.index.is_unique
    gone = died.reindex(offences["offender_id"]).array
    assert not (offences["recorded_on"].array > gone).any()
    gone = died.reindex(spells["offender_id"]).array
    assert not (spells["starts_on"].array > gone).any()
    assert not (spells["ends_on"].array > gone).any()


@pytest.fixture(scope="module")
def force() -> SyntheticForce:
    return synthetic_force(20_000, seed=20_260_331)


class TestReproducibility:
    def test_the_same_arguments_give_the_same_tables(self):
        first = frames(synthetic_force(300, seed=5, dirt=True))
        second = frames(synthetic_force(300, seed=5, dirt=True))
        for one, other in zip(first, second, strict=True):
            pd.testing.assert_frame_equal(one, other)

    def test_another_seed_gives_other_tables(self):
        for one, other in zip(
            frames(synthetic_force(300, seed=5)), frames(synthetic_force(300, seed=6)), strict=True
        ):
            assert not one.equals(other)

    def test_dirt_leaves_every_clean_row_as_it_was(self):
        clean = synthetic_force(300, seed=5).offences
        dirty = synthetic_force(300, seed=5, dirt=True).offences
        kept = dirty[dirty["offence_id"].isin(clean["offence_id"])].drop_duplicates()
        order = [*LINK, "known_from"]
        pd.testing.assert_frame_equal(
            kept.sort_values(order).reset_index(drop=True).astype({"code": str}),
            clean.sort_values(order).reset_index(drop=True).astype({"code": str}),
            check_categorical=False,
        )

    def test_integer_ids_are_the_numbers_of_the_text_ids(self):
        text = synthetic_force(300, seed=5)
        number = synthetic_force(300, seed=5, ids="integer")
        for one, other in zip(frames(text), frames(number), strict=True):
            for column in one.columns.intersection(["offence_id", "offender_id"]):
                assert other[column].dtype == np.int64
                assert one[column].str[1:].astype(np.int64).tolist() == other[column].tolist()
            rest = [column for column in one if column not in ("offence_id", "offender_id")]
            pd.testing.assert_frame_equal(one[rest], other[rest])

    def test_a_date_may_be_given_as_text(self):
        text = synthetic_force(50, seed=5, as_of="2020-02-29")
        date = synthetic_force(50, seed=5, as_of=dt.date(2020, 2, 29))
        assert text.as_of == date.as_of == dt.date(2020, 2, 29)
        pd.testing.assert_frame_equal(text.offences, date.offences)


class TestContract:
    def test_the_columns_are_those_of_the_records(self, force):
        for table, record in zip(frames(force), (Offence, Offender, Spell), strict=True):
            fields = {field.name for field in record.__attrs_attrs__} - {"victim_age"}
            assert set(table.columns) == fields

    def test_ids_are_padded_text(self, force):
        assert force.people["offender_id"].iloc[[0, 122]].tolist() == ["P0000001", "P0000123"]
        assert force.offences["offence_id"].iloc[0] == "O000000001"
        assert force.offences["offence_id"].str.fullmatch(r"O\d{9}").all()
        assert force.offences["offender_id"].isin(force.people["offender_id"]).all()
        assert force.spells["offender_id"].isin(force.people["offender_id"]).all()
        assert force.people["offender_id"].is_unique

    def test_names_are_openly_synthetic(self, force):
        assert force.people["name"].iloc[122] == "Person 000123"
        assert force.people["name"].str.fullmatch(r"Person \d{6}").all()

    def test_words_are_those_of_the_domain(self, force):
        def used(column: pd.Series) -> set[str]:
            return set(column.dropna().unique())

        offences, spells = force.offences, force.spells
        assert used(offences["role"]) == {role.value for role in Role}
        assert used(offences["status"]) == {status.value for status in EvidentialStatus}
        assert used(offences["detection"]) == {way.value for way in Detection}
        assert used(spells["state"]) == {state.value for state in PersonState}
        assert used(spells["management_type"]) == {kind.value for kind in ManagementType}
        assert used(spells["entry_route"]) == {route.value for route in EntryRoute}
        managed = spells["state"] == "managed"
        assert (spells["management_type"].notna() == managed).all()
        assert (spells["entry_route"].notna() == managed).all()

    def test_codes_are_exact_notifiable_codes_of_the_reference(self, force):
        reference = reference_codes()
        used = force.offences["code"].unique()
        assert all(reference[code].notifiable and not reference[code].generic for code in used)
        assert 650 <= len(force.offences["code"].cat.categories) <= 750
        assert len(used) > 400

    def test_detection_is_that_of_the_reference(self, force):
        reference = reference_codes()
        open_rows = force.offences[force.offences["known_to"].isna()]
        for code, ways in open_rows.groupby("code", observed=True)["detection"]:
            assert set(ways) == {reference[str(code)].detection or "reported"}

    def test_given_codes_are_drawn_evenly(self):
        codes = ["8/06", "105/01", "force-own"]
        offences = synthetic_force(2_000, seed=3, codes=codes).offences
        share = offences["code"].value_counts(normalize=True)
        assert sorted(share.index) == sorted(codes)
        assert share.between(0.28, 0.39).all()

    def test_flags_follow_the_offence(self, force):
        offences = force.offences
        assert offences.loc[offences["child_abuse"], "child_victim"].all()
        titles = offences["code"].map({k: v.description for k, v in reference_codes().items()})
        titles = titles.astype(object).str.casefold()
        assert offences.loc[titles.str.contains("child under 13"), "child_victim"].all()
        aggravated = titles.str.contains("racially or religiously aggravated")
        assert aggravated.any()
        assert offences.loc[aggravated, "hate"].all()
        shops = offences["code"] == "46/00"
        flags = ["domestic_abuse", "hate", "child_abuse", "child_victim"]
        assert shops.any()
        assert not offences.loc[shops, flags].any(axis=None)
        assert (offences[flags].mean().between(0.005, 0.4)).all()

    def test_one_offence_has_one_set_of_facts(self, force):
        open_rows = force.offences[force.offences["known_to"].isna()]
        facts = [
            "code",
            "committed_on",
            "reported_on",
            "recorded_on",
            "domestic_abuse",
            "child_victim",
            "detection",
            "division",
        ]
        assert (open_rows.groupby("offence_id")[facts].nunique() == 1).all(axis=None)

    def test_some_offences_have_several_suspects_and_some_people_two_roles(self, force):
        suspects = alleged(force.offences)
        assert suspects.groupby("offence_id").size().max() > 2
        others = force.offences[force.offences["role"].isin(["victim", "witness"])]
        assert others["offender_id"].isin(suspects["offender_id"]).mean() > 0.9
        assert others["status"].isna().all()
        assert others["status_from"].isna().all()
        assert 0.01 < len(others) / len(force.offences) < 0.06

    def test_some_dates_of_birth_are_missing(self, force):
        assert 0.01 < force.people["date_of_birth"].isna().mean() < 0.03


class TestProperties:
    @settings(deadline=None, max_examples=40)
    @given(
        offenders=st.integers(1, 150),
        seed=st.integers(0, 2**64),
        years=st.integers(1, 12),
        mean=st.floats(0.05, 8.0),
        as_of=st.dates(dt.date(1985, 1, 1), dt.date(2040, 12, 31)),
    )
    def test_clean_data_are_well_formed(self, offenders, seed, years, mean, as_of):
        force = synthetic_force(
            offenders, seed=seed, years=years, offences_per_offender=mean, as_of=as_of
        )
        assert len(force.people) == offenders
        assert dict(force.dirt) == {}
        assert_well_formed(force, years=years)

    @pytest.mark.parametrize("years", [1, 6])
    def test_a_force_large_enough_for_rare_cases_is_well_formed(self, years):
        force = synthetic_force(30_000, seed=years, years=years, offences_per_offender=6.0)
        assert_well_formed(force, years=years)

    @settings(deadline=None, max_examples=40)
    @given(offenders=st.integers(20, 200), seed=st.integers(0, 2**32))
    def test_versions_of_a_link_follow_each_other(self, offenders, seed):
        force = synthetic_force(offenders, seed=seed, offences_per_offender=6.0)
        for _, versions in force.offences.groupby(LINK, observed=True):
            assert len(versions) <= 2
            ordered = versions.sort_values("known_from")
            ends = ordered["known_to"].tolist()
            assert pd.isna(ends[-1])
            assert ends[:-1] == ordered["known_from"].tolist()[1:]
            assert all(
                start < end for start, end in zip(ordered["known_from"], ends[:-1], strict=False)
            )
            if len(versions) == 2:
                before, after = ordered.iloc[0], ordered.iloc[1]
                assert before["code"] != after["code"] or after["status"] == "cancelled"
                assert before["status"] != "cancelled"
                assert not before["status_from"] >= ends[0]

    @settings(deadline=None, max_examples=25)
    @given(offenders=st.integers(20, 300), seed=st.integers(0, 2**32))
    def test_spells_are_known_in_turn(self, offenders, seed):
        force = synthetic_force(offenders, seed=seed)
        spells, end = force.spells, pd.Timestamp(force.as_of)
        assert (spells["known_from"] >= spells["starts_on"]).all()
        assert (spells["known_from"] <= end).all()
        assert not (spells["known_to"] > end).any()
        assert not (spells["ends_on"] <= spells["starts_on"]).any()
        for _, versions in spells.groupby(["offender_id", "state"], observed=True):
            ordered = versions.sort_values("known_from")
            ends = ordered["known_to"].tolist()
            assert pd.isna(ends[-1])
            assert ends[:-1] == ordered["known_from"].tolist()[1:]
            assert ordered["ends_on"].isna().tolist()[:-1] == [True] * (len(ordered) - 1)

    def test_versions_occur(self, force):
        closed = force.offences["known_to"].notna()
        assert 0.01 < closed.mean() < 0.08
        assert (force.offences["status"] == "cancelled").any()

    def test_no_offence_shows_two_codes_on_one_day(self, force):
        versions = force.offences.drop_duplicates(["offence_id", "code"])
        several = versions["offence_id"].duplicated(keep=False)
        rows = force.offences[force.offences["offence_id"].isin(versions[several]["offence_id"])]
        assert len(rows) > 100
        for _, offence in rows.groupby("offence_id"):
            change = offence["known_to"].dropna().unique()
            assert len(change) == 1
            assert (offence.loc[offence["known_to"].isna(), "known_from"] == change[0]).all()
            for _, side in offence.groupby(offence["known_to"].isna()):
                assert side["code"].nunique() == 1


class TestShape:
    def test_harm_is_held_by_few_and_many_have_none(self, force):
        counts = alleged(force.offences).groupby("offender_id").size().sort_values(ascending=False)
        top = counts.iloc[: round(0.07 * len(counts))].sum() / counts.sum()
        assert top > 0.35  # a Poisson law of the same mean, given one, puts about 0.15 there
        assert 0.35 < 1 - len(counts) / len(force.people) < 0.55
        assert counts.max() > 100

    def test_the_mean_is_the_one_asked_for_less_custody(self):
        # The mean of 20,000 lognormal rates has a relative standard error of about
        # sqrt(exp(2.25) - 1) / sqrt(20,000) = 0.02; custody removes some per cent.
        for mean in (0.5, 4.0):
            offences = synthetic_force(20_000, seed=8, offences_per_offender=mean).offences
            assert 0.8 * mean < len(alleged(offences)) / 20_000 < 1.07 * mean

    def test_recording_is_late_with_a_heavy_tail(self, force):
        delay = (force.offences["recorded_on"] - force.offences["committed_on"]).dt.days
        assert delay.median() <= 1
        assert delay.quantile(0.99) > 60
        assert 0.001 < (delay > 365).mean() < 0.03
        assert delay.max() > 3_650

    def test_people_differ_in_what_they_do(self, force):
        rows = alleged(force.offences)
        theft = rows["code"].isin(["46/00", "28/03", "49/10", "45/10", "48/01"])
        busy = theft.groupby(rows["offender_id"]).agg(["size", "sum"])
        busy = busy[busy["size"] >= 10]
        share = theft.mean()
        binomial = (share * (1 - share) / busy["size"]).mean()
        assert (busy["sum"] / busy["size"]).var() > 2 * binomial

    def test_custody_keeps_most_people_from_offending(self, force):
        spells = force.spells[
            (force.spells["state"] == "in-custody") & force.spells["ends_on"].notna()
        ].drop_duplicates("offender_id")
        rows = alleged(force.offences).merge(spells, on="offender_id")
        length = rows["ends_on"] - rows["starts_on"]
        inside = (rows["committed_on"] >= rows["starts_on"]) & (
            rows["committed_on"] < rows["ends_on"]
        )
        before = (rows["committed_on"] < rows["starts_on"]) & (
            rows["committed_on"] >= rows["starts_on"] - length
        )
        assert before.sum() > 100
        assert inside.sum() < 0.2 * before.sum()

    def test_a_large_force_is_made(self):
        force = synthetic_force(200_000, seed=1, ids="integer")
        assert len(force.people) == 200_000
        assert len(force.offences) > 400_000


class TestWrite:
    def test_files_are_the_same_bytes_each_time(self, tmp_path):
        force = synthetic_force(200, seed=4, dirt=True)
        first = force.write(tmp_path / "a" / "new")
        second = synthetic_force(200, seed=4, dirt=True).write(tmp_path / "b")
        assert [path.name for path in first] == ["offences.csv", "people.csv", "spells.csv"]
        assert sorted(path.name for path in (tmp_path / "b").iterdir()) == sorted(
            path.name for path in second
        )
        for one, other in zip(first, second, strict=True):
            content = one.read_bytes()
            assert content == other.read_bytes()
            assert b"\r" not in content
            assert content.decode("utf-8").endswith("\n")

    def test_what_is_written_reads_back(self, tmp_path):
        force = synthetic_force(200, seed=4)
        paths = force.write(tmp_path)
        for table, path in zip(frames(force), paths, strict=True):
            text = pd.read_csv(path, dtype=str, keep_default_na=False)
            assert list(text.columns) == list(table.columns)
            assert len(text) == len(table)
            for column in table:
                written = text[column].tolist()
                assert written == [as_written(value) for value in table[column]]


def as_written(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if pd.isna(value):
        return ""
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


class TestArguments:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"offenders": 0},
            {"offenders": 2.5},
            {"offenders": True},
            {"seed": -1},
            {"seed": None},
            {"years": 0},
            {"years": 51},
            {"offences_per_offender": 0},
            {"offences_per_offender": float("nan")},
            {"offences_per_offender": 101},
            {"as_of": "31/03/2026"},
            {"as_of": "1979-12-31"},
            {"as_of": dt.datetime(2026, 3, 31)},  # noqa: DTZ001
            {"codes": []},
            {"codes": "8/06"},
            {"codes": ["8/06", "8/06"]},
            {"codes": ["8/06", " "]},
            {"ids": "uuid"},
            {"dirt": True, "codes": ["8/06"]},
            {"dirt": True, "codes": ["8/06", "8/77"]},
            {"dirt": True, "offenders": 1},
        ],
        ids=str,
    )
    def test_an_argument_out_of_range_is_named(self, wrong):
        arguments = {"offenders": 10, "seed": 1} | wrong
        name = next(iter(wrong))
        with pytest.raises(ArgumentError, match=name):
            synthetic_force(arguments.pop("offenders"), **arguments)


def test_simulation_loads_nothing_of_ranking_or_ledger():
    # A bare parent package: what `hhpu/__init__.py` itself imports is not the question here.
    package = Path(hhpu.simulate.__file__).parents[1]
    script = f"""
import sys, types
bare = types.ModuleType("hhpu")
bare.__path__ = [{str(package)!r}]
sys.modules["hhpu"] = bare
import hhpu.simulate
assert "hhpu.simulate._force" in sys.modules
hhpu.simulate.synthetic_force(200, seed=1, dirt=True)
hhpu.simulate.benchmark_offences(10, seed=1)
hhpu.simulate.synthetic_world(500, seed=1, pitfalls=hhpu.simulate.PITFALLS)
print(*sorted(name for name in sys.modules if name.startswith("hhpu.")))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    loaded = done.stdout.split()
    assert "hhpu.simulate" in loaded
    assert not [name for name in loaded if name.startswith(("hhpu.ranking", "hhpu.ledger"))]
