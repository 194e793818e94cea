import { Button, CloseButton, Drawer, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFilter } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import type { Rule } from "@/rules/rule";
import classes from "./customers.module.css";

const FilterForm = lazy(() => import("./FilterForm").then(({ FilterForm }) => ({ default: FilterForm })));

interface Props {
  rules: Rule | undefined;
  onApply: (rules: Rule | undefined) => void;
}

/** Opens the rule that narrows the list. */
export function FilterButton({ rules, onApply }: Props) {
  const [open, drawer] = useDisclosure(false);
  const apply = (next: Rule | undefined) => {
    drawer.close();
    onApply(next);
  };
  return (
    <>
      <Button
        variant={rules ? "light" : "default"}
        leftSection={<IconFilter size={16} aria-hidden />}
        onClick={drawer.open}
        className={classes.filterButton}
      >
        Filter
      </Button>
      <Drawer
        opened={open}
        onClose={drawer.close}
        title="Filter customers"
        position="right"
        size={680}
        classNames={{ content: classes.drawer, header: classes.drawerHead, body: classes.drawerBody }}
      >
        <Suspense>
          <FilterForm rules={rules} onApply={apply} />
        </Suspense>
      </Drawer>
    </>
  );
}

/** What the list is narrowed to, in words. */
export function ActiveFilter({ words, onClear }: { words: string | undefined; onClear: () => void }) {
  return (
    <div className={classes.active}>
      <IconFilter size={15} aria-hidden />
      <Text size="sm" aria-live="polite">
        {words ?? "…"}
      </Text>
      <CloseButton size="sm" aria-label="Remove the filter" onClick={onClear} />
    </div>
  );
}
