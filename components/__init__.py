"""ComponentResources of the blue/green stack, one noun a file, and beside them the pure modules they call.

Import each class from its own module; importing this package loads no provider code.
"""
