import { Loader, Stack, Switch, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconUserPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useMay } from '../../api/session.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Page } from '../../components/page.tsx';
import { useArrowKeys } from '../../components/use-arrow-keys.ts';
import { t } from '../../messages/index.ts';
import { DAY_EXAMPLE } from '../../time.ts';
import { FoundPatients } from './found-patients.tsx';
import { RecentPatients } from './recent-patients.tsx';
import { isAskable, searchQuery } from './search.ts';

/** Finds patients as one types. What is looked for is in the address. */
export function PatientsPage() {
  const { q = '', archived = false } = useSearch({ from: '/shell/patients' });
  const may = useMay();
  const navigate = useNavigate();
  const [typed, setTyped] = useTyped(q);
  const [query] = useDebouncedValue(typed, 180);
  const found = useInfiniteQuery(searchQuery({ query, archived }));
  const onArrow = useArrowKeys();
  const look = (text: string, withArchived = archived) =>
    void navigate({ to: '/patients', search: { ...(text && { q: text }), ...(withArchived && { archived: true }) }, replace: true });
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    onArrow(event);
    const hits = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-stop]')];
    // One is meant; of several, the person says which.
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement && event.target.type === 'search') {
      event.preventDefault();
      if (hits.length === 1) hits[0]?.click();
      else hits[0]?.focus();
    }
  };
  return (
    <Page
      title={t('patients.title')}
      actions={
        may('patient.write') && (
          <ButtonLink to="/patients/new" leftSection={<IconUserPlus size={18} aria-hidden />}>
            {t('patients.register')}
          </ButtonLink>
        )
      }
    >
      <Stack gap="md" onKeyDown={onKeyDown}>
        <TextInput
          type="search"
          size="lg"
          label={t('patients.search')}
          description={t('patients.searchHint', { example: DAY_EXAMPLE })}
          inputWrapperOrder={['label', 'input', 'description']}
          leftSection={<IconSearch size={20} aria-hidden />}
          rightSection={found.isFetching && <Loader size="xs" aria-hidden />}
          value={typed}
          onChange={({ currentTarget }) => {
            setTyped(currentTarget.value);
            look(currentTarget.value.trim());
          }}
          autoComplete="off"
          autoFocus
        />
        <Switch
          label={t('patients.archivedToo')}
          checked={archived}
          onChange={({ currentTarget }) => look(typed.trim(), currentTarget.checked)}
        />
        {isAskable(typed) ? <FoundPatients query={query} found={found} /> : <RecentPatients />}
      </Stack>
    </Page>
  );
}

/** What is typed goes into the address, and comes from there when the browser goes back or the header's search leads here. */
function useTyped(inAddress: string): [string, (text: string) => void] {
  const [typed, setTyped] = useState(inAddress);
  const latest = useRef(typed);
  useEffect(() => {
    if (inAddress === latest.current.trim()) return;
    latest.current = inAddress;
    setTyped(inAddress);
  }, [inAddress]);
  return [
    typed,
    (text) => {
      latest.current = text;
      setTyped(text);
    },
  ];
}
