"""Reports of mistakes by visitors."""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("contacts", "0001_initial"),
        ("offers", "0003_search_word"),
    ]

    operations = [
        migrations.CreateModel(
            name="MistakeReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(editable=False, unique=True)),
                ("office", models.CharField(blank=True, max_length=500, verbose_name="contact point, as it was called")),
                ("text", models.TextField(verbose_name="what is wrong")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address for questions")),
                ("language", models.CharField(max_length=10, verbose_name="language of the page")),
                ("suspicious", models.BooleanField(default=False, verbose_name="perhaps sent by a robot")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="sent")),
                ("handled_at", models.DateTimeField(null=True, verbose_name="done")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                (
                    "contact_point",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="contacts.contactpoint",
                    ),
                ),
                (
                    "handled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mistake_reports",
                        to="offers.offer",
                    ),
                ),
            ],
            options={
                "verbose_name": "report of a mistake",
                "verbose_name_plural": "reports of mistakes",
                "ordering": ["created_at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        name="mistake_report_about_one_thing",
                        condition=Q(offer__isnull=False, contact_point=None, office="") | (Q(offer=None) & ~Q(office="")),
                        violation_error_message="A report is about one offer or about one contact point.",
                    ),
                    models.CheckConstraint(
                        name="mistake_report_text_length",
                        condition=Q(text="")
                        | Q(
                            django.db.models.lookups.GreaterThanOrEqual(
                                django.db.models.functions.text.Length("text"), 10
                            ),
                            django.db.models.lookups.LessThanOrEqual(
                                django.db.models.functions.text.Length("text"), 1000
                            ),
                        ),
                        violation_error_message="Describe the mistake in 10 to 1,000 characters.",
                    ),
                    models.CheckConstraint(
                        name="mistake_report_erased_once_handled",
                        condition=~Q(text="") | Q(handled_at__isnull=False),
                        violation_error_message="A report keeps its text until it has been handled.",
                    ),
                    models.CheckConstraint(
                        name="mistake_report_handled_by_somebody",
                        condition=Q(handled_at=None, handled_by=None)
                        | Q(handled_at__isnull=False, handled_by__isnull=False),
                        violation_error_message="A report that is done says when, and by whom.",
                    ),
                ],
            },
        ),
    ]
