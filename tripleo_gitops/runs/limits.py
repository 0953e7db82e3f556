"""How long steps may take, and how they are tried again: what workflows of all subjects share."""

from __future__ import annotations

from tripleo_gitops.runs.workflow import Retry

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
PATIENT = Retry(attempts=8, first_wait=1.0, factor=2.0, longest_wait=60.0)
"""For steps that ask a service that may be away for a few minutes."""
