import datetime as dt
import logging
import time
from fractions import Fraction
from itertools import pairwise, permutations, product
from math import log2

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from scipy import stats

import hhpu
from hhpu.errors import ArgumentError, InputRefused
from hhpu.tables import PEOPLE, check
from hhpu.validation import Asked, once, resample
from hhpu.validation._error_rates import error_rates, newcombe, wilson
from hhpu.validation._fairness import (
    POLICING,
    LaterOutcome,
    calibration_by_group,
    fairness,
    group_figures,
)
from hhpu.validation._fairness_table import exported
from hhpu.validation._groups import Groups, read_groups

NAN = float("nan")


# Rates from counts


@pytest.mark.parametrize(
    ("cells", "fpr", "fnr"),
    [
        ((2681, 1282, 1216, 2035), "32.35%", "37.40%"),
        ((990, 805, 532, 1369), "44.85%", "27.99%"),
        ((1139, 349, 461, 505), "23.45%", "47.72%"),
    ],
)
def test_the_published_rates_of_propublica(cells, fpr, fnr):
    found = error_rates(*cells)
    assert f"{found.false_positive_rate:.2%}" == fpr
    assert f"{found.false_negative_rate:.2%}" == fnr
    _, fp, fn, tp = cells
    assert found.precision == tp / (tp + fp)
    assert found.selection_rate == (tp + fp) / sum(cells)
    assert found.base_rate == (tp + fn) / sum(cells)
    assert found.why == ""


def test_rates_without_anybody_say_so():
    found = error_rates(0, 0, 3, 0)
    assert np.isnan([found.false_positive_rate, found.precision]).all()
    assert found.false_negative_rate == 1
    assert "false_positive_rate" in found.why
    assert "precision" in found.why
    for wrong in ((-1, 0, 0, 0), (0, NAN, 0, 0), (0, 0, np.inf, 0)):
        with pytest.raises(ArgumentError, match="counts"):
            error_rates(*wrong)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_scipys(case):
    count, people = case
    wanted = stats.binomtest(count, people).proportion_ci(0.9, method="wilson")
    assert wilson(count, people, level=0.9) == pytest.approx((wanted.low, wanted.high), abs=1e-12)


@pytest.mark.parametrize(
    ("case", "ends"),
    [  # Newcombe 1998, table II, method 10
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((10, 10, 0, 10), (0.6075, 1.0000)),
    ],
)
def test_newcombe_is_the_published_one(case, ends):
    assert newcombe(*case) == pytest.approx(ends, abs=5e-5)


def test_intervals_out_of_range():
    assert np.isnan(wilson(0, 0)).all()
    assert np.isnan(newcombe(0, 0, 1, 2)).all()
    for wrong in ((3, 2), (-1, 2), (NAN, 2)):
        with pytest.raises(ArgumentError, match="count"):
            wilson(*wrong)
    with pytest.raises(ArgumentError, match="level=1"):
        wilson(1, 2, level=1)


# Figures at a cut-off


def slow(scores, happened, harm, member, k):
    """The figures of a group, averaged over every order of ties, in fractions where they can be."""
    n = len(scores)
    orders = [
        order
        for order in permutations(range(n))
        if all(scores[a] >= scores[b] for a, b in pairwise(order))
    ]
    sums = dict.fromkeys(("in", "fp", "fn", "tp", "kept", "exposure"), Fraction(0))
    for order in orders:
        for rank, who in enumerate(order, 1):
            if not member[who]:
                continue
            inside = rank <= k
            sums["in"] += inside
            sums["fp"] += inside and not happened[who]
            sums["fn"] += (not inside) and bool(happened[who])
            sums["tp"] += inside and bool(happened[who])
            sums["kept"] += inside * Fraction(harm[who])
            sums["exposure"] += Fraction(1 / log2(1 + rank))
    sums = {name: total / len(orders) for name, total in sums.items()}
    size = sum(member)
    yes = sum(bool(h) for h, m in zip(happened, member, strict=True) if m)
    held = sum(Fraction(h) for h, m in zip(harm, member, strict=True) if m)

    def over(above, below):
        return float(above / below) if below else NAN

    return {
        "selection rate": over(sums["in"], size),
        "exposure": over(sums["exposure"], size),
        "base rate": over(Fraction(yes), size),
        "false positive rate": over(sums["fp"], size - yes),
        "false negative rate": over(sums["fn"], yes),
        "precision": over(sums["tp"], sums["in"]),
        "harm captured": over(sums["kept"], held),
    }


SMALL = st.lists(
    st.tuples(
        st.integers(0, 2), st.booleans(), st.integers(0, 5),
        st.sampled_from(("a", "b", None)), st.sampled_from(("x", "y", None)),
    ),
    min_size=2,
    max_size=6,
)  # fmt: skip


def prepared(rows, k, **more):
    scores, happened, harm, one, other = map(list, zip(*rows, strict=True))
    groups = Groups.of({"one": one, "other": other})
    return group_figures(scores, {"any": LaterOutcome(happened, harm)}, groups, k=k, **more)


@settings(deadline=None, max_examples=80)
@given(SMALL, st.data())
def test_every_figure_is_the_mean_over_all_tie_orders(rows, data):
    k = data.draw(st.integers(1, len(rows)))
    asked = prepared(rows, k)
    found = dict(zip(asked.names, asked(once(len(rows)))[0], strict=True))
    scores, happened, harm, one, other = zip(*rows, strict=True)
    columns = {"one": one, "other": other}
    members = {
        f"{name}={value}": [v == value for v in column]
        for name, column in columns.items()
        for value in set(column) - {None}
    }
    members |= {f"{n}: not given": [v is None for v in c] for n, c in columns.items()}
    for a, b in set(zip(one, other, strict=True)):
        if a and b:
            mask = [pair == (a, b) for pair in zip(one, other, strict=True)]
            members[f"one={a}, other={b}"] = mask
    members["one and other: not given"] = [
        a is None or b is None for a, b in zip(one, other, strict=True)
    ]
    assert {group.label for group in asked.groups} == set(members)
    for group in asked.groups:
        assert group.people == sum(members[group.label])
        wanted = slow(scores, happened, harm, members[group.label], k)
        for figure, value in wanted.items():
            middle = "" if figure in ("selection rate", "exposure") else "any, "
            assert found[f"{figure}, {middle}{group.label}"] == pytest.approx(value, nan_ok=True)


@settings(max_examples=60)
@given(SMALL, st.data())
def test_comparisons_are_with_the_largest_group(rows, data):
    asked = prepared(rows, data.draw(st.integers(1, len(rows))))
    found = dict(zip(asked.names, asked(once(len(rows)))[0], strict=True))
    by = {}
    for group in asked.groups:
        by.setdefault(group.by, []).append(group)
    compared = 0
    for same in by.values():
        given_ = [group for group in same if group.values is not None]
        if not given_:
            continue
        (to,) = [group for group in given_ if group.reference]
        assert to.people == max(group.people for group in given_)
        for group in given_:
            if group is to:
                continue
            compared += 1
            mine = found[f"selection rate, {group.label}"]
            theirs = found[f"selection rate, {to.label}"]
            less = found[f"selection rate, {group.label} less {to.label}"]
            over = found[f"selection rate, {group.label} over {to.label}"]
            assert less == pytest.approx(mine - theirs)
            assert over == pytest.approx(mine / theirs if theirs else NAN, nan_ok=True)
    assert len(asked.names) == 7 * (len(asked.groups) + 2 * compared)
    assert len(set(asked.names)) == len(asked.names)


def crowd(seed, n=60, ties=12):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, ties, n)
    happened = rng.random(n) < 0.4
    harm = happened * rng.integers(0, 90, n) / 4
    groups = Groups.of(
        {
            "race": rng.choice(["A", "B", "C", None], n, p=[0.5, 0.3, 0.15, 0.05]).tolist(),
            "sex": rng.choice(["F", "M"], n).tolist(),
        }
    )
    return scores, happened, harm, groups


def repeated(groups, who):
    columns = {
        name: [None if c < 0 else groups.values[at][c] for c in groups.codes[who, at]]
        for at, name in enumerate(groups.characteristics)
    }
    return Groups.of(columns)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from((1, 7, 0.1, 0.5, 1.0)))
def test_weighted_is_repeated(seed, k):
    scores, happened, harm, groups = crowd(seed)
    weights = np.random.default_rng(seed).multinomial(60, np.full(60, 1 / 60), 3).astype(float)
    outcomes = {"all": LaterOutcome(happened, harm), "none": LaterOutcome(happened * 0, harm * 0)}
    reference = {"race": "A", "sex": "M"}
    asked = group_figures(scores, outcomes, groups, k=k, reference=reference)
    for found, line in zip(asked(weights), weights, strict=True):
        who = np.repeat(np.arange(60), line.astype(int))
        again = repeated(groups, who)
        if {"A", "M"} - {v for values in again.values for v in values}:
            continue
        other = group_figures(
            scores[who],
            {"all": LaterOutcome(happened[who], harm[who]),
             "none": LaterOutcome(happened[who] * 0, harm[who] * 0)},
            again, k=k, reference=reference,
        )  # fmt: skip
        wanted = dict(zip(other.names, other(once(60))[0], strict=True))
        mine = dict(zip(asked.names, found, strict=True))
        if ("A", "M") not in {g.values for g in other.groups}:
            continue
        for name, value in mine.items():
            if name in wanted:
                assert value == pytest.approx(wanted[name], nan_ok=True, abs=1e-12), name
            else:
                assert np.isnan(value), name


def test_the_order_of_people_changes_nothing():
    scores, happened, harm, groups = crowd(1)
    order = np.random.default_rng(0).permutation(60)
    one = group_figures(scores, {"all": LaterOutcome(happened, harm)}, groups, k=9)
    other = group_figures(
        scores[order], {"all": LaterOutcome(happened[order], harm[order])},
        repeated(groups, order), k=9,
    )  # fmt: skip
    assert one.names == other.names
    assert one(once(60)) == pytest.approx(other(once(60)), nan_ok=True, abs=1e-12)


def test_huge_integer_scores_are_told_apart():
    outcomes = {"any": LaterOutcome([1, 0], [1, 0])}
    groups = Groups.of({"sex": ["F", "M"]})
    for top in (2**60, 2**80):
        scores = np.array([top, top + 1], dtype=object)
        asked = group_figures(scores, outcomes, groups, k=1)
        found = dict(zip(asked.names, asked(once(2))[0], strict=True))
        assert found["selection rate, sex=M"] == 1


def test_the_result_by_hand():
    # ranks 1, 2-4 tied, 5: k = 2 takes a third of the block
    scores = [9, 5, 5, 5, 1]
    outcome = LaterOutcome([True, True, False, False, True], [6, 3, 0, 0, 1])
    groups = Groups.of({"sex": ["F", "M", "M", "F", None]})
    figures = group_figures(scores, {"any": outcome}, groups, k=2, reference={"sex": "M"})
    found = fairness(figures)
    assert (found.people, found.selected, found.tied_at_cut) == (5, 2, 3)
    assert found.not_given == {"sex": 1}
    assert found.comparisons == 7
    assert POLICING in found.cautions
    assert "0.35 of their 95% intervals" in found.cautions[1]  # 7 x 0.05
    line = found.find("selection rate", "sex=F")
    assert line.value == pytest.approx((1 + 1 / 3) / 2)
    assert line.over == 2
    assert line.analytic == pytest.approx(wilson(4 / 3, 2))
    assert found.find("harm captured", "sex=M", outcome="any").value == pytest.approx(1 / 3)
    assert found.find("false positive rate", "sex=M", outcome="any").value == pytest.approx(1 / 3)
    assert found.find("false negative rate", "sex: not given", outcome="any").value == 1
    unknown = found.find("false positive rate", "sex: not given", outcome="any")
    assert np.isnan(unknown.value)
    assert "everybody" in unknown.why
    less = found.find("selection rate", "sex=F", how="difference")
    assert less.value == pytest.approx(1 / 3)
    assert less.analytic == pytest.approx(newcombe(4 / 3, 2, 2 / 3, 2))
    assert less.against.label == "sex=M"
    assert found.find("selection rate", "sex=F", how="ratio").value == pytest.approx(2)
    assert figures.counts()[0].sum(axis=1) == pytest.approx([2, 2, 1])
    assert figures.counts()[0, 0] == pytest.approx([2 / 3, 1 / 3, 0, 1])
    with pytest.raises(ArgumentError, match="no such figure"):
        found.find("selection rate", "sex=X")
    none = fairness(
        group_figures(
            [3, 2], {"a": LaterOutcome([0, 0], [0, 0])}, Groups.of({"s": ["x", "x"]}), k=1
        )
    )
    assert none.tied_at_cut == 0
    assert "nothing followed" in none.find("harm captured", "s=x", outcome="a").why
    assert none.comparisons == 0


def test_intervals_from_draws_agree_with_the_analytic_ones_and_are_quick():
    rng = np.random.default_rng(3)
    n = 5000
    happened = rng.random(n) < 0.4
    groups = Groups.of(
        {
            "race": rng.choice(["A", "B", "C", "D"], n).tolist(),
            "sex": rng.choice(["F", "M"], n).tolist(),
        }
    )
    figures = group_figures(
        rng.integers(0, 300, n),
        {"all": LaterOutcome(happened, happened * 1.0)},
        groups,
        k=0.1,
        reference={"sex": "M"},
    )
    began = time.perf_counter()
    draws = resample([Asked(figures, np.arange(n))], people=n, resamples=400, seed=1)
    assert time.perf_counter() - began < 8
    found = fairness(figures, draws=draws.values)
    line = found.find("base rate", "race=B", outcome="all")
    assert line.resampled.low == pytest.approx(line.analytic[0], abs=0.006)
    assert line.resampled.high == pytest.approx(line.analytic[1], abs=0.006)
    less = found.find("false negative rate", "sex=F", outcome="all", how="difference")
    assert less.resampled.low == pytest.approx(less.analytic[0], abs=0.01)
    with pytest.raises(ArgumentError, match="draws="):
        fairness(figures, draws=draws.values[:, 1:])
    with pytest.raises(ArgumentError, match="level=0"):
        fairness(figures, level=0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"k": 0}, "k=0"),
        ({"k": 1.5}, "k=1.5"),
        ({"k": True}, "k=True"),
        ({"k": NAN}, "k=nan"),
        ({"scores": [1, 2]}, "3 people"),
        ({"scores": [1, 2, NAN]}, "NaN"),
        ({"outcomes": {}}, "at least one"),
        ({"outcomes": {"a": LaterOutcome([1, 0, 2], [0, 0, 0])}}, "1 or 0"),
        ({"outcomes": {"a": LaterOutcome([1, 0], [0, 0, 0])}}, "3 people"),
        ({"outcomes": {"a": LaterOutcome([1, 0, 1], [0, 0, -1])}}, "not negative"),
        ({"reference": {"height": "F"}}, "takes one value for any of"),
        ({"reference": {"sex": "X"}}, "a value that nobody has"),
        ({"intersections": [("sex",)]}, "two or more"),
        ({"intersections": [("sex", "height")]}, "two or more"),
    ],
)
def test_arguments_that_cannot_be_used(change, words):
    held = {
        "scores": [3, 2, 1], "outcomes": {"a": LaterOutcome([1, 0, 1], [1, 0, 1])},
        "groups": Groups.of({"sex": ["F", "M", "M"]}), "k": 1,
    }  # fmt: skip
    arguments = held | change
    with pytest.raises(ArgumentError, match=words):
        group_figures(
            arguments.pop("scores"), arguments.pop("outcomes"), arguments.pop("groups"), **arguments
        )


def test_a_declared_reference_is_taken_in_crossings_too():
    groups = Groups.of({"race": list("AAABBB"), "sex": list("FFMFMM")})
    outcomes = {"a": LaterOutcome([1] * 6, [1] * 6)}
    figures = group_figures(range(6), outcomes, groups, k=2, reference={"race": "B", "sex": "F"})
    assert [g.label for g in figures.groups if g.reference] == [
        "race=B", "sex=F", "race=B, sex=F",
    ]  # fmt: skip
    none = group_figures(range(6), outcomes, groups, k=2, intersections=())
    assert [g.label for g in none.groups] == [
        "race=A", "race=B", "race: not given", "sex=F", "sex=M", "sex: not given",
    ]  # fmt: skip


def test_a_share_of_people_is_rounded_halves_up_and_takes_at_least_one():
    outcomes = {"any": LaterOutcome([1] * 5, [1] * 5)}
    groups = Groups.of({"sex": ["F"] * 5})
    for k, wanted in ((0.5, 3), (0.3, 2), (0.49, 2), (0.01, 1), (1.0, 5), (1, 1), (4, 4)):
        figures = group_figures(range(5), outcomes, groups, k=k)
        assert figures.selected() == wanted
        assert figures(once(5))[0, 0] == pytest.approx(wanted / 5)


# Calibration


def slow_tenths(scores, values, member):
    n = len(scores)
    order = np.argsort(-np.asarray(scores, dtype=float), kind="stable")
    found = np.zeros(10)
    ends = [int(np.floor(n * j / 10 + 0.5)) for j in range(11)]
    at = 0
    while at < n:
        block = [i for i in order if scores[i] == scores[order[at]]]
        for i in block:
            if member[i]:
                for tenth in range(10):
                    inside = min(ends[tenth + 1], at + len(block)) - max(ends[tenth], at)
                    found[tenth] += max(inside, 0) / len(block) * values[i]
        at += len(block)
    return found


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_tenths_are_the_slow_ones_repeated_or_weighted(seed, n):
    rng = np.random.default_rng(seed)
    scores, expected = rng.integers(0, 8, n), rng.random(n)
    observed = rng.integers(0, 3, n) * 1.0
    sex = rng.choice(["F", "M", None], n).tolist()
    asked = calibration_by_group(scores, expected, observed, Groups.of({"sex": sex}))
    weights = np.vstack([np.ones(n), rng.multinomial(n, np.full(n, 1 / n))])
    people, figures = asked.tenths(weights)
    assert asked(weights).shape == (2, len(asked.names))
    labels = ["everybody", *(group.label for group in asked.groups)]
    for draw, line in enumerate(weights):
        who = np.repeat(np.arange(n), line.astype(int))
        for at, label in enumerate(labels):
            member = [
                label == "everybody" or label == (f"sex={sex[i]}" if sex[i] else "sex: not given")
                for i in who
            ]
            heads = slow_tenths(scores[who], np.ones(len(who)), member)
            wanted = slow_tenths(scores[who], expected[who], member)
            seen = slow_tenths(scores[who], observed[who], member)
            assert people[draw, at, :10] == pytest.approx(heads)
            with np.errstate(all="ignore"):
                assert figures[draw, at, :10, 0][heads > 1e-9] == pytest.approx(
                    (wanted / heads)[heads > 1e-9]
                )
                assert figures[draw, at, :10, 2][wanted > 1e-9] == pytest.approx(
                    (seen / wanted)[wanted > 1e-9]
                )
                assert figures[draw, at, 10, 1] == pytest.approx(
                    np.float64(seen.sum()) / heads.sum(), nan_ok=True
                )


def test_a_method_that_expects_right_is_right_in_every_tenth():
    rng = np.random.default_rng(4)
    n = 20_000
    expected = rng.gamma(2, 5, n)
    observed = rng.poisson(expected) * 1.0
    _, figures = calibration_by_group(expected, expected, observed).tenths(once(n))
    assert figures[0, 0, :, 2] == pytest.approx(np.ones(11), abs=0.05)
    assert figures[0, 0, :10, 0].tolist() == sorted(figures[0, 0, :10, 0], reverse=True)


def test_calibration_refuses_what_it_cannot_use():
    with pytest.raises(ArgumentError, match="at least one"):
        calibration_by_group([], [], [])
    with pytest.raises(ArgumentError, match="the same people"):
        calibration_by_group([1, 2], [1, 2], [1, 2], Groups.of({"sex": ["F"]}))
    with pytest.raises(ArgumentError, match="NaN"):
        calibration_by_group([NAN, 2], [1, 2], [1, 2])
    with pytest.raises(ArgumentError, match="expected is finite"):
        calibration_by_group([1, 2], [-1, 2], [1, 2])


# Reading groups

NAMES = ["P1", "P2", "P3", "P4"]


def ledger_of(names=NAMES):
    return hhpu.encode(
        pd.DataFrame({"offender_id": names, "code": "8N", "committed_on": "2020-01-01"})
    )


def table_of(**columns):
    return pd.DataFrame(columns)


def test_people_without_a_group_are_counted():
    table = table_of(
        offender_id=["P3", "P1", "P9", "P2", "P2"],
        race=["B", " A ", "A", "B", "A"],
        sex=["F", None, "M", "M", "M"],
    )
    groups = read_groups(table, ledger_of())
    assert groups.characteristics == ("race", "sex")
    assert groups.values == (("A", "B"), ("F", "M"))
    assert groups.codes.tolist() == [[0, -1], [-1, 1], [1, 0], [-1, -1]]
    assert groups.not_given == (2, 2)
    assert groups.contradicted == (1, 0)
    assert groups.strangers == 1
    some = groups.among([2, 0])
    assert some.codes.tolist() == [[1, 0], [0, -1]]
    assert read_groups(table, ledger_of(), people=[2, 0]).codes.tolist() == some.codes.tolist()
    with pytest.raises(ArgumentError, match="1 people are not among"):
        some.among([1])


def test_groups_from_a_file_a_check_or_chosen_columns(tmp_path):
    table = table_of(person=["P1", "P2"], race=["A", "B"], sex=["F", "M"])
    path = tmp_path / "groups.csv"
    table.to_csv(path, index=False)
    chosen = read_groups(
        path, ledger_of(), characteristics=["sex"], columns={"offender_id": "person"}
    )
    assert chosen.values == (("F", "M"),)
    every = read_groups(path, ledger_of(), columns={"offender_id": "person", "gender": "sex"})
    assert every.characteristics == ("race", "gender")
    checked = check(
        table.rename(columns={"person": "offender_id"}), contract=PEOPLE, classify=("sex",)
    )
    assert read_groups(checked, ledger_of()).characteristics == ("sex",)
    with pytest.raises(ArgumentError, match="without race"):
        read_groups(checked, ledger_of(), characteristics=["race"])


def test_the_person_of_a_record_has_its_groups():
    one = hhpu.Identity(offender_id="P2", person_id="P1", known_from=dt.date(2020, 1, 1))
    merged = ledger_of().as_persons([one], as_of="2021-01-01")
    table = table_of(offender_id=["P2", "P3"], sex=["F", "M"])
    assert read_groups(table, merged, people=[0, 2]).codes.tolist() == [[0], [1]]


def test_tables_that_cannot_be_used():
    ledger = ledger_of()
    with pytest.raises(ArgumentError, match="no column but"):
        read_groups(table_of(offender_id=["P1"]), ledger)
    with pytest.raises(InputRefused, match="missing-column"):
        read_groups(table_of(person=["P1"], sex=["F"]), ledger)
    with pytest.raises(InputRefused, match="numeric-classifier"):
        read_groups(table_of(offender_id=["P1"], age=[31]), ledger)
    with pytest.raises(InputRefused, match="missing-column"):
        read_groups(table_of(offender_id=["P1"], sex=["F"]), ledger, characteristics=["race"])
    names = [f"N{i}" for i in range(60)]
    many = table_of(offender_id=names, town=[f"t{i}" for i in range(60)])
    with pytest.raises(ArgumentError, match="at most 50"):
        read_groups(many, ledger_of(names))
    with pytest.raises(ArgumentError, match="from 0 to 3"):
        read_groups(table_of(offender_id=["P1"], sex=["F"]), ledger, people=[4])
    with pytest.raises(ArgumentError, match="one value"):
        Groups.of({"a": ["x"], "b": []})
    with pytest.raises(ArgumentError, match="one value"):
        Groups.of({})


def test_no_value_of_a_characteristic_reaches_anything_but_the_result(caplog, tmp_path):
    marks = ["zqx-marker-one", "zqx-marker-two", "zqx-marker-three"]
    ledger = ledger_of()
    digest = ledger.digest
    ranking = hhpu.rank(ledger, as_of="2020-06-01", index=hhpu.load_registry().index("ons-css"))
    before = (repr(ranking), str(ranking.to_dict()), ranking.to_frame().to_csv())
    table = table_of(
        offender_id=NAMES, race=[*marks, marks[0]], sex=[marks[1], marks[0], None, marks[2]]
    )
    said = []
    with caplog.at_level(logging.DEBUG):
        groups = read_groups(table, ledger)
        outcomes = {"any": LaterOutcome([1, 0, 1, 0], [3, 0, 1, 0])}
        figures = group_figures([4, 3, 2, 1], outcomes, groups, k=2)
        draws = resample([Asked(figures, np.arange(4))], people=4, resamples=100, seed=0)
        found = fairness(figures, draws=draws.values)
        asked = calibration_by_group([4, 3, 2, 1], [1] * 4, [1] * 4, groups)
        said += [repr(each) for each in (groups, figures, found, asked, *found.lines)]
        said += [str(each) for each in (groups, figures, found, *figures.groups)]
        for wrong in (
            lambda: group_figures([4, 3, 2, 1], outcomes, groups, k=2, reference={"race": "x"}),
            lambda: group_figures([4, 3], outcomes, groups, k=2),
            lambda: group_figures([4, 3, 2, 1], outcomes, groups, k=0),
            lambda: group_figures(
                [4, 3, 2, 1], outcomes, groups, k=2, intersections=[("race", "height")]
            ),
            lambda: groups.among([9]),
            lambda: found.find("selection rate", "race=x"),
            lambda: read_groups(table.assign(age=[1, 2, 3, 4]), ledger),
            lambda: read_groups(
                table_of(
                    offender_id=[f"{marks[0]}{i}" for i in range(99)],
                    race=[f"{marks[1]}{i}" for i in range(99)],
                ),
                ledger_of([f"{marks[0]}{i}" for i in range(99)]),
            ),
        ):
            with pytest.raises((ArgumentError, InputRefused)) as raised:
                wrong()
            said.append(str(raised.value))
    said += [caplog.text, str(ledger.problems), repr(ledger), str(ranking.scores.provenance)]
    after = (repr(ranking), str(ranking.to_dict()), ranking.to_frame().to_csv())
    assert after == before
    assert ledger.digest == digest
    said += after
    ledger.save(tmp_path / "ledger.npz")
    import zipfile

    with zipfile.ZipFile(tmp_path / "ledger.npz") as kept:
        said += [kept.read(name).decode("latin-1") for name in kept.namelist()]
    for text, mark in product(said, ["zqx", *marks]):
        assert mark not in text
    assert any(marks[0] in name for name in figures.names)


# What leaves the unit


@pytest.mark.parametrize("reference", [{}, {"race": "C"}])
def test_an_export_hides_small_counts_and_what_is_made_of_them(reference):
    scores, happened, harm, groups = crowd(11, n=200)
    half = happened & (np.arange(200) % 2 == 0)
    outcomes = {
        "all": LaterOutcome(happened, harm),
        "victim-reported": LaterOutcome(half, harm * half),
    }
    figures = group_figures(scores, outcomes, groups, k=40, reference=reference)
    found = fairness(figures)
    table = exported(found, figures, suppress_below=5)
    every = exported(found, figures, suppress_below=0)
    assert not (every["why"] == "suppressed").any()
    assert len(table) == len(every) == len(found.lines) + len(figures.groups) * 6
    hidden = table["why"] == "suppressed"
    assert table.loc[hidden, ["value", "low", "high", "analytic_low"]].isna().all(axis=None)
    pd.testing.assert_frame_equal(table[~hidden], every[~hidden])
    counts = every["figure"].isin(["people", "inside", "happened", "inside and happened"])
    small = counts & (every["value"] > 0) & (every["value"] < 5)
    assert small.any()
    assert hidden[small].all()
    # the four cells of every group and outcome, and the rates that they make
    key = table.set_index(["figure", "outcome", "group", "how"])["why"]
    for at, group in enumerate(figures.groups):
        for number, outcome in enumerate(outcomes):
            tn, fp, fn, tp = figures.counts()[number, at]
            shown = key.loc[("false positive rate", outcome, group.label, "value")]
            if 0 < fp < 5 or 0 < tn < 5:
                assert shown == "suppressed"
            if 0 < tp < 5 or 0 < fn < 5:
                for figure in ("false negative rate", "harm captured", "precision")[
                    : 3 - (tp >= 5)
                ]:
                    assert key.loc[(figure, outcome, group.label, "value")] == "suppressed"
    of_reference = {g.label for g in figures.groups if g.reference}
    for line in table[table["how"] != "value"].itertuples():
        assert line.against in of_reference
        parts = [
            key.loc[(line.figure, line.outcome, g, "value")] for g in (line.group, line.against)
        ]
        assert (line.why == "suppressed") == ("suppressed" in parts)
    with pytest.raises(ArgumentError, match="the figures it was made from"):
        exported(
            found, group_figures(scores, outcomes, groups, k=40, intersections=()), suppress_below=5
        )


def test_a_figure_is_shown_where_all_the_counts_it_is_made_of_are():
    made_of = {
        "selection rate": ("inside", "people"),
        "base rate": ("happened", "people"),
        "precision": ("inside and happened", "inside"),
        "harm captured": ("inside and happened", "happened"),
    }
    met = set()
    for seed in range(12):
        scores, happened, harm, groups = crowd(seed)
        outcomes = {"any": LaterOutcome(happened, harm)}
        figures = group_figures(scores, outcomes, groups, k=20)
        table = exported(fairness(figures), figures, suppress_below=3)
        shown = {
            (row.figure, row.group): row.why != "suppressed"
            for row in table.itertuples()
            if row.how == "value"
        }
        for group in figures.groups:
            if group.values is None:
                continue
            for figure, parts in made_of.items():
                known = [shown[part, group.label] for part in parts]
                assert shown[figure, group.label] == all(known)
                met.add((figure, *known))
    assert {(figure, False, True) for figure in made_of} - met == set()


def test_an_export_with_many_people_hides_nothing_and_says_every_count():
    n = 4000
    rng = np.random.default_rng(0)
    happened = rng.random(n) < 0.5
    groups = Groups.of({"sex": rng.choice(["F", "M"], n).tolist()})
    outcomes = {"any": LaterOutcome(happened, happened * 1.0)}
    figures = group_figures(rng.permutation(n), outcomes, groups, k=0.25)
    table = exported(fairness(figures), figures, suppress_below=5)
    assert not (table["why"] == "suppressed").any()
    line = table[(table["figure"] == "people") & (table["group"] == "sex=F")]
    assert line["value"].tolist() == [float((groups.codes[:, 0] == 0).sum())]
