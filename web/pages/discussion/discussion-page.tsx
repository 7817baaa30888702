import { Alert, Button, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { regionName, techniqueNames } from '../../anatomy.ts';
import type { Api } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Page } from '../../components/page.tsx';
import { Prose } from '../../components/prose.tsx';
import { Section } from '../../components/section.tsx';
import { StickyBar } from '../../components/sticky-bar.tsx';
import { languageName } from '../../languages.ts';
import { t } from '../../messages/index.ts';
import { consentsQuery } from '../patients/queries.ts';
import { Decision } from './decision.tsx';
import { disclosureQuery, discussionQuery } from './queries.ts';
import { RiskCard, titleId } from './risk-card.tsx';
import { SideBySide } from './side-by-side.tsx';
import { useAddedBy } from './use-added-by.ts';

const FROM = { from: '/shell/patients/$patientId/discussion/$discussionId' } as const;
type Discussion = Api['DiscussionView'];

/** A risk discussion: each risk is marked as it is spoken, then the patient has their turn. */
export function DiscussionPage() {
  const { patientId, discussionId } = useParams(FROM);
  const may = useMay();
  const discussion = useQuery({ ...discussionQuery(patientId, discussionId), enabled: may('clinical.read') });
  const disclosure = useQuery(disclosureQuery(discussion.data?.disclosureId));
  return (
    <Page title={t('discussion.title')}>
      {may('clinical.read') ? (
        <Loaded queries={[discussion, disclosure]} lines={8}>
          {(held, published) => <Talk discussion={held} disclosure={published} />}
        </Loaded>
      ) : (
        <Alert title={t('discussion.notYours')}>{t('discussion.notYoursHint')}</Alert>
      )}
    </Page>
  );
}

interface TalkProps {
  readonly discussion: Discussion;
  readonly disclosure: Api['DisclosureView'];
}

function Talk({ discussion, disclosure }: TalkProps) {
  const may = useMay();
  const addedBy = useAddedBy(discussion);
  const { risks, language } = discussion;
  const open = discussion.consentId === null && may('discussion.record');
  return (
    <Stack gap="lg">
      {discussion.consentId && <Decided patientId={discussion.patientId} consentId={discussion.consentId} />}
      <Frame discussion={discussion} />
      <Section title={t('discussion.introduction')}>
        <div lang={language}>
          <Text fw={600}>{disclosure.title}</Text>
          <Prose text={disclosure.introduction} />
        </div>
      </Section>
      <Title order={2} size="h3">
        {t('discussion.risks')}
      </Title>
      {risks.map((risk, index) => (
        <RiskCard
          key={risk.code}
          discussion={discussion}
          risk={risk}
          published={disclosure.risks.find(({ code }) => code === risk.code)}
          number={index + 1}
          finding={addedBy(risk.code)}
          open={open}
          onDiscussed={() => goTo(missingAfter(risks, index))}
        />
      ))}
      <Section title={t('discussion.sideBySide')}>
        <SideBySide disclosure={disclosure} />
      </Section>
      <Section title={t('discussion.afterwards')}>
        <Stack gap="sm" lang={language}>
          {disclosure.afterTreatment.map(({ sign, action }) => (
            <div key={sign}>
              <Text>{sign}</Text>
              <Text fw={600}>{action}</Text>
            </div>
          ))}
        </Stack>
      </Section>
      {open && <Progress discussion={discussion} />}
    </Stack>
  );
}

/** What the discussion is about, and how it is held. */
function Frame({ discussion: { regions, techniques, aim, mode, language, interpreter } }: { readonly discussion: Discussion }) {
  const talked = { mode: t(`discussion.${mode}`), language: languageName(language) };
  return (
    <div>
      <Text fw={500}>
        {t('discussion.proposed', {
          regions: regions.map((region) => regionName(region)).join(', '),
          techniques: techniqueNames(techniques),
        })}
      </Text>
      <Text>{aim}</Text>
      <Text size="sm" c="dimmed">
        {interpreter ? t('discussion.talkedInterpreted', { ...talked, interpreter }) : t('discussion.talked', talked)}
      </Text>
    </div>
  );
}

function Decided({ patientId, consentId }: { readonly patientId: string; readonly consentId: string }) {
  const consents = useQuery(consentsQuery(patientId));
  const consent = consents.data?.items.find(({ id }) => id === consentId);
  return consent ? <Decision consent={consent} /> : null;
}

function Progress({ discussion: { id, patientId, risks } }: { readonly discussion: Discussion }) {
  const { decider } = useSearch(FROM);
  const done = risks.map(({ discussedAt }) => discussedAt !== null);
  const next = missingAfter(risks, -1);
  return (
    <StickyBar text={t('discussion.progress', { done: done.filter(Boolean).length, total: risks.length })} steps={done}>
      {next ? (
        <Button variant="light" onClick={() => goTo(next)}>
          {t('discussion.next', { risk: next.title })}
        </Button>
      ) : (
        <ButtonLink
          to="/patients/$patientId/discussion/$discussionId/turn"
          params={{ patientId, discussionId: id }}
          search={decider === undefined ? {} : { decider }}
        >
          {t('discussion.toDecision')}
        </ButtonLink>
      )}
    </StickyBar>
  );
}

/** The next risk that isn't discussed, from a place on, then from the beginning. */
function missingAfter(risks: Discussion['risks'], index: number): Discussion['risks'][number] | undefined {
  return [...risks.slice(index + 1), ...risks.slice(0, Math.max(index, 0))].find(({ discussedAt }) => discussedAt === null);
}

function goTo(risk: { readonly code: string } | undefined): void {
  const title = risk && document.querySelector<HTMLElement>(`#${titleId(risk.code)}`);
  title?.focus({ preventScroll: true });
  title?.closest('article')?.scrollIntoView({ block: 'start' });
}
