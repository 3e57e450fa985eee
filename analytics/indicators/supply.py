"""What is on offer: S1 to S8."""


def measures(period):
    return []


def tables(period):
    return []
