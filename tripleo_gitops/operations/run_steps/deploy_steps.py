"""The steps of deploying and undeploying a plan: each looks at what is there, and does what is still to be done."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tripleo_gitops.errors import Unavailable
from tripleo_gitops.heat.outputs import hidden_outputs
from tripleo_gitops.openstack.connection import RequestRejected
from tripleo_gitops.openstack.stack import Phase
from tripleo_gitops.operations.checking import BrokenPlan, check_whole_plan
from tripleo_gitops.operations.comparison.hidden_values import Masker, masker_of
from tripleo_gitops.operations.mirror.exclusion_errors import SyncUnderWay
from tripleo_gitops.operations.mirror.mirroring import mirror_revision
from tripleo_gitops.operations.mirror.secrets import plan_history
from tripleo_gitops.operations.mirror.sync_plan import SyncOptions
from tripleo_gitops.operations.stacks.deploy import Snapshot, StackBusy, apply_deploy, shown_outputs
from tripleo_gitops.operations.stacks.deploy_gates import (
    BUSY_PAUSE_SECONDS,
    approve_deploy,
    approve_undeploy,
    check_shown,
    check_window,
    prepare_idle,
)
from tripleo_gitops.operations.stacks.deploy_preparation import choose_values
from tripleo_gitops.operations.stacks.deploy_work import DeployServices, opened, options_of, request_id
from tripleo_gitops.operations.stacks.events import Watch
from tripleo_gitops.operations.stacks.following import Following, follow_request
from tripleo_gitops.operations.stacks.quiet_stacks import QuietStacks
from tripleo_gitops.operations.stacks.tags import asked_by, is_request_of, run_name
from tripleo_gitops.operations.stacks.undeploy import (
    StackReplaced,
    check_same_stack,
    delete_stack,
    deletion_seconds,
)
from tripleo_gitops.operations.steps import Level, NotYet, StepBody, StepTimedOut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tripleo_gitops.openstack.stack import Stack
    from tripleo_gitops.operations.stacks.deploy import DeployPlan
    from tripleo_gitops.operations.steps import StepContext

CONFLICT = 409
OUTPUT_TRIES = 10


def deploy_bodies(services: DeployServices) -> Mapping[str, StepBody]:
    """Return the bodies of all steps of the workflows `deploy` and `undeploy`, by their actions' names."""
    bodies = {
        "plan.render": render,
        "plan.check": check,
        "deploy.approve": approve_deploy,
        "plan.sync": sync,
        "heat.deploy": deploy,
        "heat.outputs": outputs,
        "undeploy.approve": approve_undeploy,
        "heat.delete": delete,
    }
    return {action: partial(body, services) for action, body in bodies.items()}


def render(services: DeployServices, context: StepContext) -> Mapping[str, Any]:
    """Render and resolve the revision; give what the deploy asks with: method, timeout, and the values it gives."""
    with opened(services, context) as (_, plan):
        options = options_of(context, plan)
        servers = None if context.inputs.get("bound") else services.provisioned(plan.found.name)
        if servers is not None:
            options = servers.given(options, plan.resolved)
            context.log("\n".join(servers.words(options, plan.resolved)))
        chosen = choose_values(
            QuietStacks(services.cloud(context).stacks),
            plan.found,
            plan.resolved,
            options,
            seconds=int(services.now().timestamp()),
            skip_identifier=bool(context.inputs.get("skip_identifier")),
        )
        files = len(plan.found.rendered.paths())
    given = ", ".join(f"{name}={value}" for name, value in sorted(chosen.values.items())) or "nothing"
    context.log(f"rendered {plan.found.revision.short}: {files} files; given by the deploy: {given}")
    return {
        "method": "patch" if chosen.merge else "put",
        "timeout": chosen.timeout,
        "values": dict(chosen.values),
        "files": files,
    }


def check(services: DeployServices, context: StepContext) -> Mapping[str, Any]:
    """Check the revision: its rules, what Heat would make of it, and whether it is signed where that is demanded."""
    with opened(services, context) as (repository, plan):
        services.check_revision(context, repository, plan.found)
        try:
            findings = check_whole_plan(plan.found.tree, what=plan.found.revision.short, cache=repository.cache)
        except BrokenPlan as broken:
            for found in broken.findings:
                context.log(f"{found.path}: {found.message} [{found.code}]", level=Level.ERROR)
            raise
    for found in findings:
        context.log(f"{found.path}: {found.message} [{found.code}]", level=Level.WARNING)
    return {"findings": len(findings)}


def sync(services: DeployServices, context: StepContext) -> Mapping[str, Any]:
    """Mirror the revision into Swift; another sync that is under way is waited for."""
    with opened(services, context) as (repository, plan):
        mirror = services.cloud(context).mirror(plan.found.name)
        history = plan_history(repository, mirror.memory, services.vault)
        asked = SyncOptions(allow_older=True)  # the revision was shown and confirmed, or is what the branch names
        try:
            done = mirror_revision(mirror, history, repository, plan.found.revision, options=asked)
        except SyncUnderWay as exc:
            raise NotYet(str(exc), retry_after=max(2.0, exc.seconds_left)) from exc
    context.log(f"container {done.container} mirrors {done.revision.short}: {done.put} put, {done.deleted} deleted")
    return {"mirrored": str(done.revision), "put": done.put, "deleted": done.deleted}


def deploy(services: DeployServices, context: StepContext) -> Mapping[str, Any]:
    """Create or update the stack and follow it to its end; a request that Heat took already is only followed."""
    with opened(services, context) as (_, plan):
        mask = masker_of(plan.resolved)
    following = _following(services, context, mask)
    watch = Watch(following.stacks)
    taken = _take_up(following, watch, following.patiently(lambda: following.stacks.look(context.plan)))
    if taken is None:
        taken = _ask(services, following, watch)
    done, seconds = follow_request(following, watch, taken)
    context.log(f"stack {done.name} is {done.status}, {watch.touched} resources touched")
    return {"stack_id": done.id, "stack_status": done.status, "seconds": round(seconds, 1), "resources": watch.touched}


def outputs(services: DeployServices, context: StepContext) -> Mapping[str, Any]:
    """Give the stack's outputs, those that say a secret masked."""
    with opened(services, context) as (_, plan):
        stack = _with_outputs(services, context, is_declared=bool(plan.resolved.bundle.template.get("outputs")))
        hidden = hidden_outputs(plan.resolved.bundle, plan.resolved.parameters)
        return {"outputs": _masked(shown_outputs(stack, hidden=hidden), masker_of(plan.resolved))}


def _with_outputs(services: DeployServices, context: StepContext, *, is_declared: bool) -> Stack:
    """Return the stack with its outputs; for a moment after an update Heat 27 may have none to tell."""
    stacks = services.cloud(context).stacks
    for tries_left in reversed(range(OUTPUT_TRIES)):
        stack = stacks.find(context.plan)
        if stack is None:
            break
        if stack.outputs or not is_declared:
            return stack
        if not tries_left:
            context.log(f"Heat does not tell the outputs of stack {stack.name}", level=Level.WARNING)
            return stack
        context.pause(1.0)
    raise StackReplaced(f"stack {context.plan} is gone before its outputs were read; somebody deleted it")


def delete(services: DeployServices, context: StepContext) -> Mapping[str, Any]:
    """Delete the stack and wait until it is gone, for `timeout` minutes at most; one that is gone already is done."""
    seconds = deletion_seconds(context.inputs.get("timeout"), most=context.remaining())
    following = _following(services, context, Masker())
    stack = following.patiently(lambda: following.stacks.look(context.plan))
    if stack is None:
        context.log(f"there is no stack {context.plan}")
        return {"deleted": False}
    check_same_stack(stack, context.inputs.get("stack_id"))
    watch = Watch(following.stacks)
    following.patiently(lambda: watch.begin(stack))
    left = None
    for count in delete_stack(following.stacks, stack, timeout=seconds, clock=context.clock):
        context.check()
        for happening in watch.look(stack):
            context.log(f"{happening.status:20} {happening.path}", level=Level.DEBUG)
        if count != left:
            context.log(f"stack {stack.name}: {count} resources left")
        left = count
    context.log(f"stack {stack.name} is deleted")
    return {"deleted": True}


def _following(services: DeployServices, context: StepContext, mask: Masker) -> Following:
    return Following(
        context=context,
        stacks=services.cloud(context).stacks,
        name=context.plan,
        mask=mask,
        earlier=tuple(services.earlier(context.plan)),
        outage_pause=services.outage_pause,
        in_flight=services.in_flight,
    )


def _take_up(following: Following, watch: Watch, stack: Stack | None) -> str | None:
    """Return the request of this run that the stack took already, with the watch begun; None where it took none."""
    taken = _taken_request(stack, following.context)
    if taken is not None and stack is not None:
        following.context.log(f"stack {stack.name} is {stack.status}: Heat took the request of this run already")
        following.patiently(lambda: watch.begin(stack))
    return taken


def _ask(services: DeployServices, following: Following, watch: Watch) -> str:
    """Ask Heat once for what was decided, and return the name of the request.

    One that a killed process may have sent is waited for first. Raises NotYet while the stack is busy or the window
    closed, StalePlan, NeedsSecondYes, and what Heat has to say.
    """
    context = following.context
    check_window(services, context)
    prepared = following.patiently(lambda: prepare_idle(services, context))
    taken = _take_up(following, watch, _wait_for_request(following)) if context.resumed else None
    if taken is not None:
        return taken
    planned = prepared.planned
    check_shown(context, prepared, is_again=_request_of_run(planned.seen, context) is not None)
    if planned.judgement.words:
        context.log(planned.judgement.words, level=Level.WARNING)
    if planned.seen is not None:
        before = planned.seen.stack
        following.patiently(lambda: watch.begin(before))
    context.check()
    context.log(f"asking Heat: {planned.method} stack {planned.name} to {planned.revision}")
    _send(following, planned)
    return request_id(context)


def _send(following: Following, planned: DeployPlan) -> None:
    """Send the request; where no answer comes, find out whether Heat took it before it is sent again."""
    context = following.context
    while True:
        try:
            apply_deploy(QuietStacks(following.stacks), planned)
        except StackBusy as busy:
            raise NotYet(str(busy), retry_after=BUSY_PAUSE_SECONDS) from busy
        except RequestRejected as exc:
            if exc.status != CONFLICT or not _is_ours(following.stacks.look(context.plan), context):
                raise
        except StepTimedOut:
            raise
        except Unavailable as exc:
            context.log(f"{exc}; looking whether Heat took the request", level=Level.WARNING)
            if not _is_ours(_wait_for_request(following), context):
                continue
        return


def _wait_for_request(following: Following) -> Stack | None:
    """Return the stack once it shows this try's request, or as it is when none has shown up for a while."""
    context = following.context
    until = context.clock.monotonic() + following.in_flight
    while True:
        stack = following.patiently(lambda: following.stacks.look(context.plan))
        if _is_ours(stack, context) or context.clock.monotonic() >= until:
            return stack
        context.pause(1.0)


def _is_ours(stack: Stack | None, context: StepContext) -> bool:
    return stack is not None and is_request_of(stack, request_id(context))


def _request_of_run(seen: Snapshot | None, context: StepContext) -> str | None:
    """Return the request that a stack took last, if any try of this run made it."""
    asked = asked_by(seen.stack) if seen is not None else None
    return asked if asked is not None and asked.rpartition(".")[0] == run_name(context.run_id) else None


def _taken_request(stack: Stack | None, context: StepContext) -> str | None:
    """Return the request of this run that is to be followed; None where Heat is to be asked.

    That is this try's own; or an earlier one's that did not fail: it goes on, or it did what this one is to do.
    """
    asked = _request_of_run(Snapshot(stack, ()), context) if stack is not None else None
    if stack is None or asked is None:
        return None
    has_failed = stack.phase is Phase.FAILED or (stack.action, stack.phase) == ("ROLLBACK", Phase.COMPLETE)
    return None if has_failed and not _is_ours(stack, context) else asked


def _masked(value: Any, mask: Masker) -> Any:
    """Return a value in which every text is masked."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: _masked(inner, mask) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(inner, mask) for inner in value]
    return value
