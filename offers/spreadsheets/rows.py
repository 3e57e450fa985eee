"""The editor, filled in from a row of a spreadsheet, so that each rule has one home."""

from django.core.exceptions import ValidationError
from django.forms.models import construct_instance

from offers.forms.editor import LinkFormSet, OfferEditor, OfferVersionForm, PartnerFormSet
from offers.models import Offer, OfferVersion

RELATIONS = [field.name for field in OfferVersion._meta.many_to_many if field.name != "more_areas"]

# What the rows of the editor send where there is neither partner nor link.
NO_ROWS = {f"{prefix}-{count}_FORMS": 0 for prefix in ("partners", "links") for count in ("TOTAL", "INITIAL")}


class RowForm(OfferVersionForm):
    """The form of the editor, for one row among many: what may be chosen has been read once for all of them."""

    def __init__(self, *args, vocabularies, **kwargs):
        super().__init__(*args, **kwargs)
        for name, rows in vocabularies.rows.items():
            self.fields[name].queryset = rows

    def _post_clean(self):
        # As Django does, but without a statement for each relation, which has just been found, and for each rule of
        # the database, which is asked when the draft is written.
        found = {field.name for field in self.instance._meta.fields if field.many_to_one}
        self.instance = construct_instance(self, self.instance, self._meta.fields)
        try:
            self.instance.clean_fields(exclude=self._get_validation_exclusions() | found)
        except ValidationError as invalid:
            self._update_errors(invalid)

    @property
    def columns(self):
        """The answers that stand in the row of the version itself."""
        return [name for name in self._meta.fields if not self._is_relation(name)]

    def save_over(self, seen, *, by):
        # A new draft has no relations that could go, so those without an answer need no statement.
        empty = {name for name in RELATIONS if not self.cleaned_data[name]}
        self.cleaned_data = {name: value for name, value in self.cleaned_data.items() if name not in empty}
        super().save_over(seen, by=by)


class RowEditor(OfferEditor):
    """The editor, filled in from one row."""

    def __init__(self, version, data, vocabularies):
        self.version = version
        data = NO_ROWS | {"edit_number": version.edit_number} | data
        self.form = RowForm(data, instance=version, vocabularies=vocabularies)
        # The names of States are for a person who chooses; here they are found by key.
        self.partners = PartnerFormSet(data, prefix="partners", form_kwargs={"states": []})
        self.links = LinkFormSet(data, prefix="links")
        for form in self.partners:
            form.fields["state"].queryset = vocabularies.rows["recipient_states"]

    def write_to(self, draft, *, by):
        """Write the row, which is valid, into a new draft that says nothing yet."""
        for name in self.form.columns:
            setattr(draft, name, getattr(self.form.instance, name))
        self.version = self.form.instance = draft
        self.save(by=by)

    def what_is_missing(self):
        """What a valid row lacks to be submitted."""
        chosen = {name: self.form.cleaned_data[name] for name in RELATIONS}
        further = (self.form.cleaned_data[name] for name in ("second_area", "third_area"))
        return self.form.instance.what_is_missing(chosen | {"more_areas": list(filter(None, further))})


def blank_version(state):
    """A version of an offer that the State has not begun, to check a row against."""
    return OfferVersion(offer=Offer(state=state))
