import { Prose } from '../../components/prose.tsx';
import { Figures } from '../discussion/figures.tsx';
import type { Turn } from './turn.ts';
import classes from './turn.module.css';

interface Props {
  readonly turn: Turn;
}

/** What is proposed, what it is and may bring, what isn't known, and what else there is. */
export function About({ turn }: Props) {
  const { discussion, disclosure, representative, patientName, words } = turn;
  const { say } = words;
  return (
    <>
      <p>{representative ? say('aboutRepresentative', { patient: patientName }) : say('aboutYou')}</p>
      <h2>{representative ? say('proposedFor', { patient: patientName }) : say('proposed')}</h2>
      <dl className={classes.facts}>
        <div>
          <dt>{say('proposedWhere')}</dt>
          <dd>{discussion.regions.map((region) => say(region)).join(', ')}</dd>
        </div>
        <div>
          <dt>{say('proposedHow')}</dt>
          <dd>{discussion.techniques.map((technique) => say(technique)).join(', ')}</dd>
        </div>
        <div>
          <dt>{say('proposedWhy')}</dt>
          <dd>{discussion.aim}</dd>
        </div>
      </dl>
      <h2>{say('whatItIs')}</h2>
      <div lang={disclosure.language}>
        <Prose text={disclosure.introduction} size="lg" />
      </div>
      <h2>{say('benefits')}</h2>
      {disclosure.benefits.map(({ title, wording }) => (
        <div key={title} lang={disclosure.language}>
          <h3>{title}</h3>
          <p>{wording}</p>
        </div>
      ))}
      <h2>{say('alternatives')}</h2>
      {disclosure.alternatives.map(({ title, wording }) => (
        <div key={title} lang={disclosure.language}>
          <h3>{title}</h3>
          <p>{wording}</p>
        </div>
      ))}
      <h2>{say('uncertainty')}</h2>
      <div lang={disclosure.language}>
        <Prose text={disclosure.uncertainty} size="lg" />
      </div>
    </>
  );
}

/** Every risk that was to be discussed, those of this patient among them; and when to get help. */
export function Risks({ turn: { discussion, disclosure, words } }: Props) {
  const { say } = words;
  return (
    <>
      <p>{say('risksHint')}</p>
      {discussion.risks.map(({ code, title, wording, addedByScreening }) => {
        const published = disclosure.risks.find((risk) => risk.code === code);
        return (
          <section key={code} className={`${classes.risk ?? ''} ${addedByScreening ? (classes.mine ?? '') : ''}`}>
            <h2 lang={disclosure.language}>{title}</h2>
            {addedByScreening && <p className={classes.note}>{say('forYou')}</p>}
            <p lang={disclosure.language}>{wording}</p>
            {published && (
              <>
                <h3>{say('feelsLike')}</h3>
                <p lang={disclosure.language}>{published.feelsLike}</p>
                <h3>{say('whatToDo')}</h3>
                <p lang={disclosure.language}>{published.whatToDo}</p>
                <h3>{say('howOften')}</h3>
                <p lang={disclosure.language}>{published.frequency}</p>
                <Figures figures={published.figures} words={words} />
                <p className={classes.small} lang={disclosure.language}>
                  {say('source')}: {published.source}
                </p>
              </>
            )}
          </section>
        );
      })}
      <h2>{say('afterTreatment')}</h2>
      {disclosure.afterTreatment.map(({ sign, action }) => (
        <div key={sign} lang={disclosure.language}>
          <p>
            {sign} <strong>{action}</strong>
          </p>
        </div>
      ))}
    </>
  );
}
