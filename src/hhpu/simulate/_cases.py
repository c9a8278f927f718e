"""The cases of each pitfall: rows made of copies of clean links, and people beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from hhpu.simulate._faults import coded, no_days, whole_days
from hhpu.simulate._kit import Kit, days_on, placed, victims

__all__ = ["CASES", "CASE_CODES", "MARGIN"]

Rows = pd.DataFrame
Random = np.random.Generator

MARGIN = 61
"""A link fit to be copied is known so many days before the last, and after the first."""

_NON_CRIME = "NON-CRIME"
_EXPIRED = ("168/05", "164/06")
_TEST_RECORD = "TEST RECORD"
CASE_CODES = (_NON_CRIME, *_EXPIRED)
_GRAVEST = "1/01"
_TIED = "8/06"
_ATTEMPTS = ("2/00", "5/04", "19/11", "19/12", "19/13")
_CONSPIRACY = "3/02"
_PROACTIVE = "92/61"
_COMPANY = "46/00"


def _code(rows: Rows, *codes: str) -> Rows:
    return rows.assign(code=coded(rows, [codes[at % len(codes)] for at in range(len(rows))]))


def _status(rows: Rows, status: str) -> Rows:
    return rows.assign(
        status=coded(rows, [status] * len(rows), column="status"), status_from=rows["known_from"]
    )


def _own(rows: Rows, kit: Kit, rng: Random) -> Rows:
    """Give each row to a new person, undecided."""
    people = kit.people(len(rows), rng)
    return placed(rows, rows["committed_on"], rows["recorded_on"]).assign(offender_id=people)


def _again(rows: Rows, kit: Kit) -> Rows:
    """Give the same links in other offences."""
    return rows.assign(offence_id=kit.offence_ids(len(rows)))


def _two_versions(rows: Rows, later: Rows, rng: Random) -> Rows:
    """End each version some days later and begin the other."""
    day = days_on(rows["known_from"], 1, MARGIN - 1, rng)
    return pd.concat([rows.assign(known_to=day), later.assign(known_from=day)])


def _non_recent(rows: Rows, kit: Kit, rng: Random) -> Rows:
    people = kit.people(len(rows), rng, years=(45.0, 60.0))
    long_ago = days_on(rows["recorded_on"], -20 * 365, -2 * 366, rng)
    return placed(rows, long_ago, rows["recorded_on"]).assign(offender_id=people)


def _recording_delay(rows: Rows, kit: Kit, rng: Random) -> Rows:
    committed = kit.before_last(rng, len(rows), 60, 90)
    return placed(rows, committed, days_on(committed, 40, 59, rng))


def _midnight(rows: Rows, _: Kit, __: Random) -> Rows:
    return rows.assign(
        committed_on=rows["committed_on"] + np.timedelta64(24 * 60 * 60 - 1, "s"),
        reported_on=rows["reported_on"] + whole_days(np.ones(len(rows), np.int64)),
        recorded_on=rows["recorded_on"] + whole_days(np.ones(len(rows), np.int64)),
        known_from=rows["known_from"] + whole_days(np.ones(len(rows), np.int64)),
        status_from=rows["known_from"] + whole_days(np.ones(len(rows), np.int64)),
    )


def _leap_day(rows: Rows, kit: Kit, rng: Random) -> Rows:
    born = np.full(len(rows), np.datetime64("1960-02-29", "s"))
    people = kit.people(len(rows), rng, born=born)
    leap = _last_leap_day(kit.last - 1)
    committed = np.full(len(rows), kit.day(leap))
    recorded = np.full(len(rows), kit.day(max(leap + 1, kit.first)))
    return placed(rows, committed, recorded).assign(offender_id=people)


def _last_leap_day(upto: int) -> int:
    year = int(np.datetime64(upto, "D").astype("datetime64[Y]").astype(int)) + 1970
    while True:
        if year % 4 == 0 and (year % 100 or year % 400 == 0):
            day = int(np.datetime64(f"{year}-02-29", "D").astype(int))
            if day <= upto:
                return day
        year -= 1


def _window_edge(rows: Rows, kit: Kit, _: Random) -> Rows:
    back = np.array([0, 364, 365])[np.arange(len(rows)) % 3]
    day = (kit.last - np.minimum(back, kit.last - kit.first)).astype("datetime64[D]")
    return placed(rows, day.astype("datetime64[s]"))


def _reclassified(rows: Rows, kit: Kit, rng: Random) -> Rows:
    place = rows["code"].cat.codes.to_numpy().astype(np.int64)
    codes = kit.stock.codes
    other = (place + rng.integers(1, len(codes), len(rows))) % len(codes)
    return _two_versions(rows, rows.assign(code=coded(rows, [codes[at] for at in other])), rng)


def _cancelled(rows: Rows, _: Kit, rng: Random) -> Rows:
    both = _two_versions(rows, _status(rows, "cancelled"), rng)
    dropped = both["status"] == "cancelled"
    return both.assign(status_from=both["status_from"].where(~dropped, both["known_from"]))


def _transferred(rows: Rows, _: Kit, rng: Random) -> Rows:
    return rows.assign(known_to=days_on(rows["known_from"], 1, MARGIN - 1, rng))


def _crime_per_victim(rows: Rows, kit: Kit, rng: Random) -> Rows:
    crimes = [rows, _again(rows, kit), _again(rows, kit)]
    hurt = [victims(crime, kit.people(len(rows), rng)) for crime in crimes]
    return pd.concat([*crimes, *hurt])


def _non_crime(rows: Rows, _: Kit, __: Random) -> Rows:
    return _code(rows, _NON_CRIME)


def _attempt(rows: Rows, _: Kit, __: Random) -> Rows:
    return _code(rows, *_ATTEMPTS)


def _conspiracy(rows: Rows, _: Kit, __: Random) -> Rows:
    return _code(rows, _CONSPIRACY)


def _continuing(rows: Rows, _: Kit, rng: Random) -> Rows:
    began = days_on(rows["committed_on"], -60, -5, rng)
    return rows.assign(committed_on=began, committed_to=rows["committed_on"])


def _detected(code: str, way: str) -> Callable[[Rows, Kit, Random], Rows]:
    def build(rows: Rows, _: Kit, __: Random) -> Rows:
        found = coded(rows, [way] * len(rows), column="detection")
        return _code(rows, code).assign(detection=found)

    return build


def _expired(rows: Rows, _: Kit, __: Random) -> Rows:
    return _code(rows, *_EXPIRED)


def _joined(rows: Rows, kit: Kit, rng: Random) -> Rows:
    """Two suspects and two victims, joined: each suspect stands in the table twice."""
    second = rows.assign(offender_id=kit.people(len(rows), rng))
    return pd.concat([rows, rows, second, second])


def _person_of(rows: Rows) -> list[str]:
    return [str(person) for person in rows["offender_id"]]


def _names(rows: Rows) -> list[str]:
    return [f"Person {int(person[1:]):06d}" for person in _person_of(rows)]


def _alias(rows: Rows, kit: Kit, rng: Random) -> Rows:
    """A second record of one person, which the force never finds to be one."""
    ids = kit.people(len(rows), rng, born=rows["born"].array, names=_names(rows))
    kit.add_identities(ids, _person_of(rows), no_days(rows))
    return rows.assign(offender_id=ids)


def _merged(rows: Rows, kit: Kit, rng: Random) -> Rows:
    """A second record of one person, merged into the first on a day."""
    day = days_on(rows["known_from"], 1, MARGIN - 1, rng)
    ids = kit.people(
        len(rows), rng, born=rows["born"].array, names=_names(rows), known_to=day.array
    )
    kit.add_identities(ids, _person_of(rows), day.array)
    return pd.concat([rows.assign(offender_id=ids, known_to=day), rows.assign(known_from=day)])


def _split(rows: Rows, kit: Kit, rng: Random) -> Rows:
    """Somebody else's offence on a person's record, until the record is split on a day."""
    day = days_on(rows["known_from"], 1, MARGIN - 1, rng)
    ids = kit.people(len(rows), rng, known_from=day.array)
    kit.add_identities(ids, ids, day.array)
    return pd.concat([rows.assign(known_to=day), rows.assign(offender_id=ids, known_from=day)])


def _test_record(rows: Rows, kit: Kit, _: Random) -> Rows:
    kit.add_records(
        {
            "offender_id": [_TEST_RECORD],
            "date_of_birth": no_days(rows.head(1)),
            "name": [_TEST_RECORD],
            "known_from": [kit.day(kit.first)],
            "known_to": no_days(rows.head(1)),
        }
    )
    return rows.assign(offender_id=_TEST_RECORD)


def _with_status(status: str) -> Callable[[Rows, Kit, Random], Rows]:
    def build(rows: Rows, _: Kit, __: Random) -> Rows:
        return _status(rows, status)

    return build


def _counter_allegation(rows: Rows, kit: Kit, rng: Random) -> Rows:
    one = _own(rows, kit, rng)
    other = _again(one, kit).assign(offender_id=kit.people(len(rows), rng))
    return pd.concat([one, victims(one, _person_of(other)), other, victims(other, _person_of(one))])


def _complainant(rows: Rows, kit: Kit, rng: Random) -> Rows:
    """Four reports by one person against one person."""
    complainant = kit.people(len(rows), rng)
    reports = [rows, *(_again(rows, kit) for _ in range(3))]
    return pd.concat([*reports, *(victims(report, complainant) for report in reports)])


def _under_18(rows: Rows, kit: Kit, rng: Random) -> Rows:
    people = kit.people(len(rows), rng, years=(14.0, 17.9))
    return placed(rows, kit.before_last(rng, len(rows), 30, 90)).assign(offender_id=people)


def _no_birth_date(rows: Rows, kit: Kit, rng: Random) -> Rows:
    return rows.assign(offender_id=kit.people(len(rows), rng, born=no_days(rows)))


def _deceased(rows: Rows, kit: Kit, rng: Random) -> Rows:
    mine = _own(rows, kit, rng)
    kit.add_spells(_person_of(mine), "deceased", days_on(mine["recorded_on"], 1, 60, rng).array)
    return mine


def _moved(rows: Rows, kit: Kit, rng: Random) -> Rows:
    mine = _own(rows, kit, rng)
    kit.add_spells(_person_of(mine), "moved-out", days_on(mine["recorded_on"], 1, 60, rng).array)
    return mine


def _in_custody(rows: Rows, kit: Kit, rng: Random) -> Rows:
    mine = _own(rows, kit, rng)
    kit.add_spells(_person_of(mine), "in-custody", kit.before_last(rng, len(rows), 0, 30))
    return mine


def _released_soon(rows: Rows, kit: Kit, rng: Random) -> Rows:
    mine = _own(rows, kit, rng)
    kit.add_spells(
        _person_of(mine),
        "in-custody",
        kit.before_last(rng, len(rows), 0, 30),
        ends=kit.before_last(rng, len(rows), -28, -1),
    )
    return mine


def _managed(rows: Rows, kit: Kit, rng: Random) -> Rows:
    mine = _own(_code(rows, _GRAVEST), kit, rng)
    starts = kit.before_last(rng, len(rows), 0, 60)
    kit.add_spells(_person_of(mine), "managed", starts, management="ViSOR", route="MAPPA")
    return mine


def _referral_only(rows: Rows, kit: Kit, rng: Random) -> Rows:
    people = kit.people(len(rows), rng)
    starts = kit.before_last(rng, len(rows), 0, 60)
    kit.add_spells(people, "managed", starts, management="HHPU", route="agency-referral")
    return rows.head(0)


def _tie(rows: Rows, kit: Kit, rng: Random) -> Rows:
    """People who differ in nothing that is scored: one offence, one code, one day, one status."""
    day = np.full(len(rows), kit.day(max(kit.first, kit.last - 100)))
    return placed(_code(_own(rows, kit, rng), _TIED), day)


def _one_offence(rows: Rows, kit: Kit, rng: Random) -> Rows:
    return _own(_code(rows, _GRAVEST), kit, rng)


def _divisions(rows: Rows, kit: Kit, rng: Random) -> Rows:
    mine = _own(rows, kit, rng)
    three = (mine, _again(mine, kit), _again(mine, kit))
    return pd.concat(
        [
            crimes.assign(division=coded(crimes, [where] * len(rows), column="division"))
            for crimes, where in zip(three, ("North", "South", "West"), strict=True)
        ]
    )


def _person_twice(rows: Rows, kit: Kit, _: Random) -> Rows:
    kit.add_records(
        {
            "offender_id": _person_of(rows),
            "date_of_birth": rows["born"].array,
            "name": _names(rows),
            "known_from": np.full(len(rows), kit.day(kit.first)),
            "known_to": no_days(rows),
        }
    )
    return rows.head(0)


CASES: Mapping[str, Callable[[Rows, Kit, Random], Rows]] = {
    "non-recent": _non_recent,
    "recording-delay": _recording_delay,
    "midnight": _midnight,
    "leap-day": _leap_day,
    "window-edge": _window_edge,
    "reclassified": _reclassified,
    "cancelled": _cancelled,
    "transferred": _transferred,
    "crime-per-victim": _crime_per_victim,
    "non-crime-incident": _non_crime,
    "attempt": _attempt,
    "continuing-offence": _continuing,
    "police-initiated": _detected(_PROACTIVE, "proactive"),
    "company-detected": _detected(_COMPANY, "company"),
    "expired-code": _expired,
    "suspect-victim-join": _joined,
    "alias": _alias,
    "merged-identity": _merged,
    "split-identity": _split,
    "duplicate-person": _person_twice,
    "test-record": _test_record,
    "eliminated-suspect": _with_status("eliminated"),
    "no-further-action": _with_status("no-further-action"),
    "acquitted": _with_status("acquitted"),
    "counter-allegation": _counter_allegation,
    "repeated-complainant": _complainant,
    "under-18": _under_18,
    "no-birth-date": _no_birth_date,
    "deceased": _deceased,
    "moved-out": _moved,
    "in-custody": _in_custody,
    "released-next-month": _released_soon,
    "already-managed": _managed,
    "referral-only": _referral_only,
    "tie-block": _tie,
    "one-offence-score": _one_offence,
    "several-divisions": _divisions,
    "conspiracy": _conspiracy,
}
