"""Sweeps and backtests against the slow reference, and the future poisoned."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import forces
import reference
from hypothesis import given
from hypothesis import strategies as st

import hhpu
from hhpu.ranking import ExpectedHarm, TotalHarm, sweep, sweep_top
from hhpu.tables import day_number
from hhpu.validation import Contender, MostRecent, Serious, backtest

dates = st.lists(st.integers(0, 9), min_size=1, max_size=5, unique=True).map(
    lambda days: [forces.FIRST + dt.timedelta(days=n) for n in sorted(days)]
)
UNTIL = forces.FIRST + dt.timedelta(days=60)


@given(forces.forces(), forces.definitions(), dates)
def test_a_sweep_gives_at_each_date_the_scores_of_the_reference(rows, definition, origins):
    ledger = hhpu.encode(forces.frame(rows))
    links, _ = reference.read(rows)
    swept = sweep(
        ledger,
        origins=origins,
        definition=forces.definition_of(definition),
        method=forces.method_of(definition),
    )
    for date, at in zip(origins, swept, strict=True):
        expected = reference.evaluate(links, definition, date)
        alone = forces.rank(ledger, definition, date).scores
        assert at.as_of == alone.as_of
        found = dict(zip((ledger.people[p] for p in at.people.tolist()),
                         at.amounts.tolist(), strict=True))  # fmt: skip
        assert {p: Fraction(a, alone.denominator) for p, a in found.items()} == expected.scores
        assert dict(zip(found, at.offences.tolist(), strict=True)) == dict(expected.offences)


@given(forces.forces(), forces.definitions(), dates, st.integers(1, 3))
def test_the_top_of_a_sweep_is_the_top_of_each_ranking(rows, definition, origins, k):
    definition = reference.Definition(**{**vars(definition), "method": "total-harm"})
    ledger = hhpu.encode(forces.frame(rows))
    links, _ = reference.read(rows)
    swept = sweep_top(ledger, origins=origins, k=k, definition=forces.definition_of(definition))
    for date, at in zip(origins, swept, strict=True):
        scores = reference.evaluate(links, definition, date).scores
        cut = sorted(scores.values(), reverse=True)[k - 1 : k]
        expected = {p for p, score in scores.items() if not cut or score >= cut[0]}
        assert {ledger.people[p] for p in at.people.tolist()} == expected


def counted(links, definition, t, *, after, upto, lag):
    """The counted links by the time rule, written out."""
    known = t.toordinal() + lag
    masked = reference.duplicates(links, known)
    whenever = reference.Definition(**{**vars(definition), "window": None})
    return [
        link
        for place, link in enumerate(links)
        if (after is None or link.day > t.toordinal() + after)
        and link.day <= t.toordinal() + upto
        and reference.fate(link, place in masked, whenever, max(known, link.day)) == "counted"
        and link.known_from <= known < link.known_to
    ]


@given(
    forces.forces(), forces.definitions(), dates, st.integers(1, 6), st.integers(0, 4),
    st.integers(0, 5000),
)  # fmt: skip
def test_what_followed_and_what_was_recorded_late_are_those_of_the_reference(
    rows, definition, origins, follow_up, delay, least
):
    definition = reference.Definition(**{**vars(definition), "method": "total-harm"})
    rows = dated(rows)
    ledger = hhpu.encode(forces.frame(rows))
    links, _ = reference.read(rows)
    tested = backtest(
        ledger, origins=origins, follow_up=follow_up, delay=delay, until=UNTIL,
        definition=forces.definition_of(definition), contenders=[TotalHarm()],
        serious=Serious(least=least / forces.SCALE), as_known="assumed",
    ) if ledger_is_covered(ledger, origins) else None  # fmt: skip
    if tested is None:
        return
    reach = follow_up + delay
    window = None if definition.window is None else -definition.window
    for date, trial in zip(origins, tested.trials, strict=True):
        history = counted(links, definition, date, after=window, upto=0, lag=0)
        later = counted(links, definition, date, after=0, upto=follow_up, lag=reach)
        known_later = counted(links, definition, date, after=window, upto=0, lag=reach)
        people = [ledger.people[p] for p in trial.people.tolist()]
        assert set(people) == {link.person for link in history}
        for person, count, harm, serious, first in zip(
            people, trial.outcomes.count.tolist(), trial.outcomes.harm.tolist(),
            trial.outcomes.serious.tolist(), trial.outcomes.first_day.tolist(), strict=True,
        ):  # fmt: skip
            mine = [link for link in later if link.person == person]
            assert count == len(mine)
            assert harm == float(sum(reference.worth(link, definition, 0) for link in mine))
            assert serious == sum(
                definition.weights[link.cell("code")][0] >= least for link in mine
            )
            assert first == min((link.day - date.toordinal() for link in mine), default=0)
        names = {(link.offence or link.source, link.person) for link in history}
        late = [x for x in known_later if (x.offence or x.source, x.person) not in names]
        assert trial.outcomes.late["offences"] == len(late)
        others = [link for link in later if link.person not in set(people)]
        assert trial.outcomes.others["offences"] == len(others)
        shared = [link for link in later if link.person in set(people)]
        several = [
            link for link in shared
            if link.offence is not None and sum(o.offence == link.offence for o in shared) > 1
        ]  # fmt: skip
        assert trial.outcomes.shared == (len(several) / len(shared) if shared else 0.0)


def dated(rows):
    """The same rows, every status with a day from which it was known."""
    return [
        row | {"status_from": row["status_from"] or row["known_from"] or row["committed_on"]}
        for row in rows
    ]


def ledger_is_covered(ledger, origins):
    known = ledger.known_from[ledger.known_from > -(2**31) + 1]
    first = int((known if len(known) else ledger.day).min())
    return day_number(origins[0]) >= first


def poisoned(rows, t):
    """The same rows as far as they were known at a date, and another future."""
    changed = []
    for row in rows:
        known = row["known_from"] or row["recorded_on"]
        if known is not None and known > t:
            changed.append(row | {"code": "A", "offender_id": "P1", "status": None,
                                  "committed_on": t})  # fmt: skip
            continue
        new = dict(row)
        if row["known_to"] is not None and row["known_to"] > t:
            new["known_to"] = None
        if row["status_from"] is not None and row["status_from"] > max(known or t, t):
            new["status"] = "convicted" if row["status"] != "convicted" else "acquitted"
            new["status_from"] = row["status_from"] + dt.timedelta(days=1)
        changed.append(new)
    late = {"offender_id": "P1", "code": "A", "committed_on": t, "offence_id": "later",
            "recorded_on": t + dt.timedelta(days=1)}  # fmt: skip
    return [*changed, late, late | {"committed_on": t + dt.timedelta(days=1), "offender_id": "é"}]


@given(forces.forces(), forces.definitions(), dates)
def test_nothing_known_after_an_origin_reaches_a_score(rows, definition, origins):
    t = origins[0]
    rows = dated(rows)
    contenders = [
        Contender(forces.method_of(definition)), Contender(ExpectedHarm(half_life=3, prior=2)),
        Contender(MostRecent()), Contender(TotalHarm(), name="older", back=2),
    ]  # fmt: skip
    found = []
    for each in (rows, poisoned(rows, t)):
        ledger = hhpu.encode(forces.frame(each))
        if not ledger_is_covered(ledger, [t]):
            return
        trial = backtest(
            ledger, origins=[t], follow_up=3, until=UNTIL, as_known="assumed",
            definition=forces.definition_of(definition), contenders=contenders,
        ).trials[0]  # fmt: skip
        people = [ledger.people[p] for p in trial.people.tolist()]
        found.append(
            {
                (name, person): score
                for name, scores in trial.scores.items()
                for person, score in zip(people, scores.tolist(), strict=True)
            }
        )
    assert found[0] == found[1]
