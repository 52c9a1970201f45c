"""Django's PostgreSQL backend with a wall: row-level security, three roles, the scope as settings of the session."""
