"""A revision has one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tripleo_gitops.plan.revision import CommitId, InvalidRevision, Revision, parse_revision

COMMIT = CommitId("0123456789abcdef0123456789abcdef01234567")


def test_a_revision_is_printed_with_its_branch() -> None:
    revision = Revision(COMMIT, "main")
    assert str(revision) == "main@sha1:0123456789abcdef0123456789abcdef01234567"
    assert revision.short == "main@0123456789ab"


def test_a_revision_without_a_branch_is_its_commit() -> None:
    revision = Revision(COMMIT)
    assert str(revision) == "sha1:0123456789abcdef0123456789abcdef01234567"
    assert revision.short == "0123456789ab"


branches = st.text(alphabet="abcXYZ019/-_@.:", min_size=1, max_size=30)
commits = st.text(alphabet="0123456789abcdef", min_size=40, max_size=40)


@settings(deadline=None)
@given(commits, st.none() | branches)
def test_what_is_printed_is_read_back(commit: str, branch: str | None) -> None:
    revision = Revision(CommitId(commit), branch)
    assert parse_revision(str(revision)) == revision


@pytest.mark.parametrize(
    "text",
    [
        "",
        "main",
        COMMIT,
        "main@0123456789ab",
        f"@sha1:{COMMIT}",
        f"main@sha1:{COMMIT[:-1]}",
        f"main@sha1:{COMMIT}0",
        f"main@sha1:{COMMIT.upper()}",
        f"main@sha1:{COMMIT}\n",
        f"ma\nin@sha1:{COMMIT}",
        f"main@sha256:{COMMIT}",
    ],
)
def test_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(InvalidRevision):
        parse_revision(text)


def test_a_revision_of_a_short_commit_cannot_be_made() -> None:
    with pytest.raises(InvalidRevision):
        Revision(CommitId("0123456789ab"), "main")
