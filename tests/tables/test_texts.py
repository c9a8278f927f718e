"""Texts in one buffer, coded columns and identifiers, against plain Python."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hhpu.tables import Texts
from hhpu.tables._columns import read_coded, read_identifiers

ANY = st.text(st.characters(exclude_categories=("Cs",)), max_size=24)
NUMBERED = st.integers(0, 999).map("P{:06}".format) | st.integers(0, 10**9).map(str)
LISTS = st.lists(ANY | NUMBERED, max_size=30) | st.lists(
    st.integers(0, 500).map("AB{:08}".format), max_size=40
)


@given(LISTS, st.data())
@example(["", "a", "a\0", "a\0\0", "abcdefgh", "abcdefghi"], None)
def test_texts_are_a_list_of_texts(texts, data):
    packed = Texts.of(texts)
    assert packed.tolist() == texts == list(packed)
    assert packed.compact().tolist() == texts
    assert Texts.joined([packed, Texts.of(["x"])]).tolist() == [*texts, "x"]
    rows = np.arange(len(texts))
    if data is not None and texts:
        rows = np.array(data.draw(st.lists(st.sampled_from(range(len(texts))), max_size=20)), int)
    taken = packed.take(rows)
    assert taken.tolist() == [texts[i] for i in rows]
    assert taken.same_as(Texts.of([texts[i] for i in rows]))
    assert taken.keys().tolist() == packed.keys()[rows].tolist()


@given(LISTS)
def test_the_order_of_texts_is_that_of_their_utf_8_bytes(texts):
    order = Texts.of(texts).order().tolist()
    assert sorted(order) == list(range(len(texts)))
    assert [texts[i] for i in order] == sorted(texts, key=lambda text: text.encode())


@given(LISTS)
@example(["P000001", "P000010", "Q000001"])
@example(["12345678", "02345678"])
@example(["1", "a"])
def test_keys_and_numbers_tell_texts_apart_and_nothing_else(texts):
    packed = Texts.of(texts)
    keys, numbers = packed.keys().tolist(), packed.numbers()
    for i, one in enumerate(texts):
        assert (keys[i] == 0) == (one == "")
        for j, other in enumerate(texts):
            assert (keys[i] == keys[j]) == (one == other)
            if numbers is not None:
                assert (numbers[i] == numbers[j]) == (one == other)


@given(st.lists(ANY | NUMBERED, min_size=1, max_size=8, unique=True), st.data())
def test_spell_tells_whether_codes_spell_the_texts(values, data):
    codes = data.draw(st.lists(st.sampled_from(range(len(values))), min_size=1, max_size=20))
    texts = [values[code] for code in codes]
    assert Texts.of(values).spell(np.array(codes), Texts.of(texts))
    wrong = data.draw(st.sampled_from(range(len(texts))))
    for change in ("x", "\0"):
        changed = [*texts]
        changed[wrong] += change
        assert not Texts.of(values).spell(np.array(codes), Texts.of(changed))


def series(cells, dtype):
    return nw.from_native(pd.Series(cells, dtype=dtype), series_only=True)


def cells_of(coded, rows):
    return ["" if code < 0 else coded.values[int(code)] for code in coded.codes[rows]]


CELLS = st.lists(
    st.none() | ANY | NUMBERED | st.sampled_from((" a", "a ", "a", "\u00a0a", "")), max_size=30
)


@given(CELLS, st.sampled_from(("object", "str", "category")))
@example(["a\0", "a"], "str")
@example(["a" * 8, "a" * 8 + "\0"], "str")
def test_coded_columns_hold_what_the_cells_say_stripped(cells, dtype):
    coded = read_coded(series(cells, dtype))
    expected = ["" if cell is None else cell.strip() for cell in cells]
    assert cells_of(coded, np.arange(len(cells))) == expected
    assert [code < 0 for code in coded.codes.tolist()] == [not text for text in expected]
    by_text = {}
    for text, code in zip(expected, coded.codes.tolist(), strict=True):
        assert by_text.setdefault(text, code) == code
    assert len(set(by_text.values())) == len(by_text)


@given(CELLS, st.sampled_from(("object", "str", "category")))
def test_identifiers_hold_what_the_cells_say_stripped(cells, dtype):
    found = read_identifiers(series(cells, dtype))
    expected = ["" if cell is None else cell.strip() for cell in cells]
    assert found.packed(np.arange(len(cells))).tolist() == expected
    assert found.keys.tolist() == Texts.of(expected).keys().tolist()


@pytest.mark.parametrize("size", [1_000, 40_000, 140_000])
@pytest.mark.parametrize(
    "form",
    ["{}", "P{:09}", "ab{}", "{:03x}", "person number {} of them", " {}", "é{}", "{}x" + "z" * 60],
)
@pytest.mark.parametrize("dtype", ["str", "object"])
def test_long_columns_are_coded_as_short_ones(size, form, dtype):
    random = np.random.default_rng(3)
    numbers = random.integers(0, size // 2, size)
    texts = [form.format(n) for n in numbers.tolist()]
    expected = pd.factorize(np.array([t.strip() for t in texts], dtype=object))[1]
    for cells in (texts, [None, *texts[1:]]):
        column = series(cells, dtype)
        coded = read_coded(column)
        sample = random.integers(1, size, 500)
        assert cells_of(coded, sample) == [texts[i].strip() for i in sample]
        assert len(set(coded.codes[1:].tolist())) >= len(expected) - 1
        assert (coded.codes[0] < 0) == (cells[0] is None)
        keys = read_identifiers(column).keys
        assert keys[sample].tolist() == Texts.of([texts[i].strip() for i in sample]).keys().tolist()
        assert (keys[0] == 0) == (cells[0] is None)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1.0, 2.0, float("nan")], ["1", "2", ""]),
        ([True, False, None], ["true", "false", ""]),
        ([-5, 0, 10**16], ["-5", "0", "10000000000000000"]),
        ([7, "7", 7.0], ["7", "7", "7"]),
    ],
)
def test_numbers_and_flags_are_read_as_their_plain_texts(values, texts):
    coded = read_coded(nw.from_native(pd.Series(values), series_only=True))
    assert cells_of(coded, np.arange(3)) == texts
    assert len(set(coded.codes.tolist()) - {-1}) == len(set(texts) - {""})
