"""Which role may do what, on one page. A page's own roles stand at its view (`@access`); this is for acts.

System, security and audit administrators stay apart: none of them holds a permission over citizens' data or money.
"""

from __future__ import annotations

from doudi.office.access.roles import Role

_TOWN_AND_COUNTY = frozenset({Role.TOWNSHIP, Role.COUNTY})
_FIELD = _TOWN_AND_COUNTY | {Role.VILLAGE, Role.REVIEWER, Role.DUTY}

PERMISSIONS: dict[str, frozenset[Role]] = {
    "access.reveal": _FIELD | {Role.FINANCE, Role.HOTLINE},
    "access.manage_users": frozenset({Role.SECADMIN}),
    "audit.read": frozenset({Role.AUDITOR, Role.SECADMIN}),
    "law.install": frozenset({Role.SYSADMIN}),
    "law.activate": frozenset({Role.COUNTY, Role.SYSADMIN}),
    "registry.import": _TOWN_AND_COUNTY,
    "registry.change": _TOWN_AND_COUNTY | {Role.VILLAGE},
    "monitoring.screen": frozenset({Role.COUNTY}),
    "monitoring.settle": _TOWN_AND_COUNTY,
}
