"""Workbooks in the layouts of the official Cambridge workbook, with fictional rows."""

import openpyxl

MAIN = {"2021": "CCHI 2021 values sheet", "2026": "CCHI 2026 values sheet"}
EXPIRED = "Expired offences"
UNCLEAR = "Offences need clarity"
COLUMNS = {
    "2021": ["Home Office classification", "Full offence title", "CCHI score", "Similar offence"],
    "2026": [
        "ATHENA URN", "FULL_OFFENCE_TITLE", "CCHI Score", "Starting Point", "GROUP", "SUB_GROUP",
        "SUB_SUB_GROUP", "HOME_OFFICE_CLASSIFICATION", "HO_CODE", "HO_SUB_CODE", "HO_SUB_SUB_CODE",
    ],
}  # fmt: skip
PLACES = {"2021": (0, 1, 2), "2026": (7, 1, 2)}


def write_workbook(path, rows, *, layout="2026", expired=(), unclear=(), edit=None, above=()):
    """Write rows of (code, title, score); each row of the 2026 layout has a reference of its own.

    A row may have a fourth member, its reference. ``edit`` is given the workbook before it is
    saved.
    """
    book = openpyxl.Workbook()
    sheets = {MAIN[layout]: rows}
    if layout == "2026":
        sheets |= {EXPIRED: expired, UNCLEAR: unclear}
    book.active.title = MAIN[layout]
    reference = 0
    for name, held in sheets.items():
        sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
        for line in above:
            sheet.append(line)
        sheet.append(COLUMNS[layout])
        for row in held:
            reference += 1
            line = [None] * len(COLUMNS[layout])
            for place, cell in zip(PLACES[layout], row[:3], strict=True):
                line[place] = cell
            line[0 if layout == "2026" else 3] = row[3] if len(row) > 3 else f"U{reference}"
            sheet.append(line)
    if edit is not None:
        edit(book)
    book.save(path)
    return path
