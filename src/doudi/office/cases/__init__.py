"""What was asked, decided and granted. For now: entitlements, imported or decided.

Nouns: Entitlement. Doors: `entitlements_in_force()`.
"""
