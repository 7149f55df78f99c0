"""What a `Cluster` declares. Mocks prove what is sent, not what AWS accepts."""

from components.cluster import Cluster

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


def test_cluster(declare):
    """A cluster has enhanced insights and logs ECS Exec sessions to a group of its own."""
    deployment = declare(lambda: Cluster("shop", {"tags": {"team": "web"}}))
    cluster = deployment.find("aws:ecs/cluster:Cluster", "shop-cluster")
    group = deployment.find("aws:cloudwatch/logGroup:LogGroup", "shop-exec")
    assert group.inputs == {"name": group.inputs["name"], "retentionInDays": 90, "tags": {"team": "web"}}
    assert cluster.inputs == {
        "name": cluster.inputs["name"],
        "settings": [{"name": "containerInsights", "value": "enhanced"}],
        "configuration": {
            "executeCommandConfiguration": {
                "logging": "OVERRIDE",
                "logConfiguration": {"cloudWatchLogGroupName": group.inputs["name"]},
            }
        },
        "tags": {"team": "web"},
    }


def test_nothing_is_shared_unless_asked_for(declare):
    """There is neither a namespace nor a log group for all containers."""
    deployment = declare(lambda: Cluster("shop", {}))
    assert deployment.of_type("aws:servicediscovery/httpNamespace:HttpNamespace") == []
    assert [r.name for r in deployment.of_type("aws:cloudwatch/logGroup:LogGroup")] == ["shop-exec"]
    component = deployment.find("ecs-blue-green:index:Cluster", "shop")
    assert component.outputs.keys() == {"name", "exec_log_group_name"}


def test_namespace(declare):
    """It is the cluster's default, made before the cluster and gone after it (G47)."""
    deployment = declare(lambda: Cluster("shop", {"namespace": "shop.local", "tags": {"team": "web"}}))
    cluster = deployment.find("aws:ecs/cluster:Cluster", "shop-cluster")
    namespace = deployment.find("aws:servicediscovery/httpNamespace:HttpNamespace", "shop-namespace")
    assert namespace.inputs == {"name": "shop.local", "description": "Services of shop", "tags": {"team": "web"}}
    assert cluster.inputs["serviceConnectDefaults"] == {"namespace": namespace.outputs["arn"]}
    assert namespace.urn in cluster.dependencies
    component = deployment.find("ecs-blue-green:index:Cluster", "shop")
    assert component.outputs["namespace_arn"] == namespace.outputs["arn"]


def test_task_logs(declare):
    """One log group for all containers has the name and the retention that it is given, and the key of all logs."""
    args = {"task_logs": {"name": "/aws/ecs/shop", "retention_days": 7}, "key_arn": KEY, "tags": {"team": "web"}}
    deployment = declare(lambda: Cluster("shop", args))
    group = deployment.find("aws:cloudwatch/logGroup:LogGroup", "shop-tasks")
    assert group.inputs == {"name": "/aws/ecs/shop", "retentionInDays": 7, "kmsKeyId": KEY, "tags": {"team": "web"}}
    component = deployment.find("ecs-blue-green:index:Cluster", "shop")
    assert component.outputs["task_log_group_name"] == "/aws/ecs/shop"


def test_insights(declare):
    """Container Insights are a choice."""
    deployment = declare(lambda: Cluster("shop", {"container_insights": "disabled"}))
    cluster = deployment.find("aws:ecs/cluster:Cluster", "shop-cluster")
    assert cluster.inputs["settings"] == [{"name": "containerInsights", "value": "disabled"}]


def test_a_key_encrypts_sessions_and_their_log(declare):
    """What is typed in ECS Exec sessions is encrypted on its way and where it is kept."""
    deployment = declare(lambda: Cluster("shop", {"key_arn": KEY}))
    group = deployment.find("aws:cloudwatch/logGroup:LogGroup", "shop-exec")
    assert group.inputs["kmsKeyId"] == KEY
    assert deployment.find("aws:ecs/cluster:Cluster", "shop-cluster").inputs["configuration"] == {
        "executeCommandConfiguration": {
            "kmsKeyId": KEY,
            "logging": "OVERRIDE",
            "logConfiguration": {"cloudWatchEncryptionEnabled": True, "cloudWatchLogGroupName": group.inputs["name"]},
        }
    }
