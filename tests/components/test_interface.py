"""What others see of the components: their types, their arguments and their outputs."""

import importlib

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer

COMPONENTS = {
    "cluster": "Cluster",
    "codedeploy_service": "CodeDeployService",
    "encryption_key": "EncryptionKey",
    "fargate_task": "FargateTask",
    "image_repository": "ImageRepository",
    "load_balancer": "LoadBalancer",
    "native_service": "NativeService",
    "network": "Network",
    "rollback_alarms": "RollbackAlarms",
    "task_security_group": "TaskSecurityGroup",
    "traffic_route": "TrafficRoute",
}


def found(root):
    """Component classes by the module that defines them."""
    classes = {}
    for path in (root / "components").glob("*.py"):
        module = importlib.import_module(f"components.{path.stem}")
        for value in vars(module).values():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, pulumi.ComponentResource):
                classes[path.stem] = value.__name__
    return classes


def test_one_component_a_file(root):
    """A file that defines a component is named after it, and defines no other."""
    assert found(root) == COMPONENTS


@pytest.mark.parametrize(("module", "name"), COMPONENTS.items())
def test_component_can_be_served(module, name):
    """Pulumi's analyzer understands every argument and output, and each of them is described."""
    component = getattr(importlib.import_module(f"components.{module}"), name)
    result = Analyzer("ecs-blue-green").analyze([component])
    (definition,) = result["component_definitions"].values()
    properties = {**definition.inputs, **definition.outputs}
    for type_definition in result["type_definitions"].values():
        properties |= type_definition.properties
    assert definition.description
    assert [key for key, value in properties.items() if not value.description] == []


@pytest.mark.parametrize(("module", "name"), COMPONENTS.items())
def test_type_token(module, name, root):
    """The type token is the one that a component of this package would be served under."""
    assert (
        f'super().__init__("ecs-blue-green:index:{name}", name, None, opts)'
        in (root / "components" / f"{module}.py").read_text()
    )
