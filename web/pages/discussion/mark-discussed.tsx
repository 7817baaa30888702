import { Button, Group, Stack, Textarea } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { useDraft } from '../../api/drafts.ts';
import { Columns } from '../../components/columns.tsx';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { t } from '../../messages/index.ts';
import { discussionQuery } from './queries.ts';

interface Props {
  readonly discussion: Api['DiscussionView'];
  readonly risk: Api['RiskView'];
  readonly onDiscussed: () => void;
}

const NOTHING = { question: '', answer: '' };

/** Marks a risk as discussed, with what the patient asked. What is written stays; what is missing can be added. */
export function MarkDiscussed({ discussion: { id, patientId }, risk, onDiscussed }: Props) {
  const client = useQueryClient();
  const [{ question, answer }, change, forget] = useDraft(`question ${id} ${risk.code}`, NOTHING);
  const nothingTyped = question.trim() === '' && answer.trim() === '';
  const [asked, setAsked] = useState(!nothingTyped);
  const discussed = risk.discussedAt !== null;
  const mark = useAct(
    (body: Api['DiscussRisk']) =>
      ask((api) => api.PUT('/api/discussions/{id}/risks/{code}', { params: { path: { id, code: risk.code } }, body })),
    {
      onDone: (marked) => {
        client.setQueryData(
          discussionQuery(patientId, id).queryKey,
          (now) => now && { ...now, risks: now.risks.map((one) => (one.code === marked.code ? marked : one)) },
        );
        forget();
        setAsked(false);
        if (!discussed) onDiscussed();
      },
    },
  );
  const canAsk = risk.question === null || risk.answer === null;
  const run = () =>
    mark.run({
      ...((risk.question ?? question.trim()) ? { question: risk.question ?? question } : {}),
      ...((risk.answer ?? answer.trim()) ? { answer: risk.answer ?? answer } : {}),
    });
  return (
    <Stack gap="sm" className="no-print">
      {asked && (
        <Columns from="sm">
          {risk.question === null && (
            <Textarea
              size="md"
              label={t('discussion.question')}
              value={question}
              onChange={({ currentTarget: { value } }) => change((now) => ({ ...now, question: value }))}
              maxLength={4000}
              autosize
              minRows={2}
              autoFocus={question === ''}
            />
          )}
          {risk.answer === null && (
            <Textarea
              size="md"
              label={t('discussion.answer')}
              value={answer}
              onChange={({ currentTarget: { value } }) => change((now) => ({ ...now, answer: value }))}
              maxLength={4000}
              autosize
              minRows={2}
            />
          )}
        </Columns>
      )}
      <ProblemPanel problem={mark.problem} />
      <Group gap="xs">
        {!discussed && (
          <Button
            leftSection={<IconCheck size={20} aria-hidden />}
            loading={mark.running}
            onClick={run}
            aria-label={t('discussion.discussRisk', { risk: risk.title })}
          >
            {t('discussion.discuss')}
          </Button>
        )}
        {discussed && asked && (
          <Button loading={mark.running} onClick={run} disabled={nothingTyped}>
            {t('discussion.saveQuestion')}
          </Button>
        )}
        {canAsk && !asked && (
          <Button variant="subtle" onClick={() => setAsked(true)}>
            {t('discussion.asked')}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
