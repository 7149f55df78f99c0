"""Lifecycle hooks of a release, as Lambda functions: `smoke`, `admission` and `approval`.

Each serves ECS and CodeDeploy alike, and is configured by JSON in the environment variable HOOK. They say of a release
that it succeeded, failed or is still in progress; one that is going back is never held, and a hook that breaks fails
the release rather than leave it hanging.
"""
