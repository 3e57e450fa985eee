"""What it costs: C1."""


def measures(period):
    return []


def tables(period):
    return []
