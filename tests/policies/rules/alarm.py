"""Changes to the alarms that a release watches."""

from __future__ import annotations

from typing import Any

from tests.policies.cases import Case, drop, fail, nothing, put, several, undecided
from tests.policies.graph import Change, Graph, Ref, Text
from tests.policies.stacks import classic, mesh, native, native_nlb, two_services
from value import UNKNOWN

BG_ALARMS, NATIVE_ALARMS, BOTH = (
    "bg-rollback-alarms",
    "native-rollback-alarms",
    "bg-alarms-cover-both-groups",
)
DIMENSIONS = {
    colour: {"LoadBalancer": Ref("alb", "arnSuffix"), "TargetGroup": Ref(colour, "arnSuffix")}
    for colour in ("blue", "green")
}

ALARM_CASES = [
    Case(
        "no alarms watched",
        put("group", "alarmConfiguration", {"enabled": False, "alarms": []}),
        [fail(BG_ALARMS, "group", "alarmConfiguration.enabled")],
        says="group: alarmConfiguration.enabled is not true.",
    ),
    Case(
        "no alarm block, in dev at a first preview",
        drop("group", "alarmConfiguration"),
        [fail(BG_ALARMS, "group", "alarmConfiguration.enabled")],
        stack=lambda: classic("dev"),
        preview=True,
    ),
    Case(
        "no alarms",
        put("group", "alarmConfiguration.alarms", []),
        [fail(BG_ALARMS, "group", "alarmConfiguration.alarms")],
        says="group: alarmConfiguration.alarms has 0 alarms; there must be 1 or more.",
    ),
    Case(
        "fewer alarms than configured",
        nothing,
        [fail(BG_ALARMS, "group", "alarmConfiguration.alarms")],
        config={BG_ALARMS: {"minAlarms": 3.0}},
        says="group: alarmConfiguration.alarms has 2 alarms; there must be 3 or more.",
    ),
    Case("as many alarms as configured", nothing, [], config={BG_ALARMS: {"minAlarms": 2.0}}, preview=True),
    Case(
        "a release that goes on without CloudWatch",
        put("group", "alarmConfiguration.ignorePollAlarmFailure", True),
        [fail(BG_ALARMS, "group", "alarmConfiguration.ignorePollAlarmFailure")],
        says="group: alarmConfiguration.ignorePollAlarmFailure is true: a release goes on while CloudWatch does not "
        "tell how the alarms stand.",
    ),
    Case("AWS's default when CloudWatch fails", drop("group", "alarmConfiguration.ignorePollAlarmFailure"), []),
    Case(
        "unknown alarms leave the rest judged",
        several(
            put("group", "alarmConfiguration.alarms", UNKNOWN),
            put("group", "alarmConfiguration.ignorePollAlarmFailure", True),
        ),
        [
            fail(BG_ALARMS, "group", "alarmConfiguration.ignorePollAlarmFailure"),
            undecided(BG_ALARMS, "group", "alarmConfiguration.alarms"),
            undecided(BOTH, "group", "alarmConfiguration.alarms"),
        ],
    ),
    Case(
        "alarms that may be watched leave the rest judged",
        several(
            put("group", "alarmConfiguration.enabled", UNKNOWN),
            put("group", "alarmConfiguration.ignorePollAlarmFailure", True),
        ),
        [
            fail(BG_ALARMS, "group", "alarmConfiguration.ignorePollAlarmFailure"),
            undecided(BG_ALARMS, "group", "alarmConfiguration.enabled"),
            undecided(BOTH, "group", "alarmConfiguration.enabled"),
        ],
    ),
    Case(
        "a deployment group for servers",
        several(
            drop("group", "ecsService"),
            drop("group", "loadBalancerInfo"),
            drop("group", "alarmConfiguration"),
            put("group", "computePlatform", "Server"),
        ),
        [],
    ),
]

NATIVE_CASES = [
    Case(
        "no alarms watched by ECS",
        put("service", "alarms.enable", False),
        [fail(NATIVE_ALARMS, "service", "alarms.enable")],
        stack=native,
        says="service: alarms.enable is not true.",
    ),
    Case(
        "no alarm block",
        drop("web-service", "alarms"),
        [fail(NATIVE_ALARMS, "web-service", "alarms.enable")],
        stack=mesh,
    ),
    Case(
        "alarms that only fail the deployment",
        put("service", "alarms.rollback", False),
        [fail(NATIVE_ALARMS, "service", "alarms.rollback")],
        stack=native,
        says="service: alarms.rollback is not true.",
    ),
    Case(
        "alarms without names",
        put("service", "alarms.alarmNames", []),
        [fail(NATIVE_ALARMS, "service", "alarms.alarmNames")],
        stack=native,
    ),
    Case(
        "fewer names than configured",
        nothing,
        [
            fail(NATIVE_ALARMS, "orders-service", "alarms.alarmNames"),
            fail(NATIVE_ALARMS, "web-service", "alarms.alarmNames"),
        ],
        stack=mesh,
        config={NATIVE_ALARMS: {"minAlarms": 2.0}},
    ),
    Case(
        "unknown names leave the rest judged",
        several(put("service", "alarms.alarmNames", UNKNOWN), put("service", "alarms.rollback", False)),
        [
            fail(NATIVE_ALARMS, "service", "alarms.rollback"),
            undecided(NATIVE_ALARMS, "service", "alarms.alarmNames"),
            undecided(BOTH, "service", "alarms.alarmNames"),
        ],
        stack=native,
    ),
    Case(
        "alarms that may be watched by ECS leave the rest judged",
        put("service", "alarms", {"enable": UNKNOWN, "rollback": UNKNOWN, "alarmNames": []}),
        [
            fail(NATIVE_ALARMS, "service", "alarms.alarmNames"),
            undecided(NATIVE_ALARMS, "service", "alarms.enable"),
            undecided(NATIVE_ALARMS, "service", "alarms.rollback"),
            undecided(BOTH, "service", "alarms.enable"),
        ],
        stack=native,
    ),
    Case(
        "a service that ECS rolls, with an alarm on blue",
        several(
            put("service", "deploymentConfiguration.strategy", "ROLLING"),
            put("service", "alarms", {"enable": True, "rollback": False, "alarmNames": [Ref("blue-5xx", "name")]}),
        ),
        [],
        stack=native,
    ),
    Case("a service that CodeDeploy releases", drop("group", "alarmConfiguration.ignorePollAlarmFailure"), []),
]


def _alarms(*names: Any) -> Change:
    return put("group", "alarmConfiguration.alarms", list(names))


def _math(*colours: str, **more: Any) -> Change:
    """One alarm on the sum of a metric of these target groups."""

    def change(graph: Graph) -> None:
        for prop in ("dimensions", "metricName", "namespace", "statistic", "period"):
            graph.drop("blue-5xx", prop)
        metrics = [
            {"id": f"m{n}", "metric": {"metricName": "HTTPCode_Target_5XX_Count", "dimensions": DIMENSIONS[colour]}}
            for n, colour in enumerate(colours)
        ]
        total = {"id": "e1", "expression": "SUM(METRICS())", "returnData": True, **more}
        graph.put("blue-5xx", "metricQueries", [*metrics, total])
        _alarms(Ref("blue-5xx", "name"))(graph)

    return change


def _composite(rule: Any) -> Change:
    """One composite alarm."""

    def change(graph: Graph) -> None:
        inputs = {"alarmName": "release", "alarmRule": rule}
        graph.add("release", "aws:cloudwatch/compositeAlarm:CompositeAlarm", inputs, arn="arn:release")
        _alarms(Ref("release", "alarmName"))(graph)

    return change


def _whole(balancer: Any) -> Change:
    """One alarm on a load balancer."""
    return several(put("blue-5xx", "dimensions", {"LoadBalancer": balancer}), _alarms(Ref("blue-5xx", "name")))


def _add_balancer(graph: Graph) -> None:
    graph.add("other", graph.resources["alb"].type, {**graph["alb"], "name": "other"}, arn="arn:o", arnSuffix="app/o/1")
    _whole(Ref("other", "arnSuffix"))(graph)


def _add_unknown_block(graph: Graph) -> None:
    """A block in front of the known one, of which no dependency tells the alternate target group."""
    known = graph.inputs("service")["loadBalancers"][0]
    unknown = {**known, "advancedConfiguration": {"alternateTargetGroupArn": UNKNOWN}}
    graph.put("service", "loadBalancers", [unknown, known])


def _add_cycle(graph: Graph) -> None:
    _composite("ALARM(circle)")(graph)
    inputs = {"alarmName": "circle", "alarmRule": 'ALARM("release")'}
    graph.add("circle", "aws:cloudwatch/compositeAlarm:CompositeAlarm", inputs, arn="arn:circle")


ALB, BLUE, GREEN = Ref("alb", "arnSuffix"), Ref("blue-5xx", "name"), Ref("green-5xx", "name")
GREEN_UNWATCHED = [fail(BOTH, "group", "alarmConfiguration.alarms")]
BOTH_CASES = [
    *(
        Case(
            f"blue watched alone{' at a first preview' if preview else ''}",
            _alarms(BLUE),
            GREEN_UNWATCHED,
            preview=preview,
            says="group: alarmConfiguration.alarms do not watch green, which has the new version at every second "
            "release.",
        )
        for preview in (False, True)
    ),
    Case(
        "neither watched",
        several(put("blue-5xx", "dimensions", {"ServiceName": "app-1", "ClusterName": "main"}), _alarms(BLUE)),
        GREEN_UNWATCHED,
        says="group: alarmConfiguration.alarms watch neither blue nor green, nor their load balancer.",
    ),
    Case(
        "blue watched alone, released by ECS",
        put("service", "alarms.alarmNames", [BLUE]),
        [fail(BOTH, "service", "alarms.alarmNames")],
        stack=native,
    ),
    Case(
        "blue watched alone, but not by ECS",
        put("service", "alarms", {"enable": False, "rollback": True, "alarmNames": [BLUE]}),
        [fail(NATIVE_ALARMS, "service", "alarms.enable")],
        stack=native,
    ),
    Case(
        "an unknown block leaves the other judged",
        several(put("service", "alarms.alarmNames", [BLUE]), _add_unknown_block),
        [
            fail(BOTH, "service", "alarms.alarmNames"),
            undecided(BOTH, "service", "loadBalancers[0].advancedConfiguration.alternateTargetGroupArn"),
        ],
        stack=native,
    ),
    Case(
        "blue watched alone, released by ECS through a Network Load Balancer",
        put("service", "alarms.alarmNames", [BLUE]),
        [fail(BOTH, "service", "alarms.alarmNames")],
        stack=native_nlb,
        preview=True,
    ),
    Case(
        "the alarms of another service",
        put("api-service", "alarms.alarmNames", [BLUE, GREEN]),
        [fail(BOTH, "api-service", "alarms.alarmNames")],
        stack=two_services,
    ),
    *(
        Case(
            f"the whole load balancer watched{' at a first preview' if preview else ''}",
            _whole(ALB),
            [],
            preview=preview,
        )
        for preview in (False, True)
    ),
    Case("another load balancer watched", _add_balancer, GREEN_UNWATCHED),
    Case("a load balancer of another stack watched", _whole("app/elsewhere/1"), GREEN_UNWATCHED),
    Case(
        "the whole load balancer watched, which nothing tells to be theirs",
        several(_whole(ALB), put("prod-rule", "actions", []), put("test-rule", "actions", [])),
        [],
    ),
    *(
        Case(
            f"both in metric math{' at a first preview' if preview else ''}",
            _math("blue", "green"),
            [],
            preview=preview,
        )
        for preview in (False, True)
    ),
    Case("blue in metric math", _math("blue"), GREEN_UNWATCHED),
    *(
        Case(
            f"blue in metric math with {query}",
            _math("blue", expression=query),
            [undecided(BOTH, "group", "metricQueries[1].expression")],
            says="blue-5xx (aws:cloudwatch/metricAlarm:MetricAlarm): metricQueries[1].expression finds its metrics by "
            "a query.",
        )
        for query in (
            "SUM(SEARCH('{AWS/ApplicationELB}', 'Sum', 60))",
            'SELECT SUM(m) FROM SCHEMA("AWS/ApplicationELB")',
        )
    ),
    Case("both in a composite alarm", _composite('ALARM("app-blue-5xx-1") OR ALARM(app-green-5xx-1)'), []),
    Case(
        "both in a composite alarm at a first preview",
        _composite(Text(("ALARM(", Ref("blue-5xx", "arn"), ") OR ALARM( ", Ref("green-5xx", "arn"), " )"))),
        [],
        preview=True,
    ),
    Case("both in a composite alarm by ARN", _composite(Text(("ALARM(", BLUE, ") OR ALARM('", GREEN, "')"))), []),
    Case(
        "green in a composite alarm only when it is well",
        _composite("ALARM(app-blue-5xx-1) AND NOT ALARM(app-green-5xx-1) AND OK(app-green-5xx-1)"),
        GREEN_UNWATCHED,
    ),
    Case("composite alarms in a circle", _add_cycle, GREEN_UNWATCHED),
    Case(
        "a composite alarm of nobody knows what",
        _composite(UNKNOWN),
        [undecided(BOTH, "group", "alarmRule")],
    ),
    Case("an alarm of another stack", _alarms(BLUE, "elsewhere"), []),
    Case("a composite alarm with one of another stack", _composite("ALARM(app-blue-5xx-1) OR ALARM(elsewhere)"), []),
    Case(
        "an alarm of nobody knows what leaves both watched",
        several(
            _alarms(BLUE, GREEN, "third"), lambda graph: graph.put("group", "alarmConfiguration.alarms[2]", UNKNOWN)
        ),
        [],
    ),
    Case(
        "an alarm of nobody knows what",
        _alarms("app-blue-5xx-1", UNKNOWN),
        [undecided(BOTH, "group", "alarmConfiguration.alarms[1]")],
    ),
    Case(
        "an unknown target group that nothing tells",
        put("green-5xx", "dimensions", {"TargetGroup": UNKNOWN, "LoadBalancer": "app/alb-1/0a"}),
        [undecided(BOTH, "group", "dimensions.TargetGroup")],
    ),
    Case(
        "alarms that are not watched",
        put("group", "alarmConfiguration.enabled", False),
        [
            fail(BG_ALARMS, "group", "alarmConfiguration.enabled"),
        ],
    ),
    Case(
        "target groups of another stack",
        put("group", "loadBalancerInfo.targetGroupPairInfo.targetGroups[1].name", "elsewhere"),
        [],
    ),
    Case(
        "a metric of which both must be watched",
        put("green-5xx", "metricName", "RequestCount"),
        GREEN_UNWATCHED,
        config={BOTH: {"metrics": ["HTTPCode_Target_5XX_Count"]}},
    ),
    Case(
        "one of two metrics of which both must be watched",
        put("green-5xx", "metricName", "UnHealthyHostCount"),
        [],
        config={BOTH: {"metrics": ["HTTPCode_Target_5XX_Count", "UnHealthyHostCount"]}},
    ),
]

CASES = [*ALARM_CASES, *NATIVE_CASES, *BOTH_CASES]
