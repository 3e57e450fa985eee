from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from offers.models import DeliveryMode
from offers.search import facets, index
from tests import factories


def get(client, **parameters):
    return client.get(reverse("offers:catalogue"), parameters)


def references(response):
    return [offer.reference for offer in response.context["offers"]]


def facet(response, name):
    return next(found for found in response.context["facets"] if found.name == name)


def counts(response, name):
    return {option.value: option.count for option in facet(response, name).options}


def test_values_widen_within_a_facet_and_narrow_across_facets(client, make_offer, sudland):
    training, equipment = (factories.FormFactory(code=code) for code in ("form.training", "form.equipment"))
    one = make_offer(form=training)
    two = make_offer(form=equipment)
    three = factories.make_offer(state=sudland, form=training)

    assert references(get(client, form="form.training")) == [one.reference, three.reference]
    assert references(get(client, form=["form.training", "form.equipment"])) == [
        one.reference,
        two.reference,
        three.reference,
    ]
    assert references(get(client, form="form.training", state="QSU")) == [three.reference]
    assert references(get(client, form="form.equipment", state="QSU")) == []


def test_the_top_of_the_taxonomy_regions_and_costs_are_listed_with_zero_but_states_are_not(client, make_offer, sudland):
    for code in ["area.a", "area.a.b", "area.a.b.c", "area.a.b.d", "form.f"]:
        (factories.FormFactory if code.startswith("form") else factories.AreaFactory)(code=code)
    make_offer(primary_area=factories.AreaFactory(code="area.a.b.d"))

    response = get(client)

    options = {
        name: [(option.value, option.count, option.depth) for option in facet(response, name).options]
        for name in facets.FACETS
    }
    assert [(found.name, found.kind) for found in response.context["facets"]] == [
        ("area", "checkboxes"),
        ("form", "checkboxes"),
        ("recipient", "select"),
        ("pays", "checkboxes"),
        ("language", "checkboxes"),
        ("region", "checkboxes"),
        ("delivery", "checkboxes"),
        ("south", "checkboxes"),
        ("state", "select"),
        ("written", "checkboxes"),
        ("freshness", "checkboxes"),
    ]
    assert options["area"] == [
        ("area.a", 1, 0),
        ("area.a.b", 1, 1),
        ("area.a.b.d", 1, 2),
        ("area.survey_clearance", 0, 0),
    ]
    assert options["form"] == [("form.f", 0, 0), ("form.training", 1, 0)]
    assert options["state"] == [("QNO", 1, 0)]
    assert [count for _value, count, _depth in options["region"]] == [1, 1]
    assert options["pays"] == [(value, 0, 0) for value in facets.PAYS_VALUES]
    assert options["freshness"] == [("fresh", 1, 0), ("due", 0, 0), ("overdue", 0, 0)]
    assert {value: count for value, count, _depth in options["delivery"]} == dict.fromkeys(DeliveryMode.values, 0) | {
        "provider_centre": 1
    }
    # Who asks is one of all States Parties; languages are listed only where an offer has them.
    assert options["recipient"] == [("QNO", 1, 0), ("QSU", 1, 0)]
    assert options["written"] == [("en", 1, 0)]
    assert options["language"] == []


def test_an_offer_is_found_by_its_reference(client, make_offer):
    make_offer()
    offer = make_offer()

    response = client.get(reverse("offers:catalogue"), {"q": offer.reference.lower()})

    assert list(response.context["offers"]) == [offer]


def test_a_chosen_value_stays_listed_though_nothing_has_it(client, make_offer, sudland):
    factories.AreaFactory(code="area.a.b.c")
    make_offer()

    response = get(client, state="QSU", area="area.a.b.c")

    assert ("QSU", True) in [(option.value, option.selected) for option in facet(response, "state").options]
    assert ("area.a.b.c", True) in [(option.value, option.selected) for option in facet(response, "area").options]
    assert facet(response, "state").in_use == 1


def test_filters_in_use_can_be_removed_one_by_one_or_all_at_once(client, make_offer, sudland):
    factories.FormFactory(code="form.equipment", name_en="Equipment")
    make_offer(form=factories.FormFactory(code="form.training", name_en="Training"))

    response = get(client, q="course", form=["form.training", "form.equipment"], state="QSU")

    path = reverse("offers:catalogue")
    assert response.context["in_use"] == 3
    assert [(applied.label, applied.remove_url) for applied in response.context["applied"]] == [
        ("Equipment", f"{path}?q=course&form=form.training&state=QSU"),
        ("Training", f"{path}?q=course&form=form.equipment&state=QSU"),
        ("Offered by Sudland", f"{path}?q=course&form=form.equipment&form=form.training"),
    ]
    assert response.context["clear_url"] == f"{path}?q=course"
    assert response.context["query"] == "course"


def test_nothing_found_leads_to_what_would_be_found(client, make_offer, sudland):
    make_offer(title="Zeppelins", form=factories.FormFactory(code="form.training", name_en="Training"))
    factories.FormFactory(code="form.equipment", name_en="Equipment")
    path = reverse("offers:catalogue")

    response = get(client, q="zeppelin", form="form.equipment")
    assert response.headers["X-Total-Count"] == "0"
    assert [(found.label, found.url, found.count) for found in response.context["suggestions"]] == [
        ("leave out the filter “Equipment”", f"{path}?q=zeppelin", 1)
    ]

    response = get(client, q="balloon", form="form.training")
    assert [(found.label, found.url, found.count) for found in response.context["suggestions"]] == [
        ("leave out the words “balloon”", f"{path}?form=form.training", 1)
    ]

    assert get(client, q="zeppelin").context["suggestions"] == []


def test_what_is_not_understood_is_left_out_and_told(client, make_offer):
    offer = make_offer()

    response = get(client, form=["form.training", "form.nonsense"], state="", region=" ", unknown="1")
    assert references(response) == [offer.reference]
    assert response.context["ignored"] == ["Form of assistance", "Region served"]
    assert [applied.label for applied in response.context["applied"]] == [str(offer.live_version.form)]

    for parameters in [{}, {"form": "form.training"}, {"state": ""}, {"utm_source": "newsletter"}, {"q": ""}]:
        assert not get(client, **parameters).context["ignored"]


def test_who_can_help_my_state_counts_offers_for_all_for_its_region_and_for_the_state_itself(client, make_offer):
    regions = [factories.RegionFactory(un_m49=code) for code in ("011", "012")]
    mine, neighbour = (factories.StateFactory(iso3=code, region=regions[0]) for code in ("QMI", "QNE"))
    far = factories.StateFactory(iso3="QFA", region=regions[1])
    group = factories.RegionalBodyFactory(group_name_en="Group", states=[mine, far])
    only = {"recipients": "selected"}
    offers = {
        "all": make_offer(),
        "region": make_offer(**only, recipient_regions=[regions[0]]),
        "me": make_offer(**only, recipient_states=[mine]),
        "my region and me": make_offer(**only, recipient_regions=[regions[0]], recipient_states=[mine]),
        "group": make_offer(**only, recipient_groups=[group]),
        "neighbour": make_offer(**only, recipient_states=[neighbour]),
        "far": make_offer(**only, recipient_regions=[regions[1]]),
    }
    expected = {
        "QMI": ["all", "region", "me", "my region and me", "group"],
        "QNE": ["all", "region", "my region and me", "neighbour"],
        "QFA": ["all", "group", "far"],
    }

    every = get(client)
    for iso3, names in expected.items():
        response = get(client, recipient=iso3)
        assert references(response) == [offers[name].reference for name in names], iso3
        assert counts(every, "recipient")[iso3] == len(names)
    assert references(get(client, recipient=["QFA", "QNE"])) == [
        offers[name].reference for name in ["all", "region", "my region and me", "group", "neighbour", "far"]
    ]


TODAY = timezone.localdate()


def days(number):
    return TODAY + timedelta(days=number)


@pytest.mark.parametrize(
    ("period", "asked", "found"),
    [
        ({}, (10, 20), True),  # at any time
        ({"starts_on": 15}, (10, 20), True),
        ({"starts_on": 20}, (10, 20), True),
        ({"starts_on": 21}, (10, 20), False),
        ({"ends_on": 10}, (10, 20), True),
        ({"ends_on": 9}, (10, 20), False),
        ({"starts_on": 1, "ends_on": 30}, (10, 20), True),
        ({"starts_on": 12, "ends_on": 13}, (10, 20), True),
        ({"starts_on": 30}, (10, None), True),
        ({"ends_on": 5}, (10, None), False),
        ({"ends_on": 5}, (None, 20), True),
        ({"starts_on": 21}, (None, 20), False),
        ({"deadline": -1}, (10, 20), False),  # too late to ask for it
        ({"deadline": 0}, (10, 20), True),
        ({"valid_until": 9}, (10, 20), False),
        ({"valid_until": 10}, (10, 20), True),
    ],
)
def test_offers_are_found_by_the_days_in_which_they_are_available(client, make_offer, period, asked, found):
    make_offer(**{name: days(number) for name, number in period.items()})
    names = ("available_from", "available_until")
    parameters = {name: days(day).isoformat() for name, day in zip(names, asked, strict=True) if day is not None}

    response = get(client, **parameters)

    assert response.context["total"] == len(references(response)) == int(found)
    assert response.context["in_use"] == len(parameters)
    assert not response.context["ignored"]
    if not found:
        # Each of the two days may be what is in the way; leaving it out leads to what is promised.
        for suggestion in response.context["suggestions"]:
            assert client.get(suggestion.url).context["total"] == suggestion.count == 1


@pytest.mark.parametrize(
    ("parameters", "ignored"),
    [
        ({"available_from": "2027-02-30"}, ["Available from"]),
        ({"available_from": "tomorrow"}, ["Available from"]),
        ({"available_until": "9" * 400}, ["Available until"]),
        ({"available_from": "2027-03-02", "available_until": "2027-03-01"}, ["Available until"]),
        ({"sort": "price"}, ["sort"]),
    ],
)
def test_days_and_orders_that_make_no_sense_are_left_out(client, make_offer, parameters, ignored):
    make_offer()

    response = get(client, **parameters)

    assert response.context["ignored"] == ignored
    assert response.context["total"] == 1


def test_resources_say_nothing_of_days_freshness_or_costs_and_are_not_listed_by_them(client, db):
    resource = factories.ResourceFactory()
    resource.languages.add(factories.LanguageFactory(code="fr", name_en="French"))
    index.write_resource(resource)

    assert get(client, language="fr").context["resource_total"] == 1
    for parameters in ({"available_from": TODAY}, {"freshness": "fresh"}, {"pays": "free"}, {"delivery": "remote"}):
        assert get(client, **parameters).context["resource_total"] == 0, parameters


def test_the_newest_offers_may_come_first(client, make_offer):
    old, new = make_offer(title="Zeppelin"), make_offer(description="A zeppelin. " * 20)
    type(old).objects.filter(pk=old.pk).update(first_published_on=days(-9))

    assert references(get(client, q="zeppelin")) == [old.reference, new.reference]
    response = get(client, q="zeppelin", sort="newest")
    assert references(response) == [new.reference, old.reference]
    (_best, address, _used), (label, _address, in_use) = response.context["sorts"]
    assert (str(label), in_use) == ("Newest first", True)
    assert references(client.get(address)) == [old.reference, new.reference]
    assert 'name="sort" value="newest"' in response.content.decode()


def test_a_misspelt_word_leads_to_what_was_meant(client, make_offer):
    make_offer(title="Prosthetics workshop")

    response = get(client, q="prostethics", form="form.training")

    correction = response.context["correction"]
    assert (correction.label, correction.count) == ("prosthetics", 1)
    assert client.get(correction.url).context["total"] == 1
    assert "Did you mean" in response.content.decode()
    assert get(client, q="qqqqqqqq").context["correction"] is None
    assert get(client, q="prosthetics").context["correction"] is None


def test_whoever_finds_nothing_can_tell_the_isu_what_is_needed(client, make_offer):
    make_offer()

    response = get(client, q="zeppelin & co", recipient="QNO", sort="newest")

    address = response.context["need_url"]
    assert address == f"{reverse('offers:need')}?q=zeppelin+%26+co&recipient=QNO"
    assert f'href="{escape(address)}"' in response.content.decode()


def test_what_was_searched_for_is_marked_in_titles_too(client, make_offer):
    make_offer(title="Mine <b>dogs</b> & handlers")

    assert "Mine &lt;b&gt;<mark>dogs</mark>&lt;/b&gt; &amp; handlers" in get(client, q="dog").content.decode()


HOSTILE = [
    {"q": "x" * 2000},
    {"q": "''\"\"'; --"},
    {"q": "%"},
    {"q": "100% _free_"},
    {"q": "\x00"},
    {"q": "a\x00b"},
    {"q": "🔥💣"},
    {"q": "<script>alert(1)</script>"},
    {"q": "\u202e\u2066\ufeff"},
    {"q": "e" + "\u0301" * 500},
    {"q": ["one", "two", "three"]},
    {"q": '"' * 199},
    {"q": "* * *"},
    {"q": "ﷺ"},
    {"page": "1" + "0" * 30},
    {"page": "9" * 5000},
    {"page": "-1"},
    {"page": "0"},
    {"page": "NaN"},
    {"page": "last"},
    {"page": "१"},
    {"page": ["2", "x"]},
    {"area": "area.a'; DROP TABLE offers_offer"},
    {"area": ["form.training"] * 500},
    {"area": "\x00"},
    {"form": "\ud83d"},
    {"area[]": "x", "area[0]": "y", "area[$ne]": "z", "q[]": "w"},
    {"state": "x" * 5000, "region": "%", "pays": "provider:__class__"},
]


@pytest.mark.parametrize("parameters", HOSTILE, ids=range(len(HOSTILE)))
def test_no_address_breaks_the_catalogue_or_is_reflected_as_markup(client, make_offer, parameters):
    make_offer()
    address = "&".join(
        f"{quoted(name)}={quoted(value)}"
        for name, values in parameters.items()
        for value in (values if isinstance(values, list) else [values])
    )

    response = client.get(f"{reverse('offers:catalogue')}?{address}", follow=True)

    assert response.status_code == 200
    assert b"<script>alert" not in response.content


def quoted(text):
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("query", ["q=%ff%fe", "q=%", "area=%C3%28", "%00=%00", "q=%ED%A0%80", "=&&&==", "q"])
def test_bytes_that_are_no_text_do_not_break_the_catalogue(client, make_offer, query):
    make_offer()

    assert client.get(f"{reverse('offers:catalogue')}?{query}").status_code == 200


def test_ten_thousand_parameters_are_refused_and_a_thousand_are_not(client, make_offer):
    make_offer()
    path = reverse("offers:catalogue")

    assert client.get(path + "?" + "&".join(f"p{number}=1" for number in range(10_000))).status_code == 400
    assert client.get(path + "?" + "&".join(f"area={number}" for number in range(1000))).status_code == 200


def test_a_page_that_does_not_exist_leads_to_the_first_one_of_the_same_list(client, make_offer):
    make_offer()
    path = reverse("offers:catalogue")

    for page in ["2", "0", "-1", "x", "1" + "0" * 30]:
        response = client.get(f"{path}?page={page}&form=form.training&q=course")
        assert response.status_code == 302
        assert response.url == f"{path}?q=course&form=form.training"
    assert get(client, page="9").url == path


def test_pages_of_twenty_keep_the_order(client, make_offer):
    made = [make_offer().reference for _ in range(23)]

    first, second = get(client), get(client, page=2)

    assert references(first) == made[:20]
    assert references(second) == made[20:]
    assert second.context["page_obj"].number == 2
    assert second.context["paginator"].num_pages == 2
    assert first.headers["X-Total-Count"] == second.headers["X-Total-Count"] == "23"


def test_the_canonical_address_does_not_depend_on_the_order_of_parameters(client, make_offer, settings):
    make_offer()
    path = reverse("offers:catalogue")

    canonical = [
        client.get(f"{path}?{query}").context["canonical_url"]
        for query in [
            "state=QNO&form=form.training&q=+course+&utm_source=x",
            "q=course&form=form.training&form=form.training&state=QNO&page=1",
            "form=form.training&form=nonsense&q=course&state=QNO",
        ]
    ]

    assert set(canonical) == {f"{settings.PORTAL_URL}{path}?q=course&form=form.training&state=QNO"}
    for _ in range(20):
        make_offer()
    assert get(client, page=2).context["canonical_url"] == f"{settings.PORTAL_URL}{path}?page=2"


@pytest.mark.parametrize(
    ("parameters", "noindex"),
    [
        ({}, False),
        ({"q": "course"}, False),
        ({"form": "form.training"}, False),
        ({"form": "form.training", "state": "QNO"}, True),
        ({"form": "form.training", "q": "course"}, True),
        ({"form": "form.training", "other": "1"}, False),
    ],
)
def test_only_simple_lists_are_for_search_engines(client, make_offer, parameters, noindex):
    make_offer()

    assert get(client, **parameters).context["noindex"] == noindex


def test_the_catalogue_sets_no_cookie(client, make_offer):
    make_offer()

    for parameters in [{}, {"q": "course"}, {"page": "7"}]:
        assert not get(client, **parameters).cookies


@pytest.mark.parametrize(
    "parameters",
    [{}, {"q": "course"}, {"q": "cour", "form": "form.training", "state": "QNO", "pays": "free"}, {"q": "zeppelin"}],
)
def test_the_number_of_queries_does_not_grow_with_the_number_of_rows(client, make_offer, parameters):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert get(client, **parameters).status_code == 200
        return len(captured)

    def fill(number):
        for _ in range(number):
            make_offer(pays_fees="provider")
            resource = factories.ResourceFactory(description="Courses")
            resource.forms.add(factories.FormFactory())
            index.write_resource(resource)

    fill(2)
    at_first, few = queries(), queries()
    fill(6)
    # Reference data are read anew once something has changed.
    assert queries() == at_first <= 20
    assert queries() == few <= 12


def test_resources_elsewhere_answer_the_same_question_but_not_for_a_state(client, make_offer):
    make_offer(title="Zeppelins")
    training = factories.FormFactory(code="form.training")
    for number in range(12):
        resource = factories.ResourceFactory(title=f"Zeppelin school {number:02}")
        resource.forms.add(training)
        index.write_resource(resource)
    index.write_resource(factories.ResourceFactory(title="Balloon school"))

    response = get(client, q="zeppelin")
    assert response.context["total"] == 1
    assert response.context["resource_total"] == 12
    titles = [resource.title for resource in response.context["resources"]]
    assert titles == [f"Zeppelin school {number:02}" for number in range(10)]
    assert get(client, form="form.training").context["resource_total"] == 12
    assert get(client).context["resource_total"] == 13
    assert get(client, q="balloon").context["resource_total"] == 1
    assert get(client, q="zeppelin", state="QNO").context["resource_total"] == 0
    assert get(client, pays="free").context["resource_total"] == 0


def test_an_excerpt_shows_what_was_found_and_is_safe(client, make_offer):
    make_offer(
        description="A course. " * 30 + "It ends with <b>zeppelins</b> & “balloons”. " + "A course. " * 20,
        original_language=factories.LanguageFactory(code="en"),
    )

    (offer,) = get(client, q="zeppelin").context["offers"]
    assert "&lt;b&gt;<mark>zeppelins</mark>&lt;/b&gt; &amp;" in offer.excerpt
    (offer,) = get(client).context["offers"]
    assert offer.excerpt.startswith("A course. A course.")
    assert len(offer.excerpt) <= 202


def test_only_offers_that_may_be_shown_are_listed_and_counted(client, make_offer, norlander, officer):
    shown = make_offer(title="Zeppelin shown")
    make_offer(title="Zeppelin draft", status="draft")
    make_offer(title="Zeppelin submitted", status="submitted")
    make_offer(title="Zeppelin suspended", confirmed_days_ago=270)
    make_offer(title="Zeppelin expired", valid_until=timezone.localdate() - timedelta(days=1))
    gone = make_offer(title="Zeppelin withdrawn")

    assert references(get(client, q="zeppelin")) == [shown.reference, gone.reference]
    gone.withdraw(by=norlander)

    for parameters in [{}, {"q": "zeppelin"}, {"form": "form.training"}, {"state": "QNO"}]:
        response = get(client, **parameters)
        assert references(response) == [shown.reference]
        assert response.headers["X-Total-Count"] == "1"
        assert counts(response, "state") == {"QNO": 1}
        assert counts(response, "form")["form.training"] == 1
        assert b"Zeppelin draft" not in response.content
    norland = shown.state
    norland.withdrawal_effective = timezone.localdate()
    norland.save()
    assert get(client).headers["X-Total-Count"] == "0"


def test_links_of_the_page_lead_to_the_lists_they_name(client, make_offer):
    make_offer()
    response = get(client, q="course", form="form.training", state="QNO")

    for applied in response.context["applied"]:
        kept = parse_qs(urlsplit(applied.remove_url).query)
        assert len(kept) == 2
        assert client.get(applied.remove_url).status_code == 200
