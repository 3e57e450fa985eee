"""Markup that somebody types stays words, on every page and in every file that shows it."""

import io
import re
import xml.etree.ElementTree as ET
import zipfile
from html.parser import HTMLParser

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from analytics.models import UnmetNeed
from contacts.models import KeptPost
from offers import enquiry_links, freshness
from offers.models import Actor, OfferImport, OutgoingMail
from offers.signed_links import sign
from offers.views.clearance import PURPOSE as CLEARANCE
from tests import factories
from tests.letters import html_of

from .spreadsheets import GOOD, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# Closes what it could stand in, and tries what would run; the word before tells that a page shows it at all.
PAYLOAD = "Canary'\"></textarea></title></script><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"
LINK = "https://example.org/?a=\"onmouseover=alert(1)&b='<script>"
HREF = re.compile(r"(https?:|mailto:|tel:|/|#|\?|data:image/|$)")


class Dangers(HTMLParser):
    """What in a page could run."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        if tag == "script" and not said.get("src", "").startswith("/static/") and "json" not in said.get("type", ""):
            self.found.append((tag, said))
        for name, value in said.items():
            is_foreign = name in {"href", "src", "action", "formaction"} and not HREF.match(value or "")
            if name.startswith("on") or name == "style" or is_foreign or value == "x":
                self.found.append((tag, name, value))


def attach(version, language):
    document = version.documents.model(
        version=version, title=PAYLOAD[:150], language=language, filename=PAYLOAD.replace("/", "")[:100], size=8
    )
    document.file.save("syllabus.pdf", ContentFile(b"%PDF-1.7"))


@pytest.fixture
def pages(norland, sudland, norlander, sudlander, officer, make_offer):
    """The addresses that show it, by who may open them."""
    french = factories.LanguageFactory(code="fr", name_en="French", endonym="Français")
    point = factories.ContactPointFactory(
        state=norland, office=PAYLOAD[:150], function=PAYLOAD[:100], permanent_mission=PAYLOAD[:150]
    )
    words = {"title": PAYLOAD[:150], "description": f"{PAYLOAD} {factories.LONG_ENOUGH}", "contact_points": [point]}

    def written(status, **more):
        offer = make_offer(status="draft", **words | more)
        version = offer.open_version
        version.translations.create(language=french, title=PAYLOAD[:150], description=PAYLOAD)
        version.partners.create(organisation=PAYLOAD[:150], role="host")
        version.links.create(title=PAYLOAD[:150], url=LINK)
        attach(version, french)
        if status != "draft":
            version.submit(by=norlander, note=PAYLOAD)
        if status == "published":
            version.publish(by=officer, seen=version.edit_number)
        if status == "returned":
            version.send_back(by=officer, reason=PAYLOAD, seen=version.edit_number)
        offer.refresh_from_db()
        return offer

    live, returned, ended, waiting = written("published"), written("returned"), written("published"), written("waiting")
    ended.withdraw(by=norlander, reason=PAYLOAD)
    changed = written("published")
    version = changed.edit(by=norlander)
    version.description = f"{factories.LONG_ENOUGH} {PAYLOAD}{PAYLOAD}"
    version.save()
    version.submit(by=norlander, note=PAYLOAD)
    asking = factories.make_offer(state=sudland, author=sudlander, status="draft", title=PAYLOAD[:150])
    partner = asking.open_version.partners.create(state=norland, role="host")
    asking.open_version.submit(by=sudlander)
    proposal = factories.ContactProposalFactory(
        contact_point=point, office=PAYLOAD[:150], note_to_isu=PAYLOAD[:300], proposed_by=norlander
    )
    factories.MistakeReportFactory(offer=live, text=PAYLOAD)
    data = {"fields": {PAYLOAD: [PAYLOAD]}, "files": [PAYLOAD]}
    kept = KeptPost.objects.create(user=norlander, path="/en/desk/", data=data)
    rows = [{"line": 0, "cells": {"title": "Title", "#2": PAYLOAD}}]
    rows += [{"line": 2, "cells": {"title": PAYLOAD, "area": PAYLOAD, "links": PAYLOAD, "partners": PAYLOAD}}]
    imported = OfferImport.objects.create(state=norland, by=norlander, filename=PAYLOAD[:150], rows=rows)
    draft = returned.open_version
    draft.begin_links()
    tokens = {
        "shared": sign(CLEARANCE, [draft.pk, draft.preview_key]),
        "confirm_by_link": sign(freshness.PURPOSE, [norland.pk, [live.pk]]),
        "enquiry_of_sender": enquiry_links.link_for_sender(
            factories.make_enquiry(offer=live, name=PAYLOAD[:150], organisation=PAYLOAD[:150], message=PAYLOAD)
        ),
    }

    asked = factories.make_enquiry(offer=live, name=PAYLOAD[:150], organisation=PAYLOAD[:150], message=PAYLOAD)
    asked.answer(actor=Actor(norlander), text=PAYLOAD)
    asked.record_outcome(side="asker", kind="talks", helped=PAYLOAD, missing=PAYLOAD)
    need = UnmetNeed.objects.create(name=PAYLOAD[:100], action=PAYLOAD, acted_on="2026-01-01", by=officer)
    need.terms.create(language="en", words=PAYLOAD, filters=f"area={PAYLOAD}", key="canary")
    bulletin = factories.make_bulletin(by=officer, notes={"en": PAYLOAD[:120]})
    next_bulletin = factories.make_bulletin(by=officer, sent=False, notes={"en": PAYLOAD[:120], "fr": PAYLOAD[:120]})

    def of(name, *arguments):
        return reverse(name if ":" in name else f"offers:{name}", args=arguments)

    return {
        norlander: [
            *map(of, ["desk", "confirm_all", "annex", "article_7", "contact_points", "spreadsheet"]),
            *(of(name, returned.reference) for name in ("edit", "preview", "documents", "submit", "versions", "share")),
            of("translations", returned.reference), of("translation", returned.reference, "fr"),
            of("versions", ended.reference), of("version", changed.reference, 2), of("withdraw", live.reference),
            of("import", imported.pk), of("partnership", partner.pk), of("contacts:kept", kept.pk),
            of("propose_change", point.pk), of("propose_closing", point.pk), of("analytics:own_figures"),
            of("enquiry_list"), of("enquiry", asked.reference),
        ],
        officer: [
            *map(of, ["isu_home", "queue", "isu_offers", "freshness", "reports", "isu_contact_points"]),
            *(of(name, waiting.open_version.pk) for name in ("review", "review_preview", "correct")),
            *(of(name, changed.open_version.pk) for name in ("review", "correct")),
            of("review", ended.live_version_id), of("isu_offer", changed.reference),
            of("isu_version", changed.reference, 2), of("act", live.reference), of("take_down", live.reference),
            of("isu_annex", "qno"), of("contact_proposal", proposal.pk), of("isu_contact_point", point.pk),
            of("mission", "qno"), of("analytics:state_figures", "qno"), of("isu_bulletins"),
            of("analytics:searches"), of("analytics:need", need.pk),
            of("isu_bulletin_note", next_bulletin.pk, "fr"),
            *(of(name, next_bulletin.pk) for name in ("isu_bulletin", "bulletin_preview", "bulletin_letter")),
            of("send_bulletin", next_bulletin.pk),
            of("isu_enquiries"), of("enquiry", asked.reference), of("isu_enquiry_figures"),
        ],
        None: [
            *(of(name, token) for name, token in tokens.items()),
            *(of(name, live.reference) for name in ("detail", "contact", "history", "text", "print", "enquire")),
            of("enquire_contact", point.pk),
            of("catalogue"), of("contacts:directory"), of("state_detail", "qno"), of("embed"),
            of("bulletin_list"), of("bulletin", bulletin.number),
        ],
    }  # fmt: skip


def test_no_page_runs_what_somebody_has_typed(client, pages):
    dangers, silent = [], []

    for person, addresses in pages.items():
        client.logout()
        if person:
            client.force_login(person)
        for address in addresses:
            response = client.get(address)
            assert response.status_code == 200, address
            page = response.content.decode()
            dangers += [(address, found) for found in Dangers(page).found]
            dangers += [(address, "49")] if "Canary'\">49" in page else []
            if "Canary&#x27;&quot;&gt;" not in page and "analytics" not in address and "/figures/" not in address:
                silent.append(address)

    assert dangers == []
    # Where it is not shown nothing is proved; these name offers by reference, or have none of it to show.
    named = {reverse("offers:isu_home"), reverse("offers:freshness"), reverse("offers:mission", args=["qno"])}
    assert set(silent) <= named


def test_no_bad_row_of_a_workbook_runs_anything(client, norland, norlander):
    client.force_login(norlander)
    content = workbook([GOOD | {"title": PAYLOAD, "form": PAYLOAD, "area": PAYLOAD, "valid_until": PAYLOAD}])
    upload = SimpleUploadedFile("<img src=x onerror=alert(1)>.xlsx", content)

    page = client.post(reverse("offers:spreadsheet"), {"file": upload}, follow=True).content.decode()

    assert "Canary&#x27;&quot;&gt;" in page
    assert Dangers(page).found == []


@pytest.mark.parametrize("name", ["word", "annex_word", "article_7_word"])
def test_in_word_it_is_text(client, pages, norlander, name):
    client.force_login(norlander)
    offer = norlander.state.offers.exclude(live_version=None).first()

    content = client.get(reverse(f"offers:{name}", args=[offer.reference] if name == "word" else [])).getvalue()

    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for part in parts.namelist():
            if part.endswith((".xml", ".rels")):
                ET.fromstring(parts.read(part))
        tree = ET.fromstring(parts.read("word/document.xml"))
        assert "<script>alert(1)</script>" in "".join(tree.itertext())


def test_in_letters_it_is_text_under_one_subject_each(pages):
    mails = list(OutgoingMail.objects.all())

    # The styles are those of the template.
    assert [danger for mail in mails for danger in Dangers(html_of(mail)).found if danger[1] != "style"] == []
    assert any("&lt;script&gt;alert(1)&lt;/script&gt;" in html_of(mail) for mail in mails)
    assert not any("\n" in mail.subject for mail in mails)
