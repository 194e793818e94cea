"""The closed lists of English that are understood: phrase by phrase, what it is and what it stands for."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from xencrm.campaigns.segments.plain.kinds import Kind
from xencrm.campaigns.segments.rules import Operator

_ALL: Final = "all"
SINCE_WHEN: Final = "say since when, such as joined in the last 30 days"
NOT_KEPT: Final = "is not among what rules can ask of a customer"
_HOW_MUCH: Final = "how much that is has to be said, such as spent over 10,000 or at least 5 orders"

# Kind -> what it stands for -> the phrases, divided by |.
_PHRASES: Final[Mapping[Kind, Mapping[Any, str]]] = {
    Kind.FILLER: {
        _ALL: "all|every|any|all the|all of|all of the|all our|all of our|any of",
        None: "the|a|an|their|his|her|its|our|my|your|please|so far|in total|ever|already|currently|now"
        "|right now|still|at all|also|just|only|both|do|does|did|i|we|me|us|you|it|they|them|he|she|there"
        "|show|show me|find|find me|list|get|get me|give|give me|select|i want|we want|i need|we need"
        "|i would like|i'd like|would like to see|looking for|live|lives|living|lived|based|located|resident"
        "|residing|resides|reside|stay|stays|staying|speak|speaks|speaking|made|make|makes|placed|place"
        "|places|placing|got|with us|from us|at our store|in our store|on our site|from our store|amount of"
        "|an amount of|the word|the words|the letter|the letters|the text|see|let's|then|too|them all"
        "|has been|have been|'ve|'s|can you|could you|would you|will you|can i|can we|could we|could i|may i"
        "|i'd like to|i would like to|we'd like to|we would like to|would like to|i want to|we want to"
        "|i need to|we need to|help me|kindly|thanks|thank you|hi|hello|let me|let me see|tell me|fetch|pull"
        "|pull up|display|filter|search|search for|send to|send it to|send this to|target|a list of|list of"
        "|a segment of|segment of|the segment of|i am looking for|i'm looking for|we are looking for"
        "|how many",
    },
    Kind.NOUN: {
        _ALL: "everyone|everybody|anyone|anybody|whoever|all customers|all people|every customer",
        None: "customer|customers|people|person|persons|shopper|shoppers|buyer|buyers|client|clients|user"
        "|users|member|members|those|ones|folks|consumers|consumer|contacts|speakers",
    },
    Kind.WHO: {None: "who|that|which|whose|whom|who's|who've"},
    Kind.HAVE: {None: "with|have|has|having|had|own|owns|holding"},
    Kind.BE: {None: "is|are|was|were|be|been|being|am"},
    Kind.PREPOSITION: {
        word: word
        for word in ["in", "from", "of", "at", "on", "by", "to", "as", "during", "among", "inside", "into"]
    },
    Kind.AND: {None: "and|as well as|along with|&|together with"},
    Kind.OR: {None: "or|/|or else"},
    Kind.BUT: {None: "but|yet|however|although|though|while|whereas"},
    Kind.COMMA: {None: ",", "stop": ";|.|!|?"},
    Kind.EITHER: {None: "either"},
    Kind.OPEN: {None: "(|[|{"},
    Kind.CLOSE: {None: ")|]|}"},
    Kind.DASH: {"colon": ":", None: "..|...|…|-|–|—|\"|'|’|“|”|„|‘"},
    Kind.NOT: {
        None: "not|never|haven't|hasn't|hadn't|didn't|don't|doesn't|isn't|aren't|wasn't|weren't|havent|hasnt"
        "|didnt|dont|doesnt|isnt|arent|non|neither|outside|outside of|yet to|failed to|none",
        "without": "no|without|lacking|lack|lacks|missing a|missing an|missing their",
    },
    Kind.NOR: {None: "nor"},
    Kind.EXCEPT: {
        None: "except|except for|excluding|exclude|excludes|other than|instead of|rather than|apart from"
        "|all but|leaving out|leave out|remove|removing|skip|skipping|omit|omitting|ignore|ignoring|barring"
        "|minus|not including|do not include|don't include|dont include|never include|do not send|don't send"
        "|dont send|never send|do not target|don't target|do not email|don't email|do not mail|don't mail"
        "|do not message|don't message|do not contact|don't contact",
    },
    Kind.SPEND: {
        None: "spent|spend|spends|spending|total spend|total spent|total spending|total_spend|total spends"
        "|lifetime spend|lifetime value|lifetime spending|ltv|clv|revenue|total revenue"
        "|total purchases value|spender|spenders|spent a total of|spent in total|amount spent|money spent"
        "|expenditure|paid us|worth of orders|worth of purchases|total amount spent|in orders|in purchases",
        "worth": "worth",
    },
    Kind.ORDERS: {
        "noun": "orders|purchases|total orders|total_orders|order count|number of orders|no of orders"
        "|no. of orders|num of orders|no of purchases|no. of purchases|number of purchases|total purchases"
        "|completed orders|orders count|transactions",
        "one": "order|purchase|transaction",
        "verb": "ordered|ordering|bought|buy|buys|buying|purchased|purchasing|purchases from us|shopped|shop"
        "|shopping|shops|orders from us|placed an order|made a purchase|placed any order|placed any orders"
        "|made any purchase|made any purchases|placed orders|made purchases",
    },
    Kind.VISITS: {
        "noun": "visits|visit|total visits|total_visits|number of visits|no of visits|no. of visits"
        "|num of visits|visit count|store visits",
        "verb": "visited|visiting|came by|come by|visited us",
    },
    Kind.LAST_ORDER: {
        None: "last order|last ordered|last purchase|last purchased|last bought|last shopped|last order date"
        "|last_order_at|most recent order|most recent purchase|latest order|latest purchase"
        "|date of last order|last order was|last order placed|last orders|last purchases|last transaction",
    },
    Kind.DAYS_SINCE: {
        None: "days since last order|days_since_last_order|days since last purchase|days since order"
        "|days since last ordered|days since they last ordered|days since ordering|days since purchase",
        "without": "days without an order|days without ordering|days without a purchase|days without orders"
        "|days without buying|days without purchasing|days of no orders",
    },
    Kind.JOINED: {
        None: "joined|join|joining|signed up|sign up|signed-up|registered|register|became customers"
        "|became a customer|became customer|created|created_at|created at|enrolled|day of joining|join date"
        "|joining date|sign up date|signup date|joined us|customers joined|started buying|onboarded"
        "|customers registered|created on|first seen|been added|were added|added",
        "since": "customers since|customer since|members since|member since|clients since|with us since"
        "|a customer since|people since|new customers since|new since|new members since|new users since",
        "new": "new customers|new customer|new members|new member|new people|new users|new shoppers"
        "|new buyers|new sign ups|new signups|new registrations|newly joined|newly registered"
        "|newly signed up",
    },
    Kind.CUSTOMERS_FOR: {
        None: "customers for|customer for|members for|member for|with us for|a customer for|clients for",
    },
    Kind.STATUS: {None: "status|customer status|account status"},
    Kind.ACTIVITY: {
        "ACTIVE": "active",
        "INACTIVE": "inactive|non active|deactivated",
        "DORMANT": "dormant|lapsed|idle|asleep|silent",
    },
    Kind.REPEAT: {
        (Operator.GREATER_OR_EQUAL, 2): "repeat|repeating|returning|repeat purchase",
        (Operator.EQUAL, 1): "one time|one-time|first time|first-time|single order|single purchase|onetime",
    },
    Kind.TEXT_FIELD: {
        "name": "name|names|full name|customer name",
        "domain": "email domain|e mail domain|mail domain|domain",
        "email": "email|e mail|mail|email address|e mail address|mail address|emails|email id"
        "|mail id|mail ids|email ids|e mail ids|email addresses|e mail addresses",
        "phone": "phone|phone number|mobile|mobile number|telephone|telephone number|phones|phone numbers"
        "|cell phone|cell number|cell|contact number|mobile phone|number on file",
    },
    Kind.NAMED: {None: "named|called|by the name of|by the name"},
    Kind.PROVIDER: {
        name: name for name in ["gmail", "yahoo", "outlook", "hotmail", "icloud", "protonmail", "rediffmail"]
    },
    Kind.ADDRESS: {None: "address|addresses|account|accounts"},
    Kind.COMPARISON: {
        Operator.GREATER: "over|more than|above|greater than|exceeding|exceeds|exceed|exceeded|in excess of"
        "|bigger than|higher than|larger than|older than|longer than|>|north of|well over",
        Operator.GREATER_OR_EQUAL: "at least|minimum|minimum of|a minimum of|no less than|not less than"
        "|no fewer than|not fewer than|greater than or equal to|more than or equal to|not below|not under"
        "|>=|≥|min|at minimum|at the very least|atleast|not lower than|no lower than",
        Operator.LESS: "under|less than|below|fewer than|lower than|smaller than|<|younger than|beneath",
        Operator.LESS_OR_EQUAL: "at most|no more than|not more than|up to|maximum|maximum of|a maximum of|max"
        "|not over|not above|not exceeding|less than or equal to|fewer than or equal to|<=|≤|at maximum"
        "|no greater than|not greater than|no higher than|upto|atmost",
        Operator.EQUAL: "exactly|equal to|equals|equal|=|==|precisely",
        Operator.NOT_EQUAL: "!=|<>|≠|not equal to|not exactly|unequal to",
    },
    Kind.AFTERWARDS: {
        Operator.GREATER_OR_EQUAL: "or more|or above|or over|and above|and more|and over|and up|or higher"
        "|or greater|plus|or longer|or older|+|and upwards|upwards|or upwards|or better",
        Operator.LESS_OR_EQUAL: "or less|or fewer|or below|or under|or lower|and below|and under|or younger"
        "|or worse",
    },
    Kind.BETWEEN: {None: "between|in between|in the range of|ranging from|anywhere between"},
    Kind.TEXT_OPERATOR: {
        Operator.CONTAINS: "contains|contain|containing|includes|include|including|contained",
        Operator.DOES_NOT_CONTAIN: "doesNotContain|excludes the text",
        Operator.BEGINS_WITH: "starts with|start with|starting with|begins with|begin with|beginning with"
        "|beginsWith|that starts with|begins in|prefixed with|started with",
        Operator.ENDS_WITH: "ends with|end with|ending with|ends in|end in|ending in|endsWith|ended with",
    },
    Kind.KNOWN: {
        Operator.NULL: "null|unknown|missing|empty|blank|undefined|unset|absent",
        Operator.NOT_NULL: "known|given|set|present|on file|not null|notNull|not empty|not blank|not missing"
        "|filled in|filled|provided|exists|not unknown",
    },
    Kind.TRUTH: {True: "yes|true", False: "false"},
    Kind.ANYTHING: {
        None: "anything|something|things|stuff|a thing|any money|a penny|a rupee|a cent|a dime",
        "nothing": "nothing",
    },
    Kind.TIMES: {None: "times|time|x"},
    Kind.COUNTED: {1: "once|one time only", 2: "twice", 3: "thrice"},
    Kind.UNIT: {
        ("day", False): "day",
        ("day", True): "days",
        ("week", False): "week|wk",
        ("week", True): "weeks|wks",
        ("month", False): "month",
        ("month", True): "months|mos",
        ("quarter", False): "quarter",
        ("quarter", True): "quarters",
        ("year", False): "year|yr",
        ("year", True): "years|yrs",
    },
    Kind.PERIOD: {
        (6, "month"): "half a year|half year|half-year",
        (2, "week"): "fortnight|a fortnight",
    },
    Kind.IN_THE_LAST: {
        None: "in the last|within the last|over the last|during the last|in the past|within the past|past"
        "|over the past|during the past|in last|within last|in past|the last|the past|in the previous"
        "|within past|the previous|in these last|in the most recent",
    },
    Kind.WITHIN: {None: "within|inside of"},
    Kind.LAST: {None: "last|previous"},
    Kind.THIS: {None: "this|the current|current|in this|the present"},
    Kind.FOR: {None: "for|for the last|for the past|for last|for past"},
    Kind.AGO: {None: "ago|back|earlier|in the past only"},
    Kind.SINCE: {
        Operator.GREATER_OR_EQUAL: "since|on or after|starting|beginning|from and including|as of",
        Operator.GREATER: "after|later than",
        Operator.LESS: "before|prior to|earlier than",
        Operator.LESS_OR_EQUAL: "until|till|on or before|up until|by the end of|through",
    },
    Kind.DAY: {0: "today", 1: "yesterday"},
    Kind.QUARTER: {1: "q1", 2: "q2", 3: "q3", 4: "q4"},
    Kind.HEDGE: {
        None: "near|nearby|close to|around|about|approximately|roughly|nearly|almost|average|avg|formerly"
        "|previously|ex|used to|moved|likely|maybe|might|possibly|perhaps|will|would|should|could|can|half"
        "|semi|hardly|rarely|barely|seldom|usually|often|frequently|recently|soon|going to|plan to|unlike"
        "|mostly|mainly|not only|not just|not all|not every"
        "|nobody|no one|noone|first|second|third|each|per|monthly|yearly|weekly|annual",
    },
    Kind.BEYOND: {
        _HOW_MUCH: "top|best|loyal|big|biggest|good|great|valuable|high value|low value|frequent|premium"
        "|worst|bad|heavy|whales|regular|high|low|many|several|few|a few|a couple of|some|most|least",
        SINCE_WHEN: "new|recent|newest|old|oldest|fresh",
        NOT_KEPT: "opened|clicked|open|click|read|unsubscribed|subscribed|bounced|received|replied|campaign"
        "|campaigns|message|messages|cart|abandoned|birthday|average order value|average order|aov"
        "|order value|basket|basket size|products|product|category|items|item|coupon|discount|last name"
        "|first name|surname|family name|given name|middle name|company name|user name|username|returned"
        "|returns|refunded|refund|refunds|cancelled|canceled|reviews|review|website|online",
    },
}

MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
VALUES_ALSO_CALLED: Final = {
    "female": ("women", "woman", "ladies", "girls"),
    "male": ("men", "man", "gents", "boys"),
}
ALSO_CALLED: Final = {
    "age": ("aged", "years old", "years of age"),
    "city": ("town",),
    "vip": ("very important",),
}


def phrases() -> Iterator[tuple[str, Kind, Any]]:
    """Every phrase with its kind and what it stands for."""
    for kind, meanings in _PHRASES.items():
        for meaning, together in meanings.items():
            for phrase in together.split("|"):
                yield phrase, kind, meaning
                if kind is Kind.COMPARISON and phrase.endswith(" than"):
                    yield f"{phrase[:-2]}en", kind, meaning
    yield "|", Kind.OR, None
    for number, month in enumerate(MONTHS, 1):
        for name in {month, month[:3], month[:4] if month == "september" else month}:
            yield name, Kind.MONTH, number
    for number, day in enumerate(WEEKDAYS):
        yield day, Kind.WEEKDAY, number
