"""Whether the portal repeats what others keep: D1 and D2."""


def measures(period):
    return []


def tables(period):
    return []
