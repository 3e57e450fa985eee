"""What was looked for and not found: N1 to N3."""


def measures(period):
    return []


def tables(period):
    return []
