"""Loads the taxonomy that ships with the portal: areas of implementation and forms of assistance."""

from pathlib import Path

from contacts.reference import names_of, read_rows
from offers.models import Area, Form

TAXONOMY = Path(__file__).parent / "fixtures" / "taxonomy.csv"


def load_taxonomy(report):
    terms = read_rows(TAXONOMY)
    report.follow("Areas", place_terms(Area, [term for term in terms if term["facet"] == "area"]))
    report.follow("Forms", place_terms(Form, [term for term in terms if term["facet"] == "form"]))


def place_terms(model, terms):
    """Search synonyms are not shipped here: what administrators write there is theirs alone."""
    keys = {"": None}
    # Sorted by their codes, parents come before their parts.
    for term in sorted(terms, key=lambda term: term["code"]):
        values = names_of(term, "label") | {
            "parent_id": keys[term["parent"]],
            "level": int(term["level"]),
            "position": int(term["sort_order"]),
            "definition": term["definition_en"],
            "source": term["source"],
            "labels_reviewed": term["labels_reviewed"] == "yes",
            "verified": term["verified"] == "yes",
            "note": term["note"],
        }
        placed = model.place({"code": term["code"]}, values)
        keys[term["code"]] = placed.row.pk
        yield term["code"], placed
