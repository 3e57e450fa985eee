"""The bulletin: written and sent by the ISU, read by everybody."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_http_methods, require_POST, require_safe

from contacts.access import isu_only
from contacts.models import language_tag
from offers import bulletin_feed, feeds
from offers.bulletins import NO_LONGER_AVAILABLE, letter_of, next_period, read, readers
from offers.forms.bulletins import ChoiceForm, NoteForm, PeriodForm
from offers.html_part import CONTENT_SECURITY_POLICY, html_of
from offers.models import Bulletin, StaleEdit, StepNotAllowed
from offers.models.bulletins import FIRST_LANGUAGE, NOTHING_TO_SEND
from offers.word import as_download

from .steps import posted, sent_number

# For everybody


@login_not_required
@require_safe
def bulletin_list(request):
    return render(
        request, "offers/bulletin_list.html", {"bulletins": Bulletin.objects.sent().prefetch_related("notes")}
    )


@login_not_required
@require_safe
def bulletin(request, number):
    return _page(request, _sent(number))


@login_not_required
@require_safe
def bulletin_text(request, number):
    return _text(_sent(number))


@login_not_required
@require_safe
def bulletin_word(request, number):
    return _word(_sent(number), f"bulletin-{number}.docx")


@login_not_required
@require_safe
@conditional_page
def bulletin_atom(request):
    newest = Bulletin.objects.sent()[: bulletin_feed.MOST]
    return HttpResponse(bulletin_feed.atom(read(newest)), content_type=feeds.CONTENT_TYPE)


def _sent(number):
    return get_object_or_404(Bulletin.objects.sent(), number=number)


def _page(request, bulletin):
    [contents] = read([bulletin])
    context = {
        "bulletin": bulletin,
        "contents": contents,
        "no_longer_available": NO_LONGER_AVAILABLE,
        "noindex": not bulletin.is_sent,
    }
    return render(request, "offers/bulletin_detail.html", context)


def _text(bulletin):
    [contents] = read([bulletin])
    response = HttpResponse(contents.text, content_type="text/plain; charset=utf-8")
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _word(bulletin, filename):
    [contents] = read([bulletin])
    return as_download(contents.in_word(), filename)


# The desk of the ISU


@isu_only
@require_http_methods(["GET", "HEAD", "POST"])
def isu_bulletins(request):
    """Those that are sent, the drafts, and a new one."""
    form = PeriodForm(posted(request), initial=dict(zip(("first_day", "last_day"), next_period(), strict=True)))
    if form.is_valid():
        return redirect(Bulletin.begin_once(by=request.user, **form.period))
    context = {
        "form": form,
        "drafts": Bulletin.objects.drafts().select_related("created_by").prefetch_related("notes"),
        "sent": Bulletin.objects.sent()
        .annotate(letter_count=Count("letters"))
        .select_related("sent_by")
        .prefetch_related("notes"),
    }
    return render(request, "offers/isu_bulletins.html", context)


@isu_only
@require_http_methods(["GET", "HEAD", "POST"])
def isu_bulletin(request, pk):
    """Its notes, its period and what it names."""
    bulletin = _written(pk)
    if request.method != "POST":
        return redirect(bulletin) if bulletin.is_sent else _desk_page(request, bulletin, ChoiceForm(bulletin))
    form = ChoiceForm(bulletin, request.POST)
    if not form.is_valid():
        return _desk_page(request, bulletin, form)
    try:
        bulletin.save_choice(seen=form.cleaned_data["edit_number"], offers=form.chosen, **form.period)
    except (StaleEdit, StepNotAllowed):
        theirs = _written(pk)
        again = ChoiceForm(theirs, _with_number(request.POST, theirs))
        again.is_valid()
        return _desk_page(request, theirs, again, theirs=theirs, status=409)
    messages.success(request, _("The bulletin is saved."))
    return redirect("offers:isu_bulletin", pk)


@isu_only
@require_http_methods(["GET", "HEAD", "POST"])
def isu_bulletin_note(request, pk, code):
    """What the ISU says, in one language beside the English."""
    bulletin = _written(pk)
    if code not in dict(settings.LANGUAGES):
        raise Http404
    if request.method != "POST":
        if bulletin.is_sent or (code != FIRST_LANGUAGE and FIRST_LANGUAGE not in bulletin.notes_by_language):
            return redirect("offers:isu_bulletin", pk)
        return _note_page(request, NoteForm(bulletin, code))
    form = NoteForm(bulletin, code, request.POST)
    if not form.is_valid():
        return _note_page(request, form)
    try:
        bulletin.save_note(seen=form.cleaned_data["edit_number"], language=code, **form.typed)
    except (StaleEdit, StepNotAllowed):
        theirs = _written(pk)
        again = NoteForm(theirs, code, _with_number(request.POST, theirs))
        again.is_valid()
        return _note_page(request, again, theirs=theirs, status=409)
    messages.success(request, _("The note is saved."))
    return redirect("offers:isu_bulletin", pk)


def _written(pk):
    return get_object_or_404(Bulletin.objects.prefetch_related("notes", "offers"), pk=pk)


def _with_number(posted, theirs):
    """What was typed, over what is saved now."""
    data = posted.copy()
    data["edit_number"] = theirs.edit_number
    return data


def _desk_page(request, bulletin, form, *, status=200, **context):
    written = bulletin.notes_by_language
    # English first, which all others rest on.
    languages = sorted(settings.LANGUAGES, key=lambda language: language[0] != FIRST_LANGUAGE)
    context |= {
        "bulletin": bulletin,
        "form": form,
        # Each language, its note, and whether one can be written in it now.
        "notes": [
            (code, language_tag(code), name, written.get(code), code == FIRST_LANGUAGE or FIRST_LANGUAGE in written)
            for code, name in languages
        ],
    }
    return render(request, "offers/isu_bulletin.html", context, status=status)


def _note_page(request, form, *, status=200, **context):
    code = form.language
    context |= {
        "bulletin": form.bulletin,
        "form": form,
        "language": dict(settings.LANGUAGES)[code],
        "tag": language_tag(code),
        "english": form.bulletin.notes_by_language.get(FIRST_LANGUAGE) if code != FIRST_LANGUAGE else None,
    }
    return render(request, "offers/isu_bulletin_note.html", context, status=status)


# As it will be


def _draft(pk):
    return get_object_or_404(Bulletin.objects.drafts(), pk=pk)


@isu_only
@require_safe
def bulletin_preview(request, pk):
    """The page as the public will see it, in the language in use."""
    return _page(request, _draft(pk))


@isu_only
@require_safe
def bulletin_letter(request, pk):
    """The letter as subscribers get it."""
    [contents] = read([_draft(pk)])
    subject, text = letter_of(contents)
    return render(
        request, "offers/isu_bulletin_letter.html", {"bulletin": contents.bulletin, "subject": subject, "text": text}
    )


@isu_only
@require_safe
def bulletin_letter_html(request, pk):
    """The same as mail programs show it."""
    [contents] = read([_draft(pk)])
    return HttpResponse(html_of(*letter_of(contents)), headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


@isu_only
@require_safe
def bulletin_draft_text(request, pk):
    return _text(_draft(pk))


@isu_only
@require_safe
def bulletin_draft_word(request, pk):
    return _word(_draft(pk), "bulletin-draft.docx")


# Steps


@isu_only
@require_http_methods(["GET", "HEAD", "POST"])
def send_bulletin(request, pk):
    """To how many it goes, and the button."""
    bulletin = get_object_or_404(Bulletin, pk=pk)
    if request.method == "POST":
        try:
            bulletin.send(by=request.user, seen=sent_number(request.POST.get("seen", "")))
        except StepNotAllowed as refusal:
            messages.warning(request, str(refusal))
        except StaleEdit:
            messages.warning(
                request,
                _("Nothing is sent: somebody has changed this bulletin since you read it. Please read it again."),
            )
            return redirect("offers:send_bulletin", pk)
        else:
            messages.success(
                request, _("The bulletin is sent. Its page is public now, and the letters are written within the hour.")
            )
        return redirect("offers:isu_bulletins")
    if bulletin.is_sent:
        return redirect(bulletin)
    [contents] = read([bulletin])
    context = {
        "bulletin": bulletin,
        "contents": contents,
        "reader_count": readers().count(),
        "nothing_to_send": NOTHING_TO_SEND,
    }
    return render(request, "offers/isu_bulletin_send.html", context)


@isu_only
@require_POST
def discard_bulletin(request, pk):
    bulletin = get_object_or_404(Bulletin, pk=pk)
    try:
        bulletin.discard(seen=sent_number(request.POST.get("seen", "")))
    except StepNotAllowed as refusal:
        messages.warning(request, str(refusal))
    except StaleEdit:
        messages.warning(
            request,
            _("Nothing changed: somebody has saved this bulletin since you opened it. Please look at it again."),
        )
        return redirect("offers:isu_bulletin", pk)
    else:
        messages.success(request, _("The draft is gone."))
    return redirect("offers:isu_bulletins")
