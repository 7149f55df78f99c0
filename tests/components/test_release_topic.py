"""What a `ReleaseTopic` declares. Mocks prove what is sent, not what AWS accepts."""

import json

import pulumi_aws as aws
import pytest

from components.release_topic import ReleaseTopic

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


@pytest.fixture
def build(declare, location):
    """Declare a topic, with these arguments besides, and a rule that publishes to it."""

    def run(**args):
        def program():
            topic = ReleaseTopic("shop", {"location": location, "emails": ["web@example.com"], **args})
            aws.sns.TopicSubscription("later", topic=topic.topic_arn, protocol="email", endpoint="a@example.com")

        return declare(program)

    return run


def of(deployment, kind, name="shop-releases"):
    return deployment.find(f"aws:sns/{kind[0].lower()}{kind[1:]}:{kind}", name)


def test_topic(build):
    """It has no key and no tags unless they are given."""
    topic = of(build(), "Topic")
    assert topic.inputs == {"name": topic.inputs["name"]}
    topic = of(build(key_arn=KEY, tags={"team": "web"}), "Topic")
    assert topic.inputs == {"name": topic.inputs["name"], "kmsMasterKeyId": KEY, "tags": {"team": "web"}}


def test_only_this_account_publishes(build):
    """By AWS's notifications, which belong to its pipelines."""
    deployment = build()
    arn = of(deployment, "Topic").outputs["arn"]
    assert of(deployment, "TopicPolicy").inputs["arn"] == arn
    assert json.loads(of(deployment, "TopicPolicy").inputs["policy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "codestar-notifications.amazonaws.com"},
            "Action": "SNS:Publish",
            "Resource": arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        }
    ]


def test_people(build):
    """Each address subscribes once, however often it is named."""
    deployment = build(emails=["web@example.com", "ops@example.com", "web@example.com"])
    arn = of(deployment, "Topic").outputs["arn"]
    found = [r for r in deployment.of_type("aws:sns/topicSubscription:TopicSubscription") if r.name != "later"]
    assert {r.name: r.inputs for r in found} == {
        f"shop-releases-{email}": {"topic": arn, "protocol": "email", "endpoint": email}
        for email in ("web@example.com", "ops@example.com")
    }


def test_its_arn_is_known_once_it_may_be_used(build):
    """Whatever tells it something waits for its policy."""
    deployment = build()
    arn = of(deployment, "Topic").outputs["arn"]
    assert deployment.find("ecs-blue-green:index:ReleaseTopic", "shop").outputs == {"topic_arn": arn}
    assert of(deployment, "TopicPolicy").urn in of(deployment, "TopicSubscription", "later").dependencies


def test_parent(build):
    """All of it belongs to the component."""
    deployment = build()
    component = deployment.find("ecs-blue-green:index:ReleaseTopic", "shop")
    kinds = [child.type.rpartition(":")[2] for child in deployment.children(component.urn)]
    assert sorted(kinds) == ["Topic", "TopicPolicy", "TopicSubscription"]
