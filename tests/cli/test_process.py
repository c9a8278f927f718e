"""The command as a process: what a shell sees."""

import os
import subprocess
import sys

import pytest

COMMANDS = ("demo", "indices", "check", "rank", "explain")


def hhpu(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "hhpu", *map(str, arguments)],
        capture_output=True,
        check=False,
        timeout=120,
        **options,
    )


def test_help_names_every_command_and_exit_code():
    done = hhpu("--help")
    assert done.returncode == 0
    for word in (*COMMANDS, "Exit codes"):
        assert word in done.stdout.decode()


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_examples_for_both_systems(run, command):
    done = run(command, "--help")
    assert done.code == 0
    assert "Examples (Linux, macOS" in done.out
    assert "Windows" in done.out
    assert f"hhpu {command}" in done.out


def test_help_of_the_parser_imports_no_command():
    code = (
        "import sys; from hhpu.cli import main; main(['--help']); "
        "print(sorted(m for m in sys.modules if m.startswith(('hhpu.cli', 'hhpu.simulate'))))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    assert done.stdout.decode().splitlines()[-1] == (
        "['hhpu.cli', 'hhpu.cli._help', 'hhpu.cli._options', 'hhpu.cli._parser']"
    )


def test_no_command_and_version(run):
    assert run().code == 2
    assert run("--version").out.startswith("hhpu ")
    assert run("ranking").code == 2


def test_the_bytes_on_standard_output(minimal):
    done = hhpu("rank", minimal, "--index", "ons-css", "--as-of", "2025-12-31")
    assert done.returncode == 0
    assert done.stdout.startswith(b"offender_id,rank,score,offences,tied,tie_size,")
    assert b"\r" not in done.stdout
    assert done.stdout.endswith(b"\n")
    assert b"Could not be guaranteed" in done.stderr


def test_exit_codes_and_no_traceback(minimal, tmp_path):
    wrong = hhpu("rank", minimal, "--as-of", "2025-12-31")
    (tmp_path / "empty.csv").write_bytes(b"")
    refused = hhpu("rank", tmp_path / "empty.csv", "--index", "ons-css", "--as-of", "2025-12-31")
    assert (wrong.returncode, refused.returncode) == (2, 3)
    assert b"Traceback" not in wrong.stderr + refused.stderr


def test_explain_reads_standard_input(minimal):
    done = hhpu("explain", minimal, "--index", "ons-css", "--as-of", "2025-12-31", input=b"007\n")
    assert done.returncode == 0
    assert b"Offender 007" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="pipes of this kind are of Unix")
def test_a_reader_that_goes_away_is_no_error(tmp_path):
    path = tmp_path / "o.csv"
    lines = [f"P{i},8/06,2025-01-04" for i in range(30_000)]
    path.write_text("\n".join(["offender_id,code,committed_on", *lines]))
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "hhpu", "rank", path, "--index", "ons-css", "--as-of", "2025-12-31"],
        stdout=write, stderr=subprocess.PIPE, check=False, timeout=120,
    )  # fmt: skip
    os.close(write)
    assert done.returncode == 141
    assert done.stderr == b""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_full_standard_output_is_told(minimal):
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "hhpu", "rank", minimal, "--index", "ons-css", "--as-of",
             "2025-12-31"],
            stdout=full, stderr=subprocess.PIPE, check=False, timeout=120,
        )  # fmt: skip
    assert done.returncode == 2
    assert b"standard output cannot be written" in done.stderr
    assert b"Traceback" not in done.stderr
