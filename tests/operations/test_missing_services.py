"""A cloud that lacks a service: the adapter says so in one word, whichever way the SDK tells it."""

from __future__ import annotations

import pytest
from keystoneauth1 import exceptions as auth
from openstack import exceptions as sdk

from tripleo_gitops.openstack.connection import CloudUnavailable, NoSuchService, told


@pytest.mark.parametrize(
    "error",
    [
        auth.EndpointNotFound(),
        auth.EmptyCatalog("x"),
        sdk.EndpointNotFound(),
        sdk.ServiceDisabledException("off"),
    ],
)
def test_a_service_that_the_cloud_has_not_is_told_from_one_that_is_away(error: Exception) -> None:
    with pytest.raises(NoSuchService, match="Heat: the cloud's catalog has no such service"), told("Heat"):
        raise error
    with pytest.raises(CloudUnavailable) as away, told("Heat"):
        raise auth.ConnectFailure
    assert not isinstance(away.value, NoSuchService)
