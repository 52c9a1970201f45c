"""Questions other rooms ask the registry. Everything runs in the scope in force: not yours is not there."""

from doudi.office.registry.queries.batches import ReportLine, batch, register_of, report
from doudi.office.registry.queries.facts import FactsProof, prove_facts
from doudi.office.registry.queries.households import FactView, HouseholdView, MemberView, household
from doudi.office.registry.queries.population import HeldHousehold, HeldMember, HeldSubject, held, population
from doudi.office.registry.queries.revealing import opened_facts, person
from doudi.office.registry.queries.search import COUNTED, PersonLine, SearchPage, search
from doudi.office.registry.queries.sources import source_labels

__all__ = [
    "COUNTED",
    "FactView",
    "FactsProof",
    "HeldHousehold",
    "HeldMember",
    "HeldSubject",
    "HouseholdView",
    "MemberView",
    "PersonLine",
    "ReportLine",
    "SearchPage",
    "batch",
    "held",
    "household",
    "opened_facts",
    "person",
    "population",
    "prove_facts",
    "register_of",
    "report",
    "search",
    "source_labels",
]
