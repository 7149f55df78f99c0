"""The mesh stack: a frontend behind the load balancer, and a backend that only the mesh reaches."""

import json

import pytest
import yaml

import settings
from tests.graph import needs, only

IMAGE = "public.ecr.aws/docker/library/python:3.13.9-alpine3.22"
BLUE = "Hello from BACKEND BLUE"
HEADER = {"name": "x-amzn-ecs-bluegreen-test", "value": {"exact": "test"}}
LOG_GROUP = "/aws/ecs/task/ecs-service-connect-tasks"
NAMES = ("backend", "frontend")


def task(deployment, name):
    return deployment.find("aws:ecs/taskDefinition:TaskDefinition", f"{name}-task").inputs


def container(deployment, name):
    (found,) = json.loads(task(deployment, name)["containerDefinitions"])
    return found


def service(deployment, name):
    return deployment.find("aws:ecs/service:Service", f"{name}-service")


def endpoint(deployment, name):
    (found,) = service(deployment, name).inputs["serviceConnectConfiguration"]["services"]
    return found


class TestTasks:
    """The sample application runs twice: one task replies, the other passes requests on."""

    def definition(self, root, name, port, check, environment):
        return {
            "name": name,
            "image": IMAGE,
            "command": ["python", "-u", "-c", (root / "app" / "server.py").read_text(encoding="utf-8")],
            "essential": True,
            "user": "65534:65534",
            "readonlyRootFilesystem": True,
            "stopTimeout": 30,
            "environment": [{"name": key, "value": value} for key, value in environment.items()],
            "portMappings": [
                {
                    "name": f"{name}-port",
                    "containerPort": port,
                    "hostPort": port,
                    "protocol": "tcp",
                    "appProtocol": "http",
                }
            ],
            "healthCheck": {
                "command": ["CMD-SHELL", f"wget -q --spider {check} || exit 1"],
                "interval": 30,
                "timeout": 5,
                "retries": 3,
                "startPeriod": 60,
            },
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": LOG_GROUP,
                    "awslogs-region": "ap-northeast-1",
                    "awslogs-stream-prefix": name,
                },
            },
        }

    def test_backend(self, root, mesh):
        """The backend listens on port 3000, has a message of its own, and writes nowhere."""
        environment = {"ENV": "production", "MESSAGE": BLUE, "PORT": "3000", "SERVICE_NAME": "backend"}
        assert container(mesh, "backend") == self.definition(
            root, "backend", 3000, "http://127.0.0.1:3000/health", environment
        )

    def test_frontend(self, root, mesh):
        """The frontend listens on port 80 without being root, and knows the backend by its name in the mesh."""
        environment = {"PORT": "80", "UPSTREAM": "http://backend:3000"}
        assert container(mesh, "frontend") == {
            **self.definition(root, "frontend", 80, "http://127.0.0.1/health", environment),
            "systemControls": [{"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
            "dockerLabels": {"ecs-blue-green.connects-to": "backend:3000"},
        }

    @pytest.mark.parametrize("name", NAMES)
    def test_size(self, mesh, name):
        """Each is a family of its own, a quarter of a vCPU on Fargate."""
        found = task(mesh, name)
        assert found["family"] == f"ecs-service-connect-{name}"
        assert (found["cpu"], found["memory"]) == ("256", "512")
        assert (found["networkMode"], found["requiresCompatibilities"]) == ("awsvpc", ["FARGATE"])
        assert found["runtimePlatform"] == {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"}
        assert found["volumes"] == []

    def test_logs(self, mesh):
        """All containers write to one log group, which is there before they are and keeps a month."""
        groups = {r.name: r.inputs for r in mesh.of_type("aws:cloudwatch/logGroup:LogGroup")}
        assert sorted(groups) == ["mesh-exec", "mesh-flow-logs", "mesh-tasks"]
        assert (groups["mesh-tasks"]["name"], groups["mesh-tasks"]["retentionInDays"]) == (LOG_GROUP, 30)
        for name in NAMES:
            assert mesh.find("aws:cloudwatch/logGroup:LogGroup", "mesh-tasks").urn in needs(mesh, service(mesh, name))


class TestRoles:
    """Each task has two roles, and each role no more than its work."""

    def test_roles(self, mesh):
        """ECS starts a task by one role and the application runs under another; only the frontend's traffic moves."""
        roles = mesh.of_type("aws:iam/role:Role")
        arns = {r.outputs["arn"]: r.name for r in roles}
        assert {
            name: tuple(arns[task(mesh, name)[key]] for key in ("executionRoleArn", "taskRoleArn")) for name in NAMES
        } == {name: (f"{name}-execution", f"{name}-task") for name in NAMES}
        assert sorted(arns.values()) == [
            "backend-execution",
            "backend-task",
            "frontend-execution",
            "frontend-infrastructure",
            "frontend-task",
            "mesh-flow-logs",
        ]

    def test_permissions(self, mesh):
        """Starting a task takes writing to the log group; the applications may do nothing at all."""
        policies = {r.name: r.inputs["policy"] for r in mesh.of_type("aws:iam/rolePolicy:RolePolicy")}
        assert sorted(policies) == [
            "backend-execution",
            "frontend-execution",
            "frontend-infrastructure",
            "mesh-flow-logs",
        ]
        for name in NAMES:
            assert json.loads(policies[f"{name}-execution"])["Statement"] == [
                {
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": f"arn:aws:logs:ap-northeast-1:123456789012:log-group:{LOG_GROUP}:*",
                }
            ]
        assert mesh.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment") == []


class TestServiceConnect:
    """Services find each other by names in one namespace."""

    def test_namespace(self, mesh):
        """The namespace is for Service Connect alone, and the cluster's default; it outlives the cluster (G47)."""
        namespace = only(mesh, "aws:servicediscovery/httpNamespace:HttpNamespace")
        cluster = only(mesh, "aws:ecs/cluster:Cluster")
        assert namespace.inputs["name"] == "service-connect.local"
        assert cluster.inputs["serviceConnectDefaults"] == {"namespace": namespace.outputs["arn"]}
        assert namespace.urn in needs(mesh, cluster)

    @pytest.mark.parametrize(
        ("name", "port", "header"),
        [("backend", 3000, HEADER), ("frontend", 80, {**HEADER, "name": "x-amzn-ecs-blue-green-test"})],
    )
    def test_endpoints(self, mesh, name, port, header):
        """Each is found by its own name on its own port, and each colour of it by its own header."""
        namespace = only(mesh, "aws:servicediscovery/httpNamespace:HttpNamespace")
        assert service(mesh, name).inputs["serviceConnectConfiguration"] == {
            "enabled": True,
            "namespace": namespace.outputs["arn"],
            "services": [
                {
                    "portName": f"{name}-port",
                    "discoveryName": name,
                    "clientAlias": [{"port": port, "dnsName": name, "testTrafficRules": [{"header": header}]}],
                }
            ],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": LOG_GROUP,
                    "awslogs-region": "ap-northeast-1",
                    "awslogs-stream-prefix": f"{name}-service-connect",
                },
            },
        }

    def test_the_frontend_calls_the_backend(self, mesh):
        """It passes requests on to the backend's address, and another address would be another revision (G24)."""
        (alias,) = endpoint(mesh, "backend")["clientAlias"]
        address, frontend = f"{alias['dnsName']}:{alias['port']}", container(mesh, "frontend")
        assert {"name": "UPSTREAM", "value": f"http://{address}"} in frontend["environment"]
        assert frontend["dockerLabels"] == {"ecs-blue-green.connects-to": address}


class TestLoadBalancer:
    """The load balancer knows the frontend only."""

    def test_rules(self, mesh):
        """Port 80 leads to the frontend, and port 8080 to its green tasks first; both are over one pair."""
        listeners = {r.outputs["arn"]: r.inputs["port"] for r in mesh.of_type("aws:lb/listener:Listener")}
        groups = {r.outputs["arn"]: r.name for r in mesh.of_type("aws:lb/targetGroup:TargetGroup")}
        found = {}
        for rule in mesh.of_type("aws:lb/listenerRule:ListenerRule"):
            (action,) = rule.inputs["actions"]
            weights = {groups[group["arn"]]: group["weight"] for group in action["forward"]["targetGroups"]}
            found[rule.name] = (listeners[rule.inputs["listenerArn"]], rule.inputs["conditions"], weights)
        everything = [{"pathPattern": {"values": ["/*"]}}]
        weights = {"frontend-blue": 100, "frontend-green": 0}
        assert found == {
            "frontend-production": (80, everything, weights),
            "frontend-test": (8080, everything, weights),
        }
        assert sorted(listeners.values()) == [80, 8080]

    def test_target_groups(self, mesh):
        """The pair takes addresses of tasks on port 80, and asks for their health where they tell it."""
        groups = {r.name: r.inputs for r in mesh.of_type("aws:lb/targetGroup:TargetGroup")}
        assert {
            name: (g["targetType"], g["protocol"], g["port"], g["healthCheck"]["path"]) for name, g in groups.items()
        } == dict.fromkeys(("frontend-blue", "frontend-green"), ("ip", "HTTP", 80, "/health"))

    def test_frontend(self, mesh):
        """ECS is told the pair, the rules and the role to move them by."""

        def arn(type_, name):
            return mesh.find(type_, name).outputs["arn"]

        assert service(mesh, "frontend").inputs["loadBalancers"] == [
            {
                "containerName": "frontend",
                "containerPort": 80,
                "targetGroupArn": arn("aws:lb/targetGroup:TargetGroup", "frontend-blue"),
                "advancedConfiguration": {
                    "alternateTargetGroupArn": arn("aws:lb/targetGroup:TargetGroup", "frontend-green"),
                    "productionListenerRule": arn("aws:lb/listenerRule:ListenerRule", "frontend-production"),
                    "testListenerRule": arn("aws:lb/listenerRule:ListenerRule", "frontend-test"),
                    "roleArn": arn("aws:iam/role:Role", "frontend-infrastructure"),
                },
            }
        ]

    def test_backend(self, mesh):
        """Nothing of a load balancer is about the backend."""
        inputs = service(mesh, "backend").inputs
        assert {"loadBalancers", "healthCheckGracePeriodSeconds"} & inputs.keys() == set()
        assert [r.name for r in mesh if r.type.startswith("aws:lb/") and "backend" in r.name] == []
        assert [urn for urn in needs(mesh, service(mesh, "backend")) if "::aws:lb/" in urn] == []


class TestReach:
    """Requests come from one side only."""

    def test_ways_in(self, mesh):
        """Clients reach the load balancer, the load balancer the frontend, the frontend the backend; no other way."""
        groups = {r.id: r.name for r in mesh.of_type("aws:ec2/securityGroup:SecurityGroup")}
        rules = [r.inputs for r in mesh.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")]
        assert {
            (
                groups.get(rule.get("referencedSecurityGroupId"), rule.get("cidrIpv4")),
                groups[rule["securityGroupId"]],
                (rule["ipProtocol"], rule["fromPort"], rule["toPort"]),
            )
            for rule in rules
        } == {
            ("0.0.0.0/0", "mesh-alb", ("tcp", 80, 80)),
            ("10.0.0.0/16", "mesh-alb", ("tcp", 8080, 8080)),
            ("mesh-alb", "frontend-tasks", ("tcp", 80, 80)),
            ("frontend-tasks", "backend-tasks", ("tcp", 3000, 3000)),
        }
        assert len(rules) == 4
        assert [r.name for r in mesh.of_type("aws:ec2/securityGroup:SecurityGroup") if "ingress" in r.inputs] == []

    @pytest.mark.parametrize("name", NAMES)
    def test_private(self, mesh, name):
        """Tasks have their own security group, in the private subnets, without an address of their own."""
        private = [r.id for r in mesh.of_type("aws:ec2/subnet:Subnet") if "-private-" in r.name]
        found = service(mesh, name).inputs["networkConfiguration"]
        assert sorted(found["subnets"]) == sorted(private)
        assert found["securityGroups"] == [mesh.find("aws:ec2/securityGroup:SecurityGroup", f"{name}-tasks").id]
        assert found["assignPublicIp"] is False


class TestRelease:
    """ECS itself releases both, and goes back by itself."""

    @pytest.mark.parametrize("name", NAMES)
    def test_strategy(self, mesh, name):
        """All traffic moves at once and both colours stay for five minutes; no hook, no step, no CodeDeploy."""
        found = service(mesh, name)
        assert found.inputs["deploymentController"] == {"type": "ECS"}
        assert found.inputs["deploymentConfiguration"] == {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "5"}
        assert (found.inputs["launchType"], found.inputs["schedulingStrategy"]) == ("FARGATE", "REPLICA")
        assert found.inputs["desiredCount"] == 2
        assert found.ignore_changes == []
        assert [r.type for r in mesh if "codedeploy" in r.type.lower()] == []

    @pytest.mark.parametrize("name", NAMES)
    def test_alarms(self, mesh, name):
        """Every alarm of a service brings its blue tasks back; the circuit breaker isn't relied on (G42)."""
        colours = [f"{colour}-{what}" for colour in ("blue", "green") for what in ("5xx", "unhealthy", "latency")]
        kinds = {"backend": ["mesh-5xx"], "frontend": [*colours, "mesh-5xx"]}[name]
        names = {r.name: r.inputs["name"] for r in mesh.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")}
        inputs = service(mesh, name).inputs
        assert inputs["alarms"] == {
            "enable": True,
            "rollback": True,
            "alarmNames": [names[f"{name}-{kind}"] for kind in kinds],
        }
        assert inputs["deploymentCircuitBreaker"] == {"enable": False, "rollback": False}

    def test_what_is_ignored(self, mesh):
        """Only what a release moves behind the load balancer is left alone."""
        assert {r.name: r.ignore_changes for r in mesh if r.ignore_changes} == {
            "frontend-production": ["actions"],
            "frontend-test": ["actions"],
            "mesh-80": ["defaultActions"],
            "mesh-8080": ["defaultActions"],
        }

    def test_order(self, mesh):
        """The frontend comes after the backend, whose name its tasks could not resolve otherwise (G24)."""
        frontend, backend = service(mesh, "frontend"), service(mesh, "backend")
        assert backend.urn in needs(mesh, frontend)
        assert [urn for urn in needs(mesh, backend) if "frontend" in urn] == []

    def test_outputs(self, mesh):
        """The outputs are where to send requests, and what a release is watched by."""
        assert sorted(mesh.outputs) == ["cluster", "services", "urls"]
        assert {name: sorted(found) for name, found in mesh.outputs["services"].items()} == {
            name: ["service", "taskDefinition"] for name in NAMES
        }
        address = only(mesh, "aws:lb/loadBalancer:LoadBalancer").outputs["dnsName"]
        assert mesh.outputs["urls"] == {"frontend": f"http://{address}/"}

    def test_the_pause_in_the_comment_is_accepted(self, root):
        """Whoever wants to look at green first takes the line of the stack file as it is."""
        text = (root / "Pulumi.mesh.yaml").read_text(encoding="utf-8").replace("# hooks:", "hooks:")
        services = settings.parse({"services": yaml.safe_load(text)["config"]["ecs-blue-green:services"]}).services
        assert {name: [hook.type for hook in s.deployment.hooks] for name, s in services.items()} == {
            "backend": ["PAUSE"],
            "frontend": [],
        }
