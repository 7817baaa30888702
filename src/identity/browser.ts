import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DEVICE_SECONDS } from './attempts.js';
import { type Client, originOf } from './client.js';
import type { ContinuedLogin } from './login-sessions.service.js';
import { type LoginView, toLogin } from './sign-in.dto.js';
import { DeviceCookie, SessionCookie } from './tokens.js';

/** What controllers read of a browser and hand to it: the cookies of its login and of a known device. Services work with their values. */
@Injectable()
export class Browser {
  constructor(
    private readonly login: SessionCookie,
    private readonly device: DeviceCookie,
  ) {}

  clientOf(request: FastifyRequest): Client {
    return { ...originOf(request), token: this.login.tokenOf(request), device: this.device.read(request) };
  }

  /** Hands over the token under which the login goes on. */
  goOn(reply: FastifyReply, { token, state, device }: ContinuedLogin): LoginView {
    this.login.set(reply, token);
    if (device !== undefined) this.device.set(reply, device, DEVICE_SECONDS);
    return toLogin(state);
  }

  /** The device's cookie stays: it opens nothing. */
  forget(reply: FastifyReply): void {
    this.login.clear(reply);
    void reply.header('clear-site-data', '"cache", "storage"');
  }
}
