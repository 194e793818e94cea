import { label } from "@/words/labels";

/** Why a message was not delivered, in words. */

const MEANING: Record<string, string> = {
  INVALID_EMAIL: "The address cannot exist. Correct it in the customer's record.",
  EMAIL_BOUNCED: "There is no such mailbox, or it takes no mail.",
  SPAM_DETECTED: "The mail server took the message for spam. Look at its wording and links.",
  RATE_LIMITED: "The vendor was sent more than it takes at a time, on every attempt.",
  TEMPORARY_FAILURE: "The vendor had trouble of its own on every attempt.",
  QUOTA_EXCEEDED: "The mailbox is full, or the vendor's quota is used up.",
  REJECTED: "The vendor refused it, without saying more.",
  NOT_RENDERED: "The text could not be made for this customer. Look at its variables.",
  NO_PROFILE: "The customer was gone by then.",
  ERASED: "The customer asked to be forgotten and was erased.",
  SUPPRESSED: "Unsubscribed, bounced, complained, or put on the list by hand.",
  INACTIVE: "The customer is inactive, and the segment does not ask for inactive ones.",
  IN_DOUBT: "The connection broke while it was handed over: it may have gone out.",
  NO_RECEIPT: "The vendor took it and never said what came of it.",
  GIVEN_UP: "Nobody knew whether it went out, and someone decided to count it as failed.",
};

const NAME: Record<string, string> = {
  RATE_LIMITED: "Sent too fast",
  QUOTA_EXCEEDED: "Mailbox or quota full",
  NOT_RENDERED: "Text could not be made",
  NO_PROFILE: "Customer gone",
  ERASED: "Customer erased",
  INACTIVE: "Inactive customer",
  REJECTED: "Refused",
};

export const reasonName = (code: string): string => NAME[code] ?? label(code);

/** A sentence that explains it, undefined for a reason of a vendor's own. */
export const reasonMeaning = (code: string): string | undefined => MEANING[code];
