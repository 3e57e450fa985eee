"""A whole offer as plain text, to be copied into a letter or a note."""

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .content import ONLY_WHILE_IT_STANDS, answers, public_text_of, translation_notice
from .history import PARTS
from .records import SAMPLE_LABEL


def plain_text(offer, *, address, contact_address):
    """What the page of the offer says, line by line; the offices are left to the page that `contact_address` names."""
    version = offer.live_version
    prefetch_related_objects([version], *PARTS)
    words = version.words

    def said(version, name):
        return words[name].text if name in words else public_text_of(version, name)

    lines = [words["title"].text, "", _line(_("Reference"), offer.reference), _line(_("Offered by"), offer.state.name)]
    if offer.is_sample:
        lines.append(str(SAMPLE_LABEL))
        lines.append(_("Illustrative record dated %(date)s") % {"date": date_format(offer.confirmed_on)})
    else:
        lines.append(_("Confirmed by the State on %(date)s") % {"date": date_format(offer.confirmed_on)})
    if offer.is_expired:
        lines.append(_("This offer ended on %(date)s") % {"date": date_format(offer.valid_until)})
    left_out = {"title", "contact_points", "valid_until"} | (ONLY_WHILE_IT_STANDS if offer.is_expired else set())
    if notice := translation_notice(offer, version):
        lines.append(notice)
        left_out |= {"original_language"}
    for title, group in answers(version, said):
        known = [answer for answer in group if answer.text and answer.name not in left_out]
        if known:
            lines += ["", str(title).upper()]
            lines += [_line(answer.label, answer.text) for answer in known]
    if not offer.is_expired:
        lines += ["", _line(_("The offer stands until"), date_format(offer.valid_until))]
        lines.append(_line(_("Where to ask"), contact_address))
    lines += [_line(_("Page of this offer"), address), ""]
    lines.append(str(settings.PORTAL_DISCLAIMER))
    return "\n".join(lines)


def _line(label, text):
    """On one line, or below the label where the text has several."""
    text = text.replace("\r\n", "\n").strip()
    return f"{label}:\n{text}" if "\n" in text else f"{label}: {text}"
