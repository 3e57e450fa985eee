"""From an offer that was opened to help that was agreed: F3 to F9."""


def measures(period):
    return []


def tables(period):
    return []
