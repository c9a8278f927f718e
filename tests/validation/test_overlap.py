"""Overlap of two lists: brute force over tie orders, hand-worked cases and published figures."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau

from hhpu.errors import ArgumentError
from hhpu.validation._overlap import (
    TIE_VARIANTS,
    kendall_tau_b,
    listed,
    persistence_for,
    rank_biased_overlap,
    rbo_weight,
    top_overlap,
)

# The worked example of the authors' own implementation of the variants of ties.
RED, BLUE, GREEN, YELLOW, PINK, WHITE, BLACK, PURPLE = range(1, 9)
X = [[RED], [BLUE, GREEN], [YELLOW], [PINK]]
Y = [[BLUE, RED], [WHITE], [YELLOW, BLACK, PURPLE], [GREEN]]
PUBLISHED = {
    "a": (0.6922853, 0.3310519, 0.8930692, 0.5620173),
    "w": (0.7068257, 0.3429684, 0.9049857, 0.5620173),
    "b": (0.7207131, 0.3509163, 0.9129336, 0.5620173),
}


def of_blocks(blocks):
    people = [person for block in blocks for person in block]
    scores = [-number for number, block in enumerate(blocks) for _ in block]
    return listed(np.array(people, dtype=np.int64), np.array(scores, dtype=np.int64))


def blocks_of(people, scores):
    levels = sorted(set(scores), reverse=True)
    return [[p for p, s in zip(people, scores, strict=True) if s == level] for level in levels]


def orders(blocks):
    for chosen in itertools.product(*(itertools.permutations(block) for block in blocks)):
        yield [person for block in chosen for person in block]


lists = st.lists(st.integers(0, 6), min_size=1, max_size=6, unique=True).flatmap(
    lambda people: st.tuples(
        st.just(people),
        st.lists(st.integers(0, 2), min_size=len(people), max_size=len(people)),
    )
)


# --- lists


def test_ranks_are_one_more_than_the_number_above():
    found = listed([4, 9, 2, 7], [5, 8, 5, 1])
    assert found.people.tolist() == [9, 2, 4, 7]
    assert found.ranks.tolist() == [1, 2, 2, 4]


def test_whole_numbers_beyond_floats_stay_apart():
    found = listed([1, 2, 3], np.array([2**70, 2**70 + 1, 2**70], dtype=object))
    assert found.people.tolist() == [2, 1, 3]
    assert found.ranks.tolist() == [1, 2, 2]
    assert listed([1, 2], [2**60, 2**60 + 1]).ranks.tolist() == [1, 2]


def test_some_people_of_a_list_keep_their_order_and_ties():
    found = listed([1, 2, 3, 4, 5], [9, 7, 7, 7, 2]).among(np.array([2, 4, 5, 99]))
    assert found.people.tolist() == [2, 4, 5]
    assert found.ranks.tolist() == [1, 1, 3]


@pytest.mark.parametrize(
    ("people", "scores", "told"),
    [
        ([1, 2], [1.0, float("nan")], "NaN"),
        ([1, 2], [1.0], "unequal length"),
        ([1, 1], [1, 2], "twice"),
        (["a", "b"], [1, 2], "whole numbers"),
    ],
)
def test_bad_lists_are_refused(people, scores, told):
    with pytest.raises(ArgumentError, match=told):
        listed(people, scores)


# --- retention and Jaccard


def brute_tops(old, new, k):
    k_old = min(k, sum(map(len, old)))
    k_new = min(k, sum(map(len, new)))
    found = [
        len(set(one[:k_old]) & set(other[:k_new])) for one in orders(old) for other in orders(new)
    ]
    return k_old, k_new, min(found), max(found), Fraction(sum(found), len(found))


@settings(max_examples=300, deadline=None)
@given(old=lists, new=lists, k=st.integers(1, 7))
def test_the_tops_against_every_order_of_the_ties(old, new, k):
    k_old, k_new, low, high, mean = brute_tops(blocks_of(*old), blocks_of(*new), k)
    found = top_overlap(listed(*old), listed(*new), k=k)
    assert (found.seats_old, found.seats_new) == (k_old, k_new)
    assert (found.shared_low, found.shared_high) == (low, high)
    assert found.shared_mean == pytest.approx(float(mean))
    assert found.retention_low == low / k_old
    assert found.retention_high == high / k_old
    assert found.jaccard_low == low / (k_old + k_new - low)
    assert found.jaccard_high == high / (k_old + k_new - high)


@settings(max_examples=100, deadline=None)
@given(old=lists, new=lists, k=st.integers(1, 7))
def test_whole_tie_blocks_against_sets(old, new, k):
    def whole(people, scores):
        cut = sorted(scores, reverse=True)[min(k, len(scores)) - 1]
        return {p for p, s in zip(people, scores, strict=True) if s >= cut}

    one, other = whole(*old), whole(*new)
    found = top_overlap(listed(*old), listed(*new), k=k)
    assert found.retention_whole == len(one & other) / len(one)
    assert found.jaccard_whole == len(one & other) / len(one | other)


def test_a_tie_at_the_edge_by_hand():
    # old: 1 | 2 3 4 tied for one seat; new: 2 3 | 1 4 tied for none but ranked below
    found = top_overlap(of_blocks([[1], [2, 3, 4]]), of_blocks([[2], [3], [1, 4]]), k=2)
    assert (found.tied_old, found.tied_new) == (3, 0)
    assert (found.retention_low, found.retention_high) == (0.0, 0.5)
    assert found.retention_mean == pytest.approx(1 / 3)  # 2 or 3 of three people, one seat of two
    assert (found.jaccard_low, found.jaccard_high) == (0.0, 1 / 3)
    assert found.retention_whole == 0.5  # {1,2,3,4} and {2,3}
    assert found.jaccard_whole == 0.5


def test_an_empty_list_has_no_overlap_and_says_why():
    found = top_overlap(listed([1], [1]), listed([], []), k=1)
    assert math.isnan(found.retention_low)
    assert math.isnan(found.jaccard_whole)
    assert "nobody" in found.why
    assert "nobody" in rank_biased_overlap(listed([], []), listed([1], [1]), p=0.9).why


# --- the weight of the first ranks


@pytest.mark.parametrize(("p", "depth", "printed"), [(0.9, 10, 0.86), (0.98, 50, 0.85)])
def test_the_weight_of_the_first_ranks_as_published(p, depth, printed):
    assert round(rbo_weight(p, depth), 2) == printed


@pytest.mark.parametrize(("p", "depth"), [(0.3, 1), (0.5, 3), (0.9, 10), (0.98, 100)])
def test_the_weight_of_the_first_ranks_by_summing_weights(p, depth):
    # A rank i has weight (1-p)/p * sum over d >= i of p^d / d.
    d = np.arange(1, 5000)
    each = p**d / d
    weight = (1 - p) / p * sum(each[i - 1 :].sum() for i in range(1, depth + 1))
    assert rbo_weight(p, depth) == pytest.approx(weight, abs=1e-12)


@pytest.mark.parametrize("depth", [1, 2, 10, 100, 5_000, 1_000_000])
@pytest.mark.parametrize("share", [0.5, 0.8, 0.99])
def test_persistence_puts_the_share_within_the_depth(depth, share):
    p = persistence_for(depth, share)
    assert 0 < p < 1
    assert rbo_weight(p, depth) == pytest.approx(share, abs=1e-9)


# --- rank-biased overlap


@pytest.mark.parametrize("ties", sorted(TIE_VARIANTS))
@pytest.mark.parametrize("swapped", [False, True])
def test_the_worked_example_of_the_authors(ties, swapped):
    one, other = of_blocks(X), of_blocks(Y)
    if swapped:
        one, other = other, one
    found = rank_biased_overlap(one, other, p=0.95, ties=ties)
    figures = (found.extrapolated, found.low, found.high, found.residual)
    assert figures == pytest.approx(PUBLISHED[ties], abs=5e-8)


def contribution(blocks, person, depth, ties):
    top = 0
    for block in blocks:
        if person in block:
            if ties == "w":
                return Fraction(int(depth > top))
            return min(Fraction(1), max(Fraction(0), Fraction(depth - top, len(block))))
        top += len(block)
    return Fraction(0)


def slow_rbo(one, other, p, ties):
    """Extrapolated, low, high, as their definitions read: person by person, depth by depth."""
    short, long = sorted((one, other), key=lambda blocks: sum(map(len, blocks)))
    s, n = sum(map(len, short)), sum(map(len, long))
    mine, theirs = {i for b in short for i in b}, {i for b in long for i in b}
    only = [i for b in long for i in b if i not in mine]

    def agree(depth, more):
        c = {i: contribution(short, i, depth, ties) for i in mine | theirs}
        e = {i: contribution(long, i, depth, ties) for i in mine | theirs}
        x = float(sum(c[i] * e[i] for i in c)) + more
        inside = sum(c.values()) if depth <= s else depth
        if ties == "w":
            return 2 * x / float(inside + sum(e.values()))
        if ties == "a":
            return x / depth
        squares = sum(v * v for v in c.values()) if depth <= s else depth
        return x / math.sqrt(squares * sum(v * v for v in e.values()))

    ending = agree(s, 0.0)
    both = len(mine & theirs)
    ext = low = high = 0.0
    for depth in range(1, n + 1):
        weight = (1 - p) / p * p**depth
        e = [float(contribution(long, i, depth, ties)) for i in only]
        begun = [v for v in e if v > 0]
        gap = max(0, depth - s)
        low += weight * agree(depth, 0.0)
        high += weight * agree(depth, sum(e[:gap]))
        ext += weight * agree(depth, gap * ending * (sum(begun) / len(begun)) if gap else 0.0)
    for depth in range(n + 1, 4000):
        weight = (1 - p) / p * p**depth
        low += weight * both / depth
        # each further depth adds one unseen person to each list, seen in the other while any is
        high += weight * min(depth, both + (depth - s) + (depth - n)) / depth
        ext += weight * (both + (n - s) * ending) / n
    return ext, low, high


@settings(max_examples=60, deadline=None)
@given(old=lists, new=lists, p=st.floats(0.2, 0.97), ties=st.sampled_from("wab"))
def test_rank_biased_overlap_as_its_definitions_read(old, new, p, ties):
    found = rank_biased_overlap(listed(*old), listed(*new), p=p, ties=ties)
    slow = slow_rbo(blocks_of(*old), blocks_of(*new), p, ties)
    assert (found.extrapolated, found.low, found.high) == pytest.approx(slow, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(old=lists, new=lists, p=st.floats(0.3, 0.95))
def test_variant_a_is_the_mean_over_the_orders_of_the_ties(old, new, p):
    def lowest(one, other):
        found = 0.0
        for depth in range(1, 1500):
            x = len(set(one[:depth]) & set(other[:depth]))
            found += (1 - p) / p * p**depth * x / depth
        return found

    one, other = (blocks_of(*each)[:] for each in (old, new))
    if math.prod(math.factorial(len(b)) for b in one + other) > 36:
        return
    every = [lowest(a, b) for a in orders(one) for b in orders(other)]
    found = rank_biased_overlap(listed(*old), listed(*new), p=p, ties="a")
    assert found.low == pytest.approx(sum(every) / len(every), abs=1e-9)


def test_rank_biased_overlap_with_a_tie_by_hand():
    # old 1 > 2 = 3, new 1 > 2 > 3. Agreement under a: 1, (1 + 1/2)/2, 1, and 1 below; p = 1/2:
    # sum of 2^-d = 1/2 + (3/4)/4 + 1/8 + 1/8.
    old, new = of_blocks([[1], [2, 3]]), of_blocks([[1], [2], [3]])
    found = rank_biased_overlap(old, new, p=0.5, ties="a")
    assert found.extrapolated == pytest.approx(0.5 + 0.1875 + 0.125 + 0.125)
    # under w at depth 2: 2 * 2 / (3 + 2)
    found = rank_biased_overlap(old, new, p=0.5, ties="w")
    assert found.extrapolated == pytest.approx(0.5 + 0.8 / 4 + 0.25)
    # under b at depth 2: 1.5 / sqrt((1 + 2/4) * 2)
    found = rank_biased_overlap(old, new, p=0.5, ties="b")
    assert found.extrapolated == pytest.approx(0.5 + 1.5 / math.sqrt(3) / 4 + 0.25)


@pytest.mark.parametrize("ties", ["w", "b"])
def test_a_list_with_ties_is_itself_under_w_and_b_and_not_under_a(ties):
    same = of_blocks([[5], [1, 2, 3], [4, 9]])
    assert rank_biased_overlap(same, same, k=3, ties=ties).extrapolated == pytest.approx(1)
    assert rank_biased_overlap(same, same, k=3, ties="a").extrapolated < 1


def test_lists_of_different_people_share_nothing():
    found = rank_biased_overlap(listed([1, 2], [2, 1]), listed([3, 4], [2, 1]), p=0.8)
    assert found.low == 0
    assert found.extrapolated == 0
    assert found.high > 0  # below the ends they may yet share all


def test_the_share_of_the_weight_is_reported_with_the_depth():
    one = listed(range(200), range(200))
    found = rank_biased_overlap(one, one, k="5%")
    assert found.depth == 10
    assert found.weight == pytest.approx(0.8)
    assert rank_biased_overlap(one, one, p=0.9).depth == 0


@settings(max_examples=50, deadline=None)
@given(old=lists, new=lists, shift=st.integers(-10, 10**12))
def test_names_and_order_of_the_people_change_nothing(old, new, shift):
    one, other = listed(*old), listed(*new)
    turned = listed([p + shift for p in old[0]][::-1], old[1][::-1])
    other_turned = listed([p + shift for p in new[0]], new[1])
    before = rank_biased_overlap(one, other, p=0.9)
    after = rank_biased_overlap(turned, other_turned, p=0.9)
    assert after.extrapolated == pytest.approx(before.extrapolated)
    assert top_overlap(turned, other_turned, k=2) == top_overlap(one, other, k=2)
    assert kendall_tau_b(turned, other_turned).people == kendall_tau_b(one, other).people


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "give k="),
        ({"k": 2, "p": 0.5}, "give k="),
        ({"p": 1.0}, "between 0 and 1"),
        ({"p": 0.5, "ties": "c"}, "ties="),
        ({"k": 2, "share": 1.0}, "share="),
        ({"k": 0}, "k=0"),
    ],
)
def test_bad_options_are_refused(options, told):
    one = listed([1, 2], [1, 2])
    with pytest.raises(ArgumentError, match=told):
        rank_biased_overlap(one, one, **options)


def test_depths_below_one_are_refused():
    for call in (lambda: persistence_for(0), lambda: rbo_weight(0.5, 0)):
        with pytest.raises(ArgumentError, match="at least 1"):
            call()


# --- tau


@settings(max_examples=100, deadline=None)
@given(old=lists, new=lists)
def test_tau_b_is_scipys_on_the_people_in_both(old, new):
    one, other = (dict(zip(*each, strict=True)) for each in (old, new))
    both = sorted(one.keys() & other.keys())
    found = kendall_tau_b(listed(*old), listed(*new))
    assert found.people == len(both)
    mine, theirs = [one[i] for i in both], [other[i] for i in both]
    if len(set(mine)) < 2 or len(set(theirs)) < 2:
        assert math.isnan(found.value)
        assert found.why
    else:
        assert found.value == pytest.approx(kendalltau(mine, theirs).statistic)
