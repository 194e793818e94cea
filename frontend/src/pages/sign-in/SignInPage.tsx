import { PageHeader } from "@/parts/PageHeader";

export function SignInPage() {
  return <PageHeader title="Sign in" />;
}
