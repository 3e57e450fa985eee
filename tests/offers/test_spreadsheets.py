"""Offers in a spreadsheet: sent, looked at, and taken as drafts when the person says so."""

import io
import re
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from offers.models import ImportedRow, Offer, OfferImport, OfferVersion, Step, StepNotAllowed
from offers.spreadsheets.checking import Fate, check
from offers.spreadsheets.columns import COLUMNS
from tests import factories
from tests.at_once import at_once

from .spreadsheets import GOOD, workbook

pytestmark = pytest.mark.django_db

NOT_IN_LIST = "is not in the list. The sheet with the lists shows what may be written."


@pytest.fixture
def focal(client, norlander, norland):
    factories.ContactPointFactory(state=norland, email="centre@norland.example.org")
    factories.AreaFactory(name_fr="Dépollution")
    factories.FormFactory()
    factories.LanguageFactory()
    client.force_login(norlander)
    return client


def send(client, rows, name="offers.xlsx"):
    content = rows if isinstance(rows, bytes) else workbook(rows)
    return client.post(reverse("offers:spreadsheet"), {"file": SimpleUploadedFile(name, content)}, follow=True)


def button(response, rows="all"):
    """What the button of the page sends, and where to."""
    address = reverse("offers:take_import", args=[response.context["imported"].pk])
    return address, {"seen": response.context["check"].mark, "rows": rows}


def take(client, response, rows="all"):
    return client.post(*button(response, rows), follow=True)


def page_of(response):
    return response.content.decode()


def fates(response):
    return [row.fate for row in response.context["check"].rows]


def sentences(response):
    return [sentence for row in response.context["check"].rows for sentence in row.sentences]


def test_a_file_becomes_drafts_when_the_person_says_so(focal, norland, norlander):
    response = send(focal, [GOOD, GOOD | {"title": "A second course"}])

    assert "<strong>2</strong> rows become drafts" in page_of(response)
    assert not Offer.objects.exists()

    assert "2 drafts are made." in page_of(take(focal, response))

    offers = list(Offer.objects.order_by("reference"))
    assert [(str(offer.open_version), offer.state, offer.open_version.status) for offer in offers] == [
        ("Demining course for instructors", norland, "draft"),
        ("A second course", norland, "draft"),
    ]
    assert [(c.step, c.by) for offer in offers for c in offer.status_changes.all()] == [(Step.BEGIN, norlander)] * 2
    version = offers[0].open_version
    assert version.what_is_missing() == {}
    assert version.delivery_modes == ["provider_centre", "remote"]
    assert [office.email for office in version.contact_points.all()] == ["centre@norland.example.org"]


def test_a_draft_may_be_incomplete_and_the_page_says_what_it_lacks(focal):
    response = send(focal, [{"title": "Metal detectors", "recipients": "selected"}])

    assert fates(response) == [Fate.DRAFT]
    assert [label for label, _message in response.context["check"].rows[0].lacks] == [
        "Main area of implementation", "Form of assistance", "Description", "Mode of delivery", "For whom",
        "Contact points",
    ]  # fmt: skip
    take(focal, response)
    assert str(Offer.objects.get().open_version) == "Metal detectors"


def test_what_is_lacking_is_what_the_editor_would_say_afterwards(focal):
    rows = [GOOD | {"contact_points": ""}, GOOD | {"title": "For 5,000 USD"}, GOOD | {"timing": "dates"}]
    response = send(focal, rows)
    before = [dict(row.missing) for row in response.context["check"].rows]

    take(focal, response)

    after = [version.what_is_missing() for version in OfferVersion.objects.order_by("pk")]
    assert before == after
    assert [list(missing) for missing in after] == [["contact_points"], ["title"], ["starts_on"]]


@pytest.mark.parametrize(
    ("column", "cell", "problem"),
    [
        ("form", "Trainings", "“Trainings” is not in the list. Did you mean “Training”?"),
        ("form", "Money", f"“Money” {NOT_IN_LIST}"),
        ("delivery_modes", "remote; by post", f"“by post” {NOT_IN_LIST}"),
        ("starts_on", "1/2/2027", "“1/2/2027” is not a day. Write year, month and day, for example 2027-03-31."),
        ("starts_on", "2027-02-31", "“2027-02-31” is not a day. Write year, month and day, for example 2027-03-31."),
        ("lead_time_weeks", "soon", "Enter a whole number."),
        ("partners", "A centre", "“A centre” has no role. Write the State or organisation, a dash, and its role."),
        ("partners", "A centre – owner", f"“owner” {NOT_IN_LIST}"),
        ("links", "javascript:alert(1)", "Enter a web address that begins with https:// or http://."),
        ("links", "\n".join(f"https://example.org/{n}" for n in range(13)), "Please submit at most 12 forms."),
        ("title", "x" * 121, "This text has 121 characters. Shorten it to 120: nothing of it has been cut off."),
        ("contact_points", "other@example.org", f"“other@example.org” {NOT_IN_LIST}"),
    ],
)
def test_an_error_names_row_and_column_and_keeps_what_was_typed(focal, column, cell, problem):
    response = send(focal, [GOOD, GOOD | {"title": "A second course"} | {column: cell}])

    assert fates(response) == [Fate.DRAFT, Fate.WRONG]
    wrong = response.context["check"].wrong[0]
    assert sentences(response) == [f"Row 3, column “{COLUMNS[column].label}”: {problem}"]
    assert wrong.cells[column] == cell


def test_all_errors_of_a_row_are_shown_at_once(focal):
    response = send(focal, [GOOD | {"form": "Trainings", "ends_on": "2027-01-01", "starts_on": "2027-02-01"}])

    assert [name for name, _message in response.context["check"].rows[0].problems] == ["form", "ends_on"]


def test_with_errors_nothing_is_taken_unless_the_person_leaves_these_rows_out(focal):
    response = send(focal, [GOOD, GOOD | {"form": "Trainings"}])

    assert "some rows have errors" in page_of(take(focal, response))
    assert not Offer.objects.exists()

    assert "1 draft is made." in page_of(take(focal, response, "without_errors"))
    assert Offer.objects.count() == 1


def test_what_the_person_did_not_see_is_not_taken(focal, norland):
    response = send(focal, [GOOD])
    norland.contact_points.update(closed_on=timezone.localdate())

    assert "no longer stand as you saw them" in page_of(take(focal, response))
    assert not Offer.objects.exists()


def test_a_file_without_a_row_to_take_says_so(focal):
    response = send(focal, [GOOD | {"form": "Trainings"}])

    assert "There is no row that could be taken." in page_of(response)
    assert "there is no row to take" in page_of(take(focal, response, "without_errors"))


def test_a_second_press_makes_no_second_draft(focal):
    response = send(focal, [GOOD])
    take(focal, response)

    assert "have been taken already" in page_of(take(focal, response))
    assert Offer.objects.count() == 1


def test_the_same_row_in_another_file_and_language_makes_no_second_offer(focal):
    take(focal, send(focal, [GOOD]))
    reference = Offer.objects.get().reference
    same = GOOD | {"primary_area": "dépollution", "form": "form.training", "delivery_modes": "remote\nprovider_centre"}

    response = send(focal, [same, GOOD | {"title": "Another course"}])

    assert fates(response) == [Fate.TAKEN, Fate.DRAFT]
    assert reference in page_of(response)
    take(focal, response)
    assert Offer.objects.count() == 2


def test_the_same_row_twice_in_a_file_is_taken_once(focal):
    response = send(focal, [GOOD, {"title": "Other"}, GOOD])

    assert fates(response) == [Fate.DRAFT, Fate.DRAFT, Fate.TWIN]
    assert "It says the same as row 2 and is taken once." in page_of(response)
    take(focal, response)
    assert Offer.objects.count() == 2


def test_another_state_may_import_the_same_row(focal, client, sudland, sudlander):
    take(focal, send(focal, [GOOD | {"contact_points": ""}]))
    client.force_login(sudlander)

    take(client, send(client, [GOOD | {"contact_points": ""}]))

    assert set(Offer.objects.values_list("state__iso3", flat=True)) == {"QNO", "QSU"}


def test_an_offer_that_is_on_the_portal_is_changed_in_the_editor(focal, make_offer, sudland):
    own = make_offer(title="As it was")
    theirs = factories.make_offer(state=sudland)
    rows = [GOOD | {"reference": own.reference.lower()}, GOOD | {"reference": theirs.reference}]

    response = send(focal, rows)

    assert fates(response) == [Fate.OWN, Fate.DRAFT]
    assert "Change it in the editor:" in page_of(response)
    assert "is not that of an offer of the State" in page_of(response)
    take(focal, response)
    own.refresh_from_db()
    assert own.live_version.title == "As it was"
    assert Offer.objects.filter(state=own.state).count() == 2


def test_unknown_columns_are_named_and_missing_ones_too(focal):
    response = send(focal, workbook([{"title": "A course", "Our notes": "secret", "duration": "Five weeks"}]))

    assert response.context["check"].unknown_columns == ["Our notes"]
    assert response.context["check"].missing_columns == [
        "Main area of implementation", "Form of assistance", "Description", "Mode of delivery", "Contact points",
    ]  # fmt: skip
    assert "Our notes" in page_of(response)


def test_text_that_tries_to_fool_its_reader_is_cleaned_and_escaped(focal):
    response = send(focal, [GOOD | {"title": "<b>Course</b> \u202eevil\u202c"}])

    assert "&lt;b&gt;Course&lt;/b&gt; evil" in page_of(response)
    take(focal, response)
    assert Offer.objects.get().open_version.title == "<b>Course</b> evil"


def test_arabic_is_kept_as_it_was_typed(focal):
    words = "دورة تدريبية في إزالة الألغام للأغراض الإنسانية"

    response = send(focal, [GOOD | {"title": words, "delivery_modes": "remote؛ regional"}])
    take(focal, response)

    version = Offer.objects.get().open_version
    assert version.title == words
    assert version.delivery_modes == ["regional", "remote"]


def test_a_refused_file_is_told_in_words_and_leaves_nothing(focal):
    response = send(focal, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old")

    assert response.status_code == 200
    assert "Save it as .xlsx without a password." in page_of(response)
    assert not OfferImport.objects.exists()


@pytest.mark.parametrize("data", [{}, {"file": ""}, {"file": SimpleUploadedFile("offers.xlsx", b"")}])
def test_sending_nothing_is_told_in_words(focal, data):
    response = focal.post(reverse("offers:spreadsheet"), data)

    assert response.status_code == 200
    assert "There is a problem" in page_of(response)


def test_the_file_with_errors_says_beside_each_row_what_is_wrong(focal):
    response = send(focal, [GOOD, GOOD | {"form": "Trainings", "title": "=1+1", "starts_on": "soon"}])

    content = focal.get(reverse("offers:import_errors", args=[response.context["imported"].pk])).content

    rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].rows]
    assert rows[1][:2] == ["problems", "reference"]
    assert [row[0] for row in rows[2:4]] == [
        None,
        "Row 3, column “Form of assistance”: “Trainings” is not in the list. Did you mean “Training”?\n"
        "Row 3, column “First day”: “soon” is not a day. Write year, month and day, for example 2027-03-31.",
    ]
    assert rows[3][rows[1].index("title")] == "=1+1"
    # Sent again, it says the same: the column of errors is no content.
    again = send(focal, content)
    assert fates(again) == [Fate.DRAFT, Fate.WRONG]
    assert again.context["check"].unknown_columns == []


def test_the_page_of_an_import_belongs_to_its_state(client, focal, sudlander):
    response = send(focal, [GOOD])
    client.force_login(sudlander)
    pk = response.context["imported"].pk

    assert client.get(reverse("offers:import", args=[pk])).status_code == 404
    assert client.get(reverse("offers:import_errors", args=[pk])).status_code == 404
    assert client.post(*button(response)).status_code == 404
    assert not Offer.objects.exists()


def test_nothing_is_taken_by_a_link_by_the_isu_or_by_a_visitor(client, focal, officer, norlander):
    address, data = button(send(focal, [GOOD]))
    assert client.get(address).status_code == 405
    assert client.get(reverse("offers:import", args=[10**12])).status_code == 404

    client.force_login(officer)
    assert client.post(address, data).status_code == 404
    client.logout()
    assert client.post(address, data).url.startswith(reverse("account_login"))

    assert not Offer.objects.exists()


def test_every_form_carries_its_token(focal):
    for response in (focal.get(reverse("offers:spreadsheet")), send(focal, [GOOD])):
        forms = re.findall(r'<form[^>]*method="post".*?</form>', page_of(response), re.DOTALL)
        assert len(forms) == 2  # signing out is one on every page
        assert all("csrfmiddlewaretoken" in form for form in forms)


def test_colleagues_of_one_state_see_the_same_files(client, focal, norland):
    response = send(focal, [GOOD])
    client.force_login(factories.UserFactory(state=norland))

    assert "offers.xlsx" in page_of(client.get(reverse("offers:spreadsheet")))
    assert "1 draft is made." in page_of(take(client, response))


@pytest.mark.parametrize("name", ["template_xlsx", "template_csv", "own_offers_xlsx", "own_offers_csv"])
def test_what_is_taken_away_is_a_file_with_a_name(focal, make_offer, name):
    make_offer()

    response = focal.get(reverse(f"offers:{name}"))

    assert response.status_code == 200
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    assert response.content


def test_the_template_has_heads_in_the_language_of_the_page_and_lists_to_choose_from(focal, norland):
    factories.StateFactory(name_fr="Suède")
    with override("fr"):
        response = focal.get(reverse("offers:template_xlsx"))

    book = openpyxl.load_workbook(io.BytesIO(response.content))
    offers, _help, lists = book.worksheets
    words, names = ([cell.value for cell in row] for row in offers.iter_rows(max_row=2))
    assert names[:3] == ["reference", "title", "primary_area"]
    assert all(words)
    assert offers.max_row == 2
    listed = {cell.value for row in lists.rows for cell in row}
    assert {"Dépollution", "area.survey_clearance", "Suède", "centre@norland.example.org", "provider_centre"} <= listed
    choices = {rule.sqref: rule for rule in offers.data_validations.dataValidation if rule.type == "list"}
    assert len(choices) > 10
    # Nothing in it is a formula.
    assert not [cell for sheet in book for row in sheet.rows for cell in row if cell.data_type == "f"]


def test_own_offers_are_given_in_their_newest_wording_without_those_that_have_ended(focal, make_offer, norlander):
    changed, ended = make_offer(title="Live"), make_offer(title="Ended")
    draft = changed.edit(by=norlander)
    OfferVersion.objects.filter(pk=draft.pk).update(title="Being changed")
    ended.withdraw(by=norlander)
    make_offer(title="Refused", status="refused")

    lines = page_of(focal.get(reverse("offers:own_offers_csv")))

    assert "Being changed" in lines
    assert not [title for title in ("Live", "Ended", "Refused") if title in lines]


@pytest.mark.parametrize("name", ["own_offers_csv", "own_offers_xlsx"])
def test_an_illustrative_record_keeps_its_label_in_the_file(focal, norland, norlander, name):
    offer = Offer.begin(state=norland, by=norlander, is_sample=True)
    factories.make_version_complete(offer.open_version)

    content = focal.get(reverse(f"offers:{name}")).content

    checked = send(focal, content, f"a.{name.rpartition('_')[2]}").context["check"]
    assert checked.rows[0].cells["sample_label"].startswith("Illustrative record")
    assert [row.fate for row in checked.rows] == [Fate.OWN]
    assert checked.unknown_columns == []


def test_spreadsheets_are_forgotten_after_a_week_and_their_offers_stay(focal):
    take(focal, send(focal, [GOOD]))
    send(focal, [GOOD])
    OfferImport.objects.filter(taken_at__isnull=False).update(read_at=timezone.now() - timedelta(days=8))

    assert OfferImport.objects.to_forget().forget() == 1

    assert OfferImport.objects.count() == 1
    assert (Offer.objects.count(), ImportedRow.objects.count()) == (1, 1)
    # The row is still known.
    assert fates(send(focal, [GOOD])) == [Fate.TAKEN]


def statements_for(client, address):
    with CaptureQueriesContext(connection) as statements:
        assert client.get(address).status_code == 200
    return len(statements)


def test_the_preview_needs_as_many_statements_for_one_row_as_for_thirty(focal, norland):
    partner = factories.StateFactory(name_en="Westland")
    row = GOOD | {"partners": "Westland – host", "languages": "en", "recipient_states": partner.iso3}
    one = send(focal, [row])
    many = send(focal, [row | {"title": f"Course {n}"} for n in range(30)])

    counts = [
        statements_for(focal, reverse("offers:import", args=[response.context["imported"].pk]))
        for response in (one, many)
    ]

    assert counts[0] == counts[1]
    assert fates(many) == [Fate.DRAFT] * 30


def test_the_export_needs_as_many_statements_for_one_offer_as_for_several(focal, make_offer):
    address = reverse("offers:own_offers_csv")
    make_offer().live_version.partners.create(state=factories.StateFactory(), role="host")
    one = statements_for(focal, address)
    for _number in range(3):
        make_offer().live_version.partners.create(state=factories.StateFactory(), role="host")

    assert statements_for(focal, address) == one


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_each_draft_once(focal, norlander):
    address, data = button(send(focal, [GOOD, GOOD | {"title": "A second course"}]))

    def press():
        browser = Client()
        browser.force_login(norlander)
        return browser.post(address, data).status_code

    assert at_once(press, press, press) == [302] * 3
    assert Offer.objects.count() == ImportedRow.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_files_with_the_same_row_taken_at_once_make_it_once(focal, norlander):
    marks = []
    for _number in range(2):
        imported = send(focal, [GOOD]).context["imported"]
        marks.append((imported.pk, check(imported).mark))

    def take_one(pk, mark):
        try:
            return len(OfferImport.objects.get(pk=pk).take(by=norlander, seen=mark))
        except StepNotAllowed as refusal:
            return str(refusal)

    answers = at_once(*(lambda pk=pk, mark=mark: take_one(pk, mark) for pk, mark in marks))

    assert sorted(map(str, answers)) == [
        "1",
        "Nothing changed: the rows no longer stand as you saw them. Please look again.",
    ]
    assert Offer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_breaks_off_in_the_middle_leaves_nothing(focal, norland, norlander, sudland):
    response = send(focal, [GOOD, GOOD | {"title": "A second course"}])
    # The second draft cannot have its reference.
    Offer.objects.create(reference=f"PFP-{timezone.localdate().year}-0002", state=sudland)
    imported = response.context["imported"]

    with pytest.raises(IntegrityError):
        imported.take(by=norlander, seen=response.context["check"].mark)

    imported.refresh_from_db()
    assert imported.taken_at is None
    assert not norland.offers.exists()
    assert not ImportedRow.objects.exists()


# At the ISU, for a State that has sent a sheet with a note verbale

PAPER = {"note_verbale": "NV 12/2026", "note_verbale_date": "2026-05-03"}


@pytest.fixture
def isu(client, focal, officer):
    client.force_login(officer)
    return client


def send_for(client, sender, **changes):
    upload = SimpleUploadedFile("from-the-capital.xlsx", workbook([GOOD]))
    data = PAPER | {"state": sender.pk, "file": upload} | changes
    return client.post(reverse("offers:spreadsheet_on_behalf"), data, follow=True)


def test_the_isu_enters_a_sheet_on_the_note_verbale_of_a_state(isu, norland, officer):
    response = send_for(isu, norland)
    assert not Offer.objects.exists()

    done = take(isu, response)

    offer = Offer.objects.get()
    assert "1 draft is made." in page_of(done)
    assert (offer.state, offer.open_version.author) == (norland, officer)
    assert offer.open_version.paper == "Note verbale NV 12/2026 of 3 May 2026"
    assert isu.get(reverse("offers:edit", args=[offer.reference])).status_code == 200


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"note_verbale": ""}, "Give the number of the note verbale."),
        ({"note_verbale_date": "2999-01-01"}, "The date of the note verbale cannot be in the future."),
        ({"state": ""}, "Choose the State Party."),
        ({"file": ""}, "Choose a file."),
    ],
)
def test_without_state_paper_or_file_the_sheet_is_not_taken_in(isu, norland, changes, message):
    response = send_for(isu, norland, **changes)

    assert message in page_of(response)
    assert not OfferImport.objects.exists()


def test_what_the_isu_was_sent_is_not_on_the_desk_of_the_state(isu, client, norland, norlander):
    imported = send_for(isu, norland).context["imported"]

    client.force_login(norlander)

    assert "from-the-capital" not in page_of(client.get(reverse("offers:spreadsheet")))
    assert client.get(reverse("offers:import", args=[imported.pk])).status_code == 404


def test_a_row_that_the_state_has_sent_itself_makes_no_second_offer_at_the_isu(client, focal, officer, norland):
    take(focal, send(focal, [GOOD]))
    client.force_login(officer)

    assert fates(send_for(client, norland)) == [Fate.TAKEN]


def test_the_isu_has_a_template_with_the_offices_of_a_state(isu, norland):
    response = isu.get(reverse("offers:template_for_state", args=[norland.iso3.lower()]))

    words = [
        str(cell) for sheet in openpyxl.load_workbook(io.BytesIO(response.content)).worksheets
        for row in sheet.iter_rows(values_only=True) for cell in row
    ]  # fmt: skip
    assert any("National mine action authority" in word for word in words)
    assert isu.get(reverse("offers:template_for_state", args=["xxx"])).status_code == 404
