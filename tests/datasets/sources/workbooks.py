"""Spreadsheets written by hand, so that the tests need no library that writes them."""

import zipfile
from io import BytesIO
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def workbook(**sheets: list[list[object]]) -> bytes:
    """Return a workbook with these sheets; a cell that is None is not written."""
    numbers = range(1, len(sheets) + 1)
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        overrides = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{SHEET_TYPE}"/>'
            for n in numbers
        )
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{TYPES}"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{BOOK_TYPE}"/>{overrides}</Types>',
        )
        archive.writestr("_rels/.rels", _relations(f"{OFFICE}/officeDocument", "xl/workbook.xml"))
        named = "".join(
            f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>'
            for n, name in enumerate(sheets, 1)
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{named}</sheets></workbook>',
        )
        targets = [f"worksheets/sheet{n}.xml" for n in numbers]
        archive.writestr("xl/_rels/workbook.xml.rels", _relations(f"{OFFICE}/worksheet", *targets))
        for path, rows in zip(targets, sheets.values(), strict=True):
            archive.writestr(f"xl/{path}", _sheet(rows))
    return target.getvalue()


def _relations(kind: str, *targets: str) -> str:
    entries = "".join(
        f'<Relationship Id="rId{n}" Type="{kind}" Target="{target}"/>'
        for n, target in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{RELATIONS}">{entries}</Relationships>'


def _sheet(rows: list[list[object]]) -> str:
    written = "".join(
        f'<row r="{number}">' + "".join(_cell(f"{chr(65 + at)}{number}", v) for at, v in cells)
        + "</row>"
        for number, cells in ((n, enumerate(row)) for n, row in enumerate(rows, 1))
    )  # fmt: skip
    return f'<worksheet xmlns="{MAIN}"><sheetData>{written}</sheetData></worksheet>'


def _cell(place: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    text = escape(str(value), {"\r": "&#13;"})
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
