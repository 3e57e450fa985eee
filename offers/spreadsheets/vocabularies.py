"""What may be chosen in a cell: what the editor offers, by its code or its name in any of the six languages."""

import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import override

from contacts.models import ContactPoint, Language, Region, RegionalBody, State
from offers.models import PartnerRole
from offers.models.taxonomy import Term

BETWEEN = ";"  # several values in one cell
LONGEST_WORD = 80  # characters of a wrong word that are looked at and repeated
MOST_SUGGESTIONS = 200  # in one list of one file; looking for words that are alike takes time

# Fields that choose among the same rows as another.
SAME = {"second_area": "primary_area", "third_area": "primary_area"}
CODES = {State: "iso3", Language: "code", Region: "un_m49", RegionalBody: "short_name", ContactPoint: "email"}


@dataclass(frozen=True)
class Option:
    """One entry of a list: what the form is sent for it, its code, its name in the language in use, its other names."""

    value: object
    code: str
    name: str
    more_names: tuple = ()


class Vocabulary:
    """The entries of one list, found by what a person may have written."""

    def __init__(self, options):
        self.options = list(options)
        self._by_value = {option.value: option for option in self.options}
        # Looked through in this order: a code is nobody else's name, and the language of the page goes first.
        self._layers = [
            _by_key((key_of(option.code), option) for option in self.options),
            _by_key((key_of(option.name), option) for option in self.options),
            _by_key((key_of(name), option) for option in self.options for name in option.more_names),
        ]
        self._suggestions = {}

    def find(self, word):
        """The one entry that is meant, or ValidationError."""
        key = key_of(word)
        for layer in self._layers:
            found = layer.get(key, ())
            if len(found) == 1:
                return found[0]
            if found:
                raise ValidationError(
                    _("“%(word)s” can mean several entries of the list. Write the code: %(codes)s.")
                    % {"word": shortened(word), "codes": ", ".join(sorted(option.code for option in found))}
                )
        raise ValidationError(self._not_in_the_list(word))

    def word_for(self, value, otherwise=""):
        """The name of the entry with that value, or its code where the name would not be understood when read again.

        `otherwise` is the code of what can be chosen no longer.
        """
        option = self._by_value.get(value)
        if option is None:
            return otherwise
        named = self._layers[1][key_of(option.name)]
        of_a_code = self._layers[0].get(key_of(option.name), [option])
        return option.name if named == of_a_code == [option] and BETWEEN not in option.name else option.code

    def _not_in_the_list(self, word):
        if suggestion := self._suggestion(shortened(word)):
            return _("“%(word)s” is not in the list. Did you mean “%(suggestion)s”?") % {
                "word": shortened(word),
                "suggestion": suggestion,
            }
        return _("“%(word)s” is not in the list. The sheet with the lists shows what may be written.") % {
            "word": shortened(word)
        }

    def _suggestion(self, word):
        if word not in self._suggestions:
            if len(self._suggestions) >= MOST_SUGGESTIONS:
                return ""
            names = {key: found[0].name for layer in self._layers[:2] for key, found in layer.items()}
            alike = get_close_matches(key_of(word), names, n=1, cutoff=0.7)
            self._suggestions[word] = names[alike[0]] if alike else ""
        return self._suggestions[word]


def key_of(word):
    """What two spellings of one name have in common: no capitals, no marks between words, one kind of letter form."""
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", word).casefold()).strip()


def shortened(word):
    return word if len(word) <= LONGEST_WORD else f"{word[:LONGEST_WORD]}…"


def _by_key(pairs):
    layer = {}
    for key, option in pairs:
        if option not in layer.setdefault(key, []):
            layer[key].append(option)
    return layer


class Rows(list):
    """Rows read once, with what the fields of a form ask of a queryset; otherwise each cell would be a statement."""

    def __init__(self, model, rows=()):
        super().__init__(rows)
        self.model = model

    def all(self):
        return self

    def none(self):
        return Rows(self.model)

    def get(self, **lookup):
        for row in self.filter(**lookup):
            return row
        raise self.model.DoesNotExist

    def filter(self, **lookup):
        """By one field: `pk=…`, or `pk__in=…`."""
        ((name, value),) = lookup.items()
        name, _lookup, several = name.partition("__")
        wanted = {str(each) for each in (value if several else [value])}
        return Rows(self.model, [row for row in self if str(getattr(row, name)) in wanted])


class Vocabularies:
    """All lists for the offers of a State, read once, as its editor would offer them."""

    def __init__(self, form):
        """`form` is the editor's form for a new version of the State's."""
        self.rows, self._vocabularies = {}, {}
        for name, field in form.fields.items():
            if name in SAME:
                self.rows[name], self._vocabularies[name] = self.rows[SAME[name]], self._vocabularies[SAME[name]]
            elif isinstance(field, forms.ModelChoiceField):
                self.rows[name] = Rows(field.queryset.model, field.queryset)
                self._vocabularies[name] = Vocabulary(map(option_of_row, self.rows[name]))
            elif isinstance(field, forms.ChoiceField):
                self._vocabularies[name] = of_choices(field.choices)
        # What stands in one cell of the spreadsheet, and in fields or rows of their own in the editor.
        self._vocabularies["more_areas"] = self._vocabularies["primary_area"]
        self._vocabularies["state"] = self._vocabularies["recipient_states"]
        self._vocabularies["role"] = of_choices(PartnerRole.choices)

    def __getitem__(self, name):
        return self._vocabularies[name]

    def __contains__(self, name):
        return name in self._vocabularies


def of_choices(choices):
    """`choices` are pairs of a code and its label; no answer is no entry."""
    return Vocabulary(
        Option(code, code, str(label), _in_all_languages(label)) for code, label in list(choices) if code != ""
    )


def _in_all_languages(label):
    words = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            words.append(str(label))
    return tuple(words)


def code_of_row(row):
    return getattr(row, CODES.get(type(row), "code"))


def option_of_row(row):
    code = code_of_row(row)
    if isinstance(row, ContactPoint):
        return Option(row.pk, code, f"{row.office} ({row.email})", (row.office, str(row)))
    more = list(row.names)
    if isinstance(row, State):
        more += row.aliases.splitlines()
    elif isinstance(row, Language):
        more.append(row.endonym)
    elif isinstance(row, Term):
        more.append(code.partition(".")[2])
    elif isinstance(row, RegionalBody):
        more += [getattr(row, f"group_name_{language}") for language in ("en", "fr", "es", "ar", "ru", "zh")]
    name = row.group_name if isinstance(row, RegionalBody) else row.name
    return Option(row.pk, code, name, tuple(filter(None, more)))
