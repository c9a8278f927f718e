"""A run file to begin with, written from the declaration of its keys."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Mapping
from typing import Any, Final

from hhpu.runs._schema import KEYS, TABLES, Key

__all__ = ["example_run_file"]

_WIDTH: Final = 96
_MAPPINGS: Final = """\
# Columns of another name: ours = "theirs". One table for each source.
# [columns.offences]
# offender_id = "NOMINAL_REF"

# Words of another name: theirs = "ours". One table for each column of a source.
# [values.offences.status]
# CHGD = "charged"
"""


def example_run_file(given: Mapping[str, Mapping[str, Any]] | None = None) -> str:
    """Write a run file with every key, its meaning and its default.

    Parameters
    ----------
    given : mapping, optional
        Values by table and key; the required keys have one anyway. Every other key stands in a
        comment.

    Returns
    -------
    str
        TOML that `read_run` reads.

    Examples
    --------
    >>> print(example_run_file().splitlines()[3])
    format = "hhpu run 1"
    """
    parts = []
    for name, keys in KEYS.items():
        values = (given or {}).get(name, {})
        lines = _comment(TABLES[name])
        lines += [f"[{name}]"] if name else []
        for key, declared in keys.items():
            lines += ["" if key != next(iter(keys)) or not name else None]
            lines += _comment(f"{_sentence(declared.meaning)} {_form(declared)}")
            chosen = key in values or declared.required
            written = f"{key} = {_toml(values.get(key, declared.example))}"
            lines.append(written if chosen else f"# {written}")
        parts.append("\n".join(line for line in lines if line is not None) + "\n")
    return "\n".join([*parts, _MAPPINGS])


def _sentence(meaning: str) -> str:
    return meaning if meaning.endswith("?") else f"{meaning}."


def _form(key: Key) -> str:
    kind = key.kind[:1].upper() + key.kind[1:]
    return f"{kind}; {'required' if key.required else f'default: {key.default_told}'}."


def _comment(text: str) -> list[str | None]:
    return list(
        textwrap.wrap(
            text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
        )
    )


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace(chr(34), "\\" + chr(34))
        return f'"{escaped}"'
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(each) for each in value)}]"
    return value.isoformat() if isinstance(value, dt.date) else str(value)
