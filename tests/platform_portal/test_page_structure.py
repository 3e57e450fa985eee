"""Every public page: what it points to is there, its headings are in order, and its title begins with its heading."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from contacts.models import ContactPoint
from offers.models import Area, Offer, Resource
from tests import factories

from .test_form_pack import Page, faults

pytestmark = pytest.mark.once

HEADING = re.compile(r"<h([1-6])[^>]*>(.*?)</h\1>", re.DOTALL)
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)

# Pages that are there whatever the portal holds.
ALWAYS = {
    "home": "/en/",
    "home in Arabic": "/ar/",
    "catalogue": "/en/offers/",
    "catalogue in Arabic": "/ar/offers/",
    "catalogue, nothing found": "/en/offers/?q=helicopter",
    "catalogue, many filters": "/en/offers/?area=area.victim_assistance&form=form.equipment&south=seeking&pays=free",
    "catalogue, bad filters": "/en/offers/?area=nothing&available_from=soon&sort=no",
    "States": "/en/states/",
    "regional bodies": "/en/bodies/",
    "contact points": "/en/contacts/",
    "contact points, one kind": "/en/contacts/?kind=regional",
    "contact points, a bad filter": "/en/contacts/?region=nowhere",
    "coverage": "/en/coverage/",
    "coverage, a bad filter": "/en/coverage/?region=nowhere",
    "South-South": "/en/south-south/",
    "bulletins": "/en/bulletins/",
    "data": "/en/data/",
    "about": "/en/about/",
    "privacy": "/en/privacy/",
    "accessibility": "/en/accessibility/",
    "sign in": "/en/account/login/",
    "need": "/en/need/",
    "enquiry, sent": "/en/enquiry-sent/",
    "an address that leads nowhere": "/en/nothing/",
}
# Pages of what `filled` makes; in braces the name it gives to a thing.
OF_THINGS = {
    "catalogue with all that narrows it": "/en/offers/?q=course&area=area.survey_clearance&recipient=QNO&written=en"
    "&available_from=2020-01-01&sort=newest",
    "catalogue, second page": "/en/offers/?page=2",
    "contact points of a State": "/en/contacts/?serves=QNO",
    "contact points for a State without any": "/en/contacts/?serves=QSU",
    "coverage of a region": "/en/coverage/?region={region}",
    "offer": "/en/offers/{offer}/",
    "offer in Arabic": "/ar/offers/{offer}/",
    "offer that has changed": "/en/offers/{changed}/",
    "offer that has expired": "/en/offers/{expired}/",
    "offer that has been withdrawn": "/en/offers/{withdrawn}/",
    "offer that is suspended": "/en/offers/{suspended}/",
    "contact page": "/en/offers/{offer}/contact/",
    "history": "/en/offers/{changed}/history/",
    "as text": "/en/offers/{offer}/text/",
    "for print": "/en/offers/{offer}/print/",
    "report of a mistake": "/en/offers/{offer}/report/",
    "report of a mistake, sent": "/en/offers/{offer}/report/sent/",
    "report about a contact point": "/en/report/contact/{point}/",
    "question to visitors": "/en/feedback/offer/",
    "question to visitors, answered": "/en/feedback/thanks/",
    "enquiry about an offer": "/en/offers/{offer}/enquire/",
    "enquiry to a State": "/en/states/qsu/enquire/",
    "enquiry to an office": "/en/contact-points/{point}/enquire/",
    "State with offers": "/en/states/qno/",
    "State without offers": "/en/states/qsu/",
    "State that has left": "/en/states/qle/",
    "body": "/en/bodies/group/",
    "bulletin": "/en/bulletins/{bulletin}/",
    "bulletin in Arabic": "/ar/bulletins/{bulletin}/",
}


def headings(html):
    """Level and text of each heading."""
    return [(int(level), _words(text)) for level, text in HEADING.findall(html)]


def _words(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def faults_of_headings(html):
    """A sentence for each fault: one first heading, with which the title begins, and no level left out."""
    found = headings(html)
    first = [text for level, text in found if level == 1]
    if len(first) != 1:
        yield f"{len(first)} first headings"
    title = _words(TITLE.search(html).group(1))
    if first and not title.removeprefix("Error: ").startswith(first[0]):
        yield f"the title {title} does not begin with {first[0]}"
    # A notice or a summary of errors may come before the first heading.
    above = 1
    for level, text in found:
        if level > above + 1:
            yield f"{text} is of level {level} below level {above}"
        above = level


def all_faults(html):
    skips = [link["attrs"]["href"] for link in Page(html).all("a") if link["attrs"].get("class") == "skip"]
    if not skips and "<header" in html:
        yield "nothing leads past the navigation"
    yield from faults(html)
    yield from faults_of_headings(html)


@pytest.fixture
def filled(make_offer, norland, norlander, sudland, officer):
    """More than a page of offers, one in each state of its life, and what they belong to."""
    today = timezone.localdate()
    offers = {
        "offer": make_offer(
            title="Course & visit",
            form=factories.FormFactory(code="form.equipment.detection"),
            cooperation="south_south",
            funding_partner="sought",
            funding_purpose="Travel",
            pays_fees="provider",
            transfer_terms="loan",
        ),
        "expired": make_offer(valid_until=today - timedelta(days=1)),
        "withdrawn": make_offer(),
        "suspended": make_offer(confirmed_days_ago=400),
        "changed": make_offer(),
    }
    offers["withdrawn"].withdraw(by=norlander)
    version = offers["changed"].edit(by=norlander)
    version.quantity = "Twelve places"
    version.save()
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)
    for _number in range(20):
        make_offer(title="Course in a language that is not that of the page", original_language=_french())
    factories.StateFactory(iso3="QLE", joined=True, withdrawal_effective=today - timedelta(days=30))
    body = factories.RegionalBodyFactory(short_name="GROUP", states=[norland, sudland])
    point = factories.ContactPointFactory(state=None, regional_body=body)
    factories.ResourceFactory()
    return {name: offer.reference for name, offer in offers.items()} | {
        "point": point.pk,
        "region": norland.region.un_m49,
        "bulletin": factories.make_bulletin(by=officer, notes={"en": "News of the quarter"}).number,
    }


def _french():
    return factories.LanguageFactory(code="fr", name_en="French")


@pytest.mark.parametrize("name", ALWAYS)
def test_the_pages_of_an_empty_portal_are_in_order(client, db, name):
    html = client.get(ALWAYS[name]).content.decode()

    assert list(all_faults(html)) == []


def test_the_pages_of_a_portal_with_offers_are_in_order(client, filled):
    """All of them in one portal: filling it takes longer than reading its pages."""
    assert Offer.objects.public().count() > 20 and ContactPoint.objects.exists() and Resource.objects.exists()
    assert Area.objects.exists()
    wrong = {}
    for name, address in (ALWAYS | OF_THINGS).items():
        html = client.get(address.format(**filled)).content.decode()
        if found := list(all_faults(html)):
            wrong[name] = found

    assert wrong == {}


def test_a_report_with_errors_is_in_order(client, filled):
    html = client.post(f"/en/offers/{filled['offer']}/report/", {}).content.decode()

    assert TITLE.search(html).group(1).startswith("Error: ")
    assert list(all_faults(html)) == []


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<h1>A</h1><h1>A</h1>", "2 first headings"),
        ("<h2>A</h2>", "0 first headings"),
        ("<h1>A</h1><h3>B</h3>", "B is of level 3 below level 1"),
        ("<h1>B</h1>", "the title A – Portal does not begin with B"),
        ("<h1>A</h1><header></header>", "nothing leads past the navigation"),
        ('<h1>A</h1><a href="#b">x</a>', "<a> points to b, which is not there"),
    ],
)
def test_the_check_finds_a_page_out_of_order(html, fault):
    assert fault in list(all_faults(f"<title>A – Portal</title>{html}"))
