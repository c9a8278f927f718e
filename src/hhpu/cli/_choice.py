"""Which index, definition and method a command means."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from hhpu.errors import ArgumentError
from hhpu.indices import (
    DEFAULT_INDEX,
    INTERVAL_ONLY,
    HarmDefinition,
    HarmIndex,
    Registry,
    all_offences,
    load_registry,
    read_definition,
    read_index,
)
from hhpu.ranking import Method, method_named

__all__ = ["choose_definition", "choose_method", "open_registry"]


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
    registry = open_registry(arguments)
    index = None
    if arguments.index is not None:
        registry, index = _named_index(registry, arguments.index, arguments.edition)
    elif arguments.edition is not None:
        message = "--edition goes with --index NAME"
        raise ArgumentError(message)
    definition = _named_definition(registry, arguments.definition, index)
    if arguments.window is not None:
        definition = (
            all_offences(definition.bound_index, window=arguments.window)
            if arguments.definition is None
            else definition.derive(window=arguments.window)
        )
    if arguments.approx is not None:
        bound = definition.bound_index
        if not any(weight.basis == INTERVAL_ONLY for weight in bound.weights):
            message = f"--approx: index {bound.name} has no code with an interval only"
            raise ArgumentError(message)
        definition = definition.derive(approx=arguments.approx)
    return definition


def choose_method(arguments: argparse.Namespace) -> Method:
    """Give the method that ``--method`` names."""
    return method_named(arguments.method, vars(arguments))


def _named_index(registry: Registry, name: str, edition: str | None) -> tuple[Registry, HarmIndex]:
    folder = Path(name).expanduser()
    registered = any(index.name == name for index in registry.indices)
    written_as_path = bool(re.search(r"[/\\]", name)) or name.startswith((".", "~"))
    described = (folder / "index.toml").exists()
    if written_as_path or described or (folder.is_dir() and not registered):
        index = read_index(folder)
        if edition not in (None, index.edition):
            message = f"--edition {edition}: the folder {folder.name} holds {index.edition}"
            raise ArgumentError(message)
        return registry.with_index(index), index
    return registry, registry.index(name, edition)


def _named_definition(
    registry: Registry, name: str | None, index: HarmIndex | None
) -> HarmDefinition:
    if name is None:
        return all_offences(registry.index(DEFAULT_INDEX) if index is None else index)
    path = Path(name).expanduser()
    if path.suffix.casefold() == ".toml" or re.search(r"[/\\]", name):
        definition = read_definition(path)
        registry.with_definition(definition)
        return registry.bind(definition, index=index)
    return registry.definition(name, index=index)
