import { Button, Card, Stack, Text } from "@mantine/core";
import { IconCode, IconX } from "@tabler/icons-react";
import type { Change, FieldErrors, Fields } from "./fields";
import { TemplateField } from "./TemplateField";

interface Props {
  fields: Pick<Fields, "subject" | "message_template" | "html_template" | "campaign_type">;
  change: Change;
  errors: FieldErrors;
}

const STARTER_HTML = `<h1>Hi {{ first_name | default: "there" }}</h1>
<p>…</p>
<p><a href="https://">Have a look</a></p>
<p><small><a href="{{ unsubscribe_url }}">Unsubscribe</a></small></p>
`;

/** What is written: subject, text and, if wanted, HTML. */
export function MessageFields({ fields, change, errors }: Props) {
  const { subject, message_template, html_template, campaign_type } = fields;
  const all = `${message_template} ${html_template ?? ""}`;
  return (
    <Card>
      <Stack gap="md">
        <TemplateField
          label="Subject"
          into="the subject"
          lines="one"
          placeholder="{{ first_name }}, something for you"
          value={subject ?? ""}
          onChange={(value) => change({ subject: value })}
          error={errors.subject}
        />
        <TemplateField
          label="Text"
          into="the text"
          lines="many"
          value={message_template}
          onChange={(value) => change({ message_template: value })}
          error={errors.message_template}
        />
        {html_template === null ? (
          <Button
            variant="default"
            leftSection={<IconCode size={16} aria-hidden />}
            onClick={() => change({ html_template: STARTER_HTML })}
            style={{ alignSelf: "flex-start" }}
          >
            Add an HTML version
          </Button>
        ) : (
          <TemplateField
            label="HTML"
            into="the HTML"
            lines="many"
            code
            description="Mail programs show it instead of the text where they can."
            value={html_template}
            onChange={(value) => change({ html_template: value })}
            error={errors.html_template}
            extra={
              <Button
                size="compact-sm"
                variant="subtle"
                color="gray"
                leftSection={<IconX size={14} aria-hidden />}
                onClick={() => change({ html_template: null })}
              >
                Remove
              </Button>
            }
          />
        )}
        {campaign_type !== "TRANSACTIONAL" && !all.includes("unsubscribe_url") && (
          <Text size="sm" c="dimmed">
            There is no link to unsubscribe in the text. Mail programs show a button of their own, but most
            people look for a link: Insert → Unsubscribe link.
          </Text>
        )}
      </Stack>
    </Card>
  );
}
