"""The choice of index and definition: one rule for the command line, the run file and Python."""

from __future__ import annotations

import pytest

import hhpu
from hhpu.cli import main
from hhpu.indices import choose_definition
from hhpu.runs import read_run
from hhpu.runs._reading import choose_definition as chosen_by

REGISTRY = hhpu.load_registry(plugins="none")
INDEX = """name = "ours"
edition = "1"
title = "Ours"
unit = "days"
scale = 10
codes = "our-codes"
licence = "CC0-1.0"
[[citations]]
key = "us"
title = "Us"
"""
RUN = """format = "hhpu run 1"
force = "Exampleshire"
[sources]
records = "versioned"
offences = "offences.csv"
[harm]
{harm}
[run]
bracket = 3
[outputs]
folder = "runs"
"""


@pytest.fixture
def base(tmp_path, monkeypatch):
    """A folder with an index and a definition, and a working directory elsewhere."""
    for name in ("near/index", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "near/index/index.toml").write_text(INDEX, "utf-8")
    (tmp_path / "near/index/weights.csv").write_text(
        "code,weight,basis,citation\nA,1.5,force,us\n", "utf-8"
    )
    index = hhpu.read_index(tmp_path / "near/index")
    definition = hhpu.HarmDefinition(name="d", title="D", index=index)
    hhpu.write_definition(definition, tmp_path / "near/d.toml")
    (tmp_path / "near/d.toml").rename(tmp_path / "near/d.TOML")
    (tmp_path / "offences.csv").write_text(
        "offender_id,code,committed_on\n1,A,2025-01-04\n", "utf-8"
    )
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "near"


def by_run_file(base, **settings):
    lines = [f'{key} = "{value}"' for key, value in settings.items()]
    (base / "run.toml").write_text(RUN.format(harm="\n".join(lines)), "utf-8")
    return chosen_by(read_run(base / "run.toml"), REGISTRY)


def by_command(base, monkeypatch, **settings):
    monkeypatch.chdir(base)
    options = [word for key, value in settings.items() for word in (f"--{key}", value)]
    return main(["check", "../offences.csv", *options, "--plugins", "none", "--quiet"])


@pytest.mark.parametrize("written", ["index", "./index", "../near/index"])
def test_a_folder_is_known_alike_and_relative_to_where_it_is_written(base, monkeypatch, written):
    found = choose_definition(REGISTRY, index=written, base=base).used
    assert found.bound_index.name == "ours"
    assert by_run_file(base, index=written).used == found
    assert by_command(base, monkeypatch, index=written) == 0


@pytest.mark.parametrize("written", ["d.TOML", "./d.TOML", "../near/d.TOML"])
def test_a_file_is_known_alike_and_relative_to_where_it_is_written(base, monkeypatch, written):
    found = choose_definition(REGISTRY, index="index", definition=written, base=base).used
    assert found.name == "d"
    assert by_run_file(base, index="index", definition=written).used == found
    assert by_command(base, monkeypatch, index="index", definition=written) == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"index": "./ons-css"},
        {"index": "nowhere/ons-css"},
        {"index": ".ons-css"},
        {"definition": "nowhere/high-harm"},
    ],
)
def test_what_is_written_as_a_path_is_never_looked_up_as_a_name(
    base, monkeypatch, capsys, settings
):
    with pytest.raises(hhpu.HhpuError) as by_run:
        by_run_file(base, **settings)
    with pytest.raises(hhpu.HhpuError) as by_call:
        choose_definition(REGISTRY, base=base, **settings)
    assert str(by_run.value) == str(by_call.value)
    assert not isinstance(by_run.value, hhpu.UnknownName)
    assert by_command(base, monkeypatch, **settings) in (2, 3)
    assert "registered" not in capsys.readouterr().err


def test_a_name_is_the_installed_one_even_beside_a_folder_of_that_name(base):
    (base / "ons-css").mkdir()
    found = choose_definition(REGISTRY, index="ons-css", base=base).used
    assert found == by_run_file(base, index="ons-css").used
    assert found.bound_index == REGISTRY.index("ons-css")


def test_another_edition_than_the_folders_is_told_in_the_readers_words(base, monkeypatch, capsys):
    with pytest.raises(hhpu.DefinitionError, match=r"\[harm\] index_edition 2: index holds 1"):
        by_run_file(base, index="index", index_edition="2")
    with pytest.raises(hhpu.ArgumentError, match="edition= 2: index holds 1"):
        choose_definition(REGISTRY, index="index", edition="2", base=base)
    assert by_command(base, monkeypatch, index="index", edition="2") == 2
    assert "--edition 2: index holds 1" in capsys.readouterr().err


def test_a_choice_for_intervals_that_an_index_does_not_have_is_told_alike(
    base, monkeypatch, capsys
):
    told = "index ons-css has no code with an interval only"
    with pytest.raises(hhpu.DefinitionError, match=rf"\[harm\] approx: {told}"):
        by_run_file(base, index="ons-css", approx="low")
    with pytest.raises(hhpu.ArgumentError, match=f"approx=: {told}"):
        choose_definition(REGISTRY, index="ons-css", approx="low")
    assert by_command(base, monkeypatch, index="ons-css", approx="low") == 2
    assert f"--approx: {told}" in capsys.readouterr().err


def test_an_approximate_index_is_accepted_only_where_it_is_said(base):
    with pytest.raises(hhpu.DefinitionError, match=r"say accept_approximate = true"):
        by_run_file(base, index="cambridge-approx")
    with pytest.raises(hhpu.ArgumentError, match="say accept_approximate=True"):
        choose_definition(REGISTRY, index="cambridge-approx", accept_approximate=False)
    assert choose_definition(REGISTRY, index="cambridge-approx").used.bound_index.approximate


def test_an_edition_without_an_index_is_refused():
    with pytest.raises(hhpu.ArgumentError, match="edition= goes with index="):
        choose_definition(REGISTRY, edition="1")


def test_a_window_derives_what_is_used_and_not_what_is_registered():
    chosen = choose_definition(REGISTRY, definition="high-harm-groups", index="ons-css", window=9)
    assert chosen.used.window == 9
    assert chosen.registered == REGISTRY.definition(
        "high-harm-groups", index=REGISTRY.index("ons-css")
    )
    every = choose_definition(REGISTRY, index="ons-css", window=9)
    assert every.used == hhpu.all_offences(REGISTRY.index("ons-css"), window=9)
    assert every.registered == hhpu.all_offences(REGISTRY.index("ons-css"))
