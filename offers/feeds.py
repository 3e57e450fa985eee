"""A list of offers as an Atom feed: what has changed last stands first."""

import io
import re
from datetime import datetime, time
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import rfc3339_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from contacts.models import language_tag
from offers import records

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
NAMESPACES = {"xmlns": "http://www.w3.org/2005/Atom", "xmlns:opensearch": "http://a9.com/-/spec/opensearch/1.1/"}
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def newest_change_first(offers):
    # Publishing confirms as well, so the day of the confirmation is never before that of the change.
    return offers.order_by("-confirmed_on", "-live_version__decided_at", "-pk")


def updated_at(offer):
    """When the State last changed or confirmed the offer."""
    return max(begin_of(offer.confirmed_on), records.changed_at(offer))


def tag(name):
    """An address that is only a name: it stays the same wherever the page moves (RFC 4151)."""
    return f"tag:{urlsplit(settings.PORTAL_URL).hostname},2026:{name}"


def atom(page, offers, parameters):
    """One page of the feed. `offers` are those of the page, `parameters` what the list was narrowed by."""
    out = io.StringIO()
    feed = Feed(out, "utf-8", short_empty_elements=True)
    feed.startDocument()
    feed.startElement("feed", NAMESPACES | {"xml:lang": language_tag(get_language())})
    feed.head(page, offers, parameters)
    for offer in offers:
        feed.entry(offer)
    feed.endElement("feed")
    feed.endDocument()
    return out.getvalue()


class Feed(SimplerXMLGenerator):
    def characters(self, content):
        # A page can print what XML has no way to write.
        super().characters(NOT_IN_XML.sub("", content))

    def text(self, name, content, **attributes):
        self.addQuickElement(name, str(content), attributes)

    def link(self, relation, address, content_type):
        self.addQuickElement("link", attrs={"rel": relation, "href": address, "type": content_type})

    def category(self, scheme, term, label):
        self.addQuickElement("category", attrs={"scheme": tag(scheme), "term": term, "label": str(label)})

    def head(self, page, offers, parameters):
        pages, language = page.paginator, get_language()
        self.text("id", tag(records.with_query(f"offers/{language}", parameters)))
        self.text("title", _("Offers of assistance – %(portal)s") % {"portal": settings.PORTAL_NAME})
        # Without offers, the same all day.
        self.text("updated", rfc3339_date(max(map(updated_at, offers), default=begin_of(timezone.localdate()))))
        self.startElement("author", {})
        self.text("name", settings.PORTAL_NAME)
        self.endElement("author")
        self.text("rights", settings.PORTAL_DISCLAIMER)
        catalogue, feed = (records.absolute(reverse(f"offers:{name}")) for name in ("catalogue", "list_atom"))
        self.link("alternate", records.with_query(catalogue, parameters), "text/html")
        numbers = {"self": page.number, "first": 1, "last": pages.num_pages}
        if page.has_previous():
            numbers["previous"] = page.previous_page_number()
        if page.has_next():
            numbers["next"] = page.next_page_number()
        for relation, number in numbers.items():
            of_page = parameters.copy()
            if number > 1:
                of_page["page"] = number
            self.link(relation, records.with_query(feed, of_page), "application/atom+xml")
        self.text("opensearch:totalResults", pages.count)
        self.text("opensearch:startIndex", page.start_index())
        self.text("opensearch:itemsPerPage", pages.per_page)

    def entry(self, offer):
        version, words = offer.live_version, offer.live_version.words
        self.startElement("entry", {})
        self.text("id", tag(f"offers/{offer.reference}"))
        self.text("title", words["title"].text, **({"xml:lang": words["title"].lang} if words["title"].lang else {}))
        self.text("published", rfc3339_date(begin_of(offer.first_published_on)))
        self.text("updated", rfc3339_date(updated_at(offer)))
        self.link("alternate", records.absolute(offer.get_absolute_url()), "text/html")
        for area in version.areas:
            self.category("area", area.code, area.name)
        self.category("form", version.form.code, version.form.name)
        self.category("state", offer.state.iso3, offer.state.name)
        facts = f"{offer.state.name} · {version.primary_area.name} · {version.form.name}"
        lines = [facts, words["description"].text]
        if offer.is_sample:
            self.category("record", "sample", records.SAMPLE_LABEL)
            lines.insert(0, str(records.SAMPLE_LABEL))
        self.text("summary", "\n\n".join(lines), type="text")
        self.text("rights", settings.PORTAL_DISCLAIMER)
        self.endElement("entry")


def begin_of(day):
    return timezone.make_aware(datetime.combine(day, time.min))
