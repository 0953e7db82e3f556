"""The caller's token in the clouds.yaml of a step: where it ends before the step does, the run's trust goes on."""

from __future__ import annotations

import json
import os
from functools import partial
from typing import Any

from keystoneauth1 import loading

from tripleo_gitops.mistral_actions.trusting import next_token
from tripleo_gitops.openstack.given_token import GivenToken

AUTH_TYPE = "v3runtoken"


class RunTokenLoader(loading.BaseIdentityLoader):  # type: ignore[type-arg]  # its argument exists for type checkers only
    """What a clouds.yaml says with `auth_type: v3runtoken`: Keystone's address, a token, and which run it is for.

    Only the executor's own process, which `process` names, can ask for another token: a playbook that reads the file
    has this one and no more.
    """

    @property
    def plugin_class(self) -> type[GivenToken]:
        return GivenToken

    def get_options(self) -> list[loading.Opt]:
        """Return what there is to say."""
        return [
            *super().get_options(),
            loading.Opt("token", secret=True, required=True, help="The token"),
            loading.Opt("document", help="What Keystone says of the token, in JSON, where that is known"),
            loading.Opt("execution", help="The execution of Mistral's whose step it is for"),
            loading.Opt("process", help="The number of the process that does the step"),
        ]

    def create_plugin(self, **said: Any) -> GivenToken:
        """Return the token, with the run's trust behind it in the process that does the step."""
        execution = said.get("execution") if said.get("process") == str(os.getpid()) else None
        successor = partial(next_token, execution, None) if execution else None
        document = json.loads(said["document"]) if said.get("document") else None
        return GivenToken(said["auth_url"], said["token"], document=document, successor=successor)
