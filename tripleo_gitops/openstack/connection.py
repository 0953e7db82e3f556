"""A connection to a cloud by its name in clouds.yaml, with every failure told in one line."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import openstack
import openstack.config
from keystoneauth1 import exceptions as auth
from keystoneauth1.identity.base import BaseIdentityPlugin
from openstack import exceptions as sdk

from tripleo_gitops.errors import GitopsError, NotFound, Unavailable
from tripleo_gitops.openstack.open_connections import note_opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from openstack.connection import Connection

RETRIED_STATUSES = (429, 500, 502, 503, 504)
CONNECT_RETRIES = 2


class CloudNotConfigured(NotFound):
    """No cloud of that name in clouds.yaml, or none named at all."""

    reason = "CloudNotConfigured"


class CloudRefused(GitopsError):
    """The cloud knows who asks and says no, or does not know them."""

    reason = "CloudRefused"


class CloudUnavailable(Unavailable):
    """The cloud could not be reached, did not answer in time, or failed itself."""

    reason = "CloudUnavailable"


class NoSuchService(CloudUnavailable):
    """A service that the cloud does not have, or not for this project."""

    reason = "NoSuchService"


class RequestRejected(GitopsError):
    """A service took the request and refused what it says; holds the HTTP status."""

    reason = "RequestRejected"

    def __init__(self, service: str, message: str, *, status: int) -> None:
        super().__init__(f"{service} refused ({status}): {message}")
        self.service, self.status = service, status


def connect(
    cloud: str | None, *, clouds_file: Path | None = None, timeout: float = 60.0, trace_id: str | None = None
) -> Connection:
    """Return a connection to a cloud of clouds.yaml, or to the one that the OS_* environment describes.

    With `clouds_file`, that file is read and the environment is not. `timeout` bounds each request,
    in seconds. Nothing is asked of the cloud yet. `trace_id`, 32 hexadecimal digits, goes with each request as
    OpenStack's global request id, so that the services' own logs name it.
    Raises CloudNotConfigured when there is no such cloud.
    """
    try:
        region = _loader(clouds_file).get_one(cloud=cloud, api_timeout=timeout)
    except sdk.ConfigException as exc:
        raise CloudNotConfigured(f"{exc} Name a cloud of clouds.yaml with --cloud or OS_CLOUD") from exc
    except auth.MissingRequiredOptions as exc:
        missing = ", ".join(option.dest for option in exc.options)
        raise CloudNotConfigured(
            f"cloud {cloud or '(none named)'} lacks {missing}; name a cloud of clouds.yaml with --cloud or OS_CLOUD"
        ) from exc
    asked_by = f"req-{uuid.UUID(trace_id)}" if trace_id else None
    connection = openstack.connection.Connection(config=region, global_request_id=asked_by)
    note_opened(connection)
    return connection


def _loader(clouds_file: Path | None) -> openstack.config.OpenStackConfig:
    if clouds_file is None:
        return openstack.config.OpenStackConfig()
    return openstack.config.OpenStackConfig(config_files=[str(clouds_file)], load_envvars=False)


@contextmanager
def told(service: str) -> Iterator[None]:
    """Turn the SDK's errors about `service` into ours; no URL or header of theirs is repeated."""
    try:
        yield
    except (auth.Unauthorized, auth.NotFound) as exc:  # Keystone answers 404 to a token that it does not know
        raise CloudRefused(
            f"{service}: Keystone does not accept the credentials, or the token has expired; "
            "check clouds.yaml or log in again"
        ) from exc
    except (auth.EndpointNotFound, auth.EmptyCatalog, sdk.EndpointNotFound, sdk.ServiceDisabledException) as exc:
        raise NoSuchService(f"{service}: the cloud's catalog has no such service for this project") from exc
    except (
        auth.ConnectionError,
        auth.DiscoveryFailure,
        auth.RetriableConnectionFailure,
        sdk.ServiceDiscoveryException,  # the service's own list of versions cannot be had
    ) as exc:
        raise CloudUnavailable(
            f"{service}: cannot be reached ({type(exc).__name__}); nothing is lost, try again"
        ) from exc
    except sdk.HttpException as exc:
        raise _of_status(service, exc) from exc
    except auth.HttpError as exc:
        raise CloudUnavailable(f"{service}: answered {exc.http_status} when asked for a token") from exc


def user_name(connection: Connection) -> str:
    """Return the login name of whom Keystone takes this connection for; raises CloudRefused."""
    plugin = connection.session.auth
    if not isinstance(plugin, BaseIdentityPlugin):
        raise CloudRefused("the cloud is used without Keystone, so that nobody vouches for who asks")
    with told("Keystone"):
        return str(plugin.get_access(connection.session).username)


def _of_status(service: str, exc: sdk.HttpException) -> GitopsError:
    status = exc.status_code or 0
    words = " ".join(str(exc.details or exc.message or "no reason given").split())
    if status == 401:
        return CloudRefused(f"{service}: the token is not accepted or has expired; log in again")
    if status == 403:
        return CloudRefused(f"{service}: this user may not do that in this project; a role is missing")
    if status in RETRIED_STATUSES:
        return CloudUnavailable(f"{service}: answered {status}: {words}; nothing is lost, try again")
    return RequestRejected(service, words, status=status)
