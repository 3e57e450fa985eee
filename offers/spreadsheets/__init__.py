"""Offers in a spreadsheet: written to be filled in, read, checked, and taken as drafts."""
