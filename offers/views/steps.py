"""What views that take a step have in common."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from offers.models import StaleEdit, StepNotAllowed


def posted(request):
    """The data for a form: an empty POST is an answer too."""
    return request.POST if request.method == "POST" else None


def sent_number(text):
    """The whole number that was sent, or None; what is too long for any key is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def in_words(refusal):
    """Why a step was refused, as a sentence for the person."""
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)


def take_step(request, step, done, page="offers:start", *arguments):
    """Take the step, tell the person how it went, and lead to the page: the desk, unless another is named."""
    try:
        step()
    except StepNotAllowed as refusal:
        messages.warning(request, str(refusal))
    except StaleEdit:
        messages.warning(
            request, _("Nothing changed: somebody else has saved or submitted this offer. Please try again.")
        )
    else:
        messages.success(request, done)
    return redirect(page, *arguments)
