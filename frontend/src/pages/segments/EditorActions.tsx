import { Button, Tooltip } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Segment } from "@/rules/segments";
import { SaveCopy } from "./SaveCopy";

export interface EditorActionsProps {
  segment: Segment | null;
  mayChange: boolean;
  changed: boolean;
  /** It has no condition. */
  isEmpty: boolean;
  busy: boolean;
  name: string;
  onSave: (name?: string, asCopy?: boolean) => void;
}

/** One filled button: Save while there is something to save, then the campaign. */
export function EditorActions(props: EditorActionsProps) {
  const { segment, mayChange, changed, isEmpty, busy, name, onSave } = props;
  if (!mayChange) {
    return <Unavailable reason="Your role can try rules out; marketers can save them">Save</Unavailable>;
  }
  const mayLaunch = segment !== null && !changed && !isEmpty;
  const launch = <IconSend size={16} aria-hidden />;
  return (
    <>
      {segment && <SaveCopy name={name} onCopy={(copy) => onSave(copy, true)} />}
      {mayLaunch ? (
        <Button
          leftSection={launch}
          renderRoot={(props) => (
            <Link {...props} to="/campaigns/new" search={{ segment: segment.segment_id }} />
          )}
        >
          Launch a campaign
        </Button>
      ) : (
        segment && (
          <Unavailable
            icon={launch}
            reason={isEmpty ? "A segment of everyone cannot be launched" : "Save the changes first"}
          >
            Launch a campaign
          </Unavailable>
        )
      )}
      {(!mayLaunch || changed) && (
        <Button onClick={() => onSave()} loading={busy} disabled={!changed}>
          {segment ? "Save changes" : "Save segment"}
        </Button>
      )}
    </>
  );
}

function Unavailable({ reason, icon, children }: { reason: string; icon?: ReactNode; children: string }) {
  return (
    <Tooltip label={reason}>
      <Button
        variant="default"
        leftSection={icon}
        data-disabled
        aria-disabled
        onClick={(event) => event.preventDefault()}
      >
        {children}
      </Button>
    </Tooltip>
  );
}
