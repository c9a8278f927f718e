"""Write the shipped reference data from a folder of source tables.

Run as ``python tools/build_reference_data.py REFERENCE_FOLDER [--out FOLDER]``. The same source
tables always give the same bytes. Rows are sorted by code: number of the class or recorded-crime
code first, then sub-class or letter. Whatever the source tables no longer hold as expected stops
the run; nothing is repaired in passing.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

Row = dict[str, str]
TomlValue = str | int | bool | dt.date | Sequence[str]
TomlTable = Mapping[str, TomlValue]

DATA = Path(__file__).resolve().parents[1] / "src" / "hhpu" / "indices" / "data"
READ = dt.date(2026, 11, 1)
INTERVAL_THRESHOLD = 3

WEIGHTS_HEADER = ("code", "weight", "basis", "citation", "description", "note")
INTERVAL_HEADER = ("lowest", "median", "highest")

ROBBERY = "Robbery (business or personal)"
SUBGROUPS_OF = {ROBBERY: ("Robbery of business property", "Robbery of personal property")}
MURDER = "1/01"

DETECTION = {
    "proactive": "proactive",
    "company-detected": "company",
    "management-detected": "management",
}
DETECTION_WITHHELD = {
    "4/10": "the title names no breach of an order",
    "7/03": "the breach of duty is a ship's, not of an order on an offender",
    "195/12": "the title is of stalking, not of breaching an order",
    "8/03": "the title is of setting traps, not of possession",
    "8/61": "the title is of threatening a person, not of possession",
    "8/62": "the title is of threatening a person, not of possession",
    "8/63": "the title is of threatening a person, not of possession",
    "8/64": "the title is of threatening a person, not of possession",
    "66/99": "the code covers unrelated offences",
    "99/99": "the code covers unrelated offences",
}
NOT_ABUSE_OF_TRUST = ("73/03", "73/04", "73/05", "73/06")
FALSE_IMPRISONMENT = "36/03"

OFFENCE_REFERENCE: TomlTable = {
    "key": "home-office-codes",
    "title": "Home Office offence codes, consolidated (home-office-codes.csv in this package)",
    "note": "Consolidated from the lists cited in home-office-codes.toml; each row names its own.",
}
POLICE_UK: TomlTable = {
    "key": "police.uk-2022",
    "title": "data.police.uk category mappings: offence codes, titles and subgroups",
    "url": "https://data.police.uk/",
    "read": READ,
    "note": "Read from the copy in github aljilee/Capstone-Project, "
    "data-raw/police-uk-category-mappings.xlsx, at f2ae24e1; codes that a spreadsheet had turned "
    "into dates were repaired there against the raw values.",
}
CCHI_2026: TomlTable = {
    "key": "cchi-2026-subgroups",
    "title": "Cambridge Crime Harm Index, February 2026: rows, lowest, median, mean and highest "
    "days of each recorded-crime subgroup",
    "url": "https://github.com/isthisben/cbl-realcrime",
    "read": READ,
    "note": "Statistics of Cambridge-CCHI-2026-update.xlsx as given in data/raw/CCHI_SOURCES.md "
    "at 064593d5 and data/cchi_weights.csv at 5591939d; the workbook itself was not read.",
}
CCHI_2021_CHART: TomlTable = {
    "key": "cchi-2021-chart",
    "title": "Labelled chart of harm values of the Cambridge Crime Harm Index, 2021 edition "
    "(Ashby, ECCA 2022)",
    "url": "https://github.com/mpjashby/harmspots",
    "read": READ,
    "note": "Read off the bar labels of output/ecca-2022_files/chart-harm-values-1.png at a10fa43; "
    "the labels were joined to offence titles there, so each pair of value and title wants "
    "verification against the 2021 workbook.",
}
CONSENSUS: TomlTable = {
    "key": "cchi-consensus-2020",
    "title": "How to Count Crime: the Cambridge Harm Index Consensus",
    "url": "https://link.springer.com/article/10.1007/s41887-020-00043-2",
    "doi": "10.1007/s41887-020-00043-2",
    "read": READ,
}
ONS_CSS: TomlTable = {
    "key": "ons-css-2020",
    "title": "Crime Severity Score data tool (cssdatatool.xls), list of weights, "
    "Office for National Statistics",
    "url": "https://www.ons.gov.uk/peoplepopulationandcommunity/crimeandjustice/datasets/"
    "crimeseverityscoreexperimentalstatistics",
    "read": READ,
    "licence": "OGL-3.0",
    "note": "As downloaded in December 2020; read from the copy in github M-O-P-D/crims, "
    "data/severity_codes.csv, at 19ca9ac3.",
}
ONS_CSS_MAPPING: TomlTable = {
    "key": "crims-mapping",
    "title": "Mapping of recorded-crime codes 28A and 30A to ONS codes 28C and 30C (crims)",
    "url": "https://github.com/M-O-P-D/crims",
    "read": READ,
    "note": "data/severity_codes.csv at 19ca9ac3; the mapping is its author's, not of ONS.",
}
CODE_LISTS: tuple[TomlTable, ...] = (
    POLICE_UK,
    {
        "key": "MoJ-actuarial",
        "title": "Offence codes with group and category, HMPPS risk actuarial service "
        "(Ministry of Justice)",
        "url": "https://github.com/ministryofjustice/hmpps-arns-risk-actuarial-api",
        "read": READ,
    },
    {
        "key": "MoJ-OGRS3",
        "title": "Offence codes with OGRS3 parameters, HMPPS risk actuarial service "
        "(Ministry of Justice); codes only, no parameter is carried",
        "url": "https://github.com/ministryofjustice/hmpps-arns-risk-actuarial-api",
        "read": READ,
    },
    {
        "key": "MoJ-CJS-titles",
        "title": "Offence titles by CJS code (Ministry of Justice)",
        "read": READ,
        "note": "The name under which the source table lists it; its address was not kept.",
    },
    {
        "key": "ONS-CSS-2020",
        "title": "Crime Severity Score list of weights: recorded-crime codes and titles",
        "url": str(ONS_CSS["url"]),
        "read": READ,
        "licence": "OGL-3.0",
    },
    {
        "key": "recorded-crime-2017-18",
        "title": "Recorded-crime codes with offence group and subgroup, 2013 to 2018",
        "url": "https://github.com/ONSdigital/dp-hierarchy-builder",
        "read": READ,
        "note": "crimeWithHomeOffice_2017-2018/hierarchy.cypher at 86ff9b06, and github "
        "Sparrow0hawk/crime_sim_toolkit, src/CrimeCatMappings.csv, at e0911683.",
    },
)
SHIPPED_SOURCES = ("police.uk-2022", "MoJ-actuarial", "MoJ-OGRS3", "MoJ-CJS-titles", "ONS-CSS-2020")

EXAMPLES = {
    "ons-css/2020-12": (
        ("1", "7973.393423"),
        ("46", "11.855539"),
        ("46;46;46", "35.566617"),
        ("8N;105A", "202.664429"),
        ("34B;34B", "1599.25774"),
        ("2;19C", "7607.239126"),
    ),
    "cambridge-approx/2026-02-subgroups": (
        ("1/01", "5475"),
        ("19/08", "2555"),
        ("34/01;34/01;39/00", "732"),
        ("46/00;46/00;46/00", "3"),
        ("44/00;39/00;46/00", "5"),
        ("1/01;19/16;34/02", "8395"),
    ),
    "cambridge-chart/2021-chart": (
        ("1/01", "5475"),
        ("8/06;8/06", "364"),
        ("2/00;29/00", "4015"),
        ("8/67;49/10;49/10", "88"),
    ),
}


class SourceChangedError(Exception):
    """The source tables do not hold what this tool was written for."""


def demand(held: bool, message: str) -> None:  # noqa: FBT001
    """Stop the run where the source tables are not as expected."""
    if not held:
        raise SourceChangedError(message)


def read_table(folder: Path, name: str) -> list[Row]:
    """Read one source table."""
    with (folder / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def code_order(code: str) -> tuple[int, str, int]:
    """Sort key of class codes and recorded-crime codes: by number, then letter or sub-class."""
    match = re.fullmatch(r"([0-9]+)(?:[/.]([0-9]+)|([A-Z]))?", code)
    if match is None:
        message = f"{code!r} is not a class code or recorded-crime code"
        raise SourceChangedError(message)
    return int(match[1]), match[3] or "", int(match[2] or 0)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give a CSV table as text with LF line ends."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()


def toml_value(value: TomlValue) -> str:
    """Write one TOML value; long lists go over several lines."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    items = [toml_value(item) for item in value]
    line = f"[{', '.join(items)}]"
    per_line = 10
    if len(items) <= per_line:
        return line
    lines = (", ".join(items[at : at + per_line]) for at in range(0, len(items), per_line))
    return "[\n" + "".join(f"  {each},\n" for each in lines) + "]"


def toml_text(
    top: TomlTable,
    tables: Mapping[str, Sequence[TomlTable]],
    *,
    named: Mapping[str, TomlTable] | None = None,
) -> str:
    """Write a TOML document: top-level keys, named tables, then arrays of tables."""
    blocks = ["".join(f"{key} = {toml_value(value)}\n" for key, value in top.items())]
    for name, table in (named or {}).items():
        lines = (f"{json.dumps(key)} = {toml_value(value)}\n" for key, value in table.items())
        blocks.append(f"[{name}]\n" + "".join(lines))
    for name, rows in tables.items():
        for row in rows:
            lines = (f"{key} = {toml_value(value)}\n" for key, value in row.items())
            blocks.append(f"[[{name}]]\n" + "".join(lines))
    return "\n".join(blocks)


def one_line(text: str) -> str:
    """Join runs of white space, line ends included, to single spaces."""
    return " ".join(text.split())


def decimal_text(text: str) -> str:
    """Give a figure without exponent or trailing zeros, exactly."""
    value = Decimal(text).normalize()
    return f"{value:f}"


def home_office_codes(reference: Sequence[Row]) -> dict[str, str]:
    """Build the table of offence codes and its description."""
    header = (
        "code",
        "description",
        "recorded",
        "recorded_candidates",
        "recorded_basis",
        "subgroup",
        "generic",
        "notifiable",
        "detection",
        "detection_basis",
        "sources",
    )
    rows = []
    for row in sorted(reference, key=lambda row: code_order(row["class_sub"])):
        code = row["class_sub"]
        candidates = row["prc_candidates"].replace("|", ";")
        detection = DETECTION.get(row["proactive_or_company_detected"], "")
        basis = row["proactive_flag_basis"]
        if code in DETECTION_WITHHELD:
            demand(bool(detection), f"{code} is no longer marked as found by police or managers")
            basis = f"withheld, {detection} in the source: {DETECTION_WITHHELD[code]}"
            detection = ""
        sources = [name for name in row["sources"].split(";") if name in SHIPPED_SOURCES]
        rows.append(
            (
                code,
                one_line(row["description"]),
                row["prc_code"],
                candidates,
                "candidates" if candidates else row["match_basis"],
                row["offence_subgroup"],
                row["generic_fallback_code"],
                row["notifiable_policeuk_2022"],
                detection,
                basis,
                ";".join(sources),
            )
        )
    column = {name: [row[at] for row in rows] for at, name in enumerate(header)}
    counts: dict[str, TomlValue] = {
        "codes": len(rows),
        "notifiable": column["notifiable"].count("yes"),
        "generic": column["generic"].count("yes"),
        "recorded": sum(map(bool, column["recorded"])),
        "recorded_candidates": sum(map(bool, column["recorded_candidates"])),
        "subgroup": sum(map(bool, column["subgroup"])),
        "proactive": column["detection"].count("proactive"),
        "company": column["detection"].count("company"),
        "management": column["detection"].count("management"),
    }
    top: dict[str, TomlValue] = {
        "title": "Home Office offence codes with recorded-crime code, subgroup and detection",
        "vintage": "about 2017/18",
        "note": "Newer codes such as 8/73 (assault of an emergency worker), 8/77 (strangulation), "
        "5/28 and 88/14 are here by title only: they are in no list of notifiable codes that was "
        "read, and have no recorded-crime code, subgroup or weight. Recorded-crime codes were "
        "matched by code, title or class; recorded_basis says which. detection is in part a "
        "judgement; detection_basis says where.",
        "order": "by class number, then sub-class number",
    }
    return {
        "home-office-codes.csv": csv_text(header, rows),
        "home-office-codes.toml": toml_text(
            top,
            {"citations": (*CODE_LISTS, CONSENSUS)},
            named={"counts": counts, "detection_withheld": DETECTION_WITHHELD},
        ),
    }


def ons_css(weights: Sequence[Row]) -> dict[str, str]:
    """Build the ONS Crime Severity Score, one row for each recorded-crime code."""
    rows = []
    for row in sorted(
        (row for row in weights if "/" not in row["prc_offence_code"]),
        key=lambda row: code_order(row["prc_offence_code"]),
    ):
        mapped = row["note"].startswith("repo author mapped")
        note = ""
        if mapped:
            note = f"weight of ONS code {row['css_code']}; the mapping is not of ONS"
        elif row["note"]:
            note = "ONS publishes one homicide weight for 1, 4.1, 4.2 and 4.10"
        rows.append(
            (
                row["prc_offence_code"],
                decimal_text(row["weight"]),
                "published-mapped" if mapped else "published",
                "ons-css-2020;crims-mapping" if mapped else "ons-css-2020",
                one_line(row["prc_description"]),
                note,
            )
        )
    demand(len(rows) == len(weights) - 1, "the list of weights holds other combined rows")
    index: dict[str, TomlValue] = {
        "name": "ons-css",
        "edition": "2020-12",
        "title": "ONS Crime Severity Score, weights of December 2020",
        "unit": "css-days",
        "scale": 1_000_000,
        "codes": "home-office-recorded",
        "keys": [],
        "licence": "OGL-3.0",
        "note": "A weight is the average sentence given for the offence, in days. ONS makes the "
        "weights to add up recorded crime to a score for an area and warns against reading them "
        "as a ranking of offences; a sum for one person goes beyond that use. A weight "
        "belongs to a recorded-crime code and covers every offence under it: wounding "
        "(s.20) and actual bodily harm share 8N. Fraud has no row.",
    }
    return {
        "index.toml": toml_text(index, {"citations": (ONS_CSS, ONS_CSS_MAPPING)}),
        "weights.csv": csv_text(WEIGHTS_HEADER, rows),
    }


def subgroup_interval(
    subgroup: str, statistics: Mapping[str, Row]
) -> tuple[Decimal, Decimal, Decimal, int]:
    """Give lowest, median and highest days and the number of rows of one subgroup."""
    parts = [statistics[name] for name in SUBGROUPS_OF.get(subgroup, (subgroup,))]
    figures = {
        tuple(Decimal(part[name]) for name in ("min_days", "median_days", "max_days"))
        for part in parts
    }
    demand(len(figures) == 1, f"the parts of {subgroup} no longer have the same figures")
    lowest, median, highest = figures.pop()
    return lowest, median, highest, sum(int(part["n_rows"]) for part in parts)


def approximate_row(row: Row, statistics: Mapping[str, Row]) -> tuple[str, ...]:
    """Give the row of the stand-in for one code, by the rules in its note."""
    code, subgroup = row["class_sub"], row["offence_subgroup"]
    lowest, median, highest, n = subgroup_interval(subgroup, statistics)
    weight, citation = "", "cchi-2026-subgroups"
    if code == MURDER:
        demand(median == highest, "murder no longer stands at the median and top of homicide")
        weight, basis = decimal_text(str(median)), "two-source-agreement"
        citation = "cchi-2026-subgroups;cchi-2021-chart"
        note = (
            f"the 2021 reading for this code and {n - 1} of the {n} rows of {subgroup} in 2026; "
            "the interval is what the 2026 statistics alone allow"
        )
    elif row["generic_fallback_code"]:
        basis, note = "interval-only", f"{subgroup}, {n} rows; a fallback code"
    elif lowest == highest:
        weight, basis = decimal_text(str(lowest)), "published-single"
        note = f"{subgroup}: all {n} rows have this value"
    elif highest <= INTERVAL_THRESHOLD * lowest:
        weight, basis = decimal_text(str(median)), "subgroup-median"
        note = f"{subgroup}: median of {n} rows"
    else:
        basis = "interval-only"
        note = f"{subgroup}, {n} rows: too wide for a single value"
    interval = (decimal_text(str(value)) for value in (lowest, median, highest))
    return code, weight, basis, citation, one_line(row["description"]), note, *interval


def cambridge_approx(
    reference: Sequence[Row], statistics: Sequence[Row], points: Sequence[Row]
) -> dict[str, str]:
    """Build the stand-in for the Cambridge index from its published subgroup statistics."""
    by_subgroup = {row["prc_offence_subgroup"]: row for row in statistics}
    readings = [row["days"] for row in points if class_code(row["ho_code"]) == MURDER]
    homicide = by_subgroup["Homicide"]
    demand(
        readings == [homicide["median_days"]] == [homicide["max_days"]],
        "the two sources of the value for murder no longer agree",
    )
    notifiable = [row for row in reference if row["notifiable_policeuk_2022"]]
    covered = sorted(
        (row for row in notifiable if row["offence_subgroup"]),
        key=lambda row: code_order(row["class_sub"]),
    )
    rows = [approximate_row(row, by_subgroup) for row in covered]
    index: dict[str, TomlValue] = {
        "name": "cambridge-approx",
        "edition": "2026-02-subgroups",
        "title": "Stand-in for the Cambridge Crime Harm Index, from its subgroup statistics of "
        "February 2026",
        "unit": "days",
        "scale": 100,
        "codes": "home-office-class",
        "keys": [],
        "licence": "No open licence was seen for the workbook, which is not included; its "
        "published subgroup statistics are quoted as facts.",
        "approximate": True,
        "interval_threshold": INTERVAL_THRESHOLD,
        "note": "Not the official table. A code has a weight where its subgroup has one value, "
        "where the subgroup's highest value is at most interval_threshold times its lowest (the "
        "weight is then the median; the threshold is a judgement), or where a second source "
        "agrees (murder, 1/01, alone). Every other code is interval-only: an empty weight, with "
        "the lowest, median and highest days of its subgroup. Codes are put in subgroups by "
        "home-office-codes.csv. "
        f"{len(rows)} of {len(notifiable)} notifiable codes have a row; codes without a subgroup "
        "and codes that are not notifiable, fallback codes among them, have none.",
    }
    return {
        "index.toml": toml_text(index, {"citations": (CCHI_2026, CCHI_2021_CHART)}),
        "weights.csv": csv_text((*WEIGHTS_HEADER, *INTERVAL_HEADER), rows),
    }


def class_code(written: str) -> str | None:
    """Give the class code of a reading such as ``8/6`` or ``2``, which has no sub-class."""
    match = re.fullmatch(r"([0-9]+)(?:/([0-9]+))?", written)
    return match and f"{int(match[1])}/{int(match[2] or 0):02d}"


def cambridge_chart(points: Sequence[Row], reference: Sequence[Row]) -> dict[str, str]:
    """Build the readings of the 2021 chart for which the source asserts a code."""
    known = {row["class_sub"]: row for row in reference}
    readings = [row for row in points if row["version"] == "CCHI 2021"]
    rows = []
    for row in readings:
        code = class_code(row["ho_code"])
        if code is None or "inferred" in row["note"]:
            continue
        demand(
            known[code]["cchi_2021_or_2026_point_value"] == row["days"],
            f"the offence reference does not give {row['days']} days for {code}",
        )
        lowest = highest = Decimal(row["days"])
        note = ""
        if "rounded for display" in row["note"]:
            half = Decimal("0.5")
            lowest, highest = lowest - half, highest + half
            note = f"rounded on the chart; {row['note'].split(';')[0]}"
        ends = (decimal_text(str(value)) for value in (lowest, highest))
        weight = decimal_text(row["days"])
        rows.append(
            (
                code,
                weight,
                "chart-reading",
                "cchi-2021-chart",
                one_line(row["description"]),
                note,
                *ends,
            )
        )
    rows.sort(key=lambda row: code_order(row[0]))
    index: dict[str, TomlValue] = {
        "name": "cambridge-chart",
        "edition": "2021-chart",
        "title": "Cambridge Crime Harm Index 2021: values read off a published chart",
        "unit": "days",
        "scale": 100,
        "codes": "home-office-class",
        "keys": [],
        "licence": "No open licence was seen for the workbook, which is not included; values "
        "shown on a published chart are quoted as facts.",
        "approximate": True,
        "note": f"{len(rows)} of the {len(readings)} values on the chart: the others have no code "
        "in the source, or one inferred from the title. lowest and highest are those of the "
        "rounding on the chart. Burglary was re-based in 2023: these values do not mix with later "
        "editions. For comparing, not for ranking people: most offences have no row.",
    }
    return {
        "index.toml": toml_text(index, {"citations": (CCHI_2021_CHART,)}),
        "weights.csv": csv_text((*WEIGHTS_HEADER, "lowest", "highest"), rows),
    }


Rule = dict[str, TomlValue]

GROUP_SOURCES: tuple[TomlTable, ...] = (
    OFFENCE_REFERENCE,
    CONSENSUS,
    {
        "key": "hocr-flags",
        "title": "Home Office Counting Rules 2022/23: chapter on crime flags",
        "url": "https://dokumen.tips/amp/document/home-office-counting-rules-20223-govuk.html",
        "read": READ,
        "note": "Table of contents only: the flags exist; their wording was not read.",
    },
    {
        "key": "police.uk-mapping",
        "title": "data.police.uk category mappings",
        "url": "https://data.police.uk/",
        "read": READ,
    },
    {
        "key": "ons-hate-crime",
        "title": "Reporting of hate crime, Office for National Statistics",
        "url": "https://cy.ons.gov.uk/aboutus/transparencyandgovernance/freedomofinformationfoi/"
        "reportingofhatecrime",
        "read": READ,
    },
    {
        "key": "cop-hate-crime",
        "title": "Responding to hate, College of Policing authorised professional practice",
        "url": "https://www.college.police.uk/app/major-investigation-and-public-protection/"
        "hate-crime/responding-hate",
        "read": READ,
    },
    {
        "key": "hate-crime-2015-16",
        "title": "Hate Crime, England and Wales, 2015/16, page 8: the five recorded-crime codes",
        "url": "https://viewer.joomag.com/hate-crime-england-and-wales-2015-16/"
        "0801667001476360113/p8",
        "read": READ,
    },
    {
        "key": "csa-cse-flags",
        "title": "Crimes flagged as child sexual abuse and child sexual exploitation, "
        "experimental statistics",
        "url": "https://vawg.gss-data.org.uk/dashboards/child-abuse/needs-work-number-of-crimes-"
        "flagged-as-child-sexual-abuse-recorded-by-police-force-area-experimental-statistics",
        "read": READ,
    },
    {
        "key": "cja-2003-schedule-15",
        "title": "Criminal Justice Act 2003, Schedule 15, Part 1, paragraphs 1 to 22",
        "url": "https://legislation.gov.uk/ukpga/2003/44/schedule/15/part/1/2018-01-25/data.html",
        "read": READ,
        "note": "Versions of 2018 and 2019; later paragraphs and amendments were not read.",
    },
)


def definition_rules(listed: Sequence[Row], reference: Sequence[Row]) -> list[Rule]:
    """Build the rules of the default definition; each names its status and citation."""

    def codes(group: str, reason: str = "", *, without: Sequence[str] = ()) -> list[str]:
        found = {
            row["class_sub"]
            for row in listed
            if row["group"] == group and row["reason"].startswith(reason)
        }
        demand(bool(found), f"no codes are listed for {group}, {reason}")
        return sorted(found.difference(without), key=code_order)

    titles = {row["class_sub"]: row["description"] for row in reference}
    demand(titles[FALSE_IMPRISONMENT] == "False imprisonment", "36/03 has another title")
    rules: list[Rule] = [
        {
            "name": "domestic-abuse-flag",
            "group": "domestic_abuse",
            "flags": ["domestic_abuse"],
            "status": "sourced",
            "citation": "hocr-flags",
            "note": "Any crime can be domestic abuse: the record's flag decides. That the flag "
            "exists is sourced; its wording was not read.",
        },
        {
            "name": "domestic-abuse-by-definition",
            "group": "domestic_abuse",
            "class_codes": codes("domestic_abuse"),
            "status": "derived",
            "citation": "police.uk-mapping;home-office-codes",
            "note": "Controlling or coercive behaviour exists only between partners or family. "
            "Breaches of non-molestation and domestic abuse protection orders are not listed.",
        },
        {
            "name": "hate-crime-flag",
            "group": "hate_crime",
            "flags": ["hate"],
            "status": "sourced",
            "citation": "ons-hate-crime;cop-hate-crime",
            "note": "Perception of the victim or any other person, recorded as a flag: wider than "
            "any list of codes.",
        },
        {
            "name": "hate-crime-recorded-codes",
            "group": "hate_crime",
            "class_codes": codes("hate_crime", "PRC code"),
            "recorded_codes": ["8M", "8P", "9B", "58J", "105B"],
            "status": "sourced",
            "citation": "hate-crime-2015-16;home-office-codes",
            "note": "The five recorded-crime codes that are hate crimes by definition; the class "
            "codes are those that the offence table puts under them.",
        },
        {
            "name": "hate-crime-titles",
            "group": "hate_crime",
            "class_codes": codes("hate_crime", "title says"),
            "status": "derived",
            "citation": "home-office-codes",
            "note": "The title says racially or religiously aggravated; most are older codes "
            "without a recorded-crime code in the table.",
        },
        {
            "name": "child-abuse-flag",
            "group": "child_abuse",
            "flags": ["child_abuse"],
            "status": "sourced",
            "citation": "csa-cse-flags",
            "note": "Child sexual abuse and child sexual exploitation flags are sourced; a flag "
            "for physical abuse or neglect was not found.",
        },
        {
            "name": "child-victim",
            "group": "child_abuse",
            "flags": ["child_victim"],
            "status": "derived",
            "citation": "home-office-codes",
            "note": "Victim under 18, whatever the crime: wide on purpose, for a force to narrow.",
        },
        {
            "name": "child-abuse-recorded-codes",
            "group": "child_abuse",
            "class_codes": codes("child_abuse", "PRC title"),
            "recorded_codes": [
                "11A",
                "17B",
                "19D",
                "19E",
                "19G",
                "19H",
                "20B",
                "21",
                "22B",
                "71",
                "88A",
            ],
            "status": "derived",
            "citation": "home-office-codes",
            "note": "The title of the recorded-crime code fixes a child victim.",
        },
        {
            "name": "child-abuse-titles",
            "group": "child_abuse",
            "class_codes": codes("child_abuse", "title fixes"),
            "recorded_codes": ["13"],
            "status": "derived",
            "citation": "home-office-codes",
            "note": "The offence title fixes a child victim. Of these only child abduction has a "
            "recorded-crime code of its own; under 4.7 and 86 the victim need not be a child.",
        },
        {
            "name": "child-abuse-of-trust",
            "group": "child_abuse",
            "class_codes": codes("child_abuse", "abuse of position", without=NOT_ABUSE_OF_TRUST),
            "recorded_codes": ["73"],
            "status": "derived",
            "citation": "home-office-codes",
            "note": "Abuse of a position of trust, victim under 18; to be verified. Left out of "
            "the class: 73/03 to 73/06, whose titles are of failing to notify the police.",
        },
        {
            "name": "serious-sexual-rape",
            "group": "serious_sexual",
            "class_codes": codes("serious_sexual", "rape"),
            "recorded_codes": ["19C", "19D", "19E", "19F", "19G", "19H", "19J", "19K"],
            "status": "derived",
            "citation": "home-office-codes",
            "note": "Rape and attempted rape. An official list of serious sexual offences was not "
            "found: this group is a narrow list by title.",
        },
        {
            "name": "serious-sexual-penetration",
            "group": "serious_sexual",
            "class_codes": codes("serious_sexual", "assault by penetration"),
            "status": "derived",
            "citation": "home-office-codes",
            "note": "Assault by penetration; no recorded-crime code of its own.",
        },
        {
            "name": "serious-sexual-contact-or-child",
            "group": "serious_sexual",
            "class_codes": codes("serious_sexual", "contact or child"),
            "recorded_codes": [
                "17A",
                "17B",
                "20A",
                "20B",
                "21",
                "22A",
                "22B",
                "23",
                "70",
                "71",
                "73",
            ],
            "status": "derived",
            "citation": "home-office-codes",
            "note": "Contact offences and sexual offences against children, by the title of the "
            "recorded-crime code.",
        },
        {
            "name": "serious-violence-narrow",
            "group": "serious_violence",
            "class_codes": codes("serious_violence_narrow"),
            "recorded_codes": ["1", "2", "4.1", "4.2", "4.10", "5D", "34A", "34B"],
            "status": "proposal",
            "citation": "home-office-codes",
            "note": "A proposal: homicide, attempted murder, wounding (s.18, s.20), strangulation, "
            "robbery. Recorded-crime codes are given where all their class codes are in the list; "
            "8N is not, since s.20 shares it with lesser assaults.",
        },
        {
            "name": "serious-violence-schedule-15",
            "group": "serious_violence",
            "class_codes": codes("serious_violence_sch15"),
            "status": "statute",
            "citation": "cja-2003-schedule-15;home-office-codes",
            "note": "Specified violent offences, paragraphs 1 to 22 as far as a class code matches "
            "by title. Wide: it takes in actual bodily harm. 3/02 mixes soliciting murder with "
            "conspiracy.",
        },
        {
            "name": "serious-violence-false-imprisonment",
            "group": "serious_violence",
            "class_codes": [FALSE_IMPRISONMENT],
            "status": "derived",
            "citation": "cja-2003-schedule-15;home-office-codes",
            "note": "False imprisonment is among the paragraphs read; the code is matched by its "
            "title here and not in the source list of codes.",
        },
        {
            "name": "serious-violence-schedule-15-recorded",
            "group": "serious_violence",
            "recorded_codes": ["3A", "3B", "4.1", "5D"],
            "status": "derived",
            "citation": "cja-2003-schedule-15;home-office-codes",
            "note": "The recorded-crime codes whose every class code in the offence table is under "
            "serious-violence-schedule-15.",
        },
    ]
    check_levels_agree(rules, reference)
    return rules


def check_levels_agree(rules: Sequence[Rule], reference: Sequence[Row]) -> None:
    """Demand that a recorded-crime code in a group covers class codes of that group only."""
    covered: dict[str, set[str]] = {}
    for row in reference:
        for recorded in filter(None, (row["prc_code"], *row["prc_candidates"].split("|"))):
            covered.setdefault(recorded, set()).add(row["class_sub"])
    listed: dict[str, set[str]] = {}
    for rule in rules:
        listed.setdefault(str(rule["group"]), set()).update(_texts(rule, "class_codes"))
    for rule in rules:
        for recorded in _texts(rule, "recorded_codes"):
            wider = covered.get(recorded, set()) - listed[str(rule["group"])]
            demand(not wider, f"{rule['name']}: {recorded} also covers {sorted(wider)}")


def _texts(rule: Rule, key: str) -> tuple[str, ...]:
    value = rule.get(key, ())
    return tuple(value) if isinstance(value, list | tuple) else ()


def definitions(listed: Sequence[Row], reference: Sequence[Row]) -> str:
    """Build the default definition of the unit's five crime groups."""
    top: dict[str, TomlValue] = {
        "name": "high-harm-groups",
        "edition": "1",
        "title": "Five high-harm crime groups: domestic abuse, hate crime, child abuse, serious "
        "sexual offences, serious violence",
        "index": "cambridge",
        "apart": ["proactive", "company", "management"],
        "note": "A default for a force to replace by its own. Membership comes from flags as well "
        "as codes: without the flag columns most domestic abuse, hate crime and child abuse is "
        "missed. Offences found by police, company or offender-management activity are kept out of "
        "the score and reported apart (cchi-consensus-2020 for the first two; the third is a "
        "judgement). No list of most serious violence and no Home Office list of serious sexual "
        "offences was found, so none is used. MAPPA categories are a person's status and no rule.",
    }
    rules = definition_rules(listed, reference)
    return toml_text(top, {"citations": GROUP_SOURCES, "rules": rules})


def build(folder: Path) -> dict[str, str]:
    """Give every shipped file as text, by its path under the data folder."""
    reference = read_table(folder, "ho_offence_reference.csv")
    points = read_table(folder, "cchi_point_values.csv")
    indices = {
        "ons-css/2020-12": ons_css(read_table(folder, "ons_css_weights_2020.csv")),
        "cambridge-approx/2026-02-subgroups": cambridge_approx(
            reference, read_table(folder, "cchi_2026_subgroup_stats.csv"), points
        ),
        "cambridge-chart/2021-chart": cambridge_chart(points, reference),
    }
    files = home_office_codes(reference)
    for name, contents in indices.items():
        files.update({f"{name}/{each}": text for each, text in contents.items()})
        files[f"{name}/examples.csv"] = csv_text(("codes", "harm"), EXAMPLES[name])
    groups = read_table(folder, "high_harm_group_codes.csv")
    files["definitions/high-harm-groups.toml"] = definitions(groups, reference)
    return files


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files; give 0, or 1 where the source tables have changed."""
    parser = argparse.ArgumentParser(description="Write the shipped reference data.")
    parser.add_argument("reference", type=Path, help="folder of the source tables")
    parser.add_argument(
        "--out", type=Path, default=DATA, help="where to write (default: %(default)s)"
    )
    chosen = parser.parse_args(arguments)
    try:
        files = build(chosen.reference)
    except SourceChangedError as changed:
        print(f"nothing written: {changed}", file=sys.stderr)
        return 1
    for name, text in files.items():
        path: Path = chosen.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))
        print(f"{name}: {len(text.splitlines())} lines")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
