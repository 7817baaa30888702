import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx, ShownOnce } from '../common/context.js';
import { notFound } from '../common/errors.js';
import { Id } from '../common/id.js';
import { hashToken, KEY_PREFIX, newToken } from '../identity/tokens.js';
import { type CreatedKeyView, CreateKey, type KeyList, type KeyView } from './keys.dto.js';

/** Keys for other programs. */
@ApiTags('API keys')
@Controller('api-keys')
export class KeysController {
  /** Creates an API key. It has what its role permits, save what only a person may do: sign, and administer. */
  @Post()
  @Allow('key.manage')
  @ShownOnce()
  async createKey(@Context() { tx }: Ctx, @Body() { label, role, profession, expiresAt }: CreateKey): Promise<CreatedKeyView> {
    const key = KEY_PREFIX + newToken();
    const [row] = await tx.query<{ id: string }[]>('SELECT app.create_key($1, $2, $3, app.instant($4, true), $5) AS id', [
      label,
      role,
      profession ?? null,
      expiresAt,
      hashToken(key),
    ]);
    return { id: row?.id ?? '', key };
  }

  /** The clinic's API keys that aren't revoked. */
  @Get()
  @Allow('key.read')
  async listKeys(@Context() { tx }: Ctx): Promise<KeyList> {
    const rows = await tx.query<KeyRow[]>('SELECT * FROM app.keys()');
    return { items: rows.map(toKey) };
  }

  /** Revokes an API key: its next request is refused. */
  @Delete(':id')
  @Allow('key.manage')
  @HttpCode(204)
  async revokeKey(@Context() { tx }: Ctx, @Id() id: string): Promise<void> {
    const [row] = await tx.query<{ revoked: boolean }[]>('SELECT app.revoke_key($1) AS revoked', [id]);
    if (!row?.revoked) throw notFound('API key');
  }
}

interface KeyRow {
  readonly id: string;
  readonly label: string;
  readonly role: KeyView['role'];
  readonly profession: KeyView['profession'];
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly last_used_at: Date | null;
}

function toKey(row: KeyRow): KeyView {
  return {
    id: row.id,
    label: row.label,
    role: row.role,
    profession: row.profession,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  };
}
