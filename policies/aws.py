"""The AWS provider's type tokens and identifiers, as far as the rules need them."""

from __future__ import annotations

SERVICE = "aws:ecs/service:Service"
TASK_SET = "aws:ecs/taskSet:TaskSet"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
CLUSTER = "aws:ecs/cluster:Cluster"
DEPLOYMENT_GROUP = "aws:codedeploy/deploymentGroup:DeploymentGroup"
DEPLOYMENT_CONFIG = "aws:codedeploy/deploymentConfig:DeploymentConfig"
APPLICATION = "aws:codedeploy/application:Application"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
LISTENER_RULE = "aws:lb/listenerRule:ListenerRule"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
SECURITY_GROUP_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
SCALABLE_TARGET = "aws:appautoscaling/target:Target"
WEB_ACL_ASSOCIATION = "aws:wafv2/webAclAssociation:WebAclAssociation"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ROLE_POLICY_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ROLE_POLICY_ATTACHMENTS_EXCLUSIVE = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive"
POLICY_ATTACHMENT = "aws:iam/policyAttachment:PolicyAttachment"
POLICY = "aws:iam/policy:Policy"
REPOSITORY = "aws:ecr/repository:Repository"
REPOSITORY_POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"
LIFECYCLE_POLICY = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REGISTRY_SCANNING = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"
BUILD_PROJECT = "aws:codebuild/project:Project"
PIPELINE = "aws:codepipeline/pipeline:Pipeline"
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BUCKET_PUBLIC_ACCESS_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
ACCOUNT_PUBLIC_ACCESS_BLOCK = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
BUCKET_ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
BUCKET_VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
BUCKET_OBJECT = "aws:s3/bucketObject:BucketObject"
HTTP_NAMESPACE = "aws:servicediscovery/httpNamespace:HttpNamespace"
PRIVATE_NAMESPACE = "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace"

_LB_MODULES = ("aws:alb/", "aws:elasticloadbalancingv2/", "aws:applicationloadbalancing/")
_CANONICAL = {
    module + token.removeprefix("aws:lb/"): token
    for module in _LB_MODULES
    for token in (LOAD_BALANCER, LISTENER, LISTENER_RULE, TARGET_GROUP)
} | {
    "aws:s3/bucketV2:BucketV2": BUCKET,
    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": BUCKET_ENCRYPTION,
    "aws:s3/bucketVersioningV2:BucketVersioningV2": BUCKET_VERSIONING,
    "aws:s3/bucketObjectv2:BucketObjectv2": BUCKET_OBJECT,
}

IDENTITIES: dict[str, tuple[str, ...]] = {
    APPLICATION: ("name",),
    BUCKET: ("bucket", "id", "arn"),
    BUILD_PROJECT: ("name", "arn"),
    COMPOSITE_ALARM: ("name", "alarmName", "arn"),
    DEPLOYMENT_GROUP: ("deploymentGroupName", "arn"),
    LOG_GROUP: ("name", "arn"),
    METRIC_ALARM: ("name", "arn"),
    PIPELINE: ("name", "arn"),
    POLICY: ("arn",),
    REPOSITORY: ("name", "repositoryUrl", "arn"),
    CLUSTER: ("arn", "name"),
    DEPLOYMENT_CONFIG: ("deploymentConfigName",),
    HTTP_NAMESPACE: ("arn", "id", "name"),
    PRIVATE_NAMESPACE: ("arn", "id", "name"),
    LISTENER: ("arn",),
    LISTENER_RULE: ("arn",),
    LOAD_BALANCER: ("arn", "arnSuffix"),
    ROLE: ("arn", "name"),
    SECURITY_GROUP: ("id", "arn"),
    SERVICE: ("arn", "id", "name"),
    TARGET_GROUP: ("arn", "name", "arnSuffix"),
    TASK_DEFINITION: ("arn", "arnWithoutRevision", "family"),
}
"""The properties by whose values other resources refer to one of this kind."""


def canonical(token: str) -> str:
    """The one token for a resource that the provider registers under several.

    `aws:lb/*` and `aws:alb/*` are twins; old states hold `aws:elasticloadbalancingv2/*` and
    `aws:applicationloadbalancing/*`, and S3 resources with V2 in their names.
    """
    return _CANONICAL.get(token, token)


def short_name(reference: str) -> str:
    """The name that an ARN, or a family with revision, holds; any other reference as it is.

    `…:cluster/main` is `main`, `…:service/main/web` is `web`, `…:targetgroup/blue/0123` is `blue`,
    and `…:task-definition/web:7` as well as `web:7` is `web`.
    """
    name = reference
    if reference.startswith("arn:"):
        kind, *path = reference.split(":", 5)[-1].split("/")
        if kind == "targetgroup" and path:
            return path[0]
        if kind not in ("cluster", "role", "service", "task-definition") or not path:
            return reference
        name = path[-1]
    return name.split(":", 1)[0]
