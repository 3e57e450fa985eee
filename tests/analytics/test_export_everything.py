"""All that the portal holds, as files, for whoever takes it over."""

import csv
import hashlib
import json
import stat
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from analytics import export
from analytics.models import ReportEdition, SearchTermDaily
from offers.models import Offer, OfferDocument
from tests import factories
from tests.at_once import at_once

# A snapshot is a transaction of its own.
pytestmark = pytest.mark.django_db(transaction=True)

# Columns that sound like secrets and are none: keys of terms, of forms and of files, and sums of what is public.
HARMLESS = {
    "offers_enquiry.key", "offers_mistakereport.key", "analytics_feedback.key", "analytics_searchtermdaily.key",
    "analytics_unmetneedterm.key", "analytics_batch.sha256", "analytics_reportedition.sha256",
}  # fmt: skip


def rows_of(folder, table):
    with (folder / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def manifest(folder):
    return json.loads((folder / "manifest.json").read_text())


def test_what_is_exported_is_what_the_portal_holds(tmp_path, make_offer, append_only_rows, capsys):
    offer = make_offer(title="Cours de déminage, «اللغة»", description=f"{factories.LONG_ENOUGH}\nA second line.")
    french = factories.LanguageFactory(code="fr", name_en="French", endonym="Français")
    document = OfferDocument(version=offer.live_version, title="Plan", language=french, filename="p.pdf", size=8)
    document.file.save("plan.pdf", ContentFile(b"%PDF-1.7"))
    today = timezone.localdate()
    figures = '{"answer": "4 of 9"}'
    ReportEdition.objects.create(
        number=1, first=today, last=today, language="en", figures=figures, rules_version="1",
        sha256=hashlib.sha256(figures.encode()).hexdigest(),
    )  # fmt: skip
    for age in (0, 100):
        SearchTermDaily.objects.create(
            day=today - timedelta(days=age), words="dogs", key="k", n=3, zero_n=3, visitor_days=3
        )
    folder = tmp_path / "everything"

    call_command("export_everything", folder)

    [row] = rows_of(folder, "offers_offer")
    assert (row["reference"], row["confirmed_on"], row["is_sample"]) == (offer.reference, f"{today}", "false")
    assert row["created_at"].endswith("+00:00")
    [version] = rows_of(folder, "offers_offerversion")
    assert version["title"] == "Cours de déminage, «اللغة»"
    assert version["description"].endswith("\nA second line.")
    assert version["delivery_modes"] == '["provider_centre"]'
    assert [row["day"] for row in rows_of(folder, "analytics_searchtermdaily")] == [f"{today - timedelta(days=100)}"]
    about = manifest(folder)
    for model in export.exported_models():
        [listed] = [file for file in about["files"] if file["name"] == f"tables/{model._meta.db_table}.csv"]
        assert listed["rows"] == len(rows_of(folder, model._meta.db_table)) == export.exported_rows(model).count()
    for file in about["files"]:
        content = (folder / file["name"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])
    assert (folder / "documents" / document.file.name).read_bytes() == b"%PDF-1.7"
    edition = (folder / "editions" / "edition-1.json").read_bytes()
    assert hashlib.sha256(edition).hexdigest() == ReportEdition.objects.get().sha256
    assert about["migrations"]["analytics"].startswith("00")
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(tmp_path.iterdir()) == [folder]
    assert "tables/offers_offer.csv" in capsys.readouterr().out


def test_what_opens_something_is_nowhere_in_it(tmp_path, make_offer, norlander):
    offer = make_offer(status="draft")
    version = offer.open_version
    version.begin_links()
    version.refresh_from_db()
    subscriber = factories.SubscriberFactory(lists=[""])
    sign_up = factories.SignUpFactory(email="unconfirmed@example.org")
    folder = tmp_path / "everything"

    call_command("export_everything", folder, verbosity=0)

    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()).decode()
    assert norlander.email in everything
    for secret in (norlander.password, str(subscriber.key), version.preview_key, sign_up.email):
        assert str(secret) not in everything


@pytest.mark.once
def test_every_table_is_exported_or_said_to_be_left_out():
    exported = set(export.exported_models())
    columns = {
        f"{model._meta.label}.{field.name}" for model in exported for field in model._meta.concrete_fields
    }  # fmt: skip
    left_out = {name for name in export.LEFT_OUT if name.count(".") == 1}

    for model in apps.get_models(include_auto_created=True):
        assert (model in exported) != (model._meta.label in left_out), model._meta.label
    assert set(export.LEFT_OUT) - left_out <= columns
    suspicious = ("key", "token", "secret", "password", "hash", "raw", "sha256")
    sound = {
        f"{model._meta.db_table}.{field.attname}"
        for model in exported
        for field in export.exported_fields(model)
        if field.name in suspicious or field.name.endswith(tuple(f"_{word}" for word in suspicious))
    }
    assert sound == HARMLESS


def test_it_is_as_it_stood_at_one_moment(tmp_path, make_offer):
    make_offer()
    folder, written = tmp_path / "everything", []

    def tell(file):
        # When the first table is ready, somebody else writes, and does not have to wait.
        if not written:
            [done] = at_once(lambda: Offer.objects.update(ended_reason="Written meanwhile"))
            written.append(done)

    export.export(folder, tell)

    assert written == [1]
    assert Offer.objects.get().ended_reason == "Written meanwhile"
    assert rows_of(folder, "offers_offer")[0]["ended_reason"] == ""


def test_a_folder_is_whole_or_not_there(tmp_path, norland):
    folder = tmp_path / "everything"

    def tell(file):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        export.export(folder, tell)
    assert list(tmp_path.iterdir()) == []
    # The connection is as before.
    assert connection.get_autocommit()

    call_command("export_everything", folder, dry_run=True, verbosity=0)
    assert list(tmp_path.iterdir()) == []

    folder.mkdir()
    call_command("export_everything", folder, verbosity=0)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with pytest.raises(CommandError, match="is not an empty folder"):
        call_command("export_everything", folder, verbosity=0)
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("export_everything", tmp_path / "nowhere" / "everything", verbosity=0)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
