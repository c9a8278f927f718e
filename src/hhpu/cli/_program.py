"""How this program is called from where the user is."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path, PurePath

__all__ = ["as_pasted", "program"]


def program() -> str:
    """The command by which this Python runs hhpu, as it can be pasted here."""
    python = Path(sys.executable)
    for name in ("hhpu", "python", "python3"):
        found = shutil.which(name)
        if found is not None and Path(found).parent == python.parent:
            return name if name == "hhpu" else f"{name} -m hhpu"
    return call_of(python, Path.cwd())


def call_of(python: PurePath, here: PurePath) -> str:
    """The call of a Python that is not on the path, from a folder."""
    if python.is_relative_to(here):
        python = python.relative_to(here)
    if python.suffix.lower() == ".exe":
        python = python.with_suffix("")
    return f"{as_pasted(python)} -m hhpu"


def as_pasted(path: PurePath) -> str:
    """Write a path as one word of a command line."""
    return f'"{path}"' if " " in str(path) else str(path)
