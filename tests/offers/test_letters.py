"""What the letters say: whole sentences, each address announced, about as many offers as there are."""

import itertools
from datetime import date

import pytest
from django.core.management import call_command

from offers.models import Offer, OfferPartner
from tests import factories
from tests.letters import letters_to, text_of

pytestmark = pytest.mark.django_db

PAPER = {"note_verbale": "NV 7/2026", "note_verbale_date": date(2026, 3, 2)}


def letters(to):
    """Subject and text of each, the oldest first."""
    return [(mail.subject, text_of(mail)) for mail in letters_to(to)]


@pytest.mark.parametrize("days", [180, 210, 270])
def test_a_letter_about_one_offer_speaks_of_one(make_offer, norlander, days):
    make_offer(confirmed_days_ago=days)

    call_command("send_reminders", verbosity=0)

    _subject, text = letters(norlander.email)[-1]
    assert "his offer of Norland has not been confirmed for " in text
    assert "hese offers of Norland" not in text


@pytest.mark.parametrize("days", [180, 210, 270])
def test_a_letter_about_two_offers_speaks_of_both(make_offer, norlander, days):
    make_offer(confirmed_days_ago=days)
    make_offer(confirmed_days_ago=days)

    call_command("send_reminders", verbosity=0)

    _subject, text = letters(norlander.email)[-1]
    assert "hese offers of Norland have not been confirmed for " in text


def test_the_isu_is_told_that_a_text_that_waits_was_entered_on_paper(officer, norland, settings):
    offer = Offer.begin(state=norland, by=officer, **PAPER)
    factories.make_version_complete(offer.open_version).submit(by=officer)

    _subject, text = letters(settings.ISU_EMAIL)[-1]

    assert text.startswith(
        "The ISU has entered the following text on behalf of Norland, on its note verbale NV 7/2026 of 2 March 2026:"
    )


def test_the_letter_that_something_is_published_leads_to_the_desk_too(make_offer, norlander, settings):
    offer = make_offer()

    _subject, text = letters(norlander.email)[-1]

    assert f"{settings.PORTAL_URL}/en/offers/{offer.reference}/\n" in text
    assert f"at any time from your desk:\n{settings.PORTAL_URL}/en/desk/\n" in text


def test_each_address_in_a_letter_is_announced(make_offer, officer, norlander, sudland, sudlander, settings):
    offer = make_offer()
    offer.withdraw(by=norlander)
    offer.refresh_from_db()
    offer.bring_back(by=norlander)
    offer.refresh_from_db()
    offer.take_down(by=officer, reason="The office has closed.")
    offer.refresh_from_db()
    offer.bring_back(by=officer)
    version = make_offer(status="draft").open_version
    partner = OfferPartner.objects.create(version=version, state=sudland, role="host")
    version.submit(by=norlander)
    partner.refresh_from_db()
    partner.decline(by=sudlander, reason="We have no room.")

    for address in (norlander.email, sudlander.email, settings.ISU_EMAIL):
        found = letters(address)
        assert found
        for _subject, text in found:
            lines = text.splitlines()
            for before, line in itertools.pairwise(lines):
                if line.startswith(settings.PORTAL_URL) and "/en/offers/" not in line:
                    assert before.endswith(":"), text


def test_a_partner_reads_its_role_in_a_line_of_its_own(make_offer, norlander, sudland, sudlander):
    version = make_offer(status="draft").open_version
    OfferPartner.objects.create(version=version, state=sudland, role="host")
    version.submit(by=norlander)

    _subject, text = letters(sudlander.email)[-1]

    assert "\nWhat the offer says of Sudland: Hosts it\n" in text
