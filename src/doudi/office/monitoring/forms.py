from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from doudi.office.audit.remarks import Remark
from doudi.office.monitoring.models import Finding


class FindingsFilter(forms.Form):
    """What the address of the board may say; anything else is a bad request."""

    area = forms.CharField(required=False, validators=[RegexValidator(r"^\d{12}\Z", _("区划代码是 12 位数字"))])
    kind = forms.ChoiceField(required=False, choices=[("", ""), *Finding.Kind.choices])
    state = forms.ChoiceField(required=False, choices=[("", ""), ("closed", ""), ("again", "")])
    priority = forms.IntegerField(required=False, min_value=0, max_value=100)
    page = forms.IntegerField(required=False, min_value=1)

    def chosen(self) -> dict[str, str]:
        """The filters as they stand in an address, without the page."""
        data: dict[str, Any] = self.cleaned_data
        return {name: str(data[name] or "") for name in ("area", "kind", "state", "priority")}


class Settle(forms.Form):
    """Closing a clue: what was found out, in words."""

    reason = Remark(label=_("核实结果"), max_length=500)
