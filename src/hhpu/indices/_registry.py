"""The registry: what is installed, by name and edition, and the loader of plugins."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points, version
from typing import Any, Final, Literal

import attrs
import pluggy

from hhpu.errors import ArgumentError, HhpuError, PluginError, RegistryConflict, UnknownName
from hhpu.indices import _builtin, hookspecs
from hhpu.indices._definition import HarmDefinition, IndexRef
from hhpu.indices._index import HarmIndex

__all__ = ["DEFAULT_INDEX", "Plugin", "Registry", "load_registry"]

DEFAULT_INDEX: Final = "cambridge"
_BUILTIN: Final = "hhpu"


@attrs.frozen
class Plugin:
    """One loaded plugin: its entry-point name, distribution and hooks."""

    name: str
    distribution: str
    hooks: tuple[str, ...]


@attrs.frozen
class Registry:
    """Harm indices and definitions by name and edition.

    Parameters
    ----------
    indices : tuple of HarmIndex
        Every edition of every index.
    definitions : tuple of HarmDefinition
        Every definition.
    plugins : tuple of Plugin
        Who supplied them.

    Examples
    --------
    >>> load_registry(plugins="none").index("ons-css").edition
    '2020-12'
    """

    indices: tuple[HarmIndex, ...] = attrs.field(repr=False)
    definitions: tuple[HarmDefinition, ...] = attrs.field(repr=False)
    plugins: tuple[Plugin, ...]

    def index(self, name: str = DEFAULT_INDEX, edition: str | None = None) -> HarmIndex:
        """Find an index; without an edition only if one edition is installed.

        Raises
        ------
        UnknownName
            If there is none, or more than one edition and none named.
        """
        editions = [index for index in self.indices if index.name == name]
        found = [index for index in editions if edition in (None, index.edition)]
        if len(found) == 1:
            return found[0]
        installed = tuple(f"{index.name} {index.edition}" for index in self.indices)
        if found:
            named = ", ".join(index.edition for index in editions)
            message = f"index {name!r} has the editions {named}: name one"
        elif editions:
            named = ", ".join(index.edition for index in editions)
            message = f"index {name!r} has no edition {edition!r}; installed: {named}"
        elif name == DEFAULT_INDEX:
            message = (
                "the official Cambridge Crime Harm Index is not installed: its workbook is a free "
                "download that cannot be shipped. Give it as a folder, or choose by name the complete "
                "ONS index (ons-css) or the approximate stand-in (cambridge-approx)"
            )
        else:
            message = f"no index is named {name!r}{_near(name, {i.name for i in self.indices})}"
        raise UnknownName(f"{message}. Installed: {'; '.join(installed)}", name=name, available=installed)

    def definition(
        self, name: str, *, index: HarmIndex | None = None
    ) -> HarmDefinition:
        """Find a definition and bind it to its index.

        Parameters
        ----------
        name : str
            The definition's name.
        index : HarmIndex, optional
            Another index than the one it names; the definition is then a derived one.

        Raises
        ------
        UnknownName
            If the definition or its index is not installed.
        """
        found = [d for d in self.definitions if d.name == name]
        if not found:
            names = tuple(d.name for d in self.definitions)
            message = f"no definition is named {name!r}{_near(name, names)}. Installed: {'; '.join(names)}"
            raise UnknownName(message, name=name, available=names)
        return self.bind(found[0], index=index)

    def bind(self, definition: HarmDefinition, *, index: HarmIndex | None = None) -> HarmDefinition:
        """Bind a definition to the index it names, or derive one with another index."""
        if index is not None:
            reference = definition.index
            if isinstance(reference, IndexRef) and reference.name == index.name and (
                reference.edition in (None, index.edition)
            ):
                return attrs.evolve(definition, index=index)
            return definition.derive(index=index)
        if isinstance(definition.index, HarmIndex):
            return definition
        found = self.index(definition.index.name, definition.index.edition)
        return attrs.evolve(definition, index=found)

    def with_index(self, index: HarmIndex) -> Registry:
        """Add an index.

        Raises
        ------
        RegistryConflict
            If the same name and edition is installed with other content.
        """
        for other in self.indices:
            if (other.name, other.edition) == (index.name, index.edition):
                if other.digest == index.digest:
                    return self
                raise _conflict("index", index.name, index.edition, other, index)
        return attrs.evolve(self, indices=(*self.indices, index))

    def with_definition(self, definition: HarmDefinition) -> Registry:
        """Add a definition.

        Raises
        ------
        RegistryConflict
            If the same name is installed with other content.
        """
        for other in self.definitions:
            if other.name == definition.name:
                if other.digest == definition.digest:
                    return self
                raise _conflict("definition", other.name, other.edition, other, definition)
        return attrs.evolve(self, definitions=(*self.definitions, definition))


def _near(name: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, sorted(names), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _conflict(
    kind: str, name: str, edition: str, one: Any, other: Any
) -> RegistryConflict:
    sources = (one.supplier or "this call", other.supplier or "this call")
    message = (
        f"{kind} {name!r} edition {edition!r} comes with different content from {sources[0]} "
        f"({one.digest[:19]}) and from {sources[1]} ({other.digest[:19]}): an edition never changes; "
        "publish a new edition, or uninstall one of the two"
    )
    return RegistryConflict(message, sources=sources)


def load_registry(
    *,
    plugins: Literal["all", "none"] | Sequence[str] = "all",
    modules: Mapping[str, object] | None = None,
) -> Registry:
    """Load the built-ins and the installed plugins.

    Parameters
    ----------
    plugins : "all", "none" or sequence of str
        Which installed plugins to load, by entry-point name.
    modules : mapping of str to object, optional
        Plugins given as values, under the entry-point name they would have: for tests.

    Returns
    -------
    Registry
        What they supply.

    Raises
    ------
    PluginError
        With every plugin that cannot be used: two of one name, an import that fails, a hook that
        does not exist, a value of the wrong kind.
    RegistryConflict
        If two supply different content under one name and edition.
    """
    faults: list[str] = []
    found = [(_BUILTIN, f"hhpu {version('hhpu')}", lambda: _builtin)]
    found += _installed(plugins, faults)
    for name, module in (modules or {}).items():
        found.append((name, f"module {name}", _giver(module)))
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    loaded: list[tuple[str, str]] = []
    for name, distribution, give in found:
        try:
            manager.register(give(), name)
        except Exception as error:  # noqa: BLE001 - whatever a plugin raises at import is its fault
            faults.append(f"{name} ({distribution}) fails at import: {type(error).__name__}: {error}")
            continue
        loaded.append((name, distribution))
        faults += _unknown_hooks(manager, name, distribution)
    registry = Registry(indices=(), definitions=(), plugins=())
    for name, distribution in loaded:
        try:
            registry = _collect(registry, manager, name, distribution, faults)
        except RegistryConflict:
            raise
        except HhpuError as error:
            faults.append(f"{name} ({distribution}): {error}")
    if faults:
        raise PluginError(faults)
    return registry


def _giver(module: object) -> Callable[[], object]:
    return lambda: module


def _installed(
    plugins: Literal["all", "none"] | Sequence[str], faults: list[str]
) -> list[tuple[str, str, Callable[[], Any]]]:
    if plugins == "none":
        return []
    points = sorted(entry_points(group=hookspecs.PROJECT), key=lambda p: (p.name, _distribution(p)))
    if plugins != "all":
        absent = sorted(set(plugins) - {point.name for point in points})
        if absent:
            there = ", ".join(sorted({point.name for point in points})) or "none"
            message = f"no plugin is named {', '.join(absent)}; installed: {there}"
            raise ArgumentError(message)
        points = [point for point in points if point.name in plugins]
    by_name: dict[str, list[EntryPoint]] = {}
    for point in points:
        by_name.setdefault(point.name, []).append(point)
    for name, same in by_name.items():
        if len(same) > 1 or name == _BUILTIN:
            sources = ", ".join(sorted(_distribution(point) for point in same))
            faults.append(f"two plugins are named {name!r}: {sources}; uninstall one")
    return [(p.name, _distribution(p), p.load) for p in points if len(by_name[p.name]) == 1]


def _distribution(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "unknown distribution"


def _unknown_hooks(manager: pluggy.PluginManager, name: str, distribution: str) -> Iterable[str]:
    plugin = manager.get_plugin(name)
    known = [hook for hook in vars(hookspecs) if hook.startswith("hhpu_")]
    for attribute in sorted(dir(plugin)):
        marked = getattr(getattr(plugin, attribute, None), "hhpu_impl", None) is not None
        if attribute in known:
            if not marked:
                yield f"{name} ({distribution}): {attribute} lacks the @hookimpl mark"
        elif marked or attribute.startswith("hhpu_harm"):
            yield (
                f"{name} ({distribution}): there is no hook {attribute!r}{_near(attribute, known)}; "
                f"the hooks are {', '.join(known)}"
            )


def _collect(
    registry: Registry,
    manager: pluggy.PluginManager,
    name: str,
    distribution: str,
    faults: list[str],
) -> Registry:
    hooks = []
    kinds: tuple[tuple[str, type, Any], ...] = (
        ("hhpu_harm_indices", HarmIndex, Registry.with_index),
        ("hhpu_harm_definitions", HarmDefinition, Registry.with_definition),
    )
    for hook, kind, add in kinds:
        implementations = getattr(manager.hook, hook).get_hookimpls()
        mine = [impl for impl in implementations if impl.plugin_name == name]
        for implementation in mine:
            hooks.append(hook)
            try:
                values = list(implementation.function())
            except HhpuError:
                raise
            except Exception as error:  # noqa: BLE001 - a plugin's fault is named, not passed on
                faults.append(f"{name} ({distribution}): {hook} fails: {type(error).__name__}: {error}")
                continue
            for value in values:
                if not isinstance(value, kind):
                    faults.append(
                        f"{name} ({distribution}): {hook} gives a {type(value).__name__}, "
                        f"not a {kind.__name__}"
                    )
                elif name != _BUILTIN and value.name != name and not value.name.startswith(f"{name}-"):
                    faults.append(
                        f"{name} ({distribution}): {value.name!r} must be named {name!r} or "
                        f"begin with {name + '-'!r}, so that its source shows"
                    )
                else:
                    registry = add(registry, attrs.evolve(value, supplier=distribution))
    plugin = Plugin(name=name, distribution=distribution, hooks=tuple(hooks))
    return attrs.evolve(registry, plugins=(*registry.plugins, plugin))
