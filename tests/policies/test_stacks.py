"""The known-good stacks themselves: real in form, and free of findings."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from pulumi import _types as wire_types

from tests.policies.pack import Pack
from tests.policies.stacks import SHAPES, Shape, delivered

MODULES = ("aws:lb/", "aws:alb/", "aws:elasticloadbalancingv2/", "aws:applicationloadbalancing/")
S3_TWINS = {
    "aws:s3/bucket:Bucket": "aws:s3/bucketV2:BucketV2",
    "aws:s3/bucketVersioning:BucketVersioning": "aws:s3/bucketVersioningV2:BucketVersioningV2",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": "aws:s3/bucketObject:BucketObject",
}


@pytest.mark.parametrize("stack", ["prod", "dev"])
@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_good_stack_has_no_findings(fast: Pack, shape: Shape, preview: bool, stack: str) -> None:
    """Neither after an update nor at a first preview, where nothing may be left undecided either."""
    assert fast.check(shape(stack), preview=preview) == []


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("preview", [False, True])
def test_no_type_token_of_a_load_balancer_matters(fast: Pack, preview: bool, module: str) -> None:
    """The provider has two for each resource, and old states hold two more."""
    for shape in SHAPES:
        assert fast.check(shape("prod").rename("aws:lb/", module), preview=preview) == [], shape.__name__


@pytest.mark.parametrize("preview", [False, True])
def test_no_type_token_of_a_bucket_matters(fast: Pack, preview: bool) -> None:
    """Nor of what belongs to it."""
    graph = delivered("prod")
    for resource in graph.resources.values():
        resource.type = S3_TWINS.get(resource.type, resource.type)
    assert fast.check(graph, preview=preview) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_a_good_stack_has_no_findings_by_the_sdk_alone(plain: Pack, shape: Shape) -> None:
    """The path that takes over where the fast one fails."""
    for preview in (False, True):
        assert plain.check(shape("prod"), preview=preview) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_a_good_stack_holds_only_what_the_provider_knows(shape: Shape) -> None:
    """Every property, in and out, has the name and the type that pulumi_aws gives it."""
    strange = []
    for resource in shape("prod").resources.values():
        types = wire_types.resource_types(_resource_class(resource.type))
        for name, value in {**resource.computed, **resource.inputs}.items():
            if name in types:
                strange += [f"{resource.name}: {place}" for place in _misfits(value, types[name], name)]
            elif name != "id":
                strange.append(f"{resource.name}: {name}")
    assert strange == []


def _resource_class(token: str) -> Any:
    _, path, name = token.split(":")
    module = path.split("/")[0]
    return getattr(importlib.import_module(f"pulumi_aws.{'lambda_' if module == 'lambda' else module}"), name)


def _misfits(value: Any, declared: Any, path: str) -> Iterator[str]:
    """The places inside a value that its declared type does not allow; references fit anywhere."""
    options = list(get_args(declared)) if get_origin(declared) in (Union, UnionType) else [declared]
    fitting: dict[Any, Any] = {get_origin(option) or option: option for option in options}
    if isinstance(value, dict):
        if Mapping in fitting:
            return
        shape = next((option for option in options if wire_types.is_output_type(option)), None)
        names = {} if shape is None else {wire: kind for _, wire, kind in wire_types._py_properties(shape)}
        inner = {} if shape is None else wire_types.output_type_types(shape)
        for key, item in value.items():
            if key in names:
                yield from _misfits(item, inner[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif isinstance(value, list):
        if Sequence not in fitting:
            yield path
            return
        for index, item in enumerate(value):
            yield from _misfits(item, get_args(fitting[Sequence])[0], f"{path}[{index}]")
    elif isinstance(value, bool | float | str) and not _fits(value, fitting):
        yield path


def _fits(value: bool | float | str, fitting: dict[Any, Any]) -> bool:
    if isinstance(value, float) and value.is_integer() and int in fitting:
        return True
    return any(
        isinstance(option, type) and (isinstance(value, option) or issubclass(option, str)) for option in fitting
    )
