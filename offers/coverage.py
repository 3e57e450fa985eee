"""How the public offers cover areas, forms and regions: a number for each pair, and where there is none yet.

Of States nothing is said here: public figures of coverage go by region only.
"""

from dataclasses import dataclass

from contacts.models import Region

from .filters import catalogue_url
from .models import Area, Form, Offer
from .search import facets

# Their components are rows of their own, and the two stand side by side.
WITH_COMPONENTS = ("area.survey_clearance", "area.victim_assistance")


@dataclass(frozen=True)
class Cell:
    """A number of offers and the list that has exactly these."""

    label: str
    count: int
    url: str


@dataclass(frozen=True)
class Line:
    """An area: its number for each form, and for all forms together."""

    area: Area
    cells: list
    total: Cell

    @property
    def is_component(self):
        return self.area.level > 1


@dataclass(frozen=True)
class Coverage:
    region: Region | None
    lines: list
    totals: list  # a cell for each form
    total: Cell

    @property
    def blanks(self):
        """The areas in which nothing is offered; of a component only where its whole area is not named."""
        blank = [line.area for line in self.lines if not line.total.count]
        return [area for area in blank if area.parent not in blank]


def coverage(region=None):
    """Of all public offers, or of those that serve the region, wherever else they serve.

    An offer counts once in each of its areas and in its one form. A fixed number of queries.
    """
    offers = Offer.objects.public()
    if region:
        offers = facets.narrowed(offers, facets.REGION, [region.un_m49])
    pairs, counts = facets.cross(offers, facets.AREA, facets.FORM), facets.count(offers, {})
    forms = list(Form.objects.top())

    def cell(label, count, **chosen):
        if region:
            chosen[facets.REGION] = region.un_m49
        return Cell(label, count, catalogue_url(*chosen.items()))

    return Coverage(
        region=region,
        lines=[
            Line(
                area,
                [
                    cell(form.name, pairs.get((area.code, form.code), 0), area=area.code, form=form.code)
                    for form in forms
                ],
                cell(area.name, counts.of(facets.AREA, area.code), area=area.code),
            )
            for area in _areas()
        ],
        totals=[cell(form.name, counts.of(facets.FORM, form.code), form=form.code) for form in forms],
        total=cell("", counts.total),
    )


def _areas():
    """The top areas, each followed by its components where these are shown; the two that have them come first."""
    areas = list(Area.objects.filter(level__lte=2).exclude(level=0).select_related("parent"))
    top = [area for area in areas if area.level == 1]
    for area in sorted(top, key=lambda area: area.code not in WITH_COMPONENTS):
        yield area
        if area.code in WITH_COMPONENTS:
            yield from (part for part in areas if part.parent_id == area.pk)
