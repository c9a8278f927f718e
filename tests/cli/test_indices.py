from hhpu import load_registry, read_index


def test_lists_what_is_installed(run):
    done = run("indices")
    assert done.code == 0
    registry = load_registry()
    for index in registry.indices:
        (line,) = [text.split() for text in done.out.splitlines() if index.edition in text]
        assert line[0] == index.name
        assert line[2] == index.digest[:19]
        assert str(len(index.weights)) in line
        assert ("approximate" in line) == index.approximate
    assert "high-harm-groups" in done.out
    assert "hhpu_harm" not in done.out


def test_shows_one_index(run):
    done = run("indices", "ons-css", "--edition", "2020-12")
    index = load_registry(plugins="none").index("ons-css")
    assert done.code == 0
    assert index.digest in done.out
    for citation in index.citations:
        assert citation.title in done.out
    assert index.note in done.out
    published = sum(weight.basis == "published" for weight in index.weights)
    assert f"{published} published" in done.out


def test_shows_one_definition(run):
    done = run("indices", "high-harm-groups")
    assert done.code == 0
    definition = next(d for d in load_registry().definitions if d.name == "high-harm-groups")
    for rule in definition.rules:
        assert rule.name in done.out
    assert "acquitted" in done.out


def test_unknown_name(run):
    done = run("indices", "ons-ccs")
    assert done.code == 2
    assert "did you mean 'ons-css'?" in done.err


def test_check_of_a_good_folder(run, index_folder):
    done = run("indices", "--check", index_folder)
    assert done.code == 0
    assert "is a well-formed harm index" in done.out
    assert read_index(index_folder).digest in done.out
    assert "weapon=knife" in done.out


def test_check_lists_every_fault(run, index_folder):
    (index_folder / "weights.csv").write_text(
        "code,weight,basis,citation,weapon\nA,x,force,us,\nB,,force,us,\nC,1.55,force,us,\n"
    )
    done = run("indices", "--check", index_folder)
    assert done.code == 3
    for line in (2, 3, 4):
        assert f"weights.csv line {line}" in done.err
    assert done.out == ""


def test_check_reproduces_the_worked_cases(run, index_folder):
    (index_folder / "examples.csv").write_text("codes,harm\nA;A;B,3\n")
    assert "Worked cases reproduced: 1" in run("indices", "--check", index_folder).out
    (index_folder / "examples.csv").write_text("codes,harm\nA;A;B,3.1\n")
    done = run("indices", "--check", index_folder)
    assert done.code == 3
    assert "3.1 points expected, scored 3" in done.err


def test_check_of_no_folder(run, tmp_path):
    assert run("indices", "--check", tmp_path / "none").code == 2


def test_options_that_do_not_go_together(run, index_folder):
    assert run("indices", "--edition", "1").code == 2
    assert run("indices", "ons-css", "--check", index_folder).code == 2
