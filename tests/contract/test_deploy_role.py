"""What GitHub may do on AWS: enough to deploy one stage's stack and to try it out, and nothing to anything else."""

import re
import tomllib
from fnmatch import fnmatchcase

import pytest

from tests.contract.deploy_role import (
    REGION,
    ROLES,
    SUBJECT_PREFIX,
    allows,
    arn,
    listed,
    needed,
    reaches,
    resources_of_the_stack,
    role,
    statements,
    types_of_the_stack,
)
from tests.contract.template import ROOT, triggers

HERE = f"{REGION}:123456789012"
STACK = "order-saga-dev"
NESTED = f"{STACK}-Observability-1ABCDEFGHIJKL"
ROLE = f"arn:aws:iam::123456789012:role/{STACK}-ChargePaymentRole-AbCdEf"
CODE = f"arn:aws:s3:::aws-sam-cli-managed-default-samclisourcebucket-1abc/{STACK}/0123456789abcdef"

# How CloudFormation names what the template leaves unnamed: the stack, the logical id, something random.
NAMED = {
    "AWS::CloudFormation::Stack": [f"arn:aws:cloudformation:{HERE}:stack/{NESTED}/0a1b2c3d"],
    "AWS::CloudWatch::Alarm": [f"arn:aws:cloudwatch:{HERE}:alarm:{STACK}-dead-letters"],
    "AWS::CloudWatch::Dashboard": [f"arn:aws:cloudwatch::123456789012:dashboard/{STACK}"],
    "AWS::CodeDeploy::Application": [f"arn:aws:codedeploy:{HERE}:application:{STACK}-Serverless-AbC"],
    "AWS::CodeDeploy::DeploymentGroup": [f"arn:aws:codedeploy:{HERE}:deploymentgroup:{STACK}-Serverless-AbC/{STACK}-G"],
    "AWS::DynamoDB::Table": [f"arn:aws:dynamodb:{HERE}:table/{STACK}-OrdersTable-ABC123"],
    "AWS::Events::Archive": [f"arn:aws:events:{HERE}:archive/{STACK}-EventArchive-AbC123"],
    "AWS::Events::EventBus": [f"arn:aws:events:{HERE}:event-bus/{STACK}-orders"],
    "AWS::Events::Rule": [
        f"arn:aws:events:{HERE}:rule/{STACK}-orders/{STACK}-ChargePaymentInventoryReserved-AbC123",
        f"arn:aws:events:{HERE}:rule/{STACK}-RecoverOrdersEveryMinute-AbC123",
    ],
    "AWS::IAM::ManagedPolicy": [f"arn:aws:iam::123456789012:policy/{STACK}-StepPolicy-AbC123"],
    "AWS::IAM::Role": [ROLE],
    "AWS::Lambda::Alias": [f"arn:aws:lambda:{HERE}:function:{STACK}-ChargePayment-AbC123:live"],
    "AWS::Lambda::EventInvokeConfig": [f"arn:aws:lambda:{HERE}:function:{STACK}-ChargePayment-AbC123"],
    "AWS::Lambda::Function": [f"arn:aws:lambda:{HERE}:function:{STACK}-ChargePayment-AbC123"],
    "AWS::Lambda::LayerVersion": [
        f"arn:aws:lambda:{HERE}:layer:{STACK}-stripe-sdk",
        f"arn:aws:lambda:{HERE}:layer:{STACK}-stripe-sdk:1",
    ],
    "AWS::Lambda::Permission": [f"arn:aws:lambda:{HERE}:function:{STACK}-ChargePayment-AbC123"],
    "AWS::Lambda::Version": [f"arn:aws:lambda:{HERE}:function:{STACK}-ChargePayment-AbC123:1"],
    "AWS::Logs::DeliveryDestination": [f"arn:aws:logs:{HERE}:delivery-destination:{STACK}-bus"],
    "AWS::Logs::DeliverySource": [f"arn:aws:logs:{HERE}:delivery-source:{STACK}-bus"],
    "AWS::Logs::LogGroup": [
        f"arn:aws:logs:{HERE}:log-group:/order-saga/{STACK}",
        f"arn:aws:logs:{HERE}:log-group:/order-saga/{STACK}:*",
    ],
    "AWS::SNS::Subscription": [f"arn:aws:sns:{HERE}:{NESTED}-AlarmTopic-AbC123"],
    "AWS::SNS::Topic": [f"arn:aws:sns:{HERE}:{NESTED}-AlarmTopic-AbC123"],
    "AWS::SNS::TopicPolicy": [f"arn:aws:sns:{HERE}:{NESTED}-AlarmTopic-AbC123"],
    "AWS::SQS::Queue": [f"arn:aws:sqs:{HERE}:{STACK}-DeadLetterQueue-AbC123"],
    "AWS::SQS::QueuePolicy": [f"arn:aws:sqs:{HERE}:{STACK}-DeadLetterQueue-AbC123"],
}
UNNAMED = {
    "AWS::ApiGateway::Deployment": [f"arn:aws:apigateway:{REGION}::/restapis/a1b2c3/deployments"],
    "AWS::ApiGateway::RestApi": [f"arn:aws:apigateway:{REGION}::/restapis"],
    "AWS::ApiGateway::Stage": [f"arn:aws:apigateway:{REGION}::/restapis/a1b2c3/stages/dev"],
    "AWS::KMS::Key": [f"arn:aws:kms:{HERE}:key/0a1b2c3d"],
    "AWS::Logs::Delivery": [f"arn:aws:logs:{HERE}:delivery:a1b2c3", *NAMED["AWS::Logs::DeliverySource"]],
}
ELSEWHERE = [ROLE, CODE, *NAMED["AWS::CodeDeploy::Application"], *NAMED["AWS::CodeDeploy::DeploymentGroup"]]
"""What a type's handlers touch besides the resource itself: the role that it gets, the code, who shifts its calls."""

NOT_USED = {
    "a bus with a policy": ["* events:PutPermission", "* events:RemovePermission"],
    "a key of one's own, but for the alarms": ["AWS::[!K]* kms:*"],
    "a function in a network, with a file system, signed code or machines of its own": [
        "* ec2:*", "* elasticfilesystem:*", "* s3files:*", "* lambda:GetCodeSigningConfig",
        "* lambda:PassCapacityProvider",
    ],
    "a table that is imported, copied to other regions or streamed to Kinesis": [
        "* dynamodb:*Item", "* dynamodb:*Replica", "* dynamodb:*KinesisStreamingDestination", "* dynamodb:ImportTable",
        "* dynamodb:Query", "* dynamodb:Scan", "* iam:CreateServiceLinkedRole", "* kinesis:*",
        "AWS::DynamoDB::Table logs:*", "AWS::DynamoDB::Table s3:*",
    ],
    "logs of other services, or sent elsewhere": [
        "* autoloop:*", "* codewhisperer:*", "* firehose:*", "* logs:AllowVendedLogDeliveryForResource",
        "* logs:CreateLogDelivery", "* logs:PutBearerTokenAuthentication", "* s3:REST.PUT.OBJECT", "* workmail:*",
    ],
    "users, groups, permissions boundaries": ["* iam:*User*", "* iam:*Group*", "* iam:*PermissionsBoundary"],
    "an API with a policy of its own": ["* apigateway:UpdateRestApiPolicy"],
    "servers outside AWS": ["* codedeploy:RegisterOnPremisesInstance"],
}  # fmt: skip
"""What CloudFormation's schemas list for features that the stack does not use: the type, and the permission."""


def is_used(kind: str, action: str) -> bool:
    return not any(fnmatchcase(f"{kind} {action}", pattern) for patterns in NOT_USED.values() for pattern in patterns)


@pytest.mark.parametrize("kind", types_of_the_stack())
def test_cloudformation_may_make_change_and_remove_whatever_the_stack_holds(kind: str) -> None:
    granted = statements("CloudFormationRole", "dev")
    resources = [*(NAMED | UNNAMED)[kind], *ELSEWHERE]
    asked = sorted(action for action in needed(kind) if is_used(kind, action))
    assert asked
    missing = [
        action
        for action in asked
        if not any(allows(statement, action, resource) for statement in granted for resource in resources)
    ]
    assert missing == []


def test_the_bus_may_be_a_source_of_logs() -> None:
    """CloudFormation's schema names this permission for some services only; every source of logs has one."""
    (bus,) = NAMED["AWS::Events::EventBus"]
    action = "events:AllowVendedLogDeliveryForResource"
    assert any(allows(statement, action, bus) for statement in statements("CloudFormationRole", "dev"))


@pytest.mark.parametrize("other", ["order-saga-prod", "order-saga-dev2", "order-saga", "payroll"])
def test_no_role_reaches_another_stack(other: str) -> None:
    by_name = statements("CloudFormationRole", "dev", "what-has-a-name", "roles") + statements("DeployRole", "dev")
    ours = [resource for resources in NAMED.values() for resource in resources] + [
        CODE,
        f"arn:aws:cloudformation:{HERE}:stack/{STACK}/1",
    ]
    assert [one for one in ours if not any(reaches(statement, one) for statement in by_name)] == []
    theirs = [one.replace(STACK, other) for one in ours]
    assert [one for one in theirs if any(reaches(statement, one) for statement in by_name)] == []


@pytest.mark.parametrize("name", ["DeployRole", "CloudFormationRole"])
def test_cloudformation_may_do_nothing_to_the_roles_that_deploy(name: str) -> None:
    assert not any(
        reaches(statement, arn(name, "dev")) for statement in statements("CloudFormationRole", "dev", "roles")
    )
    elsewhere = statements("CloudFormationRole", "dev", "what-has-a-name", "what-has-no-name")
    assert [
        action for statement in elsewhere for action in listed(statement["Action"]) if action.startswith("iam:")
    ] == []


def test_a_role_goes_to_the_services_that_the_stack_uses_and_to_no_other() -> None:
    handed = [
        (statement["Resource"], statement["Condition"]["StringEquals"]["iam:PassedToService"])
        for name in ("DeployRole", "CloudFormationRole")
        for statement in statements(name, "dev")
        if "iam:PassRole" in listed(statement["Action"])
    ]
    assert handed == [
        (arn("CloudFormationRole", "dev"), "cloudformation.amazonaws.com"),
        (
            f"arn:aws:iam::123456789012:role/{STACK}-*",
            ["codedeploy.amazonaws.com", "lambda.amazonaws.com"],
        ),
    ]


def test_of_aws_own_policies_a_role_may_get_those_that_the_stack_attaches_and_no_other() -> None:
    (attach,) = [
        statement
        for statement in statements("CloudFormationRole", "dev")
        if "iam:AttachRolePolicy" in listed(statement["Action"])
    ]
    allowed = attach["Condition"]["ArnLike"]["iam:PolicyARN"]
    named = [
        policy
        for resource in resources_of_the_stack()
        for policy in resource.get("Properties", {}).get("ManagedPolicyArns", [])
        if isinstance(policy, str)  # the stack's own policies are references
    ]
    assert named
    assert [policy for policy in named if not any(fnmatchcase(policy, pattern) for pattern in allowed)] == []
    of_aws = [pattern for pattern in allowed if ":iam::aws:" in pattern]
    assert [pattern for pattern in of_aws if not any(fnmatchcase(policy, pattern) for policy in named)] == []


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_the_alarms_key_is_told_by_the_tags_that_the_stack_is_deployed_with(stage: str) -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    tags = dict(tag.split("=") for tag in config[stage]["deploy"]["parameters"]["tags"].split())
    asked = [
        statement.get("Condition", {}).get("StringEquals")
        for statement in statements("CloudFormationRole", stage)
        if {"kms:TagResource", "kms:ScheduleKeyDeletion"} & set(listed(statement["Action"]))
    ]
    assert asked == [
        {f"aws:{kind}/{name}": value for name, value in tags.items()} for kind in ("RequestTag", "ResourceTag")
    ]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_github_gets_in_from_one_repository_and_one_environment(stage: str) -> None:
    (statement,) = role("DeployRole", stage)["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": f"{SUBJECT_PREFIX}:environment:{stage}",
        }
    }


@pytest.mark.parametrize(
    ("prefix", "is_one"),
    [
        ("repo:octo-org/octo-repo", True),
        (SUBJECT_PREFIX, True),
        ("repo:octo-org/*", False),
        ("repo:*/octo-repo", False),
        ("octo-org/octo-repo", False),
        ("repo:octo-org/octo-repo:ref:refs/heads/main", False),
    ],
)
def test_a_repository_is_named_without_wildcards(prefix: str, is_one: bool) -> None:  # noqa: FBT001  a table's column
    pattern = ROLES["Parameters"]["SubjectPrefix"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, prefix)) is is_one


def test_github_changes_the_stack_through_cloudformations_role_alone() -> None:
    changes = [
        statement
        for statement in statements("DeployRole", "dev")
        if allows(statement, "cloudformation:CreateChangeSet", f"arn:aws:cloudformation:{HERE}:stack/{STACK}/1")
    ]
    assert [change["Condition"]["StringEquals"] for change in changes] == [
        {"cloudformation:RoleArn": arn("CloudFormationRole", "dev")}
    ]
    assert cloudformation_actions("dev") == {
        "CreateChangeSet",
        "DescribeChangeSet",
        "DescribeStackEvents",
        "DescribeStacks",
        "ExecuteChangeSet",
        "GetTemplateSummary",
        "TagResource",
        "UntagResource",
    }


def test_github_may_protect_prod_after_it_deployed_it() -> None:
    """See tools/deploying/protect.py."""
    more = cloudformation_actions("prod") - cloudformation_actions("dev")
    assert more == {"SetStackPolicy", "UpdateTerminationProtection"}


def cloudformation_actions(stage: str) -> set[str]:
    actions = {action for statement in statements("DeployRole", stage) for action in listed(statement["Action"])}
    return {action.partition(":")[2] for action in actions if action.startswith("cloudformation:")}


@pytest.mark.parametrize(("stage", "may"), [("dev", True), ("prod", False)])
def test_github_may_place_orders_and_fill_shelves_where_it_tries_things_out(stage: str, may: bool) -> None:  # noqa: FBT001  a table's column
    granted = statements("DeployRole", stage)
    api = f"arn:aws:execute-api:{HERE}:a1b2c3/{stage}"
    routes = [route for _, route in triggers("Api") if "Auth" not in route]
    calls = [f"{api}/{route['Method']}{route['Path'].format(orderId='0a1b')}" for route in routes]
    shelves = f"arn:aws:dynamodb:{HERE}:table/order-saga-{stage}-InventoryTable-ABC"
    asked = [("execute-api:Invoke", call) for call in calls]
    asked += [("dynamodb:PutItem", shelves), ("dynamodb:Scan", shelves)]
    assert [any(allows(statement, *question) for statement in granted) for question in asked] == [may] * 5
    orders = shelves.replace("Inventory", "Orders")
    assert not any(allows(statement, "dynamodb:PutItem", orders) for statement in granted)
