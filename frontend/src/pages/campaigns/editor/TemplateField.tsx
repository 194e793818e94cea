import { Input, Textarea, TextInput } from "@mantine/core";
import { type ReactNode, useId, useRef } from "react";
import classes from "./Editor.module.css";
import { VariableMenu } from "./VariableMenu";
import { inserted } from "./variables";

interface Props {
  label: string;
  /** As in "Insert a variable into the subject". */
  into: string;
  value: string;
  onChange: (value: string) => void;
  error?: string;
  description?: string;
  /** A line, or as many as there are. */
  lines: "one" | "many";
  code?: boolean;
  placeholder?: string;
  /** Beside the menu. */
  extra?: ReactNode;
}

/** A text with variables, which are inserted where the caret is. */
export function TemplateField(props: Props) {
  const { label, into, value, onChange, error, description, lines, code, placeholder, extra } = props;
  const id = useId();
  const line = useRef<HTMLInputElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const insert = (written: string) => {
    const field = lines === "one" ? line.current : area.current;
    if (!field) return;
    const [text, caret] = inserted(
      value,
      written,
      field.selectionStart ?? value.length,
      field.selectionEnd ?? value.length,
    );
    onChange(text);
    requestAnimationFrame(() => {
      field.focus();
      field.setSelectionRange(caret, caret);
    });
  };
  const shared = {
    id,
    value,
    error,
    placeholder,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  };
  return (
    <div>
      <div className={classes.labelRow}>
        <Input.Label htmlFor={id}>{label}</Input.Label>
        <span>
          {extra}
          <VariableMenu into={into} onPick={insert} />
        </span>
      </div>
      {description && <Input.Description mb={5}>{description}</Input.Description>}
      {lines === "one" ? (
        <TextInput {...shared} ref={line} maxLength={1000} />
      ) : (
        <Textarea
          {...shared}
          ref={area}
          autosize
          minRows={8}
          maxRows={22}
          className={code ? classes.code : undefined}
          spellCheck={!code}
        />
      )}
    </div>
  );
}
