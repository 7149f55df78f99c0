"""What a `HookFunction` declares. Mocks prove what is sent, not what AWS accepts."""

import json
import shutil
import subprocess
import sys

import pytest

from components.hook_function import KINDS, HookFunction
from components.limits import Refused
from runtime.hooks import admission, approval, smoke

ACCOUNT = "123456789012"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
LOG = "/aws/lambda/shop-app-judge"
CALLS = {"smoke": smoke.CALLS, "admission": admission.CALLS, "approval": approval.CALLS}
CONTROLLERS = ("CODE_DEPLOY", "ECS")
NETWORK = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-2"]}
NEEDED = {"smoke": {"network": NETWORK}, "admission": {}, "approval": {"parameters": "/shop/approvals"}}
"""Arguments that a kind of hook can't do without."""


@pytest.fixture
def build(declare, location):
    """Declare a function of a kind, with these arguments beside those that it can't do without."""

    def run(kind="admission", first_preview=False, **args):
        usual = {
            "location": location,
            "function_name": "shop-app-judge",
            "kind": kind,
            "configuration": {"key": "value"},
            "controller": "ECS",
            "cluster_name": "shop-cluster",
            "service": "app",
            **NEEDED[kind],
        }
        return declare(lambda: HookFunction("app-judge", {**usual, **args}), first_preview=first_preview)

    return run


def function(deployment):
    return deployment.find("aws:lambda/function:Function", "app-judge")


def statements(deployment):
    return json.loads(deployment.find("aws:iam/rolePolicy:RolePolicy", "app-judge").inputs["policy"])["Statement"]


def assets(deployment):
    """Paths of the files in the function's archive, by their names in it."""
    return {name: asset["path"] for name, asset in function(deployment).inputs["code"]["assets"].items()}


def made(deployment):
    """The component's resources: kind and name."""
    component = deployment.find("ecs-blue-green:index:HookFunction", "app-judge")
    return sorted((r.type.rpartition(":")[2], r.name) for r in deployment.children(component.urn))


def allow(actions, resource):
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def test_function(build):
    """It has a small ARM64 host, two minutes for an answer, its settings as JSON, and no network of its own."""
    deployment = build()
    inputs = {key: value for key, value in function(deployment).inputs.items() if key != "code"}
    assert inputs == {
        "name": "shop-app-judge",
        "description": "Admission of releases of app",
        "role": deployment.find("aws:iam/role:Role", "app-judge").outputs["arn"],
        "runtime": "python3.13",
        "architectures": ["arm64"],
        "handler": "hooks.admission.handler",
        "timeout": 240,
        "memorySize": 256,
        "environment": {"variables": {"HOOK": '{"key": "value"}'}},
        "loggingConfig": {"logFormat": "Text", "logGroup": LOG},
    }
    assert function(deployment).delete_before_replace is True
    assert made(deployment) == [
        ("Function", "app-judge"),
        ("LogGroup", "app-judge"),
        ("Role", "app-judge"),
        ("RolePolicy", "app-judge"),
    ]


def test_its_code(build, root):
    """The hook kit's modules and nothing else, by paths that are the same on every machine."""
    modules = [path.name for path in (root / "runtime/hooks").iterdir() if path.suffix == ".py"]
    assert assets(build()) == {f"hooks/{module}": f"runtime/hooks/{module}" for module in modules}
    assert {"__init__.py", "smoke.py", "admission.py", "approval.py"} < set(modules)


def test_its_code_is_complete(build, root, tmp_path):
    """Each handler is found where nothing but the archive and boto3 is."""
    (tmp_path / "hooks").mkdir()
    for name, path in assets(build()).items():
        shutil.copy(root / path, tmp_path / name)
    handlers = [function(build(kind)).inputs["handler"] for kind in KINDS]
    assert handlers == ["hooks.smoke.handler", "hooks.admission.handler", "hooks.approval.handler"]
    modules = [handler.removesuffix(".handler") for handler in handlers]
    script = "import importlib, sys; sys.path.insert(0, sys.argv[1])\n" + "\n".join(
        f"print(importlib.import_module({module!r}).handler.__module__)" for module in modules
    )
    done = subprocess.run([sys.executable, "-I", "-B", "-c", script, tmp_path], capture_output=True, text=True)
    assert (done.stdout.split(), done.stderr) == (modules, "")


def test_only_a_smoke_test_is_in_the_network(build):
    """It reaches the load balancer on any port, and AWS; nothing reaches it."""
    deployment = build("smoke")
    group = deployment.find("aws:ec2/securityGroup:SecurityGroup", "app-judge")
    assert group.inputs == {
        "name": group.inputs["name"],
        "description": "Smoke tests of app",
        "vpcId": "vpc-1",
    }
    rule = deployment.find("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "app-judge")
    assert rule.inputs == {
        "securityGroupId": group.id,
        "description": "The load balancer, and AWS",
        "ipProtocol": "tcp",
        "fromPort": 1,
        "toPort": 65535,
        "cidrIpv4": "0.0.0.0/0",
    }
    assert deployment.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") == []
    assert function(deployment).inputs["vpcConfig"] == {
        "subnetIds": ["subnet-1", "subnet-2"],
        "securityGroupIds": [group.id],
    }
    for kind in ("admission", "approval"):
        assert "vpcConfig" not in function(build(kind)).inputs


SERVICE = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:service/shop-cluster/app-service-*"
DEPLOYMENT = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:service-deployment/shop-cluster/app-service-*"
REVISION = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:service-revision/shop-cluster/app-service-*"
GROUP = f"arn:aws:codedeploy:eu-west-1:{ACCOUNT}:deploymentgroup:app-codedeploy-*/app"
TELL = allow(["codedeploy:PutLifecycleEventHookExecutionStatus"], "*")
LOOK = allow(["ecs:DescribeTaskDefinition"], "*")
ANSWER = allow(["ssm:GetParameter"], f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/shop/approvals/*")
INTERFACES = allow(
    [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ],
    "*",
)


@pytest.mark.parametrize(
    ("kind", "controller", "allowed"),
    [
        ("smoke", "ECS", [allow(["ecs:DescribeServiceDeployments"], [SERVICE, DEPLOYMENT]), INTERFACES]),
        ("smoke", "CODE_DEPLOY", [allow(["codedeploy:GetDeployment"], GROUP), TELL, INTERFACES]),
        (
            "admission",
            "ECS",
            [
                allow(["ecs:DescribeServiceDeployments"], [SERVICE, DEPLOYMENT]),
                allow(["ecs:DescribeServiceRevisions"], [SERVICE, REVISION]),
                LOOK,
            ],
        ),
        (
            "admission",
            "CODE_DEPLOY",
            [
                allow(["codedeploy:GetDeployment", "codedeploy:GetDeploymentGroup"], GROUP),
                TELL,
                allow(["ecs:DescribeServices"], SERVICE),
                LOOK,
            ],
        ),
        ("approval", "ECS", [allow(["ecs:DescribeServiceDeployments"], [SERVICE, DEPLOYMENT]), ANSWER]),
        ("approval", "CODE_DEPLOY", [allow(["codedeploy:GetDeployment"], GROUP), TELL, ANSWER]),
    ],
)
def test_what_it_may_do(build, kind, controller, allowed):
    """It asks about this service's releases, in the way of its controller, and writes its own log."""
    log = allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:{LOG}:*")
    deployment = build(kind, controller=controller)
    assert statements(deployment) == [log, *allowed]
    (policy,) = deployment.of_type("aws:iam/rolePolicy:RolePolicy")
    assert policy.inputs["role"] == deployment.find("aws:iam/role:Role", "app-judge").id


@pytest.mark.parametrize("controller", CONTROLLERS)
@pytest.mark.parametrize("kind", KINDS)
def test_it_may_do_what_its_code_does(build, kind, controller):
    """No call of the hook is refused, and none is allowed that it doesn't make, but for its log and its network."""
    allowed = {action for each in statements(build(kind, controller=controller)) for action in each["Action"]}
    besides = {"logs:CreateLogStream", "logs:PutLogEvents", *(INTERFACES["Action"] if kind == "smoke" else ())}
    called = set(CALLS[kind][controller])
    assert called <= allowed
    assert allowed - called <= besides


def test_who_has_its_role(build):
    """Lambda, and nobody else."""
    role = build().find("aws:iam/role:Role", "app-judge")
    assert role.inputs["description"] == "Judges releases of app"
    assert json.loads(role.inputs["assumeRolePolicy"])["Statement"] == [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    ]


@pytest.mark.parametrize(
    ("args", "kept"),
    [
        ({}, {"retentionInDays": 30}),
        ({"log_retention_days": 7, "key_arn": KEY}, {"retentionInDays": 7, "kmsKeyId": KEY}),
    ],
)
def test_its_log_is_kept(build, args, kept):
    """For a month, and by AWS's own key, unless said otherwise."""
    deployment = build(**args)
    assert deployment.find("aws:cloudwatch/logGroup:LogGroup", "app-judge").inputs == {"name": LOG, **kept}


def test_it_is_called_once_it_may_answer(build):
    """It comes after its permissions and its log."""
    deployment = build()
    before = {
        deployment.find("aws:iam/rolePolicy:RolePolicy", "app-judge").urn,
        deployment.find("aws:cloudwatch/logGroup:LogGroup", "app-judge").urn,
    }
    assert before < set(function(deployment).dependencies)


@pytest.mark.parametrize("first_preview", [False, True])
def test_its_arn_is_made_of_its_name(build, first_preview):
    """So that the documents that name it can be read before anything exists."""
    deployment = build("smoke", first_preview=first_preview)
    assert deployment.find("ecs-blue-green:index:HookFunction", "app-judge").outputs == {
        "function_arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:shop-app-judge"
    }
    assert statements(deployment)[0]["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]


def test_tags(build):
    """Whatever takes tags has them."""
    tagged = [r.type.rpartition(":")[2] for r in build("smoke", tags={"team": "web"}) if "tags" in r.inputs]
    assert sorted(tagged) == ["Function", "LogGroup", "Role", "SecurityGroup", "SecurityGroupEgressRule"]


@pytest.mark.parametrize(
    ("args", "given", "allowed", "why"),
    [
        ({"kind": "load"}, "'load'", "smoke, admission, approval", "there are no other hooks"),
        (
            {"kind": "smoke"},
            "smoke without network",
            "network, or another hook",
            "it could not find out what to answer",
        ),
        (
            {"kind": "approval"},
            "approval without parameters",
            "parameters, or another hook",
            "it could not find out what to answer",
        ),
    ],
)
def test_refusals(args, given, allowed, why):
    """A hook that the kit doesn't have, or that lacks what it asks."""
    with pytest.raises(Refused) as refused:
        HookFunction("app-judge", args)
    assert (refused.value.given, refused.value.allowed, refused.value.why) == (given, allowed, why)
