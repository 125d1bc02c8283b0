"""How does a report leave as a workbook?"""

import io

from openpyxl import load_workbook

from engine.reports.tables import Table, workbook_bytes


def test_sheets_are_named_by_their_tables_and_numbered_only_when_two_have_one_name():
    tables = [Table(name, ("a",), ()) for name in ("Krav", "Dekning per krav", "krav", "[]")]
    book = load_workbook(io.BytesIO(workbook_bytes(tables)))
    assert book.sheetnames == ["Krav", "Dekning per krav", "krav 2", "Ark"]
