"""One run: read, keep the ledger, rank, compare with the last run, write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import attrs
import pandas as pd

from hhpu.errors import ArgumentError, InputRefused, RegistryConflict, expect
from hhpu.indices import HarmDefinition, Registry, load_registry
from hhpu.ledger import BeliefNames, ExtractTaken, Ledger, births_known
from hhpu.output import (
    alone,
    as_it_was,
    make_folder,
    publishing_folder,
    remove_remains,
    write_bytes,
)
from hhpu.provenance import Provenance
from hhpu.ranking import Movement, Ranking, rank, refuse_unmapped
from hhpu.ranking import movement as moved
from hhpu.runs._again import made_again
from hhpu.runs._believed import alarms_of_sources, refuse_fallen, refuse_rejected
from hhpu.runs._declaration import RunDeclaration
from hhpu.runs._earlier import Earlier, as_told, read_earlier
from hhpu.runs._lists import problems_of
from hhpu.runs._manifest import (
    MANIFEST,
    MARK,
    RUN_FOLDERS,
    WITHDRAWN,
    earlier_runs,
    read_manifest,
    registered_digest,
    verify_files,
)
from hhpu.runs._monitoring import Monitoring, monitored, read_test, refuse_other_test
from hhpu.runs._outputs import FILES, made_files, own_digest, told_of
from hhpu.runs._reading import Sources, choose_definition, read_sources
from hhpu.runs._standing import Standing, refuse_overtaken, refuse_replacing, taken_by
from hhpu.tables import DAMAGED_ID, REASONS, day_to_date, read_day

__all__ = ["Run", "run"]

_BELIEFS: Final = BeliefNames(
    most_fall="[thresholds] most_fall_in_rows", least_same="[thresholds] least_rows_same"
)
_NO_SCORE: Final = "decisions"


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Run:
    """What a run found; nothing is written until `write`.

    Parameters
    ----------
    declaration : RunDeclaration
        What was declared.
    as_of : datetime.date
        The date.
    registry : Registry
        What was installed.
    registered : HarmDefinition
        The definition as registered or written, before the run's own settings.
    sources : Sources
        What was read.
    ledger : Ledger
        Everything known at the date.
    ranking : Ranking
        The ranking.
    previous : Ranking or None
        The last run's ranking, made again from this ledger, with the availability that it told;
        None for a first run.
    movement : Movement or None
        What moved people since then.
    earlier : Earlier
        Who was in the bracket of any run before.
    monitoring : Monitoring
        Whether the test of the algorithm is overdue, and why a review is needed.
    standing : Standing
        What stood when it was made; `write` refuses where that changed.
    """

    declaration: RunDeclaration
    as_of: dt.date
    registry: Registry
    registered: HarmDefinition
    sources: Sources
    ledger: Ledger
    ranking: Ranking
    previous: Ranking | None
    movement: Movement | None
    earlier: Earlier = Earlier()
    monitoring: Monitoring = Monitoring()
    standing: Standing = Standing()

    def __repr__(self) -> str:
        told = "a first run" if self.movement is None else repr(self.movement)
        return f"Run({self.declaration.name} as of {self.as_of}: {self.ranking!r}; {told})"

    @property
    def folder(self) -> Path:
        """Where the run is written."""
        return self.declaration.folder / self.as_of.isoformat()

    @property
    def provenance(self) -> Provenance:
        """What the ranking was made from, and what could not be guaranteed."""
        base = self.ranking.provenance
        large, small = alarms_of_sources(self.sources)
        return attrs.evolve(base, caveats=(*large, *base.caveats, *small))

    @property
    def alarms(self) -> tuple[str, ...]:
        """What makes the whole run doubtful: of its scores, and of the sources beside them."""
        scores = self.ranking.scores
        found = (*scores.alarms, *alarms_of_sources(self.sources)[0])
        rounded = sum(each.count(DAMAGED_ID) for each in problems_of(self).values())
        if not rounded or scores.ledger.count_of(DAMAGED_ID):
            return found
        reason = REASONS[DAMAGED_ID]
        return (f"{reason.meaning}: {rounded} rows. {reason.remedy}.", *found)

    @property
    def not_checked(self) -> tuple[str, ...]:
        """Declared thresholds that compare with the last extract, where there is none."""
        if len(self.ledger.extracts) != 1:
            return ()
        names = ("most_fall_in_rows", "least_rows_same")
        return tuple(name for name in names if getattr(self.declaration, name) is not None)

    def to_dict(self) -> dict[str, Any]:
        """Give what the manifest says, but for the files; nobody's id and nobody's score."""
        return told_of(self)

    def _repr_html_(self) -> str:
        told = {
            "as of": self.as_of,
            "last run": "none" if self.previous is None else self.previous.scores.date,
            "people ranked": len(self.ranking),
            **{name.replace("_", " "): n for name, n in self.to_dict()["bracket"].items()},
        }
        html: str = pd.Series(told, dtype=object).to_frame(self.declaration.name).to_html()
        return html

    def files(self) -> dict[str, bytes]:
        """Every file of the run by name; the same input gives the same bytes."""
        return made_files(self)

    def write(self) -> Path:
        """Write the run and keep its ledger, whole or not at all.

        Returns
        -------
        Path
            The folder of the run.

        Raises
        ------
        OutputError
            If it cannot be written; what was there is then there unchanged.
        InputRefused
            If another run was written or withdrawn since the run was made; if a run of its date
            is there and this one is not the same.
        """
        files = self.files()
        folder, kept = self.folder, self.declaration.ledger
        make_folder(folder.parent)
        make_folder(kept.parent)
        with alone(kept), as_it_was(kept):
            remove_remains(folder.parent, of=RUN_FOLDERS)
            held = taken_by(self.declaration)
            refuse_overtaken(self, held)
            refuse_replacing(self, files)
            with publishing_folder(folder, own=FILES, mark=MARK) as temporary:
                for name, content in files.items():
                    path = temporary / name
                    make_folder(path.parent)
                    write_bytes(path, content)
                if not self.declaration.keeps_versions and len(self.ledger.extracts) >= len(held):
                    self.ledger.save(kept)
        return folder


def run(
    declaration: RunDeclaration,
    *,
    as_of: dt.date | str | None = None,
    registry: Registry | None = None,
    progress: Callable[[str], None] | None = None,
) -> Run:
    """Make a declared run at a date.

    Parameters
    ----------
    declaration : RunDeclaration
        What to do: `read_run` reads one.
    as_of : datetime.date or str, optional
        The date, instead of the declared one.
    registry : Registry, optional
        The installed indices and definitions; loaded if not given.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    Run
        To look at, or to write.

    Raises
    ------
    ArgumentError
        If no date is given or declared.
    InputRefused
        If a source, the test, the kept ledger or the last run is missing, changed or not what was
        declared.
    RegistryConflict
        If an index or definition has other content than at the last run, under the same name and
        edition.
    """
    expect(declaration, RunDeclaration, "run()", "read_run() reads one from a file")
    tell = progress or (lambda _: None)
    day = _date_of(declaration, as_of)
    known = load_registry() if registry is None else registry
    _refuse_other_declaration(declaration, day)
    test = read_test(declaration)
    refuse_other_test(declaration, day, test)
    chosen = choose_definition(declaration, known)
    registered, definition = chosen.registered, chosen.used
    last = _last_run(declaration, day)
    if last is not None:
        _refuse_changed(registered, definition, last[1])
    tell("reading the sources")
    sources = read_sources(declaration, day, definition)
    if last is not None:
        _refuse_columns(sources, last[1])
        refuse_fallen(declaration, sources, last[1])
    refuse_rejected(declaration, sources)
    tell("keeping the ledger")
    ledger, held = _ledger(declaration, day, sources)
    if last is not None:
        _refuse_other_history(declaration, ledger, last[1])
    tell("ranking")
    identities, spells = sources.get("identities"), sources.get("spells")
    ranking = rank(
        ledger,
        as_of=day,
        definition=definition,
        method=declaration.method,
        identities=identities,
        spells=spells,
    )
    if declaration.unmapped == "error":
        refuse_unmapped(ranking.scores, accept='[harm] unmapped = "report"')
    _refuse_unscored(declaration, ranking)
    previous = movement = None
    if last is not None:
        tell("comparing with the last run")
        previous = as_told(made_again(ledger, *last, identities=identities, spells=spells), last[0])
        movement = moved(previous, ranking, k=declaration.bracket)
    return Run(
        declaration=declaration,
        as_of=day,
        registry=known,
        registered=registered,
        sources=sources,
        ledger=ledger,
        ranking=ranking,
        previous=previous,
        movement=movement,
        earlier=read_earlier(declaration.folder, before=day),
        monitoring=monitored(
            declaration, ranking, day, test=test, decisions=sources.get("decisions")
        ),
        standing=Standing(
            again=(declaration.folder / day.isoformat() / MANIFEST).is_file(),
            last=None if last is None else last[1]["digest"],
            extracts=held,
        ),
    )


def _refuse_other_declaration(declaration: RunDeclaration, day: dt.date) -> None:
    """A run that was made is not replaced by one that was declared otherwise."""
    folder = declaration.folder / day.isoformat()
    if (folder / WITHDRAWN).is_file():
        message = (
            f"the run of {day} is withdrawn, and its folder was not yet set aside: withdraw it "
            "again (hhpu withdraw), then run"
        )
        raise InputRefused(message)
    if not (folder / MANIFEST).is_file():
        return
    if read_manifest(folder)["declaration"]["digest"] != declaration.digest:
        message = (
            f"the run of {day} is there, and was made under another declaration: the run file was "
            "changed since (manifest.json there holds it as it was). A run that was made is not "
            "replaced: put the run file back, or name another outputs folder"
        )
        raise InputRefused(message)


def _refuse_unscored(declaration: RunDeclaration, ranking: Ranking) -> None:
    most = declaration.most_unscored
    coverage = ranking.scores.coverage()
    share = coverage["share_of_offences"]
    if most is not None and share > most:
        table = ranking.scores.unmapped()
        first = ", ".join(
            f"{code or '(no code)'} {count:,} ({reason})"
            for code, count, reason in zip(
                table["code"][:5], table["offences"][:5], table["reason"][:5], strict=True
            )
        )
        message = (
            f"{share:.1%} of the offences in the window cannot be weighed or read, and declared is "
            f"at most {most:.1%} ([thresholds] most_unscored): {first}. Did a spreadsheet turn "
            "codes into dates, or did the words of a column change ([values.offences])?"
        )
        raise InputRefused(message)


def _date_of(declaration: RunDeclaration, as_of: dt.date | str | None) -> dt.date:
    if as_of is None:
        if declaration.as_of is None:
            message = "no date: give as_of=, or declare it in [run]"
            raise ArgumentError(message)
        return declaration.as_of
    day = day_to_date(read_day(as_of, "as_of"))
    if day is None:
        message = "as_of must be a date such as 2026-03-31"
        raise ArgumentError(message)
    return day


def _last_run(declaration: RunDeclaration, day: dt.date) -> tuple[Path, dict[str, Any]] | None:
    earlier = earlier_runs(declaration.folder, before=day)
    if not earlier:
        return None
    folder = earlier[-1][1]
    manifest = read_manifest(folder)
    verify_files(folder, manifest)
    if manifest["as_of"] != folder.name:
        message = (
            f"the run in {folder} is of {manifest['as_of']} by its manifest: give the folder back "
            "the name of its date"
        )
        raise InputRefused(message)
    if manifest["force"] != declaration.force:
        message = (
            f"the last run in {declaration.folder} is of {manifest['force']!r} and this one of "
            f"{declaration.force!r}: name another outputs folder"
        )
        raise InputRefused(message)
    return folder, manifest


def _refuse_changed(
    registered: HarmDefinition, definition: HarmDefinition, manifest: dict[str, Any]
) -> None:
    index = definition.bound_index
    pairs = (
        ("index", index, index.digest, manifest["index"], manifest["index"]["digest"]),
        (
            "definition", registered, own_digest(registered), manifest["registered_definition"],
            registered_digest(manifest),
        ),
    )  # fmt: skip
    for kind, now, digest, before, then in pairs:
        name, edition = now.name, now.edition
        if (before["name"], before["edition"]) == (name, edition) and then != digest:
            message = (
                f"{kind} {name!r} edition {edition!r} has other content than at the run of "
                f"{manifest['as_of']} ({digest[:19]}, then {then[:19]}): an edition "
                "never changes. Put the old content back, or give the new one another edition"
            )
            raise RegistryConflict(message, sources=("this run", f"the run of {manifest['as_of']}"))


def _refuse_columns(sources: Sources, manifest: dict[str, Any]) -> None:
    faults = []
    for name, told in sources.files.items():
        before = manifest["inputs"].get(name)
        if before is None or name == _NO_SCORE:
            continue
        gone = sorted(set(before["columns"]) - set(told["columns"]))
        new = sorted(set(told["columns"]) - set(before["columns"]))
        if gone:
            faults.append(f"{name} has no column {', '.join(gone)} any more")
        if new:
            faults.append(f"{name} has a new column {', '.join(new)}")
    gone = sorted(set(manifest["inputs"]) - set(sources.files) - {_NO_SCORE})
    if gone:
        faults.append(f"there is no source {', '.join(gone)} any more")
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        message = (
            f"what is read changed since the run of {manifest['as_of']}:\n{listed}\n"
            "A column that comes or goes changes scores. Have it put back; or begin a new series: "
            "another outputs folder"
        )
        raise InputRefused(message)


def _ledger(
    declaration: RunDeclaration, day: dt.date, sources: Sources
) -> tuple[Ledger, tuple[ExtractTaken, ...]]:
    """Everything known at the date, and what the kept ledger has taken.

    From the kept ledger, or from the versions of the source.
    """
    if declaration.keeps_versions:
        return sources.extract, ()
    kept = declaration.ledger
    source = declaration.force
    if not kept.is_file():
        if earlier_runs(declaration.folder, before=day):
            message = (
                f"there are earlier runs in {declaration.folder}, and no ledger {kept}: put it back"
            )
            raise InputRefused(message)
        return _as_kept(sources.extract.begin(day=day, source=source)), ()
    ledger = Ledger.load(kept)
    held = ledger.extracts
    if held[0].source != source:
        message = f"the ledger {kept} is of {held[0].source!r}, and this run of {source!r}"
        raise InputRefused(message)
    if day not in [taken.day for taken in held]:
        updated = ledger.update(
            sources.extract,
            day=day,
            source=source,
            most_fall=declaration.most_fall_in_rows,
            least_same=declaration.least_rows_same,
            named=_BELIEFS,
        )
        return _as_kept(updated), held
    again = ledger.back_to(day)
    content = sources.extract.begin(day=day, source=source).extracts[0].content
    if content != again.extracts[-1].content:
        files = _other_than_taken(declaration, day, sources)
        has = "has" if len(files) == 1 else "have"
        message = (
            f"the ledger took an extract of {day} with other content than "
            f"{' and '.join(files)} {has} now: an extract that was taken does not change. "
            "Put the old file back; a correction comes with the next extract. If it "
            "was damaged, withdraw its run (hhpu withdraw)"
        )
        raise InputRefused(message)
    if again.born is not None and sources.extract.born is not None:
        again = attrs.evolve(again, born=births_known(again, again, sources.extract))
    return _as_kept(again), held


def _other_than_taken(declaration: RunDeclaration, day: dt.date, sources: Sources) -> list[str]:
    """The files of an extract that are not those of its run; all of them where none can be told."""
    told = {name: sources.files[name] for name in ("offences", "people") if name in sources.files}
    folder = declaration.folder / day.isoformat()
    then = read_manifest(folder)["inputs"] if (folder / MANIFEST).is_file() else {}
    files = {name: str(file["file"]) for name, file in told.items()}
    other = [
        files[name]
        for name, file in told.items()
        if name in then and then[name]["sha256"] != file["sha256"]
    ]
    return other or list(files.values())


def _refuse_other_history(
    declaration: RunDeclaration, ledger: Ledger, manifest: dict[str, Any]
) -> None:
    told = [(taken["day"], taken["content"]) for taken in manifest["ledger"]["extracts"]]
    held = [(taken.day.isoformat(), taken.content) for taken in ledger.extracts]
    if held[: len(told)] != told:
        message = (
            f"the ledger {declaration.ledger} has not taken the extracts of which the run of "
            f"{manifest['as_of']} tells: it is an older copy, or another. Put back the one that "
            "was kept with that run"
        )
        raise InputRefused(message)


def _as_kept(ledger: Ledger) -> Ledger:
    """The ledger as it will be read from its file, so that a run made again is the same."""
    return Ledger.from_bytes(ledger.to_bytes(), name="the ledger")
