import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type FormEvent, useState } from "react";

/** Saving under another name; what was there stays as it was. */
export function SaveCopy({ name, onCopy }: { name: string; onCopy: (name: string) => void }) {
  const [open, dialog] = useDisclosure(false);
  const [copy, setCopy] = useState("");
  const ask = () => {
    setCopy(`${name} (copy)`);
    dialog.open();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (copy.trim() === "") return;
    dialog.close();
    onCopy(copy);
  };
  return (
    <>
      <Button variant="default" onClick={ask}>
        Save as copy
      </Button>
      <Modal opened={open} onClose={dialog.close} title="Save as another segment">
        <form onSubmit={submit}>
          <Stack gap="md">
            <TextInput
              label="Name of the copy"
              value={copy}
              maxLength={255}
              required
              data-autofocus
              onChange={(event) => setCopy(event.currentTarget.value)}
            />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={dialog.close}>
                Cancel
              </Button>
              <Button type="submit" disabled={copy.trim() === ""}>
                Save copy
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
