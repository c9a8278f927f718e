"""One force in every dataframe library, file and type: one ledger, one ranking, the same bytes."""

from __future__ import annotations

import datetime as dt
import gzip
from decimal import Decimal

import forces
import narwhals as nw
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import hhpu

pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
duckdb = pytest.importorskip("duckdb")

AS_OF = dt.date(2024, 3, 1)
INDEX = forces.index_of(forces.points({"A": 547, "B": 201, "C": 829, "Z": 0}))
FLAGS = ("domestic_abuse", "hate", "child_abuse", "child_victim")
D = dt.date
FORCE = [
    {
        "offender_id": person, "offence_id": offence, "code": code, "role": role,
        "status": status, "committed_on": committed, "recorded_on": recorded,
        "known_from": None, "known_to": known_to, "status_from": since,
        "domestic_abuse": abuse, "hate": None, "child_abuse": False, "child_victim": True,
        "detection": detection,
    }
    for person, offence, code, role, status, committed, recorded, known_to, since, abuse, detection
    in [
        ("007", "0012", "A", "suspect", "charged", D(2024, 1, 1), D(2024, 1, 2), None,
         D(2024, 2, 1), True, None),
        ("007", "0012", "A", "suspect", "charged", D(2024, 1, 1), D(2024, 1, 2), None, None, None,
         "reported"),
        ("7", "12", "B", None, None, D(2024, 1, 31), None, D(2024, 2, 28), None, False,
         "proactive"),
        ("7", "13", "B", "offender", "convicted", D(1969, 12, 31), D(2024, 1, 2), None,
         D(2024, 1, 9), None, None),
        ("é1", None, "Z", "suspect", "suspect", D(2024, 2, 29), D(2024, 3, 1), None, None, None,
         "company"),
        ("P 9", "a,b", "C", "victim", None, D(2024, 2, 28), D(2024, 2, 28), None, None, True, None),
        ("P 9", "a,b", None, "suspect", "cautioned", D(2024, 2, 28), D(2024, 2, 28), None, None,
         True, None),
        ("P 9", 'q"', "X", "suspect", "cautioned", D(2024, 2, 28), D(2024, 3, 2), None, None, None,
         None),
    ]
]  # fmt: skip


def cells(rows, name):
    return [row[name] for row in rows]


def texts(rows):
    def text(cell):
        return None if cell is None else str(cell).lower() if cell in (True, False) else str(cell)

    return {name: [text(row[name]) for row in rows] for name in forces.COLUMNS}


def pandas_of(rows, *, words="object", unit="s", flags="boolean"):
    table = {}
    for name in forces.COLUMNS:
        held = pd.Series(cells(rows, name), dtype=object)
        if name in forces.DATES:
            dates = held if unit == "object" else pd.to_datetime(held)
            table[name] = dates if unit == "object" else dates.astype(f"datetime64[{unit}]")
        elif name in FLAGS:
            table[name] = held.astype(flags)
        else:
            table[name] = held.astype(words).where(held.notna(), None)
    return pd.DataFrame(table)


def arrow_of(rows, *, word=None, date=None):
    word, date = word or pa.string(), date or pa.date32()
    kinds = {
        name: date if name in forces.DATES else pa.bool_() if name in FLAGS else word
        for name in forces.COLUMNS
    }
    plain = {
        name: pa.date32() if name in forces.DATES else pa.bool_() if name in FLAGS else pa.string()
        for name in forces.COLUMNS
    }
    columns = [pa.array(cells(rows, n), type=plain[n]).cast(kinds[n]) for n in forces.COLUMNS]
    return pa.table(columns, names=list(forces.COLUMNS))


def polars_of(rows, *, word=pl.String, date=pl.Date):
    return pl.DataFrame(
        {
            name: pl.Series(
                name,
                cells(rows, name),
                dtype=pl.Date
                if name in forces.DATES
                else pl.Boolean
                if name in FLAGS
                else pl.String,
            ).cast(date if name in forces.DATES else pl.Boolean if name in FLAGS else word)
            for name in forces.COLUMNS
        }
    )


def duck_of(rows):
    table = arrow_of(rows)
    return duckdb.from_arrow(table).filter("true")


def offences_of(rows):
    return [hhpu.Offence(**row) for row in rows]


def chunked(rows):
    half = max(1, len(rows) // 2)
    parts = [arrow_of(part) for part in (rows[:half], rows[half:]) if part]
    return pa.concat_tables(parts)


FORMS = {
    "records": offences_of,
    "records, lazily": lambda rows: (offence for offence in offences_of(rows)),
    "pandas object": pandas_of,
    "pandas str": lambda rows: pandas_of(rows, words="str"),
    "pandas string": lambda rows: pandas_of(rows, words="string"),
    "pandas categorical": lambda rows: pandas_of(rows, words="category", flags="category"),
    "pandas ns": lambda rows: pandas_of(rows, unit="ns"),
    "pandas us": lambda rows: pandas_of(rows, unit="us"),
    "pandas date objects": lambda rows: pandas_of(rows, unit="object", flags="object"),
    "pandas texts": lambda rows: pd.DataFrame(texts(rows)),
    "pandas arrow": lambda rows: arrow_of(rows).to_pandas(types_mapper=pd.ArrowDtype),
    "pandas, another index": lambda rows: pandas_of(rows).set_index(
        pd.Index([7] * len(rows), name="code")
    ),
    "polars": polars_of,
    "polars categorical": lambda rows: polars_of(rows, word=pl.Categorical),
    "polars datetime": lambda rows: polars_of(rows, date=pl.Datetime("us")),
    "polars lazy": lambda rows: polars_of(rows).lazy(),
    "polars texts": lambda rows: pl.DataFrame(
        texts(rows), schema=dict.fromkeys(forces.COLUMNS, pl.String)
    ),
    "arrow": arrow_of,
    "arrow large": lambda rows: arrow_of(rows, word=pa.large_string(), date=pa.timestamp("ns")),
    "arrow dictionary": lambda rows: arrow_of(rows, word=pa.dictionary(pa.int32(), pa.string())),
    "arrow sliced": lambda rows: pa.concat_tables([arrow_of(rows), arrow_of(rows)]).slice(
        len(rows)
    ),
    "arrow in chunks": chunked,
    "duckdb": duck_of,
}


def ranked(ledger):
    return hhpu.rank(ledger, as_of=AS_OF, index=INDEX).to_frame().to_csv(index=False).encode()


@pytest.fixture(params=FORMS, name="make")
def _make(request):
    return FORMS[request.param]


@pytest.fixture(scope="module", name="expected")
def _expected():
    return hhpu.encode(offences_of(FORCE))


def test_every_library_gives_one_ledger_one_ranking_and_the_same_bytes(make, expected):
    ledger = hhpu.encode(make(FORCE))
    assert ledger.digest == expected.digest
    assert ledger == expected
    assert ranked(ledger) == ranked(expected)
    assert ledger.problems.to_dict() == expected.problems.to_dict()
    assert b"\n007," in ranked(ledger)
    assert b"\n7," in ranked(ledger)


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet", "parquet.gz", "bom"])
def test_every_file_gives_the_same_ledger(kind, expected, tmp_path):
    path = tmp_path / f"force.{kind}"
    if kind.startswith("parquet"):
        pq.write_table(arrow_of(FORCE), path)
    else:
        encoding = "utf-8-sig" if kind == "bom" else "utf-8"
        pd.DataFrame(texts(FORCE)).to_csv(path, index=False, encoding=encoding, compression=None)
    if kind.endswith("gz"):
        path.write_bytes(gzip.compress(path.read_bytes()))
    for given_path in (path, str(path)):
        ledger = hhpu.encode(given_path)
        assert ledger.digest == expected.digest
        assert ranked(ledger) == ranked(expected)


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(forces.forces(committed_on=forces.days | st.dates(D(1905, 1, 1), D(2090, 1, 1))))
def test_rule_7_the_library_of_the_rows_changes_nothing(make, rows):
    expected = hhpu.encode(offences_of(rows))
    ledger = hhpu.encode(make(rows))
    assert ledger.digest == expected.digest
    assert ranked(ledger) == ranked(expected)


NUMBERS = [3, 7, 12, 7, 99_999_999, 100_000_000, 2**31, 2**53 - 1, 12_345_678_901_234_567]
INTEGERS = {
    "pandas int64": lambda n: pd.DataFrame({"offender_id": n, "offence_id": n}),
    "pandas Int64": lambda n: pd.DataFrame({"offender_id": n, "offence_id": n}, dtype="Int64"),
    "pandas UInt64": lambda n: pd.DataFrame({"offender_id": n, "offence_id": n}, dtype="uint64"),
    "pandas objects": lambda n: pd.DataFrame({"offender_id": n, "offence_id": n}, dtype=object),
    "pandas categories": lambda n: pd.DataFrame({"offender_id": n, "offence_id": n}).astype(
        "category"
    ),
    "polars": lambda n: pl.DataFrame({"offender_id": n, "offence_id": n}),
    "arrow": lambda n: pa.table({"offender_id": n, "offence_id": n}),
    "pandas decimals": lambda n: pd.DataFrame(_twice([Decimal(f"{i}.00") for i in n])),
    "pandas arrow decimals": lambda n: pd.DataFrame(_twice(_decimals(n, 0))).astype(
        pd.ArrowDtype(pa.decimal128(38, 0))
    ),
    "polars decimals": lambda n: pl.DataFrame(_twice(_decimals(n, 0))),
    "polars decimals with a point": lambda n: pl.DataFrame(_twice(_decimals(n, 2))),
    "arrow decimals": lambda n: pa.table(_twice(pa.array(_decimals(n, 0)))),
    "arrow decimals with a point": lambda n: pa.table(_twice(pa.array(_decimals(n, 3)))),
    "arrow wide decimals": lambda n: pa.table(
        _twice(pa.array(_decimals(n, 0), type=pa.decimal256(60, 0)))
    ),
    "duckdb hugeint": lambda n: duckdb.from_arrow(pa.table(_twice(pa.array(n)))).project(
        "offender_id::HUGEINT AS offender_id, offence_id::HUGEINT AS offence_id"
    ),
}

if hasattr(pl, "Int128"):  # not in the oldest Polars
    INTEGERS["polars Int128"] = lambda n: pl.DataFrame(
        _twice(n), schema=dict.fromkeys(("offender_id", "offence_id"), pl.Int128)
    )


def _twice(cells):
    return {"offender_id": cells, "offence_id": cells}


def _decimals(numbers, places):
    return [Decimal(n).quantize(Decimal(1).scaleb(-places)) for n in numbers]


def _with_offence(table):
    if isinstance(table, duckdb.DuckDBPyRelation):
        return table.project("*, 'A' AS code, DATE '2024-01-01' AS committed_on")
    if isinstance(table, pd.DataFrame):
        return table.assign(code="A", committed_on="2024-01-01")
    if isinstance(table, pl.DataFrame):
        return table.with_columns(pl.lit("A").alias("code"), pl.lit(D(2024, 1, 1)).alias(
            "committed_on"))  # fmt: skip
    size = len(table)
    return table.append_column("code", [["A"] * size]).append_column(
        "committed_on", [[D(2024, 1, 1)] * size]
    )


@pytest.mark.parametrize("kind", INTEGERS)
def test_ids_held_as_integers_equal_their_decimal_text(kind):
    as_text = hhpu.encode(
        pd.DataFrame(
            {
                "offender_id": [str(n) for n in NUMBERS],
                "offence_id": [str(n) for n in NUMBERS],
                "code": "A",
                "committed_on": "2024-01-01",
            }
        )
    )
    ledger = hhpu.encode(_with_offence(INTEGERS[kind](NUMBERS)))
    assert ledger.digest == as_text.digest
    assert ranked(ledger) == ranked(as_text)
    assert ledger.problems.count("duplicate-link") == 1
    assert hhpu.Ledger.concat([ledger, as_text]).problems.count("duplicate-link") == 10
    for column in ("offender_id", "offence_id"):
        assert ledger.problems.count("number-as-id", column=column) == len(NUMBERS)


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow", "wide", "duckdb"])
def test_a_decimal_id_is_exact_or_refused(kind):
    long = "123456789012345678901234567890"
    for cells, exact in (([long, None], True), ([f"{long}.5", "7"], False), (["7.5", "7"], False)):
        ids = [None if cell is None else Decimal(cell) for cell in cells]
        if kind == "pandas":
            table = pd.DataFrame(_twice(ids))
        elif kind == "polars":
            table = pl.DataFrame(_twice(ids))
        else:
            table = pa.table(
                _twice(pa.array(ids, pa.decimal256(60, 1) if kind == "wide" else None))
            )
        if kind == "duckdb":
            table = duckdb.from_arrow(table)
        table = _with_offence(table)
        if exact:
            ledger = hhpu.encode(table)
            people = hhpu.rank(ledger, as_of=AS_OF, index=INDEX).to_frame()["offender_id"]
            assert people.tolist() == [long]
            assert ledger.problems.count("no-person") == 1
        else:
            with pytest.raises(
                hhpu.InputRefused, match=r"unreadable-column \[offence_id\]"
            ) as caught:
                hhpu.encode(table)
            assert "7.5" not in str(caught.value)
            assert long not in str(caught.value)


def test_an_integer_column_with_a_gap_does_not_become_decimals():
    table = pd.DataFrame({
        "offender_id": [1, None, 3], "offence_id": [None, 2.0, 3.0], "code": "A",
        "committed_on": "2024-01-01",
    })  # fmt: skip
    ledger = hhpu.encode(table)
    people = hhpu.rank(ledger, as_of=AS_OF, index=INDEX).to_frame()["offender_id"]
    assert people.tolist() == ["1", "3"]
    assert ledger.problems.count("no-person") == 1


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow"])
@pytest.mark.parametrize(
    ("utc", "local"),
    [
        ("2025-03-29T23:30:00", D(2025, 3, 29)),
        ("2025-06-30T23:30:00", D(2025, 7, 1)),
        ("2025-06-30T22:59:59", D(2025, 6, 30)),
        ("2025-10-25T23:30:00", D(2025, 10, 26)),
        ("2025-10-26T23:30:00", D(2025, 10, 26)),
        ("1969-12-31T22:30:00", D(1969, 12, 31)),
        ("1969-12-31T23:30:00", D(1970, 1, 1)),
    ],
)
def test_a_time_with_a_zone_is_placed_on_the_local_civil_day(kind, utc, local):
    moment = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    columns = {"offender_id": ["1"], "code": ["A"]}
    if kind == "pandas":
        table = pd.DataFrame(columns | {"committed_on": pd.to_datetime([moment])})
    elif kind == "polars":
        table = pl.DataFrame(columns | {"committed_on": [moment]})
    else:
        table = pa.table(columns | {"committed_on": pa.array([moment], pa.timestamp("us", "UTC"))})
    last = hhpu.rank(hhpu.encode(table), as_of="2026-01-01", index=INDEX).to_frame()["last_offence"]
    assert last.tolist() == [local]


def test_a_time_of_day_before_1970_stays_on_its_day():
    moment = dt.datetime(1969, 7, 20, 20, 17)  # noqa: DTZ001 - local civil time has no zone
    columns = {"offender_id": ["1"], "code": ["A"], "committed_on": [moment]}
    for table in (pd.DataFrame(columns), pl.DataFrame(columns), pa.table(columns)):
        frame = hhpu.rank(hhpu.encode(table), as_of="2026-01-01", index=INDEX).to_frame()
        assert frame["last_offence"].tolist() == [D(1969, 7, 20)]


AGES = [3, None, 17, 18, 120, None, 44]
AGED = {
    "pandas objects": lambda ages: pd.Series(ages, dtype=object),
    "pandas float64": lambda ages: pd.Series(ages, dtype="float64"),
    "pandas Int64": lambda ages: pd.Series(ages, dtype="Int64"),
    "pandas categories": lambda ages: pd.Series(ages, dtype="Int64").astype("category"),
    "pandas texts": lambda ages: pd.Series([None if a is None else str(a) for a in ages]),
    "pandas float texts": lambda ages: pd.Series([None if a is None else f"{a}.0" for a in ages]),
    "pandas decimals": lambda ages: pd.Series(
        [None if a is None else Decimal(a) for a in ages], dtype=object
    ),
    "pandas arrow": lambda ages: pd.Series(ages, dtype=pd.ArrowDtype(pa.int16())),
    "polars": lambda ages: pl.Series(ages, dtype=pl.UInt8),
    "polars floats": lambda ages: pl.Series(ages, dtype=pl.Float32),
    "polars decimals": lambda ages: pl.Series(ages, dtype=pl.Float64).cast(pl.Decimal(10, 2)),
    "polars texts": lambda ages: pl.Series(ages, dtype=pl.UInt8).cast(pl.String),
    "arrow": lambda ages: pa.array(ages, type=pa.int64()),
    "arrow decimals": lambda ages: pa.array(ages, type=pa.int8()).cast(pa.decimal128(10, 1)),
}


def _aged(ages):
    size = len(ages)
    columns = {"offender_id": ["P1"] * size, "code": ["A"] * size, "committed_on": ["2024-01-01"]
               * size}  # fmt: skip
    if isinstance(ages, pl.Series):
        return pl.DataFrame(columns).with_columns(ages.alias("victim_age"))
    if isinstance(ages, pd.Series):
        return pd.DataFrame(columns).assign(victim_age=ages)
    return pa.table(columns).append_column("victim_age", ages)


@pytest.mark.parametrize("form", ["as it is", "duckdb", "parquet", "csv"])
@pytest.mark.parametrize("kind", AGED)
def test_a_victims_age_is_one_flag_in_every_library(kind, form, tmp_path):
    flags = [None if age is None else age < 18 for age in AGES]
    plain = pd.DataFrame({"offender_id": "P1", "code": "A", "committed_on": "2024-01-01",
                          "child_victim": pd.array(flags, dtype="boolean")})  # fmt: skip
    table = _aged(AGED[kind](AGES))
    if form != "as it is":
        table = nw.from_native(table).to_arrow()
    if form == "duckdb":
        table = duckdb.from_arrow(table)
    elif form == "parquet":
        pq.write_table(table, tmp_path / "aged.parquet")
        table = tmp_path / "aged.parquet"
    elif form == "csv":
        table.to_pandas().to_csv(tmp_path / "aged.csv", index=False)
        table = tmp_path / "aged.csv"
    ledger = hhpu.encode(table)
    assert ledger.digest == hhpu.encode(plain).digest
    assert ledger.problems.to_dict() == hhpu.encode(plain).problems.to_dict()
