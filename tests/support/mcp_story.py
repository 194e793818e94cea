"""A conversation of an AI client in which every tool is called."""

from typing import Any
from uuid import uuid4

from tests.support.furnished import Office
from tests.support.mcp import Conversation
from tests.support.waiting import until


class Story:
    """A conversation in which every tool is called; notes which."""

    def __init__(self, mcp: Conversation) -> None:
        self.mcp = mcp
        self.called: set[str] = set()
        self.city = uuid4().hex
        self.rules = {
            "combinator": "and",
            "rules": [{"field": "attributes.city", "operator": "=", "value": self.city}],
        }

    async def ask(self, tool: str, **arguments: Any) -> tuple[str, Any]:
        self.called.add(tool)
        return await self.mcp.ask(tool, **arguments)

    async def someone_buys(self) -> str:
        """The id of a customer with one order."""
        email = f"{self.city}@shop.example"
        where = {"city": self.city}
        text, taken = await self.ask("add_customer", name="Asha Rao", email=email.upper(), attributes=where)
        assert taken["status"] in ("queued", "applied"), text
        _, taken = await self.ask("add_order", customer_email=email, order_amount="1499.50")
        assert taken["event_id"]

        async def found() -> tuple[str, Any]:
            return await self.ask("search_customers", q=email)

        text, seen = await until(
            found, lambda it: it[1]["customers"] and it[1]["customers"][0]["total_orders"]
        )
        assert "₹1,499.50 in 1 order" in text
        assert seen["customers"][0]["customer_data"]["name"] == "Asha Rao"
        text, shown = await self.ask("get_customer", email=email)
        assert shown["customer"]["total_spend"] == "1499.50"
        assert {"order", "joined"} == {each["kind"] for each in shown["timeline"]}
        assert "(Asia/Kolkata)" in text
        return str(shown["customer"]["customer_id"])

    async def segment(self, customer_id: str) -> str:
        """The id of a segment with just this customer."""
        text, fields = await self.ask("describe_segment_fields")
        attributes = [each["customer_data"] for each in fields["attributes"]]
        city = next(each for each in attributes if each["name"] == "attributes.city")
        assert self.city in city["values"]
        assert not any(each["name"].startswith("attributes.") for each in fields["fields"])
        text, seen = await self.ask("preview_segment", rules=self.rules)
        assert (seen["count"], "1 customer matches" in text) == (1, True)
        text, why = await self.ask("explain_segment", rules=self.rules, customer_id=customer_id)
        assert (why["matches"], why["conditions"][0]["customer_data"]) == (True, {"actual": self.city})
        _, made = await self.ask("create_segment", name=self.city, rules=self.rules)
        _, listed = await self.ask("list_segments", q=self.city)
        assert [each["segment_id"] for each in listed["segments"]] == [made["segment_id"]]
        _, why = await self.ask("explain_segment", segment_id=made["segment_id"], customer_id=customer_id)
        assert why["matches"]
        return str(made["segment_id"])

    async def draft(self, segment_id: str) -> str:
        """The id of a campaign as users of the first version make one."""
        text, made = await self.ask(
            "create_campaign",
            name=self.city,
            segment_id=segment_id,
            message_template="Hi {name}, you have spent {total_spend}.",
            created_by="Priya",
            status="ACTIVE",
        )
        assert (made["status"], "Nothing is sent yet" in text) == ("DRAFT", True)
        assert made["message_template"] == "Hi {{ name }}, you have spent {{ total_spend }}."
        return str(made["campaign_id"])

    async def launched(self, campaign_id: str) -> None:
        text, seen = await self.ask("preview_campaign", campaign_id=campaign_id)
        assert (seen["recipients"], seen["plan_token"] in text) == (1, True)
        assert seen["samples"][0]["customer_data"]["text"].startswith("Hi Asha Rao, you have spent 1499.50")
        text = await self.mcp.refused("launch_campaign", campaign_id=campaign_id, plan_token="guessed")
        assert "call preview_campaign" in text
        _, moved = await self.ask("launch_campaign", campaign_id=campaign_id, plan_token=seen["plan_token"])
        assert moved["status"] in ("PREPARING", "RUNNING", "COMPLETED")

    async def numbers(self, campaign_id: str) -> None:
        async def stats() -> tuple[str, Any]:
            return await self.ask("get_campaign_stats", campaign_id=campaign_id)

        text, seen = await until(stats, lambda it: it[1]["stats"]["status"] == "COMPLETED")
        assert (seen["stats"]["audience"], seen["currency"]) == (1, "INR")
        assert "revenue ₹0 in 0 orders" in text
        _, failures = await self.ask("campaign_failures", campaign_id=campaign_id)
        assert failures["failed"] == seen["stats"]["failed"]
        text, _ = await self.ask("list_campaigns", q=self.city, status="COMPLETED")
        assert campaign_id in text
        text, shown = await self.ask("dashboard", days=7)
        assert (len(shown["orders"]), "revenue ₹" in text) == (7, True)
        text, letters = await self.ask("dead_letters")
        assert letters == {"dead_letters": []}

    async def halted(self, segment_id: str, office: Office) -> None:
        """A campaign whose vendor is slow is paused, goes on, and is cancelled."""
        await office.turn(latency_ms=8000)
        campaign_id = await self.draft(segment_id)
        await self.launched(campaign_id)
        for tool, status in (
            ("pause_campaign", "PAUSED"),
            ("resume_campaign", "RUNNING"),
            ("cancel_campaign", "CANCELLED"),
        ):
            text, moved = await self.ask(tool, campaign_id=campaign_id)
            assert (moved["status"] in (status, "PREPARING"), campaign_id in text) == (True, True)
        assert "CANCELLED" in await self.mcp.refused("pause_campaign", campaign_id=campaign_id)
        await office.turn()
