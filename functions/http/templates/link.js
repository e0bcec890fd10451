// What the pages share that a link in a mail opens: its token, and what is said of an answer.
const message = document.getElementById("message");
const token = new URLSearchParams(location.search).get("token");

function say(kind, text) {
  message.className = kind;
  message.textContent = text;
}

async function problemOf(answer) {
  if (answer.status === 429) return `Too many requests. Try again in ${answer.headers.get("Retry-After") || 60} seconds.`;
  const problem = await answer.json().catch(() => ({}));
  // Of a bad token, say, the API says "is not valid, …".
  const names = { "/token": "The link", "/password": "The password" };
  const faults = (problem.errors || []).map((fault) => `${names[fault.pointer] || fault.pointer} ${fault.detail}.`);
  return faults.join("\n") || problem.detail || `The service answers ${answer.status}. Try again later.`;
}
