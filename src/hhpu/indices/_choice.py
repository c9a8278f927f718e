"""Which index and definition are meant: by name, or as a folder and a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import attrs

from hhpu.errors import ArgumentError, HhpuError
from hhpu.indices._definition import Approx, HarmDefinition, all_offences, read_definition
from hhpu.indices._folders import read_index
from hhpu.indices._index import INTERVAL_ONLY, HarmIndex
from hhpu.indices._registry import DEFAULT_INDEX, Registry

__all__ = ["ChoiceNames", "Chosen", "choose_definition"]


def _argument_error(faults: Sequence[str]) -> HhpuError:
    return ArgumentError("\n".join(faults))


@attrs.frozen(kw_only=True)
class ChoiceNames:
    """How the settings of a choice are called where the reader stands, and what refuses it.

    Parameters
    ----------
    index, edition, approx : str
        The settings of `choose_definition`.
    accept_approximate : str
        What accepts an approximate index.
    error : callable
        Makes the error of the faults found.
    """

    index: str = "index="
    edition: str = "edition="
    approx: str = "approx="
    accept_approximate: str = "accept_approximate=True"
    error: Callable[[Sequence[str]], HhpuError] = _argument_error


_ARGUMENTS: Final = ChoiceNames()


@attrs.frozen
class Chosen:
    """A definition as it is registered or written, and as it is used.

    Parameters
    ----------
    registered : HarmDefinition
        Bound to its index.
    used : HarmDefinition
        With the window and the choice for intervals that were asked for.
    """

    registered: HarmDefinition
    used: HarmDefinition


def choose_definition(
    registry: Registry,
    *,
    index: str | None = None,
    edition: str | None = None,
    definition: str | None = None,
    window: int | None = None,
    approx: Approx | None = None,
    accept_approximate: bool = True,
    base: Path | None = None,
    named: ChoiceNames = _ARGUMENTS,
) -> Chosen:
    """Find the definition that is meant, bound to its index and with its settings.

    Parameters
    ----------
    registry : Registry
        What is installed.
    index : str, optional
        A name, or a folder: what is written as a path, holds an index, or is a folder and no
        name. Without one that of the definition, else `DEFAULT_INDEX`.
    edition : str, optional
        Of the index.
    definition : str, optional
        A name, or a file: what ends in ``.toml`` or is written as a path. Without one every
        offence that the index weighs.
    window : int, optional
        Days of history, instead of the definition's.
    approx : {"low", "median", "high"}, optional
        The value of a code that has only an interval.
    accept_approximate : bool
        Whether an index that is marked as approximate is accepted.
    base : pathlib.Path, optional
        The folder to which paths are relative; the working directory if not given.
    named : ChoiceNames
        How all this is called where the reader stands.

    Returns
    -------
    Chosen
        The definition.

    Raises
    ------
    UnknownName
        If an index or definition is not installed.
    RegistryConflict
        If a folder or file has the name and edition of an installed one and other content.
    DefinitionError
        If a folder or file is not well-formed.
    HhpuError
        As ``named`` makes it, for settings that do not go together.
    """
    bound = None
    if index is not None:
        registry, bound = _index(registry, index, edition, base=base, named=named)
    elif edition is not None:
        raise named.error([f"{named.edition} goes with {named.index}"])
    registered = _definition(registry, definition, bound, base=base)
    faults = _faults(
        registered.bound_index, approx, accept_approximate=accept_approximate, named=named
    )
    if faults:
        raise named.error(faults)
    used = registered
    if window is not None and definition is None:
        used = all_offences(registered.bound_index, window=window)
    elif window is not None:
        used = registered.derive(window=window)
    return Chosen(registered, used if approx is None else used.derive(approx=approx))


def _near(written: str, base: Path | None) -> Path:
    return (base or Path()) / Path(written).expanduser()


def _index(
    registry: Registry, written: str, edition: str | None, *, base: Path | None, named: ChoiceNames
) -> tuple[Registry, HarmIndex]:
    folder = _near(written, base)
    registered = any(index.name == written for index in registry.indices)
    as_path = bool(re.search(r"[/\\]", written)) or written.startswith((".", "~"))
    described = (folder / "index.toml").exists()
    if not (as_path or described or (folder.is_dir() and not registered)):
        return registry, registry.index(written, edition)
    index = read_index(folder)
    if edition not in (None, index.edition):
        raise named.error([f"{named.edition} {edition}: {folder.name} holds {index.edition}"])
    return registry.with_index(index), index


def _definition(
    registry: Registry, written: str | None, index: HarmIndex | None, *, base: Path | None
) -> HarmDefinition:
    if written is None:
        return all_offences(registry.index(DEFAULT_INDEX) if index is None else index)
    path = _near(written, base)
    if path.suffix.casefold() == ".toml" or re.search(r"[/\\]", written):
        definition = read_definition(path)
        registry.with_definition(definition)
        return registry.bind(definition, index=index)
    return registry.definition(written, index=index)


def _faults(
    index: HarmIndex, approx: Approx | None, *, accept_approximate: bool, named: ChoiceNames
) -> list[str]:
    faults = []
    if index.approximate and not accept_approximate:
        faults.append(
            f"{named.index} {index.name} is an approximate stand-in: say "
            f"{named.accept_approximate}, or use ons-css or the registered workbook"
        )
    intervals = any(weight.basis == INTERVAL_ONLY for weight in index.weights)
    if approx is not None and not intervals:
        faults.append(f"{named.approx}: index {index.name} has no code with an interval only")
    return faults
