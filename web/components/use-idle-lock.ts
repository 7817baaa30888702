import { useEffect } from 'react';
import { lock, refreshLogin } from '../api/session.ts';

const EVENTS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;
const MINUTE = 60_000;
/** What is done in one tab counts in all of them. */
const LAST_ACTIVE = 'assent.active';

/**
 * The server locks a session that sends no requests. Typing a long note isn't idling, so the page sends one now and then. An unattended
 * screen can be read by others: the page locks when the session does.
 */
export function useIdleLock(idleMinutes: number | undefined): void {
  useEffect(() => {
    if (idleMinutes === undefined) return undefined;
    let reportedAt = Date.now();
    touch(reportedAt);
    const onActive = () => touch(Date.now());
    for (const event of EVENTS) addEventListener(event, onActive, { passive: true, capture: true });
    const timer = setInterval(() => {
      const last = Number(localStorage.getItem(LAST_ACTIVE));
      const now = Date.now();
      if (now - last >= idleMinutes * MINUTE) void lock().catch(() => refreshLogin());
      else if (last > reportedAt && now - reportedAt >= (idleMinutes * MINUTE) / 3) {
        reportedAt = now;
        void refreshLogin().catch(() => undefined);
      }
    }, 5_000);
    return () => {
      clearInterval(timer);
      for (const event of EVENTS) removeEventListener(event, onActive, { capture: true });
    };
  }, [idleMinutes]);
}

function touch(now: number): void {
  localStorage.setItem(LAST_ACTIVE, String(now));
}
