"""A harm index checks itself, and is the same whether it is a value or a folder."""

import subprocess
import sys

import attrs
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hhpu
from hhpu import Citation, HarmIndex, Weight, read_index, write_index
from hhpu.errors import ArgumentError, DefinitionError, OutputError
from hhpu.indices import Example
from hhpu.indices._index import parse_amount
from hhpu.testing import assert_conforms, check_index, check_plugin
from hhpu.testing.strategies import harm_indices, offences

SOURCE = Citation(key="us", title="Our panel", url="https://example.invalid/panel")
MOST = 2**53 // 100

TOML = """\
name = "own-harm"
edition = "2026"
title = "Own harm index"
unit = "days"
scale = 100
codes = "home-office-class"
keys = []
licence = "CC0-1.0"

[[citations]]
key = "us"
title = "Our panel"
url = "https://example.invalid/panel"
read = 2026-11-01
"""
WEIGHTS = "code,weight,basis,citation\n8/06,10.25,force,us\n34/01,365,force,us\n"


def row(code="A", weight=10, keys=(), **more):
    basis, citation = more.pop("basis", "force"), more.pop("citation", ("us",))
    return Weight(code, weight, basis, citation, keys, **more)


def index(*weights, **changes):
    settings_ = {
        "name": "own-harm", "edition": "2026", "title": "T", "unit": "days", "scale": 100,
        "codes": "own-codes", "licence": "CC0-1.0", "citations": (SOURCE,),
        "weights": weights or (row(),),
    }  # fmt: skip
    return HarmIndex(**{**settings_, **changes})


def faults(*weights, **changes):
    with pytest.raises(DefinitionError) as caught:
        index(*weights, **changes)
    return caught.value.faults


@pytest.fixture
def folder(tmp_path):
    def write(toml=TOML, weights=WEIGHTS, examples=None):
        place = tmp_path / "own"
        place.mkdir(exist_ok=True)
        texts = {"index.toml": toml, "weights.csv": weights, "examples.csv": examples}
        for name, text in texts.items():
            if text is not None:
                data = text.encode() if isinstance(text, str) else text
                (place / name).write_bytes(data)
        return place

    return write


def folder_faults(place):
    with pytest.raises(DefinitionError) as caught:
        read_index(place)
    return caught.value.faults


@pytest.mark.parametrize(
    ("weight", "told"),
    [
        (row(weight=-1), "A: weight is negative"),
        (row(weight=None), "A: no weight; a weight of zero is written as 0"),
        (row(weight=MOST + 1), f"A: weight overflows: at most {MOST} in unit/scale"),
        (row(weight=1.5), "A: weight must be a whole number of unit/scale"),
        (row(weight=True), "A: weight must be a whole number of unit/scale"),
        (row(citation=()), "A: no citation"),
        (row(citation=("them",)), "A: citation them is not among us"),
        (row(basis=""), "A: no basis"),
        (row(code=""), "a weight without a code"),
        (row(code=" A"), " A: code has space around it, a line break or a control character"),
        (row(code=8), "8: code must be text"),
        (row(description="a\nb"), "A: description has space around it, a line break or a control"),
        (row(keys=("x",)), "A (x): 1 key values for the 0 key columns"),
        (row(lowest=1), "A: lowest and highest go together"),
        (row(weight=5, lowest=6, highest=7), "A: the interval does not hold its values in order"),
        (row(weight=5, lowest=5, median=9, highest=7), "A: the interval does not hold its values"),
        (row(lowest=-1, highest=20), "A: lowest is negative"),
        (row(basis="interval-only", lowest=1, highest=20), "an interval-only row has no point"),
        (row(weight=None, basis="interval-only"), "an interval-only row needs lowest and highest"),
    ],
)
def test_a_weight_that_is_refused(weight, told):
    assert any(told in fault for fault in faults(weight)), faults(weight)


@pytest.mark.parametrize("weight", [0, MOST])
def test_the_least_and_the_most_weight_are_accepted(weight):
    assert index(row(weight=weight)).weigh("A").weight == weight


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "Own"}, "name 'Own': lower-case"),
        ({"name": "own_harm"}, "name 'own_harm': lower-case"),
        ({"edition": ""}, "edition ''"),
        ({"edition": "20 26"}, "edition '20 26'"),
        ({"scale": 0}, "scale 0: a power of ten"),
        ({"scale": 20}, "scale 20: a power of ten"),
        ({"scale": 100.0}, "scale 100.0: a power of ten"),
        ({"title": ""}, "title is empty"),
        ({"unit": ""}, "unit is empty"),
        ({"licence": ""}, "licence is empty"),
        ({"codes": ""}, "codes is empty"),
        ({"codes": "home-office-clas"}, "write 'home-office-class'"),
        ({"codes": "Home_Office_Recorded"}, "write 'home-office-recorded'"),
        ({"citations": ()}, "no citation: a number without a source cannot be used"),
        ({"citations": (SOURCE, SOURCE)}, "citation key 'us' stands twice"),
        ({"citations": (SOURCE, Citation(key="a;b", title="T"))}, "'a;b': no semicolon"),
        ({"weights": ()}, "no weights"),
        ({"keys": ("weight",)}, "'weight' cannot name a key column"),
        ({"keys": ("",)}, "'' cannot name a key column"),
        ({"interval_threshold": 0}, "interval_threshold is a whole number, at least 1"),
        ({"examples": (Example(("B",), 1),)}, "an example uses B, which has no weight"),
        ({"examples": (Example((), 1),)}, "an example has no codes"),
        ({"examples": (Example(("A",), -1),)}, "an example's harm is -1"),
    ],
)
def test_a_head_that_is_refused(changes, told):
    assert any(told in fault for fault in faults(**changes)), faults(**changes)


def test_every_fault_is_given_at_once():
    found = faults(row(weight=-1), row("B", None), row("C", citation=()), name="Own", scale=7)
    for told in ("A: weight is negative", "B: no weight", "C: no citation", "'Own'", "scale 7"):
        assert any(told in fault for fault in found)


def test_one_text_where_a_list_is_wanted_is_refused_and_does_not_fall_into_letters():
    with pytest.raises(ArgumentError, match="is one text where a list of texts is wanted"):
        Weight("A", 1, "force", "us")
    with pytest.raises(ArgumentError, match="is one text where a list"):
        Weight("A", 1, "force", ("us",), "true")
    with pytest.raises(ArgumentError, match="is one text where a list"):
        Example("A;B", 1)


@pytest.mark.parametrize(
    ("code", "notation", "told"),
    [
        ("8N", "home-office-class", "write it as home-office-class: 8N"),
        ("8/06", "home-office-recorded", "write it as home-office-recorded: 8/06"),
        ("008/06", "home-office-class", "write it as home-office-class: 8/06"),
        ("08-Jun", "home-office-class", "not a code in home-office-class (spreadsheet-damaged)"),
        ("2026-06-08", "home-office-class", "(spreadsheet-damaged)"),
        ("1E+05", "home-office-recorded", "(spreadsheet-damaged)"),
        ("#N/A", "home-office-recorded", "(spreadsheet-damaged)"),
        ("106", "home-office-class", "(too-coarse)"),
        ("burglary", "home-office-class", "(unreadable-code)"),
        ("COML025", "home-office-class", "write it as home-office-class"),
        ("8N", "cjs", "write it as cjs"),
    ],
)
def test_a_code_that_is_not_in_the_declared_notation(code, notation, told):
    assert any(told in fault for fault in faults(row(code), codes=notation))


def test_codes_of_another_word_are_compared_as_written():
    own = index(row("08-Jun"), row("05A"), codes="iucr")
    assert own.weigh("08-Jun").weight == 10
    assert own.weigh("8-Jun") is None


def test_a_row_that_stands_twice():
    assert faults(row(), row(weight=20)) == ("A stands twice",)
    two = (row(keys=("true",)), row(keys=("true",), weight=20))
    assert faults(*two, keys=("child_victim",)) == ("A (true) stands twice",)


KEYED = {"keys": ("area", "kind")}


def test_two_rows_that_tie_are_refused_until_a_row_for_both_is_added():
    one, other = row(keys=("north", None)), row(weight=20, keys=(None, "night"))
    (fault,) = faults(one, other, **KEYED)
    assert fault == ("A: A (north, any) and A (any, night) tie; add a row for both (north, night)")
    both = index(one, other, row(weight=30, keys=("north", "night")), **KEYED)
    assert both.weigh("A", ("north", "night")).weight == 30
    assert both.weigh("A", ("north", "day")).weight == 10
    assert both.weigh("A", ("south", "night")).weight == 20
    assert both.weigh("A", ("south", "day")) is None


def test_rows_that_can_never_meet_do_not_tie():
    assert index(row(keys=("north", None)), row(keys=("south", None)), **KEYED)


def test_the_row_with_the_most_filled_keys_wins_whatever_their_order():
    rows = [
        row(weight=1, keys=(None, None)),
        row(weight=2, keys=("north", None)),
        row(weight=3, keys=("north", "night")),
    ]
    for order in (rows, rows[::-1]):
        keyed = index(*order, **KEYED)
        weights = [
            keyed.weigh("A", keys).weight
            for keys in (("north", "night"), ("north", None), ("south", "night"), (), ("north",))
        ]
        assert weights == [3, 2, 1, 1, 2]


def test_the_value_of_a_flag_is_one_that_an_offence_can_have():
    for value in ("yes", "TRUE", "1"):
        (fault,) = faults(row(keys=(value,)), keys=("child_victim",))
        assert fault == f"A ({value}): child_victim is {value!r}, not one of false, true"
    (fault,) = faults(row(keys=("",)), keys=("area",))
    assert "key 1 is empty text" in fault


KEY_VALUES = st.sampled_from([None, "x", "y"])
DRAWN_ROWS = st.lists(
    st.tuples(st.sampled_from("AB"), KEY_VALUES, KEY_VALUES), min_size=1, max_size=7
)


def matching(rows, code, values):
    """All rows that an offence fits, with how many keys each fills."""
    return [
        (sum(key is not None for key in keys), place)
        for place, (held, *keys) in enumerate(rows)
        if held == code
        and all(key is None or key == value for key, value in zip(keys, values, strict=True))
    ]


@settings(max_examples=300)
@given(DRAWN_ROWS)
def test_an_index_is_refused_exactly_where_some_offence_has_no_single_best_row(rows):
    values = (None, "x", "y", "z")
    every = [(code, (a, b)) for code in "AB" for a in values for b in values]
    weights = [row(code, place, keys) for place, (code, *keys) in enumerate(rows)]
    best = {}
    for code, values in every:
        found = sorted(matching(rows, code, values), reverse=True)
        best[code, values] = found
    tied = any(len(f) > 1 and f[0][0] == f[1][0] for f in best.values())
    if tied:
        assert all("tie" in fault or "stands twice" in fault for fault in faults(*weights, **KEYED))
        return
    keyed = index(*weights, **KEYED)
    for (code, values), found in best.items():
        weight = keyed.weigh(code, values)
        assert (weight and weight.weight) == (found[0][1] if found else None)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_is_encoded_and_scored_is_what_a_slow_look_up_gives(data):
    drawn = data.draw(harm_indices(notation="own-codes", approximate=False))
    records = data.draw(offences(drawn, versions=False))
    ledger = hhpu.encode(records, classify=drawn.keys)
    scores = hhpu.score(ledger, as_of="2030-01-01", index=drawn)
    expected = {}
    for record in records:
        values = [getattr(record, key) for key in drawn.keys]
        texts = [None if value is None else str(value).lower() for value in values]
        rows = [(w.code, *w.keys) for w in drawn.weights]
        found = sorted(matching(rows, record.code, texts), reverse=True)
        never = {"eliminated", "acquitted", "not-guilty", "cancelled"}
        if found and record.role in ("suspect", "offender") and record.status not in never:
            weight = drawn.weights[found[0][1]].weight
            expected[record.offender_id] = expected.get(record.offender_id, 0) + weight * 100
    people = ledger.people.tolist()
    got = {people[p]: int(a) for p, a in zip(scores.people, scores.amounts, strict=True)}
    assert got == expected


@pytest.mark.parametrize(
    ("text", "scale", "amount"),
    [
        ("0", 1, 0),
        ("182.25", 100, 18225),
        ("7.5", 100, 750),
        ("547.50", 10, 5475),
        ("0.29", 100, 29),
        ("1.10", 100, 110),
        ("-0.5", 10, -5),
        ("9007199254740993", 1, 9007199254740993),
        ("12345678901234567890123456789012345", 10, 123456789012345678901234567890123450),
    ],
)
def test_a_decimal_is_read_exactly(text, scale, amount):
    assert parse_amount(text, scale) == amount


@pytest.mark.parametrize(
    ("text", "scale"),
    [("0.5", 1), ("182.255", 100), ("1.0000000000000000000000000000000000000001", 100)],
)
def test_more_decimals_than_the_scale_holds_are_refused(text, scale):
    assert parse_amount(text, scale) == f"{text} needs more decimals than scale {scale} holds"


@pytest.mark.parametrize(
    "text", ["1e3", "1,000", "£5", "nan", "inf", "1.", ".5", "+1", "\u0663", " 1", ""]
)
def test_what_is_not_a_plain_decimal_is_refused(text):
    assert parse_amount(text, 100) == f"{text!r} is not a plain decimal number"


@given(st.integers(0, MOST), st.integers(0, 6))
def test_an_amount_is_written_as_it_is_read(amount, places):
    own = index(scale=10**places)
    assert parse_amount(own.amount(amount), own.scale) == amount


def test_a_folder_is_read(folder):
    own = read_index(folder(examples="codes,harm\n8/06;8/06,20.5\n"))
    assert (own.name, own.edition, own.supplier) == ("own-harm", "2026", "folder own")
    assert own.weigh("8/06") == row("8/06", 1025)
    assert own.examples == (Example(("8/06", "8/06"), 2050),)
    assert_conforms(own)


@settings(max_examples=60, deadline=None)
@given(harm_indices())
def test_an_index_is_written_and_read_back_unchanged(tmp_path_factory, drawn):
    place = tmp_path_factory.mktemp("index") / "folder"
    again = read_index(write_index(drawn, place))
    assert again == drawn
    assert again.digest == drawn.digest
    texts = [(place / name).read_bytes() for name in ("index.toml", "weights.csv")]
    once_more = place.with_name("again")
    write_index(again, once_more)
    assert [(once_more / name).read_bytes() for name in ("index.toml", "weights.csv")] == texts


@given(harm_indices(), st.randoms(use_true_random=False))
def test_the_digest_is_that_of_the_content_and_not_of_its_order_or_supplier(drawn, random):
    rows = list(drawn.weights)
    random.shuffle(rows)
    assert attrs.evolve(drawn, weights=rows, supplier="elsewhere").digest == drawn.digest


@given(harm_indices(), st.data())
def test_any_change_changes_the_digest(drawn, data):
    change = data.draw(
        st.sampled_from(["title", "unit", "licence", "note", "name", "edition", "weight", "cited"])
    )
    if change == "weight":
        rows = [attrs.evolve(w, note=f"{w.note}changed") for w in drawn.weights[:1]]
        changed = attrs.evolve(drawn, weights=(*rows, *drawn.weights[1:]))
    elif change == "cited":
        changed = attrs.evolve(drawn, citations=(*drawn.citations, SOURCE))
    else:
        changed = attrs.evolve(drawn, **{change: f"{getattr(drawn, change)}x"})
    assert changed.digest != drawn.digest


@pytest.mark.parametrize(
    "form",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
        lambda text: text.rstrip("\n").encode(),
        lambda text: text.replace("\n", "\n\n").encode(),
    ],
    ids=["BOM", "CRLF", "BOM and CRLF", "no last line end", "blank lines"],
)
def test_the_forms_in_which_editors_save_make_no_difference(folder, form):
    examples = "codes,harm\n8/06,10.25\n"
    plain = read_index(folder(examples=examples)).digest
    assert read_index(folder(form(TOML), form(WEIGHTS), form(examples))).digest == plain


@pytest.mark.parametrize(
    "weights",
    [
        "code,weight,basis,citation,,\n8/06,10.25,force,us,,\n34/01,365,force,us,,\n",
        "code,weight,basis,citation\n8/06,10.25,force,us\n,,,\n34/01,365,force,us\n,,,\n",
        " code , weight,basis,citation\n 8/06 , 10.25 ,force, us\n34/01,365.00,force,us\n",
        "citation,basis,weight,code\nus,force,10.25,8/06\nus,force,365,34/01\n",
        'code,weight,basis,citation\n"8/06","10.25","force","us"\n008/06x,1,force,us\n'.replace(
            "008/06x,1", "03401,365"
        ),
    ],
    ids=["empty columns", "empty rows", "spaces", "another order", "quotes, and zeros in a code"],
)
def test_what_spreadsheets_add_makes_no_difference(folder, weights):
    plain = read_index(folder()).digest
    assert read_index(folder(weights=weights)).digest == plain


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ("", "weights.csv: it is empty"),
        ("code,weight,basis\n8/06,1,force\n", "no column citation; it has code, weight, basis"),
        ("code,weight,weight,basis,citation\n", "column weight stands twice"),
        ("code,weight,basis,citation,area\n8/06,1,force,us,x\n", "unknown column area"),
        ("code,weight,basis,citation,\n8/06,1,force,us,x\n", "line 2: 5 cells for 4 columns"),
        ("code,weight,basis,citation\n8/06,1,force,us,x\n", "line 2: 5 cells for 4 columns"),
        ("code,weight,basis,citation\n8/06,,force,us\n", "line 2: no weight; a weight of zero"),
        ("code,weight,basis,citation\n8/06,1.005,force,us\n", "line 2: weight 1.005 needs more"),
        ("code,weight,basis,citation\n\n8/06,x,force,us\n", "line 3: weight 'x' is not a plain"),
        ('code,weight,basis,citation\n8/06,"1,000",force,us\n', "'1,000' is not a plain decimal"),
        ("code,weight,basis,citation\n8/06,-1,force,us\n", "8/06: weight is negative"),
        ("code,weight,basis,citation\n8/06,1,force,\n", "8/06: no citation"),
        ("code,weight,basis,citation\n8/06,1,force,them\n", "citation them is not among us"),
        ("code,weight,basis,citation\n8/06,1,,us\n", "8/06: no basis"),
        ("code,weight,basis,citation\n08-Jun,1,force,us\n", "08-Jun: not a code"),
        ("code,weight,basis,citation\n8/06,1,force,us\n00806,2,force,us\n", "8/06 stands twice"),
        ("code,weight,basis,citation\n8/06,99999999999999,force,us\n", "weight overflows"),
        ('code,weight,basis,citation\n"8/06,1,force,us\n', "not CSV"),
        ("code,weight,basis,citation\n8/06,1,force,us\n".encode("utf-16"), "not UTF-8 text"),
        (b"code,weight,basis,citation\n8/06,1,force,us,\xa3\n", "not UTF-8 text"),
    ],
)
def test_weights_that_are_refused(folder, weights, told):
    found = folder_faults(folder(weights=weights))
    assert any(told in fault for fault in found), found


def test_the_advice_for_an_unknown_column_says_how_weights_depend_on_one(folder):
    place = folder(weights="code,weight,basis,citation,child_victim\n8/06,1,force,us,true\n")
    (fault,) = folder_faults(place)
    assert "name it in keys if weights depend on it" in fault


def test_a_truth_that_a_spreadsheet_wrote_in_capitals_is_read(folder):
    weights = "code,weight,basis,citation,child_victim\n8/06,1,force,us,\n8/06,2,force,us,TRUE\n"
    own = read_index(folder(TOML.replace("keys = []", 'keys = ["child_victim"]'), weights))
    assert own.weigh("8/06", ["true"]).weight == 200
    assert own.weigh("8/06", ["false"]).weight == 100


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('title = "Own harm index"\n', "", "index.toml: title is missing"),
        ('title = "Own harm index"', "title = 5", "title must be text in quotes"),
        ('edition = "2026"', "edition = 2026", 'edition must be text in quotes, e.g. "2026"'),
        ("scale = 100", 'scale = "100"', "scale must be a whole number"),
        ("scale = 100", "scale = 50", "scale 50 is not a power of ten"),
        ("keys = []", 'keys = "child_victim"', "keys must be a list of column names"),
        ("keys = []", 'keys = ["weight"]', "'weight' cannot name a key column"),
        ("keys = []", 'keys = ["area"]', "weights.csv: no column area"),
        ("keys = []", 'unti = "days"', "index.toml: unknown unti"),
        ("keys = []", 'approximate = "yes"', "approximate is true or false"),
        ("[[citations]]", "[citations]", "in double brackets"),
        ('key = "us"\n', "", "citation 1: key and title are needed"),
        ("url =", "link =", "citation 1: unknown link; it may have doi, key"),
        ("2026-11-01", '"1 November"', "read = a date such as 2026-11-01"),
        ('name = "own-harm"', "name = own-harm", "it is not TOML"),
        ('codes = "home-office-class"', 'codes = "home-office-clas"', "write 'home-office-class'"),
    ],
)
def test_a_head_in_a_folder_that_is_refused(folder, old, new, told):
    assert old in TOML
    found = folder_faults(folder(TOML.replace(old, new)))
    assert any(told in fault for fault in found), found


@pytest.mark.parametrize(
    ("examples", "told"),
    [
        ("codes,harm\n8/06,ten\n", "examples.csv line 2: harm 'ten' is not a plain decimal"),
        ("codes\n8/06\n", "examples.csv: no column harm"),
        ("codes,harm\n46/00,1\n", "an example uses 46/00, which has no weight"),
    ],
)
def test_examples_that_are_refused(folder, examples, told):
    found = folder_faults(folder(examples=examples))
    assert any(told in fault for fault in found), found


def test_several_faults_of_a_folder_come_together(folder):
    weights = "code,weight,basis,citation\n8/06,x,force,us\n34/01,1.005,force,us\n"
    found = folder_faults(folder(weights=weights, examples="codes,harm\n8/06,?\n"))
    where = [fault.split(":")[0] for fault in found]
    assert where == ["weights.csv line 2", "weights.csv line 3", "examples.csv line 2"]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ArgumentError, match="is not a folder; a harm index is one with"):
        read_index(tmp_path / "absent")
    (tmp_path / "own").mkdir()
    with pytest.raises(ArgumentError, match=r"index\.toml cannot be read"):
        read_index(tmp_path / "own")
    (tmp_path / "own" / "index.toml").write_text(TOML, encoding="utf-8")
    with pytest.raises(ArgumentError, match=r"weights\.csv cannot be read"):
        read_index(tmp_path / "own")


def test_an_edition_whose_numbers_changed_is_refused(folder, tmp_path):
    place = write_index(read_index(folder()), tmp_path / "released")
    assert read_index(place).name == "own-harm"
    table = place / "weights.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("10.25", "10.26"), encoding="utf-8")
    (fault,) = folder_faults(place)
    assert "changed after release" in fault
    assert "publish a new edition" in fault


def test_an_index_is_never_written_over(tmp_path):
    place = write_index(index(), tmp_path / "own")
    before = (place / "weights.csv").read_bytes()
    with pytest.raises(ArgumentError, match="never overwritten"):
        write_index(index(row(weight=11)), place)
    assert (place / "weights.csv").read_bytes() == before
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    with pytest.raises(ArgumentError, match="never overwritten"):
        write_index(index(), file)


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        write_index(index(), tmp_path / "file" / "own")


def outcomes(report, check):
    return [finding.detail for finding in report.faults if finding.check == check]


def test_the_conformance_check_finds_an_example_that_does_not_hold():
    wrong = index(row(), row("B", 5), examples=(Example(("A", "B"), 15), Example(("A", "A"), 21)))
    report = check_index(wrong)
    assert outcomes(report, "examples") == ["example 2 (A; A): 0.21 days expected, scored 0.2"]
    with pytest.raises(AssertionError, match=r"scored 0\.2"):
        assert_conforms(report)


def test_the_conformance_check_finds_an_example_that_has_no_score():
    rough = index(
        row("A", None, basis="interval-only", lowest=1, highest=9),
        approximate=True, interval_threshold=3, examples=(Example(("A",), 5),),
    )  # fmt: skip
    (told,) = outcomes(check_index(rough), "examples")
    assert told == "example 1 (A): 0.05 days expected, it has no score"


def test_the_conformance_check_asks_for_examples_only_of_what_is_shipped():
    assert check_index(index()).conforms
    (told,) = outcomes(check_index(index(), require_examples=True), "examples")
    assert "add examples.csv" in told


def test_the_conformance_check_finds_sources_that_are_unused_or_cannot_be_found():
    vague = Citation(key="vague", title="Somewhere")
    report = check_index(index(citations=(SOURCE, vague)))
    assert len(outcomes(report, "citations")) == 2
    kept = attrs.evolve(vague, note="In the harm panel's cupboard.")
    report = check_index(index(row(citation=("us", "vague")), citations=(SOURCE, kept)))
    assert report.conforms


def rough(weight, basis="subgroup-median", **interval):
    return index(row("A", weight, basis=basis, **interval), approximate=True, interval_threshold=3)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (rough(5, lowest=2, median=5, highest=7), "highest over 3 times lowest"),
        (rough(4, lowest=3, median=5, highest=7), "its weight is not the median"),
        (rough(None, "interval-only", lowest=3, median=5, highest=9), "at most 3 times lowest"),
        (rough(5, "published"), "a stand-in gives lowest and highest on every row"),
        (attrs.evolve(rough(5, lowest=4, median=5, highest=7), approximate=False), "1 rows are"),
        (
            attrs.evolve(rough(5, lowest=4, median=5, highest=7), interval_threshold=None),
            "say interval_threshold",
        ),
    ],
)
def test_the_conformance_check_finds_an_estimate_out_of_place(made, told):
    assert any(told in detail for detail in outcomes(check_index(made), "estimates"))


@pytest.mark.parametrize(
    "made",
    [
        rough(5, lowest=3, median=5, highest=9),
        rough(None, "interval-only", lowest=3, median=5, highest=10),
    ],
)
def test_the_conformance_check_accepts_an_estimate_at_its_threshold(made):
    assert check_index(made).conforms


def test_the_conformance_check_of_a_folder_gives_every_fault_of_reading(folder):
    weights = "code,weight,basis,citation\n8/06,x,force,us\n8/05,y,force,us\n"
    report = check_index(folder(weights=weights))
    assert not report.conforms
    assert report.digest == ""
    assert sum("is not a plain decimal" in f.detail for f in report.faults) == 2


def test_the_conformance_check_names_codes_that_the_list_does_not_have():
    newer = index(row("8/77"), row("8/06"), row("250/99"), codes="home-office-class")
    notes = [f.detail for f in check_index(newer).findings if f.outcome == "note"]
    assert any("250/99" in note and "8/06" not in note for note in notes)


def test_a_report_is_a_table_and_a_text():
    report = check_index(index())
    frame = report.to_frame()
    assert list(frame.columns) == ["subject", "check", "outcome", "detail"]
    assert len(frame) == len(report.findings)
    assert isinstance(frame, pd.DataFrame)
    assert report.digest in report.to_text()
    assert report.to_dict()["conforms"] is True
    assert "<pre>" in report._repr_html_()


def test_the_conformance_check_of_a_plugin_takes_all_it_supplies():
    class Plugin:
        @staticmethod
        @hhpu.hookimpl
        def hhpu_harm_indices():
            return [
                index(name="own", examples=(Example(("A",), 11),)),
                index(name="own-other", citations=(SOURCE, Citation(key="b", title="B"))),
            ]

        @staticmethod
        @hhpu.hookimpl
        def hhpu_harm_definitions():
            return [hhpu.HarmDefinition(name="own", title="T", index=hhpu.IndexRef("absent"))]

    report = check_plugin("own", Plugin)
    assert {fault.check for fault in report.faults} == {"examples", "citations", "index"}
    assert not check_plugin("other", Plugin).conforms
    (fault,) = check_plugin("empty", type("Empty", (), {})).faults
    assert "supplies nothing" in fault.detail


def test_the_conformance_check_of_a_plugin_that_gives_an_empty_list():
    class Hollow:
        @staticmethod
        @hhpu.hookimpl
        def hhpu_harm_indices():
            return []

    (fault,) = check_plugin("hollow", Hollow).faults
    assert "0 indices, 0 definitions" in fault.detail


@settings(max_examples=25, deadline=None)
@given(harm_indices())
def test_every_drawn_index_conforms(drawn):
    assert_conforms(drawn)


def fresh(source):
    return subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False
    )


def test_only_the_strategies_need_hypothesis_and_they_say_so():
    blocked = "import sys; sys.modules['hypothesis'] = None; "
    assert fresh(blocked + "import hhpu.testing").returncode == 0
    done = fresh(blocked + "import hhpu.testing.strategies")
    assert done.returncode == 1
    assert "ImportError: hhpu.testing.strategies needs Hypothesis" in done.stderr
    assert "pip install hhpu[testing]" in done.stderr


def test_the_conformance_check_does_not_rely_on_the_index_having_checked_itself():
    smuggled = index(row("8/06"), codes="home-office-class")
    object.__setattr__(smuggled.weights[0], "code", "08-Jun")
    report = check_index(smuggled)
    (told,) = outcomes(report, "codes")
    assert told == "08-Jun: not read in home-office-class (spreadsheet-damaged)"
    (told,) = outcomes(report, "round trip")
    assert "cannot be read back" in told
    changed = index(row(description="a"))
    object.__setattr__(changed.weights[0], "description", "a ")
    found = outcomes(check_index(changed), "round trip")
    assert any("changed after release" in told for told in found)
