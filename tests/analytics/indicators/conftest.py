"""A month, and what is read in it."""

from datetime import date

import pytest

from analytics.periods import Period
from tests import factories

MARCH = Period(date(2027, 3, 1), date(2027, 3, 31))


def rows_of(tables, name):
    """The rows of the table with that name, by label."""
    return {str(label): cells for label, cells in next(table for table in tables if table.name == name).rows}


def values_of(measures):
    """{code: (number, base)}."""
    return {str(measure.indicator): (measure.number, measure.base) for measure in measures}


@pytest.fixture
def africa(db):
    """A part of it."""
    africa = factories.RegionFactory(un_m49="002", name_en="Africa")
    return factories.RegionFactory(un_m49="011", name_en="Western Africa", parent=africa)
