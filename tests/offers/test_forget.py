"""What is kept for a time only."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from analytics.models import Feedback
from contacts.models import KeptPost
from offers import uploads
from offers.management.commands import forget
from offers.models import Bounce, HeldUpload, MistakeReport, OfferImport, OutgoingMail, SignUp, Subscriber
from tests import factories


@pytest.fixture
def everything_due(make_offer, norland, norlander, officer):
    """Of several kinds one that is as old as can be needed, and reports of mistakes three."""
    with time_machine.travel(timezone.now() - timedelta(days=1000)):
        offer = make_offer(status="draft")
        file = SimpleUploadedFile("Plan.pdf", b"%PDF-1.7\n%%EOF\n")
        uploads.hold(file, user=norlander, version=offer.open_version)
        KeptPost.objects.create(user=norlander, path="/en/desk/", data={"fields": {}, "files": []})
        OfferImport.objects.create(state=norland, by=norlander, filename="offers.csv", rows=[])
        for report in factories.MistakeReportFactory.create_batch(3, offer=offer):
            report.handle(by=officer)
        factories.SignUpFactory()
        factories.SubscriberFactory(bounced_at=timezone.now())
        Bounce.objects.create(email="gone@example.org")
        Feedback.objects.create(asked_on="offer", found="no", language="en", comment="A course in Arabic")
    OutgoingMail.objects.all().delete()
    at = timezone.now() - timedelta(days=400)
    OutgoingMail.objects.create(subject="Sent", recipients=["office@example.org"], raw=b"", sent_at=at)


DUE = {
    SignUp: 1,
    Subscriber: 1,
    HeldUpload: 1,
    KeptPost: 1,
    OfferImport: 1,
    MistakeReport: 3,
    OutgoingMail: 1,
    Bounce: 1,
    Feedback: 1,
}


def lines(counts, word):
    """What the command says if there are so many of each kind."""
    return [f"{name}: {counts.get(model, 0)} {word}" for model, name in forget.KINDS.items()]


def what_is_left():
    """What is due, of each kind of which there is some."""
    counts = {model: model.objects.to_forget().count() for model in forget.KINDS}
    return {model: count for model, count in counts.items() if count}


def test_all_that_is_due_is_erased_batch_by_batch_and_counted_by_kind(everything_due, capsys, monkeypatch):
    monkeypatch.setattr(forget, "BATCH", 2)

    call_command("forget")
    call_command("forget")

    assert capsys.readouterr().out.splitlines() == lines(DUE, "erased") + lines({}, "erased")
    assert what_is_left() == {}
    assert MistakeReport.objects.filter(text="").count() == 3


def test_a_dry_run_counts_and_erases_nothing(everything_due, capsys):
    call_command("forget", dry_run=True)

    assert capsys.readouterr().out.splitlines() == lines(DUE, "due, none erased")
    assert what_is_left() == DUE
