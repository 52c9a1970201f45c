"""Doudi (兜底): the open safety net."""

__version__ = "0.1.0"
