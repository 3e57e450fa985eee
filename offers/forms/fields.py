"""Fields and controls that several forms have."""

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.models import Language
from offers.clean_text import clean_text
from offers.content import label_of
from offers.models import OfferTranslation
from offers.models.wording import DESCRIPTION_MAX


class TermChoiceField(forms.ModelChoiceField):
    """A term of the taxonomy, indented by its depth."""

    def label_from_instance(self, term):
        return "\N{EM SPACE}" * (term.level - 1) + term.name


class GroupsField(forms.ModelMultipleChoiceField):
    """Bodies, called by the name of the group of States they stand for."""

    def label_from_instance(self, body):
        return body.group_name


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self):
        # What a browser's date field sends and expects, whatever the language of the page.
        super().__init__(format="%Y-%m-%d")


class Textarea(forms.Textarea):
    """Reads direction from the text; line ends are kept in one way, or every text from a browser would differ."""

    def __init__(self, attrs=None):
        super().__init__({"dir": "auto"} | (attrs or {}))

    def value_from_datadict(self, data, files, name):
        value = super().value_from_datadict(data, files, name)
        return value and value.replace("\r\n", "\n")


class Counted:
    """A text without invisible characters. Too long a one is refused in words: no browser may cut it off instead."""

    default_error_messages = {
        "max_length": _(
            "This text has %(show_value)d characters. Shorten it to %(limit_value)d: nothing of it has been cut off."
        )
    }

    def to_python(self, value):
        return super().to_python(clean_text(value or ""))

    def widget_attrs(self, widget):
        """Without `maxlength`, by which browsers cut off what is pasted; templates ask for `max_length`."""
        attrs = {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}
        return {"dir": "auto"} | attrs

    @property
    def counted_to(self):
        """The most characters, to be told and counted beside the field."""
        return self.max_length


class LineField(Counted, forms.CharField):
    """A text of one line; line ends and tabs that were pasted become spaces."""

    def to_python(self, value):
        return " ".join(super().to_python(value).split())


class ShortField(LineField):
    """Of which nobody needs to count the characters."""

    counted_to = None


class TextField(Counted, forms.CharField):
    """A text of several lines."""

    widget = Textarea


class MailField(forms.EmailField):
    """An e-mail address as it stands in the head of a letter: a quoted name could hold anything.

    Letters of other alphabets stay in names of hosts only, in the form in which mail is sent (`xn--…`): databases take
    some of them for Latin ones, and whoever owns the look-alike of an address would be taken for its owner.
    """

    default_error_messages = {"invalid": _("Enter an e-mail address such as name@example.org.")}

    def __init__(self, **kwargs):
        super().__init__(**{"max_length": 254} | kwargs)

    def widget_attrs(self, widget):
        return super().widget_attrs(widget) | {"autocomplete": "email", "dir": "ltr"}

    def clean(self, value):
        # A NUL is refused, as in any field: no browser sends one, and without it this would be another address.
        value = value if value and "\0" in value else clean_text(value or "")
        name, at, host = super().clean(value).rpartition("@")
        try:
            email = name + at + host.encode("idna").decode("ascii")
        except UnicodeError:
            email = ""
        # A host in brackets is a number, such as that of the mail server itself.
        is_safe = email.isascii() and not {'"', "["}.intersection(email) and len(email) <= self.max_length
        if host and not (email and is_safe):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return email


def words_field(name, **options):
    """For one of the fields that can be translated, in whatever language; it may be left empty."""
    field = OfferTranslation._meta.get_field(name)
    options = {"label": label_of(name), "max_length": field.max_length or DESCRIPTION_MAX, "required": False} | options
    if field.get_internal_type() == "TextField":
        return TextField(widget=Textarea({"rows": 10 if name == "description" else 4}), **options)
    return LineField(**options)


class AddressField(Counted, forms.URLField):
    """A web address."""

    # Nobody counts an address, and it is read from left to right.
    counted_to = None

    def __init__(self, **kwargs):
        super().__init__(**{"assume_scheme": "https"} | kwargs)

    def widget_attrs(self, widget):
        return super().widget_attrs(widget) | {"dir": "ltr"}


def language_boxes(field, likely):
    """The boxes to tick of a field for languages: those that are likely or ticked already, and all others.

    `likely` holds keys of languages besides the official ones of the United Nations.
    """
    likely = {*likely, *Language.objects.filter(un_official=True).values_list("pk", flat=True)}
    boxes = {"likely": [], "others": []}
    for box in field.subwidgets:
        is_likely = box.data["selected"] or box.data["value"].value in likely
        boxes["likely" if is_likely else "others"].append(box)
    return boxes
