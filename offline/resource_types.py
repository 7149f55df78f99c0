"""The resource types of AWS that have a stand-in, and what is computed for each.

Id conventions are the provider's: see "Import" on a type's page, https://www.pulumi.com/registry/packages/aws/
A type that isn't here gets an id made from its name, and its other outputs stay unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from offline.computed import Computed, Facts


def _arn(service: str, rest: str, id_: str = "{arn}", **outputs: Any) -> Computed:
    return Computed(id_, outputs, f"arn:{{partition}}:{service}:{{region}}:{{account}}:{rest}")


def _global_arn(service: str, rest: str, id_: str, **outputs: Any) -> Computed:
    return Computed(id_, outputs, f"arn:{{partition}}:{service}::{{account}}:{rest}")


def _ec2(prefix: str, kind: str, **outputs: Any) -> Computed:
    return _arn("ec2", f"{kind}/{prefix}-{{hex17}}", f"{prefix}-{{hex17}}", **outputs)


_HOSTED_ZONES = {
    # https://docs.aws.amazon.com/general/latest/gr/elb.html (Application Load Balancers)
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-east-2": "Z3AADJGX6KTTL2",
    "us-west-1": "Z368ELLRRE2KJ0",
    "us-west-2": "Z1H1FL5HABSF5",
    "eu-central-1": "Z215JYRZR1TBD5",
    "eu-west-1": "Z32O12XQLNTSW2",
    "eu-west-2": "ZHURV8PSTC4K8",
    "eu-west-3": "Z3Q77PNBQS71R4",
    "eu-north-1": "Z23TAZ6LKFMNIO",
    "ap-northeast-1": "Z14GRHDCWA56QT",
    "ap-southeast-1": "Z1LMS91P8CMLE5",
    "ap-southeast-2": "Z1GM3OXH4ZPM65",
}


def _zone_id(facts: Facts) -> str:
    return _HOSTED_ZONES.get(facts["region"], f"Z{facts['hex32'][:13].upper()}")


def _listener(facts: Facts) -> str:
    return facts["loadBalancerArn"].replace(":loadbalancer/", ":listener/") + f"/{facts['hex16']}"


def _listener_rule(facts: Facts) -> str:
    return facts["listenerArn"].replace(":listener/", ":listener-rule/") + f"/{facts['hex16']}"


def _platform(facts: Facts) -> str:
    """The application's, told by what only groups of that platform have."""
    if "ecsService" in facts:
        return "ECS"
    configuration = facts.get("deploymentConfigName")
    functions = isinstance(configuration, str) and configuration.startswith("CodeDeployDefault.Lambda")
    return "Lambda" if functions else "Server"


def _version(facts: Facts) -> str:
    """A function's: the first where versions are published."""
    return "1" if facts.get("publish") is True else "$LATEST"


_LOAD_BALANCER = _arn(
    "elasticloadbalancing",
    "loadbalancer/{kind}/{name}/{hex16}",
    arnSuffix="{kind}/{name}/{hex16}",
    dnsName="{scheme}{name}-{number}.{region}.elb.{dns}",
    zoneId=_zone_id,
    ipAddressType="ipv4",
)
_TARGET_GROUP = _arn(
    "elasticloadbalancing",
    "targetgroup/{name}/{hex16}",
    arnSuffix="targetgroup/{name}/{hex16}",
    loadBalancerArns=[],
)
_LISTENER = Computed("{arn}", {"arn": _listener})
_LISTENER_RULE = Computed("{arn}", {"arn": _listener_rule})
_BUCKET = Computed(
    "{bucket}",
    {
        "arn": "arn:{partition}:s3:::{bucket}",
        "bucketDomainName": "{bucket}.s3.{dns}",
        "bucketRegionalDomainName": "{bucket}.s3.{region}.{dns}",
        "region": "{region}",
    },
)
_OF_BUCKET = Computed("{bucket}")
_BUCKET_OBJECT = Computed("{bucket}/{key}", {"arn": "arn:{partition}:s3:::{bucket}/{key}"})
_SECURITY_GROUP_RULE = _arn("ec2", "security-group-rule/sgr-{hex17}", "sgr-{hex17}", securityGroupRuleId="sgr-{hex17}")

TYPES: Mapping[str, Computed] = {
    "aws:alb/listener:Listener": _LISTENER,
    "aws:alb/listenerRule:ListenerRule": _LISTENER_RULE,
    "aws:alb/loadBalancer:LoadBalancer": _LOAD_BALANCER,
    "aws:alb/targetGroup:TargetGroup": _TARGET_GROUP,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _arn("cloudwatch", "alarm:{alarmName}", "{alarmName}"),
    "aws:cloudwatch/eventRule:EventRule": _arn("events", "rule/{bus}{name}", "{bus}{name}", eventBusName="default"),
    "aws:cloudwatch/eventTarget:EventTarget": Computed("{rule}-{targetId}", {"eventBusName": "default"}),
    "aws:cloudwatch/logGroup:LogGroup": _arn("logs", "log-group:{name}", "{name}"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _arn("cloudwatch", "alarm:{name}", "{name}"),
    "aws:codebuild/project:Project": _arn("codebuild", "project/{name}"),
    "aws:codecommit/repository:Repository": _arn(
        "codecommit",
        "{repositoryName}",
        "{repositoryName}",
        repositoryId="{uuid}",
        cloneUrlHttp="https://git-codecommit.{region}.{dns}/v1/repos/{repositoryName}",
        cloneUrlSsh="ssh://git-codecommit.{region}.{dns}/v1/repos/{repositoryName}",
    ),
    "aws:codedeploy/application:Application": _arn(
        "codedeploy", "application:{name}", "{uuid}:{name}", applicationId="{uuid}"
    ),
    "aws:codedeploy/deploymentConfig:DeploymentConfig": _arn(
        "codedeploy",
        "deploymentconfig:{deploymentConfigName}",
        "{deploymentConfigName}",
        deploymentConfigId="{uuid}",
    ),
    "aws:codedeploy/deploymentGroup:DeploymentGroup": _arn(
        "codedeploy",
        "deploymentgroup:{appName}/{deploymentGroupName}",
        "{uuid}",
        deploymentGroupId="{uuid}",
        computePlatform=_platform,
    ),
    "aws:codepipeline/pipeline:Pipeline": _arn("codepipeline", "{name}", "{name}"),
    "aws:codestarnotifications/notificationRule:NotificationRule": _arn(
        "codestar-notifications", "notificationrule/{uuid}"
    ),
    "aws:ec2/eip:Eip": _ec2("eipalloc", "elastic-ip", allocationId="eipalloc-{hex17}", publicIp="{public_ip}"),
    "aws:ec2/flowLog:FlowLog": _ec2("fl", "vpc-flow-log"),
    "aws:ec2/internetGateway:InternetGateway": _ec2("igw", "internet-gateway", ownerId="{account}"),
    "aws:ec2/natGateway:NatGateway": Computed("nat-{hex17}", {"publicIp": "{public_ip}"}),
    "aws:ec2/route:Route": Computed("r-{routeTableId}{number}", {"state": "active"}),
    "aws:ec2/routeTable:RouteTable": _ec2("rtb", "route-table", ownerId="{account}"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Computed("rtbassoc-{hex17}"),
    "aws:ec2/securityGroup:SecurityGroup": Computed(
        "sg-{hex17}",
        {"ownerId": "{account}"},
        "arn:{partition}:ec2:{region}:{account}:security-group/sg-{hex17}",
        {"description": "Managed by Pulumi"},
    ),
    "aws:ec2/securityGroupRule:SecurityGroupRule": Computed("sgrule-{number}", {"securityGroupRuleId": "sgr-{hex17}"}),
    "aws:ec2/subnet:Subnet": _ec2("subnet", "subnet", ownerId="{account}"),
    "aws:ec2/vpc:Vpc": _ec2(
        "vpc",
        "vpc",
        ownerId="{account}",
        defaultSecurityGroupId="sg-{hex17}",
        defaultRouteTableId="rtb-{hex17}",
        mainRouteTableId="rtb-{hex17}",
        defaultNetworkAclId="acl-{hex17}",
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _ec2("vpce", "vpc-endpoint", ownerId="{account}", state="available"),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Computed("{repository}", {"registryId": "{account}"}),
    "aws:ecr/repository:Repository": _arn(
        "ecr",
        "repository/{name}",
        "{name}",
        registryId="{account}",
        repositoryUrl="{account}.dkr.ecr.{region}.{dns}/{name}",
    ),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": Computed("{repository}", {"registryId": "{account}"}),
    "aws:ecs/cluster:Cluster": _arn("ecs", "cluster/{name}"),
    "aws:ecs/service:Service": _arn("ecs", "service/{clusterName}/{name}"),
    "aws:ecs/taskDefinition:TaskDefinition": _arn(
        "ecs",
        "task-definition/{family}:1",
        "{family}",
        arnWithoutRevision="arn:{partition}:ecs:{region}:{account}:task-definition/{family}",
        revision=1,
    ),
    "aws:iam/policy:Policy": _global_arn("iam", "policy/{name}", "{arn}"),
    "aws:iam/role:Role": _global_arn("iam", "role{path}{name}", "{name}", uniqueId="AROA{hex17}"),
    "aws:iam/rolePolicy:RolePolicy": Computed("{role}:{name}"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Computed("{role}/{policyArn}"),
    "aws:kms/alias:Alias": _arn("kms", "{name}", "{name}"),
    "aws:kms/key:Key": _arn("kms", "key/{uuid}", "{uuid}", keyId="{uuid}"),
    "aws:lambda/function:Function": _arn(
        "lambda",
        "function:{name}",
        "{name}",
        invokeArn="arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations",
        version=_version,
        qualifiedArn="{arn}:{version}",
    ),
    "aws:lb/listener:Listener": _LISTENER,
    "aws:lb/listenerRule:ListenerRule": _LISTENER_RULE,
    "aws:lb/loadBalancer:LoadBalancer": _LOAD_BALANCER,
    "aws:lb/targetGroup:TargetGroup": _TARGET_GROUP,
    "aws:s3/bucket:Bucket": _BUCKET,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _OF_BUCKET,
    "aws:s3/bucketNotification:BucketNotification": _OF_BUCKET,
    "aws:s3/bucketObject:BucketObject": _BUCKET_OBJECT,
    "aws:s3/bucketObjectv2:BucketObjectv2": _BUCKET_OBJECT,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _OF_BUCKET,
    "aws:s3/bucketPolicy:BucketPolicy": _OF_BUCKET,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _OF_BUCKET,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (_OF_BUCKET),
    "aws:s3/bucketVersioning:BucketVersioning": _OF_BUCKET,
    "aws:servicediscovery/httpNamespace:HttpNamespace": _arn(
        "servicediscovery", "namespace/ns-{hex16}", "ns-{hex16}", httpName="{name}"
    ),
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": _arn(
        "servicediscovery", "namespace/ns-{hex16}", "ns-{hex16}", hostedZone="Z{number}"
    ),
    "aws:sns/topic:Topic": _arn("sns", "{name}", owner="{account}"),
    "aws:sns/topicPolicy:TopicPolicy": Computed("{arn}", {"owner": "{account}"}),
    "aws:sns/topicSubscription:TopicSubscription": Computed("{arn}", {"arn": "{topic}:{uuid}", "ownerId": "{account}"}),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _SECURITY_GROUP_RULE,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _SECURITY_GROUP_RULE,
    "aws:wafv2/webAclAssociation:WebAclAssociation": Computed("{webAclArn},{resourceArn}"),
}
OTHER = Computed("{logical_name}-{hex8}")
"""What is made up for every other type."""
