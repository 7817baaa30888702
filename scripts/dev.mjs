// node scripts/dev.mjs    serves as npm start does, and at http://localhost:5173 the pages as their sources are now
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

await prepare();
const settings = join(root, '.env');
if (existsSync(settings)) process.loadEnvFile(settings);

process.env.ASSENT_API ??= `http://localhost:${process.env.PORT ?? 3000}`;
const { createServer } = await import('vite');
const pages = await createServer({ configFile: join(root, 'web', 'vite.config.ts') });
await pages.listen();
// Passkeys and the links in messages belong to the address that is typed.
process.env.BASE_URL = 'http://localhost:5173';
await import('../dist/main.js');
