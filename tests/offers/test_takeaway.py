"""The list in other forms than a page: the same offers, in files that do no harm."""

import csv
import io
import json
from datetime import date, datetime, time, timedelta

import feedparser
import openpyxl
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from offers import records
from offers.models import Offer
from tests import factories
from tests.offers.test_catalogue import HOSTILE, quoted

pytestmark = pytest.mark.once

FORMATS = ["csv", "xlsx", "json", "atom"]
PAYLOADS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "|cmd", "\t=1+1", "\r=1+1", " =1+1", "\n=1+1", "＝1+1", "\u200b=1+1", "\u202e=1",
    '=HYPERLINK("http://example.org")', "=cmd|' /C calc'!A0", "{=1}", '"=1+1"', "'=1+1",
]  # fmt: skip


def take(client, form, query="", language="en"):
    response = client.get(f"/{language}/offers.{form}?{query}")
    if form == "xlsx":
        body(response)  # read to its end, the file is closed
    return response


def body(response):
    if not hasattr(response, "taken"):
        response.taken = response.getvalue() if response.streaming else response.content
    return response.taken


def csv_rows(response):
    return list(csv.DictReader(io.StringIO(body(response).decode("utf-8-sig"))))


def sheets(response):
    return openpyxl.load_workbook(io.BytesIO(body(response)))


def xlsx_rows(response):
    sheet = sheets(response).worksheets[0]
    names, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def feed(response):
    return feedparser.parse(body(response))


def address_of(parameters):
    return "&".join(
        f"{quoted(name)}={quoted(value)}"
        for name, values in parameters.items()
        for value in (values if isinstance(values, list) else [values])
    )


def test_a_record_says_everything_the_state_has_said(client, make_offer, norland, sudland, sudlander):
    area, further = (factories.AreaFactory(code=f"area.{name}", name_ar="منطقة") for name in ("main", "more"))
    offer = make_offer(
        title="Detectors on loan",
        primary_area=area,
        more_areas=[further],
        form=factories.FormFactory(code="form.equipment", name_en="Equipment"),
        quantity="Forty sets",
        delivery_modes=["remote", "regional"],
        recipients="selected",
        recipient_states=[sudland],
        lead_time_weeks=6,
        starts_on=date(2027, 3, 1),
        pays_freight="third_party_sought",
        transfer_terms="loan",
        training_included="yes",
        cooperation="triangular",
        valid_until=timezone.localdate() + timedelta(days=90),
    )
    version = offer.live_version
    version.links.create(url="https://example.org/", title="The course")
    version.partners.create(state=sudland, role="host").accept(by=sudlander)

    (row,) = csv_rows(take(client, "csv", "columns=codes"))
    (in_words,) = csv_rows(take(client, "csv"))
    (sheet_row,) = xlsx_rows(take(client, "xlsx"))
    (record,) = json.loads(body(take(client, "json")))["offers"]

    expected = {
        "reference": offer.reference,
        "url": f"http://localhost:8000{offer.get_absolute_url()}",
        "state_iso3": "QNO",
        "state_name": "Norland",
        "title": "Detectors on loan",
        "language_code": "en",
        "areas_code": "area.main; area.more",
        "areas_name": "Main; More",
        "form_code": "form.equipment",
        "quantity": "Forty sets",
        "delivery_modes": "remote; regional",
        "partners": "Sudland – host",
        "recipients": "selected",
        "recipient_states_iso3": "QSU",
        "lead_time_weeks": "6",
        "starts_on": "2027-03-01",
        "deadline": "",
        "pays_freight": "third_party_sought",
        "pays_fees": "",
        "free_to_recipient": "false",
        "training_included": "yes",
        "links": "The course https://example.org/",
        "contact_url": f"http://localhost:8000{reverse('offers:contact', args=[offer.reference])}",
        "confirmed_on": timezone.localdate().isoformat(),
        "changed_on": timezone.localdate().isoformat(),
        "is_sample": "false",
        "sample_label": "",
    }
    assert {name: row[name] for name in expected} == expected
    assert row["disclaimer"].startswith("Not a commitment or endorsement.")
    assert in_words["Mode of delivery"] == "Remotely; For several countries of a region together"
    assert in_words["Who pays: Freight"] == "Third party sought"
    assert in_words["Free to the recipient"] == "No"
    assert sheet_row["First day"].date() == date(2027, 3, 1)
    assert sheet_row["Lead time in weeks"] == 6
    assert record["areas"][0] == {
        "code": "area.main",
        "name": {"en": "Main", "fr": "Main", "es": "Main", "ar": "منطقة", "ru": "Main", "zh": "Main"},
    }
    assert record["partners"] == [
        {"state": {"iso3": "QSU", "name": record["partners"][0]["state"]["name"]}, "organisation": None, "role": "host"}
    ]
    assert (record["starts_on"], record["deadline"], record["lead_time_weeks"]) == ("2027-03-01", None, 6)


def test_machine_names_and_codes_are_the_same_in_all_languages(client, make_offer):
    make_offer(cooperation="triangular")

    def stable(language):
        (row,) = csv_rows(take(client, "csv", "columns=codes", language))
        return {name: value for name, value in row.items() if not name.endswith(("url", "_name", "disclaimer"))}

    assert stable("ar") == stable("zh-hans") == stable("en")
    assert list(csv_rows(take(client, "csv", "columns=codes"))[0]) == records.column_names()
    assert len(set(records.column_names())) == len(records.column_names()) == len(set(records.column_labels()))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_becomes_a_formula(client, make_offer, payload):
    make_offer(title=payload, quantity=payload, providing_body=payload, description=payload + factories.LONG_ENOUGH)

    (row,) = csv_rows(take(client, "csv", "columns=codes"))
    for name in ("title", "quantity", "providing_body", "description"):
        visible = row[name].lstrip(" \t\r\n\u200b\u202e")
        assert visible[0] not in "=+-@|＝", (name, row[name])
        # Nothing is lost but for the apostrophe.
        assert payload in row[name]
    workbook = sheets(take(client, "xlsx"))
    assert [
        cell.coordinate for sheet in workbook for line in sheet.iter_rows() for cell in line if cell.data_type == "f"
    ] == []
    assert any(cell.value == payload for cell in workbook.worksheets[0][2]) or "\r" in payload


@pytest.mark.parametrize(
    ("language", "title"),
    [("ar", "دورة تدريبية في إزالة الألغام"), ("zh", "人道主义排雷培训班"), ("ru", "Курс разминирования 💣")],
)
def test_all_scripts_come_through_every_form(client, make_offer, language, title):
    make_offer(
        title=title,
        description=title * 20,
        original_language=factories.LanguageFactory(code=language, name_en="A language"),
    )

    assert csv_rows(take(client, "csv", "columns=codes"))[0]["title"] == title
    assert title in [cell.value for cell in sheets(take(client, "xlsx")).worksheets[0][2]]
    assert json.loads(body(take(client, "json")))["offers"][0]["title"] == title
    entry = feed(take(client, "atom")).entries[0]
    assert (entry.title, entry.title_detail.language) == (title, language)


def test_a_file_begins_and_is_named_as_programs_expect(client, make_offer):
    make_offer()
    today = timezone.localdate().isoformat()

    response = take(client, "csv")

    assert body(response).startswith(b"\xef\xbb\xbf" + b"Reference,")
    assert response.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    for form in ("csv", "xlsx"):
        assert take(client, form).headers["Content-Disposition"] == (
            f'attachment; filename="offers-{today}.{form}"; '
            f"filename*=UTF-8''Offers%20of%20assistance%20{today}.{form}"
        )
        assert "sandbox" in take(client, form).headers["Content-Security-Policy"]


def test_a_workbook_tells_where_it_comes_from(client, make_offer, settings):
    make_offer()

    workbook = sheets(take(client, "xlsx", "form=form.training&utm_source=x"))

    about = {row[0]: row[1] for row in workbook["About"].iter_rows(values_only=True)}
    assert about["List of offers"] == "http://localhost:8000/en/offers/?form=form.training"
    assert about["Made on"].date() == timezone.localdate()
    assert about["Number of offers"] == 1
    assert about["Disclaimer"] == str(settings.PORTAL_DISCLAIMER)
    assert about["Terms of use"] == str(records.TERMS)
    assert workbook["Offers"].freeze_panes == "B2"
    assert sheets(take(client, "xlsx", language="ar")).worksheets[0].sheet_view.rightToLeft


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_labels_illustrative_records_and_carries_the_disclaimer(client, make_offer, form):
    Offer.objects.filter(pk=make_offer().pk).update(is_sample=True)
    response = take(client, form)

    if form == "xlsx":
        text = str([cell.value for sheet in sheets(response) for row in sheet.iter_rows() for cell in row])
    else:
        text = body(response).decode()

    assert "Illustrative record drawn from public sources; not an offer made by this State" in text
    assert "Not a commitment or endorsement." in text


def test_nobody_has_confirmed_an_illustrative_record(client, make_offer):
    Offer.objects.filter(pk=make_offer().pk).update(is_sample=True)

    (record,) = json.loads(body(take(client, "json")))["offers"]

    assert record["confirmed_on"] is None


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_an_empty_list_is_a_list(client, db, language):
    for form in FORMATS:
        assert take(client, form, language=language).headers["X-Total-Count"] == "0"
    assert csv_rows(take(client, "csv", language=language)) == []
    assert xlsx_rows(take(client, "xlsx", language=language)) == []
    assert json.loads(body(take(client, "json", language=language)))["offers"] == []
    parsed = feed(take(client, "atom", language=language))
    assert (parsed.bozo, parsed.entries, parsed.feed.language.lower()) == (False, [], language)


@pytest.mark.parametrize("form", FORMATS)
def test_queries_do_not_grow_with_the_offers_of_a_chunk(client, make_offer, form, sudland, sudlander):
    def fill(number):
        for _ in range(number):
            version = make_offer(
                more_areas=[factories.AreaFactory(code="area.more")],
                languages=[factories.LanguageFactory()],
                recipients="selected",
                recipient_regions=[factories.RegionFactory()],
                recipient_states=[factories.StateFactory()],
                recipient_groups=[factories.RegionalBodyFactory(group_name_en="A group")],
            ).live_version
            version.links.create(url="https://example.org/")
            version.partners.create(state=sudland, role="host").accept(by=sudlander)

    def queries():
        take(client, form)  # the choices of the filters are kept from here on
        with CaptureQueriesContext(connection) as captured:
            body(take(client, form))
        return len(captured)

    fill(2)
    few = queries()
    fill(5)
    assert queries() == few <= 20


def test_long_lists_are_read_in_chunks_of_one_number_of_queries(client, make_offer, monkeypatch):
    references = [make_offer().reference for _ in range(7)]

    def queries(chunk):
        monkeypatch.setattr(records, "CHUNK", chunk)
        with CaptureQueriesContext(connection) as captured:
            rows = csv_rows(take(client, "csv"))
        assert [row["Reference"] for row in rows] == references
        return len(captured)

    queries(7)
    assert (queries(2) - queries(7)) == 3 * (queries(4) - queries(7))


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_file_stays_in_its_language_while_it_is_sent(client, make_offer, monkeypatch, form):
    monkeypatch.setattr(records, "CHUNK", 1)
    for _ in range(2):
        make_offer()

    response = client.get(f"/ar/offers.{form}")
    with translation.override("fr"):
        sent = body(response).decode()

    assert (sent.count("/ar/offers/PFP-"), sent.count("/fr/")) == (4, 0)


def test_what_is_withdrawn_while_a_file_is_sent_is_sent_no_more(client, make_offer, norlander, monkeypatch):
    monkeypatch.setattr(records, "CHUNK", 1)
    make_offer(title="Stays")
    gone = make_offer(title="Goes")

    parts = iter(take(client, "csv").streaming_content)
    head = next(parts)
    gone.withdraw(by=norlander)
    rest = b"".join(parts).decode()

    assert head.startswith(b"\xef\xbb\xbf")
    assert "Stays" in rest
    assert "Goes" not in rest


def test_the_number_in_a_file_is_that_of_its_offers_whatever_is_withdrawn_meanwhile(
    client, make_offer, norlander, monkeypatch
):
    monkeypatch.setattr(records, "CHUNK", 1)
    make_offer()
    gone = make_offer()

    response = take(client, "json")
    parts = iter(response.streaming_content)
    head = next(parts)
    gone.withdraw(by=norlander)
    listed = json.loads(head + b"".join(parts))

    assert (listed["count"], len(listed["offers"])) == (1, 1)
    assert response.headers["X-Total-Count"] == "2"


@pytest.fixture
def breaks_off(make_offer, monkeypatch):
    """After the first offer of two nothing more can be read."""

    def read(keys):
        if keys[0] == second.pk:
            raise RuntimeError("Planted.")
        return whole(keys)

    first, second = make_offer(), make_offer()
    whole = records.read
    monkeypatch.setattr(records, "CHUNK", 1)
    monkeypatch.setattr(records, "read", read)
    return first


def test_a_table_that_breaks_off_says_so(client, breaks_off, caplog):
    response = take(client, "csv", language="ar")
    with translation.override("ar"):
        sentence = translation.gettext(
            "This table is not complete: something went wrong while it was sent. Please take it again."
        )

    rows = list(csv.reader(io.StringIO(body(response).decode("utf-8-sig"))))

    assert [row[0] for row in rows[1:]] == [breaks_off.reference, sentence]
    assert "Planted." in caplog.text


def test_json_that_breaks_off_is_no_json(client, breaks_off):
    sent = b""
    with pytest.raises(RuntimeError, match="Planted"):
        for part in take(client, "json").streaming_content:
            sent += part

    assert breaks_off.reference.encode() in sent
    with pytest.raises(json.JSONDecodeError):
        json.loads(sent)


@pytest.mark.parametrize("form", FORMATS)
def test_whoever_asks_for_the_headers_alone_is_not_kept_waiting(client, make_offer, form, monkeypatch):
    make_offer()
    given = take(client, form).headers
    if form != "atom":
        # Nothing is read for a file that nobody takes.
        monkeypatch.setattr(records, "read", None)

    response = client.head(f"/en/offers.{form}")

    assert response.status_code == 200
    assert not body(response)
    names = ["Content-Type", "Content-Disposition", "X-Total-Count", "Cache-Control"]
    assert [response.headers.get(name) for name in names] == [given.get(name) for name in names]
    assert response.headers.get("Content-Length", given.get("Content-Length")) == given.get("Content-Length")


def test_a_file_tells_what_was_understood_of_its_address(client, make_offer):
    make_offer()
    query, address = "area=nonsense&form=form.training", "http://localhost:8000/en/offers/?form=form.training"

    assert json.loads(body(take(client, "json", query)))["address"] == address
    assert sheets(take(client, "xlsx", query))["About"]["B1"].value == address
    assert feed(take(client, "atom", query)).feed.link == address


@pytest.mark.parametrize("form", FORMATS)
def test_no_browser_keeps_a_list_of_somebody_who_is_signed_in(client, make_offer, norlander, form):
    make_offer()

    assert take(client, form).headers["Cache-Control"] == "private, no-cache"
    client.force_login(norlander)
    assert take(client, form).headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("parameters", HOSTILE, ids=range(len(HOSTILE)))
def test_no_address_breaks_a_form_of_the_list(client, make_offer, form, parameters):
    make_offer()

    response = client.get(f"/en/offers.{form}?{address_of(parameters)}", follow=True)

    assert response.status_code == 200
    assert body(response)
    if form == "atom":
        assert not feed(response).bozo
    elif form == "json":
        json.loads(body(response))


@pytest.mark.parametrize("form", FORMATS)
def test_bytes_that_are_no_text_and_too_many_parameters_are_refused_or_ignored(client, db, form):
    for query in ["q=%ff%fe", "q=%", "area=%C3%28", "%00=%00", "q=%ED%A0%80", "=&&&==", "columns=%ff"]:
        assert take(client, form, query).status_code == 200
    assert take(client, form, "&".join(f"p{number}=1" for number in range(10_000))).status_code == 400


@pytest.mark.parametrize("form", FORMATS)
def test_a_form_of_the_list_sets_no_cookie_and_can_only_be_read(client, make_offer, norlander, form):
    make_offer()
    anonymous = take(client, form)

    assert not anonymous.cookies
    assert "Cookie" not in anonymous.headers.get("Vary", "")
    assert client.post(f"/en/offers.{form}").status_code == 405
    client.force_login(norlander)
    assert take(client, form).headers["X-Total-Count"] == "1"


def test_a_feed_reader_finds_nothing_to_complain_of(client, make_offer):
    offer = make_offer(title='Tools & "more" <b>', original_language=factories.LanguageFactory(code="en"))
    response = take(client, "atom", "form=form.training")

    parsed = feed(response)

    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert not parsed.bozo
    assert parsed.version == "atom10"
    (entry,) = parsed.entries
    assert entry.id == f"tag:localhost,2026:offers/{offer.reference}"
    assert entry.title == 'Tools & "more" <b>'
    assert entry.link == f"http://localhost:8000{offer.get_absolute_url()}"
    assert entry.summary.endswith(factories.LONG_ENOUGH)
    assert {(tag.scheme.rpartition(":")[2], tag.term) for tag in entry.tags} == {
        ("area", "area.survey_clearance"),
        ("form", "form.training"),
        ("state", "QNO"),
    }
    assert parsed.feed.id == "tag:localhost,2026:offers/en?form=form.training"
    assert {link.rel: link.href for link in parsed.feed.links} == {
        "alternate": "http://localhost:8000/en/offers/?form=form.training",
        "self": "http://localhost:8000/en/offers.atom?form=form.training",
        "first": "http://localhost:8000/en/offers.atom?form=form.training",
        "last": "http://localhost:8000/en/offers.atom?form=form.training",
    }


def test_a_feed_goes_by_the_last_change_or_confirmation(client, make_offer):
    today = timezone.localdate()
    first, second, third = (make_offer() for _ in range(3))
    for offer, changed, confirmed in [(first, 50, 2), (second, 40, 40), (third, 90, 10)]:
        version = offer.live_version
        # At noon: where the clocks were changed in between, late in the evening is another day.
        version.decided_at = timezone.make_aware(datetime.combine(today - timedelta(days=changed), time(12)))
        version.save()
        Offer.objects.filter(pk=offer.pk).update(confirmed_on=today - timedelta(days=confirmed))

    parsed = feed(take(client, "atom"))

    assert [entry.id.rpartition("/")[2] for entry in parsed.entries] == [
        first.reference,
        third.reference,
        second.reference,
    ]
    updated = [datetime.fromisoformat(entry.updated) for entry in parsed.entries]
    assert updated == sorted(updated, reverse=True)
    assert [timezone.localdate(moment) for moment in updated] == [today - timedelta(days=days) for days in (2, 10, 40)]
    assert parsed.feed.updated == parsed.entries[0].updated


def test_the_pages_of_a_feed_lead_to_each_other_and_a_wrong_one_to_the_first(client, make_offer, monkeypatch):
    monkeypatch.setattr("offers.views.takeaway.FEED_PAGE", 2)
    made = {make_offer().reference for _ in range(5)}

    found, address = [], "/en/offers.atom"
    while address:
        parsed = feed(client.get(address))
        found += [entry.id.rpartition("/")[2] for entry in parsed.entries]
        address = {link.rel: link.href for link in parsed.feed.links}.get("next")

    assert sorted(found) == sorted(made)
    middle = {link.rel: link.href.rpartition("/")[2] for link in feed(take(client, "atom", "page=2")).feed.links}
    assert middle == {
        "alternate": "",
        "self": "offers.atom?page=2",
        "first": "offers.atom",
        "previous": "offers.atom",
        "next": "offers.atom?page=3",
        "last": "offers.atom?page=3",
    }
    for page in ["4", "0", "-1", "x", "9" * 5000]:
        response = take(client, "atom", f"page={page}&form=form.training")
        assert (response.status_code, response.url) == (302, "/en/offers.atom?form=form.training")


def test_a_feed_reader_that_has_it_already_is_told_so(client, make_offer):
    make_offer()
    etag = take(client, "atom").headers["ETag"]

    assert client.get("/en/offers.atom", headers={"if-none-match": etag}).status_code == 304
    make_offer()
    assert client.get("/en/offers.atom", headers={"if-none-match": etag}).status_code == 200


def test_what_xml_cannot_write_is_left_out(client, make_offer):
    make_offer(title="A\x0bB\x1fC\ufffeD")

    parsed = feed(take(client, "atom"))

    assert not parsed.bozo
    assert parsed.entries[0].title == "ABCD"
