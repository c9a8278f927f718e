import datetime as dt
import time

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

import hhpu
from hhpu.errors import ArgumentError
from hhpu.tables import OFFENCES, SPELLS, check, day_number
from hhpu.validation._at_large import (
    LEAST_DAYS_AT_LARGE,
    TimeAtLarge,
    competing_times,
    rates_at_large,
    time_at_large,
)

T = day_number(dt.date(2025, 1, 1))
NAMES = ["P1", "P2", "P3"]


def ledger_of(names=NAMES):
    return hhpu.encode(
        pd.DataFrame({"offender_id": names, "code": "8N", "committed_on": "2020-01-01"})
    )


def date(offset):
    return None if offset is None else dt.date(2025, 1, 1) + dt.timedelta(days=offset)


def spell(starts, ends=None, state="in-custody", who="P1", known_from=None, known_to=None):
    return hhpu.Spell(
        offender_id=who,
        state=state,
        starts_on=date(starts),
        ends_on=date(ends),
        known_from=date(known_from),
        known_to=date(known_to),
    )


def found_of(spells, *, follow_up=100, delay=0, long_custody=30, people=(0, 1, 2), ledger=None):
    return time_at_large(
        ledger or ledger_of(),
        list(people),
        origin=T,
        follow_up=follow_up,
        delay=delay,
        long_custody=long_custody,
        spells=spells,
    )


@pytest.mark.parametrize(
    ("spells", "days"),
    [
        ([spell(10, 20)], 90),
        ([spell(10, 20), spell(15, 25)], 85),
        ([spell(10, 40), spell(15, 25)], 70),
        ([spell(10, 20), spell(20, 30)], 80),
        ([spell(10, 20), spell(15, 30, "moved-out"), spell(28, None, "deceased")], 9),
        ([spell(-50, 1)], 100),
        ([spell(-50, 2)], 99),
        ([spell(0, 1)], 100),
        ([spell(1, 2)], 99),
        ([spell(100, 101)], 99),
        ([spell(101, 200, known_from=50)], 100),
        ([spell(-5)], 0),
        ([spell(41, None, "deceased")], 40),
        ([spell(41, None, "managed")], 100),
        ([spell(10, 20, known_from=101)], 100),
        ([spell(10, 20, known_from=100)], 90),
        ([spell(10, 20, known_to=100)], 100),
        ([spell(10, 20, known_to=101)], 90),
        ([spell(20, 10)], 100),
    ],
)
def test_days_at_large_by_hand(spells, days):
    found = found_of([*spells, spell(3, 4, who="P3")])
    assert found.days.tolist() == [days, 100, 99]
    assert found.throughout.tolist() == [days == 100, True, False]
    assert found.total == days + 199


def test_the_delay_lets_records_arrive():
    late = spell(10, 20, known_from=130)
    assert found_of([late], delay=29).days[0] == 100
    assert found_of([late], delay=30).days[0] == 90


@pytest.mark.parametrize(
    ("spells", "long_custody", "taken"),
    [
        ([spell(10, 40)], 30, 10),
        ([spell(10, 40)], 31, np.inf),
        ([spell(10, 25), spell(25, 40)], 30, 10),
        ([spell(10, 25), spell(20, 40)], 30, 10),
        ([spell(10, 25), spell(26, 40)], 30, np.inf),
        ([spell(5, 6), spell(10, 40)], 30, 10),
        ([spell(-20, 20)], 30, 0),
        ([spell(0, 40)], 30, 0),
        ([spell(1, 40)], 30, 1),
        ([spell(-60, 1)], 30, np.inf),
        ([spell(100, 400)], 30, 100),
        ([spell(101, 400, known_from=50)], 30, np.inf),
        ([spell(71)], 30, 71),  # open: known to have lasted 71..100
        ([spell(72)], 30, np.inf),
    ],
)
def test_the_first_day_of_long_custody(spells, long_custody, taken):
    assert found_of(spells, long_custody=long_custody).taken[0] == taken


def test_an_open_stretch_is_as_long_as_it_is_known_to_have_lasted():
    assert found_of([spell(72)], delay=1).taken[0] == 72


def test_death_and_leaving():
    found = found_of(
        [
            spell(41, None, "deceased"),
            spell(7, 9, "moved-out"),
            spell(50, 60, "moved-out"),
            spell(-9, None, "moved-out", who="P2"),
            spell(101, None, "deceased", who="P3", known_from=100),
        ]
    )
    assert found.died.tolist() == [41, np.inf, np.inf]
    assert found.left.tolist() == [7, 0, np.inf]


SPELLS_DRAWN = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(("deceased", "in-custody", "moved-out", "managed")),
        st.integers(-15, 30),
        st.none() | st.integers(-15, 45),
        st.none() | st.integers(-10, 40),
        st.none() | st.integers(-10, 40),
    ),
    min_size=1,
    max_size=9,
)


@settings(deadline=None, max_examples=60)
@given(SPELLS_DRAWN, st.integers(1, 25), st.integers(0, 8), st.integers(1, 12))
def test_it_is_brute_force_day_by_day(drawn, follow_up, delay, long_custody):
    spells = [spell(s, e, state, who, f, t) for who, state, s, e, f, t in drawn]
    found = found_of(spells, follow_up=follow_up, delay=delay, long_custody=long_custody)
    seen = follow_up + delay
    for place, name in enumerate(NAMES):
        known = [
            (state, s, e)
            for who, state, s, e, f, t in drawn
            if who == name and (s if f is None else f) <= seen and (t is None or seen < t)
        ]

        def state_days(*among, known=known):
            return {
                d
                for state, s, e in known
                if state in among
                for d in range(-16, 200)
                if s <= d and (e is None or d < e)
            }

        away = state_days("deceased", "in-custody", "moved-out")
        assert found.days[place] == sum(d not in away for d in range(1, follow_up + 1))

        def first(days, follow_up=follow_up):
            inside = [d for d in range(1, follow_up + 1) if d in days]
            starts = [d for d in inside if d - 1 not in days]
            if 1 in days and 0 in days:
                return 0
            return min(starts, default=np.inf)

        assert found.died[place] == first(state_days("deceased"))
        assert found.left[place] == first(state_days("moved-out"))
        # a stretch is long by the days it is recorded to hold, or seen to hold where it is open
        inside = state_days("in-custody")
        is_open = any(state == "in-custody" and e is None for state, s, e in known)
        long = set()
        for d in inside:
            low = high = d
            while low - 1 in inside:
                low -= 1
            while high + 1 in inside:
                high += 1
            end = seen if is_open and high == 199 else high
            if end - low + 1 >= long_custody:
                long.add(d)
        assert found.taken[place] == first(long)


def test_identities_are_respected():
    ledger = ledger_of(["P1", "P2"])
    one = hhpu.Identity(offender_id="P2", person_id="P1", known_from=date(-300))
    merged = ledger.as_persons([one], as_of=date(0))
    spells = [spell(10, 20, who="P1"), spell(15, 30, who="P2")]
    assert found_of(spells, people=[0, 1], ledger=ledger).days.tolist() == [90, 85]
    assert found_of(spells, people=[0], ledger=merged).days.tolist() == [80]


def test_the_order_of_people_and_of_spells_changes_nothing():
    spells = [spell(3 * n, 3 * n + 2, who=NAMES[n % 3]) for n in range(20)]
    one, other = found_of(spells), found_of(spells[::-1], people=[2, 0, 1])
    assert one.days[[2, 0, 1]].tolist() == other.days.tolist()


def test_without_a_table_nothing_is_assumed():
    found = found_of(None)
    assert not found.checked
    assert "no table of states" in found.why
    assert np.isnan(found.days).all()
    assert not found.throughout.any()
    assert "not known" in repr(found)
    rates = rates_at_large(found, [1, 2, 3])
    assert rates.left_out == 3
    assert rates.why == found.why
    assert np.isnan(rates.pooled)
    times = competing_times(found, [4, np.inf, np.inf])
    assert times.why == found.why
    assert not times.states_known
    assert times.times.tolist() == [4, 100, 100]


def test_a_table_of_strangers_and_an_empty_table_are_told_apart():
    strange = found_of([spell(3, 9, who="X1"), spell(3, 9, who="X2", known_from=900)])
    assert strange.strangers == 1
    assert "nobody" in strange.why
    empty = check(
        pd.DataFrame({"offender_id": [], "state": [], "starts_on": []}, dtype=object),
        contract=SPELLS,
    )
    found = found_of(empty)
    assert found.why == ""
    assert found.days.tolist() == [100, 100, 100]


def test_rates_by_hand():
    found = found_of([spell(1, 28, who="P1"), spell(30, None, who="P2"), spell(31, None, who="P3")])
    assert found.days.tolist() == [73, 29, 30]
    rates = rates_at_large(found, [10.0, 4.0, 6.0])
    assert LEAST_DAYS_AT_LARGE == 30
    assert rates.rates[[0, 2]].tolist() == [50.0, 73.0]
    assert np.isnan(rates.rates[1])
    assert (rates.left_out, rates.amount_left_out) == (1, 4.0)
    assert rates.pooled == pytest.approx(16 * 365 / 103)
    assert rates_at_large(found, [10, 4, 6], least_days=1).left_out == 0
    nobody = rates_at_large(found, [1, 2, 3], least_days=99)
    assert "nobody" in nobody.why


def test_what_came_first_and_the_order_inside_a_day():
    inf = np.inf
    found = TimeAtLarge(
        people=np.arange(9), origin=T, follow_up=100, delay=0, long_custody=30,
        days=np.full(9, 50.0), checked=True, strangers=0, why="",
        died=np.array([inf, 5, 5, inf, inf, 0, inf, inf, 100]),
        taken=np.array([inf, inf, 5, 5, 9, inf, 0, inf, inf]),
        left=np.array([inf, inf, 5, 5, 4, inf, inf, inf, inf]),
    )  # fmt: skip
    first = np.array([inf, 5, inf, 6, 2, 7, 1, 100, inf])
    times = competing_times(found, first)
    assert times.place.tolist() == [0, 1, 2, 3, 4, 7, 8]
    assert times.times.tolist() == [100, 5, 5, 5, 2, 100, 100]
    assert times.events.tolist() == [0, 1, 2, 3, 1, 1, 2]
    assert (times.not_at_risk, times.censored_early) == (2, 0)
    leaving = attrs_left(found)
    assert competing_times(leaving, np.full(9, inf)).censored_early == 1


def attrs_left(found):
    import attrs

    never = np.full(9, np.inf)
    left = never.copy()
    left[3] = 8
    return attrs.evolve(found, died=never, taken=never, left=left)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"follow_up": 0}, "follow_up=0"),
        ({"delay": -1}, "delay=-1"),
        ({"long_custody": 0}, "long_custody=0"),
        ({"people": []}, "at least one"),
        ({"people": [0, 0]}, "each once"),
        ({"people": [3]}, "from 0 to 2"),
        ({"people": [-1]}, "from 0 to 2"),
        ({"people": [0.5]}, "whole numbers"),
    ],
)
def test_arguments_that_cannot_be_used(more, words):
    with pytest.raises(ArgumentError, match=words):
        found_of([spell(1, 2)], **more)


def test_a_table_of_another_kind_is_refused():
    offences = pd.DataFrame({"offender_id": ["P1"], "code": ["8N"], "committed_on": ["2025-01-01"]})
    with pytest.raises(ArgumentError, match="table of states"):
        found_of(check(offences, contract=OFFENCES))
    with pytest.raises(ArgumentError, match="one for each"):
        rates_at_large(found_of([spell(1, 2)]), [1])
    with pytest.raises(ArgumentError, match="not negative"):
        rates_at_large(found_of([spell(1, 2)]), [1, -1, 2])
    with pytest.raises(ArgumentError, match="least_days=0"):
        rates_at_large(found_of([spell(1, 2)]), [1, 1, 2], least_days=0)
    for wrong in ([0, 1, 2], [1, 1, 101], [1.5, 1, 2], [np.nan, 1, 2]):
        with pytest.raises(ArgumentError, match="whole days from 1"):
            competing_times(found_of([spell(1, 2)]), wrong)
    with pytest.raises(ArgumentError, match="one day"):
        competing_times(found_of([spell(1, 2)]), [1])


def test_hundreds_of_thousands_of_spells_take_no_time():
    n = 300_000
    rng = np.random.default_rng(0)
    names = [f"N{i}" for i in range(20_000)]
    starts = rng.integers(-400, 700, n)
    table = check(
        pd.DataFrame(
            {
                "offender_id": rng.choice(names, n),
                "state": "in-custody",
                "starts_on": (np.datetime64("2025-01-01") + starts).astype("datetime64[s]"),
                "ends_on": (np.datetime64("2025-01-01") + starts + rng.integers(1, 60, n)).astype(
                    "datetime64[s]"
                ),
            }
        ),
        contract=SPELLS,
    )
    ledger = ledger_of(names)
    began = time.perf_counter()
    found = found_of(table, follow_up=730, people=range(20_000), ledger=ledger)
    assert time.perf_counter() - began < 5
    assert 0 < found.total < 730 * 20_000
