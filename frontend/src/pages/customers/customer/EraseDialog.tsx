import { Button, Group, List, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { showDone } from "@/parts/toasts";
import { customerKeys, eraseCustomer, type ProfileInFull } from "../requests";

/** The profile goes a moment after the customer. */
const LATER_MS = [0, 1_000, 3_000];

interface Props {
  profile: ProfileInFull;
  opened: boolean;
  onClose: () => void;
}

/** Erasing cannot be taken back: the address is typed first. */
export function EraseDialog({ profile, opened, onClose }: Props) {
  const [typed, setTyped] = useState("");
  const client = useQueryClient();
  const navigate = useNavigate();
  const close = () => {
    setTyped("");
    onClose();
  };
  const erasing = useMutation({
    mutationFn: () => eraseCustomer(profile.customer_id),
    onSuccess: async (done) => {
      showDone(done ? "The customer is erased" : "The customer will be erased in a moment");
      await navigate({ to: "/customers" });
      client.removeQueries({ queryKey: customerKeys.one(profile.customer_id) });
      for (const wait of LATER_MS) {
        setTimeout(() => client.invalidateQueries({ queryKey: customerKeys.all }), wait);
      }
    },
  });
  const same = typed.trim().toLowerCase() === profile.email.toLowerCase();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (same) erasing.mutate();
  };
  return (
    <Modal opened={opened} onClose={close} title={`Erase ${profile.name}?`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text>This cannot be taken back.</Text>
          <List size="md" spacing={4}>
            <List.Item>
              Name, addresses, attributes and the texts of messages are deleted everywhere.
            </List.Item>
            <List.Item>Messages that have not been sent are skipped.</List.Item>
            <List.Item>Orders stay, without anything personal, so that revenue stays true.</List.Item>
          </List>
          <TextInput
            label={
              <>
                Type <b>{profile.email}</b> to confirm
              </>
            }
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
          <ProblemAlert error={erasing.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Keep
            </Button>
            <Button type="submit" color="red.9" disabled={!same} loading={erasing.isPending}>
              Erase for good
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
