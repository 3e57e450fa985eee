"""Alerts: visitors ask for news by e-mail, confirm the address, and change or stop what they get by a link."""

from functools import partial

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from offers import alerts
from offers.filters import OfferFilter, catalogue_url
from offers.models import Alert, SignUp, Subscriber
from offers.signed_links import LinkExpired, reached_by_signed_link
from offers.visitor_forms import LinkForm, SignUpForm, WishesForm

from .steps import posted, sent_number
from .visitors import form_page

LONGEST_LIST = Alert._meta.get_field("parameters").max_length


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request):
    """For the list that the address names, or for all offers; `bulletin` in the address ticks the bulletin instead."""
    chosen = OfferFilter(request.GET)
    # The order of the list makes no difference to what is new in it.
    parameters = chosen.parameters(sort="").urlencode()
    page = {
        "list": chosen.in_words,
        "ignored": bool(set(chosen.ignored) - {"sort"}),
        "too_long": len(parameters) > LONGEST_LIST,
        "back": f"{catalogue_url()}?{parameters}" if parameters else catalogue_url(),
    }
    wanted = "bulletin" if "bulletin" in request.GET and not parameters else "offers"
    initial = {"language": get_language(), "wanted": [wanted]}
    data = None if page["too_long"] else posted(request)
    form = SignUpForm(data, initial=initial, is_narrowed=bool(parameters))
    return form_page(
        request, form, "offers/alert_form.html", page, kind="sign_up", email="email",
        receive=partial(_receive, form, parameters), sent=reverse("offers:alerts_sent"),
    )  # fmt: skip


def _receive(form, parameters):
    said = form.cleaned_data
    return SignUp.receive(
        key=form.key,
        email=said["email"],
        language=said["language"],
        frequency=said["frequency"],
        bulletin="bulletin" in said["wanted"],
        parameters=parameters if "offers" in said["wanted"] else None,
    )


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_link(request):
    """A letter with the link to what an address gets; whether it gets anything, only its owner learns."""
    form = LinkForm(posted(request))
    return form_page(
        request, form, "offers/alert_link_form.html", {}, kind="sign_up", email="email",
        receive=partial(_send_link, form), sent=reverse("offers:alerts_sent"),
    )  # fmt: skip


def _send_link(form):
    alerts.send_link(form.cleaned_data["email"], get_language())
    return True


@login_not_required
@require_safe
def sent(request):
    """The same for every address."""
    return render(request, "offers/alert_sent.html", {"noindex": True})


@reached_by_signed_link("offers/alert_link_failed.html")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request, token):
    sign_up = SignUp.objects.by_token(alerts.token_of(token)).first()
    if sign_up is None:
        raise LinkExpired
    subscriber = sign_up.confirm() if request.method == "POST" and not sign_up.used_at else None
    if subscriber is None and SignUp.objects.filter(pk=sign_up.pk, used_at__isnull=False).exists():
        return render(request, "offers/alert_link_failed.html", {"used": True, "noindex": True}, status=410)
    context = {
        "sign_up": sign_up,
        "list": None if sign_up.parameters is None else alerts.in_words(sign_up.parameters),
        "manage": reverse("offers:alerts_manage", args=[alerts.link_of(subscriber)]) if subscriber else "",
        "next_day": subscriber and subscriber.next_digest_on,
        "noindex": True,
    }
    return render(request, "offers/alert_confirm.html", context)


@reached_by_signed_link("offers/alert_link_failed.html")
@require_http_methods(["GET", "HEAD", "POST"])
def manage(request, token):
    """What an address gets, to change it or to stop it."""
    subscriber = alerts.subscriber_of(token)
    if subscriber is None:
        return _stopped(request)
    form, done = WishesForm(initial=_wishes(subscriber)), ""
    try:
        if key := sent_number(request.POST.get("stop", "")):
            subscriber.stop_alert(key)
            done = _("You are no longer told of that list.")
        elif request.method == "POST":
            form = WishesForm(request.POST)
            if form.is_valid():
                subscriber.change(**form.cleaned_data)
                done = _("Your changes are saved.")
    except Subscriber.DoesNotExist:
        subscriber.pk = None
    if subscriber.pk is None:
        return _stopped(request)
    context = {
        "form": form,
        "done": done,
        "subscriber": subscriber,
        "lists": [(alert.pk, *alerts.described(alert.parameters)) for alert in subscriber.alerts.all()],
        "token": token,
        "noindex": True,
    }
    return render(request, "offers/alert_manage.html", context)


def _wishes(subscriber):
    return {name: getattr(subscriber, name) for name in WishesForm.base_fields}


@reached_by_signed_link("offers/alert_link_failed.html")
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request, token):
    """Stops all letters: by the button of the page, or of a mail program, which sends no cookie (RFC 8058).

    To open the address changes nothing: programs that look through mails follow links.
    """
    subscriber = alerts.subscriber_of(token)
    if subscriber and request.method == "POST":
        try:
            subscriber.stop_all()
        except Subscriber.DoesNotExist:
            pass  # pressed twice
        subscriber = None
    if subscriber is None:
        return _stopped(request)
    manage = reverse("offers:alerts_manage", args=[token])
    context = {"subscriber": subscriber, "manage": manage, "noindex": True}
    return render(request, "offers/alert_unsubscribe.html", context)


def _stopped(request):
    return render(request, "offers/alert_stopped.html", {"noindex": True})
