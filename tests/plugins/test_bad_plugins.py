"""Plugins that are wrong: each gives one clear error that names it and its distribution."""

import sys
import types

import attrs
import pytest

import hhpu
from hhpu.errors import ArgumentError, DefinitionError, PluginError, RegistryConflict
from hhpu.indices import Example

HEAD = "from hhpu import hookimpl\n"
INDEX = """
from hhpu import Citation, HarmIndex, Weight
def index(name, edition="1", weight=1):
    return HarmIndex(name=name, edition=edition, title="T", unit="points", scale=1,
        codes="own-codes", licence="CC0-1.0", citations=(Citation(key="c", title="C", url="u:v"),),
        weights=(Weight("A", weight, "force", ("c",)),))
"""
HOOK = HEAD + INDEX + "@hookimpl\ndef hhpu_harm_indices():\n    return "
GOOD = HOOK + "[index({name!r})]\n"


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Write a distribution by hand: a module, and a dist-info folder with its entry point."""
    monkeypatch.syspath_prepend(tmp_path)
    modules = []

    def write(distribution, entry_point, source, *, version="1.0", module=None):
        module = module or "mod_" + distribution.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(source, encoding="utf-8")
        info = tmp_path / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n", encoding="utf-8"
        )
        (info / "entry_points.txt").write_text(
            f"[hhpu]\n{entry_point} = {module}\n", encoding="utf-8"
        )
        modules.append(module)

    yield write
    for module in modules:
        sys.modules.pop(module, None)


def faults(**arguments):
    with pytest.raises(PluginError) as caught:
        hhpu.load_registry(**arguments)
    return caught.value.faults


def test_a_good_plugin_written_by_hand_is_found(install):
    install("good-dist", "good", GOOD.format(name="good-harm"))
    registry = hhpu.load_registry()
    assert registry.index("good-harm").supplier == "good-dist 1.0"
    assert [plugin.name for plugin in registry.plugins] == ["hhpu", "good"]


def test_two_distributions_with_one_entry_point_name(install):
    install("first-dist", "same", GOOD.format(name="same-a"))
    install("second-dist", "same", GOOD.format(name="same-b"), version="2.0")
    (fault,) = faults()
    assert "2 plugins are named 'same'" in fault
    assert "first-dist 1.0" in fault
    assert "second-dist 2.0" in fault


def test_a_plugin_named_as_the_built_ins(install):
    install("usurper-dist", "hhpu", GOOD.format(name="hhpu-harm"))
    (fault,) = faults()
    assert "'hhpu' is the name of the built-ins" in fault
    assert "usurper-dist 1.0" in fault


BROKEN = {
    "an import that fails": ("import no_such_module_anywhere\n", "no_such_module_anywhere"),
    "a syntax error": ("def\n", "SyntaxError"),
    "an exit at import": ("raise SystemExit(3)\n", "SystemExit"),
    "a misspelt hook": (
        HEAD + "@hookimpl\ndef hhpu_harm_indexes():\n    return []\n",
        "did you mean 'hhpu_harm_indices'?",
    ),
    "a misspelt hook without its mark": (
        HEAD + "def hhpu_harm_definition():\n    return []\n",
        "did you mean 'hhpu_harm_definitions'?",
    ),
    "a hook without its mark": (
        HEAD + "def hhpu_harm_indices():\n    return []\n",
        "hhpu_harm_indices lacks the @hookimpl mark",
    ),
    "a hook with an argument": (
        HEAD + "@hookimpl\ndef hhpu_harm_indices(config):\n    return []\n",
        "cannot be registered",
    ),
    "no hook at all": ("SOMETHING = 1\n", "supplies nothing"),
    "a hook that fails": (
        HEAD + "@hookimpl\ndef hhpu_harm_indices():\n    return [1 / 0]\n",
        "hhpu_harm_indices fails: ZeroDivisionError",
    ),
    "a generator that fails half-way": (
        HEAD + "@hookimpl\ndef hhpu_harm_indices():\n    yield\n    raise KeyError('gone')\n",
        "hhpu_harm_indices fails: KeyError: 'gone'",
    ),
    "nothing returned": (
        HEAD + "@hookimpl\ndef hhpu_harm_indices():\n    pass\n",
        "gives a NoneType, not a list of HarmIndex",
    ),
    "one index in place of a list": (
        HOOK + "index('bad')\n",
        "gives a HarmIndex, not a list of HarmIndex",
    ),
    "a text in place of a list": (
        HEAD + "@hookimpl\ndef hhpu_harm_indices():\n    return 'bad'\n",
        "gives a str, not a list of HarmIndex",
    ),
    "a list of paths": (
        HEAD + "@hookimpl\ndef hhpu_harm_indices():\n    return ['harm-2026']\n",
        "gives a str, not a HarmIndex",
    ),
    "an index where a definition is wanted": (
        HEAD + INDEX + "@hookimpl\ndef hhpu_harm_definitions():\n    return [index('bad')]\n",
        "gives a HarmIndex, not a HarmDefinition",
    ),
    "a name without the prefix": (
        HOOK + "[index('elsewhere')]\n",
        "'elsewhere' must be named 'bad' or begin with 'bad-'",
    ),
    "a name whose prefix is only a beginning": (
        HOOK + "[index('badger')]\n",
        "'badger' must be named 'bad' or begin with 'bad-'",
    ),
    "an index that is refused": (
        HOOK + "[index('bad', weight=-1)]\n",
        "weight is negative",
    ),
    "a folder that is not there": (
        HEAD + "from hhpu import read_index\n"
        "@hookimpl\ndef hhpu_harm_indices():\n    return [read_index('nowhere-at-all')]\n",
        "nowhere-at-all is not a folder",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_one_clear_error_names_the_plugin_and_its_distribution(install, what):
    source, told = BROKEN[what]
    install("bad-dist", "bad", source)
    found = [fault for fault in faults() if told in fault]
    assert len(found) == 1
    assert "bad (bad-dist 1.0)" in found[0]


def test_every_bad_plugin_is_named_in_one_error_and_the_good_one_is_not(install):
    for place, (source, _) in enumerate(BROKEN.values()):
        install(f"dist-{place}", f"bad{place}", source.replace("'bad", f"'bad{place}"))
    install("twin-one", "twin", GOOD.format(name="twin-a"))
    install("twin-two", "twin", GOOD.format(name="twin-b"))
    install("usurper-dist", "hhpu", GOOD.format(name="hhpu-harm"))
    install("good-dist", "good", GOOD.format(name="good"))
    install(
        "ons-clone",
        "ons",
        HOOK + "[index('ons-css', '2020-12')]",
    )
    with pytest.raises(PluginError) as caught:
        hhpu.load_registry()
    text = str(caught.value)
    for place in range(len(BROKEN)):
        assert f"dist-{place} 1.0" in text
    for other in ("twin-one 1.0", "twin-two 1.0", "usurper-dist 1.0", "ons-clone 1.0"):
        assert other in text
    assert "good-dist" not in text


def test_other_numbers_under_the_name_and_edition_of_a_built_in(install):
    install(
        "ons-clone",
        "ons",
        HOOK + "[index('ons-css', '2020-12')]",
    )
    with pytest.raises(RegistryConflict) as caught:
        hhpu.load_registry()
    assert "ons-clone 1.0" in str(caught.value)
    assert caught.value.sources[1] == "ons-clone 1.0"
    assert caught.value.sources[0].startswith("hhpu ")


def test_another_edition_of_a_built_in_is_no_conflict_and_then_the_edition_must_be_named(install):
    install(
        "ons-newer",
        "ons",
        HOOK + "[index('ons-css', '2031')]",
    )
    registry = hhpu.load_registry()
    with pytest.raises(hhpu.UnknownName, match="has the editions 2020-12, 2031: name one"):
        registry.index("ons-css")
    assert registry.index("ons-css", "2031").supplier == "ons-newer 1.0"


def test_one_module_under_two_entry_points(install, tmp_path):
    install("one-dist", "one", GOOD.format(name="one"), module="shared_module")
    install("two-dist", "two", GOOD.format(name="one"), module="shared_module")
    found = [fault for fault in faults() if "two (two-dist 1.0) cannot be registered" in fault]
    assert len(found) == 1


def test_no_plugin_or_only_those_named_are_loaded(install):
    install("bad-dist", "bad", BROKEN["an import that fails"][0])
    install("good-dist", "good", GOOD.format(name="good"))
    assert [plugin.name for plugin in hhpu.load_registry(plugins="none").plugins] == ["hhpu"]
    assert hhpu.load_registry(plugins=["good"]).index("good").supplier == "good-dist 1.0"
    assert len(faults(plugins=["bad"])) == 1
    assert len(faults(plugins="all")) == 1


def test_a_plugin_asked_for_that_is_not_installed(install):
    install("good-dist", "good", GOOD.format(name="good"))
    with pytest.raises(ArgumentError, match="no plugin is named absent; installed: good"):
        hhpu.load_registry(plugins=["absent"])


def test_a_plugin_given_as_a_value_has_the_same_checks():
    module = types.ModuleType("given")
    module.hhpu_harm_indices = list
    assert faults(plugins="none", modules={"given": module}) == (
        "given (module given): hhpu_harm_indices lacks the @hookimpl mark",
    )


def test_what_a_plugin_supplies_is_checked_as_any_index_is():
    index = hhpu.load_registry(plugins="none").index("ons-css")
    with pytest.raises(DefinitionError, match="an example uses 999Z"):
        attrs.evolve(index, examples=(Example(("999Z",), 1),))


def test_a_plugin_named_as_the_registered_indices(install):
    install("usurper-dist", "registered", GOOD.format(name="registered-harm"))
    (fault,) = faults()
    assert "'registered' is the name of the registered indices" in fault
    assert "usurper-dist 1.0" in fault
    module = types.ModuleType("given")
    (fault,) = faults(plugins="none", modules={"registered": module})
    assert "'registered' is the name of the registered indices: module registered" in fault


def test_a_plugin_may_not_supply_the_official_name(install):
    install("own-dist", "cambridge", HOOK + "[index('cambridge'), index('cambridge-own')]\n")
    (fault,) = faults()
    assert "cambridge (own-dist 1.0)" in fault
    assert "kept for the registered workbook" in fault
