import { Anchor, Card, Stack, Text, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { SegmentPicker } from "@/rules/SegmentPicker";
import type { Change, FieldErrors, Fields } from "./fields";

interface Props {
  fields: Pick<Fields, "name"> & { segment_id: string | null };
  change: Change;
  errors: FieldErrors;
}

/** What the campaign is called, and whom it is for. */
export function AudienceStep({ fields, change, errors }: Props) {
  return (
    <Card maw={760}>
      <Stack gap="lg">
        <TextInput
          label="Name"
          description="For you and your team; customers don't see it."
          placeholder="Diwali offer"
          value={fields.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          error={errors.name}
          maxLength={255}
          required
          withAsterisk={false}
          data-autofocus
        />
        <Stack gap={6}>
          <SegmentPicker
            label="Segment"
            description="Everyone whom its rule matches at the moment of the launch."
            value={fields.segment_id}
            onChange={(segmentId) => segmentId !== null && change({ segment_id: segmentId })}
            error={errors.segment_id}
            allowDeselect={false}
          />
          <Text size="sm" c="dimmed">
            Nobody quite right?{" "}
            <Anchor component={Link} to="/segments/new" size="sm">
              Build a new segment
            </Anchor>
          </Text>
        </Stack>
      </Stack>
    </Card>
  );
}
