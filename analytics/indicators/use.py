"""What is opened and looked for: U1 to U7."""


def measures(period):
    return []


def tables(period):
    return []
