import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { type Form, fingerprint, formOf } from "../form";
import type { Reading } from "./reading";

/** The builder before and after it took a sentence. */
interface Taken {
  before: Form;
  after: string;
}

interface Reader {
  reading: Reading | undefined;
  error: unknown;
  isPending: boolean;
  read: (text: string) => void;
  /** The sentence that was read last, once more. */
  retry: () => void;
  /** What comes after this is not taken. */
  reset: () => void;
  /** Puts back what was in the builder before; null where that would lose something. */
  undo: (() => void) | null;
}

/** A sentence by somebody who reads, into the builder. */
export function useReading(
  by: (text: string) => Promise<Reading>,
  form: Form,
  onChange: (form: Form) => void,
): Reader {
  const [taken, setTaken] = useState<Taken | null>(null);
  const { mutate, reset, data, error, isPending, variables } = useMutation({
    mutationFn: (text: string) => by(text),
  });
  const latest = useRef(form);
  useEffect(() => {
    latest.current = form;
  });
  const take = ({ rule }: Reading) => {
    if (rule === null) return setTaken(null);
    const next = formOf(rule);
    setTaken({ before: latest.current, after: fingerprint(next) });
    onChange(next);
  };
  const read = (text: string) => mutate(text, { onSuccess: take });
  const undo = ({ before }: Taken) => {
    onChange(before);
    setTaken(null);
    reset();
  };
  const canUndo = taken !== null && data !== undefined && fingerprint(form) === taken.after;
  return {
    reading: data,
    error,
    isPending,
    read,
    retry: () => variables !== undefined && read(variables),
    reset,
    undo: canUndo ? () => undo(taken) : null,
  };
}
