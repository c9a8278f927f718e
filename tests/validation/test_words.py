"""The words: one table, none of them bare."""

import inspect
import math
import re

import pytest

from hhpu.validation import (
    WORDS,
    Compared,
    Measured,
    _words,
    against_baseline,
    against_best,
    against_random,
)

BARE = re.compile(r"\b(weak|strong|signific)\w*", re.IGNORECASE)


def test_no_bare_word_is_in_the_table_or_the_module():
    assert not [word for word in WORDS.values() if BARE.search(word)]
    assert not BARE.search(inspect.getsource(_words))
    with pytest.raises(TypeError):
        WORDS["random: undefined"] = "weak"


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (1.01, 2, "better than random order"),
        (1, 2, "not shown to be better than random order"),
        (0.5, 1, "not shown to be better than random order"),
        (0.5, 0.99, "worse than random order"),
        (math.nan, math.nan, "not comparable with random order"),
        (1 + 1e-15, 1 + 2e-15, "not shown to be better than random order"),
        (1 - 2e-15, 1 - 1e-15, "not shown to be better than random order"),
    ],
)
def test_random_order_by_the_interval_of_the_lift(low, high, word):
    assert against_random(Measured(1.2, low, high)) == word


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.01, 0.2, "better than x"),
        (0, 0.2, "not shown to be better than x"),
        (-0.1, 0.2, "not shown to be better than x"),
        (-0.2, -0.1, "worse than x"),
        (math.nan, math.nan, "not comparable with x"),
        (1e-17, 1e-16, "not shown to be better than x"),
    ],
)
def test_a_baseline_by_the_interval_of_the_difference(low, high, word):
    assert against_baseline(Compared("x", Measured(0.1, low, high))) == word


@pytest.mark.parametrize(
    ("share", "word"),
    [(0, "under a quarter"), (0.2499, "under a quarter"), (0.25, "a quarter to a half"),
     (0.5, "a half to three quarters"), (0.75, "three quarters or more"), (1, "three quarters"),
     (math.nan, "not comparable")],
)  # fmt: skip
def test_the_best_by_the_share_of_what_it_holds(share, word):
    assert against_best(share).startswith(word)


def test_a_figure_without_an_interval_says_so():
    assert Measured(0.5, 0.25, 0.75).told(".0%") == "50% [25%, 75%]"
    assert Measured(0.5, math.nan, math.nan).told() == "0.500 [no interval]"
    assert Measured(math.nan, math.nan, math.nan).told() == "undefined"


def test_every_word_of_the_table_can_be_said():
    said = {
        *(against_random(Measured(1, low, low)) for low in (2, 1, 0, math.nan)),
        *(against_baseline(Compared("{name}", Measured(0, low, low)))
          for low in (1, 0, -1, math.nan)),
        *(against_best(share) for share in (0, 0.3, 0.6, 0.9, math.nan)),
    }  # fmt: skip
    assert said == set(WORDS.values())


@pytest.mark.parametrize(
    ("lift", "p", "word"),
    [
        (1.3, 0.05, "better than random order"),
        (1.3, 0.051, "not shown to be better than random order"),
        (0.7, 0.01, "worse than random order"),
        (0.7, 0.2, "not shown to be better than random order"),
    ],
)
def test_a_test_decides_against_random_order_where_there_is_one(lift, p, word):
    assert against_random(Measured(lift, 0.1, 0.2), p=p) == word
    assert against_random(Measured(lift, 0.1, 0.2), p=math.nan) == "worse than random order"


@pytest.mark.parametrize(
    ("low", "high", "p_holm", "word"),
    [
        (0.01, 0.03, 0.05, "better than count"),
        (0.01, 0.03, 0.051, "not shown to be better than count"),
        (-0.03, -0.01, 0.2, "not shown to be better than count"),
        (-0.03, -0.01, 0.01, "worse than count"),
        (0.01, 0.03, math.nan, "better than count"),
    ],
)
def test_a_difference_must_hold_after_the_adjustment_too(low, high, p_holm, word):
    difference = Measured((low + high) / 2, low, high)
    assert against_baseline(Compared("count", difference, p_holm)) == word
