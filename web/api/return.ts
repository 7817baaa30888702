/** Where somebody was who leaves for their provider and comes back to a new document at `/`. An address, nothing of the page. */
const KEY = 'assent.return';

export function rememberPlace(): void {
  sessionStorage.setItem(KEY, location.pathname + location.search);
}

/** Goes back there, once. Only to an address of our own. */
export function returnToPlace(): void {
  const place = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  if (location.pathname === '/' && place && /^\/(?![/\\])/.test(place)) history.replaceState(null, '', place);
}
