/**
 * What `listen` changes in a plan, and what contradicts it. Where a process has sockets, this is called for the plan of the
 * application; without any it is not loaded.
 */
import type { Check } from '../check/check.ts';
import { isService, type ProcessPlan, type ServicePlan } from '../plan/process-plan.ts';
import type { AdaptedPlans } from '../plan/sources.ts';
import type { Problem } from '../problem.ts';
import { suggest } from '../../text/suggest.ts';
import { addressText, overlap } from './address.ts';
import { FIRST_DESCRIPTOR, LONGEST_PATH, type SocketPlan } from './socket-plan.ts';

type WithSockets = ServicePlan & Required<Pick<ServicePlan, 'listen'>>;

/** `root`: absolute. Problems: `listen-...`. */
export function adaptToSockets(plans: readonly ProcessPlan[], root: string): AdaptedPlans {
  const listening = plans.filter(hasSockets);
  return {
    plans: plans.map((plan) => (hasSockets(plan) ? withSockets(plan) : plan)),
    problems: [
      ...sameAddresses(listening),
      ...listening.flatMap((plan) => [
        ...longPaths(plan, root),
        ...unknownNames(plan),
        ...otherPorts(plan),
        ...idleChecks(plan),
        ...ownClients(plan),
        ...takenDescriptors(plan),
        ...lostDescriptors(plan),
      ]),
    ],
  };
}

const hasSockets = (plan: ProcessPlan): plan is WithSockets =>
  isService(plan) && plan.listen !== undefined && plan.listen.length > 0;

/** The port of the first socket that has one; undefined: none has, or it is not known before it is bound. */
const portOf = (sockets: readonly SocketPlan[]): number | undefined => {
  const [port] = sockets.flatMap(({ address }) => (address.kind === 'unix' ? [] : [address.port]));
  return port === 0 ? undefined : port;
};

const PLACEHOLDER = /\{fd:([\w-]*)\}/g;

function withSockets(plan: WithSockets): ServicePlan {
  const { listen, environment, script } = plan;
  const numbers = new Map(listen.map(({ name }, at) => [name, String(FIRST_DESCRIPTOR + at)]));
  const fill = (text: string): string =>
    text.replace(PLACEHOLDER, (found, name: string) => numbers.get(name) ?? found);
  const port = portOf(listen);
  const filled = Object.entries(environment).map(([name, value]) => [name, value && fill(value)]);
  return {
    ...plan,
    script: fill(script),
    environment: {
      ...(Object.fromEntries(filled) as typeof environment),
      ...(port !== undefined && { PORT: String(port) }),
    },
  };
}

function sameAddresses(plans: readonly WithSockets[]): readonly Problem[] {
  const all = plans.flatMap((plan) => plan.listen.map((socket) => ({ plan, socket })));
  return all.flatMap(({ plan, socket }, at) => {
    const other = all.slice(0, at).find((earlier) => overlap(earlier.socket.address, socket.address));
    if (other === undefined) return [];
    const who =
      other.plan === plan
        ? `socket '${other.socket.name}'`
        : `'${other.plan.name}' (socket '${other.socket.name}')`;
    return problem(plan, 'listen-twice', `${addressText(socket.address)} is already kept for ${who}`, {
      remedy: 'use another address, or give both to one process',
    });
  });
}

function longPaths(plan: WithSockets, root: string): readonly Problem[] {
  return plan.listen.flatMap(({ address }) => {
    if (address.kind !== 'unix') return [];
    const whole = address.path.startsWith('/') ? address.path : `${root}/${address.path}`;
    const length = new TextEncoder().encode(whole).length;
    if (length <= LONGEST_PATH) return [];
    const message = `path of a socket too long (${String(length)} bytes; the limit is ${String(LONGEST_PATH)})`;
    return problem(plan, 'listen-path', message, {
      remedy: 'use a shorter path, for example below /tmp or /run',
    });
  });
}

function unknownNames(plan: WithSockets): readonly Problem[] {
  const known = plan.listen.map(({ name }) => name);
  const texts = [
    [plan.command, 'command'] as const,
    ...Object.values(plan.environment).map((value) => [value ?? '', 'environment'] as const),
  ];
  return texts.flatMap(([text, key]) =>
    [...text.matchAll(PLACEHOLDER)].flatMap(([whole, name = '']) => {
      if (known.includes(name)) return [];
      const meant = suggest(name, known);
      const remedy = meant === undefined ? `known sockets: ${known.join(', ')}` : `did you mean '${meant}'?`;
      return problem(plan, 'listen-unknown-name', `unknown socket in '${whole}'`, { key, remedy });
    }),
  );
}

/** What the user has set for it alone; a file may be that of others as well. */
function otherPorts(plan: WithSockets): readonly Problem[] {
  const { PORT } = plan.environment;
  const port = portOf(plan.listen);
  if (PORT === undefined || port === undefined || PORT === String(port)) return [];
  return problem(plan, 'listen-port', `PORT is ${PORT} here, but '${plan.name}' listens on ${String(port)}`, {
    ...{ key: 'environment', severity: 'warning' },
    remedy: `remove PORT: it is ${String(port)} in its environment`,
  });
}

/** Our socket is open before the program runs, so such a check tells nothing of it. */
function idleChecks(plan: WithSockets): readonly Problem[] {
  const ports = plan.listen.flatMap(({ address }) => (address.kind === 'tcp' ? [address.port] : []));
  const tellsNothing = (check: Check): boolean =>
    (check.kind === 'listening' && (check.port === undefined || ports.includes(check.port))) ||
    (check.kind === 'tcp' && ports.includes(check.port));
  return (['ready', 'health'] as const).flatMap((key) => {
    const check = plan[key]?.checks.find(tellsNothing);
    if (check === undefined) return [];
    const message = `'${check.kind}' always succeeds: procsup itself keeps this socket open`;
    return problem(plan, 'listen-check', message, { key, remedy: "use 'http', 'log' or 'notify'" });
  });
}

/** Such a check is a client, so there is no time without one. */
function ownClients(plan: WithSockets): readonly Problem[] {
  const isOwn = (check: Check): boolean => check.kind === 'http' && isOwnTarget(check.target, plan.listen);
  if (plan.idleMs === undefined || plan.health?.checks.some(isOwn) !== true) return [];
  return problem(plan, 'listen-idle-health', "'http' asks its own socket, so it is never without a client", {
    ...{ key: 'health', remedy: "use 'exec' for 'health', or remove 'idle'" },
  });
}

/** A path, or a URL with a port of its own. */
function isOwnTarget(target: string, sockets: readonly SocketPlan[]): boolean {
  const port = /^https?:\/\/[^/]*:(\d+)/.exec(target)?.[1];
  if (port === undefined) return target.startsWith('/');
  return sockets.some(({ address }) => address.kind === 'tcp' && String(address.port) === port);
}

function takenDescriptors(plan: WithSockets): readonly Problem[] {
  const above = FIRST_DESCRIPTOR + plan.listen.length;
  return (plan.ready?.checks ?? []).flatMap((check) =>
    check.kind === 'fd' && check.fd < above
      ? problem(plan, 'listen-descriptor', `descriptor ${String(check.fd)} is a socket of 'listen'`, {
          ...{ key: 'ready', remedy: `use ${String(above)} or above` },
        })
      : [],
  );
}

/** Measured: they close all descriptors above 2. */
const CLOSING = /^(?:exec )?(?:\S*\/)?(npm|npx|node(?= (?:\S+ )*--watch))(?=\s|$)/;

function lostDescriptors(plan: WithSockets): readonly Problem[] {
  const { script, command, environment } = plan;
  const closing = CLOSING.exec(script)?.[1];
  if (closing !== undefined) {
    const program = closing === 'node' ? 'node --watch' : closing;
    return problem(
      plan,
      'listen-closed',
      `'${program}' does not pass sockets on to the program that it runs`,
      {
        ...{ key: 'command', severity: 'warning' },
        remedy: 'run the program itself',
      },
    );
  }
  const isNamed = [command, ...Object.values(environment)].some((text) => text?.match(PLACEHOLDER));
  if (isNamed || /^\s*exec\s/.test(script) || /\bexec\s+[^\s;&|]+[^;&|]*$/.test(script)) return [];
  return problem(
    plan,
    'listen-shell',
    `the shell of this command stays, so LISTEN_PID is its pid and programs ignore LISTEN_FDS`,
    {
      ...{ key: 'command', severity: 'warning' },
      remedy: "put 'exec' before the program, or name the descriptor with {fd:NAME}",
    },
  );
}

function problem(
  plan: WithSockets,
  code: string,
  message: string,
  more: { readonly key?: string; readonly severity?: string; readonly remedy: string },
): readonly Problem[] {
  const { key = 'listen', severity = 'error', remedy } = more;
  const place = plan.saidAt?.[key] ?? plan.saidAt?.['listen'] ?? plan.place;
  return [{ code, severity: severity === 'warning' ? 'warning' : 'error', message, place, remedy }];
}
