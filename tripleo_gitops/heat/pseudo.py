"""The parameters that every stack has without declaring them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from tripleo_gitops.heat.constraints import Constraint
from tripleo_gitops.heat.schema import ParameterSchema

if TYPE_CHECKING:
    from collections.abc import Iterator

_REGIONS = (
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "sa-east-1",
    "eu-west-1",
    "ap-southeast-1",
    "ap-northeast-1",
)
PSEUDO_PARAMETERS = frozenset(
    {"OS::stack_id", "OS::project_id", "OS::stack_name", "AWS::StackId", "AWS::StackName", "AWS::Region"}
)


def pseudo_schemata(stack: str, *, project_id: str, is_hot: bool) -> Iterator[ParameterSchema]:
    """Yield a stack's pseudo parameters by its name, with the values that they have before it is stored as defaults."""
    if is_hot:
        yield ParameterSchema("OS::stack_id", "String", default="None", description="Stack ID")
        yield ParameterSchema("OS::project_id", "String", default=project_id, description="Project ID")
        yield ParameterSchema("OS::stack_name", "String", default=stack, description="Stack Name")
        return
    arn = f"arn:openstack:heat::{project_id}:{quote(f'stacks/{stack}/None')}"
    yield ParameterSchema("AWS::StackId", "String", default=arn, description="Stack ID")
    yield ParameterSchema("AWS::StackName", "String", default=stack, description="Stack Name")
    regions = (Constraint("allowed_values", allowed=_REGIONS),)
    yield ParameterSchema("AWS::Region", "String", default="ap-southeast-1", constraints=regions)
