"""Tables to CSV files: equal tables give equal bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from hhpu.files import whole

__all__ = ["write_tables"]


def write_tables(folder: Path, tables: Mapping[str, pd.DataFrame]) -> tuple[Path, ...]:
    r"""Write each table to a file of its name and ``.csv``, whole or not at all.

    UTF-8 without a byte-order mark, ``\n`` line ends, ISO dates, ``true`` and ``false``, empty for
    missing.

    Parameters
    ----------
    folder : pathlib.Path
        Made if it is not there.
    tables : mapping of str to pandas.DataFrame
        The tables by name.

    Returns
    -------
    tuple of pathlib.Path
        The files, in the order of the tables.

    Raises
    ------
    OSError
        The folder or a file cannot be written.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in tables.items():
        path = folder / f"{name}.csv"
        with whole(path) as part, part.open("w", encoding="utf-8", newline="") as file:
            _as_text(table).to_csv(file, index=False, lineterminator="\n", date_format="%Y-%m-%d")
        written.append(path)
    return tuple(written)


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    flags = table.select_dtypes("bool").columns
    return table.assign(**{str(flag): np.where(table[flag], "true", "false") for flag in flags})
