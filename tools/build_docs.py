"""Write the reference pages that are made from the package itself.

Run as ``python tools/build_docs.py`` to write them into ``docs/reference``, and with ``--check`` to
compare instead: exit code 1 if a page is out of date.
"""

from __future__ import annotations

import argparse
import enum
import inspect
import io
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import attrs

import hhpu
import hhpu.errors
import hhpu.indices.hookspecs
import hhpu.ranking
import hhpu.runs
import hhpu.simulate
import hhpu.validation
from hhpu.cli import main as main_of_cli
from hhpu.indices import IndexRef
from hhpu.indices.codes import CodeProblem
from hhpu.provenance import Citation
from hhpu.runs._schema import KEYS, TABLES
from hhpu.tables import (
    CORRECTIONS,
    DECISIONS,
    IDENTITIES,
    OFFENCES,
    PEOPLE,
    REASONS,
    SPELLS,
    Outcome,
    Reason,
    TableContract,
)

REFERENCE: Final = Path(__file__).resolve().parents[1] / "docs" / "reference"
WIDTH: Final = 96
COLUMNS: Final = 100
NOTICE: Final = "<!-- Made by tools/build_docs.py from the package: do not edit by hand. -->\n"

HANDLES: Final[Mapping[str, str]] = {
    "IDENTITIES": "The column contract of the table of records that are one person.",
    "OFFENCES": "The column contract of the offence table.",
    "PEOPLE": "The column contract of the people table.",
    "SPELLS": "The column contract of the table of states.",
    "CORRECTIONS": "The column contract of the table of corrections.",
    "DECISIONS": "The column contract of the table of decisions on proposals.",
    "OffenderId": "The force's own identifier of a person: text.",
    "OffenceId": "The force's own identifier of a recorded offence: text.",
    "CAREERS": (
        "The laws of `synthetic_careers`, each in words: `stationary`, `declining`, "
        "`unrelated-severity`, `noise`."
    ),
    "FALLBACK": (
        "The declared parameters of `ExpectedHarm` where no origin lies far enough back to tune "
        "on: `ExpectedHarm(half_life=365, prior=20)`."
    ),
    "FIGURES_NEED": "What to install where figures cannot be drawn.",
    "FIGURE_NAMES": "The names of the figures that `figures_of` draws, in their order.",
    "HALF_LIVES": "The half-lives that `tuned` tries, in days.",
    "OUTCOMES": "What is followed, by name, each in words; the words are those of the statements.",
    "POOLED": "What stands in the column `origin` for the mean over origins.",
    "PRIORS": "The priors that `tuned` tries, in offences.",
    "WORDS": (
        "The one table of the words that stand beside figures: "
        "[in full](validation-output.md#the-words)."
    ),
    "LAWS": "The law of each kind of world: `persistent`, `no-history` and `attention`.",
    "PITFALLS": "The names of the pitfalls that `synthetic_world` can put in.",
    "Tabular": (
        "What holds a table, as a type: `Tabular[Offence]` is a dataframe of any library that "
        "narwhals reads, the path of a CSV or Parquet file, or records of the class `Offence`. "
        "`Record` is any of the classes of records."
    ),
    "hookimpl": "The mark of a plugin's hook implementation: `@hookimpl`.",
}


def summary_of(thing: object) -> str:
    """Give the first paragraph of a docstring in one line."""
    text = inspect.getdoc(thing) or ""
    return " ".join(text.split("\n\n")[0].split()).replace("``", "`")


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Lay rows out as a Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *([_cell(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _default(value: object) -> str:
    if value is attrs.NOTHING or isinstance(value, attrs.Factory):  # type: ignore[arg-type]
        return "<empty>"
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, TableContract):
        return value.name.upper()
    return repr(value)


def _parameter(parameter: inspect.Parameter, *, typed: bool) -> str:
    text = parameter.name
    if parameter.kind is parameter.VAR_KEYWORD:
        text = f"**{text}"
    if parameter.kind is parameter.VAR_POSITIONAL:
        text = f"*{text}"
    hinted = typed and parameter.annotation is not parameter.empty
    if hinted:
        text += f": {parameter.annotation}"
    if parameter.default is not parameter.empty:
        text += f" = {_default(parameter.default)}" if hinted else f"={_default(parameter.default)}"
    return text


def signature_of(name: str, thing: Callable[..., Any]) -> str:
    """Write a signature, on several lines where one does not hold it."""
    typed = not inspect.isclass(thing)
    signature = inspect.signature(thing)
    parts: list[str] = []
    for parameter in signature.parameters.values():
        if parameter.name in ("self", "cls"):
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        parts.append(_parameter(parameter, typed=typed))
    back = ""
    if typed and signature.return_annotation is not signature.empty:
        back = f" -> {signature.return_annotation}"
    line = f"{name}({', '.join(parts)}){back}"
    if len(line) <= WIDTH:
        return line
    inner = "".join(f"    {part},\n" for part in parts)
    return f"{name}(\n{inner}){back}"


def _members(cls: type) -> Iterator[tuple[str, str]]:
    fields = {field.name for field in attrs.fields(cls)} if attrs.has(cls) else set()
    for name in sorted(vars(cls)):
        if name.startswith("_") or name in fields:
            continue
        held = inspect.getattr_static(cls, name)
        if isinstance(held, property) or type(held).__name__ == "cached_property":
            yield f"`.{name}`", summary_of(held)
        elif isinstance(held, classmethod | staticmethod) or inspect.isfunction(held):
            line = signature_of(f".{name}", getattr(cls, name)).split("->")[0].strip()
            yield f"`{' '.join(line.split())}`", summary_of(held)


def _entry(name: str, thing: Any) -> str:
    text = [f"### `{name}`\n"]
    if name in HANDLES:
        text.append(f"{HANDLES[name]}\n")
    elif inspect.isclass(thing) and issubclass(thing, enum.Enum):
        text.append(f"{summary_of(thing)}\n")
        words = [getattr(member, "label", member.value) for member in thing]
        text.append(f"Values: {', '.join(f'`{word}`' for word in words)}.\n")
    elif inspect.isclass(thing) and issubclass(thing, hhpu.HhpuError):
        text.append(f"{summary_of(thing)}\n")
        kinds = [base.__name__ for base in thing.__bases__]
        text.append(
            f"Also a {' and a '.join(f'`{k}`' for k in kinds)}. Exit code {thing.exit_code}.\n"
        )
    elif getattr(thing, "_is_protocol", False):
        text.append(f"{summary_of(thing)} A protocol: any object with these members.\n")
    else:
        text.append(f"```text\n{signature_of(name, thing)}\n```\n")
        text.append(f"{summary_of(thing)}\n")
    if inspect.isclass(thing) and not issubclass(thing, enum.Enum | Exception):
        members = list(_members(thing))
        if members:
            text.append(table(("member", "what it gives"), members))
    return "\n".join(text)


def _kind(thing: Any) -> str:
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return "Errors"
    if inspect.isclass(thing) and issubclass(thing, enum.Enum):
        return "Words of the domain"
    if inspect.isclass(thing):
        return "Records, values and results"
    if inspect.isfunction(thing):
        return "Functions"
    return "Contracts, identifiers and marks"


def _section(module: ModuleType) -> str:
    return "\n".join(_entry(name, getattr(module, name)) for name in sorted(module.__all__))


def api() -> str:
    """Make the page of every public name."""
    kinds = (
        "Functions", "Records, values and results", "Words of the domain",
        "Contracts, identifiers and marks", "Errors",
    )  # fmt: skip
    text = [
        NOTICE,
        "# Public names\n",
        (
            "Everything in `hhpu.__all__`, then what is public in the modules beside it. Data are "
            "positional, options are keywords, and no result's type depends on the input. "
            "`help(hhpu.rank)` "
            "and the like show parameters, units, errors and an example.\n"
        ),
    ]
    named = {name: getattr(hhpu, name) for name in hhpu.__all__}
    for kind in kinds:
        text.append(f"## {kind}\n")
        text += [_entry(n, named[n]) for n in sorted(named) if _kind(named[n]) == kind]
    text.append("## `hhpu.ranking`: results behind the results\n")
    deeper = ("Contribution", "OtherRow", "Fate")
    text += [_entry(name, getattr(hhpu.ranking, name)) for name in deeper]
    text.append("## `hhpu.ranking`: methods that score a history\n")
    scoring = (
        "Expectation", "ExpectedHarm", "History", "HistoryMethod", "Parts", "expected_harm",
    )  # fmt: skip
    text += [_entry(name, getattr(hhpu.ranking, name)) for name in scoring]
    text.append("## `hhpu.indices`: what a workbook held, and where it is registered\n")
    held = ("Registered", "RowFate", "SeveralScores", "SheetRead", "WorkbookRow")
    text += [_entry(name, getattr(hhpu.indices, name)) for name in held]
    text.append("## `hhpu.runs`: declared runs, and their rectification\n")
    text.append(_section(hhpu.runs))
    text.append("## `hhpu.validation`: does the ranking work?\n")
    text.append(_section(hhpu.validation))
    text.append("## `hhpu.simulate`: a synthetic force\n")
    text.append(_section(hhpu.simulate))
    if find_spec("hhpu.testing") is not None:
        text.append("## `hhpu.testing`: for authors of plugins\n")
        text.append(_section(import_module("hhpu.testing")))
    text.append("## Hooks\n")
    text.append(
        "Entry-point group `hhpu`. A hook takes no arguments and returns values; the built-in "
        "indices "
        "and definitions come through the same hooks.\n"
    )
    specs = vars(hhpu.indices.hookspecs)
    for name in sorted(n for n in specs if n.startswith("hhpu_")):
        text += [f"### `{name}`\n", f"```text\n{signature_of(name, specs[name])}\n```\n"]
        text.append(
            f"{summary_of(specs[name])} Each is named by the plugin's entry-point name, or "
            f"begins with it and a hyphen.\n"
        )
    return "\n".join(text)


def columns() -> str:
    """Make the page of the column contracts."""
    text = [
        NOTICE,
        "# Columns\n",
        (
            "The contracts are derived from the records `hhpu.Offence`, `hhpu.Offender`, "
            "`hhpu.Spell`, `hhpu.Identity`, `hhpu.Correction` and `hhpu.Decision`: "
            "the same declaration gives the types, the checks and this page. Other names are "
            "mapped by "
            "`columns={'ours': 'theirs'}` (`--column ours=theirs`); other values by "
            "`values={'column': {'theirs': 'ours'}}`. Columns that are not listed are "
            "ignored, unless "
            "asked for as classifying (`classify=`).\n"
        ),
        (
            "An identifier is text: `007` stays `007`. A date is a day of local civil time, "
            "as a date, a "
            "datetime or ISO text. A flag is true or false. A number is whole. "
            "`victim_age` is read only to tell `child_victim`: no ledger and no message holds an "
            "age.\n"
        ),
    ]
    for contract in (OFFENCES, PEOPLE, SPELLS, IDENTITIES, CORRECTIONS, DECISIONS):
        text.append(f"## `{contract.name}`\n")
        text.append(f"{summary_of(contract.record)}\n")
        rows = [
            (
                f"`{c.name}`",
                c.kind,
                "yes" if c.required else "no",
                "yes" if c.nullable else "no",
                ", ".join(f"`{word}`" for word in c.allowed) or "",
                c.unit or "",
                c.description,
            )
            for c in contract.columns
        ]
        head = (
            "column",
            "kind",
            "column required",
            "cell may be empty",
            "values",
            "unit",
            "meaning",
        )
        text.append(table(head, rows))
        if contract is OFFENCES:
            text.append(
                "Beside `offender_id` and `code` the placing date is required: "
                "`committed_on`, or the one "
                "named by `date=` (`--date`).\n"
            )
    return "\n".join(text)


def reasons() -> str:
    """Make the page of the reason codes."""
    words = {
        Outcome.REFUSED: "The whole input is refused: nothing of it is used.",
        Outcome.EXCLUDED: "The row is excluded and counted.",
        Outcome.MASKED: "The row is in the ledger and never scores.",
        Outcome.KEPT: "The row is kept and counted.",
    }
    text = [
        NOTICE,
        "# Reason codes\n",
        (
            "What a check can find, what is done about it, and what to do: a setting is an "
            "argument in Python, an option on the command line, a key in a run file, and messages "
            "name that of the reader. Every reason is counted; nothing is dropped without one.\n"
        ),
        table(("outcome", "meaning"), [(f"`{o}`", words[o]) for o in Outcome]),
        table(
            ("reason", "outcome", "what was found", "what to do"),
            [(f"`{r.code}`", r.outcome, r.meaning, _what_to_do(r)) for r in REASONS.values()],
        ),
        "## Why an offence has no weight\n",
        (
            "Found when a ledger is scored under an index, and listed by code by "
            "`ranking.scores.unmapped()`.\n"
        ),
        table(("reason", "what was found", "what to do"), _unmapped_reasons()),
    ]
    return "\n".join(text)


SETTINGS: Final[Mapping[str, tuple[str, str, str]]] = {
    "columns": ("columns=", "--column", "[columns.offences]"),
    "values": ("values=", "--value", "[values.offences]"),
    "date": ("date=", "--date", "[reading] date"),
    "date_order": ("date_order=", "--date-order", "[sources] date_order"),
    "placeholders": ("policy=", "--keep-placeholders", "[reading] keep_placeholders"),
}


def _what_to_do(reason: Reason) -> str:
    """The remedy, and the setting as it is called in Python, as an option and in a run file."""
    if not reason.setting:
        return reason.remedy
    named = ", ".join(f"`{name}`" for name in SETTINGS[reason.setting])
    return f"{reason.remedy}; or declare {named}"


def _where(citation: Citation) -> str:
    return f"doi:{citation.doi}" if citation.doi else citation.url or ""


def _citations(citations: Iterable[Citation]) -> str:
    rows = [
        (f"`{c.key}`", c.title, _where(c), c.read or "", c.licence or "", c.note or "")
        for c in citations
    ]
    return table(("key", "title", "where", "read", "licence", "note"), rows)


UNMAPPED: Final[Mapping[str, tuple[str, str]]] = {
    "unknown-code": (
        "The index has no row for the code",
        "Correct the code, add it to the index, or accept the gap",
    ),
    "interval-only": (
        "An approximate index has an interval for the code and no single value",
        "Use the official index; or choose a value for intervals: approx=, --approx",
    ),
    "several-candidates": (
        "The class code stands for several recorded-crime codes that do not weigh the same",
        "Extract recorded-crime codes, or use an index of class codes",
    ),
    "no-conversion-table": (
        "A CJS code where the index has Home Office codes, or the reverse: no table is shipped",
        "Extract Home Office codes",
    ),
}


def _unmapped_reasons() -> Iterator[tuple[str, str, str]]:
    for code in dict.fromkeys((*map(str, CodeProblem), *UNMAPPED)):
        known = REASONS.get(code)
        meaning, remedy = (known.meaning, known.remedy) if known else UNMAPPED[code]
        yield f"`{code}`", meaning, remedy


def catalogue() -> str:
    """Make the page of the built-in indices and definitions."""
    registry = hhpu.load_registry(plugins="none")
    text = [
        NOTICE,
        "# Catalogue of harm indices and definitions\n",
        (
            "What comes with the package, through the same hooks as any plugin. An edition "
            "never changes: its "
            "digest says so. The default name is `cambridge`, the official Cambridge Crime "
            "Harm Index, which "
            "cannot be shipped: "
            "[register your copy](../how-to/register-the-cambridge-workbook.md), "
            "or see [the stand-in](../how-to/approximate-index.md).\n"
        ),
    ]
    for index in sorted(registry.indices, key=lambda i: i.name):
        basis = Counter(weight.basis for weight in index.weights)
        facts = [
            ("edition", f"`{index.edition}`"),
            ("digest", f"`{index.digest}`"),
            ("unit", index.unit),
            ("scale", index.scale),
            ("codes", f"`{index.codes}`"),
            ("key columns", ", ".join(index.keys) or "none"),
            ("rows", len(index.weights)),
            ("worked cases", len(index.examples)),
            ("approximate", "yes" if index.approximate else "no"),
            ("licence", index.licence),
        ]
        if index.interval_threshold is not None:
            facts.insert(-1, ("interval threshold", index.interval_threshold))
        text += [f"## Index `{index.name}`\n", f"{index.title}.\n", table(("", ""), facts)]
        text.append(table(("basis", "rows"), [(f"`{b}`", n) for b, n in sorted(basis.items())]))
        text += [f"{index.note}\n" if index.note else "", _citations(index.citations)]
    for definition in sorted(registry.definitions, key=lambda d: d.name):
        reference = definition.index
        named = reference.name if isinstance(reference, IndexRef) else reference.label
        text += [f"## Definition `{definition.name}`\n", f"{definition.title}.\n"]
        percentages = ", ".join(f"{s} {p}%" for s, p in definition.percentages().items())
        facts = [
            ("edition", f"`{definition.edition}`"),
            ("digest", f"`{definition.digest}`"),
            ("index", f"`{named}`"),
            ("window", definition.window or "none of its own"),
            ("kept apart", ", ".join(sorted(definition.apart)) or "nothing"),
            ("status policy", percentages),
        ]
        text += [table(("", ""), facts), f"{definition.note}\n" if definition.note else ""]
        rules = [
            (
                f"`{r.name}`",
                r.group,
                r.status,
                ", ".join(r.flags),
                len(r.class_codes),
                len(r.recorded_codes),
                len(r.codes),
                "; ".join(r.citation),
                r.note,
            )
            for r in definition.rules
        ]
        head = (
            "rule", "group", "status", "flags", "class codes", "recorded codes", "own codes",
            "citation", "note",
        )  # fmt: skip
        text += [table(head, rules), _citations(definition.citations)]
    return "\n".join(text)


def help_of(*words: str) -> str:
    """Give the help of a command on a terminal of 100 columns, its usage line apart."""
    os.environ["COLUMNS"] = str(COLUMNS)
    written = io.StringIO()
    with redirect_stdout(written):
        code = main_of_cli([*words, "--help"])
    if code:
        message = f"hhpu {' '.join(words)} --help ends with {code}"
        raise RuntimeError(message)
    _, _, body = written.getvalue().partition("\n\n")
    return body.rstrip() + "\n"


def commands() -> list[str]:
    """List the commands, in the order of the help."""
    return re.findall(r"^ {4}([a-z]+) {2,}", help_of(), re.MULTILINE)


BELOW: Final[Mapping[str, tuple[str, ...]]] = {"indices": ("add-cambridge", "remove")}


def command_line() -> str:
    """Make the page of the commands, from their help."""
    text = [
        NOTICE,
        "# Command line\n",
        (
            "What `hhpu --help` and `hhpu COMMAND --help` say. `python -m hhpu` is the same "
            "as `hhpu`. What the "
            "files hold: [output files](output-files.md), and of `hhpu validate` "
            "[its output](validation-output.md).\n"
        ),
        f"## `hhpu`\n\n```text\n{help_of()}```\n",
    ]
    for name in commands():
        text.append(f"## `hhpu {name}`\n\n```text\n{help_of(name)}```\n")
        text += [
            f"### `hhpu {name} {inner}`\n\n```text\n{help_of(name, inner)}```\n"
            for inner in BELOW.get(name, ())
        ]
    return "\n".join(text)


def run_file() -> str:
    """Make the page of the run file's keys."""
    text = [
        NOTICE,
        "# Run file\n",
        (
            "One TOML file says everything that a run depends on. Paths are relative to its "
            "folder. `hhpu run --example FOLDER` writes one with every key, its default and this "
            "page's words in comments. A key or table that is not on this page is refused, and all "
            "faults are told at once. How it is used: "
            "[run every two weeks](../how-to/run-every-two-weeks.md).\n"
        ),
    ]
    for name, keys in KEYS.items():
        text.append(f"## {f'`[{name}]`' if name else 'Above the first table'}\n")
        text.append(f"{TABLES[name]}.\n")
        rows = [
            (f"`{name}`" if name else "", f"`{key}`", k.kind, k.default_told, _ended(k.meaning))
            for key, k in keys.items()
        ]
        text.append(table(("table", "key", "kind", "default", "meaning"), rows))
    text.append("## `[columns.SOURCE]` and `[values.SOURCE.COLUMN]`\n")
    text.append(
        'Columns and words of other names, for each source: `ours = "theirs"` for a column, '
        '`theirs = "ours"` for a word, as in `hhpu.check`. [All columns](columns.md).\n'
    )
    text.append(
        '```toml\n[columns.offences]\noffender_id = "NOMINAL_REF"\n\n'
        '[values.offences.status]\nCHGD = "charged"\n```\n'
    )
    return "\n".join(text)


def _ended(meaning: str) -> str:
    return meaning if meaning.endswith("?") else f"{meaning}."


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "api.md": api,
    "columns.md": columns,
    "reasons.md": reasons,
    "index-catalogue.md": catalogue,
    "command-line.md": command_line,
    "run-file.md": run_file,
}


def made(name: str) -> str:
    """Make one page, with one empty line between its parts."""
    text = re.sub(r"\n{3,}", "\n\n", PAGES[name]())
    return text.rstrip("\n") + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description="Write the reference pages made from the package.")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    options = parser.parse_args(arguments)
    stale = []
    for name in PAGES:
        path, text = REFERENCE / name, made(name)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not options.check:
            path.write_bytes(text.encode("utf-8"))
    word = "out of date" if options.check else "written"
    print(f"{word}: {', '.join(stale) or 'nothing'}")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
