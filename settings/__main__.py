"""`python -m settings`: print the JSON Schema of a stack file, the content of `stack.schema.json`."""

import json

from settings import schema

print(json.dumps(schema(), indent=2))
