"""Receivers of callbacks."""

from collections.abc import Iterator

import pytest

from integration.media.file_host import FileHost, file_host


@pytest.fixture
def receiver() -> Iterator[FileHost]:
    """Run a receiver without TLS, as in the local environment."""
    with file_host() as running:
        yield running
