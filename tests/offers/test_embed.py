"""The list in a frame on another website."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils.html import escape

from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ORIGINS = ["https://www.example.org", "https://intranet.example.org:8443"]


def get(client, **parameters):
    return client.get(f"{reverse('offers:embed')}?{urlencode(parameters, doseq=True)}")


def titles(response):
    return [offer.live_version.title for offer in response.context["offers"]]


def test_it_shows_the_offers_that_the_catalogue_would_show(client, make_offer, sudland):
    make_offer(title="Dogs that find mines")
    make_offer(title="Dogs that find mines, of another State", state=sudland)
    make_offer(title="Prostheses")
    make_offer(title="Dogs in a draft", status="draft")

    assert titles(get(client, q="dogs", state="QNO")) == ["Dogs that find mines"]


@pytest.mark.parametrize(
    ("limit", "shown"),
    [("", 10), ("3", 3), ("0", 10), ("-1", 10), ("many", 10), ("²", 10), ("٣", 10), ("9" * 5000, 12), ("50", 12)],
)
def test_it_shows_as_many_as_are_asked_for(client, make_offer, limit, shown):
    for _ in range(12):
        make_offer()

    response = get(client, limit=limit)

    assert (len(titles(response)), response.context["total"]) == (shown, 12)


def test_it_never_shows_more_than_fifty(client, make_offer, monkeypatch):
    monkeypatch.setattr("offers.views.embedded.MOST", 2)
    for _ in range(3):
        make_offer()

    assert len(titles(get(client, limit=1000))) == 2


def test_it_leads_to_the_whole_list_and_names_it_as_the_original(client, make_offer, settings):
    make_offer()

    response = get(client, form="form.training", q="course", limit=1)

    address = escape(f"{reverse('offers:catalogue')}?q=course&form=form.training")
    page = response.content.decode()
    assert f'<a class="btn" href="{address}">' in page
    assert f'<link rel="canonical" href="{settings.PORTAL_URL}{address}">' in page
    assert '<meta name="robots" content="noindex">' in page


def test_links_open_in_the_whole_window(client, make_offer):
    make_offer()

    assert '<base target="_top">' in get(client).content.decode()


def test_an_empty_list_still_leads_to_the_catalogue(client):
    page = get(client, q="nothing of the kind").content.decode()

    assert "0 offers" in page
    assert "See all on the Platform for Partnerships" in page


def test_samples_are_labelled_and_the_disclaimer_is_there(client, make_offer):
    offer = make_offer()
    type(offer).objects.update(is_sample=True)

    page = get(client).content.decode()

    assert "Illustrative record drawn from public sources; not an offer made by this State" in page
    assert "Not a commitment or endorsement." in page


def test_arabic_runs_from_right_to_left(client):
    assert '<html lang="ar" dir="rtl">' in client.get("/ar/embed/offers/").content.decode()


def test_nothing_of_a_person_who_has_signed_in_is_shown(client, norlander):
    client.force_login(norlander)

    assert norlander.email not in get(client).content.decode()


def test_it_sets_no_cookie(client, settings):
    settings.EMBED_ORIGINS = ORIGINS

    response = get(client)

    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


def test_it_needs_the_same_number_of_queries_however_long(client, make_offer, django_assert_max_num_queries):
    def queries():
        with django_assert_max_num_queries(30) as made:
            get(client, q="course")
        return len(made)

    make_offer()
    few = queries()
    for _ in range(4):
        make_offer(state=factories.StateFactory())

    assert queries() == few


def test_only_get_is_answered(client):
    assert client.post(reverse("offers:embed")).status_code == 405


@pytest.mark.parametrize("query", ["q=%00", "area=%ff", "limit=1&limit=2", "state=<script>", "q=" + "x" * 3000])
def test_no_address_breaks_it(client, make_offer, query):
    make_offer()

    response = client.get(f"{reverse('offers:embed')}?{query}")

    assert response.status_code == 200
    assert b"<script" not in response.content
