"""``hhpu explain``."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import attrs
import pandas as pd

from hhpu.cli._choice import choose_definition, choose_method
from hhpu.cli._inputs import paths_of, progress, read_inputs
from hhpu.cli._output import write_out
from hhpu.errors import ArgumentError, UnknownName
from hhpu.output import csv_bytes, json_bytes, publishing, write_bytes
from hhpu.ranking import Explanation, Ranking, rank, refuse_unmapped
from hhpu.tables import other_encoding

__all__ = ["run_explain"]

_RULE: Final = "=" * 78


@attrs.frozen
class _Unranked:
    """A line of the ids that could not be explained; never the id itself."""

    line: int
    why: str


def run_explain(arguments: argparse.Namespace) -> int:
    """Explain the people whose ids are in a file or on standard input."""
    with ExitStack() as stack:
        temporary = None
        if arguments.out is not None:
            inputs = paths_of(arguments)
            if arguments.ids != "-":
                inputs.append(Path(arguments.ids))
            temporary = stack.enter_context(publishing(arguments.out, inputs=inputs))
        definition = choose_definition(arguments)
        wanted = _read_ids(arguments.ids, arguments.encoding)
        read = read_inputs(arguments, index=definition.bound_index)
        progress(arguments, "ranking")
        ranking = rank(
            read.ledger,
            as_of=arguments.as_of,
            definition=definition,
            method=choose_method(arguments),
            spells=read.spells,
        )
        if arguments.unmapped == "error":
            refuse_unmapped(ranking.scores, accept="--unmapped report")
        explained, unranked = _explain_all(ranking, wanted)
        for line in unranked:
            print(f"hhpu explain: line {line.line} of the ids: {line.why}", file=sys.stderr)
        if not explained:
            message = "none of the people asked for is ranked; nothing was written"
            raise UnknownName(message, name="", available=())
        content = _written(explained, unranked, ranking, arguments.format)
        if temporary is not None:
            write_bytes(temporary / Path(arguments.out).expanduser().resolve().name, content)
    if temporary is None:
        write_out(content)
    if not arguments.quiet:
        print(
            f"{len(explained):,} of {len(explained) + len(unranked):,} people explained, of "
            f"{len(ranking):,} ranked as of {ranking.scores.date} under {definition.label}, "
            f"{definition.bound_index.label}",
            file=sys.stderr,
        )
    return 0


_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def _plain(encoding: str) -> str:
    return "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding


def _read_ids(name: str, encoding: str) -> list[tuple[int, str]]:
    """Read ids, one on each line, with their line numbers; a repeated id stands once."""
    try:
        if name == "-":
            if sys.stdin.isatty():
                print("Type the ids, one on each line; end with Ctrl-D (Windows: Ctrl-Z, Enter).",
                      file=sys.stderr)  # fmt: skip
            raw = sys.stdin.buffer.read()
        else:
            raw = Path(name).read_bytes()
        text = raw.decode("utf-16" if raw[:2] in _UTF16 else _plain(encoding))
    except OSError as error:
        message = f"the ids cannot be read: {error.strerror}"
        raise ArgumentError(message) from error
    except UnicodeError as error:
        other = other_encoding(encoding)
        message = f"the ids are not {encoding} text: declare --encoding, such as {other}"
        raise ArgumentError(message) from error
    wanted: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        person = line.strip()
        if person and not (number == 1 and person == "offender_id"):
            wanted.setdefault(person, number)
    if not wanted:
        message = "no ids were given: write them one on each line, in --ids FILE or standard input"
        raise ArgumentError(message)
    return [(number, person) for person, number in wanted.items()]


def _explain_all(
    ranking: Ranking, wanted: list[tuple[int, str]]
) -> tuple[list[Explanation], list[_Unranked]]:
    explained, unranked = [], []
    for number, person in wanted:
        try:
            explained.append(ranking.explain(person))
        except UnknownName as error:
            unranked.append(_Unranked(line=number, why=str(error)))
    return explained, unranked


def _written(
    explained: list[Explanation], unranked: list[_Unranked], ranking: Ranking, form: str
) -> bytes:
    if form == "json":
        return json_bytes(
            {
                "explanations": [each.to_dict() for each in explained],
                "not_ranked": [attrs.asdict(line) for line in unranked],
            }
        )
    if form == "csv":
        return csv_bytes(pd.concat([_lines_of(each) for each in explained], ignore_index=True))
    scores = ranking.scores
    head = (
        f"As of {scores.date}, placed by {scores.ledger.date}; {scores.method.name} under "
        f"{scores.definition.label}, {scores.index.label}\n"
    )
    sheets = f"\n{_RULE}\n\n".join(each.to_text() for each in explained)
    return f"{head}\n{sheets}".encode()


def _lines_of(explanation: Explanation) -> pd.DataFrame:
    table = explanation.to_frame()
    for place, name in enumerate(("offender_id", "rank", "tie_size", "score")):
        table.insert(place, name, getattr(explanation, name))
    return table
