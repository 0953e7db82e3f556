"""The template formats that Heat 27 knows: what each version has for sections, functions and parameter keys."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HOT_KEY = "heat_template_version"
CFN_KEYS = ("AWSTemplateFormatVersion", "HeatTemplateFormatVersion")
VERSION_KEYS = (HOT_KEY, *CFN_KEYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a template format spells its sections and the keys inside them."""

    description: str
    parameter_groups: str | None
    parameters: str
    resources: str
    outputs: str
    conditions: str
    type: str
    properties: str
    metadata: str
    depends_on: str
    deletion_policy: str
    update_policy: str
    resource_description: str
    external_id: str | None
    condition: str
    output_value: str
    output_description: str


HOT_WORDS = Words(
    description="description",
    parameter_groups="parameter_groups",
    parameters="parameters",
    resources="resources",
    outputs="outputs",
    conditions="conditions",
    type="type",
    properties="properties",
    metadata="metadata",
    depends_on="depends_on",
    deletion_policy="deletion_policy",
    update_policy="update_policy",
    resource_description="description",
    external_id="external_id",
    condition="condition",
    output_value="value",
    output_description="description",
)
CFN_WORDS = Words(
    description="Description",
    parameter_groups=None,
    parameters="Parameters",
    resources="Resources",
    outputs="Outputs",
    conditions="Conditions",
    type="Type",
    properties="Properties",
    metadata="Metadata",
    depends_on="DependsOn",
    deletion_policy="DeletionPolicy",
    update_policy="UpdatePolicy",
    resource_description="Description",
    external_id=None,
    condition="Condition",
    output_value="Value",
    output_description="Description",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TemplateVersion:
    """One version of a template format; `functions` maps a function's name to the behaviour it has there."""

    key: str
    name: str
    words: Words
    sections: frozenset[str]
    functions: Mapping[str, str]
    condition_functions: Mapping[str, str]
    has_conditions: bool
    has_modulo: bool = False
    has_tags: bool = False

    @property
    def is_hot(self) -> bool:
        return self.key == HOT_KEY


_CFN_IN_HOT = ("Fn::GetAZs", "Fn::Join", "Fn::Split", "Fn::Replace", "Fn::Base64", "Fn::MemberListToMap")
_REMOVED_2014 = dict.fromkeys((*_CFN_IN_HOT, "Fn::ResourceFacade", "Ref"), "removed")
_HOT_2013 = {
    "get_param": "get_param",
    "get_resource": "get_resource",
    "get_attr": "get_attr_then_select",
    "get_file": "get_file",
    "list_join": "join",
    "str_replace": "replace",
    "resource_facade": "facade",
    "Ref": "ref",
    "Fn::GetAZs": "availability_zones",
    "Fn::Select": "select",
    "Fn::Join": "join",
    "Fn::Split": "split",
    "Fn::Replace": "cfn_replace",
    "Fn::Base64": "base64",
    "Fn::MemberListToMap": "member_list_to_map",
    "Fn::ResourceFacade": "facade",
}
_HOT_2014 = {**_HOT_2013, **_REMOVED_2014, "get_attr": "get_attr"}
_HOT_2015_04 = {**_HOT_2014, "repeat": "repeat", "digest": "digest"}
_HOT_2015_10 = {
    **_HOT_2015_04,
    "get_attr": "get_attr_all",
    "list_join": "join_multiple",
    "str_replace": "replace_json",
    "str_split": "str_split",
    "Fn::Select": "removed",
}
_HOT_2016_04 = {**_HOT_2015_10, "map_merge": "map_merge"}
_HOT_2016_10 = {
    **_HOT_2016_04,
    "repeat": "repeat_with_map",
    "yaql": "yaql",
    "map_replace": "map_replace",
    "if": "if",
}
_HOT_2017_02 = {**_HOT_2016_10, "filter": "filter", "str_replace_strict": "replace_json_strict"}
_HOT_2017_09 = {
    **_HOT_2017_02,
    "repeat": "repeat_with_nested_loop",
    "make_url": "make_url",
    "list_concat": "list_concat",
    "list_concat_unique": "list_concat_unique",
    "str_replace_vstrict": "replace_json_very_strict",
    "contains": "contains",
}
_HOT_2021 = {**_HOT_2017_09, "if": "if_nullable"}
_CONDITIONS_2016 = {"get_param": "get_param", "equals": "equals", "not": "not", "and": "and", "or": "or"}
_CONDITIONS_2017 = {**_CONDITIONS_2016, "yaql": "yaql", "contains": "contains"}

_HEAT_CFN = {
    "Fn::FindInMap": "find_in_map",
    "Fn::GetAZs": "availability_zones",
    "Ref": "ref",
    "Fn::GetAtt": "cfn_get_att",
    "Fn::Select": "select",
    "Fn::Join": "join",
    "Fn::Split": "split",
    "Fn::Replace": "cfn_replace",
    "Fn::Base64": "base64",
    "Fn::MemberListToMap": "member_list_to_map",
    "Fn::ResourceFacade": "facade",
}
_CFN_CONDITIONS = {
    "Fn::Equals": "equals",
    "Ref": "param_ref",
    "Fn::FindInMap": "find_in_map",
    "Fn::Not": "cfn_not",
    "Fn::And": "and",
    "Fn::Or": "or",
}
_HOT_SECTIONS = frozenset(
    {HOT_KEY, "description", "parameter_groups", "parameters", "resources", "outputs", "__undefined__"}
)
_CFN_SECTIONS = frozenset({*CFN_KEYS, "Description", "Mappings", "Parameters", "Resources", "Outputs"})


def _hot(
    name: str, functions: Mapping[str, str], conditions: Mapping[str, str] | None = None, *, schema: int = 0
) -> TemplateVersion:
    return TemplateVersion(
        key=HOT_KEY,
        name=name,
        words=HOT_WORDS,
        sections=_HOT_SECTIONS if conditions is None else _HOT_SECTIONS | {"conditions"},
        functions=MappingProxyType(functions if isinstance(functions, dict) else dict(functions)),
        condition_functions=MappingProxyType(dict(conditions or {})),
        has_conditions=conditions is not None,
        has_modulo=schema >= 1,
        has_tags=schema >= 2,
    )


def _cfn(key: str, name: str, functions: Mapping[str, str], *, has_conditions: bool) -> TemplateVersion:
    return TemplateVersion(
        key=key,
        name=name,
        words=CFN_WORDS,
        sections=_CFN_SECTIONS | ({"Conditions"} if has_conditions else set()),
        functions=MappingProxyType(dict(functions)),
        condition_functions=MappingProxyType(_CFN_CONDITIONS if has_conditions else {}),
        has_conditions=has_conditions,
    )


_RELEASES = {
    "newton": "2016-10-14",
    "ocata": "2017-02-24",
    "pike": "2017-09-01",
    "queens": "2018-03-02",
    "rocky": "2018-08-31",
    "wallaby": "2021-04-16",
}
_HOT = (
    _hot("2013-05-23", _HOT_2013),
    _hot("2014-10-16", _HOT_2014),
    _hot("2015-04-30", _HOT_2015_04),
    _hot("2015-10-15", _HOT_2015_10),
    _hot("2016-04-08", _HOT_2016_04),
    _hot("2016-10-14", _HOT_2016_10, _CONDITIONS_2016),
    _hot("2017-02-24", _HOT_2017_02, _CONDITIONS_2016, schema=1),
    _hot("2017-09-01", _HOT_2017_09, _CONDITIONS_2017, schema=1),
    _hot("2018-03-02", _HOT_2017_09, _CONDITIONS_2017, schema=2),
    _hot("2018-08-31", _HOT_2017_09, _CONDITIONS_2017, schema=2),
    _hot("2021-04-16", _HOT_2021, _CONDITIONS_2017, schema=2),
)
_BY_DATE = {version.name: version for version in _HOT}
VERSIONS: Mapping[tuple[str, str], TemplateVersion] = MappingProxyType(
    {
        **{(HOT_KEY, date): version for date, version in _BY_DATE.items()},
        **{(HOT_KEY, release): _BY_DATE[date] for release, date in _RELEASES.items()},
        (CFN_KEYS[0], "2010-09-09"): _cfn(
            CFN_KEYS[0], "2010-09-09", {**_HEAT_CFN, "Fn::If": "if"}, has_conditions=True
        ),
        (CFN_KEYS[1], "2012-12-12"): _cfn(CFN_KEYS[1], "2012-12-12", _HEAT_CFN, has_conditions=False),
    }
)
