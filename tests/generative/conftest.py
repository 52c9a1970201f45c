"""Prints what the agreement tests covered, also when they ran in other processes."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, [])]
    for report in reports:
        for name, value in getattr(report, "user_properties", ()):
            if name == "coverage":
                terminalreporter.section(f"coverage of {report.nodeid.rpartition('::')[2]}")
                terminalreporter.write_line(str(value))
