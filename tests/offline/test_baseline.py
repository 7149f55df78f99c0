"""A baseline is an earlier JSON report."""

from __future__ import annotations

import json

import pytest

from offline import baseline
from offline.errors import OfflineError
from offline.reports import json as json_report
from tests.offline.said import outcome, violation


def test_what_an_earlier_report_has_is_known(tmp_path):
    """Though it is explained in other words by now; what it had and is no more is counted."""
    file = tmp_path / "baseline.json"
    earlier = outcome(
        violation("violated", "web: port is 80.\nWhy: Old."),
        violation("twice", "web: port is 80."),
        violation("known", "a"),
    )
    file.write_text(json_report.render(earlier))
    now = outcome(
        violation("violated", "web: port is 81.\nWhy: New."), violation("twice", "b"), baseline=baseline.read(file)
    )
    assert {item.sentence: item.known for item in now.findings()} == {"web: port is 81.": True, "b": False}
    assert (now.gone, now.exit_code) == (2, 1)


def test_known_findings_stay_known(tmp_path):
    """A report made with a baseline is the next baseline."""
    file = tmp_path / "baseline.json"
    said = violation("violated", "web: port is 80.")
    file.write_text(json_report.render(outcome(said)))
    file.write_text(json_report.render(outcome(said, baseline=baseline.read(file))))
    again = outcome(said, baseline=baseline.read(file))
    assert (again.counts()["known"], again.gone, again.exit_code) == (1, 0, 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "No such file or directory"),
        ("{", "not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", None),
        ('{"version": 3, "deployment": {}}', None),
        (json.dumps({"schema": json_report.SCHEMA}), None),
        (json.dumps({"schema": json_report.SCHEMA, "findings": [1]}), None),
        (json.dumps({"schema": "other", "findings": []}), None),
    ],
)
def test_what_is_no_baseline(tmp_path, text, message):
    """One line that says what one is."""
    file = tmp_path / "baseline.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(OfflineError) as caught:
        baseline.read(file)
    said = message or "not a baseline: a baseline is a JSON report of `offline check` or `offline preview`"
    assert str(caught.value) == f"{file}: {said}"
