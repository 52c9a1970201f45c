from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from doudi.office.access import keys


class Command(BaseCommand):
    help = "Make the key file of sealed fields (DOUDI_KEYS), or add a key to it. Keep a copy apart from every backup."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--add", action="store_true", help="new values get a new key; older ones still open")

    def handle(self, *args: Any, **options: Any) -> None:
        file = settings.KEYS_FILE
        if options["add"]:
            self.stdout.write(f"{file}: key {keys.add(file)} is the current one")
        elif file.exists():
            raise CommandError(f"{file} is there already; --add makes a newer key in it")
        else:
            keys.make(file)
            self.stdout.write(f"{file}: made; without it nothing sealed can be read again")
