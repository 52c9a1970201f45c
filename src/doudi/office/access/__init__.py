"""Who may see and do what: users, posts, scopes, the two walls, sealed fields, masking.

Nouns: User, Post, Scope, Sealed. Doors: `scope(user, purpose)`, `@access(roles, purpose)`, `require()`, `reveal()`.
"""
