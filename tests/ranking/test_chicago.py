"""The real data, where they are present: the published counts, and every score by the reference."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import os
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import forces
import pytest
import reference

import hhpu

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data" / "chicago_complaints"
DATA = Path(os.environ.get("HHPU_CHICAGO", _BESIDE))
WINDOW = 1826

pytestmark = pytest.mark.skipif(
    not (DATA / "offences.csv.gz").exists(),
    reason="the Chicago complaints are not here: set HHPU_CHICAGO to their folder",
)


@pytest.fixture(scope="module", name="weights")
def _weights():
    with (DATA / "weights.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    weights = {row["code"]: Decimal(row["weight_days"]) * 100 for row in rows}
    assert len(weights) == 124
    assert all(weight == int(weight) for weight in weights.values())
    return {code: int(weight) for code, weight in weights.items()}


@pytest.fixture(scope="module", name="rows")
def _rows():
    with gzip.open(DATA / "offences.csv.gz", "rt", newline="") as file:
        return [row | {"offender_id": row["person_id"]} for row in csv.DictReader(file)]


def ledger_of(date):
    return hhpu.encode(DATA / "offences.csv.gz", columns={"offender_id": "person_id"}, date=date)


@pytest.mark.parametrize(
    ("date", "as_of", "people", "history"),
    [
        ("recorded_on", "2008-12-31", 5296, 19943),
        ("recorded_on", "2012-12-31", 4822, 18512),
        ("committed_on", "2008-12-31", 5226, 19581),
        ("committed_on", "2012-12-31", 4705, 17715),
    ],
)
def test_people_ranked_and_history_rows_are_those_published(
    date, as_of, people, history, weights, rows
):
    ledger = ledger_of(date)
    index = forces.index_of(forces.points(weights))
    ranking = hhpu.rank(ledger, as_of=as_of, index=index, window=WINDOW)
    assert len(ranking) == people
    fates = ranking.scores.fate_counts()
    assert fates["counted"] == history
    assert ledger.rows_in == 63_846 == ledger.rows_rejected + sum(fates.values())
    assert ledger.problems.count("no-code") == 1_057
    assert ledger.problems.count("dates-out-of-order") > 0

    day = dt.date.fromisoformat(as_of).toordinal()
    scores: Counter[str] = Counter()
    for row in rows:
        placed, known = (dt.date.fromisoformat(row[name]).toordinal() if row[name] else None
                         for name in (date, "recorded_on"))  # fmt: skip
        if placed is None or row["code"] not in weights:
            continue
        if day - WINDOW < placed <= day and (known is None or known <= day):
            scores[row["offender_id"]] += weights[row["code"]]
    table = ranking.to_frame(details=False)
    found = dict(zip(table["offender_id"], map(Fraction, table["score"]), strict=True))
    assert found == {person: Fraction(score, 100) for person, score in scores.items()}
    assert (table["rank"] == table["score"].map(Decimal).rank(
        method="min", ascending=False).astype(int)).all()  # fmt: skip


def test_recency_weighted_scores_are_exact_on_real_data(weights, rows):
    as_of = dt.date(2008, 12, 31)
    ranking = hhpu.rank(
        ledger_of("recorded_on"), as_of=as_of, index=forces.index_of(forces.points(weights)),
        window=WINDOW, method=hhpu.RecencyWeightedHarm(half_life=365),
    )  # fmt: skip
    decay = {age: reference.decay(age, 365) for age in range(WINDOW)}
    scores: Counter[str] = Counter()
    for row in rows:
        age = (as_of - dt.date.fromisoformat(row["recorded_on"])).days if row["recorded_on"] else -1
        if 0 <= age < WINDOW and row["code"] in weights:
            scores[row["offender_id"]] += weights[row["code"]] * decay[age]
    table = ranking.to_frame(details=False)
    found = dict(zip(table["offender_id"], map(Fraction, table["score"]), strict=True))
    assert found == {p: Fraction(score, 100 * 2**20) for p, score in scores.items()}
