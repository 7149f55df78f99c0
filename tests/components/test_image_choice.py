"""How `image_choice` keeps the image that runs where only files changed: its script is run, with stand-ins for AWS."""

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

from components.buildspec import image_choice
from components.release_documents import image_detail_json
from tests.components.build_host import OLD, REPOSITORY, World
from tests.components.stand_in import BUILT

RULE = "arn:aws:events:eu-west-1:123456789012:rule/shop-release-files-1a2b3c4"


def running(image, primary="arn:task-definition/shop:7"):
    """What AWS replies where `image` runs, and the next revision is under way."""
    definition = {"containerDefinitions": [{"name": "proxy", "image": "envoy:1"}, {"name": "web", "image": image}]}
    sets = [
        {"status": "ACTIVE", "taskDefinition": "arn:task-definition/shop:8"},
        {"status": "PRIMARY", "taskDefinition": primary},
    ]
    return {
        "codepipeline get-pipeline-execution": {
            "pipelineExecution": {"trigger": {"triggerType": "CloudWatchEvent", "triggerDetail": RULE}}
        },
        "ecs describe-services": {"services": [{"taskDefinition": primary, "taskSets": sets}], "failures": []},
        "ecs describe-task-definition": {"taskDefinition": definition},
    }


def started_by(detail):
    trigger = {"triggerType": "StartPipelineExecution", "triggerDetail": detail}
    return {"codepipeline get-pipeline-execution": {"pipelineExecution": {"trigger": trigger}}}


ASKED = {"PIPELINE_EXECUTION_ID": "e-1", "FILES_RULE_ARN": RULE, "CLUSTER": "prod", "SERVICE": "shop"}
TRIGGER = [
    *["aws", "codepipeline", "get-pipeline-execution", "--pipeline-name", "shop-release-pipeline"],
    *["--pipeline-execution-id", "e-1", "--query", "pipelineExecution.trigger.triggerDetail", "--output", "text"],
]
RUNS = f"{REPOSITORY}@{OLD}"
CHOICE = image_choice("shop-release-pipeline", "web", "CODE_DEPLOY")
MAKES_WAY = {
    "image of another repository": f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/shop-api@{OLD}",
    "image that the service was made with": "public.ecr.aws/docker/library/python:3.13.9-alpine3.22",
    "image by tag": f"{REPOSITORY}:1.4.2",
    "no image": None,
}


@pytest.fixture
def pushed(host):
    """The image that was built or pushed before."""
    image = f"{REPOSITORY}@{BUILT}"
    (host.source / "imageDetail.json").write_text(image_detail_json(image))
    return image


@pytest.mark.parametrize(("call", "reply"), running(RUNS).items())
def test_replies(call, reply):
    """The stand-ins' replies are shaped as those of AWS."""
    service, _, operation = call.partition(" ")
    model = botocore.session.get_session().get_service_model(service)
    (name,) = [each for each in model.operation_names if xform_name(each, "-") == operation]
    assert ParamValidator().validate(reply, model.operation_model(name).output_shape).generate_report() == ""


@pytest.mark.parametrize(
    ("controller", "query"),
    [
        ("CODE_DEPLOY", "services[0].taskSets[?status=='PRIMARY'].taskDefinition | [0]"),
        ("ECS", "services[0].taskDefinition"),
    ],
)
@pytest.mark.usefixtures("pushed")
def test_kept(host, controller, query):
    """Where the files' rule started the pipeline, it is the image of the revision that takes the traffic."""
    choice = host.run(image_choice("shop-release-pipeline", "web", controller), World(replies=running(RUNS)), **ASKED)
    services = ["aws", "ecs", "describe-services", "--cluster", "prod", "--services", "shop"]
    definition = ["aws", "ecs", "describe-task-definition", "--task-definition", "arn:task-definition/shop:7"]
    image = "taskDefinition.containerDefinitions[?name=='web'].image | [0]"
    assert choice.calls == [
        TRIGGER,
        [*services, "--query", query, "--output", "text"],
        [*definition, "--query", image, "--output", "text"],
    ]
    assert (choice.status, choice.image) == (0, RUNS)


@pytest.mark.parametrize(
    "detail", ["arn:aws:iam::123456789012:user/someone", f"{RULE}5", RULE.replace("files", "app"), None]
)
def test_started_by_another(host, pushed, detail):
    """A commit, a push or a person asks for a release: the service is not even looked at."""
    choice = host.run(CHOICE, World(replies=started_by(detail)), **ASKED)
    assert choice.calls == [TRIGGER]
    assert (choice.status, choice.image) == (0, pushed)


@pytest.mark.parametrize("image", MAKES_WAY.values(), ids=MAKES_WAY)
def test_what_makes_way(host, pushed, image):
    """Only what the pipeline has pushed, by digest, is kept."""
    choice = host.run(CHOICE, World(replies=running(image)), **ASKED)
    assert (choice.status, choice.image) == (0, pushed)


@pytest.mark.parametrize("fails", ["aws codepipeline", "aws ecs describe-services", "aws ecs describe-task"])
@pytest.mark.usefixtures("pushed")
def test_unanswered(host, fails):
    """Who can't tell what runs chooses nothing."""
    choice = host.run(CHOICE, World(replies=running(RUNS), fails=[fails]), **ASKED)
    assert choice.status != 0
    assert " ".join(choice.calls[-1]).startswith(fails)


def test_no_image_to_choose(host):
    """A pipeline without a pushed image fails where it is missing, not at the deployment."""
    assert host.run(CHOICE, World(replies=started_by("someone")), **ASKED).status != 0
