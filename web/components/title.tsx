import { useEffect } from 'react';

/** The title of the browser's tab, which is what a screen reader says first of a new page. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Assent`;
  }, [title]);
}
