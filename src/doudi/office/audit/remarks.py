"""Free text that people write: what was found out, a reason, a note.

One door for all of it. Whatever form, file or action brings the words, numbers that name a person are starred before
they reach the database: there a number stands sealed or not at all, and a remark is read by more people than a number.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from doudi.office.audit.personal import masked_words


class RemarkField(models.TextField):  # type: ignore[type-arg]
    """A column of free text."""

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return masked_words(prepared) if isinstance(prepared, str) else prepared


class Remark(forms.CharField):
    """A box for free text, which says what becomes of numbers."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", _("证件号码、电话、账号不用写；写了也会先打上星号再存。"))
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        return masked_words(super().clean(value))
