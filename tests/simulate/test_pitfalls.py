"""Each pitfall, looked for in the frames without the generator's help.

A looker counts the cases in an extract of the last day and the tables beside it. What a clean world
has of the kind by itself is subtracted: a pitfall leaves every other row as it is.
"""

import functools

import attrs
import numpy as np
import pandas as pd
import pytest

import hhpu
from hhpu.indices.codes import reference_codes
from hhpu.simulate import PITFALLS, synthetic_world

PEOPLE = 3_000
SEED = 21
DAY = pd.Timedelta(days=1)


@attrs.frozen
class View:
    """One world as a looker sees it."""

    world: object
    offences: pd.DataFrame
    people: pd.DataFrame
    spells: pd.DataFrame
    versions: pd.DataFrame

    @property
    def end(self):
        return pd.Timestamp(self.world.end)

    def rows(self, mask):
        return int(np.asarray(mask).sum())

    def born(self):
        return self.people.drop_duplicates("offender_id").set_index("offender_id")["date_of_birth"]

    def accused(self):
        return self.offences[self.offences["role"].isin(["suspect", "offender"])]

    def state(self, state):
        people = set(self.offences["offender_id"])
        mine = self.spells[self.spells["state"] == state]
        return mine[mine["offender_id"].isin(people)]


def view(world):
    extract = world.extract(world.end)
    return View(
        world=world, offences=extract.offences, people=extract.people, spells=extract.spells,
        versions=world.versions(),
    )  # fmt: skip


def delay(v):
    return (v.offences["recorded_on"] - v.offences["committed_on"]).dt.days


def title_of(v):
    titles = {code: ref.description.lower() for code, ref in reference_codes().items()}
    return v.offences["code"].astype(object).map(titles).fillna("")


def leap_day(v):
    born = v.born().reindex(v.offences["offender_id"]).array
    on = v.offences["committed_on"]
    on_leap = ((on.dt.month == 2) & (on.dt.day == 29)).to_numpy()
    return v.rows(on_leap & (born.month == 2) & (born.day == 29))


def window_edge(v):
    on = v.offences["committed_on"]
    edges = [v.end, v.end - 364 * DAY, v.end - 365 * DAY]
    assert all((on == edge).any() for edge in edges) or not len(v.world.pitfalls)
    return v.rows(on.isin(edges))


def midnight(v):
    return v.rows(v.offences["committed_on"].dt.strftime("%H:%M:%S") == "23:59:59")


def reclassified(v):
    codes = v.versions.groupby(["offence_id", "offender_id"])["code"].nunique()
    return v.rows(codes > 1)


def transferred(v):
    last = v.versions.sort_values("known_from").drop_duplicates(
        ["offence_id", "offender_id"], keep="last"
    )
    return v.rows(last["known_to"].notna())


def pairs(v):
    """Every suspect with every victim of the same offence."""
    victims = v.offences.loc[v.offences["role"] == "victim", ["offence_id", "offender_id"]]
    accused = v.accused()[["offence_id", "offender_id", "committed_on", "code"]]
    return accused.merge(victims, on="offence_id", suffixes=("", "_victim"))


def crime_per_victim(v):
    several = pairs(v).astype({"code": str})
    several = several.groupby(["offender_id", "committed_on", "code"])
    return v.rows(several["offender_id_victim"].nunique() == 3)


def complainant(v):
    return v.rows(pairs(v).groupby(["offender_id", "offender_id_victim"]).size() == 4)


def counter(v):
    held = set(zip(pairs(v)["offender_id"], pairs(v)["offender_id_victim"], strict=True))
    return sum((b, a) in held for a, b in held) // 2


def joined(v):
    accused = v.accused()
    sizes = accused.groupby(["offence_id", "offender_id"]).size().reset_index(name="times")
    by_offence = sizes.groupby("offence_id")["times"].agg(["size", "min", "max"])
    return v.rows((by_offence["size"] == 2) & (by_offence["min"] == 2) & (by_offence["max"] == 2))


def same_name(v):
    return v.rows(v.people.groupby("name")["offender_id"].nunique() == 2)


def merged(v):
    gone = v.world.records.loc[v.world.records["known_to"].notna(), "offender_id"]
    assert not v.people["offender_id"].isin(gone).any()
    moved = v.versions.groupby("offence_id")["offender_id"].nunique()
    listed = v.world.identities.set_index("record_id")
    assert set(listed.index) == set(gone)
    for record, row in listed.iterrows():
        mine = v.versions[v.versions["offender_id"] == record]
        assert (mine["known_to"] == row["known_from"]).all()
        assert row["person_id"] in set(v.people["offender_id"])
    assert (moved[v.versions.loc[v.versions["offender_id"].isin(gone), "offence_id"]] == 2).all()
    return len(gone)


def split(v):
    late = v.world.records["known_from"] > pd.Timestamp(v.world.start)
    new = v.world.records.loc[late, "offender_id"]
    offences = v.versions.loc[v.versions["offender_id"].isin(new), "offence_id"]
    before = v.versions[v.versions["offence_id"].isin(offences) & v.versions["known_to"].notna()]
    assert not before["offender_id"].isin(new).any()
    assert len(before) == len(new)
    return len(new)


def status(word):
    return lambda v: v.rows(v.offences["status"] == word)


def without_birth(v):
    return v.rows(v.people["date_of_birth"].isna())


def under_18(v):
    born = v.born().reindex(v.offences["offender_id"]).array
    return v.rows(born > v.end - 18 * 365.25 * DAY)


def under_ten(v):
    born = v.born().reindex(v.offences["offender_id"]).array
    return v.rows((v.offences["committed_on"].array - born) < 3_652 * DAY)


def released_soon(v):
    ends = v.state("in-custody")["ends_on"]
    return v.rows((ends > v.end) & (ends <= v.end + 28 * DAY))


def in_custody(v):
    mine = v.state("in-custody")
    return v.rows(mine["ends_on"].isna() & (mine["starts_on"] >= v.end - 30 * DAY))


def already_managed(v):
    mine = v.state("managed")
    grave = v.offences.loc[v.offences["code"] == "1/01", "offender_id"]
    return v.rows(mine["offender_id"].isin(grave) & (mine["entry_route"] == "MAPPA"))


def referral_only(v):
    managed = v.spells[v.spells["entry_route"] == "agency-referral"]
    return v.rows(~managed["offender_id"].isin(v.versions["offender_id"]))


def tie(v):
    rows = v.accused()
    alone = rows[~rows["offender_id"].duplicated(keep=False)]
    same = alone[(alone["code"] == "8/06") & (alone["committed_on"] == v.end - 100 * DAY)]
    return v.rows(same["status"] == "suspect")


def one_offence(v):
    rows = v.accused()
    alone = rows[~rows["offender_id"].duplicated(keep=False)]
    return v.rows(alone["code"] == "1/01")


def divisions(v):
    accused = v.accused()
    several = accused.astype({"division": str}).groupby("offender_id")
    table = pd.DataFrame({"rows": several.size(), "where": several["division"].nunique()})
    return v.rows((table["rows"] == 3) & (table["where"] == 3))


def suspect_and_victim(v):
    sides = v.offences.groupby(["offence_id", "offender_id"])["role"].nunique()
    return v.rows(sides == 2)


def contradicting(v):
    return v.rows(v.offences.groupby("offence_id")["code"].nunique() > 1)


def code(*codes):
    return lambda v: v.rows(v.offences["code"].isin(codes))


LOOKERS = {
    "missing-code": lambda v: v.rows(v.offences["code"].isna()),
    "placeholder-person": lambda v: v.rows(v.offences["offender_id"] == "UNKNOWN MALE"),
    "placeholder-date": lambda v: v.rows(v.offences["committed_on"] == pd.Timestamp("1900-01-01")),
    "committed-after-recorded": lambda v: v.rows(delay(v) < 0),
    "duplicate-link": lambda v: v.rows(v.offences.duplicated()),
    "spreadsheet-code": code("08-Jun", "05-Jan"),
    "unknown-code": code("8/77"),
    "under-age-ten": under_ten,
    "missing-placing-date": lambda v: v.rows(v.offences["committed_on"].isna()),
    "suspect-and-victim": suspect_and_victim,
    "contradicting-codes": contradicting,
    "non-recent": lambda v: v.rows(delay(v) > 730),
    "recording-delay": lambda v: v.rows(
        (delay(v) >= 40) & (v.offences["committed_on"] >= v.end - 90 * DAY)
    ),
    "midnight": midnight,
    "leap-day": leap_day,
    "window-edge": window_edge,
    "reclassified": reclassified,
    "cancelled": status("cancelled"),
    "transferred": transferred,
    "crime-per-victim": crime_per_victim,
    "non-crime-incident": code("NON-CRIME"),
    "attempt": lambda v: v.rows(title_of(v).str.startswith("attempt")),
    "continuing-offence": lambda v: v.rows(v.offences["committed_to"] > v.offences["committed_on"]),
    "police-initiated": lambda v: v.rows(v.offences["detection"] == "proactive"),
    "company-detected": lambda v: v.rows(v.offences["detection"] == "company"),
    "expired-code": lambda v: v.rows(title_of(v).str.contains("repealed")),
    "suspect-victim-join": joined,
    "alias": same_name,
    "merged-identity": merged,
    "split-identity": split,
    "duplicate-person": lambda v: v.rows(v.people.duplicated()),
    "test-record": lambda v: v.rows(v.offences["offender_id"] == "TEST RECORD"),
    "eliminated-suspect": status("eliminated"),
    "no-further-action": status("no-further-action"),
    "acquitted": status("acquitted"),
    "counter-allegation": counter,
    "repeated-complainant": complainant,
    "under-18": under_18,
    "no-birth-date": without_birth,
    "deceased": lambda v: len(v.state("deceased")),
    "moved-out": lambda v: len(v.state("moved-out")),
    "in-custody": in_custody,
    "released-next-month": released_soon,
    "already-managed": already_managed,
    "referral-only": referral_only,
    "tie-block": tie,
    "one-offence-score": one_offence,
    "several-divisions": divisions,
    "conspiracy": lambda v: v.rows(title_of(v).str.contains("conspiracy to commit murder")),
}


@pytest.fixture(scope="module")
def clean():
    return view(synthetic_world(PEOPLE, seed=SEED))


@pytest.fixture(scope="module")
def everything():
    return view(synthetic_world(PEOPLE, seed=SEED, pitfalls=PITFALLS))


@functools.cache
def with_one(name):
    return view(synthetic_world(PEOPLE, seed=SEED, pitfalls=(name,)))


def test_every_pitfall_is_looked_for():
    assert tuple(LOOKERS) == PITFALLS


@pytest.mark.parametrize("name", PITFALLS)
def test_a_pitfall_is_there_as_often_as_told(name, clean):
    soiled = with_one(name)
    assert dict(soiled.world.pitfalls) == {name: LOOKERS[name](soiled) - LOOKERS[name](clean)}
    assert soiled.world.pitfalls[name] >= 3


@pytest.mark.parametrize("name", PITFALLS)
def test_every_other_row_is_as_it_was(name, clean):
    soiled = with_one(name)
    for table in ("records", "spells", "events", "truth"):
        before, after = getattr(clean.world, table), getattr(soiled.world, table)
        pd.testing.assert_frame_equal(before, after.iloc[: len(before)])
    before, after = clean.versions.astype({"code": str}), soiled.versions.astype({"code": str})
    pd.testing.assert_frame_equal(before, after.iloc[: len(before)])


def test_all_at_once_are_the_sum(clean, everything):
    assert tuple(everything.world.pitfalls) == PITFALLS
    assert len(set(everything.world.pitfalls.values())) == 1
    with pytest.raises(TypeError):
        everything.world.pitfalls["alias"] = 0
    added = sum(len(with_one(name).versions) - len(clean.versions) for name in PITFALLS)
    assert len(everything.versions) == len(clean.versions) + added


def test_what_was_planted_is_listed(clean, everything):
    planted = everything.world.planted
    assert set(planted["pitfall"]) == set(PITFALLS) - {"referral-only", "duplicate-person"}
    new = planted[planted["pitfall"] != "duplicate-link"]
    assert not new["offence_id"].isin(clean.world.events["offence_id"]).any()
    assert new.groupby("offence_id")["pitfall"].nunique().max() == 1
    listed = set(zip(planted["offence_id"], planted["offender_id"], strict=True))
    links = zip(everything.versions["offence_id"], everything.versions["offender_id"], strict=True)
    old = set(zip(clean.versions["offence_id"], clean.versions["offender_id"], strict=True))
    doubled = planted["pitfall"] == "duplicate-link"
    twice = planted[doubled]
    assert set(links) - old == listed - set(
        zip(twice["offence_id"], twice["offender_id"], strict=True)
    )


def test_clean_data_have_nothing_to_find(clean):
    assert dict(clean.world.pitfalls) == {}
    assert clean.world.planted.empty
    assert clean.world.identities.empty
    ledger = hhpu.encode(clean.offences, people=clean.people)
    kept = [p.reason for p in ledger.problems.found if p.size and p.reason != "known-from-missing"]
    assert kept == []


REASONS = {  # pitfall: reason code, rows for each case, column where several are named
    "placeholder-person": ("placeholder-person", 1, "offender_id"),
    "test-record": ("placeholder-person", 1, "offender_id"),
    "missing-placing-date": ("no-placing-date", 1, None),
    "placeholder-date": ("placeholder-date", 1, None),
    "committed-after-recorded": ("dates-out-of-order", 1, "committed_on, recorded_on"),
    "continuing-offence": ("continuing-offence", 1, None),
    "missing-code": ("no-code", 1, None),
    "under-age-ten": ("below-criminal-age", 1, None),
    "no-birth-date": ("age-unchecked", 1, None),
    "duplicate-person": ("duplicate-person", 1, None),
    "duplicate-link": ("duplicate-link", 1, None),
    "suspect-victim-join": ("suspect-victim-join", 2, None),
    "contradicting-codes": ("contradicting-code", 2, None),
    "suspect-and-victim": ("suspect-and-victim", 2, None),
    "counter-allegation": ("victim-elsewhere", 2, None),
}


@pytest.mark.parametrize("name", REASONS)
def test_the_check_finds_as_many_as_were_put_in(name):
    soiled = with_one(name)
    reason, times, column = REASONS[name]
    ledger = hhpu.encode(soiled.offences, people=soiled.people)
    assert ledger.problems.count(reason, column=column) == times * soiled.world.pitfalls[name]


@pytest.mark.parametrize(
    "name", ["unknown-code", "spreadsheet-code", "expired-code", "non-crime-incident"]
)
def test_what_the_index_does_not_know_is_listed(name, clean):
    def unmapped(v):
        ledger = hhpu.encode(v.offences, people=v.people)
        index = hhpu.load_registry(plugins="none").index("ons-css")
        scores = hhpu.score(ledger, as_of=v.world.end, index=index, unmapped="report")
        table = scores.unmapped()
        return table.set_index("code")["offences"]

    before, soiled = unmapped(clean), with_one(name)
    after = unmapped(soiled)
    more = after.sub(before, fill_value=0)
    assert more[more > 0].sum() == soiled.world.pitfalls[name]
    assert not more[more > 0].index.isin(before.index).any()


def test_the_last_second_of_a_day_is_of_that_day():
    soiled = with_one("midnight")
    late = soiled.offences["committed_on"].dt.strftime("%H:%M:%S") == "23:59:59"
    checked = hhpu.check(soiled.offences[late])
    days = soiled.offences.loc[late, "committed_on"].dt.normalize()
    numbers = (days - pd.Timestamp(0)).dt.days
    assert checked.days("committed_on").tolist() == numbers.tolist()


def test_an_extract_before_a_merger_shows_the_other_record():
    world = synthetic_world(PEOPLE, seed=SEED, pitfalls=("merged-identity",))
    row = world.identities.iloc[0]
    day = row["known_from"].date()
    before = world.extract((row["known_from"] - DAY).date())
    after = world.extract(day)
    record, person = row["record_id"], row["person_id"]
    offence = before.offences.loc[before.offences["offender_id"] == record, "offence_id"]
    assert len(offence) == 1
    assert record in set(before.people["offender_id"])
    assert record not in set(after.people["offender_id"])
    moved = after.offences.set_index("offence_id").loc[offence.iloc[0], "offender_id"]
    assert moved == person
