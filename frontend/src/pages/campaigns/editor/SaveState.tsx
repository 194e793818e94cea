import { Loader } from "@mantine/core";
import { IconAlertTriangle, IconCloudCheck } from "@tabler/icons-react";
import { asProblem } from "@/api/problem";
import type { Saving } from "./autosave";
import classes from "./Editor.module.css";

/** Whether the draft is saved, as it is. */
export function SaveState({ saving }: { saving: Saving }) {
  return (
    <span className={classes.saving} data-state={saving.state} role="status">
      {saving.state === "saved" && (
        <>
          <IconCloudCheck size={15} aria-hidden />
          Draft saved
        </>
      )}
      {(saving.state === "waiting" || saving.state === "saving") && (
        <>
          <Loader size={12} aria-hidden />
          Saving…
        </>
      )}
      {saving.state === "failed" && (
        <>
          <IconAlertTriangle size={15} aria-hidden />
          Not saved: {whyNot(saving.error)}
        </>
      )}
    </span>
  );
}

function whyNot(error: unknown): string {
  const problem = asProblem(error);
  if (problem.status === 400) return "something needs correcting";
  return problem.passes ? "no connection" : problem.detail;
}
