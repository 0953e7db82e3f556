"""`tripleo-plan node tag | profiles`: which machine serves what."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from tripleo_gitops.cli.node_options import chosen_nodes, finish, fleet_options, nodes_argument, show_each
from tripleo_gitops.cli.options import configured, revision_argument
from tripleo_gitops.cli.output import emit, note, output_option, print_rows

if TYPE_CHECKING:
    from tripleo_gitops.nodes.profiles import ProfileMatch, Want
    from tripleo_gitops.operations.nodes.outcomes import FleetOptions
    from tripleo_gitops.wiring.config import Config


@click.command()
@nodes_argument
@click.option("--profile", metavar="PROFILE", help="The same as --capability profile=PROFILE.")
@click.option("--capability", "given", multiple=True, metavar="NAME=VALUE", help="Set a capability; repeatable.")
@click.option("--unset", "taken", multiple=True, metavar="NAME", help="Take a capability away; repeatable.")
@click.option("--trait", "traits", multiple=True, metavar="TRAIT", help="Add a trait; repeatable.")
@click.option("--remove-trait", "gone", multiple=True, metavar="TRAIT", help="Take a trait away; repeatable.")
@fleet_options
@output_option
@configured
def tag(
    config: Config,
    *,
    names: tuple[str, ...],
    profile: str | None,
    given: tuple[str, ...],
    taken: tuple[str, ...],
    traits: tuple[str, ...],
    gone: tuple[str, ...],
    options: FleetOptions,
    form: str,
) -> None:
    """Give nodes capabilities and traits, or take them away; what is not named stays.

    What the plan itself says of a node comes back with its next registration.

    \b
    Examples:
      tripleo-plan node tag compute-0 --profile compute
      tripleo-plan node tag compute-0 --capability boot_mode=uefi --trait CUSTOM_GPU
    """
    from tripleo_gitops.operations.nodes.tagging import Tagging, Tags, tag_nodes
    from tripleo_gitops.wiring.nodes import open_nodes

    pairs = dict(_pair(text) for text in (*given, *([f"profile={profile}"] if profile else [])))
    tags = Tags(capabilities=pairs, without_capabilities=taken, traits=traits, without_traits=gone)
    if tags == Tags():
        raise click.UsageError("say what to set or to take away")
    ironic = open_nodes(config).ironic
    by_id = {node.uuid: node for node in ironic.nodes()}
    chosen = [by_id[state.uuid] for state in chosen_nodes([node.state for node in by_id.values()], names)]
    taggings = [Tagging(node, tags) for node in chosen]
    finish(tag_nodes(ironic, taggings, options=options, clock=time, show=show_each), form=form)


@click.group()
def profiles() -> None:
    """Which nodes serve which roles, and why there are too few."""


want_option = click.option(
    "--want",
    "wanted",
    multiple=True,
    metavar="PROFILE=COUNT",
    help="So many nodes of a profile, or with a trait (CUSTOM_GPU=2); repeatable [default: as the roles need].",
)


@profiles.command("list")
@output_option
@configured
def list_profiles(config: Config, form: str) -> None:
    """List nodes with their profiles, and with those that they are capable of.

    \b
    Example:
      tripleo-plan node profiles list
    """
    from tripleo_gitops.wiring.nodes import open_nodes

    found = [
        {
            "node": node.label,
            "state": node.state.provision_state,
            "profile": node.capabilities.get("profile"),
            "capable_of": sorted(
                name.removesuffix("_profile") for name in node.capabilities if name.endswith("_profile")
            ),
            "traits": list(node.traits),
        }
        for node in open_nodes(config).ironic.nodes()
    ]
    rows = [
        (str(one["node"]), str(one["state"]), str(one["profile"] or "-"), ", ".join(one["capable_of"]) or "-")  # type: ignore[arg-type]
        for one in found
    ]
    emit(found, form=form, table=lambda: print_rows(rows, headings=("NODE", "STATE", "PROFILE", "CAPABLE OF")))


@profiles.command()
@revision_argument()
@want_option
@click.option(
    "--apply", "applies", is_flag=True, help="Give nodes the profile that they are capable of and needed for."
)
@fleet_options
@output_option
@configured
def match(
    config: Config, revision: str, wanted: tuple[str, ...], applies: bool, options: FleetOptions, form: str
) -> int:
    """Say which nodes serve which role; exits 1 when there are too few, with the reasons.

    \b
    Examples:
      tripleo-plan node profiles match
      tripleo-plan node profiles match --want control=3 --want compute=10 --apply
    """
    from tripleo_gitops.nodes.profiles import match_profiles
    from tripleo_gitops.operations.nodes.tagging import plan_promotions, tag_nodes
    from tripleo_gitops.wiring.nodes import open_nodes

    ironic = open_nodes(config).ironic
    nodes = ironic.nodes()
    found = match_profiles(nodes, _wants(config, revision, wanted))
    emit(_matched(found), form=form, table=lambda: _print(found))
    if applies and found.promote:
        tag_nodes(ironic, plan_promotions(found, nodes), options=options, clock=time, show=show_each).check()
    return 1 if found.shortages else 0


@profiles.command("tag")
@revision_argument()
@fleet_options
@output_option
@configured
def tag_by_rules(config: Config, revision: str, options: FleetOptions, form: str) -> None:
    """Give nodes profiles and traits by the rules of `baremetal/profiles.yaml`.

    A node that has a profile keeps it; the first rule that fits counts.

    \b
    Example:
      tripleo-plan node profiles tag
    """
    from tripleo_gitops.nodes.profiles import read_profile_rules
    from tripleo_gitops.operations.nodes.tagging import plan_rule_tags, tag_nodes
    from tripleo_gitops.wiring.local import open_repository
    from tripleo_gitops.wiring.nodes import open_nodes

    with open_repository(config) as repository:
        rules = read_profile_rules(repository.tree(repository.resolve(revision)))
    ironic = open_nodes(config).ironic
    taggings = plan_rule_tags(rules, ironic.nodes())
    finish(tag_nodes(ironic, taggings, options=options, clock=time, show=show_each), form=form)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise click.UsageError(f"{text!r}: write NAME=VALUE")
    return name, value


def _wants(config: Config, revision: str, wanted: tuple[str, ...]) -> tuple[Want, ...]:
    from tripleo_gitops.nodes.profiles import Want
    from tripleo_gitops.operations.nodes.wants import wants_of_plan
    from tripleo_gitops.wiring.local import open_repository

    if not wanted:
        with open_repository(config) as repository:
            return wants_of_plan(repository.tree(repository.resolve(revision)))
    pairs = [_pair(text) for text in wanted]
    if not all(count.isdecimal() for _, count in pairs):
        raise click.UsageError("--want takes PROFILE=COUNT, such as control=3")
    return tuple(Want(name, int(count)) for name, count in pairs)


def _matched(found: ProfileMatch) -> dict[str, Any]:
    return {
        "served": [
            {"role": want.role, "profile": want.profile, "count": want.count, "nodes": list(nodes)}
            for want, nodes in found.served
        ],
        "promote": [{"uuid": uuid, "profile": profile} for uuid, profile in found.promote],
        "shortages": [
            {
                "profile": one.want.profile,
                "count": one.want.count,
                "found": one.found,
                "reasons": [{"nodes": count, "reason": reason} for count, reason in one.reasons],
            }
            for one in found.shortages
        ],
        "surplus": list(found.surplus),
        "unprofiled": list(found.unprofiled),
    }


def _print(found: ProfileMatch) -> None:
    rows = [
        (want.role or "-", want.profile or "any", f"{len(nodes)}/{want.count}", ", ".join(nodes) or "-")
        for want, nodes in found.served
    ]
    print_rows(rows, headings=("ROLE", "PROFILE", "NODES", "WHICH"))
    for shortage in found.shortages:
        click.secho(f"too few: {shortage}", fg="red")
    for uuid, profile in found.promote:
        note(f"{uuid} is to get the profile {profile}; --apply gives it")
    note(f"{len(found.surplus)} nodes with a profile are left over, {len(found.unprofiled)} without")
