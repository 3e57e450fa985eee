"""The bulletin: what it names, how it is written and sent, and that page, letter, text, Word and feed say the same."""

import io
from datetime import date, timedelta

import feedparser
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language_info
from docx import Document

from contacts.models import Role
from offers import bulletins
from offers.models import Bulletin, CatalogueRevision, Offer, OutgoingMail, StaleEdit, StatusChange, StepNotAllowed
from tests import factories
from tests.at_once import at_once
from tests.letters import text_of

ARABIC = "دورتان جديدتان للمدربين"


def reader(**values):
    values = {"bulletin": True} | values
    return factories.SubscriberFactory(**values)


def published(offer, days_ago):
    """As if the newest wording had been published then."""
    when = timezone.now() - timedelta(days=days_ago)
    change = offer.status_changes.filter(step="publish").last()
    StatusChange.objects.filter(pk=change.pk).update(at=when)
    if change.version.number == 1:
        Offer.objects.filter(pk=offer.pk).update(first_published_on=when.date())
    return offer


def change(offer, norlander, officer, **words):
    version = offer.edit(by=norlander)
    for name, text in words.items():
        setattr(version, name, text)
    version.save()
    version.submit(by=norlander)
    version.publish(by=officer, seen=version.edit_number)


def named(bulletin):
    return [(row.offer.reference, row.is_new) for row in bulletin.offers.select_related("offer")]


def address(name, *arguments):
    return reverse(f"offers:{name}", args=arguments)


# What it names


def test_a_draft_names_what_is_new_or_changed_in_its_days_and_public_by_area(db, make_offer, norlander, officer):
    late = factories.AreaFactory(code="area.victim_assistance", position=30_000)
    last = published(make_offer(primary_area=late), 3)
    first = published(make_offer(), 2)
    changed = published(make_offer(), 90)
    change(changed, norlander, officer, quantity="Twelve places")
    published(changed, 4)
    published(make_offer(), 90)
    published(make_offer(), 3).withdraw(by=norlander)
    make_offer(status="submitted")
    today = timezone.localdate()

    bulletin = Bulletin.begin_once(by=officer, first_day=today - timedelta(days=10), last_day=today)

    assert named(bulletin) == [(first.reference, True), (last.reference, True), (changed.reference, False)]


def test_the_next_one_begins_where_the_last_one_ended(isu, db):
    yesterday = timezone.localdate() - timedelta(days=1)
    factories.make_bulletin(
        notes={"en": "News"}, first_day=yesterday - timedelta(days=40), last_day=yesterday - timedelta(days=10)
    )

    form = isu.get(address("isu_bulletins")).context["form"]

    assert (form["first_day"].value(), form["last_day"].value()) == (yesterday - timedelta(days=9), yesterday)


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("", "2026-01-31", "Give the first day"),
        ("2026-02-01", "2026-01-31", "The last day comes before the first."),
        ("2026-01-01", "9999-12-31", "The last day is yesterday or earlier."),
    ],
)
def test_days_that_make_no_period_are_refused_and_stay_typed(isu, first, last, sentence):
    page = isu.post(address("isu_bulletins"), {"first_day": first, "last_day": last}).content.decode()

    assert sentence in page
    assert f'value="{last}"' in page
    assert not Bulletin.objects.exists()


def test_what_is_left_out_stays_out_while_other_days_bring_theirs(isu, make_offer, officer):
    kept, left_out, earlier = (published(make_offer(), days) for days in (2, 3, 20))
    today = timezone.localdate()
    bulletin = Bulletin.begin_once(by=officer, first_day=today - timedelta(days=5), last_day=today - timedelta(days=1))
    data = {"edit_number": 1, "first_day": today - timedelta(days=30), "last_day": today - timedelta(days=1)}

    isu.post(address("isu_bulletin", bulletin.pk), data | {"offers": [kept.pk, "x", "9" * 40]})

    assert named(bulletin) == [(kept.reference, True), (earlier.reference, True)]
    assert left_out.reference in isu.get(address("isu_bulletin", bulletin.pk)).content.decode()


# Writing it


def test_a_note_is_written_in_english_first_and_goes_when_it_is_emptied(isu, officer):
    bulletin = factories.make_bulletin(sent=False, by=officer)
    english, french = (address("isu_bulletin_note", bulletin.pk, code) for code in ("en", "fr"))

    assert isu.get(french).status_code == 302
    assert "Write the English note first" in isu.post(french, {"edit_number": 1, "title": "N"}).content.decode()
    isu.post(english, {"edit_number": 1, "title": "News\u202e of\nJune", "text": "One.\r\n\r\nTwo."})
    isu.post(french, {"edit_number": 2, "title": "Nouvelles"})
    assert "Empty them first" in isu.post(english, {"edit_number": 3}).content.decode()
    note = bulletin.notes.get(language="en")
    assert (note.title, note.paragraphs) == ("News of June", ["One.", "Two."])
    isu.post(french, {"edit_number": 3})
    isu.post(english, {"edit_number": 4})
    assert not bulletin.notes.exists()


def test_a_note_that_is_too_long_or_has_no_title_is_kept_on_the_page(isu, officer):
    bulletin = factories.make_bulletin(sent=False, by=officer)

    page = isu.post(
        address("isu_bulletin_note", bulletin.pk, "en"), {"edit_number": 1, "text": "a" * 5001}
    ).content.decode()

    assert "Shorten it to 5000" in page
    assert "a" * 5001 in page
    page = isu.post(
        address("isu_bulletin_note", bulletin.pk, "en"), {"edit_number": 1, "text": ARABIC}
    ).content.decode()
    assert "Give the note a title." in page
    assert ARABIC in page
    assert not bulletin.notes.exists()


def test_whoever_saves_second_sees_both_texts_and_may_then_save(isu, officer):
    bulletin = factories.make_bulletin(sent=False, by=officer, notes={"en": "What the other has written"})
    mine = {"edit_number": 1, "title": "What I have written", "text": "Mine."}

    response = isu.post(address("isu_bulletin_note", bulletin.pk, "en"), mine)

    page = response.content.decode()
    assert response.status_code == 409
    assert "What the other has written" in page
    assert 'value="What I have written"' in page
    assert isu.post(address("isu_bulletin_note", bulletin.pk, "en"), mine | {"edit_number": 2}).status_code == 302
    assert bulletin.notes.get().title == "What I have written"


def test_days_that_somebody_else_has_changed_are_not_overwritten(isu, make_offer, officer):
    offer = published(make_offer(), 2)
    bulletin = factories.make_bulletin(sent=False, by=officer)
    bulletin.save_choice(seen=1, first_day=date(2026, 1, 1), last_day=timezone.localdate(), offers=[offer.pk])
    data = {"edit_number": 1, "first_day": "2026-02-02", "last_day": "2026-02-03"}

    response = isu.post(address("isu_bulletin", bulletin.pk), data)

    assert response.status_code == 409
    assert "Saved now: named" in response.content.decode()
    assert 'value="2026-02-02"' in response.content.decode()
    bulletin.refresh_from_db()
    assert bulletin.first_day == date(2026, 1, 1)


def test_what_is_typed_for_a_bulletin_that_has_just_been_sent_is_kept(isu, officer):
    bulletin = factories.make_bulletin(by=officer, notes={"en": "News"})

    response = isu.post(address("isu_bulletin_note", bulletin.pk, "en"), {"edit_number": 2, "title": "Too late"})

    assert response.status_code == 409
    assert 'value="Too late"' in response.content.decode()
    assert "cannot be changed any more" in response.content.decode()
    assert bulletin.notes.get().title == "News"


def test_a_double_press_begins_one_draft_and_a_draft_can_be_discarded(isu):
    yesterday = timezone.localdate() - timedelta(days=1)
    data = {"first_day": yesterday, "last_day": yesterday}

    assert isu.post(address("isu_bulletins"), data).url == isu.post(address("isu_bulletins"), data).url
    bulletin = Bulletin.objects.get()
    isu.post(address("discard_bulletin", bulletin.pk), {"seen": 99})
    assert Bulletin.objects.exists()
    isu.post(address("discard_bulletin", bulletin.pk), {"seen": 1})
    assert not Bulletin.objects.exists()


# Sending it


def test_it_is_sent_once_under_a_number_of_its_year(isu, make_offer, officer, administrator):
    published(make_offer(), 2)
    reader(), reader(bulletin=False), reader(bounced_at=timezone.now())
    factories.make_bulletin(by=officer, notes={"en": "The first"})
    bulletin = factories.make_bulletin(sent=False, by=officer)
    mark = CatalogueRevision.current()

    assert "It goes to 1 subscriber" in isu.get(address("send_bulletin", bulletin.pk)).content.decode()
    isu.post(address("send_bulletin", bulletin.pk), {"seen": 1})

    bulletin.refresh_from_db()
    assert (bulletin.number, bulletin.sent_by) == (f"{timezone.localdate().year}-2", officer)
    assert CatalogueRevision.current() != mark
    with pytest.raises(StepNotAllowed):
        bulletin.send(by=administrator, seen=bulletin.edit_number)
    assert isu.get(address("isu_bulletin", bulletin.pk)).url == address("bulletin", bulletin.number)


def test_what_has_been_changed_since_it_was_read_is_not_sent(isu, officer):
    bulletin = factories.make_bulletin(sent=False, by=officer, notes={"en": "News"})

    page = isu.post(address("send_bulletin", bulletin.pk), {"seen": 1}, follow=True).content.decode()

    assert "somebody has changed this bulletin" in page
    with pytest.raises(StaleEdit):
        bulletin.send(by=officer, seen=1)
    bulletin.refresh_from_db()
    assert bulletin.number is None


def test_without_offers_and_note_there_is_nothing_to_send(isu, officer):
    bulletin = factories.make_bulletin(sent=False, by=officer)

    assert "There is nothing to send yet" in isu.get(address("send_bulletin", bulletin.pk)).content.decode()
    assert "There is nothing to send yet" in isu.post(
        address("send_bulletin", bulletin.pk), {"seen": 1}, follow=True
    ).content.decode()  # fmt: skip
    assert not Bulletin.objects.sent().exists()
    assert isu.get(address("isu_bulletin", bulletin.pk)).context["form"]["edit_number"].value() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_who_send_at_once_one_does(officer, administrator):
    bulletin = factories.make_bulletin(sent=False, by=officer, notes={"en": "News"})
    clients = [Client(), Client()]
    for client, user in zip(clients, (officer, administrator), strict=True):
        client.force_login(user)

    def press(client):
        return client.post(address("send_bulletin", bulletin.pk), {"seen": 2}).status_code

    answers = at_once(*(lambda client=client: press(client) for client in clients))

    assert answers == [302, 302]
    assert Bulletin.objects.get().number == f"{timezone.localdate().year}-1"


# Letters


def letters():
    return OutgoingMail.objects.filter(cause="bulletin").order_by("pk")


def test_each_subscriber_gets_one_letter_in_the_chosen_language(make_offer, officer):
    published(make_offer(title="Demining course"), 2)
    ana, farid = reader(language="en"), reader(language="ar")
    reader(bulletin=False), reader(bounced_at=timezone.now())
    reader(confirmed_at=timezone.now() + timedelta(hours=1))
    bulletin = factories.make_bulletin(by=officer, notes={"en": "News of June", "ar": ARABIC})

    assert list(bulletins.write_letters()) == [(ana, bulletin), (farid, bulletin)]
    assert list(bulletins.write_letters()) == []

    english, arabic = letters()
    assert (english.recipients, english.about) == ([ana.email], str(ana.key))
    assert english.subject == f"Bulletin {bulletin.number}: News of June"
    assert ARABIC in arabic.subject
    for word in ("Demining course", address("bulletin", bulletin.number), "/alerts/manage/", "Not a commitment"):
        assert word in text_of(english)
    assert "/ar/bulletins/" in text_of(arabic)
    assert b"List-Unsubscribe=One-Click" in bytes(english.raw)


def test_a_run_that_broke_off_writes_the_rest_the_next_time(officer):
    readers = [reader() for _number in range(3)]
    factories.make_bulletin(by=officer, notes={"en": "News"})
    run = bulletins.write_letters()
    next(run)
    run.close()
    # A row that cannot be written to: nothing is kept of it, and the others get theirs.
    broken = readers[1]
    type(broken).objects.filter(pk=broken.pk).update(email="two\nlines@example.org")

    outcomes = list(bulletins.write_letters())

    assert [subscriber for subscriber, _outcome in outcomes] == readers[1:]
    assert isinstance(outcomes[0][1], ValueError)
    type(broken).objects.filter(pk=broken.pk).update(email="again@example.org")
    assert [subscriber for subscriber, _outcome in bulletins.write_letters()] == [broken]
    assert sorted(mail.recipients[0] for mail in letters()) == sorted(
        [readers[0].email, readers[2].email, "again@example.org"]
    )


@pytest.mark.parametrize("stop", ["bulletin", "all"])
def test_whoever_stops_it_gets_no_letter_that_still_waits(officer, stop):
    subscriber = reader(lists=[""])
    factories.make_bulletin(by=officer, notes={"en": "News"})
    list(bulletins.write_letters())

    if stop == "bulletin":
        subscriber.change(language="en", frequency="weekly", bulletin=False)
    else:
        subscriber.stop_all()

    assert not letters()


def test_to_ask_for_more_lists_loses_no_bulletin_that_was_sent_meanwhile(officer):
    subscriber = reader(confirmed_at=timezone.now() - timedelta(days=90))
    bulletin = factories.make_bulletin(by=officer, notes={"en": "News"})

    factories.SignUpFactory(email=subscriber.email).confirm()

    assert list(bulletins.write_letters()) == [(subscriber, bulletin)]


def test_whoever_stops_it_while_letters_are_written_gets_none(officer):
    first, second = reader(), reader()
    factories.make_bulletin(by=officer, notes={"en": "News"})
    run = bulletins.write_letters()
    assert next(run)[0] == first

    second.delete()

    assert list(run) == []
    assert letters().count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_write_each_letter_once(officer):
    for _number in range(3):
        reader()
    factories.make_bulletin(by=officer, notes={"en": "News"})

    at_once(lambda: list(bulletins.write_letters()), lambda: list(bulletins.write_letters()))

    assert letters().count() == 3


# Reading it


def word_text(content):
    document = Document(io.BytesIO(content))
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def everywhere(client, bulletin):
    """What is said in each form, in the language in use."""
    number = bulletin.number
    feed = feedparser.parse(client.get(address("bulletin_atom")).content)
    return {
        "page": client.get(address("bulletin", number)).content.decode(),
        "text": client.get(address("bulletin_text", number)).content.decode(),
        "Word": word_text(client.get(address("bulletin_word", number)).getvalue()),
        "feed": feed.entries[0].content[0].value,
        "letter": bulletins.letter_of(bulletins.read([bulletin])[0])[1],
    }


def test_page_text_word_feed_and_letter_say_the_same(client, make_offer, norlander, officer):
    offer = published(make_offer(title="Demining course"), 2)
    changed = published(make_offer(title="Dogs & handlers"), 90)
    change(changed, norlander, officer, title="Dogs and their handlers")
    gone = published(make_offer(title="A withdrawn course"), 2)
    Offer.objects.filter(pk=offer.pk).update(is_sample=True)
    bulletin = factories.make_bulletin(by=officer, notes={"en": "News of June"})
    gone.withdraw(by=norlander)

    said = everywhere(client, bulletin)

    expected = [
        f"Bulletin {bulletin.number}", "News of June", "News of June, in more words.", "Demining course",
        "Dogs and their handlers", "Norland · Survey clearance · Training", offer.reference, changed.reference,
        "Illustrative record drawn from public sources", "No longer available", "Not a commitment or endorsement",
        f"/en/offers/{offer.reference}/",
    ]  # fmt: skip
    assert [(form, word) for form, text in said.items() for word in expected if word not in text] == []
    assert [form for form, text in said.items() if "A withdrawn course" in text or gone.reference in text] == []


def test_a_reader_without_a_note_in_the_own_language_gets_the_english_one(client, make_offer, officer):
    arabic = factories.LanguageFactory(code="ar", name_en="Arabic", name_ar="العربية")
    offer = published(make_offer(title="Demining course"), 2)
    offer.live_version.translations.create(language=arabic, title="دورة في إزالة الألغام", description="وصف")
    bulletin = factories.make_bulletin(by=officer, notes={"en": "News of June"})

    with translation.override("ar"):
        page = client.get(address("bulletin", bulletin.number)).content.decode()
        word = Document(io.BytesIO(client.get(address("bulletin_word", bulletin.number)).getvalue()))
        name = str(get_language_info("en")["name_translated"])

    assert '<span lang="en" dir="auto">News of June</span>' in page
    assert f'<span class="tag">{name}</span>' in page
    assert "دورة في إزالة الألغام" in page
    heading = next(paragraph for paragraph in word.paragraphs if "دورة" in paragraph.text)
    assert heading.runs[0].font.rtl


def test_the_feed_is_valid_and_its_ids_stay(client, officer, settings):
    empty = feedparser.parse(client.get(address("bulletin_atom")).content)
    assert (empty.bozo, empty.entries) == (0, [])
    settings.PORTAL_URL = "https://portal.example.org"
    first = factories.make_bulletin(by=officer, notes={"en": "<b>News</b> & more"})
    second = factories.make_bulletin(by=officer, notes={"en": "More news"})

    feed = feedparser.parse(client.get(address("bulletin_atom")).content)

    assert feed.bozo == 0
    assert [entry.id for entry in feed.entries] == [
        f"tag:portal.example.org,2026:bulletins/{bulletin.number}" for bulletin in (second, first)
    ]
    assert "&lt;b&gt;" in feed.entries[1].content[0].value
    assert feed.feed.id == "tag:portal.example.org,2026:bulletins/en"


def test_the_public_sees_no_draft_and_reads_well_that_there_is_none(client, officer):
    factories.make_bulletin(sent=False, by=officer, notes={"en": "Not for the public yet"})

    page = client.get(address("bulletin_list")).content.decode()

    assert "No bulletin has been sent yet." in page
    assert "Not for the public yet" not in page
    assert client.get(address("bulletin", "2026-1")).status_code == 404
    assert "Not for the public yet" not in client.get(address("bulletin_atom")).content.decode()


def test_a_kept_page_is_made_anew_when_an_offer_leaves_or_a_bulletin_is_sent(client, make_offer, norlander, officer):
    offer = published(make_offer(title="Demining course"), 2)
    bulletin = factories.make_bulletin(by=officer)
    assert "Demining course" in client.get(address("bulletin", bulletin.number)).content.decode()
    client.get(address("bulletin_list"))

    offer.withdraw(by=norlander)
    later = factories.make_bulletin(by=officer, notes={"en": "News of July"})

    assert "Demining course" not in client.get(address("bulletin", bulletin.number)).content.decode()
    assert later.number in client.get(address("bulletin_list")).content.decode()


def test_the_preview_of_a_letter_runs_nothing_that_is_written_in_it(isu, officer):
    bulletin = factories.make_bulletin(sent=False, by=officer, notes={"en": "</textarea><script>"})

    page = isu.get(address("bulletin_letter", bulletin.pk)).content.decode()

    assert "&lt;/textarea&gt;&lt;script&gt;" in page
    assert "</textarea><script>" not in page


@pytest.mark.parametrize("code", ["ar", "zh-hans", "en", "fr", "ru", "es"])
def test_each_language_has_its_previews_with_its_direction(isu, make_offer, officer, code):
    published(make_offer(), 2)
    bulletin = factories.make_bulletin(sent=False, by=officer, notes={"en": "News", "ar": ARABIC})
    direction = "rtl" if code == "ar" else "ltr"

    with translation.override(code):
        pages = [isu.get(address(name, bulletin.pk)) for name in ("bulletin_preview", "bulletin_letter_html")]
        text = isu.get(address("bulletin_draft_text", bulletin.pk)).content.decode()

    for page in pages:
        assert f'dir="{direction}"' in page.content.decode()
        assert (ARABIC if code == "ar" else "News") in page.content.decode()
    assert (ARABIC if code == "ar" else "News") in text
    assert "sandbox" in pages[1].headers["Content-Security-Policy"]


def test_queries_do_not_grow_with_what_there_is(client, make_offer, officer):
    user = factories.UserFactory(role=Role.ISU_OFFICER)
    signed_in = Client()
    signed_in.force_login(user)

    def queries():
        draft = factories.make_bulletin(sent=False, by=officer, notes={"en": "News"})
        sent = factories.make_bulletin(by=officer, notes={"en": "News", "fr": "Nouvelles"})
        counts = {}
        for browser, *page in [
            (client, "bulletin_list"), (client, "bulletin", sent.number), (client, "bulletin_atom"),
            (client, "bulletin_text", sent.number), (client, "bulletin_word", sent.number),
            (signed_in, "isu_bulletins"), (signed_in, "isu_bulletin", draft.pk), (signed_in, "send_bulletin", draft.pk),
        ]:  # fmt: skip
            with CaptureQueriesContext(connection) as captured:
                assert browser.get(address(*page)).status_code == 200
            counts[page[0]] = len(captured)
        return counts

    published(make_offer(), 2)
    queries()
    few = queries()
    for _number in range(3):
        published(make_offer(), 2)

    assert queries() == few
