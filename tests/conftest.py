"""Fixtures for all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")

SHARED = Path(os.environ.get("REASONSCOPE_SHARED", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public traces and labels; the test is skipped where it is missing."""
    if not SHARED.is_dir():
        pytest.skip(f"public data not found at {SHARED}; set REASONSCOPE_SHARED to its folder")
    return SHARED
