import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { type Api, ask } from '../../../api/client.ts';
import { Loaded } from '../../../components/loaded.tsx';
import { Page } from '../../../components/page.tsx';
import { languageName } from '../../../languages.ts';
import { t } from '../../../messages/index.ts';
import { Editor } from './editor.tsx';
import { passagesOfQuestionnaire } from './passages.ts';
import { questionnaireBeginningQuery } from './queries.ts';
import { QuestionnaireFields } from './questionnaire-fields.tsx';
import { QuestionnaireText } from './questionnaire-text.tsx';

type Text = Api['PublishQuestionnaire'];

/** Writes the next version of the questionnaire in a language. */
export function WriteQuestionnairePage() {
  const { language, from } = useSearch({ from: '/shell/administration/texts/questionnaires/new' });
  const query = useQuery(questionnaireBeginningQuery(from, language));
  return (
    <Page title={t('texts.writeQuestionnaireTitle', { language: languageName(language) })}>
      <Loaded queries={[query]} lines={10}>
        {(beginning) => (
          <Editor
            key={`${from} ${language}`}
            kind="questionnaires"
            language={language}
            beginning={contentOf(beginning, language)}
            changedFrom={beginning.language === language}
            fields={<QuestionnaireFields />}
            renderPreview={(text) => <QuestionnaireText text={text} />}
            passages={passagesOfQuestionnaire}
            publish={(text) => ask((api) => api.POST('/api/questionnaires', { body: withoutNothing(text) }))}
          />
        )}
      </Loaded>
    </Page>
  );
}

function contentOf({ title, introduction, items, reviewNotice = '' }: Text, language: string): Text {
  return { language, title, introduction, reviewNotice, items };
}

/** Fields that were left empty, as the API wants them. */
function withoutNothing({ reviewNotice, items, ...text }: Text): Text {
  return {
    ...text,
    ...(reviewNotice?.trim() ? { reviewNotice } : {}),
    items: items.map((item) => ({ ...item, urgentAction: item.urgentAction?.trim() ? item.urgentAction : null })),
  };
}
