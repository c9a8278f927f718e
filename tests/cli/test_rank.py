import csv
import gzip
import io
import json
import os
from pathlib import Path

import pytest

from hhpu import load_registry, write_index
from hhpu.cli._rank import BESIDE
from hhpu.simulate import synthetic_force

MARK = "QXZPERSONAL"
ONS = ("--index", "ons-css", "--as-of", "2025-12-31")


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


class TestMinimalFile:
    def test_ranks_and_keeps_leading_zeros(self, run, minimal):
        done = run("rank", minimal, *ONS)
        assert done.code == 0
        rows = [(r["offender_id"], r["rank"], r["score"], r["offences"], r["tied"], r["tie_size"])
                for r in table(done.out)]  # fmt: skip
        assert rows == [
            ("007", "1", "7973.393423", "1", "false", "1"),
            ("7", "2", "189.153887", "1", "true", "2"),
            ("8", "2", "189.153887", "1", "true", "2"),
        ]
        assert done.out.startswith("offender_id,rank,score,offences,tied,tie_size,")
        assert "\r" not in done.out

    def test_says_on_its_face_what_could_not_be_guaranteed(self, run, minimal):
        err = run("rank", minimal, *ONS).err
        assert "Could not be guaranteed" in err
        for word in ("Not as known at the date", "No role", "No evidential status",
                     "No dates of birth", "No offence id", "No window"):  # fmt: skip
            assert word in err
        index = load_registry(plugins="none").index("ons-css")
        assert index.label in err
        assert index.supplier in err
        assert "8/77" in err
        assert "1 people have nothing scored" in err

    def test_quiet_silences_the_summary(self, run, minimal):
        done = run("rank", minimal, *ONS, "--quiet")
        assert done.err == ""
        assert len(table(done.out)) == 3

    def test_no_progress_in_a_pipe(self, run, minimal):
        assert "reading" not in run("rank", minimal, *ONS).err

    def test_progress_on_a_terminal(self, run, minimal, monkeypatch):
        monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
        assert "reading offences.csv ..." in run("rank", minimal, *ONS).err


class TestFiles:
    def test_gzip_gives_the_same(self, run, minimal, tmp_path):
        packed = tmp_path / "offences.csv.gz"
        packed.write_bytes(gzip.compress(minimal.read_bytes()))
        assert run("rank", packed, *ONS).out == run("rank", minimal, *ONS).out

    def test_parquet_gives_the_same(self, run, minimal, tmp_path):
        pa = pytest.importorskip("pyarrow")
        pq = pytest.importorskip("pyarrow.parquet")
        rows = table(minimal.read_text("utf-8"))
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        pq.write_table(pa.table(columns), tmp_path / "offences.parquet")
        done = run("rank", tmp_path / "offences.parquet", *ONS)
        assert done.out == run("rank", minimal, *ONS).out

    def test_order_of_rows_changes_no_byte(self, run, tmp_path):
        path, people, spells = synthetic_force(400, seed=4, dirt=True).write(tmp_path)
        head, *rows = path.read_text("utf-8").splitlines()
        turned = write(tmp_path / "turned.csv", head, *reversed(rows[7:]), *rows[:7])
        folders = []
        for name, offences in (("a", path), ("b", turned)):
            folder = tmp_path / name
            folder.mkdir()
            done = run(
                "rank", offences, *ONS, "--people", people, "--states", spells, "--top", "5%",
                "--out", folder / "r.csv",
            )  # fmt: skip
            assert done.code == 0
            folders.append(folder)
        one, other = folders
        assert (one / "r.csv").read_bytes() == (other / "r.csv").read_bytes()
        names = sorted(path.name for path in (one / "r").iterdir())
        for name in set(names) - {"problems.csv"}:
            assert (one / "r" / name).read_bytes() == (other / "r" / name).read_bytes(), name

    def test_out_writes_the_file_and_a_folder_beside_it(self, run, minimal, tmp_path):
        out = tmp_path / "ranking.csv"
        done = run("rank", minimal, *ONS, "--out", out)
        assert done.code == 0
        assert done.out == ""
        assert table(out.read_text("utf-8")) == table(run("rank", minimal, *ONS).out)
        names = {path.name for path in (tmp_path / "ranking").iterdir()}
        assert names == BESIDE - {"top.csv"}
        accounting = json.loads((tmp_path / "ranking" / "accounting.json").read_text("utf-8"))
        assert accounting["rows_in"] == 4
        assert sum(accounting["fates"].values()) == accounting["ledger_rows"] == 4
        assert any("No role" in text for text in accounting["provenance"]["caveats"])
        assert accounting["problems"]["rows_in"] == 4
        unscored = (tmp_path / "ranking" / "unscored_people.csv").read_text("utf-8")
        assert unscored == "offender_id\n9\n"
        assert "8/77,unknown-code,1,1" in (tmp_path / "ranking" / "unmapped.csv").read_text("utf-8")

    def test_a_second_run_replaces_the_first(self, run, minimal, tmp_path):
        out = tmp_path / "ranking.csv"
        assert run("rank", minimal, *ONS, "--top", "1", "--out", out).code == 0
        assert run("rank", minimal, *ONS, "--window", "310", "--out", out).code == 0
        assert len(table(out.read_text("utf-8"))) == 1
        assert not (tmp_path / "ranking" / "top.csv").exists()
        assert {p.name for p in tmp_path.iterdir()} == {"offences.csv", "ranking.csv", "ranking"}


class TestNothingHalfWritten:
    def state(self, folder: Path) -> dict[str, bytes]:
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }

    def test_a_missing_folder_is_refused_before_the_work(self, run, minimal, tmp_path, monkeypatch):
        monkeypatch.setattr("hhpu.cli._rank.read_inputs", lambda *_, **__: pytest.fail("read"))
        done = run("rank", minimal, *ONS, "--out", tmp_path / "missing" / "r.csv")
        assert done.code == 2
        assert "make the folder first" in done.err
        assert not (tmp_path / "missing").exists()

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
    def test_a_read_only_folder_is_refused(self, run, minimal, tmp_path):
        folder = tmp_path / "locked"
        folder.mkdir()
        folder.chmod(0o555)
        assert run("rank", minimal, *ONS, "--out", folder / "r.csv").code == 2
        assert list(folder.iterdir()) == []

    def test_a_folder_that_cannot_hold_a_temporary_one_is_refused(
        self, run, minimal, tmp_path, monkeypatch
    ):
        def refuse(*_, **__):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "mkdir", refuse)
        done = run("rank", minimal, *ONS, "--out", tmp_path / "r.csv")
        assert done.code == 2
        assert "Permission denied" in done.err
        assert self.state(tmp_path).keys() == {"offences.csv"}

    def test_out_that_is_a_folder_is_refused(self, run, minimal, tmp_path):
        (tmp_path / "r.csv").mkdir()
        assert run("rank", minimal, *ONS, "--out", tmp_path / "r.csv").code == 2

    def test_out_without_an_ending_is_refused(self, run, minimal, tmp_path):
        assert run("rank", minimal, *ONS, "--out", tmp_path / "r").code == 2
        assert not (tmp_path / "r").exists()

    def test_an_input_is_never_replaced(self, run, minimal):
        before = minimal.read_bytes()
        assert run("rank", minimal, *ONS, "--out", minimal).code == 2
        assert minimal.read_bytes() == before

    def test_a_folder_with_other_files_is_left_alone(self, run, minimal, tmp_path):
        (tmp_path / "r").mkdir()
        (tmp_path / "r" / "notes.txt").write_text("mine")
        before = self.state(tmp_path)
        done = run("rank", minimal, *ONS, "--out", tmp_path / "r.csv")
        assert done.code == 2
        assert "nothing was touched" in done.err
        assert self.state(tmp_path) == before

    @pytest.mark.parametrize("moment", [1, 2, 3])
    def test_a_failure_while_publishing_restores_what_was_there(
        self, run, minimal, tmp_path, monkeypatch, moment
    ):
        out = tmp_path / "r.csv"
        assert run("rank", minimal, *ONS, "--out", out).code == 0
        before = self.state(tmp_path)
        real, calls = Path.replace, []

        def failing(path, target):
            calls.append(target)
            if len(calls) == moment:
                raise OSError(28, "No space left on device")
            return real(path, target)

        monkeypatch.setattr(Path, "replace", failing)
        done = run("rank", minimal, *ONS, "--top", "1", "--out", out)
        assert done.code == 2
        assert "No space left" in done.err
        assert self.state(tmp_path) == before

    def test_an_error_in_the_work_leaves_what_was_there(self, run, minimal, tmp_path):
        out = tmp_path / "r.csv"
        assert run("rank", minimal, *ONS, "--out", out).code == 0
        before = self.state(tmp_path)
        assert run("rank", minimal, *ONS, "--unmapped", "error", "--out", out).code == 3
        assert self.state(tmp_path) == before


class TestWrongCalls:
    @pytest.mark.parametrize(
        ("options", "told"),
        [
            (("--as-of", "2025-12-31"), "not installed"),
            (("--index", "ons-css"), "--as-of"),
            ((*ONS, "--method", "recency-weighted"), "--half-life"),
            ((*ONS, "--half-life", "365"), "recency-weighted"),
            ((*ONS, "--window", "0"), "at least 1"),
            ((*ONS, "--top", "150%"), "a share such as 1%"),
            ((*ONS, "--edition", "1999"), "no edition"),
            ((*ONS, "--approx", "median"), "interval"),
            ((*ONS, "--definition", "high-harm-group"), "did you mean"),
            ((*ONS, "--plugins", "nobody"), "no plugin is named"),
            ((*ONS, "--column", "offender_id"), "OURS=THEIRS"),
            ((*ONS, "--column", "offender=ID"), "not among"),
            ((*ONS, "--column", "people.date_of_birth=DOB"), "--people FILE is not given"),
            ((*ONS, "--value", "status:CHGD=accused"), "not among"),
            ((*ONS, "--value", "code:x=8/06"), "translates"),
            (("--index", "./nowhere", "--as-of", "2025-12-31"), "is not a folder"),
            (("--index", "ons-css", "--as-of", "31/12/2025"), "YYYY-MM-DD"),
            (("--index", "ons-css", "--as-of", "2025-02-30"), "no date"),
        ],
    )
    def test_end_with_2_and_say_why(self, run, minimal, options, told):
        done = run("rank", minimal, *options)
        assert done.code == 2
        assert told in done.err
        assert done.out == ""

    def test_a_file_that_is_not_there(self, run, tmp_path):
        done = run("rank", tmp_path / "none.csv", *ONS)
        assert done.code == 2
        assert "cannot be read" in done.err

    def test_a_bug_is_not_hidden(self, run, minimal, monkeypatch):
        def broken(*_, **__):
            raise RuntimeError("a bug")

        monkeypatch.setattr("hhpu.cli._rank.rank", broken)
        with pytest.raises(RuntimeError, match="a bug"):
            run("rank", minimal, *ONS)

    def test_interrupted(self, run, minimal, tmp_path, monkeypatch):
        def stop(*_, **__):
            raise KeyboardInterrupt

        monkeypatch.setattr("hhpu.cli._rank.rank", stop)
        assert run("rank", minimal, *ONS, "--out", tmp_path / "r.csv").code == 130
        assert {path.name for path in tmp_path.iterdir()} == {"offences.csv"}


class TestRefusedInput:
    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ("", "no-data"),
            ("offender_id,code,committed_on\n", "no-rows"),
            ("offender_id;code;committed_on\n1;8/06;2025-01-04\n", "separator"),
            ("offender_id,code,code,committed_on\n1,8/06,8/06,2025-01-04\n", "duplicate-column"),
            ("offender_id,committed_on\n1,2025-01-04\n", "missing-column [code]"),
            ("offender_id,code,recorded_on\n1,8/06,2025-01-04\n", "missing-column [committed_on]"),
            ("offender_id,code,committed_on\n1,8/06,04/01/2025\n", "no-usable-rows"),
        ],
    )
    def test_ends_with_3_and_says_why(self, run, tmp_path, content, told):
        path = tmp_path / "offences.csv"
        path.write_text(content, encoding="utf-8")
        done = run("rank", path, *ONS)
        assert done.code == 3
        assert told in done.err
        assert "Traceback" not in done.err

    def test_all_files_are_judged_before_the_refusal(self, run, minimal, tmp_path):
        people = write(tmp_path / "people.csv", "nominal,dob", "1,1990-01-01")
        states = write(tmp_path / "spells.csv", "offender_id,starts_on", "1,2025-01-01")
        done = run("rank", minimal, *ONS, "--people", people, "--states", states)
        assert done.code == 3
        assert "people.csv" in done.err
        assert "spells.csv" in done.err

    def test_unmapped_error(self, run, minimal):
        done = run("rank", minimal, *ONS, "--unmapped", "error")
        assert done.code == 3
        assert "8/77: 1 (unknown-code)" in done.err
        assert "accept the gap with --unmapped report" in done.err
        assert done.out == ""

    def test_not_utf8(self, run, tmp_path):
        path = tmp_path / "offences.csv"
        path.write_bytes("offender_id,code,committed_on\né,8/06,2025-01-04\n".encode("cp1252"))
        done = run("rank", path, *ONS)
        assert done.code == 3
        assert "--encoding cp1252" in done.err
        assert table(run("rank", path, *ONS, "--encoding", "cp1252").out)[0]["offender_id"] == "é"


class TestOptions:
    def test_before_the_data_gives_the_header_only(self, run, minimal):
        done = run("rank", minimal, "--index", "ons-css", "--as-of", "2001-01-01")
        assert done.code == 0
        assert done.out.count("\n") == 1
        assert "The date lies before the first offence" in done.err

    def test_before_the_data_with_everything_written(self, run, minimal, tmp_path):
        out = tmp_path / "r.csv"
        options = ("--index", "ons-css", "--as-of", "2001-01-01", "--top", "1%", "--out", out)
        assert run("rank", minimal, *options).code == 0
        assert out.read_text("utf-8").count("\n") == 1

    def test_columns_values_and_date_order(self, run, tmp_path):
        path = write(
            tmp_path / "extract.csv",
            "NOMINAL,HO,STATUS,FROM",
            "0012,8/06,CHGD,04/01/2025",
            "0013,8/06,NFD,04/01/2025",
        )
        done = run(
            "rank", path, *ONS, "--date-order", "dmy", "--column", "offender_id=NOMINAL",
            "--column", "code=HO", "--column", "status=STATUS", "--column", "committed_on=FROM",
            "--value", "status:CHGD=charged", "--value", "status:NFD=eliminated",
        )  # fmt: skip
        assert done.code == 0
        assert [row["offender_id"] for row in table(done.out)] == ["0012"]

    def test_people_and_states_with_other_column_names(self, run, minimal, tmp_path):
        people = write(tmp_path / "p.csv", "offender_id,DOB", "7,2009-01-01", "007,1980-01-01")
        states = write(tmp_path / "s.csv", "offender_id,what,starts_on", "007,Jail,2025-06-01")
        done = run(
            "rank", minimal, *ONS, "--people", people, "--states", states,
            "--column", "people.date_of_birth=DOB", "--column", "spells.state=what",
            "--value", "spells.state:Jail=in-custody",
        )  # fmt: skip
        assert done.code == 0
        beside = {row["offender_id"]: row["availability"] for row in table(done.out)}
        assert beside["007"] == "in custody"
        assert beside["7"] == "under 18: available to a youth route only"

    def test_placing_date(self, run, tmp_path):
        path = write(
            tmp_path / "o.csv", "offender_id,code,committed_on,recorded_on",
            "1,8/06,2020-01-01,2025-12-01", "2,8/06,2025-12-01,2025-12-02",
        )  # fmt: skip
        window = ("--window", "365")
        by_committed = table(run("rank", path, *ONS, *window).out)
        by_recorded = table(run("rank", path, *ONS, *window, "--date", "recorded_on").out)
        assert [row["offender_id"] for row in by_committed] == ["2"]
        assert sorted(row["offender_id"] for row in by_recorded) == ["1", "2"]

    def test_methods(self, run, minimal):
        count = table(run("rank", minimal, *ONS, "--method", "offence-count").out)
        assert {row["score"] for row in count} == {"1"}
        halved = run("rank", minimal, "--index", "ons-css", "--as-of", "2025-01-14", "--method",
                     "recency-weighted", "--half-life", "10")  # fmt: skip
        assert table(halved.out)[0]["score"] == "94.5769435"

    @pytest.mark.parametrize(("top", "rows"), [("1", 1), ("1%", 1), ("100%", 3), ("2", 3)])
    def test_top_is_a_number_or_a_share_with_its_tie_block(self, run, minimal, tmp_path, top, rows):
        out = tmp_path / "r.csv"
        assert run("rank", minimal, *ONS, "--top", top, "--out", out).code == 0
        assert len(table((tmp_path / "r" / "top.csv").read_text("utf-8"))) == rows

    def test_top_1_is_one_person_and_1_percent_a_share(self, run, tmp_path):
        lines = [f"P{i:03},8/06,2025-01-{1 + i % 28:02}" for i in range(200)]
        lines += [f"P{i:03},39/00,2025-01-01" for i in range(200) for _ in range(i)]
        path = write(tmp_path / "o.csv", "offender_id,code,committed_on", *lines)
        sizes = {}
        for top in ("1", "1%", "0.01"):
            out = tmp_path / "r.csv"
            assert run("rank", path, *ONS, "--top", top, "--out", out).code == 0
            sizes[top] = len(table((tmp_path / "r" / "top.csv").read_text("utf-8")))
        assert sizes == {"1": 1, "1%": 2, "0.01": 2}

    def test_approx_derives_the_definition(self, run, minimal):
        options = ("--index", "cambridge-approx", "--as-of", "2025-12-31")
        without = run("rank", minimal, *options)
        declared = run("rank", minimal, *options, "--approx", "high")
        assert [row["offender_id"] for row in table(without.out)] == ["007"]
        assert len(table(declared.out)) == 3
        assert "approx none -> high" in declared.err
        assert table(declared.out)[0]["rank_worst"] != ""


class TestIndices:
    def extract(self, tmp_path):
        return write(
            tmp_path / "o.csv", "offender_id,code,committed_on,weapon",
            "1,A,2025-01-01,", "2,A,2025-01-01,knife", "3,B,2025-01-01,knife",
        )  # fmt: skip

    def test_folder_with_a_key_column(self, run, tmp_path, index_folder):
        done = run("rank", self.extract(tmp_path), "--as-of", "2025-12-31", "--index", index_folder)
        assert done.code == 0
        assert [(r["offender_id"], r["score"]) for r in table(done.out)] == [
            ("2", "4"), ("1", "1.5"), ("3", "0"),
        ]  # fmt: skip
        assert "our-index 2026" in done.err
        assert "folder our-index" in done.err

    def test_folder_whose_key_column_is_missing(self, run, minimal, index_folder):
        done = run("rank", minimal, "--as-of", "2025-12-31", "--index", index_folder)
        assert done.code == 3
        assert "weapon" in done.err

    def test_folder_of_another_edition(self, run, tmp_path, index_folder):
        done = run("rank", self.extract(tmp_path), "--as-of", "2025-12-31", "--index", index_folder,
                   "--edition", "2025")  # fmt: skip
        assert done.code == 2

    def test_faulty_folder_is_refused_with_every_fault(self, run, minimal, index_folder):
        write(index_folder / "weights.csv", "code,weight,basis,citation,weapon",
              "A,-1,force,us,", "B,0,,us,", "C,1,force,,")  # fmt: skip
        done = run("rank", minimal, "--as-of", "2025-12-31", "--index", index_folder)
        assert done.code == 3
        for fault in ("negative", "no basis", "no citation"):
            assert fault in done.err

    def test_changed_edition_under_a_built_in_name_is_refused(self, run, minimal, tmp_path):
        folder = tmp_path / "changed"
        write_index(load_registry(plugins="none").index("ons-css"), folder)
        weights = (folder / "weights.csv").read_text("utf-8").replace("7973.393423", "7973.393424")
        (folder / "weights.csv").write_text(weights, encoding="utf-8")
        head = [line for line in (folder / "index.toml").read_text("utf-8").splitlines()
                if not line.startswith("digest")]  # fmt: skip
        write(folder / "index.toml", *head)
        (folder / "examples.csv").unlink(missing_ok=True)
        done = run("rank", minimal, "--as-of", "2025-12-31", "--index", folder)
        assert done.code == 3
        assert "an edition never changes" in done.err
        assert done.out == ""

    def test_a_folder_without_an_index_does_not_hide_a_registered_name(
        self, run, minimal, tmp_path, monkeypatch
    ):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "ons-css").mkdir()
        assert run("rank", minimal, *ONS).code == 0


class TestDefinitions:
    DEFINITION = (
        'name = "assaults"', 'title = "Assaults only"', 'index = "ons-css"', "window = 400", "",
        "[[rules]]", 'name = "assault"', 'group = "violence"', 'status = "force"',
        'class_codes = ["8/06"]',
    )  # fmt: skip

    def test_toml_file(self, run, minimal, tmp_path):
        path = write(tmp_path / "ours.toml", *self.DEFINITION)
        done = run("rank", minimal, "--as-of", "2025-12-31", "--definition", path)
        assert done.code == 0
        assert [row["offender_id"] for row in table(done.out)] == ["7", "8"]
        assert "assaults 1" in done.err

    def test_window_beside_it_derives(self, run, minimal, tmp_path):
        path = write(tmp_path / "ours.toml", *self.DEFINITION)
        options = ("--as-of", "2025-12-31", "--definition", path, "--window", "310")
        done = run("rank", minimal, *options)
        assert [row["offender_id"] for row in table(done.out)] == ["8"]
        assert "window 400 -> 310" in done.err

    def test_registered_one_is_bound_to_the_index_given(self, run, minimal):
        done = run("rank", minimal, *ONS, "--definition", "high-harm-groups")
        assert done.code == 0
        assert "high-harm-groups 1" in done.err
        assert "derived from" in done.err

    def test_registered_one_without_an_index_names_what_is_missing(self, run, minimal):
        done = run("rank", minimal, "--as-of", "2025-12-31", "--definition", "high-harm-groups")
        assert done.code == 2
        assert "cambridge-approx" in done.err

    def test_weight_for_acquittals_is_refused(self, run, minimal, tmp_path):
        path = write(tmp_path / "o.toml", *self.DEFINITION, "[status_policy]", "acquitted = 50")
        done = run("rank", minimal, "--as-of", "2025-12-31", "--definition", path)
        assert done.code == 3
        assert "acquitted never scores" in done.err


class TestPersonalData:
    def test_no_value_of_a_row_reaches_standard_error(self, run, tmp_path):
        out = tmp_path / "r.csv"
        path = write(
            tmp_path / "o.csv", "offender_id,offence_id,code,committed_on,role,status",
            f"{MARK},{MARK}1,8/06,2025-01-01,{MARK},charged",
            f"{MARK}2,{MARK}2,8/06,{MARK},suspect,{MARK}",
            f"{MARK}2,{MARK}3,8/06,2025-01-01,suspect,charged",
            f"{MARK}2,{MARK}3,8/06,2025-01-01,suspect,charged",
        )  # fmt: skip
        done = run("rank", path, *ONS, "--top", "1", "--out", out)
        assert done.code == 0
        assert MARK not in done.err
        for name in ("accounting.json", "problems.csv", "unmapped.csv", "basis.csv", "series.csv"):
            assert MARK not in (tmp_path / "r" / name).read_text("utf-8"), name
        assert MARK in out.read_text("utf-8")

    @pytest.mark.parametrize("rows", [f"{MARK},8/06", f'{MARK},8/06,2025-01-01,"x,y'])
    def test_nor_when_the_file_is_refused(self, run, tmp_path, rows):
        path = write(tmp_path / "o.csv", "offender_id,code,committed_on", rows)
        done = run("rank", path, *ONS)
        assert done.code == 3
        assert MARK not in done.err


def test_the_age_of_responsibility_and_the_time_zone_can_be_declared(run, tmp_path):
    (tmp_path / "offences.csv").write_text(
        "offender_id,code,committed_on\nP1,8/06,2025-06-30T23:30:00+00:00\n", encoding="utf-8"
    )
    (tmp_path / "people.csv").write_text(
        "offender_id,date_of_birth\nP1,2013-07-01\n", encoding="utf-8"
    )
    call = ("rank", tmp_path / "offences.csv", "--people", tmp_path / "people.csv",
            "--as-of", "2025-12-31", "--index", "ons-css")  # fmt: skip
    assert "P1" in run(*call).out
    assert "P1" not in run(*call, "--criminal-age", "14").out
    assert "P1" in run(*call, "--criminal-age", "12").out, "1 July in London: twelve that day"
    assert "P1" not in run(*call, "--criminal-age", "12", "--timezone", "UTC").out
    assert run(*call, "--timezone", "Mars").code == 2
    assert run(*call, "--criminal-age", "99").code == 2
