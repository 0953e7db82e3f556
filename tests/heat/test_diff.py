"""What changes for Heat: parameters, registry, files, outputs, resources; and hidden values that never show."""

from __future__ import annotations

import json
import pickle

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.heat.plans import REGISTRY, changes, defaults, edited, side
from tripleo_gitops.heat.absent import ABSENT
from tripleo_gitops.heat.changes import Cause, Replacement, Source
from tripleo_gitops.heat.diff import diff_parameters
from tripleo_gitops.heat.inside import diff_inside
from tripleo_gitops.heat.masking import MASK, Masked
from tripleo_gitops.heat.report import markdown, text
from tripleo_gitops.heat.tree import parameter_tree
from tripleo_gitops.heat.walk import walk

CANARY = "canary-7f3a"


def resources(old, new):
    return {one.path: one for one in diff_parameters(old, new).resources}


def test_the_same_is_empty():
    found = diff_parameters(side(), side())
    assert found.is_empty
    assert text(found) == ()
    assert markdown(found) == ""


def test_a_comment_or_the_order_of_keys_changes_nothing():
    files = edited(node=("parameters:\n", "# why\nparameters:\n"))
    assert diff_parameters(side(), side(files)).is_empty


def test_a_set_value_is_a_change_with_both_sides_and_where_they_come_from():
    (change,) = changes(side(), side(None, defaults(Greeting="hi"))).values()
    assert (change.name, change.kind, change.places) == ("Greeting", "changed", ("/",))
    assert (change.old.value, change.old.source, change.old.origin.file) == ("hello", Source.TEMPLATE, "main.yaml")
    assert (change.new.value, change.new.source, change.new.origin.file) == ("hi", Source.ENVIRONMENT, "env1.yaml")
    assert change.old.origin.line == 4


def test_the_highest_environment_is_the_origin():
    (change,) = changes(side(), side(None, defaults(Greeting="low"), defaults(Greeting="high"))).values()
    assert (change.new.value, change.new.origin.file) == ("high", "env2.yaml")


def test_a_default_of_a_nested_template_is_told_once_with_its_places():
    found = changes(side(), side(edited(node=("default: calm", "default: wild"))))
    assert found["NodeDefault"].places == ("/group/0",)
    assert (found["NodeDefault"].old.value, found["NodeDefault"].new.value) == ("calm", "wild")
    assert found["NodeDefault"].new.origin.file == "node.yaml"


def test_a_value_that_is_no_longer_set_survives_a_patch():
    (change,) = changes(side(None, defaults(Greeting="hi")), side()).values()
    assert change.survives_patch
    assert (change.old.value, change.new.value) == ("hi", "hello")


def test_a_value_set_to_its_default_is_a_change_of_who_says_it():
    (change,) = changes(side(), side(None, defaults(Greeting="hello"))).values()
    assert (change.old.source, change.new.source) == (Source.TEMPLATE, Source.ENVIRONMENT)


def test_parameters_that_come_and_go():
    files = edited(
        main=(
            "  Greeting: {type: string, default: hello}\n",
            "  Greeting: {type: string, default: hello}\n  More: {type: string, default: m}\n",
        )
    )
    assert changes(side(), side(files))["More"].kind == "added"
    assert changes(side(files), side())["More"].kind == "removed"
    with_extra = changes(side(), side(None, defaults(Size=3)))
    assert with_extra["OnlyHere"].kind == "added"
    assert with_extra["OnlyHere"].places == ("/extra",)


def test_a_schema_that_changes_is_told():
    files = edited(main=("[{range: {min: 0}}]", "[{range: {min: 1}}]"))
    assert changes(side(), side(files))["Size"].schema == ("constraints",)


def test_paths_inside_mappings_and_lists():
    new = side(None, defaults(Settings={"a": {"b": 2, "c": 3}, "list": [0, 1, 2]}))
    inside = {one.name: (one.kind, one.old, one.new) for one in changes(side(), new)["Settings"].inside}
    assert inside["a.b"] == ("changed", 1, 2)
    assert inside["a.c"] == ("added", ABSENT, 3)
    assert inside["list[0]"] == ("added", ABSENT, 0)


def test_what_a_stack_computes_for_nested_ones_is_derived():
    found = diff_parameters(side(), side(None, defaults(Greeting="hi"))).derived
    assert [(one.place, one.name, one.old, one.new) for one in found] == [("/group/0", "Greeting", "hello", "hi")]


def test_what_no_template_has_is_set_and_changes_nothing_and_stays_unseen():
    (change,) = changes(side(), side(None, defaults(Unheard=CANARY))).values()
    assert not change.is_used
    assert change.is_hidden
    assert CANARY not in json.dumps(change.to_document())


def test_registry_entries_files_and_outputs():
    registry = {**REGISTRY, "My::Web": "nested/database.yaml", "New::Type": "OS::Heat::None"}
    files = edited(main=("names: {value", "titles: {value"), **{"nested/script.sh": ("hello", "bye")})
    found = diff_parameters(side(), side(files, registry=registry))
    assert [(one.name, one.kind) for one in found.registry] == [("My::Web", "changed"), ("New::Type", "added")]
    assert found.registry[0].new_origin.file == "env0.yaml"
    assert [(one.name, one.kind) for one in found.outputs] == [("names", "removed"), ("titles", "added")]
    assert [(one.name, one.kind) for one in found.files] == [
        ("nested/script.sh", "removed"),
        ("nested/web.yaml", "removed"),
    ]
    content = diff_parameters(side(), side(edited(**{"nested/script.sh": ("hello", "bye")})))
    assert [(one.name, one.kind) for one in content.files] == [("nested/script.sh", "changed")]


def test_other_sections_of_the_environment_are_compared():
    found = diff_parameters(side(), side(None, {"event_sinks": [{"type": "zaqar-queue"}], "encrypted_param_names": []}))
    assert [(one.name, one.kind) for one in found.sections] == [("event_sinks", "added")]
    assert not found.is_empty


def test_a_resource_whose_property_cannot_change_in_place_is_replaced():
    found = resources(side(), side(edited(main=("flavor: small", "key_name: other\n      flavor: big"))))
    assert found["/server"].properties == ("flavor", "key_name")
    renamed = resources(side(), side(None, defaults(Size=3)))
    assert renamed["/secret"].properties == ("length",)
    assert renamed["/secret"].replacement is Replacement.YES
    assert renamed["/extra"].kind == "added"


def test_a_change_inside_reaches_those_that_get_attributes():
    found = resources(side(), side(edited(nested__web=("default: 80", "default: 8080"))))
    assert found["/services/0/value"].cause is Cause.DEFINITION
    assert found["/services"].cause is Cause.NESTED
    assert (found["/server"].cause, found["/server"].properties) == (Cause.ATTRIBUTES, ("key_name",))
    assert found["/server"].replacement is Replacement.MAYBE
    assert "/group" not in found


def test_a_file_that_a_template_reads_touches_the_resource():
    found = resources(side(), side(edited(**{"nested/script.sh": ("hello", "bye")})))
    assert found["/services/0/script"].properties == ("config",)
    assert found["/services/0/script"].replacement is Replacement.YES


def test_a_type_that_leads_elsewhere_replaces_and_none_does_not():
    nothing = side(registry={**REGISTRY, "OS::Nova::Server": "OS::Heat::None"})
    assert resources(side(), nothing)["/server"].replacement is Replacement.NO
    another = side(registry={**REGISTRY, "OS::Heat::RandomString": "OS::Heat::Value"})
    assert resources(side(), another)["/secret"].replacement is Replacement.YES


def test_a_first_deploy_and_an_end():
    first, last = diff_parameters(None, side()), diff_parameters(side(), None)
    assert {one.kind for one in first.parameters} == {"added"}
    assert {one.kind for one in last.parameters} == {"removed"}
    assert {one.path for one in first.resources} == {"/secret", "/group", "/services", "/server"}
    assert diff_parameters(None, None).is_empty


def everything_said(found):
    lines = "".join(segment.text for line in text(found) for segment in line)
    return json.dumps(found.to_document(), default=repr) + lines + markdown(found) + repr(found) + str(found)


def test_hidden_values_never_show_on_either_side():
    old = side(None, defaults(Password=f"{CANARY}-old", DatabaseKey=f"{CANARY}-k"))
    new = side(None, defaults(Password=f"{CANARY}-new", DatabaseKey=f"{CANARY}-l"))
    for pair in ((old, new), (old, side()), (None, new), (new, None)):
        said = everything_said(diff_parameters(*pair))
        assert CANARY not in said
        assert MASK in said


def test_a_hidden_value_handed_to_a_template_that_does_not_hide_it_stays_hidden():
    found = diff_parameters(side(None, defaults(Password=f"{CANARY}1")), side(None, defaults(Password=f"{CANARY}2")))
    passed = {(one.place, one.name) for one in found.derived}
    assert ("/services/0", "Password") in passed
    assert CANARY not in everything_said(found)


def test_a_secret_inside_a_member_of_a_group_stays_hidden():
    leak = edited(main=("Greeting: {get_param: Greeting}}", "Greeting: {get_param: Password}}"))
    found = diff_parameters(side(leak, defaults(Password=f"{CANARY}1")), side(leak, defaults(Password=f"{CANARY}2")))
    assert any(one.place == "/group/0" for one in found.derived)
    assert CANARY not in everything_said(found)


def test_a_parameter_that_becomes_visible_is_still_hidden_in_this_diff():
    shown = edited(main=("default: s3cret, hidden: true", f"default: {CANARY}"))
    assert CANARY not in everything_said(diff_parameters(side(), side(shown)))
    assert "s3cret" not in everything_said(diff_parameters(side(), side(shown)))


def test_a_masked_value_says_nothing():
    masked = Masked()
    assert {str(masked), repr(masked), f"{masked}"} == {MASK}
    assert masked != Masked()
    assert str(pickle.loads(pickle.dumps(masked))) == MASK


NAMES = st.sampled_from(["Greeting", "NodeDefault", "WebPort", "Settings", "Size", "Services"])
VALUES = {
    "Greeting": st.sampled_from(["hello", "hi", ""]),
    "NodeDefault": st.sampled_from(["calm", "wild"]),
    "WebPort": st.sampled_from([80, 8080]),
    "Settings": st.sampled_from([{}, {"a": {"b": 1}}, {"a": {"c": [1]}}]),
    "Size": st.sampled_from([2, 3]),
    "Services": st.sampled_from([["My::Web"], ["My::Database", "My::Web"], ["My::Web", "My::Database"]]),
}
ENVIRONMENTS = st.fixed_dictionaries({}, optional=VALUES)
EDITS = st.sampled_from(
    [
        {},
        {"node": ("default: calm", "default: wild")},
        {"nested__web": ("default: 80", "default: '81'")},
        {"nested/script.sh": ("hello", "bye")},
        {"main": ("flavor: small", "flavor: big")},
        {"nested__database": ("hidden: true", "hidden: false")},
    ]
)


@settings(deadline=None)
@given(ENVIRONMENTS, ENVIRONMENTS, EDITS)
def test_stacks_that_are_left_out_are_the_same_on_both_sides(before, after, edit):
    old, new = side(None, defaults(**before)), side(edited(**edit), defaults(**after))
    found = diff_parameters(old, new)
    trees = [dict(walk(parameter_tree(one.bundle))) for one in (old, new)]
    touched = {tuple(one.path.strip("/").split("/")) for one in found.resources}
    told = {(place, one.name) for one in found.parameters for place in one.places}
    told |= {(one.place, one.name) for one in found.derived}
    for path in trees[0].keys() & trees[1].keys():
        before_node, after_node = (tree[path] for tree in trees)
        for name in before_node.parameters.keys() & after_node.parameters.keys():
            if before_node.parameters[name].effective != after_node.parameters[name].effective:
                assert ("/" + "/".join(path), name) in told
                assert not path or any(path[: len(one)] == one for one in touched)


@settings(deadline=None)
@given(ENVIRONMENTS, ENVIRONMENTS)
def test_a_diff_applied_to_the_old_values_gives_the_new_ones(before, after):
    old, new = side(None, defaults(**before)), side(None, defaults(**after))
    sides = [parameter_tree(one.bundle).parameters for one in (old, new)]
    values = {name: one.effective for name, one in sides[0].items()}
    for change in diff_parameters(old, new).parameters:
        if "/" in change.places and not change.is_hidden:
            values[change.name] = change.new.value
    assert values == {name: one.effective for name, one in sides[1].items()}


KEYS = st.text("ab", min_size=1, max_size=2)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.text("ab", max_size=2)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(KEYS, JSON, max_size=3)


@settings(deadline=None)
@given(MAPPINGS, MAPPINGS)
def test_the_inside_of_mappings_differs_exactly_where_they_differ(old, new):
    found = diff_inside(old, new)
    assert bool(found) == (json.dumps(old, sort_keys=True) != json.dumps(new, sort_keys=True))
    for one in found:
        assert _at(old, one.path) == one.old or one.kind == "added"
        assert _at(new, one.path) == one.new or one.kind == "removed" or _in_list(new, one.path)


def _at(value, path):
    for key in path:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return value


def _in_list(value, path):
    return any(isinstance(_at(value, path[:length]), list) for length in range(len(path)))
