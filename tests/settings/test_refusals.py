"""Everything else that a stack file may not say; `refusals.yaml` holds one row for each."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

import settings
from settings.deployment import BlueGreen, Canary, CodeDeploy, Linear, Rolling
from settings.hook import AdmissionEvent, AdmissionHook, LambdaEvent, LambdaHook, PauseHook, SmokeEvent, SmokeHook
from settings.mistake import Mistake, mistakes_of
from tests.settings.stack_files import MODELS, delivered, mesh, message, native, put, refusal, service, stack, without

ROWS = [
    row
    for name in ("refusals.yaml", "delivery_refusals.yaml")
    for row in yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))
]
HEADER = {"name": "x-test", "value": "yes"}
TCP = {"web": {"image": "nginx:1.27", "port": 8080}}
SMOKE = {"hooks": [{"type": "SMOKE"}]}
FILES = {
    "native": stack(shop=native()),
    "mesh": stack(shop=mesh()),
    "tcp": stack(shop=mesh(containers=TCP, deployment={"controller": "ECS", "strategy": "ROLLING"})),
    "delivered": stack(shop=delivered(service())),
    "pushed": stack(shop=delivered(service(), source={"provider": "ECR"})),
    "separate": stack(shop=delivered(service(), separate=True)),
    "native delivered": stack(shop=delivered(native())),
    "tested": stack(shop=service(deployment=SMOKE, loadBalancer={"testPort": 8081})),
    "native tested": stack(
        shop=native(deployment={"controller": "ECS", **SMOKE}, loadBalancer={"testHeader": HEADER}),
    ),
    "mesh tested": stack(
        shop=mesh(deployment={"controller": "ECS", "hooks": [{"type": "SMOKE", "through": "web"}]}),
        web=native(serviceConnect={"connectsTo": ["shop"]}),
        blog=native(loadBalancer={"port": 81}),
    ),
}
"""The stack files besides the smallest one that a row may change, by what it calls them."""

LONG = "…"


@pytest.mark.parametrize("row", ROWS, ids=[f"{number}-{row['set']}" for number, row in enumerate(ROWS)])
def test_a_wrong_setting_is_refused_with_these_lines(row):
    """One thing wrong is one line, at the path of the setting, in the words of a stack file."""
    assert refusal(put(row["set"], row["to"], FILES.get(row.get("of")))) == message(*row["lines"])


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_what_a_row_changes_is_in_order_without_it(file):
    """One thing is wrong with each of them, and nothing else."""
    assert settings.parse(file)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_level_refuses_unknown_keys(model):
    """No model lets a key pass that it doesn't know; it lists those that it does."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate({"zzz": 1})
    keys = ", ".join(field.alias for field in model.model_fields.values())
    assert Mistake("zzz", "an unknown key", keys, "there is no such key here") in mistakes_of(caught.value)


ALTERNATIVES = [
    (CodeDeploy, BlueGreen, Linear, Canary, Rolling),
    (LambdaHook, PauseHook, LambdaEvent),
    (SmokeHook, SmokeEvent),
    (AdmissionHook, AdmissionEvent),
]


@pytest.mark.parametrize(
    ("model", "models"),
    [(model, models) for models in ALTERNATIVES for model in models],
    ids=lambda kind: kind.__name__ if isinstance(kind, type) else "",
)
def test_a_key_of_an_alternative_is_said_to_belong_there(model, models):
    """Whoever changes a controller, a strategy or the type of a hook learns which keys go, and why."""
    keys = {each: {field.alias for field in each.model_fields.values()} for each in models}
    assert model.refused_keys.keys() == set().union(*keys.values()) - keys[model]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("services", "services: given nothing; allowed: this key is required; The services by name."),
        (
            "services.shop.containers",
            "services.shop.containers: given nothing; allowed: this key is required; Containers of a task by name.",
        ),
        (
            "services.shop.loadBalancer",
            "services.shop.loadBalancer: given nothing; allowed: this key, or controller ECS; CodeDeploy releases a "
            "service by moving a listener of its load balancer",
        ),
        (
            "services.shop.containers.web.image",
            "services.shop.containers.web.image: given nothing; allowed: this key is required; Image with a tag "
            "other than latest, or a digest: what runs until a release brings another one.",
        ),
    ],
)
def test_a_required_key_is_named_where_it_is_missing(path, line):
    """What has no default is asked for by its path."""
    assert refusal(without(path)) == message(line)


@pytest.mark.parametrize(
    ("path", "value", "given", "allowed"),
    [
        (
            "tags",
            {f"t{number}": "x" for number in range(41)},
            "{'t0': 'x', 't1': 'x', 't10': 'x', 't11': 'x', ...}",
            40,
        ),
        (
            "services.shop.containers",
            {f"c{number}": {"image": "n:1"} for number in range(11)},
            "{'c0': {'image': 'n:1'}, 'c1': {'image': 'n:1'}, 'c10': {'image': 'n:1'}, 'c2': {'image': 'n:1'}, ...}",
            10,
        ),
    ],
)
def test_a_mapping_with_too_many_entries_is_shown_in_part(path, value, given, allowed):
    """How many are allowed is said; what was given is shortened."""
    assert refusal(put(path, value)).split("\n")[1].startswith(f"  ecs-blue-green:{path}: given {given}; allowed: ")
    assert f"allowed: at most {allowed};" in refusal(put(path, value))


def test_a_long_value_is_shown_in_part():
    """A message stays readable whatever was pasted into a stack file."""
    image = "x" * 100_000
    assert refusal(put("services.shop.containers.web.image", image)) == message(
        f"services.shop.containers.web.image: given '{'x' * 98}{LONG}{'x' * 99}'; allowed: a tag other than latest, "
        "or a digest (REPOSITORY:TAG or REPOSITORY@sha256:DIGEST); a rollback would start whatever the moving tag "
        "has become (G57)"
    )


def test_a_number_of_a_thousand_digits_is_refused():
    """A threshold must fit the number that CloudWatch compares with."""
    assert refusal(put("services.shop.deployment.alarms.http5xxCount", 10**1000)) == message(
        "services.shop.deployment.alarms.http5xxCount: given 100000000000000000...0000000000000000000; allowed: less "
        "than or equal to 1000000000; 5xx replies of the tasks in a minute; 10 unless set."
    )


def test_characters_that_cannot_be_printed_are_escaped():
    """A key with a line break or a terminal's control sequence stays one line of text."""
    assert refusal(stack() | {"a\x1b[31m\nb\u2028": 1}) == message(
        "a\\x1b[31m\\nb\\u2028: given an unknown key; allowed: name, tags, encryptionKey, protect, network, "
        "cluster, loadBalancer, services; there is no such key here"
    )


def test_a_secret_in_place_of_its_name_is_not_shown():
    """Whoever writes a password under `secrets:` doesn't find it in the log of the preview."""
    said = refusal(put("services.shop.containers.web.secrets", {"PASSWORD": "hunter2"}))
    assert said == message(
        "services.shop.containers.web.secrets.PASSWORD: given something else, not shown because it may be the secret "
        "itself; allowed: an SSM parameter by name (/name) or ARN, or a Secrets Manager secret by ARN; Environment "
        "variables taken from an SSM parameter (/name or ARN) or a Secrets Manager secret (ARN)."
    )


def test_a_name_is_a_variable_or_a_secret():
    """AWS refuses a task definition that sets a variable both ways."""
    web = {"image": "nginx:1.27", "port": 80, "environment": {"B": "1", "A": "1"}, "secrets": {"A": "/a", "B": "/b"}}
    assert refusal(stack(shop=service(containers={"web": web}))) == message(
        "services.shop.containers.web.secrets: given A, B here and in environment; allowed: each name in one of the "
        "two; AWS would answer: 'The secret name must be unique and not shared with any new or existing environment "
        "variables set on the container'"
    )


def test_a_wrong_setting_has_no_followers():
    """What depends on a wrong setting is judged once that one is right."""
    assert refusal(put("services.shop", {"containers": [], "cpu": "x", "memory": 7, "loadBalancer": {}})) == message(
        "services.shop.containers: given []; allowed: a mapping of names to values; Containers of a task by name.",
        "services.shop.cpu: given 'x'; allowed: a whole number; CPU units of a task, 1024 to a vCPU; 256 unless set.",
    )
