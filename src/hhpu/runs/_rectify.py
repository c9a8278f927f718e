"""Rectification: the past runs in which a wrong record counted, and whom it moved."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
import pandas as pd

from hhpu.domain import Correction, Wrong
from hhpu.errors import ArgumentError, InputRefused, OutputError, expect
from hhpu.indices import HarmIndex, Notation
from hhpu.indices.codes import CodeProblem, read_code
from hhpu.ledger import Ledger, corrected, versions_of
from hhpu.output import csv_bytes, json_bytes, made_by_system, publishing_folder, write_bytes
from hhpu.provenance import Provenance, canonical_json, sha256_of
from hhpu.ranking import Fate, Ranking, Scores, rank
from hhpu.runs._again import definition_of, made_again, method_of
from hhpu.runs._declaration import RunDeclaration
from hhpu.runs._manifest import (
    RECTIFICATION,
    RECTIFIED,
    earlier_runs,
    read_manifest,
    sealed,
    verify_files,
    versions,
    withdrawn_runs,
)
from hhpu.runs._reading import read_sources, read_table
from hhpu.tables import (
    CORRECTIONS,
    NO_DAY,
    REASONS,
    Checked,
    Coded,
    Problems,
    Tabular,
    day_number,
    day_to_date,
)

__all__ = ["Rectification", "rectify"]

Ints = npt.NDArray[np.int64]
NOT_FOUND: Final = "not found"
NEVER: Final = "never counted"
_FACTS: Final = ("force", "name", "declaration", "decided_on", "corrections", "versions")
_WHOLE: Final = "byte for byte"
_SCORES: Final = "in order and scores"
_BENIGN: Final = frozenset({"number-as-id", "doubtful-date"})
_VALUES: Final = tuple(
    name
    for name in CORRECTIONS.names
    if name not in ("offence_id", "offender_id", "what", "decided_on", "to_offender_id", "reason")
)


@attrs.frozen(eq=False, repr=False, kw_only=True)
class Rectification:
    """What wrong records did to past runs; nothing is written until `write`.

    Parameters
    ----------
    declaration : RunDeclaration
        Whose runs they are.
    decided_on : datetime.date
        Day of the latest decision.
    corrections : pandas.DataFrame
        A line for each correction: ``offence_id, offender_id, what, decided_on, to_offender_id``,
        the right values, ``reason``; then ``fate`` (``counted``, ``never counted: why`` or
        ``not found: why``), ``runs_counted, first_run, last_run``: where the wrong record counted;
        ``fate_corrected, runs_counted_corrected``: what the right one would have done.
    runs : pandas.DataFrame
        A line for each past run: ``as_of, counted, counted_corrected`` (corrections whose record
        counted as it was, and as it should have been), ``scores_changed, ranks_changed, enter,
        leave, put_to_assessment`` (people; the last are those whom the run put to assessment and
        who would not have been in its bracket), ``made_again``: how far the old ranking could be
        made again, ``byte for byte`` or ``in order and scores``; empty where nothing counted.
    moved : pandas.DataFrame
        A line for each run and each person whose score changed, or whose rank did and who is in
        the bracket of either ranking: ``as_of, offender_id, rank_before, rank_corrected,
        score_before, score_corrected, bracket, put_to_assessment``. ``bracket`` is what the
        correction makes of it: ``enters``, ``leaves``, ``stays`` or ``outside``; a rank is missing
        where the person is not ranked.
    rankings : mapping of datetime.date to bytes
        The corrected ranking, as CSV, of each run in which something counted.
    manifests : mapping of datetime.date to str
        The digests of the manifests of the past runs.
    not_looked_at : tuple of str
        The folders of runs that were withdrawn. A wrong record may have counted in them too, and
        their ``to-assess.csv`` may have been given to people.
    """

    declaration: RunDeclaration
    decided_on: dt.date
    corrections: pd.DataFrame
    runs: pd.DataFrame
    moved: pd.DataFrame
    rankings: Mapping[dt.date, bytes]
    manifests: Mapping[dt.date, str]
    not_looked_at: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return (
            f"Rectification({len(self.corrections)} corrections, {len(self.runs)} runs, "
            f"{len(self.rankings)} with another ranking)"
        )

    @property
    def folder(self) -> Path:
        """Where it is written: by the latest decision and the digest of all it says."""
        name = f"{self.decided_on.isoformat()}-{self._manifest()['digest'].split(':')[1][:12]}"
        return self.declaration.folder / "rectified" / name

    @property
    def provenance(self) -> Provenance:
        """What the past runs were made again from, and what could not be guaranteed."""
        content = self._content()
        facts = {name: content[name] for name in _FACTS}
        facts["runs"] = {day.isoformat(): digest for day, digest in self.manifests.items()}
        caveats = [
            f"The ranking of {line['as_of']} was made again in order and scores, and not byte for "
            "byte."
            for line in self.runs.to_dict("records")
            if line["made_again"] == _SCORES
        ]
        missing = self.fate_counts()[NOT_FOUND]
        if missing:
            caveats.append(f"Not found, and so without effect: {missing} of the corrections.")
        return Provenance(facts=facts, caveats=tuple(caveats))

    def fate_counts(self) -> dict[str, int]:
        """How many corrections counted, never counted, and were not found."""
        fates = self.corrections["fate"].str.split(":").str[0]
        return {word: int((fates == word).sum()) for word in (Fate.COUNTED.label, NEVER, NOT_FOUND)}

    def to_dict(self) -> dict[str, Any]:
        """Give what it says of itself, but for the files; nobody's id and nobody's score."""
        content = self._content()
        plain = json.loads(canonical_json(content))
        return {key: plain[key] for key in content}

    def _repr_html_(self) -> str:
        html: str = self.runs.to_html(index=False)
        return html

    def files(self) -> dict[str, bytes]:
        """Every file by name; the same input gives the same bytes."""
        return {**self._tables(), RECTIFICATION: json_bytes(self._manifest())}

    def write(self) -> Path:
        """Write it beside the runs, whole or not at all; no run and no other one is touched.

        Returns
        -------
        Path
            Its folder.

        Raises
        ------
        OutputError
            If it cannot be written, or its folder is there and was changed since.
        """
        files, folder = self.files(), self.folder
        if folder.exists():
            _refuse_other(folder, files)
            return folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        mark = (RECTIFICATION, f'{{\n  "format": "{RECTIFIED}"')
        with publishing_folder(folder, own=frozenset(), mark=mark) as temporary:
            for name, content in files.items():
                path = temporary / name
                path.parent.mkdir(exist_ok=True)
                write_bytes(path, content)
        return folder

    def _tables(self) -> dict[str, bytes]:
        files = {
            "runs.csv": csv_bytes(self.runs),
            "moved.csv": csv_bytes(self.moved),
            "corrections.csv": csv_bytes(self.corrections),
        }
        return files | {
            f"{day.isoformat()}/ranking.csv": content for day, content in self.rankings.items()
        }

    def _manifest(self) -> dict[str, Any]:
        return sealed(self._content(), self._tables(), form=RECTIFIED)

    def _content(self) -> dict[str, Any]:
        what = self.corrections["what"].value_counts()
        lines = self.runs.to_dict("records")
        return {
            "force": self.declaration.force,
            "name": self.declaration.name,
            "declaration": {
                "file": self.declaration.path.name,
                "digest": self.declaration.digest,
            },
            "decided_on": self.decided_on,
            "corrections": {
                "digest": _digest_of(self.corrections),
                "rows": len(self.corrections),
                **{str(word): int(what.get(str(word), 0)) for word in Wrong},
            },
            "fates": self.fate_counts(),
            "runs": [line | {"manifest": self.manifests[line["as_of"]]} for line in lines],
            "not_looked_at": self.not_looked_at,
            "versions": versions(),
        }


def _digest_of(corrections: pd.DataFrame) -> str:
    given = corrections.loc[:, :"reason"]
    return sha256_of(b"hhpu corrections 1", canonical_json(given.to_numpy().tolist()))


def _refuse_other(folder: Path, files: Mapping[str, bytes]) -> None:
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    held = {
        name: path.read_bytes()
        for name, path in there.items()
        if path.is_file() and not made_by_system(path.name)
    }
    if held != dict(files):
        message = (
            f"{folder} is there and not as it was written: nothing was touched. Put back the copy "
            "that was kept, or move it away"
        )
        raise OutputError(message)


def rectify(
    declaration: RunDeclaration,
    corrections: Tabular[Correction] | Checked,
    *,
    runs: Iterable[dt.date | str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Rectification:
    """Find the past runs in which wrong records counted, and what they did.

    Each past run is made again from what was known at its date, which must give the ranking that
    was written; then once more with the records as they should have been. So whatever differs is
    the corrections' doing.

    Parameters
    ----------
    declaration : RunDeclaration
        Whose runs they are: `read_run` reads one.
    corrections : dataframe, path, iterable of Correction, or Checked
        What was wrong; see `CORRECTIONS`. Words and dates are read as those of the declaration's
        offences.
    runs : iterable of datetime.date or str, optional
        The dates of the runs to look at; every past run if not given.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    Rectification
        To look at, or to write.

    Raises
    ------
    InputRefused
        If any correction cannot be used, with all that is wrong; if there is no past run; if a
        past run or the kept ledger was changed, or a run cannot be made again.
    ArgumentError
        If a date has no run.
    """
    expect(declaration, RunDeclaration, "rectify()", "read_run() reads one from a file")
    listed, lines = _records(declaration, corrections)
    past = _past(declaration, runs)
    tell = progress or (lambda _: None)
    tell("reading what was known")
    known = _Known(declaration, listed, lines, past[-1][0])
    found: list[_Looked] = []
    for day, folder in past:
        tell(f"making the run of {day} again")
        found.append(_look(known, day, folder))
    return Rectification(
        declaration=declaration,
        decided_on=max(correction.decided_on for correction in listed),
        corrections=_corrections(listed, found),
        runs=pd.DataFrame([each.line for each in found]),
        moved=_joined([each.moved for each in found]),
        rankings={each.day: each.ranking for each in found if each.ranking is not None},
        manifests={each.day: each.manifest for each in found},
        not_looked_at=tuple(path.name for path in withdrawn_runs(declaration.folder)),
    )


def _records(
    declaration: RunDeclaration, corrections: Tabular[Correction] | Checked
) -> tuple[list[Correction], list[int]]:
    """The corrections in order of offence and person, once all can be used; and their lines."""
    checked = corrections
    if not isinstance(checked, Checked):
        checked = read_table(declaration, "corrections", checked)
    if checked.contract is not CORRECTIONS:
        message = "rectify takes corrections: check(..., contract=CORRECTIONS)"
        raise ArgumentError(message)
    _refuse_columns(checked)
    _refuse_problems(checked.problems)
    if not len(checked):
        message = "there is no correction in the list: give a line for each link that was wrong"
        raise InputRefused(message, problems=checked.problems)
    rows = [
        dict(zip(CORRECTIONS.names, cells, strict=True))
        for cells in zip(*(_cells(checked, name) for name in CORRECTIONS.names), strict=True)
    ]
    _refuse_twice(checked, rows)
    ordered = sorted(
        zip(rows, (checked.rows + 2).tolist(), strict=True),
        key=lambda pair: (pair[0]["offence_id"], pair[0]["offender_id"]),
    )
    return [Correction(**row) for row, _ in ordered], [line for _, line in ordered]


def _cells(checked: Checked, name: str) -> list[Any]:
    column = checked.columns.get(name)
    if column is None:
        return [None] * len(checked)
    if isinstance(column, np.ndarray):
        return [day_to_date(day) for day in column.tolist()]
    if not isinstance(column, Coded):
        return column.packed(np.arange(len(checked))).tolist()
    words: list[Any] = [*column.values.tolist(), None]
    if CORRECTIONS.column(name).kind == "flag":
        words = [None if word is None else word == "true" for word in words]
    return [words[code] for code in column.codes.tolist()]


def _refuse_columns(checked: Checked) -> None:
    """A misspelt column would leave a record as it was, without a word."""
    if checked.unused:
        told = ", ".join(
            repr(name) + (f" (did you mean {near[0]!r}?)" if near else "")
            for name in checked.unused
            for near in [get_close_matches(name.lower(), CORRECTIONS.names, n=1)]
        )
        message = (
            f"the corrections have columns that are not read: {told}. Correct the heading, or take "
            "the column out; what the file should remember goes into reason"
        )
        raise InputRefused(message, problems=checked.problems)


def _refuse_problems(problems: Problems) -> None:
    lines = [
        f"  - {p.reason} [{p.column}] in rows {_few(p.listed(20) + 2, p.size)}: "
        f"{REASONS[p.reason].meaning}. {p.remedy}."
        for p in problems.found
        if p.reason not in _BENIGN
    ]
    if lines:
        told = "\n".join(lines)
        message = (
            "the corrections are refused, and none was used (rows are counted with the header as "
            f"the first):\n{told}"
        )
        raise InputRefused(message, problems=problems)


def _few(rows: Iterable[Any], size: int) -> str:
    told = [str(int(row)) for row in rows]
    return ", ".join(told) + (f" and {size - len(told)} more" if size > len(told) else "")


def _refuse_twice(checked: Checked, rows: Sequence[Mapping[str, Any]]) -> None:
    links = pd.Series([(row["offence_id"], row["offender_id"]) for row in rows])
    again = checked.rows[links.duplicated(keep=False).to_numpy()] + 2
    if len(again):
        message = (
            f"the corrections in rows {_few(again[:20], len(again))} (with the header as the "
            "first) are of links that have several: give each link one"
        )
        raise InputRefused(message, problems=checked.problems)


def _past(
    declaration: RunDeclaration, runs: Iterable[dt.date | str] | None
) -> list[tuple[dt.date, Path]]:
    past = earlier_runs(declaration.folder)
    if not past:
        message = f"there is no run in {declaration.folder}: nothing could have counted in one"
        withdrawn = ", ".join(path.name for path in withdrawn_runs(declaration.folder))
        if withdrawn:
            message = (
                f"there is no run in {declaration.folder} that was not withdrawn. A withdrawn one "
                f"is not made again ({withdrawn}): look for the records in its bracket.csv and "
                "to-assess.csv yourself"
            )
        raise InputRefused(message)
    if runs is None:
        return past
    try:
        wanted = {dt.date.fromisoformat(str(day)) for day in runs}
    except ValueError as error:
        message = "runs= takes dates such as 2026-03-31"
        raise ArgumentError(message) from error
    missing = sorted(wanted - {day for day, _ in past})
    if missing or not wanted:
        told = ", ".join(day.isoformat() for day in missing) or "no date"
        message = f"runs=: there is no run of {told} in {declaration.folder}"
        raise ArgumentError(message)
    return [(day, folder) for day, folder in past if day in wanted]


class _Known:
    """What was known at the past runs; each file is read once."""

    def __init__(
        self,
        declaration: RunDeclaration,
        listed: list[Correction],
        lines: list[int],
        last: dt.date,
    ) -> None:
        self.declaration = declaration
        self.listed = listed
        self.lines = lines
        self.last = last
        self._right: dict[int, tuple[list[tuple[Ints, bool]], Ledger]] = {}
        self._kept: Ledger | None = None
        self._versioned: dict[tuple[str, ...], Ledger] = {}
        self._tables: dict[Path, Checked] = {}

    def ledger(self, day: dt.date, folder: Path, manifest: dict[str, Any]) -> Ledger:
        """The ledger of a run; what it took since was not yet known then, and so does not count."""
        if self.declaration.keeps_versions:
            definition = definition_of(folder, manifest)
            keys = definition.bound_index.keys
            if keys not in self._versioned:
                sources = read_sources(self.declaration, self.last, definition)
                self._versioned[keys] = sources.extract
            return self._versioned[keys]
        path = self.declaration.ledger
        if self._kept is None:
            if not path.is_file():
                message = f"there are runs in {folder.parent}, and no ledger {path}: put it back"
                raise InputRefused(message)
            self._kept = Ledger.load(path)
        taken = [attrs.asdict(each) for each in self._kept.extracts if each.day <= day]
        if manifest["ledger"]["extracts"] != json.loads(canonical_json(taken)):
            message = (
                f"the ledger {path} took other extracts up to {day} than the run of that day: it "
                "is not the ledger of these runs. Put theirs back"
            )
            raise InputRefused(message)
        return self._kept

    def right(self, ledger: Ledger) -> tuple[list[tuple[Ints, bool]], Ledger]:
        """The versions of each link in a ledger, and the ledger with all of them corrected."""
        if id(ledger) not in self._right:
            links = versions_of(ledger, [(c.offence_id, c.offender_id) for c in self.listed])
            rows = [mine for mine, _ in links]
            _refuse_early(self, ledger, rows)
            path = self.declaration.source("people", self.last)
            named = any(c.to_offender_id is not None for c in self.listed)
            people = None
            if named and path is not None and path.is_file():
                people = read_table(self.declaration, "people", path)
            made = corrected(ledger, self.listed, rows, people=people)
            self._right[id(ledger)] = (links, made)
        return self._right[id(ledger)]

    def table(self, name: str, day: dt.date, manifest: dict[str, Any]) -> Checked | None:
        """A source beside the offences as the run read it, or else as the last one did."""
        if name not in manifest["inputs"]:
            return None
        for date in (day, self.last):
            path = self.declaration.source(name, date)
            if path is not None and path.is_file():
                if path not in self._tables:
                    self._tables[path] = read_table(self.declaration, name, path)
                return self._tables[path]
        message = (
            f"the run of {day} read {name}, and neither that file nor the last run's is there: put "
            "one back"
        )
        raise InputRefused(message)


@attrs.frozen(eq=False, kw_only=True)
class _Looked:
    """What was found in one run."""

    day: dt.date
    manifest: str
    line: dict[str, Any]
    there: list[str]
    before: list[list[str]]
    after: list[list[str]]
    moved: pd.DataFrame
    ranking: bytes | None


def _look(known: _Known, day: dt.date, folder: Path) -> _Looked:
    manifest = read_manifest(folder)
    verify_files(folder, manifest)
    force = known.declaration.force
    if manifest["force"] != force:
        message = f"the run of {day} is of {manifest['force']!r} and the declaration of {force!r}"
        raise InputRefused(message)
    ledger = known.ledger(day, folder, manifest)
    identities, spells = (known.table(name, day, manifest) for name in ("identities", "spells"))
    ranking = made_again(ledger, folder, manifest, identities=identities, spells=spells)
    _refuse_damaged(known, ranking.scores.index)
    links, right_ledger = known.right(ledger)
    rows = [mine for mine, _ in links]
    right = rank(
        right_ledger,
        as_of=day,
        definition=ranking.scores.definition,
        method=method_of(manifest),
        identities=identities,
        spells=spells,
    )
    before = [_fates(ranking.scores, mine) for mine in rows]
    after = [
        ["withdrawn"] if _withdrawn(correction) and len(mine) else _fates(right.scores, mine)
        for correction, mine in zip(known.listed, rows, strict=True)
    ]
    counted, counts = (
        sum(Fate.COUNTED.label in fates for fates in each) for each in (before, after)
    )
    moved, ranks_changed = _moved(ranking, right, manifest["bracket"]["declared"], folder)
    concerned = bool(counted or counts or len(moved))
    moved.insert(0, "as_of", day)
    stored = (folder / "ranking.csv").read_bytes() if concerned else b""
    whole = concerned and csv_bytes(ranking.to_frame()) == stored
    score_changed = moved["score_before"].ne(moved["score_corrected"])
    line = {
        "as_of": day,
        "counted": counted,
        "counted_corrected": counts,
        "scores_changed": int(score_changed.sum()),
        "ranks_changed": ranks_changed,
        "enter": int((moved["bracket"] == "enters").sum()),
        "leave": int((moved["bracket"] == "leaves").sum()),
        "put_to_assessment": int(moved["put_to_assessment"].sum()),
        "made_again": (_WHOLE if whole else _SCORES) if concerned else "",
    }
    return _Looked(
        day=day,
        manifest=manifest["digest"],
        line=line,
        there=["linked" if len(mine) else "offence" if some else "" for mine, some in links],
        before=before,
        after=after,
        moved=moved,
        ranking=csv_bytes(right.to_frame()) if concerned else None,
    )


def _refuse_damaged(known: _Known, index: HarmIndex) -> None:
    """Refuse right codes that a spreadsheet damaged, where the index is not of codes as written."""
    if index.codes not in list(Notation):
        return
    damaged = [
        line
        for correction, line in zip(known.listed, known.lines, strict=True)
        if correction.code is not None
        and read_code(correction.code, notation=known.declaration.notation).problem
        is CodeProblem.DAMAGED
    ]
    _refuse_lines(
        damaged, "give a code that a spreadsheet turned into a date or number",
        "Write the code as text",
    )  # fmt: skip


def _refuse_early(known: _Known, ledger: Ledger, rows: Sequence[Ints]) -> None:
    """Refuse decisions of before the day of the offence, and before anything was known of it."""
    early = []
    for correction, line, mine in zip(known.listed, known.lines, rows, strict=True):
        days = np.concatenate([ledger.day[mine], ledger.known_from[mine]])
        days = days[days != NO_DAY]
        if correction.day is not None:
            days = np.append(days, day_number(correction.day))
        if len(mine) and day_number(correction.decided_on) < days.min():
            early.append(line)
    _refuse_lines(
        early, "were decided before the offence was there", "Correct decided_on: another year?"
    )


def _refuse_lines(lines: Sequence[int], what: str, remedy: str) -> None:
    if lines:
        message = (
            f"the corrections in rows {_few(sorted(lines)[:20], len(lines))} (with the header as "
            f"the first) {what}; none was used. {remedy}"
        )
        raise InputRefused(message)


def _withdrawn(correction: Correction) -> bool:
    return correction.what is not Wrong.CORRECTED and correction.to_offender_id is None


def _fates(scores: Scores, rows: Ints) -> list[str]:
    """The fates of the versions of a link that were in force, or else of all."""
    fates = [Fate(fate) for fate in np.unique(scores.fates[rows]).tolist()]
    closed = (Fate.NOT_YET_KNOWN, Fate.SUPERSEDED)
    in_force = [fate for fate in fates if fate not in closed]
    return [fate.label for fate in in_force or fates]


def _moved(
    before: Ranking, after: Ranking, k: int | float | str, folder: Path
) -> tuple[pd.DataFrame, int]:
    """Who moved, and how many people's ranks changed."""
    columns = ["offender_id", "rank", "score"]
    one, other = (
        each.to_frame(details=False)[columns].astype({"rank": "Int64"}) for each in (before, after)
    )
    both = one.merge(other, on="offender_id", how="outer", suffixes=("_before", "_corrected"))
    for name in ("score_before", "score_corrected"):
        both[name] = both[name].fillna("").astype("str")
    inside = [both["offender_id"].isin(_bracket(each, k)).to_numpy() for each in (before, after)]
    words = np.array(["outside", "leaves", "enters", "stays"])
    both["bracket"] = pd.Series(words[inside[0] + 2 * inside[1]], dtype="str")
    assess = pd.read_csv(folder / "to-assess.csv", dtype=str, keep_default_na=False)
    sent = both["offender_id"].isin(assess["offender_id"]) & (both["bracket"] == "leaves")
    both["put_to_assessment"] = sent.astype(bool)
    ranks = both["rank_before"].fillna(0).ne(both["rank_corrected"].fillna(0))
    scores = both["score_before"].ne(both["score_corrected"])
    moved = both[scores | ((ranks | (inside[0] != inside[1])) & (inside[0] | inside[1]))]
    ordered = moved.sort_values(["rank_before", "rank_corrected", "offender_id"], ignore_index=True)
    names = [
        "offender_id", "rank_before", "rank_corrected", "score_before", "score_corrected",
        "bracket", "put_to_assessment",
    ]  # fmt: skip
    return ordered[names], int(ranks.sum())


def _bracket(ranking: Ranking, k: int | float | str) -> list[str]:
    top = ranking.top(k)
    return ranking.ids(np.concatenate([top.above, top.tied]))


def _joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([t for t in tables if len(t)] or tables[:1], ignore_index=True)


def _corrections(listed: list[Correction], found: list[_Looked]) -> pd.DataFrame:
    lines = []
    for place, correction in enumerate(listed):
        counted, right = (
            [each.day for each in found if Fate.COUNTED.label in getattr(each, side)[place]]
            for side in ("before", "after")
        )
        before, after = (
            list(dict.fromkeys(fate for each in found for fate in getattr(each, side)[place]))
            for side in ("before", "after")
        )
        there = {each.there[place] for each in found}
        if counted:
            fate = Fate.COUNTED.label
        elif "linked" in there:
            fate = f"{NEVER}: {'; '.join(before)}"
        elif "offence" in there:
            fate = f"{NOT_FOUND}: the offence is not linked to this person"
        else:
            fate = f"{NOT_FOUND}: no such offence"
        lines.append(
            {
                **_given(correction),
                "fate": fate,
                "runs_counted": len(counted),
                "first_run": counted[0].isoformat() if counted else "",
                "last_run": counted[-1].isoformat() if counted else "",
                "fate_corrected": "; ".join(after),
                "runs_counted_corrected": len(right),
            }
        )
    return pd.DataFrame(lines)


def _given(correction: Correction) -> dict[str, str]:
    names = (
        "offence_id", "offender_id", "what", "decided_on", "to_offender_id", *_VALUES, "reason",
    )  # fmt: skip
    return {name: _text(getattr(correction, name)) for name in names}


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
