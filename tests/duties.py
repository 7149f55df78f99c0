"""What the roles of a stack's deliveries are there for: who assumes each, and what it calls then.

All of it is read from what the roles serve (pipelines, builds, rules, functions, deployment groups, services) and from
the files that are released, never from the policies.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

from offline.deployment import Deployment, Resource
from tests.calls import (
    ACTIONS,
    BUILD,
    CARRIED_TAGS,
    CODEDEPLOY,
    COMMANDS,
    EVENTS,
    FUNCTION,
    HOOK,
    INTERFACES,
    LISTENER,
    LOG,
    OBJECT_TAGS,
    PIPELINE,
    REPOSITORY_KEY,
    RULE,
    TASK_TAGS,
    Call,
    Table,
    calls,
    commands,
    only,
)
from tests.iam import ROLE

GROUP = "aws:codedeploy/deploymentGroup:DeploymentGroup"


@dataclass(frozen=True)
class Duty:
    """Something that a role is there for.

    Attributes:
        role: its logical name.
        principal: the AWS service that assumes it.
        calls: what is called then.
        context: what IAM is told when it is assumed.
    """

    role: str
    principal: str
    calls: frozenset[Call]
    context: Mapping[str, str] = field(default_factory=dict)


def duties(deployment: Deployment) -> dict[str, list[Duty]]:
    """What the roles of each service's deliveries are there for, by the service's name."""
    services = deployment.of_type("ecs-blue-green:index:BlueGreenService")
    return {service.name: list(_Delivery(deployment, service).duties()) for service in services}


class _Delivery:
    """One service of a stack, and what releases it."""

    def __init__(self, deployment: Deployment, component: Resource) -> None:
        parents = {each.urn: each.parent for each in deployment}
        self._resources = [each for each in deployment if component.urn in _above(each.urn, parents)]
        self._roles = {each.outputs["arn"]: each.name for each in deployment.of_type(ROLE)}
        (self._service,) = self._all("aws:ecs/service:Service")
        _, partition, _, region, account, path = self._service.outputs["arn"].split(":", 5)
        _, cluster, service = path.split("/")
        self._names = {
            "partition": partition,
            "region": region,
            "account": account,
            "cluster": cluster,
            "service": service,
        }
        for group in self._all(GROUP):
            self._names |= {
                "application": group.inputs["appName"],
                "group": group.inputs["deploymentGroupName"],
                "configuration": group.inputs["deploymentConfigName"],
            }
        self._files: Mapping[str, str] = {}
        for files in self._all("ecs-blue-green:index:ReleaseFiles"):
            self._files = files.outputs["files"]

    def _all(self, type_: str) -> list[Resource]:
        return [each for each in self._resources if each.type == type_]

    def _duty(
        self, role: str, principal: str, *tables: Table, context: Mapping[str, str] | None = None, **names: str
    ) -> Duty:
        found = frozenset(calls(*tables, **self._names | names))
        return Duty(self._roles[role], f"{principal}.amazonaws.com", found, context or {})

    def _source(self, arn: str) -> dict[str, str]:
        """What AWS says of whom it acts for."""
        return {"aws:SourceArn": arn, "aws:SourceAccount": self._names["account"]}

    def duties(self) -> Iterator[Duty]:
        """All of them, each for what it serves."""
        for pipeline in self._all("aws:codepipeline/pipeline:Pipeline"):
            yield from self._pipeline(pipeline)
        rules = {each.inputs["name"]: each.outputs["arn"] for each in self._all("aws:cloudwatch/eventRule:EventRule")}
        for target in self._all("aws:cloudwatch/eventTarget:EventTarget"):
            context = self._source(rules[target.inputs["rule"]])
            pipeline = target.inputs["arn"].rpartition(":")[2]
            yield self._duty(target.inputs["roleArn"], "events", EVENTS, context=context, pipeline=pipeline)
        for function in self._all("aws:lambda/function:Function"):
            yield self._function(function)
        for group in self._all(GROUP):
            yield from self._deployment_group(group)
        for hook in self._service.inputs.get("deploymentConfiguration", {}).get("lifecycleHooks", ()):
            if hook["targetType"] == "AWS_LAMBDA":
                yield self._duty(hook["roleArn"], "ecs", FUNCTION, function=hook["hookTargetArn"])

    def _pipeline(self, pipeline: Resource) -> Iterator[Duty]:
        (store,) = pipeline.inputs["artifactStores"]
        names = {
            "pipeline": pipeline.inputs["name"],
            "bucket": store["location"],
            "key": store["encryptionKey"]["id"],
        }
        role = pipeline.inputs["roleArn"]
        yield self._duty(role, "codepipeline", PIPELINE, **names)
        for action in (each for stage in pipeline.inputs["stages"] for each in stage["actions"]):
            tables, more = [ACTIONS[action["provider"]]], dict(action.get("configuration", {}))
            match action["provider"]:
                case "S3":
                    tables += [CARRIED_TAGS, *([] if more["S3Bucket"] == names["bucket"] else [OBJECT_TAGS])]
                case "CodeCommit":
                    for key in self._keys(more["RepositoryName"]):
                        tables.append(REPOSITORY_KEY)
                        more["repository_key"] = key
                case "CodeDeployToECS":
                    tables += self._tags()
                    more |= self._registered()
                case "CodeBuild":
                    yield self._build(more["ProjectName"], names)
            yield self._duty(role, "codepipeline", *tables, **names, **more)

    def _build(self, name: str, names: Mapping[str, str]) -> Duty:
        (project,) = (each for each in self._all("aws:codebuild/project:Project") if each.inputs["name"] == name)
        variables = {each["name"]: each["value"] for each in project.inputs["environment"]["environmentVariables"]}
        found = commands(project.inputs["source"]["buildspec"])
        tables = [BUILD, *(COMMANDS[each] for each in found)]
        more = {"log": project.inputs["logsConfig"]["cloudwatchLogs"]["groupName"]}
        if uri := variables.get("REPOSITORY_URI"):
            more["repository"] = uri.partition("/")[2]
        if "python3 deploy.py" in found:
            tables += self._tags()
            more |= self._registered()
        context = self._source(project.outputs["arn"])
        return self._duty(project.inputs["serviceRole"], "codebuild", *tables, context=context, **names, **more)

    def _function(self, function: Resource) -> Duty:
        module = importlib.import_module(f"runtime.{function.inputs['handler'].removesuffix('.handler')}")
        controller = self._service.inputs["deploymentController"]["type"]
        tables = [LOG, only(HOOK, module.CALLS[controller]), *([INTERFACES] if "vpcConfig" in function.inputs else [])]
        hook = json.loads(function.inputs["environment"]["variables"]["HOOK"])
        names = {"log": function.inputs["loggingConfig"]["logGroup"], "parameters": hook.get("parameters", "")}
        return self._duty(function.inputs["role"], "lambda", *tables, **names)

    def _deployment_group(self, group: Resource) -> Iterator[Duty]:
        role = group.inputs["serviceRoleArn"]
        (task,) = self._all("aws:ecs/taskDefinition:TaskDefinition")
        roles = {"task_role": task.inputs["taskRoleArn"], "execution_role": task.inputs["executionRoleArn"]}
        yield self._duty(role, "codedeploy", CODEDEPLOY, **roles)
        pair = group.inputs["loadBalancerInfo"]["targetGroupPairInfo"]
        listeners = [each for route in ("prod", "test") for each in pair[f"{route}TrafficRoute"]["listenerArns"]]
        rules = [rule.outputs["arn"] for rule in self._all("aws:lb/listenerRule:ListenerRule")]
        hooks = yaml.safe_load(self._files["appspec.yaml"]).get("Hooks", [])
        functions = [function for hook in hooks for function in hook.values()]
        for kind, table, arns in (
            ("listener", LISTENER, listeners),
            ("rule", RULE, rules),
            ("function", FUNCTION, functions),
        ):
            for arn in arns:
                yield self._duty(role, "codedeploy", table, **{kind: arn})

    def _keys(self, repository: str) -> list[str]:
        return [
            each.inputs["kmsKeyId"]
            for each in self._all("aws:codecommit/repository:Repository")
            if each.inputs["repositoryName"] == repository and "kmsKeyId" in each.inputs
        ]

    def _registered(self) -> dict[str, str]:
        """The family whose revision is registered, and the roles that its tasks get."""
        task = json.loads(self._files["taskdef.json"])
        return {"family": task["family"], "task_role": task["taskRoleArn"], "execution_role": task["executionRoleArn"]}

    def _tags(self) -> list[Table]:
        return [TASK_TAGS] if "tags" in json.loads(self._files["taskdef.json"]) else []


def _above(urn: str, parents: Mapping[str, str]) -> Iterator[str]:
    """What a resource is a part of."""
    while urn := parents.get(urn, ""):
        yield urn
