"""The note verbale on which the ISU writes for a State."""

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .errors import StepNotAllowed


def in_log(number, date):
    """A note verbale as the log keeps it, in the language of the portal; "" if there is none."""
    if not number:
        return ""
    with translation.override(settings.LANGUAGE_CODE):
        return gettext("Note verbale %(number)s of %(date)s") % {"number": number, "date": date_format(date)}


def paper_of(state, by, note_verbale, note_verbale_date):
    """What a new version keeps of the note verbale on which it is written; the ISU writes for a State on no other."""
    if by.is_isu and not note_verbale:
        raise StepNotAllowed(_("The ISU writes for a State on its note verbale only: give its number and its date."))
    if note_verbale and not state.is_party():
        raise StepNotAllowed(_("Nothing changed: only States Parties have offers in the catalogue."))
    return {"note_verbale": note_verbale, "note_verbale_date": note_verbale_date}
