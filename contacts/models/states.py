"""States, the regions they lie in, the languages people work in, and links about a State."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .reference import ReferenceData, SixLanguages, name_suffix


class RegionalGroup(models.TextChoices):
    """Regional groups of the United Nations."""

    AFRICAN = "African Group", _("African Group")
    ASIA_PACIFIC = "Asia-Pacific Group", _("Asia-Pacific Group")
    EASTERN_EUROPEAN = "Eastern European Group", _("Eastern European Group")
    GRULAC = "GRULAC", _("Latin American and Caribbean Group (GRULAC)")
    WEOG = "WEOG", _("Western European and others Group (WEOG)")


class ConventionStatus(models.TextChoices):
    """What a State is to the Convention on a given date."""

    PARTY = "party", _("State Party")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    JOINING = "joining", _("Acceded, not yet in force")
    NOT_PARTY = "not_party", _("Not a State Party")


class Article5Status(models.TextChoices):
    OBLIGATIONS = "obligations", _("Has obligations under Article 5")
    COMPLETED = "completed", _("Has completed its obligations under Article 5")
    NEVER = "never", _("No mined areas reported")
    UNKNOWN = "unknown", _("Not known")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


class RegionQuerySet(models.QuerySet):
    def for_filters(self):
        """The finest regions: M49 intermediate regions where there are any, else sub-regions."""
        return self.filter(states__isnull=False).distinct().order_by("position")

    def within(self, regions):
        """These regions and all that lie in them; the standard has three levels."""
        return self.filter(Q(pk__in=regions) | Q(parent__in=regions) | Q(parent__parent__in=regions))

    def of_states(self, states):
        """The regions in which these States lie."""
        return self.filter(pk__in=states.order_by().values("region"))


class Region(SixLanguages, ReferenceData):
    """A geographic region of the United Nations' M49 standard."""

    un_m49 = models.CharField(_("M49 code"), max_length=3, unique=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts")
    position = models.PositiveSmallIntegerField(_("position in lists"))

    objects = RegionQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        verbose_name = _("region")
        verbose_name_plural = _("regions")

    @property
    def lineage(self):
        """The region itself, and those it lies in."""
        region, found = self, []
        while region:
            found.append(region)
            region = region.parent
        return found


class LanguageQuerySet(models.QuerySet):
    def in_name_order(self):
        """The six official languages first, then the others by their names."""
        return self.order_by("-un_official", f"name_{name_suffix()}")


class Language(SixLanguages, ReferenceData):
    """A language that assistance is given or contact points answer in."""

    code = models.CharField(_("ISO 639 code"), max_length=8, unique=True)
    endonym = models.CharField(_("its own name"), max_length=200, blank=True)
    right_to_left = models.BooleanField(_("written from right to left"), default=False)
    un_official = models.BooleanField(_("official language of the United Nations"), default=False)

    objects = LanguageQuerySet.as_manager()

    class Meta:
        ordering = ["-un_official", "name_en"]
        verbose_name = _("language")
        verbose_name_plural = _("languages")


class StateQuerySet(models.QuerySet):
    def parties(self, on=None):
        """States for which the Convention is in force on that day (today if not given).

        A State is no longer a party from the day its withdrawal takes effect.
        """
        on = on or timezone.localdate()
        return self.filter(entry_into_force__lte=on).filter(
            Q(withdrawal_effective=None) | Q(withdrawal_effective__gt=on)
        )

    def affected(self, on=None):
        """States Parties with obligations under Article 5, or with significant numbers of mine survivors."""
        return self.parties(on).filter(Q(article5_status=Article5Status.OBLIGATIONS) | Q(survivors=True))

    def served_by(self, body):
        """Those that the regional body lists itself, or that lie in a region it serves."""
        return self.filter(
            Q(pk__in=body.states.order_by().values("pk")) | Q(region__in=Region.objects.within(body.regions.order_by()))
        )

    def represented_by(self, user):
        """The State whose entries the person may write today, as its focal point; none for all others."""
        if not user.is_authenticated:
            return self.none()
        return self.parties().filter(memberships__user=user)

    def in_name_order(self):
        """Sorted as readers of the language now in use expect."""
        return self.order_by(f"position_{name_suffix()}", "iso3")


class State(SixLanguages, ReferenceData):
    """A State, whether or not it ever joined the Convention."""

    iso3 = models.CharField(_("ISO code (three letters)"), max_length=3, unique=True)
    iso2 = models.CharField(_("ISO code (two letters)"), max_length=2, unique=True)
    un_m49 = models.CharField(_("M49 code"), max_length=3, unique=True)
    aliases = models.TextField(_("other names"), blank=True, help_text=_("One a line; used by the search only."))
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="states", verbose_name=_("region"))
    regional_group = models.CharField(_("regional group"), max_length=30, choices=RegionalGroup, blank=True)

    joined = models.BooleanField(_("has ever joined the Convention"), default=False)
    signed = models.DateField(_("signed"), null=True, blank=True)
    instrument_kind = models.CharField(_("kind of instrument"), max_length=20, blank=True)
    instrument_deposited = models.DateField(_("instrument deposited"), null=True, blank=True)
    entry_into_force = models.DateField(_("entry into force"), null=True, blank=True)
    withdrawal_notified = models.DateField(_("withdrawal notified"), null=True, blank=True)
    withdrawal_effective = models.DateField(
        _("withdrawal takes effect"),
        null=True,
        blank=True,
        help_text=_("From the depositary's notification; never computed."),
    )

    # Never shown to the public.
    mission_email = models.EmailField(
        _("mailbox of the Permanent Mission in Geneva"),
        blank=True,
        help_text=_("Written to when nobody in the State answers."),
    )

    article5_status = models.CharField(
        _("status under Article 5"), max_length=20, choices=Article5Status, default=Article5Status.UNKNOWN
    )
    # A year, a month or a day: as exact as the source.
    article5_as_of = models.CharField(_("as of"), max_length=10, blank=True)
    article5_verified = models.BooleanField(_("status under Article 5 is verified"), default=False)
    survivors = models.BooleanField(_("reports significant numbers of mine survivors"), default=False)
    survivors_verified = models.BooleanField(_("responsibility for survivors is verified"), default=False)

    verified = models.BooleanField(_("membership dates are verified"), default=False)
    sources = models.CharField(_("sources"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True)

    # Collation differs by language and not every database knows it, so the order is kept as data.
    position_en = models.PositiveSmallIntegerField(default=0, editable=False)
    position_fr = models.PositiveSmallIntegerField(default=0, editable=False)
    position_es = models.PositiveSmallIntegerField(default=0, editable=False)
    position_ar = models.PositiveSmallIntegerField(default=0, editable=False)
    position_ru = models.PositiveSmallIntegerField(default=0, editable=False)
    position_zh = models.PositiveSmallIntegerField(default=0, editable=False)

    objects = StateQuerySet.as_manager()

    class Meta:
        ordering = ["position_en", "iso3"]
        verbose_name = _("State")
        verbose_name_plural = _("States")
        constraints = [
            models.CheckConstraint(
                name="state_withdraws_after_entry_into_force",
                condition=Q(withdrawal_effective=None) | Q(withdrawal_effective__gt=F("entry_into_force")),
                violation_error_message=_("A withdrawal takes effect after the entry into force."),
            ),
            models.CheckConstraint(
                name="state_in_force_has_joined",
                condition=Q(entry_into_force=None) | Q(joined=True),
                violation_error_message=_("A State with a date of entry into force has joined the Convention."),
            ),
        ]

    def convention_status(self, on=None):
        on = on or timezone.localdate()
        if self.withdrawal_effective and self.withdrawal_effective <= on:
            return ConventionStatus.WITHDRAWN
        if self.entry_into_force and self.entry_into_force <= on:
            return ConventionStatus.PARTY
        return ConventionStatus.JOINING if self.joined else ConventionStatus.NOT_PARTY

    def is_party(self, on=None):
        return self.convention_status(on) == ConventionStatus.PARTY


class LinkKind(models.TextChoices):
    """What is kept at an address; in the order in which pages name them."""

    ARTICLE_7 = "article_7", _("Reports under Article 7")
    MONITOR = "monitor", _("Profile by the Landmine Monitor")
    CRPD = "crpd", _("Disability rights (CRPD): body and reports")
    CONVENTION = "convention", _("Page on the Convention's website")
    OTHER = "other", _("Other source")


# Kinds of which each State has something of its own, sooner or later.
ABOUT_STATES = (LinkKind.ARTICLE_7, LinkKind.MONITOR, LinkKind.CRPD, LinkKind.CONVENTION)


class StateLink(ReferenceData):
    """Where a State's information is kept by others: the portal links, it does not copy."""

    state = models.ForeignKey(State, on_delete=models.CASCADE, related_name="links")
    # Empty: entered by an administrator.
    code = models.CharField(max_length=20, blank=True, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=LinkKind, default=LinkKind.OTHER)
    title = models.CharField(_("title"), max_length=200, blank=True, help_text=_("If empty, the kind is shown."))
    url = models.URLField(_("address"), max_length=500)
    language = models.ForeignKey(
        Language,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("language"),
        help_text=_("Of the page it leads to; leave it empty if there are several."),
    )
    checked_on = models.DateField(
        _("checked on"), null=True, blank=True, help_text=_("When the address was last seen to answer.")
    )

    class Meta:
        ordering = ["state", "kind", "title", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["state", "url"],
                name="state_link_once",
                violation_error_message=_("This State already has a link to this address."),
            ),
            models.UniqueConstraint(fields=["state", "code"], condition=~Q(code=""), name="state_link_ships_once"),
        ]
        verbose_name = _("link about a State")
        verbose_name_plural = _("links about States")

    def __str__(self):
        return self.title or self.get_kind_display()
