"""The page in a real browser; skipped, with the reason printed, where there is none."""

import re

import pytest

REGIONS = "document.querySelectorAll('.scroll')"
WIDE = """
[...document.querySelectorAll('.scroll')].filter(r => r.scrollWidth > r.clientWidth + 1)
  .map(r => r.getAttribute('aria-label'))
"""
PAST_THE_EDGE = """
[...document.querySelectorAll('main > section > *, header > *, footer > *')]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))
"""
CONTRAST = """
(() => {
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parts(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const own = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  return Math.min(...[...document.body.querySelectorAll('*')].filter(own).map(e => {
    const pair = [light(parts(getComputedStyle(e).color)), light(behind(e))].sort((a, b) => b - a);
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  }));
})()
"""
FOCUSED = """
(() => {
  const e = document.activeElement, box = e.getBoundingClientRect();
  return [e.tagName, e.className, e.getAttribute('aria-label'), getComputedStyle(e).outlineStyle,
          box.right > 0 && box.width > 0];
})()
"""


@pytest.fixture(scope="module")
def written(series, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_bytes(series.again().files()["report.html"])
    return path


@pytest.fixture(scope="module")
def hostile(series, tmp_path_factory):
    """The same page with ids of 200 letters, and with words that have no end."""
    text = series.again().files()["report.html"].decode("utf-8")
    path = tmp_path_factory.mktemp("page") / "report.html"
    long = re.sub(r"<bdi>(P\d+)</bdi>", lambda found: f"<bdi>{found[1] * 25}</bdi>", text)
    longer = re.sub(r"(<t[dh][^>]*>)one offence", lambda found: found[1] + "offence" * 20, long)
    long = longer.replace('<td class="words">', '<td class="words">' + "w" * 120)
    assert len(long) > len(longer) > len(text) + 5_000
    path.write_text(long, encoding="utf-8")
    return path


def quiet(chromium, path):
    """Nothing on the console, and nothing asked of anybody but the page itself."""
    told = [event["method"] for event in chromium.events]
    assert "Runtime.consoleAPICalled" not in told
    assert "Runtime.exceptionThrown" not in told
    assert not [event for event in chromium.events if event["method"] == "Log.entryAdded"]
    asked = {
        event["params"]["request"]["url"]
        for event in chromium.events
        if event["method"] == "Network.requestWillBeSent"
    }
    assert asked == {path.as_uri()}


@pytest.mark.parametrize(("width", "phone"), [(1280, False), (375, True)])
@pytest.mark.parametrize("name", ["written", "hostile"])
def test_fits_the_window_and_asks_for_nothing(chromium, request, name, width, phone):
    path = request.getfixturevalue(name)
    chromium.open(path, width=width, height=800, phone=phone)
    quiet(chromium, path)
    assert chromium.value("innerWidth") == width
    assert chromium.value("document.documentElement.scrollWidth") == width
    assert chromium.value(PAST_THE_EDGE) == []


def test_wide_tables_scroll_inside_their_region_on_a_phone(chromium, written):
    chromium.open(written, width=375, height=800, phone=True)
    assert "To assess now, highest rank first" in chromium.value(WIDE)
    last = "document.querySelector('#assess .scroll th:last-child').getBoundingClientRect().right"
    assert chromium.value(last) > 375
    chromium.value("document.querySelector('#assess .scroll').focus()")
    for _ in range(40):
        chromium.press("ArrowRight", 39)
    scrolled = "document.querySelector('#assess .scroll').scrollLeft"
    chromium.call("Runtime.evaluate", expression="new Promise(r => setTimeout(r, 500))",
                  awaitPromise=True)  # fmt: skip
    assert chromium.value(scrolled) > 0
    person = "document.querySelector('#assess .scroll tbody th').getBoundingClientRect()"
    assert chromium.value(f"{person}.left") >= 0
    assert 0 < chromium.value(f"{person}.width") < 375 / 2


def test_tab_reaches_the_skip_link_first_and_every_region_and_shows_where_it_is(chromium, written):
    chromium.open(written)
    stops = chromium.value("document.querySelectorAll('a, [tabindex=\"0\"]').length")
    seen = []
    for _ in range(stops):
        chromium.press("Tab", 9)
        seen.append(chromium.value(FOCUSED))
    assert seen[0][:2] == ["A", "skip"]
    assert all(outline == "solid" and inside for *_, outline, inside in seen)
    regions = [label for _, name, label, *_ in seen if name == "scroll"]
    assert len(regions) == len(set(regions)) == chromium.value(f"{REGIONS}.length")
    chromium.open(written)
    chromium.press("Tab", 9)
    chromium.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", text="\r",
                  windowsVirtualKeyCode=13)  # fmt: skip
    assert chromium.value("document.activeElement.id || location.hash") in ("content", "#content")


def test_read_aloud_it_has_its_headings_tables_and_landmarks(chromium, written):
    chromium.open(written)
    nodes = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in chromium.call("Accessibility.getFullAXTree")["nodes"]
        if not node["ignored"] and "role" in node
    ]
    roles = [role for role, _ in nodes]
    text = written.read_text("utf-8")
    headings = [name for role, name in nodes if role == "heading"]
    wanted = re.findall(r"<h[123][^>]*>(.*?)</h[123]>", text, re.DOTALL)
    assert headings == [re.sub(r"\s+", " ", heading) for heading in wanted]
    tables = [name for role, name in nodes if role == "table"]
    assert tables == re.findall(r"<caption>(.*?)</caption>", text)
    assert roles.count("columnheader") == text.count('<th scope="col"')
    assert roles.count("rowheader") == text.count('<th scope="row"')
    assert {"main", "navigation", "banner", "contentinfo"} <= set(roles)
    assert ("region", "To assess now") in nodes


def test_text_stands_out_from_what_is_behind_it(chromium, written):
    chromium.open(written)
    assert chromium.value(CONTRAST) >= 4.5


@pytest.mark.parametrize("name", ["written", "hostile"])
def test_prints_every_column(chromium, request, name):
    path = request.getfixturevalue(name)
    millimetre = 96 / 25.4
    chromium.open(path, width=round(180 * millimetre))
    chromium.call("Emulation.setEmulatedMedia", media="print")
    assert chromium.value(WIDE) == []
    assert chromium.value("document.documentElement.scrollWidth <= innerWidth")
    assert chromium.value("getComputedStyle(document.querySelector('thead')).display") == (
        "table-header-group"
    )
    assert chromium.value("getComputedStyle(document.querySelector('nav')).display") == "none"
    chromium.call("Emulation.setEmulatedMedia", media="")
    made = chromium.pdf()
    assert made.startswith(b"%PDF-")
    pages = re.findall(rb"/Type\s*/Page\b", made)
    assert 3 < len(pages) < 60
    boxes = set(re.findall(rb"/MediaBox\s*\[([^\]]*)\]", made))
    assert len(boxes) == 1
