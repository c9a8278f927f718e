"""The files of a run."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import pandas as pd

from hhpu.indices import HarmDefinition, IndexRef, write_definition, write_index
from hhpu.output import csv_bytes, json_bytes
from hhpu.provenance import canonical_json
from hhpu.runs._believed import alarms_of_sources
from hhpu.runs._lists import LISTS, problems_of, tables_of
from hhpu.runs._manifest import MANIFEST, sealed, versions
from hhpu.runs._report import report_page

if TYPE_CHECKING:
    from hhpu.runs._run import Run

__all__ = ["FILES", "INDEX_FOLDER", "made_files", "own_digest", "told_of"]

INDEX_FOLDER: Final = "index"
FILES: Final = frozenset({
    MANIFEST, "ranking.csv", "bracket.csv", "to-assess.csv", "left.csv", "why.csv", "movement.csv",
    "verify.csv", "problems.csv", "unmapped.csv", "basis.csv", "rules.csv", "series.csv",
    "unscored-people.csv", "monitoring.csv", "definition.toml", INDEX_FOLDER, "report.html",
})  # fmt: skip


def made_files(run: Run) -> dict[str, bytes]:
    """Make every file of a run; the manifest last, for it knows the others."""
    tables = tables_of(run)
    files = {name: csv_bytes(table) for name, table in tables.items()}
    files |= _definition_files(run.ranking.scores.definition)
    files["report.html"] = report_page(run, tables, files).encode("utf-8")
    manifest = sealed(_content(run, tables["bracket.csv"]), files)
    return {**files, MANIFEST: json_bytes(manifest)}


def told_of(run: Run) -> dict[str, Any]:
    """Give what the manifest says of a run, but for its files."""
    content = _content(run, tables_of(run)["bracket.csv"])
    plain = json.loads(canonical_json(dict(content)))
    return {key: plain[key] for key in content}


def own_digest(definition: HarmDefinition) -> str:
    """Digest a definition whatever index it is bound to."""
    return attrs.evolve(definition, index=IndexRef(name="any")).digest


def _definition_files(definition: HarmDefinition) -> dict[str, bytes]:
    """The definition and its index as they were used, so that the run can be made again."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        written = write_definition(definition, folder / "definition.toml")
        index = write_index(definition.bound_index, folder / INDEX_FOLDER)
        files = {"definition.toml": written.read_bytes()}
        for path in sorted(index.iterdir()):
            files[f"{INDEX_FOLDER}/{path.name}"] = path.read_bytes()
    return files


def _content(run: Run, bracket: pd.DataFrame) -> Mapping[str, Any]:
    """What the manifest says, in printing order; nobody's id and nobody's score."""
    declaration, scores, base = run.declaration, run.ranking.scores, run.ledger
    top = run.ranking.top(declaration.bracket)
    lists = bracket["list"].value_counts()
    definition = scores.definition
    return {
        "force": declaration.force,
        "name": declaration.name,
        "as_of": run.as_of,
        "previous": None if run.previous is None else run.previous.scores.date,
        "earlier": {"read": run.earlier.read, "not_as_written": run.earlier.unread},
        "declaration": {
            "file": declaration.path.name,
            "digest": declaration.digest,
            "parameters": declaration.to_dict(),
        },
        "inputs": run.sources.files,
        "ledger": {
            "digest": base.digest,
            "rows": len(base),
            "extracts": [attrs.asdict(taken) for taken in base.extracts],
        },
        "index": definition.bound_index.to_dict(),
        "registered_definition": {
            "name": run.registered.name,
            "edition": run.registered.edition,
            "digest": run.registered.digest,
            "digest_without_index": own_digest(run.registered),
        },
        "definition": definition.to_dict(),
        "method": scores.method.to_dict(),
        "plugins": [[p.name, p.distribution] for p in run.registry.plugins],
        "versions": versions(),
        "bracket": {
            "declared": declaration.bracket,
            "seats": top.k,
            "inside": len(top.above),
            "tied_at_the_edge": len(top.tied),
            **{name.replace(" ", "_"): int(lists.get(name, 0)) for name in LISTS},
        },
        "movement": None if run.movement is None else run.movement.counts(),
        "monitoring": run.monitoring.to_dict(),
        "ranking": run.ranking.to_dict(),
        "not_checked": run.not_checked,
        "sources_doubted": [each for part in alarms_of_sources(run.sources) for each in part],
        "problems": {name: problems.to_dict() for name, problems in problems_of(run).items()},
    }
