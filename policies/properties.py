"""The properties of each resource type that the rules know, by their names on the wire.

Generated from pulumi_aws: `PYTHONPATH=policies python -m tests.policies.properties`.
"""

_NAMES = {
    "aws:appautoscaling/target:Target": """
        arn maxCapacity minCapacity region resourceId roleArn scalableDimension serviceNamespace suspendedState tags
        tagsAll
    """,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": """
        actionsEnabled actionsSuppressor alarmActions alarmDescription alarmName alarmRule arn insufficientDataActions
        okActions region tags tagsAll
    """,
    "aws:cloudwatch/logGroup:LogGroup": """
        arn deletionProtectionEnabled kmsKeyId logGroupClass name namePrefix region retentionInDays skipDestroy tags
        tagsAll
    """,
    "aws:cloudwatch/metricAlarm:MetricAlarm": """
        actionsEnabled alarmActions alarmDescription arn comparisonOperator datapointsToAlarm dimensions
        evaluateLowSampleCountPercentiles evaluationCriteria evaluationInterval evaluationPeriods evaluationWindow
        extendedStatistic insufficientDataActions metricName metricQueries name namespace okActions period region
        statistic tags tagsAll threshold thresholdMetricId treatMissingData unit warmUpConfiguration
    """,
    "aws:codebuild/project:Project": """
        arn artifacts autoRetryLimit badgeEnabled badgeUrl buildBatchConfig buildTimeout cache concurrentBuildLimit
        description encryptionKey environment fileSystemLocations logsConfig name projectVisibility publicProjectAlias
        queuedTimeout region resourceAccessRole secondaryArtifacts secondarySourceVersions secondarySources serviceRole
        source sourceVersion tags tagsAll vpcConfig
    """,
    "aws:codedeploy/application:Application": """
        applicationId arn computePlatform githubAccountName linkedToGithub name region tags tagsAll
    """,
    "aws:codedeploy/deploymentConfig:DeploymentConfig": """
        arn computePlatform deploymentConfigId deploymentConfigName minimumHealthyHosts region trafficRoutingConfig
        zonalConfig
    """,
    "aws:codedeploy/deploymentGroup:DeploymentGroup": """
        alarmConfiguration appName arn autoRollbackConfiguration autoscalingGroups blueGreenDeploymentConfig
        computePlatform deploymentConfigName deploymentGroupId deploymentGroupName deploymentStyle ec2TagFilters
        ec2TagSets ecsService loadBalancerInfo onPremisesInstanceTagFilters outdatedInstancesStrategy region
        serviceRoleArn tags tagsAll terminationHookEnabled triggerConfigurations
    """,
    "aws:codepipeline/pipeline:Pipeline": """
        arn artifactStores executionMode name pipelineType region roleArn stages tags tagsAll triggerAlls triggers
        variables
    """,
    "aws:ec2/securityGroup:SecurityGroup": """
        arn description egress ingress name namePrefix ownerId region revokeRulesOnDelete tags tagsAll vpcId
    """,
    "aws:ec2/securityGroupRule:SecurityGroupRule": """
        cidrBlocks description fromPort ipv6CidrBlocks prefixListIds protocol region securityGroupId securityGroupRuleId
        self sourceSecurityGroupId toPort type
    """,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": """
        policy region registryId repository
    """,
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": """
        region registryId rules scanType
    """,
    "aws:ecr/repository:Repository": """
        arn encryptionConfigurations forceDelete imageScanningConfiguration imageTagMutability
        imageTagMutabilityExclusionFilters name region registryId repositoryUrl tags tagsAll
    """,
    "aws:ecr/repositoryPolicy:RepositoryPolicy": """
        policy region registryId repository
    """,
    "aws:ecs/cluster:Cluster": """
        arn configuration name region serviceConnectDefaults settings tags tagsAll
    """,
    "aws:ecs/service:Service": """
        alarms arn availabilityZoneRebalancing capacityProviderStrategies cluster deploymentCircuitBreaker
        deploymentConfiguration deploymentController deploymentMaximumPercent deploymentMinimumHealthyPercent
        desiredCount enableEcsManagedTags enableExecuteCommand forceDelete forceNewDeployment
        healthCheckGracePeriodSeconds iamRole launchType loadBalancers name networkConfiguration
        orderedPlacementStrategies placementConstraints platformVersion propagateTags region schedulingStrategy
        serviceConnectConfiguration serviceRegistries sigintRollback tags tagsAll taskDefinition triggers
        volumeConfiguration vpcLatticeConfigurations waitForSteadyState
    """,
    "aws:ecs/taskDefinition:TaskDefinition": """
        arn arnWithoutRevision containerDefinitions cpu enableFaultInjection ephemeralStorage executionRoleArn family
        ipcMode memory networkMode pidMode placementConstraints proxyConfiguration region requiresCompatibilities
        revision runtimePlatform skipDestroy tags tagsAll taskRoleArn trackLatest volumes
    """,
    "aws:ecs/taskSet:TaskSet": """
        arn capacityProviderStrategies cluster externalId forceDelete launchType loadBalancers networkConfiguration
        platformVersion region scale service serviceRegistries stabilityStatus status tags tagsAll taskDefinition
        taskSetId waitUntilStable waitUntilStableTimeout
    """,
    "aws:iam/policy:Policy": """
        arn attachmentCount delayAfterPolicyCreationInMs description name namePrefix path policy policyId tags tagsAll
    """,
    "aws:iam/policyAttachment:PolicyAttachment": """
        groups name policyArn roles users
    """,
    "aws:iam/role:Role": """
        arn assumeRolePolicy createDate description forceDetachPolicies inlinePolicies managedPolicyArns
        maxSessionDuration name namePrefix path permissionsBoundary tags tagsAll uniqueId
    """,
    "aws:iam/rolePolicy:RolePolicy": """
        name namePrefix policy role
    """,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": """
        policyArn role
    """,
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": """
        policyArns roleName
    """,
    "aws:lb/listener:Listener": """
        alpnPolicy arn certificateArn defaultActions loadBalancerArn mutualAuthentication port protocol region
        routingHttpRequestXAmznMtlsClientcertHeaderName routingHttpRequestXAmznMtlsClientcertIssuerHeaderName
        routingHttpRequestXAmznMtlsClientcertLeafHeaderName routingHttpRequestXAmznMtlsClientcertSerialNumberHeaderName
        routingHttpRequestXAmznMtlsClientcertSubjectHeaderName routingHttpRequestXAmznMtlsClientcertValidityHeaderName
        routingHttpRequestXAmznTlsCipherSuiteHeaderName routingHttpRequestXAmznTlsVersionHeaderName
        routingHttpResponseAccessControlAllowCredentialsHeaderValue
        routingHttpResponseAccessControlAllowHeadersHeaderValue routingHttpResponseAccessControlAllowMethodsHeaderValue
        routingHttpResponseAccessControlAllowOriginHeaderValue routingHttpResponseAccessControlExposeHeadersHeaderValue
        routingHttpResponseAccessControlMaxAgeHeaderValue routingHttpResponseContentSecurityPolicyHeaderValue
        routingHttpResponseServerEnabled routingHttpResponseStrictTransportSecurityHeaderValue
        routingHttpResponseXContentTypeOptionsHeaderValue routingHttpResponseXFrameOptionsHeaderValue sslPolicy tags
        tagsAll tcpIdleTimeoutSeconds
    """,
    "aws:lb/listenerRule:ListenerRule": """
        actions arn conditions listenerArn priority region tags tagsAll transforms
    """,
    "aws:lb/loadBalancer:LoadBalancer": """
        accessLogs arn arnSuffix clientKeepAlive connectionLogs customerOwnedIpv4Pool desyncMitigationMode dnsName
        dnsRecordClientRoutingPolicy dropInvalidHeaderFields enableCrossZoneLoadBalancing enableDeletionProtection
        enableHttp2 enablePrefixForIpv6SourceNat enableTlsVersionAndCipherSuiteHeaders enableWafFailOpen
        enableXffClientPort enableZonalShift enforceSecurityGroupInboundRulesOnPrivateLinkTraffic healthCheckLogs
        idleTimeout internal ipAddressType ipamPools loadBalancerType minimumLoadBalancerCapacity name namePrefix
        preserveHostHeader region secondaryIpsAutoAssignedPerSubnet securityGroups subnetMappings subnets tags tagsAll
        vpcId xffHeaderProcessingMode zoneId
    """,
    "aws:lb/targetGroup:TargetGroup": """
        arn arnSuffix connectionTermination deregistrationDelay healthCheck ipAddressType lambdaMultiValueHeadersEnabled
        loadBalancerArns loadBalancingAlgorithmType loadBalancingAnomalyMitigation loadBalancingCrossZoneEnabled name
        namePrefix port preserveClientIp protocol protocolVersion proxyProtocolV2 region slowStart stickiness tags
        tagsAll targetControlPort targetFailovers targetGroupHealth targetHealthStates targetType vpcId
    """,
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": """
        accountId blockPublicAcls blockPublicPolicy ignorePublicAcls restrictPublicBuckets
    """,
    "aws:s3/bucket:Bucket": """
        accelerationStatus acl arn bucket bucketDomainName bucketNamespace bucketPrefix bucketRegion
        bucketRegionalDomainName corsRules forceDestroy grants hostedZoneId lifecycleRules logging loggings
        objectLockConfiguration objectLockEnabled policy region replicationConfiguration replicationConfigurations
        requestPayer serverSideEncryptionConfiguration serverSideEncryptionConfigurations tags tagsAll versioning
        versionings website websiteDomain websiteEndpoint websites
    """,
    "aws:s3/bucketObject:BucketObject": """
        acl arn bucket bucketKeyEnabled cacheControl checksumAlgorithm checksumCrc32 checksumCrc32c checksumCrc64nvme
        checksumSha1 checksumSha256 content contentBase64 contentDisposition contentEncoding contentLanguage contentType
        etag forceDestroy key kmsKeyId metadata objectLockLegalHoldStatus objectLockMode objectLockRetainUntilDate
        overrideProvider region serverSideEncryption source sourceHash storageClass tags tagsAll versionId
        websiteRedirect
    """,
    "aws:s3/bucketPolicy:BucketPolicy": """
        bucket policy region
    """,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": """
        blockPublicAcls blockPublicPolicy bucket ignorePublicAcls region restrictPublicBuckets skipDestroy
    """,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": """
        bucket expectedBucketOwner region rules
    """,
    "aws:s3/bucketVersioning:BucketVersioning": """
        bucket expectedBucketOwner mfa region versioningConfiguration
    """,
    "aws:servicediscovery/httpNamespace:HttpNamespace": """
        arn description httpName name region tags tagsAll
    """,
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": """
        arn description hostedZone name region tags tagsAll vpc
    """,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": """
        arn cidrIpv4 cidrIpv6 description fromPort ipProtocol prefixListId referencedSecurityGroupId region
        securityGroupId securityGroupRuleId tags tagsAll toPort
    """,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": """
        arn cidrIpv4 cidrIpv6 description fromPort ipProtocol prefixListId referencedSecurityGroupId region
        securityGroupId securityGroupRuleId tags tagsAll toPort
    """,
    "aws:wafv2/webAclAssociation:WebAclAssociation": """
        region resourceArn webAclArn
    """,
}

PROPERTIES: dict[str, frozenset[str]] = {kind: frozenset(names.split()) for kind, names in _NAMES.items()}
