"""What a `FargateTask` declares. Mocks prove what is sent, not what AWS accepts."""

import json

import pytest

from components.fargate_task import FargateTask
from components.limits import Refused

IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1.4.2"


@pytest.fixture
def args(location):
    """The smallest task."""
    return {"location": location, "cpu": 256, "memory": 512, "containers": {"web": {"image": IMAGE, "port": 80}}}


def statements(deployment, name):
    return json.loads(deployment.find("aws:iam/rolePolicy:RolePolicy", name).inputs["policy"])["Statement"]


def test_task_definition(declare, args):
    """A task is on Fargate with awsvpc, has both roles, and its old revisions stay usable."""
    deployment = declare(lambda: FargateTask("shop", args))
    definition = deployment.find("aws:ecs/taskDefinition:TaskDefinition", "shop-task")
    inputs = dict(definition.inputs)
    (container,) = json.loads(inputs.pop("containerDefinitions"))
    assert inputs == {
        "family": "shop",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        "executionRoleArn": deployment.find("aws:iam/role:Role", "shop-execution").outputs["arn"],
        "taskRoleArn": deployment.find("aws:iam/role:Role", "shop-task").outputs["arn"],
        "volumes": [],
        "skipDestroy": True,
    }
    assert (container["name"], container["image"]) == ("web", IMAGE)
    assert (
        container["logConfiguration"]["options"]["awslogs-group"]
        == deployment.find("aws:cloudwatch/logGroup:LogGroup", "shop-logs").inputs["name"]
    )


def test_choices(declare, args):
    """Family, architecture, log retention and writable paths are choices."""
    args |= {"family": "shop-web", "architecture": "ARM64", "log_retention_days": 7}
    args["containers"] = {"web": {"image": IMAGE, "port": 80, "writable_paths": ["/tmp"]}}
    deployment = declare(lambda: FargateTask("shop", args))
    definition = deployment.find("aws:ecs/taskDefinition:TaskDefinition", "shop-task").inputs
    assert definition["family"] == "shop-web"
    assert definition["runtimePlatform"]["cpuArchitecture"] == "ARM64"
    assert definition["volumes"] == [{"name": "web-0"}]
    assert deployment.find("aws:cloudwatch/logGroup:LogGroup", "shop-logs").inputs["retentionInDays"] == 7


def test_a_shared_log_group(declare, args):
    """Containers may log into a group that is there already: the task then has none of its own, and may write to it."""
    args["log_group_name"] = "/aws/ecs/shared"
    deployment = declare(lambda: FargateTask("shop", args))
    definition = deployment.find("aws:ecs/taskDefinition:TaskDefinition", "shop-task")
    (container,) = json.loads(definition.inputs["containerDefinitions"])
    assert deployment.of_type("aws:cloudwatch/logGroup:LogGroup") == []
    assert container["logConfiguration"]["options"] == {
        "awslogs-group": "/aws/ecs/shared",
        "awslogs-region": "eu-west-1",
        "awslogs-stream-prefix": "web",
    }
    assert statements(deployment, "shop-execution")[0] == {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/ecs/shared:*",
    }
    component = deployment.find("ecs-blue-green:index:FargateTask", "shop")
    assert component.outputs["log_group_name"] == "/aws/ecs/shared"


def test_roles_are_for_tasks_of_this_account(declare, args):
    """Both roles trust the tasks of this account and region, and nobody else."""
    deployment = declare(lambda: FargateTask("shop", args))
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Condition": {
                    "ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-west-1:123456789012:*"},
                    "StringEquals": {"aws:SourceAccount": "123456789012"},
                },
            }
        ],
    }
    roles = deployment.of_type("aws:iam/role:Role")
    assert sorted(role.name for role in roles) == ["shop-execution", "shop-task"]
    assert [json.loads(role.inputs["assumeRolePolicy"]) for role in roles] == [trust, trust]


def test_execution_role(declare, args):
    """ECS may write the task's logs, pull from the repositories at hand, and read the secrets it was told of."""
    args["repository_arns"] = ["arn:aws:ecr:eu-west-1:123456789012:repository/next"]
    args["secrets_key_arn"] = "arn:aws:kms:eu-west-1:123456789012:key/1"
    secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"
    args["containers"]["web"]["secrets"] = {"TOKEN": "/shop/token", "PASSWORD": f"{secret}:password::"}
    deployment = declare(lambda: FargateTask("shop", args))
    group = deployment.find("aws:cloudwatch/logGroup:LogGroup", "shop-logs").inputs["name"]
    assert statements(deployment, "shop-execution") == [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"arn:aws:logs:eu-west-1:123456789012:log-group:{group}:*",
        },
        {"Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Resource": [
                "arn:aws:ecr:eu-west-1:123456789012:repository/shop",
                "arn:aws:ecr:eu-west-1:123456789012:repository/next",
            ],
        },
        {
            "Effect": "Allow",
            "Action": ["ssm:GetParameters"],
            "Resource": ["arn:aws:ssm:eu-west-1:123456789012:parameter/shop/token"],
        },
        {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [secret]},
        {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": "arn:aws:kms:eu-west-1:123456789012:key/1"},
    ]


def test_execution_role_without_a_private_registry(declare, args):
    """A public image needs no permission to be pulled."""
    args["containers"]["web"]["image"] = "public.ecr.aws/nginx/nginx:1.27.3"
    deployment = declare(lambda: FargateTask("shop", args))
    actions = [action for statement in statements(deployment, "shop-execution") for action in statement["Action"]]
    assert actions == ["logs:CreateLogStream", "logs:PutLogEvents"]


def test_task_role_is_empty(declare, args):
    """The application may do nothing unless its policies say so."""
    deployment = declare(lambda: FargateTask("shop", args))
    assert [r.name for r in deployment.of_type("aws:iam/rolePolicy:RolePolicy")] == ["shop-execution"]
    assert deployment.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment") == []


def test_task_role(declare, args):
    """Managed policies and ECS Exec go to the task role, and the revision waits for all of it (G26)."""
    args["task_role_policy_arns"] = [
        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
        "arn:aws:iam::123456789012:policy/AmazonS3ReadOnlyAccess",
    ]
    args["exec_log_group_name"] = "shop-exec"
    deployment = declare(lambda: FargateTask("shop", args))
    attachment = deployment.find(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "shop-task-AmazonS3ReadOnlyAccess"
    )
    session = deployment.find("aws:iam/rolePolicy:RolePolicy", "shop-exec")
    definition = deployment.find("aws:ecs/taskDefinition:TaskDefinition", "shop-task")
    role = deployment.find("aws:iam/role:Role", "shop-task")
    assert attachment.inputs == {
        "role": role.inputs["name"],
        "policyArn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
    }
    assert session.inputs["role"] == role.id
    assert statements(deployment, "shop-exec")[-1] == {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        "Resource": "arn:aws:logs:eu-west-1:123456789012:log-group:shop-exec:*",
    }
    own = deployment.find(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "shop-task-123456789012-AmazonS3ReadOnlyAccess"
    )
    assert own.inputs["policyArn"] == "arn:aws:iam::123456789012:policy/AmazonS3ReadOnlyAccess"
    assert {attachment.urn, own.urn, session.urn} < set(definition.dependencies)


def test_documents_are_known_before_anything_exists(declare, args):
    """A first preview shows the containers and the permissions, because both are made of names."""
    deployment = declare(lambda: FargateTask("shop", args), first_preview=True)
    definition = deployment.find("aws:ecs/taskDefinition:TaskDefinition", "shop-task")
    group = deployment.find("aws:cloudwatch/logGroup:LogGroup", "shop-logs").inputs["name"]
    assert group in definition.inputs["containerDefinitions"]
    assert statements(deployment, "shop-execution")[0]["Resource"].endswith(f":log-group:{group}:*")


FULL = {
    "family": "shop-web",
    "architecture": "ARM64",
    "labels": {"calls": "api:80"},
    "tags": {"team": "web", "env": "dev"},
    "containers": {
        "web": {"image": IMAGE, "port": 80, "environment": {"A": "1"}, "writable_paths": ["/tmp"]},
        "api": {"image": IMAGE, "port": 81},
    },
}


def revision(declare, args, containers, first_preview=False):
    """A preview of a task, and what registers a revision like it."""
    found = {}

    def program():
        FargateTask("shop", args).definition(containers).apply(found.update)

    return declare(program, first_preview=first_preview), found


def camel(inputs):
    """A task definition's inputs as RegisterTaskDefinition takes them."""
    tags = inputs.get("tags", {})
    return {
        **{key: value for key, value in inputs.items() if key not in ("skipDestroy", "tags")},
        "containerDefinitions": json.loads(inputs["containerDefinitions"]),
        **({"tags": [{"key": key, "value": tags[key]} for key in sorted(tags)]} if tags else {}),
    }


@pytest.mark.parametrize("change", [{}, FULL])
@pytest.mark.parametrize("first_preview", [False, True])
def test_a_revision_like_the_registered_one(declare, args, change, first_preview):
    """Whoever registers the next one takes the same values, all of them known before anything exists."""
    args |= change
    deployment, found = revision(declare, args, args["containers"], first_preview)
    definition = dict(deployment.find("aws:ecs/taskDefinition:TaskDefinition", "shop-task").inputs)
    if first_preview:
        for key, role in (("taskRoleArn", "shop-task"), ("executionRoleArn", "shop-execution")):
            name = deployment.find("aws:iam/role:Role", role).inputs["name"]
            definition[key] = f"arn:aws:iam::123456789012:role/{name}"
    assert found == camel(definition)


def test_a_revision_of_other_containers(declare, args):
    """All else is that of the registered one."""
    _, usual = revision(declare, args, args["containers"])
    _, other = revision(declare, args, {"web": {"image": IMAGE, "port": 80, "command": ["serve"]}})
    (container,) = usual["containerDefinitions"]
    assert other == usual | {"containerDefinitions": [container | {"command": ["serve"]}]}


@pytest.mark.parametrize(
    ("change", "given"),
    [
        ({"memory": 640}, "memory 640 with cpu 256"),
        ({"containers": {"web": {"image": "nginx"}}}, "'nginx'"),
        (
            {"containers": {"web": {"image": IMAGE, "port": 80}, "api": {"image": IMAGE, "port": 80}}},
            "port 80 for web and api",
        ),
    ],
)
def test_refusals(args, change, given):
    """Sizes that Fargate lacks, unpinned images and containers on one port are refused."""
    with pytest.raises(Refused) as refused:
        FargateTask("shop", {**args, **change})
    assert refused.value.given == given


def test_a_key_encrypts_the_logs_and_sessions(declare, args):
    """The application may use the key for its sessions, and only for them."""
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    deployment = declare(lambda: FargateTask("shop", {**args, "key_arn": key}))
    assert deployment.find("aws:cloudwatch/logGroup:LogGroup", "shop-logs").inputs["kmsKeyId"] == key
    assert [r.name for r in deployment.of_type("aws:iam/rolePolicy:RolePolicy")] == ["shop-execution"]
    deployment = declare(lambda: FargateTask("shop", {**args, "key_arn": key, "exec_log_group_name": "shop-exec"}))
    assert statements(deployment, "shop-exec")[-1] == {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": key}
