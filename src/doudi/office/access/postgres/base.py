from __future__ import annotations

from django.db.backends.postgresql import base

from doudi.office.access.postgres import wall
from doudi.office.access.scopes import Scope
from doudi.office.access.walls import Walled


class DatabaseWrapper(Walled, base.DatabaseWrapper):
    _wall_is_whole = False

    def init_connection_state(self) -> None:
        self._wall_is_whole = False
        super().init_connection_state()
        with self.connection.cursor() as cursor:
            wall.refuse_the_powerful(cursor)

    def raise_wall(self, scope: Scope | None) -> None:
        with self.wrap_database_errors, self.connection.cursor() as cursor:
            self._wall_is_whole = self._wall_is_whole or wall.is_whole(cursor)
            wall.stand_in(cursor, scope)
