"""The Lambda functions that judge releases."""

import json
from collections.abc import Sequence
from os.path import relpath
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components.iam import Statement, allow, policy, trust
from components.limits import Refused
from components.location import Location, arn

KINDS = ("smoke", "admission", "approval")
"""The hooks of `runtime/hooks`."""

_CODE = Path(__file__).parent.parent / "runtime" / "hooks"

_SECONDS = 240
"""Time that a function has for an answer, or for saying that it has none yet."""


class NetworkPlaceArgs(TypedDict):
    """Where a function stands in a network."""

    vpc_id: pulumi.Input[str]
    """VPC."""

    subnet_ids: pulumi.Input[Sequence[str]]
    """Private subnets with a way out."""


class HookFunctionArgs(TypedDict):
    """Arguments of a `HookFunction`."""

    location: Location
    """Where the stack lives."""

    function_name: str
    """Name of the function."""

    kind: str
    """smoke, admission or approval."""

    configuration: pulumi.Input[dict[str, Any]]
    """What the hook is to judge by, as `runtime/hooks` has it."""

    controller: str
    """Who asks: CODE_DEPLOY or ECS."""

    cluster_name: pulumi.Input[str]
    """Cluster of the service whose releases it judges; the service may be made later."""

    service: str
    """Logical name of that service."""

    network: NotRequired[NetworkPlaceArgs]
    """Network from which it reaches the load balancer; smoke only."""

    parameters: NotRequired[str]
    """Path of the SSM parameters by which people answer; approval only."""

    log_retention_days: NotRequired[int]
    """Days that its log is kept; 30 unless given."""

    key_arn: NotRequired[pulumi.Input[str] | None]
    """KMS key of its log; AWS's own unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class HookFunction(pulumi.ComponentResource):
    """A function that CodeDeploy or ECS asks about a release, with a role for just that and a log with a retention.

    Raises:
        Refused: for a hook that there is not, or a smoke test without a network.
    """

    function_arn: pulumi.Output[str]
    """The function, known once it may do what it has to."""

    def __init__(self, name: str, args: HookFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        _check(args)
        super().__init__("ecs-blue-green:index:HookFunction", name, None, opts)

        location, tags = args["location"], args.get("tags")
        own = pulumi.ResourceOptions(parent=self)
        log = aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/lambda/{args['function_name']}",
            retention_in_days=args.get("log_retention_days", 30),
            kms_key_id=args.get("key_arn"),
            tags=tags,
            opts=own,
        )
        role = aws.iam.Role(
            name,
            description=f"Judges releases of {args['service']}",
            assume_role_policy=json.dumps(trust("lambda.amazonaws.com")),
            tags=tags,
            opts=own,
        )
        streams = log.name.apply(lambda group: arn(location, "logs", f"log-group:{group}:*"))
        statements = [allow(["logs:CreateLogStream", "logs:PutLogEvents"], streams), *_statements(args)]
        permissions = aws.iam.RolePolicy(
            name, role=role.id, policy=pulumi.Output.json_dumps(policy(statements)), opts=own
        )
        function = aws.lambda_.Function(
            name,
            name=args["function_name"],
            description=f"{args['kind'].capitalize()} of releases of {args['service']}",
            role=role.arn,
            runtime="python3.13",
            architectures=["arm64"],
            handler=f"hooks.{args['kind']}.handler",
            code=pulumi.AssetArchive(
                {f"hooks/{path.name}": pulumi.FileAsset(relpath(path)) for path in sorted(_CODE.glob("*.py"))}
            ),
            timeout=_SECONDS,
            memory_size=256,
            environment={"variables": {"HOOK": pulumi.Output.json_dumps(args["configuration"])}},
            logging_config={"log_format": "Text", "log_group": log.name},
            vpc_config=self._place(name, args),
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permissions], delete_before_replace=True),
        )

        # Made of the name, so that a policy document that holds it can be read in the first preview.
        self.function_arn = function.name.apply(lambda known: arn(location, "lambda", f"function:{known}"))
        self.register_outputs({"function_arn": self.function_arn})

    def _place(self, name: str, args: HookFunctionArgs) -> aws.lambda_.FunctionVpcConfigArgsDict | None:
        network = args.get("network")
        if network is None:
            return None
        group = aws.ec2.SecurityGroup(
            name,
            description=f"Smoke tests of {args['service']}",
            vpc_id=network["vpc_id"],
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        egress = aws.vpc.SecurityGroupEgressRule(
            name,
            security_group_id=group.id,
            description="The load balancer, and AWS",
            ip_protocol="tcp",
            from_port=1,
            to_port=65535,
            cidr_ipv4="0.0.0.0/0",
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        # Without this rule the function could ask nobody, and a release would fail.
        open_ = pulumi.Output.all(group.id, egress.id).apply(lambda known: known[0])
        return {"subnet_ids": network["subnet_ids"], "security_group_ids": [open_]}


def _check(args: HookFunctionArgs) -> None:
    if args["kind"] not in KINDS:
        raise Refused(repr(args["kind"]), ", ".join(KINDS), "there are no other hooks")
    for kind, key in (("smoke", "network"), ("approval", "parameters")):
        if args["kind"] == kind and key not in args:
            raise Refused(f"{kind} without {key}", f"{key}, or another hook", "it could not find out what to answer")


def _statements(args: HookFunctionArgs) -> list[Statement]:
    """What the hook does beside writing its log."""
    location, service, kind = args["location"], args["service"], args["kind"]
    cluster: Any = pulumi.Output.from_input(args["cluster_name"])

    def of_service(what: str) -> Any:
        # The service is made after the functions that judge it: of its name the beginning is known.
        return cluster.apply(lambda name: arn(location, "ecs", f"{what}/{name}/{service}-service-*"))

    found: list[Statement] = []
    if args["controller"] == "CODE_DEPLOY":
        group = arn(location, "codedeploy", f"deploymentgroup:{service}-codedeploy-*/{service}")
        asked = ["codedeploy:GetDeployment", *(["codedeploy:GetDeploymentGroup"] if kind == "admission" else [])]
        # CodeDeploy can't limit the answer to a deployment group.
        found += [allow(asked, group), allow(["codedeploy:PutLifecycleEventHookExecutionStatus"], "*")]
        if kind == "admission":
            found.append(allow(["ecs:DescribeServices"], of_service("service")))
    else:
        own = [of_service("service"), of_service("service-deployment")]
        found.append(allow(["ecs:DescribeServiceDeployments"], own))
        if kind == "admission":
            found.append(allow(["ecs:DescribeServiceRevisions"], [own[0], of_service("service-revision")]))
    if kind == "admission":
        # ECS can't limit it to a task definition.
        found.append(allow(["ecs:DescribeTaskDefinition"], "*"))
    if path := args.get("parameters"):
        found.append(allow(["ssm:GetParameter"], arn(location, "ssm", f"parameter{path}/*")))
    if "network" in args:
        # Lambda can't limit what it needs for a network interface to one of them.
        found.append(allow([f"ec2:{call}" for call in _INTERFACES], "*"))
    return found


_INTERFACES = (
    "AssignPrivateIpAddresses",
    "CreateNetworkInterface",
    "DeleteNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "UnassignPrivateIpAddresses",
)
"""What AWSLambdaVPCAccessExecutionRole allows of EC2; a smoke test finds the load balancer's addresses by it, too.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html"""
