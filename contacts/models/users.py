"""The people who sign in. Accounts are by invitation; the public never needs one."""

from functools import cached_property

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .states import State


class Role(models.TextChoices):
    FOCAL_POINT = "focal_point", _("Focal point of a State")
    ISU_OFFICER = "isu_officer", _("ISU officer")
    ISU_ADMINISTRATOR = "isu_administrator", _("ISU administrator")


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save()
        return user

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, role=Role.ISU_ADMINISTRATOR, **fields)

    def focal_points(self):
        """Who writes for a State, of whatever State; letters to a State go to them."""
        return self.filter(is_active=True, role=Role.FOCAL_POINT, membership__isnull=False).order_by("pk")


class User(AbstractBaseUser):
    email = models.EmailField(
        _("e-mail address"), unique=True, error_messages={"unique": _("This address already has an account.")}
    )
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.FOCAL_POINT)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message=_("This address already has an account."),
            )
        ]

    def __str__(self):
        return self.email

    @property
    def is_isu(self):
        return self.is_active and self.role in {Role.ISU_OFFICER, Role.ISU_ADMINISTRATOR}

    @property
    def is_staff(self):
        """May enter the Django admin."""
        return self.is_active and self.role == Role.ISU_ADMINISTRATOR

    def has_perm(self, perm, obj=None):
        return self.is_staff

    def has_module_perms(self, app_label):
        return self.is_staff

    @cached_property
    def state(self):
        """The State the person writes for today, or None; ends with the State's membership of the Convention."""
        if not self.is_active or self.role != Role.FOCAL_POINT:
            return None
        return State.objects.represented_by(self).first()


class Membership(models.Model):
    """Whom a focal point writes for; one State per person."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="membership")
    state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="memberships")
    since = models.DateField(_("since"), default=timezone.localdate)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")

    def __str__(self):
        return f"{self.user} – {self.state}"
