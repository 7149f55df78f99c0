"""README and docs/, as tests read them."""

import re
import shlex

GUIDES = ("README.md", *(f"docs/{page}.md" for page in ("aws-rules", "migrate", "pipelines", "policies", "release")))
"""Every page that people read."""


def blocks(text: str, language: str) -> list[str]:
    """The code of a page in one language."""
    return re.findall(rf"```{language}\n(.+?)```", text, re.DOTALL)


def anchors(text: str) -> set[str]:
    """What links may name of a page: its headings in lower case, without signs, with hyphens for blanks."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def aws_commands(text: str) -> list[list[str]]:
    """The commands of the AWS CLI in a page, each as its words: in blocks, in sentences, in the midst of others."""
    code = "\n".join([*blocks(text, "sh"), *re.findall(r"`(aws [^`]+)`", text)]).replace("\\\n", " ")
    while inner := re.search(r"\$\(([^()]*)\)", code):
        code = f"{code[: inner.start()]}WORD{code[inner.end() :]}\n{inner[1]}"
    words = shlex.shlex(code, posix=True, punctuation_chars="|;\n")
    words.whitespace, words.whitespace_split = " \t", True
    found: list[list[str]] = [[]]
    for word in words:
        if set(word) <= set("|;\n"):
            found.append([])
        else:
            found[-1].append(word)
    return [command for command in found if command and command[0] == "aws"]
