"""The same person in several registers: exact and repaired numbers.

Nouns: Candidate, Link. Doors: `repair()`.
"""
