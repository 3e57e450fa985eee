"""Loads the reference data that ship with the portal: regions, languages, States, regional bodies, links elsewhere."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

from contacts.models import Article5Status, Language, Region, RegionalBody, RelatedSource, State, StateLink
from contacts.models.reference import SUFFIXES

FIXTURES = Path(__file__).parent / "fixtures"


def read_rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names_of(row, prefix="name"):
    return {f"name_{suffix}": row[f"{prefix}_{suffix}"] for suffix in SUFFIXES.values()}


class LoadReport:
    """Tells, set by set, what a load has done, and adds it up."""

    OUTCOMES = ("created", "updated", "unchanged", "kept edits")

    def __init__(self, tell):
        self.tell = tell
        self.counts = Counter()

    def follow(self, title, steps):
        """Take the rows as they are placed, pairs of code and `Placed`; return them by their codes."""
        rows, counts = {}, Counter()
        for code, (row, created, changed, kept) in steps:
            rows[code] = row
            counts["created" if created else "updated" if changed else "unchanged"] += 1
            counts["kept edits"] += len(kept)
            for name in kept:
                self.tell(f"  {title}, {row}: {name} was edited here and is kept.")
        self.tell(f"{title}: {self._in_words(counts)}.")
        self.counts.update(counts)
        return rows

    @property
    def summary(self):
        return f"All reference data: {self._in_words(self.counts)}."

    def _in_words(self, counts):
        return ", ".join(f"{counts[outcome]} {outcome}" for outcome in self.OUTCOMES)


def load_contacts(report):
    languages = report.follow("Languages", place_languages())
    regions = report.follow("Regions", place_regions())
    states = report.follow("States", place_states(regions))
    report.follow("Regional bodies", place_bodies(regions, states))
    report.follow("Links about States", place_state_links(states, languages))
    report.follow("Related sources", place_sources(languages))


def place_languages():
    for row in read_rows(FIXTURES / "languages.csv"):
        values = names_of(row) | {
            "endonym": row["endonym"],
            "right_to_left": row["right_to_left"] == "yes",
            "un_official": row["un_official"] == "yes",
        }
        yield row["code"], Language.place({"code": row["code"]}, values)


def place_regions():
    keys = {"": None}
    for row in read_rows(FIXTURES / "regions.csv"):
        values = names_of(row) | {"parent_id": keys[row["parent"]], "position": int(row["position"])}
        placed = Region.place({"un_m49": row["un_m49"]}, values)
        keys[row["un_m49"]] = placed.row.pk
        yield row["un_m49"], placed


def place_states(regions):
    """Each State under its M49 code, which stays when a State changes its name or its ISO codes."""
    region_codes = {row["name_en"]: row["un_m49"] for row in read_rows(FIXTURES / "regions.csv")}
    positions = {row.pop("iso3"): row for row in read_rows(FIXTURES / "state_positions.csv")}
    joined = [(row, _membership(row)) for row in read_rows(FIXTURES / "states.csv")]
    others = [(row, _no_membership(row)) for row in read_rows(FIXTURES / "other_states.csv")]
    for row, membership in joined + others:
        finest = region_codes[row["un_intermediate_region"] or row["un_subregion"]]
        values = names_of(row) | {
            "iso3": row["iso3"],
            "iso2": row["iso2"],
            "aliases": row["aliases_en"].replace("|", "\n"),
            "region_id": regions[finest].pk,
            "regional_group": row["un_regional_group"],
            "signed": _day(row["signed"]),
            "verified": row["verified"] == "yes",
            "sources": row["sources"],
            "note": row["note"],
        }
        values |= membership | {name: int(place) for name, place in positions[row["iso3"]].items()}
        yield row["iso3"], State.place({"un_m49": row["un_m49"]}, values)


def _membership(row):
    return {
        "joined": True,
        "instrument_kind": row["instrument_kind"],
        "instrument_deposited": _day(row["ratified_or_acceded"]),
        "entry_into_force": _day(row["entry_into_force"]),
        "withdrawal_notified": _day(row["withdrawal_notified"]),
        "withdrawal_effective": _day(row["withdrawal_effective"]),
        "article5_status": row["art5_status"],
        "article5_as_of": row["art5_as_of"],
        "article5_verified": row["art5_verified"] == "yes",
        "survivors": row["va_state"] == "yes",
        "survivors_verified": row["va_verified"] == "yes",
    }


def _no_membership(row):
    return {"joined": False, "article5_status": Article5Status.NOT_APPLICABLE}


def _day(text):
    return date.fromisoformat(text) if text else None


def place_bodies(regions, states):
    areas = {row["short_name"]: row for row in read_rows(FIXTURES / "regional_body_areas.csv")}
    groups = {row["short_name"]: row for row in read_rows(FIXTURES / "groups.csv")}
    for row in read_rows(FIXTURES / "regional_bodies.csv"):
        area = areas[row["short_name"]]
        host = states.get(row["host_country_iso3"])
        values = {
            "name_en": row["name_en"],
            "kind": row["kind"],
            "host_city": row["host_city"],
            "host_state_id": host and host.pk,
            "serves": row["regions_served"],
            "worldwide": area["worldwide"] == "yes",
            "role": row["role_in_mine_action"],
            "website": row["website"],
            "as_of": row["as_of"],
            "verified": row["verified"] == "yes",
            "note": row["note"],
        }
        if group := groups.get(row["short_name"]):
            values |= {f"group_{field}": name for field, name in names_of(group).items()}
        members = {
            "regions": [regions[code] for code in area["regions"].split()],
            "states": [states[code] for code in area["states"].split()],
        }
        yield row["short_name"], RegionalBody.place({"short_name": row["short_name"]}, values, members)


def place_state_links(states, languages):
    """At most one of each kind for a State; what administrators enter beside them is theirs alone."""
    by_hand = set(StateLink.objects.filter(code="").values_list("state_id", "url"))
    by_m49 = {state.un_m49: state for state in states.values()}
    for row in read_rows(FIXTURES / "state_links.csv"):
        state = by_m49[row["un_m49"]]
        if (state.pk, row["url"]) in by_hand:
            continue
        values = {"kind": row["kind"], "url": row["url"], "language_id": languages[row["language"]].pk}
        yield f"{state.iso3} {row['kind']}", StateLink.place({"state_id": state.pk, "code": row["kind"]}, values)


def place_sources(languages):
    for row in read_rows(FIXTURES / "related_sources.csv"):
        values = names_of(row) | {
            "kind": row["kind"],
            "description": row["description"],
            "url": row["url"],
            "position": int(row["position"]),
        }
        members = {"languages": [languages[code] for code in row["languages"].split()]}
        yield row["code"], RelatedSource.place({"code": row["code"]}, values, members)
