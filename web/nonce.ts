/** What the server's policy lets style elements carry; it changes with each document. */
export const styleNonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.nonce ?? '';

// react-remove-scroll, in Mantine's modals and menus, looks for it here.
Object.assign(globalThis, { __webpack_nonce__: styleNonce });
