"""How traffic reaches a service: two target groups and the listener rules over them."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components import limits
from components.routing import CATCH_ALL_PRIORITY, check_room_before, priority_before
from components.service_connect import HeaderArgs


class TargetHealthCheckArgs(TypedDict):
    """How the load balancer finds out whether a task can take traffic."""

    path: NotRequired[str]
    """Path that is requested; / unless given."""

    matcher: NotRequired[str]
    """Status codes that mean healthy; 200 unless given."""

    interval_seconds: NotRequired[int]
    """Seconds between two checks; 15 unless given."""

    timeout_seconds: NotRequired[int]
    """Seconds after which a check has failed; 5 unless given."""

    healthy_threshold: NotRequired[int]
    """Successes in a row that make a task healthy; 2 unless given."""

    unhealthy_threshold: NotRequired[int]
    """Failures in a row that make a task unhealthy; 3 unless given."""


class RuleArgs(TypedDict):
    """Which requests of a listener go to the service."""

    priority: int
    """Priority of the rule on its listener; lower numbers are tried first."""

    host_headers: NotRequired[list[str]]
    """Host names; every host unless given."""

    path_patterns: NotRequired[list[str]]
    """Path patterns; every path unless given."""


class TrafficRouteArgs(TypedDict):
    """Arguments of a `TrafficRoute`."""

    vpc_id: pulumi.Input[str]
    """The VPC."""

    listener_arn: pulumi.Input[str]
    """Production listener."""

    target_port: int
    """Port that the tasks listen on."""

    test_listener_arn: NotRequired[pulumi.Input[str] | None]
    """Test listener, which shows green before production traffic moves; none unless given."""

    test_header: NotRequired[HeaderArgs | None]
    """Requests on the production listener that reach green before the others do; none unless given."""

    test_path_patterns: NotRequired[list[str]]
    """The same by path; none unless given."""

    rule: NotRequired[RuleArgs | None]
    """Requests that go to the service; all that no other rule takes unless given."""

    health_check: NotRequired[TargetHealthCheckArgs]
    """Health check of both target groups."""

    deregistration_delay_seconds: NotRequired[int]
    """Seconds that open requests have to finish when a task leaves; 30 unless given."""

    tags: NotRequired[dict[str, str]]
    """Tags of every resource; none unless given."""


class TrafficRoute(pulumi.ComponentResource):
    """A blue and a green target group, alike but for their names, and the rules that forward to both by weight.

    All traffic, tests too, goes to blue at first. From then on CodeDeploy or ECS moves the weights, so Pulumi ignores
    the rules' actions as a whole (G4, G30, G31). Both groups are named from the first day: a rule over one group would
    be rewritten to two by the first release, and show up as drift for good (G29).

    Tests reach green on a listener of their own, or by a header or a path on the production listener. There the test
    rule stands right before the production rule, which would otherwise take its requests (G21).

    Raises:
        Refused: for a name that leaves no room for the target groups' names (G50), or a priority that leaves none for
            the test rule (G21).
    """

    blue_arn: pulumi.Output[str]
    """Blue target group, known once the rules are in place: a service can't be made before (G48)."""

    blue_name: pulumi.Output[str]
    """Name of the blue target group."""

    green_arn: pulumi.Output[str]
    """Green target group, known once the rules are in place."""

    blue_arn_suffix: pulumi.Output[str]
    """`TargetGroup` dimension of blue's CloudWatch metrics."""

    green_name: pulumi.Output[str]
    """Name of the green target group."""

    green_arn_suffix: pulumi.Output[str]
    """`TargetGroup` dimension of green's CloudWatch metrics."""

    rule_arns: pulumi.Output[list[str]]
    """The rules that a release moves: production, then test where there is one."""

    production_rule_arn: pulumi.Output[str]
    """Rule that production traffic comes by."""

    test_rule_arn: pulumi.Output[str] | None
    """Rule that tests come by, if there is one."""

    def __init__(self, name: str, args: TrafficRouteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        limits.check_name(name, limits.SERVICE_NAME, "its green target group")
        rule = args.get("rule") or RuleArgs(priority=CATCH_ALL_PRIORITY)
        test_listener, picked = args.get("test_listener_arn"), _test_conditions(rule, args)
        if picked and not test_listener:
            check_room_before(rule["priority"])
        super().__init__("ecs-blue-green:index:TrafficRoute", name, None, opts)

        blue = self._target_group(f"{name}-blue", args)
        green = self._target_group(f"{name}-green", args)
        production = self._rule(
            f"{name}-production", args["listener_arn"], rule, _conditions(rule), (blue, green), args
        )
        test = None
        if test_listener:
            test = self._rule(f"{name}-test", test_listener, rule, _conditions(rule), (blue, green), args)
        elif picked:
            before = RuleArgs(priority=priority_before(rule["priority"]))
            test = self._rule(f"{name}-test", args["listener_arn"], before, picked, (blue, green), args)

        self.production_rule_arn = production.arn
        self.test_rule_arn = test.arn if test else None
        self.rule_arns = pulumi.Output.all(*(rule.arn for rule in (production, test) if rule))
        self.blue_arn = pulumi.Output.all(blue.arn, self.rule_arns).apply(lambda known: known[0])
        self.green_arn = pulumi.Output.all(green.arn, self.rule_arns).apply(lambda known: known[0])
        self.blue_name = blue.name
        self.blue_arn_suffix = blue.arn_suffix
        self.green_name = green.name
        self.green_arn_suffix = green.arn_suffix
        self.register_outputs(
            {
                "blue_arn": self.blue_arn,
                "blue_name": self.blue_name,
                "blue_arn_suffix": self.blue_arn_suffix,
                "green_arn": self.green_arn,
                "green_name": self.green_name,
                "green_arn_suffix": self.green_arn_suffix,
                "rule_arns": self.rule_arns,
                "production_rule_arn": self.production_rule_arn,
                "test_rule_arn": self.test_rule_arn,
            }
        )

    def _target_group(self, name: str, args: TrafficRouteArgs) -> aws.lb.TargetGroup:
        check = args.get("health_check", {})
        return aws.lb.TargetGroup(
            name,
            vpc_id=args["vpc_id"],
            target_type="ip",
            protocol="HTTP",
            protocol_version="HTTP1",
            port=args["target_port"],
            deregistration_delay=args.get("deregistration_delay_seconds", 30),
            health_check={
                "enabled": True,
                "protocol": "HTTP",
                "port": "traffic-port",
                "path": check.get("path", "/"),
                "matcher": check.get("matcher", "200"),
                "interval": check.get("interval_seconds", 15),
                "timeout": check.get("timeout_seconds", 5),
                "healthy_threshold": check.get("healthy_threshold", 2),
                "unhealthy_threshold": check.get("unhealthy_threshold", 3),
            },
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _rule(
        self,
        name: str,
        listener_arn: pulumi.Input[str],
        rule: RuleArgs,
        conditions: list[aws.lb.ListenerRuleConditionArgsDict],
        groups: tuple[aws.lb.TargetGroup, aws.lb.TargetGroup],
        args: TrafficRouteArgs,
    ) -> aws.lb.ListenerRule:
        blue, green = groups
        return aws.lb.ListenerRule(
            name,
            listener_arn=listener_arn,
            priority=rule["priority"],
            conditions=conditions,
            actions=[
                {
                    "type": "forward",
                    "forward": {
                        "target_groups": [{"arn": blue.arn, "weight": 100}, {"arn": green.arn, "weight": 0}],
                        "stickiness": {"enabled": False, "duration": 1},
                    },
                }
            ],
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["actions"]),
        )


def _conditions(rule: RuleArgs) -> list[aws.lb.ListenerRuleConditionArgsDict]:
    conditions: list[aws.lb.ListenerRuleConditionArgsDict] = []
    if hosts := rule.get("host_headers"):
        conditions.append({"host_header": {"values": hosts}})
    if paths := rule.get("path_patterns") or ([] if hosts else ["/*"]):
        conditions.append({"path_pattern": {"values": paths}})
    return conditions


def _test_conditions(rule: RuleArgs, args: TrafficRouteArgs) -> list[aws.lb.ListenerRuleConditionArgsDict]:
    """What picks test traffic out of the production listener: a header beside the rule's conditions, or other paths."""
    if header := args.get("test_header"):
        picked: aws.lb.ListenerRuleConditionArgsDict = {
            "http_header": {"http_header_name": header["name"], "values": [header["value"]]}
        }
        return [*(_conditions(rule) if _picks(rule) else []), picked]
    if paths := args.get("test_path_patterns"):
        return _conditions({**rule, "path_patterns": paths})
    return []


def _picks(rule: RuleArgs) -> bool:
    return bool(rule.get("host_headers") or rule.get("path_patterns"))
