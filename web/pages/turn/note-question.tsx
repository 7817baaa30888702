import { Button, Select, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '../../api/act.ts';
import { ask } from '../../api/client.ts';
import { notifyDone } from '../../components/notify-done.ts';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { t } from '../../messages/index.ts';
import { patientKey } from '../patients/queries.ts';
import type { Turn } from './turn.ts';

interface Props {
  readonly turn: Turn;
  readonly question: string;
}

/** Keeps what was asked during the turn with one of the risks that have no question yet: what is written stays. */
export function NoteQuestion({ turn: { patientId, discussion }, question: asked }: Props) {
  const [noted, setNoted] = useState<readonly string[]>([]);
  const free = discussion.risks.filter(({ code, question, answer }) => question === null && answer === null && !noted.includes(code));
  const [risk, setRisk] = useState<string | null>(null);
  const [question, setQuestion] = useState(asked);
  const [answer, setAnswer] = useState('');
  const note = useAct(
    (code: string) =>
      ask((api) =>
        api.PUT('/api/discussions/{id}/risks/{code}', {
          params: { path: { id: discussion.id, code } },
          body: { question, ...(answer.trim() ? { answer } : {}) },
        }),
      ),
    {
      changes: [patientKey(patientId)],
      onDone: ({ code }) => {
        setNoted([...noted, code]);
        setRisk(null);
        notifyDone(t('turn.noted'));
      },
    },
  );
  if (free.length === 0) return null;
  return (
    <Stack>
      <Select
        size="md"
        label={t('turn.noteRisk')}
        placeholder={t('turn.noteOn')}
        data={free.map(({ code, title }) => ({ value: code, label: title }))}
        value={risk}
        onChange={setRisk}
        clearable
      />
      {risk && (
        <>
          <Textarea
            size="md"
            label={t('discussion.question')}
            value={question}
            onChange={(event) => setQuestion(event.currentTarget.value)}
            maxLength={4000}
            autosize
            minRows={2}
          />
          <Textarea
            size="md"
            label={t('discussion.answer')}
            value={answer}
            onChange={(event) => setAnswer(event.currentTarget.value)}
            maxLength={4000}
            autosize
            minRows={2}
          />
          <ProblemPanel problem={note.problem} />
          <Button variant="light" w="fit-content" loading={note.running} disabled={question.trim() === ''} onClick={() => note.run(risk)}>
            {t('discussion.saveQuestion')}
          </Button>
        </>
      )}
    </Stack>
  );
}
