"""What the whole program declares, for the dev stack and for several services that share a load balancer."""

import json

import pytest

from offline.deployment import Deployment
from tests.graph import needs, only, unreadable

ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
IMAGE = "public.ecr.aws/docker/library/python:3.13.9-alpine3.22"


def service(**route):
    """A service with one container on port 80, reached as `route` says."""
    return {"containers": {"web": {"image": IMAGE, "port": 80}}, "loadBalancer": route}


@pytest.fixture(scope="module")
def shop(preview) -> Deployment:
    """Two services share both listeners by rules, a third takes the rest, a fourth has listeners of its own."""
    return preview(
        services={
            "rest": service(testPort=8080),
            "api": service(testPort=8080, rule={"priority": 10, "pathPatterns": ["/api/*"]}),
            "docs": service(testPort=8080, rule={"priority": 20, "hostHeaders": ["docs.example.com"]}),
            "admin": service(port=9000) | {"desiredCountOwner": "autoscaling"},
        }
    )


class TestDevIsSeedA:
    """The dev stack shows what the hands-on builds, without its weak points."""

    def test_task_definition(self, dev):
        """Family, size, architecture, container and port are those of the hands-on."""
        task = only(dev, "aws:ecs/taskDefinition:TaskDefinition").inputs
        (container,) = json.loads(task["containerDefinitions"])
        assert task["family"] == "blue-green-family"
        assert (task["cpu"], task["memory"]) == ("1024", "3072")
        assert task["runtimePlatform"]["cpuArchitecture"] == "ARM64"
        assert (task["networkMode"], task["requiresCompatibilities"]) == ("awsvpc", ["FARGATE"])
        assert container["name"] == "blue-green-task"
        assert container["image"] == IMAGE
        assert container["portMappings"] == [
            {
                "name": "blue-green-port",
                "containerPort": 80,
                "hostPort": 80,
                "protocol": "tcp",
                "appProtocol": "http",
            }
        ]

    def test_before_the_first_release(self, root, dev):
        """Until then the sample application serves: not as root though on port 80, and it writes nowhere."""
        task = only(dev, "aws:ecs/taskDefinition:TaskDefinition").inputs
        (container,) = json.loads(task["containerDefinitions"])
        assert container["command"] == ["python", "-u", "-c", (root / "app" / "server.py").read_text(encoding="utf-8")]
        assert container["environment"] == [{"name": "PORT", "value": "80"}]
        assert container["user"] == "65534:65534"
        assert container["systemControls"] == [{"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
        assert container["readonlyRootFilesystem"] is True
        assert "mountPoints" not in container
        assert task["volumes"] == []

    def test_roles_differ(self, dev):
        """The application does not hold the rights of ECS."""
        task = only(dev, "aws:ecs/taskDefinition:TaskDefinition").inputs
        assert task["taskRoleArn"] != task["executionRoleArn"]

    def test_service(self, dev):
        """One Fargate task runs under CODE_DEPLOY, in the private subnets, without an address of its own."""
        found = only(dev, "aws:ecs/service:Service").inputs
        private = sorted(r.id for r in dev.of_type("aws:ec2/subnet:Subnet") if "-private-" in r.name)
        assert found["deploymentController"] == {"type": "CODE_DEPLOY"}
        assert (found["launchType"], found["schedulingStrategy"]) == ("FARGATE", "REPLICA")
        assert found["desiredCount"] == 1
        assert sorted(found["networkConfiguration"]["subnets"]) == private
        assert found["networkConfiguration"]["assignPublicIp"] is False
        assert [block["containerPort"] for block in found["loadBalancers"]] == [80]

    def test_load_balancer(self, dev):
        """Port 80 forwards to two ip target groups on port 80; green is seen on port 8080 first."""
        listeners = {r.urn: r.inputs["port"] for r in dev.of_type("aws:lb/listener:Listener")}
        rules = {
            listeners[urn]: [group["weight"] for group in rule.inputs["actions"][0]["forward"]["targetGroups"]]
            for rule in dev.of_type("aws:lb/listenerRule:ListenerRule")
            for urn in rule.property_dependencies["listenerArn"]
            if urn in listeners
        }
        assert rules == {80: [100, 0], 8080: [100, 0]}
        groups = [r.inputs for r in dev.of_type("aws:lb/targetGroup:TargetGroup")]
        assert [(g["targetType"], g["protocol"], g["port"]) for g in groups] == [("ip", "HTTP", 80)] * 2
        assert [g["healthCheck"]["path"] for g in groups] == ["/health"] * 2

    def test_deployment_group(self, dev):
        """The pair moves all at once, watched by six alarms, and every failure brings blue back."""
        group = only(dev, "aws:codedeploy/deploymentGroup:DeploymentGroup").inputs
        pair = group["loadBalancerInfo"]["targetGroupPairInfo"]
        names = [r.inputs["name"] for r in dev.of_type("aws:lb/targetGroup:TargetGroup")]
        assert group["deploymentConfigName"] == "CodeDeployDefault.ECSAllAtOnce"
        assert sorted(g["name"] for g in pair["targetGroups"]) == sorted(names)
        assert len(group["alarmConfiguration"]["alarms"]) == 6
        assert group["autoRollbackConfiguration"]["events"] == [
            "DEPLOYMENT_FAILURE",
            "DEPLOYMENT_STOP_ON_ALARM",
            "DEPLOYMENT_STOP_ON_REQUEST",
        ]

    def test_repository_and_logs(self, dev):
        """Images have a repository of that name, whose tags never move but for `latest`, and every log group a
        retention."""
        repository = only(dev, "aws:ecr/repository:Repository").inputs
        assert (repository["name"], repository["imageTagMutability"]) == (
            "blue-green-image",
            "IMMUTABLE_WITH_EXCLUSION",
        )
        assert repository["imageTagMutabilityExclusionFilters"] == [{"filterType": "WILDCARD", "filter": "latest"}]
        assert {r.name: r.inputs["retentionInDays"] for r in dev.of_type("aws:cloudwatch/logGroup:LogGroup")} == {
            "app-deploy-choose-image": 30,
            "app-image-build": 30,
            "app-logs": 30,
            "blue-green-exec": 90,
            "blue-green-flow-logs": 30,
        }

    def test_outputs(self, dev):
        """The stack's outputs are what a person needs for the first release."""
        assert sorted(dev.outputs) == ["cluster", "services", "urls"]
        assert sorted(dev.outputs["services"]["app"]) == [
            "appRepository",
            "application",
            "deployPipeline",
            "deploymentGroup",
            "filesRepository",
            "imagePipeline",
            "imageRepository",
            "service",
            "taskDefinition",
        ]
        assert dev.outputs["urls"] == {
            "app": f"http://{only(dev, 'aws:lb/loadBalancer:LoadBalancer').outputs['dnsName']}/"
        }


class TestTree:
    """The resource tree mirrors the components."""

    def test_every_resource_has_a_parent(self, shop):
        """Only the project's own components hang on the stack, and children are named after their component."""
        by_urn = shop.by_urn()
        on_stack = {(r.type, r.name) for r in shop.children(shop.stack.urn)}
        assert on_stack == {
            *((f"ecs-blue-green:index:{kind}", "blue-green") for kind in ("Network", "Cluster", "LoadBalancer")),
            *(("ecs-blue-green:index:BlueGreenService", name) for name in ("rest", "api", "docs", "admin")),
        }
        for resource in shop:
            if resource.parent and by_urn[resource.parent].type.startswith("ecs-blue-green:"):
                assert resource.name.startswith(by_urn[resource.parent].name), resource.urn

    def test_components(self, shop):
        """A service is one component, made of its task, its route, who reaches it, its alarms and its releases."""
        parts = [
            r.type.rpartition(":")[2]
            for r in shop.children(shop.find("ecs-blue-green:index:BlueGreenService", "api").urn)
        ]
        assert sorted(parts) == [
            "CodeDeployService",
            "FargateTask",
            "RollbackAlarms",
            "TaskSecurityGroup",
            "TrafficRoute",
        ]

    def test_urns_are_unique(self, shop):
        """No two resources share a URN, which the mock monitor of the SDK would let pass."""
        assert len({resource.urn for resource in shop}) == len(shop)

    def test_tags(self, preview):
        """Every resource that takes tags carries those of the stack."""
        tags = {"team": "web"}
        deployment = preview(services={"app": service()}, tags=tags)
        untagged = {
            r.type
            for r in deployment
            if r.custom and r.type.startswith("aws:") and not tags.items() <= r.inputs.get("tags", {}).items()
        }
        assert untagged == {
            "aws:ec2/route:Route",
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            "aws:iam/rolePolicy:RolePolicy",
        }


class TestOrder:
    """What AWS needs before a resource, and after it, stands in the graph; deletes run the other way round."""

    def test_service_waits_for_its_rules(self, shop):
        """A service is made after the rules that put both groups behind the load balancer, and goes first (G48)."""
        for name in ("rest", "api", "docs"):
            found = needs(shop, shop.find("aws:ecs/service:Service", f"{name}-service"))
            rules = {
                shop.find("aws:lb/listenerRule:ListenerRule", f"{name}-{kind}").urn for kind in ("production", "test")
            }
            assert rules <= found

    def test_service_waits_for_permissions(self, shop):
        """A service starts and stops tasks, so its roles' policies are there before and after it (G26)."""
        found = needs(shop, shop.find("aws:ecs/service:Service", "api-service"))
        assert shop.find("aws:iam/rolePolicy:RolePolicy", "api-execution").urn in found

    def test_service_waits_for_the_network(self, shop):
        """The first tasks find their security group open and a way out of their subnets."""
        found = needs(shop, shop.find("aws:ecs/service:Service", "api-service"))
        rules = {r.urn for r in shop if r.type.startswith("aws:vpc/securityGroup") and r.name.startswith("api-")}
        assert len(rules) == 3
        assert rules <= found
        assert only(shop, "awsx:ec2:Vpc").urn in found

    def test_servers_come_first(self, preview):
        """A service is made after those that it calls, wherever the stack file names them (G24)."""
        containers = {"web": {"image": IMAGE, "port": 80, "appProtocol": "http"}}
        native = {"containers": containers, "deployment": {"controller": "ECS"}}
        client = {"serviceConnect": {"connectsTo": ["server"]}, "loadBalancer": {}}
        stack = preview(services={"client": native | client, "server": native | {"serviceConnect": {"port": 80}}})
        found = needs(stack, stack.find("aws:ecs/service:Service", "client-service"))
        assert stack.find("aws:ecs/service:Service", "server-service").urn in found

    def test_deployment_group_is_last(self, shop):
        """CodeDeploy learns of a service that exists, with listeners, alarms and permissions in place."""
        found = needs(shop, shop.find("aws:codedeploy/deploymentGroup:DeploymentGroup", "api-deployment-group"))
        wanted = [
            r.urn
            for r in shop
            if r.name in {"api-service", "api-codedeploy-tasks", "api-codedeploy-traffic", "blue-green-80"}
            or (r.type == "aws:cloudwatch/metricAlarm:MetricAlarm" and r.name.startswith("api-"))
        ]
        assert len([urn for urn in wanted if urn in found]) == 4 + 6


class TestSharing:
    """Services share a load balancer by rules."""

    def test_one_listener_a_port(self, shop):
        """Services on the same port share its listener."""
        assert sorted(r.inputs["port"] for r in shop.of_type("aws:lb/listener:Listener")) == [80, 8080, 9000]

    def test_rules(self, shop):
        """Each service has its own rule on each listener, the one without conditions last."""
        rules = {
            r.name: (r.inputs["priority"], r.inputs["conditions"])
            for r in shop.of_type("aws:lb/listenerRule:ListenerRule")
        }
        everything = (50_000, [{"pathPattern": {"values": ["/*"]}}])
        api = (10, [{"pathPattern": {"values": ["/api/*"]}}])
        docs = (20, [{"hostHeader": {"values": ["docs.example.com"]}}])
        assert rules == {
            "rest-production": everything,
            "rest-test": everything,
            "api-production": api,
            "api-test": api,
            "docs-production": docs,
            "docs-test": docs,
            "admin-production": everything,
        }

    def test_each_service_has_one_deployment_group(self, shop):
        """A service belongs to one deployment group, named like it (G7)."""
        groups = shop.of_type("aws:codedeploy/deploymentGroup:DeploymentGroup")
        services = {r.inputs["name"]: r.name for r in shop.of_type("aws:ecs/service:Service")}
        assert {services[g.inputs["ecsService"]["serviceName"]]: g.inputs["deploymentGroupName"] for g in groups} == {
            f"{name}-service": name for name in ("rest", "api", "docs", "admin")
        }

    def test_what_is_ignored(self, shop):
        """Everything that a release or a scaler changes is ignored, by whole properties, and nothing else is."""
        classic = ["enableExecuteCommand", "loadBalancers", "networkConfiguration", "taskDefinition"]
        ignored = {(r.type, r.name): r.ignore_changes for r in shop if r.ignore_changes}
        assert ignored == {
            **{("aws:ecs/service:Service", f"{name}-service"): classic for name in ("rest", "api", "docs")},
            ("aws:ecs/service:Service", "admin-service"): ["desiredCount", *classic],
            **{
                ("aws:lb/listenerRule:ListenerRule", r.name): ["actions"]
                for r in shop.of_type("aws:lb/listenerRule:ListenerRule")
            },
            **{("aws:lb/listener:Listener", f"blue-green-{port}"): ["defaultActions"] for port in (80, 8080, 9000)},
        }

    def test_exec(self, preview):
        """ECS Exec is opened for the service that asks for it, by its task role and by its service."""
        deployment = preview(services={"a": service(port=81), "b": service(port=82) | {"executeCommand": True}})
        policies = {r.name for r in deployment.of_type("aws:iam/rolePolicy:RolePolicy")}
        assert {name for name in policies if "-exec" in name} == {"a-execution", "b-exec", "b-execution"}
        enabled = {r.name: r.inputs["enableExecuteCommand"] for r in deployment.of_type("aws:ecs/service:Service")}
        assert enabled == {"a-service": False, "b-service": True}

    def test_internal_load_balancer(self, preview):
        """An internal load balancer stands in the private subnets."""
        deployment = preview(services={"app": service()}, loadBalancer={"scheme": "internal"})
        balancer = only(deployment, "aws:lb/loadBalancer:LoadBalancer").inputs
        private = [r.id for r in deployment.of_type("aws:ec2/subnet:Subnet") if "-private-" in r.name]
        assert balancer["internal"] is True
        assert sorted(balancer["subnets"]) == sorted(private)


class TestProd:
    """The production stack hardens the same shape."""

    def test_https(self, prod):
        """Both routes are HTTPS with a policy for TLS 1.2 or later; port 80 redirects."""
        listeners = {
            r.inputs["port"]: (r.inputs["protocol"], r.inputs.get("sslPolicy"), r.inputs["defaultActions"][0]["type"])
            for r in prod.of_type("aws:lb/listener:Listener")
        }
        policy = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
        assert listeners == {
            80: ("HTTP", None, "redirect"),
            443: ("HTTPS", policy, "fixed-response"),
            8443: ("HTTPS", policy, "fixed-response"),
        }

    def test_network(self, prod):
        """Each of three zones has a NAT gateway of its own."""
        assert len(prod.of_type("aws:ec2/natGateway:NatGateway")) == 3

    def test_load_balancer(self, prod):
        """It is logged, guarded by a web ACL, and not deleted by a slip."""
        balancer = only(prod, "aws:lb/loadBalancer:LoadBalancer")
        assert balancer.inputs["accessLogs"]["enabled"] is True
        assert balancer.inputs["enableDeletionProtection"] is True
        association = only(prod, "aws:wafv2/webAclAssociation:WebAclAssociation")
        assert association.inputs["resourceArn"] == balancer.outputs["arn"]

    def test_before_the_first_release(self, root, prod):
        """Until then the sample application serves, as in the dev stack, on a port that needs no privilege."""
        (container,) = json.loads(only(prod, "aws:ecs/taskDefinition:TaskDefinition").inputs["containerDefinitions"])
        assert container["image"] == IMAGE
        assert container["command"] == ["python", "-u", "-c", (root / "app" / "server.py").read_text(encoding="utf-8")]
        assert container["environment"] == [{"name": "PORT", "value": "8080"}]
        assert container["portMappings"][0]["containerPort"] == 8080
        assert (container["user"], container["readonlyRootFilesystem"]) == ("65534:65534", True)
        assert {"systemControls", "mountPoints"} & container.keys() == set()

    def test_release(self, prod):
        """A tenth of the traffic for five minutes, after somebody approved, with an hour to go back at once."""
        group = only(prod, "aws:codedeploy/deploymentGroup:DeploymentGroup").inputs
        assert group["deploymentConfigName"] == "CodeDeployDefault.ECSCanary10Percent5Minutes"
        assert group["blueGreenDeploymentConfig"] == {
            "deploymentReadyOption": {"actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60},
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 60},
        }
        assert len(group["alarmConfiguration"]["alarms"]) == 6
        assert only(prod, "aws:ecs/service:Service").inputs["desiredCount"] == 3

    def test_one_key_for_all_that_is_kept(self, prod):
        """Logs, images, artifacts and messages are encrypted with the stack's own key."""
        key = only(prod, "aws:kms/key:Key").outputs["arn"]
        assert {r.inputs["kmsKeyId"] for r in prod.of_type("aws:cloudwatch/logGroup:LogGroup")} == {key}
        assert only(prod, "aws:ecr/repository:Repository").inputs["encryptionConfigurations"][0]["kmsKey"] == key
        assert prod.find(ENCRYPTION, "app-artifacts").inputs["rules"][0]["applyServerSideEncryptionByDefault"] == {
            "sseAlgorithm": "aws:kms",
            "kmsMasterKeyId": key,
        }
        assert only(prod, "aws:sns/topic:Topic").inputs["kmsMasterKeyId"] == key

    def test_protected(self, prod):
        """Pulumi refuses to delete what carries traffic."""
        assert sorted(r.name for r in prod if r.protect) == ["app-deployment-group", "app-service", "blue-green-alb"]


def test_first_preview_shows_the_documents(preview):
    """Before anything exists, every document but the one of rule ARNs can be read: it is made of names."""
    deployment = preview(
        first_preview=True, services={"app": service() | {"imageRepository": {"name": "app"}, "executeCommand": True}}
    )
    assert unreadable(deployment) == {"app-codedeploy-traffic"}


def test_linear_growth(preview):
    """The resources of a service don't depend on how many others there are."""

    def count(services: int) -> int:
        return len(preview(services={f"s{n}": service(port=1000 + n) for n in range(services)}))

    one, two, ten = count(1), count(2), count(10)
    assert ten - two == 8 * (two - one)
