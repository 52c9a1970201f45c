"""A page asks the database at most twelve times, whatever the household holds (design: figures to reach)."""

from __future__ import annotations

from typing import Any

import pytest

from doudi.office.desk.tests.office import COUNTY, household_of_jia, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MOST = 12


@pytest.mark.parametrize("path", ["/today", "/search?q=贾", "/findings", "/households/{}", "/households/{}?tab=facts"])
def test_a_page_stays_within_its_queries(path: str, django_assert_max_num_queries: Any) -> None:
    home = household_of_jia()
    household_of_jia()
    clerk = signed_in("county", COUNTY)
    clerk.get(path.format(home.pk))
    with django_assert_max_num_queries(MOST):
        assert clerk.get(path.format(home.pk)).status_code == 200
