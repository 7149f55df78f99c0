"""What a `TaskSecurityGroup` declares. Mocks prove what is sent, not what AWS accepts."""

from components.task_security_group import TaskSecurityGroup


def test_only_the_load_balancer_gets_in(declare):
    """Tasks take connections from the load balancer's group on one port, and the load balancer may open them."""
    args = {"vpc_id": "vpc-1", "load_balancer_security_group_id": "sg-alb", "port": 3000}
    deployment = declare(lambda: TaskSecurityGroup("shop", args))
    (group,) = deployment.of_type("aws:ec2/securityGroup:SecurityGroup")
    (ingress,) = deployment.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    egress = {r.name: r.inputs for r in deployment.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")}
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
