// Runs servers for one of Jest's workers, all in this process: to load a server's modules takes several times as long as to start it.
// POST with the environment starts one and answers its address; DELETE with the address stops it. Ends with the test run that forked it.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/** By address. */
const servers = new Map();

/** As main.ts does, with a database that is given. */
async function start(env) {
  const [{ loadConfig }, { migrate }, { freePort, serve }] = await Promise.all(
    ['config.js', 'database/migrate.js', 'serve.js'].map((name) => import(`../../dist/${name}`)),
  );
  const config = loadConfig(env);
  const port = await freePort(config);
  await migrate(config.database);
  const serving = await serve(config, config.database, port);
  servers.set(serving.baseUrl, serving);
  return serving.baseUrl;
}

async function stop(url) {
  await servers.get(url).close();
  servers.delete(url);
}

async function answer(request, response) {
  const body = await text(request);
  try {
    response.end(await (request.method === 'POST' ? start(JSON.parse(body)) : stop(body)));
  } catch (error) {
    response.writeHead(500).end(error.message);
  }
}

const control = createServer((request, response) => void answer(request, response));
control.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${control.address().port}`));
process.once('disconnect', () => process.exit());
