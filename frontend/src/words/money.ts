import { locale } from "./locale";

function formatter(currency: string, options: Intl.NumberFormatOptions) {
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency,
    currencyDisplay: "narrowSymbol",
    ...options,
  });
}

type Exact = Intl.StringNumericLiteral;

/** Exact to the last digit: amounts come as text and are never made a float. */
export function money(amount: string | number, currency: string): string {
  return formatter(currency, { trailingZeroDisplay: "stripIfInteger" }).format(amount as Exact);
}

/** ₹1.2M: for axes and small tiles. */
export function shortMoney(amount: string | number, currency: string): string {
  return formatter(currency, { notation: "compact", maximumFractionDigits: 1 }).format(amount as Exact);
}
