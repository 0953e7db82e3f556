"""How a stack stands before a deploy, in words; what its tags say; what a deploy gives; which nodes go."""

from __future__ import annotations

import pytest

from tripleo_gitops.openstack.stack import DeploymentOutput, Stack, StackResource
from tripleo_gitops.operations.comparison.hidden_values import masker
from tripleo_gitops.operations.stacks.actions import NothingToCancel, plan_cancel
from tripleo_gitops.operations.stacks.deploy_values import deploy_values
from tripleo_gitops.operations.stacks.events import Tally, estimate, tally_line
from tripleo_gitops.operations.stacks.failures import failure_lines, failure_tree
from tripleo_gitops.operations.stacks.scale_down import CannotRemove, NoSuchNode, plan_scale_down
from tripleo_gitops.operations.stacks.state import Standing, judge_stack
from tripleo_gitops.operations.stacks.tags import (
    asked_by,
    deployed_revision,
    is_request_of,
    request_tags,
)
from tripleo_gitops.plan.revision import CommitId, Revision

NEW = Revision(commit=CommitId("b" * 40), branch="main")
OLD = Revision(commit=CommitId("a" * 40), branch="main")
TAGS = request_tags(NEW, before=OLD, method="put", request_id="run 1.2")


def stack(status: str, tags: tuple[str, ...] = TAGS, **outputs: object) -> Stack:
    return Stack(name="site1", id="1", status=status, reason="because", updated="t", tags=tags, outputs=outputs)


@pytest.mark.parametrize(
    ("status", "standing", "can_update", "words"),
    [
        ("CREATE_COMPLETE", Standing.READY, True, ""),
        ("UPDATE_COMPLETE", Standing.READY, True, ""),
        ("CREATE_FAILED", Standing.FAILED, True, "its creation failed"),
        ("UPDATE_FAILED", Standing.FAILED, True, "goes on from what that left"),
        ("ROLLBACK_FAILED", Standing.FAILED, True, "parts of both"),
        ("CHECK_FAILED", Standing.FAILED, True, "gone or broken"),
        ("RESTORE_FAILED", Standing.FAILED, True, "snapshot"),
        ("ROLLBACK_COMPLETE", Standing.ROLLED_BACK, True, "Heat went back to main@aaaaaaaaaaaa"),
        ("DELETE_FAILED", Standing.DELETING, False, "delete it again"),
        ("DELETE_IN_PROGRESS", Standing.DELETING, False, "being deleted"),
        ("UPDATE_IN_PROGRESS", Standing.BUSY, False, "asked for by this tool"),
        ("SUSPEND_COMPLETE", Standing.SUSPENDED, False, "resume it first"),
        ("SUSPEND_FAILED", Standing.SUSPENDED, False, "resume it first"),
    ],
)
def test_every_state_has_its_standing_and_words(status: str, standing: Standing, can_update: bool, words: str) -> None:
    found = judge_stack(stack(status))
    assert (found.standing, found.can_update) == (standing, can_update)
    assert words in found.words


def test_a_stack_without_a_revision_is_taken_over_and_that_is_said() -> None:
    assert judge_stack(stack("UPDATE_COMPLETE", ())).standing is Standing.ADOPTED
    assert "others made it" in judge_stack(stack("UPDATE_COMPLETE", ())).words
    assert "name no revision" in judge_stack(stack("UPDATE_COMPLETE", ("tripleo-gitops", "revision=x"))).words
    assert judge_stack(None).standing is Standing.ABSENT


def test_the_deployed_revision_of_a_stack_that_was_rolled_back_is_the_one_before() -> None:
    assert deployed_revision(stack("UPDATE_FAILED")) == NEW
    assert deployed_revision(stack("ROLLBACK_COMPLETE")) == OLD
    assert deployed_revision(stack("ROLLBACK_COMPLETE", request_tags(NEW, before=None, method="put"))) is None


def test_a_request_is_known_by_its_tag_whatever_characters_its_name_has() -> None:
    found = stack("UPDATE_COMPLETE")
    assert is_request_of(found, "run 1.2")
    assert not is_request_of(found, "run 1.3")
    assert asked_by(found) == "run-1.2"
    assert all(len(tag) <= 80 and "," not in tag for tag in TAGS)


def test_only_what_templates_declare_is_given() -> None:
    declared = {"DeployIdentifier", "UpdateIdentifier", "StackAction", "RootStackName", "Other"}
    assert deploy_values(declared, name="site1", is_new=True, seconds=5) == {
        "DeployIdentifier": "5",
        "UpdateIdentifier": "",
        "StackAction": "CREATE",
        "RootStackName": "site1",
    }
    assert deploy_values({"DeployIdentifier"}, name="s", is_new=False, seconds=5, skip_identifier=True) == {
        "DeployIdentifier": ""
    }
    assert deploy_values(set(), name="s", is_new=False, seconds=5) == {}


def resource(
    path: str, status: str = "CREATE_COMPLETE", kind: str = "OS::Heat::Value", reason: str = ""
) -> StackResource:
    return StackResource(path=path, type=kind, status=status, reason=reason, is_nested=False, physical_id=f"id-{path}")


class Printed:
    """Deployments that gave something back."""

    def deployment_output(self, _deployment: str) -> DeploymentOutput | None:
        stdout = "\n".join(f"line {number}" for number in range(30))
        return DeploymentOutput(exit_code=3, stdout=stdout, stderr="no canary-word here")


def test_failures_are_a_tree_down_to_what_a_deployment_printed_with_secrets_masked() -> None:
    failed = [
        resource("Controller", "CREATE_FAILED", "OS::Heat::ResourceGroup", "resources[0] failed"),
        resource("Controller/0", "CREATE_FAILED", "OS::TripleO::Controller", "resources.Config failed"),
        resource("Controller/0/Steps/Config", "CREATE_FAILED", "OS::Heat::SoftwareDeployment", "code: canary-word"),
        resource("Fine"),
    ]
    nodes = failure_tree(failed, Printed(), mask=masker(["canary-word"]))
    told = list(failure_lines(nodes))
    assert told[:5] == [
        "Controller (OS::Heat::ResourceGroup) CREATE_FAILED",
        "  0 (OS::TripleO::Controller) CREATE_FAILED",
        "    Steps/Config (OS::Heat::SoftwareDeployment) CREATE_FAILED: code: ******",
        "      the deployment gave exit code 3",
        "      stdout: … 10 lines before",
    ]
    assert told[-1] == "      stderr: no ****** here"
    assert nodes[0].to_document()["inner"][0]["inner"][0]["output"]["exit_code"] == 3


def test_a_secret_that_holds_another_is_masked_whole_and_short_words_are_left() -> None:
    mask = masker(["secret", "secret-longer", "ab", "first\nsecond-line"])
    assert mask("secret-longer, secret, ab, second-line") == "******, ******, ab, ******"


@pytest.mark.parametrize(
    ("earlier", "passed", "left"), [((), 5, None), ((60.0,), 20, 40), ((10, 60, 50), 20, 30), ((10, 30), 60, 0)]
)
def test_what_is_left_is_told_by_the_median_of_earlier_deploys(
    earlier: tuple[float, ...], passed: float, left: float | None
) -> None:
    assert estimate(earlier, passed=passed) == left


def test_how_far_it_is_is_told_in_a_line() -> None:
    tally = Tally(done=3, busy=2, known=9)
    assert tally_line(tally, passed=30, left=600) == (
        "3 of 9 resources done, 2 under way after 30 s, about 10 min left"
    )
    assert tally_line(tally, passed=30, left=0).endswith("longer than the deploys before")


RESOURCES = (*tuple(resource(f"Compute/{number}") for number in (0, 2, 10)), resource("Compute"), resource("Other/0"))
NAMES = {"Compute": {"canonical": ["c-0", "c-2.example.org", "c-10"]}}
DECLARED = {"ComputeCount", "ComputeRemovalPolicies", "ComputeRemovalPoliciesMode"}


def scaled(*nodes: str, declared: set[str] = DECLARED) -> dict[str, object]:
    live = stack("UPDATE_COMPLETE", RoleNetHostnameMap=NAMES)
    planned = plan_scale_down(live, RESOURCES, nodes, roles=["Compute"], declared=declared)
    return {**planned.counts, **planned.values}


@pytest.mark.parametrize("name", ["Compute/2", "c-2.example.org", "c-2"])
def test_a_node_is_found_by_its_place_or_its_host_name(name: str) -> None:
    assert scaled(name) == {
        "ComputeCount": 2,
        "ComputeRemovalPolicies": [{"resource_list": ["2"]}],
        "ComputeRemovalPoliciesMode": "append",
    }


def test_several_nodes_of_a_role_go_together_and_each_once() -> None:
    assert scaled("Compute/10", "c-10", "Compute/0", declared={"ComputeRemovalPolicies"}) == {
        "ComputeCount": 1,
        "ComputeRemovalPolicies": [{"resource_list": ["10", "0"]}],
    }


def test_a_node_that_is_not_there_or_a_role_without_policies_is_refused() -> None:
    with pytest.raises(NoSuchNode, match="no node Compute/1; it has Compute/0, Compute/2, Compute/10"):
        scaled("Compute/1")
    with pytest.raises(NoSuchNode):
        scaled("Other/0")
    with pytest.raises(CannotRemove, match="declares ComputeRemovalPolicies"):
        scaled("Compute/2", declared=set())


class OneStack:
    """One stack, to be stopped."""

    def __init__(self, status: str) -> None:
        self.status = status

    def find(self, _name: str) -> Stack:
        return stack(self.status)

    def resources(self, _stack: Stack) -> tuple[StackResource, ...]:
        return ()

    def cancel(self, _stack: Stack, *, rollback: bool) -> None:
        raise AssertionError(f"nobody decided that, rollback={rollback}")


@pytest.mark.parametrize(
    ("status", "rollback", "why"),
    [
        ("UPDATE_COMPLETE", False, "Heat stops nothing"),
        ("DELETE_IN_PROGRESS", False, "Heat stops nothing"),
        ("CREATE_IN_PROGRESS", True, "nothing to go back to"),
    ],
)
def test_what_heat_cannot_stop_is_refused(status: str, rollback: bool, why: str) -> None:
    with pytest.raises(NothingToCancel, match=why):
        plan_cancel(OneStack(status), "site1", rollback=rollback)


def test_what_heat_can_stop_is_named() -> None:
    assert plan_cancel(OneStack("CREATE_IN_PROGRESS"), "site1", rollback=False).status == "CREATE_IN_PROGRESS"
    assert plan_cancel(OneStack("UPDATE_IN_PROGRESS"), "site1", rollback=True).status == "UPDATE_IN_PROGRESS"
