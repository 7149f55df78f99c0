"""Nothing yet."""

FOUND: list[tuple[str, str, str]] = []


def program() -> None:
    """Declares nothing."""
