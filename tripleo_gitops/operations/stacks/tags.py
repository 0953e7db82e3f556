"""What we write on a stack: the revision, the one before, and the run that asked for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tripleo_gitops.plan.revision import InvalidRevision, Revision, parse_revision

if TYPE_CHECKING:
    from tripleo_gitops.openstack.stack import Stack

OURS = "tripleo-gitops"
REVISION_TAG = "revision="
PREVIOUS_TAG = "previous="
RUN_TAG = "run="
METHOD_TAG = "method="
TAG_LIMIT = 80
_NO_TAG = re.compile(r"[^A-Za-z0-9._-]")


def deployed_revision(stack: Stack | None) -> Revision | None:
    """Return the revision that a stack is made of; None for a stack that we did not deploy.

    One that Heat brought back after a failed update (ROLLBACK_…) is made of the one before, as far as we know that.
    """
    if stack is None:
        return None
    return _revision(stack, PREVIOUS_TAG if stack.action == "ROLLBACK" else REVISION_TAG)


def asked_revision(stack: Stack) -> Revision | None:
    """Return the revision that a stack was last asked to become, whatever came of that."""
    return _revision(stack, REVISION_TAG)


def asked_method(stack: Stack) -> str | None:
    """Return how a stack was last asked: create, put or patch; None where that is not known."""
    return _tagged(stack, METHOD_TAG)


def is_tagged(stack: Stack) -> bool:
    """Return whether the stack's last action was asked for by this tool, as far as its tags tell."""
    return OURS in stack.tags


def asked_by(stack: Stack) -> str | None:
    """Return the run and try whose request the stack took last."""
    return _tagged(stack, RUN_TAG)


def revision_tag(revision: Revision) -> str:
    """Return the tag that names a revision; without its branch where Heat's limits on tags ask for that."""
    return _with_revision(REVISION_TAG, revision)


def run_tag(request_id: str) -> str:
    """Return the tag that names a run's request, in characters that Heat takes in a tag."""
    return f"{RUN_TAG}{run_name(request_id)}"[:TAG_LIMIT]


def run_name(text: str) -> str:
    """Return a run's id or a request's in characters that Heat takes in a tag."""
    return _NO_TAG.sub("-", text)


def request_tags(
    revision: Revision, *, before: Revision | None, method: str, request_id: str | None = None
) -> tuple[str, ...]:
    """Return the tags of a request: what it makes the stack, from what, how, and for which run."""
    tags = [OURS, revision_tag(revision), f"{METHOD_TAG}{method}"]
    if before is not None:
        tags.append(_with_revision(PREVIOUS_TAG, before))
    if request_id is not None:
        tags.append(run_tag(request_id))
    return tuple(tags)


def is_request_of(stack: Stack, request_id: str) -> bool:
    """Return whether the stack took the request that a run made under this id."""
    return run_tag(request_id) in stack.tags


def _with_revision(kind: str, revision: Revision) -> str:
    tag = f"{kind}{revision}"
    if len(tag) > TAG_LIMIT or "," in tag:
        return f"{kind}{Revision(commit=revision.commit)}"
    return tag


def _revision(stack: Stack, kind: str) -> Revision | None:
    text = _tagged(stack, kind)
    try:
        return parse_revision(text) if text else None
    except InvalidRevision:
        return None


def _tagged(stack: Stack, kind: str) -> str | None:
    return next((tag.removeprefix(kind) for tag in stack.tags if tag.startswith(kind)), None)
