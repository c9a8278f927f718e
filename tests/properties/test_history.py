"""What a ledger learns from extracts, against the slow reference in `histories`."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter

import forces
import histories
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st

import hhpu

CELLS = {"code": "A", "committed_on": dt.date(2024, 1, 5)}
ONE_DAY = dt.timedelta(days=1)


def plainly(ranking: hhpu.Ranking, *, details: bool) -> list[tuple]:
    return list(ranking.to_frame(details=details).itertuples(index=False, name=None))


@given(histories.extracts())
def test_versions_are_known_from_and_to_as_the_reference_says(made):
    stages, accounts = histories.history(made)
    for ledger, stage, account, extract in zip(
        histories.begun(made), stages, accounts, made, strict=True
    ):
        assert histories.versions_of(ledger) == histories.versions(stage)
        taken = ledger.extracts[-1]
        assert (taken.same, taken.opened, taken.closed) == (
            account.same, account.opened, account.closed,
        )  # fmt: skip
        assert (taken.day, taken.rows_in) == (extract.day, len(extract.rows))
        assert taken.rows_rejected == extract.links()[1]


@given(histories.extracts())
def test_every_source_row_is_accounted_for(made):
    for ledger in histories.begun(made):
        in_ledger = len(ledger) - ledger.rows_split + ledger.rows_same
        assert ledger.rows_in == ledger.rows_rejected + in_ledger


@given(histories.extracts())
def test_every_past_extract_is_reproduced(made):
    ledger = histories.begun(made)[-1]
    for extract, taken in zip(made, ledger.extracts, strict=True):
        standing = histories.as_it_stands(extract.links()[0])
        shown = ledger.known_on(extract.day)
        assert shown.content == taken.content
        said = Counter(key[:-2] for key in histories.versions_of(shown).elements())
        assert said == Counter(histories.content(link) for link in standing)
        fresh = extract.encode()
        if not fresh.rows_split:
            assert shown.content == fresh.content


@given(histories.extracts(), st.integers(-3, 30))
def test_between_extracts_the_last_one_holds(made, after):
    ledger = histories.begun(made)[-1]
    day = made[0].day + dt.timedelta(days=after)
    stages, _ = histories.history(made)
    at = day.toordinal()
    known = [link for link in stages[-1] if link.known_from <= at < link.known_to]
    shown = histories.versions_of(ledger.known_on(day))
    assert Counter(key[:-2] for key in shown.elements()) == Counter(
        histories.content(link) for link in known
    )


@given(histories.extracts())
def test_back_to_a_day_is_the_ledger_of_then(made):
    ledgers = histories.begun(made)
    for then, extract in zip(ledgers, made, strict=True):
        back = ledgers[-1].back_to(extract.day)
        assert histories.versions_of(back) == histories.versions_of(then)
        assert back.extracts == then.extracts
        if extract.born is None:
            assert back == then
            assert back.to_bytes() == then.to_bytes()


@given(histories.extracts(), forces.definitions())
def test_nothing_learnt_later_changes_a_past_ranking(made, definition):
    ledgers = histories.begun(made)
    for then, extract in zip(ledgers, made, strict=True):
        details = extract.born is None
        for t in (extract.day, extract.day - ONE_DAY):
            was, again = (forces.rank(each, definition, t) for each in (then, ledgers[-1]))
            assert plainly(was, details=details) == plainly(again, details=details)


@given(histories.extracts(), forces.definitions(), st.integers(-1, 25))
def test_scores_over_a_history_are_those_of_the_reference(made, definition, after):
    stages, _ = histories.history(made)
    t = made[0].day + dt.timedelta(days=after)
    expected = reference.evaluate(stages[-1], definition, t)
    scores = forces.rank(histories.begun(made)[-1], definition, t).scores
    assert {k: v for k, v in scores.fate_counts().items() if v} == dict(expected.fates)
    listed = [
        (line[0], line[1], line[2]) for line in reference.ranking(expected)
    ]  # fmt: skip
    ranking = forces.rank(histories.begun(made)[-1], definition, t)
    got = [(p, r, reference.Fraction(s)) for p, r, s in ranking.to_frame(details=False)[
        ["offender_id", "rank", "score"]
    ].itertuples(index=False, name=None)]  # fmt: skip
    assert got == listed


@given(histories.extracts(people=False), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_library_change_nothing(made, chance):
    ledger = histories.begun(made)[-1]
    wraps = [None, pl.from_pandas, pa.Table.from_pandas]
    again = None
    for extract in made:
        rows = list(extract.rows)
        chance.shuffle(rows)
        fresh = extract.encode(rows, chance.choice(wraps))
        again = (
            fresh.begin(day=extract.day, source="us")
            if again is None
            else again.update(fresh, day=extract.day, source="us")
        )
    assert again is not None
    assert again.digest == ledger.digest
    assert again.extracts == ledger.extracts
    assert again.to_bytes() == ledger.to_bytes()


@given(histories.extracts())
def test_a_ledger_kept_in_between_goes_on_as_if_it_had_not_been(made):
    ledger, kept = histories.begun(made)[-1], None
    for extract in made:
        fresh = extract.encode()
        kept = (
            fresh.begin(day=extract.day, source="us")
            if kept is None
            else kept.update(fresh, day=extract.day, source="us")
        )
        raw = kept.to_bytes()
        loaded = hhpu.Ledger.from_bytes(raw, name="kept")
        assert loaded == kept
        assert loaded.extracts == kept.extracts
        assert loaded.to_bytes() == raw
        assert histories.versions_of(loaded) == histories.versions_of(kept)
        kept = loaded
    assert kept == ledger
    assert kept.extracts == ledger.extracts


@pytest.mark.parametrize("number", range(3))
def test_whole_numbers_and_texts_are_the_same_ids(number):
    rows = {"code": "A", "committed_on": "2024-01-05", "recorded_on": "2024-01-06"}
    whole = pd.DataFrame({"offender_id": [7, 8, 10], "offence_id": [1, 2, 30], **rows})
    texts = whole.astype({"offender_id": "str", "offence_id": "str"})
    holes = whole.assign(offence_id=whole["offence_id"].astype("Int64"))
    first = hhpu.encode(whole).begin(day="2024-02-01", source="us")
    second = first.update(hhpu.encode((whole, texts, holes)[number]), day="2024-02-15", source="us")
    taken = second.extracts[-1]
    assert (taken.same, taken.opened, taken.closed) == (3, 0, 0)


@settings(max_examples=20)
@given(*[st.lists(st.sampled_from("abcd"), min_size=1, max_size=40)] * 2)
def test_of_exact_duplicates_as_many_stay_as_are_in_both(one, other):
    def encoded(people):
        table = pd.DataFrame({"offender_id": pd.Series(people, dtype="str")})
        return hhpu.encode(table.assign(code="A", committed_on="2024-01-05"))

    ledger = encoded(one).begin(day="2024-02-01", source="us")
    taken = ledger.update(encoded(other), day="2024-02-15", source="us").extracts[-1]
    both = (Counter(one) & Counter(other)).total()
    assert (taken.same, taken.opened, taken.closed) == (both, len(other) - both, len(one) - both)


def test_a_shuffle_of_ten_thousand_rows_changes_no_digest():
    chance = random.Random(4)  # noqa: S311
    rows = [
        {
            "offender_id": f"P{chance.randrange(900)}",
            "offence_id": None if chance.random() < 0.1 else f"o{chance.randrange(6000)}",
            "code": chance.choice("ABC"),
            "committed_on": dt.date(2024, 1, 1) + dt.timedelta(days=chance.randrange(60)),
        }
        for _ in range(10_000)
    ]
    ledgers = []
    for _ in range(2):
        first = hhpu.encode(pd.DataFrame(rows[:9000])).begin(day="2024-03-05", source="us")
        ledgers.append(first.update(hhpu.encode(pd.DataFrame(rows)), day="2024-03-19", source="us"))
        late = rows[9000:]
        chance.shuffle(late)
        rows = [*chance.sample(rows[:9000], 9000), *late]
    assert ledgers[0].digest == ledgers[1].digest
    assert ledgers[0].extracts == ledgers[1].extracts


@pytest.mark.parametrize("known", [{}, {"known_from": "2025-02-01"}])
def test_of_like_versions_recorded_on_two_days_the_same_one_counts_in_any_order(known):
    index = forces.index_of(forces.points({"A": 100}))
    definition = hhpu.HarmDefinition(
        name="t", title="T", index=index, non_recent_after=5, apart=frozenset({"non-recent"})
    )
    row = {"offender_id": "P", "offence_id": "o", "code": "A", "committed_on": "2025-01-04"} | known
    twice = [{**row, "recorded_on": day} for day in ("2025-01-05", "2025-01-25")]
    other = [{**row, "offender_id": "Q", "recorded_on": "2025-01-05"}]
    found = set()
    for rows in (twice, twice[::-1]):
        ledger = hhpu.encode(pd.DataFrame(other)).begin(day="2025-02-01", source="us")
        fresh = hhpu.encode(pd.DataFrame([*other, *rows]))
        plain = [fresh] if known else [ledger.update(fresh, day="2025-02-15", source="us")]
        for each in (*plain, *(hhpu.Ledger.from_bytes(p.to_bytes(), name="p") for p in plain)):
            ranking = hhpu.rank(each, as_of="2025-02-20", definition=definition)
            found.add(tuple(plainly(ranking, details=False)))
    assert len(found) == 1


@pytest.mark.parametrize("source", ["", "  ", None, 5])
def test_an_extract_is_of_somebody(source):
    fresh = hhpu.encode(forces.frame([{**CELLS, "offender_id": "P"}]))
    with pytest.raises(hhpu.ArgumentError, match="source="):
        fresh.begin(day="2025-02-01", source=source)
    with pytest.raises(hhpu.ArgumentError, match="source="):
        fresh.begin(day="2025-02-01", source="us").update(fresh, day="2025-02-15", source=source)


@pytest.mark.parametrize("name", ["most_fall", "least_same"])
@pytest.mark.parametrize("share", [-0.1, 1.1, 50, "10%", True, float("nan")])
def test_a_share_is_from_0_to_1(name, share):
    fresh = hhpu.encode(forces.frame([{**CELLS, "offender_id": "P"}]))
    ledger = fresh.begin(day="2025-02-01", source="us")
    with pytest.raises(hhpu.ArgumentError, match=f"{name}="):
        ledger.update(fresh, day="2025-02-15", source="us", **{name: share})
