"""Everything the portal holds, as files, for whoever takes it over.

The folder appears under its name only when all is in it. What is read is read as it stood at one moment, a few rows at
a time, so that neither memory nor anybody who is working meanwhile feels how much there is.
"""

import csv
import hashlib
import json
import os
import shutil
import tempfile
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import FileField
from django.template.loader import render_to_string
from django.utils import timezone

from .models import ReportEdition

OURS = ("contacts", "offers", "analytics")
# What administrators have changed, and the list of tables that it points to.
ALSO = ("admin.LogEntry", "contenttypes.ContentType")
OPENS = "It opens something: whoever held it could act in another's name."
MADE_ANEW = "It is made anew from what is here."
PASSING = "It is kept for hours or days only, for the person who wrote it."
NOT_USED = "The portal does not use it: rights come from the role of a user."
# Tables, and single columns, that are left out, and why.
LEFT_OUT = {
    "sessions.Session": OPENS,
    "account.EmailConfirmation": OPENS,
    "account.EmailAddress": "The address stands with the user; whoever takes over lets people confirm it again.",
    "auth.Permission": NOT_USED,
    "auth.Group": NOT_USED,
    "auth.Group_permissions": NOT_USED,
    "contacts.KeptPost": PASSING,
    "offers.HeldUpload": PASSING,
    "offers.SignUp": "The address has not been confirmed, and its link would confirm it.",
    "offers.CatalogueRevision": MADE_ANEW,
    "offers.FacetSet": MADE_ANEW,
    "offers.FacetValue": MADE_ANEW,
    "offers.SearchEntry": MADE_ANEW,
    "offers.SearchWord": MADE_ANEW,
    "analytics.DirtyDay": MADE_ANEW,
    "analytics.Search": "What single visitors searched for goes after some weeks, and must not outlive that elsewhere.",
    "contacts.User.password": OPENS,
    "offers.OfferVersion.preview_key": OPENS,
    "offers.Subscriber.key": OPENS,
    "offers.OutgoingMail.raw": "The text of letters holds links that open something.",
    "analytics.DeadEnd": "Addresses that visitors asked for in vain go after some weeks, and must not outlive that.",
    "analytics.Event.visitor": "The key of a visitor goes after some weeks, and must not outlive that elsewhere.",
}
# Besides tables: never in the database, or not the catalogue's.
NEVER_IN_FILES = {
    "secret key": OPENS,
    "day secrets": "They would tell visitors apart again.",
    "spool": "Take it in with analytics_ingest before the export.",
    "offline copy, cache, mail, logs": "They are made anew, or have left.",
}
CHUNK = 2000  # rows
UNFINISHED = ".unfinished-"


class ExportRefused(Exception):
    """The folder cannot be written, in words for whoever asked for it."""


@dataclass(frozen=True)
class ExportedFile:
    name: str
    sha256: str
    bytes: int
    # Of a table: how many rows, and each column with its kind and the table it points to.
    rows: int | None = None
    columns: tuple = ()


# What is exported


def exported_models():
    """By name of the table, so that two exports can be compared."""
    ours = (model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in OURS)
    models = [model for model in ours if model._meta.label not in LEFT_OUT] + [apps.get_model(name) for name in ALSO]
    return sorted(models, key=lambda model: model._meta.db_table)


def exported_fields(model):
    return [field for field in model._meta.concrete_fields if f"{model._meta.label}.{field.name}" not in LEFT_OUT]


def exported_rows(model):
    rows = model._base_manager.order_by("pk")
    if model._meta.label == "analytics.SearchTermDaily":
        # Younger ones have not been sifted yet: what fewer than three visitors asked for is still among them.
        rows = rows.filter(day__lt=timezone.localdate() - timedelta(days=settings.ANALYTICS_REBUILD_DAYS))
    return rows


@contextmanager
def one_moment():
    """All that is read inside is as it stood at its beginning, and nobody who writes has to wait."""
    begin = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"}
    with connection.cursor() as cursor:
        cursor.execute(begin[connection.vendor])
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


# How it is written


def export(folder, tell):
    """Write everything to `folder`, which must be new or empty; `tell` is called with each file that is ready."""
    folder = Path(folder).absolute()
    demand_new(folder)
    work = Path(tempfile.mkdtemp(prefix=f"{folder.name}{UNFINISHED}", dir=folder.parent))
    try:
        files = []
        with one_moment():
            for file in _all_files(work):
                files.append(file)
                tell(file)
            _write_about(work, files)
        try:
            work.rename(folder)
        except OSError as error:
            raise ExportRefused(f"{folder} has been written to meanwhile: {error.strerror}.") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return files


def demand_new(folder):
    folder = Path(folder).absolute()
    if not folder.parent.is_dir():
        raise ExportRefused(f"There is no folder {folder.parent}.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExportRefused(f"{folder} exists and is not an empty folder. Name a new one.")


def _all_files(work):
    for model in exported_models():
        yield _table(work, model)
        for field in exported_fields(model):
            if isinstance(field, FileField):
                yield from _documents(work, model, field)
    for edition in ReportEdition.objects.order_by("number").iterator(chunk_size=1):
        # The very bytes of the hash that the edition itself names.
        with _Writing(work, f"editions/edition-{edition.number}.json") as file:
            file.write(edition.figures.encode())
        yield file.done()


def _table(work, model):
    fields, rows = exported_fields(model), 0
    with _Writing(work, f"tables/{model._meta.db_table}.csv") as file:
        writer = csv.writer(file)
        writer.writerow([field.attname for field in fields])
        names = [field.attname for field in fields]
        for row in exported_rows(model).values_list(*names).iterator(chunk_size=CHUNK):
            writer.writerow(map(_cell, row))
            rows += 1
    return file.done(rows=rows, columns=tuple(map(_column, fields)))


def _column(field):
    column = {"name": field.attname, "kind": field.get_internal_type()}
    return column | ({"points_to": field.related_model._meta.db_table} if field.related_model else {})


def _cell(value):
    """As any program reads it, whatever the language or the zone of the machine; nothing is an empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode()
    return str(value)


def _documents(work, model, field):
    """The files that the rows name, under the names that the rows give them."""
    names = model._base_manager.exclude(**{field.name: ""}).order_by("pk").values_list(field.name, flat=True)
    for name in names.iterator(chunk_size=CHUNK):
        try:
            source = field.storage.open(name)
        except FileNotFoundError:
            # Removed since the moment of the export; its row still says that there was one.
            continue
        with source, _Writing(work, f"documents/{name}") as file:
            for chunk in source.chunks():
                file.write(chunk)
        yield file.done()


def _write_about(work, files):
    """The list of all files, and what they are in plain words."""
    about = {
        "made_at": datetime.now(UTC).isoformat(),
        "portal": settings.PORTAL_URL,
        "database": connection.vendor,
        "migrations": last_migrations(),
        "left_out": LEFT_OUT | NEVER_IN_FILES,
        "files": [asdict(file) for file in files],
    }
    with _Writing(work, "manifest.json") as file:
        file.write(json.dumps(about, indent=1, ensure_ascii=False, default=str).encode())
    with _Writing(work, "SHA256SUMS") as file:
        for each in files:
            file.write(f"{each.sha256}  {each.name}\n")
    with _Writing(work, "README.txt") as file:
        file.write(render_to_string("analytics/export_readme.txt", about | {"tables": _tables(files)}))


def _tables(files):
    return [file for file in files if file.rows is not None]


def last_migrations():
    """The version of the tables: {app: name of the last migration}."""
    applied = MigrationRecorder.Migration.objects.order_by("app", "name").values_list("app", "name")
    return dict(applied)


class _Writing:
    """A file of the export: for its owner alone, whole on the disk when it is closed, its hash made on the way."""

    def __init__(self, work, name):
        self.name, self.path = name, work / name
        self.sha256, self.bytes = hashlib.sha256(), 0

    def __enter__(self):
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.file = open(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        return self

    def write(self, text):
        content = text.encode() if isinstance(text, str) else text
        self.sha256.update(content)
        self.bytes += self.file.write(content)

    def __exit__(self, *error):
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()

    def done(self, **more):
        return ExportedFile(self.name, self.sha256.hexdigest(), self.bytes, **more)
