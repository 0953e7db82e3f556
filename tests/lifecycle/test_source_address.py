"""What a person may name as a source, and every form with a ref that TripleO's own importer breaks on."""

from __future__ import annotations

import pytest

from tripleo_gitops.plan.source_address import (
    ContainerAddress,
    GitAddress,
    InvalidSource,
    PathAddress,
    PlanAddress,
    parse_ref,
    parse_source,
)


@pytest.mark.parametrize(
    ("text", "url", "ref"),
    [
        ("https://git.example.org/t.git", "https://git.example.org/t.git", None),
        ("https://git.example.org/t.git@stable/train", "https://git.example.org/t.git", "stable/train"),
        ("https://git.example.org/t@v1", "https://git.example.org/t", "v1"),
        ("https://git.example.org:8443/t.git@a@b", "https://git.example.org:8443/t.git", "a@b"),
        ("git@host.example.org:team/t.git", "git@host.example.org:team/t.git", None),
        ("git@host.example.org:team/t.git@feature", "git@host.example.org:team/t.git", "feature"),
        ("git@host.example.org:team/t@feature", "git@host.example.org:team/t", "feature"),
        ("host:t.git@" + "a" * 40, "host:t.git", "a" * 40),
        ("ssh://git@host.example.org/t.git", "ssh://git@host.example.org/t.git", None),
        ("ssh://git@host.example.org:29418/t@refs/changes/01/1/1", "ssh://git@host.example.org:29418/t", None),
        ("ssh://git@[2001:db8::1]:22/t.git@x", "ssh://git@[2001:db8::1]:22/t.git", "x"),
        ("file:///srv/t.git@v2", "file:///srv/t.git", "v2"),
    ],
)
def test_a_git_url_and_its_ref_are_told_apart(text: str, url: str, ref: str | None) -> None:
    address = parse_source(text)
    assert isinstance(address, GitAddress)
    assert address.url == url
    assert address.ref == (ref or ("refs/changes/01/1/1" if "changes" in text else None))


def test_credentials_are_kept_apart_and_never_shown() -> None:
    address = parse_source("https://us%40er:to%3Aken@git.example.org/t.git@stable/x")
    assert isinstance(address, GitAddress)
    assert address.credentials == ("us@er", "to:ken")
    assert (address.url, address.ref) == ("https://git.example.org/t.git", "stable/x")
    assert "ken" not in f"{address} {address!r}"


def test_plans_containers_and_paths_have_their_own_spelling() -> None:
    assert parse_source("plan:site1@main") == PlanAddress("site1", "main")
    assert parse_source("plan:site1") == PlanAddress("site1")
    assert parse_source("container:overcloud") == ContainerAddress("overcloud")
    assert parse_source("./a@b/c.tar.gz") == PathAddress("./a@b/c.tar.gz")
    assert parse_source("/srv/plans/x:y") == PathAddress("/srv/plans/x:y")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "--upload-pack=touch /tmp/x",
        "-x",
        "ext::sh -c 'touch /tmp/x'",
        "fd::7/x",
        "http://git.example.org/t.git",
        "git://git.example.org/t.git",
        "ftp://git.example.org/t.git",
        "https://-oProxyCommand=x/t.git",
        "https:///t.git",
        "https://git.example.org/",
        "https://git.example.org/t.git?x=1",
        "https://git.example.org:port/t.git",
        "https://git.example.org/t.git@--upload-pack=x",
        "https://git.example.org/t.git@a..b",
        "https://git.example.org/t.git@a b",
        "git@host:-x",
        "https://git.example.org/t\n.git",
    ],
)
def test_options_transports_that_run_programs_and_unknown_schemes_are_refused(text: str) -> None:
    with pytest.raises(InvalidSource):
        parse_source(text)


@pytest.mark.parametrize("ref", ["-x", "a..b", "a~1", "a^", "a:b", "@{1}", "a//b", "a/", "/a", "a.lock", "a*", "a\\b"])
def test_what_git_would_not_take_as_a_name_is_no_ref(ref: str) -> None:
    with pytest.raises(InvalidSource):
        parse_ref(ref)
