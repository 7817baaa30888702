import { Box, Kbd, Loader, Text, TextInput } from '@mantine/core';
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useRouterState } from '@tanstack/react-router';
import { type FocusEvent, type KeyboardEvent, useRef, useState } from 'react';
import { t } from '../messages/index.ts';
import { PatientHit } from '../pages/patients/patient-hit.tsx';
import { isAskable, searchQuery } from '../pages/patients/search.ts';
import { useArrowKeys } from './use-arrow-keys.ts';
import classes from './patient-search.module.css';

const SHOWN = 7;

/** The search for patients in the header, from anywhere with the key “/”. */
export function PatientSearch() {
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState(false);
  const [query] = useDebouncedValue(typed, 180);
  const field = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const onArrow = useArrowKeys();
  const asked = isAskable(typed) && isAskable(query);
  const found = useInfiniteQuery(searchQuery({ query, limit: SHOWN }));
  const hits = asked ? (found.data?.pages[0]?.items ?? []) : [];
  const shown = open && asked && found.data !== undefined;
  // Not from behind a dialog.
  useHotkeys([['/', () => document.querySelector('dialog[open], [aria-modal=true]') ?? field.current?.focus()]]);
  // When the page changes, what was looked for is done with.
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const [lastPath, setLastPath] = useState(path);
  if (path !== lastPath) {
    setLastPath(path);
    setOpen(false);
    setTyped('');
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    onArrow(event);
    if (event.key === 'Escape') {
      setOpen(false);
      field.current?.focus();
    }
    if (event.key !== 'Enter' || event.target !== field.current || typed.trim() === '') return;
    event.preventDefault();
    const [only] = hits;
    // What is shown may be the answer to less than was typed.
    if (only && hits.length === 1 && query === typed && !found.isPlaceholderData) {
      void navigate({ to: '/patients/$patientId', params: { patientId: only.id } });
    } else void navigate({ to: '/patients', search: { q: typed.trim() } });
  };
  const onBlur = ({ currentTarget, relatedTarget }: FocusEvent<HTMLElement>) => {
    if (!currentTarget.contains(relatedTarget)) setOpen(false);
  };
  return (
    <Box component="search" className={classes.search} onKeyDown={onKeyDown} onBlur={onBlur}>
      <TextInput
        ref={field}
        type="search"
        size="sm"
        aria-label={t('patients.search')}
        placeholder={t('patients.searchPlaceholder')}
        autoComplete="off"
        leftSection={<IconSearch size={18} aria-hidden />}
        rightSection={found.isFetching && asked ? <Loader size={16} aria-hidden /> : <Kbd aria-hidden>/</Kbd>}
        value={typed}
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
      />
      {shown && (
        <div className={classes.found}>
          <Text size="sm" c="dimmed" px="sm" py={6} role="status">
            {hits.length === 0
              ? t('patients.noneFound', { query: query.trim() })
              : found.hasNextPage
                ? t('patients.foundMore', { count: hits.length })
                : t('patients.found', { count: hits.length })}
          </Text>
          {hits.map((patient) => (
            <PatientHit key={patient.id} patient={patient} />
          ))}
          {(hits.length === 0 || found.hasNextPage) && (
            <Link to="/patients" search={{ q: typed.trim() }} className={classes.all} data-stop>
              {t('patients.all')}
            </Link>
          )}
        </div>
      )}
    </Box>
  );
}
