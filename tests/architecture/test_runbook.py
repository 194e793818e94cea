"""The runbook has what the alarms send one to."""

from tests.architecture.test_docs import assert_same, headings_of
from tests.architecture.test_metrics import alerts


def test_every_alarm_has_a_heading_in_the_runbook_and_every_such_heading_is_an_alarm() -> None:
    found = headings_of("docs/runbook.md", "[^`]+")
    assert_same(found, [alert["alert"] for alert in alerts()], "docs/runbook.md")
