import { Alert, Button, Card, Center, Code, Loader, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconAlertCircle, IconBrandGoogleFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { localPath, SIGN_IN_ERRORS, UNKNOWN_ERROR } from "./errors";
import classes from "./sign-in.module.css";
import { useLink } from "./useLink";
import { waysQuery } from "./ways";

const route = getRouteApi("/sign-in");

export function SignInPage() {
  useDocumentTitle("Sign in · XenCRM");
  const { next, error } = route.useSearch();
  const router = useRouter();
  const link = useLink(() => router.navigate({ href: localPath(next), replace: true }));
  return (
    <Center mih="100dvh" p="md" component="main" className={classes.page}>
      <Stack w="100%" maw={380} gap="lg">
        <Stack align="center" gap="sm">
          <img src="/icon.svg" alt="" width={44} height={44} />
          <Title order={1}>Sign in to XenCRM</Title>
        </Stack>
        {error && <Failed code={error} />}
        <ProblemAlert error={link.error} />
        <Card padding="lg">
          {link.entering ? (
            <Center py="md" role="status" aria-label="Signing you in">
              <Loader size="sm" />
            </Center>
          ) : (
            <Ways next={localPath(next)} />
          )}
        </Card>
      </Stack>
    </Center>
  );
}

function Failed({ code }: { code: string }) {
  const { title, text } = SIGN_IN_ERRORS[code] ?? UNKNOWN_ERROR;
  return (
    <Alert color="red" icon={<IconAlertCircle aria-hidden />} title={title} radius="lg" role="alert">
      {text}
    </Alert>
  );
}

/** What this installation offers to sign in with. */
function Ways({ next }: { next: string }) {
  const { data, error, refetch } = useQuery(waysQuery);
  if (error) return <ProblemAlert error={error} retry={() => refetch()} />;
  if (!data) {
    return (
      <Center py="md">
        <Loader size="sm" aria-label="Loading" />
      </Center>
    );
  }
  if (data.oidc) return <WithProvider name={data.oidc.name} next={next} />;
  return data.link ? <ByLink /> : <Nobody />;
}

function WithProvider({ name, next }: { name: string; next: string }) {
  return (
    <Stack gap="sm">
      <Button
        component="a"
        href={`/auth/start?next=${encodeURIComponent(next)}`}
        size="md"
        fullWidth
        leftSection={name === "Google" && <IconBrandGoogleFilled size={18} aria-hidden />}
      >
        Sign in with {name}
      </Button>
      <Text size="sm" c="dimmed" ta="center">
        Who has access is decided by the admins of this installation.
      </Text>
    </Stack>
  );
}

function ByLink() {
  return (
    <Stack gap="sm">
      <Text>
        This installation runs on your own machine. Open the link that <Code>xencrm up</Code> printed, or make
        another in a terminal:
      </Text>
      <Code block>xencrm sign-in-link</Code>
    </Stack>
  );
}

function Nobody() {
  return (
    <Text>
      Signing in is not set up here yet. An admin needs to name a provider such as Google in the settings, or
      start XenCRM on this machine only.
    </Text>
  );
}
