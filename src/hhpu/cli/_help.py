"""What the help of each command says."""

from __future__ import annotations

from typing import Final

__all__ = [
    "ADD",
    "CHECK",
    "CODES",
    "DEMO",
    "DESCRIPTION",
    "EXPLAIN",
    "INDICES",
    "RANK",
    "RECTIFY",
    "REMOVE",
    "RUN",
    "VALIDATE",
    "WITHDRAW",
]

DESCRIPTION: Final = """\
Rank offenders by harm, and explain every score.

A score is a proposal for a named person to review, never a decision about anybody.
Start with:   hhpu demo      (makes a synthetic force and a readable report)
Then:         hhpu check     (is my extract well-formed?)
              hhpu rank      (who has the most harm, as of a date?)
              hhpu explain   (why does this person have this score?)
              hhpu validate  (does the ranking find the harm that follows?)
              hhpu run       (every two weeks: who is new, and what moved people?)
              hhpu indices   (which harm indices are there?)
Later:        hhpu rectify   (a record was wrong: in which past runs did it count?)
              hhpu withdraw  (the last run read a damaged extract: take it back)
"""

CODES: Final = """\
Exit codes: 0 done (also when rows were excluded, flagged or not scored); 2 a wrong call;
3 the input was refused. `python -m hhpu` does the same as `hhpu`.
"""

RANK: Final = """\
What OFFENCES needs: one row for each person and offence, with at least the columns
  offender_id, code, and one date (committed_on, unless --date names another).
Worth adding: offence_id, role, status, status_from, recorded_on, known_from, known_to,
  domestic_abuse, hate, child_abuse, child_victim (or victim_age), detection, division. What is
  missing is said.

The table that comes out: offender_id, rank, score, offences, tied, tie_size, and what stands
beside the rank. rank = 1 + the number of people with a higher score. One row for everybody with
at least one counted offence, even at score 0. Without --out it goes to standard output and
everything else to standard error. With --out ranking.csv the folder `ranking` beside it holds
accounting.json, problems.csv, unmapped.csv, basis.csv, rules.csv, series.csv, unscored_people.csv
and, with --top, top.csv.

Examples (Linux, macOS):
  hhpu rank offences.csv --as-of 2026-03-31 --index ons-css --out ranking.csv
  hhpu rank offences.csv.gz --as-of 2026-03-31 --window 730 --index ons-css \\
      --people people.csv --states spells.csv --top 1% --out ranking.csv
  hhpu rank extract.csv --as-of 2026-03-31 --index ./our-index --date-order dmy \\
      --column offender_id=NOMINAL_REF --column code=HO_CODE --column committed_on=DATE_FROM \\
      --value status:CHGD=charged --out ranking.csv

Examples (Windows, one line each):
  hhpu rank offences.csv --as-of 2026-03-31 --index ons-css --out ranking.csv
  py -m hhpu rank C:\\extracts\\offences.csv --as-of 2026-03-31 --index C:\\indices\\our-index
      --encoding cp1252 --out C:\\extracts\\ranking.csv
"""

CHECK: Final = """\
Nothing is ranked. What is printed: how many rows can be used, every problem with what is done
about it and what you can do, and how the offence codes were recognised. With --index (and
--as-of) also which codes would have no weight.

Examples (Linux, macOS):
  hhpu check offences.csv
  hhpu check offences.csv --date-order dmy --column committed_on=DATE_FROM --rows problems.csv
  hhpu check offences.csv --index ons-css --as-of 2026-03-31

Examples (Windows):
  hhpu check C:\\extracts\\offences.csv --encoding cp1252 --rows C:\\extracts\\problems.csv
"""

VALIDATE: Final = """\
What is tested: at each origin people are ranked from what was known on that day, and their later
offences and harm are counted. Nothing known after an origin reaches a score; a file that cannot
say when a row was known (recorded_on or known_from), or since when a status held, is refused.

Beside the method stand the plain sum, a count, who offended last, the last list (one follow-up
old) and random order, on the same people and days. Shares are written with a point or %, numbers of
people as integers: --top 1 is one person, --top 1% and --top 0.01 one in a hundred.

With --out X.json that file holds every figure at full precision, and the folder X beside it the
tables, the sentences and, with hhpu[plots] installed, the figures.

Examples (Linux, macOS):
  hhpu validate offences.csv --as-of 2023-12-31 --follow-up 365 --index ons-css --out test.json
  hhpu validate offences.csv --origins 2021-12-31:2023-12-31:182 --follow-up 365 --delay 60 \\
      --window 1095 --index ons-css --method expected-harm --top 50 --top 1% --out test.json

Examples (Windows, one line each):
  hhpu validate offences.csv --as-of 2023-12-31 --follow-up 365 --index ons-css --out test.json
"""

EXPLAIN: Final = """\
Which people: their ids, one on each line, in a file (--ids FILE) or on standard input. An id is
personal data, so it is never an argument: arguments are kept in logs and shell histories.
An id that is not ranked is told by its line number, and the others are still explained.
Give the options with which you ranked, or the explanation is of another ranking.

Examples (Linux, macOS):
  hhpu explain offences.csv --as-of 2026-03-31 --index ons-css --ids ids.txt --out sheets.txt
  head -2 ranking.csv | cut -d, -f1 | hhpu explain offences.csv --as-of 2026-03-31 --index ons-css

Examples (Windows):
  hhpu explain offences.csv --as-of 2026-03-31 --index ons-css --ids ids.txt --out sheets.txt
  type ids.txt | hhpu explain offences.csv --as-of 2026-03-31 --index ons-css
"""

INDICES: Final = """\
Without a name: everything that is installed. With a name: that index with its sources, notes
and what its numbers are, or that definition with its rules. With --check: whether a folder
(index.toml and weights.csv) is a well-formed harm index.

Two commands more, each with its own --help:
  hhpu indices add-cambridge FILE   register a copy of the official Cambridge workbook (.xlsx),
                                    so that the index `cambridge`, the default, can be used
  hhpu indices remove NAME          take a registered index out again

Examples (Linux, macOS):
  hhpu indices
  hhpu indices ons-css
  hhpu indices --check ./our-index
  hhpu indices add-cambridge workbook.xlsx --rule max

Examples (Windows):
  hhpu indices --check C:\\indices\\our-index
  hhpu indices add-cambridge C:\\downloads\\workbook.xlsx --rule max
"""

ADD: Final = """\
FILE is the workbook as downloaded from the Cambridge Centre for Evidence-Based Policing, in the
layout of 2021 or of February 2026; it is read and not changed. Needs openpyxl: hhpu[excel].

An offence code can have several rows. Where their scores differ, you say which one counts:
  --rule min      the lowest: nobody's score is too high by the choice
  --rule median   the one in the middle
  --rule max      the highest: no offence is taken for less than it may be
Without --rule such codes are listed, and nothing is registered. The rule becomes part of the
edition (2026-02-max), because other numbers are another edition.

What is printed: what became of every row of the workbook; the rows that are expired, unclear, or
without a score or code that can be used; the codes for which the rule chose; edition and digest;
and the command to run next. rows.csv in the registered folder has every row with its fate.
The same workbook again changes nothing. Other content under the same edition is refused.

Where it is kept: HHPU_INDEX_STORE if that is set, which may be a folder shared by the unit; else
~/.local/share/hhpu/indices (Linux), ~/Library/Application Support/hhpu/indices (macOS),
%LOCALAPPDATA%\\hhpu\\indices (Windows).

Examples (Linux, macOS):
  hhpu indices add-cambridge workbook.xlsx
  hhpu indices add-cambridge workbook.xlsx --rule max
  hhpu rank offences.csv --as-of 2026-03-31

Examples (Windows):
  hhpu indices add-cambridge C:\\downloads\\workbook.xlsx --rule max
"""

REMOVE: Final = """\
Only registered indices can be removed, and nothing else is touched. It works for a folder that
is damaged, too. The workbook from which it was registered is not needed.

Example:
  hhpu indices remove cambridge --edition 2026-02-max
"""

DEMO: Final = """\
Everything in the folder is synthetic: nobody in it exists. Open report.html in a browser first.
The same seed gives the same files. An earlier demo's folder is replaced; any other folder that
holds something is left alone.

Examples (Linux, macOS and Windows):
  hhpu demo
  hhpu demo --out first-look --people 5000 --seed 7
"""


RUN: Final = """\
RUN.toml says everything that a run depends on: where the extract lies, what counts as harm, how
many people the unit can assess, where the files go. It is written once; then every fortnight:
  1. put the new full extract in its place (a path with {as_of} names the folder of its date)
  2. hhpu run run.toml --as-of DATE
  3. open the folder of that date: to-assess.csv lists who is new, why.csv what moved people

Begin with a synthetic force and a run file with a comment for every key:
  hhpu run --example first-runs
  hhpu run first-runs/run.toml --as-of 2026-03-17
  hhpu run first-runs/run.toml --as-of 2026-03-31

What is printed here are counts, never anybody's id; the files hold the rest. A run is written
whole or not at all. The same run again gives the same files, byte by byte. A run is refused, and
nothing is written, where the extract is half of one or of another force, where a column came or
went, where an index or definition changed under the same edition, or where an earlier run's files
were changed: the message says what to do.

Where the records system overwrites, ledger.npz in the folder of the runs is all that remembers
what was known when. Keep a copy of it.

Example (Windows):
  hhpu run C:\\runs\\run.toml --as-of 2026-03-31
"""

WITHDRAW: Final = """\
Only the last run can be withdrawn. Its extract leaves the kept ledger, which is then as the run
before left it; its folder is renamed, never deleted, such as 2026-03-31.withdrawn, and holds
withdrawn.json and the ledger as it was. Then repair the extract, and run the date again.

Examples (Linux, macOS and Windows):
  hhpu withdraw run.toml --as-of 2026-03-31 --reason "half an extract"
"""
RECTIFY: Final = """\
RUN is the declaration whose past runs are looked at. CORRECTIONS is a CSV file, one line for each
link of a person to an offence that was wrong from the beginning, with at least the columns
  offence_id, offender_id, what, decided_on
and what is one of
  cancelled      the offence did not happen, or was no crime
  wrong-person   the person has nothing to do with it; to_offender_id names the right one, if known
  corrected      a value was wrong: give the right code, status, day, domestic_abuse, hate,
                 child_abuse, child_victim or detection
Every past run is made again from what was known at its date, as it was and as it should have been.
No past run is changed. A folder `rectified` beside the runs then holds, for these corrections:
rectification.json, runs.csv (which runs), moved.csv (whom), corrections.csv (what became of each)
and, for each run in which something counted, the corrected ranking.csv.

Examples (Linux, macOS and Windows):
  hhpu rectify run.toml corrections.csv
  hhpu rectify run.toml corrections.csv --quiet
"""
