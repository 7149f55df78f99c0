"""What Service Connect needs to release a service blue/green."""

from __future__ import annotations

from difflib import get_close_matches

from aws import CLUSTER, HTTP_NAMESPACE, PRIVATE_NAMESPACE, SERVICE, TASK_DEFINITION
from finding import shown
from judge import Judge
from release import containers, is_native
from resources import Resource
from rule import Level, Rule, Severity
from stack import Stack
from value import Value

PAGE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-blue-green.html"
DEFAULT_HEADER = "x-amzn-ecs-blue-green-test"

test_traffic = Rule(
    id="native-sc-test-rule",
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    description="A test traffic rule of Service Connect names a header and its exact value.",
    why="Service Connect tells a test by the name and the exact value of a header. A rule that lacks one of them "
    "leads no test to the new version, and beside a rule AWS's default header no longer counts.",
    fix="""\
  aws.ecs.Service("app", ...,
      deployment_configuration={"strategy": "BLUE_GREEN", "bake_time_in_minutes": "10"},
      service_connect_configuration={"enabled": True, "namespace": namespace.arn, "services": [{
          "port_name": "http",
          "client_alias": [{"port": 80, "dns_name": "app", "test_traffic_rules": [{"header": {
-             "name": "x-test", "value": {"exact": ""},
+             "name": "x-test", "value": {"exact": "green"},
          }}]}],
      }]},
  )""",
    url=PAGE,
    knobs={
        "require": {
            "type": "boolean",
            "default": False,
            "description": "Whether every alias must have a rule of its own, instead of AWS's default header.",
        }
    },
)


@test_traffic.resource(SERVICE)
def _test_rules_are_complete(service: Resource, judge: Judge) -> None:
    for endpoint in _endpoints(service):
        with judge.separately:
            aliases = endpoint["clientAlias"]
            if judge.knob("require") and not aliases.items:
                judge.fail(aliases, "has no alias, and so no test traffic rule, which is required here.")
            for alias in aliases.items:
                _check_rules(alias["testTrafficRules"], judge)


def _check_rules(rules: Value, judge: Judge) -> None:
    with judge.separately:
        if judge.knob("require") and not rules.items:
            judge.fail(rules, "is not set, and a rule is required here.")
        for rule in rules.items:
            for part in (rule["header"]["name"], rule["header"]["value"]["exact"]):
                with judge.separately:
                    if not part.text:
                        judge.fail(part, "is not set.")


lookalike = Rule(
    id="native-sc-header-lookalike",
    level=Level.ADVISORY,
    severity=Severity.LOW,
    description="A test header is AWS's default header, or plainly another one.",
    why=f"By default Service Connect recognises {DEFAULT_HEADER}. With a header that differs from it by a few "
    "letters, whoever tests by the documentation reaches the old version and takes it for the new one.",
    fix=f"""\
  aws.ecs.Service("app", ...,
      deployment_configuration={{"strategy": "BLUE_GREEN", "bake_time_in_minutes": "10"}},
      service_connect_configuration={{"enabled": True, "namespace": namespace.arn, "services": [{{
          "port_name": "http",
          "client_alias": [{{"port": 80, "dns_name": "app", "test_traffic_rules": [{{"header": {{
-             "name": "x-amzn-ecs-bluegreen-test", "value": {{"exact": "test"}},
+             "name": "{DEFAULT_HEADER}", "value": {{"exact": "test"}},
          }}}}]}}],
      }}]}},
  )""",
    url=PAGE,
)


@lookalike.resource(SERVICE)
def _header_is_no_lookalike(service: Resource, judge: Judge) -> None:
    for endpoint in _endpoints(service):
        for alias in endpoint["clientAlias"].items:
            for rule in alias["testTrafficRules"].items:
                with judge.separately:
                    name = rule["header"]["name"]
                    if _is_lookalike(name.text.lower()):
                        judge.fail(name, f"is nearly, but not quite, AWS's default {DEFAULT_HEADER}.")


def _is_lookalike(header: str) -> bool:
    return header != DEFAULT_HEADER and bool(get_close_matches(header, [DEFAULT_HEADER], cutoff=0.9))


http_protocol = Rule(
    id="native-sc-http-protocol",
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    description="What a native service offers through Service Connect is a named port that speaks HTTP.",
    why="Service Connect finds the port by its name in the task definition, and tells test traffic by a header: "
    "without appProtocol it takes the port for plain TCP, and no test reaches the new version.",
    fix="""\
  task = aws.ecs.TaskDefinition("app", ...,
      container_definitions=json.dumps([{**containers[0], "portMappings": [{
          "name": "http", "containerPort": 80,
+         "appProtocol": "http",  # or http2, grpc
      }]}]),
  )
  aws.ecs.Service("app", ...,
      task_definition=task.arn,
      deployment_configuration={"strategy": "BLUE_GREEN", "bake_time_in_minutes": "10"},
      service_connect_configuration={"enabled": True, "namespace": namespace.arn, "services": [{
          "port_name": "http", "client_alias": [{"port": 80, "dns_name": "app"}],
      }]},
  )""",
    url=PAGE,
)
HTTP_FAMILY = ("http", "http2", "grpc")


@http_protocol.stack(SERVICE)
def _port_speaks_http(service: Resource, stack: Stack, judge: Judge) -> None:
    endpoints = _endpoints(service)
    task = stack.one(service["taskDefinition"], TASK_DEFINITION) if endpoints else None
    if task is None:
        return
    mappings = [mapping for container in containers(task) for mapping in container["portMappings"].items]
    for endpoint in endpoints:
        with judge.separately:
            port = endpoint["portName"]
            named = [mapping for mapping in mappings if mapping["name"].text == port.text]
            if not named or not port.text:
                judge.fail(port, f"names no port mapping of task definition {task.name}.")
            for mapping in named:
                protocol = mapping["appProtocol"]
                if protocol.text not in HTTP_FAMILY:
                    given = shown(protocol.known)
                    judge.fail(port, f"is a port of task definition {task.name} whose appProtocol is {given}.")


namespace = Rule(
    id="native-sc-namespace",
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    description="A native service that uses Service Connect has a namespace, its own or its cluster's.",
    why="The namespace is where clients find a service, and where their proxies learn of both versions and of the "
    "way to the one under test. With none, a release is not reached by anybody.",
    fix="""\
  aws.ecs.Service("app", ...,
      deployment_configuration={"strategy": "BLUE_GREEN", "bake_time_in_minutes": "10"},
      service_connect_configuration={
          "enabled": True,
+         "namespace": namespace.arn,  # or service_connect_defaults of the cluster
          "services": [{"port_name": "http", "client_alias": [{"port": 80, "dns_name": "app"}]}],
      },
  )""",
    url="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceConnectConfiguration.html",
)


@namespace.stack(SERVICE)
def _has_namespace(service: Resource, stack: Stack, judge: Judge) -> None:
    own = service["serviceConnectConfiguration"]["namespace"]
    if not _is_connected(service) or _names_namespace(own, stack):
        return
    cluster = stack.one(service["cluster"], CLUSTER)
    if cluster is not None and not _names_namespace(cluster["serviceConnectDefaults"]["namespace"], stack):
        judge.fail(own, f"is not set, and cluster {cluster.name} has no default.")


def _names_namespace(reference: Value, stack: Stack) -> bool:
    return bool(stack.keys(reference, HTTP_NAMESPACE, PRIVATE_NAMESPACE))


def _is_connected(service: Resource) -> bool:
    return is_native(service) and service["serviceConnectConfiguration"]["enabled"].flag


def _endpoints(service: Resource) -> list[Value]:
    """What a native service offers through Service Connect."""
    return service["serviceConnectConfiguration"]["services"].items if _is_connected(service) else []
