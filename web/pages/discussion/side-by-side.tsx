import type { Api } from '../../api/client.ts';
import { Prose } from '../../components/prose.tsx';
import { t } from '../../messages/index.ts';
import classes from './side-by-side.module.css';

/** Benefits, what isn't known, and the alternatives, none of them hidden behind another. */
export function SideBySide({ disclosure }: { readonly disclosure: Api['DisclosureView'] }) {
  const { language, benefits, uncertainty, alternatives } = disclosure;
  return (
    <div className={classes.columns}>
      <div>
        <h3>{t('discussion.benefits')}</h3>
        <Passages items={benefits} language={language} />
      </div>
      <div>
        <h3>{t('discussion.alternatives')}</h3>
        <Passages items={alternatives} language={language} />
      </div>
      <div>
        <h3>{t('discussion.uncertainty')}</h3>
        <div lang={language}>
          <Prose text={uncertainty} />
        </div>
      </div>
    </div>
  );
}

interface PassagesProps {
  readonly items: readonly Api['Passage'][];
  readonly language: string;
}

function Passages({ items, language }: PassagesProps) {
  return (
    <dl lang={language}>
      {items.map(({ title, wording }) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd>{wording}</dd>
        </div>
      ))}
    </dl>
  );
}
