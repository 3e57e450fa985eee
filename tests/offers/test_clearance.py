"""A State shows its draft to the capital by a link, which ends in good time, and shows nothing else."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from analytics.recording.actions import action_of
from offers.models import OfferVersion
from offers.signed_links import sign
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def offer(make_offer):
    return make_offer(status="draft", title="Course in survey")


def share_page(client, offer):
    return client.get(reverse("offers:share", args=[offer.reference]))


def link_to(client, offer):
    """As the page gives it, after asking for it."""
    client.post(reverse("offers:share", args=[offer.reference]))
    return share_page(client, offer).context["link"]


def opened(link):
    """By somebody without an account."""
    return Client().get(urlsplit(link).path)


def attach(version):
    document = version.documents.model(
        version=version, title="Syllabus", language=factories.LanguageFactory(), filename="syllabus.pdf", size=8
    )
    document.file.save("syllabus.pdf", ContentFile(b"%PDF-1.7"))
    return document


def test_opening_the_page_makes_no_link(focal, offer):
    page = share_page(focal, offer)

    assert "link" not in page.context
    assert offer.open_version.preview_key == ""


def test_whoever_has_the_link_reads_the_draft_and_that_it_is_one(focal, offer):
    response = opened(link_to(focal, offer))

    page = response.content.decode()
    assert response.status_code == 200
    assert "Draft for clearance, not published" in page
    assert "Only your State and the ISU" not in page
    assert "Course in survey" in page
    assert factories.LONG_ENOUGH in page


def test_no_search_engine_no_memory_and_no_other_website_learns_of_it(focal, offer):
    response = opened(link_to(focal, offer))

    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in response.content.decode()
    assert "Printed from" not in response.content.decode()


def test_it_is_counted_as_no_visit(focal, offer):
    response = opened(link_to(focal, offer))

    assert action_of(response.wsgi_request, response) is None


def test_the_isu_s_own_words_and_hidden_details_are_not_shown(focal, offer, sudland):
    version = offer.open_version
    version.note_to_isu = "Only between us"
    version.save()
    point = factories.ContactPointFactory(
        state=offer.state, email="hidden@norland.example.org", email_public=False, office="The office that answers"
    )
    version.contact_points.set([point])
    version.partners.create(state=sudland, role="host")

    page = opened(link_to(focal, offer)).content.decode()

    assert "The office that answers" in page
    assert "hidden@norland.example.org" not in page
    assert "Only between us" not in page
    assert "Sudland" not in page


def test_an_illustrative_record_says_so(focal, offer):
    offer.is_sample = True
    offer.save()

    assert "Illustrative record" in opened(link_to(focal, offer)).content.decode()


def test_the_link_shows_the_text_as_last_saved(focal, offer):
    link = link_to(focal, offer)
    OfferVersion.objects.filter(offer=offer).update(title="Course in survey and marking")

    assert "Course in survey and marking" in opened(link).content.decode()


def test_documents_open_by_the_link_only(focal, offer):
    document = attach(offer.open_version)
    link = link_to(focal, offer)

    assert f"{urlsplit(link).path}documents/{document.pk}/" in opened(link).content.decode()
    assert opened(f"{link}documents/{document.pk}/").getvalue() == b"%PDF-1.7"
    assert Client().get(reverse("offers:document", args=[offer.reference, document.pk])).status_code == 404


def test_the_link_to_one_draft_opens_no_document_of_another(focal, offer, make_offer):
    elsewhere = attach(make_offer(status="draft").open_version)

    assert opened(f"{link_to(focal, offer)}documents/{elsewhere.pk}/").status_code == 404


def test_the_link_lives_on_while_the_offer_waits_for_review(focal, offer, norlander):
    link = link_to(focal, offer)
    offer.open_version.submit(by=norlander)

    assert opened(link).status_code == 200
    assert share_page(focal, offer).context["link"]


def test_it_ends_after_the_days_that_the_page_names(focal, offer, settings):
    link = link_to(focal, offer)
    until = share_page(focal, offer).context["good_until"]
    assert until == timezone.localdate() + timedelta(days=settings.PREVIEW_LINK_DAYS)

    with time_machine.travel(timezone.now() + timedelta(days=settings.PREVIEW_LINK_DAYS, minutes=-1)):
        assert opened(link).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=settings.PREVIEW_LINK_DAYS, minutes=1)):
        response = opened(link)
    assert response.status_code == 410
    assert "This link has ended" in response.content.decode()
    assert "Course in survey" not in response.content.decode()


def test_the_state_ends_all_links_and_can_make_a_new_one(focal, offer):
    link, again = link_to(focal, offer), link_to(focal, offer)

    focal.post(reverse("offers:end_links", args=[offer.reference]))

    assert "link" not in share_page(focal, offer).context
    assert [opened(old).status_code for old in (link, again)] == [410, 410]
    assert opened(link_to(focal, offer)).status_code == 200
    assert opened(link).status_code == 410


def test_asking_for_a_link_twice_ends_none(focal, offer):
    first = link_to(focal, offer)
    link_to(focal, offer)

    assert opened(first).status_code == 200


def test_after_publication_it_says_so_and_leads_to_the_page(focal, offer, norlander, officer):
    link, document = link_to(focal, offer), attach(offer.open_version)
    version = offer.open_version
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)

    response = opened(link)

    assert response.status_code == 410
    assert "This offer has been published." in response.content.decode()
    assert offer.get_absolute_url() in response.content.decode()
    assert response.headers["Cache-Control"] == "private, no-store"
    assert opened(f"{link}documents/{document.pk}/").status_code == 410


def test_after_a_refusal_or_a_withdrawal_it_says_so(focal, offer, make_offer, norlander, officer):
    withdrawn = make_offer(status="draft")
    links = [link_to(focal, offer), link_to(focal, withdrawn)]
    version = offer.open_version
    version.submit(by=norlander)
    version.refuse(by=officer, reason="It offers money only.", seen=version.edit_number)
    withdrawn.withdraw(by=norlander)

    pages = [opened(link) for link in links]

    assert [page.status_code for page in pages] == [410, 410]
    assert "was not published" in pages[0].content.decode()
    assert "money only" not in pages[0].content.decode()
    assert "has withdrawn this offer" in pages[1].content.decode()


def test_a_new_draft_of_a_published_offer_has_no_links_yet(focal, offer, norlander, officer):
    link = link_to(focal, offer)
    version = offer.open_version
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)
    offer.refresh_from_db()
    offer.edit(by=norlander)

    assert offer.open_version.preview_key == ""
    assert opened(link).status_code == 410


@pytest.mark.parametrize("token", ["x", "x" * 5000, "a:b:c", "eyJ9:1:x", "%00", "ا"])
def test_a_link_that_was_cut_off_says_what_to_do(token):
    response = Client().get(f"/en/shared/{token}/")

    assert response.status_code == 404
    assert "This link is not complete" in response.content.decode()


def test_a_link_for_another_purpose_opens_nothing(focal, offer):
    link_to(focal, offer)
    version = offer.open_version
    for purpose, data, status in [
        ("confirm", [version.pk, version.preview_key], 404),
        ("clearance", [version.pk, ""], 410),
        ("clearance", [version.pk + 1000, version.preview_key], 410),
    ]:
        assert Client().get(reverse("offers:shared", args=[sign(purpose, data)])).status_code == status


def test_an_offer_without_a_draft_has_no_link_to_make(focal, make_offer):
    offer = make_offer()
    page = share_page(focal, offer).content.decode()
    focal.post(reverse("offers:share", args=[offer.reference]))
    focal.post(reverse("offers:end_links", args=[offer.reference]))

    assert "Make a link" not in page
    assert "Download as a Word document" in page
    assert offer.live_version.preview_key == ""


def test_no_link_is_begun_for_a_version_that_has_been_decided_on_meanwhile(offer, norlander, officer):
    from offers.models import StepNotAllowed

    seen_before = offer.open_version
    version = offer.open_version
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)

    with pytest.raises(StepNotAllowed):
        seen_before.begin_links()
    version.refresh_from_db()
    assert version.preview_key == ""


def test_the_copy_in_word_has_a_name_that_says_what_it_is(focal, offer):
    response = focal.get(reverse("offers:word", args=[offer.reference]))

    assert response.headers["Content-Disposition"] == f'attachment; filename="{offer.reference}-version-1.docx"'
    assert response.headers["Content-Type"].endswith("wordprocessingml.document")
    assert response.getvalue()[:2] == b"PK"


def test_the_desk_leads_there(focal, offer):
    assert reverse("offers:share", args=[offer.reference]) in focal.get(reverse("offers:desk")).content.decode()


def test_the_link_leads_to_the_language_in_which_it_was_made(focal, offer):
    link_to(focal, offer)
    with translation.override("ar"):
        address = reverse("offers:share", args=[offer.reference])

    assert "/ar/shared/" in focal.get(address).context["link"]


def test_it_ends_with_the_membership_of_the_state(focal, offer, norland):
    link = link_to(focal, offer)
    norland.withdrawal_effective = "2026-01-01"
    norland.save()

    page = opened(link)

    assert page.status_code == 410
    assert "is not a party to the Convention" in page.content.decode()
    assert "Course in survey" not in page.content.decode()
