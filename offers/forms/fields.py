"""Fields and controls that several forms have."""

from django import forms


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
