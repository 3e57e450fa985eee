"""What would make an offer easier to answer: advice to whoever writes it, never a condition."""

import re

from django.utils.translation import gettext as _

from .content import COSTS
from .links import broken_links_of
from .models.choices import DeliveryMode, FundingPartner, Timing
from .models.taxonomy import Form

# Words that promise something and name nothing.
VAGUE = re.compile(
    r"(?<!\w)(?:various|etc|and so on|all kinds of|different kinds of|a number of"
    r"|divers|diverses|et cetera"
    r"|varios|varias|diversos|diversas|etcétera"
    r"|различные|и т\. ?д"
    r"|مختلف|مختلفة|وغيرها|إلخ"
    r")(?!\w)|等等",
    re.IGNORECASE,
)
# In any script; Chinese writes small numbers as signs of their own, other languages as words.
NUMBER = re.compile(
    r"\d|[一二三四五六七八九十百千]|(?<!\w)(?:"
    r"two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|sixteen|eighteen|twenty|thirty|forty|fifty|dozen"
    r"|deux|trois|quatre|cinq|sept|huit|neuf|dix|douze|quinze|seize|vingt|trente|quarante|cinquante"
    r"|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|quince|veinte|treinta|cuarenta|cincuenta"
    r"|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять|двенадцать|пятнадцать|двадцать|тридцать"
    r")(?!\w)",
    re.IGNORECASE,
)
TEXTS = ("title", "description", "quantity")

# Where a standard is what the reader looks for first.
CLEARANCE, STOCKPILES = "area.survey_clearance", "area.stockpile_destruction"
TRAINING, EXPERTS = "form.training", "form.expert_deployment"


def hints(version):
    """Pairs of field name and sentence for what is vague or missing, in the order of the form.

    What is needed to submit is not repeated here, see `what_is_missing`.
    """
    return [
        *_what(version, version.form),
        *_for_whom(version, version.form),
        *_when(version),
        *_who_pays(version),
        *_contact(version),
        *_links(version),
    ]


def _what(version, form):
    for name in TEXTS:
        if found := VAGUE.search(getattr(version, name)):
            yield name, _("“%(word)s” tells the reader little: name what there is.") % {"word": found.group()}
    if not version.quantity and not NUMBER.search(version.description):
        yield "quantity", _("Say how many places or items there are.")
    if not version.duration and _is(form, TRAINING, EXPERTS):
        yield "duration", _("Say how long it takes.")
    about_explosives = _is(version.primary_area, CLEARANCE, STOCKPILES)
    if not version.standards and about_explosives and _is(form, TRAINING, EXPERTS, Form.EQUIPMENT):
        yield "standards", _("Say which standard it meets: clearance and disposal are judged by it.")
    if not version.providing_body:
        yield "providing_body", _("Name the ministry, agency or centre that gives the assistance.")
    if version.is_about_equipment:
        if not version.transfer_terms:
            yield "transfer_terms", _("Say whether the equipment is given or lent.")
        if not version.spare_parts:
            yield "spare_parts", _("Say whether there are spare parts: without them equipment soon stands idle.")
        if not version.export_licence:
            yield "export_licence", _("Say whether the equipment needs an export licence.")


def _for_whom(version, form):
    if not version.prerequisites and _is(form, TRAINING):
        yield "prerequisites", _("Say who can take part, and what they should know already.")
    if not _is_material_only(version):
        if not version.languages.exists():
            yield "languages", _("Say in which languages it can be given.")
        if not version.accessibility:
            yield "accessibility", _("Say what is provided for participants with disabilities.")
    if version.funding_partner == FundingPartner.SOUGHT and not version.funding_purpose:
        yield "funding_purpose", _("Say what a funding partner would pay for.")


def _when(version):
    if not (version.timing or version.starts_on or version.lead_time_weeks):
        yield "timing", _("Say when it can be had, or how many weeks before it should be asked for.")
    elif version.timing == Timing.ON_REQUEST and not version.lead_time_weeks:
        yield "lead_time_weeks", _("Say how many weeks before it should be asked for.")
    elif version.timing == Timing.DATES and not version.deadline:
        yield "deadline", _("Say until when it can be asked for.")


def _who_pays(version):
    answered = {name for name in COSTS if getattr(version, name)}
    if not answered:
        yield COSTS[0], _("Say who pays what: nobody asks for what may turn out too dear.")
    elif _is_material_only(version) and "pays_freight" not in answered:
        yield "pays_freight", _("Nobody knows who pays freight.")
    elif _needs_a_journey(version) and "pays_travel" not in answered:
        yield "pays_travel", _("Nobody knows who pays travel.")


def _contact(version):
    if not version.original_language_id:
        yield "original_language", _("Say in which language this text is written.")


def _links(version):
    for link in broken_links_of(version):
        yield "links", _("This address did not answer when it was last tried: %(address)s") % {"address": link.url}


def _is(term, *codes):
    return term is not None and any(term.is_within(code) for code in codes)


def _is_material_only(version):
    return version.delivery_modes == [DeliveryMode.MATERIAL_ONLY]


def _needs_a_journey(version):
    return bool(set(version.delivery_modes) - {DeliveryMode.MATERIAL_ONLY, DeliveryMode.REMOTE})
