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
    DECISIONS,
    IDENTITIES,
    OFFENCES,
    PEOPLE,
    SPELLS,
    Checked,
    SettingNames,
    TableContract,
    check,
)

__all__ = ["Sources", "choose_definition", "key_names", "read_sources", "read_table"]

_CONTRACTS: Final[Mapping[str, TableContract]] = {
    "offences": OFFENCES,
    "people": PEOPLE,
    "spells": SPELLS,
    "identities": IDENTITIES,
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
        name: path for name in _CONTRACTS if (path := declaration.source(name, as_of)) is not None
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
        policy=_policy(declaration),
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


def read_table(declaration: RunDeclaration, name: str, path: Path) -> Checked:
    """Check one source of a run that stands beside the offences.

    Raises
    ------
    InputRefused
        With its structural faults.
    """
    try:
        return _checked(declaration, name, path)
    except InputRefused as error:
        message = f"{name} ({path.name}): {error}"
        raise InputRefused(message, problems=error.problems) from error


def _checked(
    declaration: RunDeclaration,
    name: str,
    path: Path,
    *,
    as_of: dt.date | None = None,
    classify: tuple[str, ...] = (),
) -> Checked:
    offences = name == "offences"
    return check(
        path,
        contract=_CONTRACTS[name],
        columns=declaration.columns.get(name),
        values=declaration.values.get(name),
        classify=classify if offences else (),
        date=declaration.date,
        date_order=declaration.date_order_of(name),
        timezone=declaration.timezone,
        as_of=as_of if offences else None,
        policy=_policy(declaration),
        encoding=declaration.encoding_of(name),
        named=key_names(declaration, name),
    )


def key_names(declaration: RunDeclaration, source: str) -> SettingNames:
    """Give the keys of a run file by which a source, or the corrections, are read."""
    mapped = source in SOURCES
    return SettingNames(
        columns=f'[columns.{source}] {{column}} = "theirs"' if mapped else "",
        values=f'[values.{source}.{{column}}] theirs = "ours"' if mapped else "",
        date='[reading] date = "{value}"',
        date_order=_of_each(declaration, "date_order", source),
        timezone='[sources] timezone = "{value}"',
        encoding=_of_each(declaration, "encoding", source),
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


def _policy(declaration: RunDeclaration) -> dict[str, str]:
    return {"placeholder-person": "kept"} if declaration.keep_placeholders else {}


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
