"""The acts, subjects and purposes of the trail in words; a code without words is shown as it is."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTS: dict[str, str | Promise] = {
    "access.revealed": _("看全"),
    "access.opened": _("打开"),
    "access.logged_in": _("登录"),
    "access.login_refused": _("登录失败"),
    "registry.areas_loaded": _("载入区划"),
    "registry.file_received": _("收到名单"),
    "registry.file_accepted": _("名单入库"),
    "registry.rows_accepted": _("存下名单的行"),
    "registry.file_undone": _("撤销导入"),
    "registry.observed": _("记下情况"),
    "law.installed": _("安装政策库"),
    "law.activated": _("启用政策库"),
    "monitoring.asked_for_screening": _("比对"),
    "monitoring.screened": _("比对完成"),
    "monitoring.superseded": _("让给更新的比对"),
    "monitoring.settled": _("销号"),
}
SUBJECTS: dict[str, str | Promise] = {
    "registry.household": _("一户"),
    "registry.person": _("一人"),
    "registry.batch": _("一份名单"),
    "law.packedition": _("政策库"),
    "monitoring.run": _("一轮比对"),
    "monitoring.finding": _("一条线索"),
    "access.user": _("账号"),
}
PURPOSES: dict[str, str | Promise] = {
    "assistance": _("办理救助"),
    "identity_check": _("核对身份"),
    "contact": _("联系本人或家属"),
    "import_match": _("核对导入的名单"),
    "visit": _("入户走访"),
    "audit": _("审计"),
    "findings": _("核查线索"),
    "explain": _("解释结果"),
    "work": _("办事"),
}
FIELDS: dict[str, str | Promise] = {
    "number": _("证件号码"),
    "phone": _("电话"),
    "sensitive": _("病残等加密信息"),
}
OUTCOMES: dict[str, str | Promise] = {"done": _("办成"), "refused": _("被拒")}


def word(table: dict[str, str | Promise], code: str) -> str:
    return str(table.get(code, code))
