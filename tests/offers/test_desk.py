"""What a focal point does all day."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from offers.forms.editor import OfferEditor
from offers.models import Offer, OutgoingMail, VersionStatus
from offers.work import work_of
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def typed(version, **changes):
    """What the editor would send for a version, with some fields typed over."""
    editor = OfferEditor(version)
    data = {}
    for form in [*editor.forms, editor.partners.management_form, editor.links.management_form]:
        for bound in form:
            value = bound.value()
            if value not in (None, ""):
                data[bound.html_name] = (
                    [getattr(item, "pk", item) for item in value] if isinstance(value, list) else value
                )
    return data | changes


@pytest.fixture
def draft(make_offer):
    return make_offer(status="draft")


def edit_url(offer):
    return reverse("offers:edit", args=[offer.reference])


def test_a_new_offer_opens_in_the_editor(focal, norland):
    response = focal.post(reverse("offers:new"), follow=True)

    offer = Offer.objects.get()
    assert offer.state == norland
    assert response.redirect_chain == [(edit_url(offer), 302)]
    assert response.status_code == 200


def test_a_draft_with_only_a_title_is_saved(focal, norland, norlander):
    offer = Offer.begin(state=norland, by=norlander)

    response = focal.post(edit_url(offer), typed(offer.open_version, title="Metal detectors on loan"))

    assert response.status_code == 302
    assert offer.open_version.title == "Metal detectors on loan"


def test_the_whole_form_is_saved_as_typed(focal, draft, norland):
    region, state = factories.StateFactory().region, factories.StateFactory()
    group = factories.RegionalBodyFactory(group_name_en="Northern States")
    second = factories.AreaFactory(code="area.risk_education")
    french = factories.LanguageFactory(code="fr", name_en="French")
    version = draft.open_version
    values = {
        "title": "Five courses",
        "quantity": "12 places",
        "duration": "Five weeks",
        "second_area": second.pk,
        "delivery_modes": ["remote", "provider_centre"],
        "recipients": "selected",
        "recipient_regions": [region.pk],
        "recipient_groups": [group.pk],
        "recipient_states": [state.pk],
        "languages": [french.pk],
        "cooperation": "triangular",
        "funding_partner": "sought",
        "funding_purpose": "Travel of participants",
        "timing": "dates",
        "starts_on": "2027-03-01",
        "ends_on": "2027-04-05",
        "lead_time_weeks": "8",
        "pays_fees": "provider",
        "pays_travel": "recipient",
        "transfer_terms": "loan",
        "partners-0-organisation": "An organisation",
        "partners-0-role": "funding_partner",
        "partners-1-state": state.pk,
        "partners-1-role": "host",
        "links-0-url": "https://example.org/course",
        "links-0-title": "The course",
    }

    assert focal.post(edit_url(draft), typed(version, **values)).status_code == 302

    version = draft.open_version
    assert (version.title, version.quantity, version.duration) == ("Five courses", "12 places", "Five weeks")
    assert version.areas == [version.primary_area, second]
    assert version.delivery_modes == ["provider_centre", "remote"]
    assert list(version.recipient_regions.all()) == [region]
    assert list(version.recipient_groups.all()) == [group]
    assert list(version.recipient_states.all()) == [state]
    assert list(version.languages.all()) == [french]
    assert (version.cooperation, version.funding_partner) == ("triangular", "sought")
    assert (version.timing, str(version.starts_on), version.lead_time_weeks) == ("dates", "2027-03-01", 8)
    assert dict(version.costs) == {"Fees": "Provider", "Travel": "Recipient"}
    assert [(str(p), p.role) for p in version.partners.all()] == [
        ("An organisation", "funding_partner"),
        (str(state), "host"),
    ]
    assert [(link.url, link.title) for link in version.links.all()] == [("https://example.org/course", "The course")]


def test_line_ends_of_a_browser_make_no_difference(focal, draft):
    focal.post(edit_url(draft), typed(draft.open_version, description=f"{factories.LONG_ENOUGH}\r\n\r\nAnd more."))

    assert draft.open_version.description == f"{factories.LONG_ENOUGH}\n\nAnd more."


def test_saving_again_keeps_the_acceptance_of_a_partner_state(focal, draft, sudland, sudlander):
    partner = draft.open_version.partners.create(state=sudland, role="host")
    partner.accept(by=sudlander)

    focal.post(edit_url(draft), typed(draft.open_version, title="Another title"))

    assert draft.open_version.partners.get().accepted_by == sudlander


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"starts_on": "2027-04-02", "ends_on": "2027-04-01"}, "The last day comes before the first."),
        ({"starts_on": "31.02.2027"}, "Enter a valid date."),
        ({"description": "x" * 1501}, "This text has 1501 characters. Shorten it to 1500"),
        ({"title": "x" * 121}, "This text has 121 characters. Shorten it to 120"),
        ({"lead_time_weeks": "-1"}, "greater than or equal to"),
        ({"links-0-url": "javascript:alert(1)"}, "Enter a web address that begins with"),
        ({"links-0-url": "ftp://example.org/"}, "Enter a web address that begins with"),
        ({"partners-0-organisation": "A centre"}, "Choose the role of this partner."),
        ({"partners-0-role": "host"}, "Name the State or the organisation that has this role."),
        ({"primary_area": "999999"}, "Select a valid choice."),
        ({"contact_points": ["999999"]}, "Select a valid choice."),
    ],
)
def test_bad_input_is_explained_and_what_was_typed_is_kept(focal, draft, values, message):
    title = draft.open_version.title

    response = focal.post(edit_url(draft), typed(draft.open_version) | {"quantity": "Kept as typed"} | values)

    assert response.status_code == 200
    page = response.content.decode()
    assert message in page
    assert "Kept as typed" in page
    assert draft.open_version.title == title


def test_a_period_out_of_order_leads_to_its_field_and_is_said_once(focal, draft):
    wrong = {"starts_on": "2027-04-02", "ends_on": "2027-04-01"}

    response = focal.post(edit_url(draft), typed(draft.open_version) | wrong)

    assert dict(response.context["editor"].form.errors) == {"ends_on": ["The last day comes before the first."]}
    assert 'href="#id_ends_on"' in response.content.decode()


def test_the_contact_points_of_another_state_cannot_be_chosen(focal, draft, sudland):
    foreign = factories.ContactPointFactory(state=sudland)

    response = focal.post(edit_url(draft), typed(draft.open_version, contact_points=[foreign.pk]))

    assert response.status_code == 200
    assert foreign not in draft.open_version.contact_points.all()


def test_fields_that_are_not_asked_cannot_be_set(focal, draft, sudland, officer):
    version = draft.open_version
    extra = {
        "status": "published", "offer": "1", "author": officer.pk, "number": "7", "note_verbale": "NV 1",
        "decided_by": officer.pk, "state": sudland.pk, "reference": "PFP-1999-0001", "is_sample": "1",
        "confirmed_on": "2020-01-01",
    }  # fmt: skip

    assert focal.post(edit_url(draft), typed(version, **extra)).status_code == 302

    offer = Offer.objects.get(pk=draft.pk)
    after = offer.open_version
    assert (after.status, after.author_id, after.number) == (VersionStatus.DRAFT, version.author_id, 1)
    assert (after.note_verbale, after.decided_by, offer.state_id) == ("", None, draft.state_id)
    assert (offer.reference, offer.is_sample, offer.confirmed_on) == (draft.reference, False, None)


def test_an_incomplete_submission_saves_the_draft_and_links_to_each_missing_field(focal, norland, norlander):
    offer = Offer.begin(state=norland, by=norlander)

    response = focal.post(edit_url(offer), typed(offer.open_version, quantity="12 places", then="submit"))

    page = response.content.decode()
    assert offer.open_version.quantity == "12 places"
    assert offer.open_version.status == VersionStatus.DRAFT
    for name in ("title", "primary_area", "form", "description", "delivery_modes", "contact_points"):
        assert f'href="#id_{name}' in page


def test_after_an_incomplete_submission_the_next_save_is_not_stale(focal, norland, norlander):
    offer = Offer.begin(state=norland, by=norlander)
    page = focal.post(edit_url(offer), typed(offer.open_version, then="submit"))

    number = page.context["editor"].form["edit_number"].value()

    assert number == offer.open_version.edit_number


def test_a_complete_offer_is_submitted_after_the_declaration(focal, draft):
    address = reverse("offers:submit", args=[draft.reference])
    assert focal.post(edit_url(draft), typed(draft.open_version, then="submit")).url == address

    refused = focal.post(address, {"note_to_isu": "Please be quick."})
    assert "Confirm the declaration to submit the offer." in refused.content.decode()
    assert draft.open_version.status == VersionStatus.DRAFT

    declared = {"declaration": "on", "note_to_isu": "Please be quick.", "seen": draft.open_version.edit_number}
    response = focal.post(address, declared, follow=True)
    assert draft.open_version.status == VersionStatus.SUBMITTED
    assert draft.open_version.note_to_isu == "Please be quick."
    assert draft.reference in response.content.decode()


def test_a_double_click_on_submit_makes_one_submission(focal, draft):
    address = reverse("offers:submit", args=[draft.reference])

    for _ in range(2):
        response = focal.post(address, {"declaration": "on", "seen": 1}, follow=True)

    assert response.status_code == 200
    assert draft.status_changes.filter(step="submit").count() == 1
    assert OutgoingMail.objects.count() == 1


def test_nobody_declares_for_a_text_that_a_colleague_has_changed(focal, draft):
    address = reverse("offers:submit", args=[draft.reference])
    seen = focal.get(address).context["form"]["seen"].value()
    focal.post(edit_url(draft), typed(draft.open_version, title="A colleague's title"))

    response = focal.post(address, {"declaration": "on", "note_to_isu": "Hello", "seen": seen})

    page = response.content.decode()
    assert response.status_code == 409
    assert "the text is not the one you opened" in page
    assert "A colleague&#x27;s title" in page
    assert "Hello" in page
    assert draft.open_version.status == VersionStatus.DRAFT
    again = {"declaration": "on", "seen": response.context["form"]["seen"].value()}
    focal.post(address, again)
    assert draft.open_version.status == VersionStatus.SUBMITTED


def test_rows_typed_before_an_incomplete_submission_are_kept_by_the_next_save(focal, norland, norlander):
    offer = Offer.begin(state=norland, by=norlander)
    rows = {
        "partners-0-organisation": "A centre",
        "partners-0-role": "host",
        "links-0-url": "https://example.org/",
        "links-0-title": "Course",
    }
    typed_first = typed(offer.open_version) | rows
    page = focal.post(edit_url(offer), typed_first | {"then": "submit"})
    number = page.context["editor"].form["edit_number"].value()

    focal.post(edit_url(offer), typed_first | {"title": "A title", "edit_number": number})

    version = offer.open_version
    assert version.title == "A title"
    assert [str(partner) for partner in version.partners.all()] == ["A centre"]
    assert [link.url for link in version.links.all()] == ["https://example.org/"]


def test_a_row_that_is_emptied_is_removed(focal, draft):
    draft.open_version.links.create(url="https://example.org/", title="Course")

    focal.post(edit_url(draft), typed(draft.open_version) | {"links-0-url": "", "links-0-title": ""})

    assert not draft.open_version.links.exists()


def test_a_save_after_the_offer_was_withdrawn_is_refused(focal, draft, norlander):
    mine = typed(draft.open_version, title="Too late")
    draft.withdraw(by=norlander)

    assert focal.post(edit_url(draft), mine).status_code == 409
    assert draft.versions.last().title != "Too late"


def test_taking_back_what_is_published_by_now_is_told(focal, make_offer):
    offer = make_offer()

    page = focal.post(reverse("offers:take_back", args=[offer.reference]), follow=True).content.decode()

    assert "already moved on" in page


def test_confirming_cannot_move_a_last_day_that_the_state_has_set(focal, make_offer, norland):
    soon = timezone.localdate() + timedelta(days=10)
    offer = make_offer(valid_until=soon)
    type(offer.live_version).objects.filter(pk=offer.live_version_id).update(valid_until=soon)

    (task,) = work_of(norland).to_do
    assert task.steps == ("change",)

    Offer.objects.filter(pk=offer.pk).update(valid_until=timezone.localdate() - timedelta(days=1))
    type(offer.live_version).objects.update(valid_until=timezone.localdate() - timedelta(days=1))
    page = focal.post(reverse("offers:confirm", args=[offer.reference]), follow=True).content.decode()
    assert "Change the last day" in page


@pytest.mark.parametrize("partners", [0, 8])
def test_the_editor_needs_the_same_queries_however_many_rows(focal, draft, partners, django_assert_max_num_queries):
    for number in range(partners):
        draft.open_version.partners.create(organisation=f"Centre {number}", role="host")

    focal.post(edit_url(draft), typed(draft.open_version))  # from now on with advice

    with django_assert_max_num_queries(40):
        focal.get(edit_url(draft))


def test_an_incomplete_version_cannot_be_submitted_past_the_form(focal, norland, norlander):
    offer = Offer.begin(state=norland, by=norlander)

    response = focal.post(reverse("offers:submit", args=[offer.reference]), {"declaration": "on", "seen": 1})

    assert response.status_code == 200
    assert f"{edit_url(offer)}#id_title" in response.content.decode()
    assert offer.open_version.status == VersionStatus.DRAFT


def test_a_save_after_a_colleague_has_submitted_is_refused_with_the_text_kept(focal, draft, norlander):
    mine = typed(draft.open_version, title="My wording")
    editor_was_open = draft.open_version
    editor_was_open.submit(by=norlander)

    response = focal.post(edit_url(draft), mine)

    assert response.status_code == 409
    assert "My wording" in response.content.decode()
    assert draft.open_version.title != "My wording"


def test_the_preview_is_the_page_of_the_offer_and_is_not_indexed(focal, draft):
    response = focal.get(reverse("offers:preview", args=[draft.reference]))

    assert "offers/offer_detail.html" in [template.name for template in response.templates]
    assert draft.open_version.title in response.content.decode()
    assert 'content="noindex' in response.content.decode()
    assert response.headers["Cache-Control"] == "private, no-store"


def test_editing_a_live_offer_leaves_the_public_page_as_it_was(focal, client, make_offer):
    offer = make_offer(title="Public wording")

    focal.post(reverse("offers:change", args=[offer.reference]))
    focal.post(edit_url(offer), typed(offer.open_version, title="Secret new wording"))
    focal.logout()

    page = client.get(offer.get_absolute_url()).content.decode()
    assert "Public wording" in page
    assert "Secret new wording" not in page


def test_confirming_from_the_desk_takes_one_press(focal, make_offer):
    offer = make_offer(confirmed_days_ago=200)

    focal.post(reverse("offers:confirm", args=[offer.reference]))

    offer.refresh_from_db()
    assert offer.confirmed_on == timezone.localdate()


def test_a_withdrawn_offer_is_gone_from_the_catalogue_and_its_page_says_only_that(focal, client, make_offer, norland):
    offer = make_offer(title="Detectors")

    focal.post(reverse("offers:withdraw", args=[offer.reference]), {"reason": "Given away."})
    focal.logout()

    response = client.get(offer.get_absolute_url())
    page = response.content.decode()
    assert response.status_code == 410
    for word in ("Detectors", norland.name_en, "Given away."):
        assert word not in page


def test_the_desk_sorts_every_offer_by_what_needs_action_first(make_offer, norland, norlander):
    returned, draft, waiting = make_offer(status="returned"), make_offer(status="draft"), make_offer(status="submitted")
    fresh, due = make_offer(), make_offer(confirmed_days_ago=200)
    ending = make_offer(valid_until=timezone.localdate() + timedelta(days=30))
    gone = make_offer()
    gone.withdraw(by=norlander)
    being_changed = make_offer()
    being_changed.edit(by=norlander)

    work = work_of(norland)

    def references(tasks):
        return [task.offer for task in tasks]

    assert references(work.to_do) == [returned, due, ending]
    assert references(work.drafts) == [draft, being_changed]
    assert references(work.waiting) == [waiting]
    assert references(work.published) == [fresh, being_changed]
    assert references(work.ended) == [gone]


def test_the_desk_shows_the_own_state_only(focal, sudland):
    factories.make_offer(state=sudland, title="An offer of Sudland")

    page = focal.get(reverse("offers:desk")).content.decode()

    assert "An offer of Sudland" not in page
    assert "Your State has no offers yet." in page


@pytest.mark.parametrize("count", [1, 6])
def test_the_desk_needs_the_same_queries_however_many_offers(focal, make_offer, count, django_assert_max_num_queries):
    for number in range(count):
        make_offer(status=("draft", "submitted", "published")[number % 3])

    with django_assert_max_num_queries(15):
        focal.get(reverse("offers:desk"))


def test_nothing_typed_reaches_the_page_unescaped(focal, draft):
    payload = "<script>alert(1)</script>"

    focal.post(edit_url(draft), typed(draft.open_version, title=payload, quantity=payload))

    for name in ("edit", "preview", "submit"):
        assert payload not in focal.get(reverse(f"offers:{name}", args=[draft.reference])).content.decode()


def test_signing_in_leads_to_the_desk(client, norlander):
    norlander.set_password("a long enough passphrase")
    norlander.save()
    norlander.emailaddress_set.create(email=norlander.email, verified=True, primary=True)

    login = reverse("account_login")
    response = client.post(login, {"login": norlander.email, "password": "a long enough passphrase"}, follow=True)

    assert response.redirect_chain[-1][0] == reverse("offers:desk")


def test_nobody_can_sign_up(client):
    response = client.get(reverse("account_signup"))

    assert "<form" not in response.content.decode().partition("<main")[2].partition("</main>")[0]


def test_an_anonymous_visitor_is_brought_back_to_the_desk_after_signing_in(client):
    response = client.get(reverse("offers:desk"))

    assert response.url == f"{reverse('account_login')}?{urlencode({'next': reverse('offers:desk')}, safe='/')}"


def test_a_state_without_an_office_is_told_at_its_desk_and_in_the_editor(focal, norland, norlander):
    offer = Offer.begin(state=norland, by=norlander)
    proposal = reverse("offers:propose_contact_point")

    assert proposal in focal.get(reverse("offers:desk")).content.decode()
    assert 'value="office"' in focal.get(edit_url(offer)).content.decode()

    response = focal.post(edit_url(offer), typed(offer.open_version, title="A course", then="office"))
    assert response.url == proposal
    assert offer.open_version.title == "A course"

    factories.ContactPointFactory(state=norland)
    assert proposal not in focal.get(reverse("offers:desk")).content.decode()
    assert 'value="office"' not in focal.get(edit_url(offer)).content.decode()


def test_an_offer_confirmed_today_is_not_asked_about_again(focal, norland, make_offer):
    offer = make_offer(confirmed_days_ago=1)
    assert work_of(norland).confirmable == 1

    focal.post(reverse("offers:confirm", args=[offer.reference]))

    assert work_of(norland).confirmable == 0
    assert reverse("offers:confirm_all") not in focal.get(reverse("offers:desk")).content.decode()


@pytest.mark.parametrize(("status", "is_preview"), [("draft", True), ("submitted", True), ("published", False)])
def test_the_preview_calls_a_published_text_published(focal, make_offer, status, is_preview):
    offer = make_offer(status=status)

    page = focal.get(reverse("offers:preview", args=[offer.reference])).content.decode()

    assert ("Preview, not published" in page) == is_preview
    assert (reverse("offers:submit", args=[offer.reference]) in page) == (status == "draft")


def test_the_answers_can_be_taken_to_the_capital_in_word_before_they_are_submitted(focal, draft):
    page = focal.get(reverse("offers:submit", args=[draft.reference])).content.decode()

    assert reverse("offers:word", args=[draft.reference]) in page
    assert "Availability and conditions" not in page  # nothing is said there


def test_a_change_that_was_refused_is_told_beside_what_stands_until_another_is_begun(focal, make_offer, officer):
    offer = make_offer()
    version = factories.make_version_complete(offer.edit(by=offer.live_version.author))
    version.submit(by=version.author)
    version.refuse(by=officer, reason="This says less than before.", seen=version.edit_number)

    page = focal.get(reverse("offers:desk")).content.decode()
    assert "The last change was refused on" in page
    assert "This says less than before." in page

    offer.edit(by=version.author)
    assert "The last change was refused" not in focal.get(reverse("offers:desk")).content.decode()


@pytest.mark.parametrize(("language", "code"), [("fr", "fr"), ("zh-hans", "zh")])
def test_a_new_offer_is_taken_to_be_written_in_the_language_of_the_page(focal, norland, norlander, language, code):
    wanted = factories.LanguageFactory(code=code, name_en=code)
    offer = Offer.begin(state=norland, by=norlander)

    with translation.override(language):
        page = focal.get(edit_url(offer)).content.decode()

    assert f'<option value="{wanted.pk}" selected>' in page
