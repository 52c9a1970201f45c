"""What changes the registry. Each act leaves its entry in the trail in the same transaction."""

from doudi.office.registry.actions.areas import load_areas
from doudi.office.registry.actions.imports import NotInState, accept, check, import_batch
from doudi.office.registry.actions.resolving import observe, rebuild_all
from doudi.office.registry.actions.undoing import undo

__all__ = [
    "NotInState",
    "accept",
    "check",
    "import_batch",
    "load_areas",
    "observe",
    "rebuild_all",
    "undo",
]
