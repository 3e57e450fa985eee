"""Where the ISU lands after signing in: what to do now, and the way to everything else."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts.access import isu_only
from offers.isu_work import duties
from offers.models import Subscriber


@isu_only
@require_safe
def isu_home(request):
    context = {"duties": duties(), "kept_posts": request.user.kept_posts.all()}
    context |= Subscriber.objects.figures()
    return render(request, "offers/isu_home.html", context)
