"""Settings of all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# a busy machine is slow, not wrong; the rest is as hypothesis chooses, which under CI is the same examples each time
settings.register_profile("llmx", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("llmx")
