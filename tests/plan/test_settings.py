"""Settings default to what does least, and whatever they do not know is refused."""

from __future__ import annotations

import pytest

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.plan.findings import Severity
from tripleo_gitops.plan.settings import PlanSettings, UpdateMethod, parse_settings, read_settings


def test_a_plan_without_settings_is_mirrored_and_never_deployed_by_a_push() -> None:
    settings = read_settings(MemoryTree({}))
    assert settings == PlanSettings()
    assert settings.sync.on_push
    assert not settings.deploy.on_push
    assert settings.deploy.timeout_minutes == 240
    assert settings.deploy.method is UpdateMethod.PUT


def test_every_setting_is_read() -> None:
    content = b"""
[sync]
on_push = false
[deploy]
on_push = true
timeout_minutes = 30
method = "patch"
[checks]
ignore = ["roles-no-primary"]
severity = { duplicate-key = "error" }
"""
    settings = read_settings(MemoryTree({"tripleo-plan.toml": content}))
    assert not settings.sync.on_push
    assert settings.deploy.on_push
    assert settings.deploy.timeout_minutes == 30
    assert settings.deploy.method is UpdateMethod.PATCH
    assert settings.checks.ignore == ("roles-no-primary",)
    assert settings.checks.severity == (("duplicate-key", Severity.ERROR),)


def test_severities_are_read_from_a_table_of_their_own() -> None:
    settings = parse_settings(b'[checks.severity]\n"duplicate-key" = "info"\n')
    assert settings.checks.severity == (("duplicate-key", Severity.INFO),)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[deploy]\non_push = 1\n", 2, "true or false is needed"),
        ("[deploy]\non_pusch = true\n", 2, "known here: method, on_push, timeout_minutes"),
        ("# x\n\n[depoly]\non_push = true\n", 3, "known here: ansible, checks, deploy, "),
        ("on_push = true\n", 1, "known here: ansible, checks, deploy, "),
        ("sync = true\n", 1, "a table is needed"),
        ("[deploy]\nmethod = 'post'\n", 2, "none of put, patch"),
        ("[deploy]\ntimeout_minutes = 0\n", 2, "between 1 and"),
        ("[deploy]\ntimeout_minutes = true\n", 2, "whole number"),
        ("[deploy]\ntimeout_minutes = 1.5\n", 2, "whole number"),
        ("[checks]\nignore = 'all'\n", 2, "list of codes"),
        ("[checks]\nignore = [1]\n", 2, "list of codes"),
        ("[checks.severity]\nduplicate-key = 'fatal'\n", 2, "none of error, warning, info"),
    ],
)
def test_what_is_not_known_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        parse_settings(text.encode())
    assert (refused.value.source, refused.value.line) == ("tripleo-plan.toml", line)
    assert words in str(refused.value)


@pytest.mark.parametrize("content", [b"[sync\n", b"\xff", b"a = " + b"[" * 5000, b"#" * 300_000])
def test_what_is_no_toml_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidDocument, match=r"tripleo-plan\.toml"):
        parse_settings(content)
