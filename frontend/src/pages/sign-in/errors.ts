/** Why a sign-in failed, and what to do: by the code in the address. */
export const SIGN_IN_ERRORS: Record<string, { title: string; text: string }> = {
  denied: {
    title: "The sign-in was cancelled",
    text: "You, or your account's owner, did not allow it. Try again when you are ready.",
  },
  state: {
    title: "The sign-in did not begin here",
    text: "It may have been opened in another window, or cookies are blocked. Start again from this page.",
  },
  nonce: {
    title: "The answer was not meant for this sign-in",
    text: "For safety nobody was signed in. Start again from this page.",
  },
  unverified: {
    title: "Your e-mail address is not verified",
    text: "Verify it with your provider, then sign in again.",
  },
  "not-allowed": {
    title: "Your account has no access here",
    text: "Ask an admin of this installation to invite your address, or sign in with another account.",
  },
  provider: {
    title: "The provider could not be reached",
    text: "It may be away for a moment. Try again; if it stays so, tell the admin of this installation.",
  },
  expired: {
    title: "The sign-in took too long",
    text: "Start again from this page.",
  },
};

export const UNKNOWN_ERROR = { title: "The sign-in did not work", text: "Start again from this page." };

/** Only pages of ours: a path with one leading slash. */
export function localPath(next: string | undefined): string {
  return next && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) && !next.includes("\\") ? next : "/dashboard";
}
