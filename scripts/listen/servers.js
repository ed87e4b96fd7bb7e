// Servers that take a socket of `listen`, each as docs/listen.md says, with an application that answers at once.
import { spawnSync } from 'node:child_process';

const WSGI = `
def app(environ, start_response):
    start_response('200 OK', [('Content-Length', '2')])
    return [b'ok']
`;

const ASGI = `
async def app(scope, receive, send):
    if scope['type'] != 'http': return
    await send({'type': 'http.response.start', 'status': 200, 'headers': [(b'content-length', b'2')]})
    await send({'type': 'http.response.body', 'body': b'ok'})
`;

const HANDLER = `
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header('Content-Length', '2'); self.end_headers(); self.wfile.write(b'ok')
    def log_message(self, *words): pass
`;

const GO = `package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	listener, err := net.FileListener(os.NewFile(3, "web"))
	if err != nil { panic(err) }
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok")) })}
	over := make(chan struct{})
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() { <-stop; server.Shutdown(context.Background()); close(over) }()
	if err := server.Serve(listener); err != http.ErrServerClosed { panic(err) }
	<-over
}
`;

const python = (name, module = name) => [
  'python3',
  '-c',
  `from importlib.metadata import version as v; print(v('${module}'))`,
];

export const SERVERS = [
  {
    name: 'node',
    version: ['node', '--version'],
    command: 'node server.cjs',
    files: {
      'server.cjs': `const server = require('http').createServer((request, response) => response.end('ok')).listen({ fd: 3 });
process.on('SIGTERM', () => server.close(() => process.exit(0)));`,
    },
  },
  {
    name: 'node-abrupt',
    version: ['node', '--version'],
    command: 'node server.cjs',
    files: {
      'server.cjs': `require('http').createServer((request, response) => response.end('ok')).listen({ fd: 3 });`,
    },
  },
  {
    name: 'python',
    version: ['python3', '--version'],
    command: 'python3 server.py',
    files: {
      'server.py': `import http.server, signal, socket, sys, threading
${HANDLER}
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Answer, bind_and_activate=False)
server.daemon_threads = False
server.socket = socket.socket(fileno=3)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever(poll_interval=0.05)
server.server_close()
`,
    },
  },
  {
    name: 'python-abrupt',
    version: ['python3', '--version'],
    command: 'python3 server.py',
    files: {
      'server.py': `import http.server, socket
${HANDLER}
server = http.server.HTTPServer(('127.0.0.1', 0), Answer, bind_and_activate=False)
server.socket = socket.socket(fileno=3)
server.serve_forever()
`,
    },
  },
  {
    ...{ name: 'gunicorn', version: python('gunicorn'), command: 'gunicorn app:app' },
    files: { 'app.py': WSGI },
  },
  {
    ...{
      name: 'uvicorn',
      version: python('uvicorn'),
      command: 'uvicorn app:app --fd {fd:web} --no-access-log',
    },
    files: { 'app.py': ASGI },
  },
  {
    ...{ name: 'hypercorn', version: python('hypercorn'), command: 'hypercorn --bind fd://{fd:web} app:app' },
    files: { 'app.py': ASGI },
  },
  {
    ...{ name: 'daphne', version: python('daphne'), command: 'daphne --fd {fd:web} app:app' },
    files: { 'app.py': ASGI },
  },
  {
    ...{ name: 'waitress', version: python('waitress'), command: 'python3 server.py' },
    files: {
      'server.py': `import socket, waitress\n${WSGI}\nwaitress.serve(app, sockets=[socket.socket(fileno=3)])\n`,
    },
  },
  {
    ...{ name: 'aiohttp', version: python('aiohttp'), command: 'python3 server.py' },
    files: {
      'server.py': `import socket\nfrom aiohttp import web
async def answer(request): return web.Response(text='ok')
app = web.Application(); app.router.add_get('/', answer)
web.run_app(app, sock=socket.socket(fileno=3), print=None)\n`,
    },
  },
  {
    ...{ name: 'twisted', version: python('twisted', 'Twisted') },
    command: 'twistd -n web --listen systemd:domain=INET:index=0 --wsgi app.app',
    keys: '    environment: { PYTHONPATH: "." }\n',
    files: { 'app.py': WSGI },
  },
  {
    ...{ name: 'flask', version: python('flask'), command: 'flask --app app run --port $PORT' },
    keys: '    environment: { WERKZEUG_SERVER_FD: "{fd:web}", WERKZEUG_RUN_MAIN: "true" }\n',
    files: {
      'app.py': `from flask import Flask\napp = Flask(__name__)\n@app.get('/')\ndef root(): return 'ok'\n`,
    },
  },
  {
    ...{ name: 'go', version: ['go', 'version'], command: './server' },
    files: { 'main.go': GO, 'go.mod': 'module server\n\ngo 1.21\n' },
    prepare(root) {
      const { status, stderr } = spawnSync('go', ['build', '-o', 'server', '.'], {
        cwd: root,
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(stderr);
    },
  },
  {
    ...{ name: 'puma', version: ['puma', '--version'], command: 'puma -b tcp://127.0.0.1:9393 app.ru' },
    listen: '127.0.0.1:9393',
    files: { 'app.ru': "run ->(env) { [200, {'content-length' => '2'}, ['ok']] }\n" },
  },
  {
    ...{ name: 'unicorn', version: ['unicorn', '--version'], command: 'unicorn -l 127.0.0.1:9394 app.ru' },
    ...{ listen: '127.0.0.1:9394', keys: '    stop_signal: SIGQUIT\n' },
    files: { 'app.ru': "run ->(env) { [200, {'content-length' => '2'}, ['ok']] }\n" },
  },
  {
    ...{ name: 'nginx', version: ['nginx', '-v'], command: 'nginx -c {root}/nginx.conf' },
    listen: '127.0.0.1:9395',
    keys: '    stop_signal: SIGQUIT\n    environment: { NGINX: "{fd:web};" }\n',
    files: {
      'nginx.conf': `daemon off; pid {root}/nginx.pid; error_log stderr error; events {}
http { access_log off; client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fastcgi;
  uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
  server { listen 127.0.0.1:9395; location / { return 200 ok; } } }
`,
    },
  },
  {
    ...{ name: 'haproxy', version: ['haproxy', '-v'], command: 'haproxy -db -f haproxy.cfg' },
    keys: '    stop_signal: SIGUSR1\n',
    files: {
      'haproxy.cfg':
        'defaults\n  mode http\n  timeout client 5s\n  timeout connect 5s\n  timeout server 5s\nfrontend web\n  bind fd@3\n  http-request return status 200 content-type text/plain string ok\n',
    },
  },
  {
    ...{ name: 'lighttpd', version: ['lighttpd', '-v'], command: 'lighttpd -D -f lighttpd.conf' },
    listen: '127.0.0.1:9396',
    files: {
      'lighttpd.conf':
        'server.bind = "127.0.0.1"\nserver.port = 9396\nserver.document-root = "{root}/files"\nserver.systemd-socket-activation = "enable"\nindex-file.names = ("index.html")\n',
      'files/index.html': 'ok',
    },
  },
];
