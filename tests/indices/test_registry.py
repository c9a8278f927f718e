"""A name is found only where it can mean one thing."""

from importlib.metadata import version
from pathlib import Path

import attrs
import pytest

import hhpu
from hhpu import Citation, HarmDefinition, HarmIndex, IndexRef, Registry, UnknownName, Weight
from hhpu.errors import OutputError, RegistryConflict
from hhpu.indices import index_store, load_registry

BUILT_IN = hhpu.load_registry(plugins="none")
EMPTY = Registry(indices=(), definitions=(), plugins=())


def index(name="own", edition="1", weight=1, **changes):
    return HarmIndex(
        name=name, edition=edition, title="T", unit="days", scale=1, codes="own-codes",
        licence="CC0-1.0", citations=(Citation(key="c", title="C"),),
        weights=(Weight("A", weight, "force", ("c",)),), **changes,
    )  # fmt: skip


def definition(name="own", reference="own", edition=None, **changes):
    return HarmDefinition(name=name, title="T", index=IndexRef(reference, edition), **changes)


def test_what_is_built_in_comes_from_the_distribution_itself():
    assert [(i.name, i.edition) for i in BUILT_IN.indices] == [
        ("cambridge-approx", "2026-02-subgroups"),
        ("cambridge-chart", "2021-chart"),
        ("ons-css", "2020-12"),
    ]
    suppliers = {value.supplier for value in (*BUILT_IN.indices, *BUILT_IN.definitions)}
    assert suppliers == {f"hhpu {version('hhpu')}"}
    (plugin,) = BUILT_IN.plugins
    assert plugin.name == "hhpu"
    assert plugin.hooks == ("hhpu_harm_indices", "hhpu_harm_definitions")


def test_the_default_index_is_not_replaced_by_its_stand_in():
    with pytest.raises(UnknownName) as caught:
        BUILT_IN.index()
    assert caught.value.name == "cambridge"
    for told in ("ons-css", "cambridge-approx", "free download"):
        assert told in str(caught.value)
    assert BUILT_IN.with_index(index("cambridge")).index().name == "cambridge"


def test_a_name_without_an_edition_is_found_only_if_one_edition_is_installed():
    one = EMPTY.with_index(index())
    assert one.index("own").edition == "1"
    two = one.with_index(index(edition="2"))
    with pytest.raises(UnknownName, match="index 'own' has the editions 1, 2: name one"):
        two.index("own")
    assert two.index("own", "1").edition == "1"
    assert two.index("own", "2").edition == "2"
    with pytest.raises(UnknownName, match="has no edition '3'; installed: 1, 2"):
        two.index("own", "3")


def test_a_name_that_is_not_there_gives_what_is_near_and_what_is_there():
    with pytest.raises(UnknownName, match=r"did you mean 'ons-css'\?") as caught:
        BUILT_IN.index("ons-ccs")
    assert "ons-css 2020-12" in caught.value.available
    assert isinstance(caught.value, LookupError)
    with pytest.raises(UnknownName, match=r"did you mean 'high-harm-groups'\?"):
        BUILT_IN.definition("high-harm-group")


def test_definitions_have_editions_too():
    both = (
        EMPTY.with_index(index())
        .with_definition(definition())
        .with_definition(definition(window=9).derive(edition="2"))
    )
    with pytest.raises(UnknownName, match="definition 'own' has the editions 1, 2: name one"):
        both.definition("own")
    assert both.definition("own", edition="2").window == 9
    with pytest.raises(UnknownName, match="has no edition '3'; installed: 1, 2"):
        both.definition("own", edition="3")


def test_a_definition_is_bound_to_the_index_it_names():
    registry = EMPTY.with_index(index()).with_definition(definition())
    bound = registry.definition("own")
    assert bound.bound_index.digest == index().digest
    assert bound.derived_from == ""


def test_a_definition_whose_index_is_not_there_or_not_one_thing():
    with pytest.raises(UnknownName, match="no index is named 'own'"):
        EMPTY.with_definition(definition()).definition("own")
    two = EMPTY.with_index(index()).with_index(index(edition="2"))
    with pytest.raises(UnknownName, match="name one"):
        two.with_definition(definition()).definition("own")
    assert two.with_definition(definition(edition="2")).definition("own").bound_index.edition == "2"


def test_another_index_makes_a_derived_definition_and_the_named_one_does_not():
    registry = EMPTY.with_index(index()).with_definition(definition(edition="1"))
    assert registry.definition("own", index=index()).derived_from == ""
    other = registry.definition("own", index=index("elsewhere"))
    assert "index own 1 -> elsewhere 1" in other.derived_from
    newer = registry.definition("own", index=index(edition="2"))
    assert "index own 1 -> own 2" in newer.derived_from


def test_the_same_name_and_edition_with_other_numbers_names_both_sources():
    registry = EMPTY.with_index(index(supplier="first 1.0"))
    with pytest.raises(RegistryConflict) as caught:
        registry.with_index(index(weight=2, supplier="second 2.0"))
    assert caught.value.sources == ("first 1.0", "second 2.0")
    for told in ("first 1.0", "second 2.0", "an edition never changes"):
        assert told in str(caught.value)
    with pytest.raises(RegistryConflict, match="definition 'own' edition '1'"):
        EMPTY.with_definition(definition()).with_definition(definition(window=9))


def test_the_same_content_twice_is_no_conflict():
    registry = EMPTY.with_index(index()).with_definition(definition())
    assert registry.with_index(index(supplier="elsewhere")) is registry
    assert registry.with_definition(definition(supplier="elsewhere")) is registry


def test_a_registry_never_changes():
    before = (EMPTY.indices, EMPTY.definitions)
    EMPTY.with_index(index()).with_definition(definition())
    assert (EMPTY.indices, EMPTY.definitions) == before
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        EMPTY.indices = ()


def test_a_process_without_a_home_has_no_registered_indices(monkeypatch):
    def homeless():
        message = "Could not determine home directory."
        raise RuntimeError(message)

    monkeypatch.delenv("HHPU_INDEX_STORE")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert load_registry().index("ons-css").name == "ons-css"
    with pytest.raises(OutputError, match="HHPU_INDEX_STORE"):
        index_store()
