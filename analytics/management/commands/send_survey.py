from analytics import survey
from offers.management.commands import send_reminders
from offers.reminding import Subject


class Command(send_reminders.Command):
    help = (
        "Write the letters of the survey of national contact points; send_outgoing_mail sends them. "
        "Meant to run every hour; without an open survey there is nothing to do, and several runs at once do no harm."
    )
    subjects = [Subject("survey", survey.due, survey.letter_to)]
    # Those who are asked after the trial are asked when it has ended.
    is_run_when_closed = True
