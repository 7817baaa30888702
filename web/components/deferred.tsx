import { type ComponentType, type ReactNode, useEffect, useState } from 'react';

/**
 * A component whose script loads when it is first shown, with a placeholder until then. React's lazy with Suspense would keep what follows
 * a placeholder back for up to 300 ms after the script is there.
 */
export function deferred<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  placeholder: (props: Props) => ReactNode = () => null,
): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function Deferred(props: Props) {
    const [Component, setComponent] = useState<ComponentType<Props> | undefined>(() => loaded);
    const [failure, setFailure] = useState<{ readonly error: unknown }>();
    useEffect(() => {
      if (loaded) return;
      const fetchScript = async () => {
        loaded = await load();
        setComponent(() => loaded);
      };
      fetchScript().catch((error: unknown) => setFailure({ error }));
    }, []);
    // As a render that fails: the page shows it, with another try.
    if (failure) throw failure.error;
    return Component ? <Component {...props} /> : placeholder(props);
  };
}
