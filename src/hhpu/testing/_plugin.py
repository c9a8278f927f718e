"""The conformance check of a plugin, and the assertion for a test."""

from __future__ import annotations

from pathlib import Path

from hhpu.errors import PluginError, RegistryConflict
from hhpu.indices import HarmDefinition, HarmIndex, load_registry
from hhpu.testing._definition import check_definition
from hhpu.testing._index import check_index
from hhpu.testing._report import ConformanceReport, Finding, Outcome, outcome

__all__ = ["assert_conforms", "check_plugin"]


def check_plugin(name: str, module: object) -> ConformanceReport:
    """Check a plugin: that it loads, and that all it supplies conforms.

    Parameters
    ----------
    name : str
        The entry-point name that it has or will have.
    module : module or object
        The plugin itself, with its hooks; it need not be installed.

    Returns
    -------
    ConformanceReport
        With the findings of every index and definition that it supplies.

    Examples
    --------
    >>> import types
    >>> report = check_plugin("exampleshire", types.ModuleType("hhpu_exampleshire"))
    >>> report.conforms
    False
    """
    subject = f"plugin {name}"
    try:
        registry = load_registry(plugins="none", modules={name: module})
    except PluginError as error:
        findings = outcome(subject, "loading", error.faults, "")
        return ConformanceReport(subject=subject, digest="", findings=findings)
    except RegistryConflict as error:
        findings = outcome(subject, "loading", str(error).splitlines(), "")
        return ConformanceReport(subject=subject, digest="", findings=findings)
    hooks = next(plugin.hooks for plugin in registry.plugins if plugin.name == name)
    supplier = f"module {name}"
    indices = [index for index in registry.indices if index.supplier == supplier]
    definitions = [each for each in registry.definitions if each.supplier == supplier]
    reports = [check_index(index) for index in indices]
    for definition in definitions:
        own = [
            index
            for index in indices
            if index.name == definition.index.name
            and getattr(definition.index, "edition", None) in (None, index.edition)
        ]
        reports.append(check_definition(definition, index=own[0] if len(own) == 1 else None))
    told = f"{', '.join(hooks)}: {len(indices)} indices, {len(definitions)} definitions"
    if not reports:
        findings = outcome(subject, "loading", [f"{told}: it supplies nothing"], "")
        return ConformanceReport(subject=subject, digest="", findings=findings)
    findings = [Finding(subject, "loading", Outcome.PASSED, told)]
    findings += [finding for report in reports for finding in report.findings]
    return ConformanceReport(subject=subject, digest="", findings=findings)


def assert_conforms(
    subject: ConformanceReport | HarmIndex | HarmDefinition | str | Path,
    *,
    index: HarmIndex | None = None,
) -> None:
    """Fail a test with the whole report, unless there is no fault.

    Parameters
    ----------
    subject : ConformanceReport, HarmIndex, HarmDefinition, str or Path
        A report, or what to check: a path is an index's folder or a definition's TOML file.
    index : HarmIndex, optional
        The index to bind a definition to.

    Raises
    ------
    AssertionError
        With the report as a table.

    Examples
    --------
    >>> from hhpu import load_registry
    >>> assert_conforms(load_registry(plugins="none").index("cambridge-chart"))
    """
    if isinstance(subject, ConformanceReport):
        report = subject
    elif isinstance(subject, HarmDefinition) or (
        isinstance(subject, str | Path) and Path(subject).suffix == ".toml"
    ):
        report = check_definition(subject, index=index)
    else:
        report = check_index(subject)
    if not report.conforms:
        raise AssertionError(report.to_text())
