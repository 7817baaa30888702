import { useQuery } from '@tanstack/react-query';
import { shortRegionNames, shortTechniqueNames } from '../../anatomy.ts';
import type { Api } from '../../api/client.ts';
import { useNameOf } from '../../api/colleagues.ts';
import { DescriptionList } from '../../components/description-list.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Section } from '../../components/section.tsx';
import { languageName } from '../../languages.ts';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { disclosureQuery, discussionOfQuery } from './queries.ts';
import { Risks } from './risks.tsx';

interface Props {
  readonly patientId: string;
  readonly discussionId: string;
}

/** What was shown and explained before the decision: by whom, in which language and version, each risk and when. */
export function Discussion({ patientId, discussionId }: Props) {
  const query = useQuery(discussionOfQuery(patientId, discussionId));
  return (
    <>
      <Section title={t('consents.discussion')}>
        <Loaded queries={[query]} lines={6}>
          {(discussion) => <DiscussionFacts discussion={discussion} />}
        </Loaded>
      </Section>
      {query.data && <Risks risks={query.data.risks} />}
    </>
  );
}

function DiscussionFacts({ discussion }: { readonly discussion: Api['DiscussionView'] }) {
  const times = useTimes();
  const nameOf = useNameOf();
  const disclosure = useQuery(disclosureQuery(discussion.disclosureId)).data;
  return (
    <DescriptionList
      items={[
        [t('consents.explainedBy'), nameOf(discussion.practitionerId)],
        [t('consents.openedAt'), times.dateTime(discussion.openedAt)],
        [t('consents.aim'), discussion.aim],
        [t('consents.proposed'), shortRegionNames(discussion.regions)],
        [t('consents.techniques'), shortTechniqueNames(discussion.techniques)],
        [t('consents.mode'), t(`consents.modes.${discussion.mode}`)],
        [t('consents.language'), languageName(discussion.language)],
        [t('consents.interpreter'), discussion.interpreter ?? t('consents.noInterpreter')],
        [t('consents.shown'), disclosure ? t('consents.version', { title: disclosure.title, version: disclosure.version }) : '–'],
      ]}
    />
  );
}
