"""Ids, ARNs and other computed outputs are those of AWS; lookups answer for the stack's place."""

from __future__ import annotations

import pulumi_aws
import pytest

from offline.aws import Aws
from offline.computed import digest
from offline.lookup import look_up
from offline.place import Place
from offline.value import UNKNOWN, Secret

AWS = Aws(Place("eu-west-1"))
URN = "urn:pulumi:dev::demo::t::app"
HEX = digest(URN)
ELB = "arn:aws:elasticloadbalancing:eu-west-1:123456789012"
ECS = "arn:aws:ecs:eu-west-1:123456789012"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:told"
LAMBDA = "arn:aws:lambda:eu-west-1:123456789012:function:smoke"
UUID = f"{HEX[:8]}-{HEX[8:12]}-{HEX[12:16]}-{HEX[16:20]}-{HEX[20:32]}"


@pytest.mark.parametrize(
    ("type_", "inputs", "id_", "outputs"),
    [
        (
            "lb/targetGroup:TargetGroup",
            {"name": "tg"},
            f"{ELB}:targetgroup/tg/{HEX[:16]}",
            {
                "arn": f"{ELB}:targetgroup/tg/{HEX[:16]}",
                "arnSuffix": f"targetgroup/tg/{HEX[:16]}",
                "loadBalancerArns": [],
            },
        ),
        (
            "lb/listener:Listener",
            {"loadBalancerArn": f"{ELB}:loadbalancer/app/lb/aa"},
            f"{ELB}:listener/app/lb/aa/{HEX[:16]}",
            {"arn": f"{ELB}:listener/app/lb/aa/{HEX[:16]}"},
        ),
        (
            "alb/listenerRule:ListenerRule",
            {"listenerArn": f"{ELB}:listener/app/lb/aa/bb"},
            f"{ELB}:listener-rule/app/lb/aa/bb/{HEX[:16]}",
            {"arn": f"{ELB}:listener-rule/app/lb/aa/bb/{HEX[:16]}"},
        ),
        ("ecs/cluster:Cluster", {"name": "main"}, f"{ECS}:cluster/main", {"arn": f"{ECS}:cluster/main"}),
        (
            "ecs/service:Service",
            {"name": "web", "cluster": f"{ECS}:cluster/main"},
            f"{ECS}:service/main/web",
            {"arn": f"{ECS}:service/main/web"},
        ),
        (
            "ecs/service:Service",
            {"name": "web"},
            f"{ECS}:service/default/web",
            {"arn": f"{ECS}:service/default/web"},
        ),
        (
            "ecs/taskDefinition:TaskDefinition",
            {"family": "web"},
            "web",
            {
                "arn": f"{ECS}:task-definition/web:1",
                "arnWithoutRevision": f"{ECS}:task-definition/web",
                "revision": 1,
            },
        ),
        (
            "cloudwatch/logGroup:LogGroup",
            {"name": "/ecs/web"},
            "/ecs/web",
            {"arn": "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web"},
        ),
        (
            "iam/role:Role",
            {"name": "task", "path": "/ecs/", "tags": {"a": "b"}},
            "task",
            {
                "arn": "arn:aws:iam::123456789012:role/ecs/task",
                "uniqueId": f"AROA{HEX[:17]}",
                "tagsAll": {"a": "b"},
            },
        ),
        ("iam/rolePolicy:RolePolicy", {"name": "p", "role": "task"}, "task:p", {}),
        (
            "codedeploy/application:Application",
            {"name": "web"},
            f"{UUID}:web",
            {"arn": "arn:aws:codedeploy:eu-west-1:123456789012:application:web", "applicationId": UUID},
        ),
        (
            "ecr/repository:Repository",
            {"name": "web"},
            "web",
            {
                "arn": "arn:aws:ecr:eu-west-1:123456789012:repository/web",
                "registryId": "123456789012",
                "repositoryUrl": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web",
            },
        ),
        (
            "servicediscovery/httpNamespace:HttpNamespace",
            {"name": "shop.local"},
            f"ns-{HEX[:16]}",
            {
                "arn": f"arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-{HEX[:16]}",
                "httpName": "shop.local",
            },
        ),
        (
            "ec2/securityGroup:SecurityGroup",
            {},
            f"sg-{HEX[:17]}",
            {
                "arn": f"arn:aws:ec2:eu-west-1:123456789012:security-group/sg-{HEX[:17]}",
                "ownerId": "123456789012",
            },
        ),
        ("s3/bucketPolicy:BucketPolicy", {"bucket": "logs"}, "logs", {}),
        ("s3/bucketNotification:BucketNotification", {"bucket": "logs", "eventbridge": True}, "logs", {}),
        (
            "s3/bucketObjectv2:BucketObjectv2",
            {"bucket": "files", "key": "a/b.zip"},
            "files/a/b.zip",
            {"arn": "arn:aws:s3:::files/a/b.zip"},
        ),
        (
            "cloudwatch/eventRule:EventRule",
            {"name": "pushed"},
            "pushed",
            {"arn": "arn:aws:events:eu-west-1:123456789012:rule/pushed", "eventBusName": "default"},
        ),
        (
            "cloudwatch/eventRule:EventRule",
            {"name": "pushed", "eventBusName": "arn:aws:events:eu-west-1:123456789012:event-bus/shop"},
            "shop/pushed",
            {"arn": "arn:aws:events:eu-west-1:123456789012:rule/shop/pushed"},
        ),
        (
            "cloudwatch/eventTarget:EventTarget",
            {"rule": "pushed", "targetId": "start"},
            "pushed-start",
            {"eventBusName": "default"},
        ),
        (
            "codecommit/repository:Repository",
            {"repositoryName": "web"},
            "web",
            {
                "arn": "arn:aws:codecommit:eu-west-1:123456789012:web",
                "repositoryId": UUID,
                "cloneUrlHttp": "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/web",
                "cloneUrlSsh": "ssh://git-codecommit.eu-west-1.amazonaws.com/v1/repos/web",
            },
        ),
        (
            "codepipeline/pipeline:Pipeline",
            {"name": "web"},
            "web",
            {"arn": "arn:aws:codepipeline:eu-west-1:123456789012:web"},
        ),
        (
            "codestarnotifications/notificationRule:NotificationRule",
            {"name": "failed"},
            f"arn:aws:codestar-notifications:eu-west-1:123456789012:notificationrule/{UUID}",
            {"arn": f"arn:aws:codestar-notifications:eu-west-1:123456789012:notificationrule/{UUID}"},
        ),
        ("sns/topic:Topic", {"name": "told"}, TOPIC, {"arn": TOPIC, "owner": "123456789012"}),
        ("sns/topicPolicy:TopicPolicy", {"arn": TOPIC}, TOPIC, {"owner": "123456789012"}),
        (
            "sns/topicSubscription:TopicSubscription",
            {"topic": TOPIC, "protocol": "email"},
            f"{TOPIC}:{UUID}",
            {"arn": f"{TOPIC}:{UUID}", "ownerId": "123456789012"},
        ),
        (
            "lambda/function:Function",
            {"name": "smoke"},
            "smoke",
            {
                "arn": LAMBDA,
                "invokeArn": f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{LAMBDA}/invocations",
                "version": "$LATEST",
                "qualifiedArn": f"{LAMBDA}:$LATEST",
            },
        ),
        ("sqs/queue:Queue", {}, f"app-{HEX[:8]}", {}),
    ],
)
def test_what_is_computed(type_, inputs, id_, outputs):
    """Ids follow the provider's conventions; outputs hold exactly what AWS computes."""
    assert AWS.create(f"aws:{type_}", "app", URN, inputs) == (id_, outputs)


@pytest.mark.parametrize(
    ("inputs", "platform"),
    [
        ({"ecsService": {"clusterName": "main", "serviceName": "web"}}, "ECS"),
        ({"deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce"}, "Lambda"),
        ({"deploymentConfigName": "CodeDeployDefault.OneAtATime"}, "Server"),
        ({"deploymentConfigName": UNKNOWN}, "Server"),
        ({}, "Server"),
    ],
)
def test_a_deployment_group_has_the_platform_of_its_application(inputs, platform):
    """What only groups of a platform have tells it."""
    _, outputs = AWS.create("aws:codedeploy/deploymentGroup:DeploymentGroup", "app", URN, inputs)
    assert outputs["computePlatform"] == platform


def test_a_load_balancer():
    """Its DNS name starts with internal- when it is; the zone is the region's."""
    _, outputs = AWS.create("aws:lb/loadBalancer:LoadBalancer", "app", URN, {"name": "web", "internal": True})
    assert outputs == {
        "arn": f"{ELB}:loadbalancer/app/web/{HEX[:16]}",
        "arnSuffix": f"app/web/{HEX[:16]}",
        "dnsName": f"internal-web-{int(HEX[:8], 16):010}.eu-west-1.elb.amazonaws.com",
        "zoneId": "Z32O12XQLNTSW2",
        "ipAddressType": "ipv4",
    }


def test_a_function_that_is_published_is_a_version():
    """Its first."""
    _, outputs = AWS.create("aws:lambda/function:Function", "app", URN, {"name": "smoke", "publish": True})
    assert (outputs["version"], outputs["qualifiedArn"]) == ("1", f"{LAMBDA}:1")


def test_a_computed_output_that_is_given_stays():
    """What the program sets isn't computed over."""
    given = {"name": "web", "ipAddressType": "dualstack"}
    assert "ipAddressType" not in AWS.create("aws:lb/loadBalancer:LoadBalancer", "app", URN, given)[1]


@pytest.mark.parametrize("value", [UNKNOWN, Secret("x"), None])
def test_what_is_made_from_an_unknown_is_unknown(value):
    """So is what would reveal a secret; the id is then missing."""
    assert AWS.create("aws:ecs/cluster:Cluster", "app", URN, {"name": value}) == ("", {"arn": UNKNOWN})
    assert AWS.create("aws:ecs/service:Service", "app", URN, {"name": "web", "cluster": UNKNOWN}) == (
        "",
        {"arn": UNKNOWN},
    )
    on_a_bus = {"name": "pushed", "eventBusName": value}
    assert AWS.create("aws:cloudwatch/eventRule:EventRule", "app", URN, on_a_bus) == ("", {"arn": UNKNOWN})


def test_a_resource_may_have_its_own_region():
    """`region` on a resource goes before the provider's."""
    id_, _ = AWS.create("aws:ecs/cluster:Cluster", "app", URN, {"name": "main", "region": "cn-north-1"})
    assert id_ == "arn:aws-cn:ecs:cn-north-1:123456789012:cluster/main"


def test_checked_inputs():
    """Automatic name, the provider's default, JSON text for a document, default tags under the given ones."""
    assert pulumi_aws.ec2.SecurityGroup  # which loads it, as a program that declares one does
    provider = Aws(default_tags={"team": "a", "stage": "dev"})
    assert provider.check("aws:ec2/securityGroup:SecurityGroup", "app", URN, {"tags": {"team": "b"}}) == {
        "name": f"app-{digest(URN)[:7]}",
        "description": "Managed by Pulumi",
        "tags": {"team": "b", "stage": "dev"},
    }
    policy = {"Version": "2012-10-17", "Statement": []}
    assert AWS.check("aws:s3/bucketPolicy:BucketPolicy", "app", URN, {"policy": policy}) == {
        "policy": '{"Statement":[],"Version":"2012-10-17"}'
    }
    assert AWS.check("aws:s3/bucketPolicy:BucketPolicy", "app", URN, {"policy": {"a": UNKNOWN}}) == {"policy": UNKNOWN}
    assert AWS.check("aws:s3/bucketPolicy:BucketPolicy", "app", URN, {"policy": {"a": Secret("x")}}) == {
        "policy": Secret('{"a":"x"}')
    }


@pytest.mark.parametrize(
    ("region", "partition", "dns", "first_zone_id"),
    [
        ("eu-west-1", "aws", "amazonaws.com", "euw1-az1"),
        ("ap-northeast-1", "aws", "amazonaws.com", "apne1-az1"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com", "usgw1-az1"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn", "cnn1-az1"),
    ],
)
def test_lookups_answer_for_the_region(region, partition, dns, first_zone_id):
    """Partition, endpoints and zones follow from the region."""
    place = Place(region)
    found = look_up("aws:index/getPartition:getPartition", {}, place)
    assert (found["partition"], found["dnsSuffix"]) == (partition, dns)
    assert look_up("aws:index/getRegion:getRegion", {}, place)["region"] == region
    zones = look_up("aws:index/getAvailabilityZones:getAvailabilityZones", {"state": "available"}, place)
    assert zones["names"] == [f"{region}a", f"{region}b", f"{region}c"]
    assert zones["zoneIds"][0] == first_zone_id
    caller = look_up("aws:index/getCallerIdentity:getCallerIdentity", {}, place)
    assert (caller["accountId"], caller["arn"]) == ("123456789012", f"arn:{partition}:iam::123456789012:user/offline")


def test_a_lookup_for_another_region():
    """An argument goes before the stack's region."""
    found = look_up("aws:index/getAvailabilityZones:getAvailabilityZones", {"region": "us-east-1"}, Place("eu-west-1"))
    assert found["names"][0] == "us-east-1a"


def test_an_unknown_lookup_is_refused_by_name():
    """An invented answer would hide that there is none."""
    with pytest.raises(ValueError, match="getAmi") as caught:
        look_up("aws:ec2/getAmi:getAmi", {}, Place())
    assert str(caught.value) == (
        "aws:ec2/getAmi:getAmi has no offline answer; lookups that have one: "
        "getAvailabilityZones, getCallerIdentity, getPartition, getRegion"
    )
