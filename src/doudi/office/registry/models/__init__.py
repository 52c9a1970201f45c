"""The registry's tables, one file per noun."""

from doudi.office.registry.models.areas import Area
from doudi.office.registry.models.batches import Batch, BatchRow
from doudi.office.registry.models.facts import ListedFact, Observation, Source, Subject
from doudi.office.registry.models.people import Household, Identity, Membership, Person, RegisterKey

__all__ = [
    "Area",
    "Batch",
    "BatchRow",
    "Household",
    "Identity",
    "ListedFact",
    "Membership",
    "Observation",
    "Person",
    "RegisterKey",
    "Source",
    "Subject",
]
