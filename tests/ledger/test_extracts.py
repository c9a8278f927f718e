"""What a ledger tells of its extracts: rows that could not be used, accounts of then, caveats."""

import datetime as dt
import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

import hhpu
from hhpu.ledger import with_births
from hhpu.provenance import canonical_json, sha256_of
from hhpu.tables import day_to_date

DAYS = ("2025-02-20", "2025-03-06", "2025-03-20")
ROWS = pd.DataFrame(
    {
        "offender_id": ["1", "2", "3"],
        "offence_id": ["A", "B", "C"],
        "code": ["8N", "8N", "5D"],
        "committed_on": ["2025-01-04", "2025-02-01", "2025-02-02"],
        "recorded_on": ["2025-01-04", "2025-02-01", "2025-02-02"],
        "status": ["suspect", "suspect", "suspect"],
        "role": ["suspect", "suspect", "suspect"],
    }
)
INDEX = hhpu.load_registry(plugins="none").index("ons-css")


def changed(**cells):
    table = ROWS.copy()
    for name, value in cells.items():
        table.loc[0, name] = value
    return table


def taken(*tables):
    ledger = None
    for day, table in zip(DAYS, tables, strict=False):
        fresh = hhpu.encode(table)
        ledger = (
            fresh.begin(day=day, source="us")
            if ledger is None
            else hhpu.Ledger.from_bytes(ledger.to_bytes(), name="kept").update(
                fresh, day=day, source="us"
            )
        )
    return ledger


def causes(ledger, before=DAYS[0], now=DAYS[1]):
    rankings = [hhpu.rank(ledger, as_of=day, index=INDEX) for day in (before, now)]
    found = hhpu.movement(*rankings, k="100%").causes
    own = found[~found["cause"].isin(["others moved"])]
    return dict(zip(own["offender_id"], own["cause"], strict=True))


@pytest.mark.parametrize(
    ("cells", "cause"),
    [
        ({"committed_on": "soon"}, "row not usable"),
        ({"committed_on": None}, "row not usable"),
        ({"committed_on": "soon", "offence_id": None}, "removed from the records"),
        ({"committed_on": "soon", "offender_id": None}, "removed from the records"),
        ({"offender_id": "UNKNOWN"}, "removed from the records"),
        ({"status": "pending"}, "status, role or flag not readable"),
        ({"role": "bystander"}, "status, role or flag not readable"),
        ({"status": "cancelled"}, "cancelled or cleared"),
    ],
)
def test_a_row_that_is_there_is_not_called_removed(cells, cause):
    assert causes(taken(ROWS, changed(**cells))) == {"1": cause}


@pytest.mark.parametrize("cells", [{"committed_on": "soon"}, {"status": "pending"}])
def test_a_row_that_can_be_used_again_is_not_late(cells):
    expected = "row not usable" if "committed_on" in cells else "status, role or flag not readable"
    ledger = taken(changed(**cells), ROWS, ROWS)
    assert causes(ledger) == {"1": expected}
    assert causes(ledger, *DAYS[1:]) == {}


def test_a_row_that_could_not_be_used_and_then_went_was_removed():
    ledger = taken(ROWS, changed(committed_on="soon"), ROWS[1:])
    assert causes(ledger) == {"1": "row not usable"}
    assert causes(ledger, DAYS[0], DAYS[2]) == {"1": "removed from the records"}
    assert causes(ledger.back_to(DAYS[1])) == {"1": "row not usable"}


def test_an_offence_of_another_person_is_neither_removed_nor_late():
    expected = dict.fromkeys(("1", "4"), "linked to another person")
    assert causes(taken(ROWS, changed(offender_id="4"))) == expected


@pytest.mark.parametrize("status", ["suspect", "not a word"])
def test_an_offence_moved_below_the_age_has_another_date_and_nobody_another_birth(status):
    cells = {
        "offender_id": ["1", "2", "1"],
        "offence_id": ["A", "B", "C"],
        "code": ["8N", "8N", "8N"],
        "recorded_on": ["2025-02-02"] * 3,
    }
    people = pd.DataFrame(
        {"offender_id": ["1", "2"], "date_of_birth": ["2015-01-20", "1990-01-01"]}
    )
    late, early = (
        hhpu.encode(
            pd.DataFrame(
                {
                    **cells,
                    "committed_on": [day, *["2025-02-01"] * 2],
                    "status": [word, *["suspect"] * 2],
                }
            ),
            people=people,
        )
        for day, word in (("2025-02-01", "suspect"), ("2025-01-10", status))
    )
    index = hhpu.load_registry(plugins="none").index("ons-css")
    for first, second in ((late, early), (early, late)):
        ledger = first.begin(day="2025-02-10", source="X").update(
            second, day="2025-02-24", source="X"
        )
        before, now = (
            hhpu.rank(ledger, as_of=day, index=index) for day in ("2025-02-10", "2025-02-24")
        )
        causes = hhpu.movement(before, now, k=3).causes
        mine = causes.loc[causes["offender_id"] == "1", "cause"].tolist()
        assert mine == ["date changed"]


def test_one_more_suspect_of_a_known_offence_is_late():
    more = pd.concat([ROWS, changed(offender_id="4")[:1]], ignore_index=True)
    assert causes(taken(ROWS, more)) == {"4": "late-recorded"}


def test_chunks_give_the_unusable_rows_of_the_whole():
    table = changed(committed_on="soon")
    whole = taken(ROWS, table).to_bytes()
    parts = hhpu.Ledger.concat([hhpu.encode(table[:2]), hhpu.encode(table[2:])])
    ledger = hhpu.encode(ROWS).begin(day=DAYS[0], source="us")
    assert ledger.update(parts, day=DAYS[1], source="us").to_bytes() == whole


def test_the_accounts_of_an_earlier_extract_do_not_hold_later_rows():
    first = hhpu.encode(changed(status="pending")).begin(day=DAYS[0], source="us")
    ledger = first.update(hhpu.encode(changed(committed_on="soon")), day=DAYS[1], source="us")
    assert (ledger.rows_in, ledger.rows_rejected) == (6, 1)
    back = ledger.back_to(DAYS[0])
    assert (back.rows_in, back.rows_rejected) == (3, 0)
    assert back.problems.to_dict() == first.problems.to_dict()
    assert [part.size for part in back.parts] == [3]
    kept = hhpu.Ledger.from_bytes(ledger.to_bytes(), name="kept").back_to(DAYS[0])
    assert (kept.rows_in, len(kept)) == (3, 3)


def test_what_was_inferred_is_said_of_one_extract_too():
    ledger = taken(ROWS, changed(code="5D"))
    shown = ledger.known_on(DAYS[1])
    for each in (shown, hhpu.Ledger.from_bytes(shown.to_bytes(), name="kept")):
        told = hhpu.rank(each, as_of="2025-04-01", index=INDEX).provenance.caveats
        assert any("before the first extract (2025-02-20) is inferred" in line for line in told)
        assert any("The last extract is of 2025-03-06" in line for line in told)


def test_a_file_of_the_first_version_is_read():
    ledger = taken(ROWS, ROWS)
    with zipfile.ZipFile(io.BytesIO(ledger.to_bytes())) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    members = {n: c for n, c in held.items() if "unusable" not in n and n != "digest.txt"}
    header = json.loads(members["header.json"]) | {"version": 1}
    del header["seen"]
    members["header.json"] = canonical_json(header)
    parts = [part for name in sorted(members) for part in (name.encode(), members[name])]
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr("digest.txt", sha256_of(b"hhpu ledger", *parts))
    old = hhpu.Ledger.from_bytes(made.getvalue(), name="old")
    assert old == ledger
    assert old.extracts == ledger.extracts
    assert np.array_equal(old.unusable.pairs, np.zeros((0, 2)))


def rows_of(count, other=0):
    """So many rows, of which some were not so before."""
    names = [f"o{n}" for n in range(count - other)] + [f"other{n}" for n in range(other)]
    return hhpu.encode(
        pd.DataFrame({"offender_id": "p", "offence_id": names, "code": "A",
                      "committed_on": "2025-01-04", "recorded_on": "2025-01-05"})
    )  # fmt: skip


@pytest.mark.parametrize("share", [0.01, 0.07, 0.1, 0.3, 0.57, 0.58, 1.0])
def test_an_extract_is_believed_up_to_the_declared_fall_and_not_a_row_past_it(share):
    first = rows_of(100).begin(day="2025-02-01", source="E")
    least = 100 - round(share * 100)
    later = {"day": "2025-02-15", "source": "E", "most_fall": share}
    if least:
        first.update(rows_of(least), **later)
    if least > 1:
        with pytest.raises(hhpu.InputRefused, match=f"holds {least - 1} rows"):
            first.update(rows_of(least - 1), **later)


@pytest.mark.parametrize("share", [0.01, 0.07, 0.29, 0.3, 0.57, 0.58, 1.0])
def test_an_extract_is_believed_down_to_the_declared_share_of_same_rows(share):
    first = rows_of(100).begin(day="2025-02-01", source="E")
    least = round(share * 100)
    later = {"day": "2025-02-15", "source": "E", "least_same": share}
    first.update(rows_of(100, other=100 - least), **later)
    with pytest.raises(hhpu.InputRefused, match=f"last extract {least - 1} stand"):
        first.update(rows_of(100, other=101 - least), **later)


def test_births_of_a_people_table_are_given_to_the_people_of_the_last_extract_only():
    def ledger_of(born):
        people = pd.DataFrame({"offender_id": list(born), "date_of_birth": list(born.values())})
        offences = pd.DataFrame({"offender_id": list(born), "offence_id": list(born), "code": "A",
                                 "committed_on": "2025-01-04"})  # fmt: skip
        return hhpu.encode(offences, people=people)

    first = ledger_of({"a": "1980-01-01", "b": "1981-01-01"}).begin(day="2025-02-01", source="E")
    last = first.update(ledger_of({"a": "1990-01-01"}), day="2025-02-15", source="E")
    people = pd.DataFrame(
        {"offender_id": ["a", "b"], "date_of_birth": ["1970-01-01", "1971-01-01"]}
    )
    given = with_births(last, hhpu.check(people, contract=hhpu.PEOPLE))
    names = given.people.take(np.arange(len(given.people))).tolist()
    born = {name: day_to_date(day) for name, day in zip(names, given.born.tolist(), strict=True)}
    assert born == {"a": dt.date(1970, 1, 1), "b": dt.date(1981, 1, 1)}
