"""The offline copy: the catalogue and the contact points as a few files, for where the internet is slow or absent.

An edition is a folder below OFFLINE_DIR that appears under its name only when
all its files are there. Who reads sees the old edition or the new one, never a
part; a run that was killed leaves an unfinished folder, which the next removes.
"""

import fcntl
import hashlib
import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, get_language_bidi, override

from contacts.models import ContactPoint, name_suffix

from . import records, tables
from .content import translation_notice
from .models import Area, CatalogueRevision, Offer

CHECKSUMS = "SHA256SUMS"  # also says which files there are
UNFINISHED = "unfinished-"
NAME = "%Y%m%dT%H%M%S%fZ"  # of an edition's folder: the moment it was begun, in UTC
FILE = re.compile(r"offers-\d{4}-\d\d-\d\d(?:-(?P<language>[a-z-]+))?\.(?P<suffix>html|csv)")

# What stands elsewhere on the page: in the heading of an offer, below it, or once for all.
LEFT_OUT = {"reference", "title", "translations", "description", "is_sample", "sample_label", "disclaimer"}


class AlreadyRunning(Exception):
    """Another run is building an edition."""


@dataclass(frozen=True)
class PackedFile:
    path: Path
    sha256: str
    made_at: datetime

    @property
    def name(self):
        return self.path.name

    @property
    def size(self):
        return self.path.stat().st_size

    @property
    def language(self):
        """Its name in the language itself; "" for the table, which is for all."""
        return dict(settings.LANGUAGES).get(FILE.fullmatch(self.name)["language"], "")


@dataclass(frozen=True)
class Edition:
    made_at: datetime
    files: list
    checksums: PackedFile


# What there is


def current():
    """The newest complete edition, or None."""
    for folder in sorted(_folders(), reverse=True):
        try:
            return _read(folder)
        except FileNotFoundError:
            # A newer one has just taken its place.
            continue
    return None


def find(name):
    """The file of that name in the current edition, or None; only what the edition itself lists."""
    edition = current()
    files = [*edition.files, edition.checksums] if edition else []
    return next((file for file in files if file.name == name), None)


def _folders():
    root = settings.OFFLINE_DIR
    return [path for path in root.iterdir() if _moment(path)] if root.is_dir() else []


def _moment(folder):
    try:
        return datetime.strptime(folder.name, NAME).replace(tzinfo=UTC)
    except ValueError:
        return None


def _read(folder):
    made_at, checksums = _moment(folder), folder / CHECKSUMS
    content = checksums.read_bytes()
    listed = [line.split("  ", 1) for line in content.decode().splitlines()]
    return Edition(
        made_at=made_at,
        files=[PackedFile(folder / name, sha256, made_at) for sha256, name in listed],
        checksums=PackedFile(checksums, hashlib.sha256(content).hexdigest(), made_at),
    )


# How it is made


def contents():
    """All public offers, and all contact points of the directory."""
    offers = [offer for chunk in records.in_chunks(records.keys_of(Offer.objects.public())) for offer in chunk]
    return offers, ContactPoint.objects.listed().with_details()


def build(languages, tell):
    """Write a new edition and, once it is complete, remove what was there before; `tell` is called for each file."""
    root = settings.OFFLINE_DIR
    root.mkdir(parents=True, exist_ok=True)
    with _alone(root):
        for left_over in root.glob(f"{UNFINISHED}*"):
            shutil.rmtree(left_over)
        now = timezone.now()
        unfinished = root / f"{UNFINISHED}{now.strftime(NAME)}"
        unfinished.mkdir()
        offers, points = contents()
        names = []
        for name, parts in _files(languages, offers, points, timezone.localdate(now)):
            _write(unfinished / name, parts)
            names.append(name)
            tell(unfinished / name)
        checksums = [f"{hashlib.sha256((unfinished / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
        _write(unfinished / CHECKSUMS, checksums)
        complete = root / now.strftime(NAME)
        unfinished.rename(complete)
        for folder in _folders():
            if folder != complete:
                shutil.rmtree(folder)
    # The page that lists the files is one that is kept.
    CatalogueRevision.change()
    return _read(complete)


@contextmanager
def _alone(root):
    """The lock goes with the process, however it ends."""
    with open(root / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning from error
        yield


def _files(languages, offers, points, day):
    """Names and contents, the contents in parts."""
    for language in languages:
        with override(language):
            yield f"offers-{day}-{language}.html", [page(offers, points, day)]
    with override(settings.LANGUAGE_CODE):
        yield f"offers-{day}.csv", tables.csv_lines(records.keys_of(Offer.objects.public().order_by("reference")))


def _write(path, parts):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.writelines(parts)
        file.flush()
        # Or a power failure could leave a complete edition of empty files.
        os.fsync(file.fileno())


def page(offers, points, day):
    """The whole catalogue as one page in the language in use, which needs nothing but itself."""
    language = get_language()
    context = {
        "language": language,
        "is_right_to_left": get_language_bidi(),
        "portal_name": settings.PORTAL_NAME,
        "portal_url": f"{settings.PORTAL_URL}/{language}/",
        "isu_email": settings.ISU_EMAIL,
        "day": day,
        "sections": _sections(offers),
        "offer_count": len(offers),
        "contact_points": points.in_reading_order(),
        "disclaimer": settings.PORTAL_DISCLAIMER,
        "terms": records.TERMS,
    }
    # Indentation is a third of the file, and whoever fetches it has a slow line.
    return re.sub(r"^[ \t]+", "", render_to_string("offers/offline_pack.html", context).lstrip(), flags=re.MULTILINE)


def _sections(offers):
    """Pairs of a main area and its offers, in the order of the taxonomy and of the States' names."""
    place = f"position_{name_suffix()}"
    of_area = {}
    for offer in sorted(offers, key=lambda offer: (getattr(offer.state, place), offer.reference)):
        of_area.setdefault(offer.live_version.primary_area.ancestor_codes[0], []).append(offer)
    return [
        (area, [PackedOffer(offer) for offer in of_area[area.code]])
        for area in Area.objects.top()
        if area.code in of_area
    ]


class PackedOffer:
    """An offer as the page prints it."""

    def __init__(self, offer):
        self.offer, self.version = offer, offer.live_version
        self.words = self.version.words
        self.translation_notice = translation_notice(offer, self.version)

    @property
    def answers(self):
        """Label and words of each field that says something; of what the State wrote itself, the language too."""
        for field in records.FIELDS:
            # The notice has said it.
            if field.name in LEFT_OUT or (field.name == "language" and self.translation_notice):
                continue
            value = field.read(self.offer)
            # Where there are a code and words, the words come last.
            words = "" if value is False else _in_words(field.kind.cells(value)[-1])
            if words:
                yield field.kind.labels(field.title)[-1], *self.words.get(field.name, (words, None))


def _in_words(cell):
    return date_format(cell) if isinstance(cell, date) else str(cell if cell is not None else "")
