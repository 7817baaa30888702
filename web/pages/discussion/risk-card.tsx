import { IconCircleCheck, IconUserExclamation } from '@tabler/icons-react';
import type { Api } from '../../api/client.ts';
import { t } from '../../messages/index.ts';
import { wordsIn } from '../../messages/patient/index.ts';
import { useTimes } from '../../time.ts';
import { findingName } from '../screening/outcome.ts';
import { Figures } from './figures.tsx';
import { MarkDiscussed } from './mark-discussed.tsx';
import classes from './risk-card.module.css';

interface Props {
  readonly discussion: Api['DiscussionView'];
  readonly risk: Api['RiskView'];
  /** As published, with figures. */
  readonly published: Api['DisclosureRisk'] | undefined;
  readonly number: number;
  /** The code of the finding that added it. */
  readonly finding: string | undefined;
  /** Whether it can still be marked. */
  readonly open: boolean;
  readonly onDiscussed: () => void;
}

/** One risk: what is said about it, how often it comes true, and whether it was discussed. */
export function RiskCard({ discussion, risk, published, number, finding, open, onDiscussed }: Props) {
  const times = useTimes();
  const { language } = discussion;
  const words = wordsIn(language);
  return (
    <article className={classes.card} data-added={risk.addedByScreening || undefined} aria-labelledby={titleId(risk.code)}>
      <div className={classes.head}>
        <span className={classes.number} aria-hidden>
          {number}
        </span>
        <h3 className={classes.title} id={titleId(risk.code)} tabIndex={-1} lang={language}>
          {risk.title}
        </h3>
      </div>
      {risk.addedByScreening && (
        <div className={classes.because}>
          <IconUserExclamation size={22} aria-hidden />
          {finding ? t('discussion.addedBecause', { finding: findingName(finding) }) : t('discussion.added')}
        </div>
      )}
      <div className={classes.body}>
        <div className={classes.text}>
          <p className={classes.wording} lang={language}>
            {risk.wording}
          </p>
          {published && (
            <>
              <Part title={t('discussion.feelsLike')} text={published.feelsLike} language={language} />
              <Part title={t('discussion.whatToDo')} text={published.whatToDo} language={language} />
            </>
          )}
        </div>
        {published && (
          <div className={classes.text}>
            <Figures figures={published.figures} words={words} />
            <Part title={t('discussion.howOften')} text={published.frequency} language={language} />
            <details className={classes.sources}>
              <summary>{t('discussion.sources')}</summary>
              <span lang={language}>{published.source}</span>
            </details>
          </div>
        )}
      </div>
      {risk.discussedAt && (
        <div className={classes.done}>
          <IconCircleCheck size={22} aria-hidden />
          {t('discussion.discussedAt', { date: times.dateTime(risk.discussedAt) })}
        </div>
      )}
      {risk.question && <Part title={t('discussion.question')} text={risk.question} />}
      {risk.answer && <Part title={t('discussion.answer')} text={risk.answer} />}
      {open && <MarkDiscussed discussion={discussion} risk={risk} onDiscussed={onDiscussed} />}
    </article>
  );
}

export const titleId = (code: string) => `risk-${code}`;

interface PartProps {
  readonly title: string;
  readonly text: string;
  readonly language?: string;
}

function Part({ title, text, language }: PartProps) {
  return (
    <div className={classes.part}>
      <h4>{title}</h4>
      <p lang={language}>{text}</p>
    </div>
  );
}
