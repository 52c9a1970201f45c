from __future__ import annotations

from django.db.backends.sqlite3 import base, operations

from doudi.office.access.scopes import Scope
from doudi.office.access.sqlite import wall
from doudi.office.access.walls import WallDown, Walled


class DatabaseOperations(operations.DatabaseOperations):
    compiler_module = "doudi.office.access.sqlite.compiler"


class DatabaseWrapper(Walled, base.DatabaseWrapper):
    ops_class = DatabaseOperations

    def init_connection_state(self) -> None:
        super().init_connection_state()
        self._wall = wall.build(self.connection)  # here no transaction can be open: a rollback would drop the wall

    def raise_wall(self, scope: Scope | None) -> None:
        with self.wrap_database_errors:
            if not self._wall.is_whole:
                if self.in_atomic_block:
                    raise WallDown("scoped tables were created after this transaction began")
                self._wall = wall.build(self.connection)
            wall.stand_in(self.connection, scope, self._wall)
