from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user
from django.core.management import CommandError, call_command
from django.urls import reverse

from contacts.management.commands.create_demo_accounts import PASSWORD
from contacts.models import Role, State, User
from tests.factories import StateFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    for iso3, name in [("BEN", "Benin"), ("HRV", "Croatia"), ("COL", "Colombia")]:
        StateFactory(iso3=iso3, iso2=iso3[:2], name_en=name)


def create(*arguments):
    said = StringIO()
    call_command("create_demo_accounts", *arguments, stdout=said)
    return said.getvalue()


def accounts():
    return {user.email: (user.role, user.state and user.state.iso3) for user in User.objects.all()}


def test_each_role_gets_an_account_and_all_are_printed(demo):
    said = create()

    assert accounts() == {
        "focal.ben@example.org": (Role.FOCAL_POINT, "BEN"),
        "focal.hrv@example.org": (Role.FOCAL_POINT, "HRV"),
        "officer@example.org": (Role.ISU_OFFICER, None),
        "administrator@example.org": (Role.ISU_ADMINISTRATOR, None),
    }
    assert [line.split(maxsplit=2) for line in said.splitlines()] == [
        ["focal.ben@example.org", PASSWORD, "focal point of Benin"],
        ["focal.hrv@example.org", PASSWORD, "focal point of Croatia"],
        ["officer@example.org", PASSWORD, "ISU officer"],
        ["administrator@example.org", PASSWORD, "ISU administrator"],
    ]


def test_the_printed_password_opens_the_door_at_once(demo, client):
    create()

    answer = client.post(reverse("account_login"), {"login": "focal.ben@example.org", "password": PASSWORD})

    assert (answer.status_code, answer.url) == (302, reverse("offers:start"))
    assert client.session["_auth_user_id"] == str(User.objects.get(email="focal.ben@example.org").pk)


def test_focal_points_of_any_states_may_be_asked_for(demo):
    create("--states", "col")

    assert accounts()["focal.col@example.org"] == (Role.FOCAL_POINT, "COL")
    assert "focal.ben@example.org" not in accounts()


def test_a_second_time_changes_nothing_and_signs_nobody_out(demo, client):
    first = create()
    client.force_login(User.objects.get(email="officer@example.org"))
    rows = list(User.objects.order_by("pk").values())

    assert create() == first

    assert list(User.objects.order_by("pk").values()) == rows
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == 4
    assert get_user(client).email == "officer@example.org"


def test_what_visitors_of_the_demonstration_changed_is_set_right(demo):
    create()
    user = User.objects.get(email="focal.ben@example.org")
    user.set_password("something else entirely")
    user.is_active = False
    user.role = Role.ISU_OFFICER
    user.save()
    user.membership.state = State.objects.get(iso3="COL")
    user.membership.save()
    EmailAddress.objects.filter(user=user).update(email="elsewhere@example.org", verified=False)

    create()

    user = User.objects.get(email="focal.ben@example.org")
    assert user.check_password(PASSWORD)
    assert user.is_active
    assert (user.role, user.state.iso3) == (Role.FOCAL_POINT, "BEN")
    assert list(EmailAddress.objects.filter(user=user).values_list("email", "verified", "primary")) == [
        ("focal.ben@example.org", True, True)
    ]


def test_other_accounts_are_left_alone(demo):
    other = UserFactory(email="someone@example.org", state=State.objects.get(iso3="BEN"))
    before = User.objects.filter(pk=other.pk).values().get()

    create()

    assert User.objects.filter(pk=other.pk).values().get() == before
    assert not other.check_password(PASSWORD)


def test_outside_a_demonstration_nobody_gets_a_known_password(demo, settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="DEMO=1 is not set"):
        create()

    assert not User.objects.exists()


def test_a_state_that_is_not_there_is_named_and_no_account_is_made(demo):
    with pytest.raises(CommandError, match="There is no State XYZ"):
        create("--states", "BEN", "XYZ")

    assert not User.objects.exists()
