"""``hhpu indices``."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from hhpu.cli._choice import open_registry
from hhpu.cli._output import write_out
from hhpu.cli._summary import columns_of_text
from hhpu.errors import ArgumentError, DefinitionError
from hhpu.indices import HarmDefinition, HarmIndex, Registry, Weight, read_index
from hhpu.provenance import Citation
from hhpu.testing import check_index

__all__ = ["run_indices"]

_PREVIEW: Final = 5
_DIGITS: Final = 19


def run_indices(arguments: argparse.Namespace) -> int:
    """List, show or check harm indices."""
    if arguments.name in ("add-cambridge", "remove"):
        message = f"write `hhpu indices {arguments.name}` first, and its options after it"
        raise ArgumentError(message)
    if arguments.check is not None:
        if arguments.name is not None or arguments.edition is not None:
            message = "--check FOLDER goes without a name and without --edition"
            raise ArgumentError(message)
        lines = _checked(arguments.check, open_registry(arguments))
    elif arguments.name is not None:
        lines = _shown(open_registry(arguments), arguments.name, arguments.edition)
    elif arguments.edition is not None:
        message = "--edition goes with the name of an index"
        raise ArgumentError(message)
    else:
        lines = _listed(open_registry(arguments))
    write_out(("\n".join(lines) + "\n").encode("utf-8"))
    return 0


def _listed(registry: Registry) -> list[str]:
    indices: list[list[Any]] = [["name", "edition", "digest", "unit", "codes", "rows", "", "from"]]
    indices += [
        [
            index.name, index.edition, index.digest[:_DIGITS], index.unit, index.codes,
            str(len(index.weights)), "approximate" if index.approximate else "", index.supplier,
        ]
        for index in registry.indices
    ]  # fmt: skip
    definitions: list[list[Any]] = [
        ["name", "edition", "digest", "index it names", "rules", "from"]
    ]
    definitions += [
        [d.name, d.edition, d.digest[:_DIGITS], d.index.name, str(len(d.rules)), d.supplier]
        for d in registry.definitions
    ]
    plugins: list[list[Any]] = [["name", "distribution", "supplies"]]
    plugins += [
        [p.name, p.distribution, ", ".join(hook.removeprefix("hhpu_harm_") for hook in p.hooks)]
        for p in registry.plugins
    ]
    return [
        "Harm indices (hhpu rank --index NAME)",
        *columns_of_text(indices),
        "",
        "Harm definitions (hhpu rank --definition NAME)",
        *columns_of_text(definitions),
        "",
        "Plugins (hhpu ... --plugins NAME)",
        *columns_of_text(plugins),
        "",
        "`hhpu indices NAME` shows one with its sources; `hhpu indices --check FOLDER` checks one;",
        "`hhpu indices add-cambridge FILE` registers the official Cambridge workbook.",
    ]


def _shown(registry: Registry, name: str, edition: str | None) -> list[str]:
    if all(index.name != name for index in registry.indices):
        for definition in registry.definitions:
            if definition.name == name and edition in (None, definition.edition):
                return _definition(definition)
    index = registry.index(name, edition)
    return [*_index(index), "", *_sources(index.citations)]


def _index(index: HarmIndex) -> list[str]:
    bases = Counter(weight.basis for weight in index.weights)
    facts: list[list[Any]] = [
        ["title", index.title],
        ["digest", index.digest],
        ["from", index.supplier or "this call"],
        ["unit", f"{index.unit}, in steps of 1/{index.scale}"],
        ["codes", index.codes],
        ["key columns", ", ".join(index.keys) or "none"],
        ["licence", index.licence],
        ["approximate", "yes: a stand-in" if index.approximate else "no"],
        ["rows", f"{len(index.weights):,}, of which"],
        *(["", f"{count:,} {basis}"] for basis, count in bases.most_common()),
    ]
    if index.interval_threshold is not None:
        facts.append(["threshold", f"highest at most {index.interval_threshold} times the lowest"])
    expired = sum(weight.expired for weight in index.weights)
    if expired:
        facts.append(["expired codes", str(expired)])
    lines = [f"{index.name} {index.edition}", *columns_of_text(facts)]
    return [*lines, "", f"  {index.note}"] if index.note else lines


def _definition(definition: HarmDefinition) -> list[str]:
    reference = definition.index
    facts: list[list[Any]] = [
        ["title", definition.title],
        ["digest", definition.digest],
        ["from", definition.supplier or "this call"],
        ["index", f"{reference.name} {reference.edition or '(any edition)'}"],
        ["window", f"{definition.window} days" if definition.window else "all history"],
        ["kept apart", ", ".join(sorted(definition.apart)) or "nothing"],
    ]
    facts += [[f"status {name}", f"{share}%"] for name, share in definition.percentages().items()]
    rules: list[list[Any]] = [["rule", "group", "status", "looks at"]]
    for rule in definition.rules:
        codes = len(rule.class_codes) + len(rule.recorded_codes) + len(rule.codes)
        looks = [*rule.flags, *([f"{codes} codes"] if codes else [])]
        rules.append([rule.name, rule.group, str(rule.status), ", ".join(looks)])
    lines = [f"{definition.name} {definition.edition}", *columns_of_text(facts)]
    lines += ["", f"  {definition.note}"] if definition.note else []
    lines += ["", *columns_of_text(rules)] if definition.rules else ["  every offence counts"]
    return [*lines, "", *_sources(definition.citations)]


def _sources(citations: Iterable[Citation]) -> list[str]:
    lines = ["Sources"]
    for citation in citations:
        read = f"; read {citation.read}" if citation.read else ""
        lines.append(f"  [{citation.key}] {citation.label}{read}")
        if citation.note:
            lines.append(f"      {citation.note}")
    return lines


def _checked(folder: Path, registry: Registry) -> list[str]:
    index = read_index(folder.expanduser())
    report = check_index(index)
    advice = [finding.detail for finding in report.faults if finding.check == "citations"]
    faults = [finding.detail for finding in report.faults if finding.check != "citations"]
    if faults:
        raise DefinitionError(str(folder), [*faults, *advice])
    registry.with_index(index)
    weighed = [weight for weight in index.weights if weight.weight is not None]
    heaviest = sorted(weighed, key=lambda w: (-(w.weight or 0), w.code))[:_PREVIEW]
    return [
        f"{folder} is a well-formed harm index",
        *_index(index),
        "",
        f"The first {min(_PREVIEW, len(index.weights))} rows",
        *_weights(index, index.weights[:_PREVIEW]),
        f"The heaviest {len(heaviest)}",
        *_weights(index, heaviest),
        f"Worked cases reproduced: {len(index.examples)}",
        *(f"Advice: {line}" for line in advice),
        "",
        f"Use it:  hhpu rank OFFENCES --as-of YYYY-MM-DD --index {folder}",
    ]


def _weights(index: HarmIndex, weights: Iterable[Weight]) -> list[str]:
    rows: list[list[Any]] = []
    for weight in weights:
        pairs = zip(index.keys, weight.keys, strict=True)
        keys = " ".join(f"{name}={key}" for name, key in pairs if key)
        amount = "interval only" if weight.weight is None else index.amount(weight.weight)
        rows.append([weight.code, keys, f"{amount} {index.unit}", weight.basis, weight.description])
    return columns_of_text(rows, indent="    ")
