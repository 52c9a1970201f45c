"""People as this county knows them, and the households they live in.

An identity is one human in the installation and says nothing readable; a person is what one county holds of that
identity. The household of the law (who lives together) and the household book are two things and both are kept.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _

from doudi.engine.values import new_id
from doudi.office.access.models import Scoped
from doudi.office.registry.models.facts import Source, Subject


class Identity(models.Model):
    """One human in the installation: a blind index and nothing readable; on no page. Without a number: its own row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number_index = models.BinaryField(max_length=16, null=True, unique=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return str(self.id)


class Household(Subject):
    """People who live together (`living`), or who stand in one household book (`book`).

    An id lives until the household is dissolved; `came_from` leads to the one it was split from or merged into.
    is_provisional: nobody has said who lives here. batch: the import that brought it first.
    """

    class Kind(models.TextChoices):
        LIVING = "living", _("共同生活")
        BOOK = "book", _("户口簿")

    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.LIVING)
    head = models.ForeignKey("registry.Person", models.PROTECT, null=True, related_name="+")
    address = models.CharField(max_length=300, blank=True)
    started_on = models.DateField(null=True)
    dissolved_on = models.DateField(null=True)
    came_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    is_provisional = models.BooleanField(default=False)
    batch = models.ForeignKey(
        "registry.Batch", models.PROTECT, null=True, related_name="+", help_text="brought it first"
    )

    class Meta(Subject.Meta):
        abstract = False
        indexes = [models.Index(fields=["area_code", "kind"])]

    def __str__(self) -> str:
        return str(self.id)


class Person(Subject):
    """What one county (`county_code`) holds of one identity; `area_code` is the responsible division.

    number, phone: sealed; number_index finds the whole number, last_four_index its last four characters, coarsely.
    name_key, reading and initials are for search and matching only; a page shows `name` as written. key_from_2 and
    key_from_3, kept by the database, are the name_key from its second and third character on: given names, and those
    behind a surname of two characters, are found by a range of an index.
    household, role: where the person lives now (the open living membership). batch: the import that brought them first.
    """

    identity = models.ForeignKey(Identity, models.PROTECT, related_name="persons")
    county_code = models.CharField(max_length=12)
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200, blank=True)
    key_from_2 = models.GeneratedField(
        expression=Substr("name_key", 2), output_field=models.CharField(max_length=200), db_persist=True
    )
    key_from_3 = models.GeneratedField(
        expression=Substr("name_key", 3), output_field=models.CharField(max_length=200), db_persist=True
    )
    reading = models.CharField(max_length=400, blank=True)
    initials = models.CharField(max_length=100, blank=True)
    number = models.BinaryField(null=True)
    number_index = models.BinaryField(max_length=16, null=True)
    last_four_index = models.BinaryField(max_length=16, null=True)
    phone = models.BinaryField(null=True)
    phone_index = models.BinaryField(max_length=16, null=True)
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="residents")
    role = models.CharField(max_length=20, blank=True)
    batch = models.ForeignKey(
        "registry.Batch", models.PROTECT, null=True, related_name="+", help_text="brought it first"
    )

    class Meta(Subject.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["identity", "county_code"], name="registry_one_person_per_county")
        ]
        indexes = [
            models.Index(fields=["name_key"]),
            models.Index(fields=["key_from_2"]),
            models.Index(fields=["key_from_3"]),
            models.Index(fields=["reading"]),
            models.Index(fields=["initials"]),
            models.Index(fields=["number_index"]),
            models.Index(fields=["last_four_index"]),
            models.Index(fields=["phone_index"]),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Membership(Scoped):
    """Who belonged to which household, in which role, from when to when.

    started_on empty: since before we knew; ended_on: the last day, empty is open; seen_on: when a list last said so.
    role_before: what stood there before the import `renamed_by` said another role.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    household = models.ForeignKey(Household, models.PROTECT, related_name="memberships")
    kind = models.CharField(max_length=6, choices=Household.Kind.choices, default=Household.Kind.LIVING)
    role = models.CharField(max_length=20, blank=True)
    started_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    seen_on = models.DateField(null=True)
    batch = models.ForeignKey("registry.Batch", models.PROTECT, null=True, related_name="+")
    ended_by = models.ForeignKey("registry.Batch", models.PROTECT, null=True, related_name="+")
    role_before = models.CharField(max_length=20, blank=True)
    renamed_by = models.ForeignKey("registry.Batch", models.PROTECT, null=True, related_name="+")

    class Meta(Scoped.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(ended_on__isnull=True), name="registry_lives_in_one_household"
            ),
            models.CheckConstraint(
                name="registry_membership_ends_after_start",
                condition=Q(ended_on__isnull=True) | Q(started_on__isnull=True) | Q(ended_on__gte=F("started_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.role}"


class RegisterKey(Scoped):
    """What one register calls a person or household (a household number, a row id): a claim of that register only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(Source, models.PROTECT, to_field="name", db_column="source", related_name="+")
    county_code = models.CharField(max_length=12)
    key = models.CharField(max_length=64)
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="register_keys")
    household = models.ForeignKey(Household, models.CASCADE, null=True, related_name="register_keys")

    class Meta(Scoped.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["source", "county_code", "key"],
                condition=Q(person__isnull=False),
                name="registry_one_person_per_register_key",
            ),
            models.UniqueConstraint(
                fields=["source", "county_code", "key"],
                condition=Q(household__isnull=False),
                name="registry_one_household_per_register_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.key}"
