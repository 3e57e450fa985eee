"""Every address behind the sign-in, with those who may open it: a new one fails here until it is declared."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from analytics import survey
from analytics.models import Milestone, ReportEdition, SurveyRound, TrialPeriod, UnmetNeed
from analytics.recording.actions import ACTIONS, NOT_COUNTED, NOT_COUNTED_PREFIXES
from contacts.models import KeptPost
from offers import alerts, enquiry_links, freshness, verification
from offers.models import OfferImport, OutgoingMail
from offers.signed_links import sign
from offers.views.clearance import PURPOSE as CLEARANCE
from tests import factories
from tests.analytics.evaluation.a_report import a_report

# Who may is the same on every database, and asking everybody everywhere takes long.
pytestmark = [pytest.mark.django_db, pytest.mark.once]

VISITORS = ["anonymous", "sudlander", "norlander", "officer", "administrator"]

# Who may: each visitor gets "yes", "login", 403 as a person of the wrong kind, or 404 for what is not theirs.
STATE = ["login", "yes", "yes", 403, 403]  # focal points, each for their own State
OWN = ["login", 404, "yes", 403, 403]  # an object of Norland
ASKED = ["login", 404, "yes", "yes", "yes"]  # what Norland is asked, and the ISU sees to
WRITTEN = ["login", 404, "yes", 404, 404]  # the ISU has the same pages for what it enters itself
ISU = ["login", 403, 403, "yes", "yes"]
ADMINISTRATOR = ["login", 403, 403, 403, "yes"]
PERSON = ["login", 404, "yes", 404, 404]
SIGNED_IN = ["login", "yes", "yes", "yes", "yes"]
LINK = ["yes", "yes", "yes", "yes", "yes"]  # whoever holds the link, whoever they are

# Each name: who may, how it is asked for, and what of the scene it is opened with.
ROUTES = {
    "offers:start": (SIGNED_IN, "get", ()),
    # The desk
    "offers:desk": (STATE, "get", ()),
    "offers:confirm_all": (STATE, "get post", ()),
    "offers:new": (STATE, "post", ()),
    "offers:annex": (STATE, "get", ()),
    "offers:annex_word": (STATE, "get", ()),
    "offers:article_7": (STATE, "get", ()),
    "offers:article_7_word": (STATE, "get", ()),
    "analytics:own_figures": (STATE, "get", ()),
    "analytics:own_figures_csv": (STATE, "get", ()),
    "offers:edit": (WRITTEN, "get post", ("draft",)),
    "offers:preview": (WRITTEN, "get", ("draft",)),
    "offers:documents": (WRITTEN, "get post", ("draft",)),
    "offers:remove_document": (WRITTEN, "post", ("draft", "document")),
    "offers:translations": (WRITTEN, "get", ("draft",)),
    "offers:translation": (WRITTEN, "get post", ("draft", "language")),
    "offers:remove_translation": (WRITTEN, "post", ("draft", "language")),
    "offers:submit": (WRITTEN, "get post", ("draft",)),
    "offers:take_back": (WRITTEN, "post", ("submitted",)),
    "offers:share": (WRITTEN, "get post", ("draft",)),
    "offers:end_links": (WRITTEN, "post", ("draft",)),
    "offers:word": (WRITTEN, "get", ("draft",)),
    "offers:change": (OWN, "post", ("published",)),
    "offers:confirm": (OWN, "post", ("published",)),
    "offers:clone": (OWN, "post", ("published",)),
    "offers:withdraw": (OWN, "get post", ("published",)),
    "offers:fulfil": (OWN, "get post", ("published",)),
    "offers:bring_back": (OWN, "post", ("ended",)),
    "offers:versions": (OWN, "get", ("published",)),
    "offers:version": (OWN, "get", ("published", "number")),
    "offers:partnership": (OWN, "get", ("partner",)),
    "offers:accept_partnership": (OWN, "post", ("partner",)),
    "offers:decline_partnership": (OWN, "post", ("partner",)),
    "offers:spreadsheet": (STATE, "get post", ()),
    "offers:template_xlsx": (STATE, "get", ()),
    "offers:template_csv": (STATE, "get", ()),
    "offers:own_offers_xlsx": (STATE, "get", ()),
    "offers:own_offers_csv": (STATE, "get", ()),
    "offers:import": (WRITTEN, "get", ("import",)),
    "offers:import_errors": (WRITTEN, "get", ("import",)),
    "offers:take_import": (WRITTEN, "post", ("import",)),
    "offers:contact_points": (STATE, "get", ()),
    "offers:propose_contact_point": (STATE, "get post", ()),
    "offers:propose_change": (OWN, "get post", ("point",)),
    "offers:propose_closing": (OWN, "get post", ("point",)),
    "offers:verify_contact_point": (OWN, "post", ("point",)),
    "offers:take_back_proposal": (OWN, "post", ("proposal",)),
    "offers:enquiry_list": (STATE, "get", ()),
    "offers:enquiry": (ASKED, "get post", ("enquiry",)),
    # The ISU
    "offers:isu_home": (ISU, "get", ()),
    "offers:isu_offers": (ISU, "get", ()),
    "offers:spreadsheet_on_behalf": (ISU, "get post", ()),
    "offers:template_for_state": (ISU, "get", ("iso3",)),
    "offers:begin_on_behalf": (ISU, "get post", ()),
    "offers:isu_offer": (ISU, "get", ("published",)),
    "offers:isu_version": (ISU, "get", ("published", "number")),
    "offers:act": (ISU, "get post", ("published",)),
    "offers:queue": (ISU, "get", ()),
    "offers:review": (ISU, "get", ("waiting",)),
    "offers:review_preview": (ISU, "get", ("waiting",)),
    "offers:publish": (ISU, "post", ("waiting",)),
    "offers:send_back": (ISU, "post", ("waiting",)),
    "offers:refuse": (ISU, "post", ("waiting",)),
    "offers:claim": (ISU, "post", ("waiting",)),
    "offers:release": (ISU, "post", ("waiting",)),
    "offers:correct": (ISU, "get post", ("waiting",)),
    "offers:accept_partner": (ISU, "post", ("partner",)),
    "offers:take_down": (ISU, "get post", ("published",)),
    "offers:bring_back_taken_down": (ISU, "post", ("taken_down",)),
    "offers:freshness": (ISU, "get", ()),
    "offers:mission": (ISU, "get post", ("iso3",)),
    "offers:isu_annexes": (ISU, "get", ()),
    "offers:isu_annex": (ISU, "get", ("iso3",)),
    "offers:isu_annex_word": (ISU, "get", ("iso3",)),
    "offers:isu_links": (ISU, "get", ()),
    "offers:isu_bulletins": (ISU, "get post", ()),
    "offers:isu_bulletin": (ISU, "get post", ("bulletin",)),
    "offers:isu_bulletin_note": (ISU, "get post", ("bulletin", "language")),
    "offers:bulletin_preview": (ISU, "get", ("bulletin",)),
    "offers:bulletin_letter": (ISU, "get", ("bulletin",)),
    "offers:bulletin_letter_html": (ISU, "get", ("bulletin",)),
    "offers:bulletin_draft_text": (ISU, "get", ("bulletin",)),
    "offers:bulletin_draft_word": (ISU, "get", ("bulletin",)),
    "offers:send_bulletin": (ISU, "get post", ("bulletin",)),
    "offers:discard_bulletin": (ISU, "post", ("bulletin",)),
    "offers:isu_enquiries": (ISU, "get", ()),
    "offers:isu_enquiry_figures": (ISU, "get", ()),
    "offers:isu_enquiry_figures_csv": (ISU, "get", ()),
    "offers:letters": (ISU, "get", ()),
    "offers:send_letter_again": (ISU, "post", ("letter",)),
    "offers:settle_letter": (ISU, "post", ("letter",)),
    "offers:reports": (ISU, "get", ()),
    "offers:handle_report": (ISU, "post", ("report",)),
    "offers:isu_contact_points": (ISU, "get", ()),
    "offers:new_contact_point": (ISU, "get post", ()),
    "offers:isu_contact_point": (ISU, "get post", ("point",)),
    "offers:verify_for_office": (ISU, "post", ("point",)),
    "offers:close_contact_point": (ISU, "post", ("point",)),
    "offers:reopen_contact_point": (ISU, "post", ("closed_point",)),
    "offers:contact_proposal": (ISU, "get", ("proposal",)),
    "offers:approve_proposal": (ISU, "post", ("proposal",)),
    "offers:decline_proposal": (ISU, "post", ("proposal",)),
    "analytics:use_report": (ISU, "get", ()),
    "analytics:use_report_csv": (ISU, "get", ()),
    "analytics:searches": (ISU, "get post", ()),
    "analytics:need": (ISU, "get post", ("need",)),
    "analytics:delete_need": (ISU, "post", ("need",)),
    "analytics:take_out": (ISU, "post", ("need",)),
    "analytics:state_figures": (ISU, "get", ("iso3",)),
    "analytics:state_figures_csv": (ISU, "get", ("iso3",)),
    "analytics:trial": (ISU, "get", ()),
    "analytics:trial_milestones": (ISU, "post", ()),
    "analytics:remove_milestone": (ISU, "post", ("milestone",)),
    "analytics:trial_cost": (ISU, "get post", ("month",)),
    "analytics:trial_period": (ISU, "get", ("trial",)),
    "analytics:trial_reason": (ISU, "get post", ("trial", "indicator")),
    "analytics:new_trial_period": (ADMINISTRATOR, "get post", ()),
    "analytics:change_trial_period": (ADMINISTRATOR, "get post", ("trial",)),
    "analytics:trial_target": (ADMINISTRATOR, "get post", ("trial", "indicator")),
    "analytics:feedback_list": (ISU, "get", ()),
    "analytics:evaluation": (ISU, "get", ()),
    "analytics:evaluation_file": (ISU, "get", ("kind",)),
    "analytics:freeze_edition": (ISU, "post", ()),
    "analytics:edition": (ISU, "get", ("edition",)),
    "analytics:edition_file": (ISU, "get", ("edition", "kind")),
    "analytics:survey": (ISU, "get post", ()),
    # A person's own
    "contacts:kept": (PERSON, "get", ("kept",)),
    "contacts:discard_kept": (PERSON, "post", ("kept",)),
    # By a link in a letter
    "offers:shared": (LINK, "get", ("shared",)),
    "offers:shared_document": (LINK, "get", ("shared", "document")),
    "offers:confirm_by_link": (LINK, "get post", ("confirmation",)),
    "offers:verify": (LINK, "get post", ("verification",)),
    "offers:enquiry_of_sender": (LINK, "get post", ("sender",)),
    "offers:enquiry_of_office": (LINK, "get post", ("asked_office",)),
    "analytics:survey_answer": (LINK, "get post", ("survey",)),
    "offers:alerts_confirm": (LINK, "get post", ("sign_up",)),
    "offers:alerts_manage": (LINK, "get post", ("alerts",)),
    "offers:alerts_unsubscribe": (LINK, "get post", ("alerts",)),
}
ROOTS = (
    "desk/",
    "isu/",
    "shared/",
    "confirm/",
    "verify/",
    "enquiry/",
    "answer/",
    "survey/",
    "kept/",
    "alerts/confirm/",
    "alerts/manage/",
    "alerts/unsubscribe/",
)


def names_below(resolver, namespace="", prefix=""):
    """The names of all addresses, each with its address as it is declared."""
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names_below(pattern, inner, path)
        else:
            yield f"{namespace}{pattern.name}", path.removeprefix("en/")


def test_every_address_is_declared_as_public_or_for_some_people():
    names = dict(names_below(get_resolver()))

    closed = {
        name for name in names if name not in ACTIONS and name not in NOT_COUNTED
        and not name.startswith(NOT_COUNTED_PREFIXES)
    } | {name for name, path in names.items() if path.startswith(ROOTS)}  # fmt: skip
    assert closed == ROUTES.keys()


@dataclass
class Scene:
    arguments: dict

    def address(self, name):
        return reverse(name, args=[self.arguments[argument] for argument in ROUTES[name][2]])


@pytest.fixture
def scene(norland, sudland, norlander, sudlander, officer, make_offer):
    """Of everything that an address may be about, one of Norland; what Norland is asked, Sudland asks."""
    french = factories.LanguageFactory(code="fr", name_en="French", endonym="Français")
    point = factories.ContactPointFactory(state=norland, office="Norland's office", email="office@norland.example.org")
    draft, published, submitted = make_offer(status="draft"), make_offer(), make_offer(status="submitted")
    ended, taken_down = make_offer(), make_offer()
    ended.withdraw(by=norlander)
    taken_down.take_down(by=officer, reason="Somebody has complained.")
    version = draft.open_version
    version.translations.create(language=french, title="Cours")
    version.begin_links()
    document = version.documents.model(
        version=version, title="Syllabus", language=french, filename="syllabus.pdf", size=8
    )
    document.file.save("syllabus.pdf", ContentFile(b"%PDF-1.7"))
    asking = factories.make_offer(state=sudland, author=sudlander, status="draft")
    partner = asking.open_version.partners.create(state=norland, role="host")
    asking.open_version.submit(by=sudlander)
    rows = [{"line": 0, "cells": {"title": "Title"}}, {"line": 2, "cells": {"title": "A course"}}]
    return Scene(
        {
            "draft": draft.reference,
            "submitted": submitted.reference,
            "published": published.reference,
            "ended": ended.reference,
            "taken_down": taken_down.reference,
            "waiting": submitted.open_version.pk,
            "number": 1,
            "document": document.pk,
            "language": "fr",
            "partner": partner.pk,
            "import": OfferImport.objects.create(state=norland, by=norlander, filename="o.xlsx", rows=rows).pk,
            "point": point.pk,
            "closed_point": factories.ContactPointFactory(state=norland, closed_on="2026-01-01").pk,
            "proposal": factories.ContactProposalFactory(contact_point=point, proposed_by=norlander).pk,
            "report": factories.MistakeReportFactory(offer=published).pk,
            "letter": OutgoingMail.objects.create(
                recipients=[point.email], subject="A question", raw=b"The text", failed_at=timezone.now()
            ).pk,
            "bulletin": factories.make_bulletin(by=officer, sent=False, notes={"en": "News of the quarter"}).pk,
            "iso3": norland.iso3.lower(),
            "month": "2026-01",
            "indicator": "S1",
            "milestone": Milestone.objects.create(day="2026-11-01", name="The launch").pk,
            "trial": TrialPeriod.objects.create(
                name="First year", first="2090-01-01", last="2090-12-31", made_by=officer
            ).pk,
            "need": UnmetNeed.objects.create(name="Survey from the air", by=officer).pk,
            "edition": ReportEdition.freeze(a_report(), by=officer).number,
            "kind": "csv",
            "enquiry": (enquiry := factories.make_enquiry(offer=published)).reference,
            "asked_office": enquiry_links.link_for_office(enquiry, enquiry.current_holders.first().contact_point),
            "kept": KeptPost.objects.create(
                user=norlander, path="/en/desk/", data={"fields": {"title": ["A"]}, "files": []}
            ).pk,
            "shared": sign(CLEARANCE, [version.pk, version.preview_key]),
            "confirmation": sign(freshness.PURPOSE, [norland.pk, [published.pk]]),
            "verification": verification.link_to(point).rstrip("/").rpartition("/")[2],
            "sender": enquiry_links.link_for_sender(factories.make_enquiry(status="unconfirmed", offer=published)),
            "survey": survey_link(point),
            "sign_up": sign_up_link(),
            "alerts": alerts.link_of(factories.SubscriberFactory(lists=[""])),
        }
    )


def survey_link(point):
    opened = SurveyRound.objects.create(kind="before", closes_on=timezone.localdate() + timedelta(days=30))
    return survey.link_to(opened.invitations.create(contact_point=point))


def sign_up_link():
    factories.SignUpFactory(token="known")
    return alerts.sign("known")


def all_rows():
    """A mark of every row of every table but the sessions, which each request may touch."""
    mark = hashlib.sha256()
    for model in apps.get_models(include_auto_created=True):
        if model is not Session:
            mark.update(repr((model._meta.label, *model._base_manager.order_by("pk").values_list())).encode())
    return mark.hexdigest()


def signed_in(request, visitor, **more):
    client = Client(raise_request_exception=False, **more)
    if visitor != "anonymous":
        client.force_login(request.getfixturevalue(visitor))
    return client


def ask(client, method, address, *data):
    """The answer, and a file in it closed again."""
    response = getattr(client, method)(address, *data)
    for close in response._resource_closers:  # response.close() would end the connection to the database too
        close()
    return response


def may(name, visitor):
    return ROUTES[name][0][VISITORS.index(visitor)]


def outcome(response):
    if response.status_code == 302 and response.url.startswith(reverse("account_login")):
        return "login"
    return response.status_code


@pytest.mark.parametrize("visitor", VISITORS)
def test_whoever_may_not_is_refused_and_changes_nothing(request, scene, visitor):
    client, wrong = signed_in(request, visitor), []
    before = all_rows()

    for name, (_who, methods, _arguments) in ROUTES.items():
        if (expected := may(name, visitor)) == "yes":
            continue
        for method in ("get", "head", "post", "put", "patch", "delete", "options"):
            is_taken = method in methods.replace("get", "get head").split()
            # The person is looked at first, then the method, then the object.
            answer = expected if is_taken or expected in {"login", 403} else 405
            response = ask(client, method, scene.address(name))
            if outcome(response) != answer:
                wrong.append((name, method, outcome(response), answer))

    assert wrong == []
    assert all_rows() == before


@pytest.mark.parametrize("visitor", VISITORS)
def test_looking_changes_nothing(request, scene, visitor):
    client, wrong = signed_in(request, visitor), []
    before = all_rows()

    for name, (_who, methods, _arguments) in ROUTES.items():
        if may(name, visitor) != "yes":
            continue
        for method in ("get", "head"):
            response = ask(client, method, scene.address(name))
            expected = {200} if "get" in methods else {405}
            if name == "offers:start":
                expected = {302}
            if response.status_code not in expected:
                wrong.append((name, method, outcome(response)))

    assert wrong == []
    assert all_rows() == before


@pytest.mark.parametrize("visitor", VISITORS)
def test_no_other_method_is_taken_from_anybody(request, scene, visitor):
    client, wrong = signed_in(request, visitor), []
    before = all_rows()

    for name, (_who, methods, _arguments) in ROUTES.items():
        if may(name, visitor) != "yes" or name == "offers:start":
            continue
        for method in {"put", "patch", "delete", "options", "post"} - set(methods.split()):
            response = ask(client, method, scene.address(name))
            if response.status_code != 405:
                wrong.append((name, method, outcome(response)))

    assert wrong == []
    assert all_rows() == before


@pytest.mark.parametrize("visitor", VISITORS)
def test_an_empty_form_is_answered_and_never_a_failure(request, scene, visitor):
    client, wrong = signed_in(request, visitor), []

    for name, (_who, methods, _arguments) in ROUTES.items():
        if may(name, visitor) == "yes" and "post" in methods:
            with transaction.atomic():  # so that each meets the same scene
                response = client.post(scene.address(name))
                transaction.set_rollback(True)
            if outcome(response) not in {200, 302, 409}:
                wrong.append((name, outcome(response)))

    assert wrong == []


@pytest.mark.parametrize("visitor", ["norlander", "administrator"])
def test_a_form_without_its_token_is_refused_unless_the_link_stands_for_it(request, scene, visitor):
    client, wrong = signed_in(request, visitor, enforce_csrf_checks=True), []
    before = all_rows()

    for name, (who, methods, _arguments) in ROUTES.items():
        if "post" in methods and may(name, visitor) == "yes" and who is not LINK:
            response = client.post(scene.address(name), {"title": "Forged", "seen": "1", "edit_number": "1"})
            if response.status_code != 403:
                wrong.append((name, outcome(response)))

    assert wrong == []
    assert all_rows() == before


# What people and robots write into addresses.
HOSTILE = {
    "page": ["10" * 30, "-1", "0", "last", "1e9", "NaN"],
    "on": ["9999-99-99", "9999-12-31", "0001-01-01", "x" * 5000],
    "at": ["99:99", "23:59:61"],
    "year": ["0", "-5", "10" * 30, "9999", "2026.5"],
    "from": ["9999-99", "0000-00", "10" * 30, "\x00", "٣"],
    "to": ["9999-12", "0001-01"],
    "language": ["zz", "\x00", "1"],
    "state": ["10" * 30, "ZZZ", "-1", "\x00"],
    "body": ["10" * 30, "zz"],
    "stage": ["nothing", "\x00"],
    "status": ["nothing", "\x00"],
    "q": ["\x00", "ä" * 5000, "%", '"' * 50, "\ud800".encode("utf-8", "surrogatepass")],
    "reference": ["\x00", "10" * 30],
    "kind": ["\x00"],
    "show": ["\x00"],
}


@pytest.mark.parametrize("visitor", ["norlander", "officer"])
def test_no_parameter_is_a_failure_of_the_portal(request, scene, visitor):
    client, wrong = signed_in(request, visitor), []
    rounds = range(max(map(len, HOSTILE.values())))
    queries = [{name: values[turn % len(values)] for name, values in HOSTILE.items()} for turn in rounds]

    for name, (_who, methods, _arguments) in ROUTES.items():
        if may(name, visitor) == "yes" and "get" in methods and "xlsx" not in name:
            for query in queries:
                response = ask(client, "get", scene.address(name), query)
                if response.status_code >= 500:
                    wrong.append((name, query, response.status_code))
            bad_bytes = f"{scene.address(name)}?q=%ff%fe&page=%00&%00=1&state=%ED%A0%80"
            if ask(client, "get", bad_bytes).status_code >= 500:
                wrong.append((name, "bad bytes"))

    assert wrong == []


@pytest.mark.parametrize("visitor", ["norlander", "officer"])
@pytest.mark.parametrize("key", [10**30, 2**31])
def test_a_key_of_nothing_is_not_found(request, scene, visitor, key):
    client, wrong = signed_in(request, visitor), []
    texts = {
        "iso3": "of-nothing",
        "language": "zz",
        "shared": "x",
        "confirmation": "x",
        "verification": "x",
        "sender": "x",
        "asked_office": "x",
        "sign_up": "x",
        "alerts": "x",
    }
    known = scene.arguments

    for name, (_who, methods, arguments) in ROUTES.items():
        for argument in arguments:
            value = texts.get(argument, key)
            if isinstance(known[argument], str) and argument not in texts:
                value = "PFP-2026-9999"
            scene.arguments = known | {argument: value}
            method = "get" if "get" in methods else "post"
            response = ask(client, method, scene.address(name))
            # What cannot be understood of a translation or a former step is not told apart from what is not there.
            if may(name, visitor) == "yes" and response.status_code not in {
                404,
                302 if argument == "language" else 404,
            }:
                wrong.append((name, argument, value, response.status_code))

    assert wrong == []


# Opens every page, so that none has a statement that one of the databases does not understand.
@pytest.mark.both
def test_no_page_of_a_desk_is_kept_by_anybody(request, scene):
    for visitor in VISITORS[1:]:
        client = signed_in(request, visitor)
        for name, (_who, methods, _arguments) in ROUTES.items():
            if may(name, visitor) == "yes" and "get" in methods:
                assert ask(client, "get", scene.address(name)).headers["Cache-Control"] == "private, no-store", name


def test_a_page_by_link_sets_no_cookie_and_leaves_no_trace(request, scene):
    for name, (who, _methods, _arguments) in ROUTES.items():
        if who is LINK:
            response = ask(Client(), "get", scene.address(name))
            assert response.status_code == 200
            assert not response.cookies
            assert response.headers["Cache-Control"] == "private, no-store"
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert "noindex" in response.headers["X-Robots-Tag"]
            assert settings.SESSION_COOKIE_NAME not in response.cookies
