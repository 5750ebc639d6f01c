"""The databases that the tests of the sinks write into."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.sinks.postgresql_server import Server, programs, serving

REQUIRED = "LLMX_REQUIRE_POSTGRESQL"  # set in CI, where a missing server is a fault and not a reason to skip


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    pytest.importorskip("psycopg")
    if programs() is None:
        skipping = pytest.fail if os.environ.get(REQUIRED) else pytest.skip
        skipping("PostgreSQL is not installed (no initdb): apt-get install postgresql")
    with serving() as server:
        yield server
