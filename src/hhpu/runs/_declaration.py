"""The declaration of a run: one TOML file that names everything a run depends on."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import attrs

from hhpu.errors import ArgumentError, DefinitionError, not_utf8
from hhpu.indices import Approx
from hhpu.provenance import FrozenMapping, canonical_json, sha256_of
from hhpu.ranking import Method, method_named, parameters_of
from hhpu.runs._schema import FORMAT, KEYS, MAPPINGS, PATH_FORMS, SOURCES
from hhpu.tables import DateOrder

__all__ = ["Monitored", "RunDeclaration", "read_run"]

_AS_OF: Final = "{as_of}"
_BACKSLASH: Final = re.compile(r"""\s*[^#"']*=\s*"[^"]*\\""")
_BESIDE: Final = (
    "listed", "suppress_below", "most_fall_in_rows", "least_rows_same", "most_rejected",
    "most_unscored", "monitoring",
)  # fmt: skip


_EACH: Final = ("encoding", "date_order")


def _frozen(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return FrozenMapping({k: _frozen(v) if isinstance(v, Mapping) else v for k, v in value.items()})


def _frozen_table(value: str | Mapping[str, str]) -> str | Mapping[str, str]:
    return value if isinstance(value, str) else _frozen(value)


@attrs.frozen(kw_only=True)
class Monitored:
    """When the algorithm must be tested again, and what calls for a review; None where undeclared.

    Parameters
    ----------
    validation : str or None
        The file of the last test, as written: relative to the run file.
    test_every : int or None
        Days from the end of the data of one test to the day on which the next is due.
    least_captured, least_coverage, most_drift, most_overridden, least_overridden : float or None
        Shares, and a distance, beyond which a review is needed.
    overridden_within : int or None
        Days up to the run over whose decisions the share of overridden proposals is taken; None
        takes all.
    """

    validation: str | None = None
    test_every: int | None = None
    least_captured: float | None = None
    least_coverage: float | None = None
    most_drift: float | None = None
    most_overridden: float | None = None
    least_overridden: float | None = None
    overridden_within: int | None = None

    def __bool__(self) -> bool:
        return self != Monitored()


@attrs.frozen(kw_only=True)
class RunDeclaration:
    """What one run reads, how it ranks, what it compares and where it writes.

    Parameters
    ----------
    path : Path
        The file; paths in it are relative to its folder.
    force, name : str
        Whose run it is, and its name.
    sources : mapping of str to str
        Paths of ``offences`` and, where given, ``people``, ``spells``, ``identities`` and
        ``decisions``; ``{as_of}`` stands for the date of the run.
    keeps_versions : bool
        Whether the source keeps its versions (known_from, known_to); else it overwrites, and a
        ledger is kept beside the runs.
    columns, values : mapping
        For each source, as in `hhpu.check`.
    date, timezone : str
        As in `hhpu.check`.
    encoding, date_order : str or mapping of str to str
        As in `hhpu.check`, for all that is read; or for some sources and ``corrections``, and the
        default for the others.
    notation : str or None
        As in `hhpu.encode`.
    criminal_age : int
        As in `hhpu.encode`.
    classify : tuple of str
        As in `hhpu.encode`.
    keep_placeholders : bool
        Whether people who look like placeholders are ranked.
    index, index_edition, definition : str or None
        By name, or as a folder (index) or TOML file (definition).
    window : int or None
        Days of history; None leaves the definition's.
    approx : str or None
        The value of an interval-only code.
    accept_approximate : bool
        Whether an approximate index is accepted.
    unmapped : {"report", "error"}
        As in `hhpu.rank`.
    method : TotalHarm, OffenceCount or RecencyWeightedHarm
        The method.
    as_of : datetime.date or None
        The date, unless it is given at the call.
    bracket : int, float or str
        Seats of the top bracket: a number of people, or a share.
    most_fall_in_rows, least_rows_same : float or None
        What is believed of the next extract, as shares; required where a ledger is kept.
    most_rejected, most_unscored : float or None
        What is believed of any extract, as shares of its rows and of the offences in the window.
    suppress_below : int or None
        Counts of people below it are not printed on the page; None prints all.
    monitoring : Monitored
        When the next test is due, and what calls for a review.
    folder : Path
        Where runs are written, a folder for each date.
    ledger : Path
        The ledger file of a source that overwrites.
    listed : int
        Lines of each list on the page; the CSV files hold all.
    """

    path: Path
    force: str
    name: str
    sources: Mapping[str, str] = attrs.field(converter=_frozen)
    keeps_versions: bool
    columns: Mapping[str, Mapping[str, str]] = attrs.field(converter=_frozen)
    values: Mapping[str, Mapping[str, Mapping[str, str]]] = attrs.field(converter=_frozen)
    date: str
    date_order: str | Mapping[str, str] = attrs.field(converter=_frozen_table)
    timezone: str
    encoding: str | Mapping[str, str] = attrs.field(converter=_frozen_table)
    notation: str | None
    criminal_age: int
    classify: tuple[str, ...]
    keep_placeholders: bool
    index: str | None
    index_edition: str | None
    definition: str | None
    window: int | None
    approx: Approx | None
    accept_approximate: bool
    unmapped: Literal["report", "error"]
    method: Method
    as_of: dt.date | None
    bracket: int | float | str
    most_fall_in_rows: float | None
    least_rows_same: float | None
    most_rejected: float | None
    most_unscored: float | None
    suppress_below: int | None
    monitoring: Monitored
    folder: Path
    ledger: Path
    listed: int

    def source(self, name: str, as_of: dt.date) -> Path | None:
        """Give the path of a source on a date; None where it is not declared."""
        written = self.sources.get(name)
        if written is None:
            return None
        return self.path.parent / Path(written.replace(_AS_OF, as_of.isoformat())).expanduser()

    @property
    def test(self) -> Path | None:
        """Where the last test of the algorithm lies; None where none is declared."""
        written = self.monitoring.validation
        return None if written is None else self.path.parent / Path(written).expanduser()

    def encoding_of(self, source: str) -> str:
        """Give the encoding of a source, or of ``corrections``."""
        return self.setting_of("encoding", source)

    def date_order_of(self, source: str) -> DateOrder:
        """Give how dates are written in a source, or in ``corrections``."""
        return "dmy" if self.setting_of("date_order", source) == "dmy" else "iso"

    def setting_of(self, key: str, source: str) -> str:
        """Give what holds for a source of a key that may be of each."""
        given: str | Mapping[str, str] = getattr(self, key)
        default: str = KEYS["sources"][key].default
        return given if isinstance(given, str) else given.get(source, default)

    @property
    def digest(self) -> str:
        """SHA-256 of what decides the result, wherever the file lies and whatever is believed.

        What calls for a review is part of it once it is declared: a run that asked for one is not
        made again under thresholds that do not. Where the test lies is not; see its own digest.
        """
        content = {key: value for key, value in self.to_dict().items() if key not in _BESIDE}
        monitored = attrs.evolve(self.monitoring, validation=None)
        content |= {"monitoring": attrs.asdict(monitored)} if monitored else {}
        content |= {key: self._deciding(key) for key in _EACH}
        return sha256_of(FORMAT.encode(), canonical_json(content))

    def _deciding(self, key: str) -> str | Mapping[str, str]:
        """The setting of the sources that are read in a run, in its shortest form."""
        if isinstance(getattr(self, key), str):
            return str(getattr(self, key))
        each = {source: self.setting_of(key, source) for source in self.sources}
        default: str = KEYS["sources"][key].default
        if len(set(each.values())) == 1:
            return each["offences"]
        return {source: value for source, value in each.items() if value != default}

    def to_dict(self) -> dict[str, Any]:
        """Give every setting; not where the file lies, and not the date."""
        places = ("path", "folder", "ledger", "as_of")
        content = attrs.asdict(self, filter=lambda field, _: field.name not in places)
        return content | {"method": self.method.to_dict()}


def read_run(path: str | Path) -> RunDeclaration:
    """Read the declaration of a run.

    Parameters
    ----------
    path : str or Path
        A TOML file.

    Returns
    -------
    RunDeclaration
        What it says.

    Raises
    ------
    ArgumentError
        If it cannot be read.
    DefinitionError
        With every fault at once: a key that there is not, a value of the wrong kind, something
        missing, settings that do not go together.
    """
    path = Path(path).expanduser()
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise ArgumentError(message) from error
    except UnicodeDecodeError as error:
        raise DefinitionError(f"run file {path.name}", [not_utf8(raw, error)]) from error
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        fault = f"it is not TOML: {error}{_on_backslashes(text)}"
        raise DefinitionError(f"run file {path.name}", [fault]) from error
    faults = [*_faults(content), *_faults_of_mappings(content)]
    if not faults:
        faults += _faults_together(content)
    if faults:
        raise DefinitionError(f"run file {path.name}", faults)
    return _declared(path, content)


def _on_backslashes(text: str) -> str:
    """Say how a Windows path is written, where that may be the fault."""
    lines = [
        str(number)
        for number, line in enumerate(text.splitlines(), start=1)
        if _BACKSLASH.match(line)
    ]
    if not lines:
        return ""
    return (
        f". A backslash has a meaning of its own between double quotes (line {', '.join(lines)}): "
        f"write / or single quotes, {PATH_FORMS}"
    )


def _faults(content: Mapping[str, Any]) -> Iterable[str]:
    tables = {key: value for key, value in content.items() if isinstance(value, dict)}
    for name in tables:
        if name not in KEYS and name not in MAPPINGS:
            yield f"there is no table [{name}]{_near(name, (*KEYS, *MAPPINGS))}"
    loose = {key: value for key, value in content.items() if key not in tables}
    for name, known in KEYS.items():
        table = loose if not name else content.get(name, {})
        if not isinstance(table, dict):
            yield f"{name} is not a table: write [{name}]"
            continue
        where = f"[{name}] " if name else ""
        for key, value in table.items():
            if not name and (key in KEYS or key in MAPPINGS):
                yield f"{key} is not a table: write [{key}]"
            elif key not in known:
                yield f"{where}there is no key {key!r}{_near(key, known)}"
            elif (wanted := known[key].check(value)) is not None:
                yield f"{where}{key} is {wanted}"
    for name, known in KEYS.items():
        table = loose if not name else content.get(name)
        for key in (key for key, declared in known.items() if declared.required):
            if not isinstance(table, dict) or key not in table:
                yield f"{f'[{name}] ' if name else ''}{key} is missing"


def _near(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, [k for k in known if k], n=1)
    if close:
        return f" (did you mean {close[0]!r}?)"
    return f"; there are {', '.join(k for k in known if k)}"


def _faults_of_mappings(content: Mapping[str, Any]) -> Iterable[str]:
    sources = content.get("sources")
    declared = sources if isinstance(sources, dict) else {}
    for name in MAPPINGS:
        tables = content.get(name, {})
        if not isinstance(tables, dict):
            yield f"{name} is not a table: write [{name}.offences]"
            continue
        for source, mapping in tables.items():
            if source not in SOURCES:
                yield f"[{name}.{source}] is of no source{_near(source, SOURCES)}"
            elif source not in declared:
                yield f"[{name}.{source}]: [sources] names no {source}"
            elif name == "columns":
                yield from _faults_of_words(f"columns.{source}", mapping, "our name = theirs")
            elif not isinstance(mapping, dict):
                yield f"[values.{source}] holds tables of texts, one for each column: theirs = ours"
            else:
                for column, words in mapping.items():
                    yield from _faults_of_words(f"values.{source}.{column}", words, "theirs = ours")


def _faults_of_words(where: str, mapping: Any, told: str) -> Iterable[str]:
    if not isinstance(mapping, dict):
        yield f"[{where}] is a table of texts: {told}"
        return
    for key, value in mapping.items():
        if isinstance(value, str):
            continue
        written = str(value).lower() if isinstance(value, bool) else "..."
        yield f'[{where}] {key} is a text, in double quotes ({told}): {key} = "{written}"'


def _faults_together(content: Mapping[str, Any]) -> Iterable[str]:
    harm, sources = content.get("harm", {}), content["sources"]
    for key in _EACH:
        given = sources.get(key)
        for name in given if isinstance(given, dict) else ():
            if name in SOURCES and name not in sources:
                yield f"[sources] {key} is of {name}, and [sources] names no {name}"
    method = harm.get("method", KEYS["harm"]["method"].default)
    if ("half_life" in harm) != ("half_life" in parameters_of(method)):
        yield "[harm] half_life goes with method = 'recency-weighted', and that needs it"
    if "index_edition" in harm and "index" not in harm:
        yield "[harm] index_edition goes with index"
    thresholds = content.get("thresholds", {})
    for name in ("most_fall_in_rows", "least_rows_same"):
        if sources["records"] == "overwritten" and name not in thresholds:
            yield (
                f"[thresholds] {name} is missing: a ledger that is kept must know what to believe "
                "of the next extract"
            )
        if sources["records"] == "versioned" and name in thresholds:
            yield f"[thresholds] {name} is for records = 'overwritten': versions bring their own"
    if sources["records"] == "versioned" and "ledger" in content["outputs"]:
        yield "[outputs] ledger is for records = 'overwritten'"
    yield from _faults_of_monitoring(content.get("monitoring", {}), sources)


def _faults_of_monitoring(
    monitoring: Mapping[str, Any], sources: Mapping[str, Any]
) -> Iterable[str]:
    if _AS_OF in monitoring.get("validation", ""):
        yield f"[monitoring] validation holds no {_AS_OF}: one test stands until the next"
    if "least_captured" in monitoring and "validation" not in monitoring:
        yield "[monitoring] least_captured goes with validation: a test says what was captured"
    least, most = (monitoring.get(f"{each}_overridden") for each in ("least", "most"))
    if "decisions" not in sources:
        for name in ("most_overridden", "least_overridden", "overridden_within"):
            if name in monitoring:
                yield f"[monitoring] {name} goes with decisions: name their file in [sources]"
    if least is not None and most is not None and least > most:
        yield "[monitoring] least_overridden is above most_overridden: no share could be right"


def _declared(path: Path, content: Mapping[str, Any]) -> RunDeclaration:
    given = {
        name: {key: (content.get(name, {}) if name else content).get(key, declared.default)
               for key, declared in keys.items()}
        for name, keys in KEYS.items()
    }  # fmt: skip
    top, sources, reading, harm = (given[name] for name in ("", "sources", "reading", "harm"))
    thresholds, outputs = given["thresholds"], given["outputs"]
    folder = path.parent / Path(outputs["folder"]).expanduser()
    ledger = outputs["ledger"]
    return RunDeclaration(
        path=path,
        force=top["force"],
        name=top["name"] or path.stem,
        sources={name: sources[name] for name in SOURCES if sources[name] is not None},
        keeps_versions=sources["records"] == "versioned",
        columns=content.get("columns", {}),
        values=content.get("values", {}),
        date=reading["date"],
        date_order=sources["date_order"],
        timezone=sources["timezone"],
        encoding=sources["encoding"],
        notation=reading["notation"],
        criminal_age=reading["criminal_age"],
        classify=tuple(reading["classify"]),
        keep_placeholders=reading["keep_placeholders"],
        index=harm["index"],
        index_edition=harm["index_edition"],
        definition=harm["definition"],
        window=harm["window"],
        approx=harm["approx"],
        accept_approximate=harm["accept_approximate"],
        unmapped=harm["unmapped"],
        method=method_named(harm["method"], harm),
        as_of=given["run"]["as_of"],
        bracket=given["run"]["bracket"],
        most_fall_in_rows=thresholds["most_fall_in_rows"],
        least_rows_same=thresholds["least_rows_same"],
        most_rejected=thresholds["most_rejected"],
        most_unscored=thresholds["most_unscored"],
        suppress_below=thresholds["suppress_below"],
        monitoring=Monitored(**given["monitoring"]),
        folder=folder,
        ledger=folder / "ledger.npz" if ledger is None else path.parent / Path(ledger).expanduser(),
        listed=outputs["listed"],
    )
