import { type ReactNode, useEffect, useRef } from 'react';

/**
 * Covers everything, with what it covers out of reach: the browser's own modal dialog lies above whatever Mantine has open, and
 * Escape doesn't close it.
 */
export function Cover({ children }: { readonly children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const { current } = dialog;
    current?.showModal();
    return () => current?.close();
  }, []);
  return (
    <dialog ref={dialog} className="cover" onCancel={(event) => event.preventDefault()}>
      {children}
    </dialog>
  );
}
