"""Every public page says whether it is counted."""

from django.contrib.auth.decorators import login_not_required
from django.core.checks import run_checks
from django.http import HttpResponse
from django.urls import get_resolver, include, path

from analytics.recording.actions import ACTIONS, NOT_COUNTED


@login_not_required
def public(request):
    return HttpResponse()


def private(request):
    return HttpResponse()


def problems(settings, *patterns):
    settings.ROOT_URLCONF = type("urls", (), {"urlpatterns": list(patterns)})
    return [error.msg for error in run_checks(tags=["urls"]) if error.id == "analytics.E001"]


def test_all_pages_of_the_portal_are_declared():
    assert [error for error in run_checks(tags=["urls"]) if error.id == "analytics.E001"] == []


def test_a_public_page_that_is_not_declared_fails_the_check(settings):
    [problem] = problems(settings, path("new/", public, name="new"))

    assert "'new/' (new)" in problem


def test_a_public_page_below_a_namespace_is_found(settings):
    part = ([path("new/", public, name="new")], "offers")
    [problem] = problems(settings, path("part/", include(part)))

    assert "'part/new/' (offers:new)" in problem


def test_a_public_page_without_a_name_fails_the_check(settings):
    [problem] = problems(settings, path("new/", public))

    assert "without a name" in problem


def test_declared_and_private_pages_pass(settings):
    patterns = [
        path("healthz", public, name="healthz"),
        path("desk/", private, name="desk"),
        path("login/", public, name="account_login"),
        path("", include(([path("about/", public, name="about")], "offers"))),
    ]

    assert problems(settings, *patterns) == []


def test_no_name_is_declared_twice_or_for_nothing():
    assert not NOT_COUNTED & set(ACTIONS)
    for name in NOT_COUNTED | set(ACTIONS):
        resolver = get_resolver()
        namespace, _colon, short = name.rpartition(":")
        if namespace:
            resolver = resolver.namespace_dict[namespace][1]
        assert short in resolver.reverse_dict
