import { type ReactNode, useEffect, useRef } from 'react';

/**
 * Covers everything, with what it covers out of reach: the browser's own modal dialog lies above everything that Mantine has open. It
 * can't be closed: where a browser closes it at a second Escape regardless of the page, it is opened again.
 */
export function Cover({ children }: { readonly children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const { current } = dialog;
    if (!current) return undefined;
    current.setAttribute('closedby', 'none');
    const open = () => current.showModal();
    open();
    current.addEventListener('close', open);
    return () => {
      current.removeEventListener('close', open);
      current.close();
    };
  }, []);
  return (
    <dialog ref={dialog} className="cover" onCancel={(event) => event.preventDefault()}>
      {children}
    </dialog>
  );
}
