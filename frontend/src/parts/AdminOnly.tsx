import { IconLock } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useCan } from "@/api/session";
import { EmptyState } from "./EmptyState";
import { PageHeader } from "./PageHeader";

/** A page that only admins may see; others are told so. */
export function AdminOnly({ title, children }: { title: string; children: ReactNode }) {
  if (useCan("admin")) return children;
  return (
    <>
      <PageHeader title={title} />
      <EmptyState icon={IconLock} title="Only admins see this page" text="Ask an admin if you need to." />
    </>
  );
}
