"""The good rows of a spreadsheet become drafts, in the transaction of `OfferImport.take`."""

from django.utils.translation import gettext as _

from offers.models import ImportedRow, Offer, StepNotAllowed

from .checking import check


def make_drafts(imported, *, by, seen, without_errors_only):
    checked = check(imported)
    if checked.mark != seen:
        raise StepNotAllowed(_("Nothing changed: the rows no longer stand as you saw them. Please look again."))
    if checked.wrong and not without_errors_only:
        raise StepNotAllowed(_("Nothing changed: some rows have errors."))
    if not checked.drafts:
        raise StepNotAllowed(_("Nothing changed: there is no row to take."))
    return [_draft(row, imported, by) for row in checked.drafts]


def _draft(row, imported, by):
    paper = {"note_verbale": imported.note_verbale, "note_verbale_date": imported.note_verbale_date}
    offer = Offer.begin(state=imported.state, by=by, **paper)
    row.editor.write_to(offer.open_version, by=by)
    ImportedRow.objects.create(state=imported.state, offer=offer, fingerprint=row.fingerprint)
    return offer
