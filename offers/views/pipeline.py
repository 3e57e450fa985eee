"""What happens to enquiries, for everybody: the way each one goes, and how far they have come, in rounded figures."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from offers.enquiry_figures import SMALLEST_PUBLIC, public_pipeline


@login_not_required
@require_safe
def pipeline(request):
    """Kept like other public pages: its figures are those of yesterday evening, so they change once a day."""
    context = {
        "stages": public_pipeline(),
        "until": timezone.localdate() - timedelta(days=1),
        "smallest": SMALLEST_PUBLIC,
        "confirm_days": settings.ENQUIRY_CONFIRM_DAYS,
        "working_days": settings.ISU_REPLY_WORKING_DAYS,
        "first_question": settings.ENQUIRY_FIRST_QUESTION_DAYS,
        "last_question": settings.ENQUIRY_LAST_QUESTION_DAYS,
        "closes": settings.ENQUIRY_CLOSES_DAYS,
        "kept": settings.ENQUIRY_KEPT_DAYS,
    }
    return render(request, "offers/pipeline.html", context)
