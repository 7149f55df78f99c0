"""The settings of a stack: what `Pulumi.<stack>.yaml` may say, read and checked in one place.

`load()` reads Pulumi's configuration and returns `Settings`, or raises `SettingsError` with every mistake at once.
The models are the contract: keys are camelCase, terms are AWS's, unknown keys are refused, and what doesn't belong
together cannot be written down. `python -m settings` prints the JSON Schema of a stack file.
"""

from settings.deployment import CodeDeploy
from settings.hook import judges
from settings.mistake import PROJECT, Mistake, SettingsError
from settings.pipeline import Pipeline
from settings.service import Service
from settings.smoke import SmokeTest
from settings.source import AnySource, CodeCommitSource
from settings.stack import Settings, load, parse, schema

__all__ = [
    "PROJECT",
    "AnySource",
    "CodeCommitSource",
    "CodeDeploy",
    "Mistake",
    "Pipeline",
    "Service",
    "Settings",
    "SettingsError",
    "SmokeTest",
    "judges",
    "load",
    "parse",
    "schema",
]
