"""Rows of work; see actions.later()."""
