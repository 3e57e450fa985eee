"""The report as a file, of a draft or of an edition."""

from importlib import import_module

from .as_json import to_json

# Kind of file: what it is to a browser, and the module that makes it. These load much, so they wait until needed.
KINDS = {
    "pdf": ("application/pdf", "pdf"),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "word"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "spreadsheet"),
    "csv": ("text/csv; charset=utf-8", "csv"),
    "json": ("application/json", None),
}


def content_of(kind, report, edition=None):
    """The bytes of the file. Of an edition, `report` is what was frozen."""
    _content_type, module = KINDS[kind]
    if module is None:
        return (edition.figures if edition else to_json(report)).encode()
    return import_module(f"{__package__}.{module}").render(report, edition)


def name_of(kind, period, edition=None):
    which = f"edition-{edition.number}" if edition else "draft"
    return f"evaluation-{period.first}-{period.last}-{which}.{kind}"
