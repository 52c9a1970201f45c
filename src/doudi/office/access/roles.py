from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody works as; what a role may do stands in `permissions`."""

    VILLAGE = "village", _("村级协理员")
    TOWNSHIP = "township", _("乡镇经办")
    COUNTY = "county", _("县级经办")
    REVIEWER = "reviewer", _("县级复核")
    FINANCE = "finance", _("财务")
    HOTLINE = "hotline", _("热线坐席")
    FACILITY = "facility", _("机构管理员")
    PARTNER = "partner", _("社会组织")
    DUTY = "duty", _("值班")
    ANALYST = "analyst", _("统计分析")
    AUDITOR = "auditor", _("审计员")
    SYSADMIN = "sysadmin", _("系统管理员")
    SECADMIN = "secadmin", _("安全管理员")
