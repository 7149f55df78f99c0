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
