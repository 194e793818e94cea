import { Radio } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./Editor.module.css";

interface Props {
  value: string;
  label: string;
  text: ReactNode;
  disabled?: boolean;
}

/** One of a `Radio.Group`, as a card that can be clicked everywhere. */
export function Choice({ value, label, text, disabled }: Props) {
  return (
    <div className={classes.choice}>
      <Radio
        value={value}
        label={label}
        description={text}
        disabled={disabled}
        size="sm"
        classNames={{
          inner: classes.choiceMark,
          label: classes.choiceTitle,
          description: classes.choiceText,
        }}
      />
    </div>
  );
}
