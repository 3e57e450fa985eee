"""What counts as which kind of use: one declared table from URL name to action."""

from functools import cache

from django.db import models
from django.utils.translation import gettext_lazy as _


class Action(models.IntegerChoices):
    """The closed vocabulary. Numbers are stored with the events and names with the figures, so neither ever changes."""

    PAGE = 1, _("Home page, lists of States, regional bodies and sources, bulletins")
    CATALOGUE = 2, _("Catalogue, browsed")
    SEARCH = 3, _("Searches with a result")
    SEARCH_ZERO = 4, _("Searches without a result")
    OFFER_DETAIL = 5, _("Offers")
    CONTACT_REVEALED = 6, _("Contact points of an offer")
    ATTACHMENT = 7, _("Documents of an offer")
    LINK_OUT = 8, _("Links followed to other websites")
    STATE_PROFILE = 9, _("Pages of States")
    CONTACT_DIRECTORY = 10, _("Directory of contact points")
    GUIDANCE = 11, _("About, privacy and accessibility pages")
    OFFER_PRINT = 12, _("Offers, to print or to copy")
    EXPORT = 13, _("Lists taken away as a file")
    FEED = 14, _("Feeds")
    API = 15, _("Answers to programs")
    EMBED = 16, _("Lists shown on other websites")
    BODY_PROFILE = 17, _("Pages of regional bodies")
    COVERAGE = 18, _("Coverage by area, form and region")
    FEEDBACK = 19, _("Forms to report a mistake")
    ENQUIRY_STARTED = 20, _("Enquiry forms opened")
    ALERTS = 21, _("Forms for news by e-mail")

    @property
    def metric(self):
        """Its name in the daily figures."""
        return self.name.lower()


ACTIONS = {
    "offers:home": Action.PAGE,
    "offers:catalogue": Action.CATALOGUE,
    "offers:list_csv": Action.EXPORT,
    "offers:list_xlsx": Action.EXPORT,
    "offers:list_json": Action.EXPORT,
    "offers:list_atom": Action.FEED,
    "offers:data": Action.GUIDANCE,
    "offers:detail": Action.OFFER_DETAIL,
    "offers:history": Action.OFFER_DETAIL,
    "offers:text": Action.OFFER_PRINT,
    "offers:print": Action.OFFER_PRINT,
    "offers:contact": Action.CONTACT_REVEALED,
    "offers:document": Action.ATTACHMENT,
    "offers:out": Action.LINK_OUT,
    "offers:out_state": Action.LINK_OUT,
    "offers:out_source": Action.LINK_OUT,
    "offers:out_resource": Action.LINK_OUT,
    "offers:out_body": Action.LINK_OUT,
    "offers:state_list": Action.PAGE,
    "offers:state_detail": Action.STATE_PROFILE,
    "offers:body_list": Action.PAGE,
    "offers:body_detail": Action.BODY_PROFILE,
    "offers:coverage": Action.COVERAGE,
    "offers:south_south": Action.PAGE,
    "offers:bulletin_list": Action.PAGE,
    "offers:bulletin": Action.PAGE,
    "offers:bulletin_text": Action.EXPORT,
    "offers:bulletin_word": Action.EXPORT,
    "offers:bulletin_atom": Action.FEED,
    "contacts:directory": Action.CONTACT_DIRECTORY,
    "contacts:directory_csv": Action.EXPORT,
    "offers:about": Action.GUIDANCE,
    "offers:privacy": Action.GUIDANCE,
    "offers:accessibility": Action.GUIDANCE,
    "offers:sources": Action.GUIDANCE,
    "offers:pipeline": Action.GUIDANCE,
    "analytics:public_evaluation": Action.GUIDANCE,
    "analytics:public_evaluation_json": Action.EXPORT,
    "analytics:public_evaluation_csv": Action.EXPORT,
    "analytics:counting": Action.GUIDANCE,
    "offers:embed": Action.EMBED,
    "offers:offline_file": Action.EXPORT,
    "api:index": Action.API,
    "api:openapi": Action.API,
    "api:offers": Action.API,
    "api:offer": Action.API,
    "api:resources": Action.API,
    "api:states": Action.API,
    "api:state": Action.API,
    "api:bodies": Action.API,
    "api:contacts": Action.API,
    "api:areas": Action.API,
    "api:forms": Action.API,
    "api:not_found": Action.API,
    "offers:report": Action.FEEDBACK,
    "offers:report_contact": Action.FEEDBACK,
    "offers:enquire": Action.ENQUIRY_STARTED,
    "offers:enquire_state": Action.ENQUIRY_STARTED,
    "offers:enquire_contact": Action.ENQUIRY_STARTED,
    "offers:need": Action.ENQUIRY_STARTED,
    "offers:alerts": Action.ALERTS,
}

# Public, and left out on purpose: no page of ours is shown there, or only the thanks after a form that was counted.
NOT_COUNTED = {
    "choose_language",
    "favicon",
    "healthz",
    "readyz",
    "robots",
    "sitemap",
    "sitemap_section",
    "offers:report_sent",
    "offers:report_contact_sent",
    "offers:enquiry_sent",
    # Neither wants anything new: a letter is sent, or sent once more.
    "offers:alerts_sent",
    "offers:alerts_link",
    # The answers themselves are counted.
    "analytics:feedback",
    "analytics:feedback_sent",
    # Reached by signed links: not public, though without an account.
    "offers:shared",
    "offers:shared_document",
    "offers:confirm_by_link",
    "offers:verify",
    "offers:alerts_confirm",
    "offers:alerts_manage",
    "offers:alerts_unsubscribe",
    "offers:enquiry_of_sender",
    "offers:enquiry_of_office",
    "analytics:survey_answer",
    # Only where the portal is tried out.
    "offers:mails",
    "offers:mail_html",
    "offers:send_mails",
}
# Signing in, and administration.
NOT_COUNTED_PREFIXES = ("account_", "admin:")

# Read by programs or on other websites: a line of their own, and no visits.
MACHINE_USE = {Action.EXPORT, Action.FEED, Action.API, Action.EMBED}

SEARCHES = {Action.SEARCH, Action.SEARCH_ZERO}

PAGE_SHOWN = {200, 304}
LED_AWAY = {302}


def is_declared(view_name):
    return view_name in ACTIONS or view_name in NOT_COUNTED or view_name.startswith(NOT_COUNTED_PREFIXES)


def action_of(request, response):
    """The action that a request was, or None where nothing is counted."""
    match = request.resolver_match
    action = match and ACTIONS.get(match.view_name)
    if action == Action.CATALOGUE and is_new_search(request.GET):
        return Action.SEARCH_ZERO if response.headers.get("X-Total-Count") == "0" else Action.SEARCH
    return action


def was_given(action, response):
    """Did the visitor get what was asked for?"""
    return response.status_code in (LED_AWAY if action == Action.LINK_OUT else PAGE_SHOWN)


def is_new_search(parameters):
    """Words or filters were asked for. Turning the pages of a result is no new search."""
    return (
        bool(parameters)
        and not parameters.get("page")
        and any(value.strip() for name in search_parameters() for value in parameters.getlist(name))
    )


@cache
def search_parameters():
    """The parameters that narrow the catalogue; others, such as those of advertisers, do not make a search."""
    from offers.filters import OfferFilter

    return frozenset(OfferFilter.base_filters)
