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
from hhpu.indices._store import REGISTERED, SUPPLIER, read_store

__all__ = ["DEFAULT_INDEX", "Plugin", "Registry", "load_registry"]

DEFAULT_INDEX: Final = "cambridge"
_BUILTIN: Final = "hhpu"
_KEPT: Final = {
    _BUILTIN: f"{_BUILTIN!r} is the name of the built-ins",
    REGISTERED: f"{REGISTERED!r} is the name of the registered indices",
}


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
                "the official Cambridge Crime Harm Index is not installed: its workbook is a "
                "free download that cannot be shipped. Register your copy by `hhpu indices "
                "add-cambridge FILE` (one that is registered is left out by --plugins none), give "
                "it as a folder, or choose by name the complete ONS index (ons-css) or the "
                "approximate stand-in (cambridge-approx)"
            )
        else:
            message = f"no index is named {name!r}{_near(name, {i.name for i in self.indices})}"
        raise _unknown(message, name, installed)

    def definition(
        self, name: str, *, edition: str | None = None, index: HarmIndex | None = None
    ) -> HarmDefinition:
        """Find a definition and bind it to its index.

        Parameters
        ----------
        name : str
            The definition's name.
        edition : str, optional
            Needed only where more than one edition is installed.
        index : HarmIndex, optional
            Another index than the one it names; the definition is then a derived one.

        Raises
        ------
        UnknownName
            If the definition or its index is not installed, or the definition has more than one
            edition and none is named.
        """
        editions = [d for d in self.definitions if d.name == name]
        found = [d for d in editions if edition in (None, d.edition)]
        if len(found) == 1:
            return self.bind(found[0], index=index)
        installed = tuple(f"{d.name} {d.edition}" for d in self.definitions)
        named = ", ".join(d.edition for d in editions)
        if found:
            message = f"definition {name!r} has the editions {named}: name one"
        elif editions:
            message = f"definition {name!r} has no edition {edition!r}; installed: {named}"
        else:
            near = _near(name, {d.name for d in self.definitions})
            message = f"no definition is named {name!r}{near}"
        raise _unknown(message, name, installed)

    def bind(self, definition: HarmDefinition, *, index: HarmIndex | None = None) -> HarmDefinition:
        """Bind a definition to the index it names, or derive one with another index."""
        if index is not None:
            reference = definition.index
            if (
                isinstance(reference, IndexRef)
                and reference.name == index.name
                and (reference.edition in (None, index.edition))
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
            If the same name and edition is installed with other content.
        """
        for other in self.definitions:
            if (other.name, other.edition) == (definition.name, definition.edition):
                if other.digest == definition.digest:
                    return self
                raise _conflict("definition", other.name, other.edition, other, definition)
        return attrs.evolve(self, definitions=(*self.definitions, definition))


def _unknown(message: str, name: str, installed: tuple[str, ...]) -> UnknownName:
    told = f"{message}. Installed: {'; '.join(installed)}"
    return UnknownName(told, name=name, available=installed)


def _near(name: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, sorted(names), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _conflict(kind: str, name: str, edition: str, one: Any, other: Any) -> RegistryConflict:
    sources = (one.supplier or "this call", other.supplier or "this call")
    message = (
        f"{kind} {name!r} edition {edition!r} comes with different content from {sources[0]} "
        f"({one.digest[:19]}) and from {sources[1]} ({other.digest[:19]}): an edition never "
        "changes; publish a new edition, or uninstall one of the two"
    )
    return RegistryConflict(message, sources=sources)


def load_registry(
    *,
    plugins: Literal["all", "none"] | Sequence[str] = "all",
    modules: Mapping[str, object] | None = None,
) -> Registry:
    """Load the built-ins, the installed plugins and the registered indices.

    Parameters
    ----------
    plugins : "all", "none" or sequence of str
        Which installed plugins to load, by entry-point name; ``registered`` stands for the indices
        of the store (`index_store`).
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
        does not exist, a value of the wrong kind; and with every registered folder that is not as
        it was registered.
    RegistryConflict
        If two supply different content under one name and edition, and nothing else is wrong.
    """
    faults: list[str] = []
    conflicts: list[RegistryConflict] = []
    found = [(_BUILTIN, f"hhpu {version('hhpu')}", _giver(_builtin))]
    found += _installed(plugins, faults)
    for name, module in (modules or {}).items():
        found.append((name, f"module {name}", _giver(module)))
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    loaded: list[tuple[str, str]] = []
    for name, distribution, give in found:
        if name == REGISTERED:
            faults.append(f"{_KEPT[name]}: {distribution} must take another")
            continue
        try:
            module = give()
        except (Exception, SystemExit) as error:
            told = f"{type(error).__name__}: {error}"
            faults.append(f"{name} ({distribution}) fails at import: {told}")
            continue
        try:
            manager.register(module, name)
        except (ValueError, pluggy.PluginValidationError) as error:
            faults.append(f"{name} ({distribution}) cannot be registered: {_one_line(error)}")
            continue
        loaded.append((name, distribution))
        faults += _unknown_hooks(manager, name, distribution)
    registry = Registry(indices=(), definitions=(), plugins=())
    for name, distribution in loaded:
        registry = _collect(registry, manager, (name, distribution), faults, conflicts)
    if plugins == "all" or (plugins != "none" and REGISTERED in plugins):
        registry = _collect_store(registry, faults, conflicts)
    if faults:
        raise PluginError([*faults, *map(str, conflicts)])
    if conflicts:
        raise RegistryConflict(
            "\n".join(map(str, conflicts)),
            sources=tuple(dict.fromkeys(s for conflict in conflicts for s in conflict.sources)),
        )
    return registry


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _giver(module: object) -> Callable[[], object]:
    return lambda: module


def _installed(
    plugins: Literal["all", "none"] | Sequence[str], faults: list[str]
) -> list[tuple[str, str, Callable[[], Any]]]:
    if plugins == "none":
        return []
    points = sorted(entry_points(group=hookspecs.PROJECT), key=lambda p: (p.name, _distribution(p)))
    if isinstance(plugins, str) and plugins != "all":
        message = f"plugins={plugins!r}: 'all', 'none' or a list of names"
        raise ArgumentError(message)
    if plugins != "all":
        absent = sorted(set(plugins) - {REGISTERED, *(point.name for point in points)})
        if absent:
            there = ", ".join(sorted({point.name for point in points})) or "none"
            message = f"no plugin is named {', '.join(absent)}; installed: {there}"
            raise ArgumentError(message)
        points = [point for point in points if point.name in plugins]
    by_name: dict[str, list[EntryPoint]] = {}
    for point in points:
        by_name.setdefault(point.name, []).append(point)
    for name, same in by_name.items():
        sources = ", ".join(sorted(_distribution(point) for point in same))
        if name in _KEPT:
            faults.append(f"{_KEPT[name]}: {sources} must take another")
        elif len(same) > 1:
            count = len(same)
            faults.append(f"{count} plugins are named {name!r}: {sources}; uninstall all but one")
    return [
        (p.name, _distribution(p), p.load)
        for p in points
        if len(by_name[p.name]) == 1 and p.name not in _KEPT
    ]


def _distribution(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "unknown distribution"


def _unknown_hooks(manager: pluggy.PluginManager, name: str, distribution: str) -> Iterable[str]:
    plugin = manager.get_plugin(name)
    known = [hook for hook in vars(hookspecs) if hook.startswith("hhpu_")]
    if not {*known} & {*dir(plugin)}:
        yield f"{name} ({distribution}) supplies nothing: it has none of {', '.join(known)}"
    for attribute in sorted(dir(plugin)):
        marked = getattr(getattr(plugin, attribute, None), "hhpu_impl", None) is not None
        if attribute in known:
            if not marked:
                yield f"{name} ({distribution}): {attribute} lacks the @hookimpl mark"
        elif marked or attribute.startswith("hhpu_harm"):
            yield (
                f"{name} ({distribution}): there is no hook {attribute!r}"
                f"{_near(attribute, known)}; the hooks are {', '.join(known)}"
            )


def _collect(
    registry: Registry,
    manager: pluggy.PluginManager,
    plugin: tuple[str, str],
    faults: list[str],
    conflicts: list[RegistryConflict],
) -> Registry:
    name, distribution = plugin
    source = f"{name} ({distribution})"
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
            for value in _supplied(implementation.function, kind, f"{source}: {hook}", faults):
                prefixed = value.name == name or value.name.startswith(f"{name}-")
                if name != _BUILTIN and not prefixed:
                    faults.append(
                        f"{source}: {value.name!r} must be named {name!r} or "
                        f"begin with {name + '-'!r}, so that its source shows"
                    )
                    continue
                if kind is HarmIndex and value.name == DEFAULT_INDEX:
                    faults.append(
                        f"{source}: the name {DEFAULT_INDEX!r} is kept for the registered workbook "
                        "(hhpu indices add-cambridge FILE); a plugin's index takes a longer name, "
                        f"such as {DEFAULT_INDEX + '-own'!r}"
                    )
                    continue
                try:
                    registry = add(registry, attrs.evolve(value, supplier=distribution))
                except RegistryConflict as conflict:
                    conflicts.append(conflict)
    loaded = Plugin(name=name, distribution=distribution, hooks=tuple(hooks))
    return attrs.evolve(registry, plugins=(*registry.plugins, loaded))


def _collect_store(
    registry: Registry, faults: list[str], conflicts: list[RegistryConflict]
) -> Registry:
    """Add the registered indices, as if a plugin had supplied them."""
    indices = read_store(faults)
    for index in indices:
        try:
            registry = registry.with_index(index)
        except RegistryConflict as conflict:
            conflicts.append(conflict)
    if not indices:
        return registry
    loaded = Plugin(name=REGISTERED, distribution=SUPPLIER, hooks=("hhpu_harm_indices",))
    return attrs.evolve(registry, plugins=(*registry.plugins, loaded))


def _supplied(
    function: Callable[[], object], kind: type, where: str, faults: list[str]
) -> list[Any]:
    """Call a hook for its values of the right kind, adding what is wrong to ``faults``."""
    try:
        given = function()
        iterable = isinstance(given, Iterable) and not isinstance(given, str | Mapping)
        values = list(given) if isinstance(given, Iterable) and iterable else None
    except (Exception, SystemExit) as error:
        told = str(error) if isinstance(error, HhpuError) else f"{type(error).__name__}: {error}"
        faults.append(f"{where} fails: {told}")
        return []
    if values is None:
        faults.append(f"{where} gives a {type(given).__name__}, not a list of {kind.__name__}")
        return []
    strange = [type(value).__name__ for value in values if not isinstance(value, kind)]
    faults += [f"{where} gives a {other}, not a {kind.__name__}" for other in strange]
    return [value for value in values if isinstance(value, kind)]
