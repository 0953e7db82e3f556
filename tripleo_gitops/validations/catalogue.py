"""The validations that a plan has: its own before the shipped ones, which they shadow by id."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tripleo_gitops.documents.yaml import InvalidDocument
from tripleo_gitops.errors import InvalidInput, NotFound
from tripleo_gitops.validations.groups import GROUPS_FILE, Group, groups_of, parse_groups
from tripleo_gitops.validations.validation import Origin, Validation, parse_validation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tripleo_gitops.documents.tree import PlanTree

PLAN_FOLDERS = ("custom-validations", "validations")
"""Where a plan's own are: TripleO's name for it, and the short one."""
SHIPPED_FOLDERS = ("validation-playbooks", "playbooks")
MOST = 2000


class UnknownValidation(NotFound):
    """A validation or a group that nobody defines."""

    reason = "UnknownValidation"

    def __init__(self, what: str, names: Collection[str], known: Collection[str]) -> None:
        listed = ", ".join(sorted(known)[:40]) or "none"
        super().__init__(f"no {what} {', '.join(sorted(names))}; there are: {listed}")
        self.names = tuple(sorted(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Validations in the order of their ids, each once; `broken` are files that are none, `shadowed` those not used."""

    validations: tuple[Validation, ...] = ()
    shadowed: tuple[Validation, ...] = ()
    broken: tuple[InvalidDocument, ...] = ()
    descriptions: Mapping[str, str] = field(default_factory=dict)

    def groups(self) -> tuple[Group, ...]:
        """Return every group that is described or used."""
        return groups_of(self.validations, dict(self.descriptions))

    def get(self, name: str) -> Validation:
        """Return a validation by its id; raise UnknownValidation."""
        return self.select(ids=(name,))[0]

    def select(
        self,
        *,
        ids: Iterable[str] = (),
        groups: Iterable[str] = (),
        categories: Iterable[str] = (),
        products: Iterable[str] = (),
    ) -> tuple[Validation, ...]:
        """Return the validations that are named, or in one of the groups, categories or products; all for nothing.

        Raises UnknownValidation for an id that there is not.
        """
        wanted, sought = set(ids), (set(groups), set(categories), set(products))
        unknown = wanted - {one.id for one in self.validations}
        if unknown:
            raise UnknownValidation("validation", unknown, [one.id for one in self.validations])
        if not wanted and not any(sought):
            return self.validations
        return tuple(one for one in self.validations if one.id in wanted or _is_in(one, sought))


def _is_in(validation: Validation, sought: tuple[set[str], ...]) -> bool:
    has = (validation.groups, validation.categories, validation.products)
    return any(names.intersection(found) for names, found in zip(sought, has, strict=True))


def read_catalogue(tree: PlanTree, *, origin: Origin, source: str = "") -> Catalogue:
    """Return the validations of one tree: a plan, or the directory of a package; `source` is named in errors.

    Looked at are `*.yaml` and `*.yml` right in the folders, so that roles and tasks may lie below them. Two files
    of one id are both broken: which one is meant cannot be told.
    """
    folders = PLAN_FOLDERS if origin is Origin.PLAN else SHIPPED_FOLDERS
    found: dict[str, Validation] = {}
    broken: list[InvalidDocument] = []
    for path in _playbooks(tree, folders):
        try:
            one = parse_validation(tree.read(path), path=path, origin=origin, source=source)
        except InvalidDocument as exc:
            broken.append(exc)
            continue
        if (twin := found.setdefault(one.id, one)) is not one:
            broken.append(InvalidDocument(f"{one.id} is {twin.path}, too; rename one of them", source=path))
    return Catalogue(
        validations=tuple(found[name] for name in sorted(found)),
        broken=tuple(broken),
        descriptions=_descriptions(tree, folders, source, broken),
    )


def combine(own: Catalogue, shipped: Iterable[Catalogue]) -> Catalogue:
    """Return one catalogue: what comes first shadows what comes later by id, as a plan's own shadow shipped ones.

    Upstream meant that too, but gave custom ones ids with a prefix, so that both were listed.
    """
    found: dict[str, Validation] = {}
    shadowed: list[Validation] = []
    broken: list[InvalidDocument] = []
    descriptions: dict[str, str] = {}
    for catalogue in (own, *shipped):
        shadowed.extend(one for one in catalogue.validations if one.id in found)
        found = {**{one.id: one for one in catalogue.validations}, **found}
        broken.extend(catalogue.broken)
        descriptions = {**catalogue.descriptions, **descriptions}
    return Catalogue(
        validations=tuple(found[name] for name in sorted(found)),
        shadowed=tuple(shadowed),
        broken=tuple(broken),
        descriptions=descriptions,
    )


def _playbooks(tree: PlanTree, folders: tuple[str, ...]) -> Iterator[str]:
    """Yield the playbooks of a tree. It looks at every path once: a tree has no index of folders."""
    found = sorted(
        path
        for path in tree.paths()
        if path.endswith((".yaml", ".yml")) and path.rpartition("/")[0] in folders and not path.endswith(GROUPS_FILE)
    )
    if len(found) > MOST:
        raise InvalidInput(f"{len(found)} validations are more than {MOST}; look at {found[0].rpartition('/')[0]}")
    yield from sorted(found, key=lambda path: folders.index(path.rpartition("/")[0]))


def _descriptions(
    tree: PlanTree, folders: tuple[str, ...], source: str, broken: list[InvalidDocument]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in (GROUPS_FILE, *(f"{folder}/{GROUPS_FILE}" for folder in folders)):
        if path in tree.paths():
            try:
                found.update(parse_groups(tree.read(path), source=f"{source}/{path}" if source else path))
            except InvalidDocument as exc:
                broken.append(exc)
    return found
