"""The hooks by which a plugin supplies harm indices and harm definitions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pluggy

from hhpu.indices._definition import HarmDefinition
from hhpu.indices._index import HarmIndex

__all__ = ["PROJECT", "hhpu_harm_definitions", "hhpu_harm_indices", "hookimpl"]

PROJECT: Final = "hhpu"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def hhpu_harm_indices() -> Iterable[HarmIndex]:  # type: ignore[empty-body]
    """Supply harm indices.

    Returns
    -------
    iterable of HarmIndex
        Each named with the plugin's entry-point name as prefix.
    """


@hookspec
def hhpu_harm_definitions() -> Iterable[HarmDefinition]:  # type: ignore[empty-body]
    """Supply harm definitions.

    Returns
    -------
    iterable of HarmDefinition
        Each named with the plugin's entry-point name as prefix.
    """
