"""What a `LoadBalancer` declares. Mocks prove what is sent, not what AWS accepts."""

import json

import pytest

from components.limits import Refused
from components.load_balancer import LoadBalancer

CERTIFICATE = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
NOT_FOUND = [
    {
        "type": "fixed-response",
        "fixedResponse": {
            "statusCode": "404",
            "contentType": "text/plain",
            "messageBody": "No service takes this request.",
        },
    }
]


@pytest.fixture
def build(declare, location):
    """Declare a load balancer with two listeners, and these arguments in place of the usual ones."""

    def run(**args):
        usual = {
            "location": location,
            "vpc_id": "vpc-1",
            "subnet_ids": ["subnet-1", "subnet-2"],
            "listeners": [{"port": 80, "cidrs": ["0.0.0.0/0"]}, {"port": 8080, "cidrs": ["10.0.0.0/16"]}],
        }
        return declare(lambda: LoadBalancer("shop", {**usual, **args}))

    return run


def listeners(deployment):
    return {r.inputs["port"]: r for r in deployment.of_type("aws:lb/listener:Listener")}


def openings(deployment):
    """Port and network of every ingress rule."""
    rules = deployment.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    return sorted((r.inputs["fromPort"], r.inputs["toPort"], r.inputs["cidrIpv4"]) for r in rules)


def test_load_balancer(build):
    """It is public, drops invalid headers, and has neither logs nor a web ACL unless asked for."""
    deployment = build()
    balancer = deployment.find("aws:lb/loadBalancer:LoadBalancer", "shop-alb")
    group = deployment.find("aws:ec2/securityGroup:SecurityGroup", "shop-alb")
    assert balancer.inputs == {
        "name": balancer.inputs["name"],
        "loadBalancerType": "application",
        "internal": False,
        "subnets": ["subnet-1", "subnet-2"],
        "securityGroups": [group.id],
        "dropInvalidHeaderFields": True,
        "enableDeletionProtection": False,
        "idleTimeout": 60,
    }
    assert deployment.of_type("aws:s3/bucket:Bucket") == []
    assert deployment.of_type("aws:wafv2/webAclAssociation:WebAclAssociation") == []


def test_listeners_answer_404(build):
    """A listener takes no traffic by itself, and Pulumi leaves its default action to whoever moves traffic."""
    found = listeners(build())
    assert {port: r.inputs["defaultActions"] for port, r in found.items()} == {80: NOT_FOUND, 8080: NOT_FOUND}
    assert {port: r.inputs["protocol"] for port, r in found.items()} == {80: "HTTP", 8080: "HTTP"}
    assert {port: r.ignore_changes for port, r in found.items()} == {80: ["defaultActions"], 8080: ["defaultActions"]}
    assert all("certificateArn" not in r.inputs and "sslPolicy" not in r.inputs for r in found.values())


def test_only_listener_ports_are_open(build):
    """Each listener is open to its own networks, nothing else is, and nothing may leave."""
    deployment = build()
    assert openings(deployment) == [(80, 80, "0.0.0.0/0"), (8080, 8080, "10.0.0.0/16")]
    assert deployment.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") == []
    (group,) = deployment.of_type("aws:ec2/securityGroup:SecurityGroup")
    assert "ingress" not in group.inputs
    assert "egress" not in group.inputs


def test_https(build):
    """With a certificate every listener is HTTPS with a current policy, and port 80 redirects to 443."""
    deployment = build(
        listeners=[{"port": 443, "cidrs": ["0.0.0.0/0"]}, {"port": 8443, "cidrs": ["10.0.0.0/16"]}],
        certificate_arn=CERTIFICATE,
    )
    found = listeners(deployment)
    assert {port: r.inputs["protocol"] for port, r in found.items()} == {80: "HTTP", 443: "HTTPS", 8443: "HTTPS"}
    assert {found[port].inputs["certificateArn"] for port in (443, 8443)} == {CERTIFICATE}
    assert {found[port].inputs["sslPolicy"] for port in (443, 8443)} == {"ELBSecurityPolicy-TLS13-1-2-Res-2021-06"}
    assert found[80].inputs["defaultActions"] == [
        {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}
    ]
    assert openings(deployment) == [(80, 80, "0.0.0.0/0"), (443, 443, "0.0.0.0/0"), (8443, 8443, "10.0.0.0/16")]


def test_no_redirect_without_443(build):
    """Port 80 stays closed where nothing listens on 443."""
    deployment = build(listeners=[{"port": 8443, "cidrs": ["0.0.0.0/0"]}], certificate_arn=CERTIFICATE)
    assert sorted(listeners(deployment)) == [8443]
    assert openings(deployment) == [(8443, 8443, "0.0.0.0/0")]


def test_access_logs(build):
    """Logs go to a private, encrypted, versioned bucket that expires them and only the load balancer may write to."""
    deployment = build(access_logs={"retention_days": 30})
    bucket = deployment.find("aws:s3/bucket:Bucket", "shop-access-logs")
    policy = deployment.find("aws:s3/bucketPolicy:BucketPolicy", "shop-access-logs")
    balancer = deployment.find("aws:lb/loadBalancer:LoadBalancer", "shop-alb")
    name = bucket.inputs["bucket"]
    assert bucket.inputs == {"bucket": name, "forceDestroy": False}
    assert balancer.inputs["accessLogs"] == {"bucket": name, "enabled": True}
    assert policy.urn in balancer.dependencies
    # Amazon S3 refuses two changes of a bucket's access at once.
    private = deployment.find("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "shop-access-logs")
    assert private.urn in policy.dependencies
    own = {"bucket": name}
    assert {r.type: r.inputs for r in deployment if r.name == "shop-access-logs" and r not in (bucket, policy)} == {
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": own
        | dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True),
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls": own
        | {"rule": {"objectOwnership": "BucketOwnerEnforced"}},
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": own
        | {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
        "aws:s3/bucketVersioning:BucketVersioning": own | {"versioningConfiguration": {"status": "Enabled"}},
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": own
        | {
            "rules": [
                {
                    "id": "expire",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"days": 30},
                },
                {
                    "id": "tidy",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "noncurrentVersionExpiration": {"noncurrentDays": 1},
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1},
                },
            ]
        },
    }
    assert json.loads(policy.inputs["policy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{name}/AWSLogs/123456789012/*",
            "Condition": {
                "ArnLike": {"aws:SourceArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/*"}
            },
        },
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]


def test_access_logs_may_go_with_their_bucket(build):
    """They keep it from being deleted unless said otherwise; it has the load balancer's tags."""
    deployment = build(access_logs={"retention_days": 30, "force_destroy": True}, tags={"team": "web"})
    bucket = deployment.find("aws:s3/bucket:Bucket", "shop-access-logs").inputs
    assert bucket == {"bucket": bucket["bucket"], "forceDestroy": True, "tags": {"team": "web"}}


def test_protection(build):
    """Private addresses, deletion protection, a web ACL and another idle timeout are choices."""
    acl = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/shop/1"
    deployment = build(internal=True, deletion_protection=True, web_acl_arn=acl, idle_timeout_seconds=120)
    balancer = deployment.find("aws:lb/loadBalancer:LoadBalancer", "shop-alb")
    association = deployment.find("aws:wafv2/webAclAssociation:WebAclAssociation", "shop-alb")
    assert balancer.inputs["internal"] is True
    assert balancer.inputs["enableDeletionProtection"] is True
    assert balancer.inputs["idleTimeout"] == 120
    assert association.inputs == {"resourceArn": balancer.outputs["arn"], "webAclArn": acl}


def test_url(declare, location):
    """A listener's address leaves out the port that its scheme implies."""
    found = {}

    def program():
        args = {"location": location, "vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-2"]}
        plain = LoadBalancer("plain", {**args, "listeners": [{"port": 80, "cidrs": []}, {"port": 8080, "cidrs": []}]})
        secure = LoadBalancer(
            "secure", {**args, "listeners": [{"port": 443, "cidrs": []}], "certificate_arn": CERTIFICATE}
        )
        for key, url in {"80": plain.url(80), "8080": plain.url(8080), "443": secure.url(443)}.items():
            url.apply(lambda value, key=key: found.__setitem__(key, value))

    deployment = declare(program)
    plain, secure = (
        deployment.find("aws:lb/loadBalancer:LoadBalancer", f"{name}-alb").outputs["dnsName"]
        for name in ("plain", "secure")
    )
    assert found == {"80": f"http://{plain}/", "8080": f"http://{plain}:8080/", "443": f"https://{secure}/"}


@pytest.mark.parametrize(
    ("args", "given"),
    [
        ({"listeners": [{"port": 80, "cidrs": []}, {"port": 80, "cidrs": []}]}, "two listeners on port 80"),
        ({"certificate_arn": CERTIFICATE}, "80"),
    ],
)
def test_refusals(location, args, given):
    """Two listeners on a port, and a listener on the port that redirects, are refused."""
    usual = {"location": location, "vpc_id": "vpc-1", "subnet_ids": [], "listeners": [{"port": 80, "cidrs": []}]}
    with pytest.raises(Refused) as refused:
        LoadBalancer("shop", {**usual, **args})
    assert refused.value.given == given


def test_name_too_long(location):
    """A name that leaves no room for the automatic suffix is refused (G50)."""
    args = {"location": location, "vpc_id": "vpc-1", "subnet_ids": [], "listeners": []}
    with pytest.raises(Refused) as refused:
        LoadBalancer("a" * 21, args)
    assert refused.value.allowed == "at most 20 characters"


def test_protect(build):
    """Pulumi refuses to delete the load balancer where asked to; listeners and rules may still go."""
    assert [r.name for r in build() if r.protect] == []
    assert [(r.type, r.name) for r in build(protect=True) if r.protect] == [
        ("aws:lb/loadBalancer:LoadBalancer", "shop-alb")
    ]
