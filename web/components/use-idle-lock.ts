import { useEffect } from 'react';
import { lock, refreshLogin } from '../api/session.ts';

const EVENTS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;
const MINUTE = 60_000;
/** What is done in one tab counts in all of them. */
const LAST_ACTIVE = 'assent.active';

/**
 * The server locks a session of which it hears nothing. Whoever types a long note isn't idle: now and then it hears of that. Whoever
 * has gone leaves a screen that others can read: it locks at the same time.
 */
export function useIdleLock(idleMinutes: number | undefined): void {
  useEffect(() => {
    if (idleMinutes === undefined) return undefined;
    let told = Date.now();
    touch(told);
    const onActive = () => touch(Date.now());
    for (const event of EVENTS) addEventListener(event, onActive, { passive: true, capture: true });
    const timer = setInterval(() => {
      const last = Number(localStorage.getItem(LAST_ACTIVE));
      const now = Date.now();
      if (now - last >= idleMinutes * MINUTE) void lock().catch(() => refreshLogin());
      else if (last > told && now - told >= (idleMinutes * MINUTE) / 3) {
        told = now;
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
