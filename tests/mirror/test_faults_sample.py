"""A sample of the fault cases; all of them run with `tox run -e faults -- mirror`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from faults.cases import Interleaved, all_cases, sampled_cases, shared_cases
from faults.mirror import run_cases
from faults.mirrors import Access

if TYPE_CHECKING:
    from pathlib import Path

    from tests.undercloud_fixture import TenantAccess

SAMPLE = 110


@pytest.mark.undercloud
def test_next_sync_is_exact_after_any_fault(
    tenant: TenantAccess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    connection = tenant.connect()
    access = Access(connection.object_store.get_endpoint() or "", connection.auth_token)
    report = run_cases(access, tmp_path, sampled_cases(SAMPLE), say=lambda _line: None)
    with capsys.disabled():
        sys.stdout.write(f"\n{report.line}\n")
    assert report.failures == []
    assert report.cases > SAMPLE // 2


def test_there_are_at_least_two_thousand_cases_all_different() -> None:
    cases = all_cases()
    assert len(cases) == len(set(cases)) > 2000
    assert sum(isinstance(case, Interleaved) for case in cases) >= 300
    assert sum((shared_cases(number, 3) for number in (1, 2, 3)), ()) == cases
