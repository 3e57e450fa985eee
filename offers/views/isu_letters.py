"""Letters that have not arrived, as the ISU sees them: whom they were for and what about, never what they say."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.access import isu_only
from offers import undelivered
from offers.models import OutgoingMail

from .steps import take_step


@isu_only
@require_safe
def letters(request):
    unsettled, late = OutgoingMail.objects.unsettled(), undelivered.late()
    context = {
        "given_up": undelivered.rows(unsettled),
        "given_up_count": unsettled.count(),
        "late": undelivered.rows(late),
        "late_count": late.count(),
        "offices": undelivered.offices_without_mailbox(),
        "settled": undelivered.rows(undelivered.recently_settled()),
        "figures": undelivered.figures(),
        "days": undelivered.SHOWN_DAYS,
    }
    return render(request, "offers/isu_letters.html", context)


@isu_only
@require_POST
def send_letter_again(request, pk):
    mail = get_object_or_404(OutgoingMail.objects.given_up(), pk=pk)
    return take_step(request, mail.try_again, _("The letter is sent again within a minute."), "offers:letters")


@isu_only
@require_POST
def settle_letter(request, pk):
    mail = get_object_or_404(OutgoingMail.objects.given_up(), pk=pk)
    return take_step(
        request, lambda: mail.settle(by=request.user), _("The letter is noted as seen to."), "offers:letters"
    )
