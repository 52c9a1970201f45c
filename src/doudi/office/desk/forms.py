from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class RevealForm(forms.Form):
    """Why somebody needs a full number. The purpose goes into the trail as its code."""

    PURPOSES = (
        ("identity_check", _("核对身份")),
        ("assistance", _("办理救助")),
        ("contact", _("联系本人或家属")),
        ("import_match", _("核对导入的名单")),
        ("visit", _("入户走访")),
    )
    purpose = forms.ChoiceField(label=_("事由"), choices=(("", _("选一个事由")), *PURPOSES))

    @property
    def said(self) -> str:
        """The chosen purpose in words."""
        return str(dict(self.PURPOSES)[self.cleaned_data["purpose"]])
