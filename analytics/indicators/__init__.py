"""The indicators of the trial, theme by theme: each module has its measures and its tables of a period."""

from . import connection, cost, duplication, supply, unmet, use, voice

THEMES = (supply, use, connection, unmet, duplication, voice, cost)


def measure_all(period):
    """{Indicator: Measure}, in the order of the themes."""
    return {measure.indicator: measure for theme in THEMES for measure in theme.measures(period)}
