import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { sendRenewing } from "@/api/client";
import { problemOf } from "@/api/problem";
import { showProblem } from "@/parts/toasts";

/** Ends the session here, or every session of this person. */
export function useSignOut(): (everywhere: boolean) => void {
  const client = useQueryClient();
  const router = useRouter();
  return async (everywhere) => {
    const address = new URL(`/api/v1/session${everywhere ? "?everywhere=true" : ""}`, location.origin);
    try {
      const response = await sendRenewing(new Request(address, { method: "DELETE" }));
      if (!response.ok && response.status !== 401) throw await problemOf(response);
    } catch (error) {
      return showProblem(error);
    }
    // Pages leave first: nobody asks again for what is cleared.
    await router.navigate({ to: "/sign-in" });
    client.clear();
  };
}
