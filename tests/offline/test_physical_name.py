"""Automatic names, and names the provider refuses, in the provider's words."""

from __future__ import annotations

import pulumi_aws as aws
import pytest

from offline.physical_name import automatic_name, check_name

DIGEST = "0123456789abcdef"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
EVENT_RULE = "aws:cloudwatch/eventRule:EventRule"
EVENT_TARGET = "aws:cloudwatch/eventTarget:EventTarget"
NOTIFICATION_RULE = "aws:codestarnotifications/notificationRule:NotificationRule"


@pytest.mark.parametrize(
    ("cls", "type_", "added"),
    [
        (aws.lb.TargetGroup, TARGET_GROUP, {"name": "App-0123456"}),
        (aws.iam.RolePolicy, "aws:iam/rolePolicy:RolePolicy", {"name": "App-0123456"}),
        (aws.s3.Bucket, "aws:s3/bucket:Bucket", {"bucket": "app-0123456"}),
        (
            aws.codedeploy.DeploymentConfig,
            "aws:codedeploy/deploymentConfig:DeploymentConfig",
            {"deploymentConfigName": "App_0123456"},
        ),
        (aws.lambda_.Function, "aws:lambda/function:Function", {"name": "App-0123456"}),
        (aws.cloudwatch.EventRule, EVENT_RULE, {"name": "App-0123456"}),
        (aws.cloudwatch.EventTarget, EVENT_TARGET, {"targetId": "App-0123456"}),
        (aws.codestarnotifications.NotificationRule, NOTIFICATION_RULE, {"name": "App-0123456"}),
        (aws.sns.Topic, "aws:sns/topic:Topic", {"name": "App-0123456"}),
        (aws.sns.TopicSubscription, "aws:sns/topicSubscription:TopicSubscription", {}),
        (aws.codecommit.Repository, "aws:codecommit/repository:Repository", {}),
        (aws.ecs.TaskDefinition, "aws:ecs/taskDefinition:TaskDefinition", {}),
        (aws.lb.Listener, "aws:lb/listener:Listener", {}),
        (aws.wafv2.WebAclAssociation, "aws:wafv2/webAclAssociation:WebAclAssociation", {}),
        (aws.route53.Record, "aws:route53/record:Record", {}),
    ],
)
def test_which_property_gets_the_name(cls, type_, added):
    """`name` where the type's is optional, another where the provider says so, nothing elsewhere."""
    assert cls.pulumi_type == type_
    assert automatic_name(type_, "App", DIGEST, {}) == added


@pytest.mark.parametrize("given", [{"name": "mine"}, {"namePrefix": "mine-"}])
def test_a_given_name_stays(given):
    """A name or a prefix leaves nothing to add."""
    assert automatic_name(TARGET_GROUP, "app", DIGEST, given) == {}


def test_the_longest_logical_name():
    """24 characters and the 8 that are added are the 32 of a target group; one more is refused."""
    assert automatic_name(TARGET_GROUP, "a" * 24, DIGEST, {}) == {"name": "a" * 24 + "-0123456"}
    with pytest.raises(ValueError, match="longer than maximum") as caught:
        automatic_name(TARGET_GROUP, "a" * 25, DIGEST, {})
    assert str(caught.value) == (
        "could not make instance of 'aws:lb/targetGroup:TargetGroup': "
        f"name '{'a' * 25}-' plus 7 random chars is longer than maximum length 32"
    )


@pytest.mark.parametrize(
    ("type_", "name", "message"),
    [
        (TARGET_GROUP, "a" * 33, f'"name" cannot be longer than 32 characters: "{"a" * 33}"'),
        (TARGET_GROUP, "a_b", 'only alphanumeric characters and hyphens allowed in "name": "a_b"'),
        (TARGET_GROUP, "-a", '"name" cannot begin with a hyphen: "-a"'),
        (TARGET_GROUP, "a-", '"name" cannot end with a hyphen: "a-"'),
        (
            "aws:alb/loadBalancer:LoadBalancer",
            "internal-a",
            '"name" cannot begin with "internal-": "internal-a"',
        ),
    ],
)
def test_names_of_load_balancers_and_target_groups(type_, name, message):
    """Their names have the provider's limits, under both modules."""
    with pytest.raises(ValueError, match="name") as caught:
        check_name(type_, {"name": name})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("type_", "property_", "message"),
    [
        (EVENT_RULE, "name", '"name" cannot be longer than 64 characters: "{}"'),
        (EVENT_TARGET, "targetId", '"target_id" cannot be longer than 64 characters: "{}"'),
        (NOTIFICATION_RULE, "name", "expected length of name to be in the range (1 - 64), got {}"),
    ],
)
def test_names_of_events_and_notifications(type_, property_, message):
    """64 characters pass, 65 don't."""
    check_name(type_, {property_: "a" * 64})
    with pytest.raises(ValueError, match="64") as caught:
        check_name(type_, {property_: "a" * 65})
    assert str(caught.value) == message.format("a" * 65)


def test_the_longest_logical_name_of_what_starts_a_pipeline():
    """A rule's automatic name stops at the limit; a target's and a notification rule's would go on."""
    with pytest.raises(ValueError, match="is longer than maximum length 64"):
        automatic_name(EVENT_RULE, "a" * 57, DIGEST, {})
    assert len(automatic_name(EVENT_TARGET, "a" * 57, DIGEST, {})["targetId"]) == 65
    assert len(automatic_name(NOTIFICATION_RULE, "a" * 57, DIGEST, {})["name"]) == 65


def test_names_of_other_types_are_not_looked_at():
    """A log group may be called what a target group may not."""
    check_name("aws:cloudwatch/logGroup:LogGroup", {"name": "/ecs/" + "a" * 60})
    check_name(TARGET_GROUP, {"name": "internal-a"})
