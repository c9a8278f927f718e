"""Docs held to the code: every snippet runs, every name has its entry, nothing is out of date.

A page's snippets run in order in one empty folder with the files of a small synthetic force.
Fences with ``title="NAME"`` are written to files, ``python`` is executed in one namespace, lines
of ``sh`` that begin with ``hhpu`` run in this process and end with 0, or with N where the fence
says ``exit=N``, for cmd knows no comments; ``text`` is output, which is shown and not compared.
"""

import doctest
import importlib
import importlib.util
import inspect
import io
import json
import pkgutil
import re
import shlex
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import hhpu
import hhpu.errors
import hhpu.indices.hookspecs
import hhpu.runs
import hhpu.simulate
import hhpu.validation
from hhpu.cli import main
from hhpu.indices.codes import CodeProblem
from hhpu.ledger import UNREADABLE_STATUS
from hhpu.ranking import Fate
from hhpu.runs._outputs import FILES
from hhpu.tables import REASONS, STATUS_CODES

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SEED = 2026
PEOPLE = 500

PAGES = sorted(
    [*DOCS.rglob("*.md"), *(ROOT / n for n in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md"))]
)
FENCE = re.compile(
    r"^(?P<indent> *)(?P<ticks>```+)(?P<word>[\w-]*)(?P<more>[^\n]*)\n"
    r"(?P<body>.*?)^(?P=indent)(?P=ticks) *$",
    re.MULTILINE | re.DOTALL,
)
TITLE = re.compile(r'title="([^"]+)"')
EXIT = re.compile(r"exit=(\d)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
MACHINE = re.compile(
    r"(?:^|[\s\"'`(=])(?:/(?:root|home|work|tmp|Users|usr|var|mnt)/|[A-Z]:\\Users)", re.IGNORECASE
)


def _name(path):
    return path.relative_to(ROOT).as_posix()


def _fences(path):
    return list(FENCE.finditer(path.read_text(encoding="utf-8")))


def _body(fence):
    indent = len(fence["indent"])
    return "".join(line[indent:] for line in fence["body"].splitlines(keepends=True))


@pytest.fixture(scope="session")
def force():
    return hhpu.simulate.synthetic_force(PEOPLE, seed=SEED)


@pytest.fixture
def folder(tmp_path, monkeypatch, force):
    force.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HHPU_INDEX_STORE", str(tmp_path / "registered-indices"))
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        origin = getattr(sys.modules[name], "__file__", None)
        if origin and Path(origin).is_relative_to(tmp_path):
            del sys.modules[name]


def _run_line(line, expected, monkeypatch):
    assert "#" not in line, f"cannot be pasted into cmd: {line}"
    words = shlex.split(line)
    assert words[0] == "hhpu"
    if "<" in words:
        at = words.index("<")
        text = Path(words[at + 1]).read_text(encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        del words[at : at + 2]
    assert not {"|", ">", "&&", "||", ";"} & set(words), f"not run by the tests: {line}"
    code = main(words[1:])
    assert code == expected, f"{line} ends with {code}"


@pytest.mark.parametrize("path", [p for p in PAGES if _fences(p)], ids=_name)
def test_every_snippet_of_the_page_runs(path, folder, monkeypatch, capsys):
    namespace = {"__name__": "page"}
    for fence in _fences(path):
        title = TITLE.search(fence["more"])
        if title:
            target = folder / title[1]
            assert target.resolve().is_relative_to(folder.resolve())
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_body(fence), encoding="utf-8")
        elif fence["word"] == "python":
            line = path.read_text(encoding="utf-8")[: fence.start("body")].count("\n")
            source = "\n" * line + _body(fence)
            exec(compile(source, _name(path), "exec"), namespace)  # noqa: S102
        elif fence["word"] == "sh":
            exits = EXIT.search(fence["more"])
            for line in _body(fence).replace("\\\n", " ").splitlines():
                if line.startswith("hhpu "):
                    _run_line(line, int(exits[1]) if exits else 0, monkeypatch)
        capsys.readouterr()


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_every_fence_says_what_it_is(path):
    for fence in _fences(path):
        known = {"python", "sh", "text", "toml", "csv", "json", "powershell", "bat", "html"}
        assert fence["word"] in known, f"{_name(path)}: ```{fence['word']}"


def _anchors(path):
    heads = re.findall(r"^#+ +(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_internal_links_lead_somewhere(path):
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        there = (path.parent / target).resolve() if target else path
        assert there.exists(), f"{_name(path)}: {link}"
        if anchor:
            assert anchor in _anchors(there), f"{_name(path)}: {link}"


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_no_line_names_a_path_of_a_machine(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [line for line in lines if MACHINE.search(line) or "../shared" in line]
    assert not found


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=_name)
def test_every_page_is_reached_from_the_index(path):
    links = LINK.findall((DOCS / "index.md").read_text(encoding="utf-8"))
    reached = {(DOCS / link.partition("#")[0]).resolve() for link in links}
    assert path.resolve() in reached | {(DOCS / "index.md").resolve()}


def test_pages_that_use_the_synthetic_force_say_so():
    for path in DOCS.rglob("*.md"):
        run = [f for f in _fences(path) if f["word"] in ("python", "sh")]
        source = "".join(_body(fence) for fence in run if not TITLE.search(fence["more"]))
        if re.search(r"(?<![\w/])(?:offences|people|spells)\.csv", source):
            opening = path.read_text(encoding="utf-8").split("```")[0]
            assert "synthetic force" in opening, _name(path)


@pytest.fixture(scope="session")
def build_docs():
    path = ROOT / "tools" / "build_docs.py"
    spec = importlib.util.spec_from_file_location("build_docs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATED = ("api.md", "columns.md", "reasons.md", "index-catalogue.md", "command-line.md",
             "run-file.md")  # fmt: skip


@pytest.mark.parametrize("name", GENERATED)
def test_generated_page_is_up_to_date(name, build_docs, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    assert set(build_docs.PAGES) == set(GENERATED)
    written = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert written == build_docs.made(name), "run python tools/build_docs.py"


def _reference(name):
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


def test_every_public_name_has_an_entry():
    page = _reference("api.md")
    names = [
        *hhpu.__all__, *hhpu.runs.__all__, *hhpu.simulate.__all__, *hhpu.validation.__all__
    ]  # fmt: skip
    if importlib.util.find_spec("hhpu.testing") is not None:
        names += importlib.import_module("hhpu.testing").__all__
    missing = [name for name in names if f"\n### `{name}`\n" not in page]
    assert not missing


def test_every_hook_has_an_entry_with_its_arguments():
    page = _reference("api.md")
    specs = vars(hhpu.indices.hookspecs)
    hooks = [name for name in specs if name.startswith("hhpu_")]
    assert hooks
    for name in hooks:
        arguments = ", ".join(inspect.signature(specs[name]).parameters)
        assert f"{name}({arguments})" in page


def test_every_error_class_has_an_entry():
    page = _reference("api.md")
    for name in hhpu.errors.__all__:
        assert f"\n### `{name}`\n" in page
        assert name in hhpu.__all__


def test_every_reason_code_has_an_entry():
    page = _reference("reasons.md")
    for code in [*REASONS, *CodeProblem, "unknown-code", "interval-only"]:
        assert f"| `{code}` |" in page


def test_every_fate_has_an_entry():
    page = _reference("fates.md")
    listed = re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)
    assert sorted(listed) == sorted(fate.label for fate in Fate)


def test_every_index_and_definition_has_an_entry():
    page = _reference("index-catalogue.md")
    registry = hhpu.load_registry(plugins="none")
    for index in registry.indices:
        assert f"## Index `{index.name}`" in page
        assert index.edition in page
        assert index.digest in page
    for definition in registry.definitions:
        assert f"## Definition `{definition.name}`" in page
        assert definition.digest in page
        for rule in definition.rules:
            assert f"| `{rule.name}` |" in page


def test_every_command_and_option_has_an_entry(build_docs, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "100")
    page = _reference("command-line.md")
    assert main(["--help"]) == 0
    commands = re.findall(r"^ {4}([a-z]+) {2,}", capsys.readouterr().out, re.MULTILINE)
    assert {"demo", "indices", "check", "rank", "explain", "run", "validate"} <= set(commands)
    for command in commands:
        section = page.split(f"## `hhpu {command}`")[1].split("\n## ")[0]
        assert main([command, "--help"]) == 0
        options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", capsys.readouterr().out))
        assert options
        missing = sorted(option for option in options if option not in section)
        assert not missing


def test_every_column_has_an_entry():
    page = _reference("columns.md")
    for contract in (hhpu.OFFENCES, hhpu.PEOPLE, hhpu.SPELLS, hhpu.IDENTITIES):
        section = page.split(f"## `{contract.name}`")[1].split("\n## ")[0]
        for column in contract.columns:
            assert f"| `{column.name}` |" in section
            for word in column.allowed:
                assert f"`{word}`" in section


def test_every_column_of_a_ranking_has_an_entry(force):
    page = _reference("output-files.md")
    ledger = hhpu.encode(force.offences)
    index = hhpu.load_registry(plugins="none").index("ons-css")
    table = hhpu.rank(ledger, as_of="2026-03-31", index=index).to_frame(top=1)
    for column in table.columns:
        assert f"`{column}`" in page


@pytest.fixture(scope="session")
def series(tmp_path_factory):
    folder = tmp_path_factory.mktemp("series") / "example"
    assert main(["run", "--example", str(folder), "--quiet"]) == 0
    for day in ("2026-03-03", "2026-03-17"):
        assert main(["run", str(folder / "run.toml"), "--as-of", day, "--quiet"]) == 0
    return folder / "runs"


def test_every_file_and_column_of_a_run_has_an_entry(series):
    page = _reference("run-outputs.md")
    for name in FILES:
        assert f"`{name}{'/' if name == 'index' else ''}`" in page
    sections = dict(part.split("\n", 1) for part in page.split("\n## ")[1:])
    for path in (series / "2026-03-17").glob("*.csv"):
        (section,) = (text for head, text in sections.items() if f"`{path.name}`" in head)
        if path.name == "ranking.csv":
            section = _reference("output-files.md")
        for column in path.read_text(encoding="utf-8").splitlines()[0].split(","):
            assert f"`{column}`" in section, (path.name, column)
    manifest = hhpu.runs.read_manifest(series / "2026-03-17")
    for key in manifest:
        assert f"`{key}`" in sections["`manifest.json`"]


@pytest.fixture(scope="session")
def validated():
    table = hhpu.simulate.synthetic_careers(
        "stationary", people=400, seed=SEED, until="2025-12-31", years=6
    )
    people = table["offender_id"].drop_duplicates()
    ledger = hhpu.encode(table)
    index = hhpu.load_registry(plugins="none").index("ons-css")
    options = {"index": index, "window": 365, "seed": 1, "resamples": 100, "follow_up": 365}
    groups = people.to_frame().assign(group=[("a", "b")[n % 2] for n in range(len(people))])
    plain = hhpu.validation.validate(
        ledger,
        origins=["2023-12-31"],
        groups=groups,
        reruns=["2023-11-01", "2023-12-01"],
        top=["5%"],
        **options,
    )
    tuned = hhpu.validation.validate(
        ledger, origins=["2023-12-31"], method="expected-harm", outcomes=["harm"], **options
    )
    return plain, tuned


def test_every_table_and_column_of_a_validation_has_an_entry(validated):
    page = _reference("validation-output.md")
    sections = dict(part.split("\n", 1) for part in page.split("\n## ")[1:])
    tables = {**validated[0].tables(), "tuning": validated[1].tables()["tuning"]}
    files = {head.strip("`") for head in sections if head.endswith(".csv`")}
    assert files == {f"{name}.csv" for name in tables}
    for name, table in tables.items():
        for column in table.columns:
            assert f"`{column}`" in sections[f"`{name}.csv`"], (name, column)
    for figure in set(tables["figures"]["figure"]):
        assert f"`{figure}`" in sections["`figures.csv`"]
    for key in validated[0].to_dict():
        assert f"`{key}`" in sections["`X.json`"], key
    for key in validated[0].stability.to_dict():
        assert f"`{key}`" in sections["`X.json`"], key


def test_the_page_has_the_one_table_of_words():
    section = _reference("validation-output.md").split("## The words")[1]
    listed = dict(re.findall(r"^\| ([a-z]+: [^|]+) \| ([^|]+) \|$", section, re.MULTILINE))
    assert listed == {
        when: words.replace("{name}", "*name*") for when, words in hhpu.validation.WORDS.items()
    }


def test_the_page_of_expected_harm_names_every_variant():
    page = (DOCS / "explanation" / "expected-harm.md").read_text(encoding="utf-8")
    for values in (hhpu.validation.HALF_LIVES, hhpu.validation.PRIORS):
        told = ", ".join(f"{value:,}" for value in values[:-1]) + f" and {values[-1]:,}"
        assert told in page
    tried = len(hhpu.validation.HALF_LIVES) * len(hhpu.validation.PRIORS)
    assert f"\n{tried} variants," in page


def test_every_cause_has_an_entry_in_its_order():
    page = (DOCS / "explanation" / "what-changed-and-why.md").read_text(encoding="utf-8")
    section = page.split("## The causes, in their order")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE) == list(hhpu.Cause)


def test_every_member_and_key_of_a_ledger_file_has_an_entry(series):
    page = _reference("ledger-file.md")
    with zipfile.ZipFile(series / "ledger.npz") as archive:
        header = json.loads(archive.read("header.json"))
        listed = re.findall(r"^\| `([\w.]+)` \|", page.split("## Keys")[0], re.MULTILINE)
        assert listed == archive.namelist()
        for name in archive.namelist():
            if name.endswith(".npy"):
                array = np.lib.format.read_array(io.BytesIO(archive.read(name)))
                assert f"| `{name}` | {array.dtype} |" in page
    keys = page.split("## Keys")[1].split("\n## ")[0]
    for key in [*header, *header["extracts"][0]]:
        assert f"`{key}`" in keys
    for status, place in [*STATUS_CODES.items(), ("unreadable", UNREADABLE_STATUS)]:
        assert f"{place} {status}" in page


def test_every_key_of_the_formats_has_an_entry(tmp_path):
    registry = hhpu.load_registry(plugins="none")
    page = _reference("index-format.md")
    for index in registry.indices:
        folder = hhpu.write_index(index, tmp_path / index.name)
        text = (folder / "index.toml").read_text(encoding="utf-8")
        columns = (folder / "weights.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
        for key in {*re.findall(r"^(\w+) =", text, re.MULTILINE), *columns}:
            assert f"`{key}`" in page
    page = _reference("definition-format.md")
    for definition in registry.definitions:
        path = hhpu.write_definition(definition, tmp_path / "definition.toml")
        keys = set(re.findall(r"^(\w+) =", path.read_text(encoding="utf-8"), re.MULTILINE))
        for key in keys - {"key", "url", "doi", "read", "licence"}:
            assert f"`{key}`" in page


def _modules():
    yield "hhpu"
    for module in pkgutil.walk_packages(hhpu.__path__, "hhpu."):
        if not module.name.endswith("__main__"):
            yield module.name


@pytest.mark.parametrize("name", list(_modules()))
def test_doctests_of_the_module_hold(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("hhpu"):
            raise
        pytest.skip(f"{name} needs {error.name}")
    result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0
