"""Which index, definition and method a command means."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Final, Literal

from hhpu import indices
from hhpu.indices import ChoiceNames, HarmDefinition, Registry, load_registry
from hhpu.ranking import Method, method_named

__all__ = ["choose_definition", "choose_method", "open_registry"]

_OPTIONS: Final = ChoiceNames(index="--index", edition="--edition", approx="--approx")


def open_registry(arguments: argparse.Namespace) -> Registry:
    """Load the built-ins and the plugins that ``--plugins`` names.

    Raises
    ------
    PluginError, RegistryConflict
        If a plugin cannot be used.
    """
    text: str = arguments.plugins
    plugins: Literal["all", "none"] | Sequence[str]
    if text == "all":
        plugins = "all"
    elif text == "none":
        plugins = "none"
    else:
        plugins = [name.strip() for name in text.split(",") if name.strip()]
    return load_registry(plugins=plugins)


def choose_definition(arguments: argparse.Namespace) -> HarmDefinition:
    """Find the definition of a command, bound to its index and with its window.

    Raises
    ------
    UnknownName
        If an index or definition is not installed.
    RegistryConflict
        If a folder or file has the name and edition of an installed one and other content.
    DefinitionError
        If a folder or file is not well-formed.
    ArgumentError
        For arguments that do not go together.
    """
    return indices.choose_definition(
        open_registry(arguments),
        index=arguments.index,
        edition=arguments.edition,
        definition=arguments.definition,
        window=arguments.window,
        approx=arguments.approx,
        named=_OPTIONS,
    ).used


def choose_method(arguments: argparse.Namespace) -> Method:
    """Give the method that ``--method`` names."""
    return method_named(arguments.method, vars(arguments))
