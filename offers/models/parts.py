"""What hangs on a version: partners, links, documents."""

import secrets
import uuid
from pathlib import PurePosixPath

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactPoint, Language, State

from .choices import PartnerRole, Step

validate_web_address = URLValidator(
    schemes=["http", "https"], message=_("Enter a web address that begins with https:// or http://.")
)


class OfferPartnerQuerySet(models.QuerySet):
    def named(self):
        """Partners the public may read: a State is named only once it has accepted."""
        return self.filter(Q(state=None) | Q(accepted_on__isnull=False))

    def asked_of(self, state):
        """Waiting for that State's word, on versions that have been submitted or published."""
        return self.filter(
            state=state,
            accepted_on=None,
            declined_on=None,
            version__offer__ended_as="",
            version__status__in=["submitted", "published"],
        )


class OfferPartner(models.Model):
    version = models.ForeignKey("OfferVersion", on_delete=models.CASCADE, related_name="partners")
    state = models.ForeignKey(
        State, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("State")
    )
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=PartnerRole)
    accepted_on = models.DateField(_("accepted on"), null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    acceptance_reference = models.CharField(
        _("reference of the acceptance"), max_length=100, blank=True, editable=False
    )
    # A State that has said no is not asked again about this offer.
    declined_on = models.DateField(_("declined on"), null=True, blank=True, editable=False)
    declined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = OfferPartnerQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="partner_is_one_state_or_organisation",
                condition=Q(state__isnull=False, organisation="") | (Q(state=None) & ~Q(organisation="")),
                violation_error_message=_("Name either a State or an organisation as partner."),
            ),
            models.CheckConstraint(
                name="partner_accepts_or_declines",
                condition=Q(accepted_on=None) | Q(declined_on=None),
                violation_error_message=_("A partner either accepts or declines."),
            ),
        ]
        verbose_name = _("partner")
        verbose_name_plural = _("partners")

    def __str__(self):
        return str(self.state or self.organisation)

    @property
    def is_named(self):
        """May the public read of it? As `named()` asks of many."""
        return self.state_id is None or self.accepted_on is not None

    def accept(self, *, by, reference=""):
        """The partner State agrees to be named: by its focal point, or on a reference that the ISU records.

        A second time changes nothing.
        """
        from offers.search import index

        offer = self.version.offer
        # The same request in a version being written is answered too, or publishing that would undo it.
        same = OfferPartner.objects.filter(version__offer=offer, state=self.state, role=self.role, accepted_on=None)
        with transaction.atomic():
            offer.lock()
            if same.update(accepted_on=timezone.localdate(), accepted_by=by, acceptance_reference=reference):
                offer.status_changes.create(version=self.version, step=Step.ACCEPT_PARTNERSHIP, by=by, reason=reference)
                if offer.live_version_id:
                    index.write_offer(offer)
        self.refresh_from_db()


class OfferContactPoint(models.Model):
    """An office named by a version.

    An office cannot be deleted while a version names it: offers would be left without a contact.
    """

    version = models.ForeignKey("OfferVersion", on_delete=models.CASCADE, related_name="+")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "contact_point"], name="contact_point_once_per_version")
        ]

    def __str__(self):
        return str(self.contact_point)


class OfferLink(models.Model):
    """A source on another website: linked, not copied."""

    version = models.ForeignKey("OfferVersion", on_delete=models.CASCADE, related_name="links")
    title = models.CharField(_("title of the link"), max_length=200, blank=True)
    url = models.URLField(_("web address"), max_length=500, validators=[validate_web_address])

    class Meta:
        ordering = ["pk"]
        verbose_name = _("link")
        verbose_name_plural = _("links")

    def __str__(self):
        return self.title or self.url


def document_path(document, filename):
    """A name nobody can guess; the person's own file name is kept in the row only."""
    return f"{secrets.token_hex(16)}{PurePosixPath(filename).suffix.lower()}"


class OfferDocument(models.Model):
    version = models.ForeignKey("OfferVersion", on_delete=models.CASCADE, related_name="documents")
    title = models.CharField(_("title of the document"), max_length=200)
    language = models.ForeignKey(Language, on_delete=models.PROTECT, related_name="+", verbose_name=_("language"))
    file = models.FileField(_("file"), upload_to=document_path)
    filename = models.CharField(max_length=200, editable=False)
    size = models.PositiveIntegerField(editable=False)  # bytes

    class Meta:
        ordering = ["pk"]
        verbose_name = _("document")
        verbose_name_plural = _("documents")

    def __str__(self):
        return self.title


class HeldUpload(models.Model):
    """A sound file whose form had another error: kept for an hour, so that nobody has to send it twice."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey("OfferVersion", on_delete=models.CASCADE, related_name="+")
    file = models.FileField(upload_to=document_path)
    filename = models.CharField(max_length=200)
    size = models.PositiveIntegerField()  # bytes
    held_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.filename
