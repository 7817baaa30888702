import { useForm, type UseFormInput } from '@mantine/form';
import { useState } from 'react';
import { useDraft } from '../api/drafts.ts';

/**
 * A form whose values are a draft: `const form = useDraftForm('registration', NOBODY)`. Forget it once it is sent. It reads the draft
 * once: where the name can become another, its component needs a key, or one patient's words would stand in another's form.
 */
export function useDraftForm<Values extends object>(
  name: string,
  empty: Values,
  { validate }: Pick<UseFormInput<Values>, 'validate'> = {},
) {
  const [first] = useState(name);
  if (name !== first) throw new Error(`The form of "${first}" was given "${name}": its component needs a key.`);
  const [draft, change, forget] = useDraft(name, empty);
  const form = useForm<Values>({ initialValues: draft, onValuesChange: (values) => change(() => values), validate });
  return {
    ...form,
    forget: () => {
      form.setInitialValues(empty);
      form.reset();
      forget();
    },
  };
}
