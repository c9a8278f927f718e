"""The rules that hold everywhere (1 to 7), each against the reference implementation."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import attrs
import forces
import numpy as np
import pandas as pd
import pytest
import reference
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import hhpu
from hhpu.ledger import active_interval, counts_on
from hhpu.ranking import Fate
from hhpu.tables import FOREVER, NO_DAY, REASONS, Texts

HEAVIEST = 2**53 // 100
ORIGIN = dt.date(2024, 6, 1)


def listed(ranking: hhpu.Ranking) -> list[tuple[str, int, Fraction, int, bool]]:
    table = ranking.to_frame(details=False)
    return [
        (line.offender_id, line.rank, Fraction(line.score), line.offences, line.tied)
        for line in table.itertuples()
    ]


def agree(ledger: hhpu.Ledger, rows: list, definition: reference.Definition, t: dt.date) -> None:
    links, rejected = reference.read(rows)
    expected = reference.evaluate(links, definition, t)
    ranking = forces.rank(ledger, definition, t)
    scores = ranking.scores
    assert ledger.rows_rejected == len(rejected)
    assert len(ledger) == len(links)
    assert {k: v for k, v in scores.fate_counts().items() if v} == dict(expected.fates)
    assert scores.rows.tolist() == np.flatnonzero(scores.fates == Fate.COUNTED).tolist()
    assert listed(ranking) == reference.ranking(expected)
    sums: dict[str, int] = {}
    for row, amount in zip(scores.rows.tolist(), scores.contributions.tolist(), strict=True):
        person = ledger.people[int(ledger.offender[row])]
        sums[person] = sums.get(person, 0) + int(amount)
    assert {p: Fraction(s, scores.denominator) for p, s in sums.items()} == expected.scores


# 1. Integers until the last line


@given(forces.forces(), forces.definitions(), forces.origins)
def test_rule_1_integers_until_the_last_line(rows, definition, t):
    agree(hhpu.encode(forces.frame(rows)), rows, definition, t)


@given(
    st.lists(
        st.tuples(st.sampled_from("pq"), st.sampled_from("ABC"), st.integers(0, 900)),
        min_size=1,
        max_size=60,
    ),
    st.tuples(*[st.integers(0, HEAVIEST) | st.just(HEAVIEST)] * 3),
    st.sampled_from(("total-harm", "recency-weighted")),
    st.integers(1, 800),
)
@example([("p", "A", 0)] * 60, (HEAVIEST, 0, 0), "total-harm", 1)
@example([("p", "A", 0), ("q", "A", 365)] * 30, (HEAVIEST, 0, 0), "recency-weighted", 365)
def test_rule_1_sums_past_53_and_63_bits_are_exact(events, weights, method, half_life):
    rows = [
        {"offender_id": p, "code": c, "committed_on": ORIGIN - dt.timedelta(days=age)}
        for p, c, age in events
    ]
    definition = reference.Definition(
        weights=forces.points(dict(zip("ABC", weights, strict=True))),
        scale=10**6,
        method=method,
        half_life=half_life,
    )
    ledger = hhpu.encode(forces.frame(rows))
    agree(ledger, rows, definition, ORIGIN)
    ranking = forces.rank(ledger, definition, ORIGIN)
    expected = reference.evaluate(reference.read(rows)[0], definition, ORIGIN)
    for person, score in expected.scores.items():
        assert Fraction(ranking.explain(person).score) == score


@pytest.mark.parametrize("method", ["total-harm", "recency-weighted"])
def test_rule_1_more_homicides_than_a_float_sum_can_hold(method):
    count, weight, scale = 12_000, 7_973_390_001, 10**6
    days = [ORIGIN - dt.timedelta(days=n % 700) for n in range(count)]
    table = pd.DataFrame({"offender_id": "p", "code": "A", "committed_on": pd.to_datetime(days)})
    definition = reference.Definition(
        weights=forces.points({"A": weight}),
        scale=scale,
        policy={"unknown": 99},
        method=method,
        half_life=365,
    )
    ranking = forces.rank(hhpu.encode(table), definition, ORIGIN)
    shares = [2**20] * count
    if method == "recency-weighted":
        shares = [reference.decay(n % 700, 365) for n in range(count)]
    exact = Fraction(weight * 99 * sum(shares), scale * 100 * 2**20)
    assert weight * 99 * count > 2**53
    assert Fraction(ranking.to_frame()["score"][0]) == exact
    assert Fraction(ranking.scores.by_basis()["harm"][0]) == exact


def _index_folder(folder: Path, scale: int, weights: list[str]) -> Path:
    folder.mkdir(parents=True)
    (folder / "index.toml").write_text(
        f'name = "t"\nedition = "1"\ntitle = "T"\nunit = "days"\nscale = {scale}\n'
        'codes = "our-codes"\nlicence = "CC0-1.0"\n[[citations]]\nkey = "us"\ntitle = "Us"\n'
    )
    lines = [f"c{i},{weight},force,us" for i, weight in enumerate(weights)]
    (folder / "weights.csv").write_text("\n".join(["code,weight,basis,citation", *lines]) + "\n")
    return folder


def test_rule_1_every_weight_of_two_decimals_is_read_as_decimal_reads_it(tmp_path):
    texts = [f"{n // 100}.{n % 100:02}" for n in range(12_000)]
    wrong_by_floats = [t for t in texts if int(float(t) * 100) != int(Decimal(t) * 100)]
    assert {"2.01", "8.29"} <= set(wrong_by_floats)
    index = hhpu.read_index(_index_folder(tmp_path / "i", 100, texts))
    assert [w.weight for w in index.weights] == list(range(12_000))


@settings(max_examples=20)
@given(st.integers(0, 6), st.lists(st.integers(0, HEAVIEST), min_size=1, max_size=30))
def test_rule_1_weights_of_any_scale_are_parsed_exactly(tmp_path_factory, places, amounts):
    texts = [f"{a // 10**places}.{a % 10**places:0{places}}".rstrip(".") for a in amounts]
    texts = [text if places else text.split(".")[0] for text in texts]
    folder = _index_folder(tmp_path_factory.mktemp("x") / "i", 10**places, texts)
    index = hhpu.read_index(folder)
    assert [w.weight for w in index.weights] == amounts
    assert [Decimal(index.amount(w.weight)) for w in index.weights] == [
        Decimal(a).scaleb(-places) for a in amounts
    ]


@pytest.mark.parametrize("half_life", [*range(1, 12), 30, 90, 365, 730])
def test_rule_1_the_decay_table_holds_the_nearest_integers(half_life):
    ages = min(22 * half_life, 1500)
    table = hhpu.RecencyWeightedHarm(half_life=half_life).decay(ages)
    assert table.tolist() == [reference.decay(age, half_life) for age in range(ages)]


# 2. No silent zero


UNREADABLE = {
    "status": st.sampled_from((None, None, "charged", "guilty?")),
    "role": st.sampled_from((None, None, "suspect", "victim", "neighbour")),
}


@given(forces.forces(**UNREADABLE), forces.definitions(approximate=True), forces.origins)
def test_rule_2_no_silent_zero(rows, definition, t):
    ledger = hhpu.encode(forces.frame(rows))
    expected = reference.evaluate(reference.read(rows)[0], definition, t)
    ranking = forces.rank(ledger, definition, t)
    per_code: dict[str, list[str]] = {}
    for (code, person), times in expected.unmapped.items():
        per_code.setdefault(code, []).extend([person] * times)
    table = ranking.scores.unmapped()
    assert not table.duplicated(["code", "reason"]).any()
    assert {code: int(lines["offences"].sum()) for code, lines in table.groupby("code")} == {
        code: len(people) for code, people in per_code.items()
    }
    assert {
        code: int(lines["people"].iloc[0])
        for code, lines in table.groupby("code")
        if len(lines) == 1
    } == {
        code: len(set(people))
        for code, people in per_code.items()
        if (table["code"] == code).sum() == 1
    }
    coverage = ranking.scores.coverage()
    affected = {person for people in per_code.values() for person in people}
    unscored, scored = sum(map(len, per_code.values())), expected.fates["counted"]
    assert coverage["offences"] == expected.fates["unmapped"]
    assert coverage["interval_only_offences"] == expected.fates["interval without a point weight"]
    assert coverage["unreadable_status_offences"] == expected.fates["unreadable status"]
    assert coverage["unreadable_role_offences"] == expected.fates["unreadable role"]
    assert coverage["unscored_offences"] == unscored
    assert coverage["people"] == len(affected)
    assert coverage["people_with_nothing_scored"] == len(affected - set(expected.scores))
    share = unscored / (unscored + scored) if unscored + scored else 0.0
    assert coverage["share_of_offences"] == pytest.approx(share)
    arguments = {
        "as_of": t,
        "definition": forces.definition_of(definition),
        "method": forces.method_of(definition),
        "unmapped": "error",
    }
    if unscored:
        with pytest.raises(hhpu.UnmappedOffences) as caught:
            hhpu.score(ledger, **arguments)
        assert caught.value.offences == unscored
        assert set(caught.value.codes) == set(per_code)
    else:
        hhpu.score(ledger, **arguments)


@given(st.integers(1, 5), st.integers(0, 5))
def test_rule_2_an_explicit_zero_counts_and_ranks(zeros, others):
    rows = [{"offender_id": "z", "code": "Z", "committed_on": ORIGIN}] * zeros
    rows += [{"offender_id": "a", "code": "A", "committed_on": ORIGIN}] * others
    index = forces.index_of(forces.points({"A": 3, "Z": 0}))
    lines = listed(hhpu.rank(hhpu.encode(forces.frame(rows)), as_of=ORIGIN, index=index))
    assert lines[-1] == ("z", 1 + bool(others), 0, zeros, False)


# 3. Nothing is lost

DIRTY = {
    "offender_id": st.sampled_from((*forces.PEOPLE, None, "", "  ", "UNKNOWN MALE", "n/a", " P1 ")),
    "committed_on": st.one_of(
        forces.days.map(str),
        st.sampled_from(
            ("", None, "1900-01-01", "2024-02-30", "next week", "9999-12-31", "1066-10-14", "0")
        ),
    ),
    "recorded_on": st.none() | forces.days.map(str) | st.just("yesterday"),
    "status": st.sampled_from((None, "Charged", "NOT GUILTY", "no_further_action", "guilty?")),
    "role": st.sampled_from((None, "Suspect", "VICTIM", "neighbour")),
    "code": st.sampled_from((*forces.CODES, " A", "", None)),
    "known_to": st.none() | forces.days.map(str) | st.just("9999-12-31"),
    **dict.fromkeys(("known_from", "status_from"), st.none() | forces.days.map(str)),
}


@given(
    st.lists(forces.rows(**DIRTY), min_size=1, max_size=24), forces.definitions(), forces.origins
)
def test_rule_3_nothing_is_lost(rows, definition, t):
    links, rejected = reference.read(rows)
    table = pd.DataFrame({name: [row[name] for row in rows] for name in forces.COLUMNS})
    if not links:
        with pytest.raises(hhpu.InputRefused) as caught:
            hhpu.encode(table)
        assert "no-usable-rows" in str(caught.value)
        assert caught.value.problems.rows_excluded == len(rows)
        return
    ledger = hhpu.encode(table)
    assert ledger.rows_in == len(rows)
    assert ledger.rows_rejected == len(rejected)
    assert ledger.rows_split == len(links) - (len(rows) - len(rejected))
    assert ledger.rows_in + ledger.rows_split == ledger.rows_rejected + len(ledger)
    agree(ledger, rows, definition, t)
    ranking = forces.rank(ledger, definition, t)
    assert sum(ranking.scores.fate_counts().values()) == len(ledger)
    assert sum(ranking.to_dict()["fates"].values()) == ranking.to_dict()["ledger_rows"]
    excluded = {
        int(row)
        for problem in ledger.problems.found
        if problem.outcome == "excluded"
        for row in problem.rows
    }
    assert excluded == set(rejected)
    duplicate = {links[place].source for place in reference.ever_duplicates(links)}
    found = [p.rows.tolist() for p in ledger.problems.found if p.reason == "duplicate-link"]
    assert sorted(duplicate) == (found[0] if found else [])


@given(forces.forces(), forces.definitions(approximate=True), forces.origins)
def test_rule_3_everything_beside_the_rank_agrees_with_the_reference(rows, definition, t):
    ledger = hhpu.encode(forces.frame(rows))
    expected = reference.evaluate(reference.read(rows)[0], definition, t)
    ranking = forces.rank(ledger, definition, t)
    table = ranking.to_frame().set_index("offender_id")
    approximate = ranking.scores.index.approximate
    for person, score in expected.scores.items():
        line = table.loc[person]
        proven = expected.proven[person]
        assert Fraction(line["score_proven_only"]) == proven
        assert line["rank_proven_only"] == reference.rank_in(proven, expected.proven.values())
        share = float(1 - proven / score) if score else 0.0
        assert line["share_unproven"] == pytest.approx(share, abs=1e-4)
        if approximate:
            assert Fraction(line["score_low"]) == expected.low[person]
            assert Fraction(line["score_high"]) == expected.high[person]
            ranks = (line["rank_best"], line["rank_worst"])
            assert ranks == reference.rank_range(expected, person)
            assert ranks[0] <= ranks[1]
        assert line["last_offence"].toordinal() == max(
            link.day for link, _ in expected.parts[person]
        )
        for series in ("proactive", "company", "management"):
            harm = sum(a for link, a in expected.parts[person] if link.cell("detection") == series)
            assert Fraction(line[f"harm_{series}"]) == harm


# 4. Never "latest"


@given(st.lists(st.sampled_from(("2019", "2024", "2031")), min_size=1, max_size=3, unique=True))
def test_rule_4_a_name_needs_an_edition_when_several_are_installed(editions):
    registry = hhpu.load_registry(plugins="none")
    for n, edition in enumerate(editions):
        index = forces.index_of(forces.points({"A": n}), edition=edition)
        registry = registry.with_index(index).with_index(index)
    for n, edition in enumerate(editions):
        assert registry.index("test-index", edition).weights[0].weight == n
    if len(editions) == 1:
        assert registry.index("test-index").edition == editions[0]
    else:
        with pytest.raises(hhpu.UnknownName, match="name one"):
            registry.index("test-index")
    changed = attrs.evolve(
        forces.index_of(forces.points({"A": 99}), edition=editions[0]), supplier="elsewhere"
    )
    with pytest.raises(hhpu.RegistryConflict) as caught:
        registry.with_index(changed)
    assert "elsewhere" in caught.value.sources


@given(forces.definitions(), st.integers(1, 900), st.integers(1, 900))
def test_rule_4_an_argument_beside_a_definition_makes_a_derived_one(plain, window, other):
    definition = forces.definition_of(plain)
    assume(definition.window != window)
    ledger = hhpu.encode(
        pd.DataFrame({"offender_id": ["1"], "code": ["A"], "committed_on": ["2024-01-01"]})
    )
    scores = hhpu.score(ledger, as_of=ORIGIN, definition=definition, window=window)
    used = scores.definition
    before = "none" if definition.window is None else str(definition.window)
    assert used.window == window
    assert used.digest != definition.digest
    assert f"window {before} -> {window}" in used.derived_from
    assert definition.digest[:19] in used.derived_from
    assert (used.derive(window=other).digest == used.digest) == (other == window)
    facts = scores.provenance.facts
    assert facts["definition"]["digest"] == used.digest
    assert facts["index"]["digest"] == scores.index.digest
    assert hhpu.score(ledger, as_of=ORIGIN, definition=definition).definition is definition


# 5. One time rule

INSTANTS = st.integers(-40, 40)


@given(
    st.lists(
        st.tuples(INSTANTS, st.none() | INSTANTS, st.none() | INSTANTS), min_size=1, max_size=20
    ),
    st.none() | st.integers(-30, 10),
    st.integers(-5, 30),
    st.integers(-5, 40),
)
@example([(0, 20, None)], -10, 0, 0)
@example([(0, 20, None)], -10, 5, 25)
@example([(0, None, None)], None, 0, 0)
def test_rule_5_one_time_rule(links, after, upto, lag):
    day = np.array([link[0] for link in links], dtype=np.int32)
    start = np.array([NO_DAY if k is None else k for _, k, _ in links], dtype=np.int32)
    stop = np.array([FOREVER if k is None else k for *_, k in links], dtype=np.int32)
    begin, end = active_interval(day, start, stop, after=after, upto=upto, lag=lag)
    assert (end >= begin).all()
    for t in range(-120, 121):
        expected = [
            (after is None or t + after < d)
            and d <= t + upto
            and (k is None or k <= t + lag)
            and (e is None or t + lag < e)
            for d, k, e in links
        ]
        counted = counts_on(day, start, stop, t=t, after=after, upto=upto, lag=lag)
        assert counted.tolist() == expected
        assert ((begin <= t) & (t < end)).tolist() == expected


def test_rule_5_a_late_record_older_than_the_window_leaves_no_ghost_in_a_sweep():
    one = np.array([0], dtype=np.int32)
    known, end = np.array([50], dtype=np.int32), np.array([FOREVER], dtype=np.int32)
    begin, stop = active_interval(one, known, end, after=-10, upto=0)
    assert begin.tolist() == stop.tolist() == [50]


@given(
    forces.forces(),
    st.lists(forces.rows(known_from=st.integers(1, 3)), max_size=12),
    st.lists(forces.rows(offence_id=st.none(), committed_on=st.integers(1, 3)), max_size=6),
    forces.definitions(approximate=True),
    forces.origins,
)
def test_rule_5_nothing_known_or_dated_after_the_day_changes_a_result(
    rows, late, ahead, definition, t
):
    poison = [row | {"known_from": t + dt.timedelta(days=row["known_from"])} for row in late]
    poison += [row | {"committed_on": t + dt.timedelta(days=row["committed_on"])} for row in ahead]
    clean = forces.rank(hhpu.encode(forces.frame(rows)), definition, t)
    mixed = forces.rank(hhpu.encode(forces.frame([*poison, *rows])), definition, t)
    assert mixed.to_frame().to_csv() == clean.to_frame().to_csv()
    assert mixed.scores.unmapped().equals(clean.scores.unmapped())


@given(forces.forces(), st.data(), forces.definitions(), forces.origins)
def test_rule_5_a_status_known_later_changes_nothing_before(rows, data, definition, t):
    later = st.integers(1, 3).map(lambda n: t + dt.timedelta(days=n))
    changed = []
    for row in rows:
        unknown_yet = row["status_from"] is not None and row["status_from"] > t
        if unknown_yet or row["status"] is None:
            status = data.draw(st.sampled_from(reference.STATUSES))
            changed.append(row | {"status": status, "status_from": data.draw(later)})
        else:
            changed.append(row)
    rows = [
        row | {"status": None} if row["status_from"] and row["status_from"] > t else row
        for row in rows
    ]
    assume(not _ties_between_versions(rows))
    before = forces.rank(hhpu.encode(forces.frame(rows)), definition, t)
    after = forces.rank(hhpu.encode(forces.frame(changed)), definition, t)
    assert before.to_frame().to_csv() == after.to_frame().to_csv()


def _ties_between_versions(rows):
    """Whether duplicates could differ by more than the day on which a status became known."""
    ids = [(row["offender_id"], row["offence_id"]) for row in rows if row["offence_id"]]
    return len(set(ids)) != len(ids)


# 6. Ties are shown, never hidden


@given(forces.forces(), forces.definitions(), forces.origins, st.integers(1, 8))
def test_rule_6_ties_are_shown_never_hidden(rows, definition, t, seats):
    expected = reference.evaluate(reference.read(rows)[0], definition, t)
    ranking = forces.rank(hhpu.encode(forces.frame(rows)), definition, t)
    everybody = [score for _, _, score, _, _ in listed(ranking)]
    for _, rank, score, _, tied in listed(ranking):
        assert rank == 1 + sum(other > score for other in everybody)
        assert tied == (everybody.count(score) > 1)
    sizes = ranking.to_frame()["tie_size"].tolist()
    assert sizes == [everybody.count(score) for score in everybody]
    top = ranking.top(seats)
    if not everybody:
        assert len(top.to_frame()) == 0
        return
    inside, tied = reference.bracket(expected, seats)
    table = top.to_frame()
    by_word = table.groupby("bracket")["offender_id"].apply(set)
    assert by_word.get("inside", set()) == inside
    assert by_word.get("tied at the edge", set()) == tied
    assert top.cuts_a_tie == bool(tied)
    assert top.open == top.k - len(inside)


@given(forces.forces(statuses=True), forces.definitions(), forces.origins, st.randoms())
def test_rule_6_equal_multisets_score_equally_under_every_method(rows, definition, t, random):
    mine = [row | {"offender_id": "a", "offence_id": None} for row in rows]
    yours = [row | {"offender_id": "b", "offence_id": None} for row in rows]
    random.shuffle(yours)
    ledger = hhpu.encode(forces.frame([*mine, *yours]))
    for method in (hhpu.TotalHarm(), hhpu.OffenceCount(), hhpu.RecencyWeightedHarm(half_life=7)):
        lines = listed(
            hhpu.rank(ledger, as_of=t, definition=forces.definition_of(definition), method=method)
        )
        assert len({line[1:] for line in lines}) <= 1
        assert [line[0] for line in lines] in ([], ["a", "b"])


@given(st.integers(1, 400), st.integers(1, 1000))
def test_rule_6_a_share_takes_the_nearest_number_of_people_halves_up(people, per_mille):
    table = pd.DataFrame(
        {
            "offender_id": [f"p{n:04}" for n in range(people)],
            "code": "A",
            "committed_on": "2024-01-01",
        }
    )
    index = forces.index_of(forces.points({"A": 1}))
    ranking = hhpu.rank(hhpu.encode(table), as_of=ORIGIN, index=index)
    exact = Fraction(per_mille * people, 1000)
    seats = max(1, (2 * exact.numerator + exact.denominator) // (2 * exact.denominator))
    assert ranking.top(per_mille / 1000).k == seats
    assert ranking.top(f"{per_mille / 10}%").k == seats


# 7. The order, the chunks and the library of the rows change nothing


@given(forces.forces(), forces.definitions(approximate=True), forces.origins, st.data())
def test_rule_7_order_and_chunks_change_nothing(rows, definition, t, data):
    whole = hhpu.encode(forces.frame(rows))
    order = data.draw(st.permutations(range(len(rows))))
    shuffled = [rows[i] for i in order]
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(rows) - 1)), max_size=4)))
    bounds = [0, *[c for c in cuts if c < len(rows)], len(rows)]
    chunks = [shuffled[a:b] for a, b in itertools.pairwise(bounds)]
    parts = [hhpu.encode(forces.frame(chunk)) for chunk in data.draw(st.permutations(chunks))]
    joined = hhpu.Ledger.concat(parts)
    assert joined == whole
    assert joined.digest == whole.digest
    assert (joined.rows_in, joined.rows_split) == (whole.rows_in, whole.rows_split)
    one, other = (forces.rank(ledger, definition, t) for ledger in (whole, joined))
    assert other.to_frame().to_csv().encode() == one.to_frame().to_csv().encode()
    assert other.to_dict() == one.to_dict()
    for reason in REASONS:
        assert joined.problems.count(reason) == whole.problems.count(reason)


@given(forces.forces(), st.data())
def test_rule_7_another_row_is_another_ledger(rows, data):
    whole = hhpu.encode(forces.frame(rows))
    twice = hhpu.encode(forces.frame([*rows, data.draw(st.sampled_from(rows))]))
    assert twice != whole
    assert twice.digest != whole.digest


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 10**17), min_size=1, max_size=40))
@example([10**16, 10**16 - 1, 0, 9, 10, 99_999_999, 100_000_000])
def test_rule_7_a_number_and_its_decimal_text_have_one_key(numbers):
    held = Texts.of_integers(np.array(numbers, dtype=np.int64))
    assert held.tolist() == [str(n) for n in numbers]
    assert held.keys().tolist() == Texts.of([str(n) for n in numbers]).keys().tolist()


@given(
    st.lists(
        st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20),
        min_size=1,
        max_size=20,
        unique=True,
    )
)
def test_rule_7_any_text_is_an_id_and_ties_stand_in_the_order_of_its_bytes(ids):
    table = pd.DataFrame({"offender_id": ids, "code": "A", "committed_on": "2024-01-01"})
    known = {i.strip() for i in ids if i.strip()}
    index = forces.index_of(forces.points({"A": 1}))
    policy = {"placeholder-person": "kept"}
    if not known:
        with pytest.raises(hhpu.InputRefused):
            hhpu.encode(table, policy=policy)
        return
    ranking = hhpu.rank(hhpu.encode(table, policy=policy), as_of=ORIGIN, index=index)
    people = ranking.to_frame()["offender_id"].tolist()
    counts = [sum(i.strip() == person for i in ids) for person in people]
    assert sorted(people) == sorted(known)
    assert people == sorted(known, key=lambda i: (-counts[people.index(i)], i.encode("utf-8")))
