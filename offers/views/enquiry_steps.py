"""The steps of the side that is asked: the same on the page behind a link and at the desks."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from offers import routing
from offers.forms.enquiries import AnswerForm, DeclineForm, HandOverForm, OutcomeForm
from offers.models import EnquiryAct, EnquiryStatus, Side, StepNotAllowed

# Each step with its line in the log, the field for its text, and the thanks for it.
STEPS = {
    "acknowledge": (
        EnquiryAct.ACKNOWLEDGED, "", gettext_lazy("Thank you. The sender is told that the enquiry has been received."),
    ),
    "answer": (EnquiryAct.ANSWERED, "text", gettext_lazy("Thank you. Your answer is on its way to the sender.")),
    "answered_by_mail": (EnquiryAct.ANSWERED, "", gettext_lazy("Thank you. It is noted that you have answered.")),
    "decline": (
        EnquiryAct.DECLINED, "reason", gettext_lazy("Thank you. The sender is told why the enquiry cannot be met."),
    ),
    "hand_over": (
        EnquiryAct.HANDED_OVER, "note", gettext_lazy("Thank you. The enquiry is handed over, and the sender is told."),
    ),
    "outcome": (
        EnquiryAct.OUTCOME, "", gettext_lazy("Thank you. What came of the enquiry is noted; you can change it later."),
    ),
}  # fmt: skip
# Lines that follow from a step.
FOLLOWING = [EnquiryAct.MATCHED, EnquiryAct.CLOSED]


class Steps:
    """What the page says of the steps that somebody may take at an enquiry, and of the one that was sent."""

    done = refusal = unsent = ""
    forms = ()  # those that are on the page

    @property
    def has_errors(self):
        return any(form.errors for form in self.forms)

    @property
    def status(self):
        """Of the page that follows."""
        return 409 if self.refusal else 200


class AnsweringSteps(Steps):
    """What `actor` may do with an enquiry, with the form of each step, and what has just been done.

    What was sent names its step in the field `step`. What was typed stays: in its form when that has an error, in
    `unsent` when somebody else was faster.
    """

    def __init__(self, enquiry, actor, data=None, *, places=None):
        """`places` are the destinations to choose from, if they are not those of whoever holds the enquiry."""
        self.enquiry, self.actor, self.data, self._places = enquiry, actor, data, places
        self.step = "" if data is None else data.get("step", "")
        self._look()

    @property
    def forms(self):
        return [form for form in (self.answer, self.decline, self.hand_over, self.outcome) if form]

    def take(self):
        """Take the step that was sent. Returns whether it is taken: now, or by an earlier press of the button."""
        if self.step not in STEPS:
            self.refusal = _("Nothing has changed yet. Please read the page again, then press the button.")
            return False
        act, field, thanks = STEPS[self.step]
        form = self._sent_form()
        said = form.cleaned_data if form and form.is_valid() else {}
        refusal = ""
        if not self._allows(self.step):
            refusal = _("Nothing changed: somebody was faster. This page shows how the enquiry stands now.")
        elif form is None or form.is_valid():
            try:
                self._do(said)
            except StepNotAllowed as refused:
                refusal = str(refused)
        else:
            return False
        text = form.cleaned_data.get(field, "") if form else ""
        if refusal and not self._is_done_already(act, text):
            self.refusal, self.unsent = refusal, self.data.get(field, "")
        else:
            self.done = str(thanks)
        self.step = ""
        self.enquiry.refresh_from_db()
        self._look()
        return bool(self.done)

    def _look(self):
        """How it stands now, and which steps that allows."""
        enquiry = self.enquiry
        self.is_mine = enquiry.is_waiting and enquiry.is_with(self.actor)
        self.places = []
        if self.is_mine:
            self.places = routing.places(enquiry) if self._places is None else self._places
        self.may_acknowledge = self._allows("acknowledge")
        self.answer = self._form("answer", AnswerForm)
        self.decline = self._form("decline", DeclineForm)
        self.hand_over = self._form("hand_over", HandOverForm, places=self.places)
        self.outcome = self._form("outcome", OutcomeForm, initial=self._said_before())
        self.others = enquiry.current_holders.count() > 1 if self.is_mine else False

    def _allows(self, step):
        if step in ("answer", "answered_by_mail"):
            # Even of those who had it before.
            return self.enquiry.is_waiting
        if step == "acknowledge":
            return self.is_mine and self.enquiry.status == EnquiryStatus.OPEN
        if step == "hand_over":
            return bool(self.places)
        return self.is_mine if step == "decline" else self.enquiry.may_have_outcome

    def _form(self, step, form_class, **options):
        """The form, holding what was sent with it; None if there is no such step now."""
        return form_class(self.data if self.step == step else None, **options) if self._allows(step) else None

    def _sent_form(self):
        """The form that was sent, whether or not it is still on the page; None for a step without one."""
        classes = {"answer": AnswerForm, "decline": DeclineForm, "outcome": OutcomeForm}
        if self.step == "hand_over":
            return self.hand_over or HandOverForm(self.data, places=[])
        return getattr(self, self.step) or classes[self.step](self.data) if self.step in classes else None

    def _said_before(self):
        """What the side has said; the words, which are for the ISU alone, only to whoever has written them."""
        said = self.enquiry.latest_outcome(Side.OFFICE) if self.enquiry.may_have_outcome else None
        if said is None:
            return None
        step = self.enquiry.steps.filter(act=EnquiryAct.OUTCOME, side=Side.OFFICE).last()
        is_own = step and (step.by_id, step.contact_point_id) == (
            getattr(self.actor.user, "pk", None), getattr(self.actor.office, "pk", None),
        )  # fmt: skip
        names = ("kind", "helped", "missing") if is_own else ("kind",)
        return {name: getattr(said, name) for name in names}

    def _do(self, said):
        enquiry = self.enquiry
        if self.step == "answered_by_mail":
            enquiry.answer(actor=self.actor)
        elif self.step == "outcome":
            enquiry.record_outcome(side=Side.OFFICE, actor=self.actor, **said)
        else:
            getattr(enquiry, self.step)(actor=self.actor, **said)

    def _is_done_already(self, act, text):
        """Is it the last thing that happened, by the same hand? Then the button was pressed twice."""
        last = self.enquiry.steps.exclude(act__in=FOLLOWING).last()
        return (last.act, last.reason, last.by, last.contact_point) == (act, text, self.actor.user, self.actor.office)
