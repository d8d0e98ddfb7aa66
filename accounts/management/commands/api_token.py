from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accounts.actions import make_token
from accounts.models import User


class Command(BaseCommand):
    help = "Print a new API token for the person with this e-mail (use: Authorization: Token ...). It is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email__iexact=options["email"].strip()).first()
        if person is None:
            raise CommandError(_("Nobody signs in with %(email)s.") % {"email": options["email"]})
        if not person.is_active:
            raise CommandError(_("This person can't sign in, so a token would not work."))
        self.stdout.write(make_token(person, actor=None))
