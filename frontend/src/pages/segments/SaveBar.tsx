import { Button, Text } from "@mantine/core";
import type { PreviewState } from "@/rules/preview";
import { plural } from "@/words/numbers";
import type { EditorActionsProps } from "./EditorActions";
import classes from "./segments.module.css";

/** On narrow screens: the count and Save stay in sight while the rule is edited. */
export function SaveBar({ state, actions }: { state: PreviewState; actions: EditorActionsProps }) {
  const { mayChange, changed, busy, onSave } = actions;
  return (
    <div className={classes.bar}>
      <Text fw={600} className={`${classes.following} num`} data-stale={state.stale || undefined}>
        {state.preview ? plural(state.preview.count, "customer") : "…"}
      </Text>
      {mayChange && (
        <Button onClick={() => onSave()} loading={busy} disabled={!changed} variant="default">
          Save
        </Button>
      )}
    </div>
  );
}
