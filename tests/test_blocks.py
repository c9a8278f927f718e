"""Work in blocks gives what the same work over whole columns gives."""

from __future__ import annotations

import numpy as np
import pytest

from hhpu.blocks import BLOCK, at_once, in_blocks, rows_where

SIZES = (0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 9 * BLOCK + 5)


@pytest.mark.parametrize("size", SIZES)
def test_blocks_cover_every_row_once_and_in_order(size):
    seen = in_blocks(lambda rows: list(range(rows.start, rows.stop)), size)
    assert [row for rows in seen for row in rows] == list(range(size))


@pytest.mark.parametrize("size", [*SIZES, 3_000_000])
def test_rows_where_finds_what_flatnonzero_finds(size):
    values = np.random.default_rng(1).integers(0, 5, size)
    found = rows_where(lambda rows: values[rows] == 3, size)
    assert found.dtype == np.int64
    assert np.array_equal(found, np.flatnonzero(values == 3))


def test_an_error_in_a_block_comes_out():
    def fail(rows: slice) -> None:
        if rows.start:
            message = "in a block"
            raise ValueError(message)

    with pytest.raises(ValueError, match="in a block"):
        in_blocks(fail, 20 * BLOCK)


def test_results_keep_the_order_of_the_items():
    assert at_once(lambda n: n * n, range(100)) == [n * n for n in range(100)]
