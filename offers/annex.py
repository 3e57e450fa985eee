"""For States that answer on paper: the list of their offers to confirm, and the form for a new one.

Page and Word document print the same questions, in the order of the editor.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contacts.models import Language, Region, RegionalBody

from .content import COSTS, FIELDSETS, label_of
from .forms.editor import NEEDED
from .models import Area, DeliveryMode, Form, Offer, OfferVersion, Payer
from .records import SAMPLE_LABEL
from .word import BOX, Paper

# Lines to write on, where there is more to say than fits on one.
LINES = {"description": 8, "prerequisites": 3, "contact_points": 3, "recipient_states": 2, "partners": 2, "links": 2}


NO_BREAK = "\u00a0"
MOST_ONE_A_LINE = 12  # choices, in Word


@dataclass(frozen=True)
class Question:
    """One field on paper: boxes to tick, lines to write on, or both; `by_row` asks the choices for each of its rows."""

    label: str
    is_needed: bool
    hint: str
    choices: tuple = ()
    lines: int = 1
    by_row: tuple = ()

    @property
    def rules(self):
        """One for each line to write on, for templates, which cannot count."""
        return range(self.lines)


@dataclass(frozen=True)
class Annex:
    state: object
    offers: list

    @property
    def title(self):
        return _("Annex to a note verbale: offers of assistance by %(state)s") % {"state": self.state.name}

    @property
    def introduction(self):
        return _(
            "Please fill in this annex by hand or in Word and send it with a note verbale to the Implementation "
            "Support Unit of the Convention: %(email)s. Nothing is changed in the portal before the note has arrived."
        ) % {"email": settings.ISU_EMAIL}

    @property
    def answers(self):
        """What can be ticked for each offer."""
        return [_("Still valid"), _("Changed as attached"), _("Withdrawn"), _("Fulfilled")]

    @property
    def to_sign(self):
        return [
            _("Number of the note verbale"),
            _("Date"),
            _("Name and function"),
            _("Signature"),
            _("Stamp"),
        ]

    @property
    def groups(self):
        """The blank form: pairs of a title and its questions."""
        return [(title, [_question(name) for name in _with_costs_together(names)]) for _c, title, names in FIELDSETS]

    @property
    def help_with_form(self):
        return _(
            "Use one form for each offer. The %(count)d answers marked with * are needed; all others may be left out. "
            "For an offer that has changed, give its reference and fill in only what is different."
        ) % {"count": len(NEEDED)}

    def in_word(self):
        paper = Paper(self.title)
        paper.line(self.introduction)
        paper.heading(_("Offers in the catalogue"))
        if self.offers:
            paper.line(_("Please tick one box for each offer."))
            head = [_("Reference and title"), _("Last confirmed"), _("Stands until"), *self.answers]
            rows = [[*row_of(offer), *[BOX] * len(self.answers)] for offer in self.offers]
            paper.table(head, rows, [3.8, 2.5, 2.2, 1.7, 2.5, 2.2, 2.1])
        else:
            paper.line(_("The State has no offers in the catalogue at present."))
        paper.heading(_("Note verbale"))
        paper.facts(((label, "", None) for label in self.to_sign), height=0.9)
        paper.document.add_page_break()
        paper.heading(_("Form for a new or changed offer"))
        paper.line(self.help_with_form)
        paper.facts([(_("Reference, if the offer is in the catalogue"), "", None)], height=0.9)
        for title, questions in self.groups:
            paper.heading(title, 2)
            paper.facts(
                ((_label(question), _space(question), None, question.hint) for question in questions), height=0.9
            )
        paper.line(settings.PORTAL_DISCLAIMER)
        return paper


def annex_of(state):
    """With every offer that is published and has not ended, those included whose last day has passed."""
    offers = Offer.objects.ever_published().filter(state=state, ended_as="")
    return Annex(state, list(offers.select_related("live_version__original_language")))


def row_of(offer):
    """What the list says of an offer, in words."""
    title = f"{offer.reference}\n{offer.live_version.title}"
    if offer.is_sample:
        # No State has confirmed it.
        return [f"{title}\n{SAMPLE_LABEL}", "–", date_format(offer.valid_until)]
    return [title, date_format(offer.confirmed_on), date_format(offer.valid_until)]


def _with_costs_together(names):
    """One question for all cost items."""
    return [name for name in names if name not in COSTS or name == COSTS[0]]


def _question(name):
    if name == COSTS[0]:
        return Question(
            label=_("Who pays what"),
            is_needed=False,
            hint="",
            choices=tuple(str(label) for label in Payer.labels),
            lines=0,
            by_row=tuple(label_of(cost) for cost in COSTS),
        )
    choices = _choices(name)
    # Of a tree only the topmost terms are printed, so there is room for what is meant more exactly.
    lines = LINES.get(name, 1) if not choices or name in {"primary_area", "form", "original_language"} else 0
    return Question(label_of(name), name in NEEDED, str(_hint(name)), choices, lines)


def _choices(name):
    rows = {
        "primary_area": Area.objects.top,
        "form": Form.objects.top,
        "recipient_regions": Region.objects.for_filters,
        "original_language": lambda: Language.objects.filter(un_official=True).in_name_order(),
    }
    if name in rows:
        return tuple(row.name for row in rows[name]())
    if name == "recipient_groups":
        return tuple(group.group_name for group in RegionalBody.objects.groups())
    if name == "delivery_modes":
        return tuple(str(label) for label in DeliveryMode.labels)
    field = None if name in _hints_of_parts() else OfferVersion._meta.get_field(name)
    return tuple(str(label) for value, label in field.choices) if field and field.choices else ()


def _hint(name):
    on_paper = _hints_of_parts() | {
        "primary_area": _("One of these, or more exactly:"),
        "form": _("One of these, or more exactly:"),
        "contact_points": _("For each office: name, e-mail address, telephone, languages."),
    }
    return on_paper.get(name) or OfferVersion._meta.get_field(name).help_text


def _hints_of_parts():
    return {
        "partners": _("State or organisation, and what it does."),
        "links": _("Title and web address."),
        "documents": _("Titles of the documents attached to the note verbale."),
    }


def _label(question):
    return f"{question.label} *" if question.is_needed else question.label


def _space(question):
    """Boxes and lines of a question in Word, where a row grows with what is written into it."""
    # A box and its label stay on one line.
    boxes = [f"{BOX} {choice}".replace(" ", NO_BREAK) for choice in question.choices]
    if question.by_row:
        return "\n".join(f"{row}:\n{'   '.join(boxes)}" for row in question.by_row)
    if len(boxes) > MOST_ONE_A_LINE:
        boxes = ["    ".join(boxes)]
    return "\n".join([*boxes, *[""] * (question.lines - (not boxes))])
