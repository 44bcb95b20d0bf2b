"""The outside world of sweeps is that of jobs."""

from tests.jobs.conftest import connection, provider, providers

__all__ = ["connection", "provider", "providers"]
