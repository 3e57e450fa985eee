import threading
from datetime import timedelta
from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from contacts.models import Language
from offers import search
from offers.models import COST_ITEMS, Offer, OfferPartner, OfferVersion, Recipients, Resource, SearchEntry
from offers.search import engines, facets, index
from tests import factories


def titles_found(query, rows=Offer):
    return set(search.matching(rows.objects.all(), search.parse(query)).values_list("pk", flat=True))


def test_a_whole_word_is_not_taken_for_the_beginning_of_another(make_offer, sudland):
    niger = factories.StateFactory(name_en="Niger", iso3="NER", iso2="NE")
    nigeria = factories.StateFactory(name_en="Nigeria", iso3="NGA", iso2="NG")
    offers = {state: factories.make_offer(state=state) for state in (niger, nigeria)}

    def states(query):
        offers = search.matching(Offer.objects.public(), search.understood(query))
        return [offer.state for offer in search.ranked(offers)]

    assert states("Niger") == [niger]
    assert states("Nige") == [niger, nigeria]
    offers[niger].withdraw(by=offers[niger].live_version.author)
    # Now nothing is called Niger, and the word may be the beginning of one.
    assert states("Niger") == [nigeria]


def test_partners_are_found_once_they_may_be_named(make_offer, norland, officer):
    partner = factories.StateFactory(name_en="Ruritania", iso3="QRU", iso2="QR")
    offer = make_offer(status="draft")
    version = factories.make_version_complete(offer.open_version)
    unasked = version.partners.create(state=partner, role="co_provider")
    read_early = OfferPartner.objects.select_related("version__offer").get(pk=unasked.pk)
    version.partners.create(organisation="Foundation for Ambulances", role="funding_partner")
    version.submit(by=version.author)
    version.publish(by=officer, seen=version.edit_number)

    assert search.matching(Offer.objects.public(), search.understood("ambulances")).get() == offer
    assert not search.matching(Offer.objects.public(), search.understood("Ruritania")).exists()

    read_early.accept(by=officer)
    assert search.matching(Offer.objects.public(), search.understood("Ruritania")).get() == offer


def test_resources_are_found_by_the_same_words(db):
    first = factories.ResourceFactory(title="Catalogue of courses", description="Prosthetics and much else")
    second = factories.ResourceFactory(title="Prosthetics handbook", body="International Society")
    for resource in (first, second):
        resource.areas.add(factories.AreaFactory(code="area.victim_assistance", name_en="Victim assistance"))
        index.write_resource(resource)

    def titles(query):
        resources = search.matching(Resource.objects.all(), search.understood(query))
        return [resource.title for resource in resources.order_by("tier")]

    assert titles("prosthetics") == ["Prosthetics handbook", "Catalogue of courses"]
    assert titles("handbook international") == ["Prosthetics handbook"]
    assert set(titles("aide aux victimes")) == {first.title, second.title}
    assert titles("handb") == ["Prosthetics handbook"]


def test_a_long_text_without_spaces_can_be_indexed(make_offer):
    make_offer(title="x" * 120, description="y" * 1500)
    make_offer(title="雷" * 120, description="雷" * 1500)

    assert search.matching(Offer.objects.public(), search.understood("x" * 120)).count() == 1
    assert search.matching(Offer.objects.public(), search.understood("雷雷雷")).count() == 1


def test_languages_differ_in_stems_but_not_in_what_is_found(make_offer):
    german = Language.objects.create(code="de", name_en="German")
    make_offer(title="Ausbildung von Minenräumern", original_language=german)
    make_offer(title="Ohne Sprache", original_language=None)

    for query in ("ausbildung", "minenraumern", "sprache"):
        assert search.matching(Offer.objects.public(), search.understood(query)).count() == 1


# What is indexed, and when


def facet_values(entry_of):
    """Pairs of facet and value that the entry has."""
    entry = entry_of.search_entry
    return {(facet, value.value) for facet in facets.INDEXED for value in getattr(entry, facet).values.all()}


@pytest.fixture
def world(db):
    """Regions a and b, which make up a wider one, and c beside them; in each a State."""
    whole = factories.RegionFactory(un_m49="002", name_en="Whole")
    regions = {
        "a": factories.RegionFactory(un_m49="011", parent=whole),
        "b": factories.RegionFactory(un_m49="012", parent=whole),
        "c": factories.RegionFactory(un_m49="021"),
    }
    states = {letter: factories.StateFactory(region=region) for letter, region in regions.items()}
    return {"whole": whole, "regions": regions, "states": states}


def selected(make_offer, **relations):
    offer = make_offer(recipients=Recipients.SELECTED, **relations)
    return {value for facet, value in facet_values(offer) if facet == "region"}


def test_areas_and_forms_are_indexed_with_those_above_them(make_offer, norland):
    factories.AreaFactory(code="area.victim_assistance")
    factories.FormFactory(code="form.training")
    offer = make_offer(
        primary_area=factories.AreaFactory(code="area.victim_assistance.rehabilitation"),
        more_areas=[factories.AreaFactory(code="area.risk_education")],
        form=factories.FormFactory(code="form.training.course"),
    )

    assert facet_values(offer) == {
        ("area", "area.victim_assistance"),
        ("area", "area.victim_assistance.rehabilitation"),
        ("area", "area.risk_education"),
        ("form", "form.training"),
        ("form", "form.training.course"),
        ("state", "QNO"),
        ("region", "001"),
        ("recipient", "001"),
        ("delivery", "provider_centre"),
        ("written", "en"),
    }


def test_regions_served_are_the_finest_ones_of_those_chosen(make_offer, world):
    regions, states = world["regions"], world["states"]
    members = factories.RegionalBodyFactory(group_name_en="Northern States", states=[states["b"], states["c"]])
    region_group = factories.RegionalBodyFactory(group_name_en="Northern States", regions=[regions["c"]])
    worldwide = factories.RegionalBodyFactory(group_name_en="Northern States", worldwide=True)

    assert selected(make_offer, recipient_regions=[regions["a"]]) == {"011"}
    assert selected(make_offer, recipient_regions=[world["whole"]]) == {"011", "012"}
    assert selected(make_offer, recipient_states=[states["c"]]) == {"021"}
    assert selected(make_offer, recipient_groups=[members]) == {"012", "021"}
    assert selected(make_offer, recipient_groups=[region_group], recipient_states=[states["a"]]) == {"011", "021"}
    assert selected(make_offer, recipient_groups=[worldwide]) == {"001"}


@pytest.mark.parametrize(
    ("costs", "values"),
    [
        ({}, set()),
        ({"pays_travel": "provider", "pays_fees": "recipient"}, {"provider:travel"}),
        (dict.fromkeys([f"pays_{item}" for item in COST_ITEMS], "not_applicable"), {"free"}),
        (
            dict.fromkeys([f"pays_{item}" for item in COST_ITEMS], "not_applicable") | {"pays_fees": "provider"},
            {"free", "provider:fees"},
        ),
    ],
)
def test_who_pays_is_indexed(make_offer, costs, values):
    assert {value for facet, value in facet_values(make_offer(**costs)) if facet == "pays"} == values


def test_a_resource_is_indexed_with_regions_but_without_a_state(world):
    everywhere = factories.ResourceFactory(worldwide=True)
    somewhere = factories.ResourceFactory()
    somewhere.regions.add(world["whole"])
    somewhere.states.add(world["states"]["c"])
    somewhere.forms.add(factories.FormFactory(code="form.training"))
    for resource in (everywhere, somewhere):
        index.write_resource(resource)

    assert facet_values(everywhere) == {("region", "001"), ("recipient", "001")}
    assert facet_values(somewhere) == {
        *(("region", code) for code in ("011", "012", "021")),
        *(("recipient", state.iso3) for state in world["states"].values()),
        ("form", "form.training"),
    }


def test_each_step_changes_what_is_found_at_once(make_offer, norlander, officer):
    def found(words):
        return search.matching(Offer.objects.public(), search.understood(words)).exists()

    offer = make_offer(status="submitted", title="Zeppelins")
    assert not found("zeppelin")

    version = offer.open_version
    version.publish(by=officer, seen=version.edit_number)
    assert found("zeppelin")

    version = offer.edit(by=norlander)
    version.title = "Balloons"
    version.save()
    version.submit(by=norlander)
    assert found("zeppelin")
    assert not found("balloon")

    version.publish(by=officer, seen=version.edit_number)
    assert not found("zeppelin")
    assert found("balloon")

    offer.refresh_from_db()
    offer.withdraw(by=norlander)
    assert not found("balloon")
    assert not SearchEntry.objects.exists()
    assert not engines.engine().entries_with_words()


def test_an_offer_that_is_suspended_or_past_its_day_is_not_found_though_indexed(make_offer):
    make_offer(title="Zeppelins", confirmed_days_ago=269)
    query = search.understood("zeppelins")
    assert search.matching(Offer.objects.public(), query).exists()

    today = timezone.localdate()
    assert not search.matching(Offer.objects.public(on=today + timedelta(days=1)), query).exists()
    Offer.objects.update(confirmed_on=today, valid_until=today - timedelta(days=1))
    assert not search.matching(Offer.objects.public(), query).exists()
    assert SearchEntry.objects.count() == 1


def test_a_corrected_label_is_found_at_once(make_offer, norland):
    make_offer()
    assert not search.matching(Offer.objects.public(), search.understood("Thule")).exists()

    norland.aliases = "Thule"
    norland.save()

    assert search.matching(Offer.objects.public(), search.understood("Thule")).exists()


def test_words_leave_with_their_entry_however_it_goes(make_offer):
    make_offer()
    resource = factories.ResourceFactory()
    index.write_resource(resource)
    assert len(engines.engine().entries_with_words()) == 2

    resource.delete()
    assert len(engines.engine().entries_with_words()) == 1
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM offers_searchentry")
    assert not engines.engine().entries_with_words()


# Rebuild and check


def plant(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def lose_words(entry):
    if connection.vendor == "sqlite":
        plant("DELETE FROM offers_searchwords WHERE rowid = %s", entry.pk)
    else:
        plant("DELETE FROM offers_searchwords WHERE entry_id = %s", entry.pk)


DRIFT = {
    "no entry": (lambda entry: entry.delete(), "has no entry"),
    "old text": (
        lambda entry: OfferVersion.objects.filter(pk=entry.offer.live_version_id).update(title="New"),
        "has an entry that has fallen behind",
    ),
    "old digest": (
        lambda entry: SearchEntry.objects.filter(pk=entry.pk).update(digest=""),
        "has an entry that has fallen behind",
    ),
    "another set": (
        lambda entry: SearchEntry.objects.filter(pk=entry.pk).update(area=entry.form),
        "has other facet values than it should",
    ),
    "words lost": (lose_words, "has an entry without words"),
    "ended": (
        lambda entry: Offer.objects.filter(pk=entry.offer_id).update(ended_as="withdrawn", ended_at=timezone.now()),
        "has an entry but is not in the catalogue",
    ),
}


@pytest.mark.parametrize(("spoil", "problem"), DRIFT.values(), ids=DRIFT)
def test_check_finds_what_has_gone_wrong_and_rebuild_puts_it_right(make_offer, spoil, problem):
    make_offer(title="Left alone")
    offer = make_offer(title="Spoilt")
    assert list(index.check()) == []

    spoil(offer.search_entry)

    assert [str(difference) for difference in index.check()] == [f"{offer.reference}: {problem}"]
    index.rebuild()
    assert list(index.check()) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only on SQLite can words outlive their entry")
def test_check_finds_words_that_nothing_belongs_to(make_offer):
    plant("INSERT INTO offers_searchwords (rowid, title) VALUES (77, 'word')")

    assert [str(difference) for difference in index.check()] == ["Entry 77: is gone but its words are still there"]
    index.rebuild()
    assert list(index.check()) == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only on SQLite are triggers lost")
def test_the_trigger_of_the_words_is_set_again_after_every_migration(db):
    def is_there():
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            return ("offers_searchentry_words",) in cursor.fetchall()

    assert is_there()
    plant("DROP TRIGGER offers_searchentry_words")
    call_command("migrate", "offers", verbosity=0)
    assert is_there()


def test_rebuilding_can_be_repeated_and_tells_how_far_it_is(make_offer, monkeypatch):
    monkeypatch.setattr(index, "BATCH", 2)
    offers = [make_offer(title=f"Zeppelin {number}") for number in range(3)]
    factories.ResourceFactory(title="Zeppelin school")
    make_offer(status="draft", title="Zeppelin draft")
    before = {entry.offer_id: (entry.pk, entry.digest) for entry in SearchEntry.objects.all()}

    told = []
    for _time in range(2):
        assert index.rebuild(progress=lambda *numbers: told.append(numbers)) == 4

    assert told == [(2, 4), (3, 4), (4, 4)] * 2
    assert before == {entry.offer_id: (entry.pk, entry.digest) for entry in SearchEntry.objects.exclude(offer=None)}
    assert titles_found("zeppelin") == {offer.pk for offer in offers}
    assert len(titles_found("zeppelin", Resource)) == 1


def test_the_command_rebuilds_and_checks(make_offer):
    offer = make_offer()
    out = StringIO()
    call_command("rebuild_search_index", "--check", stdout=out)
    assert out.getvalue() == "The search index is as it should be.\n"

    offer.search_entry.delete()
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("rebuild_search_index", "--check", stdout=out)
    assert out.getvalue() == f"{offer.reference}: has no entry\n"

    out = StringIO()
    call_command("rebuild_search_index", stdout=out)
    assert out.getvalue() == "1 of 1\n1 entries written.\n"
    call_command("rebuild_search_index", "--check", stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_steps_and_rebuilds_at_once_end_without_error_and_leave_the_index_right(
    make_offer, norlander, officer, sudland, monkeypatch
):
    monkeypatch.setattr(index, "BATCH", 3)  # so that a rebuild takes several transactions
    languages = [factories.LanguageFactory(code=code, name_en=code) for code in ("fr", "es", "ar")]
    actions = [index.rebuild, index.rebuild]
    for number in range(4):
        # Values and words that the index does not have yet, and each of the new ones twice.
        new = {"title": f"Zeppelins of kind {number // 2}", "languages": languages[: 1 + number // 2]}
        version = make_offer(status="submitted", **new).open_version
        standing, asked = make_offer(), make_offer().live_version.partners.create(state=sudland, role="host")
        actions += [
            partial(version.publish, by=officer, seen=version.edit_number),
            partial(asked.accept, by=officer),
            partial(standing.confirm, by=norlander),
            partial(Offer.objects.get(pk=asked.version.offer_id).confirm, by=norlander),
            partial(index.write_resource, factories.ResourceFactory(title=f"{new['title']}, {number}")),
        ]
    together, done, errors = threading.Barrier(len(actions), timeout=20), [], []

    def run(action):
        try:
            together.wait()
            done.append(action())
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert (errors, len(done)) == ([], len(actions))
    assert list(index.check()) == []
    assert len(titles_found("zeppelins")) == 4


OLD_WORDS = {
    "sqlite": "INSERT INTO offers_searchwords (rowid, title) VALUES (%s, 'zeppelin')",
    "postgresql": "UPDATE offers_searchentry SET words = 'zeppelin'::tsvector WHERE id = %s",
}


@pytest.mark.django_db(transaction=True)
def test_migrating_back_and_forth_loses_nothing_that_can_be_found(make_offer, request):
    offer, resource = make_offer(title="Zeppelin"), factories.ResourceFactory(title="Zeppelin school")
    request.addfinalizer(lambda: call_command("migrate", "offers", verbosity=0))

    call_command("migrate", "offers", "0002", verbosity=0)
    before = MigrationExecutor(connection).loader.project_state([("offers", "0002_search_storage")]).apps
    entry = before.get_model("offers", "SearchEntry").objects.create(offer_id=offer.pk, digest="old")
    before.get_model("offers", "SearchFacet").objects.create(entry=entry, facet="state", value="QNO")
    plant(OLD_WORDS[connection.vendor], entry.pk)
    for back_to in (None, "0001"):
        if back_to:
            call_command("migrate", "offers", back_to, verbosity=0)
        out = StringIO()
        call_command("migrate", "offers", stdout=out)

        assert "Filling the search index" in out.getvalue()
        assert list(index.check()) == []
        assert titles_found("zeppelin") == {offer.pk}
        assert titles_found("zeppelin", Resource) == {resource.pk}


@pytest.mark.django_db(transaction=True)
def test_migrating_with_nothing_to_do_fills_only_an_index_that_is_not_complete(make_offer):
    entry = make_offer().search_entry
    SearchEntry.objects.update(digest="left alone")
    call_command("migrate", verbosity=0)
    assert SearchEntry.objects.get().digest == "left alone"

    entry.delete()
    call_command("migrate", verbosity=0)
    assert list(index.check()) == []
