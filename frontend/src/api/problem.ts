/** What went wrong, as RFC 9457 tells it; status 0 when no answer came at all. */
export interface FieldProblem {
  field: string;
  message: string;
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly fields: readonly FieldProblem[] = [],
    readonly retryAfterS: number | null = null,
  ) {
    super(detail || title);
    this.name = "Problem";
  }

  /** Messages by field name, as forms take them. */
  get byField(): Record<string, string> {
    return Object.fromEntries(this.fields.map(({ field, message }) => [field, message]));
  }

  /** Worth asking again without anybody's doing. */
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 503;
  }
}

const TITLES: Record<number, string> = {
  400: "Something needs correcting",
  401: "You are signed out",
  403: "Your role does not allow this",
  404: "Not found",
  409: "Not possible right now",
  413: "Too large",
  422: "This cannot be done",
  429: "Too many requests",
  503: "Not available for a moment",
};

export function unreachable(): Problem {
  return new Problem(0, "XenCRM cannot be reached", "Check the connection; it is tried again by itself.");
}

export async function problemOf(response: Response): Promise<Problem> {
  return problemIn(response, await response.json().catch(() => null));
}

/** `body` is what the answer said, as far as it could be read. */
export function problemIn(response: Response, body: unknown): Problem {
  const told = (typeof body === "object" && body !== null ? body : {}) as {
    detail?: unknown;
    errors?: unknown;
  };
  const retryAfter = Number(response.headers.get("retry-after"));
  return new Problem(
    response.status,
    TITLES[response.status] ?? "Something went wrong",
    detailOf(response.status, told.detail),
    Array.isArray(told.errors) ? told.errors : [],
    Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null,
  );
}

function detailOf(status: number, told: unknown): string {
  // Which part is away is for operators: people only need to know that it passes.
  if (status === 503) return "A part of XenCRM is starting or away. It usually takes a few seconds.";
  return typeof told === "string" ? told : `The answer was ${status}.`;
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(-1, "Something went wrong here", error instanceof Error ? error.message : String(error));
}
