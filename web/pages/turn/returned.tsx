import { Button, Container, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useAct } from '../../api/act.ts';
import { type Api, ask } from '../../api/client.ts';
import { ProblemPanel } from '../../components/problem-panel.tsx';
import { Section } from '../../components/section.tsx';
import { useTitle } from '../../components/title.tsx';
import { t } from '../../messages/index.ts';
import { patientKey } from '../patients/queries.ts';
import { DiscardDialog } from './discard-dialog.tsx';
import { NoteQuestion } from './note-question.tsx';
import type { Asked, Made } from './progress.ts';
import { toRequest, type Turn } from './turn.ts';

interface Props {
  readonly turn: Turn;
  readonly asked: Asked | undefined;
  readonly made: Made | undefined;
  readonly onHandBack: () => Promise<void>;
  readonly onRecorded: () => void;
  /** To the discussion, without the decision. */
  readonly onLeave: () => void;
}

/** The practitioner has the tablet again: records what was decided, or answers what was asked. */
export function Returned({ turn, asked, made, onHandBack, onRecorded, onLeave }: Props) {
  if (made) return <Recording turn={turn} made={made} onRecorded={onRecorded} onLeave={onLeave} />;
  return <Between turn={turn} asked={asked} onHandBack={onHandBack} onLeave={onLeave} />;
}

function Recording({ turn, made, onRecorded, onLeave }: Pick<Props, 'turn' | 'onRecorded' | 'onLeave'> & { readonly made: Made }) {
  const { patientId, discussion } = turn;
  const [discarding, setDiscarding] = useState(false);
  const begun = useRef(false);
  const body = toRequest(turn, made);
  const { run, running, problem } = useAct(
    (body: Api['RecordDecision'], key) =>
      ask((api) => api.POST('/api/discussions/{id}/consent', { params: { path: { id: discussion.id } }, body }), key),
    { changes: [patientKey(patientId)], onDone: onRecorded },
  );
  useEffect(() => {
    // Once, even if the page is shown again; unlocking was the practitioner's confirmation.
    if (!begun.current) run(body);
    begun.current = true;
  }, [run, body]);
  if (!problem) {
    return (
      <StandalonePage key="recording" title={t('turn.recording')}>
        <Loader aria-hidden />
      </StandalonePage>
    );
  }
  return (
    <StandalonePage key="not recorded" title={t('turn.notRecorded')}>
      <Text>{t('turn.notRecordedHint')}</Text>
      <ProblemPanel problem={problem} />
      <Group>
        <Button loading={running} onClick={() => run(body)}>
          {t('common.tryAgain')}
        </Button>
        <Button variant="default" onClick={() => (problem.code === 'discussion.decided' ? onLeave() : setDiscarding(true))}>
          {t(problem.code === 'discussion.decided' ? 'turn.backToDiscussion' : 'turn.discard')}
        </Button>
      </Group>
      <DiscardDialog opened={discarding} onDiscard={onLeave} onClose={() => setDiscarding(false)} />
    </StandalonePage>
  );
}

function Between({ turn, asked, onHandBack, onLeave }: Omit<Props, 'made' | 'onRecorded'>) {
  const handBack = useAct(onHandBack);
  const name = turn.deciderName;
  return (
    <StandalonePage title={t('turn.returnTitle')}>
      {asked && (
        <Section
          title={asked.question.trim() ? t('turn.asks', { name }) : t('turn.asksNothing', { name })}
          hint={t('turn.askedAt', { place: asked.place })}
        >
          {asked.question.trim() && (
            <Text size="lg" fw={500}>
              {asked.question}
            </Text>
          )}
          <NoteQuestion turn={turn} question={asked.question} />
        </Section>
      )}
      <ProblemPanel problem={handBack.problem} />
      <Group>
        <Button loading={handBack.running} onClick={() => handBack.run()}>
          {t('turn.handBack')}
        </Button>
        <Button variant="default" onClick={onLeave}>
          {t('turn.end')}
        </Button>
      </Group>
    </StandalonePage>
  );
}

/** A page without the shell. */
export function StandalonePage({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  useTitle(title);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <Container component="main" size="sm" py="xl">
      <Stack gap="lg">
        <Title order={1} size="h2" ref={heading} tabIndex={-1} style={{ outline: 'none' }}>
          {title}
        </Title>
        {children}
      </Stack>
    </Container>
  );
}
