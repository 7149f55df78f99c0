"""Services on ECS Fargate with blue/green releases: settings, then components, then outputs."""

import pulumi
import pulumi_aws as aws

import settings
from components.cluster import Cluster, ClusterArgs
from components.encryption_key import EncryptionKey, EncryptionKeyArgs
from components.load_balancer import LoadBalancer, LoadBalancerArgs
from components.location import Location
from components.network import Network, NetworkArgs
from service import BlueGreenService
from shared import Shared

stack = settings.load()
location = Location(
    partition=aws.get_partition().partition,
    region=aws.get_region().region,
    account_id=aws.get_caller_identity().account_id,
)

key_arn = None if stack.encryption_key == "aws" else stack.encryption_key
if key_arn == "create":
    key_arn = EncryptionKey(stack.name, EncryptionKeyArgs(location=location, tags=stack.tags)).arn
artifact_key_arn = key_arn
if stack.pipelines and key_arn is None:
    # CodePipeline would take a key of S3 that no role can be kept from.
    key = EncryptionKey(f"{stack.name}-artifacts", EncryptionKeyArgs(location=location, tags=stack.tags))
    artifact_key_arn = key.arn
network = Network(
    stack.name,
    NetworkArgs(location=location, key_arn=key_arn, tags=stack.tags, **stack.network.args(NetworkArgs)),
)
cluster = Cluster(
    stack.name,
    ClusterArgs(
        key_arn=key_arn,
        tags=stack.tags,
        **{**stack.cluster.args(ClusterArgs), "namespace": stack.namespace},
    ),
)
load_balancer = None
if stack.routes:
    load_balancer = LoadBalancer(
        stack.name,
        LoadBalancerArgs(
            location=location,
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids if stack.load_balancer.internal else network.public_subnet_ids,
            listeners=[{"port": listener.port, "cidrs": listener.cidrs} for listener in stack.listeners],
            internal=stack.load_balancer.internal,
            protect=stack.protect,
            tags=stack.tags,
            **stack.load_balancer.args(LoadBalancerArgs),
        ),
    )
shared = Shared(
    name=stack.name,
    location=location,
    vpc_id=network.vpc_id,
    subnet_ids=network.private_subnet_ids,
    cluster=cluster,
    load_balancer=load_balancer,
    key_arn=key_arn,
    artifact_key_arn=artifact_key_arn,
    smoke_tests=stack.smoke_tests,
    protect=stack.protect,
    tags=stack.tags,
)
ports = {name: stack.port(route) for name, route in stack.routes.items()}
services: dict[str, BlueGreenService] = {}
for name in stack.in_order:
    servers = {server: services[server] for server in stack.calls[name]}
    services[name] = BlueGreenService(name, stack.services[name], ports.get(name), servers, shared)

pulumi.export("cluster", cluster.name)
if load_balancer:
    pulumi.export("urls", {name: load_balancer.url(port) for name, port in ports.items()})
pulumi.export("services", {name: services[name].outputs for name in stack.services})
