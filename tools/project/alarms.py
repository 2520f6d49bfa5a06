"""What `observability.yaml` says of each function: made from the template, so that a new function is watched by itself.

CloudFormation has no loop that would do (`Fn::ForEach` works in no nested template of the emulator), and one alarm over
the sum of all functions would not name the one that fails.
"""

import re
from collections.abc import Iterator

from tools.base.problem import ProblemError
from tools.base.template import Template
from tools.project.choreography.flow import Flow, Function

BEGIN, END = "# each function: made by `make generate`", "# the end of what is made"
PARTS = re.compile(rf"^( *){BEGIN}\n.*?^ *{END}\n", re.DOTALL | re.MULTILINE)
PARAMETER = "  {name}: {{Type: String{default}}}\n"
CONDITION = '  Has{name}: !Not [!Equals [!Ref {name}, ""]]\n'
ALARM = """\
  {alarm}: {{Type: AWS::CloudWatch::Alarm, {condition}Properties: {{<<: *{kind},
    AlarmName: !Sub "${{StackName}}-{section}-{name}", Dimensions: [{{Name: FunctionName, Value: !Ref {name}}}]}}}}
"""
ARN = '!Sub "arn:${{AWS::Partition}}:cloudwatch:${{AWS::Region}}:${{AWS::AccountId}}:alarm:${{{name}}}"'
NAMES = """\
          OfEachFunction: !Join
            - '", "'
            - - {alarms}
          OfFunctions: !Sub
            - 'FunctionName=(\\"${{Names}}\\")'
            - Names: !Join
                - '\\" OR \\"'
                - - {functions}
"""


def with_functions(template: str, flow: Flow) -> str:
    """Return the template with its parts about each function generated. Raises `ProblemError` if a marker is gone.

    An alarm that stands outside of these parts is left to who wrote it.
    """
    made = [_parameters(flow), _conditions(flow), _alarms(flow, by_hand=PARTS.sub("", template)), _names(flow)]
    if len(PARTS.findall(template)) != len(made):
        raise ProblemError(f"observability.yaml lacks a marker, {BEGIN!r} or {END!r}: put it back")
    parts = iter(made)
    return PARTS.sub(lambda found: f"{found[1]}{BEGIN}\n{next(parts)}{found[1]}{END}\n", template)


def check(template: str, flow: Flow) -> None:
    """Raise `ProblemError` if `template.yaml` does not give the alarms the name of each function."""
    given = Template(template).resources["Observability"]["Properties"]["Parameters"]
    if missing := [function for name, function in flow.functions.items() if name not in given]:
        unwatched = ", ".join(f"{function.name} ({function.place})" for function in missing)
        add = ", ".join(f"{function.name}: !Ref {function.name}" for function in missing)
        raise ProblemError(
            f"no alarm watches {unwatched}: add `{add}` to the parameters of Observability in the template, then run "
            "`make generate`"
        )


def _parameters(flow: Flow) -> str:
    return "".join(
        PARAMETER.format(name=function.name, default=', Default: ""' if function.is_optional else "")
        for function in flow.functions.values()
    )


def _conditions(flow: Flow) -> str:
    return "".join(CONDITION.format(name=function.name) for function in flow.functions.values() if function.is_optional)


def _alarms(flow: Flow, by_hand: str) -> str:
    return "".join(
        ALARM.format(
            alarm=alarm,
            kind=kind,
            section=section,
            name=function.name,
            condition=f"Condition: Has{function.name}, " if function.is_optional else "",
        )
        for function in flow.functions.values()
        for alarm, kind, section in _watched(flow, function)
        if f"\n  {alarm}:" not in by_hand
    )


def _watched(flow: Flow, function: Function) -> Iterator[tuple[str, str, str]]:
    compensation = flow.compensates(function)
    kind, section = ("compensation", "compensation-repeating") if compensation else ("errors", "function-errors")
    yield f"{function.name}Errors", kind, section
    yield f"{function.name}Throttles", "throttles", "function-throttles"


def _names(flow: Flow) -> str:
    alarms = [
        _if_deployed(function, ARN.format(name=name))
        for function in flow.functions.values()
        for name, _, _ in _watched(flow, function)
    ]
    functions = [_if_deployed(function, f"!Ref {name}") for name, function in flow.functions.items()]
    return NAMES.format(
        alarms="\n              - ".join(alarms),
        functions="\n                  - ".join(functions),
    )


def _if_deployed(function: Function, value: str) -> str:
    return f"!If [Has{function.name}, {value}, !Ref AWS::NoValue]" if function.is_optional else value
