"""Documents: checked by what they are, seen by those who may."""

import io
import struct
import zipfile
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from offers import uploads
from offers.differences import differences
from offers.documents import LARGEST, LARGEST_UNPACKED, check_document, safe_filename
from offers.models import HeldUpload, OfferDocument, StaleEdit
from tests import factories

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def word(extra=None, **kwargs):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>", **(extra or {})}.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def bomb(content, declared):
    """A Word document with a part that unpacks to `content` but says it is only `declared` bytes long."""
    packed = bytearray(word({"word/media/bomb": content}))
    lengths = struct.pack("<L", len(content))
    sums = struct.pack("<L", zlib.crc32(content)), struct.pack("<L", zlib.crc32(content[:declared]))
    return bytes(packed.replace(lengths, struct.pack("<L", declared))).replace(*sums)


@pytest.mark.parametrize(("name", "content"), [("a.pdf", PDF), ("A.PDF", PDF), ("a.docx", word())])
def test_pdf_and_word_documents_are_taken(name, content):
    check_document(SimpleUploadedFile(name, content))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.exe", b"MZ", "PDF or a Word"),
        ("a.svg", b"<svg/>", "PDF or a Word"),
        ("a", PDF, "PDF or a Word"),
        ("a.pdf.html", PDF, "PDF or a Word"),
        ("a.pdf", b"", "empty"),
        ("a.pdf", b"<html>", "damaged"),
        ("a.docx", PDF, "damaged"),
        ("a.pdf", word(), "damaged"),
        ("a.docx", b"PK\x03\x04 broken", "damaged"),
        ("a.docx", word().replace(b"PK\x01\x02\x14\x03\x14\x00", b"PK\x01\x02\x14\x03\x63\x00"), "damaged"),
        ("a.docx", word({"é": "x"}).replace("é".encode(), b"\xff\xff"), "damaged"),
        ("a.docx", word({"word/vbaProject.bin": "x"}), "damaged"),
        ("a.docx", word({"../../evil": "x"}), "damaged"),
        ("a.docx", word({"word/media/bomb": "0" * (21 * 1024 * 1024)}), "damaged"),
        ("a.docx", bomb(b"0" * (LARGEST_UNPACKED + 1), declared=1000), "damaged"),
        ("a.docx", bomb(b"0" * 2000, declared=1000), "damaged"),
        ("a.docx", word().replace(struct.pack("<L", zlib.crc32(b"<w/>")), bytes(4)), "damaged"),
        ("a.docm", word({"word/vbaProject.bin": "x"}), "PDF or a Word"),
        ("a.docx", word({"word/macros.BIN": "x", "[Content_Types].xml": "<Types macroEnabled.main/>"}), "damaged"),
        ("a.pdf", PDF[:20] + b"<html><script>alert(1)</script></html>" + PDF[20:], "damaged"),
        ("a.pdf", b"%PDF-1.7\n<!DOCTYPE html>", "damaged"),
        ("a.pdf", b"%PDF-1.7\nbroken off", "damaged"),
        ("a.docx", word({f"word/{n}": "" for n in range(1001)}), "damaged"),
        ("a.pdf", PDF.rjust(LARGEST + 1), "larger than 2 MB"),
    ],
)
def test_everything_else_is_refused_in_words(name, content, message):
    with pytest.raises(ValidationError, match=message):
        check_document(SimpleUploadedFile(name, content))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\x\\plan.pdf", "plan.pdf"),
        ("plan\u202efdp.exe.pdf", "planfdp.exe.pdf"),
        ("a\r\nb.pdf", "ab.pdf"),
        ("é.pdf", "é.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_file_name_is_kept_without_tricks(name, kept):
    assert safe_filename(name) == kept


@pytest.fixture
def draft(make_offer):
    return make_offer(status="draft")


@pytest.fixture
def attach(client, norlander, draft):
    def attach(name="Plan.pdf", content=PDF):
        client.force_login(norlander)
        return client.post(
            reverse("offers:documents", args=[draft.reference]),
            {
                "title": "Course plan",
                "language": factories.LanguageFactory().pk,
                "file": SimpleUploadedFile(name, content),
            },
            follow=True,
        )

    return attach


def test_a_document_is_attached_under_a_name_nobody_can_guess(attach, draft):
    attach()

    document = draft.open_version.documents.get()
    assert (document.title, document.filename, document.size) == ("Course plan", "Plan.pdf", len(PDF))
    assert "Plan" not in document.file.name
    assert draft.open_version.edit_number == 2


def test_a_document_sent_by_a_double_click_is_attached_once(attach, draft):
    attach()
    attach()

    assert draft.open_version.documents.count() == 1


def test_the_page_finds_no_fault_before_anything_was_sent(attach, client, norlander, draft):
    client.force_login(norlander)
    assert "There is a problem" not in client.get(reverse("offers:documents", args=[draft.reference])).content.decode()

    assert "There is a problem" not in attach().content.decode()


def test_a_refused_document_keeps_what_was_typed(attach, draft):
    response = attach("plan.pdf", b"<html>")

    page = response.content.decode()
    assert "damaged" in page
    assert 'value="Course plan"' in page
    assert f'value="{factories.LanguageFactory().pk}" selected' in page
    assert not draft.open_version.documents.exists()
    assert not HeldUpload.objects.exists()


def address_of(offer):
    return reverse("offers:documents", args=[offer.reference])


def stored():
    return {path.name for path in Path(HeldUpload._meta.get_field("file").storage.location).glob("*")}


def content_of(document):
    with document.file.open("rb") as file:
        return file.read()


@pytest.fixture
def held(client, norlander, draft):
    """A sound file whose form lacked title and language."""
    client.force_login(norlander)
    response = client.post(address_of(draft), {"title": "", "file": SimpleUploadedFile("../Pl\u202ean.pdf", PDF)})
    assert "Give the document a title." in response.content.decode()
    return HeldUpload.objects.get()


def test_a_sound_file_is_not_sent_twice(client, draft, held):
    page = client.get(address_of(draft)).content.decode()
    assert "Plan.pdf" in page
    assert "You need not choose it again." in page

    client.post(address_of(draft), {"title": "Course plan", "language": factories.LanguageFactory().pk})

    document = draft.open_version.documents.get()
    assert (document.title, document.filename, document.size) == ("Course plan", "Plan.pdf", len(PDF))
    assert content_of(document) == PDF
    assert not HeldUpload.objects.exists()


def test_another_file_takes_the_place_of_the_one_that_was_kept(client, draft, held, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            address_of(draft),
            {
                "title": "Course plan",
                "language": factories.LanguageFactory().pk,
                "file": SimpleUploadedFile("Other.pdf", PDF),
            },
        )

    assert draft.open_version.documents.get().filename == "Other.pdf"
    assert not HeldUpload.objects.exists()
    assert held.file.name not in stored()


def test_only_the_last_file_is_kept_for_a_version(client, draft, held, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address_of(draft), {"file": SimpleUploadedFile("Other.pdf", PDF)})

    kept = HeldUpload.objects.get()
    assert kept.filename == "Other.pdf"
    assert held.file.name not in stored()
    assert kept.file.name in stored()


def test_a_refused_file_leaves_the_one_that_was_kept(client, draft, held):
    page = client.post(address_of(draft), {"title": "x", "file": SimpleUploadedFile("a.pdf", b"<html>")})

    assert "damaged" in page.content.decode()
    assert "Plan.pdf" in page.content.decode()
    assert HeldUpload.objects.get() == held


def test_nobody_uses_a_file_kept_for_another_person_or_version(client, draft, held, norland, make_offer):
    data = {"title": "Course plan", "language": factories.LanguageFactory().pk}
    other = make_offer(status="draft")

    client.post(address_of(other), data)
    client.force_login(factories.UserFactory(state=norland))
    response = client.post(address_of(draft), data)

    assert "Choose a file." in response.content.decode()
    assert not draft.open_version.documents.exists()
    assert not other.open_version.documents.exists()


def test_a_file_is_kept_for_an_hour_and_then_erased(client, draft, held, settings, django_capture_on_commit_callbacks):
    assert HeldUpload.objects.to_forget().forget() == 0
    held.held_at -= timedelta(minutes=settings.HELD_UPLOAD_MINUTES)
    held.save()

    data = {"title": "Course plan", "language": factories.LanguageFactory().pk}
    assert "Choose a file." in client.post(address_of(draft), data).content.decode()
    assert held.file.name in stored()

    with django_capture_on_commit_callbacks(execute=True):
        assert HeldUpload.objects.to_forget().forget() == 1
    assert not HeldUpload.objects.exists()
    assert held.file.name not in stored()


def test_a_file_that_a_document_has_taken_over_is_never_erased(client, draft, held, norlander):
    client.post(address_of(draft), {"title": "Plan", "language": factories.LanguageFactory().pk})

    assert not held.forget()
    with pytest.raises(StaleEdit):
        uploads.hand_over(held, OfferDocument())
    assert content_of(draft.open_version.documents.get()) == PDF


def test_a_document_of_a_draft_is_for_the_state_alone(attach, client, request, draft):
    attach()
    address = reverse("offers:document", args=[draft.reference, draft.open_version.documents.get().pk])

    for visitor, status in (("norlander", 200), ("officer", 404), ("sudlander", 404)):
        client.force_login(request.getfixturevalue(visitor))
        response = client.get(address)
        assert response.status_code == status, visitor
        if response.streaming:
            assert b"".join(response) == PDF
    client.logout()
    assert client.get(address).status_code == 404


def test_a_document_of_a_submitted_version_is_for_the_isu_too(attach, client, draft, officer, norlander):
    attach()
    draft.open_version.submit(by=norlander)
    client.force_login(officer)

    response = client.get(reverse("offers:document", args=[draft.reference, draft.open_version.documents.get().pk]))

    assert b"".join(response) == PDF


def test_another_file_under_the_same_name_shows_as_a_difference(attach, client, draft, officer, norlander):
    attach()
    version = draft.open_version
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)
    draft.refresh_from_db()
    copy = draft.edit(by=norlander)
    assert differences(version, copy) == []

    client.post(reverse("offers:remove_document", args=[draft.reference, copy.documents.get().pk]))
    attach(content=PDF + b"%")

    assert [found.name for found in differences(version, copy)] == ["documents"]


def test_a_published_document_is_a_download_that_runs_nothing(attach, client, draft, officer):
    attach()
    version = draft.open_version
    version.submit(by=version.author)
    version.publish(by=officer, seen=version.edit_number)
    client.logout()
    page = client.get(draft.get_absolute_url()).content.decode()
    address = reverse("offers:document", args=[draft.reference, version.documents.get().pk])

    response = client.get(address)

    assert f'href="{address}"' in page
    assert b"".join(response) == PDF
    assert response.headers["Content-Disposition"] == 'attachment; filename="Plan.pdf"'
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_removing_a_document_from_a_new_version_leaves_the_published_one(attach, client, draft, officer, norlander):
    attach()
    version = draft.open_version
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)
    draft.refresh_from_db()
    copy = draft.edit(by=norlander)

    client.post(reverse("offers:remove_document", args=[draft.reference, copy.documents.get().pk]))

    assert not copy.documents.exists()
    published = version.documents.get()
    response = client.get(reverse("offers:document", args=[draft.reference, published.pk]))
    assert b"".join(response) == PDF


def test_no_document_is_attached_to_a_version_under_review(attach, client, draft, norlander):
    draft.open_version.submit(by=norlander)

    assert attach().status_code == 404
