from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from doudi.office.look.forms import DayField
from doudi.office.reports.acts import ACTS


class TrailForm(forms.Form):
    """What to look for in the trail."""

    act = forms.ChoiceField(label=_("做了什么"), required=False, choices=[("", _("全部")), *ACTS.items()])
    by = forms.CharField(label=_("谁（账号）"), required=False, max_length=150)
    day = DayField(label=_("哪一天"), required=False)
