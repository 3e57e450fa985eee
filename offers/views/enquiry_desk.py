"""Enquiries at the desks: focal points answer those of their State, the ISU sees to all."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from contacts.access import focal_points_only, isu_only, writers_only
from contacts.spreadsheet import BYTE_ORDER_MARK, csv_text
from offers import enquiry_letters, routing
from offers.enquiry_figures import enquiry_figures, lessons
from offers.enquiry_log import Reader, log_of
from offers.filters import catalogue_url
from offers.forms.enquiry_desk import CloseForm, RefuseForm, TelephoneForm
from offers.models import Actor, Enquiry, EnquiryLevel, EnquiryStatus, StepNotAllowed
from offers.models.enquiry_choices import NO_OUTCOME
from offers.search import facets

from .enquiry_steps import AnsweringSteps, Steps
from .steps import posted

ON_PAGE = 50
LESSONS_SHOWN = 100
# Fields of the ISU's own steps of which nothing typed may be lost.
TYPED = ("reason", "helped", "missing")

# Lists


@focal_points_only
@require_safe
def enquiry_list(request):
    """Those to the own State, what waits for it first; and, apart, the copies that senders from it have agreed to."""
    state = request.user.state
    to_state, copied = Enquiry.objects.of_state(state), Enquiry.objects.copied_to(state)
    shows_copies = request.GET.get("show") == "copied"
    waiting = to_state.with_office_of(state).waiting()
    listed = copied if shows_copies else to_state.exclude(pk__in=waiting.order_by().values("pk"))
    page = _page(request, listed)
    context = {
        "state": state,
        "shows_copies": shows_copies,
        "count": to_state.count(),
        "copied_count": copied.count(),
        "waiting": None if shows_copies else _first(waiting),
        "page_obj": page,
        "paginator": page.paginator,
        "figures": None if shows_copies else enquiry_figures(to_state),
    }
    return render(request, "offers/enquiry_list.html", context)


def _first(enquiries):
    """Those to be seen to before all others."""
    return Paginator(enquiries.with_subject(), ON_PAGE).page(1)


def _page(request, enquiries):
    return Paginator(enquiries.with_subject(), ON_PAGE).get_page(request.GET.get("page"))


def _lists():
    """The lists of the ISU beside what it has to do itself: {name: (what they hold, condition)}."""
    waits = Q(pk__in=Enquiry.objects.waiting().exclude(level=EnquiryLevel.ISU).order_by().values("pk"))
    late = waits & Q(due_on__lt=timezone.localdate())
    return {
        "waiting": (_("Waiting for an office"), waits),
        "late": (_("Past the promised day"), late),
        "answered": (_("Answered, not closed yet"), Q(status=EnquiryStatus.ANSWERED, closed_at=None)),
        "matched": (_("Match confirmed by both sides"), Q(matched_at__isnull=False)),
        "closed": (_("Closed without a match"), Q(closed_at__isnull=False, matched_at=None)),
    }


@isu_only
@require_safe
def isu_enquiries(request):
    """What is held and what is with the ISU, then all others: by their clock if they wait, else the last first."""
    lists, known = _lists(), Enquiry.objects.visible_to(request.user)
    show = request.GET.get("show")
    show = show if show in lists else "waiting"
    counts = known.aggregate(**{name: Count("pk", filter=condition) for name, (_label, condition) in lists.items()})
    listed = known.filter(lists[show][1])
    page = _page(request, listed.waiting() if show in {"waiting", "late"} else listed)
    context = {
        "held": _first(Enquiry.objects.held()),
        "at_isu": _first(Enquiry.objects.waiting().filter(level=EnquiryLevel.ISU)),
        "lists": [(name, label, counts[name]) for name, (label, _condition) in lists.items()],
        "show": show,
        "shown": lists[show][0],
        "page_obj": page,
        "paginator": page.paginator,
    }
    return render(request, "offers/isu_enquiries.html", context)


# Figures


@isu_only
@require_safe
def isu_enquiry_figures(request):
    context = {"figures": enquiry_figures(), "lessons": lessons(LESSONS_SHOWN)}
    return render(request, "offers/isu_enquiry_figures.html", context)


@isu_only
@require_safe
def isu_enquiry_figures_csv(request):
    return HttpResponse(
        BYTE_ORDER_MARK + csv_text(_csv_rows(enquiry_figures())),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="enquiries-{timezone.localdate():%Y-%m-%d}.csv"'},
    )


def _csv_rows(figures):
    yield [_("What has become of enquiries")]
    yield [_("As of"), timezone.localdate().isoformat()]
    yield []
    yield [_("Figure"), _("Value"), _("Definition")]
    for label, definition, value in figures.all:
        yield [label, value, definition]
    for _name, caption, subject, rows in figures.tables:
        yield []
        yield [caption]
        yield [subject, *(column["label"] for column in figures.columns)]
        for label, numbers in rows:
            yield [label, *numbers]


# One enquiry


class DeskSteps(AnsweringSteps):
    """Those of the side that is asked. For an office the ISU may answer, but what it has heard comes by telephone."""

    def _allows(self, step):
        by_isu_for_office = self.actor.user.is_isu and self.enquiry.level != EnquiryLevel.ISU
        if by_isu_for_office and step in {"acknowledge", "outcome"}:
            return False
        return super()._allows(step)


class IsuSteps(Steps):
    """What the ISU alone may do; shown and taken in the way of `AnsweringSteps`."""

    forms_of = {"refuse": RefuseForm, "close": CloseForm, "telephone": TelephoneForm}
    thanks = {
        "release": gettext_lazy("The enquiry is passed on, and its sender is told."),
        "refuse": gettext_lazy("The enquiry is not passed on."),
        "close": gettext_lazy("The enquiry is closed."),
        "telephone": gettext_lazy("What you were told is noted."),
    }

    def __init__(self, enquiry, by, data=None):
        self.enquiry, self.by, self.data = enquiry, by, data
        self.step = data.get("step", "") if data else ""
        self._look()

    @property
    def is_sent(self):
        return self.step in self.thanks

    @property
    def forms(self):
        return [form for form in (self.refuse, self.close, self.telephone) if form]

    def take(self):
        """Take the step that was sent. Returns whether it is taken."""
        form_class = self.forms_of.get(self.step)
        form = getattr(self, self.step, None) or (form_class and form_class(self.data, prefix=self.step))
        if form and not form.is_valid():
            return False
        try:
            self._do(form.cleaned_data if form else {})
        except StepNotAllowed as refused:
            self.refusal = str(refused)
            self.unsent = "\n\n".join(filter(None, (form.cleaned_data.get(name) for name in TYPED))) if form else ""
            self.enquiry.refresh_from_db()
            self._look()
            return False
        self.done = str(self.thanks[self.step])
        return True

    def _look(self):
        enquiry = self.enquiry
        is_passed_on = enquiry.passed_on_at is not None and enquiry.status not in NO_OUTCOME
        self.may_release = enquiry.status == EnquiryStatus.HELD and enquiry.closed_at is None
        self.refuse = self._form("refuse", self.may_release)
        self.close = self._form("close", is_passed_on and enquiry.closed_at is None)
        self.telephone = self._form("telephone", is_passed_on and enquiry.erased_at is None)

    def _form(self, step, is_open):
        """The form, holding what was sent with it; None if there is no such step now."""
        sent = self.data if step == self.step and not self.refusal else None
        return self.forms_of[step](sent, prefix=step) if is_open else None

    def _do(self, said):
        if self.step == "telephone":
            self.enquiry.record_outcome(actor=Actor(self.by), by_telephone=True, **said)
        else:
            getattr(self.enquiry, self.step)(by=self.by, **said)


@writers_only
@require_http_methods(["GET", "HEAD", "POST"])
def enquiry(request, reference):
    """For the focal points of the State that is asked, for those that have a copy, and for the ISU."""
    user = request.user
    enquiry = get_object_or_404(Enquiry.objects.visible_to(user).with_subject(), reference=reference)
    if not Enquiry.objects.answerable_by(user).filter(pk=enquiry.pk).exists():
        return _copy(request, enquiry)
    places = routing.all_places(enquiry) if user.is_isu else None
    steps = DeskSteps(enquiry, Actor(user), posted(request), places=places)
    isu_steps = IsuSteps(enquiry, user, posted(request)) if user.is_isu else None
    taken = isu_steps if isu_steps and isu_steps.is_sent else steps
    if request.method == "POST" and taken.take():
        messages.success(request, taken.done)
        return redirect(enquiry)
    context = {
        "enquiry": enquiry,
        "is_isu": user.is_isu,
        "expected": _what_is_expected(enquiry) if user.is_isu else "",
        "taken": taken,
        "steps": steps,
        "isu_steps": isu_steps,
        "address": enquiry_letters.mailbox_of(enquiry, Actor(user)),
        "holders": enquiry.current_holders,
        "log": log_of(enquiry, Reader.ISU if user.is_isu else Reader.OFFICE),
        "outcomes": enquiry.outcomes.all() if user.is_isu else None,
        "offer_page": _page_of_offer(enquiry, user),
        "fitting": _fitting_offers(enquiry) if user.is_isu and enquiry.is_waiting else "",
    }
    return render(request, "offers/enquiry.html", context, status=taken.status)


def _what_is_expected(enquiry):
    """Of the ISU, as long as somebody is to answer."""
    if not enquiry.is_waiting:
        return ""
    if enquiry.level != EnquiryLevel.ISU:
        return _(
            "Those above are to answer; if they do not, the enquiry moves on by itself after the promised day. You can "
            "answer for them, or hand it over to others."
        )
    if enquiry.is_need:
        return _("Look for an offer that may fit, and hand the need over to an office that can help; or answer it.")
    return _("You are to answer, or to hand it over to an office that can help.")


def _copy(request, enquiry):
    """For the authority of the sender: to be read."""
    if request.method == "POST":
        raise PermissionDenied
    context = {
        "enquiry": enquiry,
        "is_copy": True,
        "holders": enquiry.current_holders,
        "log": log_of(enquiry, Reader.COPIED),
        "offer_page": _page_of_offer(enquiry, None),
    }
    return render(request, "offers/enquiry.html", context)


def _page_of_offer(enquiry, user):
    """Where the reader finds the offer that is asked for, if it is one."""
    offer = enquiry.offer
    if offer is None:
        return ""
    if user and user.is_isu:
        return reverse("offers:isu_offer", args=[offer.reference])
    if user and user.state == offer.state:
        return reverse("offers:versions", args=[offer.reference])
    return offer.get_absolute_url()


def _fitting_offers(enquiry):
    """The catalogue, narrowed to what is asked for and to where it is needed."""
    where = enquiry.country or enquiry.asker_state
    wanted = [
        (facets.AREA, enquiry.area and enquiry.area.code),
        (facets.FORM, enquiry.form and enquiry.form.code),
        (facets.RECIPIENT, where and where.is_party() and where.iso3),
    ]
    return catalogue_url(*((name, value) for name, value in wanted if value))
