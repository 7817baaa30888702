import type { Api } from '../../../api/client.ts';

export type TimelineEvent =
  | { readonly kind: 'screening'; readonly at: string; readonly id: string; readonly screening: Api['ScreeningView'] }
  | { readonly kind: 'discussion'; readonly at: string; readonly id: string; readonly discussion: Api['DiscussionSummary'] }
  | {
      readonly kind: 'decision' | 'withdrawal' | 'authority-end';
      readonly at: string;
      readonly id: string;
      readonly consent: Api['ConsentSummary'];
    }
  | { readonly kind: 'report'; readonly at: string; readonly id: string; readonly report: Api['PatientReportView'] }
  | { readonly kind: 'session'; readonly at: string; readonly id: string; readonly session: Api['SessionView'] };

interface Records {
  readonly screenings: readonly Api['ScreeningView'][];
  readonly discussions: readonly Api['DiscussionSummary'][];
  readonly consents: readonly Api['ConsentSummary'][];
  readonly sessions: readonly Api['SessionView'][];
  readonly reports: readonly Api['PatientReportView'][];
}

/** What happened, the newest first. */
export function eventsOf({ screenings, discussions, consents, sessions, reports }: Records): readonly TimelineEvent[] {
  const events: TimelineEvent[] = [
    ...screenings.map((screening) => ({ kind: 'screening' as const, at: screening.performedAt, id: screening.id, screening })),
    ...discussions.map((discussion) => ({ kind: 'discussion' as const, at: discussion.openedAt, id: discussion.id, discussion })),
    ...consents.map((consent) => ({ kind: 'decision' as const, at: consent.decidedAt, id: consent.id, consent })),
    ...consents.flatMap((consent) =>
      consent.withdrawal ? [{ kind: 'withdrawal' as const, at: consent.withdrawal.at, id: consent.id, consent }] : [],
    ),
    ...consents.flatMap((consent) =>
      consent.state === 'unrepresented' && consent.inForceUntil
        ? [{ kind: 'authority-end' as const, at: consent.inForceUntil, id: consent.id, consent }]
        : [],
    ),
    ...reports.map((report) => ({ kind: 'report' as const, at: report.reportedAt, id: report.id, report })),
    ...sessions.map((session) => ({ kind: 'session' as const, at: session.startedAt, id: session.id, session })),
  ];
  return events.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

interface Day {
  readonly day: string;
  readonly events: readonly TimelineEvent[];
}

/** Those of one day together, as the clinic counts days. */
export function byDay(events: readonly TimelineEvent[], dayOf: (instant: string) => string): readonly Day[] {
  const days = new Map<string, TimelineEvent[]>();
  for (const event of events) days.set(dayOf(event.at), [...(days.get(dayOf(event.at)) ?? []), event]);
  return [...days].map(([day, those]) => ({ day, events: those }));
}
