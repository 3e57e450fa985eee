"""Editions: numbered without gaps, never changed, and corrected by the one that follows."""

from datetime import date

import pytest
from django.db import transaction
from django.urls import reverse

from analytics.evaluation import files
from analytics.evaluation.as_json import hash_of, to_json
from analytics.evaluation.compose import compose
from analytics.models import AlreadyFrozen, Completeness, Daily, ReportEdition, TrialPeriod, VerdictReason
from tests.analytics.evaluation.conftest import TRIAL, count_day
from tests.at_once import at_once

FILES = ("json", "csv")


@pytest.fixture
def isu(client, officer, after_the_trial):
    """Has signed in on that day: the session would have ended by then."""
    client.force_login(officer)
    return client


@pytest.fixture
def edition(trial, figures, officer, after_the_trial):
    return ReportEdition.freeze(compose(TRIAL), by=officer, note="For the Meeting")


def freeze(client, draft, **more):
    address = f"{reverse('analytics:freeze_edition')}?from={TRIAL.first}&to={TRIAL.last}&language=en"
    typed = {"number": "1", "seen": hash_of(to_json(draft)), "note": ""} | more
    return client.post(address, typed)


def restated(report):
    section = next(section for section in report.annexes if section.name == "restatements")
    return section.paragraphs, dict(section.tables[0].rows) if section.tables else {}


@pytest.mark.django_db
def test_an_edition_keeps_the_very_text_of_its_hash(edition):
    kept = ReportEdition.objects.get()

    assert hash_of(kept.figures) == kept.sha256
    assert to_json(kept.report) == kept.figures
    assert (kept.number, kept.first, kept.last, kept.note) == (1, TRIAL.first, TRIAL.last, "For the Meeting")


@pytest.mark.django_db
def test_pages_and_files_of_an_edition_print_from_its_text_alone(isu, edition):
    page = reverse("analytics:edition", args=[1])
    addresses = [reverse("analytics:edition_file", args=[1, kind]) for kind in FILES]
    before = [isu.get(address).content for address in addresses]
    hashes = isu.get(page).context["hashes"]

    Daily.objects.update(total=7777, total_dc=7777, visits=7777)
    Completeness.objects.all().delete()
    TrialPeriod.objects.update(name="Renamed")

    assert [isu.get(address).content for address in addresses] == before
    assert before[0].decode() == edition.figures
    assert isu.get(page).context["hashes"] == hashes
    assert dict(hashes)["JSON"] == edition.sha256
    assert "7777" not in isu.get(page).content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("append_only_rows")
def test_two_that_freeze_at_once_take_numbers_without_a_gap(trial, figures, officer, after_the_trial):
    report = compose(TRIAL)

    def frozen():
        return ReportEdition.freeze(report, by=officer).number

    assert sorted(at_once(frozen, frozen)) == [1, 2]


@pytest.mark.django_db
def test_what_was_seen_as_the_first_edition_becomes_no_second_one(edition, officer):
    with pytest.raises(AlreadyFrozen), transaction.atomic():
        ReportEdition.freeze(edition.report, by=officer, number=1)

    assert ReportEdition.objects.count() == 1


@pytest.mark.django_db
def test_the_next_edition_says_what_the_last_one_got_wrong(edition):
    count_day(date(2027, 3, 4), view=3)

    said, rows = restated(compose(TRIAL))

    assert rows["Edition 1: Visits"] == ("120", "123", "+3")
    assert rows["Edition 1: Page views"] == ("120", "123", "+3")
    assert len(rows) == 2
    assert "within three months" in said[-1]


@pytest.mark.django_db
def test_nothing_is_restated_while_nothing_has_changed(edition):
    said, rows = restated(compose(TRIAL))

    assert rows == {}
    assert said[0] == "Nothing is restated since edition 1: its figures are the same today."


@pytest.mark.django_db
def test_editions_of_other_rules_are_not_compared(edition, monkeypatch):
    monkeypatch.setattr("analytics.evaluation.restatements.rules_version", lambda: "99 Europe/Zurich")
    count_day(date(2027, 3, 4), view=3)

    said, rows = restated(compose(TRIAL))

    assert rows == {}
    assert said[0].startswith("Edition 1 was counted by other rules")


@pytest.mark.django_db
@pytest.mark.once
def test_a_double_click_freezes_one_edition(isu, trial, figures, officer):
    VerdictReason.objects.create(period=trial, indicator="U3", reason="Few knew it.", action="Tell them.", by=officer)
    draft = compose(TRIAL)

    answers = [freeze(isu, draft, note="For the Meeting") for _click in range(2)]

    assert {answer.url for answer in answers} == {reverse("analytics:edition", args=[1])}
    frozen = ReportEdition.objects.get()
    assert (frozen.note, frozen.frozen_by, frozen.report) == ("For the Meeting", officer, draft)


@pytest.mark.django_db
@pytest.mark.once
def test_without_a_reason_for_what_was_not_met_freezing_takes_a_tick(isu, trial, figures):
    draft = compose(TRIAL)

    refused = freeze(isu, draft, note="For the Meeting")

    assert not ReportEdition.objects.exists()
    page = refused.content.decode()
    assert "Contacts opened" in [judged.name for judged in refused.context["without_reason"]]
    assert reverse("analytics:trial") in page and "Give the reasons first" in page and 'value="For the Meeting"' in page
    assert freeze(isu, draft, without_reasons="on").status_code == 302
    assert ReportEdition.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.once
def test_figures_that_have_changed_since_they_were_read_are_not_frozen(isu, trial, figures):
    draft = compose(TRIAL)
    count_day(date(2027, 3, 4), view=3)

    shown = freeze(isu, draft, without_reasons="on", note="For the Meeting")

    assert not ReportEdition.objects.exists()
    assert "the figures have changed while you read them" in shown.content.decode()
    # With what is on the page now it goes on.
    assert freeze(isu, compose(TRIAL), without_reasons="on").status_code == 302


@pytest.mark.django_db
@pytest.mark.once
def test_who_was_slower_than_a_colleague_is_told(isu, edition):
    count_day(date(2027, 3, 4), view=3)

    shown = freeze(isu, compose(TRIAL), without_reasons="on")

    assert "somebody else has just frozen an edition" in shown.content.decode()
    assert ReportEdition.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.once
@pytest.mark.parametrize("number", ["", "x", "99999999999999999999", "-1"])
def test_nonsense_in_the_form_is_no_mistake_of_the_server(isu, trial, figures, number):
    assert freeze(isu, compose(TRIAL), number=number, seen="\0").status_code == 200
    assert not ReportEdition.objects.exists()


@pytest.mark.django_db
@pytest.mark.once
def test_the_draft_is_the_last_trial_in_the_language_asked_for(isu, trial, figures):
    page = isu.get(reverse("analytics:evaluation"), {"language": "ar"})

    assert (page.context["report"].period, page.context["report"].language) == (TRIAL, "ar")
    assert '<article class="evaluation" lang="ar" dir="rtl"' in page.content.decode()
    assert "Draft, not frozen." in page.content.decode()


@pytest.mark.django_db
@pytest.mark.once
@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"from": "2027-03-01", "to": "2027-02-01"}, "The last day comes before the first."),
        ({"from": "soon"}, "Give the day as year, month and day"),
        ({"language": "xx"}, "Choose a language from the list."),
    ],
)
def test_what_cannot_be_understood_is_said(isu, trial, figures, asked, problem):
    page = isu.get(reverse("analytics:evaluation"), asked)
    assert problem in page.content.decode()
    assert "report" not in page.context
    file = isu.get(reverse("analytics:evaluation_file", args=["json"]), asked)
    assert file.url.startswith(reverse("analytics:evaluation"))


@pytest.mark.django_db
@pytest.mark.once
def test_files_of_draft_and_edition_say_in_their_name_which_they_are(isu, edition):
    draft = isu.get(reverse("analytics:evaluation_file", args=["json"]), {"from": TRIAL.first, "to": TRIAL.last})
    frozen = isu.get(reverse("analytics:edition_file", args=[1, "json"]))

    assert draft["Content-Disposition"] == 'attachment; filename="evaluation-2027-01-01-2027-03-31-draft.json"'
    assert frozen["Content-Disposition"] == 'attachment; filename="evaluation-2027-01-01-2027-03-31-edition-1.json"'
    assert draft.content.decode() == to_json(compose(TRIAL))
    for kind in ("exe", "json2"):
        assert isu.get(reverse("analytics:edition_file", args=[1, kind])).status_code == 404
        assert isu.get(reverse("analytics:evaluation_file", args=[kind])).status_code == 404
    assert isu.get(reverse("analytics:edition", args=[2])).status_code == 404
    assert {*files.KINDS} == {"pdf", "docx", "xlsx", "csv", "json"}
