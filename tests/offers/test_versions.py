"""The page of all versions, for the State and for the ISU: what each may read there."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from offers.models import OfferVersion, Step
from tests import factories
from tests.platform_portal.test_form_pack import faults

pytestmark = pytest.mark.django_db


@pytest.fixture
def rewritten(make_offer, norlander, officer):
    """Published as “Old words”, then as “New words”; “Secret words” are being written."""
    offer = make_offer(title="Old words")
    version = offer.edit(by=norlander)
    factories.make_version_complete(version, title="New words")
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)
    offer.refresh_from_db()
    factories.make_version_complete(offer.edit(by=norlander), title="Secret words")
    return offer


def page(client, name, *arguments, **parameters):
    return client.get(reverse(f"offers:{name}", args=arguments), parameters)


def text(client, name, *arguments, **parameters):
    return page(client, name, *arguments, **parameters).content.decode()


def test_the_state_sees_every_version_with_who_did_what(focal, rewritten, norlander, officer):
    found = text(focal, "versions", rewritten.reference)

    for words in ("Old words", "New words", "Secret words", norlander.email, officer.email, "Replaced by a newer"):
        assert words in found
    assert not list(faults(found))
    numbers = [row.version.number for row in page(focal, "versions", rewritten.reference).context["rows"]]
    assert numbers == [3, 2, 1]


def test_the_isu_does_not_see_what_the_state_is_writing(client, rewritten, officer):
    client.force_login(officer)

    found = text(client, "isu_offer", rewritten.reference)

    assert "New words" in found
    assert "Secret words" not in found
    assert page(client, "isu_version", rewritten.reference, 2).status_code == 200
    assert page(client, "isu_version", rewritten.reference, 3).status_code == 404
    steps = [change.step for change, _details in page(client, "isu_offer", rewritten.reference).context["log"]]
    assert steps.count(Step.BEGIN) == 2


def test_the_isu_sees_that_a_returned_version_is_with_the_state_but_not_its_text(client, make_offer, officer):
    offer = make_offer(status="returned", title="Being put right")
    client.force_login(officer)

    found = text(client, "isu_offer", offer.reference)

    assert "Returned for changes" in found
    assert "The State is writing at it." in found
    assert "Being put right" not in found


def test_an_offer_that_was_never_handed_in_does_not_exist_for_the_isu(client, make_offer, officer):
    offer = make_offer(status="draft")
    client.force_login(officer)

    for name in ("isu_offer", "act"):
        assert page(client, name, offer.reference).status_code == 404


@pytest.mark.parametrize(("name", "arguments"), [("versions", []), ("version", [1])])
def test_the_pages_of_the_state_are_for_that_state_only(client, make_offer, sudlander, officer, name, arguments):
    offer = make_offer()
    for visitor, expected in [(sudlander, 404), (officer, 403)]:
        client.force_login(visitor)
        assert page(client, name, offer.reference, *arguments).status_code == expected


def test_a_version_shows_its_whole_text_and_what_is_different_from_the_one_before(focal, rewritten):
    found = page(focal, "version", rewritten.reference, 2)

    (difference,) = found.context["differences"]
    assert (difference.before, difference.after) == ("Old words", "New words")
    assert factories.LONG_ENOUGH[:60] in found.content.decode()
    assert page(focal, "version", rewritten.reference, 1).context["differences"] == []
    assert page(focal, "version", rewritten.reference, 9).status_code == 404


def test_a_correction_by_the_isu_is_shown_before_and_after(focal, make_offer, officer):
    version = make_offer(status="submitted", title="A coarse in demining").versions.last()
    version.correct(by=officer, seen=version.edit_number, changes={("", "title"): "A course in demining"})

    found = text(focal, "versions", version.offer.reference)

    assert "Wording corrected by the ISU" in found
    assert "coarse" in found
    assert "<ins>" in found


def test_reasons_of_decisions_and_of_an_ending_are_kept_in_view(focal, make_offer, norlander):
    returned = make_offer(status="returned")
    withdrawn = make_offer()
    withdrawn.withdraw(by=norlander, reason="Given away.")

    assert "Please say how many places there are." in text(focal, "versions", returned.reference)
    found = text(focal, "versions", withdrawn.reference)
    assert "Given away." in found
    assert reverse("offers:bring_back", args=[withdrawn.reference]) in found


def test_a_day_in_the_past_shows_what_the_public_saw(focal, make_offer):
    with time_machine.travel(timezone.now() - timedelta(days=10)):
        offer = make_offer(title="Detectors")
    day = timezone.localdate() - timedelta(days=5)

    shown = page(focal, "versions", offer.reference, on=day.isoformat(), at="14:30")
    before = page(focal, "versions", offer.reference, on=(day - timedelta(days=9)).isoformat())

    assert "Version 1 was in the catalogue." in shown.content.decode()
    assert timezone.localtime(shown.context["sight"].at).strftime("%H:%M") == "14:30"
    assert "It had not yet been published." in before.content.decode()
    assert not list(faults(shown.content.decode()))


def test_without_a_time_the_end_of_the_day_is_meant_and_of_today_this_moment(focal, make_offer):
    offer, today = make_offer(), timezone.localdate()

    sight = page(focal, "versions", offer.reference, on=today.isoformat()).context["sight"]
    yesterday = page(focal, "versions", offer.reference, on=(today - timedelta(days=1)).isoformat()).context["sight"]

    assert sight.at <= timezone.now()
    assert sight.is_public
    assert timezone.localtime(yesterday.at).strftime("%H:%M:%S") == "23:59:59"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"on": ""}, "This field is required."),
        ({"on": "31.2.2026"}, "Enter a valid date."),
        ({"on": "2999-01-01"}, "Choose a day that is not in the future."),
        ({"on": "0001-01-01"}, "Choose a day since the year 1900."),
        ({"on": "2026-01-01", "at": "25:00"}, "Enter a valid time."),
        ({"on": "2026-03-29", "at": "02:30"}, "It had not yet been published."),  # an hour that was left out
        ({"on": "\x00"}, "Enter a valid date."),
    ],
)
def test_a_bad_day_is_explained_and_never_an_error(focal, make_offer, asked, message):
    offer = make_offer()

    found = page(focal, "versions", offer.reference, **asked)

    assert found.status_code == 200
    assert message in found.content.decode()


@pytest.mark.parametrize("name", ["versions", "isu_offer"])
def test_the_page_needs_the_same_queries_however_many_versions(client, make_offer, norlander, officer, sudland, name):
    client.force_login(norlander if name == "versions" else officer)
    offer = make_offer()
    offer.live_version.partners.create(state=sudland, role="host")

    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert page(client, name, offer.reference, on="2026-01-01").status_code == 200
        return len(queries)

    count()
    once = count()
    for _round in range(4):
        version = offer.edit(by=norlander)
        version.submit(by=norlander)
        version.publish(by=officer, seen=version.edit_number)

    assert count() == once
    assert once <= 20


def test_a_title_in_arabic_reads_from_right_to_left(focal, make_offer):
    arabic = factories.LanguageFactory(code="ar", name_en="Arabic")
    offer = make_offer(title="دورة تدريبية", original_language=arabic)

    assert '<p class="lead" lang="ar" dir="auto">دورة تدريبية</p>' in text(focal, "versions", offer.reference)


def test_samples_carry_their_label(focal, make_offer):
    offer = make_offer()
    type(offer).objects.filter(pk=offer.pk).update(is_sample=True)

    for name, arguments in [("versions", []), ("version", [1])]:
        assert "Illustrative record" in text(focal, name, offer.reference, *arguments)


def test_what_was_typed_reaches_no_page_unescaped(focal, make_offer, norlander):
    payload = "<script>alert(1)</script>"
    offer = make_offer(title=payload)
    OfferVersion.objects.filter(offer=offer).update(note_to_isu=payload)
    offer.withdraw(by=norlander, reason=payload)

    for name, arguments in [("versions", []), ("version", [1])]:
        assert payload not in text(focal, name, offer.reference, *arguments)
