"""A place to play in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ansible.playbooks import Theatre

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def theatre(tmp_path: Path) -> Theatre:
    """Return a directory for playbooks, and what plays them."""
    return Theatre(tmp_path)
