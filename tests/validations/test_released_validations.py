"""The validations that TripleO released: all of them are read; those that need no undercloud are run for real.

Where the sources are is said by RELEASED_TEMPLATES; `tox run -e releases` fetches them.
"""

from __future__ import annotations

import pytest

from tests.validations.released import PACKAGES, catalogue_of, packages, run
from tripleo_gitops.plan.ansible_settings import ValidationSettings

COUNTS = {"10.5.2": (53, 8), "11.6.0": (55, 25), "16.0.0": (80, 27)}
"""Validations and groups of each release."""

PASS_HERE = ("no-op", "512e", "undercloud-disabled-services", "check-cpu", "system-encoding")
"""Some that look at the machine alone, and find on any machine what they want, with the values below."""
VALUES = ValidationSettings(parameters=(("check-cpu", (("minimal_cpu_count", 1),)),))


@pytest.fixture(params=sorted(PACKAGES))
def version(request: pytest.FixtureRequest) -> str:
    """Return each release that there is a fetched copy of."""
    found: str = request.param
    if len(packages(found)) != len(PACKAGES[found]):
        pytest.skip("the released validations are not here: `tox run -e releases` fetches them")
    return found


def test_every_released_validation_is_listed_and_read(version: str) -> None:
    found = catalogue_of(version)

    assert found.broken == ()
    assert (len(found.validations), len(found.groups())) == COUNTS[version]
    assert all(one.name != "Unnamed" and one.hosts for one in found.validations)


def test_newer_releases_say_categories_and_products() -> None:
    if not packages("16.0.0"):
        pytest.skip("the released validations are not here: `tox run -e releases` fetches them")
    found = catalogue_of("16.0.0")

    assert found.get("ceph-health").categories == ("storage",)
    assert {one.id for one in found.select(products=["ceph"])} >= {"ceph-health", "ceph-pg"}
    assert all(one.products for one in found.validations)


def test_validations_that_need_no_undercloud_run_with_the_roles_of_their_packages() -> None:
    if len(packages("16.0.0")) != 2:
        pytest.skip("the released validations are not here: `tox run -e releases` fetches them")
    log: list[str] = []
    found = {
        one.validation: one for one in run("16.0.0", (*PASS_HERE, "nova-status", "check-uc-hostname"), VALUES, log=log)
    }

    assert {name: str(found[name].state) for name in PASS_HERE} == dict.fromkeys(PASS_HERE, "passed"), "\n".join(log)
    assert all("undercloud" in found[name].hosts or "localhost" in found[name].hosts for name in PASS_HERE)
    assert str(found["nova-status"].state) == "skipped"
    assert "Stack plan not found" in found["check-uc-hostname"].problem
