from __future__ import annotations

from typing import Any

from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.db import transaction
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from doudi.office.access.declare import PUBLIC, access
from doudi.office.access.demo import PASSWORD, shown_accounts
from doudi.office.access.models import User
from doudi.office.access.sessions import end_later
from doudi.office.audit.actions import record, record_refusal
from doudi.office.jobs.clock import business_clock
from doudi.office.look.forms import LoginForm

LOCKED = _("这个账号连续输错，先锁 15 分钟。到时再试，或找本单位的安全管理员。")


@method_decorator(never_cache, name="dispatch")
class Login(views.LoginView):
    """Account and password; five failures in a row lock the account for a while (django-axes)."""

    template_name = "look/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"demo_accounts": shown_accounts(), "demo_password": PASSWORD if settings.DEMO else ""}
        return super().get_context_data(**kwargs) | shown

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        with transaction.atomic():
            answer = super().form_valid(form)
            end_later(self.request)
            record("access.logged_in", user, by=user, at=business_clock().now(), area=_area(user))
        return answer

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        typed = form.data.get("username", "")
        user = User.objects.filter(username=typed).first()
        subject = user or ("access.user", "unknown")  # what was typed may be a number; it is not kept
        by = "access.login"
        record_refusal("access.login_refused", subject, by=by, at=business_clock().now(), area=_area(user))
        if not getattr(self.request, "axes_locked_out", False):
            return super().form_invalid(form)
        form.errors.clear()
        form.add_error(None, str(LOCKED))
        answer = self.render_to_response(self.get_context_data(form=form), status=429)
        if wait := get_cool_off(self.request):
            answer.headers["Retry-After"] = str(int(wait.total_seconds()))
        return answer


def _area(user: Any) -> str:
    """Where the account works, so that the auditor of that place reads of its logins."""
    posts = user.posts_in_force(business_clock().today()) if user else []
    return posts[0].area_code if posts else ""


login = access(PUBLIC, "login")(Login.as_view())
logout = access(PUBLIC, "logout")(views.LogoutView.as_view())
