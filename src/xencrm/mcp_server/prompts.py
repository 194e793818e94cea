"""Ready-made requests that people pick in their client."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Prompt:
    """`arguments`: what each means, by name; those in `needed` have to be given."""

    name: str
    title: str
    description: str
    arguments: Mapping[str, str]
    text: Callable[[Mapping[str, str]], str]
    needed: frozenset[str] = frozenset()


def _win_back(given: Mapping[str, str]) -> str:
    days, offer = given.get("days") or "90", given.get("offer")
    return (
        f"Plan a campaign that wins back customers who have not ordered for {days} days.\n"
        "1. describe_segment_fields, then preview_segment with a few rules: who is worth winning back? "
        "Show me the counts "
        "and advise one.\n"
        "2. After I agree: create_segment, then write a short message and a subject"
        f"{f' with this offer: {offer}' if offer else ''}, and create_campaign with a hold-out of 10 %.\n"
        "3. preview_campaign, and show me the numbers, what is blank, and the messages.\n"
        "4. Launch only when I have said so in this conversation."
    )


def _weekly_report(given: Mapping[str, str]) -> str:
    return (
        "Write a report of the last 7 days for the owner of the shop, on one page.\n"
        "Use dashboard with days 7, then get_campaign_stats of each campaign that was launched in these "
        "days, and "
        "campaign_failures where more than 5 % failed.\n"
        "Say what changed against the week before, what worked, what did not and why, and three things to "
        "do next. "
        "Give every number as the tools give it, and none that they don't."
    )


def _why_failed(given: Mapping[str, str]) -> str:
    return (
        f"Why did messages of the campaign {given['campaign_id']} fail?\n"
        "Use get_campaign_stats and campaign_failures; look at some of the customers with get_customer.\n"
        "Tell me the causes with how many each, which of them are the addresses', the vendor's or ours, "
        "and what I "
        "should do about each. Change nothing."
    )


PROMPTS: Final = (
    Prompt(
        "plan_win_back_campaign",
        "Plan a win-back campaign",
        "From a rule to a draft that only you launch.",
        {"days": "without an order; 90 when left out", "offer": "what they get"},
        _win_back,
    ),
    Prompt("weekly_report", "Weekly report", "The last seven days on one page.", {}, _weekly_report),
    Prompt(
        "why_did_this_campaign_fail",
        "Why did this campaign fail?",
        "The causes of a campaign's failures, and what to do.",
        {"campaign_id": "the campaign"},
        _why_failed,
        frozenset({"campaign_id"}),
    ),
)
BY_NAME: Final = {prompt.name: prompt for prompt in PROMPTS}
