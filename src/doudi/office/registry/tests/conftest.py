from __future__ import annotations

from collections.abc import Iterator

import pytest

from doudi.office.access import system_scope
from doudi.office.registry.tests.files import use_pack


@pytest.fixture
def office() -> Iterator[None]:
    """The demo county's pack is in use, and everything runs as a system job."""
    with system_scope("test"):
        use_pack()
        yield
