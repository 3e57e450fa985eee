"""The directory of contact points, as a page and as a file."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from tests import factories

pytestmark = pytest.mark.django_db

PAGE, FILE = "contacts:directory", "contacts:directory_csv"


@pytest.fixture
def offices(norland, sudland):
    """One office each of Norland, of bodies for its region, for itself and for the world; one of Sudland."""
    region_of_north = factories.RegionalBodyFactory(short_name="REGION", regions=[norland.region])
    north = factories.RegionalBodyFactory(short_name="NORTH", states=[norland])
    world = factories.RegionalBodyFactory(short_name="WORLD", worldwide=True)
    return {
        "Norland": factories.ContactPointFactory(state=norland, office="Norland"),
        "Sudland": factories.ContactPointFactory(state=sudland, office="Sudland"),
        **{
            body.short_name: factories.ContactPointFactory(state=None, regional_body=body, office=body.short_name)
            for body in (region_of_north, north, world)
        },
    }


def listed(client, **query):
    return {point.office for point in client.get(reverse(PAGE), query).context["rows"]}


def file_rows(client, **query):
    response = client.get(reverse(FILE), query)
    text = response.content.decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_a_region_gives_the_offices_of_its_states_and_of_the_bodies_that_serve_it(client, offices, norland):
    north = norland.region.un_m49

    assert listed(client, region=north) == {"Norland", "REGION", "NORTH"}
    assert listed(client, region=north, kind="national") == {"Norland"}
    assert listed(client, region=north, serves="QNO", kind="regional") == {"REGION", "NORTH"}
    assert listed(client, region=north, serves="QSU") == set()


@pytest.mark.parametrize(
    "query", [{"region": "999"}, {"region": "\x00"}, {"serves": "'"}, {"kind": "x"}, {"region": "0" * 3000}]
)
def test_a_value_that_is_not_understood_is_left_out_and_said(client, offices, query):
    response = client.get(reverse(PAGE), query)

    assert {point.office for point in response.context["rows"]} == set(offices)
    page = response.content.decode()
    assert "We ignored a filter we did not understand." in page
    assert "errorlist" not in page  # said once


def test_the_filters_show_what_is_in_force(client, offices, norland):
    page = client.get(reverse(PAGE), {"kind": "regional", "serves": "QNO", "region": "999"}).content.decode()

    assert '<option value="regional" selected>' in page
    assert '<option value="QNO" selected>' in page
    assert '<option value="" selected>' in page


def test_nothing_is_said_of_ignored_filters_where_none_is(client, offices):
    assert "We ignored a filter" not in client.get(reverse(PAGE), {"kind": "", "region": ""}).content.decode()


def test_a_state_without_an_office_leads_to_its_regional_bodies_and_the_isu(client, offices, norland, settings):
    offices["Norland"].delete()
    response = client.get(reverse(PAGE), {"serves": "QNO"})

    page = response.content.decode().partition("<main")[2].partition("</main>")[0]
    assert "For questions about Norland, write to a regional contact point that serves it, or to the ISU" in page
    assert settings.ISU_EMAIL in page
    assert {point.office for point in response.context["rows"]} == {"REGION", "NORTH"}


def test_of_a_state_with_an_office_nothing_of_the_kind_is_said(client, offices):
    for query in ({"serves": "QNO"}, {"serves": "QNO", "kind": "regional"}, {}):
        assert "For questions about" not in client.get(reverse(PAGE), query).content.decode()


def test_the_canonical_address_keeps_what_is_chosen_and_nothing_else(client, offices, settings, norland):
    page = client.get(reverse(PAGE), {"utm_source": "x", "serves": "QNO", "kind": "regional", "region": "bad"})

    assert page.context["canonical_url"] == f"{settings.PORTAL_URL}{reverse(PAGE)}?kind=regional&serves=QNO"


def test_an_office_not_confirmed_for_a_year_says_since_when(client, norland):
    today = timezone.localdate()
    factories.ContactPointFactory(state=norland, verified_on=date(2024, 1, 15))
    factories.ContactPointFactory(state=norland, verified_on=today - timedelta(days=365))

    page = client.get(reverse(PAGE)).content.decode()

    assert page.count("Not confirmed since") == 1
    assert "Not confirmed since 15 January 2024" in page


@pytest.mark.parametrize(
    "query", [{}, {"kind": "national"}, {"kind": "regional"}, {"serves": "QNO"}, {"serves": "bad"}]
)
def test_the_file_has_the_rows_of_the_page(client, offices, query):
    assert [row["Office"] for row in file_rows(client, **query)] == [
        point.office for point in client.get(reverse(PAGE), query).context["rows"]
    ]


def test_the_page_leads_to_the_file_of_the_same_list(client, offices):
    page = client.get(reverse(PAGE), {"serves": "QNO", "kind": "regional"}).content.decode()

    assert f'href="{reverse(FILE)}?kind=regional&amp;serves=QNO"' in page


def test_the_file_has_only_what_is_public(client, norland):
    hidden = {"email": "canary@example.org", "email_public": False, "telephone": "+41 22 555 00 11"}
    factories.ContactPointFactory(state=norland, office="Hidden", telephone_public=False, **hidden)
    factories.ContactPointFactory(
        state=norland, office="Open", email="office@example.org", telephone="+41 22 555 00 22", telephone_public=True
    )

    rows = {row["Office"]: row for row in file_rows(client)}

    assert (rows["Hidden"]["E-mail"], rows["Hidden"]["Telephone"]) == ("", "")
    assert (rows["Open"]["E-mail"], rows["Open"]["Telephone"]) == ("office@example.org", "(+41) 22 555 00 22")
    assert "canary" not in client.get(reverse(FILE)).content.decode()


def test_the_file_runs_no_formula_and_bears_label_and_terms(client, norland):
    payload = "=1+1"
    factories.ContactPointFactory(
        state=norland, office=payload, function=payload, permanent_mission=payload, is_sample=True,
        telephone=payload, telephone_public=True,
    )  # fmt: skip

    [row] = file_rows(client)

    for column in ("Office", "Function", "For a note verbale", "Telephone"):
        assert row[column] == "'=1+1"
    assert row["Remark"] == "Illustrative record: this office and its address are made up."
    assert row["Confirmed on"] == ""
    assert row["Terms"].startswith("Not a commitment or endorsement.")


def test_the_file_is_a_download_that_sets_no_cookie_and_is_not_indexed(client, offices):
    response = client.get(reverse(FILE))

    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == 'attachment; filename="contact-points.csv"'
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert not response.cookies


def test_the_file_speaks_the_language_of_its_address(client, norland):
    norland.name_ar = "نورلاند"
    norland.save()
    factories.ContactPointFactory(state=norland)

    with translation.override("ar"):
        assert "نورلاند" in client.get(reverse(FILE)).content.decode()


@pytest.mark.parametrize("count", [1, 6])
@pytest.mark.parametrize("query", [{}, {"serves": "QNO", "region": "first"}])
@pytest.mark.parametrize(("name", "most"), [(PAGE, 9), (FILE, 7)])
def test_page_and_file_need_the_same_queries_however_many_offices_there_are(
    client, norland, name, most, query, count, django_assert_max_num_queries
):
    query = query | ({"region": norland.region.un_m49} if query else {})
    english = factories.LanguageFactory()
    for number in range(count):
        body = factories.RegionalBodyFactory(states=[norland])
        factories.ContactPointFactory(state=norland, office=f"Office {number}").languages.add(english)
        factories.ContactPointFactory(state=None, regional_body=body).languages.add(english)

    with django_assert_max_num_queries(most):
        assert client.get(reverse(name), query).status_code == 200
