import chromium from '@sparticuz/chromium';

/** In a process of its own, because it unpacks into the process's temporary folder. See chromium.ts. */
await chromium.executablePath();
