"""What is kept for a time only."""

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from contacts.models import KeptPost
from offers import uploads
from offers.management.commands import forget
from offers.models import MistakeReport, OfferImport
from tests import factories


@pytest.fixture
def everything_due(make_offer, norland, norlander, officer):
    """Of each kind one that is as old as can be needed, and reports of mistakes three."""
    with time_machine.travel(timezone.now() - timedelta(days=1000)):
        offer = make_offer(status="draft")
        file = SimpleUploadedFile("Plan.pdf", b"%PDF-1.7\n%%EOF\n")
        uploads.hold(file, user=norlander, version=offer.open_version)
        KeptPost.objects.create(user=norlander, path="/en/desk/", data={"fields": {}, "files": []})
        OfferImport.objects.create(state=norland, by=norlander, filename="offers.csv", rows=[])
        for report in factories.MistakeReportFactory.create_batch(3, offer=offer):
            report.handle(by=officer)


def said(capsys):
    return [line.rpartition(": ")[2] for line in capsys.readouterr().out.splitlines()]


def what_is_left():
    return [model.objects.to_forget().count() for model in forget.KINDS]


def test_all_that_is_due_is_erased_batch_by_batch_and_counted_by_kind(everything_due, capsys, monkeypatch):
    monkeypatch.setattr(forget, "BATCH", 2)

    call_command("forget")
    call_command("forget")

    assert said(capsys) == ["1 erased", "1 erased", "1 erased", "3 erased", *["0 erased"] * 4]
    assert what_is_left() == [0, 0, 0, 0]
    assert MistakeReport.objects.filter(text="").count() == 3


def test_a_dry_run_counts_and_erases_nothing(everything_due, capsys):
    call_command("forget", dry_run=True)

    assert said(capsys) == [f"{count} due, none erased" for count in (1, 1, 1, 3)]
    assert what_is_left() == [1, 1, 1, 3]
