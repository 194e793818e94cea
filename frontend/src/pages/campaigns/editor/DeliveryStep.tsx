import { Stack } from "@mantine/core";
import type { Change, Fields } from "./fields";
import { Holdout } from "./Holdout";
import { VendorChoice } from "./VendorChoice";
import { WhenChoice } from "./WhenChoice";

interface Props {
  fields: Fields;
  change: Change;
  /** When it is to begin, as clocks show it; undefined for right after the launch. */
  at: string | undefined;
  setAt: (at: string | undefined) => void;
}

/** By whom, when, and to how many it goes. */
export function DeliveryStep({ fields, change, at, setAt }: Props) {
  return (
    <Stack gap="lg" maw={760}>
      <VendorChoice vendor={fields.vendor} change={change} />
      <WhenChoice at={at} setAt={setAt} />
      <Holdout fields={fields} change={change} />
    </Stack>
  );
}
