"""The words of entries, for suggestions of another spelling; `rebuild_search_index` fills the table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("offers", "0002_search_storage")]

    operations = [
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=64, unique=True)),
                ("shown", models.CharField(max_length=64)),
            ],
        ),
    ]
