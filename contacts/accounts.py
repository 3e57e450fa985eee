"""How allauth behaves here."""

from allauth.account.adapter import DefaultAccountAdapter


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Nobody signs up: the ISU makes accounts for national focal points and its own staff."""

    def is_open_for_signup(self, request):
        return False
