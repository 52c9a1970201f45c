"""What changes the registry. Each act leaves its entry in the trail in the same transaction."""

from doudi.office.registry.actions.areas import load_areas

__all__ = ["load_areas"]
