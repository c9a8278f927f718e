"""What a ledger tells of its extracts: rows that could not be used, accounts of then, caveats."""

import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

import hhpu
from hhpu.provenance import canonical_json, sha256_of

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
        ({"status": "pending"}, "status or role not readable"),
        ({"role": "bystander"}, "status or role not readable"),
        ({"status": "cancelled"}, "cancelled or cleared"),
    ],
)
def test_a_row_that_is_there_is_not_called_removed(cells, cause):
    assert causes(taken(ROWS, changed(**cells))) == {"1": cause}


@pytest.mark.parametrize("cells", [{"committed_on": "soon"}, {"status": "pending"}])
def test_a_row_that_can_be_used_again_is_not_late(cells):
    expected = "row not usable" if "committed_on" in cells else "status or role not readable"
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
