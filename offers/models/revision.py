"""The revision of the catalogue: a mark that changes with all that public pages print."""

import secrets

from django.db import connection, models


class CatalogueRevision(models.Model):
    """One row. The mark is new with every change and never comes back, not even after a rollback.

    What was made from the catalogue may therefore be kept under its mark, by any process, and is never stale.
    Whoever keeps something reads the mark first and the catalogue afterwards.
    """

    mark = models.CharField(max_length=32)

    def __str__(self):
        return self.mark

    @classmethod
    def current(cls):
        # Asked for every page: building the same query each time would cost more than all the rest of a kept page.
        with connection.cursor() as cursor:
            cursor.execute("SELECT mark FROM offers_cataloguerevision WHERE id = 1")
            row = cursor.fetchone()
        return row[0] if row else ""

    @classmethod
    def change(cls):
        """In the transaction of the change itself, so that both are seen at the same moment.

        The row is then held until the end of the transaction. An offer is locked before it, never after.
        """
        cls.objects.bulk_create(
            [cls(pk=1, mark=secrets.token_hex(16))],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["mark"],
        )
