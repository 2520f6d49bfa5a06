"""The files that samconfig.toml names, so that plain `sam` and `samlocal` work on an emulator of this machine.

They hold what follows from this machine, and git ignores them: the parameters of a deployment, and for `sam local` the
emulator's endpoint and the names of the stack's resources.
"""

import json
from collections.abc import Mapping
from typing import Any

import yaml

from tools.base.target import ROOT, Target
from tools.base.template import FUNCTION, Template
from tools.deploying.build import parameters
from tools.emulator.port_forwarding import HOST

FOLDER = ROOT / ".local" / "sam"
PARAMETERS = f"file://{(FOLDER / 'parameters.yaml').relative_to(ROOT)}"
"""How samconfig.toml names the file of the parameters."""
LOCAL = "IsLocal"
"""The template's condition under which its resources have names that are known before they are deployed."""
NAMES = {"AWS::DynamoDB::Table": "TableName", "AWS::Events::EventBus": "Name"}
"""The property that `Ref` returns, by type."""


def write(target: Target) -> None:
    """Write the files for the emulator of this target."""
    endpoint = f"http://{HOST}:{target.port}"
    # Not of this template: the value that `sam local` has for the pseudo parameter.
    pseudo = {"AWS::StackName": target.stack_name}
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "parameters.yaml").write_text(yaml.safe_dump(parameters(target)))
    (FOLDER / "endpoint.yaml").write_text(yaml.safe_dump({"AwsEndpointUrl": endpoint, **pseudo}))
    # Also as a variable: the shell's AWS_ENDPOINT_URL, which is none of a container, has precedence over the parameter.
    named = variables(Template.of_this_project(), target.stack_name)
    named = {function: {"AWS_ENDPOINT_URL": endpoint, **names} for function, names in named.items()}
    (FOLDER / "variables.json").write_text(json.dumps(named, indent=2) + "\n")


def variables(template: Template, stack_name: str) -> dict[str, dict[str, str]]:
    """Return, by function, the environment variables that refer to a resource, with the resource's name.

    `sam local` knows no deployed stack: it would hand a function the logical ID.
    """
    names = {name: found for name in template.resources if (found := name_of(template.resources[name], stack_name))}
    everywhere = _environment(template.globals.get("Function", {}))
    return {
        function: {
            variable: names[value["Ref"]]
            for variable, value in {**everywhere, **_environment(properties)}.items()
            if isinstance(value, dict) and value.get("Ref") in names
        }
        for function, properties in template.of_type(FUNCTION).items()
    }


def name_of(resource: Mapping[str, Any], stack_name: str) -> str | None:
    """Return the name that a resource has on an emulator, None if it follows only from the deployment."""
    name = resource.get("Properties", {}).get(NAMES.get(resource["Type"], ""))
    match name:
        case {"Fn::If": [str(condition), given, _]} if condition == LOCAL:
            name = given
    match name:
        case {"Fn::Sub": str(text)}:
            return text.replace("${AWS::StackName}", stack_name)
        case str():
            return name
    return None


def _environment(properties: Mapping[str, Any]) -> dict[str, Any]:
    variables: dict[str, Any] = properties.get("Environment", {}).get("Variables", {})
    return variables
