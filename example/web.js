// A page, and a queue of orders that the worker takes from.
import { createServer } from 'node:http';

const port = Number(process.env.PORT);
const orders = ['a chair', 'a table'];
let taken = 0;

const routes = {
  'GET /': () => `${taken} orders taken, ${orders.length} waiting. POST an order to /orders.\n`,
  'POST /orders': (order) => `that is order ${taken + orders.push(order || 'a surprise')}\n`,
  'POST /orders/take': () => {
    const order = orders.shift() ?? '';
    if (order) taken += 1;
    return order;
  },
};

const server = createServer(async (request, response) => {
  const route = routes[`${request.method} ${request.url}`];
  const body = (await request.setEncoding('utf8').toArray()).join('');
  if (route === undefined) response.writeHead(404).end('not found\n');
  else response.end(route(body.trim()));
  if (request.url !== '/orders/take') console.log(`${request.method} ${request.url} ${response.statusCode}`);
});

server.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${port}`));
process.on('SIGINT', stop).on('SIGTERM', stop);

function stop(signal) {
  console.log(`${signal}: closing after ${taken} orders`);
  server.close(() => process.exit(0));
  server.closeAllConnections();
}
