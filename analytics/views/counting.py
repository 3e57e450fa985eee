"""What is counted, told to those who are counted, and how not to be followed."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ..recording.exclusions import is_marked
from ..recording.middleware import set_mark
from ..terms import TERMS


# Without a token: it would need a cookie, and all that a forged form could do is to change how one browser is counted.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def counting(request):
    if request.method == "POST":
        response = HttpResponseRedirect(f"{request.path}#followed", status=303)
        if "again" in request.POST:
            response.delete_cookie(settings.OPT_OUT_COOKIE_NAME, samesite="Lax")
        else:
            set_mark(response, settings.OPT_OUT_COOKIE_NAME)
        return response
    context = {
        "opted_out": is_marked(request, settings.OPT_OUT_COOKIE_NAME),
        "key_days": settings.ANALYTICS_REBUILD_DAYS,
        "event_days": settings.ANALYTICS_EVENT_DAYS,
        "quarantine_days": settings.ANALYTICS_QUARANTINE_DAYS,
        "terms": TERMS,
    }
    response = render(request, "analytics/counting.html", context)
    patch_vary_headers(response, ["Cookie"])
    return response
