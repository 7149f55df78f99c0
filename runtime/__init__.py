"""Code that runs inside AWS: lifecycle hooks, and the deploy step of pipelines."""
