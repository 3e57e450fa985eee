"""The offline copy: complete or not there, and nothing in it that the public may not read."""

import csv
import fcntl
import hashlib
import os
import re
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser
from io import StringIO

import pytest
from django.conf import settings as real_settings
from django.core.management import CommandError, call_command
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from contacts.models import ContactPoint
from offers import offline_pack
from offers.models import CatalogueRevision, Offer
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LANGUAGES = ["ar", "zh-hans", "en", "fr", "ru", "es"]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.OFFLINE_DIR = tmp_path / "offline"
    return settings.OFFLINE_DIR


def build(**options):
    out = StringIO()
    call_command("build_offline_pack", stdout=out, **options)
    return out.getvalue()


def text_of(suffix):
    [file] = [file for file in offline_pack.current().files if file.name.endswith(suffix)]
    return file.path.read_bytes().decode()


def editions(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_an_edition_has_a_page_for_each_language_a_table_and_checksums(make_offer, folder):
    make_offer()

    said = build()

    edition, today = offline_pack.current(), timezone.localdate()
    assert [file.name for file in edition.files] == [
        *(f"offers-{today}-{language}.html" for language in LANGUAGES),
        f"offers-{today}.csv",
    ]
    assert [file.language for file in edition.files] == [*dict(real_settings.LANGUAGES).values(), ""]
    for file in edition.files:
        assert file.sha256 == hashlib.sha256(file.path.read_bytes()).hexdigest()
    assert "7 files are complete." in said
    listed = {path.name for path in edition.checksums.path.parent.iterdir()}
    assert listed == {file.name for file in edition.files} | {"SHA256SUMS"}


def test_the_checksums_can_be_tested_with_the_usual_program():
    build()

    tested = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=offline_pack.current().checksums.path.parent,
        capture_output=True,
        text=True,
    )

    assert (tested.returncode, tested.stderr) == (0, "")


def test_every_public_offer_is_there_in_full_and_no_other(make_offer, sudland):
    shown = make_offer(
        title="Dogs that find mines",
        quantity="Twelve dogs",
        prerequisites="A kennel.\nA veterinary surgeon.",
        pays_travel="provider",
        recipient_states=[factories.StateFactory(name_en="Ostland")],
        recipients="selected",
    )
    other = make_offer(title="Prostheses", state=sudland)
    for hidden in (
        make_offer(title="Canary draft", status="draft"),
        make_offer(title="Canary suspended", confirmed_days_ago=400),
        make_offer(title="Canary expired", valid_until=date(2020, 1, 1)),
    ):
        assert not Offer.objects.public().filter(pk=hidden.pk).exists()
    withdrawn = make_offer(title="Canary withdrawn")
    withdrawn.withdraw(by=None)

    build()

    page, table = text_of("-en.html"), text_of(".csv")
    for words in ("Dogs that find mines", "Twelve dogs", "A kennel.\nA veterinary surgeon.", "Ostland", "Norland"):
        assert words in page
    assert shown.live_version.description in page
    assert re.search(r"<dt>Who pays: Travel</dt>\s*(<dd class=.lines.>)<span [^>]*>Provider</span></dd>", page)
    rows = list(csv.reader(StringIO(table.removeprefix("\ufeff"))))
    assert [row[0] for row in rows[1:]] == [shown.reference, other.reference]
    assert "Canary" not in page + table


def test_the_contents_lead_to_each_offer_below_its_area(make_offer):
    clearance, victims = factories.AreaFactory(), factories.AreaFactory(code="area.victim_assistance")
    deeper = factories.AreaFactory(code="area.survey_clearance.technical_survey")
    one = make_offer(primary_area=deeper)
    two = make_offer(primary_area=victims)

    build()

    contents = text_of("-en.html").partition("<nav")[2].partition("</nav>")[0]
    assert re.findall(r'<h3>(.*?)</h3>|href="#(PFP[^"]*)"', contents) == [
        (clearance.name, ""),
        ("", one.reference),
        (victims.name, ""),
        ("", two.reference),
    ]


def test_only_public_details_of_contact_points_are_there(make_offer, norlander):
    make_offer()
    factories.ContactPointFactory(office="Office with a secret mailbox", email="secret@example.org", email_public=False)
    factories.ContactPointFactory(office="Office that can be called", telephone="+41 22 123", telephone_public=True)
    factories.ContactPointFactory(office="Office not to be called", telephone="+41 22 999")
    factories.ContactPointFactory(
        office="Regional office", state=None, regional_body=factories.RegionalBodyFactory(name_en="A regional body")
    )
    left = factories.StateFactory(withdrawal_effective=date(2020, 1, 1))
    factories.ContactPointFactory(office="Office of a State that has left", state=left)

    build()

    pages = text_of("-en.html")
    for words in ("Office with a secret mailbox", "+41 22 123", "Regional office", "A regional body"):
        assert words in pages
    for secret in ("secret@", "999", norlander.email, "Office of a State that has left"):
        assert secret not in pages + text_of(".csv")
    assert ContactPoint.objects.get(office="Office that can be called").email in pages


def test_samples_carry_their_label_in_contents_offer_and_table(make_offer):
    make_offer()
    Offer.objects.update(is_sample=True)
    label = "Illustrative record drawn from public sources; not an offer made by this State"

    build()

    page = text_of("-en.html")
    assert "Illustrative" in page.partition("</nav>")[0]
    assert f'<p class="sample">{label}</p>' in page
    assert label in text_of(".csv")
    assert "Confirmed by the State on" not in page


def test_it_says_how_old_it_is_and_that_it_is_no_commitment(make_offer):
    make_offer()

    build()

    page = text_of("-en.html")
    assert f"This is how the catalogue stood on {date_format(timezone.localdate())}." in page
    assert "Not a commitment or endorsement." in page


def test_an_empty_catalogue_makes_a_page_that_says_so():
    build()

    page = text_of("-en.html")
    assert "There was no offer in the catalogue on that day." in page
    assert "No office was listed on that day." in page


PAYLOAD = "</style></title><script>alert(1)</script><img src=x onerror=alert(1)>"


def test_what_a_state_writes_stays_text(make_offer):
    make_offer(title=PAYLOAD, description=PAYLOAD * 3, institutions=PAYLOAD)
    ContactPoint.objects.update(office=PAYLOAD, function=PAYLOAD)

    build()

    for language in LANGUAGES:
        page = text_of(f"-{language}.html")
        assert "<script" not in page
        assert "<img" not in page


class Structure(HTMLParser):
    """Ids, targets within the page, what would be fetched, and tags left open."""

    VOID = {"meta", "br", "link", "img", "input", "hr"}

    def __init__(self, page):
        super().__init__()
        self.ids, self.targets, self.fetched, self.open, self.mistakes, self.levels = [], [], [], [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "a" and attributes["href"].startswith("#"):
            self.targets.append(attributes["href"][1:])
        if labelled := attributes.get("aria-labelledby"):
            self.targets.append(labelled)
        if "src" in attributes or tag in {"link", "script", "img", "iframe"}:
            self.fetched.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(tag)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_stands_alone_and_is_well_formed(make_offer, language):
    make_offer(original_language=factories.LanguageFactory(code="fr"))
    make_offer()

    build()

    page = text_of(f"-{language}.html")
    found = Structure(page)
    assert page.startswith("<!DOCTYPE html>")
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page
    assert (found.fetched, found.mistakes, found.open) == ([], [], [])
    assert len(found.ids) == len(set(found.ids))
    assert set(found.targets) <= set(found.ids)
    assert found.levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in zip(found.levels, found.levels[1:], strict=False))
    assert "url(" not in page
    assert "@import" not in page


def test_it_needs_the_same_number_of_queries_however_long(make_offer, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(100) as made:
            build()
        return len(made)

    make_offer()
    few = queries()
    for _ in range(3):
        make_offer(state=factories.StateFactory())

    assert queries() == few


def test_a_new_edition_takes_the_place_of_the_old_one(make_offer, folder):
    build()
    [old] = editions(folder)
    offer = make_offer()

    build()

    [new] = editions(folder)
    assert new > old
    assert offer.reference in text_of("-en.html")


def test_the_page_that_lists_the_files_is_made_anew():
    before = CatalogueRevision.current()

    build()

    assert CatalogueRevision.current() != before


def test_a_run_that_fails_leaves_the_edition_before(make_offer, folder, monkeypatch):
    build()
    before = editions(folder)
    monkeypatch.setattr("offers.tables.csv_lines", lambda keys: (_ for _ in ()).throw(OSError("No space left")))

    with pytest.raises(CommandError, match="No space left"):
        build()

    assert offline_pack.current().checksums.path.parent.name == before[0]
    monkeypatch.undo()
    build()
    assert len(editions(folder)) == 1


def test_two_runs_at_once_do_no_harm(folder):
    build()
    before = editions(folder)
    with open(folder / ".lock") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert build() == "Another run is writing the offline copy. This one has changed nothing.\n"
    assert editions(folder) == before

    build()
    assert len(editions(folder)) == 1


KILLED = """
import os, pathlib, signal, sys
import django
django.setup()
from django.conf import settings
settings.OFFLINE_DIR = pathlib.Path(sys.argv[1])
from offers import offline_pack
offline_pack.contents = lambda: ([], [])
offline_pack._files = lambda *_: iter([("offers.html", ["a page"]), ("offers.csv", ["a table"])])
offline_pack.build(["en"], lambda path: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_a_run_that_is_killed_leaves_the_edition_before_and_no_lock(folder):
    build()
    before = editions(folder)

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder)],
        cwd=real_settings.BASE_DIR,
        # What a killed process leaves behind goes with the test's own folder.
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "TMPDIR": str(folder.parent)},
        capture_output=True,
        text=True,
    )

    assert killed.returncode == -9, killed.stderr
    assert len(editions(folder)) == 2
    assert offline_pack.current().checksums.path.parent.name == before[0]
    build()
    assert len(editions(folder)) == 1


def test_a_dry_run_writes_nothing(make_offer, folder):
    make_offer()

    said = build(dry_run=True)

    assert "1 offer(s) and 1 contact point(s)" in said
    assert not folder.exists()


def test_single_languages_may_be_asked_for():
    build(language=["fr", "ar"])

    assert [file.language for file in offline_pack.current().files] == ["العربية", "Français", ""]


def test_a_language_that_is_not_there_is_refused():
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("build_offline_pack", "--language=de")


# Served


def get(client, name, **headers):
    return client.get(reverse("offers:offline_file", args=[name]), headers=headers)


def test_the_files_are_downloads_that_nothing_runs_in(client, make_offer):
    make_offer()
    build()

    for file in [*offline_pack.current().files, offline_pack.current().checksums]:
        response = get(client, file.name)
        assert response.status_code == 200
        assert b"".join(response.streaming_content) == file.path.read_bytes()
        assert response.headers["Content-Disposition"] == f'attachment; filename="{file.name}"'
        assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Robots-Tag"] == "noindex"
        assert response.headers["ETag"] == f'"{file.sha256}"'
        assert not response.cookies


def test_a_file_that_the_visitor_has_already_is_not_sent_again(client):
    build()
    file = offline_pack.current().files[0]
    response = get(client, file.name)
    b"".join(response.streaming_content)
    mark, day = response.headers["ETag"], response.headers["Last-Modified"]

    assert get(client, file.name, if_none_match=mark).status_code == 304
    assert get(client, file.name, if_modified_since=day).status_code == 304


@pytest.mark.parametrize("name", [".lock", "..", "offers-2020-01-01-en.html", "..%2F.lock", "%00", "SHA256SUMS"])
def test_nothing_but_the_files_of_the_edition_is_served(client, folder, name):
    path = f"/en/offline/{name}"
    if name == "SHA256SUMS":
        # There is no edition yet.
        assert client.get(path).status_code == 404
        return
    build()
    (folder / editions(folder)[0] / "offers-2020-01-01-en.html").write_text("not listed")

    assert client.get(path).status_code == 404


def test_the_files_are_listed_with_size_and_checksum():
    build()
    edition = offline_pack.current()

    listed = render_to_string("offers/_offline_pack.html", {"edition": edition})

    for file in edition.files:
        assert f'href="{reverse("offers:offline_file", args=[file.name])}"' in listed
        assert file.sha256 in listed
    assert "KB" in listed


def test_without_an_edition_the_page_says_so():
    assert offline_pack.current() is None
    assert "No edition has been made yet." in render_to_string("offers/_offline_pack.html", {"edition": None})
