from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from django.utils.translation import get_language_from_request
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from . import health, sitemap

handler400 = "platform_portal.errors.bad_request"
handler403 = "platform_portal.errors.permission_denied"
handler404 = "platform_portal.errors.page_not_found"
handler500 = "platform_portal.errors.server_error"


@login_not_required
@require_safe
@vary_on_headers("Accept-Language")
def choose_language(request):
    """Send a visitor of the bare address to the home page in the browser's language."""
    return redirect(f"/{get_language_from_request(request)}/")


@login_not_required
@require_safe
def favicon(request):
    """Where browsers look for the picture on pages that do not name it, such as those of the administration."""
    return redirect(static("img/favicon.svg"))


urlpatterns = [
    path("", choose_language, name="choose_language"),
    path("favicon.ico", favicon, name="favicon"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/v1/", include("offers.api.urls")),
    path("robots.txt", sitemap.robots, name="robots"),
    path("sitemap.xml", sitemap.index, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemap.section, name="sitemap_section"),
]

if settings.ADMIN_ENABLED:
    admin.site.site_header = admin.site.site_title = settings.PORTAL_NAME
    admin.site.login = secure_admin_login(admin.site.login)
    urlpatterns.append(path("admin/", admin.site.urls))

urlpatterns += i18n_patterns(
    path("account/", include("allauth.account.urls")),
    path("", include("contacts.urls")),
    path("", include("offers.urls")),
    path("", include("analytics.urls")),
)
