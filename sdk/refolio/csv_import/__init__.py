"""Completions out of a spreadsheet: a careers office's export as CSV, read strictly and reported row by row."""

from refolio.csv_import.columns import DEFAULT_COLUMNS
from refolio.csv_import.reading import Import, Row, RowFault, read_completions
from refolio.csv_import.records import RecordRow, Records, read_records

__all__ = [
    "DEFAULT_COLUMNS",
    "Import",
    "RecordRow",
    "Records",
    "Row",
    "RowFault",
    "read_completions",
    "read_records",
]
