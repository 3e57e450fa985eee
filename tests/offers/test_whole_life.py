"""Lives of offers made up at random: everybody tries everything, in any order, and the rules must hold each time.

What each may do and what comes of it stands here a second time, as a small
model (`Life`), and is compared with what the portal has made of the same presses.
"""

import os
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings as portal
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from contacts.models import Role
from offers.models import Offer, OfferVersion, SearchEntry, StatusChange, Step
from offers.models.choices import OPEN
from offers.models.wording import months_after
from tests import factories

# On each of the two databases, so that `make test` makes up fifty lives and `make test-full` five hundred.
RUNS = int(os.environ.get("LIFE_RUNS", "15"))
STEPS = 20
BEGINNING = datetime(2027, 3, 1, 9, tzinfo=ZoneInfo(portal.TIME_ZONE))

# Of each State two focal points, and two officers; the empty name is nobody.
PEOPLE = {"": "", "ola": "N", "nils": "N", "sara": "S", "ida": "ISU", "ivo": "ISU"}
ENDED_BY_STATE = {"withdrawn", "fulfilled"}


WHICH = st.integers(0, 20)
WHO = st.sampled_from(["own", "own", "own", "other", "isu", "nobody"])


@dataclass(frozen=True)
class Life:
    """What is expected of one offer."""

    state: str
    open: str = ""  # the status of the open version
    author: str = ""  # of the open version
    on_behalf: bool = False
    complete: bool = False
    live: bool = False
    ended: str = ""
    ended_at: datetime | None = None
    confirmed: date | None = None
    logged: date | None = None  # the day of the last confirmation by hand

    @property
    def is_public(self):
        today = timezone.localdate()
        return (
            self.live
            and not self.ended
            and (today - self.confirmed).days < portal.OFFER_SUSPENDED_DAYS
            and today <= months_after(self.confirmed, portal.OFFER_DEFAULT_MONTHS)
        )

    def may_be_written_by(self, person):
        is_own = PEOPLE[person] == self.state
        is_entered = PEOPLE[person] == "ISU" and self.on_behalf and bool(self.open)
        return not self.ended and (is_own or is_entered)

    def confirm(self):
        return replace(self, confirmed=timezone.localdate())


# What comes of a press: the life afterwards, which is the same where the person may not, or it is not the time.


def write(life, person):
    may = life.may_be_written_by(person) and life.open in {"draft", "returned"}
    return _as_author(replace(life, complete=True), person) if may else life


def submit(life, person):
    may = life.may_be_written_by(person) and life.open in {"draft", "returned"} and life.complete
    return _as_author(replace(life, open="submitted"), person) if may else life


def _as_author(life, person):
    """What the State writes or hands in itself is its own, even if the ISU has begun it."""
    return replace(life, on_behalf=False, author=person) if life.on_behalf and PEOPLE[person] == life.state else life


def take_back(life, person):
    may = life.may_be_written_by(person) and life.open == "submitted"
    return replace(life, open="draft") if may else life


def change(life, person):
    may = PEOPLE[person] == life.state and not life.ended and not life.open
    return replace(life, open="draft", author=person, on_behalf=False, complete=True) if may else life


def withdraw(life, person):
    return _end(life, "withdrawn") if PEOPLE[person] == life.state and not life.ended else life


def fulfil(life, person):
    return _end(life, "fulfilled") if PEOPLE[person] == life.state and not life.ended else life


def _end(life, ending):
    return replace(life, ended=ending, ended_at=timezone.now())


def bring_back(life, person):
    may = PEOPLE[person] == life.state and life.ended in ENDED_BY_STATE
    in_time = may and timezone.now() - life.ended_at <= timedelta(hours=portal.UNDO_HOURS)
    return replace(life, ended="", ended_at=None) if in_time else life


def confirm(life, person):
    may = PEOPLE[person] == life.state and life.live and not life.ended
    today = timezone.localdate()
    is_new = not (life.logged == today and life.confirmed == today)
    return replace(life.confirm(), logged=today) if may and is_new else life


def publish(life, person):
    may = _may_decide(life, person) and (life.author != person or life.on_behalf)
    return replace(life, open="", on_behalf=False, live=True).confirm() if may else life


def send_back(life, person):
    return replace(life, open="returned") if _may_decide(life, person) else life


def refuse(life, person):
    return replace(life, open="", on_behalf=False) if _may_decide(life, person) else life


def correct(life, person):
    return life


def _may_decide(life, person):
    return PEOPLE[person] == "ISU" and life.open == "submitted" and not life.ended


def take_down(life, person):
    may = PEOPLE[person] == "ISU" and life.live and not life.ended
    return _end(life, "taken_down") if may else life


def bring_back_taken_down(life, person):
    may = PEOPLE[person] == "ISU" and life.ended == "taken_down"
    return replace(life, ended="", ended_at=None) if may else life


AT_THE_DESK = [write, submit, take_back, change, withdraw, fulfil, bring_back, confirm]
AT_THE_ISU = [publish, send_back, refuse, correct, take_down, bring_back_taken_down]
UNDOING = {"withdrawn": bring_back, "fulfilled": bring_back, "taken_down": bring_back_taken_down}
OF_A_VERSION = {publish, send_back, refuse, correct}


class Lives(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.clock = time_machine.travel(BEGINNING, tick=False)
        self.clock.start()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.states = {
            "N": factories.StateFactory(name_en="Norland", iso3="QNO", iso2="QN"),
            "S": factories.StateFactory(name_en="Sudland", iso3="QSU", iso2="QS"),
        }
        self.people = {
            name: factories.UserFactory(
                email=f"{name}@example.org",
                state=self.states.get(place),
                role=Role.ISU_OFFICER if place == "ISU" else Role.FOCAL_POINT,
            )
            for name, place in PEOPLE.items()
            if name
        }
        self.lives = {}
        self.presses = 0
        # Something is there already, or most lives would be over before anything has come far.
        for state, author, status in (("N", "ola", "published"), ("S", "sara", "submitted"), ("N", "nils", "draft")):
            offer = factories.make_offer(
                state=self.states[state], author=self.people[author], by=self.people["ida"], status=status
            )
            begun = Life(state, open=status, author=author, complete=True)
            is_live = status == "published"
            self.lives[offer.pk] = replace(begun, open="", live=True).confirm() if is_live else begun

    def teardown(self):
        if hasattr(self, "undone"):
            try:
                self.the_catalogue_shows_what_is_public()
            finally:
                transaction.set_rollback(True)
                self.undone.__exit__(None, None, None)
                self.clock.stop()

    # What people do

    @rule(days=st.sampled_from([0.1, 1.1, 100, 200]))
    def time_passes(self, days):
        later = timezone.now() + timedelta(days=days)
        self.clock.stop()
        self.clock = time_machine.travel(later, tick=False)
        self.clock.start()

    @rule(person=st.sampled_from(list(PEOPLE)), way=st.sampled_from(["new", "entered", "copied"]), which=WHICH)
    def makes_another_offer(self, person, way, which):
        place, offer = PEOPLE[person], self.some_offer(which)
        life, before = self.lives[offer.pk], Offer.objects.count()
        if way == "new":
            self.press(person, "offers:new")
            made = Life(place, open="draft", author=person) if place in self.states else None
        elif way == "entered":
            paper = {"state": offer.state.pk, "note_verbale": "NV 7", "note_verbale_date": "2027-02-01"}
            self.press(person, "offers:begin_on_behalf", data=paper)
            made = Life(life.state, open="draft", author=person, on_behalf=True) if place == "ISU" else None
        else:
            self.press(person, "offers:clone", offer.reference)
            is_complete = life.complete or life.live
            made = Life(place, open="draft", author=person, complete=is_complete) if place == life.state else None
        # Whoever has begun one and written nothing in it is led there again.
        if made and Offer.objects.count() > before:
            self.lives[Offer.objects.latest("pk").pk] = made

    @rule(who=WHO, step=st.sampled_from(AT_THE_DESK), which=WHICH)
    def somebody_takes_a_step_at_the_desk(self, who, step, which):
        self.try_step(self.person(who, which), step, which)

    @rule(who=WHO, step=st.sampled_from(AT_THE_ISU), which=WHICH)
    def somebody_takes_a_step_at_the_isu(self, who, step, which):
        self.try_step("ida" if who == "own" else self.person(who, which), step, which)

    @rule(which=WHICH)
    def an_offer_moves_on(self, which):
        """One step nearer to the catalogue, by whoever is to take it, so that many offers come far."""
        life = self.lives[self.some_offer(which).pk]
        writer = self.person("own", which)
        if life.ended:
            self.try_step("ida" if life.ended == "taken_down" else writer, UNDOING[life.ended], which)
        elif life.open == "submitted":
            self.try_step("ida" if life.author != "ida" else "ivo", publish, which)
        elif life.open:
            self.try_step(writer, submit if life.complete else write, which)
        else:
            self.try_step(writer, change, which)

    @rule(ending=st.sampled_from([withdraw, fulfil, take_down]), hours=st.sampled_from([1, 23, 25]), which=WHICH)
    def an_ending_is_thought_over(self, ending, hours, which):
        self.try_step("ida" if ending is take_down else self.person("own", which), ending, which)
        self.time_passes(hours / 24)
        for who in ("other", "own", "isu"):
            self.try_step(self.person(who, which), bring_back, which)
        self.try_step("ivo", bring_back_taken_down, which)

    @rule(step=st.sampled_from([publish, send_back, refuse, correct]), which=WHICH)
    def a_decision_is_on_a_text_that_is_not_the_present_one(self, step, which):
        offer = self.some_offer(which)
        self.press("ivo", f"offers:{step.__name__}", offer.versions.last().pk, data=self.typed(step, offer, seen=0))

    def person(self, who, which):
        """Somebody by what they are to that offer."""
        state = self.lives[self.some_offer(which).pk].state
        return {"own": {"N": "nils", "S": "sara"}, "other": {"N": "sara", "S": "ola"}}.get(who, {}).get(
            state, {"isu": "ivo", "nobody": ""}.get(who)
        )

    def try_step(self, person, step, which):
        offer = self.some_offer(which)
        place = offer.versions.last().pk if step in OF_A_VERSION else offer.reference
        if step is write:
            self.write(person, offer)
        else:
            self.press(person, f"offers:{step.__name__}", place, data=self.typed(step, offer))
        self.lives[offer.pk] = step(self.lives[offer.pk], person)

    def some_offer(self, which):
        keys = sorted(self.lives)
        return Offer.objects.select_related("state").get(pk=keys[which % len(keys)])

    def write(self, person, offer):
        """Fill in the whole form as it is shown to whoever may write; others send the same without having seen it."""
        version = offer.versions.last()
        page = self.client_of(person).get(reverse("offers:edit", args=[offer.reference]))
        typed = page.context["editor"].form.initial if page.status_code == 200 else {"edit_number": version.edit_number}
        self.press(person, "offers:edit", offer.reference, data=self.words(offer, typed["edit_number"]))

    def words(self, offer, edit_number):
        area, form = factories.AreaFactory(), factories.FormFactory()
        point = offer.state.contact_points.first() or factories.ContactPointFactory(state=offer.state)
        rows = {f"{rows}-{name}": 0 for rows in ("partners", "links") for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
        return rows | {
            "edit_number": edit_number, "title": f"Course {self.presses}", "primary_area": area.pk, "form": form.pk,
            "description": factories.LONG_ENOUGH, "delivery_modes": ["remote"], "recipients": "all",
            "cooperation": "none", "contact_points": [point.pk],
        }  # fmt: skip

    def typed(self, step, offer, seen=None):
        version = offer.versions.last()
        seen = version.edit_number if seen is None else seen
        return {
            submit: {"declaration": "on", "seen": seen},
            publish: {"seen": seen},
            send_back: {"seen": seen, "send_back-reason": "Please say how many places there are."},
            refuse: {"seen": seen, "refuse-ground": "duplicate", "refuse-reason": "It is there already."},
            correct: {"seen": seen, "words-title": f"Corrected {self.presses}"}
            | {f"words-{name}": getattr(version, name) for name in ("description",)},
            take_down: {"reason": "It is no assistance."},
        }.get(step, {})

    def client_of(self, person):
        client = Client()
        if person:
            client.force_login(self.people[person])
        return client

    def press(self, person, name, *args, data=None):
        """Press a button; whatever comes of it, nothing of another State may be different afterwards."""
        self.presses += 1
        place = PEOPLE[person]
        others = [state for state in self.states if place != "ISU" and state != place]
        before = {state: self.all_of(state) for state in others}

        response = self.client_of(person).post(reverse(name, args=args), data or {})

        assert response.status_code < 500
        for state in others:
            assert self.all_of(state) == before[state], f"{person} has changed something of {state} by {name}"

    def all_of(self, state):
        offers = Offer.objects.filter(state=self.states[state]).order_by("pk")
        versions = OfferVersion.objects.filter(offer__in=offers).order_by("pk")
        log = StatusChange.objects.filter(offer__in=offers).order_by("pk")
        return [list(rows.values()) for rows in (offers, versions, log)]

    # What must always hold

    @invariant()
    def every_offer_stands_as_expected(self):
        if not hasattr(self, "lives"):
            return
        versions = OfferVersion.objects.order_by("number").values_list("offer", "status")
        found = {}
        for offer in Offer.objects.all():
            statuses = [status for key, status in versions if key == offer.pk]
            being_written = [status for status in statuses if status in OPEN]
            assert len(being_written) <= 1
            assert statuses.count("published") == (offer.live_version_id is not None)
            found[offer.pk] = ("".join(being_written), offer.live_version_id is not None, offer.ended_as)
        assert found == {key: (life.open, life.live, life.ended) for key, life in self.lives.items()}

    @invariant()
    def the_log_tells_all_that_has_happened(self):
        statuses, endings = {}, {}
        for change in StatusChange.objects.order_by("at", "pk"):
            if change.to_status:
                assert change.from_status == statuses.get(change.version_id, "")
                statuses[change.version_id] = change.to_status
            if change.step in {Step.WITHDRAW, Step.FULFIL, Step.TAKE_DOWN, Step.BRING_BACK}:
                endings[change.offer_id] = change.step
        assert statuses == dict(OfferVersion.objects.values_list("pk", "status"))
        ended = set(Offer.objects.exclude(ended_as="").values_list("pk", flat=True))
        assert {key for key, step in endings.items() if step != Step.BRING_BACK} == ended

    @invariant()
    def what_is_public_is_what_should_be(self):
        if not hasattr(self, "lives"):
            return
        public = set(Offer.objects.public().values_list("pk", flat=True))
        assert public == {key for key, life in self.lives.items() if life.is_public}
        indexed = set(SearchEntry.objects.values_list("offer", flat=True))
        assert indexed == {key for key, life in self.lives.items() if life.live and not life.ended}

    def the_catalogue_shows_what_is_public(self):
        response = Client().get(reverse("offers:catalogue"))
        assert response.headers["X-Total-Count"] == str(sum(life.is_public for life in self.lives.values()))


@pytest.mark.django_db
def test_whatever_people_do_in_whatever_order_the_rules_hold():
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        ),
    )
