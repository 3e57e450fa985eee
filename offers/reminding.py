"""Letters that ask whether something still holds: what each subject says is due is written once, whatever happens.

A subject says to whom letters are due and which letter that is. Each is written in a transaction of its own, in
which the letter is looked for again while its addressee is held: of two runs at once the second finds nothing,
and one that was killed has written either letter and reminder, or neither.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from .models import Reminder

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letter:
    about: str  # in words for the operator, without addresses
    recipients: list
    reminders: list  # rows, not yet saved, that keep it from being written again
    write: Callable  # puts it into the outbox


@dataclass(frozen=True)
class Subject:
    name: str
    due: Callable  # rows, such as States, to which a letter may be due
    letter_to: Callable  # the Letter that is due to one of them, or None


def hold(row):
    """Keep others from writing a letter to the same addressee until the transaction ends."""
    type(row).objects.select_for_update(no_key=True).get(pk=row.pk)


def write_due_letters(subject):
    """Write them, and yield each once it is certain; with nobody to write to, nothing is written and it stays due.

    What goes wrong with one letter is yielded in its place as (addressee, exception): the others are written.
    """
    for row in subject.due():
        try:
            with transaction.atomic():
                hold(row)
                letter = subject.letter_to(row)
                if letter and letter.recipients:
                    Reminder.objects.bulk_create(letter.reminders)
                    letter.write()
        except Exception as error:
            logger.exception("The letter about %s to %s could not be written", subject.name, row)
            yield row, error
        else:
            if letter:
                yield row, letter
