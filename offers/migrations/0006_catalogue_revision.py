from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("offers", "0005_facet_sets")]

    operations = [
        migrations.CreateModel(
            name="CatalogueRevision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.CharField(max_length=32)),
            ],
        ),
    ]
