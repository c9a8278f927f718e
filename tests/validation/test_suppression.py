import time
from itertools import product

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp
from scipy.optimize import linprog

from hhpu.errors import ArgumentError
from hhpu.validation._suppression import SUPPRESSED, derived, suppress, suppress_linked


def totals(counts):
    found = np.asarray(counts, dtype=float)
    for axis in range(found.ndim):
        found = np.concatenate([found, found.sum(axis=axis, keepdims=True)], axis=axis)
    return found


def attacked(shape, shown):
    """Bounds of every hidden count for somebody who knows the table as shown.

    Unknown are the inner counts alone; every shown number is one equation over them.
    """
    size = int(np.prod(shape))
    unit = np.zeros((*(n + 1 for n in shape), size))
    for at, index in enumerate(np.ndindex(*shape)):
        for whole in product((False, True), repeat=len(shape)):
            place = tuple(n if w else i for i, n, w in zip(index, shape, whole, strict=True))
            unit[(*place, at)] += 1
    known = ~np.isnan(shown)
    bounds = np.full((*shown.shape, 2), np.nan)
    for place in zip(*np.nonzero(~known), strict=True):
        for end, sign in enumerate((1, -1)):
            solved = (
                linprog(sign * unit[place], A_eq=unit[known], b_eq=shown[known], bounds=(0, None))
                if known.any()
                else None
            )
            if solved is None or solved.status == 3:
                bounds[(*place, end)] = 0 if sign == 1 else np.inf
            else:
                assert solved.status == 0
                bounds[(*place, end)] = sign * solved.fun
    return bounds


def safe(counts, found, width):
    counts = np.asarray(counts)
    bounds = attacked(counts.shape, found.counts)
    truth = totals(counts)
    low, high = bounds[..., 0][found.hidden], bounds[..., 1][found.hidden]
    assert (low <= truth[found.hidden] + 1e-6).all()
    assert (truth[found.hidden] <= high + 1e-6).all()
    assert (high - low >= width - 1e-5).all()


def right(counts, found, below):
    truth = totals(counts)
    small = (truth > 0) & (truth < below)
    assert found.hidden[small].all()
    assert (found.counts[~found.hidden] == truth[~found.hidden]).all()
    assert np.isnan(found.counts[found.hidden]).all()
    assert found.small == small.sum()
    assert found.secondary == found.hidden.sum() - small.sum()
    if not small.any():
        assert not found.hidden.any()


TABLES = hnp.arrays(
    np.int64,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=5),
    elements=st.integers(0, 30) | st.integers(0, 6),
)


@settings(deadline=None, max_examples=60)
@given(TABLES, st.integers(1, 10))
def test_the_attacker_learns_little_of_a_table(counts, below):
    found = suppress(counts, suppress_below=below)
    right(counts, found, below)
    safe(counts, found, below)


@settings(deadline=None, max_examples=25)
@given(
    hnp.arrays(np.int64, hnp.array_shapes(min_dims=1, max_dims=1, max_side=7),
               elements=st.integers(0, 20))
)  # fmt: skip
def test_of_a_list(counts):
    found = suppress(counts, suppress_below=5)
    right(counts, found, 5)
    safe(counts, found, 5)


@settings(deadline=None, max_examples=15)
@given(
    hnp.arrays(np.int64, hnp.array_shapes(min_dims=3, max_dims=3, max_side=3),
               elements=st.integers(0, 25))
)  # fmt: skip
def test_of_three_dimensions(counts):
    found = suppress(counts, suppress_below=5)
    right(counts, found, 5)
    safe(counts, found, 5)


def test_whole_tables_that_agree_with_what_is_shown_differ_in_every_hidden_count():
    counts = np.array([[2, 6, 9], [8, 7, 1], [9, 9, 9]])
    found = suppress(counts, suppress_below=3)
    seen = {place: set() for place in zip(*np.nonzero(found.hidden), strict=True)}
    known = ~found.hidden
    inner = [
        range(16) if hidden else (int(count),)
        for hidden, count in zip(found.hidden[:-1, :-1].ravel(), counts.ravel(), strict=True)
    ]
    assert found.hidden[:-1, :-1].sum() <= 5
    for cells in product(*inner):
        other = totals(np.array(cells).reshape(3, 3))
        if (other[known] == found.counts[known]).all():
            for place, values in seen.items():
                values.add(other[place])
    for values in seen.values():
        assert max(values) - min(values) >= 3


def test_one_small_count_takes_a_rectangle_with_it():
    counts = np.array([[20, 3, 40], [30, 50, 60], [70, 80, 90]])
    found = suppress(counts, suppress_below=5)
    assert np.argwhere(found.hidden).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert (found.small, found.secondary) == (1, 3)
    written = found.written()
    assert written[0, 1] == written[0, 0] == SUPPRESSED
    assert written[3, 3] == "443"
    assert written.shape == (4, 4)


def test_small_totals_are_hidden_with_their_grand_total_where_need_be():
    found = suppress([[2, 1]], suppress_below=5)
    assert found.hidden.all()
    assert suppress([[0, 0]], suppress_below=5).hidden.sum() == 0
    assert suppress([[2, 1]], suppress_below=0).hidden.sum() == 0
    alone = suppress([3], suppress_below=5)
    assert alone.hidden.all()


def test_without_the_second_step_the_attacker_would_win():
    counts = np.array([[20, 3, 40], [30, 50, 60], [70, 80, 90]])
    naive = totals(counts)
    naive[0, 1] = np.nan
    assert attacked((3, 3), naive)[0, 1].tolist() == pytest.approx([3, 3])


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000))
def test_tables_that_share_totals_do_not_give_each_other_away(seed):
    rng = np.random.default_rng(seed)
    base = rng.integers(0, 25, (3, 2))
    tables = []
    for _ in range(2):
        yes = rng.binomial(base, 0.4)
        tables.append(np.stack([base - yes, yes], axis=-1))
    found = suppress_linked(tables, suppress_below=5)
    assert (found[0].hidden[..., -1] == found[1].hidden[..., -1]).all()
    # one attacker with both: unknown are the inner counts of both, the sums over the last axis same
    shape = (3, 2, 2)
    size = 12
    unit = np.zeros((4, 3, 3, size))
    for at, index in enumerate(np.ndindex(*shape)):
        for whole in product((False, True), repeat=3):
            place = tuple(n if w else i for i, n, w in zip(index, shape, whole, strict=True))
            unit[(*place, at)] += 1
    none = np.zeros_like(unit)
    first = np.concatenate([unit, none], axis=-1)
    second = np.concatenate([none, unit], axis=-1)
    known = [~each.hidden for each in found]
    alike = (first - second)[:3, :2, 2]
    equations = np.concatenate([first[known[0]], second[known[1]], alike.reshape(-1, 24)])
    values = np.concatenate(
        [found[0].counts[known[0]], found[1].counts[known[1]], np.zeros(len(alike.reshape(-1, 24)))]
    )
    for part, each in ((first, found[0]), (second, found[1])):
        for place in zip(*np.nonzero(each.hidden), strict=True):
            ends = []
            for sign in (1, -1):
                solved = linprog(sign * part[place], A_eq=equations, b_eq=values, bounds=(0, None))
                ends.append(sign * np.inf * -1 if solved.status == 3 else sign * solved.fun)
            assert ends[1] - ends[0] >= 5 - 1e-5


def test_what_is_derived_is_hidden_too():
    found = suppress([[20, 3, 40], [30, 50, 60], [70, 80, 90]], suppress_below=5)
    rates = derived(totals([[20, 3, 40], [30, 50, 60], [70, 80, 90]]) / 443, found.hidden)
    assert (np.isnan(rates) == found.hidden).all()
    assert derived([1.0, 2.0], False).tolist() == [1.0, 2.0]
    both = derived(np.ones((2, 2)), [True, False], [[False], [True]])
    assert np.isnan(both).tolist() == [[True, False], [True, True]]


def test_bad_tables():
    for wrong, words in (
        ([[1, -1]], "not negative"),
        ([[1, np.nan]], "finite"),
        ([], "from 1"),
        (3, "from 1"),
        (np.ones((200, 200)), "20000"),
    ):
        with pytest.raises(ArgumentError, match=words):
            suppress(wrong, suppress_below=5)
    with pytest.raises(ArgumentError, match="suppress_below=-1"):
        suppress([1], suppress_below=-1)
    for tables in ([], [[[1, 2]], [[1, 3]]], [[[1, 2]], [[1, 2], [3, 4]]]):
        with pytest.raises(ArgumentError, match="linked tables"):
            suppress_linked(tables, suppress_below=5)


def test_it_is_quick_enough():
    rng = np.random.default_rng(0)
    counts = rng.poisson(rng.gamma(0.7, 30, (12, 15)))
    began = time.perf_counter()
    found = suppress(counts, suppress_below=10)
    assert time.perf_counter() - began < 20
    right(counts, found, 10)
    assert found.secondary < 2 * found.small + 20
    safe(counts, found, 10)
