"""Policy documents as IAM reads them."""

from __future__ import annotations

from components.iam import allow, pass_role, policy, tasks_trust, trust


def test_a_statement_allows_actions_on_resources():
    """Nothing is added that wasn't asked for."""
    assert allow(("a:Get", "a:List"), "*") == {"Effect": "Allow", "Action": ["a:Get", "a:List"], "Resource": "*"}


def test_a_statement_may_have_a_condition():
    """The condition stands beside the rest."""
    assert allow(["a:Get"], ["x", "y"], {"Bool": {"aws:SecureTransport": "true"}}) == {
        "Effect": "Allow",
        "Action": ["a:Get"],
        "Resource": ["x", "y"],
        "Condition": {"Bool": {"aws:SecureTransport": "true"}},
    }


def test_a_policy_has_the_current_version():
    """The older one knows no policy variables."""
    statement = allow(["a:Get"], "*")
    assert policy((statement,)) == {"Version": "2012-10-17", "Statement": [statement]}


def test_a_role_is_trusted_to_one_service():
    """Only that service may assume it, under no condition unless one is given."""
    assert trust("codedeploy.amazonaws.com") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "codedeploy.amazonaws.com"},
            }
        ],
    }


def test_task_roles_are_trusted_to_tasks_of_this_account_and_region(location):
    """Tasks of another account can't make ECS assume the role for them."""
    assert tasks_trust(location) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Condition": {
                    "ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-west-1:123456789012:*"},
                    "StringEquals": {"aws:SourceAccount": "123456789012"},
                },
            }
        ],
    }


def test_roles_are_passed_to_one_service_only():
    """Whoever may pass a role to any service may do what the role may."""
    assert pass_role(("arn:a", "arn:b"), "ecs-tasks.amazonaws.com") == {
        "Effect": "Allow",
        "Action": ["iam:PassRole"],
        "Resource": ["arn:a", "arn:b"],
        "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    }
