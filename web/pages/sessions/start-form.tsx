import { Button, Stack, Text, Textarea } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { patientKey } from '../patients/queries.ts';
import { Coverage } from './coverage.tsx';
import { Missing } from './missing.tsx';
import { Question } from './question.tsx';
import classes from './start.module.css';

interface Props {
  readonly patientId: string;
  readonly clearance: Api['ClearanceView'];
  readonly consentId: string | undefined;
}

/**
 * The two questions; the answer to the second starts the session. A change or a doubt is recorded with what the patient says, and ends what
 * permitted the session.
 */
export function StartForm({ patientId, clearance, consentId }: Props) {
  const id = useId();
  const times = useTimes();
  const navigate = useNavigate();
  const [nothingChanged, setNothingChanged] = useState<boolean>();
  const [doubting, setDoubting] = useState(false);
  const [change, setChange] = useState('');
  const [doubt, setDoubt] = useState('');
  const [wordsNeeded, setWordsNeeded] = useState(false);
  const start = useAct(
    (body: Api['StartSession'], key) =>
      ask((api) => api.POST('/api/patients/{id}/sessions', { params: { path: { id: patientId } }, body }), key),
    {
      changes: [patientKey(patientId)],
      changesRefused: [patientKey(patientId), ['today']],
      onDone: ({ id }) => void navigate({ to: '/sessions/$sessionId', params: { sessionId: id }, replace: true }),
    },
  );
  const { problem } = start;
  const changed = nothingChanged === false;
  const answer = (stillConsents: boolean) => {
    if (nothingChanged === undefined) return;
    const missing = (changed && change.trim() === '') || (!stillConsents && doubt.trim() === '');
    setWordsNeeded(missing);
    if (missing) return;
    start.run({ nothingChanged, stillConsents, ...(changed && { change }), ...(!stillConsents && { doubt }) });
  };
  const words = (label: string, value: string, onChange: (value: string) => void) => (
    <Textarea
      label={label}
      error={wordsNeeded && value.trim() === '' ? t('sessions.wordsNeeded') : undefined}
      required
      mt="sm"
      size="md"
      autosize
      minRows={2}
      maxLength={2000}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
  return (
    <Stack gap="lg">
      <Coverage clearance={clearance} />
      <Section title={t('sessions.startIntro')}>
        <Stack gap="xl">
          <div>
            <Question
              question={t('sessions.changed')}
              hint={t('sessions.changedHint', { date: clearance.screening.since ? times.date(clearance.screening.since) : '' })}
              yes={t('sessions.nothingChanged')}
              no={t('sessions.somethingChanged')}
              value={nothingChanged}
              onChange={(value) => {
                start.reset();
                setNothingChanged(value);
              }}
            />
            {changed && words(t('sessions.whatChanged'), change, setChange)}
          </div>
          <div role="group" aria-labelledby={`${id}-happy`} aria-describedby={`${id}-hint`}>
            <Text fw={600} id={`${id}-happy`}>
              {t('sessions.happy')}
            </Text>
            <Text size="sm" c="dimmed" mb="sm" id={`${id}-hint`}>
              {t('sessions.happyHint', { date: clearance.consent.since ? times.date(clearance.consent.since) : '' })}
            </Text>
            <div className={classes.answers}>
              <Button
                size="lg"
                mih={64}
                variant={changed || doubting ? 'default' : 'filled'}
                loading={start.running}
                disabled={nothingChanged === undefined}
                onClick={() => {
                  setDoubting(false);
                  answer(true);
                }}
              >
                {changed ? t('sessions.stillHappy') : t('sessions.startSubmit')}
              </Button>
              <Button
                size="lg"
                mih={64}
                variant="default"
                aria-expanded={doubting}
                disabled={nothingChanged === undefined || start.running}
                onClick={() => setDoubting(true)}
              >
                {t('sessions.notHappy')}
              </Button>
            </div>
            {doubting && (
              <>
                {words(t('sessions.whatDoubt'), doubt, setDoubt)}
                <Button size="md" mt="sm" loading={start.running} onClick={() => answer(false)}>
                  {t('sessions.recordReport')}
                </Button>
              </>
            )}
            <Text size="sm" c="dimmed" mt="xs" role="status">
              {nothingChanged === undefined ? t('sessions.answerFirst') : changed || doubting ? t('sessions.willRefuse') : ''}
            </Text>
          </div>
        </Stack>
      </Section>
      {problem && problem.blockers.length > 0 ? (
        <Missing refused patientId={patientId} blockers={problem.blockers} openSessionId={clearance.openSessionId} consentId={consentId} />
      ) : (
        <ProblemPanel problem={problem} />
      )}
    </Stack>
  );
}
