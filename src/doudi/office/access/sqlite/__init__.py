"""Django's SQLite backend with a wall: reads go through temp views, writes are checked by temp triggers."""
