"""The run file that is written to begin with, held to what is read."""

import datetime as dt
import re
import tomllib

import pytest

import hhpu
from hhpu.errors import DefinitionError
from hhpu.runs import example_run_file, read_run
from hhpu.runs._schema import KEYS

BELIEFS = {"thresholds": {"most_fall_in_rows": 0.1, "least_rows_same": 0.5}}
_ACCOMPANIED = (
    "half_life", "index_edition", "least_captured", "most_overridden", "least_overridden",
    "overridden_within",
)  # fmt: skip
EVERY = [(name, key) for name, keys in KEYS.items() for key in keys]


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_is_read_and_has_the_defaults(tmp_path):
    declared = read_run(written(tmp_path / "north.toml", example_run_file(BELIEFS)))
    assert declared.name == "north"
    assert declared.sources == {"offences": "extracts/{as_of}/offences.csv"}
    assert (declared.date, declared.date_order, declared.timezone, declared.encoding) == (
        "committed_on", "iso", "Europe/London", "utf-8",
    )  # fmt: skip
    assert (declared.criminal_age, declared.classify, declared.listed) == (10, (), 50)
    assert (declared.index, declared.definition, declared.window) == (None, None, None)
    assert (declared.unmapped, declared.method.name) == ("report", "total-harm")
    assert (declared.as_of, declared.bracket, declared.suppress_below) == (None, 50, None)
    assert not declared.keeps_versions
    assert not declared.keep_placeholders
    assert not declared.accept_approximate
    assert declared.ledger == tmp_path / "runs" / "ledger.npz"


def test_the_example_without_what_is_believed_of_extracts_is_refused(tmp_path):
    with pytest.raises(DefinitionError, match="most_fall_in_rows is missing"):
        read_run(written(tmp_path / "run.toml", example_run_file()))


@pytest.mark.parametrize(("name", "key"), EVERY)
def test_every_example_value_is_right_and_another_kind_is_not(name, key):
    declared = KEYS[name][key]
    assert declared.check(declared.example) is None
    assert declared.kind == declared.check(object())
    assert declared.default in (None, ()) or declared.check(declared.default) is None


@pytest.mark.parametrize(("name", "key"), EVERY)
def test_every_key_of_the_example_can_be_uncommented(name, key, tmp_path):
    text = example_run_file(BELIEFS)
    section = rf"(^\[{name}\]\n.*?)" if name else "()"
    lifted, times = re.subn(
        rf"{section}^(?:# )?({key} = .*)$", r"\1\2", text, count=1, flags=re.MULTILINE | re.DOTALL
    )
    assert times == 1
    content = tomllib.loads(lifted)
    table = content[name] if name else content
    assert table[key] == (BELIEFS.get(name, {}).get(key, KEYS[name][key].example))
    path = written(tmp_path / "run.toml", lifted)
    if key in _ACCOMPANIED:
        with pytest.raises(DefinitionError, match="goes with"):
            read_run(path)
    else:
        read_run(path)


def test_the_mappings_of_the_example_can_be_uncommented(tmp_path):
    text = example_run_file(BELIEFS)
    head, mark, tail = text.partition("# [columns.offences]")
    lifted = head + re.sub(r"^# (\[|\w+ = )", r"\1", mark + tail, flags=re.MULTILINE)
    declared = read_run(written(tmp_path / "run.toml", lifted))
    assert declared.columns["offences"]["offender_id"] == "NOMINAL_REF"
    assert declared.values["offences"]["status"]["CHGD"] == "charged"


def test_given_values_are_written_as_toml(tmp_path):
    force = 'A "force" \\ here'
    given = BELIEFS | {
        "": {"force": force},
        "run": {"as_of": dt.date(2026, 3, 31), "bracket": "1%"},
        "reading": {"classify": ["division"], "keep_placeholders": True},
    }
    declared = read_run(written(tmp_path / "run.toml", example_run_file(given)))
    assert (declared.force, declared.bracket) == (force, "1%")
    assert declared.as_of == dt.date(2026, 3, 31)
    assert declared.classify == ("division",)
    assert declared.keep_placeholders


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        (
            "[values.offences.domestic_abuse]\nY = true",
            '.domestic_abuse] Y is a text, in double quotes (theirs = ours): Y = "true"',
        ),
        (
            "[values.offences]\nstatus = 3",
            "[values.offences.status] is a table of texts: theirs = ours",
        ),
        ("[columns.offences]\ncode = 1", "[columns.offences] code is a text, in double quotes"),
    ],
)
def test_a_mapping_of_what_is_no_text_names_where_it_stands(mapping, told, tmp_path):
    path = written(tmp_path / "run.toml", f"{example_run_file(BELIEFS)}\n{mapping}\n")
    with pytest.raises(DefinitionError, match=re.escape(told)):
        read_run(path)


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("cp1252", "line 2 is not UTF-8 text"), ("utf-16", "it is UTF-16, not UTF-8 text")],
)
def test_a_file_in_another_encoding_says_how_to_save_it(encoding, told, tmp_path):
    path = tmp_path / "ours.toml"
    path.write_bytes('format = "hhpu run 1"\nforce = "Zürich"\n'.encode(encoding))
    for read in (read_run, hhpu.read_definition):
        with pytest.raises(DefinitionError) as caught:
            read(path)
        assert f"{told}: save the file as UTF-8" in str(caught.value)
        assert "codec" not in str(caught.value)
