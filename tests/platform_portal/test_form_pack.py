"""The form pack `templates/portal/`: what a screen reader is told must be there."""

from collections import Counter
from html.parser import HTMLParser

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Fieldset, Layout, Submit
from django import forms
from django.template import Context, Template

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
POINTERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-errormessage", "data-count")


class Page(HTMLParser):
    """All elements as dictionaries: tag, attrs, and the elements around it, the nearest last."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "attrs": dict(attrs), "around": list(self.open)}
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        while self.open and self.open.pop()["tag"] != tag:
            pass

    def all(self, *tags):
        return [element for element in self.elements if element["tag"] in tags]


def faults(html):
    """What is wrong with the structure of the page: a sentence for each fault."""
    page = Page(html)
    ids = Counter(element["attrs"]["id"] for element in page.elements if "id" in element["attrs"])
    yield from (f"id {name} stands {count} times" for name, count in ids.items() if count > 1)
    for element in page.elements:
        attrs = element["attrs"]
        names = [name for pointer in POINTERS for name in (attrs.get(pointer) or "").split()]
        if attrs.get("href", "").startswith("#"):
            names.append(attrs["href"][1:])
        yield from (f"<{element['tag']}> points to {name}, which is not there" for name in names if name not in ids)
    yield from _unnamed_controls(page)
    yield from _groups_without_legend(page)


def _unnamed_controls(page):
    labelled = {element["attrs"].get("for") for element in page.all("label")}
    for control in page.all("input", "select", "textarea"):
        attrs = control["attrs"]
        wrapped = any(element["tag"] == "label" for element in control["around"])
        if attrs.get("type") != "hidden" and not (wrapped or attrs.get("id") in labelled or "aria-labelledby" in attrs):
            yield f"{attrs.get('name')} has no label"


def _groups_without_legend(page):
    boxes = [box for box in page.all("input") if box["attrs"].get("type") in {"radio", "checkbox"}]
    named = Counter(box["attrs"].get("name") for box in boxes)
    with_legend = [legend["around"][-1] for legend in page.all("legend") if legend["around"]]
    for name in [name for name, boxes_of_name in named.items() if boxes_of_name > 1]:
        box = next(box for box in boxes if box["attrs"].get("name") == name)
        fieldsets = [element for element in box["around"] if element["tag"] == "fieldset"]
        if not fieldsets or fieldsets[-1] not in with_legend:
            yield f"the group {name} has no legend"


CHOICES = [("a", "First"), ("b", "Second")]


class EveryWidgetForm(forms.Form):
    edit_number = forms.IntegerField(widget=forms.HiddenInput, initial=3)
    title = forms.CharField(label="Title", help_text="Short.")
    email = forms.EmailField(label="Mailbox")
    address = forms.URLField(label="Address", assume_scheme="https")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    weeks = forms.IntegerField(label="Weeks", help_text="Whole ones.")
    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}))
    text = forms.CharField(label="Text", widget=forms.Textarea)
    counted = forms.CharField(label="Counted", widget=forms.Textarea, max_length=50)
    explained = forms.CharField(label="Explained", widget=forms.Textarea, max_length=50, help_text="In your own words.")
    one = forms.ChoiceField(label="One", choices=CHOICES)
    several = forms.MultipleChoiceField(label="Several", choices=CHOICES)
    radio = forms.ChoiceField(label="Radio", choices=CHOICES, widget=forms.RadioSelect, help_text="Choose.")
    boxes = forms.MultipleChoiceField(label="Boxes", choices=CHOICES, widget=forms.CheckboxSelectMultiple)
    declaration = forms.BooleanField(label="Declaration", help_text="Read it first.")
    document = forms.FileField(label="Document", help_text="PDF.")

    def clean(self):
        raise forms.ValidationError("The form as a whole is wrong.")


class ShortForm(forms.Form):
    name = forms.CharField(label="Name")
    kind = forms.ChoiceField(label="Kind", choices=CHOICES, widget=forms.RadioSelect)


ShortFormSet = forms.formset_factory(ShortForm, extra=2)

WITH_LAYOUT = FormHelper()
WITH_LAYOUT.layout = Layout(
    Fieldset("What", Div("title", "email", css_class="field-row"), HTML("<p>In between</p>"), css_id="what"),
    "radio",
    Submit("save", "Save"),
)
WITH_LAYOUT.render_unmentioned_fields = True

WITHOUT_FORM_TAG = FormHelper()
WITHOUT_FORM_TAG.form_tag = False

SUMMARY = "{% include 'portal/errors_summary.html' with form=form only %}"
WAYS = {
    "tag": "{% load crispy_forms_tags %}{% crispy form %}",
    "layout": "{% load crispy_forms_tags %}{% crispy form with_layout %}",
    "filter": "{% load crispy_forms_tags %}" + SUMMARY + "<form>{{ form|crispy }}</form>",
    "without form tag": "{% load crispy_forms_tags %}" + SUMMARY + "<form>{% crispy form without_form_tag %}</form>",
    "field by field": "{% load crispy_forms_tags %}{{ form|as_crispy_errors }}"
    "{% for field in form %}{{ field|as_crispy_field }}{% endfor %}",
}


def rendered(source, **context):
    helpers = {"with_layout": WITH_LAYOUT, "without_form_tag": WITHOUT_FORM_TAG}
    return Template(source).render(Context(context | helpers))


@pytest.mark.parametrize("data", [None, {}], ids=["empty", "with errors"])
@pytest.mark.parametrize("way", WAYS)
def test_every_label_hint_and_error_points_to_something_that_is_there(way, data):
    html = rendered(WAYS[way], form=EveryWidgetForm(data))

    assert list(faults(html)) == []


@pytest.mark.parametrize("data", [None, {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2}], ids=["empty", "with errors"])
@pytest.mark.parametrize(
    "source",
    [
        "{% load crispy_forms_tags %}{{ formset|as_crispy_errors }}{{ formset|crispy }}",
        "{% load crispy_forms_tags %}{% crispy formset without_form_tag %}",
    ],
)
def test_forms_of_a_set_do_not_get_in_each_others_way(source, data):
    html = rendered(source, formset=ShortFormSet(data))

    assert list(faults(html)) == []
    assert html.count("<fieldset") == 2


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<p id="a"></p><p id="a"></p>', "id a stands 2 times"),
        ('<input id="a" aria-labelledby="b">', "<input> points to b, which is not there"),
        ('<a href="#nowhere">x</a>', "<a> points to nowhere, which is not there"),
        ('<select name="a"></select>', "a has no label"),
        (
            '<label><input type="radio" name="a"></label><label><input type="radio" name="a"></label>',
            "the group a has no legend",
        ),
    ],
)
def test_the_check_finds_what_it_looks_for(html, fault):
    assert list(faults(html)) == [fault]


@pytest.mark.parametrize("way", WAYS)
def test_the_summary_takes_the_focus_and_leads_to_each_field_in_error(way):
    form = EveryWidgetForm({})
    page = Page(rendered(WAYS[way], form=form))

    summaries = [e for e in page.elements if e["attrs"].get("class") == "error-summary"]
    assert len(summaries) == 1
    assert summaries[0]["attrs"]["tabindex"] == "-1"
    assert "autofocus" in summaries[0]["attrs"]
    links = [e["attrs"]["href"] for e in page.all("a") if summaries[0] in e["around"]]
    expected = {
        f"#id_{name}_group" if form[name].use_fieldset else f"#id_{name}"
        for name in form.errors
        if name not in ("__all__", "edit_number")
    }
    assert set(links) == expected


def test_the_summary_says_what_is_wrong_with_the_form_as_a_whole():
    assert "The form as a whole is wrong." in rendered(WAYS["tag"], form=EveryWidgetForm({}))


@pytest.mark.parametrize("way", WAYS)
def test_a_form_without_errors_has_no_summary(way):
    assert "error-summary" not in rendered(WAYS[way], form=EveryWidgetForm())


def test_several_forms_share_one_summary():
    wrong, right = ShortForm({}, prefix="wrong"), ShortForm({"right-name": "x", "right-kind": "a"}, prefix="right")
    source = "{% include 'portal/errors_summary.html' with forms=forms only %}"

    both = rendered(source, forms=[right, wrong])
    assert both.count('class="error-summary"') == 1
    assert "#id_wrong-name" in both
    assert "id_right" not in both
    assert rendered(source, forms=[right]).strip() == ""


@pytest.mark.parametrize("name", ["counted", "explained"])
@pytest.mark.parametrize("data", [None, {}], ids=["empty", "with errors"])
def test_a_limited_text_says_how_long_it_may_be(name, data):
    page = Page(rendered(WAYS["tag"], form=EveryWidgetForm(data)))

    [area] = [e for e in page.all("textarea") if e["attrs"]["name"] == name]
    [count] = [e for e in page.all("span") if e["attrs"].get("data-count") == f"id_{name}"]
    hint = count["around"][-1]["attrs"]["id"]
    described = area["attrs"]["aria-describedby"].split()
    assert described == ([hint] if data is None else [hint, f"id_{name}_error"])


def test_a_text_without_limit_has_no_count():
    page = Page(rendered(WAYS["tag"], form=EveryWidgetForm()))

    counted = {element["attrs"].get("data-count") for element in page.all("span")} - {None}
    assert counted == {"id_counted", "id_explained"}


def test_labels_and_messages_are_escaped():
    class Form(forms.Form):
        name = forms.CharField(label="<b>Name</b>", help_text="<i>hint</i>", error_messages={"required": "<u>no</u>"})

    html = rendered(WAYS["tag"], form=Form({}))

    assert "<b>" not in html
    assert "<i>" not in html
    assert "<u>" not in html
