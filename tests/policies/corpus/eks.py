"""A Kubernetes cluster with managed nodes."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from tests.policies.corpus.documents import ACCOUNT, allow, policy, trust

FOUND = [
    ("sec-iam-broad-managed", "break-glass", "policyArn"),  # AdministratorAccess
    ("sec-log-kms", "control-plane", "kmsKeyId"),
]


def _attach(role: aws.iam.Role, name: str) -> None:
    aws.iam.RolePolicyAttachment(name, role=role.name, policy_arn=f"arn:aws:iam::aws:policy/{name}")


def program() -> None:
    logs = aws.cloudwatch.LogGroup("control-plane", name="/aws/eks/shop/cluster", retention_in_days=90)
    cluster_role = aws.iam.Role("cluster", assume_role_policy=trust("eks"))
    _attach(cluster_role, "AmazonEKSClusterPolicy")
    node_role = aws.iam.Role("nodes", assume_role_policy=trust("ec2"))
    for name in ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly"):
        _attach(node_role, name)
    key = aws.kms.Key("secrets", description="Kubernetes secrets", enable_key_rotation=True)
    subnets = ["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002", "subnet-0a1b2c3d4e5f60003"]
    cluster = aws.eks.Cluster(
        "shop",
        name="shop",
        role_arn=cluster_role.arn,
        version="1.33",
        vpc_config={"subnet_ids": subnets, "endpoint_private_access": True, "endpoint_public_access": False},
        enabled_cluster_log_types=["api", "audit", "authenticator"],
        encryption_config={"provider": {"key_arn": key.arn}, "resources": ["secrets"]},
        access_config={"authentication_mode": "API"},
        opts=pulumi.ResourceOptions(depends_on=[logs]),
    )
    aws.eks.NodeGroup(
        "general",
        cluster_name=cluster.name,
        node_role_arn=node_role.arn,
        subnet_ids=subnets,
        instance_types=["m7g.large"],
        ami_type="AL2023_ARM_64_STANDARD",
        scaling_config={"min_size": 3, "max_size": 9, "desired_size": 3},
    )
    for addon in ("vpc-cni", "coredns", "kube-proxy", "eks-pod-identity-agent"):
        aws.eks.Addon(addon, cluster_name=cluster.name, addon_name=addon)
    controller = aws.iam.Role(
        "load-balancer-controller",
        assume_role_policy=policy(
            {
                "Effect": "Allow",
                "Principal": {"Service": "pods.eks.amazonaws.com"},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            }
        ),
    )
    reads = ["elasticloadbalancing:Describe*", "ec2:Describe*"]
    aws.iam.RolePolicy("load-balancer-controller", role=controller.name, policy=policy(allow(reads, "*")))
    aws.eks.PodIdentityAssociation(
        "load-balancer-controller",
        cluster_name=cluster.name,
        namespace="kube-system",
        service_account="load-balancer-controller",
        role_arn=controller.arn,
    )
    break_glass = aws.iam.Role(
        "break-glass",
        assume_role_policy=policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            }
        ),
    )
    aws.iam.RolePolicyAttachment(
        "break-glass", role=break_glass.name, policy_arn="arn:aws:iam::aws:policy/AdministratorAccess"
    )
