"""The calls of AWS's API that a release is made of, as data: who calls what, and on which resource.

Braces hold names: those of an action's own configuration, such as `RepositoryName`, and what surrounds it. An action
that names several resources needs a permission for each; one on `*` is one that AWS can't limit to a resource.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

Table = Mapping[str, tuple[str, ...]]
"""Actions by the ARN of what they are about."""


@dataclass(frozen=True)
class Call:
    """One call: its action and resource, and what IAM is told besides."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict, hash=False)


def _regional(service: str, resource: str) -> str:
    return f"arn:{{partition}}:{service}:{{region}}:{{account}}:{resource}"


BUCKET = "arn:{partition}:s3:::{bucket}"
ARTIFACT = BUCKET + "/{pipeline:.20}/Source/1a2b3c4"
"""CodePipeline shortens the names of folders.
https://docs.aws.amazon.com/codepipeline/latest/userguide/troubleshooting.html"""

ENCRYPTION = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""What AWS asks for on the key of artifacts.
https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-cross-account.html"""

PIPELINE: Table = {
    BUCKET: ("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:ListBucket"),
    ARTIFACT: ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"),
    "{key}": ENCRYPTION,
}
"""What a pipeline does with its artifacts, whatever its actions.
https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html"""

OBJECT_TAGS: Table = {
    "arn:{partition}:s3:::{S3Bucket}/{S3ObjectKey}": ("s3:GetObjectTagging", "s3:GetObjectVersionTagging")
}
"""What it takes besides to read an object of S3 that may have tags.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html"""

CARRIED_TAGS: Table = {ARTIFACT: ("s3:GetObjectTagging", "s3:GetObjectVersionTagging", "s3:PutObjectTagging")}
"""What it takes to keep an object's tags with the artifact that it becomes."""

REPOSITORY_KEY: Table = {
    "{repository_key}": (*ENCRYPTION, "kms:GenerateDataKeyWithoutPlaintext"),
}
"""What it takes besides to read a repository of CodeCommit that has a key of the account's own.
https://docs.aws.amazon.com/codecommit/latest/userguide/encryption.html"""

_TASK_DEFINITION = _regional("ecs", "task-definition/{family}:8")
_ROLES: Table = {"{task_role}": ("iam:PassRole",), "{execution_role}": ("iam:PassRole",)}

TASKS: Table = {_TASK_DEFINITION: ("ecs:RegisterTaskDefinition",), **_ROLES}
"""What it takes to register a revision of a task definition (G59)."""

TASK_TAGS: Table = {_TASK_DEFINITION: ("ecs:TagResource",)}
"""What it takes besides if the task definition has tags.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html"""

ACTIONS: Mapping[str, Table] = {
    "CodeCommit": {
        _regional("codecommit", "{RepositoryName}"): (
            "codecommit:CancelUploadArchive",
            "codecommit:GetBranch",
            "codecommit:GetCommit",
            "codecommit:GetUploadArchiveStatus",
            "codecommit:UploadArchive",
        )
    },
    "CodeStarSourceConnection": {
        "{ConnectionArn}": ("codeconnections:UseConnection", "codestar-connections:UseConnection")
    },
    "S3": {
        "arn:{partition}:s3:::{S3Bucket}": ("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"),
        "arn:{partition}:s3:::{S3Bucket}/{S3ObjectKey}": ("s3:GetObject", "s3:GetObjectVersion"),
    },
    "ECR": {_regional("ecr", "repository/{RepositoryName}"): ("ecr:DescribeImages",)},
    "CodeBuild": {
        _regional("codebuild", "project/{ProjectName}"): ("codebuild:BatchGetBuilds", "codebuild:StartBuild")
    },
    "Manual": {},
    "CodeDeployToECS": {
        _regional("codedeploy", "deploymentgroup:{ApplicationName}/{DeploymentGroupName}"): (
            "codedeploy:CreateDeployment",
            "codedeploy:GetDeployment",
        ),
        _regional("codedeploy", "application:{ApplicationName}"): (
            "codedeploy:GetApplication",
            "codedeploy:GetApplicationRevision",
            "codedeploy:RegisterApplicationRevision",
        ),
        _regional("codedeploy", "deploymentconfig:{configuration}"): ("codedeploy:GetDeploymentConfig",),
        **TASKS,
    },
}
"""What a pipeline's role calls for each action, by the action's provider. `codecommit:GetRepository` is for clones, and
an approval publishes to a topic only if it names one.
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html"""

LOG: Table = {_regional("logs", "log-group:{log}:log-stream:5d6e7f80"): ("logs:CreateLogStream", "logs:PutLogEvents")}
"""What writes a log. The log group exists before it."""

BUILD: Table = {
    BUCKET: ("s3:GetBucketAcl", "s3:GetBucketLocation"),
    ARTIFACT: ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"),
    "{key}": ENCRYPTION,
    **LOG,
}
"""What CodeBuild calls for each build, whatever it runs.
https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html"""

_SERVICE = _regional("ecs", "service/{cluster}/{service}")
_SERVICE_DEPLOYMENT = _regional("ecs", "service-deployment/{cluster}/{service}/9a8b7c6d")
_SERVICE_REVISION = _regional("ecs", "service-revision/{cluster}/{service}/1029384756")
_DEPLOYMENT_GROUP = _regional("codedeploy", "deploymentgroup:{application}/{group}")
_REPOSITORY = _regional("ecr", "repository/{repository}")

COMMANDS: Mapping[str, Table] = {
    "aws codepipeline get-pipeline-execution": {
        _regional("codepipeline", "{pipeline}"): ("codepipeline:GetPipelineExecution",)
    },
    "aws ecr batch-get-image": {_REPOSITORY: ("ecr:BatchGetImage",)},
    "aws ecr get-login-password": {"*": ("ecr:GetAuthorizationToken",)},
    "aws ecr put-image": {_REPOSITORY: ("ecr:PutImage",)},
    "aws ecs describe-services": {_SERVICE: ("ecs:DescribeServices",)},
    "aws ecs describe-task-definition": {"*": ("ecs:DescribeTaskDefinition",)},
    "docker push": {
        _REPOSITORY: (
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        )
    },
    "python3 deploy.py": {
        _SERVICE: (
            "ecs:DescribeServiceDeployments",
            "ecs:DescribeServiceRevisions",
            "ecs:DescribeServices",
            "ecs:ListServiceDeployments",
            "ecs:UpdateService",
        ),
        _SERVICE_DEPLOYMENT: ("ecs:DescribeServiceDeployments",),
        _SERVICE_REVISION: ("ecs:DescribeServiceRevisions",),
        "*": ("ecs:DescribeTaskDefinition",),
        **TASKS,
    },
}
"""What the commands of a buildspec call.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html"""

EVENTS: Table = {_regional("codepipeline", "{pipeline}"): ("codepipeline:StartPipelineExecution",)}
"""What a rule of EventBridge calls to start a pipeline."""

FUNCTION: Table = {"{function}": ("lambda:InvokeFunction",)}
"""What CodeDeploy and ECS call to ask a hook."""

HOOK: Table = {
    _DEPLOYMENT_GROUP: ("codedeploy:GetDeployment", "codedeploy:GetDeploymentGroup"),
    _SERVICE: ("ecs:DescribeServiceDeployments", "ecs:DescribeServiceRevisions", "ecs:DescribeServices"),
    _SERVICE_DEPLOYMENT: ("ecs:DescribeServiceDeployments",),
    _SERVICE_REVISION: ("ecs:DescribeServiceRevisions",),
    _regional("ssm", "parameter{parameters}/d-1A2B3C4D5"): ("ssm:GetParameter",),
    "*": (
        "codedeploy:PutLifecycleEventHookExecutionStatus",
        "ec2:DescribeNetworkInterfaces",
        "ecs:DescribeTaskDefinition",
    ),
}
"""What the functions of `runtime/hooks` call; each those of its own `CALLS`."""

INTERFACES: Table = {
    "*": (
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    )
}
"""What Lambda calls for a function in a VPC.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html"""

CODEDEPLOY: Table = {
    _SERVICE: ("ecs:DescribeServices", "ecs:UpdateServicePrimaryTaskSet"),
    _regional("ecs", "task-set/{cluster}/{service}/ecs-svc/5647382910"): ("ecs:CreateTaskSet", "ecs:DeleteTaskSet"),
    **_ROLES,
    "*": (
        "cloudwatch:DescribeAlarms",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    ),
}
"""What CodeDeploy calls to replace the tasks of a service.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/codedeploy_IAM_role.html"""

LISTENER: Table = {"{listener}": ("elasticloadbalancing:ModifyListener",)}
RULE: Table = {"{rule}": ("elasticloadbalancing:ModifyRule",)}
"""What CodeDeploy calls to move traffic."""

_OF_SERVICE = {"ecs:cluster": _regional("ecs", "cluster/{cluster}"), "ecs:service": _SERVICE}
_CONTEXT: Mapping[str, Mapping[str, str]] = {
    "ecs:CreateTaskSet": _OF_SERVICE,
    "ecs:DeleteTaskSet": _OF_SERVICE,
    "ecs:TagResource": {"ecs:CreateAction": "RegisterTaskDefinition"},
    "iam:PassRole": {"iam:PassedToService": "ecs-tasks.amazonaws.com"},
}


def commands(buildspec: str) -> set[str]:
    """The commands of a buildspec that call AWS, each as `COMMANDS` has it. Raises KeyError for one that has not."""
    found = set(re.findall(r"\baws [\w$.-]+ [\w$.-]+|\bdocker push\b|\bpython3 deploy\.py\b|--push\b", buildspec))
    if unknown := found - COMMANDS.keys():
        raise KeyError(", ".join(sorted(unknown)))
    return found


def only(table: Table, actions: Collection[str]) -> Table:
    """Those calls of a table that are of these actions."""
    return {resource: tuple(each for each in named if each in actions) for resource, named in table.items()}


def calls(*tables: Table, **names: str) -> Iterator[Call]:
    """The calls of some steps, with these names put in."""
    for table in tables:
        for resource, actions in table.items():
            for action in actions:
                context = {key: value.format(**names) for key, value in _CONTEXT.get(action, {}).items()}
                yield Call(action, resource.format(**names), context)
