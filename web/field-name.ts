/** A field's name in the API, in words: Withdrawal reason, for withdrawalReason and withdrawal_reason; Answers 3 regions, for answers[2].regions. */
export function fieldName(field: string): string {
  const words = field
    .replaceAll(/\[(\d+)\]/g, (_, index: string) => ` ${Number(index) + 1}`)
    .replaceAll(/[_.]/g, ' ')
    .replaceAll(/([a-z])([A-Z\d])/g, '$1 $2')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What the server says of a field, with other fields that it names in words: must come after valid from. */
export function withFieldNames(message: string): string {
  return message.replaceAll(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g, (name) => fieldName(name).toLowerCase());
}
