"""A file that is written whole or not at all, wherever it is written."""

from __future__ import annotations

import pandas as pd
import pytest

import hhpu
from hhpu.errors import OutputError
from hhpu.files import whole, write_whole
from hhpu.simulate._files import write_tables

LEDGER = hhpu.encode(
    pd.DataFrame({"offender_id": ["1"], "code": ["8N"], "committed_on": ["2025-01-04"]})
)
DOORS = {
    "bytes": lambda path: write_whole(path, b"new"),
    "ledger": LEDGER.save,
    "table": lambda path: write_tables(
        path.parent, {path.stem: pd.DataFrame({"a": [1]})}
    ),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_what_is_there_is_replaced_and_nothing_stays_beside_it(tmp_path, door):
    path = tmp_path / "it.csv"
    path.write_bytes(b"old")
    DOORS[door](path)
    assert path.read_bytes() != b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["it.csv"]


@pytest.mark.parametrize("door", DOORS)
def test_what_cannot_be_replaced_stays_and_nothing_beside_it(tmp_path, door):
    path = tmp_path / "it.csv"
    path.mkdir()
    with pytest.raises(OutputError, match=r"it\.csv cannot be written: .*; nothing was changed"):
        DOORS[door](path)
    assert [each.name for each in tmp_path.iterdir()] == ["it.csv"]


def test_another_error_leaves_the_old_file(tmp_path):
    path = tmp_path / "it.csv"
    path.write_bytes(b"old")

    def interrupted() -> None:
        with whole(path) as part:
            part.write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["it.csv"]
