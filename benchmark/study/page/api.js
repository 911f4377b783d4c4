// Talks to the server. A request that fails because the server is away is repeated until it is back: a vote that was
// given is never dropped, and nothing else is shown before it is stored.

const WAIT = 1000;
let csrf = "";

export class Refused extends Error {
  constructor(status, reason) {
    super(reason);
    this.status = status;
  }
}

export function remember(token) {
  csrf = token;
}

async function once(method, path, content) {
  const headers = { "X-CSRF": csrf };
  if (content !== undefined) headers["Content-Type"] = "application/json";
  const body = content === undefined ? undefined : JSON.stringify(content);
  const answer = await fetch(path, { method, headers, body, credentials: "same-origin", cache: "no-store" });
  if (answer.ok) return answer.json();
  const said = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, said.error || `The server answered ${answer.status}.`);
}

/** Ask until there is an answer. `onWait` is told that it takes longer, and why; `onBack` that it is over. */
async function ask(method, path, content, onWait, onBack) {
  for (let tries = 0; ; tries++) {
    try {
      const answer = await once(method, path, content);
      if (tries) onBack?.();
      return answer;
    } catch (error) {
      const refused = error instanceof Refused;
      if (refused && error.status !== 503 && error.status !== 429) throw error;
      onWait?.(refused ? error.message : "The study's server cannot be reached. Nothing is lost: trying again …");
      await new Promise((resolve) => setTimeout(resolve, WAIT));
    }
  }
}

export const get = (path, onWait, onBack) => ask("GET", path, undefined, onWait, onBack);
export const post = (path, content, onWait, onBack) => ask("POST", path, content, onWait, onBack);
