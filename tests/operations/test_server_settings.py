"""The operator's file: read with line numbers, refused where it says something unknown or others can change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.operations.notifying import RunEvent
from tripleo_gitops.operations.stacks.approvals import InvalidApprovals
from tripleo_gitops.operations.stacks.windows import WindowKind
from tripleo_gitops.wiring.config import Config
from tripleo_gitops.wiring.server_settings import ServerSettings, UnprotectedSettings, read_server_settings

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """\
[approvals]
required = 1
plans = ["prod-*"]
[approvals.approvers]
alice = ["alice@example.org"]
[windows]
timezone = "Europe/Berlin"
[[windows.allow]]
cron = "0 22 * * 1-5"
minutes = 360
[[windows.deny]]
cron = "0 0 24 12 *"
minutes = 4320
plans = ["prod-*"]
[[notifications.target]]
name = "ops"
url = "https://hooks.example.org/x"
secret = "canary-secret"
events = ["failed"]
[[notifications.target]]
name = "mail"
url = "mailto://canary-user:canary-pass@example.org"
[runs]
workers = 3
"""


def read(tmp_path: Path, *texts: str, mode: int = 0o600) -> ServerSettings:
    """Read the first text as the site's file and the second as the one that the environment names."""
    site, named = tmp_path / "site" / "server.toml", tmp_path / "named.toml"
    site.parent.mkdir(exist_ok=True)
    for path, text in zip((site, named), texts, strict=False):
        path.write_text(text)
        path.chmod(mode)
    environment = {"TRIPLEO_PLAN_SERVER_SETTINGS": str(named)} if len(texts) > 1 else {}
    return read_server_settings(config_in(tmp_path), environment)


def config_in(tmp_path: Path) -> Config:
    return Config(
        directory=tmp_path,
        cloud=None,
        plans_directory=tmp_path,
        cache_directory=tmp_path,
        state_directory=tmp_path,
        site_directory=tmp_path / "site",
    )


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, WHOLE)
    (rules,) = found.approvals
    assert (rules.required, rules.approvers, rules.plans) == (1, {"alice": ("alice@example.org",)}, ("prod-*",))
    assert [(one.kind, one.minutes, one.zone.key) for one in found.windows] == [
        (WindowKind.ALLOW, 360, "Europe/Berlin"),
        (WindowKind.DENY, 4320, "Europe/Berlin"),
    ]
    assert [(one.name, one.events[0]) for one in found.targets] == [
        ("ops", RunEvent.FAILED),
        ("mail", RunEvent.WAITING),
    ]
    assert "canary" not in repr(found)
    runs = found.section("runs")
    assert runs is not None
    assert runs.values == {"workers": 3}


def test_without_a_file_nothing_is_demanded(tmp_path: Path) -> None:
    assert read(tmp_path) == ServerSettings()


def test_what_the_environment_adds_takes_nothing_back(tmp_path: Path) -> None:
    found = read(
        tmp_path, WHOLE, "[approvals]\nrequired = 0\n[windows]\n[[windows.deny]]\ncron = '0 0 * * *'\nminutes = 5\n"
    )
    assert [one.required for one in found.approvals] == [1, 0]
    assert len(found.windows) == 3


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[approvals]\nplans = []\n", r"required.*how many approvals"),
        ("[approval]\nrequired = 1\n", r"\[approval\]: unknown; known here: approvals"),
        ("[windows]\ntime_zone = 'UTC'\n", r"time_zone: unknown"),
        ("[windows]\n[[windows.allow]]\ncron = 'often'\nminutes = 5\n", r"no cron expression"),
        ("[windows]\n[[windows.allow]]\ncron = '0 0 * * *'\n", r"minutes"),
        ("[[notifications.target]]\nname = 'x'\nurl = 'https://x'\n", r"a webhook is signed"),
        ("[[notifications.target]]\nname = 'x'\nurl = 'mailto://x'\nevents = ['born']\n", r"born: none of begun"),
    ],
)
def test_what_nobody_can_mean_is_refused_with_file_and_reason(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(InvalidDocument, match=why) as caught:
        read(tmp_path, text)
    assert "server.toml" in str(caught.value)


def test_approvals_that_nobody_can_give_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidApprovals, match="2 approvals are required of 0 approvers"):
        read(tmp_path, "[approvals]\nrequired = 2\n")


@pytest.mark.parametrize(
    ("mode", "why"), [(0o620, "can be changed by others"), (0o602, "can be changed"), (0o644, "others can read it")]
)
def test_a_file_that_others_can_change_or_read_secrets_in_is_refused(tmp_path: Path, mode: int, why: str) -> None:
    with pytest.raises(UnprotectedSettings, match=why):
        read(tmp_path, WHOLE, mode=mode)


def test_a_named_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    environment = {"TRIPLEO_PLAN_SERVER_SETTINGS": str(tmp_path / "named.toml")}
    with pytest.raises(UnprotectedSettings, match="cannot be read"):
        read_server_settings(config_in(tmp_path), environment)
