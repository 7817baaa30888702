import { Button, Code, CopyButton, Group, Stack, Text, Title } from '@mantine/core';
import { IconCopy, IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useAct } from '../../../api/act.ts';
import { ask } from '../../../api/client.ts';
import { useMe } from '../../../api/session.ts';
import { notifyDone } from '../../../components/notify-done.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { t } from '../../../messages/index.ts';
import { keepFile, refuseBroken } from '../download.ts';
import { FilterBar } from '../filter-bar.tsx';
import { PatientField } from '../patient-field.tsx';
import { PeriodFields } from '../period-fields.tsx';
import { boundsOf, type PeriodSearch, today } from '../period.ts';
import { given } from '../search.ts';

/** The clinic's events as a file that is verified anywhere, and the key that it takes. */
export function LogExport({ publicKey }: { readonly publicKey: string | null | undefined }) {
  const { timeZone } = useMe().clinic;
  const [period, setPeriod] = useState<PeriodSearch>({});
  const [patientId, setPatientId] = useState<string>();
  const query = { ...boundsOf(period, 'all', timeZone), ...given({ patientId }) };
  const download = useAct(() => ask((api) => api.GET('/api/audit/export', { params: { query }, parseAs: 'blob' })).catch(refuseBroken), {
    onDone: (file) => {
      keepFile(file, `log-${today(timeZone)}.ndjson`);
      notifyDone(t('log.downloaded'));
    },
  });
  return (
    <>
      <div className="no-print">
        <Stack gap="md">
          <FilterBar onClear={undefined}>
            <PeriodFields value={period} otherwise="all" onChange={setPeriod} />
            <PatientField value={patientId} onChange={setPatientId} />
          </FilterBar>
          <ProblemPanel problem={download.problem} />
          <Group>
            <Button
              variant="default"
              leftSection={<IconDownload size={18} aria-hidden />}
              loading={download.running}
              onClick={() => download.run()}
            >
              {t('log.download')}
            </Button>
          </Group>
        </Stack>
      </div>
      <Stack gap="xs">
        <Title order={3} size="h6">
          {t('log.key')}
        </Title>
        {publicKey ? <Key publicKey={publicKey} /> : <Text size="sm">{t('log.noKey')}</Text>}
      </Stack>
    </>
  );
}

function Key({ publicKey }: { readonly publicKey: string }) {
  const command = t('log.command', { key: `'${publicKey}'` });
  return (
    <>
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {publicKey}
      </Code>
      <Text size="sm">{t('log.keyHint')}</Text>
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {command}
      </Code>
      <Group gap="xs" className="no-print">
        <Copy value={publicKey} label={t('log.copyKey')} />
        <Copy value={command} label={t('log.copyCommand')} />
      </Group>
    </>
  );
}

function Copy({ value, label }: { readonly value: string; readonly label: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Button variant="default" size="sm" leftSection={<IconCopy size={16} aria-hidden />} onClick={copy}>
          {copied ? t('common.copied') : label}
        </Button>
      )}
    </CopyButton>
  );
}
