from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _


class LoginForm(AuthenticationForm):
    """Account and password, in the words of the office."""

    error_messages = {
        "invalid_login": _("账号或密码不对。再试一次；忘了密码，找本单位的安全管理员。"),
        "inactive": _("这个账号已停用。找本单位的安全管理员。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["username"].label = _("账号")
        self.fields["password"].label = _("密码")


class DayField(forms.DateField):
    """A day of the office's life. Days at the end of the calendar are refused: the day after them does not exist."""

    FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
    widget = forms.DateInput(
        attrs={"type": "date", "min": FIRST.isoformat(), "max": LAST.isoformat()}, format="%Y-%m-%d"
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        said = _("日期要在 1900 年到 2199 年之间。")
        self.validators += [MinValueValidator(self.FIRST, said), MaxValueValidator(self.LAST, said)]
