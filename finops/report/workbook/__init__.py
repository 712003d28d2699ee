"""Workbook: the sheets of a report's spreadsheet, one file each."""
