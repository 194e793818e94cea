import { Button, Menu } from "@mantine/core";
import { IconBraces } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { attributesQuery } from "@/campaigns/queries";
import { variableGroups } from "./variables";

interface Props {
  /** Where it is put: "the subject". */
  into: string;
  onPick: (written: string) => void;
}

const NONE: string[] = [];

/** What is different for each customer, to be put into a text. */
export function VariableMenu({ into, onPick }: Props) {
  const attributes = useQuery(attributesQuery).data ?? NONE;
  return (
    <Menu position="bottom-end" width={300} returnFocus={false} shadow="md">
      <Menu.Target>
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconBraces size={15} aria-hidden />}
          aria-label={`Insert a variable into ${into}`}
        >
          Insert
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={380} style={{ overflowY: "auto" }}>
        {variableGroups(attributes).map(({ label, variables }) => (
          <Fragment key={label}>
            <Menu.Label>{label}</Menu.Label>
            {variables.map((variable) => (
              <Menu.Item key={variable.name} onClick={() => onPick(variable.written)}>
                <span>{variable.label}</span>
                <code
                  style={{
                    display: "block",
                    color: "var(--mantine-color-dimmed)",
                    fontSize: "0.75rem",
                    fontFamily: "var(--mantine-font-family-monospace)",
                  }}
                >
                  {variable.written}
                </code>
              </Menu.Item>
            ))}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
