"""A plan with a bit of everything, and sides of diffs made from it."""

from __future__ import annotations

from typing import Any

from tripleo_gitops.documents.tree import MemoryTree
from tripleo_gitops.heat.bundle import collect
from tripleo_gitops.heat.diff import diff_parameters
from tripleo_gitops.heat.environment import EnvironmentLayer, merge
from tripleo_gitops.heat.side import Side

FILES = {
    "main.yaml": """heat_template_version: 2018-08-31
parameters:
  Size: {type: number, default: 2, constraints: [{range: {min: 0}}]}
  Greeting: {type: string, default: hello}
  Settings: {type: json, default: {a: {b: 1}, list: [1, 2]}}
  Password: {type: string, default: s3cret, hidden: true}
  Services: {type: comma_delimited_list, default: ['My::Web', 'My::Database']}
conditions:
  is_big: {not: {equals: [{get_param: Size}, 2]}}
resources:
  secret: {type: 'OS::Heat::RandomString', properties: {length: {get_param: Size}}}
  group:
    type: OS::Heat::ResourceGroup
    properties:
      count: {get_param: Size}
      resource_def: {type: 'My::Node', properties: {Name: 'node-%index%', Greeting: {get_param: Greeting}}}
  services:
    type: OS::Heat::ResourceChain
    properties:
      resources: {get_param: Services}
      resource_properties: {Password: {get_param: Password}, Settings: {get_param: Settings}}
  extra: {type: nested/extra.yaml, condition: is_big, properties: {Text: {get_attr: [group, name]}}}
  server:
    type: OS::Nova::Server
    properties:
      name: {get_param: Greeting}
      key_name: {get_attr: [services, attributes, key]}
      flavor: small
outputs:
  names: {value: {get_attr: [group, name]}}
""",
    "node.yaml": """heat_template_version: 2018-08-31
parameters:
  Name: {type: string}
  Greeting: {type: string}
  NodeDefault: {type: string, default: calm}
resources:
  value: {type: 'OS::Heat::Value', properties: {value: {get_param: NodeDefault}}}
outputs:
  name: {value: {get_attr: [value, value]}}
""",
    "nested/web.yaml": """heat_template_version: 2018-08-31
parameters:
  Password: {type: string}
  Settings: {type: json}
  WebPort: {type: number, default: 80, description: where it listens}
resources:
  script: {type: 'OS::Heat::SoftwareConfig', properties: {config: {get_file: script.sh}}}
  value: {type: 'OS::Heat::Value', properties: {value: {get_param: WebPort}}}
""",
    "nested/database.yaml": """heat_template_version: 2018-08-31
parameters:
  Password: {type: string, hidden: true}
  Settings: {type: json}
  DatabaseKey: {type: string, default: k3y, hidden: true}
""",
    "nested/extra.yaml": """heat_template_version: 2018-08-31
parameters:
  Text: {type: string, default: ''}
  OnlyHere: {type: string, default: x}
""",
    "nested/script.sh": "#!/bin/sh\necho hello\n",
}
REGISTRY = {"My::Node": "node.yaml", "My::Web": "nested/web.yaml", "My::Database": "nested/database.yaml"}


def edited(**replacements: tuple[str, str]) -> dict[str, str]:
    """Return the files with one piece of text replaced in some (`nested__web` names nested/web.yaml)."""
    files = dict(FILES)
    for name, (old, new) in replacements.items():
        path = f"{name.replace('__', '/')}.yaml" if f"{name.replace('__', '/')}.yaml" in files else name
        assert old in files[path]
        files[path] = files[path].replace(old, new, 1)
    return files


def side(files: dict[str, str] | None = None, *layers: dict[str, Any], registry: dict[str, Any] | None = None) -> Side:
    """Return a plan as a side: its files, and environments (low to high) over the registry."""
    tree = MemoryTree({path: content.encode() for path, content in (files or FILES).items()})
    documents = [{"resource_registry": REGISTRY if registry is None else registry}, *layers]
    environment = merge([EnvironmentLayer(f"env{number}.yaml", one) for number, one in enumerate(documents)])
    return Side(collect(tree, "main.yaml", environment), None, environment, read=tree.read)


def defaults(**values: Any) -> dict[str, Any]:
    """Return an environment that sets defaults."""
    return {"parameter_defaults": values}


def changes(old: Side | None, new: Side | None) -> dict[str, Any]:
    """Return the parameter changes by name, each the only one of its name."""
    found = diff_parameters(old, new).parameters
    assert len({one.name for one in found}) == len(found)
    return {one.name: one for one in found}
