"""Completions out of a spreadsheet: a careers office's export as CSV, read strictly and reported row by row."""

from refolio.csv_import.columns import DEFAULT_COLUMNS
from refolio.csv_import.reading import Import, Row, RowFault, read_completions

__all__ = ["DEFAULT_COLUMNS", "Import", "Row", "RowFault", "read_completions"]
