import { Badge, Checkbox, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Api } from '../../../api/client.ts';
import { Loaded } from '../../../components/loaded.tsx';
import { Row } from '../../../components/row.tsx';
import { Section } from '../../../components/section.tsx';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { deviceOf } from '../../account/device.ts';
import { signInsQuery } from './queries.ts';

/** Enough to see what is going on; the audit trail has all. */
const SHOWN = 20;

/** Who came in lately, and who didn't. */
export function SignIns() {
  const { failed = false } = useSearch({ from: '/shell/administration/settings' });
  const navigate = useNavigate();
  const query = useQuery(signInsQuery(failed));
  return (
    <Section title={t('settings.signIns')} hint={t('settings.signInsHint')}>
      <Checkbox
        size="md"
        label={t('settings.onlyFailed')}
        checked={failed}
        onChange={({ currentTarget }) =>
          void navigate({
            to: '/administration/settings',
            search: currentTarget.checked ? { failed: true } : {},
            replace: true,
            resetScroll: false,
          })
        }
      />
      <Loaded queries={[query]} lines={5}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">{t('settings.noSignIns')}</Text>
          ) : (
            <Stack gap={0}>
              {items.slice(0, SHOWN).map((event) => (
                <SignInRow key={event.id} event={event} />
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Section>
  );
}

function SignInRow({ event }: { readonly event: Api['EventView'] }) {
  const times = useTimes();
  const { staffName, occurredAt, address, userAgent, outcome } = event;
  return (
    <Row
      title={staffName ?? t('settings.nobody')}
      text={[times.dateTime(occurredAt), deviceOf(userAgent), address].filter(Boolean).join(' · ')}
      badge={
        outcome === 'failure' && (
          <Badge variant="light" color="red" tt="none">
            {t('settings.failed')}
          </Badge>
        )
      }
    />
  );
}
