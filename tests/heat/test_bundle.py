"""The bundle: what is followed, how it is named, what is refused, and that files are parsed once."""

from __future__ import annotations

import base64

import pytest

from tripleo_gitops.documents.tree import MemoryTree, MissingFile
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.heat.bundle import collect
from tripleo_gitops.heat.documents import Documents
from tripleo_gitops.heat.environment import EnvironmentLayer, merge
from tripleo_gitops.heat.errors import InvalidTemplate, OutsidePlan

HOT = "heat_template_version: 2018-08-31\n"


def resources(**types):
    lines = [f"  {name}: {{type: {kind}}}\n" for name, kind in types.items()]
    return HOT + "resources:\n" + "".join(lines)


class CountingCache:
    """A cache that counts; what it was given is what it gives."""

    def __init__(self):
        self.kept = {}

    def get(self, key):
        return self.kept.get(key)

    def put(self, key, content):
        self.kept[key] = content


class ReadCounter:
    """A tree that notes which files are read."""

    def __init__(self, files):
        self.tree, self.read_paths = MemoryTree({path: text.encode() for path, text in files.items()}), []

    def paths(self):
        return self.tree.paths()

    def blob_id(self, path):
        return self.tree.blob_id(path)

    def read(self, path):
        self.read_paths.append(path)
        return self.tree.read(path)


def bundle(files, *, registry=None, main="main.yaml", **options):
    tree = files if hasattr(files, "paths") else MemoryTree({path: _bytes(text) for path, text in files.items()})
    environment = merge([EnvironmentLayer("e/env.yaml", {"resource_registry": registry or {}})])
    return collect(tree, main, environment, **options)


def _bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def test_templates_are_followed_relative_to_themselves_and_named_by_plan_path():
    found = bundle(
        {
            "main.yaml": resources(a="sub/a.yaml"),
            "sub/a.yaml": HOT + "resources:\n  b: {type: ../b.yaml, properties: {x: {get_file: c.sh}}}\n",
            "b.yaml": HOT,
            "sub/c.sh": "#!/bin/sh\n",
            "unused.yaml": HOT,
        }
    )
    assert list(found.files) == ["b.yaml", "sub/a.yaml", "sub/c.sh"]
    assert '"type": "b.yaml"' in found.files["sub/a.yaml"]
    assert '"get_file": "sub/c.sh"' in found.files["sub/a.yaml"]
    assert found.files["sub/c.sh"] == "#!/bin/sh\n"


def test_a_template_whose_references_are_plan_paths_already_is_sent_as_it_is_written():
    text = "# a comment\n" + resources(b="b.yaml")
    assert bundle({"main.yaml": resources(a="a.yaml"), "a.yaml": text, "b.yaml": HOT}).files["a.yaml"] == text


def test_a_file_that_is_only_read_is_content_and_not_followed():
    text = resources(x="nowhere.yaml")
    found = bundle({"main.yaml": HOT + "outputs: {o: {value: {get_file: t.yaml}}}\n", "t.yaml": text})
    assert dict(found.files) == {"t.yaml": text}


def test_registry_entries_are_followed_from_the_environment():
    found = bundle(
        {"main.yaml": HOT, "x/a.yaml": resources(b="b.yaml"), "x/b.yaml": HOT},
        registry={"A::B": "../x/a.yaml", "C::D": "OS::Heat::None", "resources": {"r": {"A::B": "../x/b.yaml"}}},
    )
    assert list(found.files) == ["x/a.yaml", "x/b.yaml"]
    assert found.environment["resource_registry"]["A::B"] == "x/a.yaml"


def test_bytes_that_are_not_text_are_sent_as_base64():
    content = b"\xff\x00\xfe"
    found = bundle({"main.yaml": HOT + "outputs: {o: {value: {get_file: b.bin}}}\n", "b.bin": content})
    assert base64.b64decode(found.files["b.bin"]) == content


def test_templates_that_hold_each_other_end():
    found = bundle(
        {"main.yaml": resources(a="a.yaml"), "a.yaml": resources(b="b.yaml"), "b.yaml": resources(a="a.yaml")}
    )
    assert list(found.files) == ["a.yaml", "b.yaml"]


def test_a_chain_of_a_thousand_templates_is_followed():
    files = {f"t{number}.yaml": resources(n=f"t{number + 1}.yaml") for number in range(1000)}
    found = bundle({"main.yaml": resources(n="t0.yaml"), **files, "t1000.yaml": HOT})
    assert len(found.files) == 1001


@pytest.mark.parametrize("reference", ["http://h/a.yaml", "/a.yaml", "../a.yaml", "file:///etc/a.yaml", "c:/a.yaml"])
def test_a_reference_out_of_the_plan_is_refused_with_its_place(reference):
    with pytest.raises(OutsidePlan, match=r"main\.yaml: resources\.a\.type"):
        bundle({"main.yaml": resources(a=f"'{reference}'")})
    with pytest.raises(OutsidePlan, match="get_file"):
        bundle({"main.yaml": HOT + f"outputs: {{o: {{value: {{get_file: '{reference}'}}}}}}\n"})


def test_a_missing_file_is_named_with_who_names_it():
    with pytest.raises(MissingFile, match=r"sub/b\.yaml.*named by sub/a\.yaml"):
        bundle({"main.yaml": resources(a="sub/a.yaml"), "sub/a.yaml": resources(b="b.yaml")})
    with pytest.raises(MissingFile, match=r"x\.yaml.*named by e/env\.yaml"):
        bundle({"main.yaml": HOT}, registry={"A::B": "../x.yaml"})
    with pytest.raises(MissingFile):
        bundle({}, main="main.yaml")


def test_what_is_no_template_and_what_cannot_be_parsed_is_refused():
    with pytest.raises(InvalidTemplate, match="no template version"):
        bundle({"main.yaml": "heat_template_version: 7\n"})
    with pytest.raises(InvalidTemplate, match="a template is a mapping"):
        bundle({"main.yaml": "- a\n"})
    with pytest.raises(InvalidDocument, match=r"a\.yaml:3"):
        bundle({"main.yaml": resources(a="a.yaml"), "a.yaml": HOT + "a: b\n c: d\n"})


def test_keys_that_are_no_text_become_text_as_on_the_way_to_heat():
    found = bundle({"main.yaml": HOT + "parameters: {p: {type: json, default: {2: a, true: b, null: c}}}\n"})
    assert found.template["parameters"]["p"]["default"] == {"2": "a", "true": "b", "null": "c"}


def test_the_digest_is_that_of_the_content():
    files = {"main.yaml": resources(a="a.yaml"), "a.yaml": HOT}
    assert bundle(files).digest == bundle(dict(reversed(files.items()))).digest
    assert bundle(files).digest != bundle({**files, "a.yaml": HOT + "description: x\n"}).digest


def test_files_are_parsed_once_and_with_a_cache_only_those_that_changed():
    files = {"main.yaml": resources(a="a.yaml", b="b.yaml"), "a.yaml": resources(b="b.yaml"), "b.yaml": HOT}
    cache, first = CountingCache(), ReadCounter(files)
    bundle(first, cache=cache)
    assert sorted(first.read_paths) == ["a.yaml", "b.yaml", "main.yaml"]
    second = ReadCounter({**files, "b.yaml": HOT + "description: new\n"})
    bundle(second, cache=cache)
    assert second.read_paths == ["b.yaml"]


def test_a_cache_changes_nothing_but_time():
    files = {
        "main.yaml": resources(a="d/a.yaml"),
        "d/a.yaml": HOT + "parameters: {p: {type: json, default: {1: x}}}\nresources: {b: {type: b.yaml}}\n",
        "d/b.yaml": HOT + "parameters: {p: {type: number, default: 1.5}}\n",
    }
    cache = CountingCache()
    plain, filled, kept = bundle(files), bundle(files, cache=cache), bundle(files, cache=cache)
    assert plain.to_request() == filled.to_request() == kept.to_request()
    shared = Documents(cache)
    assert bundle(files, cache=shared).to_request() == bundle(files, cache=shared).to_request() == plain.to_request()


def test_what_a_plan_needs_is_recalled_in_one_piece_and_each_file_still_by_its_own_bytes():
    files = {"main.yaml": resources(**{f"r{n}": f"{n}.yaml" for n in range(20)})}
    files |= {f"{n}.yaml": HOT + f"description: '{n}'\n" for n in range(20)}
    cache = CountingCache()
    plain = bundle(files, cache=cache)
    kept = {key: content for key, content in cache.kept.items() if "-pack-" in key}
    cache.kept = dict(kept)
    again = ReadCounter(files)
    recalled = bundle(again, cache=cache)
    assert again.read_paths == ["main.yaml"]
    assert recalled.to_request() == plain.to_request()
    changed = {**files, "7.yaml": resources(other="8.yaml")}
    cache.kept = dict(kept)
    counter = ReadCounter(changed)
    found = bundle(counter, cache=cache)
    assert counter.read_paths == ["main.yaml", "7.yaml"]
    assert found.to_request() == bundle(changed).to_request()
