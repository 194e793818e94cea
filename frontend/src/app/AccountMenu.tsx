import { Avatar, Menu, Stack, Text, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconChevronDown, IconLogout } from "@tabler/icons-react";
import { useSession } from "@/api/session";
import { ROLES } from "@/words/labels";
import classes from "./Shell.module.css";
import { useSignOut } from "./signOut";

const SCHEMES = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "auto", label: "As the system" },
] as const;

type Scheme = (typeof SCHEMES)[number]["value"];

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return ((words[0]?.[0] ?? "") + (words.length > 1 ? (words.at(-1)?.[0] ?? "") : "")).toUpperCase();
}

export function AccountMenu() {
  const session = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useSignOut();
  if (!session) return null;
  const { person } = session;
  return (
    <Menu position="top-start" width={228} shadow="md" radius="lg">
      <Menu.Target>
        <UnstyledButton className={classes.account}>
          <Avatar size={28} radius="xl" color="iris" variant="filled" aria-hidden>
            {initials(person.name)}
          </Avatar>
          <span className="visually-hidden">Account of </span>
          <Stack gap={0} miw={0} flex={1}>
            <Text size="sm" fw={500} className="clip">
              {person.name}
            </Text>
            <Text size="xs" c="dimmed">
              {ROLES[person.role]}
            </Text>
          </Stack>
          <IconChevronDown size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{person.email}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as Scheme)}>
          {SCHEMES.map(({ value, label }) => (
            <Menu.RadioItem key={value} value={value}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => signOut(false)}>
          Sign out
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => signOut(true)}>
          Sign out everywhere
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
