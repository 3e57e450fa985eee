from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from contacts.models import Membership, Role, State, User

PASSWORD = "only-for-demonstration"  # noqa: S105  (known on purpose)


class Command(BaseCommand):
    help = "Create accounts with a known password for a demonstration on this machine, or set them right again."

    def add_arguments(self, parser):
        parser.add_argument(
            "--states",
            nargs="+",
            metavar="ISO3",
            default=["BEN", "HRV"],
            help="States that get a focal point each (%(default)s if not given).",
        )

    @transaction.atomic
    def handle(self, *, states, **options):
        if not settings.DEMO:
            raise CommandError("Accounts with a known password are only for a demonstration: DEMO=1 is not set.")
        accounts = []
        for iso3 in states:
            state = State.objects.filter(iso3=iso3.upper()).first()
            if state is None:
                raise CommandError(f"There is no State {iso3}. Is the reference data loaded (load_reference_data)?")
            email = f"focal.{state.iso3.lower()}@example.org"
            accounts.append((email, Role.FOCAL_POINT, state))
        accounts.append(("officer@example.org", Role.ISU_OFFICER, None))
        accounts.append(("administrator@example.org", Role.ISU_ADMINISTRATOR, None))

        for email, role, state in accounts:
            _set_right(email, role, state)
            who = f"focal point of {state.name_en}" if state else Role(role).label
            self.stdout.write(f"{email:28} {PASSWORD:24} {who}")


def _set_right(email, role, state):
    user = User.objects.filter(email=email).first() or User(email=email)
    user.role = role
    user.is_active = True
    # A new hash would end the sessions of whoever is signed in.
    if not user.check_password(PASSWORD):
        user.set_password(PASSWORD)
    user.save()
    if state:
        Membership.objects.update_or_create(user=user, defaults={"state": state})
    else:
        Membership.objects.filter(user=user).delete()
    # Without a confirmed address the first sign-in would wait for a mail.
    EmailAddress.objects.filter(user=user).exclude(email=email).delete()
    EmailAddress.objects.update_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
