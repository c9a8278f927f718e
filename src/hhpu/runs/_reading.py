"""What a run reads: its sources, its definition, its ledger."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from hhpu import indices
from hhpu.errors import ArgumentError, DefinitionError, InputRefused
from hhpu.indices import ChoiceNames, Chosen, HarmDefinition, Registry
from hhpu.ledger import Ledger, encode
from hhpu.runs._declaration import RunDeclaration
from hhpu.runs._schema import KEYS, SOURCES
from hhpu.tables import (
    CORRECTIONS,
    DECISIONS,
    IDENTITIES,
    OFFENCES,
    PEOPLE,
    SPELLS,
    Checked,
    SettingNames,
    TableContract,
    Tabular,
    check,
    policy_of,
)

__all__ = ["Sources", "choose_definition", "read_sources", "read_table"]

_CONTRACTS: Final[Mapping[str, TableContract]] = {
    "offences": OFFENCES,
    "people": PEOPLE,
    "spells": SPELLS,
    "identities": IDENTITIES,
    "corrections": CORRECTIONS,
    "decisions": DECISIONS,
}


@attrs.frozen(eq=False)
class Sources:
    """The sources of a run after their checks.

    Parameters
    ----------
    checked : mapping of str to Checked
        By name.
    files : mapping of str to dict
        For each: name of the file, SHA-256, rows, columns read.
    extract : Ledger
        The offences as encoded.
    """

    checked: Mapping[str, Checked]
    files: Mapping[str, Mapping[str, Any]]
    extract: Ledger

    def get(self, name: str) -> Checked | None:
        """One of them; None where it is not declared."""
        return self.checked.get(name)


def read_sources(
    declaration: RunDeclaration, as_of: dt.date, definition: HarmDefinition
) -> Sources:
    """Check every source of a run and encode the offences.

    Raises
    ------
    InputRefused
        With the structural faults of all of them, or the sources that are missing.
    """
    paths = {
        name: path for name in SOURCES if (path := declaration.source(name, as_of)) is not None
    }
    missing = [f"{name}: {path}" for name, path in paths.items() if not path.is_file()]
    if missing:
        told = "\n".join(f"  - {each}" for each in missing)
        message = f"{declaration.path.name} names sources that are not there:\n{told}"
        raise InputRefused(message)
    keys = definition.bound_index.keys
    classify = tuple(dict.fromkeys((*declaration.classify, *keys)))
    checked: dict[str, Checked] = {}
    refused: list[str] = []
    for name, path in paths.items():
        try:
            checked[name] = _checked(declaration, name, path, as_of=as_of, classify=classify)
        except InputRefused as error:
            refused.append(f"{name} ({path.name}): {error}")
    if refused:
        raise InputRefused("\n".join(refused))
    extract = encode(
        checked["offences"],
        people=checked.get("people"),
        notation=declaration.notation,
        criminal_age=declaration.criminal_age,
        policy=policy_of(keep_placeholders=declaration.keep_placeholders),
    )
    files = {
        name: {
            "file": path.name,
            "sha256": _sha256(path),
            "rows": checked[name].rows_in,
            "rows_rejected": checked[name].problems.rows_excluded,
            "columns": sorted(checked[name].read),
        }
        for name, path in paths.items()
    }
    return Sources(checked=checked, files=files, extract=extract)


def read_table(declaration: RunDeclaration, name: str, table: Tabular[Any]) -> Checked:
    """Check one table that stands beside the offences of a run: a source, or the corrections.

    Raises
    ------
    InputRefused
        With its structural faults.
    """
    try:
        return _checked(declaration, name, table)
    except InputRefused as error:
        file = f" ({Path(table).name})" if isinstance(table, str | Path) else ""
        message = f"{name}{file}: {error}"
        raise InputRefused(message, problems=error.problems) from error


def _checked(
    declaration: RunDeclaration,
    name: str,
    table: Tabular[Any],
    *,
    as_of: dt.date | None = None,
    classify: tuple[str, ...] = (),
) -> Checked:
    offences = name == "offences"
    return check(
        table,
        contract=_CONTRACTS[name],
        columns=declaration.columns.get(name),
        values=_values_of(declaration, name),
        classify=classify if offences else (),
        date=declaration.date,
        date_order=declaration.date_order_of(name),
        timezone=declaration.timezone,
        as_of=as_of if offences else None,
        policy=policy_of(keep_placeholders=declaration.keep_placeholders),
        encoding=declaration.encoding_of(name),
        named=_key_names(declaration, name),
    )


def _values_of(declaration: RunDeclaration, name: str) -> Mapping[str, Mapping[str, str]]:
    """The words of a source; of the corrections, those of the offences."""
    if name in SOURCES:
        return declaration.values.get(name, {})
    words = declaration.values.get("offences", {})
    return {ours: each for ours, each in words.items() if ours in _CONTRACTS[name].names}


def _key_names(declaration: RunDeclaration, source: str) -> SettingNames:
    """Give the keys of a run file by which a source, or the corrections, are read."""
    mapped, encoding = source in SOURCES, declaration.encoding
    return SettingNames(
        columns=f'[columns.{source}] {{column}} = "{{theirs}}"' if mapped else "",
        values=f'[values.{source}.{{column}}] theirs = "ours"' if mapped else "",
        classify='[reading] classify = ["{value}"]',
        date='[reading] date = "{value}"',
        date_order=_of_each(declaration, "date_order", source),
        timezone='[sources] timezone = "{value}"',
        encoding=_of_each(declaration, "encoding", source),
        encoding_set='[sources] encoding = "{value}"' if isinstance(encoding, str) else "",
        notation='[reading] notation = "{value}"',
        placeholders="[reading] keep_placeholders = true",
    )


def _of_each(declaration: RunDeclaration, key: str, source: str) -> str:
    """The form of a key that changes one source and leaves the others as they are."""
    others = {
        name: declaration.setting_of(key, name) for name in declaration.sources if name != source
    }
    if not others:
        return f'[sources] {key} = "{{value}}"'
    usual = KEYS["sources"][key].default
    kept = "".join(f'{name} = "{value}", ' for name, value in others.items() if value != usual)
    return f'[sources] {key} = {{{{ {kept}{source} = "{{value}}" }}}}'


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise ArgumentError(message) from error


def choose_definition(declaration: RunDeclaration, registry: Registry) -> Chosen:
    """Find the definition of a run as it is registered or written, and as it is used.

    Raises
    ------
    UnknownName, RegistryConflict, DefinitionError
        As the registry and the readers say.
    """
    subject = f"run file {declaration.path.name}"
    return indices.choose_definition(
        registry,
        index=declaration.index,
        edition=declaration.index_edition,
        definition=declaration.definition,
        window=declaration.window,
        approx=declaration.approx,
        accept_approximate=declaration.accept_approximate,
        base=declaration.path.parent,
        named=ChoiceNames(
            index="[harm] index",
            edition="[harm] index_edition",
            approx="[harm] approx",
            accept_approximate="accept_approximate = true",
            error=lambda faults: DefinitionError(subject, faults),
        ),
    )
