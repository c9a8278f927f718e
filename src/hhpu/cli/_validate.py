"""``hhpu validate``."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from hhpu.cli._choice import choose_definition, choose_method
from hhpu.cli._inputs import paths_of, progress, read_inputs
from hhpu.cli._output import write_out
from hhpu.errors import ArgumentError
from hhpu.ledger import Ledger
from hhpu.output import csv_bytes, json_bytes, publishing, write_bytes
from hhpu.ranking import ExpectedHarm
from hhpu.validation import (
    FIGURE_NAMES,
    FIGURES_NEED,
    Serious,
    Validation,
    can_draw,
    clusters_of,
    figures_of,
    validate,
)

__all__ = ["BESIDE", "run_validate"]

_TABLES: Final = (
    "origins", "figures", "differences", "tests", "ties", "concentration", "chance", "at-large",
    "incidence", "certainty", "stability", "runs", "fairness", "tuning",
)  # fmt: skip
BESIDE: Final = frozenset(
    {"statements.txt", *(f"{name}.csv" for name in _TABLES), *(f"{n}.svg" for n in FIGURE_NAMES)}
)


def run_validate(arguments: argparse.Namespace) -> int:
    """Test whether a ranking of a file finds the harm that follows."""
    origins = _origins(arguments)
    with ExitStack() as stack:
        temporary = None
        if arguments.out is not None:
            inputs = [*paths_of(arguments), *([arguments.groups] if arguments.groups else [])]
            temporary = stack.enter_context(publishing(arguments.out, inputs=inputs, beside=BESIDE))
        definition = choose_definition(arguments)
        arguments.as_of = None
        read = read_inputs(arguments, index=definition.bound_index)
        found = validate(
            read.ledger,
            origins=origins,
            follow_up=arguments.follow_up,
            delay=arguments.delay,
            seed=arguments.seed,
            definition=definition,
            method=_method(arguments),
            outcomes=arguments.outcome or None,
            top=arguments.top or ("1%", "5%", "10%"),
            serious=_serious(arguments),
            spells=read.spells,
            long_custody=arguments.long_custody,
            groups=arguments.groups,
            group_columns=arguments.group_column or None,
            resamples=arguments.resamples,
            clusters=_clusters(arguments, read.ledger),
            resampled=arguments.cluster or "people",
            until=arguments.until,
            gaps=arguments.gap,
            as_known=arguments.as_known,
            suppress_below=arguments.suppress_below,
            reruns=None if arguments.reruns is None else _days(*arguments.reruns),
            progress=lambda told: progress(arguments, told),
        )
        content = json_bytes(found.to_dict())
        if temporary is not None:
            write_bytes(temporary / Path(arguments.out).expanduser().resolve().name, content)
            for name, each in _beside(found, arguments).items():
                write_bytes(temporary / "beside" / name, each)
    if temporary is None:
        write_out(content)
    if not arguments.quiet:
        print("\n".join(found.statements), file=sys.stderr)
        for caveat in found.provenance.caveats:
            print(f"! {caveat}", file=sys.stderr)
        if arguments.out is not None:
            folder = Path(arguments.out).with_suffix("")
            if not can_draw():
                print(f"Figures are left out: {FIGURES_NEED}", file=sys.stderr)
            print(f"Written: {arguments.out} and {folder}/", file=sys.stderr)
    return 0


def _origins(arguments: argparse.Namespace) -> list[dt.date]:
    days: set[dt.date] = set(arguments.as_of or ())
    for series in arguments.origins:
        days |= set(_days(*series))
    if not days:
        message = "no origin: give --as-of DATE (repeat it), or --origins FIRST:LAST:DAYS"
        raise ArgumentError(message)
    return sorted(days)


def _days(first: dt.date, last: dt.date, step: int) -> list[dt.date]:
    count = (last - first).days // step + 1
    return [first + dt.timedelta(days=step * place) for place in range(count)]


def _method(arguments: argparse.Namespace) -> Any:
    if arguments.method != "expected-harm":
        return choose_method(arguments)
    given = (arguments.half_life, arguments.prior)
    if given == (None, None):
        return "expected-harm"
    if None in given:
        message = (
            "--method expected-harm takes both --half-life and --prior, or neither: then they are "
            "found on the past"
        )
        raise ArgumentError(message)
    return ExpectedHarm(half_life=arguments.half_life, prior=arguments.prior)


def _serious(arguments: argparse.Namespace) -> Serious | None:
    if arguments.serious_least is None and not arguments.serious_code:
        return None
    return Serious(least=arguments.serious_least, codes=frozenset(arguments.serious_code) or None)


def _clusters(arguments: argparse.Namespace, ledger: Ledger) -> npt.NDArray[np.int64] | None:
    if arguments.cluster is None:
        return None
    return clusters_of(
        ledger,
        arguments.offences,
        by=arguments.cluster,
        columns=dict(text.removeprefix("offences.").split("=", 1) for text in arguments.column),
        encoding=arguments.encoding,
    )


def _beside(found: Validation, arguments: argparse.Namespace) -> dict[str, bytes]:
    files = {"statements.txt": ("\n".join(found.statements) + "\n").encode("utf-8")}
    for name, table in found.tables().items():
        files[f"{name}.csv"] = csv_bytes(table.reset_index(drop=True))
    if can_draw():
        progress(arguments, "figures")
        files |= {f"{name}.svg": drawn for name, drawn in figures_of(found).items()}
    return files
