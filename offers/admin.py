"""For ISU administrators: taxonomy, resources and the outbox. Offers have their own desks and steps."""

from django.contrib import admin

from contacts.admin import NAMES, KeptAdmin

from .models import Area, Form, OutgoingMail, Resource


class TermAdmin(KeptAdmin):
    list_display = ["name_en", "code", "level", "labels_reviewed", "verified"]
    search_fields = ["code", *NAMES, "synonyms"]


@admin.register(Area)
class AreaAdmin(TermAdmin):
    filter_horizontal = ["contact_points"]


@admin.register(Form)
class FormAdmin(TermAdmin):
    pass


@admin.register(Resource)
class ResourceAdmin(admin.ModelAdmin):
    list_display = ["title", "body", "checked_on"]
    search_fields = ["title", "body"]
    filter_horizontal = ["areas", "forms", "regions", "states", "languages"]

    def save_related(self, request, form, formsets, change):
        from .search import index

        super().save_related(request, form, formsets, change)
        index.write_resource(form.instance)


@admin.register(OutgoingMail)
class OutgoingMailAdmin(admin.ModelAdmin):
    """Who gets what and when it left; nothing here can be changed."""

    list_display = ["subject", "recipients", "created_at", "sent_at", "attempts", "failed_at"]
    list_filter = ["failed_at"]
    fields = [
        "subject",
        "cause",
        "about",
        "sender",
        "recipients",
        "created_at",
        "due_at",
        "attempts",
        "sent_at",
        "failed_at",
        "last_error",
        "settled_at",
        "settled_by",
    ]
    readonly_fields = fields

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.is_staff
