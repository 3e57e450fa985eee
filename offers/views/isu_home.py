"""Where the ISU lands after signing in: what to do now, and the way to everything else."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts.access import isu_only
from offers.isu_work import duties


@isu_only
@require_safe
def isu_home(request):
    context = {"duties": duties(by=request.user), "kept_posts": request.user.kept_posts.all()}
    return render(request, "offers/isu_home.html", context)
