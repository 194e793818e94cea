"""Shops that post customers and orders with keys until each is acknowledged, and remember what they said."""

import asyncio
import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import uuid4

import aiohttp

STATUSES = ("COMPLETED", "COMPLETED", "COMPLETED", "PENDING", "CANCELLED", "REFUNDED")
CITIES = ("Pune", "Köln", "São Paulo", "東京")
CLIENTS = 4
WEIGHTS = {
    "order": 40,
    "orders": 29,
    "many orders": 1,
    "customer": 8,
    "customers": 12,
    "correction": 10,
    "erasure": 3,
}
PEOPLE = 150
REQUEST_S = 30.0
RETRY_S = 0.1
ANSWERED = (200, 202, 204)
MAY_BE_LOST = (None, 429, 503)

Row = dict[str, Any]


@dataclass
class Said:
    """All that was acknowledged: what the Master DB has to hold when everything is applied."""

    customers: dict[str, Row] = field(default_factory=dict)
    orders: dict[str, Row] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    rows: int = 0
    order_rows: int = 0
    batches: dict[str, int] = field(default_factory=dict)
    event_ids: list[str] = field(default_factory=list)

    def customer(self, row: Row) -> None:
        """As the API says: a field left out keeps its value, attributes are merged."""
        known = self.customers.setdefault(row["email"], dict(_NEW_CUSTOMER))
        attributes = known["attributes"] | row.get("attributes", {})
        known |= row | {"attributes": attributes}

    def move(self, email: str, new_email: str) -> None:
        """The customer of an address has another one from now on."""
        self.customers[new_email] = self.customers.pop(email) | {"email": new_email}
        self.moved[email] = new_email

    def erase(self, email: str) -> None:
        del self.customers[email]
        self.erased.add(email)

    def present(self, email: str) -> str | None:
        """The address that the customer of an address has now; None for one who was erased."""
        while email in self.moved:
            email = self.moved[email]
        return None if email in self.erased else email

    def order(self, row: Row, order_id: str) -> None:
        self.orders[order_id] = {"order_status": "COMPLETED", **row, "order_id": order_id}


_NEW_CUSTOMER: Row = {
    "phone": None,
    "status": "ACTIVE",
    "total_spend": "0.00",
    "total_visits": 0,
    "attributes": {},
}


@dataclass(frozen=True)
class Request:
    """One request, the same at every try; `kind` is what is counted."""

    kind: str
    method: str
    path: str
    key: str
    body: Any = None


@dataclass(frozen=True)
class Answer:
    """What a try was told: `status` is None when the connection was lost."""

    kind: str
    status: int | None
    took_s: float
    retry_after: str | None = None


class Traffic:
    """Several clients at work, each on one request at a time; `in_flight` requests have no answer yet.
    The clients wait when `most_order_rows` are acknowledged.

    Four clients mix all kinds of requests; `one_kind_each` makes a client for every kind instead. They pause
    for `pause_s` between two requests. Unless `moves`, orders keep their customers and customers their
    addresses: with several partitions no order is kept between what concerns two addresses.
    """

    def __init__(
        self,
        urls: Sequence[str],
        key: str,
        *,
        one_kind_each: bool = False,
        pause_s: float = 0,
        moves: bool = True,
    ) -> None:
        self.said = Said()
        self.answers: Counter[tuple[str, int | None]] = Counter()
        self.acknowledged: Counter[str] = Counter()
        self.in_flight = 0
        self.most_order_rows = math.inf
        self.on_answer: Callable[[Answer], None] = lambda _: None
        self.pause_s = pause_s
        self.moves = moves
        self._urls = list(urls)
        self._key = key
        self._run = uuid4().hex[:8]
        self._clients = [
            _Client(self, number, f"{self._run}-{number}", weights)
            for number, weights in enumerate(one_by_one(WEIGHTS) if one_kind_each else [WEIGHTS] * CLIENTS)
        ]

    async def run(self, is_over: Callable[[], bool]) -> None:
        """Posts until it is over; every customer that orders were posted for is there in the end."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_S)) as self._http:
            await asyncio.gather(*(client.run(is_over) for client in self._clients))

    async def write(self, request: Request) -> tuple[int, Any]:
        """Status and body of the answer that acknowledges; tries again while the request may be lost."""
        while self.said.order_rows >= self.most_order_rows:
            await asyncio.sleep(0.005)
        return await self.ask(request)

    async def ask(self, request: Request) -> tuple[int, Any]:
        self.in_flight += 1
        try:
            return await self._until_answered(request)
        finally:
            self.in_flight -= 1

    async def _until_answered(self, request: Request) -> tuple[int, Any]:
        while True:
            answer, body = await self._try(request)
            if answer.status in ANSWERED:
                return answer.status, body
            assert answer.status in MAY_BE_LOST, f"{request} was answered {answer.status}: {body}"
            await asyncio.sleep(random.uniform(0.5, 1.5) * RETRY_S)

    async def _try(self, request: Request) -> tuple[Answer, Any]:
        url = f"{random.choice(self._urls)}/api/v1{request.path}"
        headers = {"Authorization": f"Bearer {self._key}", "Idempotency-Key": request.key}
        began = time.monotonic()
        try:
            async with self._http.request(
                request.method, url, json=request.body, headers=headers
            ) as response:
                body = await response.json(content_type=None)
                after = response.headers.get("Retry-After")
                answer = Answer(request.kind, response.status, time.monotonic() - began, after)
        except (aiohttp.ClientError, TimeoutError, ValueError):
            answer, body = Answer(request.kind, None, time.monotonic() - began), None
        self.answers[answer.kind, answer.status] += 1
        self.acknowledged[answer.kind] += answer.status in ANSWERED
        self.on_answer(answer)
        return answer, body


def one_by_one(weights: dict[str, int]) -> list[dict[str, int]]:
    return [{kind: weight} for kind, weight in weights.items()]


class _Client:
    """One shop: nobody else writes its customers and orders, so its last word on each counts."""

    def __init__(self, traffic: Traffic, number: int, name: str, weights: dict[str, int]) -> None:
        self._traffic = traffic
        self._weights = weights
        self._name = name
        self._choose = random.Random(number)
        self._people: list[str] = []
        self._expected: list[str] = []  # orders were posted for them, they themselves not yet
        self._order_ids: list[str] = []
        self._followed_at: defaultdict[str, set[str]] = defaultdict(
            set
        )  # orders, by their customer's address
        self._numbers = iter(range(10**9))

    async def run(self, is_over: Callable[[], bool]) -> None:
        await self._post_customers([self._person(self._address()) for _ in range(PEOPLE)])
        actions = {
            "order": self._single_order,
            "orders": self._order_batch,
            "many orders": self._large_order_batch,
            "customer": self._single_customer,
            "customers": self._customer_batch,
            "correction": self._correction,
            "erasure": self._erasure,
        }
        while not is_over():
            [kind] = self._choose.choices([*self._weights], weights=[*self._weights.values()])
            await actions[kind]()
            await asyncio.sleep(self._traffic.pause_s)
        while self._expected:
            await self._customer_batch()

    async def _single_order(self) -> None:
        row = self._order(self._choose.choice(self._people))
        _, back = await self._write("order", "POST", "/orders", row)
        self._said_orders([(row, back["event_id"])], f"/events/{back['event_id']}")

    async def _order_batch(self) -> None:
        await self._post_orders("orders", self._choose.randrange(5, 80))

    async def _large_order_batch(self) -> None:
        """It needs several frames, of which some may get through and others not."""
        await self._post_orders("many orders", self._choose.randrange(600, 1200))

    async def _post_orders(self, kind: str, count: int) -> None:
        rows = [self._order_of_a_batch() for _ in range(count)]
        _, back = await self._write(kind, "POST", "/orders/batch", rows)
        self._check_batch(back, rows)
        self._said_orders([(row, row["order_id"]) for row in rows], f"/batches/{back['batch_id']}")

    async def _single_customer(self) -> None:
        row = self._person(self._choose.choice(self._people))
        await self._write("customer", "POST", "/customers", row)
        self._said_customers([row])

    async def _customer_batch(self) -> None:
        """Changes of customers, those whose orders wait for them, and some in the place of the erased."""
        emails = self._choose.choices(self._people, k=self._choose.randrange(1, 20)) + self._expected
        emails += [self._address() for _ in range(len(self._people), PEOPLE)]
        await self._post_customers([self._person(email) for email in emails])
        self._expected.clear()

    async def _post_customers(self, rows: list[Row]) -> None:
        _, back = await self._write("customers", "POST", "/customers/batch", rows)
        self._check_batch(back, rows)
        self._said_customers(rows)

    async def _correction(self) -> None:
        """By id, of a customer who has got there; of the address too, now and then."""
        email = self._choose.choice(self._people)
        customer_id = await self._find(email)
        if customer_id is None:
            return
        moves = self._traffic.moves and self._choose.random() < 0.3
        new_email = self._address() if moves else email
        row = self._person(new_email)
        status, back = await self._write("correction", "PATCH", f"/customers/{customer_id}", row)
        if status == 202:
            await self._until_applied(f"/events/{back['event_id']}")
        if new_email != email:
            self._people[self._people.index(email)] = new_email
            self._followed_at[new_email] |= self._followed_at.pop(email, set())
            self._traffic.said.move(email, new_email)
        self._said_customers([row])

    async def _erasure(self) -> None:
        """Of a customer all of whose orders are applied, also those that waited, so that these stay, without
        a person."""
        if len(self._people) < PEOPLE // 2:
            return await self._customer_batch()
        if self._expected:
            await self._customer_batch()
        email = self._choose.choice(self._people)
        customer_id = await self._find(email)
        if customer_id is None:
            return
        for path in self._followed_at.pop(email, set()):
            await self._until_applied(path)
        status, back = await self._write("erasure", "DELETE", f"/customers/{customer_id}", None)
        if status == 202:
            await self._until_applied(f"/events/{back['event_id']}")
        self._people.remove(email)
        self._traffic.said.rows += 1
        self._traffic.said.erase(email)

    async def _find(self, email: str) -> str | None:
        request = Request("find", "GET", f"/customers?search={email}", self._key())
        _, page = await self._traffic.ask(request)
        found = [item["customer_id"] for item in page["items"] if item["email"] == email]
        return found[0] if found else None

    async def _until_applied(self, path: str) -> None:
        """An event, or all rows of a batch."""
        while True:
            _, found = await self._traffic.ask(Request("follow", "GET", path, self._key()))
            if found["status"] == "applied" or (found["status"] == "done" and not found["waiting"]):
                return
            assert found["status"] != "rejected", found
            assert not found.get("rejected"), found
            await asyncio.sleep(RETRY_S)

    async def _write(self, kind: str, method: str, path: str, body: Any) -> tuple[int, Any]:
        status, back = await self._traffic.write(Request(kind, method, path, self._key(), body))
        if back and "event_id" in back:
            self._traffic.said.event_ids.append(back["event_id"])
        return status, back

    def _check_batch(self, back: Any, rows: list[Row]) -> None:
        assert (back["accepted"], back["rejected"]) == (len(rows), []), back
        self._traffic.said.batches[back["batch_id"]] = len(rows)

    def _said_customers(self, rows: list[Row]) -> None:
        self._traffic.said.rows += len(rows)
        for row in rows:
            if row["email"] not in self._traffic.said.customers:
                self._people.append(row["email"])
            self._traffic.said.customer(row)

    def _said_orders(self, rows: list[tuple[Row, str]], path: str) -> None:
        said = self._traffic.said
        said.rows += len(rows)
        said.order_rows += len(rows)
        for row, order_id in rows:
            self._followed_at[row["customer_email"]].add(path)
            if order_id not in said.orders:
                self._order_ids.append(order_id)
            said.order(row, order_id)

    def _order_of_a_batch(self) -> Row:
        """A new order, of somebody who is not a customer yet now and then, or a change of a known one."""
        if self._order_ids and self._choose.random() < 0.15:
            order_id = self._choose.choice(self._order_ids)
            present = self._traffic.said.present(self._traffic.said.orders[order_id]["customer_email"])
            if self._traffic.moves or present is not None:
                email = self._choose.choice(self._people) if self._traffic.moves else present
                return self._order(str(email)) | {"order_id": order_id}
        email = self._choose.choice(self._people)
        if self._choose.random() < 0.03:
            email = self._address()
            self._expected.append(email)
        return self._order(email) | {"order_id": f"o-{self._name}-{next(self._numbers)}"}

    def _order(self, email: str) -> Row:
        return {
            "customer_email": email,
            "order_amount": str(Decimal(self._choose.randrange(1000_00)) / 100),
            "order_status": self._choose.choice(STATUSES),
        }

    def _person(self, email: str) -> Row:
        choose = self._choose
        optional: Row = {
            "phone": choose.choice([None, f"+91 {choose.randrange(10**9)}"]),
            "status": choose.choice(["ACTIVE", "ACTIVE", "INACTIVE"]),
            "total_spend": f"{choose.randrange(1000)}.{choose.randrange(100):02}",
            "total_visits": choose.randrange(50),
            "attributes": {choose.choice("abc"): choose.choice(CITIES), "n": choose.randrange(1000)},
        }
        chosen = {name: value for name, value in optional.items() if choose.random() < 0.4}
        return {"name": f"Person {choose.randrange(10**6)}", "email": email, **chosen}

    def _address(self) -> str:
        return f"p{self._name}-{next(self._numbers)}@shop.example"

    def _key(self) -> str:
        return f"{self._name}-{next(self._numbers)}"
