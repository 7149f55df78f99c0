"""A PostgreSQL database for the applications of a network."""

from __future__ import annotations

import pulumi_aws as aws

from tests.policies.corpus.documents import trust

FOUND = [
    ("sec-sg-descriptions", "applications", "description"),  # the provider's default text
    ("sec-sg-descriptions", "postgres", "description"),
]


def program() -> None:
    vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16")
    subnets = [
        aws.ec2.Subnet(
            f"data-{zone}", vpc_id=vpc.id, cidr_block=f"10.0.{index}.0/24", availability_zone=f"eu-west-1{zone}"
        )
        for index, zone in enumerate("abc")
    ]
    group = aws.rds.SubnetGroup("data", subnet_ids=[subnet.id for subnet in subnets])
    applications = aws.ec2.SecurityGroup("applications", vpc_id=vpc.id)
    database = aws.ec2.SecurityGroup("database", vpc_id=vpc.id, description="PostgreSQL")
    aws.vpc.SecurityGroupIngressRule(
        "postgres",
        security_group_id=database.id,
        referenced_security_group_id=applications.id,
        ip_protocol="tcp",
        from_port=5432,
        to_port=5432,
    )
    key = aws.kms.Key("data", description="Data at rest", enable_key_rotation=True)
    monitoring = aws.iam.Role("monitoring", assume_role_policy=trust("monitoring.rds"))
    aws.iam.RolePolicyAttachment(
        "monitoring",
        role=monitoring.name,
        policy_arn="arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
    )
    parameters = aws.rds.ParameterGroup(
        "postgres", family="postgres17", parameters=[{"name": "rds.force_ssl", "value": "1"}]
    )
    aws.rds.Instance(
        "orders",
        engine="postgres",
        engine_version="17.4",
        instance_class="db.t4g.medium",
        allocated_storage=50,
        db_subnet_group_name=group.name,
        vpc_security_group_ids=[database.id],
        parameter_group_name=parameters.name,
        username="orders",
        manage_master_user_password=True,
        storage_encrypted=True,
        kms_key_id=key.arn,
        multi_az=True,
        monitoring_interval=60,
        monitoring_role_arn=monitoring.arn,
        backup_retention_period=14,
        deletion_protection=True,
        skip_final_snapshot=False,
        final_snapshot_identifier="orders-final",
    )
