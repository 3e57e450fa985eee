"""The ISU enters for a State what the State has asked for in a note verbale."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.models import Role
from offers.models import Ending, Offer, OfferVersion, OutgoingMail, Step, StepNotAllowed, VersionStatus
from offers.work import work_of
from tests import factories
from tests.offers.test_desk import typed
from tests.platform_portal.test_form_pack import faults

pytestmark = pytest.mark.django_db

PAPER = {"note_verbale": "NV 12/2026", "note_verbale_date": date(2026, 5, 3)}
TYPED_PAPER = {"note_verbale": "NV 12/2026", "note_verbale_date": "2026-05-03"}
IN_LOG = "Note verbale NV 12/2026 of 3 May 2026"


@pytest.fixture
def entered(norland, norlander, officer):
    """A complete draft that the ISU has entered for Norland."""
    offer = Offer.begin(state=norland, by=officer, **PAPER)
    factories.make_version_complete(offer.open_version, title="Entered by hand")
    return offer


def act(client, offer, name, **values):
    return client.post(reverse("offers:act", args=[offer.reference]), {"act": name, **TYPED_PAPER, **values})


def text(client, name, *arguments, **parameters):
    return client.get(reverse(f"offers:{name}", args=arguments), parameters).content.decode()


def letters_to(user):
    return [mail for mail in OutgoingMail.objects.order_by("pk") if mail.recipients == [user.email]]


# A new offer


def test_the_isu_begins_an_offer_for_a_state_in_the_usual_editor(isu, norland, norlander):
    response = isu.post(reverse("offers:begin_on_behalf"), {"state": norland.pk, **TYPED_PAPER}, follow=True)

    offer = Offer.objects.get()
    assert response.redirect_chain[-1][0] == reverse("offers:edit", args=[offer.reference])
    assert response.status_code == 200
    assert offer.open_version.paper == IN_LOG
    assert offer.status_changes.get().reason == IN_LOG
    (letter,) = letters_to(norlander)
    assert letter.subject == f"The ISU has made an entry for Norland: {offer.reference}"


def test_a_second_click_opens_the_draft_that_the_first_has_begun(isu, norland):
    address, values = reverse("offers:begin_on_behalf"), {"state": norland.pk, **TYPED_PAPER}

    assert isu.post(address, values).url == isu.post(address, values).url

    # Once something is written in it, the same note verbale may bring another offer.
    factories.make_version_complete(Offer.objects.get().open_version)
    isu.post(address, values)
    assert Offer.objects.count() == 2


def test_from_the_note_verbale_to_the_catalogue(isu, entered, officer):
    version = entered.open_version
    isu.post(reverse("offers:edit", args=[entered.reference]), typed(version, title="As on the paper"))
    isu.post(reverse("offers:submit", args=[entered.reference]), {"declaration": "on", "seen": 2})
    version.refresh_from_db()

    isu.post(reverse("offers:publish", args=[version.pk]), {"seen": version.edit_number})

    version.refresh_from_db()
    assert (version.status, version.title) == (VersionStatus.PUBLISHED, "As on the paper")
    assert version.author == version.decided_by == officer


@pytest.mark.parametrize("page", ["desk", "versions", "version", "isu_offers", "isu_offer", "isu_version"])
def test_every_page_says_who_has_entered_it_and_on_what(client, entered, norlander, officer, page):
    client.force_login(officer if page.startswith("isu") else norlander)
    numbered = {"version": [entered.reference, 1], "isu_version": [entered.reference, 1]}
    arguments = {"desk": [], "isu_offers": []} | numbered

    found = text(client, page, *arguments.get(page, [entered.reference]))

    assert "Entered by the ISU on behalf of Norland, note verbale" in found
    assert "<bdi>NV 12/2026</bdi> of 3 May 2026" in found
    assert not list(faults(found))


def test_the_review_says_it_too(isu, entered, officer):
    version = entered.open_version
    version.submit(by=officer)

    assert "Entered by the ISU on behalf of Norland, note verbale" in text(isu, "review", version.pk)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"state": ""}, "Choose the State Party."),
        ({"note_verbale": "  \u200b "}, "Give the number of the note verbale."),
        ({"note_verbale": "x" * 101}, "Shorten it to 100"),
        ({"note_verbale_date": ""}, "Give the date of the note verbale."),
        ({"note_verbale_date": "2999-01-01"}, "The date of the note verbale cannot be in the future."),
    ],
)
def test_bad_input_is_explained_and_what_was_typed_is_kept(isu, norland, values, message):
    typed_in = {"state": norland.pk, "note_verbale": "Kept 7", "note_verbale_date": "2026-05-03"} | values

    found = isu.post(reverse("offers:begin_on_behalf"), typed_in).content.decode()

    assert message in found
    assert ("Kept 7" in found) == ("note_verbale" not in values)
    assert not Offer.objects.exists()
    assert not list(faults(found))


def test_only_states_parties_are_to_be_chosen(isu, officer):
    former = factories.StateFactory(withdrawal_effective=timezone.localdate())

    found = isu.post(reverse("offers:begin_on_behalf"), {"state": former.pk, **TYPED_PAPER}).content.decode()

    assert "Select a valid choice." in found
    with pytest.raises(StepNotAllowed):
        Offer.begin(state=former, by=officer, **PAPER)


def test_without_a_note_verbale_the_isu_writes_for_no_state(make_offer, norland, officer):
    offer = make_offer()

    for step in (lambda: Offer.begin(state=norland, by=officer), lambda: offer.edit(by=officer)):
        with pytest.raises(StepNotAllowed, match="on its note verbale only"):
            step()
    with pytest.raises(StepNotAllowed):
        offer.clone(by=officer)


# An offer that is there


def test_a_change_opens_the_editor_and_the_live_version_stays(isu, make_offer):
    offer = make_offer(title="Public words")

    response = act(isu, offer, "change")

    assert response.url == reverse("offers:edit", args=[offer.reference])
    assert isu.get(response.url).status_code == 200
    assert offer.open_version.paper == IN_LOG
    assert "Public words" in text(isu, "detail", offer.reference)


def test_a_second_click_on_change_opens_the_same_draft(isu, make_offer):
    offer = make_offer()

    assert act(isu, offer, "change").url == act(isu, offer, "change").url
    assert offer.versions.count() == 2


def test_what_the_state_itself_is_writing_is_not_taken_out_of_its_hands(isu, make_offer, norlander):
    offer = make_offer()
    draft = offer.edit(by=norlander)

    response = act(isu, offer, "change")

    found = response.content.decode()
    assert response.status_code == 409
    assert "the State is writing a new version of this offer itself" in found
    assert "NV 12/2026" in found
    assert offer.open_version == draft
    assert isu.get(reverse("offers:edit", args=[offer.reference])).status_code == 404


def test_a_change_on_another_note_verbale_waits_for_the_one_before(isu, make_offer):
    offer = make_offer()
    act(isu, offer, "change")

    assert act(isu, offer, "change", note_verbale="NV 13/2026").status_code == 409


def test_a_copy_begins_with_the_words_that_the_isu_may_read(isu, make_offer, norlander):
    offer = make_offer(title="Public words")
    factories.make_version_complete(offer.edit(by=norlander), title="Secret words")

    response = act(isu, offer, "clone")

    copy = Offer.objects.exclude(pk=offer.pk).get()
    assert response.url == reverse("offers:edit", args=[copy.reference])
    assert (copy.open_version.title, copy.open_version.paper) == ("Public words", IN_LOG)


@pytest.mark.parametrize(
    ("name", "step"), [("confirm", Step.CONFIRM), ("withdraw", Step.WITHDRAW), ("fulfil", Step.FULFIL)]
)
def test_what_takes_effect_at_once_keeps_the_note_verbale_and_is_told_to_the_state(
    isu, make_offer, norlander, officer, settings, name, step
):
    offer = make_offer(confirmed_days_ago=200)
    isu_letters = OutgoingMail.objects.filter(recipients=[settings.ISU_EMAIL]).count()

    response = act(isu, offer, name)

    assert response.url == reverse("offers:isu_offer", args=[offer.reference])
    change = offer.status_changes.last()
    assert (change.step, change.by, change.reason) == (step, officer, IN_LOG)
    letter = bytes(letters_to(norlander)[-1].raw).decode()
    assert str(step.label) in letter
    assert IN_LOG in letter
    assert OutgoingMail.objects.filter(recipients=[settings.ISU_EMAIL]).count() == isu_letters


def test_the_reason_of_the_state_stands_below_the_note_verbale(isu, make_offer):
    offer = make_offer()

    act(isu, offer, "withdraw", reason="Given away.")

    offer.refresh_from_db()
    assert offer.ended_reason == f"{IN_LOG}\nGiven away."


def test_a_step_that_is_not_possible_is_refused_in_words_with_what_was_typed(isu, make_offer, norlander):
    offer = make_offer()
    page = reverse("offers:act", args=[offer.reference])
    assert "Withdraw it" in isu.get(page).content.decode()
    offer.withdraw(by=norlander)

    found = act(isu, offer, "confirm", reason="Kept as typed").content.decode()

    assert "This cannot be done with the offer as it now stands." in found
    assert "Kept as typed" in found
    assert "Withdraw it" not in found
    offer.refresh_from_db()
    assert offer.ended_as == Ending.WITHDRAWN


def test_of_two_officers_the_second_is_told(isu, make_offer):
    offer = make_offer()

    assert act(isu, offer, "confirm").status_code in {302, 409}
    second = act(isu, offer, "confirm")

    assert second.status_code == 409
    assert "already been confirmed today" in second.content.decode()


def test_the_isu_undoes_what_it_has_entered_from_the_page_of_the_offer(isu, make_offer, norlander):
    mine, theirs = make_offer(), make_offer()
    act(isu, mine, "withdraw")
    theirs.withdraw(by=norlander)
    button = reverse("offers:bring_back_taken_down", args=[mine.reference])
    assert button in text(isu, "isu_offer", mine.reference)
    assert "Bring the offer back" not in text(isu, "isu_offer", theirs.reference)

    isu.post(button)

    mine.refresh_from_db()
    assert not mine.has_ended


def test_an_ending_that_the_isu_has_entered_both_sides_can_undo(make_offer, norlander, officer):
    for by in (officer, norlander):
        offer = make_offer()
        offer.withdraw(by=officer, reason=IN_LOG)

        offer.bring_back(by=by)

        assert not offer.has_ended


# Four eyes


def test_the_state_sees_what_is_entered_for_it_and_may_write_at_it(client, entered, norland, norlander):
    client.force_login(norlander)
    assert [task.offer for task in work_of(norland).drafts] == [entered]
    assert "it is your State's own" in text(client, "edit", entered.reference)

    response = client.post(
        reverse("offers:edit", args=[entered.reference]), typed(entered.open_version, title="In our own words")
    )

    assert response.status_code == 302
    assert entered.open_version.title == "In our own words"


def test_what_the_state_has_written_at_is_its_own_and_no_longer_the_isus_to_publish_alone(
    client, entered, norlander, officer
):
    client.force_login(norlander)
    edit = reverse("offers:edit", args=[entered.reference])
    client.post(edit, typed(entered.open_version, title="In our own words"))

    version = entered.open_version
    assert (version.author, version.note_verbale) == (norlander, "")
    assert entered.status_changes.last().reason == f"Now written by the State itself. {IN_LOG}"
    client.force_login(officer)
    assert client.get(edit).status_code == 404
    assert client.post(edit, typed(version, title="Not yours")).status_code == 404
    assert client.post(reverse("offers:submit", args=[entered.reference])).status_code == 404
    assert "In our own words" not in text(client, "isu_offers")

    # A member of the State who moves to the ISU does not publish what they have written themselves.
    version.submit(by=norlander)
    norlander.role = Role.ISU_OFFICER
    norlander.save()
    with pytest.raises(StepNotAllowed):
        version.publish(by=norlander, seen=version.edit_number)
    version.publish(by=officer, seen=version.edit_number)
    assert version.status == VersionStatus.PUBLISHED


def test_handing_it_in_makes_it_the_states_own_too(entered, norlander, officer):
    version = entered.open_version

    version.submit(by=norlander)

    assert (version.author, version.note_verbale) == (norlander, "")
    version.publish(by=officer, seen=version.edit_number)


def test_a_save_of_the_isu_that_comes_after_the_states_own_changes_nothing(client, entered, norlander, officer):
    mine = typed(entered.open_version, title="By the ISU")
    client.force_login(norlander)
    client.post(reverse("offers:edit", args=[entered.reference]), typed(entered.open_version, title="In our own words"))
    client.force_login(officer)

    assert client.post(reverse("offers:edit", args=[entered.reference]), mine).status_code == 404
    assert entered.open_version.title == "In our own words"


def test_the_isu_reads_what_it_has_entered_and_no_draft_of_a_state(make_offer, entered):
    make_offer(status="draft")

    assert list(OfferVersion.objects.readable_by_isu()) == [entered.open_version]


# The list


def test_the_isu_finds_offers_by_reference_by_words_of_their_titles_and_by_state(isu, make_offer, sudland):
    course, other = (
        make_offer(title="Course for demining instructors"),
        factories.make_offer(state=sudland, title="Detectors"),
    )

    def found(**parameters):
        page = isu.get(reverse("offers:isu_offers"), parameters)
        assert page.status_code == 200
        return [offer for offer, _version, _newest in page.context["rows"]]

    assert found() == [course, other]
    assert found(q=course.reference.lower()) == [course]
    assert found(q=f"  {course.reference[-4:]} ") == [course]
    assert found(q="instructors course") == [course]
    assert found(q="instructors nowhere") == []
    assert found(state="QSU") == [other]
    assert found(state="nonsense", q="\x00", page="x") == [course, other]
    assert "Try fewer words" in text(isu, "isu_offers", q="nothing like it " * 10)


def test_the_list_shows_nothing_that_a_state_is_writing(isu, make_offer, norlander):
    live = make_offer(title="Public words")
    factories.make_version_complete(live.edit(by=norlander), title="Secret words")
    make_offer(status="draft", title="Another secret")
    make_offer(status="returned", title="A third secret")

    found = text(isu, "isu_offers")

    assert "Public words" in found
    assert "ecret" not in found
    assert "No offer is called like that" in text(isu, "isu_offers", q="secret")


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_needs_the_same_queries_however_many_offers(isu, make_offer, norland, officer, count):
    for number in range(count):
        make_offer(status=("published", "submitted", "returned")[number % 3])
        factories.make_version_complete(Offer.begin(state=norland, by=officer, **PAPER).open_version)
    text(isu, "isu_offers")

    with CaptureQueriesContext(connection) as queries:
        text(isu, "isu_offers")

    assert len(queries) == 7


@pytest.mark.parametrize("name", ["isu_offers", "begin_on_behalf"])
def test_the_pages_are_for_the_isu_only(client, norlander, name):
    address = reverse(f"offers:{name}")
    assert client.get(address).status_code == 302
    client.force_login(norlander)
    assert client.get(address).status_code == 403


def test_a_note_verbale_of_tomorrow_is_refused_for_an_act_too(isu, make_offer):
    offer = make_offer(confirmed_days_ago=10)
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()

    assert "cannot be in the future" in act(isu, offer, "confirm", note_verbale_date=tomorrow).content.decode()
    assert not offer.status_changes.filter(step=Step.CONFIRM).exists()


def test_a_former_partys_offers_are_left_alone(isu, make_offer, norland):
    offer = make_offer(confirmed_days_ago=10)
    norland.withdrawal_effective = timezone.localdate()
    norland.save()

    for name in ("confirm", "change", "clone"):
        assert act(isu, offer, name).status_code == 409, name
