"""Management controllers asked whether they know a login: over IPMI by `ipmitool`, over Redfish by HTTP."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import requests

from tripleo_gitops.errors import Unavailable
from tripleo_gitops.nodes.candidates import Candidate

if TYPE_CHECKING:
    from tripleo_gitops.nodes.candidates import Probe

SYSTEMS = "/redfish/v1/Systems"
LARGEST_ANSWER = 1024 * 1024


class NoIpmitool(Unavailable):
    """No `ipmitool` is on this machine."""

    reason = "NoIpmitool"


class ControllerProbe:
    """Tries logins, each for so many seconds at most."""

    def __init__(self, *, timeout: float = 5.0) -> None:
        self._timeout = timeout

    def find(self, probe: Probe) -> tuple[Candidate, ...]:
        """Return the machines behind a controller that takes the login; none where nobody answers, or not to that."""
        return self._redfish(probe) if probe.kind == "redfish" else self._ipmi(probe)

    def _ipmi(self, probe: Probe) -> tuple[Candidate, ...]:
        where = ("-I", "lanplus", "-H", probe.address, "-p", str(probe.port), "-U", probe.credential.user)
        environment = {"PATH": os.defpath, "IPMI_PASSWORD": probe.credential.password.value or ""}
        try:
            done = subprocess.run(
                ["ipmitool", *where, "-E", "-R", "1", "-N", "1", "power", "status"],
                env=environment,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=self._timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return ()
        except FileNotFoundError as exc:
            raise NoIpmitool("no `ipmitool` is on PATH; install it, or look for Redfish only") from exc
        return (Candidate(probe),) if done.returncode == 0 else ()

    def _redfish(self, probe: Probe) -> tuple[Candidate, ...]:
        host = f"[{probe.address}]" if ":" in probe.address else probe.address
        for scheme in ("https", "http"):
            found = self._systems(f"{scheme}://{host}:{probe.port}", probe)
            if found is not None:
                return tuple(Candidate(probe, system) for system in found)
        return ()

    def _systems(self, root: str, probe: Probe) -> tuple[str, ...] | None:
        """Return the machines of a controller; None where nobody answers there, none where the login is refused."""
        login = (probe.credential.user, probe.credential.password.value or "")
        try:
            with requests.get(
                root + SYSTEMS,
                auth=login,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
                verify=False,  # noqa: S501  # controllers sign their own certificates; Ironic's `redfish_verify_ca` is for later
            ) as answer:
                if answer.status_code != 200:
                    return ()
                document = json.loads(answer.raw.read(LARGEST_ANSWER, decode_content=True))
        except (requests.RequestException, ValueError, OSError):
            return None
        members = document.get("Members") if isinstance(document, dict) else None
        listed = members if isinstance(members, list) else []
        return tuple(str(one["@odata.id"]) for one in listed if isinstance(one, dict) and "@odata.id" in one)
