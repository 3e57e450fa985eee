"""Keeps the index in step with the catalogue.

An entry exists for every offer with a live version that has not ended, and for
every resource. Whether an offer may be shown today depends on dates and is
asked of `Offer.objects.public()` each time; the index does not know.
"""

import hashlib
import json
from collections import defaultdict
from typing import NamedTuple

from django.db import transaction
from django.db.models import Prefetch

from contacts.models import Region, State
from offers.models import (
    Area,
    CatalogueRevision,
    FacetSet,
    FacetValue,
    Form,
    Offer,
    OfferPartner,
    Resource,
    SearchEntry,
    prefetch_translations,
)

from . import facets, spelling
from .analyser import Words, analyse
from .engines import LABELS, TEXT, TITLE, engine
from .labels import token as label_token

# Of a version; its title is searched with more weight.
TEXT_FIELDS = (
    "description", "providing_body", "quantity", "duration", "standards", "institutions", "prerequisites",
    "accessibility", "gender", "funding_purpose",
)  # fmt: skip
BATCH = 200  # rows written or compared in one transaction


def write_offer(offer):
    """Bring the entry of an offer up to date; for use inside the transaction of a step."""
    with transaction.atomic():
        rows = list(_offers().filter(pk=offer.pk))
        if rows:
            _write("offer", rows, Reference())
        else:
            remove_offer(offer)


def write_offers(keys):
    """Bring the entries of many offers with a live version up to date at once."""
    with transaction.atomic():
        reference = Reference()
        for some in _batches(keys):
            _write("offer", _offers().filter(pk__in=some), reference)


def remove_offer(offer):
    CatalogueRevision.change()
    SearchEntry.objects.filter(offer=offer).delete()


def write_resource(resource):
    with transaction.atomic():
        _write("resource", _resources().filter(pk=resource.pk), Reference())


def rebuild(progress=None):
    """Write all entries anew, some at a time, while the site is running; returns how many there are.

    `progress` is called with the number done and the number to do.
    """
    reference = Reference()
    newest, known = spelling.newest(), set()
    kinds = [("offer", _offers()), ("resource", _resources())]
    keys = {kind: list(rows.order_by("pk").values_list("pk", flat=True)) for kind, rows in kinds}
    done, to_do = 0, sum(map(len, keys.values()))
    for kind, rows in kinds:
        for some in _batches(keys[kind]):
            with transaction.atomic():
                # Held until written, so that a step taken meanwhile waits and writes after this.
                held = rows.model.objects.select_for_update().filter(pk__in=some).order_by("pk")
                list(held.values_list("pk"))
                known |= _write(kind, rows.filter(pk__in=some), reference)
            done += len(some)
            if progress:
                progress(done, to_do)
    for kind, rows in kinds:
        SearchEntry.objects.filter(**{f"{kind}__isnull": False}).exclude(**{f"{kind}__in": rows.values("pk")}).delete()
    engine().tidy()
    spelling.forget(known, until=newest)
    return SearchEntry.objects.count()


def is_complete():
    """Is there an entry for all that should have one? Whether it is the right one, only `check` tells."""
    return not any(rows.filter(search_entry=None).exists() for rows in (_offers(), _resources()))


class Difference(NamedTuple):
    """Something that should be indexed and is not, or the other way round."""

    subject: str
    problem: str

    def __str__(self):
        return f"{self.subject}: {self.problem}"


def check():
    """Yield a `Difference` for all that is not indexed as it should be."""
    reference = Reference()
    stored = engine().entries_with_words()
    known = set()
    for kind, rows in [("offer", _offers()), ("resource", _resources())]:
        for some in _batches(list(rows.order_by("pk").values_list("pk", flat=True))):
            entries = {
                getattr(entry, f"{kind}_id"): entry for entry in SearchEntry.objects.filter(**{f"{kind}__in": some})
            }
            sets = _values_by_set(entries.values())
            for row in rows.filter(pk__in=some):
                entry = entries.get(row.pk)
                if entry is None:
                    yield Difference(str(row), "has no entry")
                    continue
                known.add(entry.pk)
                document = reference.document(kind, row)
                if entry.digest != document.digest:
                    yield Difference(str(row), "has an entry that has fallen behind")
                if document.facets != {facet: sets[getattr(entry, f"{facet}_id")] for facet in facets.INDEXED}:
                    yield Difference(str(row), "has other facet values than it should")
                if entry.pk not in stored:
                    yield Difference(str(row), "has an entry without words")
    present = set(SearchEntry.objects.values_list("pk", flat=True))
    for key in sorted(present - known):
        yield Difference(str(SearchEntry.objects.get(pk=key)), "has an entry but is not in the catalogue")
    for key in sorted(stored - present):
        yield Difference(f"Entry {key}", "is gone but its words are still there")


def _values_by_set(entries):
    """The values of all sets that these entries name."""
    keys = {getattr(entry, f"{facet}_id") for entry in entries for facet in facets.INDEXED}
    values = {key: [] for key in keys}
    for key, value in FacetValue.objects.filter(set__in=keys).order_by("value").values_list("set", "value"):
        values[key].append(value)
    return {key: tuple(some) for key, some in values.items()}


def _batches(keys):
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


def _offers():
    """With all that is indexed of them."""
    return (
        Offer.objects.filter(live_version__isnull=False, ended_as="")
        .select_related("state", "live_version__original_language")
        .prefetch_related(
            "live_version__more_areas",
            "live_version__languages",
            "live_version__recipient_regions",
            "live_version__recipient_states",
            "live_version__recipient_groups__regions",
            "live_version__recipient_groups__states",
            Prefetch("live_version__partners", OfferPartner.objects.named().select_related("state"), "named_partners"),
            prefetch_translations("live_version__translations"),
        )
        .select_related("live_version__primary_area", "live_version__form")
        .order_by("pk")
    )


def _resources():
    return Resource.objects.prefetch_related("areas", "forms", "regions", "states", "languages").order_by("pk")


class Document(NamedTuple):
    """What is stored of one offer or resource."""

    words: dict  # Words by field
    texts: list  # as they were written
    facets: dict  # sorted tuple of values by facet

    @property
    def digest(self):
        return _digest(
            [{field: [words.stems, sorted(words.as_written)] for field, words in self.words.items()}, self.facets]
        )


def _digest(content):
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _write(kind, rows, reference):
    """Write the entries of the rows, of which there may be some already; returns their words."""
    documents = {row.pk: reference.document(kind, row) for row in rows}
    # Before anything is written: it lets one in at a time, so nobody waits for a set or a word that another is adding.
    CatalogueRevision.change()
    sets = _sets_of({item for document in documents.values() for item in document.facets.items()})
    SearchEntry.objects.bulk_create(
        [
            SearchEntry(
                **{f"{kind}_id": key, "digest": document.digest},
                **{f"{item[0]}_id": sets[item] for item in document.facets.items()},
            )
            for key, document in documents.items()
        ],
        update_conflicts=True,
        unique_fields=[kind],
        update_fields=["digest", *facets.INDEXED],
    )
    entries = dict(SearchEntry.objects.filter(**{f"{kind}__in": documents}).values_list(f"{kind}_id", "pk"))
    engine().write([(entries[key], document.words) for key, document in documents.items()])
    return spelling.learn([text for document in documents.values() for text in document.texts])


def _sets_of(items):
    """The key of the set for each pair of facet and values; sets that nobody had yet are added."""
    digests = {(facet, _digest(values)): (facet, values) for facet, values in items}
    found = FacetSet.objects.filter(digest__in={digest for _facet, digest in digests})
    sets = {(facet, digest): key for key, facet, digest in found.values_list("pk", "facet", "digest")}
    missing = sorted(digests.keys() - sets.keys())
    added = FacetSet.objects.bulk_create([FacetSet(facet=facet, digest=digest) for facet, digest in missing])
    sets |= {(row.facet, row.digest): row.pk for row in added}
    FacetValue.objects.bulk_create(
        FacetValue(set_id=sets[name], value=value) for name in missing for value in digests[name][1]
    )
    return {digests[name]: sets[name] for name in digests}


class Reference:
    """Taxonomy and geography, read once, and how rows are put into words with them."""

    def __init__(self):
        self.terms = {term.code: term for model in (Area, Form) for term in model.objects.all()}
        self.geography = Geography()

    def document(self, kind, row):
        return self.offer(row) if kind == "offer" else self.resource(row)

    def offer(self, offer):
        version = offer.live_version
        language = version.original_language.code if version.original_language else ""
        values = facets.of_offer(offer, version, self.geography)
        titles, texts = [(version.title, language)], [(getattr(version, name), language) for name in TEXT_FIELDS]
        for translation in version.all_translations:
            said, code = translation.texts, translation.language.code
            titles.append((said.pop("title", ""), code))
            texts += [(text, code) for text in said.values()]
        texts += [(partner.organisation, language) for partner in version.named_partners]
        named = [partner.state for partner in version.named_partners if partner.state]
        named += [*version.recipient_states.all(), *version.recipient_regions.all(), *version.recipient_groups.all()]
        return _document(
            title=[analyse(*title) for title in titles],
            labels=[_named([*self._terms(values), offer.state, *version.languages.all()]), analyse(offer.reference)],
            text=[*(analyse(*text) for text in texts), _named(named)],
            texts=[text for text, _language in [*titles, *texts]],
            values=values,
        )

    def resource(self, resource):
        values = facets.of_resource(resource, self.geography)
        return _document(
            title=[analyse(resource.title)],
            labels=[_named([*self._terms(values), *resource.languages.all()]), analyse(resource.body)],
            text=[analyse(resource.description), _named([*resource.regions.all(), *resource.states.all()])],
            texts=[resource.title, resource.body, resource.description],
            values=values,
        )

    def _terms(self, values):
        """Areas and forms and those above them."""
        return [self.terms[code] for code in sorted(values[facets.AREA] | values[facets.FORM])]


def _document(*, title, labels, text, texts, values):
    return Document(
        words={TITLE: Words.joined(title), LABELS: Words.joined(labels), TEXT: Words.joined(text)},
        texts=texts,
        facets={facet: tuple(sorted(some)) for facet, some in values.items()},
    )


def _named(rows):
    """What is found by all the names that these have."""
    return Words(tuple(label_token(row) for row in rows))


class Geography:
    """Which of the finest regions States lie in, and which regions and States make up the wider ones."""

    def __init__(self):
        regions = list(Region.objects.all())
        self._codes = {region.pk: region.un_m49 for region in regions}
        parents = {region.pk: region.parent_id for region in regions}
        self._within, self._states_within = defaultdict(set), defaultdict(set)
        for iso3, key in State.objects.order_by().values_list("iso3", "region"):
            above = key
            while above:
                self._within[above].add(self._codes[key])
                self._states_within[above].add(iso3)
                above = parents[above]

    def within(self, regions):
        return {code for region in regions for code in self._within[region.pk]}

    def states_within(self, regions):
        return {iso3 for region in regions for iso3 in self._states_within[region.pk]}

    def of_states(self, states):
        return {self._codes[state.region_id] for state in states}
