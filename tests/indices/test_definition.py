"""A harm definition checks itself, says what it was derived from, and never weighs an acquittal."""

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hhpu
from hhpu import (
    Citation,
    HarmDefinition,
    HarmIndex,
    IndexRef,
    Rule,
    Weight,
    read_definition,
    write_definition,
)
from hhpu.domain import EvidentialStatus
from hhpu.errors import ArgumentError, DefinitionError, OutputError
from hhpu.indices import TypeFate, all_offences, compile_definition
from hhpu.indices.codes import at_level, read_code, reference_codes
from hhpu.testing import assert_conforms, check_definition
from hhpu.testing.strategies import harm_definitions, harm_indices, offences

SOURCE = Citation(key="us", title="Our panel", url="https://example.invalid/panel")
NEVER = ["eliminated", "acquitted", "not-guilty", "cancelled"]
TOML = """\
name = "own"
title = "Own definition"
index = "ons-css"
window = 730
apart = ["proactive"]

[status_policy]
no-further-action = 20

[[citations]]
key = "us"
title = "Our panel"
url = "https://example.invalid/panel"

[[rules]]
name = "violence"
group = "serious_violence"
status = "force"
class_codes = ["5/01"]
recorded_codes = ["1"]
citation = "us"

[[rules]]
name = "domestic"
group = "domestic_abuse"
status = "force"
flags = ["domestic_abuse"]
"""


def index(*codes, notation="own-codes", **changes):
    weights = [Weight(code, 10 * (i + 1), "force", ("us",)) for i, code in enumerate(codes or "A")]
    return HarmIndex(
        name="own-harm", edition="1", title="T", unit="days", scale=1, codes=notation,
        licence="CC0-1.0", citations=(SOURCE,), weights=weights, **changes,
    )  # fmt: skip


def rule(name="r", **changes):
    return Rule(**{"name": name, "group": "g", "status": "force", "codes": ("A",), **changes})


def definition(**changes):
    return HarmDefinition(**{"name": "own", "title": "T", "index": index(), **changes})


def faults(**changes):
    with pytest.raises(DefinitionError) as caught:
        definition(**changes)
    return caught.value.faults


@pytest.mark.parametrize("status", NEVER)
@pytest.mark.parametrize("percent", [1, 100])
def test_weight_for_what_never_scores_is_refused(status, percent):
    (fault,) = faults(status_policy={status: percent})
    assert fault == f"status_policy: {status} never scores; it cannot be given weight"


@pytest.mark.parametrize("status", NEVER)
def test_naming_what_never_scores_with_0_is_allowed(status):
    assert definition(status_policy={status: 0}).percentages()[status] == 0


def test_what_is_not_named_is_100_but_for_what_never_scores():
    percentages = definition(status_policy={"no_further_action": 20}).percentages()
    assert percentages == {
        "unknown": 100, "suspect": 100, "arrested": 100, "charged": 100, "convicted": 100,
        "cautioned": 100, "no-further-action": 20, "eliminated": 0, "acquitted": 0,
        "not-guilty": 0, "cancelled": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "Own"}, "name 'Own': lower-case"),
        ({"status_policy": {"guilty": 100}}, "'guilty' is not among acquitted, arrested"),
        ({"status_policy": {"suspect": 101}}, "suspect must be a whole percentage, 0 to 100"),
        ({"status_policy": {"suspect": -1}}, "suspect must be a whole percentage"),
        ({"status_policy": {"suspect": 50.0}}, "suspect must be a whole percentage"),
        ({"status_policy": {"suspect": True}}, "suspect must be a whole percentage"),
        ({"apart": ["historic"]}, "apart: historic is not among company, management, non-recent"),
        ({"apart": ["non-recent"]}, "say from how many days on (non_recent_after)"),
        ({"window": 0}, "window is a whole number of days, at least 1"),
        ({"window": 365.0}, "window is a whole number of days"),
        ({"non_recent_after": -1}, "non_recent_after is a whole number of days"),
        ({"approx": "mean"}, "approx 'mean': low, median or high"),
        ({"rules": [rule(), rule()]}, "rule 'r' stands twice"),
        ({"rules": [rule(codes=())]}, "it would let everything in"),
        ({"rules": [rule(flags=["racist"])]}, "flag racist is not among domestic_abuse, hate"),
        ({"rules": [rule(citation=["us"])]}, "no citation has the key us"),
        ({"rules": [rule(status="statute")]}, "is statute: it needs a citation"),
        ({"rules": [rule(status="sourced")]}, "is sourced: it needs a citation"),
        ({"rules": [rule(codes=[" A"])]}, "a code is empty or has space around it"),
        ({"rules": [rule(class_codes=["008/06"])]}, "it reads as 8/06 in home-office-class"),
        ({"rules": [rule(class_codes=["8N"])]}, "it reads as 8N in home-office-recorded"),
        ({"rules": [rule(class_codes=["08-Jun"])]}, "(spreadsheet-damaged)"),
        ({"rules": [rule(recorded_codes=["8n"])]}, "it reads as 8N"),
        ({"rules": [rule(recorded_codes=["8/06"])]}, "it reads as 8/06 in home-office-class"),
        ({"citations": [SOURCE, SOURCE]}, "citation key 'us' stands twice"),
        ({"citations": [attrs.evolve(SOURCE, key="a;b")]}, "'a;b': no semicolon"),
    ],
)
def test_what_is_refused(changes, told):
    assert any(told in fault for fault in faults(**changes)), faults(**changes)


def test_every_fault_is_given_at_once():
    policy = {"acquitted": 1}
    assert len(faults(name="?", window=0, status_policy=policy, rules=[rule(codes=())])) == 4


def test_one_text_where_a_list_is_wanted_is_refused_and_does_not_fall_into_letters():
    for field in ("flags", "class_codes", "recorded_codes", "codes", "citation"):
        with pytest.raises(ArgumentError, match="is one text where a list of texts is wanted"):
            rule(**{field: "hate"})


CHANGES = [
    ({"window": 365}, "window none -> 365"),
    ({"approx": "low"}, "approx none -> low"),
    ({"apart": ["company"]}, "apart none -> company"),
    ({"status_policy": {"suspect": 50}}, "status_policy default -> suspect=50"),
    ({"window": 9, "approx": "high"}, "window none -> 9; approx none -> high"),
]


@pytest.mark.parametrize(("changes", "told"), CHANGES)
def test_a_derived_definition_has_its_own_digest_and_says_from_what(changes, told):
    first = definition()
    derived = first.derive(**changes)
    assert derived.derived_from == f"own 1 ({first.digest[:19]}): {told}"
    assert derived.digest != first.digest
    assert first.derived_from == ""


def test_deriving_twice_tells_both_changes_and_back_again_gives_the_first_digest():
    first = definition(window=365)
    back = first.derive(window=730).derive(window=365)
    assert back.derived_from.endswith("window 365 -> 730; window 730 -> 365")
    assert back.digest == first.digest


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"window": 365},
        {"apart": ["company"]},
        {"apart": ("company",)},
        {"status_policy": {"no_further_action": 20}},
        {"window": 365, "approx": None},
    ],
)
def test_a_change_to_what_it_is_already_is_no_change(changes):
    first = definition(window=365, apart={"company"}, status_policy={"no-further-action": 20})
    assert first.derive(**changes) is first


def test_deriving_with_another_index_names_both():
    first = definition()
    derived = first.derive(index=attrs.evolve(index(), edition="2"))
    assert "index own-harm 1 (sha256:" in derived.derived_from
    assert "-> own-harm 2 (sha256:" in derived.derived_from


def test_a_derived_definition_is_checked_too():
    with pytest.raises(DefinitionError, match="acquitted never scores"):
        definition().derive(status_policy={"acquitted": 100})
    with pytest.raises(ArgumentError, match="no setting windows; there are apart, approx"):
        definition().derive(windows=1)


def test_the_index_that_a_bare_name_stands_for_is_not_guessed():
    with pytest.raises(ArgumentError, match="names the index 'x': take it from a registry"):
        _ = definition(index=IndexRef("x")).bound_index


@given(harm_definitions(), st.data())
def test_any_change_of_a_setting_changes_the_digest(drawn, data):
    changed = data.draw(
        st.sampled_from(
            [
                {"window": (drawn.window or 0) + 1},
                {"name": f"{drawn.name}-x"},
                {"edition": f"{drawn.edition}x"},
                {"rules": (*drawn.rules, rule("another"))},
                {"apart": drawn.apart ^ {"company"}},
                {"status_policy": {"suspect": (drawn.percentages()["suspect"] + 1) % 101}},
                {"index": attrs.evolve(drawn.index, edition=f"{drawn.index.edition}x")},
            ]
        )
    )
    assert attrs.evolve(drawn, **changed).digest != drawn.digest


@settings(max_examples=60, deadline=None)
@given(harm_definitions())
def test_a_definition_is_written_and_read_back_unchanged(tmp_path_factory, drawn):
    path = tmp_path_factory.mktemp("definition") / "own.toml"
    for each in (drawn, drawn.derive(window=9999)):
        path.unlink(missing_ok=True)
        again = read_definition(write_definition(each, path))
        assert again.index == IndexRef(each.index.name, each.index.edition)
        bound = attrs.evolve(again, index=each.index)
        assert bound == each
        assert bound.digest == each.digest


AWKWARD = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(AWKWARD, AWKWARD)
def test_any_text_in_a_definition_survives_toml(tmp_path_factory, title, note):
    path = tmp_path_factory.mktemp("definition") / "own.toml"
    cited = Citation(key="us", title=title, note=note)
    own = definition(
        index=IndexRef("x"), title=title, note=note, citations=[cited], rules=[rule(note=note)]
    )
    assert read_definition(write_definition(own, path)) == own


@pytest.fixture
def file(tmp_path):
    def write(text=TOML):
        path = tmp_path / "own.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_file_is_read(file):
    own = read_definition(file())
    assert own.index == IndexRef("ons-css")
    assert (own.window, own.apart, own.supplier) == (730, {"proactive"}, "file own.toml")
    assert [r.name for r in own.rules] == ["violence", "domestic"]
    assert own.rules[0].citation == ("us",)
    assert_conforms(file())


@pytest.mark.parametrize(
    "form",
    [lambda t: b"\xef\xbb\xbf" + t.encode(), lambda t: t.replace("\n", "\r\n").encode()],
    ids=["BOM", "CRLF"],
)
def test_the_forms_in_which_editors_save_make_no_difference(file, form):
    plain = read_definition(file()).digest
    assert read_definition(file(form(TOML))).digest == plain


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('title = "Own definition"\n', "", "title is missing"),
        ('index = "ons-css"\n', "", "index is missing"),
        ("window = 730", "windw = 730", "unknown windw; it may have name, edition"),
        ("window = 730", 'window = "730"', "window is a whole number of days"),
        ("window = 730", "window = 0", "window is a whole number of days"),
        ('apart = ["proactive"]', 'apart = "proactive"', "apart must be a list"),
        ('apart = ["proactive"]', "apart = [1]", "apart must be a list"),
        ('name = "own"', "name = 5", "name must be text in quotes"),
        ("[status_policy]\nno-further-action = 20", "status_policy = 20", "must be a table"),
        ("no-further-action = 20", "no-further-action = 20.5", "must be a whole percentage"),
        ("no-further-action = 20", "acquitted = 20", "acquitted never scores"),
        ("no-further-action = 20", "cancelled = 100", "cancelled never scores"),
        ("[[citations]]", "[citations]", "citations are written under [[citations]]"),
        ('group = "serious_violence"\n', "", "rule 1: name, group and status are needed"),
        ('status = "force"\nflags', 'status = "guess"\nflags', "rule 2: status is one of statute"),
        ('status = "force"\nflags', "status = 1\nflags", "status must be text in quotes"),
        ('flags = ["domestic_abuse"]', 'flags = "domestic_abuse"', "flags must be a list of texts"),
        ('flags = ["domestic_abuse"]', 'flag = ["domestic_abuse"]', "rule 2: unknown flag"),
        ('class_codes = ["5/01"]', "class_codes = [5]", "class_codes must be a list of texts"),
        ('class_codes = ["5/01"]', 'class_codes = ["005/01"]', "it reads as 5/01"),
        ('citation = "us"', 'citation = ["us"]', "citation must be text in quotes"),
        ('citation = "us"', 'citation = "them"', "no citation has the key them"),
        ("window = 730", "window = ", "it is not TOML"),
    ],
)
def test_a_file_that_is_refused(file, old, new, told):
    assert old in TOML
    with pytest.raises(DefinitionError) as caught:
        read_definition(file(TOML.replace(old, new)))
    assert any(told in fault for fault in caught.value.faults), caught.value.faults


def test_rules_in_single_brackets_are_refused_and_not_left_out(file):
    text = TOML[: TOML.index("[[rules]]")] + '[rules]\nname = "r"\n'
    with pytest.raises(DefinitionError, match=r"rules are written under \[\[rules\]\]"):
        read_definition(file(text))


def test_a_file_that_cannot_be_opened_or_written(tmp_path, file):
    with pytest.raises(ArgumentError, match="cannot be read"):
        read_definition(tmp_path / "absent.toml")
    path = file()
    with pytest.raises(ArgumentError, match="never overwritten"):
        write_definition(definition(), path)
    assert path.read_text(encoding="utf-8") == TOML
    with pytest.raises(OutputError, match="cannot be written"):
        write_definition(definition(), tmp_path / "absent" / "own.toml")
    with pytest.raises(DefinitionError, match="not UTF-8 text"):
        read_definition(file(TOML.encode("utf-16")))


COLUMNS = (
    "code", "role", "domestic_abuse", "hate", "child_abuse", "child_victim", "detection",
    "division",
)  # fmt: skip


def compiled(own, *kinds, notation=None, absent=()):
    types = {name: tuple(kind.get(name) for kind in kinds) for name in COLUMNS}
    return compile_definition(own, types, notation=notation, absent=frozenset(absent))


def fates(own, *kinds, **options):
    return [TypeFate(fate).name for fate in compiled(own, *kinds, **options).fate]


def test_a_rule_fires_where_all_its_flags_and_one_of_its_codes_hold():
    own = definition(index=index("A", "B"), rules=[rule(flags=["hate", "child_abuse"])])
    kinds = [
        {"code": "A", "hate": "true", "child_abuse": "true"},
        {"code": "A", "hate": "true", "child_abuse": "false"},
        {"code": "A", "hate": "true"},
        {"code": "B", "hate": "true", "child_abuse": "true"},
    ]
    assert fates(own, *kinds) == ["SCORED"] + ["OUT_OF_DEFINITION"] * 3


def test_what_fired_is_named_even_where_several_rules_do():
    own = definition(rules=[rule("one"), rule("two", codes=(), flags=["hate"]), rule("three")])
    table = compiled(own, {"code": "A", "hate": "true"}, {"code": "A"})
    assert table.rules == (("one", "two", "three"), ("one", "three"))


def test_a_code_that_the_index_does_not_know_is_unmapped_and_never_worth_0():
    own = definition(rules=[rule(codes=["A", "Z"])])
    table = compiled(own, {"code": "Z"}, {"code": None}, {"code": "A", "role": "victim"})
    assert fates(own, {"code": "Z"}) == ["UNMAPPED"]
    assert table.reason[0] == "unknown-code"
    assert TypeFate(table.fate[2]) is TypeFate.OTHER_ROLE
    assert table.row.tolist() == [-1, -1, -1]


def test_a_code_that_cannot_be_read_is_unmapped_under_rules_by_code_not_left_out():
    own = definition(
        index=index("8/06", notation="home-office-class"),
        rules=[rule(codes=(), class_codes=["8/06"])],
    )
    kinds = [{"code": c} for c in ("8/06", "46/00", "8N", "106", "08-Jun", None)]
    table = compiled(own, *kinds)
    assert [TypeFate(fate).name for fate in table.fate] == [
        "SCORED", "OUT_OF_DEFINITION", "OUT_OF_DEFINITION", "UNMAPPED", "UNMAPPED", "UNMAPPED",
    ]  # fmt: skip
    assert table.reason[3:] == ("ambiguous-notation", "spreadsheet-damaged", "no-code")


@pytest.mark.parametrize("series", ["proactive", "company", "management"])
def test_a_series_kept_apart_has_its_weight_and_no_part_in_the_score(series):
    kinds = [{"code": "A", "detection": how} for how in (series, "reported", None)]
    assert fates(definition(), *kinds) == ["SCORED"] * 3
    table = compiled(definition(apart=[series]), *kinds)
    assert [TypeFate(fate).name for fate in table.fate] == ["APART", "SCORED", "SCORED"]
    assert table.weight.tolist() == [10, 10, 10]


def rough(**row):
    weight = Weight("A", None, "interval-only", ("us",), lowest=2, median=5, highest=90, **row)
    return attrs.evolve(index(), weights=[weight], approximate=True, interval_threshold=3)


@pytest.mark.parametrize(
    ("approx", "fate", "weight"),
    [
        (None, "INTERVAL_ONLY", 0),
        ("low", "SCORED", 2),
        ("median", "SCORED", 5),
        ("high", "SCORED", 90),
    ],
)
def test_an_interval_has_a_value_only_by_declared_choice(approx, fate, weight):
    table = compiled(definition(index=rough(), approx=approx), {"code": "A"})
    assert TypeFate(table.fate[0]).name == fate
    assert (table.weight[0], table.lowest[0], table.highest[0]) == (weight, 2, 90)


def test_a_point_weight_is_not_moved_by_the_choice_for_intervals():
    bounded = attrs.evolve(index().weights[0], lowest=1, highest=90)
    own = attrs.evolve(index(), weights=[bounded])
    table = compiled(definition(index=own, approx="high"), {"code": "A"})
    assert (table.weight[0], table.lowest[0], table.highest[0]) == (10, 1, 90)


def test_class_codes_go_up_to_recorded_codes_and_nothing_goes_down():
    css = hhpu.load_registry(plugins="none").index("ons-css")
    table = compiled(all_offences(css), {"code": "8/06"}, {"code": "8N"}, {"code": "34/01"})
    eight = css.weigh("8N").weight
    assert table.weight.tolist() == [eight, eight, css.weigh("34A").weight]
    classes = index("8/06", notation="home-office-class")
    assert compiled(all_offences(classes), {"code": "8N"}).reason == ("too-coarse",)


def test_every_class_code_has_the_weight_of_its_recorded_code_or_a_reason():
    css = hhpu.load_registry(plugins="none").index("ons-css")
    codes = list(reference_codes())
    table = compiled(all_offences(css), *({"code": code} for code in codes))
    for place, code in enumerate(codes):
        level = at_level(read_code(code), "home-office-recorded")
        found = [css.weigh(c) for c in level.codes]
        weights = {w.weight for w in found if w}
        generic = reference_codes()[code].generic
        if found and all(found) and len(weights) == 1 and not generic:
            assert table.weight[place] == weights.pop()
            assert table.reason[place] == ""
        else:
            assert table.weight[place] == 0
            assert table.reason[place] in {"unknown-code", "generic-code", "several-candidates"}


def test_a_rule_by_recorded_code_takes_the_class_codes_under_it():
    own = definition(
        index=hhpu.load_registry(plugins="none").index("ons-css"),
        rules=[rule(codes=(), recorded_codes=["8N"])],
    )
    kinds = [{"code": c} for c in ("8/06", "8N", "8/01", "46/00")]
    under = at_level(read_code("8/01"), "home-office-recorded").codes == ("8N",)
    assert fates(own, *kinds) == [
        "SCORED", "SCORED", "SCORED" if under else "OUT_OF_DEFINITION", "OUT_OF_DEFINITION",
    ]  # fmt: skip


def test_a_column_that_the_index_depends_on_must_be_encoded():
    keyed = attrs.evolve(
        index(), keys=("area",), weights=[attrs.evolve(index().weights[0], keys=("north",))]
    )
    with pytest.raises(ArgumentError, match=r"encode with classify=\('area',\)"):
        compiled(definition(index=keyed), {"code": "A"})


def test_a_flag_that_the_input_does_not_have_is_a_caveat():
    own = definition(rules=[rule("r", flags=["hate"])])
    (caveat,) = compiled(own, {"code": "A"}, absent=["hate"]).caveats
    assert "no column 'hate'" in caveat
    assert compiled(own, {"code": "A"}).caveats == ()


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_counts_is_what_a_slow_reading_of_the_rules_gives(data):
    own_index = data.draw(harm_indices(notation="own-codes", keys=(), approximate=False))
    apart = data.draw(st.sets(st.sampled_from(["company", "proactive"])))
    drawn = data.draw(harm_definitions(own_index))
    own = attrs.evolve(drawn, non_recent_after=None, window=None, apart=frozenset(apart))
    records = data.draw(offences(own_index, versions=False))
    scores = hhpu.score(hhpu.encode(records), as_of="2030-01-01", definition=own)
    weights = {w.code: w.weight for w in own_index.weights}
    expected = {}
    for record in records:
        if record.role not in ("suspect", "offender") or record.detection in own.apart:
            continue
        inside = not own.rules or any(
            (not r.codes or record.code in r.codes)
            and all(getattr(record, flag) is True for flag in r.flags)
            for r in own.rules
        )
        percent = own.percentages()["unknown" if record.status is None else str(record.status)]
        if inside and percent and record.code in weights:
            amount = weights[record.code] * percent
            expected[record.offender_id] = expected.get(record.offender_id, 0) + amount
    people = scores.ledger.people.tolist()
    got = {people[p]: int(a) for p, a in zip(scores.people, scores.amounts, strict=True)}
    assert got == expected


@settings(max_examples=25, deadline=None)
@given(harm_indices(keys=()).flatmap(harm_definitions))
def test_the_conformance_check_passes_what_is_drawn_unless_nothing_can_count(drawn):
    told = [fault.detail for fault in check_definition(drawn).faults]
    assert told in ([], ["no offence of any status counts under it"])


@settings(max_examples=25, deadline=None)
@given(harm_definitions())
def test_the_conformance_check_never_finds_that_what_never_scores_scored(drawn):
    for fault in check_definition(drawn).faults:
        assert fault.check in ("rules", "statuses")
        assert "weighs" in fault.detail or "no offence of any" in fault.detail


def test_the_conformance_check_finds_a_rule_that_cannot_fire():
    notation = "home-office-class"
    own = definition(
        index=index("8/06", notation=notation),
        rules=[rule(codes=(), flags=["hate"]), rule("never", codes=["??"], flags=["hate"])],
    )
    (fault,) = check_definition(own).faults
    assert fault.detail.startswith("never: lets in no offence that own-harm 1")
    elsewhere = check_definition(own.derive(index=index("46/00", notation=notation)))
    assert elsewhere.conforms
    assert [f.outcome for f in elsewhere.findings if f.check == "rules"] == ["note", "passed"]


def test_the_conformance_check_tries_the_keys_that_weights_depend_on():
    only_children = attrs.evolve(
        index(), keys=("child_victim",),
        weights=[attrs.evolve(index().weights[0], keys=("true",))],
    )  # fmt: skip
    assert check_definition(definition(index=only_children, rules=[rule()])).conforms
    by_area = attrs.evolve(
        index(), keys=("area",), weights=[attrs.evolve(index().weights[0], keys=("north",))]
    )
    assert check_definition(definition(index=by_area, rules=[rule(flags=["hate"])])).conforms


def test_the_conformance_check_finds_a_rule_whose_flags_and_weights_exclude_each_other():
    only_adults = attrs.evolve(
        index(), keys=("child_victim",),
        weights=[attrs.evolve(index().weights[0], keys=("false",))],
    )  # fmt: skip
    own = definition(index=only_adults, rules=[rule(flags=["child_victim"])])
    assert {fault.check for fault in check_definition(own).faults} == {"rules", "statuses"}


def test_the_conformance_check_finds_sources_and_an_index_that_is_not_there():
    vague = Citation(key="vague", title="Somewhere")
    report = check_definition(definition(index=IndexRef("absent"), citations=[vague]))
    assert [fault.check for fault in report.faults] == ["citations", "citations", "index"]
    with pytest.raises(AssertionError, match="'absent' is not built in: give index="):
        assert_conforms(definition(index=IndexRef("absent")))
    assert_conforms(definition(index=IndexRef("own-harm")), index=index())


def test_the_conformance_check_finds_a_definition_under_which_nothing_counts():
    nothing = dict.fromkeys((str(s) for s in EvidentialStatus), 0)
    report = check_definition(definition(status_policy=nothing))
    assert [f.detail for f in report.faults] == ["no offence of any status counts under it"]


def test_the_conformance_check_of_a_file_gives_every_fault_of_reading(file):
    text = TOML.replace("no-further-action = 20", "acquitted = 20").replace("730", "0")
    report = check_definition(file(text))
    assert len(report.faults) == 2
    assert not report.conforms


@pytest.mark.parametrize("status", NEVER)
def test_the_conformance_check_does_not_rely_on_the_definition_having_checked_itself(status):
    smuggled = definition(rules=[rule()])
    object.__setattr__(smuggled, "status_policy", {status: 100})
    report = check_definition(smuggled)
    told = [fault.detail for fault in report.faults if fault.check == "statuses"]
    assert told == [f"{status} never scores, yet offences of that status counted"]
    assert any(fault.check == "round trip" for fault in report.faults)
