"""The examples that the page "Data and feeds" prints. A test asks for each of them, just as it is printed."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from offers import records
from offers.models import Offer


@dataclass(frozen=True)
class Example:
    title: str
    path: str
    options: str = ""

    @property
    def command(self):
        """For a command line; the marks keep `&` from it."""
        return f"curl {self.options} '{records.absolute(self.path)}'".replace("  ", " ")


def of_lists():
    return [
        Example(
            _("All offers for victim assistance, as CSV"), _list("csv", "area=area.victim_assistance"), "-o offers.csv"
        ),
        Example(
            _("The same with a header for programs, the same in all languages"),
            _list("csv", "area=area.victim_assistance&columns=codes"),
            "-o offers.csv",
        ),
        Example(
            _("Training that is free to the recipient, for Excel"),
            _list("xlsx", "form=form.training&pays=free"),
            "-o offers.xlsx",
        ),
        Example(_("Offers in which certain words are found"), _list("json", "q=mine+detection+dogs")),
        Example(_("What is new from one State, as a feed"), _list("atom", "state=CHE")),
    ]


def of_api():
    offers = reverse("api:offers")
    return [
        Example(_("Where everything is"), reverse("api:index")),
        Example(
            _("The first hundred offers for two areas"),
            f"{offers}?area=area.risk_education&area=area.victim_assistance&limit=100",
        ),
        Example(_("One offer"), reverse("api:offer", args=[_some_reference()])),
        Example(_("What organisations offer elsewhere"), f"{reverse('api:resources')}?form=form.training"),
        Example(_("A State"), reverse("api:state", args=["CHE"])),
        Example(_("All States Parties"), reverse("api:states")),
        Example(_("Regional bodies"), reverse("api:bodies")),
        Example(_("Contact points"), reverse("api:contacts")),
        Example(_("The codes and names of the areas"), reverse("api:areas")),
        Example(_("The codes and names of the forms"), reverse("api:forms")),
        Example(_("The description for programs (OpenAPI)"), reverse("api:openapi")),
    ]


def _list(form, query):
    return f"{reverse(f'offers:list_{form}')}?{query}"


def _some_reference():
    newest = Offer.objects.public().order_by("-pk").values_list("reference", flat=True).first()
    return newest or "PFP-2026-0001"
