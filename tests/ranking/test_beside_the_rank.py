"""Explanations, availability and comparisons, against the reference and by hand."""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction

import attrs
import forces
import pandas as pd
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

import hhpu

AS_OF = dt.date(2025, 12, 31)
INDEX = forces.index_of(forces.points({"A": 1000, "B": 250, "C": 10, "Z": 0}))


# Explanations


@given(forces.forces(), forces.definitions(approximate=True), forces.origins)
def test_an_explanation_accounts_for_every_row_of_the_person(rows, definition, t):
    links, _ = reference.read(rows)
    expected = reference.evaluate(links, definition, t)
    ranking = forces.rank(hhpu.encode(forces.frame(rows)), definition, t)
    assert len(ranking) == len(expected.scores)
    for person, score in expected.scores.items():
        told = ranking.explain(person)
        others = [s for p, s in expected.scores.items() if p != person]
        everybody = [*others, score]
        parts = expected.parts[person]
        assert told.offender_id == person
        assert Fraction(told.score) == score
        assert told.rank == reference.rank_in(score, others)
        assert told.tie_size == everybody.count(score)
        assert told.of == len(everybody)
        assert Fraction(told.score_proven_only) == expected.proven[person]
        assert told.rank_proven_only == reference.rank_in(
            expected.proven[person], expected.proven.values()
        )
        low, high = told.score_low, told.score_high
        if ranking.scores.index.approximate:
            assert Fraction(low) == expected.low[person]
            assert Fraction(high) == expected.high[person]
        else:
            assert low == high == told.score
        assert sum(Fraction(c.contribution) for c in told.contributions) == score
        assert [Fraction(c.contribution) for c in told.contributions] == sorted(
            (amount for _, amount in parts), reverse=True
        )
        found = sorted(
            (
                c.offence_id, c.code, c.date.toordinal(), c.status, Fraction(c.contribution),
                Fraction(c.weight), c.status_percent, c.proven, c.rank_without or 0,
            )
            for c in told.contributions
        )  # fmt: skip
        assert found == sorted(
            (
                link.offence or "", link.cell("code"), link.day, link.status, amount,
                Fraction(definition.weights[link.cell("code")][0], definition.scale),
                definition.percent(link.status), link.status in reference.PROVEN,
                reference.rank_in(score - amount, others) if len(parts) > 1 else 0,
            )
            for link, amount in parts
        )  # fmt: skip
        assert all(c.citation == "Us" for c in told.contributions)
        shares = sum(c.share for c in told.contributions)
        assert shares == pytest.approx(1.0 if score else 0.0)
        rest = sorted(
            (link.offence or "", link.day, link.status, what)
            for link, what in expected.rows
            if link.person == person and what != "counted"
        )
        assert rest == sorted(
            (o.offence_id, o.date.toordinal(), o.status, o.fate) for o in told.others
        )
        text = told.to_text()
        assert f"Rank {told.rank} of {told.of}" in text
        assert json.loads(json.dumps(told.to_dict()))["rank"] == told.rank
        assert len(told.to_frame()) == len(parts)


def test_the_order_of_an_explanation_does_not_depend_on_the_order_of_the_rows():
    rows = [
        {"offender_id": "p", "code": "A", "offence_id": f"o{n % 3}{n}", "committed_on": AS_OF}
        for n in range(12)
    ]
    one, other = (
        hhpu.rank(hhpu.encode(forces.frame(held)), as_of=AS_OF, index=INDEX).explain("p")
        for held in (rows, rows[::-1])
    )
    assert one.to_text() == other.to_text()
    assert one.to_dict() == other.to_dict()


# Availability


def day(text):
    return dt.date.fromisoformat(text)


def spell(state="in-custody", starts_on="2025-06-01", **more):
    dates = {k: day(v) for k, v in more.items() if k in ("ends_on", "known_from", "known_to")}
    return hhpu.Spell(offender_id="P1", state=state, starts_on=day(starts_on), **(more | dates))


def available(spells, as_of=AS_OF, people=None):
    offences = pd.DataFrame({"offender_id": ["P1"], "code": ["A"], "committed_on": ["2020-01-01"]})
    ledger = hhpu.encode(offences, people=people)
    table = hhpu.rank(ledger, as_of=as_of, index=INDEX, spells=spells).to_frame()
    assert table["score"].tolist() == ["10"]
    return table["available"][0], table["availability"][0]


@pytest.mark.parametrize(
    ("held", "as_of", "words"),
    [
        (spell(), "2025-05-31", ("yes", "")),
        (spell(), "2025-06-01", ("no", "in custody")),
        (spell(), "2030-06-01", ("no", "in custody")),
        (spell(ends_on="2025-07-01"), "2025-06-30", ("no", "in custody")),
        (spell(ends_on="2025-07-01"), "2025-07-01", ("yes", "")),
        (spell(ends_on="2025-06-01"), "2025-06-01", ("yes", "")),
        (spell(known_from="2025-06-20"), "2025-06-19", ("yes", "")),
        (spell(known_from="2025-06-20"), "2025-06-20", ("no", "in custody")),
        (spell(known_from="2025-05-01"), "2025-05-31", ("yes", "")),
        (spell(known_to="2025-06-20"), "2025-06-20", ("yes", "")),
        (spell(known_to="2025-06-20"), "2025-06-19", ("no", "in custody")),
        (spell("deceased"), "2025-12-31", ("no", "deceased")),
        (spell("moved-out"), "2025-12-31", ("no", "moved out")),
        (spell("managed"), "2025-12-31", ("no", "already managed")),
        (
            spell("managed", management_type=hhpu.ManagementType.VISOR,
                  entry_route=hhpu.EntryRoute.MAPPA),
            "2025-12-31",
            ("no", "already managed (ViSOR, by MAPPA)"),
        ),
    ],
)  # fmt: skip
def test_a_spell_holds_half_open_and_from_the_day_it_was_known(held, as_of, words):
    assert available([held], as_of=as_of) == words


SPELL_DAYS = st.integers(0, 30).map(lambda n: day("2025-06-01") + dt.timedelta(days=n))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("deceased", "in-custody", "moved-out")),
            SPELL_DAYS, st.none() | SPELL_DAYS, st.none() | SPELL_DAYS, st.none() | SPELL_DAYS,
        ),
        min_size=1,
        max_size=6,
    ),
    SPELL_DAYS,
)  # fmt: skip
def test_availability_is_that_of_brute_force(drawn, t):
    spells = [
        hhpu.Spell(offender_id="P1", state=s, starts_on=a, ends_on=b, known_from=c, known_to=d)
        for s, a, b, c, d in drawn
    ]
    holding = {
        s.replace("-", " ")
        for s, a, b, c, d in drawn
        if a <= t and (b is None or t < b) and (c or a) <= t and (d is None or t < d)
    }
    assert available(spells, as_of=t) == (
        "no" if holding else "yes",
        "; ".join(sorted(holding)),
    )
    future = hhpu.Spell(
        offender_id="P1", state="deceased", starts_on=day("2025-06-01"),
        known_from=t + dt.timedelta(days=1),
    )  # fmt: skip
    assert available([*spells, future], as_of=t) == available(spells, as_of=t)


def test_spells_of_other_people_change_nothing():
    other = attrs.evolve(spell("deceased"), offender_id="P10")
    assert available([other]) == ("yes", "")


def test_without_spells_availability_is_unchecked_not_yes():
    assert available(None) == ("unchecked", "")


@pytest.mark.parametrize(
    ("born", "as_of", "words"),
    [
        ("2008-01-01", "2025-12-31", ("no", "under 18: available to a youth route only")),
        ("2008-01-01", "2026-01-01", ("yes", "")),
        ("2008-02-29", "2026-02-28", ("no", "under 18: available to a youth route only")),
        ("2008-02-29", "2026-03-01", ("yes", "")),
        (None, "2025-12-31", ("yes", "age unchecked")),
    ],
)
def test_people_under_18_are_available_to_a_youth_route_only(born, as_of, words):
    people = pd.DataFrame({"offender_id": ["P1"], "date_of_birth": [born]})
    past = attrs.evolve(spell(ends_on="2025-06-02"), offender_id="P1")
    assert available([past], as_of=as_of, people=people) == words


def test_several_reasons_stand_together():
    people = pd.DataFrame({"offender_id": ["P1"], "date_of_birth": ["2010-01-01"]})
    held = [spell(), spell("managed"), spell()]
    assert available(held, people=people) == (
        "no",
        "already managed; in custody; under 18: available to a youth route only",
    )


# Comparisons


@given(
    forces.forces(), forces.definitions(), forces.definitions(), forces.origins, st.integers(1, 5)
)
def test_a_comparison_adds_up(rows, first, second, t, seats):
    ledger = hhpu.encode(forces.frame(rows))
    links, _ = reference.read(rows)
    expected = [reference.evaluate(links, definition, t) for definition in (first, second)]
    rankings = [forces.rank(ledger, definition, t) for definition in (first, second)]
    found = hhpu.compare(*rankings, k=seats)
    people = found.people.set_index("offender_id")
    one, other = (result.scores for result in expected)
    assert set(people.index) == set(one) | set(other)
    assert found.both == len(set(one) & set(other))
    totals = [sum(scores.values()) for scores in (one, other)]
    for letter, scores, total in zip("ab", (one, other), totals, strict=True):
        for person in people.index:
            share = float(scores.get(person, 0) / total) if total else 0.0
            assert people.loc[person, f"share_{letter}"] == pytest.approx(share, abs=1e-9)
            rank = people.loc[person, f"rank_{letter}"]
            if person in scores:
                assert rank == reference.rank_in(scores[person], scores.values())
                assert Fraction(people.loc[person, f"score_{letter}"]) == scores[person]
            else:
                assert pd.isna(rank)
                assert people.loc[person, f"score_{letter}"] == ""
    inside = []
    for result in expected:
        above, tied = reference.bracket(result, seats) if result.scores else (set(), set())
        inside.append(above | tied)
    words = {True: {True: "stays", False: "leaves"}, False: {True: "enters", False: ""}}
    for person in people.index:
        where = [person in top for top in inside]
        assert people.loc[person, "bracket"] == words[where[0]][where[1]]
        moved = people.loc[person, "bracket"] in ("enters", "leaves")
        assert bool(people.loc[person, "because"]) == moved
    codes = found.codes
    for letter, total in zip("ab", totals, strict=True):
        share = 1.0 if total else 0.0
        assert codes[f"harm_share_{letter}"].sum() == pytest.approx(share, abs=1e-9)
    assert (codes["pull"] - (codes["harm_share_b"] - codes["harm_share_a"])).abs().max() in (
        pytest.approx(0.0, abs=1e-9), pytest.approx(float("nan"), nan_ok=True)
    )  # fmt: skip
    for move in ("enters", "leaves"):
        assert codes[move].sum() == (found.people["bracket"] == move).sum()
        assert found.to_dict()[move] == codes[move].sum()


def test_the_code_that_moves_a_person_is_named():
    offences = pd.DataFrame({
        "offender_id": ["p", "p", "q", "r"], "code": ["A", "C", "B", "C"],
        "committed_on": "2025-01-01",
    })  # fmt: skip
    ledger = hhpu.encode(offences)
    other = forces.index_of(forces.points({"A": 1, "B": 900, "C": 2}), edition="2")
    one, two = (hhpu.rank(ledger, as_of=AS_OF, index=index) for index in (INDEX, other))
    found = hhpu.compare(one, two, k=1)
    moves = found.people.set_index("offender_id")[["bracket", "because"]]
    assert moves.loc["p"].tolist() == ["leaves", "A"]
    assert moves.loc["q"].tolist() == ["enters", "B"]
    assert moves.loc["r"].tolist() == ["", ""]


def test_rankings_of_other_ledgers_or_dates_are_not_compared():
    offences = pd.DataFrame({"offender_id": ["p"], "code": ["A"], "committed_on": ["2025-01-01"]})
    ledger = hhpu.encode(offences)
    ranking = hhpu.rank(ledger, as_of=AS_OF, index=INDEX)
    for other in (hhpu.rank(hhpu.encode(offences), as_of="2025-12-30", index=INDEX),
                  hhpu.rank(ledger, as_of="2025-12-30", index=INDEX)):  # fmt: skip
        with pytest.raises(hhpu.ArgumentError, match="one ledger at one date"):
            hhpu.compare(ranking, other)


# Series


def test_a_series_kept_apart_stands_beside_the_score_and_not_in_it():
    offences = pd.DataFrame({
        "offender_id": ["p"] * 4, "code": ["A", "B", "C", "C"], "committed_on": "2025-01-01",
        "detection": ["reported", "proactive", "company", None],
    })  # fmt: skip
    ledger = hhpu.encode(offences)
    definition = hhpu.HarmDefinition(
        name="d", title="D", index=INDEX, apart=frozenset({"proactive"})
    )
    ranking = hhpu.rank(ledger, as_of=AS_OF, definition=definition)
    assert ranking.to_frame()["score"].tolist() == ["10.2"]
    assert ranking.to_frame()["harm_company"].tolist() == ["0.1"]
    series = ranking.scores.by_series().set_index("series")
    assert series.loc["proactive"].tolist() == [1, "2.5", 0, "apart"]
    assert series.loc["company"].tolist() == [1, "0.1", 0, "in the score"]
    assert series.loc["non-recent", "in_score"] == "not declared"


@pytest.mark.parametrize(("after", "apart"), [(59, True), (60, False)])
def test_an_offence_recorded_long_after_it_was_committed_is_non_recent(after, apart):
    offences = pd.DataFrame({
        "offender_id": ["p"], "code": ["A"], "committed_on": ["2025-01-01"],
        "recorded_on": ["2025-03-02"],
    })  # fmt: skip
    definition = hhpu.HarmDefinition(
        name="d", title="D", index=INDEX, apart=frozenset({"non-recent"}), non_recent_after=after
    )
    fates = hhpu.score(hhpu.encode(offences), as_of=AS_OF, definition=definition).fate_counts()
    assert fates["in a series kept apart"] == apart
    assert fates["counted"] == 1 - apart


# Brackets


@pytest.mark.parametrize(
    ("k", "seats"),
    [(1, 1), ("1", 1), (1.0, 200), ("100%", 200), ("14.5%", 29), (0.0725, 15), ("0.1%", 1),
     (10**6, 200), ("28.25%", 57)],
)  # fmt: skip
def test_a_bracket_is_a_number_or_a_share_halves_up(k, seats):
    people = [f"p{n:03}" for n in range(200)]
    table = pd.DataFrame({"offender_id": people, "code": "A", "committed_on": "2025-01-01"})
    ranking = hhpu.rank(hhpu.encode(table), as_of=AS_OF, index=INDEX)
    assert ranking.top(k).k == seats


@pytest.mark.parametrize(
    "k", [0, -1, "0%", "101%", 1.5, True, None, "ten", "nan", float("nan"), float("inf"), "-1%", ""]
)
def test_a_bracket_that_is_neither_is_a_wrong_call(k):
    table = pd.DataFrame({"offender_id": ["p"], "code": "A", "committed_on": "2025-01-01"})
    ranking = hhpu.rank(hhpu.encode(table), as_of=AS_OF, index=INDEX)
    with pytest.raises(hhpu.ArgumentError, match="k="):
        ranking.top(k)
