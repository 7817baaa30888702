import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { type Api, ask } from '../../../api/client.ts';
import { Loaded } from '../../../components/loaded.tsx';
import { Page } from '../../../components/page.tsx';
import { languageName } from '../../../languages.ts';
import { t } from '../../../messages/index.ts';
import { DisclosureFields } from './disclosure-fields.tsx';
import { DisclosureText } from './disclosure-text.tsx';
import { Editor } from './editor.tsx';
import { passagesOfDisclosure } from './passages.ts';
import { beginningQuery } from './queries.ts';
import { EMPTY_RISK } from './risk-fields.tsx';

type Text = Api['PublishDisclosure'];

/** Writes the next version of the disclosure in a language. */
export function WriteDisclosurePage() {
  const { language, from } = useSearch({ from: '/shell/administration/texts/disclosures/new' });
  const query = useQuery(beginningQuery(from, language));
  return (
    <Page title={t('texts.writeTitle', { language: languageName(language) })}>
      <Loaded queries={[query]} lines={10}>
        {(beginning) => (
          <Editor
            key={`${from} ${language}`}
            kind="disclosures"
            language={language}
            beginning={contentOf(beginning, language)}
            // A text of the clinic’s own: publishing it again would change nothing.
            changedFrom={from !== 'model' && beginning.language === language}
            fields={<DisclosureFields />}
            renderPreview={(text) => <DisclosureText text={text} />}
            passages={passagesOfDisclosure}
            riskOf={(code) => ({ ...(beginning.risks.find((risk) => risk.code === code) ?? EMPTY_RISK), code })}
            publish={(text, requiresReconsent) =>
              ask((api) => api.POST('/api/disclosures', { body: { ...withoutNothing(text), requiresReconsent } }))
            }
          />
        )}
      </Loaded>
    </Page>
  );
}

/** What the API takes: a version without what was derived of it. */
function contentOf(text: Text, language: string): Text {
  const { title, introduction, benefits, uncertainty, alternatives, whoShouldAvoid, afterTreatment, risks, reviewNotice = '' } = text;
  return { language, title, reviewNotice, introduction, benefits, uncertainty, alternatives, whoShouldAvoid, afterTreatment, risks };
}

function withoutNothing({ reviewNotice, ...text }: Text): Text {
  return reviewNotice?.trim() ? { ...text, reviewNotice } : text;
}
