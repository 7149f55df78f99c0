"""Changes to a service that ECS releases, and to the role by which it does."""

from __future__ import annotations

from typing import Any

from tests.policies.cases import Case, drop, fail, nothing, put, several, undecided
from tests.policies.graph import Change, Document, Graph, Ref
from tests.policies.stacks import classic, mesh, native, native_nlb, two_services
from tests.policies.stacks.iam import allow, policy
from value import UNKNOWN

ADVANCED = "loadBalancers[0].advancedConfiguration"
ALTERNATE = f"{ADVANCED}.alternateTargetGroupArn"
MANAGED = "arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers"
TARGETS = ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"]


def _native(name: str, change: Change, *expected: Any, **more: Any) -> Case:
    return Case(name, change, [*expected], **{"stack": native, **more})


def _add_block(target: str, alternate: str) -> Change:
    """A second block of the service, between these two target groups."""

    def change(graph: Graph) -> None:
        for name in {target, alternate} - graph.resources.keys():
            group = graph.resources["blue"]
            graph.add(name, group.type, {**group.inputs, "name": name}, arn=f"arn:{name}", arnSuffix=name)
        first = graph["service"]["loadBalancers"][0]
        advanced = {**first["advancedConfiguration"], "alternateTargetGroupArn": Ref(alternate, "arn")}
        second = {**first, "targetGroupArn": Ref(target, "arn"), "advancedConfiguration": advanced}
        graph["service"]["loadBalancers"].append(second)

    return change


ADVANCED_CASES = [
    *(
        _native(
            f"no {name}",
            drop("service", f"{ADVANCED}.{name}"),
            fail("native-advanced-config", "service", f"{ADVANCED}.{name}"),
            says=f"service: {ADVANCED}.{name} is not set; strategy BLUE_GREEN needs it.",
        )
        for name in ("alternateTargetGroupArn", "productionListenerRule", "roleArn")
    ),
    _native(
        "an alternate target group that is empty",
        put("service", ALTERNATE, ""),
        fail("native-advanced-config", "service", ALTERNATE),
    ),
    *(
        _native(
            f"no advanced configuration{', first preview' if preview else ''}",
            drop("service", ADVANCED),
            fail("native-advanced-config", "service", ADVANCED),
            preview=preview,
            says=f"service: {ADVANCED} is not set; strategy BLUE_GREEN needs it.",
        )
        for preview in (False, True)
    ),
    *(
        _native(
            f"an alternate that is the primary group{', first preview' if preview else ''}",
            put("service", ALTERNATE, Ref("blue", "arn")),
            fail("native-advanced-config", "service", ALTERNATE),
            preview=preview,
            says=f"service: {ALTERNATE} is the primary target group too.",
        )
        for preview in (False, True)
    ),
    _native(
        "two blocks between four groups",
        _add_block("third", "fourth"),
        preview=True,
    ),
    _native(
        "two blocks, of which one may be between blue and blue",
        _add_block("blue", "third"),
        undecided(
            "native-advanced-config", "service", "loadBalancers[0].advancedConfiguration.alternateTargetGroupArn"
        ),
        undecided(
            "native-advanced-config", "service", "loadBalancers[1].advancedConfiguration.alternateTargetGroupArn"
        ),
        preview=True,
    ),
    _native(
        "a block that lacks it beside one that does not",
        several(_add_block("third", "fourth"), drop("service", "loadBalancers[1].advancedConfiguration")),
        fail("native-advanced-config", "service", "loadBalancers[1].advancedConfiguration"),
    ),
    _native(
        "one unknown block leaves the next judged",
        several(
            _add_block("third", "fourth"),
            put("service", ADVANCED, UNKNOWN),
            drop("service", "loadBalancers[1].advancedConfiguration.roleArn"),
        ),
        fail("native-advanced-config", "service", "loadBalancers[1].advancedConfiguration.roleArn"),
        undecided("native-advanced-config", "service", ADVANCED),
        undecided("native-infra-role", "service", ADVANCED),
    ),
    _native(
        "an unknown role leaves that of the next block judged",
        several(
            _add_block("third", "fourth"),
            lambda graph: _without_attachment(graph),
            put("service", ADVANCED, UNKNOWN),
        ),
        undecided("native-advanced-config", "service", ADVANCED),
        undecided("native-infra-role", "service", ADVANCED),
        fail("native-infra-role", "infrastructure-role"),
    ),
    _native("groups of another stack", put("service", ALTERNATE, "arn:aws:elasticloadbalancing:x:1:targetgroup/x/1")),
    _native("a network load balancer", nothing, stack=native_nlb),
    _native("first preview", nothing, preview=True),
    _native(
        "only Service Connect",
        nothing,
        ("native-advanced-config", "orders-service", "", "not applicable"),
        ("native-advanced-config", "web-service", "", "not applicable"),
        stack=mesh,
    ),
    _native("a rolling service", put("service", "deploymentConfiguration", {"strategy": "ROLLING"})),
    Case("a service that CodeDeploy releases", nothing, [], stack=classic),
    _native(
        "an unknown strategy",
        several(put("service", "deploymentConfiguration", {"strategy": UNKNOWN}), drop("service", ADVANCED)),
        undecided("native-advanced-config", "service", "deploymentConfiguration.strategy"),
        undecided("native-infra-role", "service", "deploymentConfiguration.strategy"),
    ),
    _native(
        "an unknown advanced configuration",
        put("service", ADVANCED, UNKNOWN),
        undecided("native-advanced-config", "service", ADVANCED),
        undecided("native-infra-role", "service", ADVANCED),
    ),
    _native(
        "unknown references that nothing tells leave the role judged",
        several(put("service", ALTERNATE, UNKNOWN), drop("service", f"{ADVANCED}.roleArn")),
        fail("native-advanced-config", "service", f"{ADVANCED}.roleArn"),
    ),
]


def _without_attachment(graph: Graph) -> None:
    del graph.resources["infrastructure-role-attachment"]


def _attach(type_: str, **inputs: Any) -> Change:
    """Another form of carrying a policy, in place of the attachment."""

    def change(graph: Graph) -> None:
        _without_attachment(graph)
        graph.add("carried", f"aws:iam/{type_}", inputs)

    return change


def _own_policy(*statements: dict[str, Any]) -> Change:
    """A managed policy of the stack's own, which the attachment refers to."""

    def change(graph: Graph) -> None:
        graph.add("own", "aws:iam/policy:Policy", {"policy": policy(*statements)}, arn="arn:aws:iam::1:policy/own")
        graph.put("infrastructure-role-attachment", "policyArn", Ref("own", "arn"))

    return change


LACKS = "infrastructure-role carries no policy by which ECS may move the traffic of service."
ROLE = Ref("infrastructure-role", "name")
ROLE_CASES = [
    *(
        _native(
            f"a role for {trusted}",
            put("infrastructure-role", "assumeRolePolicy", policy(statement)),
            fail("native-infra-role", "infrastructure-role", "assumeRolePolicy"),
            preview=True,
            says="infrastructure-role: assumeRolePolicy does not trust ecs.amazonaws.com, which releases service.",
        )
        for trusted, statement in (
            (
                "tasks",
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}},
            ),
            ("nobody", {"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs.amazonaws.com"}}),
            ("tagging", {"Effect": "Allow", "Action": "sts:TagSession", "Principal": {"Service": "ecs.amazonaws.com"}}),
            ("the account", {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "ecs.amazonaws.com"}}),
        )
    ),
    _native(
        "a role that also others may assume",
        put(
            "infrastructure-role",
            "assumeRolePolicy",
            {
                "Statement": {
                    "Effect": "Allow",
                    "Action": ["sts:AssumeRole"],
                    "Principal": {"Service": ["ec2.amazonaws.com", "ecs.amazonaws.com"]},
                }
            },
        ),
    ),
    *(
        _native(
            f"no policy{', first preview' if preview else ''}",
            _without_attachment,
            fail("native-infra-role", "infrastructure-role"),
            preview=preview,
            says=LACKS,
        )
        for preview in (False, True)
    ),
    *(
        _native(
            name,
            put("infrastructure-role-attachment", "policyArn", arn),
            fail("native-infra-role", "infrastructure-role"),
            says=LACKS,
        )
        for name, arn in (
            (
                "a policy for volumes",
                "arn:aws:iam::aws:policy/service-role/AmazonECSInfrastructureRolePolicyForVolumes",
            ),
            ("a path that does not exist", MANAGED.replace("policy/", "policy/service-role/")),
        )
    ),
    _native(
        "a policy of AWS in another partition",
        put("infrastructure-role-attachment", "policyArn", MANAGED.replace("arn:aws:", "arn:aws-cn:")),
    ),
    *(
        _native(f"carried by {name}{', first preview' if preview else ''}", change, preview=preview)
        for name, change in (
            ("the role", several(_without_attachment, put("infrastructure-role", "managedPolicyArns", [MANAGED]))),
            (
                "an attachment to several roles",
                _attach("policyAttachment:PolicyAttachment", roles=["other", ROLE], policyArn=MANAGED),
            ),
            (
                "an inline policy",
                several(
                    _without_attachment,
                    put(
                        "infrastructure-role",
                        "inlinePolicies",
                        [{"policy": policy(allow([*TARGETS, "elasticloadbalancing:Modify*"], "*"))}],
                    ),
                ),
            ),
            (
                "a role policy",
                _attach(
                    "rolePolicy:RolePolicy",
                    role=ROLE,
                    policy=policy(allow(TARGETS, "*"), allow("elasticloadbalancing:ModifyListener", "*")),
                ),
            ),
            ("a managed policy of its own", _own_policy(allow("elasticloadbalancing:*", "*"))),
        )
        for preview in (False, True)
    ),
    *(
        _native(name, _own_policy(*statements), fail("native-infra-role", "infrastructure-role"), says=LACKS)
        for name, statements in (
            ("a policy that reads", [allow("elasticloadbalancing:Describe*", "*")]),
            ("a policy that only registers targets", [allow(TARGETS, "*")]),
            ("a policy that only moves traffic", [allow("elasticloadbalancing:ModifyRule", "*")]),
            ("a policy that denies", [{**allow("elasticloadbalancing:*", "*"), "Effect": "Deny"}]),
        )
    ),
    _native("a role of another stack", put("service", f"{ADVANCED}.roleArn", "arn:aws:iam::1:role/x")),
    _native("first preview of two services with one role", nothing, stack=two_services, preview=True),
    _native(
        "a document that is not told yet",
        _attach(
            "rolePolicy:RolePolicy",
            role=ROLE,
            policy=Document({"Statement": [{**allow("elasticloadbalancing:*", ""), "Resource": Ref("alb", "arn")}]}),
        ),
        undecided("native-infra-role", "service", "policy"),
        preview=True,
    ),
    _native(
        "an attachment that may be the role's",
        several(
            put("infrastructure-role-attachment", "role", UNKNOWN),
            put("infrastructure-role", "assumeRolePolicy", policy()),
        ),
        fail("native-infra-role", "infrastructure-role", "assumeRolePolicy"),
        undecided("native-infra-role", "service", "role"),
    ),
    _native(
        "an unknown trust leaves the policies judged",
        several(_without_attachment, put("infrastructure-role", "assumeRolePolicy", UNKNOWN)),
        fail("native-infra-role", "infrastructure-role"),
        undecided("native-infra-role", "service", "assumeRolePolicy"),
    ),
]


CASES = [*ADVANCED_CASES, *ROLE_CASES]
