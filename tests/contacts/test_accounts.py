"""Signing in, and what a forgotten password brings."""

import re

import pytest
from django.urls import reverse

from contacts.models import Role, User
from offers.models import OutgoingMail
from tests import factories

pytestmark = pytest.mark.django_db

PASSPHRASE = "a passphrase that is long enough"


@pytest.fixture
def account(norlander):
    norlander.set_password(PASSPHRASE)
    norlander.save()
    norlander.emailaddress_set.create(email=norlander.email, verified=True, primary=True)
    return norlander


def sign_in(client, email, password):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_the_right_password_opens_the_desk(client, account):
    response = sign_in(client, account.email, PASSPHRASE)

    assert response.url == reverse("offers:start")


def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(client, account):
    unknown = sign_in(client, "nobody@example.org", "something else")
    wrong = sign_in(client, account.email, "something else")

    assert unknown.status_code == wrong.status_code == 200
    assert unknown.context["form"].errors == wrong.context["form"].errors != {}


def test_somebody_switched_off_cannot_sign_in(client, account):
    account.is_active = False
    account.save()

    sign_in(client, account.email, PASSPHRASE)

    assert client.get(reverse("offers:desk")).status_code == 302


def test_signing_out_needs_a_press_of_the_button(client, account):
    client.force_login(account)
    client.get(reverse("account_logout"))
    assert client.get(reverse("offers:desk")).status_code == 200

    client.post(reverse("account_logout"))
    assert client.get(reverse("offers:desk")).status_code == 302


@pytest.mark.parametrize(
    "address", ["https://evil.example", "//evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_signing_in_leads_to_no_other_site(client, account, address):
    response = client.post(reverse("account_login"), {"login": account.email, "password": PASSPHRASE, "next": address})

    assert response.url == reverse("offers:start")


def test_a_forgotten_password_is_set_anew_by_a_link_in_a_mail(client, account):
    client.post(reverse("account_reset_password"), {"email": account.email})

    mail = OutgoingMail.objects.get()
    text = bytes(mail.raw).decode()
    assert mail.recipients == [account.email]
    assert "testserver!" not in text
    assert "Platform for Partnerships" in text
    link = re.search(r"https?://testserver(/\S+)", text.replace("=\n", "")).group(1)
    form = client.get(link, follow=True)
    client.post(
        form.redirect_chain[-1][0], {"password1": "quite another passphrase", "password2": "quite another passphrase"}
    )
    assert sign_in(client, account.email, "quite another passphrase").status_code == 302


def test_an_unknown_address_gets_the_same_page_and_no_mail(client, account):
    known = client.post(reverse("account_reset_password"), {"email": account.email})
    OutgoingMail.objects.all().delete()
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})

    assert (unknown.status_code, unknown.url) == (known.status_code, known.url)
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("name", ["account_login", "account_reset_password", "account_signup"])
def test_the_pages_for_strangers_are_there(client, name):
    page = client.get(reverse(name)).content.decode()

    content = page.partition("<main")[2].partition("</main>")[0]
    assert "<h1" in content
    assert reverse("account_signup") not in content


@pytest.mark.parametrize("name", ["account_change_password", "account_email", "account_reauthenticate"])
def test_the_pages_of_an_account_are_there(client, account, name):
    sign_in(client, account.email, PASSPHRASE)

    response = client.get(reverse(name))

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"


def test_letters_to_a_state_go_to_who_writes_for_it_today(norland, norlander, sudlander, officer):
    factories.UserFactory(state=norland, role=Role.ISU_OFFICER)
    factories.UserFactory(state=norland, is_active=False)
    factories.UserFactory()

    assert list(User.objects.focal_points()) == [norlander, sudlander]
