"""What others see of the components: their types, their arguments and their outputs."""

import importlib

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer

from components.buildspec import BuildArgs
from components.pipeline_args import DeployArgs, PipelineArgs

COMPONENTS = {
    "artifact_bucket": "ArtifactBucket",
    "build_project": "BuildProject",
    "cluster": "Cluster",
    "codedeploy_service": "CodeDeployService",
    "deploy_pipeline": "DeployPipeline",
    "encryption_key": "EncryptionKey",
    "fargate_task": "FargateTask",
    "hook_function": "HookFunction",
    "image_pipeline": "ImagePipeline",
    "image_repository": "ImageRepository",
    "load_balancer": "LoadBalancer",
    "native_release_pipeline": "NativeReleasePipeline",
    "native_service": "NativeService",
    "network": "Network",
    "release_files": "ReleaseFiles",
    "release_pipeline": "ReleasePipeline",
    "release_topic": "ReleaseTopic",
    "rollback_alarms": "RollbackAlarms",
    "source_repository": "SourceRepository",
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
    analyzer = Analyzer("ecs-blue-green")
    result = analyzer.analyze([component])
    (definition,) = result["component_definitions"].values()
    properties = {**definition.inputs, **definition.outputs}
    for type_definition in result["type_definitions"].values():
        properties |= type_definition.properties
    # It looks for descriptions in the class itself, not in those that it has arguments from.
    bases = [
        analyzer.analyze_type(each, is_component_output=False)[0] for each in (PipelineArgs, DeployArgs, BuildArgs)
    ]
    described = {key for base in bases for key, value in base.items() if value.description}
    assert definition.description
    assert [key for key, value in properties.items() if not value.description and key not in described] == []


@pytest.mark.parametrize(("module", "name"), COMPONENTS.items())
def test_type_token(module, name, root):
    """The type token is the one that a component of this package would be served under."""
    assert (
        f'super().__init__("ecs-blue-green:index:{name}", name, None, opts)'
        in (root / "components" / f"{module}.py").read_text()
    )
