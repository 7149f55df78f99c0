"""A site in a private bucket behind CloudFront."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from tests.policies.corpus.documents import ACCOUNT, policy

FOUND: list[tuple[str, str, str]] = []


def program() -> None:
    bucket = aws.s3.Bucket("site", bucket="www-example-com")
    aws.s3.BucketPublicAccessBlock(
        "site",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )
    certificate = aws.acm.Certificate("site", domain_name="www.example.com", validation_method="DNS")
    access = aws.cloudfront.OriginAccessControl(
        "site",
        origin_access_control_origin_type="s3",
        signing_behavior="always",
        signing_protocol="sigv4",
    )
    cached = {
        "target_origin_id": "site",
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": ["GET", "HEAD"],
        "cached_methods": ["GET", "HEAD"],
        "cache_policy_id": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        "compress": True,
    }
    distribution = aws.cloudfront.Distribution(
        "site",
        enabled=True,
        aliases=["www.example.com"],
        default_root_object="index.html",
        origins=[
            {
                "origin_id": "site",
                "domain_name": bucket.bucket_regional_domain_name,
                "origin_access_control_id": access.id,
            }
        ],
        default_cache_behavior=cached,
        restrictions={"geo_restriction": {"restriction_type": "none"}},
        viewer_certificate={
            "acm_certificate_arn": certificate.arn,
            "ssl_support_method": "sni-only",
            "minimum_protocol_version": "TLSv1.2_2021",
        },
    )
    read = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::www-example-com/*",
        "Condition": {"StringEquals": {"AWS:SourceAccount": ACCOUNT}},
    }
    aws.s3.BucketPolicy("site", bucket=bucket.id, policy=policy(read))
    aws.s3.BucketObject("index", bucket=bucket.id, key="index.html", content="<h1>Hello</h1>")
    zone = aws.route53.Zone("site", name="example.com")
    aws.route53.Record(
        "site",
        zone_id=zone.zone_id,
        name="www.example.com",
        type="A",
        aliases=[
            {
                "name": distribution.domain_name,
                "zone_id": distribution.hosted_zone_id,
                "evaluate_target_health": False,
            }
        ],
    )
    pulumi.export("address", distribution.domain_name)
