"""What can go wrong with an undercloud, each with its figures and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tripleo_gitops.errors import GitopsError, InvalidInput, Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class PackagesMissing(GitopsError):
    """Services were asked for whose packages are not installed."""

    reason = "UndercloudPackagesMissing"

    def __init__(self, *, missing: Sequence[str]) -> None:
        super().__init__(
            f"{len(missing)} packages of the undercloud are not installed ({', '.join(missing)}); "
            f"run `pip install 'tripleo-gitops[undercloud]'`"
        )
        self.missing = tuple(missing)


class PortTaken(GitopsError):
    """A port that a service had, or was given, belongs to another process."""

    reason = "UndercloudPortTaken"

    def __init__(self, *, service: str, port: int, why: str) -> None:
        super().__init__(
            f"port {port} of 127.0.0.1, which is {service}'s, cannot be had ({why}); stop what holds it "
            f"(`ss -ltnp 'sport = :{port}'`), or start with another --port-base"
        )
        self.service, self.port = service, port


class ServiceFailed(Unavailable):
    """A service did not come up; `log` is the end of what it said."""

    reason = "UndercloudServiceFailed"

    def __init__(self, *, service: str, why: str, log_file: Path, log: Sequence[str]) -> None:
        said = "".join(f"\n    {line}" for line in log) or "\n    (it logged nothing)"
        super().__init__(f"{service} did not come up: {why}; the end of {log_file}:{said}")
        self.service, self.why, self.log_file, self.log = service, why, log_file, tuple(log)


class BadState(GitopsError):
    """The state directory cannot be read or written, or holds something that we did not write."""

    reason = "UndercloudBadState"

    def __init__(self, *, path: Path, why: str) -> None:
        super().__init__(
            f"{path}: {why}; correct that, name another --state-dir, or remove the directory to begin anew"
        )
        self.path, self.why = path, why


class Busy(Unavailable):
    """Another process is starting or stopping the same undercloud, and did not end in time."""

    reason = "UndercloudBusy"

    def __init__(self, *, path: Path, seconds: float) -> None:
        super().__init__(
            f"another process has been starting or stopping the undercloud in {path} for {seconds:.0f} s; "
            f"wait for it, or look for it with `fuser {path / 'lock'}`"
        )
        self.path = path


class NotRunning(InvalidInput):
    """Something was asked of an undercloud, or of one of its services, that was never started."""

    reason = "UndercloudNotRunning"

    def __init__(self, *, what: str, path: Path) -> None:
        super().__init__(f"{what} was never started in {path}; run `tripleo-plan undercloud up` first")
        self.what, self.path = what, path


class Refusal(Unavailable):
    """A running service answered a request of ours with something else than what was needed."""

    reason = "UndercloudRefusal"

    def __init__(self, *, request: str, status: int, body: str) -> None:
        super().__init__(f"{request} was answered by {status}: {body[:300]}")
        self.request, self.status = request, status

    @property
    def is_final(self) -> bool:
        """Say whether asking again would be answered the same: it is the request that was wrong."""
        return 400 <= self.status < 500


class InvalidPortBase(InvalidInput):
    """A first port that leaves no room for the others, or that only root may open."""

    reason = "UndercloudInvalidPortBase"

    def __init__(self, *, base: int, highest: int) -> None:
        super().__init__(f"--port-base {base} is not between 1024 and {highest}; choose one that is")
        self.base, self.highest = base, highest


class PortsInUse(Refused):
    """Other ports were asked for while services run on those they have."""

    reason = "UndercloudPortsInUse"

    def __init__(self, *, running: Sequence[str], base: int) -> None:
        super().__init__(
            f"--port-base {base} would move {len(running)} running services ({', '.join(running)}); "
            f"run `tripleo-plan undercloud down` first"
        )
        self.running, self.base = tuple(running), base
