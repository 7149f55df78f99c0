"""What an `EncryptionKey` declares. Mocks prove what is sent, not what AWS accepts."""

import json

from components.encryption_key import EncryptionKey


def test_key(declare, location):
    """The key rotates, has an alias, and can be called back for 30 days."""
    deployment = declare(lambda: EncryptionKey("shop", {"location": location, "tags": {"team": "web"}}))
    key = deployment.find("aws:kms/key:Key", "shop-key")
    inputs = {name: value for name, value in key.inputs.items() if name != "policy"}
    assert inputs == {
        "description": "What shop keeps",
        "enableKeyRotation": True,
        "deletionWindowInDays": 30,
        "tags": {"team": "web"},
    }
    assert deployment.find("aws:kms/alias:Alias", "shop-key").inputs == {
        "namePrefix": "alias/shop-",
        "targetKeyId": key.outputs["keyId"],
    }


def test_who_may_use_it(declare, location):
    """The account, whose IAM policies say who in it may; notifications through SNS; the account's log groups."""
    deployment = declare(lambda: EncryptionKey("shop", {"location": location}))
    policy = json.loads(deployment.find("aws:kms/key:Key", "shop-key").inputs["policy"])
    assert policy["Statement"] == [
        {
            "Effect": "Allow",
            "Resource": "*",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "kms:*",
        },
        {
            "Effect": "Allow",
            "Resource": "*",
            "Principal": {"Service": "codestar-notifications.amazonaws.com"},
            "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
            "Condition": {"StringEquals": {"kms:ViaService": "sns.eu-west-1.amazonaws.com"}},
        },
        {
            "Effect": "Allow",
            "Resource": "*",
            "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
            "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            "Condition": {
                "ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:123456789012:log-group:*"}
            },
        },
    ]
