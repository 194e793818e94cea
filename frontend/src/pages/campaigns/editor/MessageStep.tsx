import { Card, Skeleton, Stack, Text } from "@mantine/core";
import { IconPencilExclamation, IconUserOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { MailCard } from "@/campaigns/MailCard";
import { EmptyState } from "@/parts/EmptyState";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { plural } from "@/words/numbers";
import { Blanks } from "./Blanks";
import classes from "./Editor.module.css";
import type { Change, FieldErrors, Fields } from "./fields";
import { MessageFields } from "./MessageFields";
import { MessageOptions } from "./MessageOptions";
import { type Preview, usePreview } from "./usePreview";

interface Props {
  fields: Fields;
  change: Change;
  /** What the API said when it was saved. */
  errors: FieldErrors;
  /** Only the texts can be changed. */
  textsOnly?: boolean;
  /** Above the preview. */
  aside?: ReactNode;
}

/** What is written, and beside it what customers would read. */
export function MessageStep({ fields, change, errors, textsOnly, aside }: Props) {
  const preview = usePreview(fields);
  return (
    <div className={classes.columns}>
      <Stack gap="lg">
        <MessageFields fields={fields} change={change} errors={{ ...errors, ...preview.errors }} />
        {!textsOnly && <MessageOptions fields={fields} change={change} />}
      </Stack>
      <div className={classes.sticky}>
        {aside}
        <Shown preview={preview} fields={fields} change={change} />
      </div>
    </div>
  );
}

function Shown({ preview, fields, change }: { preview: Preview; fields: Fields; change: Change }) {
  const { data, stale } = preview;
  if (data === undefined) {
    if (preview.problem) return <Failed preview={preview} />;
    return Object.keys(preview.errors).length > 0 ? <Unreadable /> : <Waiting />;
  }
  return (
    <Stack gap="md">
      {preview.problem !== null && <Failed preview={preview} />}
      <Blanks blank={data.blank} people={data.count} texts={fields} change={change} />
      {data.samples.length === 0 ? (
        <Card>
          <EmptyState
            icon={IconUserOff}
            title="Nobody to show it with"
            text="The segment matches nobody who could be written to right now."
          />
        </Card>
      ) : (
        <>
          <MailCard samples={data.samples} stale={stale} />
          <Text size="sm" c="dimmed">
            With real customers of {plural(data.count, "person", "people")} in the segment.
          </Text>
        </>
      )}
    </Stack>
  );
}

function Failed({ preview }: { preview: Preview }) {
  return <ProblemAlert error={preview.problem} retry={preview.retry} />;
}

function Unreadable() {
  return (
    <Card>
      <EmptyState
        icon={IconPencilExclamation}
        title="Not readable yet"
        text="Once what is marked in red is corrected, you see here what customers will read."
      />
    </Card>
  );
}

function Waiting() {
  return (
    <Card component="section" aria-busy aria-label="Preview">
      <Skeleton h={14} w="40%" mb="lg" />
      <Skeleton h={12} w="90%" mb="xs" />
      <Skeleton h={12} w="75%" mb="xs" />
      <Skeleton h={12} w="82%" />
    </Card>
  );
}
