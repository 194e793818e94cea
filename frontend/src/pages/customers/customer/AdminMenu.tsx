import { Button, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconDownload, IconPencil, IconTrash } from "@tabler/icons-react";
import { showProblem } from "@/parts/toasts";
import { exportCustomer, type ProfileInFull } from "../requests";
import { CorrectDialog } from "./CorrectDialog";
import { EraseDialog } from "./EraseDialog";

const SIZE = { size: 16, stroke: 1.6, "aria-hidden": true } as const;

/** What admins may do with a customer's data. */
export function AdminMenu({ profile }: { profile: ProfileInFull }) {
  const [correcting, correct] = useDisclosure(false);
  const [erasing, erase] = useDisclosure(false);
  return (
    <>
      <Menu position="bottom-end" width={200} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={15} aria-hidden />}>
            Manage
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil {...SIZE} />} onClick={correct.open}>
            Correct details
          </Menu.Item>
          <Menu.Item leftSection={<IconDownload {...SIZE} />} onClick={() => download(profile)}>
            Export data
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            c="var(--mantine-color-error)"
            leftSection={<IconTrash {...SIZE} />}
            onClick={erase.open}
          >
            Erase
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <CorrectDialog customerId={profile.customer_id} opened={correcting} onClose={correct.close} />
      <EraseDialog profile={profile} opened={erasing} onClose={erase.close} />
    </>
  );
}

async function download({ customer_id }: ProfileInFull) {
  try {
    const data = await exportCustomer(customer_id);
    const address = URL.createObjectURL(
      new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }),
    );
    const link = document.createElement("a");
    link.href = address;
    link.download = `customer-${customer_id}.json`;
    link.click();
    URL.revokeObjectURL(address);
  } catch (error) {
    showProblem(error);
  }
}
