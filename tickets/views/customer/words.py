"""What the scripts of customers' forms say, in the page's language."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def script_texts() -> dict[str, str]:
    """The words of photos.js, send.js, file.js and case.js."""
    return {
        "wait": pgettext("photo", "waiting"),
        "percent": _("sending %(percent)s%%").replace("%%", "%"),
        "bad": _("can't be used"),
        "again": pgettext("photo", "Try again"),
        "remove": _("Remove %(name)s"),
        "most": _("At most %(most)s files can be sent with one message."),
        "large": _("“%(name)s” is larger than 20 MB. Please send a smaller one, or a photo of it."),
        "sending": _("Sending …"),
        "sending_again": _("The network is slow; sending again, try %(number)s …"),
        "photos_first": _("%(count)s files are still on their way; the text follows by itself."),
        "bad_files": _("%(count)s files can't be used; they are marked. Press once more to send without them."),
        "offline": _("The network is gone: what you wrote is on this phone. Once it is back, press “Continue”."),
        "offline_photos": _(
            "The network is gone: what you wrote and %(count)s photos are on this phone. "
            "Once it is back, press “Continue”."
        ),
        "resume": pgettext("sending", "Continue"),
        "without_photos": _("Send without these photos"),
        "restored": _("What you had written is back."),
        "need_body": _("Tell us in one sentence what went wrong."),
        "need_contact": _("Leave a phone number or an e-mail address, so that the answer reaches you."),
    }
