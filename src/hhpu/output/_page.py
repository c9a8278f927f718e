"""Self-contained pages that read on screen, on paper and aloud: skeleton, tables, words, style."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from html import escape
from typing import Any, Final, Literal

import attrs

from hhpu.indices.codes import read_code, reference_codes

__all__ = [
    "Column",
    "Section",
    "described_code",
    "items_of",
    "long_date",
    "page_of",
    "rounded",
    "shared_rank",
    "shown",
    "table_of",
]

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


@attrs.frozen
class Column:
    """A column of a table.

    Parameters
    ----------
    head : str
        Its head; empty for none.
    number : bool
        Whether it holds numbers.
    kind : {"", "id", "words", "line", "terms", "digest"}
        Whether it holds ids, which are kept apart from the writing around them; sentences;
        dates and the like, which are never broken into lines; terms of some words; digests.
    """

    head: str
    number: bool = False
    kind: Literal["", "id", "words", "line", "terms", "digest"] = ""

    @property
    def marks(self) -> str:
        """The class of its cells, as HTML writes it."""
        name = "n" if self.number else self.kind
        return f' class="{name}"' if name else ""

    def cell(self, value: Any) -> str:
        """Write a value of it."""
        text = f"{value:,}" if isinstance(value, int) else str(value)
        return f"<bdi>{shown(text)}</bdi>" if self.kind == "id" else shown(text)


@attrs.frozen
class Section:
    """A part of a page, with its anchor, its title and its HTML."""

    key: str
    title: str
    content: str


def shown(text: str) -> str:
    """Escape a text; what cannot be seen in it, such as a mark that turns it round, is spelled."""
    if not text.isascii() or not text.isprintable():
        text = "".join(
            f"[U+{ord(each):04X}]" if unicodedata.category(each) in _UNSEEN else each
            for each in text
        )
    return escape(text, quote=True)


def table_of(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> str:
    """Write a table in a region that can be scrolled by keyboard; its first cells are heads."""
    heads = "".join(
        f'<th scope="col"{column.marks}>{shown(column.head)}</th>' if column.head
        else "<td></td>"
        for column in columns
    )  # fmt: skip
    lines = []
    for row in rows:
        first, *rest = (
            (column, column.cell(value)) for column, value in zip(columns, row, strict=True)
        )
        cells = "".join(f"<td{column.marks}>{cell}</td>" for column, cell in rest)
        lines.append(f'<tr><th scope="row"{first[0].marks}>{first[1]}</th>{cells}</tr>')
    label = shown(caption)
    return (
        f'<div class="scroll" role="region" aria-label="{label}" tabindex="0">'
        f"<table><caption>{label}</caption><thead><tr>{heads}</tr></thead>\n"
        f"<tbody>{chr(10).join(lines)}</tbody></table></div>"
    )


def items_of(items: Iterable[str]) -> str:
    """Write a list of texts that are HTML already."""
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def page_of(*, title: str, header: str, sections: Sequence[Section], footer: str) -> str:
    """Write a page that needs nothing from anywhere else.

    Parameters
    ----------
    title : str
        Its title.
    header : str
        HTML that ends before the table of contents, with the only ``h1``.
    sections : sequence of Section
        Its parts.
    footer : str
        HTML.

    Returns
    -------
    str
        The page.
    """
    links = "".join(f'<li><a href="#{s.key}">{shown(s.title)}</a></li>' for s in sections)
    body = "\n".join(
        f'<section id="{s.key}" aria-labelledby="{s.key}-title">\n'
        f'<h2 id="{s.key}-title">{shown(s.title)}</h2>\n{s.content}\n</section>'
        for s in sections
    )
    return f"""<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';
base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{shown(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
{header}
<nav aria-labelledby="contents"><h2 id="contents">On this page</h2><ol>{links}</ol></nav>
</header>
<main id="content" tabindex="-1">
{body}
</main>
<footer>{footer}</footer>
</body>
</html>
"""


def shared_rank(rank: Any, tie_size: Any) -> str:
    """Write a rank, with = where it is shared."""
    return f"{int(rank):,}{'=' if int(tie_size) > 1 else ''}"


def rounded(plain: str) -> str:
    """Write a plain decimal with one place and thousands."""
    with localcontext(prec=200):
        return f"{Decimal(plain).quantize(Decimal('0.1'), rounding=ROUND_HALF_EVEN):,}"


def described_code(code: str) -> str:
    """Write an offence code with its Home Office description, where it has one."""
    known = reference_codes().get(read_code(code).code or "")
    return f"{code} {known.description}" if known is not None else code


def long_date(date: dt.date) -> str:
    """Write a date in words."""
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_STYLE: Final = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 74rem; padding: 0 1.25rem 3rem; background: #fff;
  color: #1b1f24; font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: #fff; padding: .5rem 1rem; }
a { color: #0b4f8a; }
:focus-visible { outline: 3px solid #b35900; outline-offset: 2px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 1.5rem 0 .5rem; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 2.75rem 0 .75rem; padding-bottom: .3rem;
  border-bottom: 2px solid #d5dbe1; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .5rem; }
p, li { max-width: 48rem; overflow-wrap: break-word; }
.lead { font-size: 1.1rem; }
.banner { max-width: none; margin: 0 -1.25rem; padding: .75rem 1.25rem; background: #fff1d6;
  border-bottom: 4px solid #b35900; font-size: 1.05rem; }
.banner strong { text-transform: uppercase; letter-spacing: .03em; }
.notice { border-left: 5px solid #0b4f8a; background: #eef5fb; padding: .7rem 1rem; }
.alarm { border-left: 5px solid #a3190f; background: #fdecea; padding: .7rem 1rem; }
nav h2 { font-size: 1rem; border: 0; margin: 1.5rem 0 .25rem; padding: 0; }
nav ol { columns: 2; column-gap: 3rem; margin: 0; padding-left: 1.5rem; max-width: 56rem; }
.scroll { overflow-x: auto; margin: 1rem 0 1.75rem; }
table { border-collapse: collapse; font-size: .93rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: 0 0 .5rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0;
  border-bottom: 1px solid #dfe4e9; overflow-wrap: break-word; }
thead th, thead td { overflow-wrap: normal; border-bottom: 2px solid #8a949e;
  vertical-align: bottom; font-weight: 600; }
tbody th { font-weight: 500; overflow-wrap: normal; }
.id { min-width: 9ch; max-width: 26ch; overflow-wrap: anywhere; }
.scroll th.id { position: sticky; left: 0; background: #fff; }
.words { min-width: 17rem; max-width: 34rem; }
.line { white-space: nowrap; }
.terms { min-width: 13ch; }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; list-style: none; margin: 1rem 0;
  padding: 0; max-width: none; }
.figures li { border: 1px solid #8a949e; border-radius: .3rem; padding: .5rem .9rem; }
.figures strong { display: block; font-size: 1.5rem; line-height: 1.2; color: #1b1f24; }
.digest { font: .8rem/1.5 ui-monospace, monospace; min-width: 17rem; overflow-wrap: anywhere; }
main:focus { outline: 0; }
.n { text-align: right; white-space: nowrap; }
thead .n { white-space: normal; }
tbody tr:nth-child(even), .scroll tbody tr:nth-child(even) th.id { background: #f6f8fa; }
footer { margin-top: 3rem; border-top: 1px solid #d5dbe1; color: #4a535c; font-size: .9rem; }
@media (max-width: 40rem) {
  nav ol { columns: 1; }
  .scroll th.id { max-width: 14ch; }
}
@media print {
  @page { margin: 15mm; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  nav, .skip { display: none; }
  .banner { margin: 0; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .scroll { overflow: visible; }
  .scroll th.id { position: static; }
  h1 { font-size: 15pt; margin-top: 0; }
  h2 { font-size: 12pt; margin-top: 1.5rem; }
  h3, .lead { font-size: 10.5pt; }
  .figures { gap: .4rem; }
  .figures li { padding: .2rem .5rem; }
  .figures strong { font-size: 12pt; }
  table { font-size: 8pt; max-width: 100%; }
  th, td { padding-right: .5rem; overflow-wrap: anywhere; }
  tbody th { overflow-wrap: anywhere; }
  .words { min-width: 16ch; }
  .terms { min-width: 10.5ch; }
  .digest { min-width: 0; }
  thead { display: table-header-group; }
  tr, h2, h3, caption { break-inside: avoid; }
  h2, h3, caption { break-after: avoid; }
  a { color: inherit; text-decoration: none; }
}
"""
