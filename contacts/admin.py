"""For ISU administrators: reference data, contact points and accounts."""

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group

from .models import ContactPoint, Language, Membership, Region, RegionalBody, RelatedSource, State, StateLink, User

# Roles decide here; groups of permissions would have no effect.
admin.site.unregister(Group)

NAMES = ["name_en", "name_fr", "name_es", "name_ar", "name_ru", "name_zh"]


class KeptAdmin(admin.ModelAdmin):
    """For rows that history rests on: they are corrected, never deleted."""

    def has_delete_permission(self, request, obj=None):
        return False


class StateLinkInline(admin.TabularInline):
    model = StateLink
    extra = 0


@admin.register(State)
class StateAdmin(KeptAdmin):
    list_display = ["name_en", "iso3", "region", "entry_into_force", "withdrawal_effective", "verified"]
    list_filter = ["regional_group", "joined", "article5_status", "survivors", "verified"]
    list_select_related = ["region"]
    search_fields = [*NAMES, "iso3", "aliases"]
    inlines = [StateLinkInline]


@admin.register(RegionalBody)
class RegionalBodyAdmin(KeptAdmin):
    list_display = ["short_name", "name_en", "kind", "group_name_en", "worldwide", "verified"]
    list_filter = ["kind", "worldwide"]
    search_fields = ["short_name", *NAMES]
    filter_horizontal = ["regions", "states"]


@admin.register(RelatedSource)
class RelatedSourceAdmin(KeptAdmin):
    list_display = ["name_en", "kind", "url", "checked_on"]
    list_filter = ["kind"]
    search_fields = ["code", *NAMES, "url"]
    filter_horizontal = ["languages"]


@admin.register(ContactPoint)
class ContactPointAdmin(admin.ModelAdmin):
    list_display = ["office", "state", "regional_body", "email", "verified_on"]
    list_select_related = ["state", "regional_body"]
    search_fields = ["office", "email", "state__name_en", "regional_body__short_name"]
    filter_horizontal = ["languages"]


@admin.register(Region)
class RegionAdmin(KeptAdmin):
    list_display = ["name_en", "un_m49", "parent"]
    list_select_related = ["parent"]
    search_fields = NAMES


@admin.register(Language)
class LanguageAdmin(KeptAdmin):
    list_display = ["name_en", "code", "endonym", "un_official"]
    search_fields = ["code", "endonym", *NAMES]


class MembershipInline(admin.StackedInline):
    model = Membership


@admin.register(User)
class UserAdmin(KeptAdmin):
    """A new account has no password: the person sets one through "Forgotten password"."""

    fields = ["email", "role", "is_active"]
    list_display = ["email", "role", "membership", "is_active"]
    list_select_related = ["membership__state", "membership__user"]
    list_filter = ["role", "is_active"]
    search_fields = ["email", "membership__state__name_en"]
    inlines = [MembershipInline]

    def save_model(self, request, user, form, change):
        user.email = user.email.strip().lower()
        if "email" in form.changed_data:
            # Whoever had the former address must not come in by it, nor by the former password.
            user.set_unusable_password()
            EmailAddress.objects.filter(user_id=user.pk).delete()
        super().save_model(request, user, form, change)
