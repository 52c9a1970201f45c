"""Reads only: the auditor's pages, statistics, exports."""
