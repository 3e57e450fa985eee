"""What visitors and national contact points say: V1 and V2."""


def measures(period):
    return []


def tables(period):
    return []
