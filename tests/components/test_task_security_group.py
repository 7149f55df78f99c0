"""What a `TaskSecurityGroup` declares. Mocks prove what is sent, not what AWS accepts."""

import pulumi_aws as aws

from components.task_security_group import TaskSecurityGroup

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
SERVERS = {"api": {"security_group_id": "sg-api", "port": 3000}, "db": {"security_group_id": "sg-db", "port": 5432}}


def test_only_the_load_balancer_gets_in(declare):
    """Tasks take connections from the load balancer's group on one port, and the load balancer may open them."""
    args = {"vpc_id": "vpc-1", "load_balancer_security_group_id": "sg-alb", "port": 3000}
    deployment = declare(lambda: TaskSecurityGroup("shop", args))
    (group,) = deployment.of_type("aws:ec2/securityGroup:SecurityGroup")
    (ingress,) = deployment.of_type(INGRESS)
    egress = {r.name: r.inputs for r in deployment.of_type(EGRESS)}
    assert group.inputs == {"name": group.inputs["name"], "vpcId": "vpc-1", "description": "Tasks of shop"}
    assert ingress.inputs == {
        "securityGroupId": group.id,
        "description": "Load balancer to tasks",
        "ipProtocol": "tcp",
        "fromPort": 3000,
        "toPort": 3000,
        "referencedSecurityGroupId": "sg-alb",
    }
    assert egress == {
        "shop-from-alb": {
            "securityGroupId": "sg-alb",
            "description": "Load balancer to tasks of shop",
            "ipProtocol": "tcp",
            "fromPort": 3000,
            "toPort": 3000,
            "referencedSecurityGroupId": group.id,
        },
        "shop-egress": {
            "securityGroupId": group.id,
            "description": "Tasks to registries, logs and what the application calls",
            "ipProtocol": "-1",
            "cidrIpv4": "0.0.0.0/0",
        },
    }


def test_nobody_gets_in_without_a_load_balancer(declare):
    """Whoever calls the tasks by name opens the way; the tasks themselves may still connect anywhere."""
    deployment = declare(lambda: TaskSecurityGroup("shop", {"vpc_id": "vpc-1", "port": 3000}))
    (egress,) = deployment.of_type(EGRESS)
    assert deployment.of_type(INGRESS) == []
    assert (egress.name, egress.inputs["cidrIpv4"]) == ("shop-egress", "0.0.0.0/0")


def test_servers(declare):
    """Each service that is called lets the tasks in on its own port, and gets nothing more."""
    args = {"vpc_id": "vpc-1", "servers": SERVERS, "tags": {"team": "web"}}
    deployment = declare(lambda: TaskSecurityGroup("shop", args))
    (group,) = deployment.of_type("aws:ec2/securityGroup:SecurityGroup")
    assert {r.name: r.inputs for r in deployment.of_type(INGRESS)} == {
        f"shop-to-{server}": {
            "securityGroupId": f"sg-{server}",
            "description": f"Tasks of shop to tasks of {server}",
            "ipProtocol": "tcp",
            "fromPort": port,
            "toPort": port,
            "referencedSecurityGroupId": group.id,
            "tags": {"team": "web"},
        }
        for server, port in (("api", 3000), ("db", 5432))
    }
    assert [r.name for r in deployment.of_type(EGRESS)] == ["shop-egress"]


def test_tasks_wait_for_every_way(declare):
    """Whoever uses the group depends on all that lets its tasks be reached, and reach what they call."""

    def program():
        args = {"vpc_id": "vpc-1", "load_balancer_security_group_id": "sg-alb", "port": 80, "servers": SERVERS}
        group = TaskSecurityGroup("shop", args).security_group_id
        aws.cloudwatch.LogGroup("user", tags={"group": group})

    deployment = declare(program)
    user = deployment.find("aws:cloudwatch/logGroup:LogGroup", "user")
    ways = {r.urn for r in deployment if r.type in (INGRESS, EGRESS)}
    assert user.inputs["tags"] == {"group": deployment.of_type("aws:ec2/securityGroup:SecurityGroup")[0].id}
    assert len(ways) == 5
    assert ways < set(user.dependencies)
