"""The bulletins as an Atom feed, each with all that it says."""

import io

from django.conf import settings
from django.template.defaultfilters import linebreaks
from django.urls import reverse
from django.utils.feedgenerator import rfc3339_date
from django.utils.html import urlize
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from contacts.models import language_tag

from .feeds import NAMESPACES, Feed, begin_of, tag
from .records import absolute

MOST = 20


def atom(bulletins):
    """The feed of these; `bulletins` are what they say, the newest first."""
    out = io.StringIO()
    feed = Feed(out, "utf-8", short_empty_elements=True)
    feed.startDocument()
    feed.startElement("feed", {"xmlns": NAMESPACES["xmlns"], "xml:lang": language_tag(get_language())})
    feed.text("id", tag(f"bulletins/{get_language()}"))
    feed.text("title", _("Bulletins – %(portal)s") % {"portal": settings.PORTAL_NAME})
    # Without any, the same all day.
    newest = bulletins[0].bulletin.sent_at if bulletins else begin_of(localdate())
    feed.text("updated", rfc3339_date(newest))
    feed.startElement("author", {})
    feed.text("name", settings.PORTAL_NAME)
    feed.endElement("author")
    feed.text("rights", settings.PORTAL_DISCLAIMER)
    feed.link("alternate", absolute(reverse("offers:bulletin_list")), "text/html")
    feed.link("self", absolute(reverse("offers:bulletin_atom")), "application/atom+xml")
    for contents in bulletins:
        _entry(feed, contents)
    feed.endElement("feed")
    feed.endDocument()
    return out.getvalue()


def _entry(feed, contents):
    sent_at = rfc3339_date(contents.bulletin.sent_at)
    feed.startElement("entry", {})
    feed.text("id", tag(f"bulletins/{contents.bulletin.number}"))
    feed.text("title", contents.subject)
    feed.text("published", sent_at)
    feed.text("updated", sent_at)
    feed.link("alternate", contents.address, "text/html")
    feed.text("content", linebreaks(urlize(contents.text, autoescape=True), autoescape=False), type="html")
    feed.text("rights", settings.PORTAL_DISCLAIMER)
    feed.endElement("entry")
