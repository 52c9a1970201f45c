"""Who may see and do what: users, posts, scopes, the two walls, sealed fields, masking.

Nouns: User, Role, Post, Scope, Scoped, SealedField. Doors: `scope(user, purpose)`, `scope_of()`, `system_scope(job)`,
`@access(roles, purpose)`; in `actions` `require()`, `reveal()`, `note_opened()`.
"""

from doudi.office.access.declare import EVERYBODY, PUBLIC, access
from doudi.office.access.roles import Role
from doudi.office.access.scopes import (
    NoScope,
    NotAllowed,
    OutOfScope,
    Scope,
    current_scope,
    scope,
    scope_of,
    system_scope,
)

__all__ = [
    "EVERYBODY",
    "PUBLIC",
    "NoScope",
    "NotAllowed",
    "OutOfScope",
    "Role",
    "Scope",
    "access",
    "current_scope",
    "scope",
    "scope_of",
    "system_scope",
]
