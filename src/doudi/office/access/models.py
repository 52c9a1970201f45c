"""Users with their posts, and `Scoped`, the base of every table behind the walls."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core import checks
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doudi.engine.values import new_id
from doudi.office.access.roles import Role
from doudi.office.access.scopes import OutOfScope, current_scope

area_code = RegexValidator(r"^\d{12}\Z", _("区划代码是 12 位数字"))


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None, *, full_name: str) -> User:
        user = User(username=User.normalize_username(username), full_name=full_name)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """Somebody who can log in. What they may see follows from their posts alone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=60, unique=True)
    full_name = models.CharField(max_length=60)
    is_active = models.BooleanField(default=True)
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.full_name or self.username

    def posts_in_force(self, on: date) -> list[Post]:
        """Posts held on a business day, oldest first; read once per user object and day."""
        if getattr(self, "_posts_on", None) != on:
            self._posts_on, self._posts = on, list(self.posts.in_force(on))
        return self._posts

    def roles(self, on: date) -> list[str]:
        return list(dict.fromkeys(post.role for post in self.posts_in_force(on)))

    def areas(self, role: str, on: date) -> list[str]:
        return [post.area_code for post in self.posts_in_force(on) if post.role == role]


class PostQuerySet(models.QuerySet["Post"]):
    def in_force(self, on: date) -> PostQuerySet:
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=on), starts_on__lte=on).order_by("starts_on", "id")


class Post(models.Model):
    """User × role × area for a span of days [starts_on, ends_on). Several posts make a scope of several ranges."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="posts")
    role = models.CharField(max_length=20, choices=Role.choices)
    area_code = models.CharField(max_length=12, validators=[area_code])
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "area_code", "starts_on"], name="access_post_once"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=models.F("starts_on")), name="access_post_ends_later"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="access_post_known_role"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.area_code}"


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows of the scope only; an insert elsewhere is refused before the database has to."""

    def _insert(self, objs: Any, fields: Any, **options: Any) -> Any:
        scope = current_scope()
        for obj in objs:
            if not scope.covers(getattr(obj, self.model.scope_column)):
                raise OutOfScope(f"{self.model.__name__}: this area is outside the scope")
        return super()._insert(objs, fields, **options)  # type: ignore[misc]

    _insert.queryset_only = False  # type: ignore[attr-defined]


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    """The front wall: raises NoScope outside a scope; inside, only rows of the scope's area ranges."""

    def get_queryset(self) -> ScopedQuerySet:
        scope = current_scope()
        rows: ScopedQuerySet = super().get_queryset()
        if scope.is_system:
            return rows
        column = self.model.scope_column
        mine = Q(pk__in=[])
        for low, high in scope.ranges:
            mine |= Q(**{f"{column}__gte": low, f"{column}__lt": high})
        return rows.filter(mine)


class Scoped(models.Model):
    """A table behind both walls. Every scoped table carries its own `area_code` (12 digits), children included.

    scope_parent names a foreign key whose row must stand in the same area (the database checks it at each write).
    """

    scope_column: ClassVar[str] = "area_code"
    scope_parent: ClassVar[str] = ""

    area_code = models.CharField(max_length=12, db_index=True, validators=[area_code])
    objects = ScopedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    @classmethod
    def check(cls, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        managers: list[models.Manager[Any]] = [cls._base_manager, *cls._meta.managers]
        for manager in managers:
            if not isinstance(manager, ScopedManager):
                found.append(
                    checks.Error(
                        f"{cls.__name__}.{manager.name} walks around the scope",
                        hint="derive it from ScopedManager",
                        id="access.E001",
                    )
                )
        return found
