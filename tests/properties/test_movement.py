"""What moved people, on what places rest, and who is one person: against slow references."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction

import forces
import histories
import movements
import numpy as np
import pandas as pd
import pytest
import reference
from hypothesis import assume, given
from hypothesis import strategies as st

import hhpu
from hhpu.errors import InputRefused

RECORDS = forces.PEOPLE
LATER = dt.date(2024, 3, 1)


def amount(text: str) -> Fraction:
    return Fraction(text or 0)


def identity_table(pairs) -> pd.DataFrame:
    columns = ["offender_id", "person_id", "known_from", "known_to"]
    ends = [None if to >= reference.FOREVER else dt.date.fromordinal(to) for *_, to in pairs]
    table = pd.DataFrame(
        [(r, p, dt.date.fromordinal(f), e) for (r, p, f, _), e in zip(pairs, ends, strict=True)],
        columns=columns,
    )
    for name in columns[2:]:
        table[name] = pd.to_datetime(pd.Series(table[name], dtype=object))
    return table


ordinals = forces.days.map(lambda day: day.toordinal())
identities = st.lists(
    st.tuples(
        st.sampled_from(RECORDS),
        st.sampled_from((*RECORDS, "S1")),
        ordinals,
        st.just(reference.FOREVER) | ordinals,
    ),
    max_size=3,
)


@st.composite
def re_definitions(draw, definition):
    """The same definition, or one that differs in something."""
    other = draw(forces.definitions())
    what = draw(
        st.sampled_from(("same", "weights", "window", "policy", "rules", "apart", "method", "all"))
    )
    if what == "all":
        return other
    changes = {
        "same": {},
        "weights": {"weights": other.weights},
        "window": {"window": other.window},
        "policy": {"policy": other.policy},
        "rules": {"rules": other.rules},
        "apart": {"apart": other.apart, "non_recent_after": other.non_recent_after},
        "method": {"method": other.method, "half_life": other.half_life},
    }
    return replace(definition, **changes[what])


pairs_of_definitions = forces.definitions().flatmap(
    lambda one: st.tuples(st.just(one), re_definitions(one))
)


def ranked(ledger, definition, t, pairs):
    return hhpu.rank(
        ledger,
        as_of=t,
        definition=forces.definition_of(definition),
        method=forces.method_of(definition),
        identities=identity_table(pairs) if pairs else None,
    )


def slow_scores(links, definition, t, pairs) -> dict[str, Fraction]:
    named = movements.under(links, movements.persons(pairs, t.toordinal()))
    return reference.evaluate(named, definition, t).scores


def check_movement(made, definitions, pairs, t, gap, k):
    before, now = t, t + dt.timedelta(days=gap)
    try:
        person_of = [movements.persons(pairs, day.toordinal()) for day in (before, now)]
    except ValueError:
        assume(False)
        raise
    ledger = histories.begun(made)[-1]
    links = histories.history(made)[0][-1]
    rankings = [
        ranked(ledger, definition, day, pairs)
        for definition, day in zip(definitions, (before, now), strict=True)
    ]
    moved = hhpu.movement(*rankings, k=k)
    slow = [
        slow_scores(links, definition, day, pairs)
        for definition, day in zip(definitions, (before, now), strict=True)
    ]
    causes = moved.causes
    for line in moved.people.itertuples(index=False):
        mine = causes[causes["offender_id"] == line.offender_id]
        who = line.offender_id
        change = slow[1].get(who, Fraction(0)) - slow[0].get(who, Fraction(0))
        assert sum(map(Fraction, mine["score_change"]), Fraction(0)) == change
        assert amount(line.score_now) - amount(line.score_before) == change
        ranks = [movements.rank_of(scores, who) for scores in slow]
        assert int(mine["rank_change"].sum()) == ranks[1] - ranks[0]
        for rank, held, scores in zip(ranks, (line.rank_before, line.rank_now), slow, strict=True):
            assert (who in scores) == (not pd.isna(held))
            assert pd.isna(held) or held == rank
        assert mine["cause"].is_unique
    everybody = hhpu.movement(*rankings, k="100%")
    named = movements.under(links, person_of[1])
    expected = movements.changed_links(
        named, definitions[1], before.toordinal(), now.toordinal(),
        lambda day: {
            (person_of[1].get(person, person), offence)
            for person, offence in histories.unusable(made, day)
        },
    )  # fmt: skip
    ranked_at_either = {*slow[0], *slow[1]}
    counts = movements.totals_of({w: c for w, c in expected.items() if w in ranked_at_either})
    own = everybody.totals[everybody.totals["cause"].isin(movements.ORDER)]
    assert dict(zip(own["cause"], own["offences"], strict=True)) == dict(counts)
    sums = everybody.causes.assign(change=everybody.causes["score_change"].map(Fraction)).groupby(
        "cause"
    )["change"]
    for line in everybody.totals.itertuples(index=False):
        people = sums.get_group(line.cause) if line.cause in sums.groups else []
        assert Fraction(line.score_change) == sum(people, Fraction(0))
    for who, changes in expected.items():
        if who not in set(everybody.people["offender_id"]):
            continue
        mine = everybody.causes[everybody.causes["offender_id"] == who]
        told = {
            c: (n, Fraction(s))
            for c, n, s in zip(mine["cause"], mine["offences"], mine["score_change"], strict=True)
            if c in movements.ORDER
        }
        assert told == {
            cause: (
                sum(c == cause for c, _ in changes),
                sum((s for c, s in changes if c == cause), Fraction(0)),
            )
            for cause, _ in changes
        }


@given(
    histories.extracts(), pairs_of_definitions, forces.origins, st.integers(1, 9),
    st.sampled_from((1, 2, "50%", "100%")),
)  # fmt: skip
def test_causes_add_up_exactly_and_are_those_of_the_reference(made, definitions, t, gap, k):
    check_movement(made, definitions, [], t, gap, k)


@given(
    histories.extracts(), pairs_of_definitions, identities, forces.origins, st.integers(1, 9),
)  # fmt: skip
def test_causes_add_up_with_identities_merged_and_split_between(made, definitions, pairs, t, gap):
    check_movement(made, definitions, pairs, t, gap, 1)


@given(histories.extracts(people=False), forces.definitions(), st.randoms(use_true_random=False))
def test_causes_do_not_depend_on_the_order_of_rows(made, definition, chance):
    tables = []
    for shuffled in (False, True):
        ledger = None
        for extract in made:
            rows = list(extract.rows)
            if shuffled:
                chance.shuffle(rows)
            fresh = extract.encode(rows)
            ledger = (
                fresh.begin(day=extract.day, source="us")
                if ledger is None
                else ledger.update(fresh, day=extract.day, source="us")
            )
        rankings = [ranked(ledger, definition, e.day, []) for e in (made[0], made[-1])]
        moved = hhpu.movement(*rankings, k="100%")
        order = ["offender_id", "cause"]
        tables.append(
            [
                moved.people.sort_values("offender_id").to_csv(index=False),
                moved.causes.sort_values(order).to_csv(index=False),
                moved.totals.to_csv(index=False),
                hhpu.rests_on(rankings[1], k=1, since=made[0].day).people.to_csv(index=False),
            ]
        )
    assert tables[0] == tables[1]


# What places rest on


@given(
    histories.extracts(), forces.definitions(), forces.origins, st.integers(1, 6),
    st.sampled_from((1, 2, "50%", "100%")),
)  # fmt: skip
def test_what_a_place_rests_on_is_what_removing_it_shows(made, definition, t, back, k):
    ledger = histories.begun(made)[-1]
    links = histories.history(made)[0][-1]
    since = t - dt.timedelta(days=back)
    ranking = ranked(ledger, definition, t, [])
    if not len(ranking):
        assert hhpu.rests_on(ranking, k=k, since=since).people.empty
        return
    result = reference.evaluate(links, definition, t)
    seats = ranking.top(k).k
    inside = set().union(*reference.bracket(result, seats))
    expected = set()
    for who in inside:
        for ground, taken in _grounds(
            links, result, definition, who, since.toordinal(), t.toordinal()
        ).items():
            if not taken:
                continue
            count = len(result.parts[who]) - len(taken)
            scores = dict(result.scores)
            scores[who] -= sum((part for _, part in taken), Fraction(0))
            rank = movements.rank_of(scores, who)
            if not count:
                expected.add((who, ground, len(taken), None, None))
            elif rank > seats:
                expected.add((who, ground, len(taken), scores[who], rank))
    got = {
        (
            line.offender_id,
            line.rests_on,
            line.offences,
            None if pd.isna(line.rank_without) else Fraction(line.score_without),
            None if pd.isna(line.rank_without) else line.rank_without,
        )
        for line in hhpu.rests_on(ranking, k=k, since=since).people.itertuples(index=False)
    }
    assert got == expected


def _grounds(links, result, definition, who, since, day):
    parts = result.parts[who]
    heaviest = max(part for _, part in parts)
    after = definition.non_recent_after
    return {
        "one offence": [next(pair for pair in parts if pair[1] == heaviest)],
        "unproven allegations": [p for p in parts if p[0].status not in reference.PROVEN],
        "late-recorded": [
            pair
            for pair in parts
            if pair[0].day <= since < pair[0].known_from and not _known(links, pair[0], since, day)
        ],
        "non-recent": [
            (link, part)
            for link, part in parts
            if after is not None
            and link.recorded != reference.ALWAYS
            and link.recorded - link.day > after
        ],
    }


def _known(links, link, since, day):
    """Whether the link was known on a day, in any form; as a victim's only if that ended."""
    return link.offence is not None and any(
        (other.person, other.offence) == (link.person, link.offence)
        and other.known_from <= since < other.known_to
        and (other.side == "suspect" or not other.known_from <= day < other.known_to)
        for other in links
    )


# Who is one person


@given(histories.extracts(), identities, forces.origins, forces.definitions())
def test_persons_are_those_found_by_walking_the_map(made, pairs, t, definition):
    ledger = histories.begun(made)[-1]
    links = histories.history(made)[0][-1]
    table = identity_table(pairs) if pairs else None
    assume(table is not None)
    known = set(ledger.people.tolist()) | {p for _, p, *_ in pairs}
    try:
        person_of = movements.persons([p for p in pairs if p[0] in known], t.toordinal())
    except ValueError:
        with pytest.raises(InputRefused):
            ledger.as_persons(table, as_of=t)
        return
    named = ledger.as_persons(table, as_of=t)
    expected = movements.under(links, person_of)
    assert histories.versions_of(named) == histories.versions(expected)
    ranking = forces.rank(named, definition, t)
    slow = reference.evaluate(expected, definition, t)
    got = [(p, r, Fraction(s)) for p, r, s in ranking.to_frame(details=False)[
        ["offender_id", "rank", "score"]
    ].itertuples(index=False, name=None)]  # fmt: skip
    assert got == [line[:3] for line in reference.ranking(slow)]
    assert histories.versions_of(ledger) == histories.versions(links)


@given(histories.extracts(people=False), forces.definitions(), forces.origins, st.integers(1, 9))
def test_a_split_restores_the_earlier_ranking(made, definition, t, days):
    ledger = histories.begun(made)[-1]
    start, end = t.toordinal(), t.toordinal() + days
    pairs = [("7", "007", start, end), ("P1", "7", start, end)]
    plain = ranked(ledger, definition, dt.date.fromordinal(end), [])
    again = ranked(ledger, definition, dt.date.fromordinal(end), pairs)
    assert again.to_frame().equals(plain.to_frame())


@pytest.mark.parametrize("length", range(2, 10))
@pytest.mark.parametrize("tail", [0, 1, 2])
def test_a_circle_of_any_length_is_refused(length, tail):
    ids = [f"P{i}" for i in range(length + tail)]
    ledger = hhpu.encode(
        pd.DataFrame({"offender_id": ids, "code": "A", "committed_on": "2024-02-24"})
    )
    pairs = [(f"P{tail + i}", f"P{tail + (i + 1) % length}") for i in range(length)]
    pairs += [(f"P{i}", f"P{i + 1}") for i in range(tail)]
    table = identity_table([(*pair, 700_000, reference.FOREVER) for pair in pairs])
    with pytest.raises(InputRefused, match="circle"):
        ledger.as_persons(table, as_of=LATER)


@pytest.mark.parametrize("length", [1, 2, 3, 7, 64, 65, 1000])
def test_a_chain_of_any_length_ends_at_its_last(length):
    ids = [f"P{i}" for i in range(length + 1)]
    ledger = hhpu.encode(
        pd.DataFrame({"offender_id": ids, "code": "A", "committed_on": "2024-02-24"})
    )
    table = identity_table(
        [(f"P{i}", f"P{i + 1}", 700_000, reference.FOREVER) for i in range(length)][::-1]
    )
    persons = ledger.as_persons(table, as_of=LATER)
    assert {persons.people[int(i)] for i in np.unique(persons.offender)} == {f"P{length}"}


def _two(**changes):
    rows = {
        "offender_id": ["A", "B", "C"], "offence_id": ["1", "2", "3"], "code": ["A", "B", "A"],
        "committed_on": "2024-02-24", "recorded_on": "2024-02-25",
    }  # fmt: skip
    return hhpu.encode(pd.DataFrame(rows | changes))


INDEX = forces.index_of(forces.points({"A": 100, "B": 300}))


def test_an_offence_shared_by_two_records_of_one_person_counts_once():
    ledger = _two(offence_id=["1", "1", "3"], code="A")
    table = identity_table([("A", "B", 700_000, reference.FOREVER)])
    ranking = hhpu.rank(ledger, as_of=LATER, index=INDEX, identities=table)
    assert ranking.to_frame(details=False)[["offender_id", "score", "offences"]].to_numpy(
    ).tolist() == [["B", "1", 1], ["C", "1", 1]]  # fmt: skip


@pytest.mark.parametrize("now", [[("B", "S2", 700_000, reference.FOREVER)], []])
def test_persons_outside_the_ledger_are_never_taken_for_each_other(now):
    ledger = _two()
    before = hhpu.rank(
        ledger, as_of=LATER, index=INDEX,
        identities=identity_table([("A", "S1", 700_000, reference.FOREVER)]),
    )  # fmt: skip
    after = hhpu.rank(
        ledger, as_of=LATER + dt.timedelta(days=14), index=INDEX,
        identities=identity_table(now) if now else None,
    )  # fmt: skip
    if now:
        with pytest.raises(hhpu.ArgumentError, match="different persons"):
            hhpu.movement(before, after, k="100%")
        return
    people = hhpu.movement(before, after, k="100%").people.set_index("offender_id")["bracket"]
    assert people.to_dict() == {"B": "stays", "C": "stays", "A": "stays", "S1": "leaves"}


def test_a_ledger_under_persons_takes_no_extract_and_is_not_kept(tmp_path):
    table = identity_table([("A", "B", 700_000, reference.FOREVER)])
    ledger = _two().begin(day=LATER, source="us")
    persons = ledger.as_persons(table, as_of=LATER)
    later = LATER + dt.timedelta(days=14)
    for attempt in (
        lambda: persons.update(_two(), day=later, source="us"),
        lambda: ledger.update(_two().as_persons(table, as_of=LATER), day=later, source="us"),
        lambda: _two().as_persons(table, as_of=LATER).begin(day=LATER, source="us"),
        lambda: persons.save(tmp_path / "ledger.npz"),
    ):
        with pytest.raises(hhpu.ArgumentError, match="under persons"):
            attempt()
    assert not list(tmp_path.iterdir())


def test_an_offence_whose_status_changed_is_not_late_recorded():
    rows = {"offender_id": ["A", "C"], "offence_id": ["1", "3"], "code": ["B", "A"]}
    dates = {"committed_on": "2024-02-24", "recorded_on": "2024-02-25"}
    first = hhpu.encode(pd.DataFrame(rows | dates | {"status": "suspect"}))
    then = hhpu.encode(pd.DataFrame(rows | dates | {"status": ["charged", "suspect"]}))
    later = LATER + dt.timedelta(days=14)
    ledger = first.begin(day=LATER, source="us").update(then, day=later, source="us")
    found = hhpu.rests_on(hhpu.rank(ledger, as_of=later, index=INDEX), k=1, since=LATER)
    assert found.people["rests_on"].tolist() == ["one offence", "unproven allegations"]


def test_an_offence_that_is_taken_up_again_is_not_called_cancelled():
    rows = {"offender_id": ["A", "C"], "offence_id": ["1", "3"], "code": ["B", "A"]}
    dates = {"committed_on": "2024-02-24", "recorded_on": "2024-02-25"}
    days = [LATER + dt.timedelta(days=14 * i) for i in range(3)]
    ledger = None
    for day, status in zip(days, ("suspect", "cancelled", "charged"), strict=True):
        fresh = hhpu.encode(pd.DataFrame(rows | dates | {"status": [status, "suspect"]}))
        ledger = (
            fresh.begin(day=day, source="us")
            if ledger is None
            else ledger.update(fresh, day=day, source="us")
        )
    rankings = [hhpu.rank(ledger, as_of=day, index=INDEX) for day in days]
    for one, other, cause in (
        (*rankings[:2], "cancelled or cleared"),
        (*rankings[1:], "status changed"),
    ):
        causes = hhpu.movement(one, other, k="100%").causes
        assert causes[causes["offender_id"] == "A"]["cause"].tolist()[0] == cause
