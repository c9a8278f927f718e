"""The example plugin, really installed, and found by its entry point in another process."""

import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "examples" / "plugin-exampleshire"
WHERE_HHPU_IS = str(Path(importlib.util.find_spec("hhpu").origin).parents[1])


def run(arguments, *paths, **options):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment["PYTHONPATH"] = os.pathsep.join([*map(str, paths), WHERE_HHPU_IS])
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        **options,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    if importlib.util.find_spec("pip") is None:
        pytest.skip("this Python has no pip to install the example plugin with")
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed (dependency group dev): nothing builds the plugin")
    target = tmp_path_factory.mktemp("site")
    done = run(
        [
            "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check",
            "--no-deps", "--no-build-isolation", "--no-index", "--target", str(target),
            str(PLUGIN),
        ]
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return target


def ask(code, site):
    done = run(["-c", code], site)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_is_installed_has_its_data_and_its_entry_point(installed):
    (distribution,) = importlib.metadata.distributions(path=[str(installed)])
    assert distribution.metadata["Name"] == "hhpu-exampleshire"
    (point,) = distribution.entry_points
    assert (point.group, point.name, point.value) == ("hhpu", "exampleshire", "hhpu_exampleshire")
    files = {path.name for path in (installed / "hhpu_exampleshire").rglob("*") if path.is_file()}
    assert {"index.toml", "weights.csv", "examples.csv", "definition.toml", "py.typed"} <= files


def test_the_loader_finds_it_and_says_who_supplied_what(installed):
    told = ask(
        "import hhpu, json\n"
        "r = hhpu.load_registry()\n"
        "i, d = r.index('exampleshire-harm'), r.definition('exampleshire-violence')\n"
        "p = {p.name: (p.distribution, list(p.hooks)) for p in r.plugins}\n"
        "same = d.index.digest == i.digest\n"
        "print(json.dumps([p['exampleshire'], i.supplier, d.supplier, same]))",
        installed,
    )
    assert told == [
        ["hhpu-exampleshire 2026.1", ["hhpu_harm_indices", "hhpu_harm_definitions"]],
        "hhpu-exampleshire 2026.1",
        "hhpu-exampleshire 2026.1",
        True,
    ]


def test_it_ranks_and_its_source_shows_in_the_result(installed):
    told = ask(
        "import hhpu, json, pandas as pd\n"
        "r = hhpu.load_registry(plugins=['exampleshire'])\n"
        "t = pd.DataFrame({'offender_id': ['1', '1', '2'], 'code': ['8/06', '5/01', '8/06'],\n"
        "  'committed_on': ['2026-01-01'] * 3, 'child_victim': [True, False, False],\n"
        "  'domestic_abuse': [True, False, False]})\n"
        "k = hhpu.rank(hhpu.encode(t), as_of='2026-03-31',\n"
        "  definition=r.definition('exampleshire-violence'))\n"
        "f = k.to_frame()\n"
        "print(json.dumps([f['offender_id'].tolist(), [str(s) for s in f['score']],\n"
        "  k.provenance.to_dict()['index']['supplier']]))",
        installed,
    )
    assert told == [["1"], ["440"], "hhpu-exampleshire 2026.1"]


@pytest.mark.parametrize("plugins", ["none", []])
def test_it_can_be_left_out(installed, plugins):
    told = ask(
        "import hhpu, json\n"
        f"r = hhpu.load_registry(plugins={plugins!r})\n"
        "print(json.dumps([[p.name for p in r.plugins], [i.name for i in r.indices]]))",
        installed,
    )
    assert told == [["hhpu"], ["cambridge-approx", "cambridge-chart", "ons-css"]]


def test_importing_hhpu_loads_no_plugin(installed):
    assert (
        ask(
            "import hhpu, sys, json; print(json.dumps('hhpu_exampleshire' in sys.modules))",
            installed,
        )
        is False
    )


def test_its_own_tests_pass(installed, tmp_path):
    for module in ("pytest", "hypothesis"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
    done = run(
        ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path),
         "-c", os.devnull, str(PLUGIN / "tests")],
        installed,
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout
