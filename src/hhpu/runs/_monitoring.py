"""Whether the algorithm is still tested, and still does what was declared of it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import numpy as np
import pandas as pd

from hhpu.domain import Decided
from hhpu.errors import HhpuError, InputRefused
from hhpu.ranking import Fate, Ranking
from hhpu.runs._declaration import Monitored, RunDeclaration
from hhpu.runs._manifest import MANIFEST, earlier_runs, is_as_written, read_manifest
from hhpu.tables import NO_DAY, Checked, Coded, day_to_date

if TYPE_CHECKING:
    from hhpu.validation import CapturedAt, ValidationSummary

__all__ = [
    "Measure",
    "Monitoring",
    "Overrides",
    "drift",
    "monitored",
    "read_test",
    "refuse_other_test",
]

KEPT, REVIEW, OVERDUE, UNJUDGED = "as declared", "review needed", "overdue", "not judged"
_RANKING: Final = "ranking.csv"
_PROPOSED: Final = "to-assess.csv"


@attrs.frozen(kw_only=True)
class Measure:
    """One key of ``[monitoring]``, and how the run stands to it.

    Parameters
    ----------
    key : str
        The key.
    declared : int or float
        What was declared: days, a share or a distance.
    found : int, float or None
        What the run has; None where that cannot be said.
    state : str
        ``as declared``, ``review needed``, ``overdue`` or ``not judged``.
    told : str
        In a sentence without its full stop.
    """

    key: str
    declared: int | float
    found: int | float | None
    state: str
    told: str


@attrs.frozen(kw_only=True)
class Overrides:
    """What named people decided of the proposals of earlier runs.

    Of several decisions on one proposal the latest counts.

    Parameters
    ----------
    proposals : int
        People on the lists of people to assess, each counted once a list.
    adopted, rejected : int
        Proposals so decided, in the days that are looked at.
    undecided : int
        Proposals without a decision up to the run.
    contradicting : int
        Proposals adopted and rejected on one day: in neither count.
    of_no_proposal : int
        Rows that match no proposal of a run of the series, or were decided before it was made.
    later : int
        Rows decided after the date of the run: not counted.
    """

    proposals: int
    adopted: int
    rejected: int
    undecided: int
    contradicting: int
    of_no_proposal: int
    later: int

    @property
    def decided(self) -> int:
        """Proposals adopted or rejected."""
        return self.adopted + self.rejected

    @property
    def share(self) -> float | None:
        """Share of the decided that was rejected; None where nothing was decided."""
        return self.rejected / self.decided if self.decided else None


@attrs.frozen(kw_only=True)
class Monitoring:
    """Whether the test of the algorithm is overdue, and why a review is needed.

    Judged at the date of the run and never at the day of the call: made again it says the same.

    Parameters
    ----------
    declared : bool
        Whether the run file has anything in ``[monitoring]``.
    test : ValidationSummary or None
        The test that was named.
    file : str
        Its file; empty for none.
    discounted : str
        Why it counts as no test; empty where it counts, or where none was named.
    due : datetime.date or None
        When the next test is due; None where ``test_every`` is not declared or no test counts.
    measures : tuple of Measure
        A line for each threshold that was declared.
    overrides : Overrides or None
        What named people decided; None without a table of decisions.
    drift_from : datetime.date or None
        The run with whose scores this one's are compared.
    warnings : tuple of str
        What no threshold is declared of, and a reader must still know.
    """

    declared: bool = False
    test: ValidationSummary | None = None
    file: str = ""
    discounted: str = ""
    due: dt.date | None = None
    measures: tuple[Measure, ...] = ()
    overrides: Overrides | None = None
    drift_from: dt.date | None = None
    warnings: tuple[str, ...] = ()

    @property
    def overdue(self) -> bool:
        """Whether the test of the algorithm is overdue."""
        return any(measure.state == OVERDUE for measure in self.measures)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why a review is needed; empty where none is."""
        return tuple(measure.told for measure in self.measures if measure.state == REVIEW)

    @property
    def alarms(self) -> tuple[str, ...]:
        """What heads a report: an overdue test, and why a review is needed."""
        late = tuple(f"{_upper(m.told)}." for m in self.measures if m.state == OVERDUE)
        if not self.reasons:
            return late
        return (*late, f"Review needed, because {'; and because '.join(self.reasons)}.")

    def to_frame(self) -> pd.DataFrame:
        """Give ``key, declared, found, state, told``, a line for each threshold."""
        names = [field.name for field in attrs.fields(Measure)]
        lines = [
            [m.key, str(m.declared), "" if m.found is None else str(m.found), m.state, m.told]
            for m in self.measures
        ]
        return pd.DataFrame(lines, columns=names, dtype=object)

    def to_dict(self) -> dict[str, Any]:
        """Give what the manifest says of it; nobody's id."""
        test = self.test
        return {
            "declared": self.declared,
            "test": None
            if test is None
            else {
                "file": self.file,
                "digest": test.digest,
                "origins": [test.origins[0], test.origins[-1], len(test.origins)],
                "data_end": test.ends,
                "counts": not self.discounted,
                "why_not": self.discounted,
            },
            "test_due": self.due,
            "overdue": self.overdue,
            "review_needed": bool(self.reasons),
            "alarms": self.alarms,
            "warnings": self.warnings,
            "measures": [attrs.asdict(measure) for measure in self.measures],
            "drift_from": self.drift_from,
            "overrides": None if self.overrides is None else attrs.asdict(self.overrides),
        }


def _upper(told: str) -> str:
    return told[:1].upper() + told[1:]


def read_test(declaration: RunDeclaration) -> ValidationSummary | None:
    """Read the test that a run file names.

    Raises
    ------
    ArgumentError
        If it cannot be read.
    InputRefused
        If it is no validation, or was changed since it was written.
    """
    path = declaration.test
    if path is None:
        return None
    from hhpu.validation import read_validation  # statistics that no other run needs

    try:
        return read_validation(path)
    except HhpuError as error:
        message = f"[monitoring] validation: {error}"
        raise type(error)(message) from error


def refuse_other_test(
    declaration: RunDeclaration, day: dt.date, test: ValidationSummary | None
) -> None:
    """Refuse to replace a run that was made by one with another test.

    Raises
    ------
    InputRefused
        If the run of the day is there, and was made with another test.
    """
    folder = declaration.folder / day.isoformat()
    if not (folder / MANIFEST).is_file():
        return
    told = read_manifest(folder).get("monitoring")
    if told is None:
        return
    before = None if told["test"] is None else told["test"]["digest"]
    if before != (None if test is None else test.digest):
        was = "none" if before is None else f"{told['test']['file']} ({before[:19]})"
        message = (
            f"the run of {day} is there, and the test it was made with was {was}: a run that was "
            "made is not replaced by one with another. Name that file in [monitoring] validation "
            "to make it again; a new test counts from the next run. Give each test a file of its "
            "own"
        )
        raise InputRefused(message)


def monitored(
    declaration: RunDeclaration,
    ranking: Ranking,
    day: dt.date,
    *,
    test: ValidationSummary | None,
    decisions: Checked | None,
) -> Monitoring:
    """Judge a run by what its file declares of the algorithm.

    Parameters
    ----------
    declaration : RunDeclaration
        What was declared.
    ranking : Ranking
        The ranking of the run.
    day : datetime.date
        Its date.
    test : ValidationSummary or None
        The last test.
    decisions : Checked or None
        The table of decisions.

    Returns
    -------
    Monitoring
        When the test is due, and why a review is needed.
    """
    asked = declaration.monitoring
    why_not = "" if test is None else _why_not(test, ranking, day)
    counts = test if test is not None and not why_not else None
    due = None
    if counts is not None and asked.test_every is not None:
        due = counts.ends + dt.timedelta(days=asked.test_every)
    overrides = None if decisions is None else _overrides(declaration, day, decisions)
    before = None
    measures = [*_tested(asked, day, counts, why_not, due)]
    measures += _captured(asked, declaration, ranking, counts, why_not)
    measures += _coverage(asked, ranking)
    if asked.most_drift is not None:
        found = _scores_before(declaration, ranking, day, counts)
        before = None if found is None else found[0]
        measures.append(_drift(asked.most_drift, ranking, found))
    if overrides is not None:
        measures += _overridden(asked, overrides)
    return Monitoring(
        declared=bool(asked),
        test=test,
        file="" if declaration.test is None else declaration.test.name,
        discounted=why_not,
        due=due,
        measures=tuple(measures),
        overrides=overrides,
        drift_from=before,
        warnings=tuple(_warnings(overrides)),
    )


def _why_not(test: ValidationSummary, ranking: Ranking, day: dt.date) -> str:
    """Why a test says nothing of this algorithm at this date; empty where it does."""
    scores = ranking.scores
    others = [
        name
        for name, theirs, ours in (
            ("index", test.index, scores.index.digest),
            ("definition", test.definition, scores.definition.digest),
            ("method", dict(test.method), scores.method.to_dict()),
            ("placing date", test.placing_date, scores.ledger.date),
        )
        if theirs != ours
    ]
    if others:
        return f"the test was of another {', '.join(others)}"
    if test.back:
        return f"the test was of lists {test.back:,} days old"
    if test.ends > day:
        return f"the data of the test end on {test.ends}, after this run"
    return ""


def _tested(
    asked: Monitored,
    day: dt.date,
    counts: ValidationSummary | None,
    why_not: str,
    due: dt.date | None,
) -> Iterator[Measure]:
    every = asked.test_every
    if every is None:
        return
    if counts is None or due is None:
        why = why_not or "no test is named"
        yield Measure(
            key="test_every", declared=every, found=None, state=OVERDUE,
            told=f"the test of the algorithm is overdue, for no test counts: {why}",
        )  # fmt: skip
        return
    late = (day - due).days
    ended = f"{every:,} days after {counts.ends}, when the data of the last test ended"
    told = (
        f"the test of the algorithm is overdue by {late:,} {'day' if late == 1 else 'days'}: it "
        f"was due on {due}, {ended}"
        if late > 0
        else f"the next test of the algorithm is due on {due}, {ended}"
    )
    yield Measure(
        key="test_every", declared=every, found=(day - counts.ends).days,
        state=OVERDUE if late > 0 else KEPT, told=told,
    )  # fmt: skip


def _captured(
    asked: Monitored,
    declaration: RunDeclaration,
    ranking: Ranking,
    counts: ValidationSummary | None,
    why_not: str,
) -> Iterator[Measure]:
    least = asked.least_captured
    if least is None:
        return
    nearest = None if counts is None else _nearest(counts, declaration, ranking)
    if nearest is None or nearest.value is None:
        why = why_not or (
            "the test had no outcome harm" if nearest is None else "nobody had later harm"
        )
        yield Measure(
            key="least_captured", declared=least, found=None, state=REVIEW,
            told=f"no test says what share of later harm the list held: {why}",
        )  # fmt: skip
        return
    low = nearest.value < least
    told = (
        f"the first {nearest.seats:,} of {nearest.people:,} people on the list of {nearest.origin} "
        f"(--top {nearest.at}, of the capacities tested the nearest to the bracket) held "
        f"{nearest.value:.1%} of the harm that followed{_interval(nearest, counts)}, and declared "
        f"is at least {least:.1%}"
    )
    yield Measure(
        key="least_captured", declared=least, found=nearest.value,
        state=REVIEW if low else KEPT, told=told,
    )  # fmt: skip


def _interval(held: CapturedAt, test: ValidationSummary | None) -> str:
    if held.low is None or held.high is None or test is None:
        return ""
    return f" ({test.level:.0%} interval {held.low:.1%} to {held.high:.1%})"


def _nearest(
    test: ValidationSummary, declaration: RunDeclaration, ranking: Ranking
) -> CapturedAt | None:
    """The capacity at the last origin whose share of people is nearest to the bracket's."""
    here = [held for held in test.captured if held.origin == test.origins[-1]]
    seats = ranking.top(declaration.bracket).k
    share = seats / len(ranking) if len(ranking) else 0.0
    return min(
        here, key=lambda held: (abs(held.seats / held.people - share), held.seats), default=None
    )


def _coverage(asked: Monitored, ranking: Ranking) -> Iterator[Measure]:
    least = asked.least_coverage
    if least is None:
        return
    scored = ranking.scores.fate_counts()[Fate.COUNTED.label]
    unscored = ranking.scores.coverage()["unscored_offences"]
    found = scored / (scored + unscored) if scored + unscored else None
    if found is None:
        yield Measure(
            key="least_coverage", declared=least, found=None, state=UNJUDGED,
            told="no offence is in the window",
        )  # fmt: skip
        return
    yield Measure(
        key="least_coverage", declared=least, found=found,
        state=REVIEW if found < least else KEPT,
        told=f"{found:.1%} of the {scored + unscored:,} offences in the window are scored, and "
        f"declared is at least {least:.1%}",
    )  # fmt: skip


def drift(before: Mapping[int, int], now: Mapping[int, int]) -> float:
    r"""The Kolmogorov-Smirnov distance between two distributions of scores, exactly.

    .. math:: D = \max_s |F_1(s) - F_2(s)|

    Parameters
    ----------
    before, now : mapping of int to int
        How many people have each score.

    Returns
    -------
    float
        From 0, the same, to 1: all of one above all of the other.

    Examples
    --------
    >>> drift({1: 3, 5: 1}, {1: 2, 5: 2})
    0.25
    """
    sizes = sum(before.values()), sum(now.values())
    one = other = most = 0
    for score in sorted(before.keys() | now.keys()):
        one += before.get(score, 0)
        other += now.get(score, 0)
        most = max(most, abs(one * sizes[1] - other * sizes[0]))
    return most / (sizes[0] * sizes[1])


def _drift(
    most: float, ranking: Ranking, found: tuple[dt.date, Mapping[int, int]] | None
) -> Measure:
    def unjudged(why: str) -> Measure:
        return Measure(key="most_drift", declared=most, found=None, state=UNJUDGED, told=why)

    if found is None:
        return unjudged(
            "no earlier run under this definition and method is there to compare scores with"
        )
    day, before = found
    now = Counter(map(int, ranking.scores.amounts.tolist()))
    if not before or not now:
        return unjudged(f"nobody was ranked in this run, or in that of {day}")
    far = drift(before, now)
    return Measure(
        key="most_drift", declared=most, found=far, state=REVIEW if far > most else KEPT,
        told=f"the distribution of scores lies {far:.3f} from that of the run of {day} "
        f"(Kolmogorov-Smirnov), and declared is at most {most:g}",
    )  # fmt: skip


def _scores_before(
    declaration: RunDeclaration, ranking: Ranking, day: dt.date, test: ValidationSummary | None
) -> tuple[dt.date, Mapping[int, int]] | None:
    """The scores of the run by which drift is judged: how many people had each.

    It is the last by the day on which the data of the test end, and where there is none, or no
    test, the first; of those under the same definition and method that are as they were written.
    """
    past = earlier_runs(declaration.folder, before=day)
    if test is not None:
        tested = [each for each in past if each[0] <= test.ends]
        past = [*reversed(tested), *past[len(tested) :]]
    scores = ranking.scores
    wanted = (scores.definition.digest, scores.method.to_dict(), scores.ledger.date)
    for when, folder in past:
        manifest = _as_written(folder, _RANKING)
        if manifest is None:
            continue
        method = {key: manifest["method"].get(key) for key in wanted[1]}
        date = manifest["declaration"]["parameters"]["date"]
        if (manifest["definition"]["digest"], method, date) == wanted:
            return when, _counts(folder / _RANKING, scores.denominator)
    return None


def _as_written(folder: Path, name: str) -> dict[str, Any] | None:
    """The manifest of a run one of whose files is as it was written; None where it is not."""
    try:
        manifest = read_manifest(folder)
    except HhpuError:
        return None
    return manifest if is_as_written(folder, manifest, name) else None


def _counts(path: Path, denominator: int) -> Mapping[int, int]:
    table = pd.read_csv(
        path, dtype=str, usecols=["score"], keep_default_na=False, lineterminator="\n"
    )
    held = Counter(table["score"].tolist())
    return {int(Decimal(text) * denominator): count for text, count in held.items()}


def _overrides(declaration: RunDeclaration, day: dt.date, decisions: Checked) -> Overrides:
    proposed = _proposed(declaration, day)
    within = declaration.monitoring.overridden_within
    since = dt.date.min if within is None else day - dt.timedelta(days=within)
    latest: dict[tuple[dt.date, str], tuple[dt.date, set[str]]] = {}
    stray = later = 0
    for person, listed, word, decided in _rows_of(decisions):
        if decided > day:
            later += 1
        elif person not in proposed.get(listed, ()) or decided < listed:
            stray += 1
        else:
            held = latest.get((listed, person))
            if held is None or held[0] < decided:
                latest[listed, person] = (decided, {word})
            elif held[0] == decided:
                held[1].add(word)
    recent = [words for decided, words in latest.values() if decided > since]
    size = sum(map(len, proposed.values()))
    return Overrides(
        proposals=size,
        adopted=sum(words == {Decided.ADOPTED} for words in recent),
        rejected=sum(words == {Decided.REJECTED} for words in recent),
        undecided=size - len(latest),
        contradicting=sum(len(words) > 1 for words in recent),
        of_no_proposal=stray,
        later=later,
    )


def _proposed(declaration: RunDeclaration, day: dt.date) -> dict[dt.date, frozenset[str]]:
    """Whom each earlier run put to assessment, where its list is as it was written."""
    found = {}
    for when, folder in earlier_runs(declaration.folder, before=day):
        if _as_written(folder, _PROPOSED) is not None:
            table = pd.read_csv(
                folder / _PROPOSED, dtype=str, usecols=["offender_id"], keep_default_na=False,
                lineterminator="\n",
            )  # fmt: skip
            found[when] = frozenset(table["offender_id"].tolist())
    return found


def _rows_of(decisions: Checked) -> Iterable[tuple[str, dt.date, str, dt.date]]:
    """Person, date of the list, word and day of each decision that has them all."""
    people, words = decisions.coded("offender_id"), decisions.coded("decision")
    listed, decided = decisions.days("as_of"), decisions.days("decided_on")
    if people is None or words is None or listed is None or decided is None:
        return
    whole = (listed != NO_DAY) & (decided != NO_DAY)
    dates = (np.where(whole, days, 0).tolist() for days in (listed, decided))
    for person, word, when, on, good in zip(
        _texts(people), _texts(words), *dates, whole.tolist(), strict=True
    ):
        list_date, day = day_to_date(when), day_to_date(on)
        if good and list_date is not None and day is not None:
            yield person, list_date, word, day


def _texts(column: Coded) -> list[str]:
    return [column.values[code] for code in column.codes.tolist()]


def _overridden(asked: Monitored, held: Overrides) -> Iterator[Measure]:
    share = held.share
    days = asked.overridden_within
    span = "so far" if days is None else f"in the last {days:,} days"
    for key, limit in (
        ("most_overridden", asked.most_overridden), ("least_overridden", asked.least_overridden),
    ):  # fmt: skip
        if limit is None:
            continue
        most = key.startswith("most")
        if share is None:
            told = (
                f"no decision {span} is on record, of {held.proposals:,} proposals"
                if held.proposals
                else "no earlier run of the series proposed anybody"
            )
            state = REVIEW if held.proposals else UNJUDGED
        else:
            state = REVIEW if (share > limit if most else share < limit) else KEPT
            told = (
                f"named people overrode {share:.1%} of the {held.decided:,} proposals decided "
                f"{span}, and declared is at {'most' if most else 'least'} {limit:.1%}"
            )
        yield Measure(key=key, declared=limit, found=share, state=state, told=told)


def _warnings(held: Overrides | None) -> Iterator[str]:
    if held is None:
        return
    if held.decided and not held.rejected:
        yield (
            f"Nobody overrode any of the {held.decided:,} proposals decided: a list that is always "
            "followed decides. Look whether each was reviewed"
        )
    if held.contradicting:
        yield (
            f"Proposals adopted and rejected on one day: {held.contradicting:,}. They are not "
            "counted; correct the table of decisions"
        )
    if held.of_no_proposal:
        yield (
            "Decisions that match no proposal of a run of this series, or were made before it: "
            f"{held.of_no_proposal:,}. They are not counted; as_of is the date of the run, "
            "offender_id as on its to-assess.csv"
        )
