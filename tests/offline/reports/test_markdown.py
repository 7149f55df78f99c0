"""The Markdown report, exactly."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from offline.reports import markdown
from tests.offline.said import NOTE, WEB, everything, outcome, silent, violation

ESCAPED = NOTE.replace("`", "&#96;")
EVERYTHING = f"""\
### Policies: 2 mandatory findings

`demo/dev`: 2 resources, checked with `tiny 1.0.0`.

| mandatory | advisory | undecided | known | exempted | passed | not applicable |
|---:|---:|---:|---:|---:|---:|---:|
| 2 | 2 | 1 | 1 | 1 | 1 | 1 |

Gone since the baseline: 1.

{ESCAPED}

<details><summary>mandatory (2)</summary>

**high** `violated` `api` (`t:i:T`)

```text
api: port is 80.
```

Nobody listens.

```diff
  port(
-     80
+     81
  )
```

**high** `violated` `web` (`t:i:T`)

```text
web: port is 80.
```

</details>

<details><summary>advisory (2)</summary>

**low** `twice` `web` (`t:i:T`)

```text
web is *bold*.
```

`broken` `web` (`t:i:T`)

```text
rule error: it broke.
```

</details>

<details><summary>undecided (1)</summary>

`unclear` `web` (`t:i:T`)

```text
undecided: web (t:i:T): port is not known until the update.
```

</details>

<details><summary>known from the baseline (1)</summary>

`known` `web` (`t:i:T`)

```text
web is old.
```

</details>

<details><summary>exempted (1)</summary>

`exempt` `web` (`t:i:T`)

```text
web: port is 80.
```

Reason: legacy (until 2027-01-31)

</details>

<details><summary>not applicable (1)</summary>

- `silent` web is none of its business.
</details>

<details><summary>passed (1)</summary>

`clean`
</details>
"""


def test_everything():
    """A table of counts; each list folded; a rule is explained once."""
    assert markdown.render(everything()) == EVERYTHING


def test_nothing():
    """The head says so; only what passed is listed."""
    text = markdown.render(outcome())
    assert text.startswith("### Policies: no mandatory findings\n")
    assert re.findall("<summary>(.*)</summary>", text) == ["passed (8)"]


@pytest.mark.parametrize("count", [1, 200, 5000])
def test_it_fits_into_a_comment(count):
    """Whole items are left out from the end; every list keeps its number, every fold its end."""
    said = [violation("violated", f"web: port is {number}. {'x😀' * 50}", level="advisory") for number in range(count)]
    text = markdown.render(outcome(violation("twice", "web: a is 1."), *said, silent("silent", "no.")))
    assert len(text) <= len(text.encode("utf-16-le")) // 2 <= 65_536
    assert re.findall("<summary>(.*)</summary>", text) == [
        "mandatory (1)", f"advisory ({count})", "not applicable (1)", "passed (5)"
    ]  # fmt: skip
    assert text.count("<details>") == text.count("</details>") == 4
    assert text.count("```") == 2 * (1 + text.count("web: port is"))
    left = [int(number) for number in re.findall(r"^(\d+) more did not fit", text, re.MULTILINE)]
    assert left[0] + text.count("web: port is") == count if count > 200 else left == []
    assert "web: a is 1." in text


HOSTILE = "</summary> @team #1 `code` ``` **b** [a](b) <img src=x> | _i_ &amp; ~~x~~\n# head\n```\nout\n1. one"


def test_what_a_pack_says_is_text():
    """No markup, mention or reference, whatever a message, a reason or a name holds."""
    urn = "urn:pulumi:dev::demo::t:i:T::we`b <b> @team"
    text = markdown.render(
        outcome(
            violation("violated", f"{HOSTILE}\nWhy: {HOSTILE}\nFix:\n    {HOSTILE}", urn),
            silent("exempt", f"exempted: {WEB}\nx\nReason: {HOSTILE}"),
            silent("silent", "- @team"),
        )
    )
    parsed = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    inline = [child for token in parsed for child in token.children or []]
    assert {child.type for child in inline} == {"text", "code_inline"}
    assert {token.tag for token in parsed if token.type == "heading_open"} == {"h3"}
    assert {token.content.strip() for token in parsed if token.type == "html_block"} == {
        "<details><summary>mandatory (1)</summary>",
        "<details><summary>exempted (1)</summary>",
        "<details><summary>not applicable (1)</summary>",
        "<details><summary>passed (5)</summary>",
        "</details>",
    }
    for child in inline:
        if child.type == "text":
            assert not re.search(r"@\w|#\d", child.content), child.content
    assert [token.content for token in parsed if token.type == "fence"] == [f"{HOSTILE}\n", f"{HOSTILE}\n", "x\n"]
