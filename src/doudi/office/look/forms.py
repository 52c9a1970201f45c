from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
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
