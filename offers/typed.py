"""What a person has typed in the editor, in the same words as a saved version, so that the two can be compared."""

from .content import FIELDSETS, partner_in_words, text_of
from .models import OfferVersion, PartnerRole


def typed_text(editor, saved):
    """For each field: its name, the saved text, and the text typed in a valid `editor`."""
    for _code, _title, names in FIELDSETS:
        for name in names:
            if name == "partners":  # whether they have accepted is not typed
                rows = saved.partners.select_related("state")
                words = "\n".join(partner_in_words(partner, partner.get_role_display()) for partner in rows)
                yield name, words, _typed(editor, name)
            elif name != "documents":  # kept on a page of their own
                yield name, text_of(saved, name), _typed(editor, name)


def _typed(editor, name):
    cleaned = editor.form.cleaned_data
    if name == "partners":
        rows = [form.cleaned_data for form in editor.partners if form.cleaned_data.get("role")]
        return "\n".join(
            partner_in_words(row["state"] or row["organisation"], PartnerRole(row["role"]).label) for row in rows
        )
    if name == "links":
        rows = [form.cleaned_data for form in editor.links if form.cleaned_data.get("url")]
        return "\n".join(f"{row['title']} {row['url']}".strip() for row in rows)
    if name == "more_areas":
        areas = [cleaned[field] for field in ("second_area", "third_area") if cleaned[field]]
        return "\n".join(str(area) for area in sorted(areas, key=lambda area: area.position))
    if OfferVersion._meta.get_field(name).many_to_many:
        rows = cleaned[name].order_by(*cleaned[name].model._meta.ordering)
        return "\n".join(row.group_name if name == "recipient_groups" else str(row) for row in rows)
    return text_of(editor.form.instance, name)
