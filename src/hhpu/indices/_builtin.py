"""The indices and definitions that come with the package, through the same hooks as any plugin."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hhpu.indices._definition import HarmDefinition, read_definition
from hhpu.indices._folders import read_index
from hhpu.indices._index import HarmIndex
from hhpu.indices.hookspecs import hookimpl

_DATA: Final = Path(__file__).parent / "data"
_EDITIONS: Final = (
    ("cambridge-approx", "2026-02-subgroups"),
    ("cambridge-chart", "2021-chart"),
    ("ons-css", "2020-12"),
)


@hookimpl
def hhpu_harm_indices() -> Iterable[HarmIndex]:
    """The editions that are shipped, read from their folders."""
    return [read_index(_DATA / name / edition) for name, edition in _EDITIONS]


@hookimpl
def hhpu_harm_definitions() -> Iterable[HarmDefinition]:
    """The default definition of the unit's five crime groups."""
    return [read_definition(_DATA / "definitions" / "high-harm-groups.toml")]
