"""The workflows about machines, as data.

Registration, provisioning and their kin are one step each: what Ironic says of its nodes is the record of how far they
are, a node that fails must not keep the others back, and what is done again is then all that is not where it should be.
Which nodes a run is about is a step of its own where it depends on the moment, so that it stays the same after a kill.
"""

from __future__ import annotations

from tripleo_gitops.runs.limits import DAY, HOUR, MINUTE, PATIENT
from tripleo_gitops.runs.workflow import ONCE, Step, Workflow

FLEET = ("concurrency", "tries", "node_timeout")
"""How many nodes at once, how often each, and for how many seconds; what is not given is as the plan says."""


def _choose(what: str) -> Step:
    return Step(
        name="choose",
        action=f"nodes.choose.{what}",
        inputs=("nodes", "only_new") if what == "introspect" else ("nodes",),
        outputs=("chosen",),
        time_limit=10 * MINUTE,
        retry=PATIENT,
    )


def _lead(what: str, *, undo: str, inputs: tuple[str, ...] = (), gate: str | None = None) -> Step:
    return Step(
        name=what,
        action=f"nodes.{what}",
        inputs=(*inputs, *FLEET),
        outputs=("nodes_done", "nodes_unchanged"),
        time_limit=2 * DAY,
        retry=PATIENT,
        undo=undo,
        gate=gate,
    )


NODE_WORKFLOWS: tuple[Workflow, ...] = (
    Workflow(
        name="node-registration",
        version=1,
        summary="Make Ironic's nodes those of the plan, and lead new ones on",
        inputs=("manages", "introspects", "provides", "removes", "renew_passwords", *FLEET),
        steps=(
            _lead(
                "register",
                inputs=("manages", "introspects", "provides", "removes", "renew_passwords"),
                undo="register the revision before: tripleo-plan node register REVISION --remove",
            ),
        ),
    ),
    Workflow(
        name="node-introspection",
        version=1,
        summary="Find out what is in machines",
        inputs=("nodes", "only_new", "provides", "service", *FLEET),
        steps=(
            _choose("introspect"),
            Step(
                name="pre-introspection",
                action="validations.pre-introspection",
                outputs=("validations",),
                time_limit=2 * HOUR,
                retry=ONCE,
                gate="pre-introspection",
            ),
            _lead(
                "introspect",
                inputs=("chosen", "provides", "service"),
                undo="nothing undoes it: what was found out is found out again",
                gate="pre-introspection",
            ),
        ),
    ),
    Workflow(
        name="node-manage",
        version=1,
        summary="Make nodes manageable",
        inputs=("nodes", *FLEET),
        steps=(_choose("manage"), _lead("manage", inputs=("chosen",), undo="tripleo-plan node provide")),
    ),
    Workflow(
        name="node-provide",
        version=1,
        summary="Make nodes available",
        inputs=("nodes", *FLEET),
        steps=(_choose("provide"), _lead("provide", inputs=("chosen",), undo="tripleo-plan node manage")),
    ),
    Workflow(
        name="node-provisioning",
        version=1,
        summary="Put the plan's instances on nodes",
        inputs=FLEET,
        steps=(
            Step(
                name="provision",
                action="nodes.provision",
                inputs=FLEET,
                outputs=("nodes_done", "nodes_unchanged", "environment"),
                time_limit=2 * DAY,
                retry=PATIENT,
                undo="tripleo-plan unprovision: what is on the disks is lost",
            ),
        ),
    ),
    Workflow(
        name="node-unprovisioning",
        version=1,
        summary="Take instances off their nodes",
        inputs=("hostnames", *FLEET),
        steps=(
            _lead(
                "unprovision",
                inputs=("hostnames",),
                undo="tripleo-plan provision: what was on the disks is gone",
            ),
        ),
    ),
)
