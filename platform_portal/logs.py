"""What the log keeps to itself."""

import logging
import re

# Addresses that give a right to whoever knows them: links in letters, and those for a new password.
PLACES = (
    "shared|confirm|verify|enquiry|answer|survey|alerts/(?:confirm|manage|unsubscribe)|"
    "account/password/reset/key|account/confirm-email"
)
TOKEN = re.compile(rf"(/(?:{PLACES})/+)[^/\s?]+")


class WithoutTokens(logging.Filter):
    """Django names the address of each request that it refuses; with a token in it, the log would open the page."""

    def filter(self, record):
        message = record.getMessage()
        if TOKEN.search(message):
            record.msg, record.args = TOKEN.sub(r"\1…", message), ()
        return True
