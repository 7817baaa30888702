import {
  IconClipboardCheck,
  IconHandStop,
  IconMessageReport,
  IconMessages,
  IconSignature,
  IconStethoscope,
  IconUserOff,
  IconWriting,
  type TablerIcon,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Region, regionName } from '../../../anatomy.ts';
import type { Api } from '../../../api/client.ts';
import { useNameOf } from '../../../api/colleagues.ts';
import { patientLinks, sessionLink } from '../../../components/links.ts';
import { t, tMaybe } from '../../../messages/index.ts';
import { type Times, useTimes } from '../../../time.ts';
import { representativesQuery } from '../queries.ts';
import type { TimelineEvent } from './events.ts';
import classes from './timeline.module.css';

interface Description {
  readonly icon: TablerIcon;
  readonly tone?: 'bad';
  readonly title: string;
  readonly details: readonly (string | undefined)[];
  readonly to: ReturnType<typeof sessionLink>;
}

interface Words {
  readonly times: Times;
  readonly nameOf: (staffId: string) => string;
  /** Who decided. */
  readonly deciderOf: (decider: Api['Decider']) => string;
  /** Why the authority of a representative ended. */
  readonly endOf: (decider: Api['Decider']) => Api['AuthorityEndView'] | undefined;
}

interface Props {
  readonly patientId: string;
  readonly event: TimelineEvent;
}

export function TimelineItem({ patientId, event }: Props) {
  const times = useTimes();
  const nameOf = useNameOf();
  const representatives = useQuery(representativesQuery(patientId)).data?.items ?? [];
  const deciderOf = ({ kind, id }: Api['Decider']) => {
    if (kind === 'patient') return t('record.byPatient');
    const who = representatives.find((one) => one.id === id);
    return who ? t('record.byRepresentative', { name: who.name, relationship: who.relationship }) : t('record.bySomebody');
  };
  const endOf = ({ id }: Api['Decider']) => representatives.find((one) => one.id === id)?.end ?? undefined;
  const { icon: Icon, tone, title, details, to } = describe(patientId, event, { times, nameOf, deciderOf, endOf });
  return (
    <li className={classes.event}>
      <span className={classes.icon} data-tone={tone}>
        <Icon size={18} stroke={1.8} aria-hidden />
      </span>
      <time className={classes.time} dateTime={event.at}>
        {times.time(event.at)}
      </time>
      <div className={classes.what}>
        <Link to={to} className={classes.title}>
          {title}
        </Link>
        <div className={classes.details}>{details.filter(Boolean).join(' · ')}</div>
      </div>
    </li>
  );
}

function describe(patientId: string, event: TimelineEvent, { times, nameOf, deciderOf, endOf }: Words): Description {
  const links = patientLinks(patientId);
  switch (event.kind) {
    case 'screening': {
      const { outcome, findings, performedBy, approval, awaitsApproval } = event.screening;
      const found = findings.map(({ code }) => tMaybe('findings', code) ?? code.replaceAll('_', ' ')).join(', ');
      return {
        icon: IconClipboardCheck,
        ...(outcome === 'referred' && { tone: 'bad' as const }),
        title:
          outcome === 'referred' && awaitsApproval
            ? t('record.screenedOnHold')
            : t('record.screened', { outcome: tMaybe('record.outcomes', outcome) ?? outcome }),
        details: [
          found || t('record.noFindings'),
          approval ? t('record.approvedBy', { name: nameOf(approval.approvedBy) }) : undefined,
          t('record.with', { name: nameOf(performedBy) }),
        ],
        to: links.screening,
      };
    }
    case 'discussion': {
      const { regions, discussedRisks, consentId, practitionerId } = event.discussion;
      return {
        icon: IconMessages,
        title: t('record.discussed'),
        details: [
          inWords(regions),
          t('record.discussedRisks', { count: discussedRisks }),
          consentId === null ? t('record.discussedOpen') : undefined,
          t('record.with', { name: nameOf(practitionerId) }),
        ],
        to: links.discussionOf(event.id),
      };
    }
    case 'decision': {
      const { decision, regions, decidedBy } = event.consent;
      return {
        icon: decision === 'given' ? IconSignature : IconHandStop,
        ...(decision === 'refused' && { tone: 'bad' as const }),
        title: t(decision === 'given' ? 'record.given' : 'record.refused'),
        details: [inWords(regions), deciderOf(decidedBy)],
        to: links.consent(event.id),
      };
    }
    case 'withdrawal': {
      const { withdrawal } = event.consent;
      return {
        icon: IconWriting,
        tone: 'bad',
        title: t('record.withdrawn'),
        details: [withdrawal?.reason && `“${withdrawal.reason}”`, withdrawal ? deciderOf(withdrawal.withdrawnBy) : undefined],
        to: links.consent(event.id),
      };
    }
    case 'authority-end': {
      const { decidedBy } = event.consent;
      const end = endOf(decidedBy);
      return {
        icon: IconUserOff,
        tone: 'bad',
        title: t('record.unrepresented'),
        details: [
          end && t(`endReasons.${end.reason}`),
          end?.note ? `“${end.note}”` : undefined,
          t('record.givenBy', { byWhom: deciderOf(decidedBy) }),
        ],
        to: links.consent(event.id),
      };
    }
    case 'report': {
      const { kind, words, recordedBy, retractionReason } = event.report;
      return {
        icon: IconMessageReport,
        ...(retractionReason === null && { tone: 'bad' as const }),
        title: t(`record.reported.${kind}`),
        details: [
          `“${words}”`,
          retractionReason === null ? undefined : t('record.reportRetracted', { reason: retractionReason }),
          t('record.with', { name: nameOf(recordedBy) }),
        ],
        to: links.session,
      };
    }
    default: {
      const { endedAt, manipulations, practitionerId } = event.session;
      return {
        icon: IconStethoscope,
        title: t('record.session'),
        details: [
          endedAt === null ? t('record.sessionStillOpen') : t('record.sessionEnded', { time: times.time(endedAt) }),
          t('record.manipulations', { count: manipulations.length }),
          t('record.with', { name: nameOf(practitionerId) }),
        ],
        to: sessionLink(event.id),
      };
    }
  }
}

function inWords(regions: readonly Region[]): string {
  return regions.map(regionName).join(', ');
}
